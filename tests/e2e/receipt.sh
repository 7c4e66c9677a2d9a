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

printf 'cut' >far/$r && rm back/* && run 0 wsusferry-import --json -s far \
    -k north.pub --sign-key far.key --receipt-to back $t && says out '"receipt":1,' &&
    [ "$(ls far/receipts)" = ${r#*/} ] && cmp far/$r back/${r#*/}
ok 'it writes a receipt that lacks, or is damaged' $?
printf 'a letter' >back/${r#*/} &&
    run 0 wsusferry-import --json -s far -k north.pub --sign-key far.key \
	--receipt-to back $t && says out "${r#*/} is something else here" &&
    [ "$(cat back/${r#*/})" = 'a letter' ] && [ "$(ls back | wc -l)" = 2 ] &&
    cmp far/$r back/receipt-000001-north-000001-????????.txt
ok 'a file of somebody in that folder stays, and the receipt is beside it' $?
rm back/* && cp far/$r back

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

back=back/receipt-000001-north-000001.txt
snapshot north >before
run 8 wsusferry-import -s north --receipt $back &&
    says err 'no key is trusted for receipts: wsusferry-key trust --for' &&
    wsusferry-key trust -q -s north far.pub >/dev/null &&
    run 8 wsusferry-import -s north --receipt $back &&
    says err 'trusted here, but for transfers, not for receipts' &&
    wsusferry-key trust -q -s north --for receipts far.pub >/dev/null &&
    run 2 wsusferry-import -s north --receipt $back &&
    says err 'say with --destination NAME whose receipt this is' &&
    run 9 wsusferry-import -s none --receipt $back -k far.pub &&
    says err 'it is about transfers of store' &&
    run 2 wsusferry-import -s nowhere --receipt $back -k far.pub &&
    [ ! -e nowhere ] && snapshot north >after && cmp before after
ok 'a receipt is taken by its own store, by a key for receipts' $?

run 0 wsusferry-import -n -s north --receipt $back --destination south &&
    says err 'would take receipt 1 of south' && snapshot north >after &&
    cmp before after && [ ! -e north/receipts ]
ok 'a dry run takes none' $?

# As a person types it: small letters, o for 0, l for 1, groups of five.
tr A-Z a-z <$back | sed -e '2,$s/0/o/g' -e '2,$s/1/l/g' \
    -e '2,$s/...../& /g' -e 's/$/\r/' >typed
run 0 wsusferry-import -s north --receipt - --destination south <typed &&
    says err 'from now on this destination is store' &&
    says err 'took receipt 1 of south' && says north/import.log 'took receipt 1' &&
    cmp $back north/receipts/taken-south-000001-north-000001.txt
ok 'it is taken as a person types it' $?

rm north/receipts/*
run 0 wsusferry-import -s north --receipt $back &&
    says err 'was taken before: nothing to do' &&
    cmp $back north/receipts/taken-south-000001-north-000001.txt &&
    run 0 wsusferry-verify north
ok 'taken again it only writes the copy that lacks' $?

sed '5s/^./7/;5s/^7\(..\)7/8\17/' $back >wrong
cmp -s $back wrong || run 3 wsusferry-import -s north --receipt wrong &&
    says err 'wrong: line 4, group 1: found '
ok 'a wrong character is named by its line and group' $?

sed 4d $back >short && run 3 wsusferry-import -s north --receipt short &&
    says err 'short: line 3 is missing' && sed '1i Hello,' $back >mail &&
    run 3 wsusferry-import -s north --receipt mail &&
    says err 'give the receipt alone' &&
    run 2 wsusferry-import -s north --receipt nothing.txt &&
    says err 'nothing.txt: no such file' &&
    run 2 wsusferry-import -s north --receipt $back $t &&
    run 2 wsusferry-import -s north --receipt $back --keep-held &&
    says err '--keep-held does not go with --receipt' &&
    run 2 wsusferry-import -s north && says err '--receipt FILE'
ok 'what is no receipt is refused in clear words' $?

# Another far side claims the name; a key that is lost is revoked.
wsusferry-import -q -s other -k north.pub --sign-key far.key $t
run 9 wsusferry-import -s north --destination south \
    --receipt other/receipts/receipt-000001-north-000001.txt &&
    says err 'a store that was made anew is another destination' &&
    run 0 wsusferry-import -s north --destination east \
	--receipt other/receipts/receipt-000001-north-000001.txt &&
    run 0 wsusferry-import -q -s far -k north.pub --sign-key far.key \
	stick/wsusferry-north-000002 &&
    wsusferry-key -q revoke -s north far.pub >/dev/null &&
    run 8 wsusferry-import -s north \
	--receipt far/receipts/receipt-000002-north-000002.txt &&
    says err 'was revoked here on'
ok 'a destination is one store, and a revoked key counts for nothing' $?

wsusferry-key -q new --out new.key >/dev/null &&
    wsusferry-key -q trust -s north --for receipts new.pub >/dev/null &&
    run 0 wsusferry-import -q -s far -k north.pub --sign-key new.key \
	stick/wsusferry-north-000002 &&
    run 0 wsusferry-import -s north \
	--receipt far/receipts/receipt-000003-north-000002.txt &&
    says err 'took receipt 3 of south' &&
    run 0 wsusferry-import -s north --receipt $back -k far.pub ||
    says err 'was revoked here'
ok 'a new key takes the place of one that was revoked' $?

# The store that exported is restored from a backup, and gives 3 out again.
wsusferry-key -q trust -s north --for receipts new.pub >/dev/null
cp -R north backup && wsusferry-export -q -s north --sign-key north.key \
    --to stick && wsusferry-import -q -s far -k north.pub --sign-key new.key \
    stick/wsusferry-north-000003 && rm -rf north && mv backup north &&
    mkdir again && wsusferry-export -q -s north --sign-key north.key --to again \
    --reason "once more"
r3=$(ls far/receipts/receipt-*-north-000003.txt)
run 9 wsusferry-import -s far -k north.pub again/wsusferry-north-000003 &&
    run 9 wsusferry-import -s north --receipt "$r3" &&
    says err 'another transfer 3 was imported there' &&
    says err 'wsusferry-export --resume-after'
ok 'a store that was set back is noticed on either side' $?

snapshot north >before
run 0 wsusferry-export -n -s north --resume-after "$r3" &&
    says err 'would go on after north-000003' && snapshot north >after &&
    cmp before after && run 0 wsusferry-export -s north --resume-after - <"$r3" &&
    says err 'the next one is north-000004' &&
    run 0 wsusferry-export -s north --resume-after "$r3" &&
    says err 'is known here: nothing to do' &&
    run 0 wsusferry-verify north
ok 'it goes on after what the receipt says' $?

run 0 wsusferry-import -s north --receipt "$r3" &&
    wsusferry-export -q -s north --sign-key north.key --to again &&
    run 0 wsusferry-import -s far -k north.pub --sign-key new.key \
	again/wsusferry-north-000004
ok 'and what follows is taken as ever' $?

run 9 wsusferry-export -s other --resume-after "$r3" ||
    says err 'no key is trusted for receipts'
mkdir -p other/keys/receipts && cp new.pub other/keys/receipts
run 9 wsusferry-export -s other --resume-after "$r3" &&
    says err 'it is about transfers of store' &&
    run 2 wsusferry-export -s north --resume-after "$r3" --to again &&
    says err 'does not go with --resume-after' &&
    run 2 wsusferry-export -s north --resume-after nothing
ok 'nobody goes on by what is no receipt of his' $?

run 0 wsusferry-list -s far receipt && says out ' 1: 0' &&
    says err 'transfer 4 of store' && [ "$(wc -l <out)" = 12 ] && mv out shown &&
    run 0 wsusferry-list --json --receipt shown receipt &&
    says out '"sequence":4,' && says out '"text":"WSUSFERRY RECEIPT ' &&
    run 1 wsusferry-list -s north receipt && says err 'no receipt' &&
    run 2 wsusferry-list -s far --csv receipt &&
    run 2 wsusferry-list -s far --qr updates
ok 'a receipt is shown as it can be typed' $?

run 0 wsusferry-list -s far --svg receipt && cp out r.svg &&
    says r.svg 'viewBox="0 0 77 77"' && tail -n 1 r.svg | grep -q '^</svg>$' &&
    run 0 wsusferry-list -s far --qr receipt && cp out r.txt &&
    [ "$(wc -l <r.txt)" = 39 ]
ok 'it is drawn in a terminal and as a picture' $?

# A decoder of others reads what was drawn.
if have zbarimg && have python3; then
	python3 - <<'END'
rows = []
for line in open("r.txt", encoding="utf-8").read().split("\n")[:-1]:
    line = line.ljust(77)
    rows.append([c in "\u2588\u2580" for c in line])
    rows.append([c in "\u2588\u2584" for c in line])
with open("r.pgm", "w") as f:
    f.write("P2 %d %d 255\n" % (77 * 4, len(rows) * 4))
    for row in rows:
        for _ in range(4):
            f.write(" ".join("255" if c else "0" for c in row
                             for _ in range(4)) + "\n")
END
	run 0 zbarimg -q --raw r.pgm && tr ' ' '\n' <out | tail -n 11 >scanned &&
	    tail -n 11 "$(ls far/receipts/receipt-*4.txt | tail -n 1)" >want &&
	    cmp scanned want
	ok 'another program reads the QR code' $?
else
	skip 'another program reads the QR code' 'no zbarimg or python3'
fi

[ "$failed" = 0 ] || ls -la far/receipts
finish
