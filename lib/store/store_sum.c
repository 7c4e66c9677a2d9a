/* SPDX-License-Identifier: ISC */
#include "lib/store/store_sum.h"

#include <inttypes.h>

#include "lib/base/buf.h"
#include "lib/base/words.h"
#include "lib/store/check.h"
#include "lib/store/store_db.h"
#include "lib/store/store_list.h"

#define FNV_START UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)
#define FUNCTION "wsusferry_sum"

/* Where the rows that no document implies stand; `when`: of them, or NULL. */
static const struct part {
	const char *table, *columns, *when, *what;
	int since; /* schema that made the table; parts are in this order */
} parts[STORE_NSUMS] = {
    {"store", "one,id,site", NULL, "the store's identity", 4},
    {"dict", "id,bytes", NULL, "the dictionaries of documents", 4},
    {"revision", "row,id,revision,sha256,encoding_seen,transfer,state", NULL,
	"how and in which order revisions came", 4},
    {"rev_file", "rev,n,file,name,encrypted,patching,modified",
	"n >= " STORE_EXTRA_TEXT, "the files that no document names", 4},
    {"file", "row,sha1,size,declared,measured,ext,name,present", NULL,
	"the payload files", 4},
    {"url", "row,file,url,source", NULL, "the sources of payload files", 4},
    {"state", "row,line", NULL, "the lines kept of transfers", 4},
    {"ledger",
	"row,kind,state,origin,site,destination,sequence,base,selection,tag,"
	"signer,place,time,revisions,files,bytes",
	NULL, "the ledger", 4},
    {"left_out", "sha1", NULL, "what a policy left out", 4},
    {"file_key", "sha1,key", NULL, "the keys of encrypted files", 4},
    {"ledger_note", "ledger,target,reason,gate,head", NULL,
	"the notes of the ledger", 6},
    {"carried", "ledger,kind,runs", NULL, "what transfers carried", 6},
    {"event", "row,time,kind,ledger,origin,sequence,text", NULL,
	"the events of transfers", 6},
    {"destination", "row,name,store,key,since,base", NULL, "the destinations",
	6},
    {"acknowledged", "destination,kind,runs", NULL,
	"what destinations acknowledged", 6},
    {"receipt", "row,kind,origin,store,number,sequence,ledger,time,record",
	NULL, "the receipts", 6},
    {"withdrawn", "origin,id,revision", NULL, "what origins withdrew", 6},
};

/* How many of them a store of that schema has. */
static unsigned
parts_of(int schema)
{
	unsigned n = 0;

	while (n < STORE_NSUMS && parts[n].since <= schema)
		n++;
	return n;
}

/* FNV-1a. */
static uint64_t
add_bytes(uint64_t h, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n-- > 0)
		h = (h ^ *p++) * FNV_PRIME;
	return h;
}

/* One column: its type, its length, its bytes. */
static uint64_t
add_value(uint64_t h, sqlite3_value *v)
{
	int type = sqlite3_value_type(v);
	int64_t n;
	double d;

	h = add_bytes(h, &type, sizeof(type));
	switch (type) {
	case SQLITE_NULL:
		return h;
	case SQLITE_INTEGER:
		n = sqlite3_value_int64(v);
		return add_bytes(h, &n, sizeof(n));
	case SQLITE_FLOAT:
		d = sqlite3_value_double(v);
		return add_bytes(h, &d, sizeof(d));
	default:
		n = sqlite3_value_bytes(v);
		h = add_bytes(h, &n, sizeof(n));
		return add_bytes(h, sqlite3_value_blob(v), (size_t)n);
	}
}

