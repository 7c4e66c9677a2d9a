#!/bin/sh
# SPDX-License-Identifier: ISC
# The main job: package, store, transfer, second store, the same package.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common"

# same_package NAME CAB EXPECTED-INDEX EXPECTED-METADATA
same_package() {
	rm -rf got && mkdir got && cabextract -q -d got "$2" >out 2>err &&
	    cmp got/package.xml "$3" >out 2>&1
	ok "$1: package.xml is the same to the byte" $?
	cmp got/metadata.txt "$4" >out 2>&1
	ok "$1: metadata.txt is the same to the byte" $?
}

attr() { # name, package.xml
	head -c 400 "$2" | sed -n "s/.*$1=\"\([^\"]*\)\".*/\1/p" | head -n 1
}

# again CAB-OUT STORE INDEX: the package with the identity of another one.
again() {
	run 0 wsusferry-export -q -s "$2" --package "$1" --all-revisions \
	    --server-id "$(attr ServerID "$3")" \
	    --creation-time "$(attr CreationTime "$3")" \
	    --protocol-version "$(attr ProtocolVersion "$3")" --languages all
}

real() {
	cab=$samples/wsusexport/wsus-categories-2024-06-19.cab
	if [ ! -f "$cab" ]; then
		skip "a genuine package comes out as it went in" "no samples"
		return
	fi
	mkdir real && cabextract -q -d real "$cab"
	run 0 wsusferry-import -q -s real.store --unsigned "$cab"
	ok "a genuine package is imported" $?
	run 0 wsusferry-verify --rebuild-check real.store
	ok "its store is whole" $?
	again real.cab real.store real/package.xml
	ok "it is exported again" $?
	same_package "genuine" real.cab real/package.xml real/metadata.txt
	run 0 wsusferry-import -q -s real.store --unsigned "$cab" real.cab
	ok "ours and the original are one import, each revision once" $?
}

readers() {
	for reader in "gcab -x real.cab -C" "7zz x -y real.cab -o" \
	    "bsdtar -xf real.cab -C "; do
		tool=${reader%% *}
		if ! command -v "$tool" >/dev/null || [ ! -f real.cab ]; then
			skip "$tool reads it alike" "not there"
			continue
		fi
		rm -rf by && mkdir by
		case $tool in
		gcab) gcab -x real.cab -C by ;;
		7zz) 7zz x -y real.cab -oby ;;
		bsdtar) bsdtar -xf real.cab -C by ;;
		esac >out 2>err
		cmp by/package.xml real/package.xml >>out 2>&1 &&
		    cmp by/metadata.txt real/metadata.txt >>out 2>&1
		ok "$tool reads it alike" $?
	done
}

generated() {
	run 0 gencatalogue --seed 20 --revisions "${PATH_REVISIONS:-20000}" \
	    --doc-bytes 3000 --payload-files 300 --payload-bytes 30000000 \
	    --out gen
	ok "a catalogue is generated" $?
	mkdir was && cabextract -q -d was gen/wsusexport.cab
	run 0 wsusferry-import -q -s one --site one --unsigned \
	    --content gen/WsusContent gen/wsusexport.cab
	ok "the package and its payload are imported" $?
	run 0 wsusferry-key new --out one.key
	mkdir stick
	run 0 wsusferry-export -q -s one --sign-key one.key --to stick
	ok "a transfer is written" $?
	t=stick/wsusferry-one-000001
	(cd $t && sha256sum --quiet -c manifest-sha256.txt \
	    tagmanifest-sha256.txt) >out 2>err
	ok "sha256sum accepts it" $?
	if command -v minisign >/dev/null; then
		run 0 minisign -Vm $t/tagmanifest-sha256.txt -p one.pub
		ok "minisign accepts it" $?
	else
		skip "minisign accepts it" "not installed"
	fi
	run 0 wsusferry-verify -q -k one.pub $t
	ok "verify finds it good" $?
	chmod -R a-w $t
	run 0 wsusferry-import -q -s two --site two -k one.pub $t
	ok "it is imported into a second store" $?
	run 0 wsusferry-verify -q --rebuild-check two
	ok "the second store is whole" $?
	again two.cab two gen/expected/package.xml
	ok "the second store exports the package" $?
	same_package "generated" two.cab gen/expected/package.xml \
	    was/metadata.txt
	snapshot two >before
	run 0 wsusferry-import -s two -k one.pub $t && snapshot two >after &&
	    cmp before after
	ok "the same transfer again changes nothing" $?
	diff -r gen/WsusContent two/WsusContent >out 2>&1
	ok "the payload is the same, name by name" $?
}

