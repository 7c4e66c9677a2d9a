/* SPDX-License-Identifier: ISC */
/* What all pages of one state of the store have in common. */
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/serve/serve_priv.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"

void
serve_view_init(struct serve_view *v)
{
	*v = (struct serve_view){.made = false};
	pthread_mutex_init(&v->lock, NULL);
}

static void
empty(struct serve_view *v)
{
	free(v->rows);
	row_set_free(&v->superseded);
	v->rows = NULL;
	v->n = v->cap = 0;
	v->made = false;
}

void
serve_view_free(struct serve_view *v)
{
	empty(v);
	pthread_mutex_destroy(&v->lock);
}

static int
add_row(void *arg, int64_t row, struct err *e)
{
	struct serve_view *v = arg;

	if (grow(&v->rows, &v->cap, v->n, sizeof(*v->rows), e) == -1)
		return -1;
	v->rows[v->n++] = row;
	return 0;
}

static int
make(struct serve_view *v, struct store *store, struct err *e)
{
	int64_t version = 0;

	if (store_version(store, &version, e) == -1)
		return -1;
	if (v->made && v->version == version)
		return 0;
	empty(v);
	if (store_each_top(store, add_row, v, e) == -1 ||
	    store_show_superseded(&v->superseded, store, e) == -1 ||
	    lacking_count(store, NULL, &v->lacking, e) == -1)
		return -1;
	v->made = true;
	v->version = version;
	return 0;
}

int
serve_view_lock(struct serve_view *v, struct store *store, struct err *e)
{
	pthread_mutex_lock(&v->lock);
	if (make(v, store, e) == 0)
		return 0;
	serve_view_unlock(v);
	return -1;
}

void
serve_view_unlock(struct serve_view *v)
{
	pthread_mutex_unlock(&v->lock);
}

void
serve_view_prepare(struct serve_view *v, struct store *store)
{
	struct err e = ERR_INIT; /* a request will meet it again, and say it */

	if (store_begin(store, &e) == -1)
		return;
	if (serve_view_lock(v, store, &e) == 0)
		serve_view_unlock(v);
	store_rollback(store);
}

bool
serve_view_lacking(struct serve_view *v, int64_t *told, struct lacking *l)
{
	bool news;

	pthread_mutex_lock(&v->lock);
	news = v->made && v->version != *told;
	*l = v->lacking;
	if (news)
		*told = v->version;
	pthread_mutex_unlock(&v->lock);
	return news;
}
