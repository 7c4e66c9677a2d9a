#!/bin/sh
# SPDX-License-Identifier: ISC
# A policy: names and their nearest, reasons, and the files that follow from it,
# compared with what the database says when it is asked by SQL.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"

fetch() { # STATUS STORE OPTION ...
	want=$1 to=$2
	shift 2
	run "$want" wsusferry-fetch -s "$to" --upstream "$up_base" --tries 2 \
	    --retry-wait 50 "$@"
}

sql() {
	sqlite3 -readonly held/store.db "$1"
}

policy() { # LINE ...
	printf '%s\n' "$@" >policy
}

# oracle CONDITION [OF-PARTS [FILES]]: what is wanted of the shown updates r,
# of which parts c, and of which links l to files.
newest='NOT EXISTS (SELECT 1 FROM revision n WHERE n.id = r.id AND
    n.revision > r.revision)'
oracle() {
	sql "WITH RECURSIVE cand (row, id) AS (SELECT r.row, r.id
	    FROM revision r WHERE r.type IN (1, 2) AND $newest AND
	    NOT r.expired AND r.deployable AND ($1)),
	    wanted (row) AS (SELECT row FROM cand WHERE ${prune:-NOT EXISTS
	    (SELECT 1 FROM superseded x JOIN cand s ON s.row = x.rev WHERE
	    x.id = cand.id AND s.id <> cand.id)}),
	    part (row) AS (SELECT row FROM wanted UNION SELECT c.row
	    FROM part p JOIN bundle b ON b.rev = p.row JOIN revision c
	    ON c.id = b.id AND c.revision = b.revision WHERE ${2:-1})
	    SELECT hex(f.sha1) || ' ' || f.size FROM file f WHERE f.row IN
	    (SELECT l.file FROM part p JOIN rev_file l ON l.rev = p.row
	    WHERE ${3:-l.patching IS NOT 'Express'}) ORDER BY 1"
}

# planned: names and sizes of a dry run, as the oracle has them.
planned() {
	sed -n 's,^[0-9A-F][0-9A-F]/\([0-9A-F]\{40\}\)[.A-Za-z0-9]* \([0-9]*\) .*,\1 \2,p' \
	    out | sort
}

content() { # STORE
	(cd "$1/WsusContent" && find ?? -type f -printf '%f %s\n' 2>/dev/null |
	    sed 's/^\([0-9A-F]*\)[^ ]*/\1/' | sort)
}

# agree NAME CONDITION ...: a dry run by the file policy is what SQL says.
agree() {
	name=$1
	shift
	oracle "$@" >oracle.out 2>oracle.err
	fetch 0 held --policy policy --content-only --dry-run
	got=$?
	planned >is
	[ $got = 0 ] && [ ! -s oracle.err ] && cmp oracle.out is >>err 2>&1
	ok "$name: $(wc -l <is) files" $?
}

up_store up --seed 5 --revisions 800 --doc-bytes 3000 --payload-files 500 \
    --payload-bytes 3000000
up_start 0 --store up || { echo "no upstream"; exit 1; }
fetch 10 held
ok "metadata are here" $?

# Names.
product=$(sql "SELECT r.title FROM revision r JOIN rev_category l
    ON l.category = r.row AND l.kind = 4 GROUP BY r.title
    ORDER BY count(*) DESC LIMIT 1")
class=$(sql "SELECT r.title FROM revision r JOIN rev_category l
    ON l.category = r.row AND l.kind = 1 GROUP BY r.title
    ORDER BY count(*) DESC LIMIT 1")
family=$(sql "SELECT DISTINCT f.title FROM revision p JOIN prereq q
    ON q.rev = p.row JOIN revision f ON f.id = q.id WHERE
    p.title = '$product' AND f.type = 3 AND f.category = 3 LIMIT 1")
ok "a catalogue with '$product', '$class' and '$family'" \
    "$([ -n "$product" ] && [ -n "$class" ] && [ -n "$family" ]; echo $?)"

policy '# typing' "product = x${product#?}" "classification = $product" \
    'family = Nothing like it at all'
up_modes
fetch 0 held --policy policy --content-only
ok "unknown names, from what is held: 0" $?
says err "line 2: no product 'x${product#?}' is held, nearest is" &&
    says err "nearest is '$product'"
ok "each with its line and the nearest" $?
says err "line 3: '$product' is no classification; its key is 'product'"
ok "one of another kind with the key it needs" $?
says err "line 4: no family" && says err 'it chooses none'
ok "all of them at once" $?
[ "$(up_count '^Content')" = 0 ] && [ -z "$(content held)" ]
ok "and nothing was fetched" $?
fetch 2 fresh --policy policy
ok "of an upstream, which would send everything: 2" $?
policy 'produkt = x'
fetch 3 held --policy policy --content-only
ok "a key that is none: 3" $?
says err "unknown key 'produkt', nearest is 'product'"
ok "and the nearest" $?
fetch 2 held --policy nowhere --content-only
ok "no policy there: 2" $?

wsusferry-list -q -s held --policy-lines categories >policy
printf 'drivers = yes\n' >>policy
agree "all categories, pasted" "EXISTS (SELECT 1 FROM rev_category l
    WHERE l.rev = r.row AND l.kind = 4) AND EXISTS (SELECT 1
    FROM rev_category l WHERE l.rev = r.row AND l.kind = 1)"
[ -s is ]
ok "which are some" $?

# What each key does to the files.
in_class="EXISTS (SELECT 1 FROM rev_category l JOIN revision c
    ON c.row = l.category WHERE l.rev = r.row AND c.title = '$class')"
in_product="EXISTS (SELECT 1 FROM rev_category l JOIN revision c
    ON c.row = l.category WHERE l.rev = r.row AND c.title = '$product')"
