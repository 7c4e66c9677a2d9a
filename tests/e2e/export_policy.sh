#!/bin/sh
# SPDX-License-Identifier: ISC
# A transfer that carries only the payload which a policy wants.
set -u
. "$(dirname "$0")/common"

export_to() { # STATUS FOLDER OPTION ...
	want=$1 to=$2
	shift 2
	mkdir -p "$to"
	run "$want" wsusferry-export -s st --sign-key k.key --to "$to" "$@"
}

carried() { # TRANSFER
	(cd "$1/data/WsusContent" && find ?? -type f -printf '%f\n') | sort
}

sql() { # STORE QUERY
	sqlite3 -readonly "$1/store.db" "$2"
}

run 0 gencatalogue --seed 7 --revisions 400 --doc-bytes 2500 \
    --payload-files 200 --payload-bytes 1000000 --out gen
run 0 wsusferry-import -q -s st --unsigned --content gen/WsusContent \
    gen/wsusexport.cab
run 0 wsusferry-key new -q --out k.key
ok "a store with all its payload" $?
product=$(sql st "SELECT r.title FROM revision r JOIN rev_category l
    ON l.category = r.row AND l.kind = 4 GROUP BY r.title
    ORDER BY count(*) DESC LIMIT 1")
printf 'product = %s\nsuperseded = yes\n' "$product" >policy

kb=$(sql st "SELECT value FROM word WHERE kind = 1 GROUP BY value
    ORDER BY count(*) DESC, value LIMIT 1")
run 0 wsusferry-export -q -s st --package kb.cab --update "KB$kb" &&
    run 0 wsusferry-verify -q --content st/WsusContent kb.cab
ok "an update by its KB number" $?
cabextract -q -d kb.pkg kb.cab && [ "$(sql st "SELECT DISTINCT lower(hex(r.id))
    FROM revision r JOIN word w ON w.rev = r.row WHERE w.value = '$kb'" |
    sed 's/\(.\{8\}\)\(....\)\(....\)\(....\)/\1-\2-\3-\4-/' |
    while read -r id; do grep -c "$id" kb.pkg/package.xml; done |
    grep -c '^0$')" = 0 ]
ok "is all updates that have it" $?
run 2 wsusferry-export -s st --package no.cab --update KB1 &&
    says err 'no update held has it'
ok "a number that none has: 2" $?
run 2 wsusferry-export -s st --package no.cab --update KB1x &&
    says err 'takes a KB number or an UpdateID'
ok "what is neither: 2" $?

export_to 0 all
ok "without a policy" $?
export_to 0 some -p policy
ok "with one" $?
[ "$(sed -n 's/.* \([0-9]*\) payload files, .* left out on purpose.*/\1/p' err)" \
    = "$(sed -n 's/.* \([0-9]*\) files left out by policy.*/\1/p' err)" ]
ok "what it leaves out is told in one number" $?
a=all/wsusferry-site-000001 s=some/wsusferry-site-000002
sql st "WITH RECURSIVE part (row) AS (SELECT r.row FROM revision r
    JOIN rev_category l ON l.rev = r.row JOIN revision c ON c.row = l.category
    WHERE r.type = 1 AND NOT r.expired AND r.deployable AND
    c.title = '$product' AND NOT EXISTS (SELECT 1 FROM revision n
    WHERE n.id = r.id AND n.revision > r.revision) UNION SELECT c.row
    FROM part p JOIN bundle b ON b.rev = p.row JOIN revision c ON c.id = b.id
    AND c.revision = b.revision) SELECT DISTINCT hex(f.sha1) FROM part p
    JOIN rev_file l ON l.rev = p.row JOIN file f ON f.row = l.file
    WHERE l.patching IS NOT 'Express' ORDER BY 1" >wanted
carried $s | sed 's/[.].*//' | cmp wanted - >err 2>&1 && [ -s wanted ] &&
    [ "$(wc -l <wanted)" -lt "$(carried $a | wc -l)" ]
ok "it carries what the policy wants: $(wc -l <wanted) files" $?
[ ! -e $a/data/policy.conf ] && grep -q '^superseded = yes$' $s/data/policy.conf &&
    grep -qF "product = $product" $s/data/policy.conf &&
    run 0 wsusferry-verify -k k.pub $s && ! says err policy.conf
ok "and the policy that chose it" $?
mkdir again && cp $s/data/policy.conf canonical &&
    run 0 wsusferry-export -q -n --json -s st --sign-key k.key --to again -p canonical
ok "which is a policy" $?
cabextract -q -d a.pkg $a/data/wsusexport.cab &&
    cabextract -q -d s.pkg $s/data/wsusexport.cab &&
    [ "$(grep -o '<Update ' s.pkg/package.xml | wc -l)" -lt \
	"$(grep -o '<Update ' a.pkg/package.xml | wc -l)" ]
ok "and the documents of those updates, with what they need" $?
jq -r 'select(.t == "absent" and .wanted == false) | .sha1' $s/data/state.jsonl |
    sort >out
carried $s | sed 's/[.].*//' | sort -m - out >accounted
[ -s accounted ] && [ "$(uniq -d accounted | wc -l)" = 0 ]
ok "and says what it leaves out of their payload" $?
sel=$(sed -n 's/^Wsusferry-Selection: //p' $a/bag-info.txt)
[ -n "$sel" ] && ! grep -q "$sel" $s/bag-info.txt
ok "which is another selection" $?
run 0 wsusferry-verify -q -k k.pub $s
ok "verify finds it good" $?
run 0 wsusferry-import -s far -k k.pub $s && ! says err 'not here' &&
    says err ' 0 files absent'
ok "an import misses nothing" $?
run 0 wsusferry-verify -q far
ok "and the store lacks nothing: what a policy left out is no fault" $?
# As an older version kept it.
sqlite3 far/store.db "DELETE FROM left_out;
    UPDATE sums SET rows = 0, sum = 0 WHERE part = 'left_out'"
run 10 wsusferry-verify -q far
ok "but where nobody kept that" $?
run 0 wsusferry-import -n -s far -k k.pub $s && run 10 wsusferry-verify -q far
ok "which a dry run does not change" $?
run 0 wsusferry-import -s far -k k.pub $s && run 0 wsusferry-verify -q far
ok "importing the same transfer again keeps it" $?

# What is not wanted need not be held; what is wanted must.
lose() { # STORE NAME: a store that never held that file
	cp -a gen/WsusContent "$1.content"
	rm -f "$(find "$1.content" -name "$2")"
	run 10 wsusferry-import -q -s "$1" --unsigned --content "$1.content" \
	    gen/wsusexport.cab
}
lose st2 "$(carried $a | grep -v -F -f wanted | grep -v check | head -n 1)"
ok "a store that lacks a file" $?
mkdir stick
run 0 wsusferry-export -q -s st2 --sign-key k.key --to stick -p policy --strict
ok "one that is not wanted is not missed" $?
lost=$(carried $s | head -n 1)
lose st3 "$lost"
run 1 wsusferry-export -s st3 --sign-key k.key --to stick -p policy --strict
ok "one that is wanted is: --strict refuses" $?
mkdir stick3
run 10 wsusferry-export -s st3 --sign-key k.key --to stick3 -p policy &&
    says err "${lost%.*}"
ok "or it is named: 10" $?
t=stick3/wsusferry-site-000001
run 10 wsusferry-verify -k k.pub $t && [ "$(grep -c '1 payload file is named and not here' out)" = 1 ]
ok "verify misses just that one" $?
run 10 wsusferry-import -s other -k k.pub $t &&
    [ "$(grep -c '1 payload file is named and not here' err)" = 1 ]
ok "so does an import" $?

printf 'produkt = x\n' >policy
export_to 3 none -p policy
ok "an unknown key: 3" $?
export_to 2 none -p nowhere
ok "no policy there: 2" $?
run 2 wsusferry-export -s st --package x.cab -p policy
ok "with a package: 2" $?
[ -z "$(find none -mindepth 1)" ]
ok "and nothing was written" $?

# A line that names nothing held is told, and may be right tomorrow.
for line in 'product = Nothing' 'kb = KB7299999' 'title = nothing at all'; do
	printf '%s\n' "$line" >policy
	rm -rf none
	export_to 10 none -q -p policy && says err 'line 1: ' &&
	    says err "${line##* }" && says err 'chooses none of the updates' &&
	    [ -z "$(ls none)" ]
	ok "a policy that chooses nothing, $line: 10, and the line" $?
done
printf 'decline = KB7299999\n' >night.policy
export_to 0 lines -q -p night.policy && says err 'night.policy: line 1: decline: no update held'
ok "one that chooses: 0, and the line" $?
run 0 wsusferry-verify -q -p night.policy st && says err 'night.policy: line 1: decline: no update'
ok "verify tells the line too" $?
cp -a st extra.st
for i in 1 2 3 4; do
	echo $i >"extra.st/WsusContent/0$i.txt"
done
run 0 wsusferry-verify -q extra.st && [ "$(grep -c 'no row knows this' err)" = 3 ] &&
    says err '4 files, 8 bytes, that no row knows (-v tells all)'
ok "files that no row knows are told as one" $?
# The examples of the manual page: none of their lines is a fault.
for n in 1 2; do
	awk -v n=$n '/^\.Bd -literal/ { on = ++k == n; next }
	    /^\.Ed/ { on = 0 } on' "$root/man/wsusferry-policy.5" >policy
	wsusferry-verify -q -p policy st >out 2>err
	[ $? = 0 ] && [ -s policy ] && ! says err 'unknown key'
	ok "example $n of the manual page" $?
done
printf 'product = %s\n' "$product" >policy
export_to 0 quiet -q -p policy && [ ! -s err ] && [ ! -s out ]
ok "lines that name something say nothing" $?
finish
