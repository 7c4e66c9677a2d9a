/* SPDX-License-Identifier: ISC */
/* Upstreams, anchors, and what a take leaves. */
#include "tests/t.h"

#include <sqlite3.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "tests/sync_make.h"

MAKE_IN_MEMORY

T_TEST(an_upstream_is_made_once_and_keeps_its_account)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct sync_upstream a, b, c;
	struct err e = ERR_INIT;

	T_CALL(sync_upstream(s, "http://one", &a, &e), &e);
	T_CALL(sync_upstream(s, "http://two", &b, &e), &e);
	T_OK(a.row != b.row && guid_cmp(&a.account, &b.account) != 0);
	T_STR(a.name, "");
	T_EQ(a.last_success, 0);
	snprintf(a.name, sizeof(a.name), "down.example.org");
	snprintf(a.version, sizeof(a.version), "1.20");
	snprintf(a.languages, sizeof(a.languages), "de en");
	a.last_success = SYNC_NOW;
	a.catalog_only = a.hosts_psf = true;
	a.max_updates = 100;
	T_CALL(sync_upstream_put(s, &a, &e), &e);
	make_commit(s);
	store_close(s);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(sync_upstream(s, "http://one", &c, &e), &e);
	T_EQ(c.row, a.row);
	T_MEM(&c.account, &a.account, sizeof(struct guid));
	T_STR(c.url, "http://one");
	T_STR(c.name, "down.example.org");
	T_STR(c.version, "1.20");
	T_STR(c.languages, "de en");
	T_EQ(c.last_success, SYNC_NOW);
	T_EQ(c.max_updates, 100);
	T_OK(c.catalog_only && !c.lazy && c.hosts_psf);
	store_close(s);
}

T_TEST(an_address_has_a_length)
{
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	struct sync_upstream u;
	char url[SYNC_URL_MAX + 1];

	memset(url, 'u', sizeof(url) - 1);
	url[SYNC_URL_MAX] = '\0';
	T_FAILS(sync_upstream(s, url, &u, &e), &e, E_LIMIT,
	    "1024 bytes, expected 1 to 1023");
	T_FAILS(sync_upstream(s, "", &u, &e), &e, E_LIMIT, "0 bytes");
	url[SYNC_URL_MAX - 1] = '\0';
	T_CALL(sync_upstream(s, url, &u, &e), &e);
	T_STR(u.url, url);
	store_close(s);
}

static int
note_upstream(void *arg, const struct sync_upstream *u, struct err *e)
{
	(void)e;
	make_note(arg, "%s ", u->url);
	return 0;
}

T_TEST(upstreams_are_told_by_address)
{
	struct store *s = make_begun(t_tmpdir());
	struct make_notes g = {""};
	struct err e = ERR_INIT;
	struct sync_upstream u;

	T_CALL(sync_upstream(s, "http://two", &u, &e), &e);
	T_CALL(sync_upstream(s, "http://one", &u, &e), &e);
	T_CALL(sync_each_upstream(s, note_upstream, &g, &e), &e);
	T_STR(g.text, "http://one http://two ");
	store_close(s);
}

/* A full list of kind k is pending. */
static void
pend(struct store *s, int64_t up, enum sync_kind k, const char *anchor)
{
	struct err e = ERR_INIT;
	struct sync_anchor a;

	T_CALL(sync_anchor(s, up, k, &a, &e), &e);
	snprintf(a.pending, sizeof(a.pending), "%s", anchor);
	a.taken = SYNC_NOW - 60;
	a.pending_full = true;
	memset(a.pending_filter, 0x33, SHA256_LEN);
	T_CALL(sync_anchor_put(s, up, k, &a, &e), &e);
}

static const char *
anchor(struct store *s, int64_t up, enum sync_kind k)
{
	static struct make_notes g;
	struct err e = ERR_INIT;
	struct sync_anchor a;

	g.text[0] = '\0';
	T_CALL(sync_anchor(s, up, k, &a, &e), &e);
	make_note(&g, "'%s' pending '%s' taken %d full %d %d filter %x %x",
	    a.value, a.pending, (int)a.taken, (int)a.full, a.pending_full,
	    a.filter[31], a.pending_filter[31]);
	return g.text;
}

T_TEST(an_anchor_is_empty_until_it_is_put)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);

	T_STR(anchor(s, up, SYNC_LIST),
	    "'' pending '' taken 0 full 0 0 filter 0 0");
	pend(s, up, SYNC_LIST, "7,2026-10-04 16:33:26.734");
	T_STR(anchor(s, up, SYNC_LIST),
	    "'' pending '7,2026-10-04 16:33:26.734' taken 1699999940 full 0 1 "
	    "filter 0 33");
	T_STR(anchor(s, up, SYNC_CONFIG),
	    "'' pending '' taken 0 full 0 0 filter 0 0");
	store_close(s);
}