# Several packages, each closed, by a rule that the generator knows too.
split() {
	run 0 gencatalogue --seed 33 --revisions 1500 --doc-bytes 2000 \
	    --payload-files 60 --payload-bytes 200000 --split-bytes 900000 \
	    --out many
	ok "a catalogue in several packages is generated" $?
	n=$(find many -name 'wsusexport*.cab' | wc -l)
	[ "$n" -ge 3 ]
	ok "it has three packages or more" $?
	set -- many/wsusexport.cab
	k=2
	while [ -f "many/wsusexport-$k.cab" ]; do
		set -- "$@" "many/wsusexport-$k.cab"
		k=$((k + 1))
	done
	run 0 wsusferry-import -q -s many.store --unsigned \
	    --content many/WsusContent "$@"
	ok "all of them are one import" $?
	run 0 wsusferry-export -q -s many.store --package s.cab \
	    --all-revisions --max-package-size 900000 \
	    --server-id "$(attr ServerID many/expected/package.xml)" \
	    --creation-time "$(attr CreationTime many/expected/package.xml)"
	ok "they come out again" $?
	k=1
	for cab; do
		part=s.cab want=many/expected/package.xml
		[ $k = 1 ] || part=s-$k.cab want=many/expected/package-$k.xml
		rm -rf was && mkdir was && cabextract -q -d was "$cab"
		same_package "package $k" $part $want was/metadata.txt
		run 0 wsusferry-verify -q --content many/WsusContent $part
		ok "package $k is closed" $?
		k=$((k + 1))
	done
	[ ! -e s-$k.cab ]
	ok "there is no further package" $?
}

# What others write: members the other way round and no byte order mark, as
# Microsoft's library does; and the gzip form, whose layout is a guess.
others() {
	small=small.store
	run 0 gencatalogue --seed 8 --revisions 200 --doc-bytes 1500 \
	    --out small && mkdir plain && cabextract -q -d plain \
	    small/wsusexport.cab
	if have gcab; then
		(cd plain && tail -c +4 package.xml >../package.xml &&
		    cp metadata.txt .. && cd .. &&
		    gcab -c -z ms.cab metadata.txt package.xml) >out 2>err
		run 0 wsusferry-verify -q ms.cab &&
		    run 0 wsusferry-import -q -s ms.store --unsigned ms.cab
		ok "a package in the manner of Microsoft's library is taken" $?
		again ms-out.cab ms.store plain/package.xml
		same_package "after that manner" ms-out.cab \
		    plain/package.xml plain/metadata.txt
	else
		skip "a package in the manner of Microsoft's library" "no gcab"
	fi
	if have python3; then
		python3 "$here/make_gz.py" plain/metadata.txt small.xml.gz
		run 0 wsusferry-verify -q small.xml.gz &&
		    run 0 wsusferry-import -s $small --unsigned small.xml.gz &&
		    says err "experimentally"
		ok "the gzip form is read, and called experimental" $?
		again gz-out.cab $small plain/package.xml
		mkdir gz && cabextract -q -d gz gz-out.cab &&
		    cmp gz/metadata.txt plain/metadata.txt >out 2>&1
		ok "its documents are the same to the byte" $?
		head -c 20000 small.xml.gz >cut.xml.gz
		run 3 wsusferry-import -q -s cut --unsigned cut.xml.gz &&
		    [ ! -e cut ]
		ok "a gzip form that was cut short is refused" $?
	else
		skip "the gzip form" "no python3"
	fi
}

repeatable() {
	SOURCE_DATE_EPOCH=1700000000
	export SOURCE_DATE_EPOCH
	cp -r one copy && mkdir a b
	run 0 wsusferry-export -q -j 1 -s one --sign-key one.key --to a &&
	    (umask 077 && TZ=Asia/Tokyo run 0 wsusferry-export -q -j 4 \
		-s copy --sign-key one.key --to b) && diff -r a b >out 2>&1
	ok "the same store, sequence and time give the same bytes" $?
	unset SOURCE_DATE_EPOCH
}

real
readers
generated
split
others
repeatable
chmod -R u+w stick 2>/dev/null
finish
