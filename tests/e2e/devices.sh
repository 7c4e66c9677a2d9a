#!/bin/sh
# SPDX-License-Identifier: ISC
# Sticks as they are sold: FAT32, and by FUSE exFAT and NTFS; written, carried, read
# where nothing can be written; without room; pulled out.
set -u
if [ -z "${DEVICES_MOUNTS-}" ]; then
	DEVICES_MOUNTS=yes
	export DEVICES_MOUNTS
	[ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null ||
	    exec unshare -m --propagation private "$0"
	DEVICES_MOUNTS=no
fi
. "$(dirname "$0")/common"
PATH=$PATH:/usr/sbin:/sbin
loop=
trap 'away; rm -rf "$dir"' EXIT
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH

# What each kind needs: to be made, to be mounted.
known() { # kind
	case $1 in
	fat32) have mkfs.vfat && have mcopy ;;
	exfat) have mkfs.exfat && have mount.exfat-fuse ;;
	ntfs) have mkfs.ntfs && have ntfs-3g ;;
	esac
}

image() { # kind, size
	rm -f stick.img && truncate -s "$2" stick.img
	case $1 in
	fat32) mkfs.vfat -F 32 -s 1 stick.img ;;
	exfat) mkfs.exfat stick.img ;;
	ntfs) mkfs.ntfs -q -F stick.img ;;
	esac >out 2>err
}

put_in() { # kind, ro or rw
	[ -n "$loop" ] || loop=$(losetup -f --show stick.img 2>err) || return
	case $1 in
	exfat) mount.exfat-fuse -o "$2" "$loop" mnt ;;
	ntfs) ntfs-3g -o "$2" "$loop" mnt ;;
	esac >out 2>err && await mountpoint -q mnt
}

away() {
	if mountpoint -q mnt 2>/dev/null; then
		umount mnt 2>/dev/null || umount -l mnt 2>/dev/null
	fi
	[ -z "$loop" ] || losetup -d "$loop" 2>/dev/null
	loop=
}

# Its daemon has written all when it has ended.
take_out() {
	umount mnt && losetup -d "$loop"
	loop=
}

give() { # status, store, option ...
	want=$1 from=$2
	shift 2
	run "$want" wsusferry-export -q -s "$from" --sign-key one.key "$@"
}

whole_bag() { # folder
	(cd "$1" && sha256sum --quiet -c tagmanifest-sha256.txt &&
	    sha256sum --quiet -c manifest-sha256.txt) >out 2>&1
}

carry() { # kind
	rm -rf s far && cp -r near s
	image "$1" 64M && put_in "$1" rw || {
		skip "a stick with $1" "it cannot be mounted here"
		return 1
	}
	give 0 s --to mnt --verify-medium
	ok "$1: a transfer is written and read back" $?
	take_out
	read_only "$1"
}

# What is on the stick.
read_only() { # kind
	put_in "$1" ro
	run 0 wsusferry-verify -q -k one.pub mnt/wsusferry-site-000001 &&
	    whole_bag mnt/wsusferry-site-000001 &&
	    diff -r mnt/wsusferry-site-000001 plain/wsusferry-site-000001 \
		>out 2>&1
	ok "$1: it is there, to the byte" $?
	! touch mnt/x 2>/dev/null &&
	    run 0 wsusferry-import -q -s far -k one.pub \
		mnt/wsusferry-site-000001 && held far >got &&
	    held near >wanted && cmp got wanted >out 2>&1
	ok "$1: it is imported from where nothing can be written" $?
	take_out
}

# By mtools: of a folder that fusefat 0.1 renames it loses what is in it, and it
# shows short names in capitals.
carry_fat() {
	image fat32 64M && mcopy -s -i stick.img plain/wsusferry-site-000001 :: &&
	    fsck.vfat -n stick.img >out 2>&1 && mkdir back &&
	    mcopy -s -i stick.img ::wsusferry-site-000001 back
	ok "fat32: a transfer is copied there and back" $?
	run 0 wsusferry-verify -q -k one.pub back/wsusferry-site-000001 &&
	    diff -r back plain >out 2>&1
	ok "fat32: it is there, to the byte" $?
}

held() {
	sqlite3 -readonly "$1/store.db" 'SELECT hex(id), revision, hex(sha256)
	    FROM revision ORDER BY 1, 2'
	(cd "$1/WsusContent" && find . -type f -exec sha1sum {} + | sort)
}

