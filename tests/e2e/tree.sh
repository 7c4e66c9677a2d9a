#!/bin/sh
# SPDX-License-Identifier: ISC
# export --tree: plain files that any server publishes; with the configurations
# of dist/ for nginx (alone, and as a cache in pieces of 1 MiB) and HAProxy (two
# servers side by side), and the examples of wsusferry-serve-static(8) for Apache,
# Caddy and rclone.
set -u
. "$(dirname "$0")/serve_common"
other=''
trap 'kill $server $nginx $client $other 2>/dev/null; chmod -R u+w "$dir"
    rm -rf "$dir"; [ -z "${away-}" ] || rm -rf "$away"' EXIT

written() {
	run 10 wsusferry-export -s st --tree tree && says err ' linked, 0 copied'
	ok "a tree is written: 10, since something is absent" $?
	(cd st/WsusContent && find ./?? -type f | sort) >want
	(cd tree/Content && find ./?? -type f | sort) >is
	cmp want is >err 2>&1
	ok "with each file" $?
	[ "$(stat -c %i "$file")" = "$(stat -c %i "tree/Content/$name")" ]
	ok "they are links" $?
	wsusferry-list -q -s st --csv updates | cmp - tree/updates.csv >err 2>&1
	ok "updates.csv is what wsusferry-list prints" $?
	jq -r '.files[].href | select(.)' tree/index.json | sort |
	    sed 's,^Content,.,' | cmp - want >err 2>&1
	ok "index.json leads to each file" $?
	for p in tree/*.html; do
		xmllint --html --noout "$p" 2>&1 | grep error: |
		    grep -v 'invalid$'
	done >err
	[ ! -s err ]
	ok "xmllint reads the pages" $?
	cat tree/*.html | grep -c '^<tr><th scope="row">' >pages
	top=$(sqlite3 -readonly st/store.db \
	    'SELECT count(*) FROM shown WHERE top IS NOT NULL')
	[ "$(cat pages)" = "$top" ] && says tree/index.html 'page-0002.html' &&
	    ! grep -l '<form\|update/' tree/*.html
	ok "each update is on a page, and none asks a server" $?
	grep -ho '<a href="[^"#]*"' tree/*.html | sort -u |
	    sed 's/.*="//; s/"$//' | while read -r p; do
		[ -e "tree/$p" ] || echo "$p"
	done >err
	[ ! -s err ]
	ok "every link of every page leads to a file" $?
	[ -e tree/wsusferry-tree.txt ] && [ -e tree/Content/anonymousCheckFile.txt ]
	ok "it says what it is" $?
}

again() {
	run 10 wsusferry-export --json -s st --tree tree &&
	    [ "$(jq -s 'last | .kept == .files and .foreign == 0 and
	    .replaced == 0' out)" = true ]
	ok "once more: all is there before" $?
	rm -f "tree/Content/$(sed -n '1s,^\./,,p' want)"
	printf x >tree/page-0099.html
	find tree -type f | sort | grep -v 'page-0099' | xargs sha1sum >before
	run 10 wsusferry-export -s st --tree tree && says err ' 1 linked, 0 copied'
	ok "what is missing is put" $?
	[ ! -e tree/page-0099.html ]
	ok "pages that nothing leads to are gone" $?
	sha1sum -c before >err 2>&1
	ok "the rest is the same to the byte" $?
	mkdir full && printf x >full/a
	run 2 wsusferry-export -s st --tree full && says err 'other files are there'
	ok "not among other files: 2" $?
	run 2 wsusferry-export -s st --tree st
	ok "not into a store: 2" $?
	run 2 wsusferry-export -s st --tree t2 --to . --sign-key k
	ok "not with a transfer: 2" $?
	run 10 wsusferry-export -n -s st --tree t2 && [ ! -e t2 ] &&
	    says err 'nothing was written'
	ok "a dry run writes nothing" $?
	run 4 wsusferry-export -s st --tree no/such/place
	ok "no place for it: 4" $?
}

# replaced HOW EXPECTED: what it says of one, and all is right again.
replaced() {
	sha1sum st/WsusContent/*/* >own
	run 10 wsusferry-export -s st --tree tree &&
	    says err "Content/$one: damaged in the tree ($2): replaced" &&
	    cmp "tree/Content/$one" "st/WsusContent/$one" >>err 2>&1 &&
	    sha1sum --quiet -c own >>err 2>&1
	ok "$1: told and replaced" $?
	run 10 wsusferry-export -s st --tree tree && ! says err 'damaged'
	ok "$1: once" $?
}

