/* SPDX-License-Identifier: ISC */
/* The schema, and how an older one becomes the present one. */
#include "lib/store/store_db.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/store/shown.h"
#include "lib/store/store_sum.h"

/*
 * row: arrival order.  Everything below "document" but file, url, state and
 * ledger is derived from the documents and can be rebuilt; of rev_file, rows
 * with n below STORE_EXTRA are.  A file's measured
 * is kept only where nothing was declared: what is present and was declared
 * has been compared, and they are equal.
 */
static const char schema_1[] =
    "CREATE TABLE store (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " id BLOB NOT NULL, site TEXT NOT NULL);"
    "CREATE TABLE dict (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
    "CREATE TABLE revision (row INTEGER PRIMARY KEY,"
    " id BLOB NOT NULL, revision INTEGER NOT NULL,"
    " sha256 BLOB NOT NULL, bytes INTEGER NOT NULL, units INTEGER NOT NULL,"
    " encoding_seen TEXT NOT NULL, transfer INTEGER NOT NULL,"
    " state INTEGER NOT NULL DEFAULT 0,"
    " type INTEGER NOT NULL, category INTEGER NOT NULL,"
    " expired INTEGER NOT NULL, deployable INTEGER NOT NULL,"
    " secured INTEGER NOT NULL, mandatory INTEGER NOT NULL,"
    " beta INTEGER NOT NULL, created TEXT, lang TEXT, title TEXT,"
    " severity TEXT, protocol TEXT, handler TEXT, eula BLOB,"
    " max_download INTEGER, langs TEXT, UNIQUE (id, revision));"
    "CREATE TABLE document (row INTEGER PRIMARY KEY, dict INTEGER NOT NULL,"
    " packed BLOB NOT NULL);"
    "CREATE TABLE title (rev INTEGER PRIMARY KEY, titles TEXT NOT NULL);"
    "CREATE TABLE word (rev INTEGER, kind INTEGER, n INTEGER,"
    " value TEXT NOT NULL, PRIMARY KEY (rev, kind, n)) WITHOUT ROWID;"
    "CREATE TABLE prereq (rev INTEGER, n INTEGER, grp INTEGER NOT NULL,"
    " any INTEGER NOT NULL, is_category INTEGER NOT NULL, id BLOB NOT NULL,"
    " PRIMARY KEY (rev, n)) WITHOUT ROWID;"
    "CREATE TABLE bundle (rev INTEGER, n INTEGER, grp INTEGER NOT NULL,"
    " any INTEGER NOT NULL, id BLOB NOT NULL, revision INTEGER NOT NULL,"
    " PRIMARY KEY (rev, n)) WITHOUT ROWID;"
    "CREATE TABLE superseded (rev INTEGER, n INTEGER, id BLOB NOT NULL,"
    " PRIMARY KEY (rev, n)) WITHOUT ROWID;"
    "CREATE TABLE rev_file (rev INTEGER, n INTEGER, file INTEGER NOT NULL,"
    " name TEXT NOT NULL, encrypted INTEGER NOT NULL, patching TEXT,"
    " modified TEXT, PRIMARY KEY (rev, n)) WITHOUT ROWID;"
    "CREATE TABLE file (row INTEGER PRIMARY KEY, sha1 BLOB NOT NULL UNIQUE,"
    " size INTEGER, declared BLOB, measured BLOB, ext TEXT NOT NULL,"
    " name TEXT NOT NULL, present INTEGER NOT NULL);"
    "CREATE TABLE url (row INTEGER PRIMARY KEY, file INTEGER NOT NULL,"
    " url TEXT NOT NULL, source TEXT NOT NULL);"
    "CREATE INDEX url_file ON url (file);"
    "CREATE TABLE rev_category (rev INTEGER, kind INTEGER, n INTEGER,"
    " category INTEGER NOT NULL, PRIMARY KEY (rev, kind, n)) WITHOUT ROWID;"
    "CREATE INDEX rev_category_of ON rev_category (category, rev);"
    "CREATE TABLE missing (id BLOB, revision INTEGER, wanted_by INTEGER,"
    " PRIMARY KEY (id, revision)) WITHOUT ROWID;"
    "CREATE TABLE state (row INTEGER PRIMARY KEY,"
    " line TEXT NOT NULL UNIQUE);"
    "CREATE TABLE ledger (row INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
    " state INTEGER NOT NULL, origin BLOB NOT NULL, site TEXT NOT NULL,"
    " destination TEXT NOT NULL, sequence INTEGER NOT NULL,"
    " base INTEGER NOT NULL, selection BLOB NOT NULL, tag BLOB,"
    " signer TEXT NOT NULL, place TEXT NOT NULL, time INTEGER NOT NULL,"
    " revisions INTEGER NOT NULL, files INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX ledger_number ON ledger (sequence) WHERE kind = 1;";

