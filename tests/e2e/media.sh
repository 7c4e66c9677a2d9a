#!/bin/sh
# SPDX-License-Identifier: ISC
# Transfers on several media with the real programs: written one after the
# other, carried in any order.
set -u
. "$(dirname "$0")/common"
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
seed=${WF_SEED:-$(date +%N | sed 's/^0*//')}
: "${seed:=1}"
echo "WF_SEED=$seed"
rounds=2
[ -z "${WF_LONG-}" ] || rounds=20

random() { # below: into drawn
	seed=$(((seed * 1103515245 + 12345) & 2147483647))
	drawn=$((seed / 65536 % $1))
}

take() { # status, store, media ...
	want=$1 into=$2
	shift 2
	run "$want" wsusferry-import -q -k one.pub -s "$into" "$@"
}

same_store() {
	{ sqlite3 -readonly "$1/store.db" 'SELECT * FROM revision' | sha256sum
	    (cd "$1/WsusContent" && find . -type f -exec sha1sum {} + | sort)
	} >got 2>&1
	{ sqlite3 -readonly "$2/store.db" 'SELECT * FROM revision' | sha256sum
	    (cd "$2/WsusContent" && find . -type f -exec sha1sum {} + | sort)
	} >wanted 2>&1
	cmp got wanted >out 2>&1 && [ -z "$(ls "$1/staging")" ]
}

# Bytes with whole blocks, the folders too.
below() { # size, folder
	[ $(($(du -sB4096 "$2" | cut -f 1) * 4096)) -le "$1" ]
}

prepare() {
	run 0 gencatalogue --seed 7 --revisions 200 --doc-bytes 2000 \
	    --payload-files 30 --payload-bytes 20000000 --out gen &&
	    run 0 wsusferry-key new -q --out one.key &&
	    run 0 wsusferry-import -q -s near --unsigned \
		--content gen/WsusContent gen/wsusexport.cab
	ok "a store to export from" $?
	mkdir full && cp -r near again &&
	    run 0 wsusferry-export -q -s again --sign-key one.key --to full &&
	    take 0 plain full/*
	ok "its transfer on one medium is imported" $?
}

one_after_the_other() {
	mkdir m1 m2 m3
	run 7 wsusferry-export -s near --sign-key one.key --media-size 9M \
	    --to m1 && says err 'run it again with --medium 2 for site-000001-2of3'
	ok "the first medium: 7, and what comes next is said" $?
	run 0 wsusferry-list updates -s near && run 0 wsusferry-verify -q near
	ok "other programs run between" $?
	run 2 wsusferry-export -q -s near --medium 4 --to m2 &&
	    says err 'is on 3 media'
	ok "a medium that there is not: 2" $?
	run 2 wsusferry-export -q -s near --medium 3 --to m3 --destination west &&
	    says err 'which is for anybody, not for west' && [ -z "$(ls m3)" ]
	ok "of a transfer to somebody else: 2" $?
	run 7 wsusferry-export -s near --medium 3 --to m3 &&
	    says err 'site-000001: going on with its media: for anybody, begun 2' &&
	    run 0 wsusferry-export -s near --verify-medium --medium 2 --to m2 &&
	    says err 'read again: ' && says err 'is complete'
	ok "the third, then the second, read again: complete" $?
	[ -z "$(ls near/staging)" ] && run 2 wsusferry-export -q -s near \
	    --medium 2 --to m2 && says err 'none waits for any'
	ok "then nothing waits any more" $?
	below 9000000 m1 && below 9000000 m2 && below 9000000 m3
	ok "none is over its size" $?
	for m in m1 m2 m3; do
		(cd $m/* && minisign -V -q -p "$dir/one.pub" -m \
		    tagmanifest-sha256.txt && sha256sum --strict --quiet -c \
		    tagmanifest-sha256.txt manifest-sha256.txt) >out 2>err
		ok "$m holds for minisign and sha256sum" $?
	done
}

# The options of the first run, once more: the next medium.
by_the_same_command() {
	cp -r again other && mkdir n1 n2 n3
	run 7 wsusferry-export -q -s other --sign-key one.key --media-size 9M \
	    --to n1 &&
	    run 7 wsusferry-export -q -s other --sign-key one.key \
		--media-size 9M --to n2 &&
	    run 0 wsusferry-export -q -s other --sign-key one.key \
		--media-size 9M --to n3
	ok "the same command writes the next medium" $?
	run 0 wsusferry-verify -q -k one.pub n3/* n1/* n2/*
	ok "and these are one transfer" $?
	mkdir o1 o2 && run 7 wsusferry-export -q -s other --sign-key one.key \
	    --media-size 8M --to o1 &&
	    run 7 wsusferry-export -q -s other --sign-key one.key \
		--media-size 9M --to o2 && [ -d o2/*-000004-1of3 ]
	ok "what is asked for in another way is another transfer" $?
}

# Random sets, random sizes, random order: the same store.
any_order() {
	i=0
	while [ $i -lt $rounds ]; do
		i=$((i + 1))
		random 5000
		size=$((2500 + drawn))
		rm -rf p far x && cp -r again x && mkdir p && set --
		for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
			mkdir p/$n && set -- "$@" --to p/$n
		done
		run 0 wsusferry-export -q -s x --sign-key one.key \
		    --media-size ${size}K "$@"
		ok "round $i: media of ${size}K" $?
		over=0
		for m in p/*/*; do
			below $((size * 1000)) "$m" || over=1
		done
		ok "round $i: below their size" $over
		for m in p/*/*; do
			random 1000
			echo "$drawn $m"
		done | sort -n | cut -d ' ' -f 2 >order
		last=$(tail -n 1 order)
		while read -r m; do
			want=9
			[ "$m" != "$last" ] || want=0
			take $want far "$m" || echo "bad $m" >>bad
		done <order
		[ ! -e bad ] && same_store far plain
		ok "round $i: in the order of $(wc -l <order) media" $?
		take 0 far2 p/*/* && same_store far2 plain
		ok "round $i: all at once" $?
		rm -rf far2
	done
}

