#!/bin/sh
# SPDX-License-Identifier: ISC
# The same store, time and number give the same bytes, whatever the threads,
# the umask, the locale, the time zone, the order of folders or the compiler.
set -u
. "$(dirname "$0")/common"
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH

# A copy whose folders were filled in another order.
turned() { # from, to
	(cd "$1" && find . -type d | sort) | while read -r d; do
		mkdir -p "$2/$d"
	done
	(cd "$1" && find . -type f | sort -r) | while read -r f; do
		cp -p "$1/$f" "$2/$f"
	done
}

# write NAME COMMAND ...: the store exports as the command says; all of it.
write() {
	name=$1
	shift
	rm -rf s "$name" && mkdir "$name" && cp -r store s
	(umask "${mask:-022}" && cd "$name" && "$@") >out 2>err
	ok "$name is written" $?
}

everything() { # programs, jobs
	"$1/wsusferry-export" -q -j "$2" -s ../s --sign-key ../one.key --to . \
	    --destination south --reason 'été' &&
	    "$1/wsusferry-export" -q -j "$2" -s ../s --sign-key ../one.key \
		--to . --full && mkdir media && two_media "$1" "$2" &&
	    "$1/wsusferry-export" -q -j "$2" -s ../s --sign-key ../one.key \
		--to all.tar
}

two_media() {
	k=1 which='--media-size 900K'
	# shellcheck disable=SC2086
	until "$1/wsusferry-export" -q -j "$2" -s ../s --to media \
	    --sign-key ../one.key $which; do
		[ $? = 7 ] && [ $k -lt 9 ] || return
		k=$((k + 1)) which="--medium $k"
	done
}

same() { # what, folder
	diff -r one "$2" >out 2>&1 &&
	    [ "$(cd one && find . | sort)" = "$(cd "$2" && find . | sort)" ] &&
	    [ "$(cd one && modes)" = "$(cd "$2" && modes)" ]
	ok "$1: the same bytes" $?
}

modes() {
	find . -path '*/wsusferry-*' -printf '%p %m\n' | sort
}

run 0 gencatalogue --seed 7 --revisions 300 --doc-bytes 2500 \
    --payload-files 30 --payload-bytes 1500000 --languages en,de --out gen &&
    run 0 wsusferry-key new -q --out one.key &&
    run 0 wsusferry-import -q -s store --site north --unsigned \
	--content gen/WsusContent gen/wsusexport.cab
ok "a store to export from" $?
write one everything "$B" 1
[ -s one/all.tar ] && [ "$(ls one/media | wc -l)" -gt 1 ]
ok "two transfers, one on several media, and one in a tar" $?
write two everything "$B" 2
same "on two threads" two

# Another place, another language, nobody else may read.
elsewhere() {
	TZ=Pacific/Kiritimati
	LC_ALL=$(locale -a 2>/dev/null | grep -vE '^(C|POSIX)' | tail -n 1)
	export TZ LC_ALL="${LC_ALL:-tr_TR.UTF-8}"
	everything "$@"
}
mask=077
write three elsewhere "$B" 3
same "by umask 077, another time zone and locale" three
mask=000

# Where folders are read in another order.
mkdir other && turned store other && rm -rf store && mv other store
write four everything "$B" 2
same "by umask 0, folders in another order" four
mask=022
if [ -x "$B/fuzz/wsusferry-export" ]; then
	write five everything "$B/fuzz" 2
	same "by clang" five
else
	skip "by clang" "make clang-build was not run"
fi
finish