/*
 * What a store knows of upstreams (sync.h).  A document waits in inbox; the
 * index has all that is asked of it but the document.  listed: the last full
 * list, and what vanished from it since absent.
 *
 * For a reader of a store that has none of it these are temporary tables, in
 * memory and empty: an old store is one that never heard of an upstream.
 */
#define SCHEMA_2(temp, at)                                                     \
	"CREATE " temp "TABLE upstream (row INTEGER PRIMARY KEY,"              \
	" url TEXT NOT NULL UNIQUE, account BLOB NOT NULL,"                    \
	" name TEXT NOT NULL, last_success INTEGER NOT NULL,"                  \
	" catalog_only INTEGER NOT NULL, lazy INTEGER NOT NULL,"               \
	" hosts_psf INTEGER NOT NULL, max_updates INTEGER NOT NULL,"           \
	" version TEXT NOT NULL);"                                             \
	"CREATE " temp "TABLE anchor (upstream INTEGER, kind INTEGER,"         \
	" value TEXT NOT NULL, pending TEXT NOT NULL,"                         \
	" taken INTEGER NOT NULL, full_at INTEGER NOT NULL,"                   \
	" pending_full INTEGER NOT NULL, filter BLOB NOT NULL,"                \
	" pending_filter BLOB NOT NULL, PRIMARY KEY (upstream, kind))"         \
	" WITHOUT ROWID;"                                                      \
	"CREATE " temp "TABLE work (upstream INTEGER, kind INTEGER, id BLOB,"  \
	" revision INTEGER, state INTEGER NOT NULL, tries INTEGER NOT NULL,"   \
	" at INTEGER NOT NULL, why TEXT NOT NULL,"                             \
	" PRIMARY KEY (upstream, kind, id, revision)) WITHOUT ROWID;"          \
	"CREATE " temp "TABLE inbox (row INTEGER PRIMARY KEY,"                 \
	" upstream INTEGER NOT NULL, kind INTEGER NOT NULL, id BLOB NOT NULL," \
	" revision INTEGER NOT NULL, sha256 BLOB NOT NULL,"                    \
	" bytes INTEGER NOT NULL, units INTEGER NOT NULL,"                     \
	" encoding TEXT NOT NULL, packed BLOB NOT NULL);"                      \
	"CREATE INDEX " at "inbox_order ON inbox"                              \
	" (kind, id, revision, sha256, bytes);"                                \
	"CREATE " temp "TABLE inbox_url (sha1 BLOB, upstream INTEGER,"         \
	" url TEXT NOT NULL, PRIMARY KEY (sha1, upstream)) WITHOUT ROWID;"     \
	"CREATE " temp "TABLE listed (upstream INTEGER, kind INTEGER,"         \
	" id BLOB, revision INTEGER, absent INTEGER NOT NULL,"                 \
	" PRIMARY KEY (upstream, kind, id, revision)) WITHOUT ROWID;"          \
	"CREATE " temp "TABLE fetch_file (sha1 BLOB PRIMARY KEY,"              \
	" outcome INTEGER NOT NULL, at INTEGER NOT NULL,"                      \
	" tries INTEGER NOT NULL, why TEXT NOT NULL) WITHOUT ROWID;"           \
	"CREATE " temp "TABLE file_key (sha1 BLOB PRIMARY KEY,"                \
	" key BLOB NOT NULL) WITHOUT ROWID;"                                   \
	"CREATE " temp "TABLE run (row INTEGER PRIMARY KEY,"                   \
	" upstream INTEGER NOT NULL, began INTEGER NOT NULL,"                  \
	" ended INTEGER NOT NULL, status INTEGER NOT NULL,"                    \
	" requests INTEGER NOT NULL, revisions INTEGER NOT NULL,"              \
	" files INTEGER NOT NULL, bytes INTEGER NOT NULL,"                     \
	" failed INTEGER NOT NULL);"