read_only() {
	chmod -R a-w m1 m2 m3
	take 9 ro m3/* && take 9 ro m1/* && take 0 ro m2/* &&
	    same_store ro plain
	ok "from media that cannot be written" $?
	chmod -R u+w m1 m2 m3
}

# Of what was meant for a medium that is gone, and one that is too small.
bad_media() {
	cp -r again y && mkdir q1 && head -c 100 /dev/zero >q1/there
	run 2 wsusferry-export -q -s y --sign-key one.key --media-size 9X \
	    --to q1 && says err "takes a size like 32G"
	ok "a size that is none: 2" $?
	run 2 wsusferry-export -q -s y --sign-key one.key --media-size 9M \
	    --filesystem ext5 --to q1 && says err 'fat32, exfat, ntfs or any'
	ok "a file system that is none: 2" $?
	run 3 wsusferry-export -q -s y --sign-key one.key --media-size 90K \
	    --to q1 && says err 'is too small'
	ok "media too small for the lists: 3" $?
	[ "$(ls q1)" = there ] && [ -z "$(ls y/staging)" ]
	ok "and nothing was written" $?
	run 0 wsusferry-export -n -s y --sign-key one.key --media-size 9M \
	    --to q1 && says err 'on 3 media' && [ "$(ls q1)" = there ]
	ok "a dry run says how many" $?
}

glance() {
	run 0 wsusferry-verify --glance -k one.pub full/* m1/* &&
	    says out 'signature and tag files: 0 faults; no payload was read' &&
	    says err 'no payload was read' && ! says err 'all good'
	ok "a glance says that no payload was read" $?
	cp -r full/* g && f=$(find g/data/WsusContent -name '*.cab' -size +1 |
	    head -n 1) && printf x | dd of="$f" conv=notrunc status=none
	run 0 wsusferry-verify -q --glance -k one.pub g &&
	    run 1 wsusferry-verify -q -k one.pub g
	ok "and does not see what is wrong with it" $?
	printf x >>g/README.txt
	run 1 wsusferry-verify -q --glance -k one.pub g && says out README.txt
	ok "but sees a tag file that was changed" $?
	printf x >>g/tagmanifest-sha256.txt
	run 8 wsusferry-verify -q --glance -k one.pub g
	ok "and a signature that does not hold" $?
	run 0 wsusferry-verify --glance near && says err '--glance was of no use'
	ok "a store has nothing to glance at" $?
}

prepare
one_after_the_other
glance
by_the_same_command
any_order
read_only
bad_media
finish
