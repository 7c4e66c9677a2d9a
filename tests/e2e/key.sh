#!/bin/sh
# SPDX-License-Identifier: ISC
# wsusferry-key: new, list, trust, revoke, on a store and on a folder.
set -u
. "$(dirname "$0")/common"
umask 027
key=$B/wsusferry-key

store() { # name: what passes for a store
	mkdir -p "$1" && : >"$1/store.db"
}

id_of() {
	sed -n '1s/.* //p' "$1"
}

run 0 "$key" new --out site.key && [ "$(stat -c %a site.key)" = 600 ] &&
    [ "$(stat -c %a site.pub)" = 644 ] && says out "$(id_of site.pub)  new"
ok 'new writes a secret key for its owner and a public one for all' $?

cp site.key before.key
run 2 "$key" new --out site.key && says err 'site.key exists already' &&
    cmp -s site.key before.key
ok 'new replaces no secret key' $?

mkdir sub && : >sub/a.pub
run 2 "$key" new --out sub/a.key && says err 'a.pub exists already' &&
    [ ! -e sub/a.key ] && [ ! -s sub/a.pub ]
ok 'new replaces no public key, and leaves no half of a pair' $?

cp site.key sub/half.key
run 0 "$key" new --out sub/half.key && says out "$(id_of site.pub)  completed" &&
    cmp -s sub/half.pub site.pub && cmp -s sub/half.key site.key &&
    echo junk >sub/junk.key && run 3 "$key" new --out sub/junk.key &&
    says err 'junk.key: ' && [ ! -e sub/junk.pub ]
ok 'new completes a pair that was interrupted' $?

run 2 "$key" new --out site && says err 'ends in .key' && run 2 "$key" new &&
    says err '--out' && run 2 "$key" new --out none/site.key &&
    says err 'no such folder'
ok 'new wants a name that ends in .key, in a folder that is there' $?

run 0 "$key" new -n --out dry.key && [ ! -e dry.key ] && [ ! -e dry.pub ]
ok 'new as a dry run writes nothing' $?

run 2 "$key" trust -s nowhere site.pub && mkdir empty &&
    run 2 "$key" trust -s empty site.pub &&
    says err 'empty: not a store: there is no store.db' &&
    [ -z "$(ls -A empty)" ]
ok 'trust makes no store' $?

store st
run 0 "$key" list -s st && [ ! -s out ] && [ ! -e st/keys ]
ok 'a store without keys lists none' $?

run 0 "$key" trust -n -s st site.pub && [ ! -e st/keys ]
ok 'trust as a dry run changes nothing' $?

run 0 "$key" trust -s st site.pub && [ "$(stat -c %a st/keys)" = 755 ] &&
    [ "$(stat -c %a st/keys/site.pub)" = 644 ] && run 0 "$key" list -s st &&
    says out "$(id_of site.pub)  trusted  site.pub"
ok 'a trusted key is listed' $?

run 0 "$key" trust -s st site.pub && says err 'changed: 0'
ok 'trusting twice is trusting once' $?

run 0 "$key" new --out sub/site.key && run 2 "$key" trust -s st sub/site.pub &&
    says err 'another key has the name site.pub'
ok 'another key of the same name is refused' $?

run 3 "$key" trust -s st site.key && says err 'this is a secret key' &&
    run 2 "$key" trust -s st nothing.pub && says err 'nothing.pub: no such file' &&
    echo junk >junk.pub && run 3 "$key" trust -s st junk.pub
ok 'what is no public key is refused in clear words' $?

run 0 "$key" new --out two.key && run 3 "$key" trust -s st junk.pub two.pub &&
    run 0 "$key" list -s st && says out two.pub
ok 'one bad key does not stop the others' $?

run 0 "$key" revoke -n -s st "$(id_of two.pub)" && [ -e st/keys/two.pub ]
ok 'revoke as a dry run changes nothing' $?

run 0 "$key" revoke -s st "$(id_of two.pub | tr A-F a-f)" &&
    [ ! -e st/keys/two.pub ] && [ -e st/keys/revoked/two.pub ] &&
    run 0 "$key" list -s st && says out "$(id_of two.pub)  revoked  two.pub" &&
    says out "$(id_of site.pub)  trusted  site.pub"
ok 'a key is revoked by its identity, in either case' $?

run 0 "$key" revoke -s st two.pub && says err 'changed: 0'
ok 'revoking twice is revoking once' $?

run 8 "$key" trust -s st two.pub && says err 'is revoked here'
ok 'a revoked key cannot be trusted again' $?

cp two.pub st/keys/renamed.pub
run 0 "$key" list -s st && says out "$(id_of two.pub)  revoked  renamed.pub" &&
    run 0 "$key" revoke -s st two.pub && [ ! -e st/keys/renamed.pub ]
ok 'a copy of a revoked key under another name is not trusted' $?

run 0 "$key" revoke -s st ./site.pub && [ -e st/keys/revoked/site.pub ] &&
    run 0 "$key" trust -s st sub/site.pub && run 0 "$key" revoke -s st sub/site.pub &&
    [ "$(ls st/keys/revoked | wc -l)" = 4 ] &&
    [ -z "$(ls st/keys/*.pub 2>/dev/null)" ]
