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

static void
add(struct store *w, unsigned id, const char *content)
{
	struct err e = ERR_INIT;
	struct make m;

	T_CALL(store_begin(w, &e), &e);
	make_update(&m, id, 1);
	make_needs(&m, 0, 99);
	(void)make_file(&m, content, "a.cab");
	make_put_ok(w, &m);
	make_commit(w);
}

T_TEST(what_the_store_lacks_is_told_once_when_revisions_came)
{
	const char *dir = t_tmpdir();
	struct store *w = make_begun(dir), *r;
	struct lacking l;
	struct serve_view v;
	int64_t told = -1;

	serve_view_init(&v);
	T_OK(!serve_view_news(&v, &told, &l));
	make_fill(w);
	make_commit(w);
	r = reader(dir);
	serve_view_prepare(&v, r);
	T_OK(serve_view_news(&v, &told, &l));
	T_EQ(l.revisions, 0);
	T_EQ(l.files, 1);
	T_OK(!serve_view_news(&v, &told, &l));
	add(w, 30, "somewhere else");
	T_OK(!serve_view_news(&v, &told, &l));
	serve_view_prepare(&v, r);
	T_OK(serve_view_news(&v, &told, &l));
	T_EQ(l.revisions, 1);
	T_EQ(l.files, 2);
	T_OK(!serve_view_news(&v, &told, &l));
	serve_view_free(&v);
	store_close(r);
	store_close(w);
}

T_TEST(who_asks_hears_of_their_own_moment)
{
	const char *dir = t_tmpdir();
	struct store *w = make_begun(dir), *a, *b;
	struct err e = ERR_INIT;
	struct serve_view v;
	struct lacking l;
	uint8_t sha1[SHA1_LEN];
	struct make m;

	serve_view_init(&v);
	make_fill(w);
	make_commit(w);
	a = reader(dir);
	b = reader(dir);
	T_CALL(store_begin(a, &e), &e);
	T_CALL(serve_view_lacking(&v, a, &l, &e), &e);
	T_EQ(l.files, 1);
	add(w, 30, "somewhere else");
	serve_view_prepare(&v, b);
	T_CALL(serve_view_lacking(&v, a, &l, &e), &e);
	T_EQ(l.files, 1);
	store_rollback(a);
	T_CALL(store_begin(a, &e), &e);
	T_CALL(serve_view_lacking(&v, a, &l, &e), &e);
	T_EQ(l.files, 2);
	store_rollback(a);
	/* No revision came, and yet it is another one. */
	make_update(&m, 1, 1);
	memcpy(sha1, make_file(&m, "somewhere else", "a.cab")->sha1, SHA1_LEN);
	T_CALL(store_begin(w, &e), &e);
	T_CALL(store_file_left_out(w, sha1, true, &e), &e);
	T_CALL(store_commit(w, &e), &e);
	T_CALL(store_begin(a, &e), &e);
	T_CALL(serve_view_lacking(&v, a, &l, &e), &e);
	T_EQ(l.files, 1);
	T_EQ(l.left_out, 1);
	serve_view_free(&v);
	store_close(a);
	store_close(b);
	store_close(w);
}

T_MAIN
