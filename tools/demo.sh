#!/bin/sh
# SPDX-License-Identifier: ISC
# The main job, end to end, in a fresh temporary folder and without a network:
# what wsusutil exported goes into a store, a signed transfer comes out,
# crosses, is verified, goes into a second store, and comes out as the same
# package again; a client downloads payload over HTTP.
# usage: B=BUILD-FOLDER tools/demo.sh
set -eu

B=$(cd "${B:-build}" && pwd)
PATH=$B:$PATH
export PATH no_proxy='*'
unset WSUSFERRY_STORE WSUSFERRY_CONFIG SOURCE_DATE_EPOCH || :
dir=$(mktemp -d "${TMPDIR:-/tmp}/wsusferry-demo.XXXXXX")
cd "$dir"
server=

cleanup()
{
	[ -z "$server" ] || kill "$server" 2>/dev/null || :
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

say()
{
	printf '\n# %s\n' "$*"
}

# Show a command as it is typed, and run it.
run()
{
	printf '$ %s\n' "$*"
	"$@"
}

# The same for one that must be refused with this status.
refused()
{
	want=$1
	shift
	printf '$ %s\n' "$*"
	got=0
	"$@" || got=$?
	printf '(exit status %s)\n' "$got"
	[ "$got" = "$want" ] || {
		echo "demo: expected exit status $want" >&2
		exit 1
	}
}

say "A small catalogue, as wsusutil would export it, with its payload"
run gencatalogue --seed 7 --revisions 300 --doc-bytes 4000 \
    --payload-files 40 --payload-bytes 8000000 --out upstream

say "CONNECTED SIDE: the package goes into a store"
run wsusferry-import -s north --site north --unsigned \
    --content upstream/WsusContent upstream/wsusexport.cab
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
printf '$ (cd %s && sha256sum --quiet -c manifest-sha256.txt)\n' "$transfer"
(cd "$transfer" && sha256sum --quiet -c manifest-sha256.txt)
echo "(nothing to complain about)"

say "DISCONNECTED SIDE: a person brings the stick; check it, take it"
run wsusferry-verify -k north.pub "$transfer"
run wsusferry-import -s south --site south -k north.pub "$transfer"
run wsusferry-verify south

say "What a real WSUS imports comes out of it unchanged"
run wsusferry-export -s south --package out.cab --all-revisions \
    --server-id "$(sed -n 's/.*ServerID="\([^"]*\)".*/\1/p' \
	upstream/expected/package.xml | head -n 1)" \
    --creation-time "$(sed -n 's/.*CreationTime="\([^"]*\)".*/\1/p' \
	upstream/expected/package.xml | head -n 1)"
mkdir was is
cabextract -q -d was upstream/wsusexport.cab
cabextract -q -d is out.cab
run cmp was/metadata.txt is/metadata.txt
run cmp upstream/expected/package.xml is/package.xml
echo "(both identical to the byte)"

say "A client downloads a file over HTTP, in two ranges"
run wsusferry-list -q -s south updates | sed -n 1,5p
file=$(cd south/WsusContent && find . -name '*.cab' | sort | head -n 1)
file=${file#./}
printf '$ wsusferry-serve-static -s south --listen 127.0.0.1:0 &\n'
wsusferry-serve-static -s south --listen 127.0.0.1:0 2>server.log &
server=$!
base=
for _ in 1 2 3 4 5 6 7 8 9 10; do
	base=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' server.log)
	[ -z "$base" ] || break
	sleep 0.2
done
cat server.log
url=${base}Content/$file
size=$(wc -c <"south/WsusContent/$file")
half=$((size / 2))
run curl -sS -r "0-$((half - 1))" -o part1 "$url"
run curl -sS -r "$half-" -o part2 "$url"
printf '$ cat part1 part2 | sha1sum\n'
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
refused 1 wsusferry-verify -k north.pub "$transfer"
refused 1 wsusferry-import -s third -k north.pub "$transfer"
if [ -e third ]; then
	echo "demo: the refused import left a store behind" >&2
	exit 1
fi
echo "(and nothing was left behind)"

say "Everything lies in $dir"
cat <<EOF
  upstream/   the package and its WsusContent
  north/      the connected side's store     north.key, north.pub: its keys
  stick/      the transfer, with one byte flipped
  south/      the disconnected side's store
  out.cab     the package that came out of it
Remove it with: rm -rf $dir
EOF
