/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/serve/serve_priv.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"
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
	struct err e = ERR_INIT;
	struct lacking l;
	struct serve_view v;
	int64_t told = -1;

	serve_view_init(&v);
	T_OK(!serve_view_news(&v, &told, &l));
	make_fill(w);
	make_commit(w);
	r = reader(dir);
	T_CALL(serve_view_prepare(&v, r, &e), &e);
	T_OK(serve_view_news(&v, &told, &l));
	T_EQ(l.revisions, 0);
	T_EQ(l.files, 1);
	T_OK(!serve_view_news(&v, &told, &l));
	add(w, 30, "somewhere else");
	T_OK(!serve_view_news(&v, &told, &l));
	T_CALL(serve_view_prepare(&v, r, &e), &e);
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
	T_CALL(serve_view_prepare(&v, b, &e), &e);
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

static unsigned
shown_files(struct serve_view *v, struct store *s)
{
	struct err e = ERR_INIT;
	unsigned n;

	T_CALL(serve_view_hold(v, s, NULL, &e), &e);
	n = (unsigned)v->is.status.lacking.files;
	serve_view_release(v);
	return n;
}

static unsigned
own_files(struct serve_view *v, struct store *s)
{
	struct err e = ERR_INIT;
	struct lacking l;

	T_CALL(serve_view_lacking(v, s, &l, &e), &e);
	return (unsigned)l.files;
}

/* Every store is big, as it were. */
T_TEST(of_a_big_store_the_last_one_is_shown_until_it_is_time)
{
	const char *dir = t_tmpdir();
	struct store *w = make_begun(dir), *a, *m;
	struct err e = ERR_INIT;
	struct serve_view v;

	serve_view_init(&v);
	v.small_ms = 0;
	make_fill(w);
	make_commit(w);
	a = reader(dir);
	m = reader(dir);
	T_CALL(store_begin(a, &e), &e);
	T_EQ(shown_files(&v, a), 1); /* there was none */
	store_rollback(a);
	v.is.next_ms = UINT64_MAX;
	add(w, 30, "somewhere else");
	T_CALL(store_begin(a, &e), &e);
	T_EQ(shown_files(&v, a), 1);
	T_OK(atomic_load(&v.stale));
	T_EQ(own_files(&v, a), 2); /* what is a list's is of its moment */
	T_CALL(serve_view_prepare(&v, m, &e), &e);
	T_EQ(shown_files(&v, a), 1); /* it is not time */
	v.is.next_ms = 0;
	T_CALL(serve_view_prepare(&v, m, &e), &e);
	T_OK(!atomic_load(&v.stale));
	T_EQ(shown_files(&v, a), 2);
	T_EQ(own_files(&v, a), 2);
	store_rollback(a);
	serve_view_free(&v);
	store_close(a);
	store_close(m);
	store_close(w);
}

/* No page is made of rows that its snapshot has not. */
T_TEST(who_is_behind_begins_anew)
{
	const char *dir = t_tmpdir();
	struct store *w = make_begun(dir), *a, *m;
	struct err e = ERR_INIT;
	struct serve_view v;
	int64_t before, after;

	serve_view_init(&v);
	v.small_ms = 0;
	make_fill(w);
	make_commit(w);
	a = reader(dir);
	m = reader(dir);
	T_CALL(store_begin(a, &e), &e);
	T_EQ(shown_files(&v, a), 1);
	T_CALL(store_last(a, &before, &e), &e);
	add(w, 30, "somewhere else");
	v.is.next_ms = 0;
	T_CALL(serve_view_prepare(&v, m, &e), &e);
	T_EQ(shown_files(&v, a), 2);
	T_CALL(store_last(a, &after, &e), &e);
	T_EQ(after, before + 1);
	store_rollback(a);
	serve_view_free(&v);
	store_close(a);
	store_close(m);
	store_close(w);
}

struct crowd {
	const char *dir;
	struct serve_view *v;
	atomic_bool enough;
};

/* Pages without end. */
static void *
make_pages(void *arg)
{
	struct crowd *c = arg;
	struct store *s = reader(c->dir);
	struct err e = ERR_INIT;

	while (!atomic_load(&c->enough)) {
		T_CALL(store_begin(s, &e), &e);
		T_CALL(serve_view_hold(c->v, s, NULL, &e), &e);
		usleep(3000);
		serve_view_release(c->v);
		store_rollback(s);
	}
	store_close(s);
	return NULL;
}

T_TEST(no_crowd_of_pages_keeps_the_main_thread)
{
	const char *dir = t_tmpdir();
	struct store *w = make_begun(dir), *m;
	struct err e = ERR_INIT;
	struct serve_view v;
	struct crowd c = {dir, &v, false};
	pthread_t threads[6];
	uint64_t began;
	unsigned i;

	serve_view_init(&v);
	v.small_ms = 0;
	make_fill(w);
	make_commit(w);
	m = reader(dir);
	T_CALL(serve_view_prepare(&v, m, &e), &e);
	for (i = 0; i < 6; i++)
		T_EQ(pthread_create(&threads[i], NULL, make_pages, &c), 0);
	began = clock_ms();
	for (i = 0; i < 20; i++) {
		add(w, 30 + i, "somewhere else");
		pthread_rwlock_wrlock(&v.lock);
		v.is.next_ms = 0;
		pthread_rwlock_unlock(&v.lock);
		T_CALL(serve_view_prepare(&v, m, &e), &e);
	}
	T_OK(clock_ms() - began < 20000);
	atomic_store(&c.enough, true);
	for (i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	serve_view_free(&v);
	store_close(m);
	store_close(w);
}

/* Payload that comes and goes is a moment of its own, without a revision. */
T_TEST(what_is_asked_for_is_made_when_it_is_time)
{
	const char *dir = t_tmpdir();
	struct store *w = make_begun(dir), *a;
	struct err e = ERR_INIT;
	struct serve_view v;

	serve_view_init(&v);
	v.small_ms = 0;
	make_fill(w);
	make_commit(w);
	a = reader(dir);
	T_CALL(serve_view_prepare(&v, a, &e), &e);
	T_CALL(store_begin(w, &e), &e);
	make_here(w, dir, "payload of 11", "cab");
	make_commit(w);
	v.is.next_ms = 0;
	T_CALL(serve_view_prepare(&v, a, &e), &e); /* nobody asked */
	T_EQ(v.is.status.lacking.files, 1);
	T_CALL(store_begin(a, &e), &e);
	T_EQ(shown_files(&v, a), 1);
	store_rollback(a);
	T_CALL(serve_view_prepare(&v, a, &e), &e);
	T_EQ(v.is.status.lacking.files, 0);
	serve_view_free(&v);
	store_close(a);
	store_close(w);
}

T_MAIN
