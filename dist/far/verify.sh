#!/bin/sh
# SPDX-License-Identifier: ISC
# Checks a transfer of wsusferry with coreutils and minisign alone:
#
#	sh verify.sh PUBLIC-KEY TRANSFER
#
# Use the copy of this script that came with the key.  The one on a stick is
# part of what is to be checked: whoever changed the stick changed it, too.
#
# It says "good" and ends with 0; or it says what is wrong and ends with 1 (a
# digest, a file that is absent or undeclared), 3 (a form that is not allowed)
# or 8 (the signature).  It does not look into the packages.
set -u
LC_ALL=C
export LC_ALL
umask 077
tag=tagmanifest-sha256.txt

fail() { # status, words
	status=$1
	shift
	printf 'verify.sh: %s\n' "$*" >&2
	exit "$status"
}

[ $# = 2 ] || fail 2 'usage: sh verify.sh PUBLIC-KEY TRANSFER'
case $1 in
/*) key=$1 ;;
*) key=$PWD/$1 ;;
esac
[ -f "$key" ] || fail 2 "$1: no such key"
cd -- "$2" || fail 2 "$2: no such folder"
tmp=$(mktemp -d) || fail 4 'no temporary folder'
trap 'rm -rf "$tmp"' EXIT
trap 'exit 7' INT TERM

# plain NAME MOST: a regular file, no link, of at most so many bytes.
plain() {
	[ ! -L "$1" ] && [ -f "$1" ] || return 1
	[ "$(wc -c <"$1")" -le "$2" ]
}

# The signature first: nothing else is believed before.
plain $tag 65536 || fail 8 "$tag: expected a file of at most 65536 bytes"
cat $tag >"$tmp/tag" || fail 4 "$tag: cannot be read"
signed=
for sig in $tag*.minisig; do
	case $sig in
	$tag.minisig | $tag.????????????????.minisig) ;;
	*) continue ;;
	esac
	plain "$sig" 4096 && [ "$(wc -l <"$sig")" = 4 ] || continue
	IFS= read -r first <"$sig"
	[ "$first" = 'untrusted comment: wsusferry transfer signature' ] ||
		continue
	cat "$sig" >"$tmp/sig"
	if minisign -V -q -p "$key" -x "$tmp/sig" -m "$tmp/tag" >"$tmp/said" 2>&1
	then
		signed=$sig
		break
	fi
done
[ -n "$signed" ] || fail 8 "no signature over $tag holds under this key"

# names LIST: its names, one a line; anything but "SHA-256, two blanks, name",
# sorted and with safe names, is refused.
names() {
	last=
	while IFS= read -r line; do
		sum=${line%%  *}
		name=${line#"$sum"  }
		case $sum in
		*[!0-9a-f]*) return 1 ;;
		esac
		[ ${#sum} = 64 ] && [ ${#name} -le 255 ] || return 1
		case /$name/ in
		*[!A-Za-z0-9._/-]* | *//* | */.* | *./*) return 1 ;;
		esac
		printf '%s\n' "$name"
		last=$line
	done
	# What stands behind the last end of line.
	[ -z "$line" ] && [ -n "$last" ]
}

names <"$tmp/tag" >"$tmp/tags" || fail 3 "$tag: it breaks its form"
sort -c -u "$tmp/tags" 2>/dev/null || fail 3 "$tag: its names are not sorted"
for f in bagit.txt bag-info.txt manifest-sha256.txt media.tsv; do
	while IFS= read -r name; do
		[ "$name" != $f ] || continue 2
	done <"$tmp/tags"
	fail 3 "$tag: $f is not in it"
done
sha256sum --strict --quiet -c "$tmp/tag" >&2 || fail 1 'a tag file is damaged'
names <manifest-sha256.txt >"$tmp/payload" ||
	fail 3 'manifest-sha256.txt: it breaks its form'
sort -c -u "$tmp/payload" 2>/dev/null ||
	fail 3 'manifest-sha256.txt: its names are not sorted'

# Every file that stands there, and no link; walk FOLDER PREFIX.
walk() {
	for path in "$1"/* "$1"/.[!.]* "$1"/..?*; do
		if [ -L "$path" ]; then
			printf 'a link: %s\n' "$path" >>"$tmp/odd"
		elif [ -d "$path" ]; then
			printf '%s\n' "${path#./}" >>"$tmp/folders"
			walk "$path"
		elif [ -f "$path" ]; then
			printf '%s\n' "${path#./}"
		elif [ -e "$path" ]; then
			printf 'no regular file: %s\n' "$path" >>"$tmp/odd"
		fi
	done
}

: >"$tmp/odd"
: >"$tmp/folders"
walk . >"$tmp/walked"
sort -u "$tmp/walked" >"$tmp/there"
{
	cat "$tmp/tags" "$tmp/payload"
	printf '%s\n' "$tag"
	for sig in $tag.minisig $tag.????????????????.minisig; do
		[ ! -f "$sig" ] || printf '%s\n' "$sig"
	done
} | sort -u >"$tmp/declared"
comm -23 "$tmp/there" "$tmp/declared" >"$tmp/more"
[ ! -s "$tmp/odd" ] || fail 3 "$(head -n 3 "$tmp/odd")"
[ ! -s "$tmp/more" ] || fail 3 "undeclared: $(head -n 3 "$tmp/more")"
while IFS= read -r name; do
	while [ "$name" != "${name%/*}" ]; do
		name=${name%/*}
		printf '%s\n' "$name"
	done
done <"$tmp/declared" | sort -u >"$tmp/implied"
sort -u "$tmp/folders" | comm -23 - "$tmp/implied" >"$tmp/more"
[ ! -s "$tmp/more" ] || fail 3 "undeclared folder: $(head -n 3 "$tmp/more")"

# All of the payload; then that its names are its SHA-1.
sha256sum --strict --quiet -c manifest-sha256.txt >&2 ||
	fail 1 'payload is damaged or absent'
while IFS= read -r name; do
	case $name in
	data/WsusContent/anonymousCheckFile.txt) continue ;;
	data/WsusContent/*) ;;
	*) continue ;;
	esac
	base=${name##*/}
	sum=${base%%.*}
	xx=${name#data/WsusContent/}
	[ ${#sum} = 40 ] && [ "${xx%%/*}" = "${sum#??????????????????????????????????????}" ] ||
		fail 3 "$name: expected data/WsusContent/XX/SHA1.ext"
	printf '%s  %s\n' "$sum" "$name"
done <"$tmp/payload" >"$tmp/sha1" || exit 3
[ ! -s "$tmp/sha1" ] || sha1sum --strict --quiet -c "$tmp/sha1" >&2 ||
	fail 1 'payload that is not what its name says'

while IFS= read -r line; do
	case $line in
	'Bag-Count: 1 of 1' | 'Wsusferry-Transfer: '*) printf '%s\n' "$line" ;;
	'Bag-Count: '*) printf '%s: check the other media, too\n' "$line" ;;
	esac
done <bag-info.txt
printf 'good, signed by %s\n' "$signed"
