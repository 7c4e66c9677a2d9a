#!/bin/sh
# SPDX-License-Identifier: ISC
# The pages as a browser shows them: 390 and 1280 pixels, dark, on paper; by
# keyboard alone; what axe-core finds.  WF_PICTURES=FOLDER keeps the pictures.
# Needs chromium, node, and in NODE_PATH puppeteer-core and axe-core.
set -u
. "$(dirname "$0")/common"
server=''
trap 'kill $server 2>/dev/null; rm -rf "$dir"' EXIT

if ! have chromium || ! have node ||
    ! node -e 'require("puppeteer-core"); require("axe-core")' 2>err; then
	skip "the pages in a browser" \
	    "chromium, node, puppeteer-core and axe-core are not all installed"
	finish
	exit
fi
run 0 gencatalogue --seed 8 --revisions 300 --doc-bytes 3000 \
    --payload-files 20 --payload-bytes 2000000 --missing-files 3 --out gen &&
    run 10 wsusferry-import -q -s st --site here --unsigned \
	--content gen/WsusContent gen/wsusexport.cab
ok "a store is made" $?
# A leak checker cannot look into /proc from the sandbox.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
    wsusferry-serve-static -s st --listen 127.0.0.1:0 2>log &
server=$!
await grep -q 'listening on' log
base=$(sed -n 's/.*listening on \(http:.*\)/\1/p' log)
id=$(curl -sS --noproxy '*' "$base?payload=here" |
    sed -n 's/.*href="update\/\([^"]*\)".*/\1/p' | head -n 1)
pictures=${WF_PICTURES:-$dir/pictures}
mkdir -p "$pictures"
node "$root/tests/browser/look.js" "$base" "$pictures" '' \
    '?q=update+maple&state=newest' '?q=nothing+at+all' "update/$id" \
    transfers transfer/1 nowhere >out 2>err
got=$?
if [ $got = 77 ]; then
	skip "the pages in a browser" "$(head -n 1 out)"
else
	ok "the pages in a browser" $got
	ls "$pictures" | grep -c 'png$\|pdf$' >err
	[ "$(cat err)" = 28 ]
	ok "28 pictures" $?
fi
finish
