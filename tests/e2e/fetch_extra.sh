#!/bin/sh
# SPDX-License-Identifier: ISC
# Fetching what no list names: relations that were lost, approvals.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"

fetch() { # STATUS STORE OPTION ...
	want=$1 to=$2
	shift 2
	run "$want" timeout 60 wsusferry-fetch -v -s "$to" \
	    --account-name fetch.example.org --retry-wait 20 --tries 2 "$@"
}

sql() { # STORE QUERY
	sqlite3 -readonly "$1/store.db" "$2"
}

named() { # STORE QUERY: one id and revision, as the protocol writes them
	at=$(sql "$1" "SELECT lower(hex(id)) || '.' || revision $2")
	echo "$(guid "${at%.*}").${at#*.}"
}

up_store up --seed 9 --revisions 300 --payload-files 4 --payload-bytes 40000
up_start 0 --store up
ok "an upstream" $?

# A detectoid that updates need, and that no list has.
lost=$(named up "FROM revision r WHERE type = 4 AND id IN (SELECT id
    FROM prereq WHERE rev IN (SELECT row FROM revision WHERE type = 1))
    AND NOT EXISTS (SELECT 1 FROM revision o WHERE o.id = r.id
    AND o.row <> r.row) LIMIT 1")
holds() { # STORE: how often it has it
	sql "$1" "SELECT count(*) FROM revision WHERE lower(hex(id)) = '$(echo \
	    "${lost%.*}" | tr -d -)'"
}
up_modes "GetRevisionIdList omit $lost"
fetch 0 wsus --upstream "$up_base"
ok "from a WSUS" $?
check "what no list has is not there" [ "$(holds wsus)" = 0 ]
check "nor is a WSUS asked for it" [ "$(up_count ^GetRelated)" = 0 ]
[ "$(sql wsus "SELECT count(*) FROM missing WHERE revision = 0")" -gt 0 ]
ok "it is known to be missing" $?
python3 "$root/tests/e2e/stand_in.py" 127.0.0.1 "${up_base##*:}" >port &
proxy=$!
trap 'kill $proxy $up_pid 2>/dev/null; rm -rf "$dir"' EXIT
await test -s port
microsoft() { # STATUS STORE OPTION ...
	want=$1 to=$2
	shift 2
	fetch "$want" "$to" --upstream http://sws.update.microsoft.com \
	    --proxy "http://127.0.0.1:$(cat port)" "$@"
}
up_modes "GetRevisionIdList omit $lost"
microsoft 0 ms
ok "from where Microsoft's endpoint is" $?
check "it is asked for its relations" [ "$(up_count ^GetRelated)" -gt 0 ]
check "and gives what no list has" [ "$(holds ms)" = 1 ]
[ "$(sql ms "SELECT count(*) FROM missing WHERE revision = 0")" -lt \
    "$(sql wsus "SELECT count(*) FROM missing WHERE revision = 0")" ]
ok "less is missing" $?
up_modes "GetRevisionIdList omit $lost"
microsoft 0 ms && [ "$(wc -l <up.log)" -le 8 ]
ok "again: in 8 requests" $?
up_modes 'GetRevisionIdList#2 nest 3' \
    'GetRelatedRevisionsForUpdates fault InternalServerError'
microsoft 0 ms --full && says err ' 3 new revisions' &&
    [ "$(up_count ^GetRelated)" = 1 ]
ok "a fault says that it does not know them" $?

# Approvals.
first=$(named wsus "FROM revision WHERE type = 1 ORDER BY row LIMIT 1")
other=$(named wsus "FROM revision WHERE type = 1 ORDER BY row DESC LIMIT 1")
up_modes "GetDeployments approve $first" "GetDeployments decline $other"
fetch 0 wsus --upstream "$up_base" --copy-approvals
ok "approvals are copied" $?
sql wsus "SELECT line FROM state" >lines
jq -r 'select(.t == "approval" and .action == "install") |
    "\(.id).\(.revision)"' lines >is
[ "$(cat is)" = "$first" ] &&
    [ "$(jq -r 'select(.action == "decline") | .id' lines)" = "${other%.*}" ] &&
    [ "$(jq -r 'select(.name != null) | .name' lines | wc -l)" = 2 ]
ok "installs, declines, groups" $?
up_modes
fetch 0 wsus --upstream "$up_base" --copy-approvals &&
    [ "$(sql wsus "SELECT count(*) FROM state")" = 2 ]
ok "and gone when they are gone" $?
up_stop
finish
