# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# Benches of what Windows clients are offered: three rings over the whole of a
# catalogue.

offer_rings() {
	cat >"$dir/bench.rings" <<'END'
ring = pilot
network = 10.1.9.0/24
title = *
action = install
ring = line
inherit = pilot
target-group = Line
delay = 14
END
}

# The whole; after an import of one in a hundred, with the texts of before where
# they were; a snapshot opened; two of them compared.
bench_offer() {
	metadata metadata "$revisions" && store_of metadata || return
	rm -rf "$dir/offer.store" "$dir/offer.new" "$dir/offer.kept"
	cp -r "$dir/metadata.store" "$dir/offer.store" && offer_rings || return
	of=$dir/offer.store/offer
	compile="wsusferry-offer -q --yes -s '$dir/offer.store' --epoch 1 \
	    '$dir/bench.rings'"
	alone "$compile" "rm -rf '$of'" '0 10' || return
	whole=$(median $oc)
	limit offer cpu "$(reckon "40 * $revisions / 200000 + 0.1")"
	add_to offer.store offer.new 2 $((revisions / 100)) 100000 &&
	    cp -r "$of" "$dir/offer.kept" || return
	before=$(ls "$of/texts")
	alone "$compile" "rm -rf '$of'; cp -r '$dir/offer.kept' '$of'" '0 10' ||
	    return
	limit offer-again cpu "$(reckon "$whole / 10 + 0.1")"
	figure offer-texts 'files of texts beside those of before' \
	    "$(find "$of/texts" -type f ! -name "${before:-none}" | wc -l)" 1
	figure offer-open 'seconds to open the snapshot' \
	    "$("$B/bench/snapopen" "$of" || echo 9)" \
	    "$(reckon "0.3 * $revisions / 200000 + 0.01")"
	alone "wsusferry-offer -q -s '$dir/offer.store' --diff >/dev/null" :
	limit offer-diff cpu "$(reckon "2 * $revisions / 200000 + 0.1")"
	rm -rf "$dir/offer.store" "$dir/offer.new" "$dir/offer.kept"
}
