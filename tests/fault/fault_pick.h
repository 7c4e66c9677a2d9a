/* SPDX-License-Identifier: ISC */
/*
 * Which calls a loop strikes where all of them would take too long.  A place
 * is a stack of callers: the same line reached by another way is another one.
 */
#ifndef WF_FAULT_PICK_H
#define WF_FAULT_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAULT_CALLS_MAX ((size_t)1 << 17)

/* In the parent, before the child whose calls are looked at. */
void fault_places_begin(void);
/* In the child, within its call of that number. */
void fault_place(uint64_t at);
/*
 * Of the calls 1 to n: the first and the last FAULT_EDGE, from each place the
 * first and the last, and first, first + step, ... of all.
 * Sets picked[], which has n + 1; returns the number of places.
 */
#define FAULT_EDGE 16
size_t fault_pick(bool *picked, uint64_t n, uint64_t first, uint64_t step);

#endif
