#!/bin/sh
# SPDX-License-Identifier: ISC
# Cabinets against the readers and writers that others made: where all of them
# take a cabinet and agree, we give the same files; where all refuse it, we end
# in one sentence (exit status 3); where they differ, we refuse or do as
# libmspack (cabextract) does.
set -u
. "$(dirname "$0")/common"
cd "$root" || exit 4
tmp=$dir
export LC_ALL=C.UTF-8
tool=$B/tests/tool/cabtool
readers=

zip7=7zz
have 7zz || zip7=7z

# unpack READER CAB FOLDER: into a fresh folder; 0 when the reader is content.
unpack() {
	rm -rf "$3"
	mkdir "$3"
	case $1 in
	ours) timeout 120 "$tool" extract "$2" "$3" ;;
	stream) timeout 120 "$tool" extract - "$3" ;;
	cabextract) timeout 120 cabextract -q -d "$3" "$2" ;;
	7zip) timeout 120 $zip7 x -y "-o$3" "$2" ;;
	bsdtar) timeout 120 bsdtar -xf "$2" -C "$3" ;;
	gcab) timeout 120 gcab -C "$3" -x "$2" ;;
	wine) (cd "$3" && timeout 300 wine cabarc x "$2") ;;
	esac >"$tmp/said" 2>&1
}

alike() {
	diff -r "$1" "$2" >/dev/null 2>&1
}

# Ours must be refused with a sentence of its own, or be what cabextract gives.
judge() { # cabinet
	all=yes none=yes agree=yes
	for r in $readers; do
		if unpack "$r" "$1" "$tmp/$r"; then
			none=no
		else
			all=no
		fi
		alike "$tmp/$r" "$tmp/cabextract" || agree=no
	done
	unpack cabextract "$1" "$tmp/cabextract"
	theirs=$?
	unpack ours "$1" "$tmp/ours"
	ours=$?
	said=$(head -c 200 "$tmp/said")
	unpack stream "$1" "$tmp/stream" <"$1"
	stream=$?
	case $ours in
	0) [ $none = no ] && [ $theirs = 0 ] &&
		alike "$tmp/ours" "$tmp/cabextract" ;;
	3) [ $all = no ] || [ $agree = no ] ;;
	*) false ;;
	esac || return
	# A stream gives the same, unless it would have to go back.
	[ $stream = $ours ] || [ $ours$stream = 02 ]
}

sample() {
	if judge "$1"; then
		ok "${1#"$samples"/}: ${said:-unpacked}" 0
	else
		ok "${1#"$samples"/}: $said (all $all, none $none, \
agree $agree, cabextract $theirs, ours $ours, as a stream $stream)" 1
	fi
}

# One byte of the tables changed at a time.
damage() { # cabinet, offset, octal value
	cp "$1" "$tmp/damaged.cab"
	# shellcheck disable=SC2059
	printf "\\$3" | dd of="$tmp/damaged.cab" bs=1 seek="$2" conv=notrunc \
	    2>/dev/null
	judge "$tmp/damaged.cab"
}

damage_all() { # cabinet, bytes
	at=0
	while [ $at -lt "$2" ]; do
		if ! damage "$1" $at 377; then
			echo "byte $at: $said (ours $ours)"
			return 1
		fi
		at=$((at + 1))
	done
}

# Members of a size, half text and half noise, one empty.
make_files() { # bytes
	rm -rf "$tmp/in"
	mkdir "$tmp/in"
	head -c $(($1 / 2)) /dev/urandom >"$tmp/in/metadata.txt"
	seq 1 1000000 | head -c $(($1 - $1 / 2)) >>"$tmp/in/metadata.txt"
	printf '<?xml version="1.0"?>\r\n' >"$tmp/in/package.xml"
	: >"$tmp/in/empty"
}

write_ours() { # how, jobs
	"$tool" write "$1" "$2" "$tmp/our.cab" "$tmp/in/package.xml" \
	    "$tmp/in/metadata.txt" "$tmp/in/empty" &&
	    [ -z "$("$tool" check "$tmp/our.cab")" ]
}

read_by() { # reader, cabinet
	unpack "$1" "$2" "$tmp/$1" && alike "$tmp/in" "$tmp/$1"
}

for r in cabextract 7zip bsdtar gcab; do
	case $r in
	7zip) have $zip7 ;;
	*) have $r ;;
	esac && readers="$readers $r" ||
	    skip "all comparisons with $r" 'not installed'
done
have wine || skip 'all comparisons with wine' 'not installed'

for how in fast small; do
	for n in 0 1 32767 32768 32769 1048577 3000000; do
		make_files $n
		check "$how: $n bytes are written" write_ours $how 2
		for r in ours $readers $(have wine && echo wine); do
			check "$how: $n bytes are read by $r" \
			    read_by "$r" "$tmp/our.cab"
		done
	done
done

make_files 2000000
if have gcab; then
	for z in -z ''; do
		# shellcheck disable=SC2086
		(cd "$tmp/in" && gcab -n $z -c "$tmp/g.cab" ./* >/dev/null)
		check "gcab's own${z:+, MSZIP}" read_by ours "$tmp/g.cab"
		check "gcab's own${z:+, MSZIP} is sound" \
		    "$tool" check "$tmp/g.cab"
	done
fi
if have lcab; then
	(cd "$tmp/in" && lcab -q ./* "$tmp/l.cab" >/dev/null)
	check "lcab's own" read_by ours "$tmp/l.cab"
else
	skip "lcab's own" 'not installed'
fi
if have wine; then
	(cd "$tmp/in" && wine cabarc n "$tmp/w.cab" ./* >/dev/null 2>&1)
	check "wine's own" read_by ours "$tmp/w.cab"
fi

if have cabextract; then
	printf 'hello cabinet hello cabinet' >"$tmp/p.txt"
	printf 'second' >"$tmp/q.txt"
	"$tool" write small 1 "$tmp/s.cab" "$tmp/p.txt" "$tmp/q.txt"
	check 'damaged tables are judged as others judge them' \
	    damage_all "$tmp/s.cab" 88
	if [ -d "$samples" ]; then
		find "$samples" -name '*.cab' | sort >"$tmp/list"
		while read -r f; do
			sample "$f"
		done <"$tmp/list"
	else
		skip 'sample cabinets' 'no samples'
	fi
fi
finish
