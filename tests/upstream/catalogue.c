/* SPDX-License-Identifier: ISC */
/* What the store holds, as arrays; and stores, lent to threads. */
#include "tests/upstream/upstream.h"

#include <pthread.h>
#include <sys/stat.h>

#include "formats/update.h"
#include "lib/store/store_db.h"

#define IDLE_MAX 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct store *idle[IDLE_MAX]; /* owned */
static size_t nidle;
static const struct catalogue *present;
static struct stat seen[2]; /* the database and its log, when read */

struct store *
store_lend(void)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;

	pthread_mutex_lock(&lock);
	if (nidle > 0)
		s = idle[--nidle];
	pthread_mutex_unlock(&lock);
	if (s == NULL &&
	    store_open(&s, up.store_dir, STORE_READ, NULL, &e) == -1)
		die(4, "%s: %s", up.store_dir, e.msg);
	return s;
}

void
store_return(struct store *s)
{
	pthread_mutex_lock(&lock);
	if (nidle < IDLE_MAX) {
		idle[nidle++] = s;
		s = NULL;
	}
	pthread_mutex_unlock(&lock);
	store_close(s);
}

bool
store_has_file(struct store *s, const uint8_t sha1[SHA1_LEN])
{
	struct store_file f;
	struct err e = ERR_INIT;

	return store_file(s, sha1, &f, &e) == 1;
}

static void *
grow(void *p, size_t n, size_t size)
{
	if (n >= 1024 && (n & (n - 1)) != 0)
		return p;
	if (n < 1024 && n != 0)
		return p;
	p = realloc(p, (n < 1024 ? 1024 : 2 * n) * size);
	if (p == NULL)
		die(4, "out of memory");
	return p;
}

static void
begin(struct query *q, struct store *s, const char *sql)
{
	struct err e = ERR_INIT;

	if (query_text(q, s, sql, &e) == -1)
		die(4, "%s", e.msg);
}

static bool
step(struct query *q)
{
	struct err e = ERR_INIT;
	int r = query_step(q, &e);

	if (r == -1)
		die(4, "%s", e.msg);
	if (r == 0)
		query_close(q);
	return r == 1;
}

static int
by_rev(const void *a, const void *b)
{
	const struct rev *x = a, *y = b;
	int r = guid_cmp(&x->id, &y->id);

	if (r != 0)
		return r;
	return (x->revision > y->revision) - (x->revision < y->revision);
}

/* Revisions, with their categories: own and inherited, as derived. */
static void
load_revs(struct catalogue *c, struct store *s)
{
	struct query q;
	struct rev *r = NULL;
	int64_t row = 0;

	begin(&q, s,
	    "SELECT r.row, r.id, r.revision, r.type, r.category, k.id"
	    " FROM revision r LEFT JOIN rev_category l ON l.rev = r.row"
	    " LEFT JOIN revision k ON k.row = l.category"
	    " ORDER BY r.row, l.kind, l.n");
	while (step(&q)) {
		row = sqlite3_column_int64(q.st, 0);
		if (c->n == 0 || row != r->row) {
			c->revs = grow(c->revs, c->n, sizeof(*c->revs));
			r = &c->revs[c->n++];
			*r = (struct rev){.row = row,
			    .revision = (uint32_t)sqlite3_column_int64(q.st, 2),
			    .type = (uint8_t)sqlite3_column_int(q.st, 3),
			    .category = (uint8_t)sqlite3_column_int(q.st, 4),
			    .cats = (uint32_t)c->ncats};
			(void)query_get_blob(&q, 1, r->id.b, sizeof(r->id.b));
		}
		if (sqlite3_column_type(q.st, 5) == SQLITE_NULL)
			continue;
		c->cats = grow(c->cats, c->ncats, sizeof(*c->cats));
		(void)query_get_blob(
		    &q, 5, c->cats[c->ncats++].b, sizeof(c->cats[0].b));
		r->ncats++;
	}
	c->last = row;
	if (c->n != 0)
		qsort(c->revs, c->n, sizeof(*c->revs), by_rev);
}

static void
load_bundled(struct catalogue *c, struct store *s)
{
	struct query q;
	struct guid id;

	begin(&q, s, "SELECT DISTINCT id, revision FROM bundle");
	while (step(&q)) {
		struct rev *r;

		(void)query_get_blob(&q, 0, id.b, sizeof(id.b));
		r = (struct rev *)(uintptr_t)catalogue_find(
		    c, &id, (uint32_t)sqlite3_column_int64(q.st, 1));
		if (r != NULL)
			r->bundled = true;
	}
}

static struct catalogue *
load(void)
{
	struct catalogue *c = calloc(1, sizeof(*c));
	struct store *s = store_lend();
	struct err e = ERR_INIT;
	size_t i;

	if (c == NULL)
		die(4, "out of memory");
	if (store_begin(s, &e) == -1)
		die(4, "%s", e.msg);
	load_revs(c, s);
	for (i = 0; i < c->n; i++)
		c->revs[i].newest = i + 1 == c->n ||
		    guid_cmp(&c->revs[i].id, &c->revs[i + 1].id) != 0;
	load_bundled(c, s);
	store_rollback(s);
	store_return(s);
	return c;
}

/* Called under a lock of its own, not that of the stores. */
static bool
changed(void)
{
	static const char *const names[] = {STORE_DB, STORE_DB "-wal"};
	char path[4096];
	struct stat st;
	bool r = false;
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", up.store_dir, names[i]);
		if (stat(path, &st) == -1)
			st = (struct stat){.st_size = 0};
		r = r || st.st_size != seen[i].st_size ||
		    st.st_mtim.tv_sec != seen[i].st_mtim.tv_sec ||
		    st.st_mtim.tv_nsec != seen[i].st_mtim.tv_nsec;
		seen[i] = st;
	}
	return r;
}

const struct catalogue *
catalogue_get(void)
{
	static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
	const struct catalogue *c;

	pthread_mutex_lock(&loading);
	if (changed() || present == NULL)
		present = load();
	c = present;
	pthread_mutex_unlock(&loading);
	return c;
}

const struct rev *
catalogue_find(
    const struct catalogue *c, const struct guid *id, uint32_t revision)
{
	struct rev key = {.id = *id, .revision = revision};

	if (c->n == 0)
		return NULL;
	return bsearch(&key, c->revs, c->n, sizeof(*c->revs), by_rev);
}

const struct rev *
catalogue_newest(const struct catalogue *c, const struct guid *id)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) { /* the first beyond id */
		size_t mid = lo + (hi - lo) / 2;

		if (guid_cmp(&c->revs[mid].id, id) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > 0 && guid_cmp(&c->revs[lo - 1].id, id) == 0
	    ? &c->revs[lo - 1]
	    : NULL;
}
