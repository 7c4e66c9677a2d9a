# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# The bench "fetch" of run.sh, which sources this: metadata, a run that finds
# nothing new, and payload beside aria2c and curl.

# What a fetch is measured with: an upstream on the loopback, out of a store.
start_upstream() {
	: >"$dir/up.log"
	"$B/tests/upstream/upstream" --store "$dir/fetch.store" \
	    --listen "127.0.0.1:$port" --log "$dir/up.log" 2>"$dir/up.err" &
	peer=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.5
		! grep -q 'listening on' "$dir/up.err" || return 0
	done
	return 1
}

fetch_into() { # store, options: a command
	echo "wsusferry-fetch -q -s '$dir/$1' --no-proxy '*' \
	    --upstream 'http://127.0.0.1:$port' $2"
}

# name, what, seconds, the most it may be
limit_row() {
	awk -v n="$1" -v w="$2" -v s="$3" -v t="$4" 'BEGIN {
		printf "%-18s %8.3f s: %s; at most %g s %s\n", n, s, w, t,
		    (s <= t ? "yes" : "NO")
		exit s > t
	}' || missed=$((missed + 1))
}

memory_row() { # name, MB
	awk -v n="$1" -v m="$2" 'BEGIN {
		printf "%-18s %d MB of memory, at most 300 %s\n", n, m,
		    (m <= 300 ? "yes" : "NO")
		exit m > 300
	}' || missed=$((missed + 1))
}

# Metadata by itself, then twice more without a change.
fetch_metadata() {
	rm -rf "$dir/held"
	measure "$(fetch_into held '')" '0 10' || return
	awk -v s="$seconds" -v c="$cpu" -v m="$mb" '
	    { requests++ }
	    $1 == "GetUpdateData" { bytes += $3 }
	    END {
		printf "%-18s %8.3f s: '"$fetched"' revisions, %.0f a second; " \
		    "%.0f MB, %.1f MB a second; %d requests, %.1f s of cpu\n",
		    "fetch-metadata", s, '"$fetched"' / s, bytes / 1e6,
		    bytes / 1e6 / s, requests, c
	    }' "$dir/up.log"
	memory_row fetch-metadata "$mb"
	: >"$dir/up.log"
	measure "$(fetch_into held '')" '0 10' || return
	limit_row fetch-again "$(wc -l <"$dir/up.log") requests, nothing new" \
	    "$seconds" 2
}

# The same files in the form of the tools.
fetch_lists() {
	sh -c "$(fetch_into held "-n --content-only --policy '$dir/policy'")" \
	    >"$dir/plan" 2>"$dir/log" || return
	awk '$4 ~ /^http/ { print $4 "\n  out=" $3 }' "$dir/plan" \
	    >"$dir/aria2.list"
	awk '$4 ~ /^http/ { print "url=" $4 "\noutput=" $3 }' "$dir/plan" \
	    >"$dir/curl.list"
}

# Both digests of the files in $dir/to by openssl, as we take them, half of the
# files on each core.
digests() {
	measure "cd '$dir/to' && for k in 0 1; do
		ls -S | awk \"NR % 2 == \$k\" >'$dir/half'\$k
		{ xargs openssl dgst -sha1 <'$dir/half'\$k &&
		    xargs openssl dgst -sha256 <'$dir/half'\$k
		} >'$dir/sums'\$k &
	    done; wait
	    test \$(cat '$dir/sums'? | wc -l) = \$((2 * \$(ls | wc -l)))" 0
}

# Ours is on the disk when it ends, and hashed; the files of the peers are on
# the disk.  To hash curl's as well is a row of its own.
fetch_payload() {
	o='' oc='' a='' ac='' c='' cc='' h='' d='' dc='' peak=0 i=0
	into="cd '$dir/to' &&"
	flush="&& sync -f ."
	while [ $i -lt "$runs" ]; do
		rm -rf "$dir/down" && cp -a "$dir/held" "$dir/down" && sync
		measure "$(fetch_into down \
		    "--content-only --policy '$dir/policy'")" 0 || return
		o="$o $seconds" oc="$oc $cpu"
		[ "$mb" -le $peak ] || peak=$mb
		rm -rf "$dir/down" "$dir/to" && mkdir "$dir/to" && sync
		measure "$into aria2c -q -x4 -j4 --allow-overwrite=true \
		    --no-conf --all-proxy= -i '$dir/aria2.list' $flush" 0 ||
		    return
		a="$a $seconds" ac="$ac $cpu"
		rm -rf "$dir/to" && mkdir "$dir/to" && sync
		measure "$into curl -sS --noproxy '*' -Z --parallel-max 4 \
		    -K '$dir/curl.list' $flush" 0 || return
		c="$c $seconds" cc="$cc $cpu"
		before=$seconds before_cpu=$cpu
		digests || return
		rm -rf "$dir/to"
		h="$h $seconds"
		d="$d $(sum "$seconds" "$before")"
		dc="$dc $(sum "$cpu" "$before_cpu")"
		i=$((i + 1))
	done
	row fetch-aria2c "$(median $o)" "$(median $a)" 0.9 $peak \
	    "$(median $oc)" "$(median $ac)"
	row fetch-curl "$(median $o)" "$(median $c)" 0.9 $peak \
	    "$(median $oc)" "$(median $cc)"
	printf '%-18s %8.3f s for the digests alone, by openssl on both cores\n' \
	    fetch-digests "$(median $h)"
	row fetch-curl-digests "$(median $o)" "$(median $d)" 1 $peak \
	    "$(median $oc)" "$(median $dc)"
	memory_row fetch-payload $peak
}

bench_fetch() {
	{ have aria2c && have curl; } || return 0
	port=${BENCH_PORT:-18530} fetched=$((revisions * 3 / 20))
	generate fetch --revisions $fetched --doc-bytes "$doc" \
	    --payload-files $((fetched / 10)) --big-files 16 \
	    --payload-bytes $((payload / 2)) --languages en &&
	    store_of fetch || return
	printf 'superseded = yes\nexpress = yes\n' >"$dir/policy"
	start_upstream && fetch_metadata && fetch_lists && fetch_payload
	r=$?
	kill $peer
	wait $peer
	rm -rf "$dir/held" "$dir/down" "$dir/to"
	return $r
}
