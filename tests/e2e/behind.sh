#!/bin/sh
# SPDX-License-Identifier: ISC
# Behind a proxy that shares connections to us among its clients: no request,
# however it is framed, leaves something for the next client.
set -u
. "$(dirname "$0")/raw_common"

behind() { # name, port
	if ! await answers "$2"; then
		skip "behind $1" "it does not start"
		return
	fi
	python3 "$here/raw.py" -b "$2" "$file" \
	    "$root"/testdata/requests/*.txt 2>&1 |
	    sed "s/^\(not ok\|ok\)/& behind $1:/" >rows
	[ "$(wc -l <rows)" -gt 200 ]
	ok "the tables are read to their end" $?
	tell rows
}

haproxy_conf() { # port
	cat <<-EOC
	global
	    nbthread 1
	defaults
	    mode http
	    timeout connect 5s
	    timeout client 5s
	    timeout server 5s
	frontend f
	    bind 127.0.0.1:$1
	    default_backend b
	backend b
	    http-reuse always
	    server s 127.0.0.1:$port
	EOC
}

nginx_conf() { # port
	cat <<-EOC
	$([ "$(id -u)" != 0 ] || echo 'user root;')
	daemon off; worker_processes 1; error_log $dir/peers/nginx.err;
	pid $dir/peers/nginx.pid;
	events { worker_connections 64; }
	http { access_log off; ignore_invalid_headers off;
	    client_body_temp_path $dir/peers/a; proxy_temp_path $dir/peers/b;
	    fastcgi_temp_path $dir/peers/c; uwsgi_temp_path $dir/peers/d;
	    scgi_temp_path $dir/peers/e;
	    upstream s { server 127.0.0.1:$port; keepalive 4; }
	    server { listen 127.0.0.1:$1;
	        location / { proxy_pass http://s; proxy_http_version 1.1;
	            proxy_set_header Connection "";
	            proxy_request_buffering off; } } }
	EOC
}

make_store
start
mkdir peers
if have haproxy; then
	at=$(free_port)
	haproxy_conf "$at" >peers/haproxy.conf
	haproxy -f peers/haproxy.conf >peers/out 2>&1 &
	pids="$pids $!"
	behind haproxy "$at"
else
	skip "behind HAProxy" "not installed"
fi
if have nginx; then
	at=$(free_port)
	nginx_conf "$at" >peers/nginx.conf
	nginx -c "$dir/peers/nginx.conf" -p "$dir/peers" >peers/out 2>&1 &
	pids="$pids $!"
	behind nginx "$at"
else
	skip "behind nginx" "not installed"
fi
finish
