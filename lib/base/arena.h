/* SPDX-License-Identifier: ISC */
/* Memory for things that die together.  Nothing in it is freed alone. */
#ifndef WF_ARENA_H
#define WF_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head; /* owned */
	size_t used, max; /* bytes handed out; most that may be */
};

#define ARENA_INIT(limit)                                                      \
	{                                                                      \
		.head = NULL, .used = 0, .max = (limit)                        \
	}

void *arena_alloc(struct arena *a, size_t n); /* aligned, zeroed; NULL: full */
char *arena_strndup(struct arena *a, const char *s, size_t n); /* NUL added */
void arena_reset(struct arena *a); /* keeps one block for reuse */
void arena_free(struct arena *a);

#endif