/* So that each bit of it counts in a sum. */
static uint64_t
mix(uint64_t h)
{
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static size_t
find(const char *table)
{
	size_t i;

	for (i = 0; i < STORE_NSUMS; i++)
		if (strcmp(parts[i].table, table) == 0)
			break;
	return i;
}

/* Those that are kept; how many of them there are. */
static int
load(struct store *s, struct store_sum sums[STORE_NSUMS], unsigned *n,
    struct err *e)
{
	struct query q;
	size_t i;
	int r = query_open(&q, s, SQL_EACH_SUM, e);

	*n = 0;
	memset(sums, 0, STORE_NSUMS * sizeof(*sums));
	while (query_each(&q, &r, e)) {
		if ((i = find(query_get_text(&q, 0))) == STORE_NSUMS)
			continue;
		sums[i].rows = sqlite3_column_int64(q.st, 1);
		sums[i].sum = (uint64_t)sqlite3_column_int64(q.st, 2);
		++*n;
	}
	return r;
}

int
store_now(struct store *s, uint64_t *now, struct err *e)
{
	struct store_sum sums[STORE_NSUMS];
	int64_t last;
	unsigned n;
	size_t i;

	/* PRAGMA data_version counts every snapshot where -shm is read-only. */
	if (load(s, sums, &n, e) == -1 || store_last(s, &last, e) == -1)
		return -1;
	*now = mix((uint64_t)last); /* an older schema has no sums */
	for (i = 0; i < STORE_NSUMS; i++)
		*now = mix(*now ^ (uint64_t)sums[i].rows) + mix(sums[i].sum);
	return 0;
}

static int
keep(struct store *s, size_t i, const struct store_sum *sum, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_PUT_SUM, e) == -1)
		return -1;
	query_str(&q, parts[i].table);
	query_int(&q, sum->rows);
	query_int(&q, (int64_t)sum->sum);
	return query_done(&q, e);
}

static void
add(struct store_sum *to, int sign, uint64_t h)
{
	to->rows += sign;
	to->sum += sign < 0 ? -h : h;
}

/* A statement outside of store_begin() is a transaction of its own. */
static int
follow_alone(struct store *s, size_t part, int sign, uint64_t h, struct err *e)
{
	struct store_sum sums[STORE_NSUMS];
	unsigned n;

	if (load(s, sums, &n, e) == -1)
		return -1;
	add(&sums[part], sign, h);
	return keep(s, part, &sums[part], e);
}

/* (part, 1 or -1, columns ...): a row came, or went. */
static void
follow(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	struct store *s = sqlite3_user_data(ctx);
	size_t part = (size_t)sqlite3_value_int(v[0]);
	int sign = sqlite3_value_int(v[1]), i;
	struct err e = ERR_INIT;
	uint64_t h = FNV_START;

	for (i = 2; i < n; i++)
		h = add_value(h, v[i]);
	if (s->begun)
		add(&s->sums[part], sign, mix(h));
	else if (follow_alone(s, part, sign, mix(h), &e) == -1)
		sqlite3_result_error(ctx, e.msg, -1);
}

/* "new.row,new.id" of "row,id" */
static int
put_columns(
    struct buf *b, const char *which, const char *columns, struct err *e)
{
	size_t n;

	for (;;) {
		n = strcspn(columns, ",");
		if (buf_printf(b, e, ",%s.%.*s", which, (int)n, columns) == -1)
			return -1;
		if (columns[n] == '\0')
			return 0;
		columns += n + 1;
	}
}

static int
put_call(struct buf *b, size_t part, int sign, const char *which, struct err *e)
{
	if (buf_printf(b, e, "SELECT " FUNCTION "(%zu,%d", part, sign) == -1 ||
	    put_columns(b, which, parts[part].columns, e) == -1)
		return -1;
	return parts[part].when == NULL
	    ? buf_puts(b, ");", e)
	    : buf_printf(b, e, ") WHERE %s.%s;", which, parts[part].when);
}

static int
put_trigger(struct buf *b, size_t part, const char *verb, const char *of,
    bool went, bool came, struct err *e)
{
	const char *table = parts[part].table;

	if (buf_printf(b, e,
		"CREATE TEMP TRIGGER sum_%s_%s AFTER %s %s ON main.%s BEGIN ",
		table, verb, verb, of, table) == -1 ||
	    (went && put_call(b, part, -1, "old", e) == -1) ||
	    (came && put_call(b, part, 1, "new", e) == -1))
		return -1;
	return buf_puts(b, "END;", e);
}

static int
put_triggers(struct buf *b, size_t part, struct err *e)
{
	char of[256];

	snprintf(of, sizeof(of), "OF %s", parts[part].columns);
	if (put_trigger(b, part, "INSERT", "", false, true, e) == -1 ||
	    put_trigger(b, part, "DELETE", "", true, false, e) == -1)
		return -1;
	return put_trigger(b, part, "UPDATE", of, true, true, e);
}

