/* SPDX-License-Identifier: ISC */
/* The MSZIP of a cabinet by our reader and by libmspack, side by side. */
#ifndef WF_CAB_TWIN_H
#define WF_CAB_TWIN_H

#include <stdbool.h>
#include <stddef.h>

struct twin {
	bool ours, theirs; /* each took every member of every MSZIP folder */
	const char *differs; /* static: what must not be, or NULL */
};

/*
 * Takes the members in their order by both.  They differ where both take one
 * and the bytes are not the same, and where libmspack refuses one of a folder
 * of which we refuse none.  What cab_read() refuses, or holds no MSZIP, is
 * taken by both.
 */
struct twin cab_twin(const void *p, size_t n);

#endif
