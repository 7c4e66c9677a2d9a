#!/bin/sh
# SPDX-License-Identifier: ISC
# The clients that people use, resumed in the middle, directly and through a
# caching proxy: the bytes are the file's.
set -u
# shellcheck source=tests/e2e/serve_common
. "$(dirname "$0")/serve_common"
squid=''
trap 'kill $server $squid 2>/dev/null; chmod -R u+w "$dir"
    rm -rf "$dir"' EXIT

# same NAME STATUS: what was got is the file
same() {
	[ "$2" = 0 ] && cmp got "$file" >>err 2>&1
	ok "$1" $?
}

# Half of it was there already.
half() {
	rm -f got got.aria2
	head -c $((size / 2 + 7)) "$file" >got
}

by_curl() { # how, curl's arguments
	how=$1
	shift
	half
	curl -sS --noproxy "$no" -C - -D head -o got "$@" "$base$path" >out 2>err
	same "curl $how" $?
	tr -d '\r' <head >out
	has "content-range: bytes $((size / 2 + 7))-$((size - 1))/$size"
	ok "curl $how: from the middle on" $?
}

by_wget() { # how
	if ! have wget; then
		skip "wget $1" "not installed"
		return
	fi
	half
	wget -q -c -O got "$base$path" >out 2>err
	same "wget $1" $?
	# Whole already: 416, and nothing is fetched.
	wget -q -c -O got "$base$path" >out 2>err
	same "wget $1, of what is whole" $?
}

by_aria2() { # how
	if ! have aria2c; then
		skip "aria2 $1" "not installed"
		return
	fi
	rm -f got got.aria2
	aria2c -q --no-conf -x 4 -s 4 -k 1M --max-download-limit=4M \
	    --auto-save-interval=1 -o got "$base$path" >out 2>err &
	client=$!
	await test -s got.aria2
	kill -INT $client 2>/dev/null
	ended $client
	client=
	aria2c -q --no-conf -x 4 -s 4 -k 1M -c -o got "$base$path" >out 2>err
	same "aria2 $1, by four connections and cut off" $?
}

all() { # how
	by_curl "$1"
	by_wget "$1"
	by_aria2 "$1"
}

settled() {
	grep -q 'Accepting HTTP Socket connections' squid/cache.log ||
	    ! kill -0 "$squid"
}

proxy() { # port
	cat >squid/conf <<-EOC
	http_access allow all
	http_port 127.0.0.1:$1
	pid_filename $dir/squid/pid
	access_log stdio:$dir/squid/access.log
	cache_log $dir/squid/cache.log
	cache_effective_user $as
	cache_mem 64 MB
	maximum_object_size_in_memory 32 MB
	coredump_dir $dir/squid
	shutdown_lifetime 1 second
	visible_hostname proxy.example.org
	EOC
	: >squid/access.log
	: >squid/cache.log
	chmod 666 squid/*.log
	squid -f squid/conf -N >squid.out 2>&1 &
	squid=$!
	await settled && kill -0 "$squid" 2>/dev/null
}

through_squid() {
	if ! have squid; then
		skip "through squid" "not installed"
		return
	fi
	# Squid does not stay root, and must get at its files.
	as=$(id -un)
	[ "$(id -u)" != 0 ] || as=proxy
	chmod 711 "$dir"
	mkdir -m 777 squid
	at=$(python3 -c '
import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
	if ! proxy "$at"; then
		skip "through squid" "it does not start"
		return
	fi
	no=none http_proxy=http://127.0.0.1:$at
	export http_proxy
	all "through squid"
	curl -sS -o got "$base$path" 2>err
	same "the whole file through squid" $?
	curl -sS -D head -o got "$base$path" 2>err
	same "the file from its cache" $?
	grep -qi '^x-cache: hit' head
	ok "it was kept" $?
	half
	by_curl "from a part of what squid has"
	curl -sS -D head -o got -H 'Cache-Control: max-age=0' "$base$path" 2>err
	same "squid asks whether it is still the same" $?
	[ "$(grep -c 'TCP_REFRESH_UNMODIFIED' squid/access.log)" = 1 ]
	ok "and is told so by 304" $?
}

no='*'
make_store
start -s st
all directly
through_squid
finish