/*
 * languages: those enabled there, as last heard.  files: the digests of files,
 * end to end, that the upstream lists for a document and it does not name.
 */
#define SCHEMA_3(at)                                                           \
	"ALTER TABLE " at "upstream ADD COLUMN languages TEXT NOT NULL"        \
	" DEFAULT '';"                                                         \
	"ALTER TABLE " at "inbox ADD COLUMN files BLOB NOT NULL DEFAULT x'';"  \
	"CREATE INDEX " at "inbox_files ON inbox (kind, id, revision)"         \
	" WHERE files <> x'';"

/*
 * What a revision lacks, as derive.c finds it: a plain prerequisite or the
 * first of alternatives none of which is held (part 0), a bundled revision
 * (part 1).  In missing stands whatever is named and not held.
 */
#define LACKING                                                                \
	"SELECT 0 AS part, p.rev AS rev, p.n AS n, p.any AS any, p.id AS id,"  \
	" 0 AS revision FROM main.prereq p"                                    \
	" WHERE EXISTS (SELECT 1 FROM main.missing) AND EXISTS (SELECT 1"      \
	" FROM main.missing m WHERE m.id = p.id AND m.revision = 0)"           \
	" AND (NOT p.any OR NOT EXISTS (SELECT 1 FROM main.prereq o"           \
	" WHERE o.rev = p.rev AND o.any AND o.grp = p.grp AND (o.n < p.n"      \
	" OR NOT EXISTS (SELECT 1 FROM main.missing m WHERE m.id = o.id"       \
	" AND m.revision = 0))))"                                              \
	" UNION ALL SELECT 1, b.rev, b.n, 0, b.id, b.revision"                 \
	" FROM main.bundle b"                                                  \
	" WHERE EXISTS (SELECT 1 FROM main.missing) AND EXISTS (SELECT 1"      \
	" FROM main.missing m WHERE m.id = b.id AND m.revision = b.revision)"

/*
 * left_out: payload that a policy left out on purpose; no document says so.
 * told: what was said last of an upstream's matters, by its hash (sync.h).
 * sums: over the rows that follow from no document, store_sum.h.
 */
#define SUMS_4(temp)                                                           \
	"CREATE " temp "TABLE sums (part TEXT PRIMARY KEY,"                    \
	" rows INTEGER NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;"
static const char schema_4[] =
    "CREATE TABLE left_out (sha1 BLOB PRIMARY KEY)"
    " WITHOUT ROWID;"
    "CREATE TABLE told (upstream INTEGER, matter TEXT, sha256 BLOB NOT NULL,"
    " PRIMARY KEY (upstream, matter)) WITHOUT ROWID;"
    "CREATE TABLE lacking (part INTEGER, rev INTEGER, n INTEGER,"
    " any INTEGER NOT NULL, id BLOB NOT NULL, revision INTEGER NOT NULL,"
    " PRIMARY KEY (part, rev, n)) WITHOUT ROWID;"
    "INSERT INTO lacking " LACKING ";" SUMS_4("");
#define STAND_IN_4                                                             \
	SUMS_4("TEMP ")                                                        \
	"CREATE TEMP TABLE left_out (sha1 BLOB PRIMARY KEY) WITHOUT ROWID;"    \
	"CREATE TEMP VIEW lacking AS " LACKING ";"

/*
 * shown: what lists ask for of each update, prepared (shown.h); SHOWN works the
 * same out, but for the files.  Nobody looked revisions up by category, and the
 * titles in other languages are asked for of categories alone: of the rest they
 * stand in the document.
 */
static const char schema_5[] =
    "CREATE TABLE shown (row INTEGER PRIMARY KEY,"
    " superseded INTEGER NOT NULL, top TEXT, files BLOB);"
    "CREATE INDEX shown_top ON shown (top) WHERE top IS NOT NULL;"
    "DROP INDEX IF EXISTS rev_category_of;"
    "DELETE FROM title WHERE rev IN (SELECT row FROM revision"
    " WHERE type <> 3);";
