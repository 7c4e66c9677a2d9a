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

up_store up --seed 9 --revisions 300 --payload-files 90 --payload-bytes 90000
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
fetch 10 wsus --upstream "$up_base" &&
    says err 'cannot leave: it needs'
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
microsoft 10 ms
ok "from where Microsoft's endpoint is" $?
check "it is asked for its relations" [ "$(up_count ^GetRelated)" -gt 0 ]
check "and gives what no list has" [ "$(holds ms)" = 1 ]
[ "$(sql ms "SELECT count(*) FROM missing WHERE revision = 0")" -lt \
    "$(sql wsus "SELECT count(*) FROM missing WHERE revision = 0")" ]
ok "less is missing" $?
up_modes "GetRevisionIdList omit $lost"
microsoft 10 ms && [ "$(wc -l <up.log)" -le 8 ]
ok "again: in 8 requests" $?
up_modes 'GetRevisionIdList#2 nest 3' \
    'GetRelatedRevisionsForUpdates fault InternalServerError'
microsoft 10 ms --full && says err ' 3 new revisions' &&
    [ "$(up_count ^GetRelated)" = 1 ]
ok "a fault says that it does not know them" $?

two=$(sql up "SELECT lower(hex(id)) || '.' || revision FROM revision r
    WHERE type = 4 AND id IN (SELECT id FROM prereq WHERE rev IN
    (SELECT row FROM revision WHERE type = 1)) AND NOT EXISTS (SELECT 1
    FROM revision o WHERE o.id = r.id AND o.row <> r.row) LIMIT 2" |
    while read -r at; do
	echo "GetRevisionIdList omit $(guid "${at%.*}").${at#*.}"
    done)
up_modes "$two" 'GetRelatedRevisionsForUpdates#1 fault InternalServerError'
microsoft 10 ms2 && [ "$(up_count ^GetRelated)" = 3 ] && [ "$(holds ms2)" = 1 ]
ok "a fault for several: each is asked for by itself" $?

# Keys of encrypted files, where one revision's cannot be had.
up_modes
fetch 10 keys --upstream "$up_base" --metadata-only
for s in up keys; do
	sqlite3 $s/store.db 'UPDATE rev_file SET encrypted = 1'
done
alone="SELECT file FROM rev_file GROUP BY file HAVING count(DISTINCT rev) = 1"
one=$(named keys "FROM revision WHERE row IN (SELECT rev FROM rev_file
    WHERE file IN ($alone)) ORDER BY row LIMIT 1 OFFSET 3")
