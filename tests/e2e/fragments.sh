#!/bin/sh
# SPDX-License-Identifier: ISC
# Fragments of whole catalogues, beside those that another program makes.
. "${0%/*}/common"
here=$(cd "$root" && cd "${0%/*}" && pwd)
tool=$B/tests/tool/fragmenttool

cut_out() { # CABINET, where to
	cabextract -q -p -F metadata.txt "$1" >"$2"
}

alike() { # METADATA [HELD]
	"$tool" "$@" >made && "$here/check_fragments.py" "$1" made 2>err
}

differs() { # METADATA: what check_fragments.py must see
	"$tool" "$1" | sed '2s/Revision/revision/' >made
	! "$here/check_fragments.py" "$1" made 2>/dev/null
}

shapes() { # METADATA: it has what the rules are about
	for shape in '<!-- ' '<![CDATA[' '&#xA;' '&#xD;' '&apos;' '<assembly ' \
	    '<MsiPatch ' '<upd:EulaFile ' 'GeoId="' '<drv:' 'xsi:type='; do
		grep -qF -e "$shape" "$1" || {
			echo "none has $shape" >err
			return 1
		}
	done
}

if have cabextract && have python3; then
	gencatalogue --out c --seed 7 --revisions 1500 --doc-bytes 6000 \
	    --payload-files 400 --payload-bytes 400000 >/dev/null
	cut_out c/wsusexport.cab metadata.txt
	check 'the catalogue has every shape' shapes metadata.txt
	check 'fragments are as another program makes them' alike metadata.txt
	check 'read once for each part, too' alike metadata.txt 0
	check 'some held and some not' alike metadata.txt 7000
	check 'the other program sees a difference' differs metadata.txt
	genuine=$samples/wsusexport/wsus-categories-2024-06-19.cab
	if [ -f "$genuine" ]; then
		cut_out "$genuine" genuine.txt
		check 'of a genuine package, too' alike genuine.txt
	else
		skip 'of a genuine package, too' 'no samples at hand'
	fi
else
	skip 'fragments of whole catalogues' 'no cabextract or python3'
fi
finish
