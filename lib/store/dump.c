/* SPDX-License-Identifier: ISC */
/*
 * A dump is a list of queries whose rows hold no row number, no time and not
 * the store's identity: revisions in arrival order, the rest in an order of
 * its own.
 */
#include "lib/store/dump.h"

#include "lib/base/enc.h"
#include "lib/base/sink.h"
#include "lib/store/store_db.h"

#define OF_REV_IF(table, columns, cond, order)                                 \
	"SELECT r.id, r.revision, " columns " FROM " table " t"                \
	" JOIN revision r ON r.row = t.rev"                                    \
	" WHERE t.rev BETWEEN ?1 AND ?2" cond " ORDER BY t.rev" order
#define OF_REV(table, columns, order) OF_REV_IF(table, columns, "", order)
#define FILE_COLUMNS                                                           \
	"t.n, (SELECT sha1 FROM file WHERE row = t.file), t.name,"             \
	" t.encrypted, t.patching, t.modified"

#define LEDGER_RANK "(SELECT count(*) FROM ledger l WHERE l.row <= t.ledger)"

const struct dump_part dump_parts[] = {
    {"arrival",
	"SELECT id, revision, encoding_seen, state,"
	" (SELECT count(*) FROM ledger WHERE row <= transfer) FROM revision"
	" WHERE row BETWEEN ?1 AND ?2 ORDER BY row",
	true, false},
    {"revision",
	"SELECT id, revision, sha256, bytes, units, type, category, expired,"
	" deployable, secured, mandatory, beta, created, lang, title,"
	" severity, protocol, handler, eula, max_download, langs FROM revision"
	" WHERE row BETWEEN ?1 AND ?2 ORDER BY row",
	true, true},
    /* Older schemas keep those of other revisions, too. */
    {"titles", OF_REV_IF("title", "t.titles", " AND r.type = 3", ""), true,
	true},
    {"word", OF_REV("word", "t.kind, t.n, t.value", ", t.kind, t.n"), true,
	true},
    {"prerequisite",
	OF_REV("prereq", "t.n, t.grp, t.any, t.is_category, t.id", ", t.n"),
	true, true},
    {"bundled",
	OF_REV("bundle", "t.n, t.grp, t.any, t.id, t.revision", ", t.n"), true,
	true},
    {"superseded", OF_REV("superseded", "t.n, t.id", ", t.n"), true, true},
    {"revision-file",
	OF_REV_IF(
	    "rev_file", FILE_COLUMNS, " AND t.n < " STORE_EXTRA_TEXT, ", t.n"),
	true, true},
    {"extra-file",
	OF_REV_IF(
	    "rev_file", FILE_COLUMNS, " AND t.n >= " STORE_EXTRA_TEXT, ", t.n"),
	true, false},
    {"category",
	OF_REV("rev_category",
	    "t.kind, t.n, (SELECT id FROM revision WHERE row = t.category)",
	    ", t.kind, t.n"),
	true, false},
    {"shown",
	"SELECT r.id, r.revision, t.superseded, t.top FROM shown t"
	" JOIN revision r ON r.row = t.row WHERE t.row BETWEEN ?1 AND ?2"
	" ORDER BY t.row",
	true, false},
    {"file",
	"SELECT sha1, size, declared,"
	" CASE WHEN present THEN coalesce(measured, declared) END, ext, name,"
	" present FROM file ORDER BY sha1",
	false, false},
    {"url",
	"SELECT f.sha1, u.url, u.source FROM file f JOIN url u"
	" ON u.file = f.row ORDER BY f.sha1, u.row",
	false, false},
    {"missing",
	"SELECT id, revision, wanted_by FROM missing ORDER BY id, revision",
	false, false},
    {"lacking",
	"SELECT r.id, r.revision, t.part, t.n, t.any, t.id, t.revision"
	" FROM lacking t JOIN revision r ON r.row = t.rev"
	" ORDER BY t.part, t.rev, t.n",
	false, false},
    {"left-out", "SELECT sha1 FROM left_out ORDER BY sha1", false, false},
    {"state", "SELECT line FROM state ORDER BY line", false, false},
    {"ledger",
	"SELECT kind, state, site, destination, sequence, base, selection,"
	" tag, signer, place, revisions, files, bytes FROM ledger"
	" ORDER BY row",
	false, false},
    {"ledger-note",
	"SELECT " LEDGER_RANK ", target, reason, gate, head FROM ledger_note t"
	" WHERE target || reason || gate <> '' OR head IS NOT NULL"
	" ORDER BY ledger",
	false, false},
    {"carried",
	"SELECT " LEDGER_RANK ", kind, runs FROM carried t"
	" ORDER BY ledger, kind",
	false, false},
    {"event",
	"SELECT kind, " LEDGER_RANK ", sequence, text FROM event t"
	" ORDER BY row",
	false, false},
    {"destination",
	"SELECT name, store, key, base FROM destination ORDER BY name", false,
	false},
    {"acknowledged",
	"SELECT d.name, a.kind, a.runs FROM acknowledged a"
	" JOIN destination d ON d.row = a.destination ORDER BY d.name, a.kind",
	false, false},
    {"receipt",
	"SELECT kind, number, sequence, " LEDGER_RANK " FROM receipt t"
	" ORDER BY row",
	false, false},
    {"withdrawn", "SELECT id, revision FROM withdrawn ORDER BY id, revision",
	false, false},
    /* Of upstreams nothing more than what a run has left unfinished. */
    {"unfinished",
	"SELECT i, w FROM (SELECT (SELECT count(*) FROM inbox) AS i,"
	" (SELECT count(*) FROM work WHERE state = 1 AND revision > 0) AS w)"
	" WHERE i > 0 OR w > 0",
	false, false},
};
const unsigned dump_nparts = sizeof(dump_parts) / sizeof(dump_parts[0]);
_Static_assert(sizeof(dump_parts) / sizeof(dump_parts[0]) <= STORE_PARTS_MAX,
    "a place for each statement");

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c != 0x7f && c != '"' && c != '\\';
}

