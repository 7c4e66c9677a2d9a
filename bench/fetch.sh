# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# The bench "fetch" of run.sh, which sources this: metadata, a run that finds
# nothing new, and payload beside curl.

# What a fetch is measured with: an upstream on the loopback, out of a store.
start_upstream() {
	: >"$dir/up.log"
	"$B/tests/upstream/upstream" --store "$dir/fetch.store" \
	    --listen "127.0.0.1:$port" --modes "$dir/up.modes" \
	    --log "$dir/up.log" 2>"$dir/up.err" &
	peer=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.5
		! grep -q 'listening on' "$dir/up.err" || return 0
	done
	return 1
}

stop_upstream() {
	kill $peer
	wait $peer
}

fetch_into() { # store, options: a command
	echo "wsusferry-fetch -q -s '$dir/$1' --no-proxy '*' \
	    --upstream 'http://127.0.0.1:$port' $2"
}

# Metadata by itself, a document in each of the forms that upstreams send, beside
# an import of as many revisions; then once more without a change.
fetch_metadata() {
	for form in cab cab-mszip escaped; do
		echo "GetUpdateData doc $form" >"$dir/up.modes"
		start_upstream || return
		turns "$(fetch_into held '--metadata-only')" \
		    "$(import_into s fetch) || test \$? = 10" \
		    "rm -rf '$dir/held' '$dir/s'" '0 10'
		r=$?
		stop_upstream
		[ $r -eq 0 ] || return
		row "fetch-$form" cpu 0.5
	done
	start_upstream && measure "$(fetch_into held '--metadata-only')" '0 10' &&
	    alone "$(fetch_into held '--metadata-only')" : '0 10' || return
	limit fetch-again wall 2
}

# The same files in the form of curl.
fetch_list() {
	sh -c "$(fetch_into held "-n --content-only --policy '$dir/policy'")" \
	    >"$dir/plan" 2>"$dir/log" || return
	awk '$4 ~ /^http/ { print "url=" $4 "\noutput=" $3 }' "$dir/plan" \
	    >"$dir/curl.list"
}

# Both digests of the files in $dir/to by openssl, as we take them, half of the
# files on each core.
digests() {
	measure "cd '$dir/to' && for k in 0 1; do
		ls -S | awk \"NR % 2 == \$k\" >'$dir/half'\$k
		{ xargs openssl dgst -sha1 <'$dir/half'\$k &&
		    xargs openssl dgst -sha256 <'$dir/half'\$k
		} >'$dir/sums'\$k &
	    done; wait
	    test \$(cat '$dir/sums'? | wc -l) = \$((2 * \$(ls | wc -l)))" 0
}

# Ours is on the disk when it ends, and hashed; curl's files are on the disk
# too, and both digests of them are taken for the second row.
fetch_payload() {
	forget
	alone_pc='' i=0
	while [ $i -lt "$runs" ]; do
		rm -rf "$dir/down" && cp -a "$dir/held" "$dir/down" && sync
		measure "$(fetch_into down \
		    "--content-only --policy '$dir/policy'")" '0 10' || return
		note_ours
		rm -rf "$dir/down" "$dir/to" && mkdir "$dir/to" && sync
		measure "cd '$dir/to' && curl -sS --noproxy '*' -Z \
		    --parallel-max 4 -K '$dir/curl.list' && sync -f ." || return
		note_peer
		curl_cpu=$cpu
		digests || return
		rm -rf "$dir/to"
		alone_pc="$alone_pc $(reckon "$cpu + $curl_cpu")"
		i=$((i + 1))
	done
	row fetch-curl wall 0.9
	pc=$alone_pc pw=$alone_pc
	row fetch-curl-digests cpu 1.2
}

bench_fetch() {
	have curl || return 0
	generate fetch --revisions "$revisions" --doc-bytes "$doc" \
	    --payload-files $((revisions / 10)) --big-files 16 \
	    --payload-bytes $((payload / 2)) --languages en &&
	    store_of fetch || return
	printf 'superseded = yes\nexpress = yes\n' >"$dir/policy"
	fetch_metadata && fetch_list && fetch_payload
	r=$?
	stop_upstream
	rm -rf "$dir/held" "$dir/down" "$dir/to" "$dir/s"
	return $r
}
