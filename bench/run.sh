#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh [BENCH...]: ours beside its peers, as ratios.
#
# Ours and the peer take turns, BENCH_RUNS times (3); the medians are compared.
# ratio = peer's time / ours, so more is better; "target" is the least it
# should be; exit 1 when one is missed.  "cpu" is the ratio of processor time,
# which other load on the machine changes less.  MB: our peak, of which 13 or
# so may be the measuring program's.  Only ratios of one run mean anything:
# machines drift.  The full run needs about 60 GB of disk and an hour.
#
# Environment: B (build folder), BENCH_SMALL=1 (a minute or two for all),
# BENCH_DIR (kept, else a fresh folder that is removed), BENCH_RUNS,
# BENCH_SECONDS (of load on a server), BENCH_REVISIONS, BENCH_DOC, BENCH_PAYLOAD, BENCH_PEER (revisions that the
# Python importer is given; its time is scaled up), WSUSFERRY_SAMPLES.
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
B=$(cd "${B:-build}" && pwd) || exit 2
PATH=$B:$PATH
unset WSUSFERRY_STORE WSUSFERRY_CONFIG
small=${BENCH_SMALL:-}
runs=${BENCH_RUNS:-3}
if [ -n "$small" ]; then
	revisions=4000 payload=200000000 peer_revisions=1000
	split=50000000 sample=1000 index=10000000
else
	revisions=200000 payload=10737418240 peer_revisions=10000
	split=2147450880 sample=10000 index=100000000
fi
revisions=${BENCH_REVISIONS:-$revisions} doc=${BENCH_DOC:-25000}
payload=${BENCH_PAYLOAD:-$payload} peer_revisions=${BENCH_PEER:-$peer_revisions}
if [ -n "${BENCH_DIR:-}" ]; then
	dir=$BENCH_DIR
	mkdir -p "$dir" || exit 4
	dir=$(cd "$dir" && pwd)
else
	dir=$(mktemp -d) || exit 4
	trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
fi
trap 'exit 143' INT TERM
failed=0 missed=0

have() {
	command -v "$1" >/dev/null 2>&1 && return
	echo "$bench: skipped, no $1"
	return 1
}

# Sets seconds, cpu, mb, status of a command that a shell runs; output in $dir/log.
measure() {
	"$here/peak.py" "$dir/peak" sh -c "$1" >"$dir/log" 2>&1
	status=$?
	read -r seconds cpu mb <"$dir/peak"
	case " $2 " in
	*" $status "*) return ;;
	esac
	echo "$bench: status $status: $1" >&2
	tail -n 5 "$dir/log" >&2
	return 1
}

median() {
	printf '%s\n' "$@" | sort -g | awk '{ a[NR] = $1 }
	    END { print a[int((NR + 1) / 2)] }'
}

sum() {
	awk -v a="$1" -v b="$2" 'BEGIN { print a + b }'
}

product() {
	awk -v a="$1" -v b="$2" 'BEGIN { print a * b }'
}

row() { # name, ours, peer, least ratio, peak of ours, both's processor time
	awk -v n="$1" -v o="$2" -v p="$3" -v t="$4" -v m="$5" \
	    -v oc="$6" -v pc="$7" 'BEGIN {
		printf "%-18s %8.3f %8.3f %6.2fx %6.2fx %4s %5d %6.2fx\n", n,
		    o, p, p / o, t, (p / o >= t ? "yes" : "NO"), m,
		    pc / (oc > 0 ? oc : 0.001)
		exit p / o < t
	}' || missed=$((missed + 1))
}

# pair NAME TARGET OURS PEER [PREPARE [SCALE [STATUSES]]]: PREPARE runs before
# each, unmeasured; the peer's time is multiplied by SCALE.
pair() {
	bench=$1
	o='' p='' oc='' pc='' peak=0 i=0
	while [ $i -lt "$runs" ]; do
		eval "${5:-:}"
		measure "$3" "${7:-0}" || { failed=1; return 1; }
		o="$o $seconds" oc="$oc $cpu"
		[ "$mb" -le $peak ] || peak=$mb
		eval "${5:-:}"
		measure "$4" 0 || { failed=1; return 1; }
		p="$p $(product "$seconds" "${6:-1}")"
		pc="$pc $(product "$cpu" "${6:-1}")"
		i=$((i + 1))
	done
	row "$1" "$(median $o)" "$(median $p)" "$2" $peak "$(median $oc)" \
	    "$(median $pc)"
}

