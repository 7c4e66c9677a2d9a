#!/bin/sh
# SPDX-License-Identifier: ISC
# Fetching metadata: all of it, once, again, cut off and gone on with.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"
# The wall's time is that of the test, whatever else the machine does.
soon() {
	timeout 60 "$@"
}

fetch() { # STATUS STORE OPTION ...
	want=$1 to=$2
	shift 2
	run "$want" soon wsusferry-fetch -s "$to" --upstream "$up_base" \
	    --account-name fetch.example.org --retry-wait 20 "$@"
}

sql() { # STORE QUERY
	sqlite3 -readonly "$1/store.db" "$2"
}

# What a fetch brings, in the order in which it stands there.
content() { # STORE
	sql "$1" "SELECT row, hex(id), revision, hex(sha256) FROM revision
	    ORDER BY row;
	    SELECT hex(f.sha1), url FROM url u JOIN file f ON f.row = u.file
	    ORDER BY 1, 2;
	    SELECT hex(id), revision, wanted_by FROM missing ORDER BY 1, 2;
	    SELECT rev, kind, n, category FROM rev_category ORDER BY 1, 2, 3"
}

docs() { # STORE: of the newest revisions
	sql "$1" "SELECT hex(id), revision, hex(sha256) FROM revision r
	    WHERE NOT EXISTS (SELECT 1 FROM revision n WHERE n.id = r.id AND
	    n.revision > r.revision) ORDER BY 1"
}

up_store up --seed 5 --revisions 1500 --doc-bytes 4000 --payload-files 20 \
    --payload-bytes 200000
ok "a store to serve" $?
up_start 0 --store up
ok "it is served" $?

run 0 soon wsusferry-fetch -n -s st --upstream "$up_base" && [ ! -e st ] &&
    says err 'would get'
ok "a dry run makes no store" $?
printf 'title = *Desktop*\nclassification = Not Known\n' >named.policy
run 0 soon wsusferry-fetch -n -s st --upstream "$up_base" -p named.policy &&
    [ ! -e st ] && says err 'named.policy: its names can be looked up when'
ok "nor does a policy whose names nobody can know yet fail it" $?
run 5 soon wsusferry-fetch -s st --upstream http://127.0.0.1:1 \
    --retry-wait 1 && [ ! -e st ] && says err 'cannot connect to 127.0.0.1:1'
ok "an upstream that is not there leaves no store" $?
fetch 10 st --metrics fetch.prom
ok "everything is fetched" $?
docs up >want
docs st >is
cmp want is >err 2>&1 && [ -s want ]
ok "the newest of all updates, to the byte" $?
[ "$(sql st "ATTACH 'up/store.db' AS up; SELECT count(*) FROM revision r
    WHERE NOT EXISTS (SELECT 1 FROM up.revision u WHERE u.id = r.id AND
    u.revision = r.revision AND u.sha256 = r.sha256)")" = 0 ]
ok "nothing that the upstream does not have" $?
[ "$(sql st "ATTACH 'up/store.db' AS up; SELECT count(*) FROM bundle b
    WHERE EXISTS (SELECT 1 FROM up.revision u WHERE u.id = b.id AND
    u.revision = b.revision) AND NOT EXISTS (SELECT 1 FROM revision r
    WHERE r.id = b.id AND r.revision = b.revision)")" = 0 ] &&
    [ "$(sql st 'SELECT count(*) FROM bundle')" -gt 0 ]
ok "every bundled revision that can be had" $?
[ "$(sql st 'SELECT count(*) FROM url')" = \
    "$(sql st 'SELECT count(*) FROM file')" ]
ok "a source for every file" $?
[ "$(sql st 'SELECT (SELECT count(*) FROM work WHERE state = 1 AND
    revision > 0) + (SELECT count(*) FROM inbox) +
    (SELECT count(*) FROM inbox_url)')" = 0 ]
ok "nothing is left to do" $?
[ "$(grep -c '^# TYPE wsusferry_fetch_[a-z_]* gauge$' fetch.prom)" -gt 10 ] &&
    [ "$(stat -c %a fetch.prom)" = 644 ] &&
    [ "$(sed -n 's/^wsusferry_fetch_new_revisions //p' fetch.prom)" = \
	"$(sql st 'SELECT count(*) FROM revision')" ] &&
    says fetch.prom 'wsusferry_fetch_status 10'
ok "figures" $?
run 10 wsusferry-verify -q st
ok "the store verifies, but for payload" $?

content st >before
quiet() {
	up_modes
	fetch 10 st && [ ! -s err ] && [ ! -s out ]
}
within 2000 quiet
ok "again: nothing to say, within two seconds" $?
[ "$(wc -l <up.log)" -le 8 ]
ok "at most 8 requests" $?
content st | cmp - before >err 2>&1
ok "and nothing changed" $?
fetch 10 st --full && content st | cmp - before >>err 2>&1
ok "whole lists bring nothing new either" $?
run 10 soon wsusferry-fetch -s st --upstream "$up_base" --json &&
    [ "$(tail -n 1 out | jq -r '"\(.type) \(.new_revisions)"')" = \
	"summary 0" ]
