#!/bin/sh
# SPDX-License-Identifier: ISC
# A fetch from an upstream whose documents and lists are odd.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"
. "$root/tests/e2e/fetch_common"

up_store store --seed 7 --revisions 120 --payload-files 20 \
    --payload-bytes 300000
ok "a store to serve" $?
up_start 0 --store store
metadata want
check "an undisturbed run" [ $got = 0 ]
check "all revisions" [ "$(revs want)" = 120 ]
# What it has besides payload is what the upstream has.
state want | grep -E '^(rev|bundle|in)' >a
state store | grep -E '^(rev|bundle|in)' >b
check "as the upstream has them" cmp -s a b
one=$(sqlite3 store/store.db "SELECT lower(hex(id)) || '.' || revision
    FROM revision WHERE type = 1 AND units > 2560 ORDER BY id LIMIT 1 OFFSET 9" |
    sed 's/^\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)/\1-\2-\3-\4-/')

# all_but NAME: everything but the one.
all_but() {
	state want | grep -v -i "$(echo "${one%.*}" | tr -d -)" >a
	state try | grep -v -i "$(echo "${one%.*}" | tr -d -)" >b
	cmp -s a b && [ "$(revs try)" = 119 ]
	ok "$1: all the others" $?
}

# lacks NAME MODE ...: one revision cannot be had; the next full list tells of it
# again.
lacks() {
	what=$1
	shift
	mode "$what" 0 "$@"
	all_but "$what"
	up_modes
	metadata try
	check "$what: not asked for by a run for what changed" \
	    [ "$(up_count "^GetUpdateData")" = 0 ]
	metadata try --full
	same try
	ok "$what: had by the next full run" $?
}

# damaged NAME TEXT MODE ...: what is wrong with one document is said, and the
# next run gets it.
damaged() {
	what=$1 text=$2
	shift 2
	mode "$what" 3 "$@"
	grep -qi "^${one%.*}.*$text" out
	ok "$what: says so" $?
	all_but "$what"
	up_modes
	metadata try
	same try
	ok "$what: had by the next run" $?
}

# 1. short answers
recovers "80 of 100" 'GetUpdateData short 80'
no_revision_twice
ok "none twice" $?
recovers "one of 100" 'GetUpdateData short 1'
no_revision_twice
ok "none twice" $?
recovers "nothing, once" 'GetUpdateData#2 short 0'
recovers "nothing, three times" 'GetUpdateData#1-3 short 0'
recovers "items twice and not asked for" 'GetUpdateData twice' \
    'GetUpdateData unasked'
says err 'that nobody asked for'
ok "not asked for: is said" $?
recovers "a revision 0" \
    'GetRevisionIdList list 11111111-2222-4333-8444-555555555555.0'
says err 'listed with revision 0'
ok "a revision 0: is said" $?
mode "nothing ever" 10 'GetUpdateData short 0'
grep -q 'revisions were asked for, and none came' out
ok "nothing ever: says so" $?
n=$(sqlite3 -readonly try/store.db 'SELECT count(*) FROM work')
[ "$n" -gt 0 ] && [ "$(up_count '^GetUpdateData')" -le $((2 * n)) ]
ok "nothing ever: at most two calls for each id" $?
check "nothing ever: no revisions" [ "$(revs try)" = 0 ]
up_modes
metadata try --full
same try
ok "nothing ever: and then all" $?

# 2. ids that cannot be had
lacks "poison" "GetUpdateData poison $one"
up_modes "GetUpdateData poison $one"
rm -rf try
metadata try
check "poison: at most two calls for each id of the batch" \
    [ "$(up_count '^GetUpdateData')" -le 202 ]
lacks "poison-mu" "GetUpdateData poison-mu $one"
damaged "vast" 'bytes or more, at most 268435456' "GetUpdateData vast $one"
recovers "too long, once" 'GetUpdateData#2 length 300000000'
up_modes "GetUpdateData poison-mu $one"
rm -rf try
metadata try
check "poison-mu: one call more" [ "$(up_count '^GetUpdateData')" -le 4 ]
mode "twenty poisoned ids, MU style" 0 'GetUpdateData poison-mu' \
    'GetRevisionIdList#2 many 20'
same_but_missing() {
	state want | grep -v '^missing' >a
	state try | grep -v '^missing' >b
	cmp -s a b
}
check "twenty poisoned ids: all the others" same_but_missing

mode "3000 ids that it lacks, MU style" 0 'GetUpdateData poison-mu' \
    'GetRevisionIdList#2 many 3000'
check "3000 ids that it lacks: all the others" same_but_missing
mode "3000 ids that it lacks" 5 'GetRevisionIdList#2 many 3000'
says err 'gives none of the last'
ok "3000 ids that it lacks: given up" $?

# 3. other envelopes
recovers "children in another order" '* shuffle'
recovers "Microsoft's prefix, no declaration" '* prefix s'
recovers "prefixes everywhere" '* prefix wsus'
recovers "elements nobody knows" '* unknown-elements'
recovers "nil members" '* nil'
recovers "arrays absent" '* absent-arrays'
recovers "all of it" '* shuffle' '* prefix q' '* unknown-elements' '* nil' \
    '* absent-arrays' '* upper'

