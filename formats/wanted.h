/* SPDX-License-Identifier: ISC */
/*
 * What clients asked for and did not get: wanted.tsv of a server's state
 * (wsusferry-formats(5)).  The one reader and the one writer of it.  Addresses
 * are counted, and stand nowhere in it.
 */
#ifndef WF_WANTED_H
#define WF_WANTED_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"

struct err;
struct sink;

#define WANTED_FILE "wanted.tsv"
#define WANTED_TITLE "wsusferry-wanted 1"

struct wanted_limits {
	size_t max_rows;
	uint64_t max_number; /* of requests; more are not counted */
	uint32_t max_addresses; /* more are not counted */
};
extern const struct wanted_limits wanted_default_limits;
#define WANTED_BYTES_MAX ((size_t)2 << 20) /* of a file within these limits */

struct wanted_row {
	uint8_t sha1[SHA1_LEN]; /* first: sort.h */
	uint64_t requests; /* from 1 */
	uint32_t addresses; /* that asked, from 1: at least so many */
	int64_t first, last; /* UTC, seconds since 1970, of the requests */
};
struct wanted {
	struct wanted_row *v; /* owned; by SHA-1, each once */
	size_t n, cap;
};
#define WANTED_INIT                                                            \
	{                                                                      \
		.v = NULL, .n = 0, .cap = 0                                    \
	}

/* Owns: w->v, freed by wanted_free(), also after a failure.  Errors: E_FORMAT
   with line, found and expected; E_LIMIT; E_SYS. */
int wanted_read(struct wanted *w, const void *p, size_t n,
    const struct wanted_limits *lim, struct err *e);
/* E_FORMAT: rows break an order or a bound, as a reader would say. */
int wanted_write(const struct wanted *w, const struct wanted_limits *lim,
    struct sink *to, struct err *e);
/* One row by itself. */
int wanted_check(
    const struct wanted_row *r, const struct wanted_limits *lim, struct err *e);
/*
 * One more request at that time.  *row: which one, until the next call.  Where
 * there is no room the one that was asked for longest ago makes way.
 */
int wanted_note(struct wanted *w, const uint8_t sha1[SHA1_LEN], int64_t now,
    const struct wanted_limits *lim, struct wanted_row **row, struct err *e);
void wanted_free(struct wanted *w);

#endif
