#!/bin/sh
# SPDX-License-Identifier: ISC
# Odd folders and names: content folders with things that are no payload, a
# store that lost its tree, names that would speak to a terminal.
set -u
. "$(dirname "$0")/common"

gencatalogue --seed 9 --revisions 60 --doc-bytes 1500 --payload-files 8 \
    --payload-bytes 60000 --out gen >/dev/null
import() { # store, content folder
	wsusferry-import -v -s "$1" --unsigned --content "$2" gen/wsusexport.cab
}
one=$(cd gen/WsusContent && find . -name '*.*' -size +0 -type f | sort |
    sed -n '1s/^..//p')
bare=${one%.*}
odd() {
	rm -rf odd
	cp -r gen/WsusContent odd
	chmod -R u+w odd
}

odd && mkfifo odd/fifo && ln -s /dev/zero odd/link &&
    cp "odd/$one" "odd/$bare.zzz"
run 0 import s1 odd && says err "fifo: not a payload's name; it is left" &&
    says err "link: not a payload's name; it is left" &&
    says err "$bare.zzz: a second file of this name's digest; it is left" &&
    says err "3 unnamed"
ok "import lists what is no payload and a digest's second file" $?
odd && mv "odd/$one" elsewhere && ln -s "$dir/elsewhere" "odd/$one"
run 10 import s2 odd && says err "$one: not a regular file" &&
    says err "1 file absent"
ok "a link in place of payload is not followed, and told" $?
odd && truncate -s 1T "odd/$one"
run 1 timeout 20 wsusferry-import -s s3 --unsigned --content odd \
    gen/wsusexport.cab && says out "$one: 1099511627776 bytes, expected"
ok "payload of another size than its update says is not copied" $?

cp -r s1 treeless && chmod -R u+w treeless && rm -r treeless/WsusContent
run 1 wsusferry-verify treeless && says out "$one: its folder is not there"
ok "verify lists each file of a store whose tree is gone" $?
wsusferry-key new --out site.key >/dev/null 2>&1
mkdir stick
run 1 wsusferry-export -s treeless --sign-key site.key --to stick &&
    says err 'of them lost or damaged' && says err 'nothing is exported' &&
    [ -z "$(ls -A stick)" ]
ok "export refuses a store whose tree is gone" $?

# Reading the memory of a process at its beginning is an error of the system.
run 4 wsusferry-import -n -s dry --unsigned /proc/self/mem && [ ! -e dry ]
ok "a dry run that failed leaves no store behind either" $?

mkdir wide && (umask 077 && wsusferry-export -q -s s1 --sign-key site.key \
    --to wide) >/dev/null 2>&1
run 0 find wide/wsusferry-site-000001 \( -type d ! -perm 0755 -o \
    -type f ! -perm 0644 \) && [ ! -s out ] &&
    [ -f wide/wsusferry-site-000001/data/wsusexport.cab ]
ok "a transfer can be read by others whatever the umask" $?

esc=$(printf '\033')
mkdir "red${esc}[31m"
cp gen/wsusexport.cab "red${esc}[31m/"
run 0 wsusferry-verify --content gen/WsusContent \
    "red${esc}[31m/wsusexport.cab" &&
    says out "red?[31m/" && ! says out "$esc" && ! says err "$esc"
ok "verify prints no control character of a path" $?
cp site.pub "red${esc}[31m/x${esc}[0m.pub"
run 0 wsusferry-key list -k "red${esc}[31m" && says out "x?[0m.pub" &&
    ! says out "$esc"
ok "the list of keys prints none of a file's name" $?

# A document may name the digest that stands for "no payload" in our tables.
if have gcab; then
	wsusferry-import -q -s s1 --unsigned gen/wsusexport.cab >/dev/null 2>&1
	mkdir zero && (cd zero && cabextract -q ../gen/wsusexport.cab) 2>err
	digest=$(sed 's/.*<File Digest="\([^"]*\)".*/\1/;q' zero/package.xml)
	sed -i "s|$digest|AAAAAAAAAAAAAAAAAAAAAAAAAAA=|g" zero/*.*
	(cd zero && gcab -cnz zero.cab package.xml metadata.txt) >out 2>err
	run 10 wsusferry-import -s z --unsigned --content gen/WsusContent \
	    zero/zero.cab
	ok "payload whose digest is zero is absent, and no more" $?
	run 10 wsusferry-export -s z --sign-key site.key --to stick
	run 10 wsusferry-import -s z2 -k site.pub stick/wsusferry-site-000001 &&
	    says err "1 file absent"
	ok "so it is to who imports the transfer" $?
else
	skip "a digest of zeros" "gcab is not installed"
fi
# What ends a file early is a fault as any other: listed, and counted.
: >void.cab
head -c 3000 gen/wsusexport.cab >short.cab
run 3 wsusferry-verify --json void.cab short.cab && says out '"faults":2,' &&
    says out 'short.cab","offset":3000,"message":"header reserve: cut short'
ok "a file that is cut short is counted among the faults" $?

finish
