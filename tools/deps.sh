#!/bin/sh
# SPDX-License-Identifier: ISC
# deps.sh build|demo|check: see that everything is there that building and
# running need, or the demo, or the tests beside that, and install from Debian
# what is not.  Silent, and without the network, when nothing is missing.
set -eu

# package, and what shows that it is there where dpkg does not know it:
# a command, or a header.
build_list='
build-essential cc
gcc gcc
pkg-config pkg-config
libmspack-dev mspack.h
libxml2-dev libxml2/libxml/xmlversion.h
libsqlite3-dev sqlite3.h
libsodium-dev sodium.h
libssl-dev openssl/evp.h
libisal-dev isa-l.h
zlib1g-dev zlib.h
libdeflate-dev libdeflate.h
libzstd-dev zstd.h
libseccomp-dev seccomp.h
libcurl4-openssl-dev curl-config
libqrencode-dev qrencode.h
libarchive-dev archive.h
ca-certificates /etc/ssl/certs/ca-certificates.crt
'
demo_list='
curl curl
minisign minisign
python3 python3
'
check_list='
git git
clang clang
libclang-rt-14-dev libclang_rt.fuzzer
clang-format clang-format
universal-ctags ctags
mandoc mandoc
zbar-tools zbarimg
cabextract cabextract
gcab gcab
7zip 7zz
libarchive-tools bsdtar
xorriso xorriso
genisoimage genisoimage
libxml2-utils xmllint
sqlite3 sqlite3
jq jq
openssl openssl
socat socat
squid squid
xxd xxd
strace strace
valgrind valgrind
'

present() {
	case $1 in
	*.h)
		for d in /usr/include /usr/local/include; do
			[ -e "$d/$1" ] && return 0
		done
		return 1
		;;
	/*)
		[ -e "$1" ]
		;;
	libclang_rt.*)
		command -v clang >/dev/null || return 1
		[ -e "$(clang -print-file-name="$1-$(uname -m).a")" ]
		;;
	*)
		command -v "$1" >/dev/null
		;;
	esac
}

# Packages of the list that neither dpkg nor their contents speak for.
missing() {
	if command -v dpkg-query >/dev/null; then
		installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
		    $(echo "$1" | awk 'NF { print $1 }') 2>/dev/null |
		    sed -n 's/^installed //p') || :
	else
		installed=
	fi
	echo "$1" | while read -r package probe; do
		[ -n "$package" ] || continue
		echo "$installed" | grep -qx -e "$package" && continue
		present "$probe" || printf ' %s' "$package"
	done
}

case ${1-} in
build) list=$build_list ;;
demo) list="$build_list$demo_list" ;;
check) list="$build_list$demo_list$check_list" ;;
*)
	echo "usage: deps.sh build|demo|check" >&2
	exit 2
	;;
esac

want=$(missing "$list")
[ -n "$want" ] || exit 0

line="apt-get install -y --no-install-recommends$want"
if ! command -v apt-get >/dev/null; then
	echo "deps: missing (names as in Debian 12):$want" >&2
	exit 1
elif [ "$(id -u)" = 0 ]; then
	as=
elif sudo -n true 2>/dev/null; then
	as='sudo -n'
else
	echo "deps: some packages are missing; as root, run:" >&2
	echo "apt-get update && $line" >&2
	exit 1
fi
echo "deps: installing$want" >&2
{
	$as env DEBIAN_FRONTEND=noninteractive apt-get update
	$as env DEBIAN_FRONTEND=noninteractive $line
} </dev/null >&2
want=$(missing "$list")
[ -z "$want" ] || {
	echo "deps: still missing:$want" >&2
	exit 1
}
