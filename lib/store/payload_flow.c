/* SPDX-License-Identifier: ISC */
/* Payload that comes out of something by itself: no worker can open it. */
#include <stdlib.h>

#include "lib/base/src.h"
#include "lib/store/payload_priv.h"

int
payload_flow_take(const struct payload *p, const struct payload_item *it,
    struct src *s, struct err *e)
{
	struct payload_file f = {.it = it};

	if (s != NULL && s->size != SRC_UNKNOWN && s->size != it->size) {
		f.err = (struct err)ERR_INIT;
		payload_wrong_size(it, s->size, &f.err);
	} else
		payload_join(p, &f, s);
	return payload_hand_on(p, &f, e);
}

int
payload_flow_join(
    const struct payload *p, const struct payload_item *it, struct err *e)
{
	return payload_flow_take(p, it, NULL, e);
}

/* Each flow gets all that is its own at once. */
static int
run_flow(const struct payload *p, struct payload_item *items, size_t n,
    struct payload_item **of, bool *done, size_t first, struct err *e)
{
	struct payload_flow *f = items[first].flow;
	size_t k = 0;

	for (size_t i = first; i < n; i++)
		if (items[i].flow == f) {
			of[k++] = &items[i];
			done[i] = true;
		}
	return f->run(f, p, of, k, e);
}

int
payload_flow_all(const struct payload *p, struct payload_item *items, size_t n,
    struct err *e)
{
	struct payload_item **of = calloc(n, sizeof(struct payload_item *));
	bool *done = calloc(n, sizeof(*done));
	int r = 0;

	if (of == NULL || done == NULL)
		r = err_nomem(e);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (items[i].flow != NULL && !done[i])
			r = run_flow(p, items, n, of, done, i, e);
	free(of);
	free(done);
	return r;
}
