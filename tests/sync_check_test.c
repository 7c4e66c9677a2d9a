/* SPDX-License-Identifier: ISC */
/* Damage to what is known of upstreams is found, and named. */
#include "tests/t.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "tests/store_rig.h"
#include "tests/sync_make.h"

MAKE_IN_MEMORY

/* 1.5 is held, 10.200 in the inbox, 11.100 and 12.1 to be had; one of all. */
static const char *
full_store(void)
{
	struct sync_file f = {.outcome = SYNC_GOT};
	struct sync_anchor a = {.value = "v"};
	const char *dir = t_tmpdir();
	struct sync_run run = {.began = 1};
	struct err e = ERR_INIT;
	struct store *s;
	struct make m;
	int64_t up;

	s = sync_store(dir, &up);
	make_update(&m, 1, 5);
	make_put_ok(s, &m);
	make_update(&m, 10, 200);
	make_bundles(&m, 11, 100);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_EQ(sync_list(s, up, SYNC_LIST, 12, 1), 1);
	T_CALL(sync_anchor_put(s, up, SYNC_LIST, &a, &e), &e);
	T_CALL(sync_listed(s, up, SYNC_LIST, &m.u.id, 200, &e), &e);
	T_CALL(sync_file_put(s, &f, &e), &e);
	T_CALL(sync_key_put(s, f.sha1, "key", 3, &e), &e);
	T_CALL(sync_run_put(s, up, &run, &e), &e);
	T_CALL(sync_url_put(s, up, f.sha1, "http://a/b", &e), &e);
	make_commit(s);
	store_close(s);
	return dir;
}

T_TEST(a_good_store_has_no_faults)
{
	T_STR(rig_faults(full_store(), false, 2), "");
}

#define ONE "(SELECT id FROM revision)"
#define TEN "(SELECT id FROM inbox)"

static const struct {
	const char *sql, *fault;
} damage[] = {
    {"UPDATE upstream SET account = x'01'",
	"store.db: an upstream's account does not have its length, row 1"},
    {"UPDATE anchor SET upstream = 7", "anchors belong to no upstream, row 7"},
    {"UPDATE work SET upstream = 7", "work belongs to no upstream, row 7"},
    {"UPDATE inbox SET upstream = 7",
	"received documents belong to no upstream, row 7"},
    {"UPDATE inbox_url SET upstream = 7",
	"places of files belong to no upstream, row 7"},
    {"UPDATE inbox_url SET sha1 = x'01'",
	"a digest of a file in a place does not have its length, upstream 1"},
    {"UPDATE listed SET upstream = 7",
	"listed revisions belong to no upstream, row 7"},
    {"UPDATE run SET upstream = 7", "runs belong to no upstream, row 7"},
    {"UPDATE anchor SET filter = x'01'",
	"an anchor's filter does not have its length, upstream 1"},
    {"UPDATE anchor SET pending_filter = x'01'",
	"an anchor's filter does not have its length, upstream 1"},
    {"UPDATE anchor SET kind = 3",
	"an anchor's filter does not have its length, upstream 1"},
    {"UPDATE work SET id = x'01' WHERE kind = 2",
	"a column of its work does not have its length or range"},
    {"UPDATE work SET kind = 4 WHERE kind = 2",
	"revision 1: a column of its work does not have its length or range"},
    {"UPDATE work SET state = 3 WHERE kind = 2",
	"revision 1: a column of its work does not have its length or range"},
    {"UPDATE work SET revision = -1 WHERE kind = 2",
	"a column of its work does not have its length or range"},
    {"INSERT INTO work SELECT upstream, 1, id, revision, 1, 0, 0, ''"
     " FROM work WHERE kind = 2",
	"revision 1: it is work of two kinds"},
    {"INSERT INTO work VALUES (1, 2, " ONE ", 5, 1, 0, 0, '')",
	"revision 5: it is still to be fetched, and held"},
    {"INSERT INTO work VALUES (1, 3, " ONE ", 0, 1, 0, 0, '')",
	"revision 0: it is still to be fetched, and held"},
    {"INSERT INTO work VALUES (1, 2, " TEN ", 200, 1, 0, 0, '')",
	"revision 200: it is still to be fetched, and was received"},
    {"INSERT INTO work VALUES (1, 3, " TEN ", 0, 1, 0, 0, '')",
	"revision 0: it is still to be fetched, and was received"},
    {"UPDATE inbox SET id = x'01'",
	"a column of its received document does not have its length"},
    {"UPDATE inbox SET kind = 0",
	"revision 200: a column of its received document does not have its "
	"length or range"},
    {"UPDATE inbox SET sha256 = x'01'",
	"revision 200: a column of its received document does not have its "
	"length or range"},
    {"UPDATE inbox SET bytes = 134217729",
	"revision 200: a column of its received document does not have its "
	"length or range"},
    {"INSERT INTO inbox SELECT NULL, upstream, 1, id, revision, sha256,"
     " bytes, units, encoding, packed, files FROM inbox",
	"revision 200: it was received twice"},
    {"UPDATE listed SET id = x'01'",
	"a column of its listing does not have its length or range"},
    {"UPDATE listed SET kind = 3",
	"revision 200: a column of its listing does not have its length or "
	"range"},
    {"UPDATE fetch_file SET outcome = 6",
	"a digest of a download does not have its length, outcome 6"},
    {"UPDATE fetch_file SET sha1 = x'01'",
	"a digest of a download does not have its length, outcome 1"},
    {"UPDATE file_key SET sha1 = x'01'",
	"a digest or key of an encrypted file does not have its length, "
	"bytes 3"},
    {"UPDATE file_key SET key = zeroblob(4097)",
	"a digest or key of an encrypted file does not have its length, "
	"bytes 4097"},
    {"UPDATE inbox SET packed = x'0102'",
	"revision 200: received: document does not unpack"},
    {"UPDATE inbox SET bytes = bytes + 1",
	"revision 200: received: document has 16 bytes, expected 17"},
    {"UPDATE inbox SET sha256 = zeroblob(32)",
	"revision 200: received: document's sha256 is"},
};