T_TEST(a_take_with_nothing_left_makes_the_pending_anchors_valid)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct err e = ERR_INIT;
	struct store_counts c;
	struct make m;

	pend(s, up, SYNC_CONFIG, "c1");
	pend(s, up, SYNC_LIST, "l1");
	T_EQ(sync_list(s, up, SYNC_LIST, 10, 200), 1);
	make_update(&m, 10, 200);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_STR(sync_counted(s, up),
	    "todo 0 tried 0 unavailable 0 inbox 1 of 16 bytes");
	sync_put_all(s, up);
	T_STR(anchor(s, up, SYNC_CONFIG),
	    "'c1' pending '' taken 0 full 1700000000 0 filter 33 33");
	T_STR(anchor(s, up, SYNC_LIST),
	    "'l1' pending '' taken 0 full 1700000000 0 filter 33 33");
	T_STR(sync_counted(s, up),
	    "todo 0 tried 0 unavailable 0 inbox 0 of 0 bytes");
	T_CALL(store_counts(s, &c, &e), &e);
	T_EQ(c.revisions, 1);
	/* A list of changes does not make a full one younger or older. */
	pend(s, up, SYNC_LIST, "l2");
	{
		struct sync_anchor a;

		T_CALL(sync_anchor(s, up, SYNC_LIST, &a, &e), &e);
		a.pending_full = false;
		a.full = 77;
		T_CALL(sync_anchor_put(s, up, SYNC_LIST, &a, &e), &e);
	}
	T_CALL(sync_take(s, up, SYNC_NOW, &e), &e);
	T_STR(anchor(s, up, SYNC_LIST),
	    "'l2' pending '' taken 0 full 77 0 filter 33 33");
	store_close(s);
}

T_TEST(what_is_left_for_later_holds_its_anchor_back)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct guid id = make_guid(10);
	struct err e = ERR_INIT;

	pend(s, up, SYNC_CONFIG, "c1");
	pend(s, up, SYNC_LIST, "l1");
	T_EQ(sync_list(s, up, SYNC_LIST, 10, 200), 1);
	/* Not yet tried: the list is still being worked on. */
	T_CALL(sync_take(s, up, SYNC_NOW, &e), &e);
	T_STR(anchor(s, up, SYNC_CONFIG),
	    "'c1' pending '' taken 0 full 1700000000 0 filter 33 33");
	T_STR(anchor(s, up, SYNC_LIST),
	    "'' pending 'l1' taken 1699999940 full 0 1 filter 0 33");
	T_CALL(sync_later(s, up, &id, 200, "busy", &e), &e);
	T_CALL(sync_take(s, up, SYNC_NOW, &e), &e);
	T_STR(anchor(s, up, SYNC_LIST),
	    "'' pending '' taken 0 full 0 0 filter 0 33");
	T_STR(sync_todos(s, up), "2 10.200 tries 1;");
	/* And what is not to be had does not. */
	pend(s, up, SYNC_LIST, "l2");
	T_CALL(sync_unavailable(s, up, &id, 200, "gone", &e), &e);
	T_CALL(sync_take(s, up, SYNC_NOW, &e), &e);
	T_STR(anchor(s, up, SYNC_LIST),
	    "'l2' pending '' taken 0 full 1700000000 0 filter 33 33");
	T_STR(sync_counted(s, up),
	    "todo 0 tried 0 unavailable 1 inbox 0 of 0 bytes");
	store_close(s);
}

T_TEST(the_anchor_of_updates_waits_for_what_they_bundle)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct guid child = make_guid(11);
	struct err e = ERR_INIT;
	struct make m;

	pend(s, up, SYNC_CONFIG, "c1");
	pend(s, up, SYNC_LIST, "l1");
	T_EQ(sync_list(s, up, SYNC_LIST, 10, 200), 1);
	make_update(&m, 10, 200);
	make_bundles(&m, 11, 100);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_CALL(sync_later(s, up, &child, 100, "busy", &e), &e);
	sync_put_all(s, up);
	T_STR(anchor(s, up, SYNC_CONFIG),
	    "'c1' pending '' taken 0 full 1700000000 0 filter 33 33");
	T_STR(anchor(s, up, SYNC_LIST),
	    "'' pending '' taken 0 full 0 0 filter 0 33");
	T_STR(sync_todos(s, up), "3 11.100 tries 1;");
	store_close(s);
}

