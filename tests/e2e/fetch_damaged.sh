#!/bin/sh
# SPDX-License-Identifier: ISC
# Documents that are damaged while they wait in the store: they are asked for
# again, and what comes of it is the store of an undisturbed run.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"
. "$root/tests/e2e/fetch_common"

up_store store --seed 17 --revisions 120 --payload-files 2 \
    --payload-bytes 30000
ok "a store to serve" $?
up_start 0 --store store
up_modes 'GetConfigData limit 10'
metadata want
check "an undisturbed run" [ $got = 0 ]

# waits N: a run that is refused after N answers; some of what came waits.
waits() {
	rm -rf try
	up_modes 'GetConfigData limit 10' "GetUpdateData#$1- status 403"
	metadata try
	n=$(sqlite3 -readonly try/store.db 'SELECT count(*) FROM inbox')
	[ $got = 5 ] && [ "$n" -gt 5 ]
	ok "refused from answer $1 on: documents wait" $?
}

# damage SQL: the third document that waits.
damage() {
	sqlite3 try/store.db "UPDATE inbox SET $1 WHERE row =
	    (SELECT row FROM inbox ORDER BY row LIMIT 1 OFFSET 2)"
}

kinds=$(sqlite3 want/store.db 'SELECT count(*) FROM revision WHERE category
    OR type = 4')
echo "$kinds of categories and detectoids"
for at in 3 11; do
	for how in 'packed = zeroblob(50)' 'sha256 = zeroblob(32)' \
	    'bytes = bytes + 1'; do
		waits $at
		damage "$how"
		run 1 wsusferry-verify try
		ok "$how: verify finds it" $?
		up_modes 'GetConfigData limit 10'
		metadata try
		[ $got = 0 ] && same try numbered
		ok "$how: the store of an undisturbed run" $?
		[ "$(grep -c 'was damaged while it waited' err)" = 1 ]
		ok "$how: says so" $?
		no_revision_twice
		ok "$how: one is asked for, once" $?
		run 0 wsusferry-verify try
		ok "$how: and nothing lacks" $?
	done
done

waits 11
sqlite3 try/store.db 'UPDATE inbox SET packed = zeroblob(50)'
up_modes 'GetConfigData limit 10'
metadata try
[ $got = 0 ] && same try numbered
ok "all that waited: the store of an undisturbed run" $?

# What cannot be mended ends the run the second time that it is met.
waits 11
damage "packed = zeroblob(50), kind = 9"
up_modes 'GetConfigData limit 10'
metadata try
[ $got = 1 ] && [ "$(grep -c 'was damaged while it waited' err)" = 1 ] &&
    says err 'inbox: update '
ok "damaged a second time: ends" $?

# Its name is lost, and nobody bundles it: the next run finds out by a whole
# list.
waits 11
sqlite3 try/store.db "ATTACH 'want/store.db' AS want; UPDATE inbox SET
    id = x'0123456789abcdef0123456789abcdef' WHERE row = (SELECT i.row
    FROM inbox i JOIN want.revision r ON r.id = i.id
    AND r.revision = i.revision WHERE r.type = 1 AND r.id NOT IN
    (SELECT id FROM want.bundle) ORDER BY i.row LIMIT 1)"
up_modes 'GetConfigData limit 10'
metadata try
check "under another's name: 0" [ $got = 0 ]
says err 'was damaged while it waited'
ok "under another's name: says so" $?
check "under another's name: it is not there" \
    [ "$(revs try)" = $(($(revs want) - 1)) ]
metadata try
[ $got = 0 ] && same try
ok "under another's name: had by the next run" $?
up_stop
check "the upstream lived" [ "$up_status" = 0 ]
finish
