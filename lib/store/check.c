/* SPDX-License-Identifier: ISC */
/* What can be checked inside the database; every fault is listed. */
#include "lib/store/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

#include "lib/base/stop.h"
#include "lib/store/store_db.h"

#define ORPHANS(table)                                                         \
	"SELECT NULL, NULL, t.rev FROM " table " t LEFT JOIN revision r"       \
	" ON r.row = t.rev WHERE r.row IS NULL GROUP BY t.rev"

static const struct check_rule rules[] = {
    {"it has no document",
	"SELECT r.id, r.revision FROM revision r LEFT JOIN document d"
	" ON d.row = r.row WHERE d.row IS NULL"},
    {"a document belongs to no revision, row",
	"SELECT NULL, NULL, d.row FROM document d LEFT JOIN revision r"
	" ON r.row = d.row WHERE r.row IS NULL"},
    {"a column does not have its length or range",
	"SELECT id, revision FROM revision WHERE length(id) <> 16"
	" OR length(sha256) <> 32 OR type NOT BETWEEN 1 AND 4"
	" OR category NOT BETWEEN 0 AND 5"},
    {"a digest of a file does not have its length, row",
	"SELECT NULL, NULL, row FROM file WHERE length(sha1) <> 20"
	" OR length(declared) <> 32 OR length(measured) <> 32"},
    {"a present file has no size or no measured sha256, row",
	"SELECT NULL, NULL, row FROM file WHERE present"
	" AND (size IS NULL OR coalesce(measured, declared) IS NULL)"},
    {"titles belong to no revision, row", ORPHANS("title")},
    {"words belong to no revision, row", ORPHANS("word")},
    {"prerequisites belong to no revision, row", ORPHANS("prereq")},
    {"bundled updates belong to no revision, row", ORPHANS("bundle")},
    {"superseded updates belong to no revision, row", ORPHANS("superseded")},
    {"files belong to no revision, row", ORPHANS("rev_file")},
    {"categories belong to no revision, row", ORPHANS("rev_category")},
    {"a file that it names has no row",
	"SELECT r.id, r.revision FROM rev_file l JOIN revision r"
	" ON r.row = l.rev LEFT JOIN file f ON f.row = l.file"
	" WHERE f.row IS NULL"},
    {"a category that it is filed under has no row",
	"SELECT r.id, r.revision FROM rev_category l JOIN revision r"
	" ON r.row = l.rev LEFT JOIN revision c ON c.row = l.category"
	" WHERE c.row IS NULL"},
    {"the categories that it is filed under are not numbered from 0",
	"SELECT r.id, r.revision FROM rev_category l JOIN revision r"
	" ON r.row = l.rev GROUP BY l.rev, l.kind"
	" HAVING min(l.n) <> 0 OR max(l.n) <> count(*) - 1"},
    {"the date that pages order it by is not that of its document",
	"SELECT r.id, r.revision FROM shown s JOIN revision r"
	" ON r.row = s.row WHERE s.top <> ifnull(r.created, '')"},
    {"it keeps titles in other languages, and is no category",
	"SELECT r.id, r.revision FROM title t JOIN revision r"
	" ON r.row = t.rev WHERE r.type <> 3"
	" AND (SELECT user_version FROM pragma_user_version) >= 5"},
    {"a source belongs to no file, row",
	"SELECT NULL, NULL, u.row FROM url u LEFT JOIN file f"
	" ON f.row = u.file WHERE f.row IS NULL"},
    /* Invariant 3. */
    {"a prerequisite is neither held nor listed as missing:",
	"SELECT r.id, r.revision, p.id FROM prereq p JOIN revision r"
	" ON r.row = p.rev WHERE NOT EXISTS (SELECT 1 FROM revision n"
	" WHERE n.id = p.id) AND NOT EXISTS (SELECT 1 FROM missing m"
	" WHERE m.id = p.id AND m.revision = 0)"},
    {"a bundled update is neither held nor listed as missing:",
	"SELECT r.id, r.revision, b.id FROM bundle b JOIN revision r"
	" ON r.row = b.rev WHERE NOT EXISTS (SELECT 1 FROM revision n"
	" WHERE n.id = b.id AND n.revision = b.revision)"
	" AND NOT EXISTS (SELECT 1 FROM missing m"
	" WHERE m.id = b.id AND m.revision = b.revision)"},
    {"it is listed as missing, and held",
	"SELECT id, revision FROM missing m WHERE EXISTS (SELECT 1"
	" FROM revision n WHERE n.id = m.id"
	" AND (m.revision = 0 OR n.revision = m.revision))"},
    /* Invariant 4. */
    {"it came with a transfer that is not recorded as imported, ledger row",
	"SELECT id, revision, transfer FROM revision WHERE transfer <> 0"
	" AND transfer NOT IN (SELECT row FROM ledger WHERE kind IN (2, 3, 4)"
	" AND state = 3)"},
};