ok 'two revoked keys of one name are both kept' $?

run 1 "$key" revoke -s st 0123456789ABCDEF &&
    says err '0123456789ABCDEF: no such key'
ok 'a key that is not there cannot be revoked' $?

store two
run 0 "$key" new --out far.key && run 0 "$key" trust -s two site.pub &&
    run 0 "$key" trust -s two --for receipts far.pub &&
    [ "$(stat -c %a two/keys/receipts)" = 755 ] &&
    [ -e two/keys/receipts/far.pub ] && [ ! -e two/keys/far.pub ] &&
    run 0 "$key" list -s two &&
    says out "$(id_of far.pub)  trusted for receipts  far.pub" &&
    says out "$(id_of site.pub)  trusted  site.pub" &&
    run 0 "$key" list -s two --for receipts --json &&
    says out '"file":"far.pub","for":"receipts"' &&
    [ "$(wc -l <out)" = 2 ]
ok 'a key is trusted for receipts' $?

run 0 "$key" trust -s two far.pub && [ -e two/keys/far.pub ] &&
    run 0 "$key" trust -s two --for receipts -n site.pub &&
    [ ! -e two/keys/receipts/site.pub ] &&
    run 2 "$key" trust -s two --for invoices site.pub &&
    says err "--for: expected transfers or receipts, found 'invoices'" &&
    run 2 "$key" new --out a.key --for receipts && [ ! -e a.key ]
ok 'each purpose is said by itself' $?

mkdir other && run 0 "$key" new --out other/far.key &&
    run 2 "$key" trust -s two --for receipts other/far.pub &&
    says err 'another key has the name far.pub' &&
    run 0 "$key" revoke -s two --for receipts far.pub &&
    [ ! -e two/keys/receipts/far.pub ] && [ ! -e two/keys/far.pub ] &&
    [ "$(ls two/keys/revoked)" = far.pub ] &&
    run 8 "$key" trust -s two --for receipts far.pub
ok 'a key that is revoked is trusted for nothing' $?

run 0 "$key" new --out other/site.key &&
    run 0 "$key" trust -s two --for receipts other/site.pub &&
    mv site.pub site.away &&
    run 2 "$key" revoke -s two site.pub && says err 'say which with --for' &&
    run 0 "$key" revoke -s two --for receipts site.pub &&
    mv site.away site.pub && [ ! -e two/keys/receipts/site.pub ] &&
    [ -e two/keys/site.pub ]
ok 'of two keys that have one name the purpose says which' $?

mkdir folder
run 0 "$key" trust --trusted-keys folder site.pub && run 0 "$key" list -k folder &&
    says out site.pub && run 0 "$key" list -s st -k folder &&
    [ "$(wc -l <out)" = 1 ] && run 2 "$key" list && says err '--store' &&
    run 2 "$key" list -k nowhere
ok 'a folder can be given instead of a store' $?

run 0 "$key" list -k folder --json && [ ! -s err ] && [ "$(wc -l <out)" = 2 ] &&
    says out '{"type":"key","id":"'"$(id_of site.pub)"'","state":"trusted",'
ok 'objects on standard output, and nothing on the other' $?

run 3 "$key" trust -k folder junk.pub --json &&
    says out '{"type":"error","kind":"format","subject":"junk.pub",' &&
    says err 'junk.pub: '
ok 'an error is an object too' $?

echo junk >folder/bad.pub
run 3 "$key" list -k folder && says err 'bad.pub: ' && rm folder/bad.pub &&
    ln -s ../site.pub folder/link.pub && run 3 "$key" list -k folder &&
    says err 'link.pub: ' && rm folder/link.pub
ok 'what is no key in the folder is named' $?

run 2 "$key" list -s site.pub && says err 'site.pub: not a folder' &&
    run 2 "$key" list -s none && says err 'none: no such folder'
ok 'a file where a store is expected' $?

run 2 "$key" frobnicate && says err 'frobnicate' && run 2 "$key" && run 2 "$key" trust -s st &&
    run 2 "$key" list extra
ok 'usage' $?

"$key" list -k folder >/dev/full 2>err
[ $? = 4 ] && says err 'standard output: No space left on device'
ok 'a full standard output is a failure' $?

"$key" --help >&- 2>err
[ $? = 4 ]
ok 'a closed standard output is a failure' $?

if minisign -v >/dev/null 2>&1; then
	echo text >m
	minisign -S -s site.key -m m >/dev/null 2>err &&
	    minisign -V -p site.pub -m m >out 2>err
	ok 'minisign signs and verifies with our keys' $?
	minisign -G -W -p mini.pub -s mini.key >/dev/null 2>&1
	run 0 "$key" trust -k folder mini.pub && run 0 "$key" list -k folder &&
	    says out "$(id_of mini.pub)  trusted  mini.pub"
	ok "minisign's keys are trusted" $?
else
	skip 'minisign signs and verifies with our keys' 'no minisign'
	skip "minisign's keys are trusted" 'no minisign'
fi

finish
