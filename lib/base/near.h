/* SPDX-License-Identifier: ISC */
/* The name that was probably meant, for messages. */
#ifndef WF_NEAR_H
#define WF_NEAR_H

#include <stddef.h>

#define NEAR_MAX 48 /* longer names are near to nothing */

struct near {
	const char *given; /* borrowed */
	const char *best; /* borrowed; NULL: nothing is near */
	unsigned distance;
};

void near_begin(struct near *n, const char *given);
void near_try(struct near *n, const char *name);

#endif
