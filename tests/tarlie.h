/* SPDX-License-Identifier: ISC */
/* Each way in which the tar of a transfer can lie. */
#ifndef WF_TARLIE_H
#define WF_TARLIE_H

#include <stddef.h>

#include "tests/tarball.h"

#define PLACE "not in its place in the tar"

struct tarlie {
	const char *what;
	/* Of a good one; the stick is sealed. */
	void (*bend)(
	    struct tarball *t, struct stick *s, const struct tarlie *l);
	int status; /* of verify and of import */
	const char *says; /* what both say; or NULL */
	/* For some: a member's type, or how many blocks of zeros; its name; a
	   link, records of pax, or what is behind. */
	char type;
	const char *name, *text;
};

extern const struct tarlie tarlie_rows[];
extern const size_t tarlie_n;

#endif