# Who else was at the tree.
spoilt() {
	one=$(cd tree/Content && find ./?? -type f -size +1 | sort |
	    sed -n '1s,^\./,,p')
	rm -f "tree/Content/$one"
	tr 'a-y' 'b-z' <"st/WsusContent/$one" >"tree/Content/$one"
	replaced "payload of the right size" 'its digest is another'
	rm -f "tree/Content/$one" && printf xyz >"tree/Content/$one"
	replaced "payload of another size" "3 bytes, expected $(wc -c \
	    <"st/WsusContent/$one")"
	rm -f "tree/Content/$one" && ln -s /etc/passwd "tree/Content/$one"
	replaced "a link" 'no regular file'
	rm -f "tree/Content/$one" && mkdir "tree/Content/$one"
	run 2 wsusferry-export -s st --tree tree &&
	    says err "Content/$one: a folder has the name of payload; move it"
	ok "a folder of that name: 2" $?
	rmdir "tree/Content/$one"
	cp "st/WsusContent/$one" "tree/Content/$one"
	run 10 wsusferry-export --json -s st --tree tree &&
	    [ "$(jq -s 'last | .kept == .files and .replaced == 0' out)" = true ]
	ok "a copy that is right stays" $?

	mkdir -p tree/old/er tree/Content/ab tree/Content/zz
	lowered=Content/$(echo "$one" | tr A-F a-f | sed 's,^..,'"${one%%/*}",)
	for p in page-notes.html old/er/x Content/a.exe Content/ab/x \
	    "Content/${one%%/*}/.x" Content/zz/x "$lowered"; do
		printf mine >"tree/$p"
	done
	run 1 wsusferry-export -v --json -s st --tree tree &&
	    [ "$(jq -s 'last.foreign' out)" = 7 ]
	ok "what is not of the tree: 1" $?
	run 1 wsusferry-export -v -s st --tree tree &&
	    for p in page-notes.html old Content/a.exe Content/ab \
		"Content/${one%%/*}/.x" Content/zz "$lowered"; do
		    says err "$p: not of this tree, and published with it" ||
			echo "$p" >>bad
	    done && [ ! -s bad ]
	ok "each is told with -v" $?
	run 1 wsusferry-export -s st --tree tree &&
	    says err 'and 4 more not of this tree' &&
	    [ "$(grep -c 'not of this tree, and' err)" = 3 ]
	ok "three without" $?
	[ "$(cat tree/page-notes.html tree/old/er/x tree/Content/a.exe \
	    tree/Content/ab/x tree/Content/zz/x "tree/$lowered" \
	    "tree/Content/${one%%/*}/.x")" = minemineminemineminemine'mine' ]
	ok "and stays as it was" $?
	rm -rf tree/page-notes.html tree/old tree/Content/a.exe \
	    tree/Content/ab tree/Content/zz "tree/$lowered" \
	    "tree/Content/${one%%/*}/.x"
	run 10 wsusferry-export -s st --tree tree
	ok "moved away, all is well" $?
}

# Another file system has no links to this one.
copied() {
	away=$(mktemp -d /dev/shm/wsusferry-tree.XXXXXX 2>/dev/null) || away=
	if [ -z "$away" ] ||
	    [ "$(stat -c %d "$away")" = "$(stat -c %d "$dir")" ]; then
		skip "copies on another file system" "there is none"
		return
	fi
	run 10 wsusferry-export -s st --tree "$away/t" &&
	    says err ' 0 linked, '
	ok "copies where links cannot be" $?
	(cd st && find WsusContent -type f -path '*/??/*' -exec sha1sum {} + |
	    sed 's,WsusContent,Content,' | sort) >want
	(cd "$away/t" && find Content -type f -path '*/??/*' -exec sha1sum {} + |
	    sort) >is
	cmp want is >err 2>&1
	ok "they are the same" $?
	f=$away/t/Content/$one
	chmod u+w "$f" && tr 'a-y' 'b-z' <"st/WsusContent/$one" >"$f"
	run 10 wsusferry-export -s st --tree "$away/t" &&
	    says err "$one: damaged in the tree (its digest is another)" &&
	    says err '0 linked, 1 copied' && cmp "st/WsusContent/$one" "$f"
	ok "a copy that was changed is copied again" $?
	cp -r st bad && f=$(find bad/WsusContent -type f -size +2000k | head -n 1)
	chmod u+w "$f" && printf X | dd of="$f" bs=1 conv=notrunc 2>err
	rm -rf "$away/t"
	run 1 wsusferry-export -s bad --tree "$away/t" && says err 'damaged in the store'
	ok "damage is not published: 1" $?
	[ ! -e "$away/t/index.html" ]
	ok "and no page leads to what is there" $?
	rm -rf "$away"
	away=
}

free_ports() { # how many: different ones
	python3 -c 'import socket, sys
all = [socket.socket() for i in range(int(sys.argv[1]))]
for s in all:
    s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in all])' "$1"
}

# conf FILE SED ...: one of dist, within a configuration of nginx
nginx_with() {
	mkdir -p ngx
	chmod -R a+rX "$dir"
	{
		[ "$(id -u)" != 0 ] || echo 'user root;'
		echo "daemon off; worker_processes 1; error_log $dir/ngx/error;
		pid $dir/ngx/pid; events { worker_connections 64; }
		http { access_log off; client_body_temp_path $dir/ngx/a;
		proxy_temp_path $dir/ngx/b; fastcgi_temp_path $dir/ngx/c;
		uwsgi_temp_path $dir/ngx/d; scgi_temp_path $dir/ngx/e;"
		f=$1
		shift
		sed "$@" "$root/dist/nginx/$f"
		echo '}'
	} >ngx/conf
	nginx -c "$dir/ngx/conf" -p "$dir/ngx" >ngx/out 2>&1 &
	nginx=$!
	await curl -sS --noproxy '*' -o ngx/first "$at" || cat ngx/out ngx/error
}

stop_nginx() {
	kill $nginx
	wait $nginx
	nginx=
}

by_nginx() {
	if ! have nginx; then
		skip "by nginx" "not installed"
		return
	fi
	p=$(free_ports 1) at=http://127.0.0.1:$p/
	nginx_with wsusferry-tree.conf -e "s,/srv/wsus-tree,$dir/tree," \
	    -e "s,listen 8530,listen 127.0.0.1:$p," -e '/::/d'
	get "$at$path" && [ "$code" = 200 ] && cmp body "$file" >>err 2>&1 &&
	    has 'content-type: application/octet-stream' &&
	    has 'accept-ranges: bytes'
	ok "a file, by nginx" $?
	get -r 1048576-1048579 "${at}content/$name" && [ "$code" = 206 ] &&
	    [ "$(wc -c <body)" = 4 ]
	ok "a range of it" $?
	get "$at" && [ "$code" = 200 ] && cmp body tree/index.html >>err 2>&1 &&
	    has 'content-type: text/html; charset=utf-8'
	ok "the first page" $?
	get "${at}updates.csv" && has 'content-type: text/csv; charset=utf-8'
	ok "a list" $?
	stop_nginx
	if ! nginx -V 2>&1 | grep -q http_slice_module; then
		skip "a cache in pieces" "this nginx has no slices"
		return
	fi
	start -s st
	p=$(free_ports 1) at=http://127.0.0.1:$p/
	nginx_with wsusferry-cache.conf -e "s,/var/cache/nginx/wsusferry,$dir/ngx/z," \
	    -e "s,listen 8530,listen 127.0.0.1:$p," -e '/::/d' \
	    -e "s,192.0.2.1:8530,127.0.0.1:$port,"
	get "$at$path" && [ "$code" = 200 ] && cmp body "$file" >>err 2>&1
	ok "a file, by a cache" $?
	[ "$(find ngx/z -type f | wc -l)" -ge $((size / 1048576)) ]
	ok "it is kept in pieces" $?
	get -r 5-9 "$at$path" && [ "$code" = 206 ] && [ "$(wc -c <body)" = 5 ]
	ok "a range of it, by the cache" $?
	stop
	get "$at$path" && [ "$code" = 200 ] && cmp body "$file" >>err 2>&1
	ok "and again without the server" $?
	stop_nginx
}

# example WORD: what stands in the manual behind that line, word by word.
example() {
	sed -n "/^$1/,/^\.Ed/p" "$root/man/wsusferry-serve-static.8" |
	    sed -n '/^\.Bd/,/^\.Ed/p' | sed '1d; $d; s/\\e/\\/g'
}

# The same of each of them, at $at: a file, a range, the letters it is named by.
serves() { # by whom
	get "$at$path" && [ "$code" = 200 ] && cmp body "$file" >>err 2>&1 &&
	    has 'content-type: application/octet-stream' &&
	    has 'accept-ranges: bytes' && ! has 'content-encoding:.*'
	ok "a file, by $1 as the manual has it" $?
	get -H 'Accept-Encoding: gzip' -r 1048576-1048579 "$at$path" &&
	    [ "$code" = 206 ] && [ "$(wc -c <body)" = 4 ]
	ok "a range of it, by $1" $?
	get "${at}Content/00/" && [ "$code" != 200 ]
	ok "no folder, by $1" $?
}

by_apache() {
	modules=/usr/lib/apache2/modules
	if ! have apache2 || [ ! -d $modules ]; then
		skip "by Apache" "not installed"
		return
	fi
	mkdir -p apache && chmod -R a+rX "$dir"
	p=$(free_ports 1) at=http://127.0.0.1:$p/
	{
		for m in mpm_event authz_core alias env; do
			echo "LoadModule ${m}_module $modules/mod_$m.so"
		done
		[ "$(id -u)" != 0 ] || echo 'User www-data'
		echo "ServerRoot $dir/apache
		ServerName localhost
		PidFile $dir/apache/pid
		ErrorLog $dir/apache/error"
		example Apache: | sed -e "s,Listen 8530,Listen 127.0.0.1:$p," \
		    -e "s,/srv/wsus/,$dir/st/,"
	} >apache/conf
	apache2 -f "$dir/apache/conf" -DFOREGROUND >apache/out 2>&1 &
	client=$!
	await curl -sS --noproxy '*' -o apache/first "$at" ||
	    cat apache/out apache/error
	serves Apache
	kill $client
	wait $client 2>err
	client=
}

by_caddy() {
	if ! have caddy; then
		skip "by Caddy" "not installed"
		return
	fi
	mkdir -p caddy
	p=$(free_ports 1) at=http://127.0.0.1:$p/
	{
		printf '{\n\tadmin off\n}\n'
		example Caddy: | sed -e "s,^:8530,http://127.0.0.1:$p," \
		    -e "s,/srv/wsus-tree,$dir/tree,"
	} >caddy/Caddyfile
	HOME=$dir/caddy XDG_CONFIG_HOME=$dir/caddy XDG_DATA_HOME=$dir/caddy \
	    caddy run --config caddy/Caddyfile --adapter caddyfile \
	    >caddy/out 2>&1 &
	client=$!
	await curl -sS --noproxy '*' -o caddy/first "$at" || cat caddy/out
	serves Caddy
	get "$at" && [ "$code" = 200 ] && cmp body tree/index.html >>err 2>&1 &&
	    has 'content-type: text/html; charset=utf-8'
	ok "the first page, by Caddy" $?
	kill $client
	wait $client 2>err
	client=
}

# Object storage, with the commands of the manual.
by_rclone() {
	if ! have rclone; then
		skip "to object storage by rclone" "not installed"
		return
	fi
	p=$(free_ports 1) at=http://127.0.0.1:$p/updates/
	: >s3.log
	python3 "$root/tests/e2e/s3.py" "$p" s3.log >s3.out 2>&1 &
	client=$!
	await curl -sS --noproxy '*' -o first "$at" || cat s3.out
	example 'Object storage' | sed -e '/^wsusferry-export/d' \
	    -e "s,/srv/wsus-tree,$dir/tree,g" >send.sh
	cat >send.env <<-EOE
	unset AWS_CA_BUNDLE
	export RCLONE_CONFIG=$dir/none RCLONE_CONFIG_BUCKET_TYPE=s3 \
	    RCLONE_CONFIG_BUCKET_PROVIDER=Other NO_PROXY=127.0.0.1 \
	    RCLONE_CONFIG_BUCKET_ENDPOINT=http://127.0.0.1:$p \
	    RCLONE_CONFIG_BUCKET_ACCESS_KEY_ID=a \
	    RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY=b
	EOE
	(. ./send.env && sh -e ./send.sh) >out 2>err
	ok "the tree is sent" $?
	get "$at$path" && [ "$code" = 200 ] && cmp body "$file" >>err 2>&1 &&
	    has 'content-type: application/octet-stream'
	ok "a file, by object storage" $?
	get "${at}index.html" && cmp body tree/index.html >>err 2>&1 &&
	    has 'content-type: text/html.*' && has 'cache-control: no-cache'
	ok "the first page" $?
	(cd tree && find . -type f | sed 's,^\./,updates/,' | sort) >want
	cut -f 1 s3.log | sort | cmp want - >err 2>&1
	ok "each file once, and no other" $?
	n=$(grep -n '^updates/Content/' s3.log | tail -n 1 | cut -d : -f 1)
	m=$(grep -n '^updates/index.html' s3.log | cut -d : -f 1)
	[ "$n" -lt "$m" ]
	ok "payload before what leads to it" $?
	cp s3.log s3.before
	(. ./send.env && sh -e ./send.sh) >out 2>err && cmp s3.before s3.log
	ok "a second run sends nothing" $?
	kill $client
	wait $client 2>err
	client=
}

by_haproxy() {
	if ! have haproxy; then
		skip "two servers behind HAProxy" "not installed"
		return
	fi
	cp -r st st2
	# shellcheck disable=SC2046
	set -- $(free_ports 5)
	one=$1 two=$2 a1=$3 a2=$4 p=$5 at=http://127.0.0.1:$5/
	for i in "st $one $a1" "st2 $two $a2"; do
		set -- $i
		ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
		    wsusferry-serve-static -s "$1" --listen "127.0.0.1:$2" \
		    --admin "127.0.0.1:$3" 2>"log.$1" &
		other="$other $!"
		await grep -q listening "log.$1"
	done
	sed -e "s,bind :8530,bind 127.0.0.1:$p," \
	    -e "s,192.0.2.1:8530 check port 8540,127.0.0.1:$one check port $a1," \
	    -e "s,192.0.2.2:8530 check port 8540,127.0.0.1:$two check port $a2," \
	    -e 's,inter 2s,inter 200ms fall 1,; s,maxconn .*,maxconn 100,' \
	    "$root/dist/haproxy/wsusferry.cfg" >ha.cfg
	haproxy -db -f ha.cfg >ha.log 2>&1 &
	client=$!
	await curl -sSf --noproxy '*' -o first "$at" || cat ha.log
	get -r 0-1048575 "$at$path" && [ "$code" = 206 ] && cp body part
	tag=$(sed -n 's/^[Ee][Tt]ag: //p' out)
	ok "a first piece, by HAProxy" $?
	kill "${other##* }"
	wait "${other##* }" 2>err
	sleep 1
	get -r 1048576- -H "If-Range: $tag" "$at$path" && [ "$code" = 206 ] &&
	    cat part body | cmp - "$file" >>err 2>&1
	ok "the rest, when one of the servers is gone" $?
	get "$at?q=update" && [ "$code" = 200 ]
	ok "pages, too" $?
	kill $client $other 2>/dev/null
	wait $client $other 2>err
	client='' other=''
}

missing="--missing-files 3" imports=10
make_store
written
again
spoilt
copied
by_nginx
by_apache
by_caddy
by_rclone
by_haproxy
finish
