/* SPDX-License-Identifier: ISC */
/* What all answers of one state of the store have in common. */
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/serve/serve_priv.h"
#include "lib/store/gone.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"
#include "lib/view/find.h"

#define HOLD_TRIES 8 /* while others want another state */

void
serve_view_init(struct serve_view *v)
{
	*v = (struct serve_view){.made = false};
	pthread_rwlock_init(&v->lock, NULL);
}

void
serve_view_free(struct serve_view *v)
{
	find_free(v->find);
	v->find = NULL;
	pthread_rwlock_destroy(&v->lock);
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

static bool
is_good(const struct serve_view *v, uint64_t now)
{
	return v->made && v->now == now && clock_s() < v->good_s;
}

static int
fill(struct serve_view *v, struct store *store, const struct gone *gone,
    struct err *e)
{
	const struct lacking_of of = {.gone = gone};
	struct lacking l;

	if (store_last(store, &v->last, e) == -1 ||
	    lacking_count(store, &of, &l, e) == -1 ||
	    status_read(&v->status, store, &l, e) == -1)
		return -1;
	return find_make(&v->find, store, gone, e);
}

/* With the lock for writing. */
static int
make(struct serve_view *v, struct store *store, struct err *e)
{
	struct gone gone;
	uint64_t now;
	int r;

	if (serve_now(v, store, &now, e) == -1)
		return -1;
	if (is_good(v, now))
		return 0;
	v->made = false;
	find_free(v->find);
	v->find = NULL;
	r = gone_find(&gone, store, e);
	if (r == 0)
		r = fill(v, store, &gone, e);
	gone_free(&gone);
	if (r == -1)
		return -1;
	v->made = true;
	v->now = now;
	v->good_s = serve_good_s(v->status.lacking.damaged != 0);
	return 0;
}

int
serve_view_hold(struct serve_view *v, struct store *store, struct err *e)
{
	uint64_t now;
	unsigned i;
	int r;

	for (i = 0; i < HOLD_TRIES; i++) {
		if (serve_now(v, store, &now, e) == -1)
			return -1;
		pthread_rwlock_rdlock(&v->lock);
		if (is_good(v, now))
			return 0;
		pthread_rwlock_unlock(&v->lock);
		pthread_rwlock_wrlock(&v->lock);
		r = make(v, store, e);
		pthread_rwlock_unlock(&v->lock);
		if (r == -1)
			return -1;
	}
	return err_set(e, E_BUSY, "the store changes too fast to be shown");
}

void
serve_view_release(struct serve_view *v)
{
	pthread_rwlock_unlock(&v->lock);
}

int
serve_view_lacking(
    struct serve_view *v, struct store *store, struct lacking *l, struct err *e)
{
	if (serve_view_hold(v, store, e) == -1)
		return -1;
	*l = v->status.lacking;
	serve_view_release(v);
	return 0;
}

/* Payload that arrives file by file is counted when somebody asks. */
static int
is_old(struct serve_view *v, struct store *store, bool *old, struct err *e)
{
	int64_t last;

	if (store_last(store, &last, e) == -1)
		return -1;
	pthread_rwlock_rdlock(&v->lock);
	*old = !v->made || v->last != last;
	pthread_rwlock_unlock(&v->lock);
	return 0;
}

void
serve_view_prepare(struct serve_view *v, struct store *store)
{
	struct err e = ERR_INIT; /* a request will meet it again, and say it */
	bool old = false;

	if (store_begin(store, &e) == -1)
		return;
	if (is_old(v, store, &old, &e) == 0 && old &&
	    serve_view_hold(v, store, &e) == 0)
		serve_view_release(v);
	store_rollback(store);
}

bool
serve_view_news(struct serve_view *v, int64_t *told, struct lacking *l)
{
	bool news;

	pthread_rwlock_rdlock(&v->lock);
	news = v->made && v->last != *told;
	*l = v->status.lacking;
	if (news)
		*told = v->last;
	pthread_rwlock_unlock(&v->lock);
	return news;
}
