# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# Benches of the formats by themselves: cabinets and package.xml.

sample_cab() { # sets cab and files: 250 MB of records where 25,000 are measured
	generate sample --revisions $((revisions * 2 / 5)) \
	    --doc-bytes "$doc" && cab=$dir/sample/wsusexport.cab &&
	    files=$dir/sample.files &&
	    { [ -d "$files" ] || cabextract -q -d "$files" "$cab"; }
}

bench_cab_read() {
	have cabextract || return 0
	sample_cab || return
	turns "'$B/bench/formats' unpack '$cab' metadata.txt >/dev/null" \
	    "cabextract -q -p -F metadata.txt '$cab' >/dev/null" || return
	row cab-read-mszip cpu 2.8
	real=${WSUSFERRY_SAMPLES:-$here/../../shared/samples}/wsusexport
	real=$real/wsus-categories-2024-06-19.cab
	if [ ! -f "$real" ]; then
		echo 'cab-read-lzx: skipped, no genuine package at hand'
		return
	fi
	# Many by one process: reading one takes little longer than to start.
	i=0
	while [ $i -lt 20 ]; do
		cp "$real" "$dir/lzx$i.cab"
		i=$((i + 1))
	done
	turns "'$B/bench/formats' unpack-all '$dir'/lzx*.cab >/dev/null" \
	    "cabextract -q -p '$dir'/lzx*.cab >/dev/null" || return
	row cab-read-lzx cpu 0.95
}

size_of() { # name, most
	figure "$1" "size, of the peer's" "$(reckon \
	    "$(wc -c <"$dir/o.cab") / $(wc -c <"$dir/p.cab")")" "$2"
}

bench_cab_write() {
	{ have gcab && have cabextract; } || return 0
	sample_cab || return
	two="'$files/package.xml' '$files/metadata.txt'"
	turns "'$B/bench/formats' pack '$dir/o.cab' $two" \
	    "gcab -c -z -n '$dir/p.cab' $two" || return
	row cab-write cpu 5
	size_of cab-write 1
	turns "'$B/bench/formats' pack '$dir/o.cab' $two --small" \
	    "gcab -c -z -n '$dir/p.cab' $two" || return
	row cab-write-small wall 1
	size_of cab-write-small 0.8
}

# One package.xml of 100 MB where 25,000 are measured, its Update rows many times over.
long_index() {
	[ -e "$dir/package.xml" ] && return
	sample_cab && python3 - "$files/package.xml" "$dir/package.xml" \
	    $((revisions * 4000)) <<-'EOF'
	import sys
	head, rows = open(sys.argv[1], 'rb').read().split(b'<Updates>')
	rows, tail = rows.split(b'</Updates>')
	times = int(sys.argv[3]) // len(rows) + 1
	with open(sys.argv[2], 'wb') as f:
	    f.write(head + b'<Updates>')
	    for _ in range(times):
	        f.write(rows)
	    f.write(b'</Updates>' + tail)
	EOF
}

bench_xml() {
	{ have xmllint && have cabextract; } || return 0
	long_index || return
	turns "'$B/bench/formats' index '$dir/package.xml'" \
	    "xmllint --noout '$dir/package.xml'" || return
	row package-xml cpu 1.8
}

# Microseconds of processor time for the fragments of a document.
bench_fragments() {
	have cabextract || return 0
	metadata metadata "$revisions" || return
	cabextract -q -p -F metadata.txt "$dir"/metadata/wsusexport.cab \
	    >"$dir/metadata.txt" || return
	alone "'$B/bench/formats' fragments '$dir/metadata.txt'" || return
	figure fragments 'microseconds a document' "$(reckon \
	    "$(median $oc) * 1000000 / $revisions")" 200
	rm -f "$dir/metadata.txt"
}
