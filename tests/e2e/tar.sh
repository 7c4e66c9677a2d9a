#!/bin/sh
# SPDX-License-Identifier: ISC
# Transfers in a tar and in ISO 9660 images, with the real programs and with
# other people's.
set -u
. "$(dirname "$0")/common"
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH

run 0 gencatalogue --seed 7 --revisions 60 --doc-bytes 2000 --payload-files 9 \
    --payload-bytes 900000 --out gen &&
    run 0 wsusferry-key new -q --out one.key &&
    run 0 wsusferry-import -q -s first --site north --unsigned \
	--content gen/WsusContent gen/wsusexport.cab
ok "a store to export from" $?

fresh() { # the same store again
	rm -rf near && cp -r first near
}

export_to() { # STATUS TO OPTION ...
	want=$1 to=$2
	shift 2
	run "$want" wsusferry-export -q -s near --sign-key one.key --to "$to" "$@"
}

same_rows() { # store, store
	sqlite3 -readonly "$1/store.db" 'SELECT * FROM revision' >rows1 &&
	    sqlite3 -readonly "$2/store.db" 'SELECT * FROM revision' >rows2 &&
	    cmp rows1 rows2 >>err 2>&1 &&
	    diff -r "$1/WsusContent" "$2/WsusContent" >>err
}

mkdir folder gnu bsd
fresh && export_to 0 folder && fresh && export_to 0 one.tar &&
    [ -z "$(ls near/staging)" ]
ok "the same transfer in a folder and in a tar" $?
name=wsusferry-north-000001
(cd gnu && tar -xf ../one.tar) 2>err && diff -r folder/$name gnu/$name >>err
ok "GNU tar unpacks the folder" $?
(cd bsd && bsdtar -xf ../one.tar) 2>err && diff -r folder/$name bsd/$name >>err
ok "so does bsdtar" $?
(cd gnu/$name && minisign -V -q -p ../../one.pub -m tagmanifest-sha256.txt &&
    sha256sum --strict --quiet -c tagmanifest-sha256.txt manifest-sha256.txt) \
    >out 2>err
ok "and it holds for minisign and sha256sum" $?
tar -tvf one.tar >out && ! grep -vq '^-rw-r--r-- 0/0 .* 2023-11-14 ' out
ok "regular files of 0 and of one time" $?
tar -tf one.tar | sed "s,^$name/,," >got && {
	printf '%s\n' tagmanifest-sha256.txt tagmanifest-sha256.txt.minisig
	cut -c 67- folder/$name/tagmanifest-sha256.txt
	printf 'data/%s\n' wsusexport.cab state.jsonl
	cut -c 67- folder/$name/manifest-sha256.txt |
	    grep -vxE 'data/(wsusexport.cab|state.jsonl)'
} >wanted && cmp got wanted >err
ok "in the order of the page" $?
[ "$(tail -c 1024 one.tar | tr -d '\0' | wc -c)" = 0 ] &&
    [ $(($(wc -c <one.tar) % 10240)) = 0 ]
ok "with zeros at its end" $?
mkdir large && head -c 1500000 /dev/zero >large/zeros && fresh &&
    export_to 0 large.tar --with large=large &&
    [ $(($(wc -c <large.tar) % 10240)) = 0 ]
ok "and so does one that is larger than what is written at a time" $?

again() { # what, command ...
	what=$1
	shift
	fresh
	rm -f two.tar
	run 0 env "$@" && cmp one.tar two.tar >>err
	ok "the same bytes: $what" $?
}
cmdline='wsusferry-export -q -s near --sign-key one.key --to two.tar'
# shellcheck disable=SC2086
{
	again "one thread" $cmdline -j 1
	again "two threads" $cmdline -j 2
	again "another locale" LC_ALL=C.UTF-8 $cmdline
	again "another time zone" TZ=Asia/Tokyo $cmdline
	umask 077
	again "another umask" $cmdline
	umask 022
}
[ "$(stat -c %a two.tar)" = 644 ]
ok "and the mode is exact" $?
fresh && wsusferry-export -q -s near --sign-key one.key --to - >out.tar 2>err &&
    cmp one.tar out.tar >>err
ok "the same bytes: standard output" $?

run 0 wsusferry-verify -q -k one.pub one.tar &&
    run 0 wsusferry-import -q -s far -k one.pub one.tar && same_rows first far
ok "import of the tar" $?
run 0 wsusferry-import -s far -k one.pub folder/$name && says err 'imported before'
ok "it is the same transfer as the folder" $?
run 0 wsusferry-verify -q --glance -k one.pub one.tar
ok "a glance at it" $?
fresh && wsusferry-export -q -s near --sign-key one.key --to - 2>err |
    run 0 wsusferry-verify -q -k one.pub -