policy ''
agree "an empty policy" 'r.type = 1'
cp is plain
policy 'drivers = yes'
agree "drivers" 1
! cmp -s plain is
ok "are more" $?
policy 'express = yes'
agree "express files" 'r.type = 1' 1 1
! cmp -s plain is
ok "are more" $?
policy 'superseded = yes'
prune=1
agree "what is superseded" 'r.type = 1'
prune=
! cmp -s plain is
ok "is more" $?
policy "product = $product"
agree "a product" "r.type = 1 AND $in_product"
policy "product-exclude = $product"
agree "all products but one" "r.type = 1 AND EXISTS (SELECT 1
    FROM rev_category l JOIN revision c ON c.row = l.category
    WHERE l.rev = r.row AND l.kind = 4 AND c.title <> '$product')"
policy "family = $family"
agree "a family, and products beneath products" "r.type = 1 AND EXISTS
    (SELECT 1 FROM rev_category l WHERE l.rev = r.row AND l.kind = 4 AND
    l.category IN (WITH RECURSIVE b (row, id) AS (SELECT row, id
    FROM revision WHERE type = 3 AND title = '$family' UNION SELECT c.row, c.id
    FROM b JOIN prereq q ON q.id = b.id JOIN revision c ON c.row = q.rev
    WHERE c.type = 3) SELECT row FROM b))"
policy "classification = $class"
agree "a classification" "r.type = 1 AND $in_class"
policy "product = $product" "classification = $class"
agree "both" "r.type = 1 AND $in_product AND $in_class"
policy 'language = en' 'language = tr'
speaks="langs IS NULL OR ' ' || langs || ' ' LIKE '% all %' OR
    ' ' || langs || ' ' LIKE '% en %' OR ' ' || langs || ' ' LIKE '% tr %'"
agree "two languages" "r.type = 1 AND ($(echo "$speaks" |
    sed 's/langs/r.langs/g')) AND (NOT EXISTS (SELECT 1 FROM bundle b
    JOIN revision c ON c.id = b.id AND c.revision = b.revision
    WHERE b.rev = r.row) OR EXISTS (SELECT 1 FROM bundle b JOIN revision c
    ON c.id = b.id AND c.revision = b.revision WHERE b.rev = r.row AND
    ($(echo "$speaks" | sed 's/langs/c.langs/g'))))" \
    "$(echo "$speaks" | sed 's/langs/c.langs/g')"
policy 'title = *security*' 'title-exclude = *viewer*'
agree "patterns of titles" "r.type = 1 AND r.title LIKE '%security%' AND
    r.title NOT LIKE '%viewer%'"
policy 'max-age = 2000'
agree "an age" "r.type = 1 AND r.created >= strftime('%Y-%m-%dT%H:%M:%SZ',
    'now', '-2000 days')"
policy 'architecture = arm64'
agree "an architecture that no title names" 'r.type = 1'

# By hand.  One that is in, and has files; one that another supersedes.
policy "classification = $class"
fetch 0 held --policy policy --explain Update --json
in=$(jq -r 'select(.wanted and .files > 0 and (.kb | length) > 0) | .kb[0]' \
    out | head -n 1)
gone=$(jq -r 'select(.why == "superseded" and .files > 0) | .id' out |
    head -n 1)
ok "one is in (KB$in), one superseded ($gone)" \
    "$([ -n "$in" ] && [ -n "$gone" ]; echo $?)"
