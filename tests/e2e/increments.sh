#!/bin/sh
# SPDX-License-Identifier: ISC
# Transfers of only what a destination lacks.
set -u
. "$(dirname "$0")/common"

export_south() { # STATUS OPTION ...
	want=$1
	shift
	run "$want" wsusferry-export -s st --sign-key k.key --to stick \
	    --destination south "$@"
}

more() { # SEED REVISIONS
	run 0 gencatalogue --seed "$1" --revisions "$2" --doc-bytes 2500 \
	    --payload-files 10 --payload-bytes 100000 --out "g$1" &&
	    run 0 wsusferry-import -q -s st --site north --unsigned \
	    --content "g$1/WsusContent" "g$1/wsusexport.cab" ||
	    ok "more is fetched: $1" 1
}

take() { # STATUS NUMBER OPTION ...
	want=$1 n=$2
	shift 2
	run "$want" wsusferry-import -s far -k k.pub "$@" "stick/wsusferry-north-00000$n"
}

label() { # NUMBER LABEL
	sed -n "s/^$2: //p" "stick/wsusferry-north-00000$1/bag-info.txt"
}

sql() { # STORE QUERY
	sqlite3 -readonly "$1/store.db" "$2"
}

# What both stores hold, by what documents say.
held() { # STORE
	sql "$1" "SELECT hex(id), revision, hex(sha256) FROM revision
	    ORDER BY 1, 2"
	sql "$1" "SELECT hex(sha1), present FROM file ORDER BY 1"
}

more 7 200
run 0 wsusferry-key new -q --out k.key
mkdir stick
export_south 0 --json --reason 'the first one' &&
    [ "$(jq -r 'select(.type == "summary") | .base' out)" = 0 ] &&
    says out 'nothing is acknowledged there yet: a full transfer'
ok "the first one is a full one, for anybody" $?
[ "$(label 1 Wsusferry-Destination)" = any ] && [ "$(label 1 Wsusferry-Base)" = 0 ] &&
    [ "$(label 1 Wsusferry-Reason)" = 'the first one' ] &&
    [ -f stick/wsusferry-north-000001/ledger.tsv ] &&
    [ ! -s stick/wsusferry-north-000001/ledger.tsv ]
ok "and says so" $?
take 0 1
export_south 0 --since-last && says err 'nothing new for south since north-000001: nothing is written' &&
    [ "$(ls stick)" = wsusferry-north-000001 ]
ok "nothing changed: nothing is written, 0" $?
export_south 0 -n --since-last && says err 'nothing new for south'
ok "a dry run says the same" $?
export_south 0 -n --destination sout && says err "sout: a new destination; 'south' is known: was that meant?" &&
    export_south 0 -n --destination elsewhere && ! says err 'a new destination'
ok "a name that was mistyped is asked about" $?

more 8 30
export_south 0 --since-last && says err 'south: builds on north-000001'
ok "what was not yet sent" $?
[ "$(label 2 Wsusferry-Base)" = 1 ] && [ "$(label 2 Wsusferry-Requires)" = base ] &&
    [ "$(label 2 Wsusferry-Revisions)" = 30 ] &&
    [ "$(cut -f 1,3 stick/wsusferry-north-000002/ledger.tsv)" = "1	written" ] &&
    [ "$(cut -f 2 stick/wsusferry-north-000002/ledger.tsv)" = \
	"$(sha256sum <stick/wsusferry-north-000001/tagmanifest-sha256.txt | cut -c 1-64)" ]
ok "carries that alone, and names what it builds on" $?
run 0 wsusferry-verify -k k.pub stick/wsusferry-north-000002 &&
    says err 'builds on north-000001, which was not looked at'
ok "verify without a store says so" $?
run 9 wsusferry-import -s none -k k.pub stick/wsusferry-north-000002 &&
    says err 'builds on north-000001, which was not imported here' && [ ! -e none ]
ok "a store without its base refuses it: 9" $?

# A lost stick: the next one that builds on what is acknowledged heals it.
run 0 wsusferry-export -s st --destination south --mark-held 1 &&
    says err 'south north-000001: held there'
ok "a person vouches for the first" $?
more 9 20
export_south 0 && [ "$(label 3 Wsusferry-Base)" = 1 ] &&
    [ "$(label 3 Wsusferry-Revisions)" = 50 ]
ok "all that is not acknowledged, whatever was sent" $?
rm -rf lost && mv stick/wsusferry-north-000002 lost
take 0 3 && run 0 wsusferry-verify -q far
ok "an import without the lost one" $?
held st >st.held && held far >far.held && cmp st.held far.held >err
ok "holds the same" $?
run 9 wsusferry-import -s far -k k.pub lost && says err 'is older than north-000003'
ok "the lost one that is found again is a replay: 9" $?
run 0 wsusferry-import -s far -k k.pub --allow-rollback lost &&
    says err 'is older than north-000003, imported on' && says err 'it is taken'
