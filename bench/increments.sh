# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# Benches of transfers of only what a destination lacks.

# A catalogue into a store: add_to STORE NAME SEED REVISIONS PAYLOAD-BYTES
add_to() {
	gencatalogue --seed "$3" --revisions "$4" --doc-bytes "$doc" \
	    --payload-files $(($4 / 10)) --payload-bytes "$5" \
	    --out "$dir/$2" >"$dir/log" 2>&1 &&
	    wsusferry-import -q -s "$dir/$1" --unsigned --link \
		--content "$dir/$2/WsusContent" "$dir/$2"/wsusexport*.cab \
		>>"$dir/log" 2>&1
	case $? in
	0 | 10) return 0 ;;
	esac
	tail -n 5 "$dir/log" >&2
	return 1
}

# One in a hundred is new: what there is to do beside the copying.
bench_increment() {
	metadata metadata "$revisions" && store_of metadata && site_key || return
	rm -rf "$dir/inc.store" "$dir/inc.new" "$dir/to"
	cp -r "$dir/metadata.store" "$dir/inc.store" && mkdir "$dir/to" || return
	south="wsusferry-export -q -s '$dir/inc.store' --destination south \
	    --sign-key '$dir/site.key' --to '$dir/to'"
	measure "$south" '0 10' &&
	    add_to inc.store inc.new 2 $((revisions / 100)) 100000 &&
	    alone "$south --since-last -n" : '0 10' || return
	limit increment cpu "$(reckon "1.5 * $revisions / 200000 + 0.1")"
	rm -rf "$dir/inc.store" "$dir/inc.new" "$dir/to"
}

# Twelve months of 2 %: what is on the stick each time, beside the new payload.
bench_months() {
	base=30000
	[ -z "$small" ] || base=2000
	site_key || return
	rm -rf "$dir/m.store" "$dir/m.new" "$dir/to"
	add_to m.store m.new 100 $base $((base * 2000)) && mkdir "$dir/to" ||
	    return
	month=0
	while [ $month -le 12 ]; do
		[ $month = 0 ] || {
			rm -rf "$dir/m.new"
			add_to m.store m.new $((100 + month)) $((base / 50)) \
			    $((base * 1000)) || return
		}
		new=$(du -sb "$dir/m.new/WsusContent" | cut -f 1)
		measure "wsusferry-export -q -s '$dir/m.store' --since-last \
		    --destination south --sign-key '$dir/site.key' \
		    --to '$dir/to'" '0 10' || return
		stick=$(du -sb "$dir/to" | cut -f 1)
		rm -rf "$dir/to"/*
		[ $month = 0 ] || figure "month-$month" \
		    "bytes on the stick, $new new" "$stick" \
		    "$(awk "BEGIN { printf \"%d\", $new * 1.02 + 10000000 }")"
		month=$((month + 1))
	done
	rm -rf "$dir/m.store" "$dir/m.new" "$dir/to"
}
