#!/bin/sh
# SPDX-License-Identifier: ISC
# Fetching through a proxy that wants a password, by TLS with an authority of
# one's own, from a slow upstream, and from none at all.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"
none='--metadata-only --policy none.policy'
squid='' relay='' part=$none
echo 'only-approved = yes' >none.policy
trap 'kill $up_pid $squid 2>/dev/null; kill -KILL $relay 2>/dev/null; wait 2>/dev/null
    chmod -R u+w "$dir"; rm -rf "$dir"' EXIT

# get STATUS OPTION ...: into a new store; what was said in both.
get() {
	want=$1
	shift
	rm -rf st
	# shellcheck disable=SC2086 # words
	run "$want" timeout 60 wsusferry-fetch -s st $part \
	    --account-name fetch.example.org --retry-wait 20 "$@"
	fetched=$?
	cat out err >both
	return $fetched
}

# fetch NAME STATUS OPTION ...
fetch() {
	what=$1
	shift
	get "$@"
	ok "$what: $1" $fetched
}

# in_time MS NAME STATUS OPTION ...: the time-out for connecting, and a little.
in_time() {
	ms=$1 what=$2
	shift 2
	within "$ms" get "$@"
	ok "$what: within the time-out for connecting" $?
}

told() { # TEXT: of the fetch before
	says both "$1"
	ok "$what: '$1'" $?
}

up_store up --seed 9 --revisions 200 --payload-files 6 --payload-bytes 300000
ok "a store to serve" $?
up_start 0 --store up
ok "it is served" $?
host=${up_base#http://}
printf 'superseded = yes\ndrivers = yes\nexpress = yes\n' >all.policy

# Offline.
if ! have socat; then
	skip "offline, proxy and TLS" "no socat here"
	finish
	exit
fi
closed=1 # a port that nobody is given by chance
in_time 3500 "nobody listens" 5 --upstream "http://127.0.0.1:$closed" \
    --retry-wait 500 --connect-timeout 3
told "cannot connect to 127.0.0.1:$closed: Connection refused"
[ ! -e st ]
ok "$what: no store is left" $?
in_time 2800 "a host that does not answer" 5 --connect-timeout 2 \
    --upstream http://192.0.2.1:8530
told "cannot connect to 192.0.2.1:8530"
in_time 4000 "a name that nobody has" 5 --connect-timeout 3 \
    --upstream http://wsus.invalid:8530
told "wsus.invalid:8530"

# Slow.
up_modes 'GetCookie delay 1500' 'GetUpdateData#1 drip 10000'
began=$(date +%s%N)
fetch "a slow upstream" 0 --upstream "$up_base"
[ $((($(date +%s%N) - began) / 1000000)) -gt 1500 ]
ok "$what: it was" $?

# TLS.
ca() { # NAME: an authority
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" \
	    -keyout "$1.key" -out "$1.pem" >ca.log 2>&1
}

leaf() { # AUTHORITY NAME SUBJECT EXTENSION: NAME.pem with its key
	echo "$4" >"$2.ext"
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$3" -keyout "$2.key" \
	    -out "$2.csr" >>ca.log 2>&1 &&
	    openssl x509 -req -in "$2.csr" -CA "$1.pem" -CAkey "$1.key" \
		-CAcreateserial -days 2 -extfile "$2.ext" -out "$2.crt" \
		>>ca.log 2>&1 &&
	    (umask 077 && cat "$2.crt" "$2.key" >"$2.pem")
}

# tls OPTION: the upstream by TLS as well; sets secure
tls() {
	[ -z "$relay" ] || kill -KILL "$relay" # a SIGTERM can be lost
	: >relay.log
	socat -d -d "OPENSSL-LISTEN:0,bind=127.0.0.1,fork,reuseaddr,$1" \
	    "TCP:$host" 2>relay.log &
	relay=$!
	await grep -q 'listening on' relay.log
	secure=https://127.0.0.1:$(sed -n \
	    's/.*listening on .*:\([0-9]*\)$/\1/p' relay.log)
}

