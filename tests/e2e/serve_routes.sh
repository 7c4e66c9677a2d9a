#!/bin/sh
# SPDX-License-Identifier: ISC
# What is served beside /Content: the paths of Microsoft's own addresses,
# wsusscn2.cab, SelfUpdate, what transfers brought along; what is asked for in
# vain is said and counted.
set -u
. "$(dirname "$0")/serve_common"

gets() { # name, path, file
	get "$base$2"
	[ "$code" = 200 ] && cmp body "$3" >>err 2>&1 &&
	    has 'content-type: application/octet-stream'
	ok "$1" $?
}

downloads() {
	sha=$(basename "${lower%.*}") ext=${name##*.}
	gets "a path of Microsoft's own" \
	    "d/msdownload/update/software/secu/2026/11/a-kb1-x64_$sha.$ext" \
	    "$file"
	gets "the same in upper case" \
	    "D/MSDOWNLOAD/UPDATE/SOFTWARE/A_$(echo "$sha" | tr a-f A-F).CAB" \
	    "$file"
	gets "with msdownload within" \
	    "x/y/msdownload/update/v3/static/$sha.$ext?query" "$file"
	raw "GET http://download.windowsupdate.com/c/msdownload/update/others/a_$sha.$ext HTTP/1.1\r\nHost: download.windowsupdate.com\r\nRange: bytes=0-0\r\nConnection: close\r\n\r\n"
	[ "$code" = 206 ]
	ok "of any host" $?
	status "no digest at the end" 404 "${base}d/msdownload/update/a.cab"
	status "a digest and something more" 404 \
	    "${base}d/msdownload/${sha}x.cab"
	status "a digest that begins within a word" 404 \
	    "${base}d/msdownload/xyz$sha.cab"
	status "a digest elsewhere" 404 "${base}e/a_$sha.cab"
}

operators() {
	gets "the catalogue that the operator names" wsusscn2.cab scan/cat.cab
	gets "in any case of letters" WSUSSCN2.CAB scan/cat.cab
	has 'etag: ".*"' && has 'last-modified: .* GMT' &&
	    has 'cache-control: no-cache'
	ok "it may be another one the next time" $?
	printf 'another catalogue' >scan/.new && mv scan/.new scan/cat.cab
	gets "another one in its place is seen" wsusscn2.cab scan/cat.cab
	gets "a file of SelfUpdate" SelfUpdate/wuident.cab su/wuident.cab
	gets "beneath it, in any case of letters" \
	    selfupdate/wsus3/X64/other/WSUS3SETUP.CAB \
	    su/WSUS3/x64/Other/wsus3setup.cab
	for p in SelfUpdate/ SelfUpdate/WSUS3 SelfUpdate/none.cab \
	    SelfUpdate/link.cab SelfUpdate/out/cat.cab \
	    SelfUpdate/../scan/cat.cab SelfUpdate/%2e%2e/scan/cat.cab \
	    SelfUpdate/.hidden SelfUpdate//etc/passwd; do
		status "not $p" 404 "$base$p"
	done
}

brought() {
	gets "a file that was brought along" with/tools/sub/setup.exe \
	    st/with/tools/sub/setup.exe
	has 'content-disposition: attachment' &&
	    has 'x-content-type-options: nosniff'
	ok "is saved, and never shown" $?
	status "a page of it, too" 200 "${base}with/tools/page.html"
	has 'content-disposition: attachment' &&
	    has 'content-type: application/octet-stream'
	ok "is saved as well" $?
	get "${base}with/" && says body 'href="../with/tools/sub/setup.exe"' &&
	    says body '>Brought along<' && ! says body link.exe
	ok "all that was brought along is listed" $?
	get "${base}with/tools" &&
	    says body 'href="../with/tools/page.html"'
	ok "a folder of it" $?
	get "${base}with/tools/sub/" &&
	    says body 'href="../../../with/tools/sub/setup.exe"'
	ok "a folder within" $?
	get "$base" && says body '<a href="with/">Brought along</a>'
	ok "the first page leads there" $?
	for p in with/none with/tools/none with/tools/link.exe \
	    with/../store.db with/tools/%2e%2e/%2e%2e/store.db \
	    with/tools/.x; do
		status "not $p" 404 "$base$p"
	done
	get -I "${base}with/tools/sub/setup.exe" && [ "$code" = 200 ]
	ok "HEAD" $?
}

vain() { # the first absent file: asked for by two addresses
	away=$(wsusferry-list -q -s st --json --absent files |
	    jq -r '.sha1' | head -n 1)
	p=Content/$(echo "$away" | cut -c 39-40)/$away
	get "$base$p" && [ "$code" = 404 ] &&
	    says body "is named by an update of this store, and is not here"
	ok "what the store knows and lacks is said" $?
	get "$base$p.cab"
	get --interface 127.0.0.2 "$base$p.cab"
	get "${base}d/msdownload/update/x_$away.cab"
	zero=Content/00/0000000000000000000000000000000000000000.cab
	get "$base$zero" && [ "$code" = 404 ] &&
	    says body "no update of this store names this file"
	ok "what it does not know, too" $?
	await test -s state/wanted.tsv
	[ -s state/wanted.tsv ] && ! grep -q 127 state/wanted.tsv
	ok "it is kept, without addresses" $?
}

wanted() {
	run 0 wsusferry-list --state state wanted && says out "$away" &&
	    says out ' 4    2 ' && says err '1 file'
	ok "the list of what is wanted: 4 requests of 2 addresses" $?
	run 0 wsusferry-list -q -s st --state state --json wanted &&
	    head -n 1 out | jq -e ".sha1 == \"$away\" and
		.requests == 4 and .addresses == 2 and .state == \"absent\"
		and .size > 0 and (.title | length) > 0" >>err 2>&1
	ok "with what the store knows of it" $?
	run 0 wsusferry-list -q -s st --state state --csv wanted &&
	    says out 'SHA-1,Requests,Addresses,First,Last,State,Name,Size,KB' &&
	    says out "$away,4,2,20"
	ok "as CSV" $?
	mkdir -p none
	run 0 wsusferry-list --state none wanted && says err '0 files'
	ok "of a server that was never asked in vain" $?
	run 2 wsusferry-list -s st wanted && says err 'with --state DIR'
	ok "no state: 2" $?
	run 2 wsusferry-list -s st --state state files &&
	    says err 'goes with the list of what is wanted'
	ok "a state with another list: 2" $?
	run 3 wsusferry-list --state bad wanted &&
	    says err "bad/wanted.tsv: line 1: expected 'wsusferry-wanted 1'"
	ok "a list that is none: 3" $?
}

states() {
	mkdir -p bad
	printf 'x\n' >bad/wanted.tsv
	run 3 wsusferry-serve-static -s st --state bad &&
	    says err 'move it away to begin anew: bad/wanted.tsv: line 1'
	ok "a server does not write over it: 3" $?
	run 6 wsusferry-serve-static -s st --state state
	ok "a second server on one state: 6" $?
	run 4 wsusferry-serve-static -s st --state nowhere
	ok "no such folder: 4" $?
	run 1 wsusferry-serve-static -s st --wsusscn2 scan/none.cab &&
	    says err '--wsusscn2, in scan: none.cab: there is none'
	ok "no such catalogue: 1" $?
	run 3 wsusferry-serve-static -s st --wsusscn2 su/link.cab
	ok "a link in its place: 3" $?
	run 4 wsusferry-serve-static -s st --self-update nowhere
	ok "no such folder for SelfUpdate: 4" $?
}

damaged() {
	chmod u+w "$file" && printf x >>"$file"
	for i in 1 2 3; do
		status "a file of another size, $i" 500 "$base$path"
		says body 'is damaged in the store and is not served'
		ok "it says so, $i" $?
		sleep 1.2
	done
	[ "$(grep -c 'damaged, and not' log)" = 1 ]
	ok "it is told once" $?
}

missing="--missing-files 3" imports=10
make_store
mkdir -p scan su/WSUS3/x64/Other st/with/tools/sub state
printf 'a catalogue' >scan/cat.cab
printf wuident >su/wuident.cab
printf setup >su/WSUS3/x64/Other/wsus3setup.cab
printf no >su/.hidden
ln -s ../scan/cat.cab su/link.cab
ln -s ../scan su/out
printf tool >st/with/tools/sub/setup.exe
printf '<script>alert(1)</script>' >st/with/tools/page.html
printf no >st/with/tools/.x
ln -s ../../store.db st/with/tools/link.exe
start -s st --state state --wsusscn2 scan/cat.cab --self-update su
downloads
operators
brought
vain
states
stop
wanted
start -s st --state state
get "$base$p.cab"
stop
wsusferry-list -q --state state --json wanted | head -n 1 |
    jq -e '.requests == 5 and .addresses == 2' >err 2>&1
ok "it goes on from there" $?
# What the store has lost since is not present, whatever its row says.
mv "$file" lost.file
start -s st --state state
status "a file that is just gone" 404 "$base$path"
stop
sha=$(basename "${name%.*}")
run 0 wsusferry-list -q -s st --state state --json wanted &&
    jq -se "any(.sha1 == \"$sha\" and .state == \"lost\")" out >>err 2>&1
ok "is wanted, and lost" $?
run 1 wsusferry-list -q -s st --state state status &&
    grep -q '^payload  *bad ' out && grep -q '^wanted  *lacking 2 files' out
ok "the state of all says so, too" $?
run 1 wsusferry-list -q -s st show "$sha" && says out ' lost '
ok "and so does what is shown of it" $?
mv lost.file "$file"
run 0 wsusferry-list -q -s st --state state --json wanted &&
    jq -se "any(.sha1 == \"$sha\" and .state == \"present\")" out >>err 2>&1
ok "back again, it is present" $?
start -s st
status "without a catalogue" 404 "${base}wsusscn2.cab"
status "without SelfUpdate" 404 "${base}SelfUpdate/wuident.cab"
damaged
stop
finish
