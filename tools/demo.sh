#!/bin/sh
# SPDX-License-Identifier: ISC
# The main job, end to end, in a fresh temporary folder and without a network:
# a store is filled from an upstream server of our own, a signed transfer comes
# out, crosses, is verified, goes into a second store, and comes out as a
# package for WSUS; a client downloads payload over HTTP.
# usage: B=BUILD-FOLDER tools/demo.sh
set -eu

B=$(cd "${B:-build}" && pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=$B:$PATH
export PATH no_proxy='*'
unset WSUSFERRY_STORE WSUSFERRY_CONFIG SOURCE_DATE_EPOCH || :
dir=$(mktemp -d "${TMPDIR:-/tmp}/wsusferry-demo.XXXXXX")
cd "$dir"
server= upstream=

cleanup()
{
	for p in $server $upstream; do
		kill "$p" 2>/dev/null || :
	done
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

say()
{
	printf '\n# %s\n' "$*"
}

# Show a command as it is typed, in 80 columns.
show()
{
	printf '$ %s\n' "$*" | sed -E '/.{81}/s/^(.{1,77}) /\1 \\\n  /'
}

# The same, and run it.
run()
{
	show "$*"
	"$@"
}

# The same, of which only the first lines are shown, and of them what fits.
run_top()
{
	lines=$1
	shift
	show "$*"
	"$@" >top.txt
	sed -n -E "s/^(.{77}).{4,}/\1.../; 1,${lines}p" top.txt
	[ "$(wc -l <top.txt)" -le "$lines" ] || echo "..."
	rm top.txt
}

# The same for one that must end with this status.
ends()
{
	want=$1
	shift
	show "$*"
	got=0
	"$@" || got=$?
	printf '(exit status %s)\n' "$got"
	[ "$got" = "$want" ] || {
		echo "demo: expected exit status $want" >&2
		exit 1
	}
}

# The address that a server says it listens on, once it does.
address()
{
	for _ in $(seq 300); do
		sed -n 's/.*listening on \(http:[^ ]*\)\/$/\1/p' "$1" | grep . &&
		    return
		sleep 0.2
	done
	echo "demo: $1: nothing listens" >&2
	exit 1
}

say "An upstream server, with a small catalogue and its payload"
gencatalogue --seed 7 --revisions 300 --doc-bytes 4000 \
    --payload-files 40 --payload-bytes 8000000 --out catalogue
wsusferry-import -q -s upstream --site upstream --unsigned \
    --content catalogue/WsusContent catalogue/wsusexport.cab 2>/dev/null
show 'upstream --store upstream --listen 127.0.0.1:0 &'
"$B/tests/upstream/upstream" --store upstream --listen 127.0.0.1:0 \
    --log upstream.requests 2>upstream.log &
upstream=$!
url=$(address upstream.log)
cat upstream.log

say "CONNECTED SIDE: metadata from the upstream, as a WSUS would get them"
ends 10 wsusferry-fetch -s north --site north --upstream "$url"
run_top 6 wsusferry-list -q -s north --policy-lines categories

say "A policy says which payload is wanted; here all of it is"
show 'wsusferry-list -s north --policy-lines categories >policy.conf'
wsusferry-list -q -s north --policy-lines categories | grep -v '^#' >policy.conf
printf 'superseded = yes\nexpress = yes\n' |
    tee -a policy.conf
run_top 2 wsusferry-fetch -n -s north --policy policy.conf --upstream "$url"
run wsusferry-fetch -s north --policy policy.conf --upstream "$url"
run wsusferry-fetch -s north --policy policy.conf --upstream "$url"
echo "(nothing is new)"
run wsusferry-key new --out north.key

say "A signed transfer goes onto the stick"
mkdir stick
run wsusferry-export -s north --sign-key north.key --to stick
transfer=stick/wsusferry-north-000001
run ls "$transfer" "$transfer/data"

say "Anybody can check it with common tools"
if command -v minisign >/dev/null 2>&1; then
	run minisign -Vm "$transfer/tagmanifest-sha256.txt" -p north.pub
fi
show "(cd $transfer && sha256sum --quiet -c manifest-sha256.txt)"
(cd "$transfer" && sha256sum --quiet -c manifest-sha256.txt)
echo "(nothing to complain about)"

say "DISCONNECTED SIDE: a person brings the stick; check it, take it"
run wsusferry-verify -k north.pub "$transfer"
run wsusferry-import -s south --site south -k north.pub "$transfer"
run wsusferry-verify south

say "A package for a real WSUS comes out of it, with all that the upstream had"
run wsusferry-export -s south --package out.cab
run wsusferry-verify --content south/WsusContent out.cab
wsusferry-export -q -s upstream --package had.cab
run python3 "$root/tests/e2e/check_package.py" out.cab had.cab

say "A client downloads a file over HTTP, in two ranges"
run_top 5 wsusferry-list -q -s south updates
file=$(cd south/WsusContent && find . -name '*.cab' | sort | head -n 1)
file=${file#./}
show 'wsusferry-serve-static -s south --listen 127.0.0.1:0 &'
wsusferry-serve-static -s south --listen 127.0.0.1:0 2>server.log &
server=$!
base=$(address server.log)
cat server.log
url=$base/Content/$file
size=$(wc -c <"south/WsusContent/$file")
half=$((size / 2))
run curl -sS -r "0-$((half - 1))" -o part1 "$url"
run curl -sS -r "$half-" -o part2 "$url"
show 'cat part1 part2 | sha1sum'
sum=$(cat part1 part2 | sha1sum | cut -d ' ' -f 1 | tr a-f A-F)
printf '%s\n' "$sum"
name=${file##*/}
[ "$sum" = "${name%%.*}" ] || {
	echo "demo: the download is not $name" >&2
	exit 1
}
echo "(which is the name of the file)"

say "One byte on the stick flips: verify and import refuse it"
victim=$(find "$transfer/data/WsusContent" -name '*.cab' | sort | head -n 1)
byte=$(od -An -tu1 -j 100 -N 1 "$victim" | tr -d ' ')
# shellcheck disable=SC2059
printf "$(printf '\\%03o' $(((byte + 1) % 256)))" |
    dd of="$victim" bs=1 seek=100 conv=notrunc status=none
ends 1 wsusferry-verify -k north.pub "$transfer"
ends 1 wsusferry-import -s third -k north.pub "$transfer"
if [ -e third ]; then
	echo "demo: the refused import left a store behind" >&2
	exit 1
fi
echo "(and nothing was left behind)"

say "Everything lies in $dir"
cat <<EOF
  upstream/   what the upstream served, made from catalogue/
  north/      the connected side's store     north.key, north.pub: its keys
  stick/      the transfer, with one byte flipped
  south/      the disconnected side's store
  out.cab     the package that came out of it
Remove it with: rm -rf $dir
EOF
