#!/bin/sh
# SPDX-License-Identifier: ISC
# Many small files: they get their names in batches, and each of the 256 folders
# is flushed once for a batch, not once for a file.
set -u
. "$(dirname "$0")/common"

files=1500 most=300
[ -z "${WF_LONG:-}" ] || files=16000 most=600
gencatalogue --seed 3 --revisions 400 --doc-bytes 1500 --payload-files $files \
    --payload-bytes $((files * 200)) --big-files 0 --out up >/dev/null

WSUSFERRY_TRACE=files run 0 wsusferry-import -q -s near --unsigned \
    --content up/WsusContent up/wsusexport.cab
flushes=$(grep -c ' flush ' err)
echo "$flushes flushes for $files files" >out
[ "$flushes" -gt 256 ] && [ "$flushes" -le $most ]
ok "at most $most flushes for $files files" $?
[ "$(find near/staging | wc -l)" = 1 ]
ok "staging is empty, without the threads' folders" $?

# Ended from outside: what was staged has its names, and the next run goes on.
WSUSFERRY_TRACE=files wsusferry-import -q -j 1 -s far --unsigned \
    --content up/WsusContent up/wsusexport.cab 2>err >out &
staged() {
	find far/staging -name 'c-*' -print -quit 2>/dev/null | grep -q .
}
await staged
kill -TERM $!
wait $!
status=$?
[ $status = 7 ] || [ $status = 0 ] # 0: it was quicker
ok "a stop ends with 7" $?
[ $status = 0 ] || [ "$(find far/WsusContent -name '*.*' -type f | wc -l)" -gt 1 ]
ok "what was staged by then has its names" $?
run 0 wsusferry-import -q -s far --unsigned --content up/WsusContent \
    up/wsusexport.cab && run 0 wsusferry-verify -q far
ok "the next run takes the rest" $?

finish
