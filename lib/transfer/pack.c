/* SPDX-License-Identifier: ISC */
#include "lib/transfer/pack.h"

#include <inttypes.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "formats/cab.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/stop.h"
#include "lib/base/grow.h"
#include "lib/transfer/intake.h"
#include "lib/store/plan.h"
#include "lib/store/store.h"
#include "lib/store/store_walk.h"

#define SPOOL_BLOCK ((size_t)1 << 20)
#define MAX_VALUES 4096 /* files, products, classifications of one revision */

/* What one Update element is made from. */
struct element {
	struct pack *p;
	struct store_walk *walk; /* owned */
	uint8_t (*files)[SHA1_LEN];
	struct guid *products, *classifications;
	struct package_update u;
};

static int
flush_spool(struct pack *p, struct err *e)
{
	if (out_fd_write(p->spool, p->out.p, p->out.len, e) == -1)
		return -1;
	p->spooled += p->out.len;
	buf_reset(&p->out);
	return 0;
}

/* Where the next text will stand. */
static uint64_t
spool_off(const struct pack *p)
{
	return p->spooled + p->out.len;
}

static int
new_file(struct pack *p, const struct store_file *f, struct err *e)
{
	struct package_file text = {.url = f->url, .name = f->name};
	struct pack_file *n;

	if (grow(&p->files, &p->capfiles, p->nfiles, sizeof(*p->files), e) ==
	    -1)
		return -1;
	n = &p->files[p->nfiles];
	*n = (struct pack_file){.off = spool_off(p),
	    .present = f->present,
	    .row = f->row,
	    .unwanted = f->left_out,
	    .has_size = f->has_size,
	    .size = f->size};
	memcpy(n->sha1, f->sha1, SHA1_LEN);
	memcpy(n->measured, f->measured, SHA256_LEN);
	memcpy(n->ext, f->ext, sizeof(n->ext));
	memcpy(text.sha1, f->sha1, SHA1_LEN);
	if (f->url != NULL && package_put_file(&p->out, 1, &text, e) == -1)
		return -1;
	n->len = (uint32_t)(spool_off(p) - n->off);
	p->nfiles++;
	return 0;
}

/* The index of a file's row among the pack's files, + 1; 0: not yet there. */
static uint32_t *
row_slot(struct pack *p, int64_t row, struct err *e)
{
	size_t want = (size_t)row + 1;

	if (row < 0 || row >= STORE_ROWS_MAX) {
		err_set(e, E_FORMAT,
		    "a file in row %" PRId64 " is damaged: expected 0 to "
		    "%" PRId64,
		    row, STORE_ROWS_MAX - 1);
		return NULL;
	}
	if (want > p->nrows) {
		size_t cap = want * 2;
		uint32_t *q = realloc(p->by_row, cap * sizeof(*q));

		if (q == NULL) {
			err_nomem(e);
			return NULL;
		}
		memset(q + p->nrows, 0, (cap - p->nrows) * sizeof(*q));
		p->by_row = q;
		p->nrows = cap;
	}
	return &p->by_row[row];
}

const struct pack_file *
pack_file_of(const struct pack *p, int64_t row)
{
	if (row < 0 || (uint64_t)row >= p->nrows || p->by_row[row] == 0)
		return NULL;
	return &p->files[p->by_row[row] - 1];
}

static int
add_file(void *arg, const struct store_file *f, struct err *e)
{
	struct element *el = arg;
	struct pack *p = el->p;
	uint32_t *slot = row_slot(p, f->row, e);

	if (slot == NULL)
		return -1;
	if (el->u.nfiles == MAX_VALUES)
		return err_set(e, E_LIMIT, "more than %d files", MAX_VALUES);
	if (*slot == 0) {
		if (new_file(p, f, e) == -1)
			return -1;
		*slot = (uint32_t)p->nfiles;
	}
	if (grow(&p->refs, &p->caprefs, p->nrefs, sizeof(*p->refs), e) == -1)
		return -1;
	p->refs[p->nrefs++] = *slot - 1;
	memcpy(el->files[el->u.nfiles++], f->sha1, SHA1_LEN);
	return 0;
}

