#!/bin/sh
# SPDX-License-Identifier: ISC
# What the upstream of our tests does wrong when it is told to, seen by curl.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"
if ! have curl || ! have xmllint || ! have cabextract; then
	skip "all" "no curl, xmllint or cabextract"
	finish
	exit
fi

up_store store --seed 7 --revisions 120 --payload-files 20 \
    --payload-bytes 2000000 --missing-files 2
ok "a store to serve" $?
up_start 0 --store store
ok "it starts" $?

session
list '<GetConfig>false</GetConfig>'
anchor=$(value Anchor)
cp ans all
mkdir docs
data 1 100
python3 "$shape" docs ans docs 2>err
check "100 documents" [ "$(ls docs | wc -l)" = 100 ]
first=$(grep -o '<UpdateID>[^<]*' all | sed -n '1s/.*>//p').$(grep -o \
    '<RevisionNumber>[^<]*' all | sed -n '1s/.*>//p')

# Modes of answers.
up_modes 'GetUpdateData#1 short 1' 'GetUpdateData#2 short 0'
data 1 10
check "short 1" [ "$(count ServerSyncUpdateData)" = 1 ]
data 1 10
check "short 0" [ "$(count ServerSyncUpdateData)" = 0 ]
data 1 10
check "and then all" [ "$(count ServerSyncUpdateData)" = 10 ]
up_modes "GetUpdateData poison $first"
data 2 5
check "a batch without the poisoned one" [ "$code" = 200 ]
data 1 5
fault "poison" InternalServerError ''
up_modes "GetUpdateData poison-mu $first"
data 1 5
value Message >message
says message "requested 5 updates, returned 4"
ok "poison-mu says how many" $?
says message ": $first"
ok "poison-mu says which" $?
for code in InternalServerError ServerChanged ServerBusy InvalidCookie; do
	up_modes "GetConfigData#1 fault $code Some words"
	want=$code
	call GetConfigData "$cookie"
	fault "fault" "$want" "Some words"
done
up_modes 'GetConfigData#1 fault-bare'
call GetConfigData "$cookie"
[ "$code" = 500 ] && [ "$(count ErrorCode)" = 0 ]
ok "fault-bare" $?
for status in 401 403 404 502 '503 7' 200; do
	up_modes "GetConfigData status $status"
	call GetConfigData "$cookie"
	[ "$code" = "${status%% *}" ] && grep -q '<html>' ans
	ok "status $status" $?
done
up_modes 'GetConfigData status 503 7'
call GetConfigData "$cookie"
check "Retry-After" grep -qx 'Retry-After: 7' out
up_modes 'GetConfigData#1 cut 100' 'GetConfigData#2 length 50000' \
    'GetConfigData#3 length 100' 'GetConfigData#4 drip 20000' \
    'GetConfigData#5 delay 300'
call GetConfigData "$cookie"
[ $sent = 18 ] && [ "$(wc -c <ans)" = 100 ]
ok "cut" $?
call GetConfigData "$cookie"
check "a length too long" [ $sent = 18 ]
call GetConfigData "$cookie"
[ $sent = 0 ] && [ "$(wc -c <ans)" = 100 ]
ok "a length too short" $?
for what in drip delay; do
	t=$(date +%s%N)
	call GetConfigData "$cookie"
	[ $sent = 0 ] && [ $((($(date +%s%N) - t) / 1000000)) -gt 280 ]
	ok "$what" $?
done
up_modes '* shuffle'
list '<GetConfig>true</GetConfig>'
[ "$(count UpdateIdentity)" = 20 ] &&
    xmllint --xpath "name((//*[local-name()='UpdateIdentity'])[1]/*[1])" ans |
    grep -qx RevisionNumber
