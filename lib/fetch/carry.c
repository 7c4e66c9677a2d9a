/* SPDX-License-Identifier: ISC */
#include "lib/fetch/carry.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/store/store.h"

void
carry_keep(
    struct carry *c, const struct store_doc *d, const uint8_t seal[SHA256_LEN])
{
	const struct update *u = store_copy_update(d->u, &c->arena);
	struct err full = ERR_INIT;
	struct docs_read *r;

	if (u == NULL || grow(&c->v, &c->cap, c->n, sizeof(*c->v), &full) == -1)
		return;
	r = &c->v[c->n++];
	*r = (struct docs_read){.id = u->id,
	    .revision = u->revision,
	    .units = d->units,
	    .bytes = d->bytes,
	    .encoding = d->encoding,
	    .u = u};
	memcpy(r->sha256, d->sha256, SHA256_LEN);
	memcpy(r->seal, seal, SHA256_LEN);
	c->sorted = false;
}

static int
by_revision(const void *va, const void *vb)
{
	const struct docs_read *a = va, *b = vb;
	int c = guid_cmp(&a->id, &b->id);

	return c != 0
	    ? c
	    : (a->revision > b->revision) - (a->revision < b->revision);
}

const struct docs_read *
carry_find(struct carry *c, const struct guid *id, uint32_t revision)
{
	const struct docs_read key = {.id = *id, .revision = revision};

	if (!c->sorted)
		sort_up(c->v, c->n, sizeof(*c->v), by_revision);
	c->sorted = true;
	return sort_find(&key, c->v, c->n, sizeof(*c->v), by_revision);
}

void
carry_free(struct carry *c)
{
	arena_free(&c->arena);
	free(c->v);
	*c = (struct carry)CARRY_INIT;
}
