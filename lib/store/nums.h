/* SPDX-License-Identifier: ISC */
/* A growing array of small numbers: rows of a store, and what is counted. */
#ifndef WF_NUMS_H
#define WF_NUMS_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define NUMS_MAX ((size_t)1 << 31) /* E_LIMIT past them */

struct nums {
	uint32_t *v; /* owned */
	size_t n, cap;
};
int nums_add(struct nums *a, uint32_t v, struct err *e);
void nums_free(struct nums *a);

#endif
