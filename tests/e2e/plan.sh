#!/bin/sh
# SPDX-License-Identifier: ISC
# What would be written, and then that or nothing.
set -u
. "$(dirname "$0")/common"

more() { # SEED REVISIONS
	run 0 gencatalogue --seed "$1" --revisions "$2" --doc-bytes 2500 \
	    --payload-files 10 --payload-bytes 100000 --out "g$1" &&
	    run 0 wsusferry-import -q -s st --site north --unsigned \
		--content "g$1/WsusContent" "g$1/wsusexport.cab"
}

export_south() { # STATUS OPTION ...
	want=$1
	shift
	run "$want" wsusferry-export -s st --to stick --destination south "$@"
}

value() { # KEY
	jq -r "select(.type == \"plan\") | .$1" plan
}

more 7 200 && run 0 wsusferry-key new -q --out k.key && mkdir stick
ok "a store" $?
export_south 0 -q --plan && says out 'transfer   north-000001 for south, a full one' &&
    says out 'revisions  200 new, 0 repeated' && says out 'payload    10 files, ' &&
    says out 'largest  ' && says out 'media      1, ' && grep -q '^plan       [0-9a-f]\{64\}$' out
ok "a plan, for people, and no key is asked for" $?
[ -z "$(ls stick)" ] && [ "$(sqlite3 st/store.db 'SELECT count(*) FROM destination')" = 0 ]
ok "nothing is written by it" $?
run 0 wsusferry-export -s st --to stick --destination south --plan --json && cp out plan
[ "$(value transfer)" = north-000001 ] && [ "$(value base)" = 0 ] &&
    [ "$(value new_revisions)" = 200 ] && [ "$(value files)" = 10 ] &&
    [ "$(value payload_bytes)" -gt 90000 ] && [ "$(value package_bytes)" -gt 1000 ] &&
    [ "$(value largest_bytes)" -gt 0 ] && [ "$(value media)" = 1 ]
ok "for programs, to be kept" $?
[ "$(jq -r 'select(.type == "summary") | .dry_run' out)" = true ]
ok "the summary comes last" $?
export_south 0 -q --plan --json && jq -r 'select(.type == "plan") | .sha256' out >again
[ "$(value sha256)" != "$(cat again)" ] || [ "$(value time)" = "$(jq -r 'select(.type == "plan") | .time' out)" ]
ok "its name says when, too" $?
export_south 0 --sign-key k.key --from-plan plan &&
    [ "$(sed -n 's/^Wsusferry-Created: //p' stick/wsusferry-north-000001/bag-info.txt)" = "$(value time)" ]
ok "exactly that is written, of that time" $?
t=stick/wsusferry-north-000001
[ "$(sed -n 's/^Wsusferry-Plan: //p' $t/bag-info.txt)" = "$(value sha256)" ] &&
    run 0 wsusferry-import -q -s far -k k.pub --sign-key k.key $t &&
    run 0 wsusferry-list -s far --json transfers &&
    [ "$(jq -r 'select(.type == "transfer") | .plan' out)" = "$(value sha256)" ] &&
    run 0 wsusferry-list -s st --json transfers &&
    [ "$(jq -r 'select(.kind == "export") | .plan' out)" = "$(value sha256)" ] &&
    run 0 wsusferry-list -s far -v transfers && says out "plan $(value sha256)"
ok "who approved it is told on both sides by the name of the plan" $?
run 0 wsusferry-list -s far --json receipt &&
    [ "$(jq -r 'select(.type == "receipt") | .plan' out)" = "$(value sha256 | cut -c 1-24)" ]
ok "and comes back with the receipt" $?
export_south 1 --sign-key k.key --from-plan plan && says err 'is not what it was' &&
    says err 'north-000002' && [ "$(ls stick)" = wsusferry-north-000001 ]
ok "once" $?
more 8 40
export_south 0 --since-last --plan --json && cp out plan &&
    [ "$(value base)" = 1 ] && [ "$(value new_revisions)" = 40 ]
ok "what is new against the last one" $?
more 9 40
export_south 1 --since-last --sign-key k.key --from-plan plan && says err 'make a new one' &&
    [ "$(ls stick)" = wsusferry-north-000001 ]
ok "the store changed: 1, and nothing is written" $?
export_south 0 --since-last --plan --json && cp out plan
export_south 1 --full --sign-key k.key --from-plan plan
ok "another thing is asked for: 1" $?
export_south 0 --since-last --sign-key k.key --from-plan plan
ok "what was planned" $?
more 10 20
export_south 0 --since-last --sign-key k.key &&
    ! grep -q '^Wsusferry-Plan' stick/wsusferry-north-000003/bag-info.txt &&
    run 0 wsusferry-list -s st --json transfers &&
    [ "$(jq -r 'select(.kind == "export" and .sequence == 3) | .plan' out)" = '' ]
ok "without a plan none is named" $?
for bad in '' '{}' '{"type":"plan"}' '{"type":"plan","time":"x","sha256":"00"}' 'x'; do
	printf '%s\n' "$bad" >plan
	export_south 3 --sign-key k.key --from-plan plan
	ok "no plan: '$bad'" $?
done
export_south 2 --sign-key k.key --from-plan nowhere && says err 'nowhere: the plan is not there'
ok "no file" $?
export_south 0 --plan --json && cp out plan && ln -s plan link &&
    export_south 0 --plan --from-plan "$PWD/link"
ok "a plan by its whole path, and by a link" $?
mkdir tool && echo x >tool/x && rm -rf alone && mkdir alone &&
    run 0 wsusferry-export -q -s st --to alone --destination south --sign-key k.key --full &&
    run 0 wsusferry-export -s st --to alone --destination south --since-last --with tool=x \
	--plan --json && cp out plan &&
    run 1 wsusferry-export -s st --to alone --destination south --since-last --sign-key k.key \
	--from-plan plan && says err 'there is nothing to write'
ok "of a folder that is not given now, where nothing else is new" $?
run 2 wsusferry-export -s st --package x.cab --plan && says err 'go with --to'
ok "a package has none" $?
finish
