#!/bin/sh
# SPDX-License-Identifier: ISC
# What an upstream says beyond the documents: files that only its lists name,
# through a transfer into another store; the languages that it has.
set -u
. "$(dirname "$0")/common"
. "$root/tests/e2e/upstream_common"

fetch() { # STATUS OPTION ...: into the store "down"
	want=$1
	shift
	run "$want" timeout 60 wsusferry-fetch -s down --upstream "$up_base" \
	    --account-name t.example.org --retry-wait 20 --tries 2 -p policy "$@"
}

sql() { # STORE QUERY
	sqlite3 -readonly "$1/store.db" "$2"
}

holds() { # STORE: the file, with its name, and as the revision's
	[ "$(cat "$1/WsusContent/$where" 2>&1)" = "a licence" ] &&
	    [ "$(sql "$1" "SELECT lower(hex(r.id)), r.revision FROM revision r
		JOIN rev_file l ON l.rev = r.row JOIN file f ON f.row = l.file
		WHERE f.sha1 = x'$sha' AND f.present AND f.ext = 'txt'")" = \
		"$of" ]
}

# One more file of a revision, of which its document knows nothing.
up_store up --seed 5 --revisions 60 --doc-bytes 3000 --payload-files 6 \
    --payload-bytes 60000
ok "a catalogue" $?
printf 'a licence' >licence
sha=$(sha1sum licence | cut -c 1-40 | tr a-f A-F)
where=$(echo "$sha" | cut -c 39-40)/$sha.txt
mkdir -p "up/WsusContent/${where%/*}" && cp licence "up/WsusContent/$where"
row=$(sql up "SELECT max(row) FROM revision r WHERE type = 1 AND NOT expired
    AND deployable AND NOT EXISTS (SELECT 1 FROM revision n
    WHERE n.id = r.id AND n.revision > r.revision)")
of=$(sql up "SELECT lower(hex(id)), revision FROM revision WHERE row = $row")
sqlite3 up/store.db "INSERT INTO file VALUES (NULL, x'$sha', 9, NULL,
    x'$(sha256sum licence | cut -c 1-64)', 'txt', 'l.txt', 1);
    INSERT INTO url VALUES (NULL, last_insert_rowid(), 'http://u/', 'x');
    INSERT INTO rev_file SELECT $row, 1048576, row, 'l.txt', 0, NULL, NULL
    FROM file WHERE sha1 = x'$sha';
    UPDATE rev_file SET encrypted = 1 WHERE n < 1048576" >out 2>err
ok "whose upstream lists a file that no document names" $?
up_start 0 --store up
ok "an upstream" $?
printf 'superseded = yes\ndrivers = yes\nlanguage = en\nlanguage = tr\n' >policy

fetch 10 --metadata-only
ok "metadata, and the payload that is wanted is missed" $?
check "a language that is not enabled there is told" says err \
    "asks for language 'tr', which is not enabled there; those are: en"
check "and one that is is not" [ "$(grep -c 'asks for language' err)" = 1 ]
check "its languages are kept" \
    [ "$(sql down 'SELECT languages FROM upstream')" = en ]
check "the file is listed" \
    [ "$(sql down "SELECT count(*) FROM file WHERE sha1 = x'$sha'")" = 1 ]
run 0 wsusferry-key new --out one.key
mkdir bare stick again
run 10 wsusferry-export -q -s down --sign-key one.key --to bare &&
    run 10 wsusferry-verify -v --trusted-keys one.pub bare/wsusferry-* &&
    cat out err >all && says all "'$sha.txt' ($sha) is named and not here"
ok "a transfer without the file is told to lack it" $?
run 10 wsusferry-import -v -s lacks --trusted-keys one.pub bare/wsusferry-* &&
    cat out err >all && says all "'$sha.txt' ($sha) is named and not here"
