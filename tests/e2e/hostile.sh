#!/bin/sh
# SPDX-License-Identifier: ISC
# Sticks that lie: the table of tests/hostile.h by the real programs (each row
# with WF_LONG, else some of them); and a transfer that was really exported,
# changed by one who has no key: what the far side has without us, verify.sh,
# finds it as well.
set -u
. "$(dirname "$0")/common"
sh=sh
! have dash || sh=dash
each=8
[ -z "${WF_LONG-}" ] || each=1

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

# refuse NAME STATUS: what is in ./bad is refused by all who read it.
refuse() {
	run "$2" wsusferry-verify -q -k site.pub bad && second "$2" site.pub bad
	ok "verify refuses $1" $?
	run "$2" wsusferry-import -q -s south -k site.pub bad
	ok "import refuses $1" $?
	$sh "$root/dist/far/verify.sh" site.pub bad >out 2>err
	[ $? != 0 ] && ! says out good
	ok "verify.sh refuses $1" $?
}

fresh() {
	rm -rf bad
	cp -r $good bad
}

flip() { # file, offset: another byte there
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059
	printf "$(printf '\\%03o' $(((byte + 1) % 256)))" |
	    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
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

# One byte of every file.
(cd $good && find . -type f -size +0 | sort) >files
while read -r f; do
	size=$(wc -c <"$good/$f")
	case $f in
	*tagmanifest-sha256.txt*) want=8 ;;
	*) want=1 ;;
	esac
	fresh
	flip "bad/$f" $((size / 2))
	refuse "byte $((size / 2)) of $f flipped" $want
done <files

# What a person may have done to it.
fresh && rm bad/tagmanifest-sha256.txt.minisig
refuse "no signature" 8
fresh && rm bad/tagmanifest-sha256.txt
refuse "no tag manifest" 8
f=$(cd $good && find data/WsusContent -name '*.cab' -size +0 | sort |
    head -n 1)
fresh && rm "bad/$f"
refuse "an absent payload file" 1
fresh && echo more >>"bad/$f"
refuse "a payload file that grew" 1
fresh && rm "bad/$f" && ln -s /etc/passwd "bad/$f"
refuse "a link in a file's place" 3
fresh && rm "bad/$f" && mkfifo "bad/$f"
refuse "a pipe in a file's place" 3
fresh && echo hello >bad/autorun.inf
refuse "an undeclared file" 3
fresh && mkdir bad/data/empty
refuse "an undeclared folder" 3
fresh && echo hello >bad/.hidden
refuse "a hidden file" 3
snapshot south >south.after
cmp south.before south.after >err
ok "after all of it the store is as it was" $?

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

# Signed by minisign(1), as another who wrote it would do.
seal() {
	(cd bad && sha256sum $(sed 's/.*  //' tagmanifest-sha256.txt) \
	    >../tags && mv ../tags tagmanifest-sha256.txt)
	minisign -S -s site.key -m bad/tagmanifest-sha256.txt \
	    -x bad/tagmanifest-sha256.txt.minisig \
	    -c 'wsusferry transfer signature' -t 'transfer by a liar' \
	    >/dev/null 2>&1
}
if have minisign; then
	fresh && sed -i 's/^Payload-Oxum: .*/Payload-Oxum: 1.1/' \
	    bad/bag-info.txt && seal
	cp -r $good flipped && flip flipped/data/wsusexport.cab 20000
	run 3 wsusferry-verify -q -k site.pub flipped bad &&
	    says out "Payload-Oxum"
	ok "verify tells a fault behind another path that is faulty too" $?
	fresh && printf 'x' >>bad/README.txt && seal
	run 0 wsusferry-verify -q -k site.pub bad && second 0 site.pub bad
	ok "a changed README that is sealed again is good" $?
	rm -rf bad && cp -r $first bad && printf 'x' >>bad/README.txt && seal
	run 9 wsusferry-import -q -s south -k site.pub bad &&
	    says err "another north-000001 was imported"
	ok "import refuses another transfer under a number it has" $?
	fresh && sed -i 's/^Wsusferry-Base: .*/Wsusferry-Base: 1/
	    s/^Wsusferry-Format: .*/&\nWsusferry-Requires: base/' \
	    bad/bag-info.txt && seal
	run 9 wsusferry-import -q -s fifth -k site.pub bad &&
	    says err "builds on" && [ ! -e fifth ]
	ok "import refuses a transfer whose base it lacks, and makes no store" $?
else
	skip "lies by one who has the key" "minisign is not installed"
fi

rm -rf bad
run 0 wsusferry-import -q -s fourth --dry-run -k site.pub $good &&
    [ ! -e fourth ]
ok "a dry run leaves no store behind" $?
run 0 wsusferry-import -q -s south -k site.pub $good
ok "the good transfer is imported after all" $?
run 9 wsusferry-import -q -s north -k site.pub $good && says err "itself"
ok "a store refuses its own transfer" $?

if [ -x "$B/tests/hostile_test" ]; then
	(cd "$root" && WF_PROGRAMS=$B WF_EACH=$each "$B/tests/hostile_test") \
	    >out 2>&1
	ok "the table by the programs, each ${each}th row" $?
	rows=$(tail -n 1 out | sed -n 's/ passed.*//p')
	[ "${rows:-0}" -gt 30 ]
	ok "these are ${rows:-0}" $?
else
	skip "the table by the programs" "tests/hostile_test is not built"
fi
finish
