#!/bin/sh
# SPDX-License-Identifier: ISC
# The server, asked by curl and by hand; beside nginx on the same tree.
set -u
. "$(dirname "$0")/serve_common"

whole() {
	get "$base$path"
	[ "$code" = 200 ] && cmp body "$file" >>err 2>&1 &&
	    has "content-length: $size" && has 'accept-ranges: bytes' &&
	    has "etag: \"$etag\"" && has 'last-modified: .* GMT' &&
	    has 'date: .* GMT' && has 'content-type: application/octet-stream'
	ok "a file is the file, with its validators" $?
	get -I "$base$path"
	[ "$code" = 200 ] && has "content-length: $size"
	ok "HEAD says the length" $?
	get -I -r 0-1 "$base$path"
	[ "$code" = 200 ] && has "content-length: $size"
	ok "HEAD ignores a range" $?
	get "${base}cONTENT/$lower" && [ "$code" = 200 ] &&
	    cmp body "$file" >>err 2>&1
	ok "letters of either case" $?
	get "$base$path?0911180916" && [ "$code" = 200 ]
	ok "a query is left out" $?
	raw "GET http://any.example/$path HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\nConnection: close\r\n\r\n"
	[ "$code" = 206 ]
	ok "absolute form" $?
	raw "GET /$path HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\nContent-Length: 0\r\n\r\nGET /$path HTTP/1.1\r\nHost: a\r\nRange: bytes=1-2\r\nConnection: close\r\n\r\n"
	[ "$code" = "206 206" ]
	ok "a connection serves several, with Content-Length: 0" $?
	status "the check file" 200 "${base}content/anonymousCheckFile.txt"
}

# Head and bytes of an answer come in one packet, and at once.
packets() {
	python3 - "$port" "$path" <<-'EOP' >err 2>&1
	import socket, struct, sys, time
	s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
	began = time.monotonic()
	ask = "GET /%s HTTP/1.1\r\nHost: a\r\nRange: bytes=0-99\r\n\r\n"
	for i in range(50):
	    s.sendall((ask % sys.argv[2]).encode())
	    got = b""
	    while len(got.partition(b"\r\n\r\n")[2]) < 100:
	        got += s.recv(65536)
	took = time.monotonic() - began
	info = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160)
	packets = struct.unpack_from("I", info, 152)[0]  # tcpi_data_segs_in
	print(packets, "packets,", took, "s")
	sys.exit(packets > 50 or took > 5)
	EOP
	ok "50 short answers: 50 packets, and at once" $?
}

ranges() {
	for r in 0-0 0-1048575 1048576-1048578 -1 -5 "$((size - 1))-" \
	    "0-99999999999999999999999" "5-"; do
		get -r "$r" "$base$path"
		[ "$code" = 206 ] && python3 - "$file" "$r" <<-'EOP' >>err 2>&1
		import sys
		whole = open(sys.argv[1], 'rb').read()
		a, b = sys.argv[2].split('-')
		want = whole[-int(b):] if a == '' else \
		    whole[int(a):] if b == '' else whole[int(a):int(b) + 1]
		sys.exit(open('body', 'rb').read() != want)
		EOP
		ok "range $r" $?
	done
	get -r 2-5 "$base$path" && has "content-range: bytes 2-5/$size" &&
	    has 'content-length: 4'
	ok "a range says which" $?
	get -r "$size-" "$base$path"
	[ "$code" = 416 ] && has "content-range: bytes \*/$size" &&
	    has 'content-length: 0'
	ok "a range beyond the end: 416" $?
	for r in 5-4 x 1-2x; do
		get -H "Range: bytes=$r" "$base$path"
		[ "$code" = 200 ] && has "content-length: $size"
		ok "range $r is ignored" $?
	done
	date=$(sed -n 's/^[Ll]ast-[Mm]odified: //p' out)
	status "If-Range, its tag" 206 -r 0-1 -H "If-Range: \"$etag\"" \
	    "$base$path"
	status "If-Range, its date" 206 -r 0-1 -H "If-Range: $date" \
	    "$base$path"
	status "If-Range, a later date" 200 -r 0-1 -H \
	    'If-Range: Fri, 01 Jan 2038 00:00:00 GMT' "$base$path"
	status "If-Range, its tag made weak" 200 -r 0-1 \
	    -H "If-Range: W/\"$etag\"" "$base$path"
	status "If-Unmodified-Since its date" 206 -r 0-1 \
	    -H "If-Unmodified-Since: $date" "$base$path"
	status "If-Unmodified-Since, earlier" 412 -r 0-1 -H \
	    'If-Unmodified-Since: Fri, 31 Dec 1999 23:59:59 GMT' "$base$path"
	status "If-Unmodified-Since, no date" 206 -r 0-1 \
	    -H 'If-Unmodified-Since: yesterday' "$base$path"
	status "a range beside If-None-Match: *" 304 -r 0-1 \
	    -H 'If-None-Match: *' "$base$path"
	status "a name with escapes" 206 -r 0-1 \
	    "$base$(echo "$path" | sed 's/C/%43/; s/\./%2E/')"
	status "slashes twice" 200 "$base/$path"
	status "If-Range, another" 200 -r 0-1 -H 'If-Range: "x"' "$base$path"
	status "If-None-Match" 304 -H "If-None-Match: \"$etag\"" "$base$path"
	status "If-Modified-Since" 304 -H "If-Modified-Since: $date" \
	    "$base$path"
	status "If-Match, another" 412 -H 'If-Match: "x"' "$base$path"
}