#define STAND_IN_5                                                             \
	"CREATE TEMP VIEW shown AS SELECT r.row AS row,"                       \
	" r.id IN (SELECT x.id FROM main.superseded x JOIN main.revision o"    \
	" ON o.row = x.rev WHERE o.id <> x.id AND NOT EXISTS (SELECT 1"        \
	" FROM main.revision n WHERE n.id = o.id AND n.revision > "            \
	"o.revision))"                                                         \
	" AS superseded, CASE WHEN r.row NOT IN (SELECT c.row"                 \
	" FROM main.bundle b JOIN main.revision c ON c.id = b.id"              \
	" AND c.revision = b.revision) THEN ifnull(r.created, '') END AS top," \
	" NULL AS files FROM main.revision r WHERE r.type IN (1, 2)"           \
	" AND NOT EXISTS (SELECT 1 FROM main.revision n WHERE n.id = r.id"     \
	" AND n.revision > r.revision);"

/*
 * ledger_note: of a row of the ledger what schema 1 had no room for.  carried,
 * acknowledged: runs.h; kind as in carried.h.  event: never changed.  receipt:
 * kind 1 written here, 2 taken.  withdrawn: what an origin says of revisions
 * that its upstream does not list any more.
 */
#define SCHEMA_6(temp)                                                         \
	"CREATE " temp "TABLE ledger_note (ledger INTEGER PRIMARY KEY,"        \
	" target TEXT NOT NULL, reason TEXT NOT NULL, gate TEXT NOT NULL,"     \
	" head BLOB);"                                                         \
	"CREATE " temp "TABLE carried (ledger INTEGER, kind INTEGER,"          \
	" runs BLOB NOT NULL, PRIMARY KEY (ledger, kind)) WITHOUT ROWID;"      \
	"CREATE " temp "TABLE event (row INTEGER PRIMARY KEY,"                 \
	" time INTEGER NOT NULL, kind TEXT NOT NULL, ledger INTEGER NOT NULL," \
	" origin BLOB NOT NULL, sequence INTEGER NOT NULL,"                    \
	" text TEXT NOT NULL);"                                                \
	"CREATE " temp "TABLE destination (row INTEGER PRIMARY KEY,"           \
	" name TEXT NOT NULL UNIQUE, store BLOB UNIQUE, key BLOB,"             \
	" since INTEGER NOT NULL, base INTEGER NOT NULL);"                     \
	"CREATE " temp "TABLE acknowledged (destination INTEGER,"              \
	" kind INTEGER, runs BLOB NOT NULL,"                                   \
	" PRIMARY KEY (destination, kind)) WITHOUT ROWID;"                     \
	"CREATE " temp "TABLE receipt (row INTEGER PRIMARY KEY,"               \
	" kind INTEGER NOT NULL, origin BLOB NOT NULL, store BLOB NOT NULL,"   \
	" number INTEGER NOT NULL, sequence INTEGER NOT NULL,"                 \
	" ledger INTEGER NOT NULL, time INTEGER NOT NULL,"                     \
	" record BLOB NOT NULL, UNIQUE (kind, store, number));"                \
	"CREATE " temp "TABLE withdrawn (origin BLOB, id BLOB,"                \
	" revision INTEGER, PRIMARY KEY (origin, id, revision))"               \
	" WITHOUT ROWID;"
#define STAYS(table)                                                           \
	"CREATE TRIGGER " table "_stays BEFORE UPDATE ON " table               \
	" BEGIN SELECT RAISE(ABORT, 'what is in " table " is never changed');" \
	" END; CREATE TRIGGER " table "_is_kept BEFORE DELETE ON " table       \
	" BEGIN SELECT RAISE(ABORT, 'what is in " table " is never removed');" \
	" END;"
static const char schema_6[] = SCHEMA_6("") STAYS("event") STAYS("receipt");
static const char stand_in_6[] = SCHEMA_6("TEMP ");

/* No other tables: the SHA-256 of licences, which documents declare as that of
   other files, is taken since (store_declare.c). */
static const char schema_7[] = "";

/* migrations[v] makes schema v + 1 out of v. */
static const char *const migrations[STORE_SCHEMA] = {schema_1, SCHEMA_2("", ""),
    SCHEMA_3(""), schema_4, schema_5, schema_6, schema_7};
