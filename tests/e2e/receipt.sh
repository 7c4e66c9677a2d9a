#!/bin/sh
# SPDX-License-Identifier: ISC
# Receipts: the far side writes one, and it comes back.
set -u
. "$(dirname "$0")/common"

# site NAME: a store of a small catalogue, and its key.
gencatalogue --seed 20 --revisions 120 --doc-bytes 1200 --payload-files 12 \
    --payload-bytes 100000 --out gen >/dev/null &&
    wsusferry-import -q -s north --site north --unsigned \
	--content gen/WsusContent gen/wsusexport.cab 2>/dev/null &&
    wsusferry-key -q new --out north.key >/dev/null &&
    wsusferry-key -q new --out far.key >/dev/null && mkdir stick back
ok 'a site, and keys for both sides' $?
t=stick/wsusferry-north-000001
run 0 wsusferry-export -q -s north --sign-key north.key --to stick
ok 'a transfer is written' $?

run 0 wsusferry-import -s none -k north.pub $t && [ ! -e none/receipts ] &&
    says err 'no receipt is written: that takes --sign-key' &&
    run 0 wsusferry-import -s none -k north.pub $t &&
    ! says err 'no receipt'
ok 'without a key there is none, and it is said once' $?

cp -R none late
r=receipts/receipt-000001-north-000001.txt
run 0 wsusferry-import -s far --site far -k north.pub --sign-key far.key \
    --receipt-to back $t && says err "receipt 1 for north-000001: $r" &&
    [ "$(wc -c <far/$r)" = 601 ] && cmp far/$r back/${r#*/} &&
    [ "$(stat -c %a far/receipts far/$r | tr '\n' ' ')" = '755 644 ' ] &&
    [ "$(head -n 1 far/$r)" = 'WSUSFERRY RECEIPT' ]
ok 'with one it is in the store, and where it is wanted' $?

snapshot far >before
run 0 wsusferry-import -q -s far -k north.pub --sign-key far.key $t &&
    snapshot far >after && cmp before after
ok 'the same transfer again changes nothing' $?

rm far/receipts/* && printf 'cut' >back/${r#*/} &&
    run 0 wsusferry-import --json -s far -k north.pub --sign-key far.key \
	--receipt-to back $t && says out '"receipt":1,' &&
    [ "$(ls far/receipts)" = ${r#*/} ] && cmp far/$r back/${r#*/}
ok 'it writes a receipt that lacks, or is damaged' $?

run 0 wsusferry-import -q -s late -k north.pub --sign-key far.key $t &&
    [ -f late/$r ] && run 0 wsusferry-verify late
ok 'an import without one is given one later' $?

run 0 wsusferry-import -q -n -s dry -k north.pub --sign-key far.key \
    --receipt-to back $t && [ ! -e dry ] && [ "$(ls back | wc -l)" = 1 ]
ok 'a dry run writes none' $?

run 2 wsusferry-import -s bad -k north.pub --receipt-to back $t &&
    says err 'a receipt is signed: give --sign-key' &&
    run 2 wsusferry-import -s bad -k north.pub --sign-key far.key \
	--receipt-to nowhere $t && says err 'nowhere' &&
    run 3 wsusferry-import -s bad -k north.pub --sign-key far.pub $t &&
    says err 'this is a public key' &&
    run 2 wsusferry-import -s bad -k north.pub --sign-key no.key $t &&
    run 2 wsusferry-import -s bad --unsigned --sign-key far.key \
	gen/wsusexport.cab && says err 'gets no receipt' && [ ! -e bad ]
ok 'what makes no sense is refused before anything is made' $?

# Payload that is lost is not held, and a heal is news.
f=$(find far/WsusContent -name '*.*' -size +0 | sort | head -n 1)
run 0 wsusferry-export -q -s north --sign-key north.key --to stick &&
    rm -f "$f" && run 0 wsusferry-import -q -s far -k north.pub \
    --sign-key far.key $t && [ -f "$f" ] &&
    [ "$(ls far/receipts | wc -l)" = 1 ]
ok 'payload that came back is held as before: no new receipt' $?

[ "$failed" = 0 ] || ls -la far/receipts
finish