T_TEST(work_of_another_upstream_holds_nothing_back)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct sync_upstream other;
	struct err e = ERR_INIT;

	T_CALL(sync_upstream(s, "http://other", &other, &e), &e);
	T_EQ(sync_list(s, other.row, SYNC_LIST, 10, 200), 1);
	pend(s, up, SYNC_LIST, "l1");
	pend(s, other.row, SYNC_LIST, "o1");
	T_CALL(sync_take(s, up, SYNC_NOW, &e), &e);
	T_STR(anchor(s, up, SYNC_LIST),
	    "'l1' pending '' taken 0 full 1700000000 0 filter 33 33");
	T_STR(anchor(s, other.row, SYNC_LIST),
	    "'' pending 'o1' taken 1699999940 full 0 1 filter 0 33");
	store_close(s);
}

/* Listed 1 to do and 2 not to be had, received 10, which wants 11 and 70. */
static struct store *
half_done(int64_t *up)
{
	struct store *s = sync_store(t_tmpdir(), up);
	struct guid gone = make_guid(2), part = make_guid(12);
	struct err e = ERR_INIT;
	struct make m;

	pend(s, *up, SYNC_LIST, "l1");
	T_EQ(sync_list(s, *up, SYNC_LIST, 1, 1), 1);
	T_EQ(sync_list(s, *up, SYNC_LIST, 2, 1), 1);
	T_EQ(sync_list(s, *up, SYNC_LIST, 10, 200), 1);
	T_CALL(sync_unavailable(s, *up, &gone, 1, "gone", &e), &e);
	make_update(&m, 10, 200);
	make_bundles(&m, 11, 100);
	make_bundles(&m, 12, 100);
	make_needs(&m, 0, 70);
	sync_bring_ok(s, *up, SYNC_LIST, &m);
	T_CALL(sync_unavailable(s, *up, &part, 100, "gone", &e), &e);
	T_STR(sync_todos(s, *up), "2 1.1 tries 0;3 11.100 tries 0;");
	T_STR(sync_counted(s, *up),
	    "todo 2 tried 0 unavailable 2 inbox 1 of 16 bytes");
	return s;
}

T_TEST(a_restart_drops_what_was_listed_and_keeps_what_was_received)
{
	struct err e = ERR_INIT;
	struct store *s;
	int64_t up;

	s = half_done(&up);
	T_CALL(sync_restart(s, up, &e), &e);
	T_STR(anchor(s, up, SYNC_LIST),
	    "'' pending '' taken 0 full 0 0 filter 0 33");
	T_STR(sync_todos(s, up), "3 11.100 tries 0;");
	T_STR(sync_danglings(s, up), "70 ");
	T_STR(sync_counted(s, up),
	    "todo 1 tried 0 unavailable 2 inbox 1 of 16 bytes");
	T_EQ(sync_list(s, up, SYNC_LIST, 1, 1), 1);
	store_close(s);
}

T_TEST(forgetting_an_upstream_asks_it_for_everything_again)
{
	struct err e = ERR_INIT;
	struct store *s;
	int64_t up;

	s = half_done(&up);
	T_CALL(sync_forget(s, up, &e), &e);
	T_STR(anchor(s, up, SYNC_LIST),
	    "'' pending '' taken 0 full 0 0 filter 0 0");
	T_STR(sync_todos(s, up), "3 11.100 tries 0;3 12.100 tries 1;");
	T_EQ(sync_list(s, up, SYNC_LIST, 2, 1), 1);
	T_STR(sync_counted(s, up),
	    "todo 3 tried 1 unavailable 0 inbox 1 of 16 bytes");
	store_close(s);
}

static int64_t
number(const char *dir, const char *text)
{
	char path[512];
	sqlite3_stmt *st;
	sqlite3 *db;
	int64_t v;

	snprintf(path, sizeof(path), "%s/store.db", dir);
	T_EQ(sqlite3_open(path, &db), SQLITE_OK);
	T_EQ(sqlite3_prepare_v2(db, text, -1, &st, NULL), SQLITE_OK);
	T_EQ(sqlite3_step(st), SQLITE_ROW);
	v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return v;
}

