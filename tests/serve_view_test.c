/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "lib/serve/serve_priv.h"
#include "lib/store/store.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static struct store *
reader(const char *dir)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;

	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	return s;
}

/* Update 20, superseded by 21. */
static void
add_more(struct store *s)
{
	struct err e = ERR_INIT;
	struct make m;

	T_CALL(store_begin(s, &e), &e);
	make_update(&m, 20, 1);
	make_put_ok(s, &m);
	make_update(&m, 21, 1);
	m.superseded[0] = make_guid(20);
	m.u.nsuperseded = 1;
	make_put_ok(s, &m);
	make_commit(s);
}

T_TEST(what_pages_need_is_there_before_a_client_asks)
{
	const char *dir = t_tmpdir();
	struct store *w = make_begun(dir), *r;
	struct serve_view v;

	serve_view_init(&v);
	make_fill(w);
	make_commit(w);
	r = reader(dir);
	serve_view_prepare(&v, r);
	T_OK(v.made);
	T_EQ(v.n, 1);
	add_more(w);
	serve_view_prepare(&v, r);
	T_EQ(v.n, 3);
	T_OK(!row_set_has(&v.superseded, v.rows[0]));
	T_OK(row_set_has(&v.superseded, v.rows[1]));
	serve_view_free(&v);
	store_close(r);
	store_close(w);
}

T_TEST(a_page_under_way_keeps_its_own_moment)
{
	const char *dir = t_tmpdir();
	struct store *w = make_begun(dir), *a, *b;
	struct err e = ERR_INIT;
	struct serve_view v;

	serve_view_init(&v);
	make_fill(w);
	make_commit(w);
	a = reader(dir);
	b = reader(dir);
	T_CALL(store_begin(a, &e), &e);
	T_CALL(serve_view_lock(&v, a, &e), &e);
	serve_view_unlock(&v);
	add_more(w);
	serve_view_prepare(&v, b);
	T_EQ(v.n, 3);
	T_CALL(serve_view_lock(&v, a, &e), &e);
	T_EQ(v.n, 1);
	serve_view_unlock(&v);
	store_rollback(a);
	serve_view_free(&v);
	store_close(a);
	store_close(b);
	store_close(w);
}

T_TEST(a_copy_of_a_set_is_its_own)
{
	struct row_set s = {.bits = NULL}, t = {.bits = NULL};
	struct err e = ERR_INIT;

	T_CALL(row_set_copy(&t, &s, &e), &e);
	T_OK(!row_set_has(&t, 0));
	T_CALL(row_set_add(&s, 1000, &e), &e);
	T_CALL(row_set_copy(&t, &s, &e), &e);
	row_set_free(&s);
	T_OK(row_set_has(&t, 1000));
	T_OK(!row_set_has(&t, 999));
	row_set_free(&t);
}

T_TEST(what_the_store_lacks_is_told_once_for_each_state_of_it)
{
	const char *dir = t_tmpdir();
	struct store *w = make_begun(dir), *r;
	struct err e = ERR_INIT;
	struct lacking l;
	struct serve_view v;
	int64_t told = -1;
	struct make m;

	serve_view_init(&v);
	T_OK(!serve_view_lacking(&v, &told, &l));
	make_fill(w);
	make_commit(w);
	r = reader(dir);
	serve_view_prepare(&v, r);
	T_OK(serve_view_lacking(&v, &told, &l));
	T_EQ(l.revisions, 0);
	T_EQ(l.files, 1);
	T_OK(!serve_view_lacking(&v, &told, &l));
	T_CALL(store_begin(w, &e), &e);
	make_update(&m, 30, 1);
	make_needs(&m, 0, 99);
	(void)make_file(&m, "somewhere else", "a.cab");
	make_put_ok(w, &m);
	make_commit(w);
	T_OK(!serve_view_lacking(&v, &told, &l));
	serve_view_prepare(&v, r);
	T_OK(serve_view_lacking(&v, &told, &l));
	T_EQ(l.revisions, 1);
	T_EQ(l.files, 2);
	T_OK(!serve_view_lacking(&v, &told, &l));
	serve_view_free(&v);
	store_close(r);
	store_close(w);
}

T_MAIN