has_in="EXISTS (SELECT 1 FROM word w WHERE w.rev = r.row AND w.kind = 1 AND
    w.value = '$in')"
is_gone="lower(hex(r.id)) = '$(echo "$gone" | tr -d -)'"
policy "kb = KB$in"
agree "one KB number" "r.type = 1 AND $has_in"
policy "kb-exclude = $in"
agree "all but one KB number" "r.type = 1 AND NOT $has_in"
policy "decline = KB$in"
agree "one declined" "r.type = 1 AND NOT $has_in"
policy 'only-approved = yes' "approve = KB$in" "approve = $gone"
prune=1
agree "only what is approved" "$has_in OR $is_gone"
prune=
fetch 0 held --policy policy --explain "$gone"
grep -q "^in .*$gone" out && says out "approved by hand, line 3: $gone"
ok "approved: in, and by which line" $?

# Reasons.
policy "product = $product" 'title-exclude = *viewer*' "decline = KB$in"
fetch 0 held --policy policy --explain "KB$in"
grep -q '^out ' out && says out "declined by hand, line 3: KB$in"
ok "declined: out, and by which line" $?
fetch 0 held --policy policy --explain "$gone" && grep -q '^out ' out
ok "out by its id" $?
fetch 0 held --policy policy --explain viewer && grep -q '^out ' out
ok "a text of titles" $?
fetch 1 held --policy policy --explain KB1
ok "no update of that number: 1" $?
fetch 2 held --explain "KB$in"
ok "--explain without a policy: 2" $?
policy 'superseded = yes'
[ "$(wsusferry-fetch -s held --policy policy --explain "KB$in" --json |
    jq -r 'select(.type == "explain" and .wanted) | .why' | sort -u)" = in ]
ok "an object for scripts" $?

# What a dry run says is what the run gets, and no more.
policy "family = $family" "classification = $class" 'superseded = yes'
fetch 0 held --policy policy --content-only --dry-run
planned >plan
[ -s plan ]
ok "a dry run: $(wc -l <plan) files" $?
up_modes
cp -a held down
fetch 0 down --policy policy --content-only
ok "the run" $?
content down >is
cmp plan is >>err 2>&1
ok "gets what was said, to the byte" $?
fetch 0 down --policy policy --content-only --dry-run
[ -z "$(planned)" ]
ok "and then a dry run says nothing" $?

run 0 wsusferry-verify -q down
ok "verify misses nothing that nobody wanted" $?
printf 'title = *\n' >all
run 10 wsusferry-verify -q -p all down
ok "but by another policy" $?
run 0 wsusferry-verify --json -p policy down &&
    [ "$(jq -r 'select(.type == "verified") | .unwanted_files > 0' out)" = true ]
ok "nor with the policy" $?
one=$(cd down/WsusContent && find . -mindepth 2 -type f | sort | head -n 1)
mv "down/WsusContent/$one" one
run 1 wsusferry-verify -q -p policy down && says out "${one#./}"
ok "of which it misses each file that is gone" $?
mv one "down/WsusContent/$one"

# What the store had and lost, and what it never had: the same for all.
mv "down/WsusContent/$one" one
run 1 wsusferry-list -q -s down lacking && says out 'lost from the store'
ok "the list of what lacks ends with 1, too" $?
fetch 10 down -v --policy policy --metadata-only && says err "${one#./}: lost" &&
    says err 'lost from the store' && says err 'a run without --metadata-only'
ok "a run that gets no payload tells and notes it: 10" $?
run 10 wsusferry-verify -q down && run 10 wsusferry-list -q -s down lacking
ok "from then on it is absent" $?
printf 'only-approved = yes\n' >none
fetch 0 down -v --policy none --metadata-only &&
    ! grep 'chooses none' err && run 0 wsusferry-verify -q down &&
    run 0 wsusferry-list -q -s down lacking
ok "by a policy of nothing nobody misses anything" $?
mv one "down/WsusContent/$one"
fetch 0 down --policy policy && run 0 wsusferry-verify -q -p policy down
ok "what was only away is known again" $?

# Only the metadata that the policy names, then the same files.
fetch 0 few --policy policy
ok "from nothing, by the policy" $?
content few >is
cmp plan is >>err 2>&1
ok "the same files" $?
[ "$(sqlite3 -readonly few/store.db 'SELECT count(*) FROM revision
    WHERE type IN (1, 2)')" -lt "$(sql 'SELECT count(*) FROM revision
    WHERE type IN (1, 2)')" ]
ok "out of fewer documents" $?
finish
