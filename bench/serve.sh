# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# The server beside nginx: processor seconds for each GB that is handed out.

# Seconds of processor time that a server and its workers have had.
cpu_of() { # process
	for w in "$1" $(pgrep -P "$1"); do
		cat "/proc/$w/stat"
	done | sed 's/.*) //' | awk -v hz="$(getconf CLK_TCK)" \
	    '{ t += $12 + $13 } END { print t / hz }'
}

# Processor seconds for each GB that a server hands out: sets cost.
load() { # process, port, path, connections, range, size, tls or nothing
	before=$(cpu_of "$1")
	got=$($via "$B/bench/load" "$to$2" "$3" "$4" ${BENCH_SECONDS:-${small:+0.}3} \
	    "$5" "$6" ${7:-}) || return
	cost=$(awk -v a="$before" -v b="$(cpu_of "$1")" -v n="${got#* }" \
	    'BEGIN { printf "%.4f", (b - a) / n * 1e9 }')
}

serve_pair() { # name, target, connections, range, tls or nothing
	forget
	at=$port
	[ -z "${5:-}" ] || at=$((port + 2))
	i=0
	while [ $i -lt "$runs" ]; do
		load "$ours" $at "/Content/$file" "$3" "$4" "$size" ${5:-} ||
		    return
		oc="$oc $cost" ow="$ow $cost"
		load "$peer" $((at + 1)) "/$file" "$3" "$4" "$size" ${5:-} ||
		    return
		pc="$pc $cost" pw="$pw $cost"
		i=$((i + 1))
	done
	peak=$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$ours/status")
	row "$1" cpu "$2"
}

# A pair of interfaces with the MTU of Ethernet, the client's end in a network of
# its own, so that the bytes go through packets of that size.
lay_wire() {
	wire='' net=wf-bench-$$
	[ "$(id -u)" = 0 ] && command -v ip >/dev/null &&
	    ip netns add $net 2>/dev/null && {
		ip link add wf-bench0 mtu 1500 type veth peer name wf-bench1 \
		    mtu 1500 netns $net &&
		    ip addr add 198.18.0.1/30 dev wf-bench0 &&
		    ip link set wf-bench0 up &&
		    ip -n $net addr add 198.18.0.2/30 dev wf-bench1 &&
		    ip -n $net link set wf-bench1 up && wire=198.18.0.1
	}
	[ -n "$wire" ] || echo "$bench: skipped on a wire of MTU 1500:" \
	    "that takes root, network namespaces and veth"
}

take_wire() {
	[ -z "$wire" ] || ip link del wf-bench0
	ip netns del $net 2>/dev/null
}

start_servers() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -subj /CN=localhost -keyout "$dir/key.pem" \
	    -out "$dir/cert.pem" 2>/dev/null || return
	# Where it may: 10,000 idle connections and files for them.
	ulimit -n 32768 2>/dev/null || ulimit -n "$(ulimit -Hn)"
	wsusferry-serve-static -q -s "$dir/big.store" \
	    --listen "127.0.0.1:$port" ${wire:+--listen "$wire:$port"} \
	    --connections-per-client 2000 \
	    --connections 12000 --tls-listen "127.0.0.1:$((port + 2))" \
	    --tls-cert "$dir/cert.pem" --tls-key "$dir/key.pem" \
	    >"$dir/serve.log" 2>&1 &
	ours=$!
	cat >"$dir/nginx.conf" <<-EOF
	user $(id -un);
	worker_processes auto;
	daemon off;
	pid $dir/nginx.pid;
	error_log $dir/nginx.log;
	events { worker_connections 16384; }
	http {
	    access_log off;
	    sendfile on;
	    tcp_nopush on;
	    keepalive_requests 1000000000;
	    open_file_cache max=10000;
	    ssl_certificate $dir/cert.pem;
	    ssl_certificate_key $dir/key.pem;
	    server {
	        listen 127.0.0.1:$((port + 1));
	        ${wire:+listen $wire:$((port + 1));}
	        listen 127.0.0.1:$((port + 3)) ssl;
	        root $dir/big.store/WsusContent;
	    }
	}
	EOF
	nginx -c "$dir/nginx.conf" >/dev/null 2>&1 &
	peer=$!
	sleep 2
	kill -0 $ours && kill -0 $peer && return
	tail -n 3 "$dir/serve.log" "$dir/nginx.log" >&2
	return 1
}

