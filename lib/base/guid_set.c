/* SPDX-License-Identifier: ISC */
#include "lib/base/guid_set.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"

struct member {
	struct guid id;
	uint32_t revision;
};

/* Members in order; slots hold an index + 1, open addressing. */
struct guid_set {
	struct member *v; /* owned */
	size_t n, cap;
	uint32_t *slots; /* owned */
	size_t nslots; /* a power of two, at least twice n */
	uint64_t salt; /* identities come from strangers */
};

static size_t
slot_of(const struct guid_set *s, const struct guid *id, uint32_t revision)
{
	uint64_t a, b;

	memcpy(&a, id->b, 8);
	memcpy(&b, id->b + 8, 8);
	a = (a ^ s->salt) * UINT64_C(0x9e3779b97f4a7c15);
	a = (a ^ (a >> 29) ^ b) * UINT64_C(0xbf58476d1ce4e5b9);
	a = (a ^ (a >> 32) ^ revision) * UINT64_C(0x94d049bb133111eb);
	return (size_t)(a ^ (a >> 31)) & (s->nslots - 1);
}

static uint32_t *
find_slot(const struct guid_set *s, const struct guid *id, uint32_t revision)
{
	size_t i = slot_of(s, id, revision);

	for (;; i = (i + 1) & (s->nslots - 1)) {
		const struct member *m;

		if (s->slots[i] == 0)
			return &s->slots[i];
		m = &s->v[s->slots[i] - 1];
		if (m->revision == revision && guid_cmp(&m->id, id) == 0)
			return &s->slots[i];
	}
}

static int
rehash(struct guid_set *s, size_t nslots, struct err *e)
{
	uint32_t *slots = calloc(nslots, sizeof(*slots));

	if (slots == NULL)
		return err_nomem(e);
	free(s->slots);
	s->slots = slots;
	s->nslots = nslots;
	for (size_t i = 0; i < s->n; i++)
		*find_slot(s, &s->v[i].id, s->v[i].revision) = (uint32_t)i + 1;
	return 0;
}

int
guid_set_open(struct guid_set **sp, struct err *e)
{
	struct guid_set *s;
	struct guid salt;

	if ((s = *sp = calloc(1, sizeof(*s))) == NULL)
		return err_nomem(e);
	if (guid_random(&salt, e) == -1)
		return -1;
	memcpy(&s->salt, salt.b, sizeof(s->salt));
	return rehash(s, 1024, e);
}

void
guid_set_close(struct guid_set *s)
{
	if (s == NULL)
		return;
	free(s->v);
	free(s->slots);
	free(s);
}

int
guid_set_add(
    struct guid_set *s, const struct guid *id, uint32_t revision, struct err *e)
{
	uint32_t *slot = find_slot(s, id, revision);

	if (*slot != 0)
		return 0;
	if (grow(&s->v, &s->cap, s->n, sizeof(*s->v), e) == -1)
		return -1;
	s->v[s->n++] = (struct member){.id = *id, .revision = revision};
	*slot = (uint32_t)s->n;
	return 2 * s->n < s->nslots ? 0 : rehash(s, 2 * s->nslots, e);
}

bool
guid_set_has(const struct guid_set *s, const struct guid *id, uint32_t revision)
{
	return *find_slot(s, id, revision) != 0;
}

size_t
guid_set_count(const struct guid_set *s)
{
	return s->n;
}

void
guid_set_get(
    const struct guid_set *s, size_t i, struct guid *id, uint32_t *revision)
{
	*id = s->v[i].id;
	*revision = s->v[i].revision;
}