ok "export | verify" $?
rm -rf far && fresh && wsusferry-export -q -s near --sign-key one.key --to - \
    2>err | run 0 wsusferry-import -q -s far -k one.pub - && same_rows first far
ok "export | import" $?
run 0 wsusferry-import -q -n -s far -k one.pub - <one.tar
ok "a dry run of standard input" $?

refuses() { # STATUS TEXT OPTION ...: nothing is written
	want=$1 text=$2
	shift 2
	fresh
	ls >before
	run "$want" wsusferry-export -s near --sign-key one.key "$@" &&
	    says err "$text" && ls >after && cmp before after >>err &&
	    [ -z "$(sqlite3 -readonly near/store.db \
		'SELECT * FROM ledger WHERE kind = 0')" ]
	ok "export $* is refused" $?
}
touch after
refuses 2 'is there already' --to one.tar
refuses 2 'goes alone' --to three.tar --to gnu
refuses 2 'goes alone' --to gnu --to -
refuses 2 'go with a folder' --to three.tar --media-size 32G
refuses 2 'go with a folder' --to three.tar --filesystem fat32
refuses 2 'goes with a folder' --to three.tar --verify-medium
refuses 2 'is not there' --to nowhere/three.tar
refuses 2 'where the data go' --json --to -
mkdir odd.tar && fresh && export_to 0 odd.tar/ && [ -d odd.tar/$name ]
ok "a folder of such a name, with a slash" $?
fresh && run 0 wsusferry-export -s near --to - --plan && says out "media      1"
ok "a plan of standard output" $?
run 2 wsusferry-import -s far -k one.pub --link one.tar && says err 'only copies'
ok "import --link of a tar is refused" $?

gzip -k one.tar && run 3 wsusferry-verify -q -k one.pub - <one.tar.gz &&
    says out 'to be unpacked first' || says err 'to be unpacked first'
ok "verify of what is compressed says what to do" $?
run 2 wsusferry-import -q -s far -k one.pub one.tar.gz &&
    says err 'to be unpacked first'
ok "and import" $?
gunzip -c one.tar.gz | run 0 wsusferry-verify -q -k one.pub -
ok "gunzip -c | verify" $?

# What is damaged in the store is seen before its tar has an end.
fresh && f=$(find near/WsusContent -name '*.cab' -size +1 | sort | head -n 1) &&
    chmod u+w "$f" && printf x | dd of="$f" conv=notrunc status=none
rm -f two.tar && export_to 1 two.tar && says err 'damaged in the store' &&
    [ ! -e two.tar ] && [ ! -e .two.tar.partial ]
ok "damaged payload: no tar" $?
wsusferry-export -q -s near --sign-key one.key --to - >cut.tar 2>err
run 3 wsusferry-verify -q -k one.pub cut.tar
ok "and what went to standard output is refused" $?
cp "first/${f#near/}" "$f" && export_to 0 two.tar && cmp one.tar two.tar >>err
ok "the next run, once it is mended, writes that transfer" $?

# Nobody reads on, no room, the end of the program.
fresh && { wsusferry-export -q -s near --sign-key one.key --to - 2>err; echo $? >got; } |
    head -c 1000 >/dev/null
[ "$(cat got)" = 4 ] && rm -f two.tar && export_to 0 two.tar
ok "a reader that goes away: 4, and the next run is the whole" $?
fresh && rm -f two.tar
(ulimit -f 400 && export_to 4 two.tar) && [ ! -e two.tar ] &&
    [ ! -e .two.tar.partial ]
ok "no room for all of it: 4, and nothing is left" $?
export_to 0 two.tar && cmp one.tar two.tar >>err
ok "and then the same tar" $?
n=0
for at in 10 25 45; do
	fresh && rm -f two.tar
	timeout -s KILL 0.0$at wsusferry-export -q -s near --sign-key one.key \
	    --to two.tar >/dev/null 2>&1
	[ -e two.tar ] && ! run 0 wsusferry-verify -q -k one.pub two.tar && n=1
	[ -e two.tar ] || export_to 0 two.tar || n=1
	run 0 wsusferry-verify -q -k one.pub two.tar || n=1
	rm -rf far
	timeout -s KILL 0.0$at wsusferry-import -q -s far -k one.pub two.tar \
	    >/dev/null 2>&1
	run 0 wsusferry-import -q -s far -k one.pub two.tar &&
	    same_rows first far || n=1
