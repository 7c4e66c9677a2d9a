#!/bin/sh
# SPDX-License-Identifier: ISC
# Bad days with the real programs: full disks, disks that cannot be written,
# signals at random moments, two at a time.  WF_SEED repeats the moments.
set -u
# Mounts of its own, gone with it: as root, or as root of its own.
if [ -z "${FULL_MOUNTS-}" ]; then
	FULL_MOUNTS=yes
	export FULL_MOUNTS
	if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
		exec unshare -m --propagation private "$0"
	elif unshare -rm true 2>/dev/null; then
		exec unshare -rm "$0"
	fi
	FULL_MOUNTS=no
fi
. "$(dirname "$0")/common"
trap 'umount disk ro 2>/dev/null; rm -rf "$dir"' EXIT
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
seed=${WF_SEED:-$(date +%N | sed 's/^0*//')}
: "${seed:=1}"
rounds=10
[ -z "${WF_LONG-}" ] || rounds=200
mkdir disk ro

# rows STORE, payload STORE: as one line each.
rows() {
	sqlite3 -readonly "$1/store.db" .dump | sha256sum
}

payload() {
	(cd "$1/WsusContent" && find . -printf '%p %m\n' | sort &&
	    find . -type f -exec sha1sum {} + | sort) | sha256sum
}

# What it should be is none that changes: looked at once.
same_store() { # is, should be
	{ rows "$1"; payload "$1"; } >got && {
		[ -f "wanted.$2" ] || { rows "$2"; payload "$2"; } >"wanted.$2"
	} && cmp got "wanted.$2" >out 2>&1 && [ -z "$(ls "$1/staging")" ]
}

take() { # status, store, more arguments
	want=$1 into=$2
	shift 2
	run "$want" wsusferry-import -q -s "$into" --unsigned \
	    --content gen/WsusContent "$@" gen/wsusexport.cab
}

give() { # status, store, folder
	run "$1" wsusferry-export -q -s "$2" --sign-key one.key --to "$3"
}

on_disk() { # size
	mount -t tmpfs -o "size=$1" tmpfs disk 2>err
}

prepare() {
	run 0 gencatalogue --seed 7 --revisions 500 --doc-bytes 3000 \
	    --payload-files 40 --payload-bytes 6000000 --out gen
	ok "a catalogue is generated" $?
	run 0 gencatalogue --seed 8 --revisions 30 --payload-files 3 \
	    --payload-bytes 30000 --out first
	run 0 wsusferry-key new -q --out one.key
	run 0 wsusferry-import -q -s base --unsigned \
	    --content first/WsusContent first/wsusexport.cab
	cp -r base whole && take 0 whole
	ok "it is imported undisturbed" $?
	cp -r whole exporter && mkdir stick && give 0 exporter stick
	ok "a transfer is written undisturbed" $?
	t=stick/wsusferry-site-000001
}

# The disk of the store: too small for the rows, for the payload, at the end.
full_store() {
	# As good as full at once; then with the rows begun.
	barely=$(($(du -sk base | cut -f 1) + 100))k
	for size in $barely 2500k 4m 7m; do
		on_disk $size || return
		cp -r base disk/store && rows base >before
		payload base >had
		take 4 disk/store && says err 'No space left on device'
		ok "import to a disk of $size: exit 4, and it says why" $?
		mount -t tmpfs -o remount,size=64m tmpfs disk
		rows disk/store >after && cmp before after >out 2>&1 &&
		    payload disk/store >has && cmp had has >out 2>&1 &&
		    [ -z "$(ls disk/store/staging)" ] &&
		    run 0 wsusferry-verify -q --rebuild-check disk/store
		ok "the store is as it was, and nothing is left behind" $?
		take 0 disk/store && same_store disk/store whole
		ok "with room the import ends as if undisturbed" $?
		umount disk
	done
}

