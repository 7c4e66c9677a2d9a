#!/bin/sh
# SPDX-License-Identifier: ISC
# 1,000 clients at once that are slow on purpose, by slowhttptest: a third of them
# with heads, bodies and what they read; somebody honest at the same address is
# answered all the while.  WF_LONG: 1,000 of each kind, one after the other.
set -u
# shellcheck source=tests/e2e/serve_common
. "$(dirname "$0")/serve_common"
attack=''
trap 'kill $server $attack 2>/dev/null; chmod -R u+w "$dir"; rm -rf "$dir"' EXIT

seconds=4 each=334
[ -z "${WF_LONG-}" ] || seconds=60 each=1000

slow() { # kind: its options
	case $1 in
	heads) set -- -H -i 2 ;;
	bodies) set -- -B -i 2 -s 8192 -t POST ;;
	readers) set -- -X -w 64 -y 128 -n 2 -z 8 -k 3 ;;
	esac
	# -k 3: that many requests in a row.
	slowhttptest "$@" -c $each -r 400 -l $seconds -p 3 -u "$base$path" \
	    >attack.out 2>&1 &
	attack="$attack $!"
}

# One after the other, each on a connection of its own; the slowest's time.
honest() { # what
	sent=0 wrong=0 worst=0
	began=$(date +%s)
	while [ $(($(date +%s) - began)) -lt "$seconds" ]; do
		get -r 65536-131071 -w '%{http_code} %{time_total}' "$base$path"
		sent=$((sent + 1))
		[ "${code%% *}" = 206 ] && [ "$(wc -c <body)" = 65536 ] ||
		    wrong=$((wrong + 1))
		worst=$(echo "$worst ${code##* }" |
		    awk '{ print ($1 > $2) ? $1 : $2 }')
	done
	echo "of $sent requests $wrong failed; the slowest took $worst s" >err
	[ $sent -ge 3 ] && [ $wrong = 0 ] &&
	    awk "BEGIN { exit !($worst < 5) }"
	ok "$1: an honest client at their address is answered" $?
}

ended_all() {
	for p in $attack; do
		kill "$p" 2>/dev/null
		wait "$p" 2>/dev/null
	done
	attack=
}

if ! have slowhttptest; then
	skip "1,000 slow clients" "slowhttptest is not installed"
	finish
	exit
fi
make_store
start -s st --admin 127.0.0.1:0
await test "$(grep -c listening log)" -ge 2
base=$(sed -n 's/.*listening on \(http:[^ "]*\).*/\1/p' log | head -n 1)
admin=$(sed -n 's/.*listening on \(http:[^ "]*\).*/\1/p' log | sed -n 2p)
if [ -z "${WF_LONG-}" ]; then
	slow heads
	slow bodies
	slow readers
	honest "1,000 slow clients"
	ended_all
else
	for kind in heads bodies readers; do
		slow $kind
		honest "1,000 slow $kind"
		ended_all
	done
fi
get "${admin}metrics" && [ "$(sed -n 's/^wsusferry_http_evicted_total //p' \
    body)" -gt 100 ]
ok "they gave way, and it is counted" $?
says log 'no room for more connections'
ok "it says so" $?
stop
ok "it ends well" $?
finish
