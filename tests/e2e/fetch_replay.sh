#!/bin/sh
# SPDX-License-Identifier: ISC
# A fetch from what a real server was recorded to answer: its documents in the
# store byte for byte, its faults and what they lead to.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"
. "$root/tests/e2e/fetch_common"
real=$samples/server-sync
if [ ! -d "$real/exchanges/000019" ]; then
	skip "all" "no samples"
	finish
	exit
fi

# what is kept of an update: ID REVISION EXPRESSION
held() {
	sqlite3 -readonly try/store.db "SELECT $3 FROM revision WHERE
	    lower(hex(id)) = replace('$1', '-', '') AND revision = $2"
}

# replay FOLDER: from now on, at the same port: it is the same upstream.
replay() {
	[ -z "$up_pid" ] || up_stop
	at=${up_base##*:}
	up_start "${at:-0}" --replay "$1" || echo "no upstream" >&2
}

# mix NAME REQUEST ANSWER: that request with the answer to another one
mix() {
	mkdir -p "$1" && cp "$real/exchanges/$2"/request.* \
	    "$real/exchanges/$3"/response.* "$1" && chmod u+w "$1"/*
}

# session_into FOLDER: the recorded session, and all that is asked for by id
session_into() {
	mkdir "$1"
	for n in 01 02 03 05 13 14 15 16 17; do
		ln -s "$real/exchanges/0000$n" "$1/0000$n"
	done
}

# All as it was recorded.
replay "$real/exchanges"
fetch try --metadata-only
check "as recorded: 10, for none of the updates listed was recorded" \
    [ $got = 10 ]
check "as recorded: the only category that was recorded" [ "$(revs try)" = 1 ]
[ "$(sqlite3 -readonly try/store.db 'SELECT count(*) FROM work')" = 59 ]
ok "as recorded: the others are not to be had" $?
[ "$(up_count '^GetUpdateData 500')" -le 120 ]
ok "as recorded: found out by two calls for each at most" $?

# The recorded documents, and a list that names them, made for this.
session_into docs
mix docs/list 000012 000009
sed 's,<Anchor>[^<]*</Anchor>,,' "$real/exchanges/000012/request.body" \
    >docs/list/request.body
ids=
for r in a2fef9b0-7951-4c2c-a42b-9e351dd1c1fe.200 \
    266f6222-c89d-43f2-9f8a-69340271e677.200 \
    ccb78947-6453-4ecc-9de8-bc0305c98f2d.200; do
	ids="$ids<UpdateIdentity><UpdateID>${r%.*}</UpdateID><RevisionNumber>\
${r#*.}</RevisionNumber></UpdateIdentity>"
done
sed "s,<NewRevisions>.*</NewRevisions>,<NewRevisions>$ids</NewRevisions>," \
    "$real/exchanges/000009/response.body" >docs/list/response.body
ln -s "$real/exchanges/000006" docs/000006
rm -rf try
replay docs
fetch try --metadata-only
check "documents: 10, for the updates in its bundle are not recorded" \
    [ $got = 10 ]
check "documents: four of them" [ "$(revs try)" = 4 ]
for r in a2fef9b0-7951-4c2c-a42b-9e351dd1c1fe.200 \
    266f6222-c89d-43f2-9f8a-69340271e677.200 \
    ccb78947-6453-4ecc-9de8-bc0305c98f2d.200 \
    56309036-4c77-4dd9-951a-99ee9c246a94.101; do
	sum=$(sha256sum <"$real/docs/${r%.*}-r${r#*.}.xml")
	check "documents: $r, byte for byte" \
	    [ "$(held "${r%.*}" "${r#*.}" 'lower(hex(sha256))')" = \
	    "${sum%% *}" ]
done
run 10 wsusferry-verify try && [ "$(wc -l <out)" = 5 ] &&
    says out "1 payload file is named and not here" && says out "AM_Delta.exe"
ok "documents: sound as they are held" $?
[ "$(sqlite3 -readonly try/store.db "SELECT url FROM url JOIN file ON
    file.row = url.file WHERE hex(sha1) LIKE '87F5BD04%'")" = \
    http://download.windowsupdate.com/c/msdownload/update/software/defu/2026/10/am_delta_87f5bd0469585006aa5d3a77d1c662fd2895ddcd.exe ]
ok "documents: the file's URL" $?
[ "$(sqlite3 -readonly try/store.db "SELECT count(*) FROM missing
    WHERE revision > 0")" = 126 ]
ok "documents: bundled revisions that nobody recorded are missing" $?

# The one that refers to nothing that is missing leaves as it came.
wsusferry-export -s try --package p.cab >out 2>err
got=$?
[ $got = 0 ] || [ $got = 10 ]
ok "documents: as a package" $?
if have cabextract; then
	cabextract -q -p -F metadata.txt p.cab >text 2>err
	python3 - text "$real"/docs/56309036*.xml >out 2>&1 <<-'EOF'
	import sys
	text, doc = (open(f, 'rb').read() for f in sys.argv[1:])
	sys.exit(doc not in text)
	EOF
	ok "documents: in the package, byte for byte" $?
else
	skip "documents: in the package, byte for byte" "no cabextract"
fi

# 000018: an anchor that the server does not understand is dropped.
sqlite3 try/store.db "UPDATE anchor SET value = 'garbage' WHERE kind = 2"
mix docs/bad 000018 000018
up_modes
replay docs
fetch try --metadata-only
check "a bad anchor: 10" [ $got = 10 ]
says err "the anchor 'garbage' is not accepted any more (filter)"
ok "a bad anchor: is told" $?
[ "$(up_count '^GetRevisionIdList 500')" = 1 ]
ok "a bad anchor: refused once, then the whole list" $?

# The recorded faults in answer to the list of categories.
# faults NAME EXCHANGE GETCOOKIES LISTS MESSAGE
faults() {
	rm -rf mixed try
	session_into mixed
	mix mixed/list 000006 "$2"
	replay mixed
	fetch try --metadata-only
	check "$1: 5" [ $got = 5 ]
	check "$1: sessions" [ "$(up_count '^GetCookie')" = "$3" ]
	check "$1: tries" [ "$(up_count '^GetRevisionIdList')" = "$4" ]
	says err "$5"
	ok "$1: says why" $?
	says err "$(sed -n 's,.*<ID>\(.*\)</ID>.*,\1,p' \
	    "$real/exchanges/$2/response.body")"
	ok "$1: with the ID that its log has" $?
}
faults "an internal error" 000017 1 3 "refuses GetRevisionIdList: Internal"
faults "bad parameters" 000018 1 1 "InvalidParameters: filter"
faults "a bad cookie" 000019 3 3 "InvalidCookie; new sessions did not help"
up_stop
ok "the upstream ends" $?
finish