int
store_sum_open(struct store *s, int schema, struct err *e)
{
	struct buf b = BUF_INIT;
	unsigned had = s->summing, n = parts_of(schema);
	size_t i;
	int r = -1, rc;

	if (had >= n)
		return 0;
	rc = sqlite3_create_function_v2(s->db, FUNCTION, -1,
	    SQLITE_UTF8 | SQLITE_INNOCUOUS, s, follow, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return store_db_err(s->db, rc, e);
	/* Else what REPLACE takes away would go unseen. */
	if (buf_puts(&b, "PRAGMA recursive_triggers = ON;", e) == -1)
		goto out;
	for (i = had; i < n; i++)
		if (put_triggers(&b, i, e) == -1)
			goto out;
	if (buf_str(&b, e) == NULL || store_exec(s, (char *)b.p, e) == -1)
		goto out;
	s->summing = n;
	/* What changed already in this transaction is in the sums. */
	r = s->begun && had == 0 ? store_sum_begin(s, e) : 0;
out:
	buf_free(&b);
	return r;
}

int
store_sum_begin(struct store *s, struct err *e)
{
	unsigned n;

	if (s->summing == 0)
		return 0;
	if (load(s, s->sums, &n, e) == -1)
		return -1;
	memcpy(s->sums_kept, s->sums, sizeof(s->sums));
	return 0;
}

int
store_sum_commit(struct store *s, struct err *e)
{
	size_t i;

	for (i = 0; i < s->summing; i++)
		if (memcmp(&s->sums[i], &s->sums_kept[i], sizeof(s->sums[i])) !=
			0 &&
		    keep(s, i, &s->sums[i], e) == -1)
			return -1;
	return 0;
}

static int
compute(
    struct store *s, const struct part *p, struct store_sum *to, struct err *e)
{
	struct query q;
	uint64_t h;
	char sql[512];
	int r, i;

	*to = (struct store_sum){.rows = 0};
	snprintf(sql, sizeof(sql), "SELECT %s FROM %s%s%s", p->columns,
	    p->table, p->when != NULL ? " WHERE " : "",
	    p->when != NULL ? p->when : "");
	r = query_text(&q, s, sql, e);
	while (query_each(&q, &r, e)) {
		h = FNV_START;
		for (i = 0; i < sqlite3_column_count(q.st); i++)
			h = add_value(h, sqlite3_column_value(q.st, i));
		to->rows++;
		to->sum += mix(h);
	}
	return r;
}

int
store_sum_make(struct store *s, struct err *e)
{
	struct store_sum sum;
	size_t i;

	for (i = 0; i < STORE_NSUMS; i++)
		if (compute(s, &parts[i], &sum, e) == -1 ||
		    keep(s, i, &sum, e) == -1)
			return -1;
	return 0;
}

static int
check_part(struct check *c, const struct part *p, const struct store_sum *kept,
    struct err *e)
{
	struct store_sum is;

	if (compute(c->s, p, &is, e) == -1)
		return -1;
	if (is.rows != kept->rows)
		return check_bad(c, STORE_DB, E_DIGEST, e,
		    "%s: %s, and %" PRId64 " %s written", p->what,
		    words_count((uint64_t)is.rows, "row").s, kept->rows,
		    words_pick((uint64_t)kept->rows, "was", "were"));
	if (is.sum != kept->sum)
		return check_bad(c, STORE_DB, E_DIGEST, e,
		    "%s: as many rows as were written, but not the same",
		    p->what);
	return 0;
}

int
store_sum_check(struct check *c, struct err *e)
{
	struct store_sum kept[STORE_NSUMS];
	unsigned n;
	size_t i;

	if (load(c->s, kept, &n, e) == -1)
		return -1;
	/* A store of an older schema has none yet. */
	if (n == 0 && c->s->schema < STORE_SUMS_SINCE)
		return 0;
	for (i = 0; i < STORE_NSUMS; i++)
		if (check_part(c, &parts[i], &kept[i], e) == -1)
			return -1;
	return 0;
}