static const char stand_in_1[] = SCHEMA_2("TEMP ", "temp.") SCHEMA_3("temp.")
    STAND_IN_4 STAND_IN_5;
static const char stand_in_2[] =
    "CREATE TEMP VIEW upstream AS SELECT *, '' AS languages"
    " FROM main.upstream;" STAND_IN_4 STAND_IN_5;
static const char stand_in_3[] = STAND_IN_4 STAND_IN_5;
static const char stand_in_4[] = STAND_IN_5;
/* stand_ins[v]: what a reader, who may not write, lacks in a store of v, beside
   what schema 6 made: there is no 0, and readers ask for nothing of an inbox
   that 2 has not. */
static const char *const stand_ins[STORE_SCHEMA] = {
    "", stand_in_1, stand_in_2, stand_in_3, stand_in_4, "", ""};

/* What no statement makes; sums are of what is there, where there were none. */
static int
renew(struct store *s, int from, struct err *e)
{
	if (store_state_again(s, e) == -1 ||
	    (from < STORE_DECLARED_SINCE && store_declare(s, e) == -1) ||
	    (from < STORE_SUMS_SINCE && store_sum_make(s, e) == -1))
		return -1;
	shown_mark(s);
	return shown_commit(s, e);
}

static int
migrate(struct store *s, int from, struct err *e)
{
	char sql[64];
	int v;

	for (v = from; v < STORE_SCHEMA; v++)
		if (store_exec(s, migrations[v], e) == -1)
			return err_ctx(e, "schema %d", v + 1);
	if (from > 0 && renew(s, from, e) == -1)
		return err_ctx(e, "schema %d", v);
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", STORE_SCHEMA);
	return store_exec(s, sql, e);
}

int
store_schema_make(
    struct store *s, const struct guid *id, const char *site, struct err *e)
{
	struct query q;
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", STORE_APP_ID);
	if (store_exec(s, "BEGIN IMMEDIATE", e) == -1 ||
	    store_exec(s, sql, e) == -1 || migrate(s, 0, e) == -1 ||
	    query_text(&q, s, "INSERT INTO store VALUES (1, ?, ?)", e) == -1)
		return -1;
	query_blob(&q, id->b, sizeof(id->b));
	query_str(&q, site);
	if (query_done(&q, e) == -1 || store_sum_make(s, e) == -1)
		return -1;
	s->schema = STORE_SCHEMA;
	return store_exec(s, "COMMIT", e);
}

static int
pragma(struct store *s, const char *sql, int64_t *v, struct err *e)
{
	struct query q;
	int r;

	if (query_text(&q, s, sql, e) == -1)
		return -1;
	if ((r = query_step(&q, e)) == 1)
		*v = sqlite3_column_int64(q.st, 0);
	query_close(&q);
	if (r == 0)
		return err_set(
		    e, E_FORMAT, "%s: no answer to '%s'", STORE_DB, sql);
	return r == 1 ? 0 : -1;
}

static int
read_identity(struct store *s, struct err *e)
{
	struct query q;
	const char *site;
	int r = -1;

	if (query_text(&q, s, "SELECT id, site FROM store", e) == -1)
		return -1;
	if (query_step(&q, e) == -1)
		goto out;
	site = query_get_str(&q, 1);
	if (site == NULL || strlen(site) > STORE_SITE_MAX ||
	    !query_get_blob(&q, 0, s->id.b, sizeof(s->id.b))) {
		err_set(e, E_FORMAT, "%s: the store's identity is damaged",
		    STORE_DB);
		goto out;
	}
	snprintf(s->site, sizeof(s->site), "%s", site);
	r = 0;
out:
	query_close(&q);
	return r;
}

int
store_schema_raise(struct store *s, struct err *e)
{
	if (s->schema >= STORE_SCHEMA)
		return 0;
	s->raised = true;
	return migrate(s, s->schema, e) == -1
	    ? -1
	    : store_sum_open(s, STORE_SCHEMA, e);
}

/* An older store in which nothing is kept: at once. */
static int
bring_up(struct store *s, struct err *e)
{
	return store_begin(s, e) == -1 ? -1 : store_commit(s, e);
}

