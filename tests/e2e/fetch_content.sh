#!/bin/sh
# SPDX-License-Identifier: ISC
# A fetch of payload that does not come as it should: nothing but what has its
# digests gets a name, and what could be had is had.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"
. "$root/tests/e2e/fetch_common"

up_store store --seed 11 --revisions 120 --payload-files 12 \
    --payload-bytes 3000000
ok "a store to serve" $?
up_start 0 --store store
cat >policy <<-EOS
	superseded = yes
	express = yes
	drivers = yes
EOS
metadata meta
check "metadata" [ $got = 0 ]
cp -a meta want
fetch want --policy policy
check "an undisturbed run" [ $got = 0 ]
nfiles=$(find want/WsusContent -type f -name '*.*' ! -name 'anon*' | wc -l)
check "it has payload" [ "$nfiles" -gt 5 ]
# A file of no bytes needs no request.
nasked=$(find want/WsusContent -type f -name '*.*' ! -name 'anon*' \
    -size +0 | wc -l)
[ "$(up_count '^Content 200')" = "$nasked" ] &&
    [ "$(up_count '^Content')" = "$nasked" ]
ok "each file is asked for once" $?
fetch want --policy policy
[ $got = 0 ] && [ "$(up_count '^Content')" = "$nasked" ]
ok "and not again" $?
# The largest of them.
big=$(find want/WsusContent -type f -name '*.*' ! -name 'anon*' \
    -printf '%s %f\n' | sort -n | sed -n '$s/.* \(.*\)\..*/\1/p')
size=$(find want/WsusContent -name "$big.*" -printf '%s')
check "one is large" [ "$size" -gt 300000 ]

