#!/bin/sh
# SPDX-License-Identifier: ISC
# wsusferry NAME ...: finds its programs, and says which there are.
set -u
. "$(dirname "$0")/common"

mkdir -p here there
cp "$B/wsusferry" here/
for name in verify key; do
	printf '#!/bin/sh\necho here %s "$@"\nexit 9\n' $name \
	    >here/wsusferry-$name
done
printf '#!/bin/sh\necho there list "$@"\n' >there/wsusferry-list
printf '#!/bin/sh\necho there key "$@"\n' >there/wsusferry-key
chmod +x here/* there/*
w=$dir/here/wsusferry

run 9 "$w" verify -q 'a b' && says out 'here verify -q a b'
ok 'a program beside it is run, with its arguments and status' $?

run 9 "$w" help verify && says out 'here verify --help'
ok 'help of a program is its own' $?

PATH=$dir/there:$PATH run 0 "$w" list x && says out 'there list x'
ok 'a program of the path is run' $?

PATH=$dir/there:$PATH run 9 "$w" key && says out 'here key'
ok 'what lies beside it comes before the path' $?

ln -s "$w" link
run 9 ./link verify && says out 'here verify'
ok 'a link to it finds the programs beside the real one' $?

run 0 "$w" && says out '  verify  ' && says out '  key  ' &&
    ! says out '  list  ' && cp out bare && run 0 "$w" --help &&
    cmp -s out bare && run 0 "$w" help && cmp -s out bare && [ ! -s err ]
ok 'without a name, or asked for help, it lists what is there' $?

awk 'length($0) > 80 { exit 1 }' bare
ok 'the list has at most 80 columns' $?

run 0 "$w" --version && grep -qx 'wsusferry [0-9][0-9.]*' out
ok 'the version' $?

PATH=$dir/there run 2 "$w" verfiy &&
    says err "unknown program 'verfiy', nearest is 'verify'"
ok 'the nearest name is told' $?

PATH=$dir/there run 2 "$w" fetch &&
    says err 'wsusferry-fetch is not installed' && run 2 "$w" ../key &&
    run 2 "$w" --frob && run 2 "$w" ''
ok 'what is no program is refused' $?

run 4 sh -c "exec '$w' --help >/dev/full" &&
    says err 'No space left on device'
ok 'a full standard output is a failure' $?

finish
