#!/bin/sh
# SPDX-License-Identifier: ISC
# serve-static: where it listens, TLS, what systemd gives it, who it becomes,
# and what it says when it is full.  The bytes it sends are serve.sh's.
# shellcheck source=tests/e2e/common
. "$(dirname "$0")/common"
server=
trap '[ -z "$server" ] || kill -KILL $server; rm -rf "$dir"' EXIT

start() { # options ...: sets server
	: >log
	WSUSFERRY_UNCONFINED=1 wsusferry-serve-static "$@" 2>log &
	server=$!
	await grep -q 'listening on' log
}

stop() {
	kill -TERM "$server"
	ended "$server"
	got=$?
	server=
	return $got
}

where() { # https or http: the first such address
	sed -n "s,.*listening on \($1://[^ ]*\).*,\1,p" log | head -n 1
}

fetch() { # curl's arguments
	code=$(curl -sS --noproxy '*' --max-time 20 -o body -w '%{http_code}' \
	    "$@" 2>err)
}

served() { # name, curl's arguments
	name=$1
	shift
	fetch "$@"
	[ "$code" = 200 ] && cmp body "$file" >>err 2>&1
	ok "$name" $?
}

certificate() { # name, days: cert.pem and key.pem of it
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days "${2:-30}" -subj "/CN=$1" \
	    -addext 'subjectAltName=IP:127.0.0.1' \
	    -keyout tls/key.new -out tls/cert.new >out 2>err &&
	    mv tls/key.new tls/key.pem && mv tls/cert.new tls/cert.pem
}

by_tls() {
	mkdir tls && certificate first
	start -s st --listen 127.0.0.1:0 --listen "unix:$dir/sock" \
	    --tls-listen 127.0.0.1:0 --tls-cert tls/cert.pem \
	    --tls-key tls/key.pem
	served "a plain listener" "$(where http)$path"
	served "one by TLS" --cacert tls/cert.pem "$(where https)$path"
	served "one by TLS 1.2" --cacert tls/cert.pem --tls-max 1.2 \
	    "$(where https)$path"
	served "a local socket" --unix-socket sock "http://a/$path"
	fetch "$(where https)$path"
	[ "$code" = 000 ]
	ok "who does not know the authority is not served" $?
	cp tls/cert.pem first.pem
	certificate second
	fetch --cacert tls/cert.pem "$(where https)$path"
	[ "$code" = 000 ]
	ok "a new certificate is not there by itself" $?
	kill -HUP $server
	await grep -q 'is read again' log
	served "after SIGHUP it is" --cacert tls/cert.pem \
	    "$(where https)$path"
	echo nonsense >tls/key.pem
	kill -HUP $server
	await grep -q 'key.pem: expected a private key' log
	ok "a bad key is told" $?
	served "and the old one stays" --cacert tls/cert.pem \
	    "$(where https)$path"
	! says log 'the certificate is good' && ! says log 'the certificate was'
	ok "nothing is said of a certificate that is good" $?
	certificate soon 2
	kill -HUP $server
	await grep -q 'cert.pem: the certificate is good until 20' log
	ok "one that ends soon is told" $?
	openssl x509 -in tls/cert.pem -signkey tls/key.pem -days -1 \
	    -out tls/cert.new 2>err && mv tls/cert.new tls/cert.pem
	kill -HUP $server
	await grep -q 'the certificate was good until 20.*clients refuse it' log
	ok "one that is over is told" $?
	certificate third
	stop
	ok "it ends with 0" $?
}

# A clock that is wrong by decades: a machine without a battery, or a typo.
clocks() {
	faked=$(find /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null)
	if [ -z "$faked" ]; then
		skip "a clock of 1980, one of 2100" "faketime is not installed"
		return
	fi
	certificate first
	clock 1980 'the certificate is good only from 20.*set the clock'
	clock 2100 'the certificate was good until 20.*clients refuse it'
}

clock() { # year, what is said of a certificate of today
	: >log >access.log
	WSUSFERRY_UNCONFINED=1 FAKETIME_DONT_FAKE_MONOTONIC=1 \
	    FAKETIME="@$1-02-28 23:59:50" LD_PRELOAD=$faked \
	    wsusferry-serve-static -s st \
	    --listen 127.0.0.1:0 --tls-listen 127.0.0.1:0 \
	    --tls-cert tls/cert.pem --tls-key tls/key.pem \
	    --access-log access.log 2>log >summary &
	server=$!
	await grep -q 'listening on https' log
	grep -q "$2" log
	ok "in $1 the certificate is told" $?
	fetch -D head "$(where http)$path"
	[ "$code" = 200 ] && cmp body "$file" >>err 2>&1 &&
	    grep -q "^Date: ..., .. ... $1 " head
	ok "in $1 a file is served" $?
	fetch -k -H "If-Modified-Since: Fri, 01 Jan 2027 00:00:00 GMT" \
	    "$(where https)$path"
	[ "$code" = 304 ]
	ok "in $1 by TLS, too" $?
	await grep -q ' 304 ' access.log
	grep -q "^127.0.0.1 - - \[../.../$1:..:..:.. +0000\] \"GET /$path" \
	    access.log
	ok "in $1 the access log says when" $?
	stop
	ok "in $1 it ends with 0" $?
}

