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
load() { # process, port, path, connections, range, size
	before=$(cpu_of "$1")
	got=$("$B/bench/load" "$2" "$3" "$4" ${BENCH_SECONDS:-${small:+0.}3} "$5" "$6") || return
	cost=$(awk -v a="$before" -v b="$(cpu_of "$1")" -v n="${got#* }" \
	    'BEGIN { printf "%.4f", (b - a) / n * 1e9 }')
}

serve_pair() { # name, target, connections, range
	forget
	i=0
	while [ $i -lt "$runs" ]; do
		load "$ours" $port "/Content/$file" "$3" "$4" "$size" || return
		oc="$oc $cost" ow="$ow $cost"
		load "$peer" $((port + 1)) "/$file" "$3" "$4" "$size" || return
		pc="$pc $cost" pw="$pw $cost"
		i=$((i + 1))
	done
	peak=$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$ours/status")
	row "$1" cpu "$2"
}

start_servers() {
	wsusferry-serve-static -q -s "$dir/big.store" \
	    --listen "127.0.0.1:$port" --connections-per-client 2000 \
	    >"$dir/serve.log" 2>&1 &
	ours=$!
	cat >"$dir/nginx.conf" <<-EOF
	user $(id -un);
	worker_processes auto;
	daemon off;
	pid $dir/nginx.pid;
	error_log $dir/nginx.log;
	events { worker_connections 4096; }
	http {
	    access_log off;
	    sendfile on;
	    tcp_nopush on;
	    keepalive_requests 1000000000;
	    open_file_cache max=10000;
	    server {
	        listen 127.0.0.1:$((port + 1));
	        root $dir/big.store/WsusContent;
	    }
	}
	EOF
	nginx -c "$dir/nginx.conf" >/dev/null 2>&1 &
	peer=$!
	sleep 2
	kill -0 $ours && kill -0 $peer
}

bench_serve() {
	have nginx || return 0
	big && store_of big || return
	file=$(cd "$dir/big.store/WsusContent" && find ?? -type f -size +1M |
	    sort | head -n 1)
	size=$(wc -c <"$dir/big.store/WsusContent/$file")
	ours='' peer=''
	echo '# serve: the seconds are processor time for a GB'
	start_servers && {
		serve_pair serve-64K-64 0.8 64 65536 &&
		    serve_pair serve-64K-1000 0.8 1000 65536 &&
		    serve_pair serve-1M-64 1 64 1048576 &&
		    serve_pair serve-1M-1000 1 1000 1048576 &&
		    serve_pair serve-whole-64 1 64 0 &&
		    serve_pair serve-whole-1000 1 1000 0
	}
	r=$?
	kill $ours $peer
	wait $ours $peer
	return $r
}
