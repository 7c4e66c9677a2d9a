#!/bin/sh
# SPDX-License-Identifier: ISC
# Sticks that lie: each is refused with the status of wsusferry(7) by verify
# and by import, and the store behind stays as it was.
set -u
. "$(dirname "$0")/common"
sh=sh sealed=
! have dash || sh=dash

gencatalogue --seed 5 --revisions 60 --doc-bytes 1500 --payload-files 8 \
    --payload-bytes 60000 --out gen >/dev/null
wsusferry-import -q -s north --site north --unsigned \
    --content gen/WsusContent gen/wsusexport.cab >/dev/null 2>&1
wsusferry-key new --out site.key >/dev/null
wsusferry-key new --out foreign.key >/dev/null
mkdir stick
wsusferry-export -q -s north --sign-key site.key --to stick >/dev/null 2>&1
wsusferry-export -q -s north --sign-key site.key --to stick >/dev/null 2>&1
first=stick/wsusferry-north-000001
good=stick/wsusferry-north-000002
wsusferry-import -q -s south -k site.pub $first >/dev/null 2>&1
snapshot south >south.before

# case NAME VERIFY-STATUS IMPORT-STATUS FIXED-TEXT: what is in ./bad is refused.
refuse() {
	run "$2" wsusferry-verify -q -k site.pub bad && {
		[ -z "$4" ] || says out "$4" || says err "$4"
	}
	ok "verify refuses $1" $?
	second "$2" site.pub bad
	ok "the second reader refuses $1" $?
	run "$3" wsusferry-import -q -s south -k site.pub bad &&
	    snapshot south >south.after && cmp south.before south.after >>err
	ok "import refuses $1, nothing changed" $?
	# Lies by one who has the key are none to who has no more than that.
	[ -z "$sealed" ] || return
	$sh "$root/dist/far/verify.sh" site.pub bad >out 2>err
	[ $? != 0 ] && ! says out good
	ok "verify.sh refuses $1" $?
}

fresh() {
	sealed=
	rm -rf bad
	cp -r $good bad
}