full_birth() {
	on_disk 300k || return
	take 4 disk/store && says err 'No space left on device' &&
	    [ ! -e disk/store ]
	ok "no room for a new store: exit 4, and there is none" $?
	mount -t tmpfs -o remount,size=64m tmpfs disk
	take 0 disk/store && run 0 wsusferry-verify -q disk/store
	ok "with room it is made" $?
	umount disk
}

# The signal for a file that grows too large ends nothing.
file_limit() {
	(ulimit -f 100; take 4 limited) && says err 'File too large' &&
	    [ ! -e limited ]
	ok "a limit for the size of files: exit 4, it says why, no store" $?
	take 0 limited && run 0 wsusferry-verify -q limited
	ok "without the limit it is made" $?
	rm -rf limited
}

full_stick() {
	on_disk 3m || return
	cp -r whole s
	give 4 s disk && says err 'needs ' && says err ' free at disk' &&
	    [ -z "$(ls -A disk)" ]
	ok "export to a small stick: exit 4 before the first byte" $?
	rows s >after && rows whole >before && cmp before after >out 2>&1
	ok "and no number is taken" $?
	head -c 3000000 /dev/zero >disk/ballast
	run 4 wsusferry-export -q -s s --package disk/out.cab &&
	    says err 'No space left on device' &&
	    [ "$(ls -A disk)" = ballast ]
	ok "nor a package: exit 4, nothing is left" $?
	umount disk
	rm -rf s
}

# What is packed beforehand has no room.
full_scratch() {
	on_disk 64k || return
	mkdir pk
	TMPDIR=$dir/disk run 4 wsusferry-export -q -s whole \
	    --package pk/out.cab && says err 'No space left' &&
	    [ -z "$(ls -A pk)" ]
	ok "a package with a full TMPDIR: exit 4, nothing has its name" $?
	umount disk
	on_disk 9m && cp -r whole disk/store && mkdir to
	head -c 9000000 /dev/zero >disk/ballast 2>/dev/null
	give 4 disk/store to && says err 'No space left' && [ -z "$(ls -A to)" ]
	ok "a transfer from a full store: exit 4, nothing has its name" $?
	rm disk/ballast
	give 0 disk/store to && diff -r to stick >out 2>&1
	ok "with room it is the undisturbed one, to the byte" $?
	umount disk
	rm -rf pk to
}

read_only() {
	mount --bind stick ro && mount -o remount,bind,ro ro || return
	run 0 wsusferry-verify -q -k one.pub ro/${t#stick/} &&
	    run 0 wsusferry-import -q -s two -k one.pub ro/${t#stick/}
	ok "a transfer is imported from where nothing can be written" $?
	umount ro
	mkdir lib && cp -r whole lib/with && cp -r whole lib/without
	rm lib/without/store.db-wal lib/without/store.db-shm
	mount --bind lib ro && mount -o remount,bind,ro ro || return
	for s in with without; do
		run 0 wsusferry-verify -q ro/$s &&
		    run 0 wsusferry-export -q -s ro/$s --package $s.cab
		ok "a store that cannot be written is read: $s side files" $?
	done
	run 4 wsusferry-import -q -s ro/with -k one.pub $t
	ok "but not imported into: exit 4" $?
	cmp with.cab without.cab >out 2>&1
	ok "both give the same package" $?
	umount ro
	rm -rf lib two
}

# Milliseconds that a command takes; what the rounds below choose from.
duration() {
	began=$(date +%s%N)
	"$@" >/dev/null 2>&1
	echo $((($(date +%s%N) - began) / 1000000))
}

# moments: thousandths of the time that a command takes, one a line.
moments() {
	awk -v seed="$seed" -v n="$rounds" 'BEGIN {
		srand(seed)
		for (i = 0; i < n; i++)
			printf "%d\n", rand() * 1000
	}'
}

# struck SIGNAL THOUSANDTHS COMMAND: its exit status into $got; after how long
# into $s.  Until one is struck, each that ends says how long it takes by now.
struck() {
	signal=$1 after=$((15 + ms * $2 / 1000))
	shift 2
	s=$((after / 1000)).$(printf %03d $((after % 1000)))
	"$@" >out 2>err &
	pid=$!
	sleep "$s"
	kill -"$signal" $pid 2>/dev/null
	ended $pid 2>/dev/null
	got=$?
	[ $got != 0 ] || [ $stopped -gt 0 ] || [ $after -ge "$ms" ] ||
	    ms=$after
}

# A round ends well, was stopped with 7, or was killed.
# 143: the signal came before the program had begun to listen.
may_end() { # signal
	case $1$got in
	*[A-Z]0 | TERM7 | TERM143 | KILL137) ;;
	*) false ;;
	esac
}

