#!/bin/sh
# SPDX-License-Identifier: ISC
# The server's pages for people and lists for scripts.
set -u
. "$(dirname "$0")/serve_common"

# What a search finds, as people see it: "N updates".
finds() { # query
	get "$base?$1" && [ "$code" = 200 ] &&
	    found=$(sed -n 's/^<caption>\([0-9]*\) update.*/\1/p' body)
	echo "${found:-0}"
}

pages() {
	get "$base"
	[ "$code" = 200 ] && has 'content-type: text/html; charset=utf-8' &&
	    says body 'page 1 of' && says body '>Next</a>' &&
	    says body '<p class="status">Newest release held: 20' &&
	    says body 'Last import: wsusexport.cab on 20' &&
	    ! says body '<script'
	ok "the page for people" $?
	cp body first
	xmllint --html --noout body 2>&1 | grep -v 'invalid$' | grep error: >err
	[ ! -s err ]
	ok "xmllint reads it" $?
	[ "$(grep -c '^<tr><th scope="row">' body)" = 100 ]
	ok "100 updates a page" $?
	tag=$(sed -n 's/^[Ee][Tt]ag: //p' out)
	status "the page, unchanged" 304 -H "If-None-Match: $tag" "$base"
	get --compressed -H 'Accept-Encoding: gzip' "$base" &&
	    has 'content-encoding: gzip' && has 'vary: accept-encoding' &&
	    cmp first body >err 2>&1 && ! has "etag: $tag"
	ok "packed, it is the same with another tag" $?
	get "$base?page=2" && says body 'page 2 of' &&
	    says body '>Previous</a>'
	ok "the second page" $?
	title=$(wsusferry-list -q -s st --json updates | jq -r \
	    'select(.kb[0] and (.title | startswith("20"))) | .kb[0]' |
	    tail -n 1)
	get "$base?q=kb$title" && says body "KB$title" &&
	    says body 'page 1 of 1'
	ok "search for a KB number" $?
	get "$base?q=%22%3E%3Cscript%3E" && ! says body '<script' &&
	    [ "$code" = 200 ] && says body 'No update matches <q>'
	ok "what is searched for is escaped" $?
	echoed
	all=$(finds '')
	n=$(finds 'state=newest') m=$(finds 'state=superseded')
	k=$(finds 'state=expired')
	[ "$n" -gt 0 ] && [ "$m" -gt 0 ] && [ "$k" -gt 0 ] &&
	    [ $((n + m + k)) = "$all" ]
	ok "each is in one state" $?
	[ "$(finds "q=update+kb$title")" = 1 ] &&
	    [ "$(finds "q=update%20kb$title&x=y&state=&product=")" = 1 ]
	ok "two words, by a plus sign or an escape" $?
	product=$(sed -n 's/.*<option value="\([0-9a-f-]\{36\}\)">.* ([0-9]*).*/\1/p' \
	    first | head -n 1)
	label=$(sed -n "s/.*<option value=\"$product\">\(.*\) ([0-9]*).*/\1/p" \
	    first)
	get "$base?q=update&product=$product" && says body \
	    " with <q>update</q>, product $label, youngest first; page 1 of"
	ok "what was asked stands in words, for paper" $?
	what='page 0 400 page=0 number|a page beyond the last 404 page=4000000000 list has|a search that is not UTF-8 400 q=%ff UTF-8|a search of 3,000 bytes 400 q=LONG 200 bytes|a product that is none 400 product=x GUID|a state that is none 400 state=old superseded|a payload that is none 400 payload=x left-out|half an escape in a query 400 q=%2 malformed'
	echo "$what" | tr '|' '\n' | sed -E \
	    's/^(.*) (4[0-9]{2}) ([^ ]*) (.*)$/\1|\2|\3|\4/' >rows
	while IFS='|' read -r row want query says; do
		get "$base?$(echo "$query" | sed "s/LONG/$long/")"
		[ "$code" = "$want" ] && says body "$says" &&
		    says body '<h1>' && has 'content-type: text/html.*'
		ok "$row: $want, and it says why" $?
	done <rows

	update
	lists
}