ok "shuffle" $?
up_modes '* prefix s'
list '<GetConfig>true</GetConfig>'
grep -q '^<s:Envelope' ans && [ "$(count UpdateIdentity)" = 20 ]
ok "prefix s: no declaration" $?
up_modes '* prefix foo'
list '<GetConfig>true</GetConfig>'
grep -q '<foo1:UpdateIdentity>' ans && [ "$(count UpdateIdentity)" = 20 ]
ok "prefixes on everything" $?
up_modes '* unknown-elements'
list '<GetConfig>true</GetConfig>'
[ "$(count Stranger)" -gt 20 ] && [ "$(count UpdateIdentity)" = 20 ]
ok "unknown-elements" $?
up_modes '* nil'
list '<GetConfig>true</GetConfig>'
[ "$(xmllint --xpath "count(//@*[local-name()='nil'])" ans)" = 1 ]
ok "nil" $?
up_modes '* absent-arrays'
list "<Anchor>$anchor</Anchor><GetConfig>true</GetConfig>"
[ "$code" = 200 ] && [ "$(count NewRevisions)" = 0 ]
ok "absent-arrays" $?
up_modes '* upper'
list '<GetConfig>true</GetConfig>'
! value UpdateID | grep -q '[a-z]'
ok "upper" $?
up_modes '* xpress'
list '<GetConfig>true</GetConfig>'
grep -qix 'content-encoding: xpress' out && ! xmllint --noout ans 2>/dev/null
ok "xpress" $?

# Forms of documents.
for form in escaped cab cab8 cab-bom cab-name; do
	up_modes "GetUpdateData doc $form"
	rm -rf docs.form
	mkdir docs.form
	data 1 100
	python3 "$shape" docs ans docs.form 2>err
	n=$(ls docs.form | wc -l)
	for f in docs.form/*; do
		cmp -s "$f" "docs/${f#*/}" || n=-1
	done
	plain=0
	[ "$form" != escaped ] || plain=$n
	[ "$n" -gt 0 ] && [ "$(count XmlUpdateBlob)" = "$plain" ]
	ok "doc $form: the same documents" $?
done
for form in cab-truncated cab-size cab-two cab-bomb; do
	up_modes "GetUpdateData doc $form $first"
	data 1 2
	value XmlUpdateBlobCompressed | base64 -d >bad.cab
	[ "$(count ServerSyncUpdateData)" = 2 ]
	ok "doc $form for one of two" $?
	case $form in
	cab-two)
		[ "$(cabextract -l -q bad.cab 2>/dev/null | grep -c blob)" = 2 ]
		ok "cab-two: two members" $?
		;;
	cab-bomb)
		[ "$(wc -c <bad.cab)" -lt 1000000 ] &&
		    [ "$(cabextract -q -p bad.cab | wc -c)" -gt 134217728 ]
		ok "cab-bomb: much out of little" $?
		;;
	*)
		! cabextract -t bad.cab >/dev/null 2>&1
		ok "$form: does not unpack" $?
		;;
	esac
done
up_modes "GetUpdateData doc identity $first" "GetUpdateData other-bytes $first"
data 1 1
mkdir docs.other
python3 "$shape" docs ans docs.other
! grep -qi "${first%.*}" "docs.other/$first" &&
    grep -q 'urn:example:pad' "docs.other/$first"
ok "doc identity, other-bytes" $?
up_modes "GetUpdateData big $first 3000000"
data 1 2
python3 "$shape" docs ans docs.other
[ "$(wc -c <"docs.other/$first")" -ge 3000000 ] &&
    xmllint --noout "docs.other/$first" && [ "$(count ServerSyncUpdateData)" = 1 ]
ok "big: and nothing after 2,000,000 bytes" $?

# Sessions that end, clocks, limits.
up_modes 'GetCookie expire 2'
session
for n in 1 2; do
	call GetConfigData "$cookie"
	check "call $n of a cookie for 2" [ "$code" = 200 ]
done
call GetConfigData "$cookie"
fault "call 3" InvalidCookie ''
up_modes '* expire-auth'
session
check "an authorization for one cookie" [ "$code" = 200 ]
new_cookie
fault "and not for two" InvalidAuthorizationCookie ''
for shift in +86400 -86400; do
	up_modes "* clock $shift"
	session
	[ "$(date -u -d "$(value Expiration)" +%s)" -ge \
	    $(($(date +%s) + shift + 14000)) ] &&
	    [ "$(date -u -d "$(value Expiration)" +%s)" -le \
	    $(($(date +%s) + shift + 14800)) ]
	ok "clock $shift" $?
	call GetConfigData "$cookie"
	check "its cookie is good" [ "$code" = 200 ]
