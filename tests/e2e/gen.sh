#!/bin/sh
# SPDX-License-Identifier: ISC
# The generator of catalogues: the same bytes from the same seed, cabinets that
# others read, documents that are well formed, what is expected by arithmetic
# of another tool's.
set -u
. "$(dirname "$0")/common"
cd "$root" || exit 4
tmp=$dir
gen=$B/gencatalogue
here=$(dirname "$0")

sums() {
	(cd "$1" && find . -type f -exec sha256sum {} + | sort -k 2)
}

same() {
	[ "$(sums "$1")" = "$(sums "$2")" ]
}

differ() {
	! same "$1" "$2"
}

make_one() { # name, more options
	to=$tmp/$1
	shift
	"$gen" --revisions 500 --payload-files 80 --payload-bytes 400000 \
	    --missing-files 2 --extra-files 1 "$@" --out "$to"
}

refused() { # folder, options
	to=$1
	shift
	! "$gen" --seed 5 "$@" --out "$to" >/dev/null 2>&1
}

# Documents of a package one a file, in $tmp/docs.
cut_documents() {
	rm -rf "$tmp/docs"
	mkdir "$tmp/docs"
	cabextract -q -p -F metadata.txt "$1" >"$tmp/metadata.txt" || return
	# Each begins behind 55 bytes of header and ends before CR LF.
	python3 - "$tmp/metadata.txt" "$tmp/docs" <<-'EOF'
	import sys
	text = open(sys.argv[1], 'rb').read().decode().encode('utf-16-le')
	at = n = 0
	while at < len(text):
	    end = at + 110 + int(text[at + 92:at + 108].decode('utf-16-le'), 16) * 2
	    with open(f'{sys.argv[2]}/{n}.xml', 'wb') as f:
	        f.write(text[at + 110:end].decode('utf-16-le').encode())
	    at, n = end + 4, n + 1
	EOF
}

well_formed() {
	cut_documents "$1" &&
	    find "$tmp/docs" -name '*.xml' -exec xmllint --noout {} + &&
	    xmllint --noout "$2"/expected/package*.xml
}

reads_alike() { # reader's name, the cabinet; sums of what it prints
	case $1 in
	bsdtar) bsdtar -xOf "$2" metadata.txt ;;
	gcab) gcab -x "$2" -C "$tmp" >/dev/null && cat "$tmp/metadata.txt" ;;
	7zz) 7zz e -so "$2" metadata.txt 2>/dev/null ;;
	cabextract) cabextract -q -p -F metadata.txt "$2" ;;
	esac | sha256sum | cut -d ' ' -f 1 | grep -qxF "$(cut -d ' ' -f 1 \
	    "$(dirname "$2")/expected/metadata.sha256" | head -n 1)"
}

make_one a --seed 5 && make_one b --seed 5 && make_one c --seed 6 &&
    make_one split --seed 5 --split-bytes 800000 || {
	ok 'catalogues are made' 1
	finish
	exit 1
}
check 'the same seed gives the same bytes' same "$tmp/a" "$tmp/b"
check 'another seed gives others' differ "$tmp/a" "$tmp/c"
check 'a small limit makes several packages' test -f "$tmp/split/wsusexport-3.cab"
check 'payload does not depend on the split' same "$tmp/a/WsusContent" \
    "$tmp/split/WsusContent"
check 'a folder that holds something is refused' refused "$tmp/a" \
    --revisions 500
check 'too few revisions are refused' refused "$tmp/r1" --revisions 3
check 'an unknown language is refused' refused "$tmp/r2" \
    --revisions 50 --languages en,xx
check 'an unknown option is refused' refused "$tmp/r3" \
    --revisions 50 --odd 1

for reader in cabextract bsdtar gcab 7zz; do
	if have $reader; then
		check "$reader reads the cabinet" reads_alike $reader \
		    "$tmp/a/wsusexport.cab"
	else
		skip "$reader reads the cabinet" 'not installed'
	fi
done
if have cabextract && have python3; then
	for c in a c split; do
		check "catalogue $c is what it says" \
		    python3 "$here/check_catalogue.py" "$tmp/$c"
	done
	sed -i 's/Category Value="./Category Value="z/' "$tmp/b/expected/package.xml"
	check 'the checker sees a wrong expectation' sh -c \
	    "! python3 '$here/check_catalogue.py' '$tmp/b' 2>/dev/null"
	rm "$tmp/c/WsusContent/$(cd "$tmp/c/WsusContent" &&
	    find ?? -name '*.cab' | head -n 1)"
	check 'the checker sees a lost file' sh -c \
	    "! python3 '$here/check_catalogue.py' '$tmp/c' 2>/dev/null"
else
	skip 'catalogues are what they say' 'no cabextract or python3'
fi
# What genuine documents have, and a reader may stumble over.
has_shapes() {
	cut_documents "$1" || return
	for shape in '<cbsar:CbsPackageInstalled ' '<!-- ' '&#169;' \
	    '<MsiPatch xmlns="http://www.microsoft.com/' \
	    '<assembly xmlns="urn:schemas-microsoft-com:asm.v3"' \
	    '&apos;' '&amp;' '&#xA;' '<upd:EulaFile '; do
		grep -qrF -e "$shape" "$tmp/docs" || return
	done
	# Two lines of one text.
	grep -qrE '<upd:Description>[^<]*$' "$tmp/docs"
}
if have cabextract && have python3; then
	check 'documents have the shapes of genuine ones' has_shapes \
	    "$tmp/a/wsusexport.cab"
fi
if have cabextract && have python3 && have xmllint; then
	check 'every document and index is well formed' well_formed \
	    "$tmp/a/wsusexport.cab" "$tmp/a"
else
	skip 'every document and index is well formed' 'no xmllint'
fi
finish
