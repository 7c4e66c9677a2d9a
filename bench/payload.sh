# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# Benches of payload: verify, export and import beside the stock tools.

# Both digests of a transfer's payload, as verify takes them.
sums_of() { # folder with XX/SHA1.ext
	(cd "$1" && find ?? -type f | awk -F / \
	    '{ h = substr($2, 1, 40); print tolower(h) "  " $0 }') \
	    >"$dir/sha1" &&
	    (cd "$1" && find ?? -type f -exec sha256sum {} +) >"$dir/sha256"
}

both_tools() { # folder
	echo "cd '$1' && sha1sum --quiet -c '$dir/sha1' &&
	    sha256sum --quiet -c '$dir/sha256'"
}

verify_rows() { # name, catalogue, least for the transfer, for the store
	transfer_of "$2" && sums_of "$dir/$2.store/WsusContent" || return
	turns "wsusferry-verify -q --trusted-keys '$dir/site.pub' '$bag'" \
	    "$(both_tools "$bag/data/WsusContent")" || return
	row "verify-$1" cpu "$3"
	turns "wsusferry-verify -q '$dir/$2.store'" \
	    "$(both_tools "$dir/$2.store/WsusContent")" || return
	row "verify-store-$1" cpu "$4"
}

bench_payload() {
	big && verify_rows big big 6 6.5
}

# 4,000 files of 20 to 200 KB: what opening and naming cost.
bench_small() {
	generate many --revisions 2000 --payload-files 4000 --big-files 0 \
	    --payload-bytes 440000000 && verify_rows small many 4 4
}

# Nothing of the files in memory: what a stick that was just put in is like.
forget_pages() { # folder
	find "$1" -type f -exec sh -c 'for f; do
		dd if="$f" iflag=nocache count=0 status=none; done' sh {} +
}

bench_cold() {
	big && transfer_of big && sums_of "$dir/big.store/WsusContent" || return
	turns "wsusferry-verify -q --trusted-keys '$dir/site.pub' '$bag'" \
	    "$(both_tools "$bag/data/WsusContent")" "sync; forget_pages '$bag'" ||
	    return
	row verify-cold wall 2
}

copied() { # folder: as a person would, on the disk at the end
	echo "cp -r --reflink=never '$1' '$dir/to' && sync -f '$dir/to'"
}

bench_copy() {
	big && store_of big && site_key || return
	turns "wsusferry-export -q -s '$dir/big.store' \
	    --sign-key '$dir/site.key' --to '$dir/to'" \
	    "$(copied "$dir/big.store/WsusContent")" \
	    "rm -rf '$dir/to'; mkdir '$dir/to'; sync"  || return
	row export-copy wall 0.6
	rm -rf "$dir/to"
}

bench_tiny() {
	generate tiny --revisions $((tiny / 4)) --doc-bytes 2500 \
	    --payload-files "$tiny" --big-files 0 \
	    --payload-bytes $((tiny * 200)) && transfer_of tiny || return
	turns "wsusferry-import -q -s '$dir/to/s' -k '$dir/site.pub' '$bag'" \
	    "$(copied "$bag")" "rm -rf '$dir/to'; mkdir '$dir/to'; sync" || return
	row tiny-in wall 0.5
	turns "wsusferry-export -q -s '$dir/tiny.store' \
	    --sign-key '$dir/site.key' --to '$dir/to'" \
	    "$(copied "$dir/tiny.store/WsusContent")" \
	    "rm -rf '$dir/to'; mkdir '$dir/to'; sync" || return
	row tiny-out wall 0.9
	rm -rf "$dir/to"
}

# A stream: what it costs to write one and to check it while it flows, beside
# hashing the same bytes.
bench_tar() {
	big && transfer_of big || return
	turns "wsusferry-export -q -s '$dir/big.store' \
	    --sign-key '$dir/site.key' --to - | cat >/dev/null" \
	    "tar -C '$bag' -cf - . | sha256sum" || return
	row tar-out cpu 2.5
	wsusferry-export -q -s "$dir/big.store" --sign-key "$dir/site.key" \
	    --to "$dir/big.tar" >"$dir/log" 2>&1 || return
	turns "cat '$dir/big.tar' |
	    wsusferry-verify -q --trusted-keys '$dir/site.pub' -" \
	    "cat '$dir/big.tar' | tar -xOf - | sha256sum" || return
	row tar-verify cpu 1.8
	turns "cat '$dir/big.tar' | wsusferry-import -q -s '$dir/to/s' \
	    -k '$dir/site.pub' -" \
	    "cat '$dir/big.tar' | tar -C '$dir/to' -xf - && sync -f '$dir/to' &&
	    sha256sum --quiet -c '$dir/to.sums'" \
	    "rm -rf '$dir/to'; mkdir '$dir/to'; tar_sums; sync" || return
	row tar-import cpu 1.6
	rm -rf "$dir/to" "$dir/big.tar"
}

# What tar unpacks, by the manifest of the transfer.
tar_sums() {
	t=$dir/to/$(tar -tf "$dir/big.tar" | head -n 1 | cut -d / -f 1)
	sed "s,  ,  $t/," "$bag/manifest-sha256.txt" |
	    grep WsusContent >"$dir/to.sums"
}
