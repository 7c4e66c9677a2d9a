#!/bin/sh
# SPDX-License-Identifier: ISC
# wsusferry-offer: compiled, compared, explained, checked, taken back; by an
# import.  Some files of the catalogue have no SHA-256, so builds end with 10.
set -u
. "$(dirname "$0")/common"
offer=$B/wsusferry-offer

"$B/gencatalogue" --seed 11 --revisions 400 --payload-files 60 \
    --payload-bytes 600000 --out gen >/dev/null || exit 4
run 0 "$B/wsusferry-import" -q -s store --unsigned --content gen/WsusContent \
    gen/wsusexport.cab

cat >plant.rings <<'END'
texts = en de
ring = pilot
network = 10.1.9.0/24
title = *
action = install
ring = line
inherit = pilot
target-group = Line
delay = 14
deadline = 21 03:00
freeze = 2026-12-18..2027-01-06
END
at() { # day: of the next runs
	now=$1T00:00:00Z
}
compile() { # status, argument ...
	want=$1
	shift
	run "$want" "$offer" -s store --now "$now" "$@"
}
current() {
	cat store/offer/current
}

at 2026-12-01
compile 10 --dry-run plant.rings && [ ! -e store/offer ] &&
    says err 'would be snapshot 000001'
ok 'a dry run makes no folder' $?

compile 2 --max-offers 40 plant.rings &&
    says err 'the ring file is new' && says err 'give --yes' && [ ! -e store/offer/current ]
ok 'a first ring file with many offers needs a yes' $?

compile 10 --yes plant.rings && [ "$(current)" = 000001.snap ] &&
    says err 'pilot: ' && says err 'a first scan takes at most'
ok 'a first snapshot is written and named' $?

[ "$(stat -c %a store/offer/000001.snap store/offer/current \
    store/offer/texts/*.seg | sort -u)" = 444 ] &&
    for f in store/offer/texts/*.seg; do
	    [ "$(basename "$f" .seg)" = "$(b2sum -l 256 "$f" | cut -d' ' -f1)" ] ||
		    exit 1
    done
ok 'files are never to be written again, and texts are named by their bytes' $?

kb=$("$B/wsusferry-list" -q -s store --json offers |
    jq -r 'select(.ring == "pilot" and .state == "offered" and .kb) | .kb' |
    head -n 1)
"$B/wsusferry-list" -q -s store show "$kb" >out 2>err
says out '    offers           pilot: offered, install'
ok 'what is shown of an update says who is offered it' $?
"$B/wsusferry-list" -q -s store --json show "$kb" 2>err |
    jq -se 'any(.offers != null and (.offers | length) > 0)' >out
ok 'as JSON, too' $?
"$B/wsusferry-list" -q -s store status >out 2>err
grep -q '^offer  *good  *number 1, made on 2026-12-01' out
ok 'the state of all has a row of it' $?
chmod u+w store/offer/current && cp store/offer/current kept &&
    echo nonsense >store/offer/current
"$B/wsusferry-list" -q -s store status >out 2>err
[ $? = 1 ] && grep -q '^offer  *bad  *it cannot be read: ' out
ok 'one that cannot be read is bad: 1' $?
"$B/wsusferry-list" -s store show "$kb" >out 2>err
says err 'what is offered is not known: ' && says out '    payload '
ok 'and the rest of an update is shown all the same' $?
cp kept store/offer/current && chmod a-w store/offer/current

# The trailer is of everything before it, by a program that is none of ours.
size=$(stat -c %s store/offer/000001.snap)
[ "$(head -c $((size - 32)) store/offer/000001.snap | b2sum -l 256 |
    cut -d' ' -f1)" = "$(tail -c 32 store/offer/000001.snap | od -An -v -tx1 |
    tr -d ' \n')" ]
ok 'a snapshot ends with its BLAKE2b-256' $?

find store -type f -exec sha256sum {} + | sort >before
compile 10 plant.rings && says err 'nothing has changed since snapshot 000001'
find store -type f -exec sha256sum {} + | sort >after
cmp -s before after
ok 'nothing new writes nothing' $?

at 2026-12-16
compile 10 -q plant.rings && [ ! -s err ] && [ "$(current)" = 000002.snap ]
ok 'a delay that ran out needs no yes, and nothing is said of it' $?

compile 0 --diff && says out 'line: gains ' &&
    says out 'install by 2027-01-07T03:00:00Z' && ! says out 'pilot: '
ok 'a diff tells what the last one brought' $?

kb=$(sed -n 's/^line: gains \(KB[0-9]*\):.*/\1/p' out | head -n 1)
compile 0 --explain "$kb" --client 10.1.9.20 plant.rings &&
    says out 'pilot: ' && ! says out 'line: ' &&
    compile 0 --explain "$kb" --json plant.rings &&
    says out '"type":"explain","ring":"line"'