flip() { # file, offset: another byte there
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059
	printf "$(printf '\\%03o' $(((byte + 1) % 256)))" |
	    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# Put bad's tag files in order again and sign: lies by one who has the key.
seal() {
	sealed=yes
	(cd bad && for f in README.txt bag-info.txt bagit.txt ledger.tsv \
	    manifest-sha256.txt media.tsv verify.sh; do
		[ ! -f $f ] || sha256sum $f
	done >tagmanifest-sha256.txt)
	resign
}

resign() {
	[ $# != 0 ] || sealed=yes
	rm -f bad/tagmanifest-sha256.txt.minisig
	minisign -S -s "${1:-site.key}" -m bad/tagmanifest-sha256.txt \
	    -c 'wsusferry transfer signature' -t 'transfer by a liar' \
	    >/dev/null 2>&1
}

# second STATUS KEY FOLDER: tests/second_reader.py, one process of it for all,
# has that status as well.
second() {
	[ -p told ] || return 0
	printf '%s\t%s\n' "$2" "$3" >&8
	read -r got why <&9
	[ "$got" = "$1" ] ||
	    echo "second reader: status $got, expected $1: $why" >>err
	[ "$got" = "$1" ]
}
if have python3; then
	mkfifo asked told
	python3 -I "$root/tests/second_reader.py" --each <asked >told &
	exec 8>asked 9<told
else
	skip "what a second reader says" "python3 is not installed"
fi

run 0 wsusferry-verify -q -k site.pub $good
ok "the transfer is good to begin with" $?
second 0 site.pub $good
ok "and for the second reader" $?

# What README.txt says is typed as it stands, with the key beside the folder.
cp site.pub "$root"/dist/far/* stick/
command -v minisign >/dev/null && signer=minisign || signer=none
tr -d '\r' <$good/README.txt | sed -n 's/^    //p' |
    sed 's,STORE,../../readme,' >commands
while read -r line; do
	case $line in
	wsusferry-*|sha256sum\ *|sh\ *|"$signer "*)
		(cd $good && eval "$line") >out 2>err </dev/null
		ok "README.txt: $line" $?
		;;
	robocopy\ data*|wsusutil\ import\ data*)
		f=$(echo "$line" | grep -o 'data[^ ]*' | tr '\\' / | head -n 1)
		[ -e "$good/$f" ]
		ok "README.txt: $f is there" $?
		;;
	esac
done <commands
[ "$(wc -l <commands)" -ge 6 ]
ok "README.txt has commands" $?
rm stick/site.pub stick/verify.sh stick/wsus-import.cmd

# One byte of every file, at its begin, in its middle, at its end.
(cd $good && find . -type f -size +0 | sort) >files
while read -r f; do
	size=$(wc -c <"$good/$f")
	case $f in
	*tagmanifest-sha256.txt*) want=8 ;;
	*) want=1 ;;
	esac
	for at in 0 $((size / 2)) $((size - 1)); do
		fresh
		flip "bad/$f" $at
		refuse "byte $at of $f flipped" $want $want ""
	done
done <files

# Each line of the signature, comments too.
at=0
for line in 1 2 3 4; do
	len=$(sed -n "${line}p" $good/tagmanifest-sha256.txt.minisig | wc -c)
	fresh
	flip bad/tagmanifest-sha256.txt.minisig $((at + len / 2))
	refuse "line $line of the signature changed" 8 8 ""
	at=$((at + len))
done

fresh && echo >>bad/tagmanifest-sha256.txt.minisig
refuse "a byte after the signature" 8 8 ""
fresh && rm bad/tagmanifest-sha256.txt.minisig
refuse "no signature" 8 8 "unsigned"
fresh && rm bad/tagmanifest-sha256.txt
refuse "no tag manifest" 8 8 ""
fresh && rm bad/bag-info.txt
refuse "no bag-info.txt" 1 1 "bag-info.txt"
f=$(cd $good && find data/WsusContent -name '*.cab' -size +0 | sort |
    head -n 1)
fresh && rm "bad/$f"
refuse "an absent payload file" 1 1 "$f"
fresh && : >"bad/$f"
refuse "an emptied payload file" 1 1 "$f"
fresh && echo more >>"bad/$f"
refuse "a payload file that grew" 1 1 "$f"
fresh && rm "bad/$f" && ln -s /etc/passwd "bad/$f"
refuse "a link in a file's place" 3 3 "$f"
fresh && rm "bad/$f" && mkfifo "bad/$f"
refuse "a pipe in a file's place" 3 3 "$f"
fresh && rm "bad/$f" && mkdir "bad/$f"
refuse "a folder in a file's place" 3 3 "$f"
fresh && echo hello >bad/autorun.inf
refuse "an undeclared file" 3 3 "autorun.inf"
fresh && echo hello >bad/data/WsusContent/extra.cab
refuse "an undeclared payload file" 3 3 "extra.cab"
fresh && mkdir bad/data/empty
refuse "an undeclared folder" 3 3 "empty"
fresh && echo hello >bad/.hidden
refuse "a hidden file" 3 3 ".hidden"

fresh
run 8 wsusferry-verify -q -k foreign.pub bad && says err "trusted" &&
    second 8 foreign.pub bad
ok "verify refuses a foreign key" $?
run 8 wsusferry-import -q -s south -k foreign.pub bad
ok "import refuses a foreign key" $?
run 8 wsusferry-import -q -s south bad && says err "--trusted-keys"
ok "import without a key says what to give" $?
run 8 wsusferry-verify -q bad && says out "not checked" && second 8 - bad
ok "verify without a key checks the rest and says so" $?

if command -v minisign >/dev/null; then
	fresh && seal
	run 0 wsusferry-verify -q -k site.pub bad && second 0 site.pub bad
	ok "a transfer that is sealed anew is good" $?
	fresh && resign foreign.key
	refuse "a signature by another key" 8 8 "trusted"
	fresh && sed -i 's/^Wsusferry-Format: .*/Wsusferry-Format: 2/' \
	    bad/bag-info.txt && seal
	refuse "a higher format" 3 3 "2"
	fresh && sed -i 's/^Wsusferry-Format: .*/&\nWsusferry-Requires: teleport/' \
	    bad/bag-info.txt && seal
	refuse "a word in Requires that is not known" 3 3 "teleport"
	fresh && sed -i '/^Wsusferry-Sequence:/d' bad/bag-info.txt && seal
	refuse "no sequence" 3 3 "Sequence"
	fresh && sed -i 's/^\(Wsusferry-Sequence: \).*/\1 0/' \
	    bad/bag-info.txt && seal
	refuse "sequence 0" 3 3 ""
	fresh && sed -i 's/^Wsusferry-Files: .*/Wsusferry-Files: 16/' \
	    bad/bag-info.txt && seal
	refuse "another number of files" 3 3 "Wsusferry-Files is 16"
	fresh && sed -i 's/^Payload-Oxum: .*/Payload-Oxum: 1.1/' \
	    bad/bag-info.txt && seal
	refuse "another Payload-Oxum" 3 3 "Payload-Oxum"
	cp -r $good flipped && flip flipped/data/wsusexport.cab 20000
	run 3 wsusferry-verify -q -k site.pub flipped bad &&
	    says out "Payload-Oxum"
	ok "verify tells it behind another path that is faulty too" $?
	fresh && sed -i '1h;1d;$G' bad/manifest-sha256.txt && seal
	refuse "a manifest out of order" 3 3 "manifest-sha256.txt"
	fresh && sed -i '1p' bad/manifest-sha256.txt && seal
	refuse "a line twice in the manifest" 3 3 "manifest-sha256.txt"
	fresh && sed -i '1s#  data/#  data/../#' bad/manifest-sha256.txt && seal
	refuse "a name with .." 3 3 "manifest-sha256.txt"
	fresh && sed -i '1s#  data/#  /data/#' bad/manifest-sha256.txt && seal
	refuse "an absolute name" 3 3 "manifest-sha256.txt"
	fresh && sed -i '1s#  #	#' bad/manifest-sha256.txt && seal
	refuse "a TAB in the manifest" 3 3 "manifest-sha256.txt"
	fresh && sed -i 's/$/\r/' bad/manifest-sha256.txt && seal
	refuse "CR LF in the manifest" 3 3 "manifest-sha256.txt"
	fresh && sed -i '$d' bad/manifest-sha256.txt && seal
	refuse "a package that the manifest leaves out" 3 3 ""
	fresh && sed -i '$d' bad/media.tsv && seal
	refuse "a file that media.tsv leaves out" 3 3 "media.tsv"
	fresh && sed -i 's/BagIt-Version: 1.0/BagIt-Version: 9.9/' \
	    bad/bagit.txt && seal
	refuse "another version of BagIt" 3 3 "bagit.txt"
	fresh && rm bad/media.tsv && seal
	refuse "no media.tsv at all" 3 3 "media.tsv"
	fresh && printf 'x' >>bad/README.txt && seal
	snapshot north >/dev/null
	run 0 wsusferry-verify -q -k site.pub bad && second 0 site.pub bad
	ok "a changed README that is sealed again is good" $?
	fresh && sed -i \
	    's/^Wsusferry-Destination: .*/Wsusferry-Destination: 5b3a9f10-0000-4000-8000-00000000abcd/' \
	    bad/bag-info.txt && seal
	run 9 wsusferry-import -q -s south -k site.pub bad
	ok "import refuses what is made for another store" $?
	rm -rf bad && cp -r $first bad && printf 'x' >>bad/README.txt && seal
	run 9 wsusferry-import -q -s south -k site.pub bad &&
	    says err "another north-000001 was imported"
	ok "import refuses another transfer under a number it has" $?
	fresh && sed -i 's/^Wsusferry-Base: .*/Wsusferry-Base: 1/
	    s/^Wsusferry-Format: .*/&\nWsusferry-Requires: base/' \
	    bad/bag-info.txt && seal
	run 9 wsusferry-import -q -s fifth -k site.pub bad && says err "builds on"
	[ $? = 0 ] && [ ! -e fifth ]
	ok "import refuses a transfer whose base it lacks" $?
else
	skip "lies by one who has the key" "minisign is not installed"
fi

snapshot south >south.after
cmp south.before south.after >err
ok "after all of it the store is as it was" $?
run 0 wsusferry-import -q -s fourth --dry-run -k site.pub $good &&
    [ ! -e fourth ]
ok "a dry run leaves no store behind" $?
run 0 wsusferry-import -q -s south -k site.pub $good
ok "the good transfer is imported after all" $?
run 9 wsusferry-import -q -s north -k site.pub $good && says err "itself"
ok "a store refuses its own transfer" $?
finish