interrupted_import() { # signal, milliseconds
	stopped=0 bad=0 ms=$2
	for at in $(moments); do
		rm -rf s && cp -r base s
		struck "$1" "$at" wsusferry-import -q -s s --unsigned \
		    --content gen/WsusContent gen/wsusexport.cab
		may_end "$1" || {
			bad=$((bad + 1))
			echo "at $s s: status $got"
		}
		[ $got = 0 ] || stopped=$((stopped + 1))
		run 0 wsusferry-verify -q s && take 0 s &&
		    same_store s whole || {
			bad=$((bad + 1))
			echo "at $s s: the next run gives $got"
		}
	done
	[ $bad = 0 ] && [ $stopped -gt 0 ]
	ok "import, SIG$1 at $rounds moments ($stopped struck, seed $seed)" $?
}

same_export() {
	diff -r to stick >out 2>&1 && same_store s exporter
}

interrupted_export() { # signal, milliseconds
	stopped=0 bad=0 ms=$2
	for at in $(moments); do
		rm -rf s to && cp -r whole s && mkdir to
		struck "$1" "$at" wsusferry-export -q -s s --sign-key one.key \
		    --to to
		may_end "$1" || {
			bad=$((bad + 1))
			echo "at $s s: status $got"
		}
		[ $got = 0 ] || stopped=$((stopped + 1))
		# It may have been done, and only its end not told.
		[ $got = 0 ] || same_export || give 0 s to
		same_export || {
			bad=$((bad + 1))
			echo "at $s s: the next run gives $got"
		}
	done
	[ $bad = 0 ] && [ $stopped -gt 0 ]
	ok "export, SIG$1 at $rounds moments ($stopped struck, seed $seed)" $?
}

interrupted() {
	cp -r base s
	long=$(duration take 0 s)
	interrupted_import TERM "$long"
	interrupted_import KILL "$long"
	rm -rf s && cp -r whole s && mkdir to
	long=$(duration give 0 s to)
	interrupted_export TERM "$long"
	interrupted_export KILL "$long"
	rm -rf s to
}

# The first one has the lock and waits for its package from a pipe.
two_at_once() {
	cp -r base s && mkdir pipe && mkfifo pipe/wsusexport.cab
	lines=$(wc -l <s/import.log)
	wsusferry-import -q -s s --unsigned --content gen/WsusContent \
	    pipe/wsusexport.cab >first.out 2>&1 &
	pid=$!
	begun() {
		[ "$(wc -l <s/import.log)" != "$lines" ]
	}
	await begun
	take 6 s
	ok "a second import at the same time is told to wait: exit 6" $?
	timeout 60 sh -c 'cat gen/wsusexport.cab >pipe/wsusexport.cab'
	ended $pid && same_store s whole
	ok "the first one is not disturbed" $?
	rm -rf s pipe
}

prepare
if [ $FULL_MOUNTS = yes ] && on_disk 1m; then
	umount disk
	full_store
	full_birth
	full_stick
	full_scratch
	read_only
else
	skip "full and read-only disks" "no right to mount one"
fi
file_limit
interrupted
two_at_once
finish