ok "unless a person wants it" $?
sql far "SELECT count(*) FROM event WHERE kind = 'allowed'" >out && [ "$(cat out)" = 1 ]
ok "which is noted" $?

# By what a receipt says, for once, and by those that were taken.
run 0 wsusferry-key new -q --out far.key && run 0 wsusferry-key trust -q -s st --for receipts far.pub
run 0 wsusferry-import -s far -k k.pub --sign-key far.key --receipt-to . stick/wsusferry-north-000003 &&
    mv receipt-*-north-000003.txt receipt
ok "a receipt comes back" $?
more 11 30
export_south 0 -n --base receipt && says err 'builds on north-000003' && says err '30 revisions'
ok "what a receipt does not hold" $?
export_south 0 -n && says err 'builds on north-000001'
ok "is not acknowledged by that" $?
run 0 wsusferry-import -s st --receipt receipt && export_south 0 -n && says err 'builds on north-000003' &&
    says err '30 revisions'
ok "but when it is taken" $?
export_south 0 -n --base receipt && says err 'it was taken before' && says err '30 revisions'
ok "and then it says nothing new" $?
export_south 2 --base receipt --full && says err 'goes with none of'
ok "a base that is none" $?
printf 'x' >>receipt && export_south 3 --base receipt
ok "a receipt that is none: 3" $?
export_south 0 && take 0 4
run 2 wsusferry-export -s st --destination south --mark-held 9 &&
    says err 'this store wrote no north-000009'
ok "nobody vouches for what was not written" $?
run 2 wsusferry-export -s st --mark-held 1 && says err 'needs --destination'
ok "or without a destination" $?
run 2 wsusferry-export -s st --destination South --mark-held 1 && says err "a-z, 0-9 and '-'"
ok "or for one without a name" $?
export_south 2 --since-last --full && says err 'goes neither with --full'
ok "two ways at once: 2" $?
run 2 wsusferry-export -s st --destination south --package x.cab && says err 'goes with --to'
ok "a package is for any WSUS" $?
export_south 2 --reason "$(printf 'a\nb')" && says err 'takes 1 to 200 bytes'
ok "a reason of two lines" $?

# What went to anybody, and was acknowledged, counts beside what was sent.
mkdir stick.both
E="wsusferry-export -s both --sign-key k.key --to stick.both"
run 0 wsusferry-import -q -s both --site both --unsigned --content g7/WsusContent g7/wsusexport.cab &&
    run 0 wsusferry-key trust -q -s both --for receipts far.pub && run 0 $E --destination south