refusals() {
	zero=Content/00/0000000000000000000000000000000000000000.cab
	long=$(head -c 3000 /dev/zero | tr '\0' a)
	longest=$(head -c 4200 /dev/zero | tr '\0' a)
	longer=$(head -c 20000 /dev/zero | tr '\0' a)
	status "no such digest" 404 "$base$zero"
	status "another extension" 404 "$base${path%.*}.nope"
	status "another folder" 404 "${base}Content/00/${name#*/}"
	status "the folder itself" 404 "${base}Content/"
	status "the database" 404 "${base}store.db"
	status "up and down" 400 "${base}Content/../../st/store.db"
	status "up and down, escaped" 404 "${base}Content/%2e%2e/store.db"
	status "%00" 400 "$base$path%00"
	status "%00 within" 400 "${base}a%00b"
	status "half an escape" 400 "$base$path%2"
	status "POST" 405 -d x "$base$path" && has 'allow: GET, HEAD'
	ok "405 says what is allowed" $?
	status "PUT" 405 -T "$file" "$base$path"
	status "DELETE" 405 -X DELETE "$base$path"
	status "a GET with a body" 400 -X GET -d x "$base$path"
	status "a target of 3,000 bytes" 404 "$base$long"
	status "a target of 4,200 bytes" 414 "$base$longest"
	status "a target of 20,000 bytes" 414 "$base$longer"
	status "a head of 20,000 bytes" 431 -H "X: $longer" "$base$path"
	status "a head of 9,000 bytes" 431 -H "X: $long$long$long" "$base$path"
	status "a head of 6,000 bytes" 200 -H "X: $long$long" "$base$path"
	raw_status "no host" 400 "GET /$path HTTP/1.1\r\n\r\n"
	raw_status "a space in the target" 400 \
	    "GET /$path x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	raw_status "no HTTP" 400 'hello\r\n\r\n'
	raw_status "OPTIONS *" 405 \
	    'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	raw_status "a body that hides a request" 400 \
	    "GET /$path HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
	raw_status "a chunked body" 400 \
	    "GET /$path HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	raw_status "two lengths, one of them hidden" 400 \
	    "GET /$path HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 31\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
	raw_status "a length with a blank before the colon" 400 \
	    "GET /$path HTTP/1.1\r\nHost: a\r\nContent-Length : 31\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
	raw_status "two hosts" 400 \
	    "GET /$path HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"
	raw_status "two hosts, HTTP/1.0" 400 \
	    "GET /$path HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"
	status "then it still serves" 200 "$base$path"
}

# An import commits while a download runs and an index is half taken.
alive() {
	curl -sS --noproxy '*' --limit-rate 2M -o slow "$base$path" 2>err &
	client=$!
	run 0 gencatalogue --seed 9 --revisions 100 --doc-bytes 3000 \
	    --payload-files 5 --payload-bytes 100000 --out more
	new=$(cd more/WsusContent && find ./?? -type f -size +0 | sort |
	    head -n 1)
	status "not there yet" 404 "${base}Content/${new#./}"
	run 0 wsusferry-import -q -s st --unsigned --content \
	    more/WsusContent more/wsusexport.cab
	ok "an import commits while the server runs" $?
	status "and is seen without a restart" 200 "${base}Content/${new#./}"
	get "$base" && says body "updates, youngest first; page 1 of"
	ok "by the page too" $?
	wait $client && cmp slow "$file" >>err 2>&1
	ok "the download that ran ends well" $?
	client=
}

# A signal lets an answer end, and cuts off one that does not.
ending() {
	rm -f slow
	curl -sS --noproxy '*' --limit-rate 3M -o slow "$base$path" 2>err &
	client=$!
	await test -s slow
	stop
	ok "stopped by a signal: 0" $?
	wait $client && cmp slow "$file" >>err 2>&1
	ok "the answer under way was let end" $?
	client=
	says log 'stopped: '
	ok "it says what it did" $?
}

