#!/bin/sh
# SPDX-License-Identifier: ISC
# Lists: three forms of the same, compared with the database itself.
set -u
. "$(dirname "$0")/common"

count() { # SQL
	sqlite3 -readonly st/store.db "$1"
}

# rows LIST: of its CSV, by another reader, all as long as the head.
rows() {
	wsusferry-list -q -s st --csv "$1" | python3 -c '
import csv, io, sys
rows = list(csv.reader(io.TextIOWrapper(sys.stdin.buffer, "utf-8-sig",
    newline="")))
assert {len(r) for r in rows} == {len(rows[0])}
print(len(rows) - 1)'
}

# same LIST NUMBER: as many in each form, and in the summary.
same() {
	wsusferry-list -q -s st "$1" >text 2>err
	wsusferry-list -s st --json "$1" >json 2>>err
	[ "$(wc -l <text)" = "$2" ] && [ "$(rows "$1" 2>>err)" = "$2" ] &&
	    [ "$(jq -s 'length - 1' json)" = "$2" ] &&
	    [ "$(tail -n 1 json | jq -r '"\(.type) \(.count)"')" = \
		"summary $2" ]
	ok "$1: text, CSV and JSON have $2" $?
}

run 0 gencatalogue --seed 11 --revisions 600 --doc-bytes 3000 \
    --payload-files 30 --missing-files 3 --payload-bytes 3000000 --out gen
run 10 wsusferry-import -q -s st --unsigned --content gen/WsusContent \
    gen/wsusexport.cab
ok "a store is made, with files missing" $?
chmod -R a-w st
# Another reader of the database, not ours, writes its -shm.
find st ! -name '*-shm' -printf '%p %m %s %T@\n' | sort >before

same updates "$(count 'SELECT count(DISTINCT id) FROM revision
    WHERE type IN (1, 2)')"
same categories "$(count 'SELECT count(DISTINCT id) FROM revision
    WHERE type = 3')"
same files "$(count 'SELECT count(*) FROM file')"
same transfers 1

run 0 wsusferry-list -q -s st --json --all-revisions updates
[ "$(jq -s 'length - 1' out)" = "$(count 'SELECT count(*) FROM revision
    WHERE type IN (1, 2)')" ] && [ "$(jq -r 'select(.state == "older") |
    .id' out | wc -l)" -gt 0 ]
ok "every revision, the older ones marked" $?
wsusferry-list -q -s st --json updates | jq -r '.state // empty' |
    sort | uniq -c >out
says out superseded && says out expired && says out newest &&
    ! says out older
ok "states of the newest revisions" $?
want=$(count 'SELECT count(DISTINCT r.id) FROM revision r WHERE
    r.type IN (1, 2) AND NOT r.expired AND NOT EXISTS (SELECT 1 FROM revision
    n WHERE n.id = r.id AND n.revision > r.revision) AND r.id IN (SELECT x.id
    FROM superseded x JOIN revision s ON s.row = x.rev WHERE s.id <> x.id AND
    NOT EXISTS (SELECT 1 FROM revision n WHERE n.id = s.id AND
    n.revision > s.revision))')
[ "$(sed -n 's/ *\([0-9]*\) superseded/\1/p' out)" = "$want" ]
ok "as many superseded as the documents say: $want" $?
wsusferry-list -q -s st --json categories |
    jq -r 'select(.kind == "Product") | .title + "\t\(.updates)"' |
    sort >want
wsusferry-list -q -s st --json updates |
    jq -r '.products // [] | .[]' | sort | uniq -c |
    awk '{ n = $1; sub(/^ *[0-9]+ /, ""); print $0 "\t" n }' |
    sort >is
grep -v "$(printf '\t')0\$" want | cmp - is >err 2>&1
ok "products count the updates that name them" $?
wsusferry-list -q -s st --json categories | jq -r 'select(.kind ==
    "Product" or .kind == "ProductFamily" or .kind == "Company" or
    .kind == "UpdateClassification") | .id' | sort >want
wsusferry-list -q -s st --policy-lines categories >lines 2>err
grep -v '^#' lines | sed 's/ = .*//' | sort | uniq -c >out
[ "$(grep -c '^#' lines)" = "$(wc -l <want)" ] &&
    [ "$(grep -c ' = ' lines)" = "$(wc -l <want)" ] && says out product &&
    says out classification && says out family
ok "lines for a policy: one for each category that it can name" $?
[ "$(wsusferry-list -q -s st --json files |
    jq -r 'select(.present == false) | .sha1' | wc -l)" = \
    "$(count 'SELECT count(*) FROM file WHERE NOT present')" ]
ok "files that are not there" $?
wsusferry-list -q -s st --csv --absent files | tail -n +2 | cut -d, -f1 >is
count 'SELECT hex(sha1) FROM file WHERE NOT present ORDER BY 1' | cmp - is \
    >err 2>&1 && [ -s is ]
ok "those alone" $?
wsusferry-list -q -s st --json files |
    jq -r 'select(.present) | .sha1 + " \(.size)"' | sort >is
(cd gen/WsusContent && find ./?? -type f -printf '%f %s\n' |
    sed 's/^\([0-9A-F]*\)[^ ]*/\1/' | sort) >want
cmp is want >err 2>&1
ok "files that are there, with their sizes" $?

script -qec "stty cols 80; wsusferry-list -q -v -s st updates" /dev/null \
    </dev/null >out 2>err
python3 -c '
import sys, unicodedata as u
w = lambda c: 0 if u.combining(c) else 1 + (u.east_asian_width(c) in "WF")
n = max(sum(map(w, line.rstrip("\r\n"))) for line in
    open("out", encoding="utf-8", newline="\n"))
sys.exit(n > 80)' 2>>err &&
    says out '...'
ok "at most 80 columns on a terminal" $?

bash -c '. "$1"; cd gen; COMP_WORDS=(wsusferry-list "") COMP_CWORD=1
    _wsusferry; printf "%s\n" "${COMPREPLY[@]}"' - \
    "$root/dist/completion/wsusferry.bash" >out 2>err
[ "$(head -n 4 out | tr '\n' ' ')" = 'updates categories files lacking ' ]
ok "completion offers the lists" $?

run 2 wsusferry-list -s st nonsense && says err 'expected updates'
ok "no such list: 2" $?
run 2 wsusferry-list updates
ok "no store given: 2" $?
run 2 wsusferry-list -s nowhere updates
ok "no store there: 2" $?
run 2 wsusferry-list -s st --csv --json updates
ok "two forms: 2" $?
run 2 wsusferry-list -s st --all-revisions files
ok "--all-revisions with another list: 2" $?
run 2 wsusferry-list -s st --absent updates
ok "--absent with another list: 2" $?
run 2 wsusferry-list -s st --policy-lines updates
ok "--policy-lines with another list: 2" $?
run 2 wsusferry-list -s st --policy-lines --json categories
ok "--policy-lines in another form: 2" $?
if [ -e /dev/full ]; then
	wsusferry-list -q -s st --csv files >/dev/full 2>err
	[ $? = 4 ]
	ok "a full disk: 4" $?
fi
find st ! -name '*-shm' -printf '%p %m %s %T@\n' | sort >after
cmp before after >err 2>&1
ok "listing changed nothing" $?
chmod -R u+w st
sqlite3 st/store.db 'PRAGMA user_version = 99'
run 3 wsusferry-list -s st updates && says err 'schema 99'
ok "a store of a newer program: 3" $?
printf 'no database' >st/store.db
rm -f st/store.db-wal st/store.db-shm
run 3 wsusferry-list -s st updates
ok "a damaged one: 3" $?
finish