T_TEST(the_last_run_is_that_of_its_upstream)
{
	struct sync_run r = {.began = 5,
			    .ended = 9,
			    .status = 10,
			    .requests = 1,
			    .revisions = 2,
			    .files = 3,
			    .bytes = 1ULL << 40,
			    .failed = 4},
			got;
	struct sync_upstream other;
	struct err e = ERR_INIT;
	struct store *s;
	int64_t up;

	s = sync_store(t_tmpdir(), &up);
	T_CALL(sync_upstream(s, "http://other", &other, &e), &e);
	T_EQ(sync_last_run(s, up, &got, &e), 0);
	T_EQ(got.began, 0);
	T_CALL(sync_run_put(s, up, &(struct sync_run){.began = 1}, &e), &e);
	T_CALL(sync_run_put(s, up, &r, &e), &e);
	T_CALL(
	    sync_run_put(s, other.row, &(struct sync_run){.began = 6}, &e), &e);
	T_EQ(sync_last_run(s, up, &got, &e), 1);
	T_EQ(got.began, 5);
	T_EQ(got.ended, 9);
	T_EQ(got.status, 10);
	T_EQ(got.requests, 1);
	T_EQ(got.revisions, 2);
	T_EQ(got.files, 3);
	T_EQ(got.bytes, 1LL << 40);
	T_EQ(got.failed, 4);
	store_close(s);
}

T_TEST(the_latest_runs_are_kept)
{
	const char *dir = t_tmpdir();
	struct sync_run r = {.began = 5,
	    .ended = 9,
	    .status = 10,
	    .requests = 1,
	    .revisions = 2,
	    .files = 3,
	    .bytes = 1ULL << 40,
	    .failed = 4};
	struct err e = ERR_INIT;
	struct store *s;
	int64_t up;
	int i;

	s = sync_store(dir, &up);
	for (i = 0; i < SYNC_RUNS_KEPT + 3; i++) {
		r.began = i;
		T_CALL(sync_run_put(s, up, &r, &e), &e);
	}
	make_commit(s);
	store_close(s);
	T_EQ(number(dir, "SELECT count(*) FROM run"), SYNC_RUNS_KEPT);
	T_EQ(number(dir, "SELECT min(began) FROM run"), 3);
	T_EQ(number(dir,
		 "SELECT count(*) FROM run WHERE ended = 9 AND status = 10"
		 " AND requests = 1 AND revisions = 2 AND files = 3"
		 " AND bytes = 1099511627776 AND failed = 4"),
	    SYNC_RUNS_KEPT);
}

T_TEST(what_was_told_is_no_news)
{
	static const uint8_t one[SHA256_LEN] = {1}, two[SHA256_LEN] = {2};
	static const struct {
		int64_t upstream;
		const char *matter;
		const uint8_t *sha256;
		bool news;
	} rows[] = {
	    {1, "a", one, true},
	    {1, "a", one, false},
	    {1, "b", one, true},
	    {2, "a", one, true},
	    {1, "a", two, true},
	    {1, "a", one, true},
	    {1, "b", one, false},
	};
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	bool news;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		T_CALL(sync_told(s, rows[i].upstream, rows[i].matter,
			   rows[i].sha256, &news, &e),
		    &e);
		T_EQ(news, rows[i].news);
	}
	store_close(s);
}

T_TEST(what_is_rolled_back_leaves_nothing)
{
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct sync_upstream u;
	char *before, *after;
	struct store *s;
	struct make m;
	int64_t up;

	s = sync_store(dir, &up);
	make_commit(s);
	before = make_dump(s);
	T_CALL(store_begin(s, &e), &e);
	pend(s, up, SYNC_LIST, "l1");
	T_CALL(sync_upstream(s, "http://other", &u, &e), &e);
	T_EQ(sync_list(s, up, SYNC_LIST, 1, 1), 1);
	make_update(&m, 10, 200);
	make_bundles(&m, 11, 100);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_CALL(sync_listed_begin(s, up, SYNC_LIST, false, &e), &e);
	T_CALL(sync_listed(s, up, SYNC_LIST, &m.u.id, 200, &e), &e);
	after = make_dump(s);
	T_OK(strstr(after, "unfinished 1 2\n") != NULL);
	free(after);
	store_rollback(s);
	T_STR(after = make_dump(s), before);
	T_STR(sync_counted(s, up),
	    "todo 0 tried 0 unavailable 0 inbox 0 of 0 bytes");
	T_STR(anchor(s, up, SYNC_LIST),
	    "'' pending '' taken 0 full 0 0 filter 0 0");
	store_close(s);
	T_EQ(number(dir,
		 "SELECT (SELECT count(*) FROM work) + (SELECT count(*) FROM"
		 " inbox) + (SELECT count(*) FROM listed) + (SELECT count(*)"
		 " FROM anchor) + (SELECT count(*) FROM upstream)"),
	    1);
	free(before);
	free(after);
}

T_MAIN
