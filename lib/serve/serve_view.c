/* SPDX-License-Identifier: ISC */
/* What all answers of one state of the store have in common. */
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/serve/serve_priv.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"

void
serve_view_init(struct serve_view *v)
{
	*v = (struct serve_view){.made = false};
	pthread_mutex_init(&v->lock, NULL);
}

void
serve_view_free(struct serve_view *v)
{
	pthread_mutex_destroy(&v->lock);
}

int
serve_now(
    struct serve_view *v, struct store *store, uint64_t *now, struct err *e)
{
	if (store_now(store, now, e) == -1)
		return -1;
	*now += atomic_load(&v->lost);
	return 0;
}

int64_t
serve_good_s(bool lost)
{
	return lost ? clock_s() + SERVE_LOST_S : INT64_MAX;
}

/* Under the lock. */
static int
make(struct serve_view *v, struct store *store, struct err *e)
{
	uint64_t now;

	if (serve_now(v, store, &now, e) == -1)
		return -1;
	if (v->made && v->now == now && clock_s() < v->good_s)
		return 0;
	v->made = false;
	if (store_last(store, &v->last, e) == -1 ||
	    lacking_count(store, NULL, &v->lacking, e) == -1)
		return -1;
	v->made = true;
	v->now = now;
	v->good_s = serve_good_s(v->lacking.damaged != 0);
	return 0;
}

int
serve_view_lacking(
    struct serve_view *v, struct store *store, struct lacking *l, struct err *e)
{
	int r;

	pthread_mutex_lock(&v->lock);
	r = make(v, store, e);
	*l = v->lacking;
	pthread_mutex_unlock(&v->lock);
	return r;
}

/* Payload that arrives file by file is counted when somebody asks. */
static int
is_old(struct serve_view *v, struct store *store, bool *old, struct err *e)
{
	int64_t last;

	if (store_last(store, &last, e) == -1)
		return -1;
	pthread_mutex_lock(&v->lock);
	*old = !v->made || v->last != last;
	pthread_mutex_unlock(&v->lock);
	return 0;
}

void
serve_view_prepare(struct serve_view *v, struct store *store)
{
	struct err e = ERR_INIT; /* a request will meet it again, and say it */
	struct lacking l;
	bool old = false;

	if (store_begin(store, &e) == -1)
		return;
	if (is_old(v, store, &old, &e) == 0 && old)
		(void)serve_view_lacking(v, store, &l, &e);
	store_rollback(store);
}

bool
serve_view_news(struct serve_view *v, int64_t *told, struct lacking *l)
{
	bool news;

	pthread_mutex_lock(&v->lock);
	news = v->made && v->last != *told;
	*l = v->lacking;
	if (news)
		*told = v->last;
	pthread_mutex_unlock(&v->lock);
	return news;
}