if have openssl; then
	ca ours && ca other &&
	    leaf ours server wsus.example.org subjectAltName=IP:127.0.0.1 &&
	    leaf ours client fetch.example.org extendedKeyUsage=clientAuth &&
	    leaf other stranger fetch.example.org \
		extendedKeyUsage=clientAuth
	ok "certificates" $?
	up_modes
	tls cert=server.pem,verify=0
	fetch "by TLS" 0 --upstream "$secure" --ca-file ours.pem --require-tls
	fetch "an authority that nobody named" 5 --upstream "$secure"
	told --ca-file
	told "${secure#https://}"
	fetch "another authority" 5 --upstream "$secure" --ca-file other.pem
	told --ca-file
	fetch "a name that the certificate lacks" 5 --ca-file ours.pem \
	    --upstream "https://localhost:${secure##*:}"
	told 'use a name that its certificate has'
	fetch "no such file of authorities" 4 --upstream "$secure" \
	    --ca-file nowhere.pem
	told nowhere.pem
	echo nothing >empty.pem
	fetch "a file without a certificate" 2 --upstream "$secure" \
	    --ca-file empty.pem
	told --ca-file
	fetch "plain HTTP to a port with TLS" 5 \
	    --upstream "http://${secure#https://}" --tries 2
	fetch "TLS to a port without" 5 --upstream "https://$host" --tries 2 \
	    --connect-timeout 2
	told 'does it speak TLS?'
	[ "$(grep -c GetAuthConfig up.log)" = 1 ]
	ok "no request of those was answered" $?
	tls cert=server.pem,cafile=ours.pem,verify=1
	fetch "a certificate of ours" 0 --upstream "$secure" \
	    --ca-file ours.pem --client-cert client.crt \
	    --client-key client.key
	fetch "certificate and key in one file" 0 --upstream "$secure" \
	    --ca-file ours.pem --client-cert client.pem
	chmod 644 client.pem
	fetch "a client's key that others may read" 2 --upstream "$secure" \
	    --ca-file ours.pem --client-cert client.pem
	told 'client.pem: mode 0644, expected 0600'
	fetch "no certificate of ours" 5 --upstream "$secure" \
	    --ca-file ours.pem --tries 2
	told --client-cert
	fetch "a certificate that the upstream does not trust" 5 --tries 2 \
	    --upstream "$secure" --ca-file ours.pem --client-cert stranger.pem
	told --client-cert
	fetch "a key that is another certificate's" 2 --upstream "$secure" \
	    --ca-file ours.pem --client-cert client.crt \
	    --client-key stranger.key
	told --client-key
	tls cert=server.pem,verify=0
	part='--policy all.policy'
	set -- --upstream "$secure" --ca-file ours.pem --content-host 127.0.0.1
	fetch "payload by TLS" 0 "$@" --require-tls
	[ "$(find st/WsusContent -type f -size +1k | wc -l)" -ge 6 ]
	ok "$what: it is all there" $?
	up_stop
	up_start "${up_base##*:}" --store up --catalog-only
	fetch "payload that is plain, and TLS required" 10 "$@" --require-tls
	told 'its URL is plain HTTP, which --require-tls forbids'
	[ "$(up_count '^(MU|Content)')" = 0 ]
	ok "$what: not asked for" $?
	fetch "payload that is plain" 0 "$@"
	up_stop
	up_start "${up_base##*:}" --store up
	part=$none
else
	secure=''
	skip "TLS" "no openssl here"
fi

# A proxy that wants a password.
basic=/usr/lib/squid/basic_ncsa_auth
ntlm=/usr/lib/squid/ntlm_fake_auth