ok 'an explanation, to one client and to all' $?

compile 2 --diff --check && compile 2 --check plant.rings &&
    compile 2 --client x plant.rings && compile 2 --diff --yes &&
    run 2 "$offer" plant.rings && run 2 "$offer" -s none plant.rings &&
    compile 2 none.rings && says err "ring file 'none.rings' is not there"
ok 'what makes no sense is usage' $?

echo 'colour = green' >bad.rings
compile 3 bad.rings && says err 'bad.rings' && says err 'line 1'
ok 'a ring file that breaks its form names its line' $?

sed "s/^action.*/&\ndecline = $kb/" plant.rings >changed.rings
compile 2 changed.rings && says err 'takes 2 offers away' &&
    compile 10 --yes changed.rings && compile 0 --diff &&
    says out "pilot: loses $kb"
ok 'what a changed ring file takes away needs a yes' $?

compile 10 --rollback && [ "$(current)" = 000004.snap ] &&
    compile 2 changed.rings && says err 'was rolled back by snapshot 000004' &&
    compile 10 plant.rings && [ "$(current)" = 000005.snap ]
ok 'going back is a new snapshot, and no timer brings it back' $?

run 0 "$offer" -s store --check && says err '2 snapshots' && says err '0 faults'
ok 'a check of all of it' $?

seg=$(ls store/offer/texts/*.seg | head -n 1)
cp -p "$seg" seg.kept
chmod 644 "$seg"
printf X | dd of="$seg" bs=1 seek=4321 conv=notrunc 2>/dev/null
run 1 "$offer" -s store --check && says out "${seg#store/offer/}: block 0"
ok 'a check finds a byte of the texts' $?
cp -p seg.kept "$seg"

run 0 "$B/wsusferry-export" -q -s store --package again.cab
(
	exec 9>>store/lock
	flock 9
	run 6 "$offer" -s store plant.rings && run 0 "$offer" -s store --check
	exit $?
)
ok 'who writes waits for nobody, who reads needs no lock' $?

rm -rf store2
printf 'ring = a\nacton = install\n' >wrong.rings
run 2 "$B/wsusferry-import" -q -s store2 --unsigned --content gen/WsusContent \
    --offer empty.rings gen/wsusexport.cab && says err 'empty.rings' &&
    run 3 "$B/wsusferry-import" -q -s store2 --unsigned \
	--content gen/WsusContent --offer wrong.rings gen/wsusexport.cab &&
    says err "import: ring file 'wrong.rings': line 2" &&
    [ ! -e store2 ]
ok 'a ring file that cannot be read is told before the import' $?
: >empty.rings
run 0 "$B/wsusferry-import" --json -s store2 --unsigned \
    --content gen/WsusContent --offer empty.rings gen/wsusexport.cab &&
    [ "$(cat store2/offer/current)" = 000001.snap ] &&
    [ "$(grep -c '"type":"summary"' out)" = 2 ] &&
    jq -e . out >/dev/null
ok 'an import compiles, and says both' $?
printf 'ring = a\ntitle = *\naction = install\ndeadline = 1\n' >all.rings
run 2 "$B/wsusferry-import" -q -s store2 --unsigned \
    --content gen/WsusContent --offer all.rings gen/wsusexport.cab &&
    says err 'new or earlier' && [ "$(cat store2/offer/current)" = 000001.snap ] &&
    run 2 "$B/wsusferry-import" -s store2 -n --unsigned --offer all.rings \
	gen/wsusexport.cab && says err 'does not go with --dry-run'
ok 'the worse of the two counts' $?

printf 'ring = a\ntitle = *\naction = install\ndelay = 2\n' >late.rings
at 2027-02-01
run 10 "$offer" -s store2 --now "$now" --yes late.rings &&
    run 10 "$offer" -n -s store2 --now 2027-02-02T00:00:00Z late.rings &&
    ! says err 'see to the clock' &&
    run 10 "$offer" -n -s store2 --now 2000-01-01T00:00:00Z late.rings &&
    says err 'it is 2000-01-01T00:00:00Z here, and snapshot 000002 is of 2027'
ok 'a clock that was set back and takes offers away is told' $?

finish
