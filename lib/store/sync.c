/* SPDX-License-Identifier: ISC */
/* Upstreams, their anchors, and the runs that were. */
#include "lib/store/sync.h"

#include "lib/store/store_db.h"

static void
get_upstream(struct query *q, struct sync_upstream *u)
{
	*u = (struct sync_upstream){.row = sqlite3_column_int64(q->st, 0)};
	snprintf(u->url, sizeof(u->url), "%s", query_get_text(q, 1));
	(void)query_get_blob(q, 2, u->account.b, sizeof(u->account.b));
	snprintf(u->name, sizeof(u->name), "%s", query_get_text(q, 3));
	u->last_success = sqlite3_column_int64(q->st, 4);
	u->catalog_only = sqlite3_column_int(q->st, 5) != 0;
	u->lazy = sqlite3_column_int(q->st, 6) != 0;
	u->hosts_psf = sqlite3_column_int(q->st, 7) != 0;
	u->max_updates = (uint32_t)sqlite3_column_int64(q->st, 8);
	snprintf(u->version, sizeof(u->version), "%s", query_get_text(q, 9));
	snprintf(
	    u->languages, sizeof(u->languages), "%s", query_get_text(q, 10));
}

static int
find_upstream(
    struct store *s, const char *url, struct sync_upstream *u, struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, SQL_UPSTREAM, e) == -1)
		return -1;
	query_str(&q, url);
	if ((r = query_step(&q, e)) == 1)
		get_upstream(&q, u);
	query_close(&q);
	return r;
}

int
sync_upstream_find(
    struct store *s, const char *url, struct sync_upstream *u, struct err *e)
{
	int r;

	if (url[0] == '\0' || strlen(url) >= SYNC_URL_MAX)
		return err_set(e, E_LIMIT,
		    "upstream's address: %zu bytes, expected 1 to %d",
		    strlen(url), SYNC_URL_MAX - 1);
	if ((r = find_upstream(s, url, u, e)) != 0)
		return r;
	*u = (struct sync_upstream){.row = 0};
	snprintf(u->url, sizeof(u->url), "%s", url);
	return guid_random(&u->account, e) == -1 ? -1 : 0;
}

int
sync_upstream_add(struct store *s, struct sync_upstream *u, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_ADD_UPSTREAM, e) == -1)
		return -1;
	query_str(&q, u->url);
	query_blob(&q, u->account.b, sizeof(u->account.b));
	if (query_done(&q, e) == -1)
		return -1;
	u->row = sqlite3_last_insert_rowid(s->db);
	return sync_upstream_put(s, u, e);
}

int
sync_upstream(
    struct store *s, const char *url, struct sync_upstream *u, struct err *e)
{
	int r = sync_upstream_find(s, url, u, e);

	return r != 0 ? (r == 1 ? 0 : -1) : sync_upstream_add(s, u, e);
}

int
sync_upstream_put(struct store *s, const struct sync_upstream *u, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_SET_UPSTREAM, e) == -1)
		return -1;
	query_str(&q, u->name);
	query_int(&q, u->last_success);
	query_int(&q, u->catalog_only);
	query_int(&q, u->lazy);
	query_int(&q, u->hosts_psf);
	query_int(&q, u->max_updates);
	query_str(&q, u->version);
	query_str(&q, u->languages);
	query_int(&q, u->row);
	return query_done(&q, e);
}

int
sync_each_upstream(struct store *s,
    int (*each)(void *arg, const struct sync_upstream *u, struct err *e),
    void *arg, struct err *e)
{
	struct sync_upstream u;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_UPSTREAM, e);

	while (query_each(&q, &r, e)) {
		get_upstream(&q, &u);
		r = each(arg, &u, e);
	}
	return r;
}

int
sync_anchor(struct store *s, int64_t upstream, enum sync_kind k,
    struct sync_anchor *a, struct err *e)
{
	struct query q;
	int r;

