#!/bin/sh
# SPDX-License-Identifier: ISC
# Folders of the site's own, carried along.
set -u
. "$(dirname "$0")/common"

export_north() { # STATUS OPTION ...
	want=$1
	shift
	run "$want" wsusferry-export -s st --sign-key k.key --to stick \
	    --destination south "$@"
}

take() { # STATUS NUMBER OPTION ...
	want=$1 n=$2
	shift 2
	run "$want" wsusferry-import -s far -k k.pub "$@" "stick/wsusferry-north-00000$n"
}

run 0 gencatalogue --seed 7 --revisions 60 --doc-bytes 2500 \
    --payload-files 6 --payload-bytes 900000 --out g &&
    run 0 wsusferry-import -q -s st --site north --unsigned \
	--content g/WsusContent g/wsusexport.cab &&
    run 0 wsusferry-key new -q --out k.key && mkdir stick
mkdir -p tools/sub lists/a/b/c/d && echo one >tools/a.exe && echo two >tools/sub/b.exe &&
    echo scan >lists/wsusscn2.cab && echo deep >lists/a/b/c/d/e.txt
ok "a store and two folders" $?

export_north 0 --plan --with tools=vendor && says out 'with       2 files, 8 bytes'
ok "a plan says so" $?
export_north 0 --plan --json --with tools=vendor && cp out plan
echo ONE >tools/a.exe
export_north 1 --from-plan plan --with tools=vendor && says err 'is not what it was'
ok "a plan of what is another by now" $?
echo one >tools/a.exe
export_north 0 --from-plan plan --with tools=vendor
ok "the plan" $?
t=stick/wsusferry-north-000001
[ "$(sed -n 's/^Wsusferry-Requires: //p' $t/bag-info.txt)" = with ] &&
    diff -r tools $t/data/with/vendor >err &&
    (cd $t && sha256sum --strict --quiet -c tagmanifest-sha256.txt &&
	sha256sum --strict --quiet -c manifest-sha256.txt) >>err 2>&1
ok "they are in it, under its signature" $?
run 0 wsusferry-verify -k k.pub $t &&
    says err "data/with/vendor: a folder of the site's own: 2 files, 8 bytes"
ok "verify lists them" $?
take 0 1 && diff -r tools far/with/vendor >err
ok "and they are beneath with/ of the store" $?

echo three >tools/a.exe && rm -r tools/sub
export_north 0 --since-last --with tools=vendor --with lists=scan && take 0 2 &&
    diff -r tools far/with/vendor >err && diff -r lists far/with/scan >>err
ok "nothing else is new: they travel by themselves, each as a whole" $?
take 0 2 --json && [ "$(jq 'select(.type == "summary") | .with' out)" = 0 ]
ok "again: nothing changes" $?
rm -r far/with/scan && take 0 2 && diff -r lists far/with/scan >err
ok "what is gone is taken again" $?
take 0 1 && diff -r tools far/with/vendor >err
ok "by the latest transfer alone" $?
third=stick/wsusferry-north-000003
echo four >tools/a.exe && export_north 0 --full --with tools=vendor &&
    f=$(find $third/data/WsusContent -path '*/??/*' | head -n 1) && chmod u+w "$f" &&
    cp "$f" good && printf x | dd of="$f" conv=notrunc 2>/dev/null && rm -rf far/WsusContent/*/* &&
    take 1 3 && says err 'nothing was imported' && says far/with/vendor/a.exe three
ok "refused: it is as it was" $?
cp good "$f" && echo fo >$third/data/with/vendor/a.exe && take 1 3 &&
    says out 'data/with/vendor/a.exe: 3 bytes, expected 5' && says far/with/vendor/a.exe three &&
    run 1 wsusferry-verify -k k.pub $third && says out 'data/with/vendor/a.exe: 3 bytes, expected 5'
ok "changed on the way: 1, by both" $?
echo four >$third/data/with/vendor/a.exe && take 0 3 && says far/with/vendor/a.exe four &&
    says far/with/scan/wsusscn2.cab scan
ok "mended: taken, and what it does not bring stays" $?

mkdir m1 m2 m3 && head -c 700000 /dev/zero >lists/big &&
    run 0 wsusferry-export -q -s st --sign-key k.key --with lists=scan \
	--media-size 1200K --to m1 --to m2 --to m3 &&
    run 0 wsusferry-import -q -s near -k k.pub m?/* && diff -r lists near/with/scan >err
ok "by several media" $?
run 3 wsusferry-export -s st --sign-key k.key --with lists=scan --media-size 700K --to m1 &&
    says err 'take larger media'
ok "they are all on the last one" $?

bad() { # WHAT STATUS TEXT OPTION
	mkdir -p odd && export_north "$2" --full --with "$4" && says err "$3" &&
	    [ "$(ls stick | wc -l)" = 3 ]
	ok "$1" $?
	rm -rf odd
}
for x in tools =vendor tools= tools=a/b tools=.a 'tools=a b' tools=con tools=ü; do
	bad "no folder and name: $x" 2 '--with takes DIR=NAME' "$x"
done
bad "no folder" 2 'nowhere' nowhere=x
bad "nothing in it" 2 'odd: no file is in it' odd=x
mkdir odd && ln -s ../tools/a.exe odd/link
bad "a link" 2 'odd/link: a link, a device or the like' odd=x
mkdir odd && mkfifo odd/pipe
bad "a pipe" 2 'odd/pipe: a link, a device' odd=x
mkdir odd && echo x >'odd/a b'
bad "a blank" 2 'odd/a b: expected a name of A-Za-z0-9._-' odd=x
mkdir odd && echo x >odd/ä
bad "not ASCII" 2 'expected a name of A-Za-z0-9._-' odd=x
mkdir odd && echo x >odd/NUL.txt
bad "a device of Windows" 2 'odd/NUL.txt: expected a name' odd=x
mkdir odd && echo x >odd/a && echo x >odd/A
bad "one name for Windows" 2 'letter case' odd=x
mkdir -p odd/1/2/3/4/5/6 && echo x >odd/1/2/3/4/5/6/x
bad "too deep" 2 'odd: 1/2/3/4/5/6: more than 4 folders deep' odd=x
export_north 2 --full --with tools=x --with lists=x && says err 'another folder is called x, too'
ok "one name twice" $?
run 2 wsusferry-export -s st --package x.cab --with tools=x && says err 'goes with --to'
ok "a package has none" $?
finish
