#!/bin/sh
# SPDX-License-Identifier: ISC
# Across versions: a transfer of the first release is imported, and what later
# ones may write is refused by its programs, with a sentence.  WF_OLD: a folder
# with these programs; with WF_LONG they are built where the history has them.
set -u
. "$(dirname "$0")/common"
first=0ca8c01

# A transfer as that version wrote it, by the key that is beside it.
kept=$root/testdata/transfer/$first
take_kept() {
	mkdir kept && tar -xf "$kept.tar" -C kept
	run 0 wsusferry-verify -q -k kept/one.pub kept/wsusferry-north-000001 &&
	    run 0 wsusferry-import -q -s new -k kept/one.pub \
		kept/wsusferry-north-000001
	ok "a transfer of $first is good, and imported" $?
	sqlite3 -readonly new/store.db 'SELECT hex(id), revision, hex(sha256)
	    FROM revision ORDER BY 1, 2' >out 2>err
	[ "$(wc -l <out)" = 20 ] &&
	    [ "$(sha256sum <out | cut -c 1-64)" = "$(cat "$kept.rows")" ] &&
	    [ "$(find new/WsusContent/?? -type f | wc -l)" = 4 ]
	ok "with all its revisions and payload" $?
	run 0 wsusferry-import -q -s new -k kept/one.pub \
	    kept/wsusferry-north-000001
	ok "again it is nothing new" $?
}

# The server is left out: it wants a library that nothing else does any more.
build_old() {
	git -C "$root" cat-file -e $first^0 2>/dev/null && mkdir old &&
	    git -C "$root" archive $first | tar -x -C old || return
	(
		cd old || exit
		rm lib/net/httpd.c lib/net/httpd_[bjw]* lib/op/op_serve* \
		    lib/op/serve.h cmd/serve*
		make -s -j2 B=build CC="${CC:-gcc}" OPT=-O1 WARN= \
		    PKGS='libmspack libxml-2.0 sqlite3 libsodium libcrypto
			libisal zlib libzstd libcurl' \
		    build/wsusferry-import build/wsusferry-export \
		    build/wsusferry-verify
	) >out 2>err
	WF_OLD=$dir/old/build
	[ -x "$WF_OLD/wsusferry-export" ]
}

# refused NAME TEXT TRANSFER ...: by both old programs, for that reason.
refused() {
	name=$1 text=$2
	shift 2
	sqlite3 -readonly far/store.db .dump | sha256sum >before
	run 3 "$WF_OLD/wsusferry-verify" -q -k one.pub "$@" && {
		says out "$text" || says err "$text"
	} && run 3 "$WF_OLD/wsusferry-import" -q -s far -k one.pub "$@" && {
		says out "$text" || says err "$text"
	} && sqlite3 -readonly far/store.db .dump | sha256sum >after &&
	    cmp before after >out 2>&1
	ok "the programs of $first refuse $name" $?
}

give() { # OPTION ...
	run 0 wsusferry-export -q -s near --sign-key one.key "$@"
}

more() { # SEED
	run 0 gencatalogue --seed "$1" --revisions 30 --doc-bytes 1500 \
	    --payload-files 6 --payload-bytes 90000 --out "g$1" &&
	    run 0 wsusferry-import -q -s near --site north --unsigned \
		--content "g$1/WsusContent" "g$1/wsusexport.cab"
}

# A good transfer that says it needs that word.
word() { # WORD
	rm -rf said && cp -r to/wsusferry-north-000001 said &&
	    sed -i "s/^Wsusferry-Format: .*/&\\nWsusferry-Requires: $1/" \
		said/bag-info.txt &&
	    (cd said && sha256sum $(sed 's/.*  //' tagmanifest-sha256.txt) \
		>../tags && mv ../tags tagmanifest-sha256.txt) &&
	    minisign -S -s one.key -m said/tagmanifest-sha256.txt \
		-x said/tagmanifest-sha256.txt.minisig \
		-c 'wsusferry transfer signature' -t x >/dev/null 2>&1
	refused "the word $1" "'$1'" said
}

with_old() {
	more 7 && run 0 wsusferry-key new -q --out one.key && mkdir to media &&
	    give --to to --destination south
	ok "a full transfer is written" $?
	run 0 "$WF_OLD/wsusferry-import" -q -s far -k one.pub to/*1 &&
	    run 0 "$WF_OLD/wsusferry-verify" -q -k one.pub to/*1
	ok "the programs of $first take a full one" $?
	give --mark-held 1 --destination south && more 8 &&
	    give --to to --destination south
	ok "an increment is written" $?
	refused "an increment" "needs 'base', which this wsusferry does not know" \
	    to/wsusferry-north-000002
	k=1 which='--media-size 200K'
	# shellcheck disable=SC2086
	while wsusferry-export -q -s near --sign-key one.key --to media \
	    $which >out 2>err; [ $? = 7 ]; do
		k=$((k + 1)) which="--medium $k"
		[ $k -lt 9 ] || break
	done
	[ $k -gt 1 ] && [ "$(ls media | wc -l)" = $k ]
	ok "a transfer on $k media is written" $?
	for f in media/*; do
		refused "medium ${f##*-}" "needs 'media', which this" "$f"
	done
	mkdir tools && echo x >tools/x.exe && mkdir more &&
	    give --to more --with tools=tools
	ok "a transfer with a folder of the site's own is written" $?
	refused "folders of the site's own" "needs 'with', which this" more/*
	give --to all.tar && run 3 "$WF_OLD/wsusferry-verify" -q all.tar &&
	    says err "expected a cabinet's MSCF" &&
	    run 2 "$WF_OLD/wsusferry-import" -q -s far -k one.pub all.tar &&
	    says err 'a transfer is a folder'
	ok "the programs of $first refuse a tar" $?
	if have minisign; then
		for w in base media parts with origins; do
			word $w
		done
	else
		skip "words in Wsusferry-Requires" "minisign is not installed"
	fi
	run 3 "$WF_OLD/wsusferry-verify" -q near && says err 'knows 1 to 3'
	ok "the programs of $first refuse a store of today" $?
	rm -rf old.near old.to && mkdir old.to &&
	    run 0 "$WF_OLD/wsusferry-import" -q -s old.near --site north \
		--unsigned --content g7/WsusContent g7/wsusexport.cab &&
	    run 0 "$WF_OLD/wsusferry-export" -q -s old.near \
		--sign-key one.key --to old.to &&
	    run 0 wsusferry-verify -q -k one.pub old.to/* &&
	    run 0 wsusferry-import -q -s fresh -k one.pub old.to/*
	ok "what the programs of $first write is good, and imported" $?
	cp -r old.near moved && run 0 wsusferry-export -q -s moved \
	    --sign-key one.key --to to/.. && run 0 wsusferry-verify -q moved
	ok "their store goes on here" $?
}

if [ -f "$kept.tar" ]; then
	take_kept
else
	ok "testdata/transfer/$first.tar is there" 1
fi
if [ -n "${WF_OLD-}" ] || { [ -n "${WF_LONG-}" ] && build_old; }; then
	with_old
else
	skip "the programs of $first" "neither WF_OLD nor WF_LONG and a history"
fi
finish
