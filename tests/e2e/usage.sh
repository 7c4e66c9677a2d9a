#!/bin/sh
# SPDX-License-Identifier: ISC
# What people get wrong: each message says what was found and what to do, and
# nothing is made or changed.
set -u
. "$(dirname "$0")/common"

# no STATUS NAME FIXED-TEXT PROGRAM ARGUMENT ...: refused in these words.
no() {
	want=$1 name=$2 text=$3
	shift 3
	run "$want" "$@" && cat out err >both && says both "$text"
	ok "$name" $?
}

gencatalogue --seed 9 --revisions 40 --doc-bytes 1500 --payload-files 6 \
    --payload-bytes 60000 --out up >/dev/null
wsusferry-import -q -s north --site north --unsigned \
    --content up/WsusContent up/wsusexport.cab >/dev/null 2>&1
wsusferry-key new --out site.key >/dev/null 2>&1
wsusferry-key new --out other.key >/dev/null 2>&1
mkdir stick empty
wsusferry-export -q -s north --sign-key site.key --to stick >/dev/null 2>&1
p=up/wsusexport.cab
t=stick/wsusferry-north-000001
run 0 wsusferry-verify -q -k site.pub $t
ok "the transfer is good to begin with" $?
run 0 wsusferry-verify -q -k site.pub $t && [ ! -s out ] && [ ! -s err ]
ok "and verify says nothing of it when asked to be quiet" $?
run 0 wsusferry-verify -v -k site.pub $t &&
    says err "signed by key $(sed -n '1s/.* //p' site.pub)" &&
    says err "inventory.csv: good, "
ok "and verify says more when asked" $?
run 0 env WSUSFERRY_DIGEST=openssl wsusferry-verify -v -k site.pub $t &&
    says err "OpenSSL works out the digests: WSUSFERRY_DIGEST asks for it"
ok "and by whose digests, where it is asked for OpenSSL's" $?
: >zero.cab
head -c 10000 $p >short.cab
echo hello >text.cab

no 2 "digests that nobody knows" \
    "WSUSFERRY_DIGEST: 'sha': expected 'openssl'" \
    env WSUSFERRY_DIGEST=sha wsusferry-verify $p

import="wsusferry-import -s new"
no 2 "import of nothing" "expected a transfer, packages with --unsigned, or" \
    wsusferry-import -s new
no 2 "import without a store" "--store" wsusferry-import $p
no 2 "a package without --unsigned" "give --unsigned" $import $p
no 2 "and with a key" "give --unsigned" $import -k site.pub $p
no 2 "several packages without --unsigned" "give --unsigned" $import $p $p
no 2 "a transfer with --unsigned" "without --unsigned" $import --unsigned $t
no 2 "the folder of a package" "did you mean up/wsusexport.cab?" \
    $import --unsigned up
no 2 "the folder of content as a package" "a package is a file" \
    $import --unsigned up/WsusContent
no 2 "a transfer's parent" "did you mean $t?" $import -k site.pub stick
no 2 "with a slash at its end" "did you mean $t?" $import -k site.pub stick/
no 2 "a transfer's data" "the folder above" $import -k site.pub $t/data
no 2 "an empty folder" "not a transfer: no tagmanifest-sha256.txt in it" \
    $import -k site.pub empty
no 2 "a transfer that is not there" "nothing: the transfer is not there" \
    $import -k site.pub nothing
no 2 "a package that is not there" "nothing: the package is not there" \
    $import --unsigned nothing
no 2 "a package as the content" "$p: the content folder is a file" \
    $import --unsigned --content $p $p
no 2 "content that is not there" "nothing: the content folder is not there" \
    $import --unsigned --content nothing $p
no 2 "content for a transfer" "--content goes with --unsigned" \
    $import -k site.pub --content up/WsusContent $t
no 3 "an empty package" "empty" $import --unsigned zero.cab
no 3 "half a package" "the file has 10000 bytes" $import --unsigned short.cab
no 3 "no package at all" "cabinet" $import --unsigned text.cab
no 2 "the payload of a transfer" "two folders up: $t/data/WsusContent/../.." \
    wsusferry-verify $t/data/WsusContent
printf 'PK\003\004 and more, as much as a head has in all......' >some.zip
no 3 "a ZIP archive as a package" "a ZIP archive: unpack it first" \
    wsusferry-verify some.zip
no 3 "a payload file as a package" "expected a cabinet's MSCF" $import \
    --unsigned "$(find up/WsusContent -name '*.exe' | sort | head -n 1)"
no 8 "no key" "--trusted-keys" $import $t
no 8 "a folder without keys" "no *.pub in empty" $import -k empty $t
no 8 "another key" "not by a trusted key (key id " $import -k other.pub $t
no 3 "a secret key to trust" "site.key: no public key: this is a secret key" \
    $import -k site.key $t