# Catalogues, made once each. -----------------------------------------------

generate() { # folder, options
	to=$dir/$1
	shift
	[ -e "$to/expected/counts.json" ] && return
	rm -rf "$to"
	gencatalogue --seed 1 "$@" --out "$to"
}

# Documents that name payload which is not there: only they are imported.
metadata() {
	generate metadata --revisions "$revisions" --doc-bytes "$doc" \
	    --split-bytes "$split" --payload-files $((revisions / 10)) \
	    --missing-files $((revisions / 10)) \
	    --payload-bytes $((revisions * 100))
}

metadata_peer() {
	generate peer --revisions "$peer_revisions" --doc-bytes "$doc" \
	    --payload-files $((peer_revisions / 10)) \
	    --missing-files $((peer_revisions / 10)) \
	    --payload-bytes $((peer_revisions * 100))
}

site_key() {
	[ -e "$dir/site.key" ] || wsusferry-key -q new --out "$dir/site.key" >"$dir/log" 2>&1
}

# A store and a transfer of a catalogue: store_of NAME.
store_of() {
	[ -e "$dir/$1.done" ] && return
	rm -rf "$dir/$1.store" "$dir/$1.out"
	wsusferry-import -q -s "$dir/$1.store" --unsigned \
	    "$dir/$1"/wsusexport*.cab --content "$dir/$1/WsusContent" --link \
	    >"$dir/log" 2>&1 && : >"$dir/$1.done" || {
		tail -n 5 "$dir/log" >&2
		return 1
	}
}

transfer_of() {
	site_key && store_of "$1" || return
	[ -e "$dir/$1.out" ] && return
	mkdir "$dir/$1.out" &&
	    wsusferry-export -q -s "$dir/$1.store" \
	    --sign-key "$dir/site.key" --to "$dir/$1.out" >"$dir/log" 2>&1
}

# The transfer's folder stands in $bag.
find_bag() {
	bag=$(dirname "$(find "$dir/$1.out" -name bagit.txt | head -n 1)")
	[ -n "$bag" ]
}

content() { # 10 GB: 16 big files hold nearly all, 4,000 small ones
	generate content --revisions $((revisions / 20 + 20)) \
	    --payload-files 4016 --big-files 16 --payload-bytes "$payload"
}

# The benches. ---------------------------------------------------------------

bench_import() {
	have cabextract || return 0
	metadata && metadata_peer || return
	scale=$(awk -v a="$revisions" -v b="$peer_revisions" \
	    'BEGIN { print a / b }')
	echo "# import: the peer imports $peer_revisions of $revisions" \
	    "revisions, its time times $scale"
	pair import 4 \
	    "wsusferry-import -q -s '$dir/s' --unsigned \
		'$dir'/metadata/wsusexport*.cab" \
	    "'$here/import_py.py' '$dir/py.db' '$dir'/peer/wsusexport*.cab" \
	    "rm -rf '$dir/s' '$dir'/py.db*" "$scale" '0 10'
	rm -rf "$dir/s" "$dir"/py.db*
}

verify_bag() { # name, target, catalogue
	bench=$1
	transfer_of "$3" && find_bag "$3" || { failed=1; return 1; }
	pair "$1" "$2" \
	    "wsusferry-verify -q --trusted-keys '$dir/site.pub' '$bag'" \
	    "cd '$bag' && sha256sum --quiet -c manifest-sha256.txt"
}

bench_verify() {
	content || return
	verify_bag verify 4.5 content
}

generate_big() {
	generate big --revisions 100 --payload-files 16 --big-files 16 \
	    --payload-bytes $((payload / 5))
}

bench_verify_big() {
	generate_big || return
	verify_bag verify-big 6 big
}