static int
put_text(struct buf *b, const char *s, size_t n, struct err *e)
{
	char escaped[5] = "\\x";
	size_t i = 0, from;

	if (buf_put(b, " \"", 2, e) == -1)
		return -1;
	while (i < n) {
		for (from = i; i < n && is_plain((unsigned char)s[i]); i++)
			continue;
		if (buf_put(b, s + from, i - from, e) == -1)
			return -1;
		if (i == n)
			break;
		hex_lower(escaped + 2, (const uint8_t *)&s[i++], 1);
		if (buf_put(b, escaped, 4, e) == -1)
			return -1;
	}
	return buf_put(b, "\"", 1, e);
}

static int
put_int(struct buf *b, int64_t v, struct err *e)
{
	uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;
	char text[24], *at = text + sizeof(text);

	do {
		*--at = (char)('0' + left % 10);
		left /= 10;
	} while (left != 0);
	if (v < 0)
		*--at = '-';
	*--at = ' ';
	return buf_put(b, at, (size_t)(text + sizeof(text) - at), e);
}

static int
put_blob(struct buf *b, const uint8_t *p, size_t n, struct err *e)
{
	uint8_t *to = buf_reserve(b, 1 + 2 * n + 1, e);

	if (to == NULL)
		return -1;
	to[0] = ' ';
	hex_lower((char *)to + 1, p, n);
	b->len += 1 + 2 * n;
	return 0;
}

static int
put_column(struct buf *b, struct query *q, int col, struct err *e)
{
	switch (sqlite3_column_type(q->st, col)) {
	case SQLITE_NULL:
		return buf_put(b, " -", 2, e);
	case SQLITE_INTEGER:
		return put_int(b, sqlite3_column_int64(q->st, col), e);
	case SQLITE_BLOB:
		return put_blob(b, sqlite3_column_blob(q->st, col),
		    (size_t)sqlite3_column_bytes(q->st, col), e);
	default:
		return put_text(b, query_get_text(q, col),
		    (size_t)sqlite3_column_bytes(q->st, col), e);
	}
}

static int
put_row(struct buf *b, struct query *q, const char *name, struct err *e)
{
	int i, n = sqlite3_column_count(q->st);

	buf_reset(b);
	if (buf_puts(b, name, e) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (put_column(b, q, i, e) == -1)
			return -1;
	return buf_put(b, "\n", 1, e);
}

int
dump_write(struct store *s, const struct dump_part *p, int64_t from, int64_t to,
    struct sink *sink, struct err *e)
{
	struct buf line = BUF_INIT;
	struct query q;
	int r;

	if (query_keep(&q, s, &s->parts[p - dump_parts], p->sql, e) == -1)
		return -1;
	if (p->of_rev) {
		query_int(&q, from);
		query_int(&q, to);
	}
	while ((r = query_step(&q, e)) == 1)
		if (put_row(&line, &q, p->name, e) == -1 ||
		    sink_write(sink, line.p, line.len, e) == -1) {
			r = -1;
			break;
		}
	query_close(&q);
	buf_free(&line);
	return r;
}

int
dump_store(struct store *s, struct sink *to, struct err *e)
{
	unsigned i;

	for (i = 0; i < dump_nparts; i++)
		if (dump_write(
			s, &dump_parts[i], INT64_MIN, INT64_MAX, to, e) == -1)
			return err_ctx(e, "dump of '%s'", dump_parts[i].name);
	return 0;
}
