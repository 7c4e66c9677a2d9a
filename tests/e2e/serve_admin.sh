#!/bin/sh
# SPDX-License-Identifier: ISC
# What an operator watches and limits: figures on an address of their own, the
# access log, who may ask, how often.
set -u
. "$(dirname "$0")/serve_common"

figure() { # name, of metrics
	sed -n "s/^wsusferry_$1 //p" body
}

admin_of() { # the second address that it says
	sed -n 's/.*listening on \(http:[^ "]*\).*/\1/p' log | sed -n 2p
}

watched() {
	start -s st --admin 127.0.0.1:0 --access-log access.log --state state
	await test -n "$(admin_of)"
	base=$(sed -n 's/.*listening on \(http:[^ "]*\).*/\1/p' log |
	    head -n 1)
	admin=$(admin_of) port=${base##*:} port=${port%/}
	status "healthy" 200 "${admin}healthz" && says body ok
	ok "it says so" $?
	status "a file" 200 -H 'Referer: x"y' -A 'a "b\' "$base$path"
	status "a page" 200 "$base?q=two+words"
	status "nothing" 404 "${base}nowhere"
	raw "BAD\r\n\r\n"
	get "${admin}metrics"
	[ "$code" = 200 ] && has 'content-type: text/plain; version=0.0.4.*' &&
	    [ "$(figure 'http_answers_total{class="sent"}')" -ge 3 ] &&
	    [ "$(figure 'http_answers_total{class="refused"}')" -ge 2 ] &&
	    [ "$(figure http_sent_bytes_total)" -ge "$size" ] &&
	    [ "$(figure store_files)" -gt 50 ] &&
	    [ "$(figure store_absent_files)" = 0 ] &&
	    [ "$(figure store_last_import_seconds)" -gt 1700000000 ] &&
	    [ "$(figure store_newest_release_seconds)" -gt 1000000000 ]
	ok "the figures" $?
	grep '^# TYPE' body | sort | uniq -d >err
	[ ! -s err ] && ! grep -Ev '^(#|wsusferry_[a-z_]+(\{[a-z]+="[^"]*"\})? [0-9]+$)' \
	    body >>err
	ok "each is told once, in Prometheus' form" $?
	if have promtool; then
		promtool check metrics <body >err 2>&1
		ok "promtool takes them" $?
	else
		skip "promtool takes them" "not installed"
	fi
	status "no files there" 404 "$admin$path"
	status "no pages there" 404 "$admin"
	status "no figures elsewhere" 404 "${base}metrics"
	status "no health elsewhere" 404 "${base}healthz"
	await grep -q ' 404 ' access.log
	says access.log "\"GET /$path HTTP/1.1\" 200 $size \"x?y\" \"a ?b?\"" &&
	    says access.log '127.0.0.1 - - [' &&
	    says access.log '"GET /?q=two+words HTTP/1.1" 200' &&
	    says access.log '"GET /nowhere HTTP/1.1" 404'
	ok "the access log has them, and nothing that ends a field" $?
	mv access.log old.log
	kill -HUP $server
	await test -f access.log
	get "$base$path"
	await grep -q ' 200 ' access.log
	says access.log "GET /$path" && says log 'access.log is open anew'
	ok "another file after SIGHUP" $?
	stop
	ok "stopped: 0" $?
}

json() {
	start -s st --access-log access.json --access-log-json
	get "$base$path" && get -A "$(printf 'x\303\274\033[31m')" "$base"
	raw "GET /%%22%%0d%%0aX HTTP/1.0\r\nReferer: a\tb\r\n\r\n"
	stop
	jq -e -s --arg p "/$path" \
	    'length == 3 and .[0].target == $p and .[0].status == 200 and
	    .[0].whole and .[2].minor == 0 and .[2].status == 400' \
	    access.json >err 2>&1
	ok "the access log as JSON" $?
	LC_ALL=C grep -q "$(printf '[\001-\011\013-\037\177]')" access.json
	[ $? = 1 ]
	ok "without control characters" $?
	start -s st --access-log -
	get "$base$path"
	stop
	says summary '"GET /Content/'
	ok "on standard output" $?
}

limits() {
	start -s st --allow 127.0.0.2 --allow 2001:db8::/32
	status "an address that is not allowed" 403 "$base$path"
	says body 'may not ask'
	ok "it says so" $?
	status "nor a page" 403 "$base"
	status "nor what is not there" 403 "${base}nothing"
	status "one that is" 200 --interface 127.0.0.2 "$base$path"
	stop
	# A loaded machine asks slowly: a low rate, and until it is too often.
	start -s st --rate 1
	sent=0
	while get -r 0-0 "$base$path" && [ "$code" = 206 ] && [ $sent -lt 50 ]
	do
		sent=$((sent + 1))
	done
	[ $sent -ge 2 ] && [ "$code" = 429 ] && has 'retry-after: 1'
	ok "too often: 429 ($sent served before)" $?
	status "another address" 200 --interface 127.0.0.2 "$base$path"
	stop
	run 2 wsusferry-serve-static -s st --allow 10.0.0.1/8 &&
	    says err "'10.0.0.1/8': the address has bits beyond its first 8"
	ok "no network: 2" $?
	run 2 wsusferry-serve-static -s st --access-log-json &&
	    says err 'goes with --access-log'
	ok "a form without a log: 2" $?
	run 4 wsusferry-serve-static -s st --access-log nowhere/log
	ok "no folder for the log: 4" $?
}

make_store
mkdir state
watched
json
limits
finish
