/* SPDX-License-Identifier: ISC */
/*
 * For whoever debugs: WSUSFERRY_TRACE=area,... lets a program say what it does
 * there, a line on stderr each.  Any thread.
 */
#ifndef WF_TRACE_H
#define WF_TRACE_H

#include <stdbool.h>

struct err;

enum trace_area {
	TRACE_FILES, /* the calls that write, name, flush and remove */
	TRACE_HTTP, /* each try of a request, and how it ended */
	TRACE_SQL, /* each statement that was run, and how long */
	TRACE_N
};

/* Once, at the start; areas may be NULL.  E_USAGE for an unknown one. */
int trace_begin(const char *prog, const char *areas, struct err *e);
bool trace_on(enum trace_area a);
/* "program: 12 ms: area: ..."; nothing where the area is not on. */
void trace_line(enum trace_area a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