static int
add_product(void *arg, const struct guid *id, const char *title, struct err *e)
{
	struct element *el = arg;

	(void)title;
	if (el->u.ncategories == MAX_VALUES)
		return err_set(e, E_LIMIT, "more than %d products", MAX_VALUES);
	el->products[el->u.ncategories++] = *id;
	return 0;
}

static int
add_classification(
    void *arg, const struct guid *id, const char *title, struct err *e)
{
	struct element *el = arg;

	(void)title;
	if (el->u.nclassifications == MAX_VALUES)
		return err_set(
		    e, E_LIMIT, "more than %d classifications", MAX_VALUES);
	el->classifications[el->u.nclassifications++] = *id;
	return 0;
}

static int
make_text(struct element *el, size_t i, struct err *e)
{
	struct pack *p = el->p;
	const struct plan_item *it = &p->plan->items[i];
	struct pack_update *u = &p->updates[i];

	el->u = (struct package_update){.id = it->id,
	    .revision = it->revision,
	    .files = (const uint8_t(*)[SHA1_LEN])el->files,
	    .categories = el->products,
	    .classifications = el->classifications};
	u->ref = (uint32_t)p->nrefs;
	if (store_walk_files(el->walk, it->row, add_file, el, e) == -1 ||
	    store_walk_categories(el->walk, it->row, CATEGORY_PRODUCT,
		add_product, el, e) == -1 ||
	    store_walk_categories(el->walk, it->row, CATEGORY_CLASSIFICATION,
		add_classification, el, e) == -1)
		return -1;
	u->nrefs = (uint32_t)(p->nrefs - u->ref);
	u->off = spool_off(p);
	if (package_put_update(&p->out, 1, &el->u, e) == -1)
		return -1;
	u->len = (uint32_t)(spool_off(p) - u->off);
	return p->out.len < SPOOL_BLOCK ? 0 : flush_spool(p, e);
}

static int
make_texts(struct pack *p, struct err *e)
{
	struct element el = {.p = p};
	int r = -1;

	el.files = calloc(MAX_VALUES, SHA1_LEN);
	el.products = calloc(MAX_VALUES, sizeof(*el.products));
	el.classifications = calloc(MAX_VALUES, sizeof(*el.classifications));
	p->updates = calloc(p->plan->n + 1, sizeof(*p->updates));
	if (el.files == NULL || el.products == NULL ||
	    el.classifications == NULL || p->updates == NULL) {
		err_nomem(e);
		goto out;
	}
	if (store_walk_open(&el.walk, p->store, e) == -1)
		goto out;
	for (size_t i = 0; i < p->plan->n; i++)
		if (make_text(&el, i, e) == -1 || stop_check(e) == -1)
			goto out;
	r = flush_spool(p, e);
out:
	store_walk_close(el.walk);
	free(el.files);
	free(el.products);
	free(el.classifications);
	return r;
}

int
pack_make(struct pack *p, struct store *s, const struct plan *plan,
    const struct package_head *head, const struct package_enabled *en,
    uint64_t limit, int scratch, struct err *e)
{
	*p = (struct pack)PACK_INIT;
	p->store = s;
	p->plan = plan;
	p->time = head->created;
	p->head = (struct buf)BUF_INIT;
	p->out = (struct buf)BUF_INIT;
	if (limit == 0 || limit > CAB_MAX_UNPACKED)
		limit = CAB_MAX_UNPACKED;
	if ((p->spool = intake_nameless(scratch, e)) == -1)
		return -1;
	if (package_put_begin(&p->head, head, en, e) == -1 ||
	    make_texts(p, e) == -1) {
		intake_full(scratch, e);
		return -1;
	}
	return pack_split(p, limit, e);
}

void
pack_free(struct pack *p)
{
	for (size_t i = 0; i < p->nparts; i++)
		free(p->parts[i].repeats);
	free(p->parts);
	free(p->updates);
	free(p->refs);
	free(p->files);
	free(p->by_row);
	buf_free(&p->head);
	buf_free(&p->out);
	if (p->spool != -1)
		(void)os.close(p->spool);
	*p = (struct pack)PACK_INIT;
}