idle() { # 10,000 connections that wait, and newcomers
	got=$("$B/bench/idle" "$port" "/Content/$file" 10000 "$ours") || return
	figure serve-idle 'bytes for an idle connection' "${got% *}" 1024
	figure serve-newcomer 'ms for the slowest of 200 newcomers' \
	    "${got#* }" 10
}

# 1,000 clients that are slow on purpose and an import into the same store: what
# others wait for, beside what they wait for without.
besieged() {
	have slowhttptest || return 0
	metadata metadata "$revisions" || return
	of="$port /Content/$file ${BENCH_SECONDS:-${small:+0.}3} $size"
	quiet=$("$B/bench/paced" $of) || return
	for kind in '-H -i 2' '-B -i 2 -s 8192 -t POST' \
	    '-X -w 64 -y 128 -n 2 -z 8 -k 3'; do
		slowhttptest $kind -c 334 -r 400 -l 600 -p 3 \
		    -u "http://127.0.0.1:$port/Content/$file" \
		    >/dev/null 2>&1 &
		besiegers="$besiegers $!"
	done
	rm -f "$dir/big.done" # it is another store then
	wsusferry-import -q -s "$dir/big.store" --unsigned \
	    "$dir/metadata"/wsusexport*.cab >"$dir/log" 2>&1 &
	importer=$!
	sleep 2
	busy=$("$B/bench/paced" $of)
	r=$?
	kill -0 $importer 2>/dev/null ||
	    echo "$bench: the import ended before: give more BENCH_REVISIONS"
	kill $besiegers $importer 2>/dev/null
	wait $besiegers $importer
	[ $r = 0 ] || return
	echo "# serve-besieged: ${quiet% *} ms, then ${busy% *} ms"
	figure serve-besieged 'times the quiet 99th percentile' \
	    "$(reckon "${busy% *} / ${quiet% *}")" 2
}

# The rows without TLS, from wherever the client is.
serve_plain() { # name
	serve_pair "serve$1-64K-64" 1.4 64 65536 &&
	    serve_pair "serve$1-64K-1000" 1.4 1000 65536 &&
	    serve_pair "serve$1-1M-64" 1.2 64 1048576 &&
	    serve_pair "serve$1-1M-1000" 1.2 1000 1048576 &&
	    serve_pair "serve$1-whole-64" 1 64 0 &&
	    serve_pair "serve$1-whole-1000" 1 1000 0
}

on_wire() {
	[ -n "$wire" ] || return 0
	via="ip netns exec $net" to=$wire:
	serve_plain -wire
	r=$?
	via='' to=''
	return $r
}

bench_serve() {
	have nginx || return 0
	big && store_of big || return
	# Of 50 MB, as the largest of monthly updates were; else what there is.
	file=$(cd "$dir/big.store/WsusContent" &&
	    { find ?? -type f -size +40M -size -60M | sort
	    find ?? -type f -size +1M | sort; } | head -n 1)
	size=$(wc -c <"$dir/big.store/WsusContent/$file")
	ours='' peer='' via='' to='' besiegers='' importer=''
	lay_wire
	echo '# serve: the seconds are processor time for a GB'
	start_servers && {
		serve_plain '' && on_wire &&
		    serve_pair serve-tls-64K-64 0.95 64 65536 tls &&
		    serve_pair serve-tls-1M-64 0.95 64 1048576 tls &&
		    idle && besieged
	}
	r=$?
	kill $ours $peer
	wait $ours $peer
	take_wire
	return $r
}
