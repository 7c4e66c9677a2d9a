/* SPDX-License-Identifier: ISC */
/*
 * Progress: bytes, items, rate, time left; redrawn on a terminal, as much as
 * its width holds; a line a minute otherwise, nothing when quiet or JSON.  Main
 * thread only.
 */
#ifndef WF_PROG_H
#define WF_PROG_H

#include <stdint.h>

struct log;

struct prog {
	struct log *log; /* borrowed */
	const char *what; /* borrowed: "copying payload" */
	const char *unit; /* borrowed: "file", "revision" */
	uint64_t bytes, total_bytes; /* 0: total unknown */
	uint64_t items, total_items;
	uint64_t began_ms, shown_ms;
};

void prog_begin(struct prog *p, struct log *l, const char *what,
    const char *unit, uint64_t total_bytes, uint64_t total_items);
void prog_add(struct prog *p, uint64_t bytes, uint64_t items);
void prog_end(struct prog *p); /* clears the line */

#endif
