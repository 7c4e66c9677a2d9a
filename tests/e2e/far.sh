#!/bin/sh
# SPDX-License-Identifier: ISC
# The far side without our programs: verify.sh by dash, wsus-import.cmd by Wine
# where it is installed, with stand-ins for certutil, robocopy and wsusutil,
# which are stubs there.
set -u
. "$(dirname "$0")/common"
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
sh=sh
! have dash || sh=dash

check_by() { # status, transfer
	run "$1" $sh "$root/dist/far/verify.sh" one.pub "$2"
}

prepare() {
	run 0 gencatalogue --seed 7 --revisions 60 --doc-bytes 2000 \
	    --payload-files 12 --payload-bytes 4000000 --out gen &&
	    run 0 wsusferry-key new -q --out one.key &&
	    run 0 wsusferry-key new -q --out two.key &&
	    run 0 wsusferry-import -q -s near --unsigned \
		--content gen/WsusContent gen/wsusexport.cab && mkdir full m &&
	    run 0 wsusferry-export -q -s near --sign-key one.key --to full
	ok "a transfer" $?
	t=full/wsusferry-site-000001
	set --
	for n in 1 2 3 4 5 6 7 8; do
		mkdir m/$n && set -- "$@" --to m/$n
	done
	run 0 wsusferry-export -q -s near --sign-key one.key \
	    --media-size 900K "$@" && ls m/*/*/data/parts/*.part002 >out
	ok "one on several media, with files that are cut" $?
}

# What is on the medium is what is installed.
same_scripts() {
	cmp "$root/dist/far/verify.sh" $t/verify.sh >out 2>&1 &&
	    tr -d '\r' <$t/data/wsus-import.cmd |
		cmp - "$root/dist/far/wsus-import.cmd" >out 2>&1
	ok "the scripts are those that are installed" $?
	[ "$(wc -l <$t/README.txt)" = "$(tr -cd '\r' <$t/README.txt | wc -c)" ]
	ok "README.txt has lines of Windows" $?
	tr -d '\r' <$t/data/approve.csv >approve
	grep -q ',yes$' approve && [ "$(wc -l <approve)" -gt 9 ] &&
	    grep -qE '^[0-9a-f-]{36},[^,]*,.*,(yes|no|before)$' approve
	ok "approve.csv says of each update whether it is carried" $?
}

by_shell() {
	check_by 0 $t && says out 'good, signed by tagmanifest-sha256.txt.minisig'
	ok "verify.sh: a good transfer" $?
	for m in m/*/*; do
		check_by 0 "$m" || break
	done
	says out ': check the other media, too'
	ok "verify.sh: each medium" $?
	run 8 $sh "$root/dist/far/verify.sh" two.pub $t
	ok "verify.sh: another key: 8" $?
	(cd $t && find . -type f -size +0 | sort) >files
	while read -r f; do
		rm -rf bad && cp -r $t bad && chmod -R u+w bad
		case $f in
		*tagmanifest-sha256.txt*) want=8 ;;
		*) want=1 ;;
		esac
		size=$(wc -c <"bad/$f")
		byte=$(od -An -tu1 -j $((size / 2)) -N 1 "bad/$f")
		printf "\\$(printf %03o $((byte ^ 1)))" |
		    dd of="bad/$f" bs=1 seek=$((size / 2)) conv=notrunc 2>err
		check_by $want bad
		ok "verify.sh: one byte of $f: $want" $?
	done <files
	for row in '1:rm bad/README.txt' '8:rm bad/tagmanifest-sha256.txt' \
	    '8:rm bad/tagmanifest-sha256.txt.minisig' \
	    '1:rm bad/data/wsusexport.cab' '3:echo x >bad/more' \
	    '3:echo x >bad/data/WsusContent/more' '3:echo x >bad/.more' \
	    '3:ln -s README.txt bad/link' '3:mkfifo bad/data/pipe' '3:mkdir bad/data/empty' \
	    '3:echo x >bad/tagmanifest-sha256.txt.minisig.old' \
	    '8:echo x >>bad/tagmanifest-sha256.txt.minisig' \
	    '8:sed -i s/wsusferry/other/ bad/tagmanifest-sha256.txt.minisig' \
	    '1:mv bad/README.txt x; ln -s ../x bad/README.txt'; do
		rm -rf bad && cp -r $t bad && chmod -R u+w bad
		eval "${row#*:}"
		case $row in
		*'ln -s ../x'*) run 3 $sh "$root/dist/far/verify.sh" one.pub bad ;;
		*) check_by "${row%%:*}" bad ;;
		esac
		ok "verify.sh: ${row#*:}: ${row%%:*}" $?
	done
}