# names: every name in WsusContent is the digest of what is there.
names() {
	(cd try/WsusContent && find . -type f -name '*.*' ! -name 'anon*' \
	    -exec sha1sum {} + | awk '{
		n = $2; sub(/.*\//, "", n); sub(/[.].*/, "", n)
		if (toupper($1) != n) { print; bad = 1 } }
		END { exit bad }')
}

# get NAME STATUS OPTIONS MODE ...
get_try() {
	what=$1 want=$2 opts=$3
	shift 3
	rm -rf try
	cp -a meta try
	up_modes "$@"
	# shellcheck disable=SC2086
	fetch try --policy policy $opts
	[ $got = "$want" ] || echo "status $got, expected $want" >>err
	check "$what: $want" [ $got = "$want" ]
	check "$what: nothing has a name that is not its own" names
}

had() { # NAME MODE ...: all files, for all that
	what=$1
	shift
	get_try "$what" 0 '' "$@"
	same try
	ok "$what: the store of an undisturbed run" $?
}

lost() { # NAME TEXT MODE ...: the large one is not had; the next run has it
	what=$1 text=$2
	shift 2
	get_try "$what" 10 '' "$@"
	grep -i "$big" out err | grep -qi -e "$text"
	ok "$what: says '$text'" $?
	[ "$(find try/WsusContent -type f -name '*.*' ! -name 'anon*' |
	    wc -l)" = $((nfiles - 1)) ] &&
	    [ -z "$(find try/WsusContent -name "$big*")" ]
	ok "$what: all the others" $?
	[ "$(sqlite3 try/store.db \
	    'SELECT count(*) FROM file WHERE present')" = $((nfiles - 1)) ]
	ok "$what: not said to be there" $?
	up_modes
	fetch try --policy policy
	[ $got = 0 ] && same try
	ok "$what: had by the next run" $?
}

# What is left after a cut is asked for, not all of it again.
had "cut in the middle" "Content=$big#1 cut 200000"
grep -qE "^Content 206 [0-9]+ $big [1-9][0-9]*-" up.log
ok "cut in the middle: the rest only" $?
awk -v s="$size" -v f="$big" '$1 == "Content" && $4 == f { n += $3 }
    END { exit n > s + 1 }' up.log
ok "cut in the middle: no byte twice" $?
had "cut before the first byte" "Content=$big#1 cut 0"
had "cut five times" "Content=$big#1-5 cut 50000"
had "a whole file for a range" "Content=$big#1 cut 200000" \
    "Content=$big#2- ignore-range"
had "416 for a range" "Content=$big#1 cut 200000" "Content=$big#2 416"
had "another range than asked for" "Content=$big#1 cut 200000" \
    "Content=$big#2 wrong-range"
had "another ETag each time" "Content=$big#1 cut 200000" 'Content etag'
had "chunked" 'Content chunked'
had "503 twice" "Content=$big#1-2 status 503"
had "a slow drip" "Content=$big drip 400000"
had "more claimed than comes, once" "Content=$big#1 length $((size + 1000))"
had "wrong bytes once" "Content=$big#1 wrong-bytes"
had "short once" "Content=$big#1 short"
had "long once" "Content=$big#1 long"
had "double once" "Content=$big#1 double"

lost "404" '404' "Content=$big 404"
lost "wrong bytes" 'sha' "Content=$big wrong-bytes"
lost "short" "$size" "Content=$big short"
lost "long" "$size" "Content=$big long"
lost "double" "$size" "Content=$big double"
lost "503 for ever" '503' "Content=$big status 503"
lost "401" '401' "Content=$big status 401"
lost "a page of a proxy" "$size" "Content=$big status 200"
lost "a redirect" '302' "Content=$big redirect"
lost "a redirect elsewhere" '302' "Content=$big redirect http://127.0.0.1:1/"
lost "another range for ever" 'bytes 25000-' "Content=$big#1-20 cut 50000" \
    "Content=$big#2- wrong-range"
# Never more than Size: what the server got rid of is bounded by its buffers.
up_modes "Content=$big long"
rm -rf try
cp -a meta try
fetch try --policy policy
[ -z "$(find try/staging -type f -size +"$((size / 1024 + 1))"k)" ]
ok "long: nothing longer is kept" $?

# Files that the upstream has to be asked for.
get_try "404 until asked" 10 '' 'Content 404-until-asked'
check "404 until asked: nobody asks" [ "$(up_count '^DownloadFiles')" = 0 ]
check "404 until asked: no file" [ "$(find try/WsusContent -name '*.*' \
    -type f ! -name 'anon*' -size +0 | wc -l)" = 0 ]
rm -rf try
cp -a meta try
up_modes 'Content 404-until-asked'
fetch try --policy policy --request-missing-content
n=0
while [ $got = 10 ] && [ $n -lt 2 ]; do
	n=$((n + 1))
	fetch try --policy policy --request-missing-content
done
[ $got = 0 ] && same try
ok "--request-missing-content: had in the end" $?
check "--request-missing-content: asked" [ "$(up_count '^DownloadFiles')" -ge 1 ]

# From the internet, where that is allowed.
get_try "MUUrl where the upstream lacks it" 0 --internet-content \
    "Content=$big 404"
same try
ok "MUUrl where the upstream lacks it: the same store" $?
check "MUUrl: that one only" [ "$(up_count '^MU ')" = 1 ]
get_try "MUUrl where it is damaged" 0 --internet-content \
    "Content=$big wrong-bytes"
get_try "both damaged" 10 --internet-content "Content=$big wrong-bytes" \
    "MU=$big wrong-bytes"

up_stop
up_start "${up_base##*:}" --store store --catalog-only
up_modes
rm -rf try
fetch try --policy policy
[ $got = 0 ] && [ "$(up_count '^MU 200')" = "$nasked" ] &&
    [ "$(up_count '^Content')" = 0 ]
ok "an upstream without payload: all by MUUrl" $?
same try
ok "an upstream without payload: the same store" $?
rm -rf try
up_modes
wsusferry-fetch --upstream "$up_base" --store try --policy policy \
    --account-name t.example.org --retry-wait 20 >out 2>err
got=$?
[ $got = 10 ] && [ "$(up_count '^MU')" = 0 ]
ok "hosts that are not on the list are not asked" $?
grep -q 'a host that payload is not taken from' out
ok "and that is said" $?
up_stop
check "the upstream lived" [ "$up_status" = 0 ]
finish
