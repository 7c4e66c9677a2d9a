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
#define SMALL_MS 100 /* of a processor: what takes less nobody waits for */
#define FAILED_MS 60000 /* then a big one is tried again */
#define REST 4 /* times as long as it took it is not made anew */

void
serve_view_init(struct serve_view *v)
{
	pthread_rwlockattr_t attr;

	*v = (struct serve_view){.small_ms = SMALL_MS};
	pthread_mutex_init(&v->making, NULL);
	/* Or pages, one behind the other without end, would keep who has a new
	   one waiting, and that is the main thread.  Nobody locks it twice. */
	(void)pthread_rwlockattr_init(&attr);
	(void)pthread_rwlockattr_setkind_np(
	    &attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&v->lock, &attr);
	(void)pthread_rwlockattr_destroy(&attr);
}

void
serve_view_free(struct serve_view *v)
{
	find_free(v->is.find);
	v->is.find = NULL;
	pthread_rwlock_destroy(&v->lock);
	pthread_mutex_destroy(&v->making);
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
	return v->is.made && v->is.now == now && clock_s() < v->is.good_s;
}

/* May it be shown for a while though it is not of now? */
static bool
is_big(const struct serve_view *v)
{
	return v->is.made && v->is.cost_ms >= v->small_ms;
}

static int
count_lacking(struct store *store, const struct gone *gone, struct lacking *l,
    struct err *e)
{
	const struct lacking_of of = {.gone = gone};

	return lacking_count(store, &of, l, e);
}

static int
fill(struct serve_seen *is, struct store *store, const struct gone *gone,
    struct err *e)
{
	struct lacking l;

	if (store_last(store, &is->last, e) == -1 ||
	    count_lacking(store, gone, &l, e) == -1 ||
	    status_read(&is->status, store, &l, e) == -1)
		return -1;
	return find_make(&is->find, store, gone, e);
}

/* Beside the one that is shown meanwhile. */
static int
make(struct serve_view *v, struct store *store, uint64_t now, struct err *e)
{
	struct serve_seen is = {.made = true, .now = now}, was;
	uint64_t began = clock_cpu_ms();
	struct gone gone;
	int r = gone_find(&gone, store, e);

	if (r == 0)
		r = fill(&is, store, &gone, e);
	gone_free(&gone);
	if (r == -1)
		return -1;
	is.good_s = serve_good_s(is.status.lacking.damaged != 0);
	is.cost_ms = clock_cpu_ms() - began;
	is.next_ms = clock_ms() + REST * is.cost_ms;
	atomic_store(&v->stale, false);
	pthread_rwlock_wrlock(&v->lock);
	was = v->is;
	v->is = is;
	pthread_rwlock_unlock(&v->lock);
	find_free(was.find);
	return 0;
}

/* By one at a time; who waited finds it made. */
static int
make_once(
    struct serve_view *v, struct store *store, uint64_t now, struct err *e)
{
	bool good;
	int r = 0;

	pthread_mutex_lock(&v->making);
	pthread_rwlock_rdlock(&v->lock);
	good = is_good(v, now);
	pthread_rwlock_unlock(&v->lock);
	if (!good)
		r = make(v, store, now, e);
	pthread_mutex_unlock(&v->making);
	return r;
}

/* The snapshot is to have all rows that the view has. */
static int
renew(struct store *store, struct err *e)
{
	store_rollback(store);
	return store_begin(store, e);
}

/* With the lock for reading: 1 it can be shown in that snapshot, 0 not, -1. */
static int
can_show(struct serve_view *v, struct store *store, uint64_t now, struct err *e)
{
	int64_t last;

	if (is_good(v, now))
		return 1;
	if (!is_big(v))
		return 0;
	atomic_store(&v->stale, true);
	if (store_last(store, &last, e) == -1)
		return -1;
	return last >= v->is.last;
}

int
serve_view_hold(
    struct serve_view *v, struct store *store, bool *late, struct err *e)
{
	uint64_t now;
	unsigned i;
	bool big;
	int r;

	for (i = 0; i < HOLD_TRIES; i++) {
		if (serve_now(v, store, &now, e) == -1)
			return -1;
		pthread_rwlock_rdlock(&v->lock);
		if ((r = can_show(v, store, now, e)) == 1) {
			if (late != NULL)
				*late = v->is.now != now;
			return 0;
		}
		big = is_big(v);
		pthread_rwlock_unlock(&v->lock);
		if (r == -1 ||
		    (big ? renew(store, e) : make_once(v, store, now, e)) == -1)
			return -1;
	}
	return err_set(e, E_BUSY, "the store changes too fast to be shown");
}

void
serve_view_release(struct serve_view *v)
{
	pthread_rwlock_unlock(&v->lock);
}

/* Of that moment, whatever is shown. */
int
serve_view_lacking(
    struct serve_view *v, struct store *store, struct lacking *l, struct err *e)
{
	struct gone gone;
	uint64_t now;
	bool good;
	int r;

	if (serve_now(v, store, &now, e) == -1)
		return -1;
	pthread_rwlock_rdlock(&v->lock);
	if ((good = is_good(v, now)))
		*l = v->is.status.lacking;
	pthread_rwlock_unlock(&v->lock);
	if (good)
		return 0;
	if ((r = gone_find(&gone, store, e)) == 0)
		r = count_lacking(store, &gone, l, e);
	gone_free(&gone);
	return r;
}

/* Payload that arrives file by file is counted when somebody asks; what takes
   long is made when it is time. */
static int
is_due(struct serve_view *v, struct store *store, bool *due, struct err *e)
{
	int64_t last;

	if (store_last(store, &last, e) == -1)
		return -1;
	pthread_rwlock_rdlock(&v->lock);
	*due = !v->is.made || v->is.last != last || atomic_load(&v->stale);
	if (is_big(v) && clock_ms() < v->is.next_ms)
		*due = false;
	pthread_rwlock_unlock(&v->lock);
	return 0;
}

static int
prepare(struct serve_view *v, struct store *store, struct err *e)
{
	bool due;
	uint64_t now;

	if (is_due(v, store, &due, e) == -1)
		return -1;
	if (!due)
		return 0;
	return serve_now(v, store, &now, e) == -1 ? -1
						  : make_once(v, store, now, e);
}

int
serve_view_prepare(struct serve_view *v, struct store *store, struct err *e)
{
	int r;

	if (store_begin(store, e) == -1)
		return -1;
	r = prepare(v, store, e);
	store_rollback(store);
	if (r == -1) {
		pthread_rwlock_wrlock(&v->lock);
		v->is.next_ms = clock_ms() + FAILED_MS;
		pthread_rwlock_unlock(&v->lock);
	}
	return r;
}

bool
serve_view_is_big(struct serve_view *v)
{
	bool big;

	pthread_rwlock_rdlock(&v->lock);
	big = is_big(v);
	pthread_rwlock_unlock(&v->lock);
	return big;
}

bool
serve_view_news(struct serve_view *v, int64_t *told, struct lacking *l)
{
	bool news;

	pthread_rwlock_rdlock(&v->lock);
	news = v->is.made && v->is.last != *told;
	*l = v->is.status.lacking;
	if (news)
		*told = v->is.last;
	pthread_rwlock_unlock(&v->lock);
	return news;
}
