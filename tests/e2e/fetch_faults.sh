#!/bin/sh
# SPDX-License-Identifier: ISC
# A fetch whose session, answers and connections go wrong.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"
. "$root/tests/e2e/fetch_common"

up_store store --seed 7 --revisions 120 --payload-files 5 \
    --payload-bytes 30000
ok "a store to serve" $?
up_start 0 --store store
metadata want
check "an undisturbed run" [ $got = 0 ]

# 5. sessions
recovers "a cookie for three calls" 'GetCookie expire 3'
check "a cookie for three calls: no authorization anew" \
    [ "$(up_count '^GetAuthorizationCookie')" = 1 ]
recovers "a cookie for two calls, an authorization for one" \
    'GetCookie expire 2' '* expire-auth'
check "an authorization for one: asked for again" \
    [ "$(up_count '^GetAuthorizationCookie')" -gt 1 ]
recovers "a cookie that has expired, by a word of its own" \
    'GetUpdateData#2 fault CookieExpired' 'GetRevisionIdList#1 fault CookieExpired'
refused "a cookie that never holds" 5 InvalidCookie 'GetCookie expire 0'
mode "a cookie that never holds" 5 'GetCookie expire 0'
check "a cookie that never holds: given up soon" \
    [ "$(up_count '^GetCookie')" -le 12 ]
check "a cookie that never holds: a new authorization, too" \
    [ "$(up_count '^GetAuthorizationCookie')" = 2 ]
refused "an authorization that never holds" 5 InvalidAuthorizationCookie \
    'GetAuthorizationCookie expire 0'
recovers "a cookie that lives three seconds" 'GetCookie life 3' \
    'GetConfigData limit 5' 'GetUpdateData delay 200'
[ "$(up_count '^GetCookie 200')" -gt 1 ] && [ "$(up_count ' 500')" = 0 ] &&
    [ "$(up_count '^GetAuthorizationCookie')" = 1 ]
ok "a cookie that lives three seconds: renewed in time" $?
recovers "a server a day ahead" '* clock +86400'
recovers "a server a day behind" '* clock -86400'

# 6. faults
recovers "ServerChanged once" 'GetRevisionIdList#2 fault ServerChanged'
says err 'replaced or restored'
ok "ServerChanged once: is said" $?
cp -a want try2
up_modes 'GetRevisionIdList#1 fault ServerChanged'
metadata try2
[ $got = 0 ] && [ "$(up_count '^GetRevisionIdList 200 .* full')" = 2 ] &&
    [ "$(up_count '^GetRevisionIdList 200 .* delta')" = 0 ]
ok "ServerChanged: the anchors are forgotten" $?
same try2
ok "ServerChanged: nothing else is" $?
sqlite3 -readonly try2/store.db .dump >before
up_modes 'GetRevisionIdList#1 fault ServerChanged'
metadata try2 --dry-run
sqlite3 -readonly try2/store.db .dump | cmp - before >>err 2>&1 &&
    [ $got = 0 ] && [ "$(up_count '^GetRevisionIdList 200 .* full')" = 2 ]
ok "ServerChanged in a dry run: nothing is forgotten" $?
rm -rf try2
refused "ServerChanged twice" 5 ServerChanged \
    'GetRevisionIdList fault ServerChanged'
recovers "ServerBusy, three times" 'GetRevisionIdList#1-3 fault ServerBusy'
recovers "ServerBusy for documents" 'GetUpdateData#2-3 fault ServerBusy'
refused "ServerBusy for ever" 5 'try later' \
    'GetRevisionIdList fault ServerBusy'
check "ServerBusy for ever: five tries more" \
    [ "$(grep -c 'ServerBusy, waiting' err)" -le 5 ]
recovers "InternalServerError once" \
    'GetConfigData#1 fault InternalServerError'
recovers "InternalServerError in a list" \
    'GetRevisionIdList#2 fault InternalServerError'
recovers "InternalServerError for a batch" \
    'GetUpdateData#2 fault InternalServerError'
refused "InternalServerError for ever" 5 InternalServerError \
    'GetRevisionIdList fault InternalServerError'
refused "a fault without a code" 5 'Fault occurred' \
    'GetRevisionIdList fault-bare'
refused "a fault without a code, for documents" 5 'Fault occurred' \
    'GetUpdateData fault-bare'