# 4. forms of documents
for form in escaped cab cab8 cab-bom cab-name; do
	recovers "doc $form" "GetUpdateData doc $form"
done
damaged "doc cab-truncated" 'cabinet size is' \
    "GetUpdateData doc cab-truncated $one"
damaged "doc cab-size" 'bytes at 0 of a folder' \
    "GetUpdateData doc cab-size $one"
damaged "doc cab-two" '2 files, expected one' "GetUpdateData doc cab-two $one"
damaged "doc cab-bomb" 'more than 134217728 bytes' \
    "GetUpdateData doc cab-bomb $one"
lacks "doc nested" "GetUpdateData doc nested $one"
up_modes "GetUpdateData doc nested $one"
rm -rf try
metadata try
says err "${one%.*}: revision ${one#*.} is not to be had: answer to GetUpd"
ok "doc nested: says of which revision" $?
says err 'XmlUpdateBlob: element Update, expected escaped text'
ok "doc nested: and what is wrong with it" $?
damaged "doc identity" "is another update's" "GetUpdateData doc identity $one"

# 9. odd revisions
recovers "ids in upper case" '* upper'
recovers "one twice, with other bytes" 'GetUpdateData twice other'
expired=$(sqlite3 want/store.db 'SELECT count(*) FROM revision WHERE expired')
check "expired revisions are kept" [ "$expired" -gt 0 ]
mode "low revisions repeated" 0 'GetRevisionIdList repeat'
state try >a
state want | grep '^rev' | while read -r line; do
	grep -qxF -e "$line" a || echo "$line"
done >b
check "low revisions: all the high ones are there" [ ! -s b ]
check "low revisions: and the low ones" [ "$(revs try)" -gt 120 ]
mode "one not listed" 0 "GetRevisionIdList omit $one"
[ "$(revs try)" = 119 ] || [ "$(revs try)" = 120 ]
ok "one not listed: the others" $?
cp -a want try2
up_modes "GetRevisionIdList omit $one"
metadata try2 --full
[ $got = 0 ] && [ "$(revs try2)" = 120 ] && says err "1 gone upstream"
ok "one that vanished is kept, and counted" $?
rm -rf try2

# 10. bundles
mode "children that are not listed" 0 'GetRevisionIdList unlisted-children'
same try
ok "children that are not listed: had through their bundles" $?
mode "bundles six deep" 10 '* nest 6'
check "bundles six deep: all of them" [ "$(revs try)" = 126 ]
[ "$(sqlite3 try/store.db 'SELECT count(*) FROM missing
    WHERE revision = 0')" = 1 ]
ok "an id that nobody has is recorded" $?
mode "bundles in a circle" 10 '* circle 3'
check "bundles in a circle: all of them" [ "$(revs try)" = 123 ]

# 12. much
long=5000
[ -z "${WF_LONG:-}" ] || long=30000
mode "a list of $long more" 0 "GetRevisionIdList invent $long"
check "a list of $long more: all of it" [ "$(revs try)" = $((long + 120)) ]
recovers_big() {
	same_big=$(sqlite3 try/store.db "SELECT max(bytes) FROM revision")
	[ "$same_big" -ge 50000000 ] && [ "$(revs try)" = 120 ]
}
mode "a document of 50 MB" 0 "GetUpdateData big $one 50000000"
check "a document of 50 MB: kept" recovers_big
mode "a document of 50 MB, escaped" 0 "GetUpdateData big $one 50000000" \
    'GetUpdateData doc escaped'
check "a document of 50 MB, escaped: kept" recovers_big
damaged "a document over the limit" 'more than 134217728 bytes' \
    "GetUpdateData big $one 140000000" "GetUpdateData doc cab8 $one"
up_stop
check "the upstream lived" [ "$up_status" = 0 ]

# What a real server said, with the revisions in the lists that it was asked for.
if [ -d "$samples/server-sync/exchanges" ]; then
	set --
	for f in "$samples"/server-sync/docs/*.xml; do
		f=$(basename "$f" .xml)
		set -- "$@" "GetRevisionIdList#2 list ${f%-r*}.${f##*-r}"
	done
	up_modes "$@"
	up_start 0 --replay "$samples/server-sync/exchanges"
	rm -rf try
	metadata try --requests 1
	for f in a2fef9b0-7951-4c2c-a42b-9e351dd1c1fe-r200 \
	    266f6222-c89d-43f2-9f8a-69340271e677-r200 \
	    ccb78947-6453-4ecc-9de8-bc0305c98f2d-r200 \
	    56309036-4c77-4dd9-951a-99ee9c246a94-r101; do
		sum=$(sha256sum <"$samples/server-sync/docs/$f.xml")
		id=$(echo "${f%-r*}" | tr -d -)
		[ "$(sqlite3 try/store.db "SELECT lower(hex(sha256)) || '  -'
		    FROM revision WHERE id = x'$id'
		    AND revision = ${f##*-r}")" = "$sum" ]
		ok "recorded: $f as it is in the samples" $?
	done
	up_stop
else
	skip "recorded answers" "no samples"
fi
finish
