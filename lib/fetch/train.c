/* SPDX-License-Identifier: ISC */
/* The dictionary of a store that has none, from what arrived. */
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/store/store.h"

#define TRAIN_DOCS 4096

struct train {
	struct fetch *f;
	struct store_unpacker unpacker;
	struct buf doc, text; /* owned: text: to train with, end to end */
	size_t *lens; /* owned: TRAIN_DOCS */
	unsigned nlens;
	uint64_t seen, step; /* every step-th is taken */
};

static int
gather(void *arg, const struct sync_arrived *a, struct err *e)
{
	struct train *t = arg;

	if (t->seen++ % t->step != 0 || t->nlens == TRAIN_DOCS ||
	    a->bytes > STORE_TRAIN_BYTES - t->text.len)
		return 0;
	if (sync_unpack(&t->unpacker, a, &t->doc, e) == -1) {
		if (e->kind == E_SYS)
			return -1;
		err_clear(e); /* whoever takes it will say so */
		return 0;
	}
	t->lens[t->nlens++] = t->doc.len;
	return buf_put(&t->text, t->doc.p, t->doc.len, e);
}

/* Evenly, and not from categories alone, to which updates have little
   likeness. */
int
train_inbox(struct fetch *f, struct err *e)
{
	struct train t = {.f = f,
	    .unpacker.from = f->store,
	    .doc = BUF_INIT,
	    .text = BUF_INIT};
	struct sync_counts n;
	int r = -1;

	if (store_has_dict(f->store))
		return 0;
	if (sync_counts(f->store, f->up.row, &n, e) == -1)
		return -1;
	t.step = n.inbox / TRAIN_DOCS + 1;
	if ((t.lens = calloc(TRAIN_DOCS, sizeof(*t.lens))) == NULL)
		return err_nomem(e);
	if (sync_each_arrived(f->store, gather, &t, e) == 0)
		r = store_train(f->store, t.text.p, t.lens, t.nlens, e);
	store_unpacker_free(&t.unpacker);
	buf_free(&t.doc);
	buf_free(&t.text);
	free(t.lens);
	return r;
}

int
train_early(struct fetch *f, struct err *e)
{
	if (f->way.untrained < 2 * STORE_TRAIN_BYTES || f->way.trained ||
	    store_has_dict(f->store))
		return 0;
	f->way.trained = true;
	if (store_begin(f->store, e) == -1)
		return -1;
	return store_end(f->store, train_inbox(f, e), e);
}
