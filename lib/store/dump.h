/* SPDX-License-Identifier: ISC */
/* Inside lib/store only: rows as lines of text. */
#ifndef WF_DUMP_H
#define WF_DUMP_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct sink;
struct store;

/* One kind of row; ?1 and ?2 bound the rows of revisions where of_rev. */
struct dump_part {
	const char *name, *sql;
	bool of_rev; /* belongs to a revision */
	bool derived; /* follows from that revision's document alone */
};

extern const struct dump_part dump_parts[];
extern const unsigned dump_nparts;

/* The lines of one part, of revisions in rows from..to. */
int dump_write(struct store *s, const struct dump_part *p, int64_t from,
    int64_t to, struct sink *sink, struct err *e);

#endif