keyless() { # files without keys
	sql keys "SELECT count(*) FROM file WHERE row IN (SELECT file FROM
	    rev_file) AND sha1 NOT IN (SELECT sha1 FROM file_key
	    WHERE length(key) > 0)"
}
its=$(sql keys "SELECT count(*) FROM rev_file l JOIN revision r
    ON r.row = l.rev WHERE file IN ($alone) AND r.revision = ${one#*.} AND
    r.id = x'$(echo "${one%.*}" | tr -d -)'")
all=$(keyless)
echo "$its of $all files are $one's alone"
up_modes "GetUpdateDecryptionData poison $one"
fetch 10 keys --upstream "$up_base" --metadata-only &&
    says err "${one%.*}: revision ${one#*.}: no keys for its encrypted files"
ok "one revision's keys cannot be had" $?
[ "$its" -gt 0 ] && [ "$all" -gt "$its" ] && [ "$(keyless)" = "$its" ]
ok "all others are there" $?
n=$(up_count ^GetUpdateDecryptionData)
[ "$n" -gt 5 ] && [ "$n" -le 40 ]
ok "found by halves, in $n calls" $?
up_modes "GetUpdateDecryptionData poison $one"
fetch 10 keys --upstream "$up_base" --metadata-only &&
    [ "$(up_count ^GetUpdateDecryptionData)" = 0 ]
ok "not asked for by a run for what changed" $?
up_modes
fetch 10 keys --upstream "$up_base" --metadata-only --full &&
    [ "$(keyless)" = 0 ]
ok "had by the next full run" $?
sqlite3 keys/store.db 'DELETE FROM file_key'
up_modes 'GetUpdateDecryptionData#1-2 length 300000000'
fetch 10 keys --upstream "$up_base" --metadata-only &&
    says err 'at most 268435456' && [ "$(keyless)" = 0 ]
ok "an answer too long, twice: all keys" $?
sqlite3 keys/store.db 'DELETE FROM file_key'
up_modes 'GetUpdateDecryptionData fault InternalServerError'
fetch 10 keys --upstream "$up_base" --metadata-only &&
    [ "$(up_count ^GetUpdateDecryptionData)" -le 200 ] &&
    says err 'revisions with encrypted files' && [ "$(keyless)" = "$all" ]
ok "no keys at all: given up" $?
up_modes 'GetUpdateDecryptionData fault-bare'
fetch 10 keys --upstream "$up_base" --metadata-only --full &&
    [ "$(up_count ^GetUpdateDecryptionData)" = 1 ]
ok "a call that it does not know: asked once" $?

# Approvals.
first=$(named wsus "FROM revision WHERE type = 1 ORDER BY row LIMIT 1")
other=$(named wsus "FROM revision WHERE type = 1 ORDER BY row DESC LIMIT 1")
up_modes "GetDeployments approve $first" "GetDeployments decline $other" \
    "GetDeployments optional $other" "GetDeployments uninstall $other"
fetch 10 wsus --upstream "$up_base" --copy-approvals
ok "approvals are copied" $?
sql wsus "SELECT line FROM state" >lines
jq -r 'select(.t == "approval" and .group and .id) |
    "\(.id).\(.revision) \(.action) \(.assigned)"' lines >is
[ "$(cat is)" = "$first install null
$other install false
$other uninstall null" ] &&
    [ "$(jq -r 'select(.action == "decline") | .id' lines)" = "${other%.*}" ] &&
    [ "$(jq -r 'select(.name != null) | .name' lines | wc -l)" = 2 ]
ok "installs, declines, groups" $?

# Behind the gap a ring takes them up.
offered() { # NUMBER: one id and revision of what can be approved
	named wsus "FROM revision r WHERE type = 1 AND deployable AND NOT expired
	    AND NOT EXISTS (SELECT 1 FROM revision n WHERE n.id = r.id
	    AND n.revision > r.revision) ORDER BY row LIMIT 1 OFFSET $1"
}
up_modes "GetDeployments approve $(offered 0)" \
    "GetDeployments optional $(offered 1)" \
    "GetDeployments uninstall $(offered 2)" \
    "GetDeployments decline $(offered 3)"
fetch 10 wsus --upstream "$up_base" --copy-approvals &&
    run 0 wsusferry-key new -q --out k.key &&
    mkdir stick &&
    run 10 wsusferry-export -q -s wsus --sign-key k.key --to stick &&
    run 10 wsusferry-import -q -s far -k k.pub stick/*
ok "they cross it" $?
echo 'ring = plant
approve-upstream = all computers' >plant.rings
said() { # NUMBER: cause and action
	id=$(offered "$1")
	wsusferry-offer -s far --explain "${id%.*}" --json plant.rings |
	    jq -r 'select(.ring == "plant") | "\(.cause) \(.action)"'
}
[ "$(said 0), $(said 1), $(said 2), $(said 3), $(said 4)" = \
    "approved-upstream install, approved-upstream optional, \
approved-upstream uninstall, declined-upstream none, not-selected none" ]
ok "and hold there: install, optional, uninstall, declined" $?
up_modes
fetch 10 wsus --upstream "$up_base" --copy-approvals &&
    [ "$(sql wsus "SELECT count(*) FROM state")" = 2 ]
ok "and gone when they are gone" $?
up_stop
finish