T_TEST(every_kind_of_damage_is_named)
{
	size_t i;

	for (i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		const char *dir = full_store(), *text;

		rig_sql(dir, damage[i].sql);
		text = rig_faults(dir, false, 2);
		if (strstr(text, damage[i].fault) == NULL)
			t_fail(__FILE__, __LINE__, "%s: '%s', not '%s'",
			    damage[i].sql, text, damage[i].fault);
	}
}

static struct make_notes seen;

static int
see_damaged(void *arg, const struct sync_arrived *a, struct err *e)
{
	struct buf doc = BUF_INIT;
	int r = sync_doc(arg, a, &doc, e);

	make_note(&seen, "%u.%" PRIu32 " %s %s;", sync_number(&a->id),
	    a->revision, r == -1 ? "-" : "here", e->msg);
	err_clear(e);
	buf_free(&doc);
	return 0;
}

/* It is told which document is damaged, and how; then it is to do again. */
T_TEST(a_damaged_document_is_asked_for_again)
{
	static const struct {
		const char *sql, *says;
	} rows[] = {
	    {"UPDATE inbox SET sha256 = zeroblob(32)",
		"10.200 - document's sha256 is"},
	    {"UPDATE inbox SET sha256 = x'00'",
		"10.200 - document's sha256 is"},
	    {"UPDATE inbox SET packed = zeroblob(20)",
		"10.200 - document does not unpack"},
	    {"UPDATE inbox SET packed = x''",
		"10.200 - document has 0 bytes, expected 16"},
	    {"UPDATE inbox SET bytes = 7", "10.200 - document does not unpack"},
	    {"UPDATE inbox SET bytes = -1", "10.200 - document of "},
	};
	struct guid id = make_guid(10);
	struct err e = ERR_INIT;
	struct store *s;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *dir = full_store();

		rig_sql(dir, rows[i].sql);
		T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
		T_CALL(store_accept(s, NULL, &e), &e);
		T_CALL(store_begin(s, &e), &e);
		seen.text[0] = '\0';
		T_CALL(sync_each_arrived(s, see_damaged, s, &e), &e);
		if (strncmp(seen.text, rows[i].says, strlen(rows[i].says)) != 0)
			t_fail(__FILE__, __LINE__, "%s: '%s', not '%s'",
			    rows[i].sql, seen.text, rows[i].says);
		T_CALL(sync_arrive_again(s, &id, 200, &e), &e);
		T_STR(sync_todos(s, 1),
		    "2 10.200 tries 0;2 12.1 tries 0;3 11.100 tries 0;");
		T_STR(sync_counted(s, 1),
		    "todo 3 tried 0 unavailable 0 inbox 0 of 0 bytes");
		store_close(s);
	}
}

T_MAIN
