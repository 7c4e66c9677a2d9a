/* SPDX-License-Identifier: ISC */
/* Checks of what the store knows of upstreams. */
#include "lib/store/check.h"

#include "lib/store/docs_out.h"
#include "lib/store/store_db.h"
#include "lib/store/sync.h"

#define STRAYS(table)                                                          \
	"SELECT NULL, NULL, t.upstream FROM " table                            \
	" t LEFT JOIN upstream u ON u.row = t.upstream WHERE u.row IS NULL"    \
	" GROUP BY t.upstream"

static const struct check_rule rules[] = {
    {"an upstream's account does not have its length, row",
	"SELECT NULL, NULL, row FROM upstream WHERE length(account) <> 16"},
    {"anchors belong to no upstream, row", STRAYS("anchor")},
    {"work belongs to no upstream, row", STRAYS("work")},
    {"received documents belong to no upstream, row", STRAYS("inbox")},
    {"places of files belong to no upstream, row", STRAYS("inbox_url")},
    {"listed revisions belong to no upstream, row", STRAYS("listed")},
    {"runs belong to no upstream, row", STRAYS("run")},
    {"an anchor's filter does not have its length, upstream",
	"SELECT NULL, NULL, upstream FROM anchor WHERE length(filter) <> 32"
	" OR length(pending_filter) <> 32 OR kind NOT IN (1, 2)"},
    {"a column of its work does not have its length or range",
	"SELECT id, revision FROM work WHERE length(id) <> 16"
	" OR kind NOT BETWEEN 1 AND 3 OR state NOT IN (1, 2)"
	" OR revision NOT BETWEEN 0 AND 4294967295"},
    {"it is work of two kinds",
	"SELECT id, revision FROM work GROUP BY upstream, id, revision"
	" HAVING count(*) > 1"},
    {"it is still to be fetched, and held",
	"SELECT id, revision FROM work w WHERE EXISTS (SELECT 1"
	" FROM revision r WHERE r.id = w.id AND (w.revision = 0"
	" OR r.revision = w.revision))"},
    {"it is still to be fetched, and was received",
	"SELECT w.id, w.revision FROM work w JOIN inbox i"
	" ON i.kind IN (1, 2, 3) AND i.id = w.id AND (w.revision = 0"
	" OR i.revision = w.revision)"},
    {"a column of its received document does not have its length or range",
	"SELECT id, revision FROM inbox WHERE length(id) <> 16"
	" OR length(sha256) <> 32 OR kind NOT BETWEEN 1 AND 3"
	" OR bytes NOT BETWEEN 0 AND 134217728"},
    {"it was received twice",
	"SELECT id, revision FROM inbox GROUP BY id, revision"
	" HAVING count(*) > 1"},
    {"a column of its listing does not have its length or range",
	"SELECT id, revision FROM listed WHERE length(id) <> 16"
	" OR kind NOT IN (1, 2)"},
    {"a digest of a file in a place does not have its length, upstream",
	"SELECT NULL, NULL, upstream FROM inbox_url WHERE length(sha1) <> 20"},
    {"a digest of a download does not have its length, outcome",
	"SELECT NULL, NULL, outcome FROM fetch_file WHERE length(sha1) <> 20"
	" OR outcome NOT BETWEEN 1 AND 5"},
    {"a digest or key of an encrypted file does not have its length, bytes",
	"SELECT NULL, NULL, length(key) FROM file_key"
	" WHERE length(sha1) <> 20 OR length(key) > 4096"},
};
_Static_assert(SYNC_DOC_MAX == 134217728 && SYNC_KEY_MAX == 4096,
    "the limits in the rules");

static int
tell_arrived(void *arg, struct docs_out_batch *b, struct err *e)
{
	struct check *c = arg;
	char what[CHECK_NAME_MAX];

	for (size_t i = 0; i < b->n; i++) {
		const struct docs_out_item *it = &b->items[i];

		if (it->err.kind == E_NONE)
			continue;
		*e = it->err;
		(void)err_ctx(e, "received");
		check_name(what, &it->id, it->revision);
		if (check_err(c, what, e) == -1)
			return -1;
	}
	return 0;
}

/* The row that the query stands on. */
static int
give_arrived(struct docs_out *d, struct query *q, struct err *e)
{
	const void *packed = sqlite3_column_blob(q->st, 6);
	struct docs_out_item it = {
	    .revision = (uint32_t)sqlite3_column_int64(q->st, 1),
	    .bytes = (uint64_t)sqlite3_column_int64(q->st, 3),
	    .len = (size_t)sqlite3_column_bytes(q->st, 6),
	    .err = ERR_INIT};

	(void)query_get_blob(q, 0, it.id.b, sizeof(it.id.b));
	(void)query_get_blob(q, 2, it.sha256, SHA256_LEN);
	it.dict = store_packed_dict(packed, it.len);
	return docs_out_give(d, &it, packed, e);
}

static int
check_arrived(struct check *c, unsigned jobs, struct err *e)
{
	const struct docs_out_how how = {
	    .jobs = jobs, .done = tell_arrived, .arg = c};
	struct docs_out *docs = NULL;
	struct query q;
	int r = -1;

	if (docs_out_open(&docs, c->s, &how, e) == -1 ||
	    query_open(&q, c->s, SQL_EACH_INBOX, e) == -1)
		goto out;
	for (r = 0; query_each(&q, &r, e);)
		r = give_arrived(docs, &q, e);
	if (r == 0)
		r = docs_out_flush(docs, e);
out:
	docs_out_close(docs);
	return r;
}

int
sync_check(struct check *c, unsigned jobs, struct err *e)
{
	if (check_rules(c, rules, sizeof(rules) / sizeof(rules[0]), e) == -1)
		return -1;
	return check_arrived(c, jobs, e);
}
