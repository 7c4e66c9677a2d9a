#!/bin/sh
# SPDX-License-Identifier: ISC
# The upstream that we fetch from in tests, asked by curl: that it answers as a
# real one was seen to, and does wrong what it is told to.
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

# A session.
call GetAuthConfig ''
same_shape 000001 GetAuthConfig
session
same_shape 000003 GetCookie
call GetAuthorizationCookie "<accountName>a.example.org</accountName>\
<accountGuid>5d0c9a52-7d3e-4f0b-9a64-0c1b2f4e8a71</accountGuid>"
same_shape 000002 GetAuthorizationCookie
call GetAuthorizationCookie "<accountName>a b</accountName>\
<accountGuid>5d0c9a52-7d3e-4f0b-9a64-0c1b2f4e8a71</accountGuid>"
fault "a name that is none" InvalidParameters machineName
call GetAuthorizationCookie "<accountName>a</accountName>\
<accountGuid>5d0c9a52</accountGuid>"
fault "an id that is none" InvalidParameters accountGuid
call GetCookie '<protocolVersion>1.20</protocolVersion>'
fault "no authorization" InvalidParameters authCookies
part="<authCookies><AuthorizationCookie><CookieData>$token</CookieData>\
</AuthorizationCookie></authCookies>"
call GetCookie "$part<protocolVersion>one</protocolVersion>"
fault "a version that is none" InvalidParameters protocolVersion
call GetCookie "$part<protocolVersion>2.0</protocolVersion>"
fault "another protocol" IncompatibleProtocolVersion ''
call GetCookie "$(echo "$part" | sed 's/<CookieData>./<CookieData>x/')\
<protocolVersion>1.20</protocolVersion>"
fault "a damaged authorization" InvalidAuthorizationCookie ''
call GetConfigData "$cookie"
same_shape 000005 GetConfigData
[ "$(count ServerSyncLanguageData)" = 39 ]
ok "all languages at first" $?
call GetConfigData "$cookie<configAnchor>$(value NewConfigAnchor)</configAnchor>"
same_shape 000004 "GetConfigData with an anchor"
call GetConfigData ''
fault "no cookie" InvalidCookie ''
same_shape 000019 "a fault"
send //SERVERSYNCWEBSERVICE//serverSyncWebService.ASMX GetAuthConfig \
    --data-binary '<x:Envelope xmlns:x="http://schemas.xmlsoap.org/soap/envelope/"><x:Body><y:GetAuthConfig xmlns:y="u"/></x:Body></x:Envelope>'
check "any case and any slashes" [ "$code" = 200 ]