# proxy_at PORT LINE ...: squid there, with these at the beginning
proxy_at() {
	port=$1
	shift
	: >squid/access.log
	: >squid/cache.log
	chmod 666 squid/*.log
	{
		printf '%s\n' "$@"
		cat <<-END
			acl known proxy_auth REQUIRED
			http_access allow known
			http_access deny all
			http_port 127.0.0.1:$port
			pid_filename $dir/squid/pid
			access_log stdio:$dir/squid/access.log
			cache_log $dir/squid/cache.log
			cache_effective_user $as
			cache deny all
			cache_mem 8 MB
			coredump_dir $dir/squid
			connect_timeout 5 seconds
			shutdown_lifetime 1 second
			visible_hostname proxy.example.org
		END
	} >squid/conf
	squid -f squid/conf -N >squid.out 2>&1 &
	squid=$!
	await proxy_settled
	kill -0 "$squid" 2>/dev/null
}

# proxy_settled: squid listens, or has ended.
proxy_settled() {
	grep -q 'Accepting HTTP Socket connections' squid/cache.log ||
	    ! kill -0 "$squid"
}

# proxy LINE ...: squid on the first port that it can have, of those that no
# system gives away by itself; sets proxy
proxy() {
	if [ -n "$squid" ]; then
		kill "$squid"
		ended "$squid"
	fi
	for try in 8 9 10 11 12 13 14 15; do
		at=$(a_port $try)
		proxy=http://127.0.0.1:$at
		! proxy_at $at "$@" || return 0
		sed 's/^/  squid: /' squid.out squid/cache.log | tail -n 20
	done
	return 1
}

# silent: the password stands nowhere.
silent() {
	! grep -rqF -e 'pass word' -e "$(printf 'ferry:pass word' | base64)" \
	    both st/fetch.log 2>/dev/null
	ok "$what: no password is told" $?
}

if ! have squid || ! have openssl || [ ! -x "$basic" ]; then
	skip "a proxy" "no squid with basic_ncsa_auth here"
	finish
	exit
fi
# Squid does not stay root, and must get at its files.
as=$(id -un)
[ "$(id -u)" != 0 ] || as=proxy
chmod 711 "$dir"
mkdir -m 777 squid
echo "ferry:$(openssl passwd -apr1 'pass word')" >squid/passwords
(umask 077 && echo 'ferry:pass word' >user && echo 'ferry:guess' >wrong)
proxy "auth_param basic program $basic $dir/squid/passwords" \
    'auth_param basic children 1' 'auth_param basic realm ferry'
ok "a proxy" $?
up_modes
fetch "through the proxy" 0 --upstream "$up_base" --proxy "$proxy" \
    --proxy-user-file user
silent
served=$(grep -cE '^(Get|Ping|Register)' up.log)
[ "$(grep -c '/200 .* POST .* ferry ' squid/access.log)" = "$served" ]
ok "all went through the proxy, by name" $?
[ "$(grep -c '/407 ' squid/access.log)" -le 2 ]
ok "which asked for it once, not each time" $?
: >squid/access.log
part='--policy all.policy'
fetch "payload through the proxy" 0 --upstream "$up_base" --proxy "$proxy" \
    --proxy-user-file user --content-host 127.0.0.1
[ "$(grep -cE '/20[06] .* GET .*/Content/.* ferry ' squid/access.log)" -ge 6 ] &&
    [ "$(find st/WsusContent -type f -size +1k | wc -l)" -ge 6 ]
ok "$what: it is all there" $?
part=$none
http_proxy=http://ferry:pass%20word@${proxy#http://}
export http_proxy
: >squid/access.log
fetch "a proxy from the environment" 0 --upstream "$up_base"
silent
grep -q '/200 .* POST .* ferry ' squid/access.log
ok "$what: it was asked" $?
: >squid/access.log
fetch "no proxy against the environment" 0 --upstream "$up_base" --proxy none
fetch "a host that needs none" 0 --upstream "$up_base" --no-proxy 127.0.0.1
[ ! -s squid/access.log ]
ok "$what: the proxy was not asked" $?
unset http_proxy
up_modes
fetch "a proxy and nobody's name" 5 --upstream "$up_base" --proxy "$proxy"
told --proxy-user-file
fetch "a wrong password" 5 --upstream "$up_base" --proxy "$proxy" \
    --proxy-user-file wrong
told --proxy-user-file
! grep -q guess both && [ ! -s up.log ]
ok "$what: it is not told, and the upstream was not asked" $?
fetch "a proxy that is not there" 5 --upstream "$up_base" --tries 2 \
    --proxy "http://127.0.0.1:$closed" --proxy-user-file user
told 'that is the proxy'
silent
fetch "an upstream that the proxy cannot reach" 5 --tries 2 --proxy "$proxy" \
    --upstream "http://127.0.0.1:$closed" --proxy-user-file user
told "127.0.0.1:$closed"
fetch "TLS through the proxy" 0 --upstream "$secure" --ca-file ours.pem \
    --proxy "$proxy" --proxy-user-file user
grep -q '/200 .* CONNECT .* ferry ' squid/access.log
ok "$what: as a tunnel" $?
silent
fetch "TLS, and a proxy that does not know us" 5 --upstream "$secure" \
    --ca-file ours.pem --proxy "$proxy"
told --proxy-user-file
fetch "TLS through the proxy to another's server" 5 --upstream "$secure" \
    --ca-file other.pem --proxy "$proxy" --proxy-user-file user
told --ca-file
if [ -x "$ntlm" ]; then
	proxy "auth_param ntlm program $ntlm" 'auth_param ntlm children 4'
	fetch "a proxy that wants NTLM" 0 --upstream "$up_base" \
	    --proxy "$proxy" --proxy-user-file user
	grep -q '/200 .* POST .*ferry.* HIER_DIRECT' squid/access.log
	ok "$what: by name" $?
	silent
	fetch "TLS, and a proxy that wants NTLM" 0 --upstream "$secure" \
	    --ca-file ours.pem --proxy "$proxy" --proxy-user-file user
else
	skip "a proxy that wants NTLM" "no ntlm_fake_auth here"
fi
finish
