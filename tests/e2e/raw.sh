#!/bin/sh
# SPDX-License-Identifier: ISC
# Requests byte for byte: the tables of testdata/requests, by raw.py; what was
# recorded of Delivery Optimization; beside nginx, lighttpd and Apache.
set -u
. "$(dirname "$0")/common"
here=$root/tests/e2e
pids=''
trap 'kill $pids 2>/dev/null; chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
name=F8/6103D9F6BF95C772C8B7EE89AEE370CDCA4642F8.exe
large=AB/2F88DF42DA48AA980FB748D13BAA2DE49CD154AB.exe

# A store that says it holds the two files of the records: their sizes are
# right, their bytes are not, which nobody looks at.
make_store() {
	run 0 gencatalogue --seed 8 --revisions 60 --doc-bytes 1000 \
	    --payload-files 4 --payload-bytes 100000 --out gen &&
	    run 0 wsusferry-import -q -s st --site here --unsigned \
		--content gen/WsusContent gen/wsusexport.cab &&
	    mkdir -p st/WsusContent/F8 st/WsusContent/AB &&
	    python3 - "$name" "$large" <<-'EOP' 2>err
	import sqlite3, sys
	db = sqlite3.connect('st/store.db')
	for row, name, size in (1, sys.argv[1], 918944), (2, sys.argv[2], 204745168):
	    db.execute('UPDATE file SET sha1 = ?, size = ?, ext = ? WHERE row = ?',
	               (bytes.fromhex(name[3:43]), size, 'exe', row))
	    with open('st/WsusContent/' + name, 'wb') as f:
	        if size < 1 << 20:
	            f.write(bytes(i * 7 + (i >> 8) * 13 & 255 for i in range(size)))
	        f.truncate(size)
	db.commit()
	EOP
	ok "a store is made" $?
	touch -d 2000-01-01T00:00:00Z st/WsusContent/*/* st/WsusContent/*.txt
	file=$dir/st/WsusContent/$name
}

start() {
	# A leak checker cannot look into /proc from the sandbox.
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
	    wsusferry-serve-static -s st --listen 127.0.0.1:0 2>log &
	pids=$!
	await grep -q 'listening on' log
	port=$(sed -n 's,.*listening on http://[^:]*:\([0-9]*\).*,\1,p' log)
}

# Each row is a check; it says itself what is wrong with it.
tell() { # file of lines
	grep '^ok ' "$1"
	passed=$((passed + $(grep -c '^ok ' "$1")))
	if grep -v '^ok ' "$1"; then
		failed=$((failed + $(grep -vc '^ok ' "$1")))
	fi
}

tables() {
	python3 "$here/raw.py" -s "${WF_SEED:-$$}" "$port" "$file" \
	    "$root"/testdata/requests/*.txt >rows 2>&1
	ok "the tables are read to their end" $?
	tell rows
}

recorded() {
	if [ ! -d "$samples/client-sync/content-headers" ]; then
		skip "what was recorded" "no samples"
		return
	fi
	python3 "$here/raw_recorded.py" "$port" \
	    "$samples/client-sync/content-headers" >rows 2>&1
	ok "the records are read to their end" $?
	tell rows
}

free_port() {
	python3 -c '
import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

nginx_conf() { # port
	cat <<-EOC
	$([ "$(id -u)" != 0 ] || echo 'user root;')
	daemon off; worker_processes 1; error_log $dir/peers/nginx.err;
	pid $dir/peers/nginx.pid;
	events { worker_connections 64; }
	http { access_log off; root $dir/peers/tree;
	    default_type application/octet-stream;
	    client_body_temp_path $dir/peers/a; proxy_temp_path $dir/peers/b;
	    fastcgi_temp_path $dir/peers/c; uwsgi_temp_path $dir/peers/d;
	    scgi_temp_path $dir/peers/e;
	    server { listen 127.0.0.1:$1; } }
	EOC
}

lighttpd_conf() {
	cat <<-EOC
	server.document-root = "$dir/peers/tree"
	server.port = $1
	server.bind = "127.0.0.1"
	server.errorlog = "$dir/peers/lighttpd.err"
	EOC
}

apache_conf() {
	cat <<-EOC
	ServerRoot $dir/peers
	ServerName a
	$([ "$(id -u)" != 0 ] || printf 'User www-data\nGroup www-data')
	LoadModule mpm_event_module $modules/mod_mpm_event.so
	LoadModule authz_core_module $modules/mod_authz_core.so
	PidFile $dir/peers/apache.pid
	ErrorLog $dir/peers/apache.err
	Listen 127.0.0.1:$1
	DocumentRoot $dir/peers/tree
	StartServers 1
	EOC
}

answers() { # port
	curl -sS --noproxy '*' -o /dev/null \
	    "http://127.0.0.1:$1/Content/anonymousCheckFile.txt"
}

# Whether ours stands alone depends on who else is asked: on all three.
beside() {
	modules=/usr/lib/apache2/modules
	for p in nginx lighttpd apache2; do
		have $p || { skip "beside others" "no $p"; return; }
	done
	mkdir -p peers/tree
	ln -s "$dir/st/WsusContent" peers/tree/Content
	chmod -R a+rX "$dir"
	nginx=$(free_port) lighttpd=$(free_port) apache=$(free_port)
	nginx_conf "$nginx" >peers/nginx.conf
	lighttpd_conf "$lighttpd" >peers/lighttpd.conf
	apache_conf "$apache" >peers/apache.conf
	nginx -c "$dir/peers/nginx.conf" -p "$dir/peers" >peers/out 2>&1 &
	pids="$pids $!"
	lighttpd -D -f peers/lighttpd.conf >peers/out 2>&1 &
	pids="$pids $!"
	apache2 -X -f "$dir/peers/apache.conf" >peers/out 2>&1 &
	pids="$pids $!"
	for p in $nginx $lighttpd $apache; do
		await answers "$p" || { skip "beside others" "no start"; return; }
	done
	python3 "$here/raw.py" "$port" "$file" \
	    "$root"/testdata/requests/*.txt -- nginx="$nginx" \
	    lighttpd="$lighttpd" apache="$apache" 2>&1 |
	    sed 's/^\(not ok\|ok\)/& beside others:/' >rows
	tell rows
}

make_store
start
tables
recorded
beside
finish