done
up_modes 'GetConfigData limit 7'
session
call GetConfigData "$cookie"
check "limit 7" [ "$(value MaxNumberOfUpdatesPerRequest)" = 7 ]
data 1 8
fault "8 ids" InvalidParameters updateIds
data 1 7
check "7 ids" [ "$code" = 200 ]
up_modes 'GetConfigData limit 100000' 'GetUpdateData#2 limit 20'
call GetConfigData "$cookie"
check "limit 100000" [ "$(value MaxNumberOfUpdatesPerRequest)" = 100000 ]
data 1 100
check "100 ids" [ "$code" = 200 ]
data 1 21
fault "a limit that was not announced" InvalidParameters updateIds

# Lists that are odd.
up_modes 'GetRevisionIdList#1 repeat'
list '<GetConfig>true</GetConfig>'
n=$(count UpdateIdentity)
low=$(grep -o '<UpdateIdentity>[^/]*/UpdateID><RevisionNumber>1</Rev[^/]*/UpdateIdentity>' \
    ans | tail -n 1)
check "repeat: more than one revision" [ "$n" -gt 20 ]
call GetUpdateData "$cookie<updateIds>$low</updateIds>"
[ "$code" = 200 ] && [ "$(value RevisionNumber)" = 1 ]
ok "the low one can be had" $?
up_modes "GetRevisionIdList omit $first"
list '<GetConfig>false</GetConfig>'
check "omit" [ "$(count UpdateIdentity)" = 99 ]
up_modes "GetRevisionIdList unlisted-children"
list '<GetConfig>false</GetConfig>'
n=$(sqlite3 store/store.db 'SELECT count(*) FROM revision r WHERE type < 3
    AND NOT EXISTS (SELECT 1 FROM bundle b WHERE b.id = r.id
    AND b.revision = r.revision)')
check "unlisted-children" [ "$(count UpdateIdentity)" = "$n" ]
up_modes 'GetRevisionIdList many 30000'
list '<GetConfig>false</GetConfig>'
check "many" [ "$(count UpdateIdentity)" = 30100 ]
lost=$(grep -o '<UpdateIdentity><UpdateID>f00d[^/]*/UpdateID>[^/]*/RevisionNumber></UpdateIdentity>' \
    ans | tail -n 1)
call GetUpdateData "$cookie<updateIds>$lost</updateIds>"
fault "one of many" InternalServerError ''
up_modes 'GetRevisionIdList invent 5'
call GetUpdateData "$cookie<updateIds>$lost</updateIds>"
check "invented ones can be had" [ "$code" = 200 ]
up_modes "GetRevisionIdList list $(echo "$first" | sed 's/[.].*/.77/')"
list '<GetConfig>false</GetConfig>'
check "list: one more" [ "$(count UpdateIdentity)" = 101 ]
up_modes '* nest 3'
list '<GetConfig>false</GetConfig>'
check "nest: the first is listed" [ "$(count UpdateIdentity)" = 101 ]
third=$(echo "$lost" | sed 's/>\(f00d.*\)[0-9a-f]\{8\}</>\100000002</')
call GetUpdateData "$cookie<updateIds>$third</updateIds>"
value XmlUpdateBlob >doc
grep -q UpdateIdentity doc && ! grep -q BundledUpdates doc
ok "the third bundles nothing" $?
up_modes '* circle 3'
call GetUpdateData "$cookie<updateIds>$third</updateIds>"
value XmlUpdateBlob | grep -q '<upd:BundledUpdates>.*00000000"'
ok "circle: but the first" $?
up_modes 'GetUpdateData twice' 'GetUpdateData unasked'
data 1 3
check "twice, unasked" [ "$(count ServerSyncUpdateData)" = 5 ]
up_modes "GetDeployments approve $first" "GetDeployments decline $first"
call GetDeployments "$cookie<syncAnchor>$anchor</syncAnchor>"
[ "$(count ServerSyncDeployment)" = 1 ] &&
    [ "$(value HiddenUpdates)" = "${first%.*}" ]
ok "approve, decline" $?

# Payload.
file=$(cd store/WsusContent && find . -name '*.*' -size +20k | sort |
    sed -n '1s,^\./,,p')
sha1=$(basename "${file%.*}")
size=$(stat -c %s "store/WsusContent/$file")
url=$up_base/Content/$file
up_modes
get "$url"
etag=$(sed -n 's/^ETag: //p' out)
up_modes 'Content ignore-range'
get -r 1000- "$url"
check "ignore-range" whole
up_modes 'Content 416'
get -r 1000- "$url"
check "416" [ "$code" = 416 ]
get "$url"
check "and the whole" whole
up_modes 'Content wrong-range'
get -r 1000- "$url"
[ "$code" = 206 ] && grep -qi "^content-range: bytes 500-" out
ok "wrong-range" $?
up_modes 'Content#1 404'
get "$url"
check "404" [ "$code" = 404 ]
get "$url"
check "once" whole
up_modes "Content=$sha1#2 404"
get "$url"
check "the second of one file" whole
get "$url"
check "404 for it" [ "$code" = 404 ]
up_modes 'Content 404-until-asked'
get "$url"
check "404-until-asked" [ "$code" = 404 ]
digest=$(echo "$sha1" | xxd -r -p | base64)
call DownloadFiles "$cookie<fileDigestList><base64Binary>$digest\
</base64Binary></fileDigestList>"
check "DownloadFiles" [ "$code" = 200 ]
get "$url"
check "and there it is" whole
lost='AAAAAAAAAAAAAAAAAAAAAAAAAAA='
call DownloadFiles "$cookie<fileDigestList><base64Binary>$lost</base64Binary>\
<base64Binary>$digest</base64Binary><base64Binary>$lost</base64Binary>\
</fileDigestList>"
fault "digests that nobody knows" FileDigestsMissing "$lost|$lost"
up_modes 'Content wrong-bytes'
get "$url"
[ "$code" = 200 ] && [ "$(wc -c <body)" = "$size" ] && ! whole
ok "wrong-bytes" $?
up_modes 'Content short'
get "$url"
[ $sent = 0 ] && [ "$(wc -c <body)" = $((size / 2)) ]
ok "short" $?
up_modes 'Content long'
get "$url"
[ $sent = 0 ] && [ "$(wc -c <body)" = $((size * 2)) ]
ok "long" $?
up_modes 'Content double'
get "$url"
[ $sent = 0 ] && [ "$(wc -c <body)" = $((size * 2)) ] &&
    grep -qix 'transfer-encoding: chunked' out
ok "double" $?
up_modes 'Content chunked'
get "$url"
whole && grep -qix 'transfer-encoding: chunked' out
ok "chunked" $?
up_modes 'Content etag'
get -r 1000- -H "If-Range: $etag" "$url"
check "etag" whole
up_modes 'Content#1 redirect' 'Content#2 redirect http://127.0.0.1:1/x'
get "$url"
[ "$code" = 302 ] && grep -qi "^location: $url" out
ok "redirect" $?
get "$url"
[ "$code" = 302 ] && grep -qix 'location: http://127.0.0.1:1/x' out
ok "redirect elsewhere" $?
up_modes 'Content cut 5000'
get "$url"
[ $sent = 18 ] && [ "$(wc -c <body)" = 5000 ]
ok "cut in a file" $?
up_modes 'Content drip 40000'
t=$(date +%s%N)
get -r 0-19999 "$url"
[ "$(wc -c <body)" = 20000 ] && [ $((($(date +%s%N) - t) / 1000000)) -gt 350 ]
ok "drip" $?

# A mode that is none.
up_modes 'GetConfigData nonsense'
call GetConfigData "$cookie"
ended "$up_pid"
check "an unknown mode ends it" [ $? = 2 ]
up_pid=
says up.err 'line 1: no mode'
ok "and says where" $?
finish
