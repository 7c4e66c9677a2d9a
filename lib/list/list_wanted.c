/* SPDX-License-Identifier: ISC */
/* What clients of a server asked for and did not get; with a store, of what. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "formats/wanted.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/list/list_priv.h"
#include "lib/store/store.h"
#include "lib/store/store_related.h"

/* One of them, as far as the store knows it. */
struct known {
	int64_t file; /* first: its row; 0: no revision names it */
	int64_t rev;
	const struct wanted_row *row; /* borrowed */
};

struct wants {
	struct list *l;
	struct wanted w;
	struct known *v; /* owned; of w.n */
};

static int
read_wants(struct wants *x, const char *dir, struct err *e)
{
	struct buf b = BUF_INIT;
	int dirfd, r = -1;

	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd == -1)
		return err_sys(e, "%s", dir);
	if (path_read(dirfd, WANTED_FILE, WANTED_BYTES_MAX, &b, e) == 0 &&
	    wanted_read(&x->w, b.p, b.len, &wanted_default_limits, e) == 0)
		r = 0;
	else if (e->kind == E_MISSING)
		/* A server makes it when it is first asked in vain. */
		r = 0, err_clear(e);
	else
		err_ctx(e, "%s/" WANTED_FILE, dir);
	buf_free(&b);
	(void)close(dirfd);
	return r;
}

static int
by_file(const void *a, const void *b)
{
	int64_t x = ((const struct known *)a)->file;
	int64_t y = ((const struct known *)b)->file;

	return (x > y) - (x < y);
}

static int
by_digest(const void *a, const void *b)
{
	return memcmp(((const struct known *)a)->row->sha1,
	    ((const struct known *)b)->row->sha1, SHA1_LEN);
}

static int
see_use(void *arg, int64_t file, int64_t rev, struct err *e)
{
	struct wants *x = arg;
	struct known key = {.file = file}, *k;

	(void)e;
	k = sort_find(&key, x->v, x->w.n, sizeof(*k), by_file);
	if (k != NULL)
		k->rev = rev;
	return 0;
}

static int
know(struct wants *x, struct err *e)
{
	struct store_file f;
	size_t i;
	int r;

	x->v = calloc(x->w.n + 1, sizeof(*x->v));
	if (x->v == NULL)
		return err_nomem(e);
	for (i = 0; i < x->w.n; i++) {
		x->v[i].row = &x->w.v[i];
		if (x->l->store == NULL)
			continue;
		r = store_file(x->l->store, x->w.v[i].sha1, &f, e);
		if (r == -1)
			return -1;
		x->v[i].file = r == 1 ? f.row : 0;
	}
	if (x->l->store == NULL)
		return 0;
	sort_up(x->v, x->w.n, sizeof(*x->v), by_file);
	if (store_each_first_use(x->l->store, see_use, x, e) == -1)
		return -1;
	sort_up(x->v, x->w.n, sizeof(*x->v), by_digest);
	return 0;
}

/* All that is said of one; strings borrowed from the store. */
struct row {
	const struct wanted_row *w;
	char sha1[2 * SHA1_LEN + 1], first[UTC_LEN + 1], last[UTC_LEN + 1];
	const char *state, *name, *kb, *title; /* or NULL */
	char id[GUID_LEN + 1]; /* or "" */
	bool has_size;
	uint64_t size;
};

static int
csv(struct list *l, const struct row *r, struct err *e)
{
	csv_begin(&l->csv);
	csv_str(&l->csv, r->sha1);
	csv_num(&l->csv, r->w->requests);
	csv_num(&l->csv, r->w->addresses);
	csv_str(&l->csv, r->first);
	csv_str(&l->csv, r->last);
	csv_str(&l->csv, r->state);
	csv_str(&l->csv, r->name);
	if (r->has_size)
		csv_num(&l->csv, r->size);
	else
		csv_str(&l->csv, NULL);
	csv_str(&l->csv, r->kb);
	csv_str(&l->csv, *r->id != '\0' ? r->id : NULL);
	csv_str(&l->csv, r->title);
	return list_csv_end(l, e);
}