no 2 "a key that is not there" "none.pub: no such file" $import -k none.pub $t
no 2 "a bad site" "a-z, 0-9 and '-'" $import --site 'Our Site' -k site.pub $t
no 2 "a misspelt option" "nearest is '--unsigned'" $import --unsinged $p
[ ! -e new ]
ok "no store was left behind" $?
no 2 "a file as the store" "text.cab: not a store: not a folder" \
    wsusferry-import -s text.cab --unsigned $p
no 2 "another folder as the store" "up: not a store, and not empty" \
    wsusferry-import -s up --unsigned $p
no 9 "a transfer into its own store" "this store exported it itself" \
    wsusferry-import -s north -k site.pub $t

export="wsusferry-export -s north"
no 2 "export of nothing" "--to DIR or --package FILE.cab" $export
no 2 "export of both" "either --to DIR or --package" \
    $export --to stick --package x.cab
no 2 "no key to sign with" "give --sign-key FILE" $export --to stick
no 3 "a public key to sign with" "site.pub: no secret key: this is a public" \
    $export --to stick --sign-key site.pub
no 3 "no key file to sign with" "text.cab: no secret key" \
    $export --to stick --sign-key text.cab
no 2 "a folder to sign with" "expected a key file, found a folder" \
    $export --to stick --sign-key stick
no 2 "no store there" "nothing: not a store: there is no folder" \
    wsusferry-export -s nothing --package x.cab
no 2 "a transfer as the store" "not a store: there is no store.db" \
    wsusferry-export -s $t --package x.cab
no 2 "a folder that is not there" "nothing: the folder for the transfer is" \
    $export --sign-key site.key --to nothing
no 2 "a file as the folder" "is a file, no folder" \
    $export --sign-key site.key --to text.cab
no 2 "a package's folder that is not there" "none/: the folder for the pack" \
    $export --package none/x.cab
no 2 "a folder as the package" "ends in .cab, not 'stick/'" \
    $export --package stick/
no 2 "a package without .cab" "ends in .cab, not 'x'" $export --package x
cp $p taken.cab
no 2 "a package's name that is taken" "'taken.cab' is there already" \
    $export --package taken.cab
no 2 "an update by its title" "a KB number or an UpdateID, not 'Edge'" \
    $export --package x.cab --update Edge
no 2 "a KB number that none has" "no update held has it" \
    $export --package x.cab --update KB123
no 2 "a time in words" "like 2026-01-31T06:07:08Z, not 'now'" \
    $export --package x.cab --creation-time now
no 2 "a language in words" "'english', expected a short name" \
    $export --package x.cab --languages english
mkdir other && mkdir other/wsusferry-north-000002
no 2 "a transfer's name that is taken" \
    "other/wsusferry-north-000002 is there already" \
    $export --sign-key site.key --to other
run 0 $export --sign-key site.key --to stick &&
    [ -d stick/wsusferry-north-000002 ]
ok "and its number is not lost" $?
[ ! -e x.cab ] && [ "$(ls -A other)" = wsusferry-north-000002 ]
ok "nothing was written by what was refused" $?

no 2 "two transfers in a folder" "2 transfers in it: name one" \
    $import -k site.pub stick
no 2 "verify of a folder" "2 transfers in it" wsusferry-verify stick
no 2 "verify of a package's folder" "did you mean $p?" wsusferry-verify up
no 2 "verify of nothing" "no such file or folder" wsusferry-verify nothing
no 3 "verify of an empty file" "empty" wsusferry-verify zero.cab
no 3 "verify of half a package" "10000 bytes" wsusferry-verify short.cab
no 0 "verify of a transfer with content" \
    "warning: --content was of no use: none of the paths is a package" \
    wsusferry-verify -q -k site.pub --content up/WsusContent $t
no 0 "verify of a transfer, quickly" "--quick was of no use" \
    wsusferry-verify -q -k site.pub --quick $t
no 0 "verify of a store for a store" "--store was of no use" \
    wsusferry-verify -q -s north north
no 0 "verify of a store with keys" "--trusted-keys was of no use" \
    wsusferry-verify -q -k site.pub north
run 0 env WSUSFERRY_STORE=north wsusferry-verify -q north && [ ! -s err ]
ok "what stands in the environment is for others, too" $?
no 2 "a key for what is not signed" "--trusted-keys goes with a transfer" \
    $import --unsigned -k site.pub $p
no 2 "a key to sign a package" "--sign-key goes with --to" \
    wsusferry-export -s north --sign-key site.key --package k.cab
no 2 "all revisions of a transfer" "--all-revisions goes with --package" \
    wsusferry-export -s north --sign-key site.key --to stick --all-revisions
no 2 "whole lists without lists" "--full asks for whole lists" \
    wsusferry-fetch -s north --content-only --full -p zero.cab
no 2 "another site for a store" "its site is 'north', not 'south'" \
    wsusferry-import -s north --site south -k site.pub $t
