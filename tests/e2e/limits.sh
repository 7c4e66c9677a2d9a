#!/bin/sh
# SPDX-License-Identifier: ISC
# Clocks that are wrong by years, in both directions, and limits of a process
# that are too low: nothing refuses for the one, and the other is told.
set -u
. "$(dirname "$0")/common"

gencatalogue --seed 9 --revisions 60 --doc-bytes 1500 --payload-files 8 \
    --payload-bytes 60000 --out up >/dev/null
wsusferry-key new --out s.key >/dev/null 2>&1

# 1980, now, 2100, and back to 1970: order comes of the numbers alone.
n=0
for now in 315532800 1700000000 4102444800 86400; do
	n=$((n + 1))
	mkdir "st$n"
	SOURCE_DATE_EPOCH=$now
	export SOURCE_DATE_EPOCH
	run 0 wsusferry-import -q -s near --unsigned --content up/WsusContent \
	    up/wsusexport.cab &&
	    run 0 wsusferry-export -q -s near --sign-key s.key --to "st$n" &&
	    run 0 wsusferry-verify -q -s far -k s.pub "st$n"/* &&
	    run 0 wsusferry-import -q -s far -k s.pub "st$n"/* &&
	    run 0 wsusferry-verify -q near far
	ok "a clock at $now is taken as it is" $?
done
run 0 wsusferry-list -q -s far transfers &&
    [ "$(sed 's/.* //' out | tr '\n' ' ')" = "site-000001 site-000002 \
site-000003 site-000004 " ]
ok "the ledger is in the order of the numbers" $?
run 0 wsusferry-import -q -s other -k s.pub st4/* &&
    run 9 wsusferry-import -q -s other -k s.pub st3/*
ok "an older number with a later time is older" $?
unset SOURCE_DATE_EPOCH

limited() { # LETTER VALUE PROGRAM ARGUMENT ...
	(
		ulimit "-$1" "$2" || exit 99
		shift 2
		exec "$@"
	)
}

for n in 5 8 10 12 16; do
	run 4 limited n $n wsusferry-import -q -s "few$n" -k s.pub st1/* &&
	    says err 'Too many open files (the limit of this process' &&
	    run 0 wsusferry-import -q -s "few$n" -k s.pub st1/* &&
	    run 0 wsusferry-verify -q "few$n"
	ok "at most $n open files are told, and no harm is done" $?
done
run 0 limited n 64 wsusferry-import -q -s enough -k s.pub st1/*
ok "64 open files are enough" $?
# How much is too little depends on the machine: it works, or says why.
said=0
for kib in 20000 40000 60000 80000 120000; do
	limited v $kib wsusferry-import -q -s tight -k s.pub st1/* \
	    >out 2>err
	case $? in
	0 | 127) continue ;; # 127: the linker itself
	4) [ -s err ] || said=1 ;;
	*) said=1 ;;
	esac
done
[ $said = 0 ] && run 0 wsusferry-import -q -s tight -k s.pub st1/* &&
    run 0 wsusferry-verify -q tight
ok "too little memory is told, and no harm is done" $?

finish
