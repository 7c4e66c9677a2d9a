#!/bin/sh
# SPDX-License-Identifier: ISC
# Payload from an upstream: resumed, damaged, missing, killed in the middle.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"

fetch() { # STATUS OPTION ...: into the store "down"
	want=$1
	shift
	run "$want" wsusferry-fetch -s down --upstream "$up_base" --tries 2 \
	    --retry-wait 50 "$@"
}

content() { # names and sizes in the store "down"
	(cd down/WsusContent && find ?? -type f -printf '%p %s\n' 2>/dev/null |
	    sort)
}

# Every name is its bytes' SHA-1, and nothing is left in staging.
sound() {
	(cd down/WsusContent && find ?? -type f -exec sha1sum {} +) |
	    while read -r sum f; do
		sum=$(echo "$sum" | tr a-f A-F)
		case $f in
		"$(echo "$sum" | cut -c 39-40)/$sum" | \
		    "$(echo "$sum" | cut -c 39-40)/$sum".*) ;;
		*) echo "$f is $sum" ;;
		esac
	done >wrong
	find down/staging -type f >>wrong
	[ ! -s wrong ]
}

# Only payload is fetched from now on.
renew() {
	rm -rf down
	cp -a held down
}

up_store up --seed 5 --revisions 60 --doc-bytes 3000 --payload-files 14 \
    --payload-bytes 12000000 --big-files 1
up_start 0 --store up || { echo "no upstream"; exit 1; }
printf 'superseded = yes\ndrivers = yes\nexpress = yes\n' >all.policy

fetch 10
ok 'without a policy only metadata come, and payload is missed' $?
check 'in one short line' grep -q \
    '14 payload files are named and not here, [^:]*: without a policy none' err
check 'and it says how to ask for payload' says err '--policy'
check 'no payload was asked for' [ "$(up_count '^Content')" = 0 ]
cp -a down held

fetch 0 --policy all.policy --content-only --dry-run
ok 'a dry run succeeds' $?
cp out plan
grep -E '^[0-9A-F]{2}/[0-9A-F]{40}[.a-zA-Z0-9]* [0-9]+ [0-9a-f]{40} http' \
    plan >lines
files=$(wc -l <lines) full=$(awk '$2 > 0' lines | wc -l)
check 'it says what it would fetch' [ "$files" -ge 10 ]
check 'and fetches nothing' [ "$(up_count '^Content')" = 0 ]
check 'and changes nothing' [ "$(content | wc -l)" = 0 ]

up_modes
fetch 0 --policy all.policy --content-only
ok 'payload comes' $?
check 'exactly what was planned' [ "$(content)" = "$(cut -d ' ' -f 1,2 lines | sort)" ]
check 'each file by one request' [ "$(up_count '^Content 200')" = "$full" ]
check 'under its own digest' sound
check 'and nothing else is asked for' [ "$(up_count '^Content')" = "$full" ]
run 0 wsusferry-verify down || run 10 wsusferry-verify down
ok 'the store is sound' $?

up_modes
fetch 0 --policy all.policy
ok 'a second run has nothing to do' $?
check 'and asks for no payload' [ "$(up_count '^Content')" = 0 ]