no 9 "its own site" "itself" \
    wsusferry-import -s north --site north -k site.pub $t
no 2 "verify with content that is not there" \
    "nothing: the content folder is not there" \
    wsusferry-verify --content nothing $p
cp $p alone.cab
no 10 "verify of a package without its content" "no --content was given" \
    wsusferry-verify alone.cab
run 0 wsusferry-verify -q --content up alone.cab &&
    run 0 wsusferry-verify -q $p
ok "verify of a package with its content, also beside it" $?
cp -r up damaged && chmod -R u+w damaged &&
    f=$(find damaged/WsusContent -name '*.cab' | sort | head -n 1) &&
    printf x | dd of="$f" conv=notrunc 2>dd.err
no 1 "verify of a package with damaged content" "SHA-1" \
    wsusferry-verify --content damaged $p
no 1 "and with such beside it" "looked for in damaged/WsusContent" \
    wsusferry-verify damaged/wsusexport.cab
no 2 "verify of a device" "neither a folder nor" wsusferry-verify /dev/null
no 2 "verify with no store" "nothing: not a store" \
    wsusferry-verify -s nothing $t
no 2 "revoke of no key" "16 hex digits" \
    wsusferry-key revoke -k empty nothing

no 4 "no folder for the copies of verify" \
    "nowhere: cannot open the folder for temporary files (TMPDIR)" \
    env TMPDIR=nowhere wsusferry-verify -k site.pub $t
run 0 env TMPDIR=nowhere wsusferry-verify north &&
    run 0 env TMPDIR=nowhere wsusferry-verify --content up/WsusContent $p
ok "a store and a package need none" $?
if [ "$(id -u)" = 0 ] && mkdir fixed &&
    mount -t tmpfs -o ro none fixed 2>/dev/null; then
	no 4 "one that cannot be written to" "fixed: cannot make temporary" \
	    env TMPDIR=fixed wsusferry-verify -k site.pub $t
	no 4 "nor by an export of a package" "fixed: cannot make temporary" \
	    env TMPDIR=fixed wsusferry-export -s north --package x.cab
	umount fixed
else
	skip "one that cannot be written to" "cannot mount"
	skip "nor by an export of a package" "cannot mount"
fi

if [ "$(id -u)" = 0 ] && mkdir small &&
    mount -t tmpfs -o size=256k none small 2>/dev/null; then
	no 4 "a stick that is too small" "KiB free at small" \
	    $export --sign-key site.key --to small
	[ -z "$(ls -A small)" ]
	ok "and nothing is begun on it" $?
	umount small
else
	skip "a stick that is too small" "cannot mount"
	skip "and nothing is begun on it" "cannot mount"
fi
# unread STATUS NAME PROGRAM ...: nobody reads its standard output any more.
unread() {
	want=$1 name=$2
	shift 2
	{
		while env echo 2>/dev/null; do
			sleep 0.05 # the reader is not gone yet
		done
		"$@" 2>err
		echo $? >status
	} | :
	got=$(cat status)
	[ "$got" = "$want" ] && [ ! -s err ]
	ok "unread: $name: $got, not a word" $?
}
unread 141 "a list" wsusferry-list -s north updates
unread 141 "a list as CSV" wsusferry-list -s north --csv files
unread 141 "a list by way of wsusferry" wsusferry list -s north --json files
unread 141 "what verify found" wsusferry-verify -k site.pub $t
unread 141 "help" wsusferry-import --help
unread 141 "an import" wsusferry-import --json -s unread --unsigned \
    --content up/WsusContent $p
run 0 wsusferry-verify unread && says out '40 revisions'
ok "and it was done even so" $?
# last STATUS NAME PROGRAM ARGUMENT ...: the summary is the last line.
last() {
	want=$1 name=$2
	shift 2
	run "$want" "$@" --json &&
	    [ "$(tail -n 1 out | jq -r '"\(.type) \(.status)"')" = \
		"summary $want" ] && [ "$(grep -c '"summary"' out)" = 1 ]
	ok "JSON ends with a summary: $name" $?
}
no 2 "a policy that is not there, before the store is looked at" \
    "wsusferry-export: policy 'no.policy' is not there" \
    wsusferry-export -s north --sign-key site.key --to empty -p no.policy
last 2 "no store" wsusferry-list updates -s nowhere
last 2 "an export with nowhere to go" wsusferry-export -s north
last 2 "no transfer" wsusferry-import -s nowhere -k site.pub nowhere
last 2 "no such key to make" wsusferry-key new
last 2 "no option" wsusferry-list --json --no-such
last 2 "nothing to verify" wsusferry-verify nowhere
last 2 "no upstream" wsusferry-fetch -s north

unread 10 "an import that lacks payload" wsusferry-import --json -s lacks \
    --unsigned $p
finish