static int
json(struct list *l, const struct row *r, struct err *e)
{
	json_begin(&l->json);
	json_str(&l->json, "type", "wanted");
	json_str(&l->json, "sha1", r->sha1);
	json_num(&l->json, "requests", r->w->requests);
	json_num(&l->json, "addresses", r->w->addresses);
	json_str(&l->json, "first", r->first);
	json_str(&l->json, "last", r->last);
	if (l->store == NULL)
		return list_object(l, e);
	json_str(&l->json, "state", r->state);
	json_str(&l->json, "name", r->name);
	if (r->has_size)
		json_num(&l->json, "size", r->size);
	json_str(&l->json, "kb", r->kb);
	json_str(&l->json, "id", *r->id != '\0' ? r->id : NULL);
	json_str(&l->json, "title", r->title);
	return list_object(l, e);
}

static int
text(struct list *l, const struct row *r, struct err *e)
{
	if (list_cell(l, 40, r->sha1, e) == -1 ||
	    list_cell_num(l, 6, r->w->requests, e) == -1 ||
	    list_cell_num(l, 4, r->w->addresses, e) == -1 ||
	    list_cell(l, 20, r->last, e) == -1)
		return -1;
	if (l->store != NULL &&
	    (list_cell(l, 8, r->state, e) == -1 ||
		(r->kb != NULL &&
		    buf_printf(&l->text, e, "KB%s ", r->kb) == -1) ||
		list_cell(l, 0, r->name, e) == -1))
		return -1;
	if (list_line(l, e) == -1)
		return -1;
	if (!l->o->verbose || r->title == NULL)
		return 0;
	return buf_printf(&l->text, e, "    %s", r->title) == -1
	    ? -1
	    : list_line(l, e);
}

static int
of_store(struct list *l, const struct known *k, struct row *r, struct err *e)
{
	struct store_file f;
	struct store_rev rev;
	int found;

	if (l->store == NULL)
		return 0;
	found = store_file(l->store, k->row->sha1, &f, e);
	if (found == -1)
		return -1;
	r->state = "unknown";
	if (found == 0)
		return 0;
	if (list_file_look(l, &f, &r->state, e) == -1)
		return -1;
	r->name = f.name;
	r->has_size = f.has_size;
	r->size = f.size;
	if (k->rev == 0)
		return 0;
	if (store_rev(l->store, k->rev, &rev, e) == -1)
		return -1;
	r->kb = rev.kb;
	if (r->kb != NULL && strncasecmp(r->kb, "kb", 2) == 0)
		r->kb += 2;
	r->title = rev.title;
	guid_write(r->id, &rev.id);
	return 0;
}

static int
one(struct list *l, const struct known *k, struct err *e)
{
	struct row r = {.w = k->row};

	l->count++;
	hex_upper(r.sha1, k->row->sha1, SHA1_LEN);
	utc_write(r.first, k->row->first);
	utc_write(r.last, k->row->last);
	if (stop_check(e) == -1 || of_store(l, k, &r, e) == -1)
		return -1;
	return l->o->csv      ? csv(l, &r, e)
	    : l->o->log->json ? json(l, &r, e)
			      : text(l, &r, e);
}

int
list_wanted_count(struct list *l, uint64_t *n, struct err *e)
{
	struct wants x = {.l = l, .w = WANTED_INIT};
	struct row row;
	size_t i;
	int r = -1;

	*n = 0;
	if (read_wants(&x, l->o->state, e) == 0 && know(&x, e) == 0)
		for (r = 0, i = 0; r == 0 && i < x.w.n; i++) {
			row = (struct row){.w = x.v[i].row};
			r = of_store(l, &x.v[i], &row, e);
			*n += r == 0 && strcmp(row.state, "present") != 0;
		}
	wanted_free(&x.w);
	free(x.v);
	return r;
}

int
list_wanted(struct list *l, struct err *e)
{
	static const char *const names[] = {"SHA-1", "Requests", "Addresses",
	    "First", "Last", "State", "Name", "Size", "KB", "UpdateID", "Title",
	    NULL};
	struct wants x = {.l = l, .w = WANTED_INIT};
	size_t i;
	int r = -1;

	if (l->o->csv && list_csv_head(l, names, e) == -1)
		return -1;
	if (read_wants(&x, l->o->state, e) == 0 && know(&x, e) == 0)
		for (r = 0, i = 0; r == 0 && i < x.w.n; i++)
			r = one(l, &x.v[i], e);
	wanted_free(&x.w);
	free(x.v);
	return r;
}
