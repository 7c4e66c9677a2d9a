#!/bin/sh
# SPDX-License-Identifier: ISC
# A far side says what it has lost, without an import, and gets it again.
set -u
. "$(dirname "$0")/common"

export_south() { # STATUS OPTION ...
	want=$1
	shift
	run "$want" wsusferry-export -s st --sign-key k.key --to stick \
	    --destination south "$@"
}

now() { # STATUS OPTION ...
	want=$1
	shift
	run "$want" wsusferry-import -s far --sign-key far.key --receipt-now "$@"
}

run 0 gencatalogue --seed 7 --revisions 60 --doc-bytes 2500 \
    --payload-files 8 --payload-bytes 400000 --out g &&
    run 0 wsusferry-import -q -s st --site north --unsigned \
	--content g/WsusContent g/wsusexport.cab &&
    run 0 wsusferry-key new -q --out k.key && run 0 wsusferry-key new -q --out far.key &&
    run 0 wsusferry-key trust -q -s st --for receipts far.pub && mkdir stick back &&
    export_south 0 && t=stick/wsusferry-north-000001 &&
    run 0 wsusferry-import -s far -k k.pub --sign-key far.key --receipt-to back $t &&
    run 0 wsusferry-import -s st --receipt back/receipt-000001-north-000001.txt &&
    export_south 0 && says err 'nothing new for south'
ok "what was carried is acknowledged" $?
now 0 --json --receipt-to back && [ "$(jq -c 'select(.type == "summary") | [.receipts, .as_before]' out)" = '[0,1]' ] &&
    [ "$(ls back)" = receipt-000001-north-000001.txt ] && now 0 -n && says err 'would write 0 receipts, 1 is as before' &&
    now 0 && says err 'wrote 0 receipts, 1 is as before; 0 payload files lost'
ok "nothing was lost: it is the receipt that there is" $?

gone=$(find far/WsusContent -path '*/??/*' | sort | head -n 1) && rm -f "$gone"
snapshot far >before
now 10 -n --receipt-to back && says err 'would write 1 receipt; 1 payload file lost' &&
    snapshot far >after && cmp before after && [ "$(ls back | wc -l)" = 1 ]
ok "a dry run tells, and changes nothing" $?
now 10 --receipt-to back && says err 'wrote 1 receipt; 1 payload file lost since the last ones' &&
    says err "${gone#far/WsusContent/}" && [ -f back/receipt-000002-north-000001.txt ]
ok "a file is lost: the next receipt says so, by nobody's import" $?
run 0 wsusferry-import -s st --receipt back/receipt-000002-north-000001.txt && says err 'they go again'
ok "it is taken" $?
export_south 0 && [ -f stick/wsusferry-north-000002/data/"${gone#far/}" ] &&
    run 0 wsusferry-import -s far -k k.pub --sign-key far.key --receipt-to back \
	stick/wsusferry-north-000002 && [ -f "$gone" ] && run 0 wsusferry-verify far
ok "and the next transfer brings the file" $?

rm back/*
run 2 wsusferry-import -s far --receipt-now && says err 'give --sign-key FILE'
ok "without a key: 2" $?
now 2 $t && says err 'imports nothing: give no transfer with it'
ok "with a transfer: 2" $?
now 2 --link && says err 'does not go with --receipt-now'
ok "with an option of imports: 2" $?
run 2 wsusferry-import -s nowhere --sign-key far.key --receipt-now && says err 'not a store' && [ ! -e nowhere ]
ok "no store: 2, and none is made" $?
run 1 wsusferry-import -s st --sign-key far.key --receipt-now && says err 'no transfer was imported'
ok "a store that imported none: 1" $?
finish
