#!/bin/sh
# SPDX-License-Identifier: ISC
# A random walk of two stores: the near one grows, sticks are lost, found again
# and taken in any order, receipts are lost, stores come back from backups.  In
# the end both hold the same, and what a receipt acknowledged went once.
set -u
. "$(dirname "$0")/common"
# The short form walks one way; the long one another each time.
seed=${WF_SEED:-11}
rounds=5
if [ -n "${WF_LONG-}" ]; then
	rounds=50
	seed=${WF_SEED:-$(date +%s)}
fi
packages=6

random() { # below: into drawn
	seed=$(((seed * 1103515245 + 12345) & 2147483647))
	drawn=$((seed / 65536 % $1))
}

# wrong WHAT: with what was done until then.
wrong() {
	echo "$1" >>wrong
	sed 's/^/  /' err >>wrong
}

# expect STATUS PROGRAM ARGUMENT ...
expect() {
	run "$@" || wrong "step $step: $did"
}

held() { # store
	sqlite3 -readonly "$1/store.db" "SELECT hex(id), revision, hex(sha256)
	    FROM revision ORDER BY 1, 2;
	    SELECT hex(sha1), present FROM file ORDER BY 1"
}

# Payload that is there, by its digest.
payload() { # folder
	find "$1" -type f -path '*/WsusContent/??/*' -printf '%f\n' |
	    sed 's/\..*//' | sort
}

fetch() { # package
	did="fetch $1"
	expect 0 wsusferry-import -q -s near --site north --unsigned \
	    --content "g$1/WsusContent" "g$1/wsusexport.cab"
}

fetch_more() {
	[ $fetched -lt $packages ] || return 0
	fetched=$((fetched + 1))
	fetch $fetched
}

# fill OPTION ...: one more stick; what is acknowledged is on none.
fill() {
	sticks=$((sticks + 1))
	did="export $* to stick $sticks"
	mkdir sticks/$sticks
	expect 0 wsusferry-export -s near --sign-key k.key \
	    --to sticks/$sticks "$@"
	if ! rmdir sticks/$sticks 2>/dev/null; then
		payload sticks/$sticks/*/data >sent
		comm -12 sent near.acked >twice
		case $* in
		*--full*) ;;
		*south*) [ ! -s twice ] || wrong "step $step: $did: $(cat twice)" ;;
		esac
	fi
}

fill_some() {
	random 6
	case $drawn in
	0) fill --destination south --since-last ;;
	1) fill ;;
	*) fill --destination south ;;
	esac
	random 4
	[ $drawn -gt 0 ] || rm -rf sticks/$sticks
}

# What import takes, verify calls good, and what is refused changes nothing.
take() { # stick
	did="import stick $1"
	wsusferry-verify -q -s far -k k.pub sticks/"$1"/* >out 2>err.verify
	looked=$?
	[ ! -e far ] || snapshot far >before
	wsusferry-import -s far --site far -k k.pub --sign-key far.key \
	    sticks/"$1"/* >out 2>err
	took=$?
	case $took in
	0 | 10) receipt && payload far/WsusContent >"$(held_with)" ;;
	9) [ ! -e far ] || snapshot far >after
	    [ ! -e far ] || cmp -s before after || wrong "step $step: $did: refused, changed" ;;
	*) wrong "step $step: $did: status $took" ;;
	esac
	[ ! -e far/store.db ] || [ $looked = $took ] ||
	    wrong "step $step: $did: import $took, verify $looked"
}

take_some() {
	ls sticks | sort -n >there
	[ -s there ] || return 0
	random 2
	[ $drawn = 0 ] || sed -i '$!d' there
	random "$(wc -l <there)"
	take "$(sed -n "$((drawn + 1))p" there)"
}

# The newest that the far side wrote, and what it held.
receipt() {
	receipt=$(ls far/receipts/receipt-* 2>/dev/null | tail -n 1)
	[ -n "$receipt" ]
}

held_with() {
	echo "held.$(sha256sum <"$receipt" | cut -c 1-64)"
}

# Where the far side lost some, a receipt says of whole buckets that they are
# not as they were: then nothing is sure to stay at home.
note_acknowledged() {
	n=$(sed -n 's/.* and \([0-9]*\) files are held.*/\1/p' err)
	: >near.acked
	[ "$n" != "$(wc -l <"$(held_with)")" ] || cp "$(held_with)" near.acked
}