# Lists.
list '<GetConfig>true</GetConfig>'
same_shape 000006 "GetRevisionIdList of categories"
anchor=$(value Anchor)
[ "$(count UpdateIdentity)" = 20 ]
ok "all categories and detectoids" $?
list '<GetConfig>false</GetConfig>'
[ "$(count UpdateIdentity)" = 100 ]
ok "all updates without a filter" $?
cp ans all
product=$(sqlite3 store/store.db "SELECT lower(hex(c.id)) FROM rev_category l
    JOIN revision c ON c.row = l.category WHERE l.kind = 4
    GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
class=$(sqlite3 store/store.db "SELECT lower(hex(c.id)) FROM rev_category l
    JOIN revision c ON c.row = l.category WHERE l.kind = 1
    GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
want=$(sqlite3 store/store.db "SELECT count(*) FROM revision r WHERE type < 3
    AND EXISTS (SELECT 1 FROM rev_category l JOIN revision c
    ON c.row = l.category WHERE l.rev = r.row AND hex(c.id) = upper('$product'))
    AND EXISTS (SELECT 1 FROM rev_category l JOIN revision c
    ON c.row = l.category WHERE l.rev = r.row AND hex(c.id) = upper('$class'))")
cats=$(one Categories "$product" false)
classes=$(one Classifications "$class" false)
list "<GetConfig>false</GetConfig>$cats$classes"
[ "$want" -gt 0 ] && [ "$(count UpdateIdentity)" = "$want" ]
ok "a product and a classification" $?
same_shape 000009 "GetRevisionIdList of updates"
list "<GetConfig>false</GetConfig>$cats"
[ "$code" = 200 ] && [ "$(count UpdateIdentity)" = 0 ]
ok "categories alone list nothing" $?
same_shape 000007 "GetRevisionIdList of nothing"
list "<GetConfig>false</GetConfig>$classes"
[ "$code" = 200 ] && [ "$(count UpdateIdentity)" = 0 ]
ok "classifications alone list nothing" $?
list "<Anchor>$anchor</Anchor><GetConfig>false</GetConfig>$cats$classes"
[ "$(count UpdateIdentity)" = "$want" ]
ok "an anchor without delta changes nothing" $?
list "<Anchor>$anchor</Anchor><GetConfig>false</GetConfig>\
$(one Categories "$product" true)$(one Classifications "$class" true)"
[ "$code" = 200 ] && [ "$(count UpdateIdentity)" = 0 ]
ok "a delta of nothing new" $?
list "<Anchor>$anchor</Anchor><GetConfig>true</GetConfig>"
[ "$code" = 200 ] && [ "$(count UpdateIdentity)" = 0 ]
ok "no new categories" $?
list "<Anchor>110,2026-10-04 16:33:26.734</Anchor><GetConfig>false</GetConfig>"
[ "$(count UpdateIdentity)" = "$(sqlite3 store/store.db \
    'SELECT count(*) FROM revision WHERE type < 3 AND row > 110')" ]
ok "a delta has what came after its anchor" $?
list "<Anchor>garbage</Anchor><GetConfig>false</GetConfig>"
fault "an anchor that is none" InvalidParameters filter
same_shape 000018 "that fault"
up_modes 'GetRevisionIdList#1-3 anchor time' 'GetRevisionIdList#4-6 anchor text' \
    'GetRevisionIdList#7 anchor empty' 'GetRevisionIdList#8 reject-anchor'
for form in time text; do
	for n in 1 2 3; do
		list "<GetConfig>false</GetConfig>"
		text=$(value Anchor)
		[ $n = 2 ] || continue
		esc=$(echo "$text" | sed 's/&/\&amp;/g; s/</\&lt;/g')
		list "<Anchor>$esc</Anchor><GetConfig>false</GetConfig>"
		[ "$code" = 200 ] && [ "$(count UpdateIdentity)" = 0 ]
		ok "its own anchor: $text" $?
		break
	done
done
list "<GetConfig>true</GetConfig>"
check "an empty anchor" [ "$(value Anchor)" = '' ]
list "<Anchor>$anchor</Anchor><GetConfig>true</GetConfig>"
fault "an anchor refused" InvalidParameters filter

# Documents.
up_modes
mkdir docs
data 1 100
cp ans hundred
python3 "$shape" docs ans docs 2>err
check "100 documents" [ "$(ls docs | wc -l)" = 100 ]
bad=0
for f in docs/*; do
	n=${f#docs/}
	sum=$(sqlite3 store/store.db "SELECT lower(hex(sha256)) FROM revision
	    WHERE id = x'$(echo "${n%.*}" | tr -d -)' AND revision = ${n##*.}")
	[ "$(sha256sum <"$f")" = "$sum  -" ] || bad=$((bad + 1))
done
check "every one as it is in the store" [ $bad = 0 ]
with_file=$(sqlite3 store/store.db "SELECT lower(hex(r.id)) || ' ' || revision
    FROM revision r JOIN rev_file l ON l.rev = r.row WHERE r.units > 2560
    GROUP BY r.row HAVING count(*) = 1 LIMIT 1")
call GetUpdateData "$cookie<updateIds><UpdateIdentity>\
<UpdateID>$(guid "${with_file% *}")</UpdateID>\
<RevisionNumber>${with_file#* }</RevisionNumber></UpdateIdentity></updateIds>"
same_shape 000014 "GetUpdateData of a cabinet"
plain=$(sqlite3 store/store.db "SELECT lower(hex(id)) || ' ' || revision
    FROM revision r WHERE units <= 2560 AND NOT EXISTS
    (SELECT 1 FROM rev_file WHERE rev = r.row) LIMIT 1")
call GetUpdateData "$cookie<updateIds><UpdateIdentity>\
<UpdateID>$(guid "${plain% *}")</UpdateID>\
<RevisionNumber>${plain#* }</RevisionNumber></UpdateIdentity></updateIds>"
same_shape 000015 "GetUpdateData of plain text"
call GetUpdateData "$cookie<updateIds>$(ids 1 100)$(ids 1 1)</updateIds>"
fault "101 ids" InvalidParameters updateIds
call GetUpdateData "$cookie<updateIds></updateIds>"
fault "no ids" InvalidParameters updateIds
lost="<UpdateIdentity><UpdateID>00000000-0000-0000-0000-000000000001\
</UpdateID><RevisionNumber>1</RevisionNumber></UpdateIdentity>"
call GetUpdateData "$cookie<updateIds>$(ids 1 3)$lost</updateIds>"
fault "an unknown id" InternalServerError ''
same_shape 000017 "that fault"
call GetUpdateDecryptionData "$cookie<updateIds>$(ids 1 3)</updateIds>"
[ "$code" = 200 ] && [ "$(count ServerSyncUpdateFileDecryption)" = 3 ]
ok "keys, of which there are none" $?
call GetRelatedRevisionsForUpdates "$cookie<updateIDs>\
<guid>$(guid "$product")</guid></updateIDs>"
check "the newest revision of an id" [ "$(value UpdateID)" = "$(guid "$product")" ]
call GetDeployments "$cookie<syncAnchor>$anchor</syncAnchor>"
check "target groups" [ "$(count ServerSyncTargetGroup)" = 2 ]
call GetDeployments "$cookie<syncAnchor></syncAnchor>"
fault "deployments without an anchor" InvalidParameters syncAnchor
call Ping ''
check "Ping" [ "$code" = 200 ]
call GetDriverIdList "$cookie"
check "no drivers" [ "$code" = 200 ]
call Nonsense "$cookie"
fault "an operation that is none" InternalServerError ''

# Payload.
file=$(cd store/WsusContent && find . -name '*.*' -size +20k | sort |
    sed -n '1s,^\./,,p')
sha1=$(basename "${file%.*}")
size=$(stat -c %s "store/WsusContent/$file")
url=$up_base/Content/$file
up_modes
get "$url"
check "a file" whole
get "$up_base//content//$(echo "$file" | tr A-Z a-z)"
check "in any case" whole
get "$up_base/mu/$(basename "$file")"
check "by MUUrl" whole
grep -q "<MUUrl>$up_base/mu/$sha1[.]" hundred
ok "MUUrl leads here" $?
get -r 1000-1999 "$url"
[ "$code" = 206 ] && grep -qix "content-range: bytes 1000-1999/$size" out &&
    tail -c +1001 "store/WsusContent/$file" | head -c 1000 | cmp -s - body
ok "a range" $?
etag=$(sed -n 's/^ETag: //p' out) when=$(sed -n 's/^Last-Modified: //p' out)
get -r 1000- -H "If-Range: $etag" "$url"
check "If-Range by ETag" [ "$code" = 206 ]
get -r 1000- -H "If-Range: $when" "$url"
check "If-Range by date" [ "$code" = 206 ]
get -r 1000- -H 'If-Range: "other"' "$url"
check "If-Range of something else" whole
get -r -10 "$url"
[ "$code" = 206 ] && tail -c 10 "store/WsusContent/$file" | cmp -s - body
ok "the last bytes" $?
get -r "$size-" "$url"
check "beyond the end" [ "$code" = 416 ]
code=$(curl -sS --noproxy '*' -I -o out -w '%{http_code}' "$url")
[ "$code" = 200 ] && grep -qi "content-length: $size" out
ok "HEAD" $?
get "$up_base/Content/00/$(basename "$file")"
check "the wrong folder" [ "$code" = 404 ]
get "${url%.*}"
check "no extension" [ "$code" = 403 ]
up_count "^Content 206 1000 $sha1 1000-1999\$" >/dev/null
ok "the log says what was sent" $?
gone=$(sqlite3 store/store.db \
    'SELECT hex(sha1) || "." || ext FROM file WHERE NOT present LIMIT 1')
name=${gone%.*}
up_modes
get "$up_base/Content/${name#??????????????????????????????????????}/$gone"
check "a file that the store lacks" [ "$code" = 404 ]

# A store that grows while it is served.
up_stop
check "SIGTERM" [ "$up_status" = 0 ]
up_start "${up_base##*:}" --store store --catalog-only
check "the same port again" [ "$up_base" = "${url%%/Content*}" ]
call GetConfigData "$cookie"
fault "a cookie of an earlier server" InvalidCookie ''
session
call GetConfigData "$cookie"
check "--catalog-only" [ "$(value CatalogOnlySync)" = true ]
gencatalogue --languages en --seed 8 --revisions 30 --out more.gen >out 2>&1 &&
    wsusferry-import -q --unsigned --store store more.gen/wsusexport.cab \
	>out 2>err
list "<Anchor>$anchor</Anchor><GetConfig>true</GetConfig>"
n=$(count UpdateIdentity)
list "<Anchor>$anchor</Anchor><GetConfig>false</GetConfig>"
[ $((n + $(count UpdateIdentity))) = 30 ]
ok "a delta has what was imported meanwhile" $?
up_stop

# Recorded answers.
if [ -d "$samples/server-sync/exchanges" ]; then
	up_start 0 --replay "$samples/server-sync/exchanges"
	for n in "$samples"/server-sync/exchanges/*; do
		rm -f ans
		action=$(sed -n 's/^Soapaction: "\(.*\)"\r*$/\1/p' \
		    "$n/request.headers")
		case $action in
		*GetAuthorizationCookie)
			path=/DssAuthWebService/DssAuthWebService.asmx
			;;
		*) path=/ServerSyncWebService/ServerSyncWebService.asmx ;;
		esac
		send "$path" "${action##*/}" --data-binary @"$n/request.body"
		cmp ans "$n/response.body" >err 2>&1 &&
		    [ "$code" = "$(sed -n '1s/[^ ]* \([0-9]*\).*/\1/p' \
			"$n/response.headers")" ]
		ok "recorded answer $(basename "$n")" $?
	done
	up_stop
else
	skip "recorded answers" "no samples"
fi
finish
