#!/bin/sh
# SPDX-License-Identifier: ISC
# What is installed on whose machine: README's Install brings what building
# and running need; the demo and the tests ask for more by themselves.  On a
# machine without anything, whose apt-get writes down what it is asked for.
. "${0%/*}/common"

mkdir bare
for p in sh make awk grep sed tr id uname cat env; do
	ln -s "$(command -v $p)" bare/$p
done
printf '#!/bin/sh\necho "$*" >>"%s/asked"\n' "$dir" >bare/apt-get
printf '#!/bin/sh\nexit 1\n' >bare/dpkg-query
printf '#!/bin/sh\nshift\nexec "$@"\n' >bare/sudo
chmod +x bare/apt-get bare/dpkg-query bare/sudo

asks() { # make's target, or a command; the words that apt-get was given
	: >asked
	(cd "$root" && env -i PATH="$dir/bare" "$@") >out 2>err </dev/null
	tr ' ' '\n' <asked | sort -u >words
}
# Seen by no probe of ours: what is here already is not asked for.
tests='^(squid|socat|strace|valgrind|clang|mandoc|jq|gcab|minisign|curl)$'

asks make -s deps
grep -q '^pkg-config$' words
ok "make deps asks for what the build needs" $?
grep -qE "$tests" words
ok "and for no tool of the tests" $((! $?))
asks tools/deps.sh demo
[ "$(grep -cxE 'curl|minisign' words)" = 2 ]
ok "the demo asks for what it shows" $?
grep -qE '^(squid|clang|valgrind)$' words
ok "and not for what tests want" $((! $?))
asks make -s deps-check
[ "$(grep -cxE 'squid|clang|minisign|pkg-config' words)" = 4 ]
ok "make deps-check asks for all of it" $?
grep -q 'tools/deps.sh check' "$root/tools/check" &&
    grep -q 'tools/deps.sh demo' "$root/Makefile"
ok "make check and make demo begin with theirs" $?
asks tools/deps.sh everything
[ ! -s asked ] && grep -q 'usage: deps.sh build|demo|check' err
ok "another word is told the words" $?
finish