# The largest file, and a small one.
read -r big bigsize bigsum _ <<END
$(sort -k 2,2nr lines | head -n 1)
END
read -r one onesize _ _ <<END
$(sort -k 2,2nr lines | sed -n 3p)
END
bighex=${big##*/} bighex=${bighex%%.*}
onehex=${one##*/} onehex=${onehex%%.*}

# begin RATE: a run, in which the big file comes so slowly.
begin() {
	renew
	up_modes "Content=$bighex drip $1"
	wsusferry-fetch -s down --upstream "$up_base" --policy all.policy \
	    --content-only >out 2>err &
	pid=$!
}

# begun BYTES: so much of the big file is there.
begun() {
	had=$(stat -c %s down/staging/"$bighex".part) && [ "$had" -ge "$1" ]
}

# others: all but the big file is there, under whatever name.
others() {
	begun 300000 && [ "$(find down/staging down/WsusContent -type f \
	    -name '[0-9A-F]*' ! -name '*.info' ! -name "$bighex*" \
	    -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }')" = \
	    "$(awk -v b="$bigsize" '{ n += $2 } END { print n - b }' lines)" ]
}

# kill -9 in the middle of the big one, the others being done.
begin 500000
await others
kill -9 $pid
wait $pid 2>/dev/null
had=$(stat -c %s down/staging/"$bighex".part)
check 'a kill leaves a part' [ "$had" -ge 300000 ]
check 'and not all of it' [ "$had" -lt "$bigsize" ]
cp up.log first.log
up_modes
fetch 0 --policy all.policy --content-only
ok 'the next run goes on' $?
check 'where the first was' \
    grep -q "^Content 206 [0-9]* $bighex $had-" up.log
check 'and has all of it' [ "$(content)" = "$(cut -d ' ' -f 1,2 lines | sort)" ]
check 'under their own digests' sound
cat first.log up.log | grep '^Content' | awk '{ print $4 }' | sort |
    uniq -d >twice
check 'no file was fetched twice but the one in flight' \
    [ "$(grep -cv "$bighex" twice)" = 0 ]

# A signal ends it at once, and the next run goes on.
for round in 1 2 3 4 5; do # a machine may have other things to do
	begin 200000
	await begun 1
	began=$(date +%s%N)
	kill -TERM $pid
	ended $pid
	got=$?
	ms=$((($(date +%s%N) - began) / 1000000))
	[ $got = 7 ] && [ $ms -ge 1500 ] || break
done
check 'a signal stops it, resumable' [ $got = 7 ]
check "within a second and a half ($ms ms)" [ $ms -lt 1500 ]
up_modes
fetch 0 --policy all.policy --content-only
ok 'and the next run ends it' $?
check 'with a part of the big file' grep -q "^Content 206 [0-9]* $bighex" up.log

# What is not the file never gets its name.
for mode in 'wrong-bytes' 'short 100' 'long' 'double' 'redirect'; do
	renew
	up_modes "Content=$onehex $mode"
	fetch 10 --policy all.policy --content-only
	ok "$mode: done but incomplete" $?
	check "$mode: the file is named" says out "$one: not fetched"
	check "$mode: and counted" says err ' 1 failed'
	check "$mode: the others came" \
	    [ "$(content | wc -l)" = $((files - 1)) ]
	check "$mode: it did not" [ ! -e "down/WsusContent/$one" ]
	up_modes
	fetch 0 --policy all.policy --content-only
	ok "$mode: then it comes" $?
	check "$mode: under its own digest" sound
done

# What cannot be had night after night is told once, and some of many.
renew
up_modes 'Content 404'
fetch 10 -v --policy all.policy --content-only
all=$(grep -c ': not fetched: .*: http' out)
check "all of $all with -v" [ "$all" -gt 11 ]
renew
fetch 10 -q --policy all.policy --content-only
check "of many that cannot be had ten are named" \
    [ "$(grep -c ': not fetched: .*: http' out)" = 10 ]
check "and it is said how many more" says out \
    "not fetched: $((all - 10)) files more, "
fetch 10 -q --policy all.policy --content-only
check "the next night nothing is said" [ ! -s out ]
check "and nothing on stderr" [ ! -s err ]
up_modes "Content=$onehex 404"
fetch 10 -q --policy all.policy --content-only
check "less is news" [ "$(grep -c ': not fetched: .*: http' out)" = 1 ]
check "of which update, what it is called, how large" \
    grep -q "^$one: not fetched: [^ ]* '.*' '.*', .*: http" out
up_modes
fetch 0 -q --policy all.policy --content-only
chmod u+w "down/WsusContent/$one" && echo >>"down/WsusContent/$one"
up_modes "Content=$onehex 404"
fetch 10 -q --policy all.policy --content-only
check "what is damaged is told" says err "$one: damaged in the store"
fetch 10 -q --policy all.policy --content-only
ok "it lacks still" $?
check "which the next night is no news" [ ! -s err ]
check "and it stays" [ -e "down/WsusContent/$one" ]
up_modes
fetch 0 -q --policy all.policy --content-only
ok "until it can be had" $?
check "which is told" says err "$one: fetched anew: damaged in the store"
check "and it is whole" sound
rm -f "down/WsusContent/$one" && ln -s /nowhere "down/WsusContent/$one"
fetch 0 -q --policy all.policy --content-only
ok "nor is a link in its place in the way" $?
check "which is told" says err "$one: damaged in the store: expected a file"
check "and it is whole again" sound

# Wrong once: moved aside, fetched anew.
renew
up_modes "Content=$onehex#1 wrong-bytes"
fetch 0 --policy all.policy --content-only
ok 'wrong once: comes anew' $?
check 'wrong once: and says so' says err 'fetched anew'
check 'wrong once: under its own digest' sound

# A part is there, and the server has its ways with ranges.
for mode in 'wrong-range' 'ignore-range' '416' 'etag'; do
	begin 500000
	await begun 100000
	kill -TERM $pid
	ended $pid
	check "$mode: a part is there" [ -s down/staging/"$bighex".part.info ]
	up_modes "Content=$bighex $mode"
	fetch 0 --policy all.policy --content-only
	ok "$mode: the file comes" $?
	check "$mode: under its own digest" sound
done

# What the upstream has not got yet.
renew
up_modes "Content=$onehex 404-until-asked"
fetch 10 --policy all.policy --content-only
ok 'not there yet: done but incomplete' $?
check 'not there yet: the file is named' says out 'status 404'
check 'not there yet: nothing was asked for' [ "$(up_count '^DownloadFiles')" = 0 ]
up_modes "Content=$onehex 404-until-asked"
fetch 0 --policy all.policy --content-only --request-missing-content
ok 'asked for: it comes' $?
check 'asked for: once' [ "$(up_count '^DownloadFiles')" = 1 ]
check 'asked for: under its own digest' sound

# One of two is unknown there by now: the other is asked for by itself.
two=$(sort -k 2,2nr lines | sed -n '4s/ .*//p')
twohex=${two##*/} twohex=${twohex%%.*}
one64=$(python3 -c 'import base64, sys
print(base64.b64encode(bytes.fromhex(sys.argv[1])).decode())' "$onehex")
renew
up_modes "Content=$onehex 404" "Content=$twohex 404-until-asked" \
    "DownloadFiles#1 fault FileDigestsMissing $one64"
fetch 10 --policy all.policy --content-only --request-missing-content
ok 'unknown there: done but incomplete' $?
check 'unknown there: asked twice' [ "$(up_count '^DownloadFiles')" = 2 ]
check 'unknown there: it is named' says out "$one: not fetched"
check 'unknown there: the other came' [ -e "down/WsusContent/$two" ]
check 'unknown there: not looked for again' \
    [ "$(up_count "^Content 404 [0-9]* $onehex")" = 1 ]
up_modes
fetch 0 --policy all.policy -v
check 'unknown there: the next list is whole' \
    says err 'list of updates, all of it'

# From the internet, by URLs that documents give.
up_stop
up_start "${up_base##*:}" --store up --catalog-only
rm -rf down
fetch 10 --policy all.policy
ok 'a foreign host: done but incomplete' $?
check 'a foreign host: not asked' [ "$(up_count '^(MU|Content)')" = 0 ]
check 'a foreign host: named' says out '--content-host'
fetch 0 --policy all.policy --content-host 127.0.0.1
ok 'an allowed host' $?
check 'an allowed host: every file' [ "$(up_count '^MU 200')" = "$full" ]
check 'an allowed host: under their own digests' sound

# No faster than it may be.
rm -rf down
cp -a held down
began=$(date +%s%N)
fetch 0 --policy all.policy --content-host 127.0.0.1 --limit-rate 6000000
ok 'a limit of the rate' $?
ms=$((($(date +%s%N) - began) / 1000000))
check "a limit of the rate: it took its time ($ms ms)" [ $ms -gt 900 ]

finish