ok "as JSON" $?
absent='[.absent_files, .absent_bytes, .unwanted_files, .lacking_revisions]'
tail -n 1 out | jq -c "$absent" >is
run 10 wsusferry-verify -q --json st &&
    jq -c "select(.type == \"verified\") | $absent" out | cmp - is >>err 2>&1
ok "which says of payload what verify says" $?

# An update that is new upstream; another that goes.
gone=$(sql st "SELECT lower(hex(id)) || '.' || revision FROM revision r
    WHERE type = 1 AND NOT EXISTS (SELECT 1 FROM bundle b WHERE b.id = r.id)
    AND NOT EXISTS (SELECT 1 FROM revision n WHERE n.id = r.id AND
    n.row <> r.row) LIMIT 1")
gone=$(guid "${gone%.*}").${gone#*.}
up_modes "GetRevisionIdList omit $gone"
fetch 10 st --full && says err '1 gone upstream'
ok "what vanished from a whole list is told" $?
content st | cmp - before >err 2>&1
ok "and is kept" $?
up_modes "GetRevisionIdList#1 invent 3" "GetRevisionIdList invent 0"
fetch 10 st --full && says err '3 new revisions'
ok "what is new is fetched" $?

# A policy: only what it lets in is listed, and its names are those of the
# upstream's categories, which come first.
product=$(sql up "SELECT r.title FROM rev_category l JOIN revision r
    ON r.row = l.category WHERE l.kind = 4 GROUP BY r.id
    ORDER BY count(*) DESC LIMIT 1")
class=$(sql up "SELECT r.title FROM rev_category l JOIN revision r
    ON r.row = l.category WHERE l.kind = 1 GROUP BY r.id
    ORDER BY count(*) DESC LIMIT 1")
echo "product = $product" >policy
up_modes
run 0 soon wsusferry-fetch -n -s some --upstream "$up_base" -p policy &&
    says err 'can be looked up' && [ ! -e some ]
ok "a dry run of a policy on no store says why it cannot" $?
fetch 10 some -p policy --metadata-only
ok "a policy of one product" $?
[ "$(sql some 'SELECT count(*) FROM listed WHERE kind = 2')" -gt 50 ] &&
    [ "$(sql some 'SELECT count(*) FROM listed l WHERE NOT EXISTS (SELECT 1
	FROM revision r WHERE r.id = l.id AND r.revision = l.revision)')" = 0 ] &&
    [ "$(sql some 'SELECT count(*) FROM revision WHERE type < 3')" -lt \
	"$(sql st 'SELECT count(*) FROM revision WHERE type < 3')" ]
ok "brings all that is listed for it, and not all of everything" $?
up_modes
fetch 10 some -p policy --metadata-only && [ "$(wc -l <up.log)" -le 8 ]
ok "and again in 8 requests" $?
echo "classification = $class" >>policy
up_modes
fetch 10 some -p policy --metadata-only &&
    grep -q '^GetRevisionIdList .*updates.*full' up.log
ok "another policy asks for a whole list" $?
echo 'product = Windows Nonsense' >policy
fetch 2 some -p policy && says err 'Windows Nonsense'
ok "a name that no category has: 2" $?

# Cut off, at any number of answers, and gone on with.
had() { # STORE: what has come, as the log names it
	sql "$1" "SELECT hex(id) || '.' || revision FROM inbox UNION
	    SELECT hex(id) || '.' || revision FROM revision" | tr A-F a-f |
	    sed 's/^\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)/\1-\2-\3-\4-/' |
	    sort
}
# answered N: so many requests for documents, at the least.
answered() {
	[ "$(up_count ^GetUpdateData)" -ge "$1" ]
}
up_modes
fetch 10 whole
ok "one more, to compare with" $?
content whole >want
for n in 1 3 5 9 14; do
	rm -rf cut
	up_modes "GetUpdateData#$n- delay 8000"
	wsusferry-fetch -q -s cut --upstream "$up_base" >out 2>err &
	pid=$!
	await answered $((n - 1))
	sleep 0.2 # at any moment after that
	kill -9 $pid
	wait $pid
	[ $? = 137 ]
	ok "killed with $n answers asked for" $?
	had cut >had.first
	up_stop # what was under way there ends with it
	up_modes
	up_start "${up_base##*:}" --store up
	fetch 10 cut
	ok "gone on with" $?
	content cut | cmp - want >err 2>&1
	ok "the store is the same" $?
	grep ^GetUpdateData up.log | tr ' ' '\n' | grep -e - | sort -u >asked
	comm -12 had.first asked >err
	[ ! -s err ] && [ -s asked ]
	ok "nothing is asked for that had come" $?
done
kill_lists=$(grep -c '^GetRevisionIdList .*updates' up.log)
[ "$kill_lists" = 0 ]
ok "the list of updates was not asked for again" $?

# A run that ends early says what is kept of it.
rm -rf cut
up_modes 'GetUpdateData#9- status 401'
fetch 5 cut
r=$?
wait=$(sql cut 'SELECT count(*) FROM inbox')
todo=$(sql cut 'SELECT count(*) FROM work WHERE state = 1 AND revision > 0')
ok "refused in the middle" $r
says err "kept: $(sql cut 'SELECT count(*) FROM revision') new revisions, \
$wait waiting documents, $todo to go; the next run goes on" &&
    [ "$wait" -gt 0 ] && [ "$todo" -gt 0 ] && tail -n 1 err | grep -q 401
ok "says what is kept, and why it ended" $?
up_modes '* status 401'
run 5 soon wsusferry-fetch -s cut --upstream "$up_base" --json &&
    [ "$(tail -n 2 out | jq -r '"\(.type) \(.waiting_documents)
\(.revisions_to_do)"' | tr '\n' ' ')" = \
	"error null null summary $wait $todo " ]
ok "as JSON: the error, then the summary" $?
up_modes
fetch 10 cut && content cut | cmp - want >err 2>&1
ok "and the next run goes on" $?
run 5 soon wsusferry-fetch -s cut --upstream http://127.0.0.1:1 --tries 1 &&
    [ "$(wc -l <err)" = 1 ]
ok "where nothing came and nothing waits there is only the error" $?

# Time passes.
at() { # SECONDS STATUS STORE: that many after a day of 2023
	seconds=$1
	shift
	SOURCE_DATE_EPOCH=$((1700000000 + seconds)) fetch "$@"
}
lists() { # KIND: how many were asked for
	up_count "^GetRevisionIdList 200 .*$1"
}
day=86400
up_modes
at 0 10 aged
up_modes
at $((7 * day - 1)) 10 aged
[ "$(lists delta)" = 2 ] && [ "$(lists full)" = 0 ]
ok "for seven days changes are asked for" $?
up_modes
at $((7 * day)) 10 aged
[ "$(lists delta)" = 0 ] && [ "$(lists full)" = 2 ]
ok "and then whole lists" $?
up_modes
at $((8 * day)) 10 aged
check "and then changes again" [ "$(lists delta)" = 2 ]
up_modes
at 0 10 aged
check "a clock that was set back: whole lists" [ "$(lists full)" = 2 ]
rm -rf cut
up_modes 'GetUpdateData#9- status 401'
at 0 5 cut
cp -a cut late
up_modes
at $((day - 1)) 10 cut
check "work of a day is gone on with" [ "$(lists updates)" = 0 ]
content cut | cmp - want >err 2>&1
ok "and ends as it would have" $?
up_modes
at $day 10 late
check "older work is asked for anew" [ "$(lists updates)" = 1 ]
content late | cmp - want >err 2>&1
ok "and ends the same" $?

# Bad days.
up_modes
before=$(snapshot st)
run 0 soon wsusferry-fetch -n -s st --upstream "$up_base" --full &&
    [ "$(snapshot st)" = "$before" ]
ok "a dry run changes nothing" $?
(flock -x 9 && exec sleep 600) 9<st/lock &
pid=$!
locked() {
	! flock -n -x st/lock true
}
await locked
fetch 6 st --metrics fetch.prom && says err 'st'
ok "another writer: 6" $?
[ "$(sed -n 's/^wsusferry_fetch_status //p' fetch.prom)" = 6 ] &&
    [ "$(sed -n 's/^wsusferry_fetch_last_success_timestamp_seconds //p' \
	fetch.prom)" -gt 1000000000 ]
ok "the figures say so, and when it last was well" $?
kill $pid
wait $pid 2>/dev/null
within 6000 run 5 soon wsusferry-fetch -s st --upstream http://127.0.0.1:9 \
    --connect-timeout 2 --metrics fetch.prom && says err '127.0.0.1'
ok "nobody there: 5, within the time for connecting" $?
[ "$(sed -n 's/^wsusferry_fetch_status //p' fetch.prom)" = 5 ]
ok "the figures say that, too" $?
fetch 2 st -p nowhere && says err 'nowhere'
ok "no such policy: 2" $?
run 2 wsusferry-fetch -s st --upstream "$up_base/Content" &&
    run 2 wsusferry-fetch -s st && run 2 wsusferry-fetch --upstream "$up_base"
ok "usage: 2" $?
up_modes 'GetUpdateData delay 8000'
rm -rf cut
wsusferry-fetch -s cut --upstream "$up_base" >out 2>err &
pid=$!
await says up.log GetRevisionIdList
kill $pid
ended $pid
[ $? = 7 ] && says err 'run it again'
ok "stopped by a signal: 7" $?
up_modes
fetch 10 cut && content cut | cmp - want >err 2>&1
ok "and gone on with" $?
up_stop
finish