acknowledge() {
	receipt || return 0
	did="take $receipt"
	wsusferry-import -s near --destination south --receipt "$receipt" \
	    >out 2>err
	got=$?
	# Of a far side that was set back: it counts up to there again.
	if [ $got = 9 ] && grep -qE 'is older than receipt|the store there was set back' err; then
		return
	elif [ $got = 9 ]; then
		expect 0 wsusferry-export -s near --resume-after "$receipt"
		expect 0 wsusferry-import -s near --destination south \
		    --receipt "$receipt"
	elif [ $got != 0 ]; then
		wrong "step $step: $did: status $got"
	fi
	says err 'was taken before' || note_acknowledged
}

back_up() { # near or far
	[ -e $1 ] || return 0
	did="back up $1"
	rm -rf $1.saved && cp -a $1 $1.saved && cp near.acked $1.saved.acked
}

set_back() { # near or far
	[ -e $1.saved ] || return 0
	did="set back $1"
	rm -rf $1 && cp -a $1.saved $1
	[ $1 = far ] || cp near.saved.acked near.acked
}

# A file that is lost at the far side, and that it notices.
lose_payload() {
	[ -e far ] || return 0
	did='lose payload'
	lost=$(find far/WsusContent/?? -type f | sort | head -n 1)
	rm -f "$lost"
	wsusferry-verify -q far >out 2>err
}

step() {
	random 16
	case $drawn in
	0 | 1) fetch_more ;;
	2 | 3 | 4 | 5) fill_some ;;
	6 | 7 | 8 | 9) take_some ;;
	10 | 11) acknowledge ;;
	12) back_up near ;;
	13) back_up far ;;
	14)
		random 3
		case $drawn in
		0) set_back near ;;
		*) set_back far ;;
		esac
		;;
	15) lose_payload ;;
	esac
}

settle() {
	step=end
	for p in 1 2 3 4 5 6; do
		fetch $p
	done
	turn=0
	until [ -e wrong ]; do
		acknowledge
		fill --destination south
		[ -d sticks/$sticks ] || break
		take $sticks
		if [ $took = 9 ]; then
			fill --destination south --full
			take $sticks
		fi
		turn=$((turn + 1))
		[ $turn -lt 12 ] || wrong 'there is always something new'
	done
	# Lost after the last receipt: nothing that is new leads to it.
	if [ ! -e wrong ] && ! wsusferry-verify -q far >out 2>err; then
		fill --destination south --full
		take $sticks
	fi
	expect 0 wsusferry-verify -q near
	expect 0 wsusferry-verify -q far
}

walk() {
	echo "WF_SEED=$seed"
	rm -rf near near.saved far far.saved sticks wrong walked held.*
	mkdir sticks
	sticks=0 fetched=0
	: >near.acked
	step=0
	fetch_more
	wsusferry-key trust -q -s near --for receipts far.pub >out 2>err
	while [ $step -lt 30 ] && [ ! -e wrong ]; do
		step=$((step + 1))
		did=nothing
		step
		echo "$step: $did: $(tail -n 1 err)" >>walked
	done
	[ -e wrong ] || settle
	held near >near.held && held far >far.held
	[ -e wrong ] || cmp near.held far.held >err 2>&1 ||
	    wrong 'in the end they differ'
	[ ! -e wrong ] || tail -n 25 walked | cat - wrong
	[ ! -e wrong ]
}

for p in 1 2 3 4 5 6; do
	gencatalogue --seed $p --revisions 20 --doc-bytes 1500 \
	    --payload-files 4 --payload-bytes 40000 --out g$p >/dev/null
done
wsusferry-key -q new --out k.key >/dev/null
wsusferry-key -q new --out far.key >/dev/null
i=0
while [ $i -lt $rounds ]; do
	i=$((i + 1))
	: >out
	: >err
	was=$seed
	walk
	ok "round $i of seed $was: both hold the same" $?
done
finish