# Each medium is a stick of its own; the far side has one at a time.
carry_media() { # kind
	rm -rf s far && cp -r near s
	k=1 more=7 which='--media-size 5M'
	while [ $more = 7 ]; do
		image "$1" 64M && put_in "$1" rw || return
		# shellcheck disable=SC2086
		wsusferry-export -q -s s --sign-key one.key --to mnt \
		    --filesystem "$1" $which >out 2>err
		more=$?
		take_out
		mv stick.img medium-$k.img
		k=$((k + 1)) which="--medium $k"
		[ $k -lt 9 ] || break
	done
	[ $more = 0 ] && [ $k -gt 2 ]
	ok "$1: a transfer is on $((k - 1)) sticks" $?
	while [ $k -gt 1 ]; do
		k=$((k - 1))
		mv medium-$k.img stick.img && put_in "$1" ro || return
		wsusferry-import -q -s far -k one.pub mnt/wsusferry-* \
		    >out 2>err
		got=$?
		take_out
		[ $got = 9 ] || break
	done
	[ $got = 0 ] && [ $k = 1 ] && held far >got && held near >wanted &&
	    cmp got wanted >out 2>&1
	ok "$1: they are imported one by one, the last one first" $?
}

# Less room than there seems to be: nothing of it looks finished.
fill() { # kind
	rm -rf s && cp -r near s
	image "$1" 64M && put_in "$1" rw &&
	    head -c 60000000 /dev/zero >mnt/ballast || return
	run 4 wsusferry-export -q -s s --sign-key one.key --to mnt &&
	    [ ! -e mnt/wsusferry-site-000001 ]
	ok "$1: a stick without room: exit 4, nothing has its name" $?
	take_out
	image "$1" 64M && put_in "$1" rw && give 0 s --to mnt &&
	    diff -r mnt/wsusferry-site-000001 plain/wsusferry-site-000001 \
		>out 2>&1
	ok "$1: the next one takes it, to the byte" $?
	take_out
}

# A device that answers no more: the file that it is has lost its end.
pull() { # kind
	rm -rf s far && cp -r near s
	image "$1" 64M && put_in "$1" rw && give 0 s --to mnt && take_out &&
	    cp stick.img good.img && put_in "$1" ro || return
	truncate -s 2M stick.img
	sync && echo 3 >/proc/sys/vm/drop_caches 2>/dev/null
	run 4 wsusferry-verify -q -k one.pub mnt/wsusferry-site-000001 &&
	    says err 'Input/output error'
	ok "$1: pulled out while it is verified: exit 4, and it says why" $?
	rm -rf far
	run 4 wsusferry-import -q -s far -k one.pub \
	    mnt/wsusferry-site-000001 && says err 'Input/output error' &&
	    [ ! -e far ]
	ok "$1: while it is imported: exit 4, no store" $?
	away
	cp good.img stick.img && put_in "$1" ro &&
	    run 0 wsusferry-import -q -s far -k one.pub \
		mnt/wsusferry-site-000001
	ok "$1: put in again it is imported" $?
	take_out
	rm -rf s && cp -r near s
	image "$1" 64M && put_in "$1" rw && truncate -s 2M stick.img &&
	    run 4 wsusferry-export -q -s s --sign-key one.key --to mnt &&
	    says err 'Input/output error'
	ok "$1: while it is written: exit 4, and it says why" $?
	away
	image "$1" 64M && put_in "$1" rw && give 0 s --to mnt &&
	    diff -r mnt/wsusferry-site-000001 plain/wsusferry-site-000001 \
		>out 2>&1
	ok "$1: the next one takes it, to the byte" $?
	take_out
}

if [ $DEVICES_MOUNTS = no ] || [ ! -w /dev/fuse ]; then
	skip "sticks by FUSE" "no right to mount one"
	finish
	exit
fi
mkdir mnt plain
run 0 gencatalogue --seed 7 --revisions 60 --doc-bytes 2000 \
    --payload-files 12 --payload-bytes 8000000 --out gen &&
    run 0 wsusferry-key new -q --out one.key &&
    run 0 wsusferry-import -q -s near --unsigned \
	--content gen/WsusContent gen/wsusexport.cab && cp -r near s &&
    give 0 s --to plain
ok "a transfer is written to a folder" $?
for fs in fat32 exfat ntfs; do
	if known $fs; then
		if [ $fs = fat32 ]; then
			carry_fat
		else
			carry $fs && fill $fs
		fi
	else
		skip "sticks with $fs" "no program here makes and mounts one"
	fi
done
if known exfat; then
	carry_media exfat
	pull exfat
fi
finish