bench_verify_small() {
	generate many --revisions 2000 --payload-files 4000 --big-files 0 \
	    --payload-bytes 440000000 || return
	verify_bag verify-small 3 many
}

# Lists in the form of the tools; SHA-1 is what a file is called.
sums_of() { # WsusContent
	(cd "$1" && find ?? -type f | awk -F / \
	    '{ h = substr($2, 1, 40); print tolower(h) "  " $0 }') \
	    >"$dir/sha1" &&
	    (cd "$1" && find ?? -type f -exec sha256sum {} +) >"$dir/sha256"
}

bench_verify_store() {
	bench=verify-store
	content && store_of content && sums_of "$dir/content.store/WsusContent" ||
	    { failed=1; return 1; }
	pair verify-store 5.2 "wsusferry-verify -q '$dir/content.store'" \
	    "cd '$dir/content.store/WsusContent' &&
		sha1sum --quiet -c '$dir/sha1' &&
		sha256sum --quiet -c '$dir/sha256'"
}

export_pair() { # name, target, catalogue, what the peer does after cp
	bench=$1
	site_key && store_of "$3" || { failed=1; return 1; }
	pair "$1" "$2" "wsusferry-export -q -s '$dir/$3.store' \
	    --sign-key '$dir/site.key' --to '$dir/to'" \
	    "cp -r '$dir/$3.store/WsusContent' '$dir/to' && sync -f '$dir/to' $4" \
	    "rm -rf '$dir/to'; mkdir '$dir/to'; sync"
	rm -rf "$dir/to"
}

bench_export() {
	content || return
	export_pair export-content 0.5 content ''
}

# What a person would do with stock tools: copy, hash, pack the metadata.
bench_export_all() {
	{ have gcab && have cabextract; } || return 0
	generate all --revisions "$revisions" --doc-bytes "$doc" \
	    --split-bytes "$split" --payload-files 4016 --big-files 16 \
	    --payload-bytes "$payload" || return
	gcabs=
	for c in "$dir"/all/wsusexport*.cab; do
		d=$dir/members/$(basename "$c" .cab)
		[ -d "$d" ] || cabextract -q -d "$d" "$c" || return
		gcabs="$gcabs && gcab -c -z -n '$dir/to/$(basename "$c")' \
		    '$d/package.xml' '$d/metadata.txt'"
	done
	export_pair export-all 3 all \
	    "&& (cd '$dir/to' && find . -type f -exec sha256sum {} +) $gcabs"
	rm -rf "$dir/members"
}

sample_cab() { # sets cab and files: about 250 MB of records
	generate sample --revisions $sample \
	    --doc-bytes "$doc" && cab=$dir/sample/wsusexport.cab &&
	    files=$dir/sample.files &&
	    { [ -d "$files" ] || cabextract -q -d "$files" "$cab"; }
}

bench_cab_read() {
	have cabextract || return 0
	sample_cab || return
	pair cab-read-mszip 2.8 \
	    "'$B/bench/formats' unpack '$cab' metadata.txt >/dev/null" \
	    "cabextract -q -p -F metadata.txt '$cab' >/dev/null"
	real=${WSUSFERRY_SAMPLES:-$here/../../shared/samples}/wsusexport
	real=$real/wsus-categories-2024-06-19.cab
	if [ ! -f "$real" ]; then
		echo 'cab-read-lzx: skipped, no genuine package at hand'
		return
	fi
	ten='for i in 1 2 3 4 5 6 7 8 9 10; do'
	pair cab-read-lzx 0.95 \
	    "$ten '$B/bench/formats' unpack '$real' metadata.txt; done >/dev/null" \
	    "$ten cabextract -q -p -F metadata.txt '$real'; done >/dev/null"
}

size_row() { # name, file of ours, of the peer's, the most it may be
	awk -v n="$1" -v o="$(wc -c <"$2")" -v p="$(wc -c <"$3")" -v t="$4" \
	    'BEGIN {
		printf "%-18s size %.3f of the peer'\''s, at most %.2f %s\n",
		    n, o / p, t, (o / p <= t ? "yes" : "NO")
		exit o / p > t
	}' || missed=$((missed + 1))
}