ok "by an import, too" $?
printf 'superseded = yes\ndrivers = yes\n' >policy
fetch 0 --json
ok "payload" $?
[ "$(tail -n 1 out | jq -c .languages)" = '["en"]' ]
ok "the summary has the languages" $?
check "the file came, and is the revision's" holds down
check "by its place at the upstream" \
    [ "$(up_count "^Content 200.*${sha}")" -ge 1 ]
run 0 wsusferry-verify -q --rebuild-check down
ok "and what is derived is still what the documents say" $?

run 0 wsusferry-export -q -s down --sign-key one.key --to stick
ok "it is exported" $?
bag=$(echo stick/wsusferry-*)
grep -q "\"t\":\"file\",\"sha1\":\"$sha\",\"name\":\"$sha.txt\",\"id\":\"$(guid \
    "${of%|*}")\",\"revision\":${of#*|}}" "$bag/data/state.jsonl"
ok "state.jsonl says whose it is" $?
run 0 wsusferry-verify -q --trusted-keys one.pub "$bag"
ok "the transfer is good" $?
run 0 wsusferry-import -q -s far --trusted-keys one.pub "$bag"
ok "and goes into another store" $?
check "which has the file" holds far
run 0 wsusferry-verify -q --rebuild-check far
ok "and is sound" $?
[ "$(sql far "SELECT count(*) FROM state WHERE line LIKE '%\"file\"%'")" = 0 ]
ok "nothing of it is left unread" $?
run 0 wsusferry-export -q -s far --sign-key one.key --to again &&
    cmp "$bag/data/state.jsonl" again/wsusferry-*/data/state.jsonl >out 2>&1
ok "and passes it on" $?

# Its bytes are lost on the way: that is told as it is for any other.
mv "down/WsusContent/$where" kept
fetch 0 --content-only
check "a lost one is fetched again" holds down

# Keys of encrypted files: one revision that the upstream does not know costs
# the others nothing.
sqlite3 down/store.db 'UPDATE rev_file SET encrypted = 1 WHERE n < 1048576
    AND rev IN (SELECT max(rev) FROM rev_file GROUP BY file)'
keys() { # of encrypted files, how many it has, and has not
	sql down "SELECT sum(sha1 IN (SELECT sha1 FROM file_key WHERE key <> x'')),
	    sum(sha1 NOT IN (SELECT sha1 FROM file_key WHERE key <> x''))
	    FROM file WHERE row IN (SELECT file FROM rev_file WHERE encrypted)"
}
gone=$(sql down "SELECT lower(hex(r.id)) || '.' || r.revision FROM revision r
    JOIN rev_file l ON l.rev = r.row WHERE l.encrypted ORDER BY r.row LIMIT 1")
up_modes "GetUpdateDecryptionData poison $(guid "${gone%.*}").${gone#*.}"
fetch 0 -v --metadata-only
check "keys of all but one" [ "$(keys)" = "5|1" ]
check "in few calls" [ "$(up_count ^GetUpdateDecryption)" -le 12 ]
up_modes
fetch 0 -v --metadata-only
check "that one is not asked for by a run for what changed" \
    [ "$(keys)" = "5|1" ]
fetch 0 -v --metadata-only --full
check "that one's by the next full run" [ "$(keys)" = "6|0" ]
key=$(sql down 'SELECT hex(key) FROM file_key LIMIT 1' | xxd -r -p | base64)
check "a key is in no log" [ "$(cat down/fetch.log out err | grep -c "$key" |
    tr -d '\n')$(echo "$key" | wc -c)" = 045 ]
fetch 0 -v --metadata-only
check "and none is asked for twice" [ "$(up_count ^GetUpdateDecryption)" = 1 ]
up_modes 'GetUpdateDecryptionData fault-bare'
sqlite3 down/store.db 'DELETE FROM file_key'
fetch 0 -v --metadata-only
check "an upstream without such a call is asked once" \
    [ "$(up_count ^GetUpdateDecryption)" = 1 ]
up_modes
printf 'express = yes\n' >policy
fetch 0 --metadata-only
check "express files, of which it has none" says err \
    'asks for express files, and the upstream says that it has none'
up_stop
finish