	*a = (struct sync_anchor){.taken = 0};
	if (query_open(&q, s, SQL_ANCHOR, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_int(&q, k);
	if ((r = query_step(&q, e)) == 1) {
		snprintf(
		    a->value, sizeof(a->value), "%s", query_get_text(&q, 0));
		snprintf(a->pending, sizeof(a->pending), "%s",
		    query_get_text(&q, 1));
		a->taken = sqlite3_column_int64(q.st, 2);
		a->full = sqlite3_column_int64(q.st, 3);
		a->pending_full = sqlite3_column_int(q.st, 4) != 0;
		(void)query_get_blob(&q, 5, a->filter, SHA256_LEN);
		(void)query_get_blob(&q, 6, a->pending_filter, SHA256_LEN);
	}
	query_close(&q);
	return r == -1 ? -1 : 0;
}

int
sync_anchor_put(struct store *s, int64_t upstream, enum sync_kind k,
    const struct sync_anchor *a, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_SET_ANCHOR, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_int(&q, k);
	query_str(&q, a->value);
	query_str(&q, a->pending);
	query_int(&q, a->taken);
	query_int(&q, a->full);
	query_int(&q, a->pending_full);
	query_blob(&q, a->filter, SHA256_LEN);
	query_blob(&q, a->pending_filter, SHA256_LEN);
	return query_done(&q, e);
}

/* A statement about one upstream. */
static int
of_upstream(struct store *s, enum store_sql id, int64_t upstream, struct err *e)
{
	struct query q;

	if (query_open(&q, s, id, e) == -1)
		return -1;
	query_int(&q, upstream);
	return query_done(&q, e);
}

int
sync_forget(struct store *s, int64_t upstream, struct err *e)
{
	if (of_upstream(s, SQL_FORGET_ANCHORS, upstream, e) == -1 ||
	    of_upstream(s, SQL_DROP_LISTED_WORK, upstream, e) == -1)
		return -1;
	return of_upstream(s, SQL_REVIVE_CLOSURE, upstream, e);
}

int
sync_restart(struct store *s, int64_t upstream, struct err *e)
{
	if (of_upstream(s, SQL_UNPEND_ANCHORS, upstream, e) == -1)
		return -1;
	return of_upstream(s, SQL_DROP_UNDONE, upstream, e);
}

/* How much of an anchor's work is left, and how much of that is untried. */
static int
work_left(struct store *s, int64_t upstream, enum sync_kind k, int64_t *left,
    int64_t *untried, struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, SQL_WORK_LEFT, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_int(&q, k);
	if ((r = query_step(&q, e)) == 1) {
		*left = sqlite3_column_int64(q.st, 0);
		*untried = sqlite3_column_int64(q.st, 1);
	}
	query_close(&q);
	return r == -1 ? -1 : 0;
}

static int
take_anchor(struct store *s, int64_t upstream, enum sync_kind k, int64_t now,
    struct err *e)
{
	int64_t left = 0, untried = 0;
	struct sync_anchor a;

	if (sync_anchor(s, upstream, k, &a, e) == -1)
		return -1;
	if (a.pending[0] == '\0')
		return 0;
	if (work_left(s, upstream, k, &left, &untried, e) == -1)
		return -1;
	if (untried > 0)
		return 0; /* the list is still being worked on */
	if (left == 0) {
		memcpy(a.value, a.pending, sizeof(a.value));
		memcpy(a.filter, a.pending_filter, SHA256_LEN);
		a.full = a.pending_full ? now : a.full;
	}
	a.pending[0] = '\0';
	a.taken = 0;
	a.pending_full = false;
	return sync_anchor_put(s, upstream, k, &a, e);
}

int
sync_url_put(struct store *s, int64_t upstream, const uint8_t sha1[SHA1_LEN],
    const char *url, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_PUT_INBOX_URL, e) == -1)
		return -1;
	query_blob(&q, sha1, SHA1_LEN);
	query_int(&q, upstream);
	query_str(&q, url);
	return query_done(&q, e);
}

