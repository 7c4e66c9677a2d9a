/* SPDX-License-Identifier: ISC */
/*
 * Are the derived columns what the documents say?  Workers unpack, read and put
 * the documents once more (store_again.h); the main thread reads the store, in
 * order of arrival, and tells what came back in the same order.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/enc.h"
#include "lib/store/row_set.h"
#include "lib/store/store_again.h"
#include "lib/store/check.h"
#include "lib/store/store_db.h"
#include "lib/store/derive.h"
#include "lib/store/dump.h"
#include "lib/store/shown.h"

struct rebuild {
	struct check *c; /* borrowed */
	struct row_set seen, declared; /* files that documents named so far */
};

/* A list may have named the file before a document did. */
static int
same_name(struct rebuild *b, const struct update_file *f,
    const struct store_file *h, struct err *e)
{
	char ext[UPDATE_EXT_MAX + 1];

	if (row_set_has(&b->seen, h->row))
		return 1; /* the first arrival fixed it */
	update_file_ext(ext, f->name);
	if (strcmp(f->name, h->name) == 0 && strcmp(ext, h->ext) == 0)
		return 1;
	return store_is_extra(b->c->s, h->row, e);
}

static int
bad_file(struct rebuild *b, const uint8_t sha1[SHA1_LEN], struct err *e)
{
	char name[2 * SHA1_LEN + 1];

	hex_upper(name, sha1, SHA1_LEN);
	return check_bad(b->c, name, E_FORMAT, e,
	    "the store's row of this file is not what the documents say");
}

/* An older store had none of a licence. */
static bool
same_sha256(const struct rebuild *b, const struct update_file *f,
    const struct store_file *h)
{
	if (!f->has_sha256)
		return true;
	if (!h->has_declared)
		return b->c->s->schema < STORE_DECLARED_SINCE;
	return memcmp(h->declared, f->sha256, SHA256_LEN) == 0;
}

static int
settle_file(struct rebuild *b, const struct update_file *f, struct err *e)
{
	struct store_file h;
	int r, same = 0;

	if ((r = store_file(b->c->s, f->sha1, &h, e)) == -1 ||
	    (r == 1 && (same = same_name(b, f, &h, e)) == -1))
		return -1;
	if (r == 0)
		return bad_file(b, f->sha1, e);
	if (row_set_add(&b->seen, h.row, e) == -1 ||
	    (f->has_sha256 && row_set_add(&b->declared, h.row, e) == -1))
		return -1;
	if (!same || (f->has_size && (!h.has_size || h.size != f->size)) ||
	    !same_sha256(b, f, &h))
		return bad_file(b, f->sha1, e);
	return 0;
}

struct subject {
	struct rebuild *b;
	const char *what;
};

static int
tell(void *arg, const struct err *fault, struct err *e)
{
	const struct subject *s = arg;

	return s->b->c->bad(s->b->c->arg, s->what, fault, e);
}

static int
compare_one(struct rebuild *b, struct store_again *a,
    const struct docs_out_item *it, const struct update *u, const char *what,
    struct err *e)
{
	struct subject s = {.b = b, .what = what};

	if (store_again_hold(a, b->c->s, it->row, it->row, e) == 0 &&
	    store_again_compare(a, it, u, tell, &s, e) == 0)
		return 0;
	return check_err(b->c, what, e);
}

static int
settle(struct rebuild *b, struct store_again *a, const struct docs_out_item *it,
    const struct update *u, struct err *e)
{
	char what[CHECK_NAME_MAX];

	check_name(what, &it->id, it->revision);
	if (it->err.kind != E_NONE) {
		*e = it->err;
		return check_err(b->c, what, e);
	}
	if (a == NULL)
		return 0;
	if (a->differs && compare_one(b, a, it, u, what, e) == -1)
		return -1;
	for (size_t i = 0; i < u->nfiles; i++)
		if (settle_file(b, &u->files[i], e) == -1)
			return -1;
	return 0;
}

static int
settle_batch(void *arg, struct docs_out_batch *batch, struct err *e)
{
	struct store_again *a = batch->own;

	for (size_t i = 0; i < batch->n; i++)
		if (settle(arg, a, &batch->items[i],
			a == NULL ? NULL : &a->reads[i], e) == -1)
			return -1;
	return 0;
}

/* What the store holds of them: its rows ascend. */
static int
look_at_batch(void *arg, struct docs_out_batch *batch, struct err *e)
{
	struct rebuild *b = arg;

	return store_again_look(batch->own, b->c->s, batch->items[0].row,
	    batch->items[batch->n - 1].row, e);
}

static int
open_again(void *arg, void **own, struct err *e)
{
	struct store_again *a = NULL;
	int r = store_again_open(&a, e);

	(void)arg;
	*own = a;
	return r;
}

static void
close_again(void *own)
{
	store_again_close(own);
}

static void
read_batch(struct docs_out_batch *batch)
{
	store_again_read(batch->own, batch);
}

/* What no document declares. */
static int
rest_file(void *arg, const struct store_file *f, struct err *e)
{
	struct rebuild *b = arg;
	int extra;

	if (!f->has_declared || row_set_has(&b->declared, f->row))
		return 0;
	if ((extra = store_is_extra(b->c->s, f->row, e)) != 0)
		return extra == -1 ? -1 : 0;
	return bad_file(b, f->sha1, e);
}

static int
rebuild_derived(struct check *c, struct err *e)
{
	struct derive d = {.kind = NULL};
	struct nums changed = {.v = NULL};
	char what[CHECK_NAME_MAX];
	int r = -1, same;
	size_t i;

	if (derive_compute(&d, c->s, e) == -1 ||
	    derive_changed(&d, c->s, &changed, e) == -1 ||
	    (same = derive_same_missing(&d, c->s, e)) == -1)
		goto out;
	if (same == 1 && (same = derive_same_lacking(&d, c->s, e)) == -1)
		goto out;
	for (i = 0; i < changed.n; i++) {
		const struct graph_rev *g = &d.g.revs[changed.v[i]];

		check_name(what, &d.g.ids[g->id].guid, g->revision);
		if (check_bad(c, what, E_FORMAT, e,
			"it is not filed under the products and "
			"classifications that follow from the documents") == -1)
			goto out;
	}
	if (same == 0 &&
	    check_bad(c, STORE_DB, E_FORMAT, e,
		"the list of what is missing does not follow from the "
		"documents") == -1)
		goto out;
	r = shown_check(c, &d.g, e);
out:
	nums_free(&changed);
	derive_free(&d);
	return r;
}

int
check_docs(struct check *c, bool derive, unsigned jobs, struct err *e)
{
	struct rebuild b = {.c = c};
	struct docs_out_how how = {
	    .jobs = jobs, .done = settle_batch, .arg = &b};
	struct docs_out *docs = NULL;
	int r = -1;

	if (derive) {
		how.open = open_again;
		how.close = close_again;
		how.send = look_at_batch;
		how.work = read_batch;
	}
	if (docs_out_open(&docs, c->s, &how, e) == -1 ||
	    docs_out_put_all(docs, e) == -1 || docs_out_flush(docs, e) == -1)
		goto out;
	if (!derive ||
	    (store_each_file(c->s, false, rest_file, &b, e) == 0 &&
		rebuild_derived(c, e) == 0))
		r = 0;
out:
	docs_out_close(docs);
	row_set_free(&b.seen);
	row_set_free(&b.declared);
	return r;
}
