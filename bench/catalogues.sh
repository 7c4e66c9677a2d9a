# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# Catalogues, stores and transfers for the benches, made once each.

generate() { # folder, options
	to=$dir/$1
	shift
	[ -e "$to/expected/counts.json" ] && return
	rm -rf "$to"
	gencatalogue --seed 1 "$@" --out "$to"
}

# Documents that name payload which is not there: only they are imported.
metadata() { # folder, revisions
	generate "$1" --revisions "$2" --doc-bytes "$doc" \
	    --payload-files $(($2 / 10)) --missing-files $(($2 / 10)) \
	    --payload-bytes $(($2 * 100))
}

# 16 big files hold all of the payload.
big() {
	generate big --revisions 100 --payload-files 16 --big-files 16 \
	    --payload-bytes "$payload"
}

site_key() {
	[ -e "$dir/site.key" ] ||
	    wsusferry-key -q new --out "$dir/site.key" >"$dir/log" 2>&1
}

# A store of a catalogue: store_of NAME.
store_of() {
	[ -e "$dir/$1.done" ] && return
	rm -rf "$dir/$1.store" "$dir/$1.out"
	wsusferry-import -q -s "$dir/$1.store" --unsigned \
	    "$dir/$1"/wsusexport*.cab --content "$dir/$1/WsusContent" --link \
	    >"$dir/log" 2>&1
	case $? in
	0 | 10) : >"$dir/$1.done" ;;
	*)
		tail -n 5 "$dir/log" >&2
		return 1
		;;
	esac
}

# Its transfer's folder stands in $bag.
transfer_of() {
	site_key && store_of "$1" || return
	[ -e "$dir/$1.out" ] || {
		mkdir "$dir/$1.out" &&
		    wsusferry-export -q -s "$dir/$1.store" \
			--sign-key "$dir/site.key" --to "$dir/$1.out" \
			>"$dir/log" 2>&1 || return
	}
	bag=$(dirname "$(find "$dir/$1.out" -name bagit.txt | head -n 1)")
	[ -n "$bag" ]
}
