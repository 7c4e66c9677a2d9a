#!/bin/sh
# SPDX-License-Identifier: ISC
# Payload that went bad in, or away from, a store: found, and taken again from
# whatever brought it.
set -u
. "$(dirname "$0")/common"

gencatalogue --seed 3 --revisions 60 --doc-bytes 2500 --payload-files 6 \
    --payload-bytes 300000 --out up >/dev/null
run 0 wsusferry-import -q -s a --unsigned --content up/WsusContent \
    up/wsusexport.cab
ok "a package is imported" $?
run 0 wsusferry-key new -q --out k.key &&
    run 0 wsusferry-export -q -s a --sign-key k.key --to .
ok "a transfer is written" $?
run 0 wsusferry-import -q -s b -k k.pub wsusferry-site-000001
ok "it is imported" $?

lose() { # store
	rm -f "$(find "$1/WsusContent" -type f -size +0 | sort | head -n 1)"
}

bad=$(find b/WsusContent -type f -size +0 | sort | head -n 1)
chmod u+w "$bad"
printf X | dd of="$bad" conv=notrunc status=none
run 1 wsusferry-verify b && says out "${bad##*/}"
ok "a payload file that went bad is named, status 1" $?
lose b
run 1 wsusferry-verify b
ok "one that is lost, too" $?
run 1 wsusferry-list -q -s b lacking && says out 'lost from the store' &&
    run 1 wsusferry-export -q -n -s b --sign-key k.key --to . &&
    says err 'nothing is exported'
ok "to who does not read the bytes, too" $?
run 0 wsusferry-import -n -s b -k k.pub wsusferry-site-000001 &&
    run 1 wsusferry-verify b
ok "a dry run mends nothing" $?
run 0 wsusferry-import -s b -k k.pub wsusferry-site-000001 &&
    says err 'lost payload taken again'
ok "the same transfer brings it back, and says so" $?
run 0 wsusferry-verify b
ok "the store is whole again" $?
run 0 wsusferry-import -s b -k k.pub wsusferry-site-000001 &&
    says err 'nothing to do'
ok "once more, there is nothing to do" $?

bad=$(find b/WsusContent -type f -size +0 | sort | tail -n 1)
chmod u+w "$bad"
truncate -s 7 "$bad"
run 0 wsusferry-import -s b -k k.pub wsusferry-site-000001 &&
    says err 'damaged in the store: 7 bytes, expected' &&
    run 0 wsusferry-verify -q b
ok "one of another size is replaced by the same transfer" $?

one=$(find a/WsusContent -type f -size +0 | sort | head -n 1)
rm -f "$one"
run 1 wsusferry-verify a && grep -q "^${one#a/}: there is none" out
ok "one that is lost is named once" $?
ln -s /nowhere "$one"
run 1 wsusferry-verify a && run 1 wsusferry-list -s a lacking &&
    run 1 wsusferry-export -n -s a --sign-key k.key --to .
ok "a link in the place of payload is damage to all programs, status 1" $?
run 10 wsusferry-import -q -s a --unsigned up/wsusexport.cab
ok "which no package without its content mends" $?
run 0 wsusferry-import -q -s a --unsigned --content up/WsusContent \
    up/wsusexport.cab && run 0 wsusferry-verify a
ok "and which one with its content replaces" $?

lose a
run 10 wsusferry-import -s a --unsigned up/wsusexport.cab &&
    says err 'lost from the store'
ok "a package without its content leaves it lost, status 10" $?
run 10 wsusferry-verify a && run 10 wsusferry-list -s a lacking
ok "which is noted: it is absent from then on" $?
run 0 wsusferry-import -q -s a --unsigned --content up/WsusContent \
    up/wsusexport.cab && run 0 wsusferry-verify a
ok "a package with its content brings it back" $?

# More payload than gets its names at a time, and the last one is bad.
run 0 gencatalogue --seed 9 --revisions 1500 --doc-bytes 1500 \
    --payload-files 700 --payload-bytes 2000000 --out many
bad=$(find many/WsusContent -type f -size +0 -printf '%s %p\n' | sort -n |
    sed -n '1s/^[0-9]* //p')
printf X | dd of="$bad" conv=notrunc status=none
snapshot b >before
run 1 wsusferry-import -q -s b --unsigned --content many/WsusContent \
    many/wsusexport.cab && snapshot b >after && cmp before after
ok "payload that is refused late leaves no file and no folder" $?

finish