# A client that takes nothing does not keep others waiting.
slow_client() {
	python3 -c '
import socket, sys, time
all = []
for i in range(20):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.sendall(b"GET /%s HTTP/1.1\r\nHost: a\r\n" % sys.argv[2].encode())
    if i % 2:
        s.sendall(b"\r\n")
    all.append(s)
print("ready", flush=True)
time.sleep(600)
' "$port" "$path" >ready 2>err &
	client=$!
	await grep -q ready ready
	status "beside twenty that stall" 200 "$base$path"
	kill $client
	wait $client 2>/dev/null
	client=
}

beside_nginx() {
	if ! command -v nginx >/dev/null; then
		skip "as nginx" "not installed"
		return
	fi
	mkdir ngx
	ln -s "$dir/st/WsusContent" ngx/Content
	cat >ngx/conf <<-EOC
	daemon off; worker_processes 1; error_log $dir/ngx/error;
	pid $dir/ngx/pid;
	events { worker_connections 64; }
	http { access_log off; root $dir/ngx;
	    client_body_temp_path $dir/ngx/a; proxy_temp_path $dir/ngx/b;
	    fastcgi_temp_path $dir/ngx/c; uwsgi_temp_path $dir/ngx/d;
	    scgi_temp_path $dir/ngx/e;
	    server { listen unix:$dir/ngx/sock; } }
	EOC
	chmod -R a+rX "$dir"
	[ "$(id -u)" != 0 ] || sed -i '1s/^/user root; /' ngx/conf
	nginx -c "$dir/ngx/conf" -p "$dir/ngx" >ngx/out 2>&1 &
	nginx=$!
	if ! await test -S ngx/sock; then
		skip "as nginx" "it does not start"
		return
	fi
	# A malformed range it answers with 416, where RFC 9110 would ignore it.
	for r in 0-0 0-1048575 -1 -100 5- "$((size - 1))-" "$size-" -0 \
	    0-99999999999 -99999999999 0-0,5-9; do
		get -H "Range: bytes=$r" "$base$path"
		ours="$code $(grep -i '^content-range\|^content-length' out |
		    tr A-Z a-z | sort)"
		mv body ours.body
		get -H "Range: bytes=$r" --unix-socket ngx/sock \
		    "http://localhost/$path"
		theirs="$code $(grep -i '^content-range\|^content-length' out |
		    tr A-Z a-z | sort)"
		case $code in
		416) ours=${ours%% *}, theirs=${theirs%% *}, ;; # has a page
		206) case $r in *,*) # their boundary, their type
			ours=${ours%% *} theirs=${theirs%% *} ;;
		     *) cmp ours.body body >err 2>&1 ;;
		     esac ;;
		*) cmp ours.body body >err 2>&1 ;;
		esac && [ "$ours" = "$theirs" ] ||
		    { printf '%s\n' "ours $ours" "nginx $theirs" >err; false; }
		ok "as nginx: range '$r'" $?
	done
	kill $nginx
	wait $nginx
	nginx=
}

# Other ways to start.
starting() {
	start -s st --workers 1
	run 4 wsusferry-serve-static -s st --listen "127.0.0.1:$port" &&
	    says err 'in use'
	ok "an address in use: 4" $?
	status "one worker" 200 "$base$path"
	stop
	was=${TMPDIR-/tmp}
	TMPDIR=$dir/nowhere
	export TMPDIR
	start -s st
	TMPDIR=$was
	status "no TMPDIR" 200 "${base}index.json"
	says log 'lists for scripts are kept in memory: ' && says log nowhere
	ok "and it says so" $?
	stop
	run 2 wsusferry-serve-static -s nowhere
	ok "no store: 2" $?
	run 2 wsusferry-serve-static -s st --listen nonsense
	ok "no address: 2" $?
	start -s st --json && get "$base$path"
	stop && tail -n 1 summary |
	    jq -e '.type == "summary" and .sent == 1' >err 2>&1
	ok "the summary as JSON" $?
	cp -r st copy && rm copy/store.db-wal copy/store.db-shm &&
	    chmod -R a-w copy &&
	    find copy -printf '%p %m %s %T@\n' | sort >before
	start -s copy
	status "a store that may not be written" 200 "$base$path"
	get "$base" && [ "$code" = 200 ]
	ok "its page" $?
	stop
	find copy -printf '%p %m %s %T@\n' | sort >after
	cmp before after >err 2>&1
	ok "nothing of it has changed" $?
}

make_store
start -s st
snapshot st >before
whole
packets
ranges
refusals
slow_client
beside_nginx
snapshot st >after
cmp before after >err 2>&1
ok "serving changed nothing" $?
alive
ending
starting
finish
