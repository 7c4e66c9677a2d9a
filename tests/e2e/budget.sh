#!/bin/sh
# SPDX-License-Identifier: ISC
# What fits into a budget goes, and the rest with the next transfers.
set -u
. "$(dirname "$0")/common"

export_south() { # STATUS OPTION ...
	want=$1
	shift
	run "$want" wsusferry-export -s st --sign-key k.key --to stick \
	    --destination south "$@"
}

size() { # FOLDER
	find "$1" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }'
}

held() { # STORE
	sqlite3 -readonly "$1/store.db" "SELECT hex(id), revision, hex(sha256)
	    FROM revision ORDER BY 1, 2;
	    SELECT hex(sha1), present FROM file ORDER BY 1"
}

payload() { # TRANSFER
	find "$1/data/WsusContent" -path '*/??/*' -printf '%f\n'
}

run 0 gencatalogue --seed 7 --revisions 300 --doc-bytes 2500 \
    --payload-files 80 --payload-bytes 4000000 --out g &&
    run 0 wsusferry-import -q -s st --site north --unsigned \
	--content g/WsusContent g/wsusexport.cab &&
    run 0 wsusferry-key new -q --out k.key && mkdir stick
ok "a store" $?

export_south 0 -n --json --budget 1M && mv out plan
[ "$(jq -s 'map(select(.type == "waiting")) | length' plan)" = \
    "$(jq 'select(.type == "summary") | .waiting' plan)" ] &&
    [ "$(jq -r 'select(.type == "summary") | .budget' plan)" = 1000000 ]
ok "what waits is listed, and counted" $?
jq -r 'select(.type == "waiting") | .severity // ""' plan |
    sed 's/^Critical$/0/;s/^Important$/1/;s/^Moderate$/2/;s/^Low$/3/;s/^[^0-3]*$/4/' >order
sort -c order 2>err && [ "$(sort -u order | wc -l)" -gt 1 ]
ok "in the order in which it will go" $?
export_south 0 -q -n --plan --budget 1M && grep -q '^waits      KB[0-9]* .*, .*, .* KiB$' out &&
    [ "$(grep -c '^waits ' out)" = "$(jq 'select(.type == "summary") | .waiting' plan)" ]
ok "for people as well" $?
export_south 0 --plan --json --budget 1M && cp out plan &&
    [ "$(jq 'select(.type == "plan") | .waiting > 0 and .budget == 1000000' plan)" = true ]
ok "and with a plan" $?
export_south 1 --budget 2M --from-plan plan && says err 'is not what it was'
ok "another budget is another plan" $?
export_south 0 --budget 1M --from-plan plan
ok "which can be approved" $?
t=stick/wsusferry-north-000001
[ "$(size $t)" -le 1000000 ] && [ "$(size $t)" -gt 900000 ]
ok "all of it is within: $(size $t)" $?
run 0 wsusferry-verify -q -k k.pub $t
ok "it is whole by itself" $?
jq -r 'select(.type == "waiting") | .id' plan >ids
sed 1d $t/data/inventory.csv | grep -cF -f ids >out
[ "$(cat out)" = 0 ]
ok "no update that waits is in it" $?

# Of the bundles, too: what they have in them goes with them alone.
cabextract -q -d pkg $t/data/wsusexport.cab && sqlite3 -readonly st/store.db \
    "SELECT lower(hex(r.id)), lower(hex(b.id)) FROM bundle b JOIN revision r
	ON r.row = b.rev" | sed 's/-//g' >bundles
grep -o 'UpdateId="[^"]*"' pkg/package.xml | tr -d '-' | cut -d '"' -f 2 | sort -u >in
awk -F '|' 'NR == FNR { in_it[$1] = 1; next } { child[$2] = 1
    if ($1 in in_it) with[$2] = 1 } END { for (c in child)
    if (c in in_it && !(c in with)) print c }' in bundles >err
[ -s in ] && [ -s bundles ] && [ ! -s err ]
ok "no part without its bundle" $?

n=1
while run 0 wsusferry-import -q -s far -k k.pub "stick/$(ls stick | tail -n 1)" &&
    export_south 0 --since-last --budget 1M && ! says err 'nothing new' &&
    [ $n -lt 20 ]; do
	n=$((n + 1))
done
says err 'nothing is written' && [ $n -gt 3 ] && held st >a && held far >b && cmp a b
ok "after $n transfers the far side has all of it" $?
for t in stick/*; do
	[ "$(size "$t")" -le 1000000 ] || echo "$t: $(size "$t")"
done >err
[ ! -s err ]
ok "each within" $?
for t in stick/*; do
	payload "$t"
done | sort | uniq -d >err
[ ! -s err ]
ok "and no payload twice" $?

cp stick/wsusferry-north-000001/bag-info.txt first
rm -rf stick/* && run 0 wsusferry-export -s st --sign-key k.key --to stick --budget 2M &&
    says err 'without --destination NAME the next transfer begins with the same'
ok "to anybody: the next would be the same, and that is told" $?
selection() { # BAG-INFO
	sed -n 's/^Wsusferry-Selection: //p' "$1"
}
[ "$(selection first)" != "$(selection stick/*/bag-info.txt)" ]
ok "another budget is another selection" $?
export_south 0 -n --full --budget 100M && ! says err wait
ok "where all fits, nothing waits" $?
export_south 0 -n --full --budget 150K && says err 'no transfer of that size carries them'
ok "what will never fit is told" $?
export_south 2 --full --budget 20K && says err 'no update fits' && says err ' take about ' &&
    [ "$(ls stick | wc -l)" = 1 ]
ok "too small for anything" $?
run 0 wsusferry-export -q -s st --sign-key k.key --to all.tar --budget 500K
[ "$(stat -c %s all.tar)" -le 500000 ] && [ "$(stat -c %s all.tar)" -gt 400000 ]
ok "a tar with all that belongs to it: $(stat -c %s all.tar)" $?
for bad in x 0 20G. -1 1P; do
	export_south 2 --budget "$bad" && says err '--budget takes a size like 20G'
	ok "no size: '$bad'" $?
done
run 2 wsusferry-export -s st --package x.cab --budget 1M && says err 'goes with --to'
ok "a package has none" $?
run 0 gencatalogue --seed 8 --revisions 400 --doc-bytes 30000 --out docs &&
    run 0 wsusferry-import -q -s docs.st --site south --unsigned docs/wsusexport.cab &&
    mkdir docs.stick && run 0 wsusferry-export -q -s docs.st --sign-key k.key \
    --to docs.stick --budget 400K
[ "$(size docs.stick)" -le 400000 ] && [ "$(size docs.stick)" -gt 350000 ]
ok "documents are counted as they are packed: $(size docs.stick)" $?
product=$(sqlite3 -readonly st/store.db "SELECT r.title FROM revision r JOIN rev_category l
    ON l.category = r.row AND l.kind = 4 GROUP BY r.title ORDER BY count(*) DESC LIMIT 1")
printf 'product = %s\n' "$product" >policy
export_south 0 --full -n --json -p policy --budget 300K && mv out all &&
    [ "$(jq 'select(.type == "summary") | .bytes <= 300000 and .waiting > 0' all)" = true ]
ok "of what a policy chooses" $?
finish
