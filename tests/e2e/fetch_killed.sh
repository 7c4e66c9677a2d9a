#!/bin/sh
# SPDX-License-Identifier: ISC
# A fetch that is killed, at many points: the next run ends as one that was left
# alone, and asks again only for what was under way.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"
. "$root/tests/e2e/fetch_common"
wanted=15 # points, whatever the time that a machine takes
[ -z "${WF_LONG:-}" ] || wanted=300

up_store store --seed 13 --revisions 120 --payload-files 10 \
    --payload-bytes 6000000
ok "a store to serve" $?
up_start 0 --store store
printf 'superseded = yes\nexpress = yes\ndrivers = yes\n' >policy
fetch want --policy policy
check "an undisturbed run" [ $got = 0 ]
set -- '* delay 4' 'GetConfigData limit 7' 'Content drip 4000000'
up_modes "$@"
began=$(date +%s%N)
fetch try --policy policy
whole=$((($(date +%s%N) - began) / 1000000))
[ $got = 0 ] && same try numbered
ok "a slow run" $?

# again FILE: how many of its lines stand there more than once.
again() {
	sort "$1" | uniq -d | wc -l
}

# had FOLDER ...: large files that are there, whole or in part, with sizes.
had() {
	find "$@" -type f -size +1000k -name '[0-9A-F]*' ! -name '*.info' \
	    -printf '%f %s\n' 2>/dev/null | sed 's/[.][^ ]*//'
}
had want/WsusContent >large
check "some are large" [ -s large ]

step=$((whole / wanted + 1)) # ms between the points
at=10 points=0 wrong=0 most=0
while [ $at -lt $whole ]; do
	rm -rf try
	up_modes "$@"
	wsusferry-fetch --upstream "$up_base" --store try --policy policy \
	    --account-name t.example.org --retry-wait 20 --jobs 1 \
	    --requests 2 >out 2>err &
	pid=$!
	sleep "$(printf '%d.%03d' $((at / 1000)) $((at % 1000)))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	had try/staging try/WsusContent >there
	sleep 0.1 # what was under way is written into the log
	asked=$(wc -l <up.log)
	fetch try --policy policy
	points=$((points + 1))
	if [ $got != 0 ] || ! same try; then
		echo "killed after $at ms: status $got"
		cat err diff.out
		wrong=$((wrong + 1))
	fi
	# Two requests of 7 revisions may have been under way, and an answer
	# with a thread.
	sed -n 's/^GetUpdateData 200 [0-9]*//p' up.log | tr ' ' '\n' |
	    grep . >ids
	n=$(again ids)
	[ "$n" -le $most ] || most=$n
	if [ "$n" -gt 21 ]; then
		echo "killed after $at ms: $n revisions twice"
		wrong=$((wrong + 1))
	fi
	# Of a file that had come, whole or in part, what is missing at most.
	tail -n "+$((asked + 1))" up.log | awk '
		FILENAME == "large" { size[$1] = $2; next }
		FILENAME == "there" { there[$1]; next }
		$1 == "Content" && $2 == 200 && $4 in there &&
		    $3 == size[$4] { print $4; bad = 1 }
		END { exit bad }' large there - >refetched || {
		echo "killed after $at ms: from the start again:"
		cat refetched
		wrong=$((wrong + 1))
	}
	at=$((at + step))
done
echo "killed at $points points of $whole ms, at most $most revisions twice"
check "killed at $points points" [ $wrong = 0 ]
check "enough points" [ $points -ge 5 ]
rm -rf try
points=0
# And one that is never left alone for long: each run gets further, and is
# given more time, for the machine may be slower by now.
while [ $points -lt 100 ]; do
	up_modes "$@"
	points=$((points + 1))
	ms=$((whole * (points % 5 + 1) * (points + 20) / 400))
	timeout -s KILL "$((ms / 1000)).$(printf %03d $((ms % 1000)))" \
	    wsusferry-fetch \
	    --upstream "$up_base" --store try --policy policy \
	    --account-name t.example.org --retry-wait 20 >out 2>err
	[ $? != 0 ] || break
done
same try
ok "killed $points times in a row" $?
check "and done at last" [ $points -lt 100 ]
up_stop
check "the upstream lived" [ "$up_status" = 0 ]
finish
