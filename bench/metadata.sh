# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# Benches of documents: import, export and verify without payload.

import_into() { # store, catalogue
	echo "wsusferry-import -q -s '$dir/$1' --unsigned \
	    '$dir'/$2/wsusexport*.cab"
}

# Beside what no import can do without, and beside a script of Python's.
bench_import() {
	metadata metadata "$revisions" && store_of metadata || return
	turns "$(import_into s metadata)" "'$B/bench/importfloor' \
	    '$dir/metadata.store/store.db' '$dir/floor.db' \
	    '$dir'/metadata/wsusexport*.cab" "rm -rf '$dir/s' '$dir'/floor.db*" \
	    '0 10' || return
	row import-floor cpu 0.85
	spread import
	have cabextract || return 0
	part=$((revisions / 10))
	metadata part $part || return
	turns "$(import_into s metadata)" \
	    "'$here/import_py.py' '$dir/py.db' '$dir'/part/wsusexport*.cab" \
	    "rm -rf '$dir/s' '$dir'/py.db*" '0 10' || return
	row import-python cpu 4 10
	rm -rf "$dir/s" "$dir"/py.db* "$dir"/floor.db*
	for n in $scales; do
		bench_scale $n || return
	done
}

# As much for each revision, whatever their number.
bench_scale() {
	metadata scale-$1 "$1" || return
	turns "$(import_into s scale-$1)" "$(import_into s metadata) || test \$? = 10" \
	    "rm -rf '$dir/s'" '0 10' || return
	row import-$1 cpu 0.9 "$(reckon "$1 / $revisions")"
	rm -rf "$dir/s" "$dir/scale-$1"
}

# What is held already, beside the first time.
bench_again() {
	metadata metadata "$revisions" && store_of metadata || return
	turns "$(import_into metadata.store metadata)" \
	    "$(import_into s metadata) || test \$? = 10" "rm -rf '$dir/s'" \
	    '0 10' || return
	row import-again cpu 2.5
	rm -rf "$dir/s"
}

bench_bytes() {
	metadata metadata "$revisions" && store_of metadata || return
	figure store-bytes 'bytes a revision' "$(reckon \
	    "$(wc -c <"$dir/metadata.store/store.db") / $revisions")" 2800
}

# So many seconds of processor time for 200,000 revisions.
within() {
	limit "$1" cpu "$(reckon "$2 * $revisions / 200000")"
	spread "$1"
}

bench_metadata() {
	metadata metadata "$revisions" && store_of metadata && site_key || return
	alone "wsusferry-export -q -s '$dir/metadata.store' \
	    --sign-key '$dir/site.key' --to '$dir/to'" \
	    "rm -rf '$dir/to'; mkdir '$dir/to'" '0 10' || return
	within export-metadata 20
	rm -rf "$dir/to"
	alone "wsusferry-verify -q --quick '$dir/metadata.store'" : '0 10' ||
	    return
	within verify-quick 10.5
	alone "wsusferry-verify -q '$dir/metadata.store'" : '0 10' || return
	within verify-plain 30
}

# index.json of a server that has just started, and ten times more.
bench_index() {
	have curl || return 0
	metadata metadata "$revisions" && store_of metadata || return
	first='' again='' i=0
	while [ $i -lt "$runs" ]; do
		wsusferry-serve-static -q -s "$dir/metadata.store" \
		    --listen "127.0.0.1:$port" >"$dir/serve.log" 2>&1 &
		ours=$!
		sleep 1
		ask_index 1 && first="$first $took" && ask_index 10 &&
		    again="$again $took"
		r=$?
		kill $ours
		wait $ours
		[ $r -eq 0 ] || return
		i=$((i + 1))
	done
	figure index-first 'seconds of processor time' "$(median $first)" \
	    "$(reckon "2 * $revisions / 200000")"
	figure index-again 'seconds of processor time' "$(median $again)" \
	    "$(reckon "0.1 * $revisions / 200000")"
}

ask_index() { # how often: what one of them took
	before=$(cpu_of $ours)
	for _ in $(seq "$1"); do
		curl -fsS --noproxy '*' -o "$dir/index.json" \
		    "http://127.0.0.1:$port/index.json" || return
	done
	took=$(reckon "($(cpu_of $ours) - $before) / $1")
}