done
[ $n = 0 ]
ok "killed here and there, and run again" $?
rm -rf far && mkfifo slow && { wsusferry-import -q -s far -k one.pub - <slow \
    >out 2>err & pid=$!; } && exec 7>slow && head -c 20000 one.tar >&7 &&
    sleep 0.3 && kill -INT $pid
ended $pid
[ $? = 7 ] && [ ! -e far ]
ok "a stream that waits can be stopped" $?
exec 7>&-

# Images of discs.
images() {
	xorriso -outdev rock.iso -map folder/$name / >/dev/null 2>&1 &&
	    genisoimage -quiet -J -o joliet.iso folder 2>/dev/null &&
	    genisoimage -quiet -o plain.iso folder 2>/dev/null
	ok "images by xorriso and genisoimage" $?
	for i in rock joliet; do
		rm -rf far
		run 0 wsusferry-verify -q -k one.pub $i.iso &&
		    run 0 wsusferry-import -q -s far -k one.pub $i.iso &&
		    same_rows first far
		ok "verify and import of $i.iso" $?
	done
	cat rock.iso | run 3 wsusferry-verify -q -k one.pub - &&
	    says err 'an ISO 9660 image is read from a file'
	ok "an image by a pipe: it says why not" $?
	run 2 wsusferry-verify -q -k one.pub plain.iso && says err 'Rock Ridge'
	ok "an image without the names is refused" $?
	mkdir two && cp -r folder/$name two/a && cp -r folder/$name two/b &&
	    genisoimage -quiet -R -o two.iso two 2>/dev/null &&
	    run 2 wsusferry-verify -q -k one.pub two.iso &&
	    says err '2 transfers in this image'
	ok "an image of two transfers is refused" $?
	rm -rf two && cp -r folder/$name two && echo x >two/data/autorun.inf &&
	    genisoimage -quiet -R -o two.iso two 2>/dev/null &&
	    run 3 wsusferry-verify -q -k one.pub two.iso &&
	    says out 'data/autorun.inf: undeclared'
	ok "an undeclared file in an image is told" $?
	echo x >two/data/dupl-aaaa.x && echo x >two/data/dupl-bbbb.x &&
	    genisoimage -quiet -R -o two.iso two 2>/dev/null &&
	    sed -i 's/dupl-bbbb/dupl-aaaa/' two.iso &&
	    run 3 wsusferry-verify -q -k one.pub two.iso &&
	    says err 'there are two of this name'
	ok "two files of one name in an image are refused" $?
	head -c 300000 rock.iso >cut.iso
	run 3 wsusferry-verify -q -k one.pub cut.iso
	ok "an image that is cut off is refused" $?
	xorriso -outdev link.iso -map folder/$name / -rm /README.txt -- \
	    -lns verify.sh /README.txt >/dev/null 2>&1
	run 3 wsusferry-verify -q -k one.pub link.iso && says out README.txt
	ok "a link in an image is told" $?
}

# A file of 500 KB in parts on several of them.
discs() {
	run 0 gencatalogue --seed 9 --revisions 30 --doc-bytes 2000 \
	    --payload-files 5 --big-files 1 --payload-bytes 1500000 --out big &&
	    run 0 wsusferry-import -q -s bigs --site north --unsigned \
		--content big/WsusContent big/wsusexport.cab && mkdir m &&
	    set -- && for n in 1 2 3 4 5 6 7 8; do
		mkdir m/$n && set -- "$@" --to m/$n
	done && run 0 wsusferry-export -q -s bigs --sign-key one.key \
	    --media-size 400K "$@"
	ok "a transfer on media with a file in parts" $?
	ls -d m/*/*/data/parts >/dev/null 2>err
	ok "it is in parts" $?
	set --
	for n in m/*/wsus*; do
		genisoimage -quiet -R -J -o "$n.iso" "$n" 2>/dev/null
		set -- "$@" "$n.iso"
	done
	run 0 wsusferry-verify -q -k one.pub "$@"
	ok "its images are judged together" $?
	run 0 wsusferry-import -q -s far2 -k one.pub "$@" && same_rows bigs far2
	ok "and imported together" $?
	last=9 n=$#
	for i in "$@"; do
		n=$((n - 1))
		[ $n != 0 ] || last=0
		run $last wsusferry-import -q -s far3 -k one.pub "$i" ||
		    echo bad >bad
	done
	[ ! -e bad ] && same_rows bigs far3
	ok "and one after the other" $?
}

if have xorriso && have genisoimage; then
	images
	discs
else
	skip "images of discs" "xorriso and genisoimage are not installed"
fi
finish
