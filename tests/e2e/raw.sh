#!/bin/sh
# SPDX-License-Identifier: ISC
# Requests byte for byte: the tables of testdata/requests, by raw.py; what was
# recorded of Delivery Optimization; beside nginx, lighttpd and Apache.
set -u
. "$(dirname "$0")/raw_common"

tables() {
	python3 "$here/raw.py" -s "${WF_SEED:-$$}" "$port" "$file" \
	    "$root"/testdata/requests/*.txt >rows 2>&1
	ok "the tables are read to their end" $?
	tell rows
}

by_tls() {
	python3 "$here/raw.py" -t "$tls" "$file" \
	    "$root"/testdata/requests/*.txt 2>&1 |
	    sed 's/^\(not ok\|ok\)/& by TLS:/' >rows
	[ "$(wc -l <rows)" -gt 200 ]
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
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj /CN=a -keyout key.pem -out cert.pem >out 2>err
ok "a certificate" $?
start --tls-listen 127.0.0.1:0 --tls-cert cert.pem --tls-key key.pem
tables
by_tls
recorded
beside
finish
