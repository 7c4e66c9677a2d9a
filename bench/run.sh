#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh [--long] [BENCH...]: ours beside its peers, as ratios of one run.
#
# Ours and the peer take turns, BENCH_RUNS times, and the medians are compared:
# ratio = peer's / ours, so more is better, and "of" says of what: cpu
# (processor time, which other load on the machine changes less) or wall.
# "target" is the least that the ratio should be; a row that is limited by
# itself says "at most".  MB: our peak of memory, at most 300.  The last line
# says how many rows missed; exit 1 when one did.  Only ratios of one run mean
# anything: machines drift.
#
# By default 25,000 revisions and 2 GB of payload, five runs: twenty minutes and
# 12 GB of disk.  --long: 200,000 revisions, 4 GB, 300,000 tiny files, three
# runs: hours, and 60 GB.
#
# The server is also measured through a pair of interfaces with an MTU of 1500,
# where root and network namespaces are there, and besieged by slowhttptest.
#
# Environment: B (build folder), BENCH (as the arguments), BENCH_SMALL=1 (every
# row once, in minutes: to try the benches themselves), BENCH_DIR (kept, else a
# fresh folder that is removed), BENCH_RUNS, BENCH_SECONDS (of load on a server),
# BENCH_REVISIONS, BENCH_DOC, BENCH_PAYLOAD, BENCH_TINY (files), BENCH_PORT,
# WSUSFERRY_SAMPLES.
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
B=$(cd "${B:-build}" && pwd) || exit 2
PATH=$B:$PATH:/usr/sbin
unset WSUSFERRY_STORE WSUSFERRY_CONFIG
long='' small=${BENCH_SMALL:-}
all='cab_read cab_write xml fragments import again bytes metadata index payload small
    cold copy tiny tar serve fetch increment months offer'
case ${1-} in
-h | --help)
	echo "usage: run.sh [--long] [$(echo $all)]"
	exit 0
	;;
--long)
	long=1
	shift
	;;
esac
revisions=25000 payload=2000000000 tiny=20000 runs=5 scales=50000
[ -z "$long" ] || {
	revisions=200000 payload=4000000000 tiny=300000 runs=3
	scales='25000 50000 100000'
}
[ -z "$small" ] || {
	revisions=2000 payload=100000000 tiny=2000 runs=1 scales=4000
}
revisions=${BENCH_REVISIONS:-$revisions} doc=${BENCH_DOC:-25000}
payload=${BENCH_PAYLOAD:-$payload} tiny=${BENCH_TINY:-$tiny}
runs=${BENCH_RUNS:-$runs} port=${BENCH_PORT:-18530}
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

# Sets seconds, cpu, mb of a command that a shell runs; its output is in
# $dir/log.  measure COMMAND [STATUSES].
measure() {
	"$here/peak.py" "$dir/peak" sh -c "$1" >"$dir/log" 2>&1
	status=$?
	read -r seconds cpu mb <"$dir/peak"
	case " ${2:-0} " in
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

reckon() { # an expression of awk
	awk "BEGIN { printf \"%.6g\", $1 }"
}

# What ours and the peer took, each run's; row() reads them.
forget() {
	oc='' ow='' pc='' pw='' peak=0
}

note_ours() {
	oc="$oc $cpu" ow="$ow $seconds"
	[ "$mb" -le "$peak" ] || peak=$mb
}

note_peer() {
	pc="$pc $cpu" pw="$pw $seconds"
}

# row NAME OF TARGET [TIMES]: the peer's figures count TIMES over.
row() {
	awk -v n="$1" -v of="$2" -v t="$3" -v x="${4:-1}" -v m="$peak" \
	    -v oc="$(median $oc)" -v ow="$(median $ow)" \
	    -v pc="$(median $pc)" -v pw="$(median $pw)" 'BEGIN {
		pc *= x; pw *= x
		r = of == "cpu" ? pc / (oc > 0 ? oc : 0.001) \
		    : pw / (ow > 0 ? ow : 0.001)
		ok = r >= t && m <= 300
		printf "%-18s %8.3f %8.3f %8.3f %8.3f %6.2fx %-4s %5.2fx %-6s %5d\n",
		    n, oc, pc, ow, pw, r, of, t, ok ? "met" : "MISSED", m
		exit !ok
	}' || missed=$((missed + 1))
}

# limit NAME OF MOST: ours alone.
limit() {
	awk -v n="$1" -v of="$2" -v t="$3" -v m="$peak" \
	    -v oc="$(median $oc)" -v ow="$(median $ow)" 'BEGIN {
		v = of == "cpu" ? oc : ow
		ok = v <= t && m <= 300
		printf "%-18s %8.3f %8s %8.3f %8s %7s %-4s %6.2f %-6s %5d\n",
		    n, oc, "", ow, "", "at most", of, t,
		    ok ? "met" : "MISSED", m
		exit !ok
	}' || missed=$((missed + 1))
}

# Both cores: the wall of a job is at most 0.65 of its processor time.
spread() { # name
	awk -v n="$1" -v oc="$(median $oc)" -v ow="$(median $ow)" 'BEGIN {
		r = ow / (oc > 0 ? oc : 0.001)
		ok = r <= 0.65
		printf "%-18s wall is %.2f of the processor time, at most 0.65 %s\n",
		    n, r, ok ? "met" : "MISSED"
		exit !ok
	}' || missed=$((missed + 1))
}

figure() { # name, what, value, most
	awk -v n="$1" -v w="$2" -v v="$3" -v t="$4" 'BEGIN {
		printf "%-18s %s: %.4g, at most %g %s\n", n, w, v, t,
		    v <= t ? "met" : "MISSED"
		exit v > t
	}' || missed=$((missed + 1))
}

# turns OURS PEER [PREPARE [STATUSES]]: PREPARE runs before each, unmeasured.
turns() {
	forget
	i=0
	while [ $i -lt "$runs" ]; do
		eval "${3:-:}"
		measure "$1" "${4:-0}" || { failed=1; return 1; }
		note_ours
		eval "${3:-:}"
		measure "$2" || { failed=1; return 1; }
		note_peer
		i=$((i + 1))
	done
}

alone() { # OURS [PREPARE [STATUSES]]
	forget
	i=0
	while [ $i -lt "$runs" ]; do
		eval "${2:-:}"
		measure "$1" "${3:-0}" || { failed=1; return 1; }
		note_ours
		i=$((i + 1))
	done
}

. "$here/catalogues.sh"
. "$here/cabinets.sh"
. "$here/metadata.sh"
. "$here/payload.sh"
. "$here/serve.sh"
. "$here/fetch.sh"
. "$here/increments.sh"
. "$here/offer.sh"

echo "# $(date -u +%FT%TZ) $(nproc) processors, $runs runs each," \
    "$revisions revisions of $doc bytes, $payload bytes of payload"
printf '%-18s %8s %8s %8s %8s %7s %-4s %6s %-6s %5s\n' '# bench' 'cpu ours' \
    peer 'wall' peer ratio of target '' MB
[ $# -gt 0 ] || set -- ${BENCH:-$all}
for name; do
	bench=$name
	"bench_$name" || failed=1
done
echo "# $missed below target"
exit $((failed | (missed > 0)))