/* By SHA-1: their order does not depend on that of the answers. */
static int
put_urls(struct store *s, struct err *e)
{
	uint8_t sha1[SHA1_LEN];
	struct query q;
	int r = query_open(&q, s, SQL_EACH_INBOX_URL, e);

	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, sha1, SHA1_LEN);
		r = store_put_url(
		    s, sha1, query_get_text(&q, 1), query_get_text(&q, 2), e);
	}
	if (r == -1 || query_open(&q, s, SQL_CLEAR_INBOX_URLS, e) == -1)
		return -1;
	return query_done(&q, e);
}

int
sync_take(struct store *s, int64_t upstream, int64_t now, struct err *e)
{
	struct query q;

	if (sync_put_extra(s, e) == -1 || put_urls(s, e) == -1 ||
	    query_open(&q, s, SQL_CLEAR_INBOX, e) == -1 ||
	    query_done(&q, e) == -1 || sync_sweep(s, e) == -1 ||
	    query_open(&q, s, SQL_END_DANGLING, e) == -1)
		return -1;
	query_int(&q, now);
	query_int(&q, upstream);
	if (query_done(&q, e) == -1 ||
	    take_anchor(s, upstream, SYNC_CONFIG, now, e) == -1)
		return -1;
	return take_anchor(s, upstream, SYNC_LIST, now, e);
}

int
sync_last_run(
    struct store *s, int64_t upstream, struct sync_run *run, struct err *e)
{
	struct query q;
	int r;

	*run = (struct sync_run){.status = 0};
	if (query_open(&q, s, SQL_LAST_RUN, e) == -1)
		return -1;
	query_int(&q, upstream);
	if ((r = query_step(&q, e)) == 1) {
		run->began = sqlite3_column_int64(q.st, 0);
		run->ended = sqlite3_column_int64(q.st, 1);
		run->status = sqlite3_column_int(q.st, 2);
		run->requests = (uint64_t)sqlite3_column_int64(q.st, 3);
		run->revisions = (uint64_t)sqlite3_column_int64(q.st, 4);
		run->files = (uint64_t)sqlite3_column_int64(q.st, 5);
		run->bytes = (uint64_t)sqlite3_column_int64(q.st, 6);
		run->failed = (uint64_t)sqlite3_column_int64(q.st, 7);
	}
	query_close(&q);
	return r;
}

int
sync_run_put(
    struct store *s, int64_t upstream, const struct sync_run *r, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_ADD_RUN, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_int(&q, r->began);
	query_int(&q, r->ended);
	query_int(&q, r->status);
	query_int(&q, (int64_t)r->requests);
	query_int(&q, (int64_t)r->revisions);
	query_int(&q, (int64_t)r->files);
	query_int(&q, (int64_t)r->bytes);
	query_int(&q, (int64_t)r->failed);
	if (query_done(&q, e) == -1 ||
	    query_open(&q, s, SQL_TRIM_RUNS, e) == -1)
		return -1;
	query_int(&q, SYNC_RUNS_KEPT);
	return query_done(&q, e);
}

int
sync_told(struct store *s, int64_t upstream, const char *matter,
    const uint8_t sha256[SHA256_LEN], bool *news, struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, SQL_IS_TOLD, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_str(&q, matter);
	query_blob(&q, sha256, SHA256_LEN);
	r = query_step(&q, e);
	query_close(&q);
	*news = r == 0;
	if (r != 0)
		return r == 1 ? 0 : -1;
	if (query_open(&q, s, SQL_PUT_TOLD, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_str(&q, matter);
	query_blob(&q, sha256, SHA256_LEN);
	return query_done(&q, e);
}

int
sync_count(struct query *q, uint64_t *n, struct err *e)
{
	int r = query_step(q, e);

	*n = r == 1 ? (uint64_t)sqlite3_column_int64(q->st, 0) : 0;
	query_close(q);
	return r == -1 ? -1 : 0;
}