# Programs of Linux in the place of those of Windows.
stand_ins() {
	mkdir -p in wsus/WsusContent
	cat >in/certutil.sh <<-'EOF'
	#!/bin/sh
	f=$(printf %s "$1" | tr -d '"' | sed 's/^[A-Za-z]://' | tr '\\' /)
	case $2 in
	SHA1) sum=$(sha1sum <"$f") ;;
	*) sum=$(sha256sum <"$f") ;;
	esac
	sum=${sum%% *}
	d=${0%/*}
	exec >"$d/saying"
	printf '%s hash of %s:\r\n' "$2" "$1"
	if [ -e "$d/silent" ]; then
		printf 'CertUtil: -hashfile command FAILED\r\n'
	elif [ -e "$d/old" ]; then
		printf '%s\r\n' "$(printf %s "$sum" | sed 's/../& /g')"
	else
		printf '%s\r\n' "$sum"
	fi
	printf 'CertUtil: -hashfile command completed successfully.\r\n'
	mv "$d/saying" "$d/said"
	EOF
	cat >in/robocopy.sh <<-'EOF'
	#!/bin/sh
	from=$(printf %s "$1" | tr -d '"' | sed 's/^[A-Za-z]://' | tr '\\' /)
	to=$(printf %s "$2" | tr -d '"' | sed 's/^[A-Za-z]://' | tr '\\' /)
	[ -e "${0%/*}/norobo" ] || cp -r "$from/." "$to/"
	: >"${0%/*}/copied"
	EOF
	chmod +x in/*.sh
	here=$(printf %s "$dir/in" | tr / '\\')
	# "start /wait" does not wait for a program of Linux.
	cat >in/certutil.bat <<-EOF
	@echo off
	if exist "Z:$here\\said" del "Z:$here\\said"
	start /unix $dir/in/certutil.sh %2 %3
	:wait
	if not exist "Z:$here\\said" goto wait
	type "Z:$here\\said"
	EOF
	cat >in/robocopy.bat <<-EOF
	@echo off
	if exist "Z:$here\\copied" del "Z:$here\\copied"
	start /unix $dir/in/robocopy.sh %1 %2
	:wait
	if not exist "Z:$here\\copied" goto wait
	exit /b 1
	EOF
	sed -i 's/$/\r/' in/certutil.bat in/robocopy.bat
	printf '@echo off\r\necho %%1 %%2 %%3>>"Z:%s\\wsusutil.log"\r\nif exist "Z:%s\\nowsus" exit /b 1\r\nexit /b 0\r\n' \
	    "$here" "$here" >in/wsusutil.bat
	CERTUTIL="Z:$here\\certutil.bat"
	ROBOCOPY="Z:$here\\robocopy.bat"
	WSUSUTIL="Z:$here\\wsusutil.bat"
	WINEPREFIX=$dir/wine WINEDEBUG=-all DISPLAY=
	export CERTUTIL ROBOCOPY WSUSUTIL WINEPREFIX WINEDEBUG DISPLAY
	sed 's/$/\r/' "$root/dist/far/wsus-import.cmd" >wsus-import.cmd
	timeout 120 wine wineboot -i >out 2>err
}

windows() { # path
	printf 'Z:%s' "$(printf %s "$dir/$1" | tr / '\\')"
}

by_cmd() { # status, transfer
	run "$1" timeout 300 wine cmd /c wsus-import.cmd "$(windows "$2")" \
	    "$(windows wsus)"
}

anew() {
	rm -rf wsus in/wsusutil.log in/silent in/old in/norobo in/nowsus
	mkdir -p wsus/WsusContent
}

content() { # folder
	(cd "$1" && find . -type f -exec sha1sum {} + | sort)
}

by_wine() {
	have wine || {
		skip 'wsus-import.cmd' 'Wine is not installed'
		return
	}
	stand_ins
	ok "stand-ins for programs of Windows" $?
	by_cmd 0 $t && says out 'wsus-import: done' &&
	    says in/wsusutil.log 'wsusexport.cab' &&
	    content wsus/WsusContent >got && content near/WsusContent >want &&
	    cmp got want >out 2>&1
	ok "wsus-import.cmd: a transfer" $?
	anew
	touch in/old && by_cmd 0 $t
	ok "wsus-import.cmd: a certutil that parts the bytes" $?
	anew
	touch in/silent && by_cmd 1 $t && says out 'certutil printed no hash' &&
	    [ ! -e in/wsusutil.log ] && [ -z "$(ls wsus/WsusContent)" ]
	ok "wsus-import.cmd: no hash is a failure, and nothing is imported" $?
	anew
	rm -rf bad && cp -r $t bad && chmod -R u+w bad
	f=$(cd bad && find data/WsusContent -name '*.*' -size +1 | head -n 1)
	printf x >>"bad/$f"
	by_cmd 1 bad && says out 'another SHA-256 than its list says' &&
	    [ ! -e in/wsusutil.log ]
	ok "wsus-import.cmd: a damaged file" $?
	rm "bad/$f"
	by_cmd 1 bad && says out ': absent' && [ ! -e in/wsusutil.log ]
	ok "wsus-import.cmd: an absent file" $?
	anew
	touch in/norobo && by_cmd 1 $t && [ ! -e in/wsusutil.log ]
	ok "wsus-import.cmd: robocopy copies nothing" $?
	anew
	touch in/nowsus && by_cmd 1 $t && says out 'wsusutil failed on wsusexport'
	ok "wsus-import.cmd: wsusutil fails" $?
	run 2 timeout 60 wine cmd /c wsus-import.cmd "$(windows gen)" \
	    "$(windows wsus)"
	ok "wsus-import.cmd: no transfer" $?
	anew
	last=
	for m in m/*/*of*; do
		case $m in
		*-"${m##*of}"of"${m##*of}") last=$m ;;
		*) by_cmd 0 "$m" && [ ! -e in/wsusutil.log ] ||
		    echo "$m" >>wrong ;;
		esac
	done
	[ ! -e wrong ] && by_cmd 0 "$last" && says in/wsusutil.log wsusexport &&
	    content wsus/WsusContent >got && cmp got want >out 2>&1 &&
	    [ ! -e wsus/wsusferry-parts ]
	ok "wsus-import.cmd: several media, what was cut is joined" $?
	anew
	by_cmd 1 "$last" && [ ! -e in/wsusutil.log ] &&
	    says out 'it is on medium '
	ok "wsus-import.cmd: the last alone, parts are missing" $?
	wineserver -k >out 2>&1
}

prepare
same_scripts
by_shell
by_wine
finish