bench_cab_write() {
	{ have gcab && have cabextract; } || return 0
	sample_cab || return
	two="'$files/package.xml' '$files/metadata.txt'"
	pair cab-write 4.5 "'$B/bench/formats' pack '$dir/o.cab' $two" \
	    "gcab -c -z -n '$dir/p.cab' $two" &&
	    size_row cab-write "$dir/o.cab" "$dir/p.cab" 1.07
	pair cab-write-small 1 "'$B/bench/formats' pack '$dir/o.cab' $two --small" \
	    "gcab -c -z -n '$dir/p.cab' $two" &&
	    size_row cab-write-small "$dir/o.cab" "$dir/p.cab" 0.80
}

# One package.xml of about 100 MB, its Update rows many times over.
long_index() {
	[ -e "$dir/package.xml" ] && return
	sample_cab && python3 - "$files/package.xml" "$dir/package.xml" \
	    $index <<-'EOF'
	import sys
	head, rows = open(sys.argv[1], 'rb').read().split(b'<Updates>')
	rows, tail = rows.split(b'</Updates>')
	times = int(sys.argv[3]) // len(rows) + 1
	with open(sys.argv[2], 'wb') as f:
	    f.write(head + b'<Updates>')
	    for _ in range(times):
	        f.write(rows)
	    f.write(b'</Updates>' + tail)
	EOF
}

bench_xml() {
	{ have xmllint && have cabextract; } || return 0
	long_index || return
	pair package-xml 1.8 "'$B/bench/formats' index '$dir/package.xml'" \
	    "xmllint --noout '$dir/package.xml'"
}

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

serve_pair() { # name, target, connections, range, size
	bench=$1 o='' p='' i=0
	while [ $i -lt "$runs" ]; do
		load "$ours" $port "/Content/$file" "$3" "$4" "$5" || return
		o="$o $cost"
		load "$peer" $((port + 1)) "/$file" "$3" "$4" "$5" || return
		p="$p $cost"
		i=$((i + 1))
	done
	peak=$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$ours/status")
	row "$1" "$(median $o)" "$(median $p)" "$2" "$peak" "$(median $o)" \
	    "$(median $p)"
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
	PATH=$PATH:/usr/sbin have nginx || return 0
	PATH=$PATH:/usr/sbin
	port=${BENCH_PORT:-18530}
	generate_big && store_of big || return
	file=$(cd "$dir/big.store/WsusContent" && find ?? -type f -size +1M |
	    sort | head -n 1)
	size=$(wc -c <"$dir/big.store/WsusContent/$file")
	ours='' peer=''
	echo '# serve: seconds are the processor time of the server for a GB'
	start_servers && {
		serve_pair serve-64K-64 0.8 64 65536 "$size" &&
		    serve_pair serve-64K-1000 0.8 1000 65536 "$size" &&
		    serve_pair serve-1M-64 1 64 1048576 "$size" &&
		    serve_pair serve-1M-1000 1 1000 1048576 "$size" &&
		    serve_pair serve-whole-64 1 64 0 "$size" &&
		    serve_pair serve-whole-1000 1 1000 0 "$size"
	}
	r=$?
	kill $ours $peer
	wait $ours $peer
	return $r
}

. "$here/fetch.sh"

all='cab_read cab_write xml import verify_big verify_small verify verify_store
    export export_all serve fetch'
case ${1-} in
-h | --help)
	echo "usage: run.sh [$(echo $all)]"
	exit 0
	;;
esac
echo "# $(date -u +%FT%TZ) $(nproc) processors, $runs runs each," \
    "$revisions revisions of $doc bytes, $payload bytes of payload"
printf '%-18s %8s %8s %7s %7s %4s %5s %7s\n' bench 'ours, s' 'peer, s' \
    ratio target met MB cpu
[ $# -gt 0 ] || set -- $all
for name; do
	bench=$name
	"bench_$(echo "$name" | tr - _)" || failed=1
done
[ $missed -eq 0 ] || echo "# $missed below target"
exit $((failed | (missed > 0)))