# What a client says comes back as text, wherever it can come back at all: pages,
# lists, what stands on a terminal.
echoed() {
	x='%22%27%3E%3Cscript%3Ealert(1)%3C/script%3E'
	for row in "?q=$x" "?product=$x" "?class=$x" "?severity=$x" \
	    "?state=$x" "?payload=$x" "?page=$x" "?$x=$x" "?q=a&severity=$x" \
	    "$x" "update/$x" "transfer/$x" "with/$x" "Content/$x" \
	    "Content/00/$x.cab" "d/msdownload/$x" "SelfUpdate/$x" \
	    "updates.csv?q=$x" "index.json?q=$x"; do
		get -H "Referer: <script>" -A "<script>" "$base$row"
		case $code in
		200 | 400 | 404) ;;
		*) echo "$row: $code" >>bad ;;
		esac
		grep -il '<script' body head >/dev/null && echo "$row" >>bad
	done
	[ ! -s bad ] || cat bad >err
	[ ! -s bad ]
	ok "19 places where a client's text is text" $?
	get "${base}updates.csv" && cp body plain &&
	    get "${base}updates.csv?q=%3D1%2B1" && cmp body plain >err 2>&1
	ok "no list has anything of it" $?
	raw "GET /\033]0;x\007 HTTP/1.1\r\nHost: \033[31m\r\n\r\n"
	raw "GET /%%1b]0;x%%07%%9b HTTP/1.1\r\nHost: a\r\nUser-Agent: \033[31m\302\2331m\r\nConnection: close\r\n\r\n"
	LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177-\237]')" log summary
	[ $? = 1 ]
	ok "nothing of it on the terminal" $?
}

# The page of one update, and of what brought it.
update() {
	sha=$(basename "${name%.*}")
	get "$base?q=$sha"
	href=$(sed -n 's,.*<a href="\(update/[^"]*\)".*,\1,p' body | head -n 1)
	get "$base$href"
	[ "$code" = 200 ] && says body "<code>$sha</code>" &&
	    says body "curl -C - -o " && says body " ${base}$path"
	ok "the page of the update that has a file" $?
	grep -o "curl -C - -o [^ ]* ${base}$path" body | head -n 1 |
	    sed 's/^curl /curl -sS --noproxy "*" /; s/-o [^ ]*/-o copied/' \
		>command
	sh ./command 2>err && cmp copied "$file" >>err 2>&1
	ok "its command brings the file" $?
	get -H 'Host: <b>"' "$base$href"
	[ "$code" = 400 ] || { ! says body '<b>' &&
	    says body 'http://SERVER:8530/Content/'; }
	ok "a host that can be none is not told" $?
	way=$(sed -n 's/.*<a href="\.\.\/\(transfer\/[^"]*\)".*/\1/p' body)
	[ -n "$way" ] || way=transfer/1
	status "the transfer that brought it" 200 "$base$way"
	says body 'imported as unsigned'
	ok "it says how" $?
	status "all transfers" 200 "${base}transfers"
	status "a transfer that is none" 404 "${base}transfer/77"
	says body 'no record'
	ok "it says so" $?
	status "an update that is not held" 404 \
	    "${base}update/00000000-0000-0000-0000-00000000abcd"
	status "an update without a GUID" 404 "${base}update/x"
	status "no page" 404 "${base}nowhere"
	says body 'There is no such page'
	ok "it is a page that says so" $?
}

lists() {
	get "${base}updates.csv" && [ "$code" = 200 ] &&
	    has 'content-type: text/csv; charset=utf-8; header=present'
	ok "updates.csv" $?
	wsusferry-list -q -s st --csv updates >want
	cmp want body >err 2>&1
	ok "it is what wsusferry-list prints" $?
	get "${base}updates.csv" && has 'etag: .*' && cmp want body >err 2>&1
	ok "and again, with a tag" $?
	get "${base}index.json"
	[ "$code" = 200 ] && jq -e '.format == 1 and (.lacking | has("absent_files"))' body >err 2>&1
	ok "the index for scripts" $?
	wsusferry-list -q -s st --json updates |
	    jq -r 'select(.type == "update") | .id + " " + .state' |
	    sort >want
	jq -r '.updates[] | .id + " " + .state' body | sort >is
	cmp want is >err 2>&1
	ok "it has every update, as wsusferry-list" $?
	(cd st/WsusContent && find ./?? -type f | sed 's/^\./Content/' |
	    sort) >want
	jq -r '.files[].href | select(.)' body | sort >is
	cmp want is >err 2>&1
	ok "it has every file" $?
	get -I "${base}index.json" && [ "$code" = 200 ]
	ok "HEAD of the index" $?
	cp body once
	get "${base}index.json" && [ "$code" = 200 ] && cp body once &&
	    has 'cache-control: no-cache' &&
	    has 'content-type: application/json' && ! has 'last-modified:.*' &&
	    tag=$(sed -n 's/^[Ee][Tt]ag: //p' out) && [ -n "$tag" ]
	ok "asked for again it has a tag" $?
	status "unchanged" 304 -H "If-None-Match: $tag" "${base}index.json"
	status "unchanged since, which has no date" 200 -H \
	    "If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT" \
	    "${base}index.json"
	get -r 10-19 "${base}index.json" && [ "$code" = 206 ] &&
	    dd if=once bs=1 skip=10 count=10 2>err | cmp -s - body
	ok "a range of it" $?
}

make_store
start -s st
long=$(head -c 3000 /dev/zero | tr '\0' a)
snapshot st >before
pages
snapshot st >after
cmp before after >err 2>&1
ok "showing pages changed nothing" $?
stop
finish