int
check_bad(struct check *c, const char *what, enum err_kind k, struct err *e,
    const char *fmt, ...)
{
	struct err fault = ERR_INIT;
	char text[ERR_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&fault, k, "%s", text);
	return c->bad(c->arg, what, &fault, e);
}

int
check_err(struct check *c, const char *what, struct err *e)
{
	struct err fault = *e;

	switch (fault.kind) {
	case E_FORMAT:
	case E_LIMIT:
	case E_DIGEST:
	case E_MISSING:
		err_clear(e);
		return c->bad(c->arg, what, &fault, e);
	default:
		return -1;
	}
}

void
check_name(char to[CHECK_NAME_MAX], const struct guid *id, uint32_t revision)
{
	char text[GUID_LEN + 1];

	guid_write(text, id);
	snprintf(
	    to, CHECK_NAME_MAX, "update %s revision %" PRIu32, text, revision);
}

/*
 * To SQLite a page that the device does not give is one more bad page, told in
 * several ways; a log that is not there is none.
 */
static int
bad_page(struct check *c, const char *row, struct err *e)
{
	int failed = store_vfs_errno();

	if (failed == 0 || failed == ENOENT)
		return check_bad(c, STORE_DB, E_FORMAT, e, "%s", row);
	errno = failed;
	return err_sys(e, "%s: reading its pages", STORE_DB);
}

static int
check_pages(struct check *c, struct err *e)
{
	struct query q;
	int r;

	(void)store_vfs_errno(); /* of what was before */
	if (query_text(&q, c->s, "PRAGMA integrity_check", e) == -1)
		return -1;
	while ((r = query_step(&q, e)) == 1)
		if (strcmp(query_get_text(&q, 0), "ok") != 0 &&
		    bad_page(c, query_get_text(&q, 0), e) == -1) {
			r = -1;
			break;
		}
	query_close(&q);
	return r;
}

/* What comes after the two columns of the subject. */
static void
values(struct query *q, char *to, size_t room)
{
	struct guid id;
	char text[GUID_LEN + 1];

	to[0] = '\0';
	if (sqlite3_column_count(q->st) < 3)
		return;
	if (query_get_blob(q, 2, id.b, sizeof(id.b))) {
		guid_write(text, &id);
		snprintf(to, room, " %s", text);
	} else {
		snprintf(to, room, " %" PRId64,
		    (int64_t)sqlite3_column_int64(q->st, 2));
	}
}

static int
check_rule(struct check *c, const struct check_rule *rule, struct err *e)
{
	char what[CHECK_NAME_MAX], rest[64];
	struct guid id;
	struct query q;
	int r = query_text(&q, c->s, rule->sql, e);

	while (query_each(&q, &r, e)) {
		values(&q, rest, sizeof(rest));
		if (query_get_blob(&q, 0, id.b, sizeof(id.b)))
			check_name(
			    what, &id, (uint32_t)sqlite3_column_int64(q.st, 1));
		else
			snprintf(what, sizeof(what), "%s", STORE_DB);
		r = check_bad(c, what, E_FORMAT, e, "%s%s", rule->fault, rest);
	}
	return r;
}

/* A database that is damaged so that a query ends early: that is a finding. */
static int
passed(struct check *c, int r, struct err *e)
{
	return r == -1 ? check_err(c, STORE_DB, e) : 0;
}

int
check_rules(
    struct check *c, const struct check_rule *list, size_t n, struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (stop_check(e) == -1 ||
		    passed(c, check_rule(c, &list[i], e), e) == -1)
			return -1;
	return 0;
}

int
check_all(struct store *s, bool derive, unsigned jobs,
    int (*bad)(
	void *arg, const char *what, const struct err *fault, struct err *e),
    void *arg, struct err *e)
{
	struct check c = {.s = s, .bad = bad, .arg = arg};

	if (passed(&c, check_pages(&c, e), e) == -1 ||
	    check_rules(&c, rules, sizeof(rules) / sizeof(rules[0]), e) == -1 ||
	    passed(&c, store_sum_check(&c, e), e) == -1 ||
	    passed(&c, check_docs(&c, derive, jobs, e), e) == -1 ||
	    passed(&c, sync_check(&c, jobs, e), e) == -1)
		return -1;
	return 0;
}
