/* SPDX-License-Identifier: ISC */
#include "lib/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN ((size_t)16 << 10)
#define BLOCK_MAX ((size_t)1 << 20)

struct arena_block {
	struct arena_block *next; /* owned */
	size_t size, used; /* bytes of data */
	alignas(max_align_t) uint8_t data[];
};

/* What does not fit beside others gets a block of its own, behind the head. */
static struct arena_block *
add_block(struct arena *a, size_t n)
{
	size_t size = a->head != NULL ? a->head->size * 2 : BLOCK_MIN;
	struct arena_block *b;
	int alone;

	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	alone = n > size / 4;
	if (alone)
		size = n;
	if (size > SIZE_MAX - sizeof(*b) ||
	    (b = malloc(sizeof(*b) + size)) == NULL)
		return NULL;
	b->size = size;
	b->used = 0;
	if (alone && a->head != NULL) {
		b->next = a->head->next;
		a->head->next = b;
	} else {
		b->next = a->head;
		a->head = b;
	}
	return b;
}

static void *
take_room(struct arena *a, size_t n, size_t align)
{
	struct arena_block *b = a->head;
	size_t skip;
	uint8_t *p;

	if (n > a->max - a->used)
		return NULL;
	skip = b != NULL ? -b->used & (align - 1) : 0;
	if (b == NULL || skip > b->size - b->used ||
	    n > b->size - b->used - skip) {
		if ((b = add_block(a, n)) == NULL)
			return NULL;
		skip = 0;
	}
	p = b->data + b->used + skip;
	b->used += skip + n;
	a->used += n;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	void *p = take_room(a, n != 0 ? n : 1, alignof(max_align_t));

	if (p != NULL)
		memset(p, 0, n);
	return p;
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p;

	n = strnlen(s, n);
	if (n == SIZE_MAX || (p = take_room(a, n + 1, 1)) == NULL)
		return NULL;
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

void
arena_reset(struct arena *a)
{
	struct arena_block *b = a->head;

	if (b == NULL)
		return;
	a->head = b->next;
	b->next = NULL;
	arena_free(a);
	b->used = 0;
	a->head = b;
}

void
arena_free(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->head; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	a->head = NULL;
	a->used = 0;
}
