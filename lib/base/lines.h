/* SPDX-License-Identifier: ISC */
/* A sink that hands on the lines of a text, each ended by LF. */
#ifndef WF_LINES_H
#define WF_LINES_H

#include <stddef.h>

struct err;
struct lines;
struct sink;

#define LINES_MAX ((size_t)64 << 10) /* bytes of one line */

int lines_open(struct lines **l,
    int (*line)(void *arg, const char *text, size_t len, struct err *e),
    void *arg, struct err *e);
struct sink *lines_sink(struct lines *l); /* owned by l */
/* E_FORMAT when the last line has no LF; messages name the line. */
int lines_finish(struct lines *l, struct err *e);
void lines_close(struct lines *l);

#endif