run 0 wsusferry-import -q -s both --unsigned --content g8/WsusContent g8/wsusexport.cab && run 0 $E
run 0 wsusferry-import -q -s far.both -k k.pub --sign-key far.key stick.both/wsusferry-both-000002 &&
    run 0 wsusferry-import -q -s both --destination south --receipt far.both/receipts/*-both-000002.txt
run 0 $E --destination south --since-last && says err 'nothing new for south since both-000002'
ok "what is acknowledged is not sent again by --since-last" $?

# Payload that came later than its documents.
cp -a g7 g6 && lost=$(find g6/WsusContent -type f -name '*.*' | head -n 1) && rm "$lost"
run 10 wsusferry-import -q -s late --site north --unsigned --content g6/WsusContent g6/wsusexport.cab
mkdir stick.late
E="wsusferry-export -s late --sign-key k.key --to stick.late --destination south"
run 10 $E
run 10 wsusferry-import -q -s far.late -k k.pub stick.late/wsusferry-north-000001
run 0 wsusferry-import -q -s late --unsigned --content g7/WsusContent g7/wsusexport.cab
run 0 $E --since-last
t=stick.late/wsusferry-north-000002
[ "$(find $t/data/WsusContent/?? -type f | wc -l)" = 1 ] &&
    [ "$(sed -n 's/^Wsusferry-Absent: //p' $t/bag-info.txt)" = 0 ]
ok "payload that came later goes with the documents that name it" $?
tr -d '\r' <$t/data/inventory.csv >out
[ "$(grep -c ',yes$' out)" = 1 ] && ! grep -q ',no$' out
ok "the inventory says what is carried" $?
run 0 wsusferry-import -q -s far.late -k k.pub $t && run 0 wsusferry-verify -q far.late
ok "and nothing is absent then" $?

# What the upstream lists no more travels, and takes the place of what was said.
upstream="INSERT OR REPLACE INTO upstream VALUES (1, 'http://up', zeroblob(16), '', 0, 0, 0, 0, 0, '', '');"
sqlite3 st/store.db "$upstream INSERT INTO listed SELECT 1, 3, id, revision, row = 150 FROM revision"
more 12 30
export_south 0 && take 0 5 &&
    [ "$(jq -r 'select(.t == "withdrawn") | .revision' stick/wsusferry-north-000005/data/state.jsonl | wc -l)" = 1 ] &&
    [ "$(sql far 'SELECT count(*) FROM withdrawn')" = 1 ]
ok "what the upstream withdrew is told, though its revision is repeated nowhere" $?
id=$(jq -r 'select(.t == "withdrawn") | .id' stick/wsusferry-north-000005/data/state.jsonl)
run 0 wsusferry-list -q -s far --json --all-revisions updates &&
    [ "$(jq -r 'select(.withdrawn) | .id' out)" = "$id" ]
ok "and shown" $?
sqlite3 st/store.db 'UPDATE listed SET absent = 0'
more 13 30
export_south 0 && take 0 6 && [ "$(sql far 'SELECT count(*) FROM withdrawn')" = 0 ]
ok "until it is listed again" $?

# A restored exporter.
rm -rf st.old && cp -a st st.old
more 5 30
export_south 0 && take 0 7 && mv stick/wsusferry-north-000007 fourth
mv st st.new && cp -a st.old st
more 4 30
export_south 0 && take 9 7 && says err 'another north-000007 was imported'
ok "a number that was given out twice: 9" $?
more 3 30
export_south 0 && take 9 8 && says err 'its origin published another north-000007'
ok "a later one of that exporter: 9" $?
run 9 wsusferry-verify -q -s far -k k.pub stick/wsusferry-north-000008
ok "verify says the same" $?
take 0 8 --allow-rollback && says err 'it is taken'
ok "taken when a person says so" $?
more 2 30
export_south 0 && take 0 9 && ! says err 'north-000007'
ok "and it is not asked again" $?
run 0 wsusferry-list -s st -v transfers && says out "reason 'the first one'" && says out 'to south'
ok "the ledger says why and where to" $?
run 0 wsusferry-list -s far -v transfers && says out "gate none  reason 'the first one'"
ok "on either side" $?
for s in st far; do
	sql $s "SELECT revisions, files, bytes FROM ledger WHERE sequence = 1" >$s.counts
done
cmp st.counts far.counts >err
ok "counts mean the same on both sides" $?
n=$(sql far "SELECT count(*) FROM revision WHERE type IN (1, 2) AND transfer =
    (SELECT row FROM ledger WHERE sequence = 8 AND kind = 2)")
run 0 wsusferry-list -q -s far --transfer 8 --csv arrived && [ "$n" -gt 0 ] &&
    [ "$(wc -l <out)" = $((n + 1)) ] && ! grep -qv ',8,north-000008,\|^.*Arrived,With' out
ok "what came in with one of them" $?
run 0 wsusferry-list -q -s far --since 2020-01-01 --json arrived && cp out all &&
    run 0 wsusferry-list -q -s far --json arrived && cmp all out >err && [ -s all ] &&
    run 0 wsusferry-list -q -s far --since "$(date -u +%Y-%m-%d)" arrived && [ -s out ] &&
    run 0 wsusferry-list -q -s far --since 2100-01-01T00:00:00Z arrived && [ ! -s out ]
ok "and since a day" $?
run 2 wsusferry-list -s far --since yesterday arrived && says err 'takes a day like 2026-01-31'
ok "which is written as one" $?
[ "$(jq -r 'select(.type == "arrived") | .with' all | sort -u)" = import ]
ok "with what" $?
printf '[export]\nincrements = since-last\ndestination = south\n' >conf
run 0 wsusferry-export -c conf -s st --sign-key k.key --to stick &&
    says err 'nothing new for south since north-000009'
ok "the configuration says what counts as held" $?
printf '[export]\nincrements = never\n' >conf
run 2 wsusferry-export -c conf -s st --sign-key k.key --to stick && says err 'takes receipt or since-last'
ok "or something else: 2" $?
run 0 gencatalogue --seed 55 --revisions 30 --doc-bytes 2500 --payload-files 6 \
    --payload-bytes 60000 --missing-files 2 --out g55 &&
    run 10 wsusferry-import -q -s part --site part --unsigned \
	--content g55/WsusContent g55/wsusexport.cab && mkdir parts &&
    run 10 wsusferry-export -q -s part --sign-key k.key --to parts --destination there &&
    run 0 wsusferry-export -q -s part --destination there --mark-held 1 &&
    run 0 wsusferry-export -s part --sign-key k.key --to parts --destination there &&
    says err 'nothing new for there since part-000001'
ok "what is lacking was told with the first; nothing new is 0" $?
finish