static int
stand_in(struct store *s, int from, struct err *e)
{
	if (store_exec(s, "PRAGMA query_only = OFF", e) == -1)
		return -1;
	if (store_exec(s, stand_ins[from], e) == -1 ||
	    (from < 6 && store_exec(s, stand_in_6, e) == -1))
		return err_ctx(e, "schema %d", from);
	return store_exec(s, "PRAGMA query_only = ON", e);
}

/* SQL that drops one of the stand-ins; 1, 0 there is none left, -1. */
static int
drop_next(struct store *s, char *sql, size_t room, struct err *e)
{
	struct query q;
	int r;

	if (query_text(&q, s,
		"SELECT type, name FROM temp.sqlite_schema"
		" WHERE type IN ('table', 'view') LIMIT 1",
		e) == -1)
		return -1;
	if ((r = query_step(&q, e)) == 1)
		snprintf(sql, room, "DROP %s temp.%s", query_get_text(&q, 0),
		    query_get_text(&q, 1));
	query_close(&q);
	return r;
}

int
store_schema_again(struct store *s, struct err *e)
{
	int64_t version = 0;
	char sql[128];
	int r;

	if (s->writer || s->schema == STORE_SCHEMA)
		return 0;
	if (pragma(s, "PRAGMA user_version", &version, e) == -1)
		return -1;
	if (version != STORE_SCHEMA)
		return 0;
	if (store_exec(s, "PRAGMA query_only = OFF", e) == -1)
		return -1;
	while ((r = drop_next(s, sql, sizeof(sql), e)) == 1)
		if (store_exec(s, sql, e) == -1)
			return -1;
	if (r == -1 || store_exec(s, "PRAGMA query_only = ON", e) == -1)
		return -1;
	s->schema = STORE_SCHEMA;
	return 0;
}

static int
not_ours(int64_t app, struct err *e)
{
	return err_set(e, E_FORMAT,
	    "%s: not a wsusferry store: application id %#" PRIx64
	    ", expected %#x",
	    STORE_DB, (uint64_t)app, STORE_APP_ID);
}

/* The first bytes of each SQLite database; the id is in big-endian order. */
#define HEAD_MAGIC "SQLite format 3"
#define HEAD_APP_ID 68
#define HEAD_BYTES 100

int
store_schema_look(int dirfd, struct err *e)
{
	uint8_t head[HEAD_BYTES];
	uint32_t app = 0;
	ssize_t n = -1;
	int fd;

	fd = openat(dirfd, STORE_DB, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1 || (n = pread(fd, head, sizeof(head), 0)) == -1)
		err_sys(e, "%s: cannot be read", STORE_DB);
	if (fd != -1)
		(void)close(fd);
	if (n == -1)
		return -1;
	if (n < HEAD_BYTES || memcmp(head, HEAD_MAGIC, sizeof(HEAD_MAGIC)) != 0)
		return err_set(e, E_FORMAT,
		    "%s: not a wsusferry store: not a database", STORE_DB);
	for (int i = 0; i < 4; i++)
		app = app << 8 | head[HEAD_APP_ID + i];
	return app == STORE_APP_ID ? 0 : not_ours(app, e);
}

int
store_schema_check(struct store *s, struct err *e)
{
	int64_t app = 0, version = 0;

	if (pragma(s, "PRAGMA application_id", &app, e) == -1 ||
	    pragma(s, "PRAGMA user_version", &version, e) == -1)
		return -1;
	if (app != STORE_APP_ID)
		return not_ours(app, e);
	if (version > STORE_SCHEMA || version < 1)
		return err_set(e, E_FORMAT,
		    "%s: schema %" PRId64 ", this program knows 1 to %d",
		    STORE_DB, version, STORE_SCHEMA);
	s->schema = (int)version;
	if (s->writer && !s->unborn && version >= STORE_SUMS_SINCE &&
	    store_sum_open(s, s->schema, e) == -1)
		return -1;
	if (version < STORE_SCHEMA &&
	    ((s->mode == STORE_TRY && bring_up(s, e) == -1) ||
		(s->mode == STORE_READ && stand_in(s, s->schema, e) == -1)))
		return -1;
	return read_identity(s, e);
}