refused "another protocol" 5 IncompatibleProtocolVersion \
    'GetCookie fault IncompatibleProtocolVersion'
refused "a fault nobody knows" 5 FutureError \
    'GetRevisionIdList fault FutureError Go away'

# 6. what stands in front of the server
recovers "503 twice" 'GetRevisionIdList#1-2 status 503'
recovers "502 for documents" 'GetUpdateData#2 status 502'
recovers "503 with Retry-After" 'GetRevisionIdList#1 status 503 1'
mode "503 for ever" 5 '* status 503'
check "503 for ever: six tries" [ "$(up_count '^GetAuthConfig 503')" = 6 ]
mode "401" 5 '* status 401'
check "401: once" [ "$(up_count '^GetAuthConfig 401')" = 1 ]
refused "401" 5 401 '* status 401'
refused "403" 5 403 '* status 403'
refused "404" 5 404 '* status 404'
refused "a page of a proxy" 5 '<html>' '* status 200'
refused "a crash page" 5 500 'GetRevisionIdList status 500'
refused "a redirect" 5 302 'GetRevisionIdList status 302'

# 6. connections
recovers "cut in the middle, once" 'GetRevisionIdList#2 cut 700'
recovers "cut in the middle of documents" 'GetUpdateData#2-3 cut 100000'
refused "cut every time" 5 127.0.0.1 'GetRevisionIdList cut 700'
recovers "cut before the first byte" 'GetCookie#1 cut 0'
recovers "a slow drip" 'GetRevisionIdList drip 20000'
recovers "an answer after a while" '* delay 100'
if [ -n "${WF_LONG:-}" ]; then
	up_modes 'GetRevisionIdList drip 20'
	rm -rf try
	metadata try --tries 1
	check "less than 100 bytes a second for a minute: given up" [ $got = 5 ]
else
	skip "less than 100 bytes a second for a minute" "only with WF_LONG"
fi
recovers "more claimed than comes, once" 'GetRevisionIdList#2 length 100000'
refused "more claimed than comes" 5 127.0.0.1 \
    'GetRevisionIdList length 100000'
refused "less claimed than comes" 3 'answer to' 'GetRevisionIdList length 400'
refused "packed as nobody asked" 5 xpress 'GetRevisionIdList xpress'
up_stop
rm -rf try
metadata try --tries 2
check "nobody there" [ $got = 5 ]
rm -rf modes
up_start "${up_base##*:}" --store store

# 7. limits
for pair in 0:50 1:1 7:7 100:100 1000:1000 100000:50; do
	limit=${pair%:*} most=${pair#*:}
	recovers "a limit of $limit" "GetConfigData limit $limit"
	n=$(sed -n 's/^GetUpdateData 200 [0-9]*//p' up.log | awk '
		NF > most { most = NF } END { print most + 0 }')
	[ "$most" -gt 100 ] && most=100
	check "a limit of $limit: $most ids" [ "$n" = "$most" ]
done
recovers "a limit that was not announced" 'GetUpdateData#1-2 limit 10' \
    'GetConfigData#2- limit 10'
refused "no limit is enough" 5 updateIds \
    'GetUpdateData fault InvalidParameters updateIds'

# 8. anchors
for form in wsus time text; do
	recovers "anchors as $form" "* anchor $form"
	up_modes "* anchor $form"
	metadata try
	[ $got = 0 ] && [ "$(up_count '^GetRevisionIdList 200 .* delta 0')" = 2 ]
	ok "anchors as $form: come back as they were" $?
done
recovers "no anchors" '* anchor empty'
up_modes '* anchor empty'
metadata try
[ $got = 0 ] && [ "$(up_count '^GetRevisionIdList 200 .* full')" = 2 ] &&
    [ "$(up_count '^GetUpdateData')" = 0 ]
ok "no anchors: whole lists" $?
cp -a want try2
up_modes 'GetRevisionIdList reject-anchor'
metadata try2
[ $got = 0 ] && [ "$(up_count '^GetRevisionIdList 500')" = 2 ] &&
    [ "$(up_count '^GetRevisionIdList 200 .* full')" = 2 ]
ok "an anchor refused: whole lists, once" $?
same try2
ok "an anchor refused: the same store" $?
rm -rf try2
refused "a filter refused" 5 filter \
    'GetRevisionIdList fault InvalidParameters filter'

up_stop
check "the upstream lived" [ "$up_status" = 0 ]
finish
