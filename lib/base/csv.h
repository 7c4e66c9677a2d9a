/* SPDX-License-Identifier: ISC */
/*
 * CSV as RFC 4180 has it, CR LF.  A text that a spreadsheet would take for a
 * formula (it begins with = + - @ TAB or CR) gets an apostrophe in front.
 * Control characters but TAB, CR and LF become '?'.
 */
#ifndef WF_CSV_H
#define WF_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"

struct sink;

/* Failures are sticky; csv_end() reports them. */
struct csv {
	struct buf b;
	bool bad;
	unsigned n; /* fields so far */
};

#define CSV_INIT                                                               \
	{                                                                      \
		.b = BUF_INIT                                                  \
	}

void csv_begin(struct csv *c);
void csv_str(struct csv *c, const char *v); /* NULL: empty */
void csv_num(struct csv *c, uint64_t v);
int csv_end(struct csv *c, struct sink *to, struct err *e);
void csv_free(struct csv *c);

#endif