refused() { # name, what is said, options
	name=$1 what=$2
	shift 2
	wsusferry-serve-static -s st "$@" >out 2>err
	[ $? = 2 ] && grep -q -e "$what" err
	ok "$name: 2" $?
}

usage() {
	certificate third
	refused "TLS without a certificate" 'needs --tls-cert' \
	    --tls-listen 127.0.0.1:0
	refused "a certificate without a key" 'belong together' \
	    --tls-cert tls/cert.pem
	refused "a key that is none" 'expected a private key' \
	    --listen 127.0.0.1:0 --tls-cert tls/cert.pem \
	    --tls-key tls/cert.pem
	refused "no such user" "no user 'nobody-of-here'" \
	    --listen 127.0.0.1:0 --user nobody-of-here
}

# Sockets as systemd gives them; the second speaks TLS.
given() { # names
	: >log
	python3 - "$dir/port" "$1" <<-'EOP' &
	import os, socket, sys
	a = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
	open(sys.argv[1], "w").write(" ".join(
	    str(s.getsockname()[1]) for s in a))
	high = [os.dup2(s.fileno(), 20 + i) for i, s in enumerate(a)]
	for i in range(2):
	    os.dup2(20 + i, 3 + i)
	os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2",
	    LISTEN_FDNAMES=sys.argv[2], WSUSFERRY_UNCONFINED="1")
	os.dup2(os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
	os.execvp("wsusferry-serve-static", ["wsusferry-serve-static", "-s",
	    "st", "--tls-cert", "tls/cert.pem", "--tls-key", "tls/key.pem"])
	EOP
	server=$!
}

by_systemd() {
	given plain:tls
	await grep -q 'listening on https' log
	read -r a b <port
	served "a socket from systemd" "http://127.0.0.1:$a/$path"
	served "one by TLS" --cacert tls/cert.pem "https://127.0.0.1:$b/$path"
	[ "$(grep -c 'listening on' log)" = 2 ]
	ok "and no other" $?
	stop
	given tls:tls
	ended $server
	[ $? = 2 ] && grep -q 'TLS alone' log
	ok "TLS alone: 2" $?
	server=
}

# More idle clients than there is room for, and a newcomer.
full() {
	start -s st --listen 127.0.0.1:0 --connections 8
	base=$(where http)
	python3 - "$base" "$path" <<-'EOP' >out 2>err
	import socket, sys
	port = int(sys.argv[1].rsplit(":", 1)[1].strip("/"))
	def ask(s):
	    s.sendall(b"HEAD /%s HTTP/1.1\r\nHost: a\r\n\r\n"
	        % sys.argv[2].encode())
	    return s.recv(4096)[9:12]
	held = []
	for i in range(40):
	    s = socket.create_connection(("127.0.0.1", port), 5)
	    held.append(s)
	    assert ask(s) == b"200", i
	EOP
	ok "a newcomer is answered where idle ones hold all" $?
	await grep -q 'no room for more connections' log
	ok "and that is told" $?
	stop
}

as_user() {
	if [ "$(id -u)" != 0 ] || ! id nobody >/dev/null 2>&1; then
		skip "another user" "not root"
		return
	fi
	certificate fourth
	chmod -R a+rX "$dir"
	chmod a+r tls/key.pem
	start -s st --listen 127.0.0.1:0 --user nobody \
	    --tls-listen 127.0.0.1:0 --tls-cert tls/cert.pem \
	    --tls-key tls/key.pem
	[ "$(stat -c %U "/proc/$server")" = nobody ]
	ok "it is another user then" $?
	served "which serves" "$(where http)$path"
	certificate fifth
	chmod 0 tls/key.pem
	kill -HUP $server
	await grep -q 'key.pem: Permission denied' log
	ok "a key that this user may not read is told" $?
	chmod a+r tls/key.pem
	kill -HUP $server
	await grep -q 'is read again' log
	served "and one that it may is taken" --cacert tls/cert.pem \
	    "$(where https)$path"
	stop
}

run 0 gencatalogue --seed 3 --revisions 40 --doc-bytes 1000 \
    --payload-files 6 --payload-bytes 3000000 --out gen &&
    run 0 wsusferry-import -q -s st --site here --unsigned \
	--content gen/WsusContent gen/wsusexport.cab
ok "a store is made" $?
file=$(find st/WsusContent -type f -size +0 | sort | head -n 1)
path=Content/${file#st/WsusContent/}
by_tls
clocks
usage
by_systemd
full
as_user
finish
