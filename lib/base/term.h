/* SPDX-License-Identifier: ISC */
/* Terminals: how wide they are, and how wide a text is on them. */
#ifndef WF_TERM_H
#define WF_TERM_H

#include <stddef.h>

/* Columns of the terminal that fd is, 80 where it does not tell; 0: it is no
   terminal. */
unsigned term_columns(int fd);

/* Added to `to`, with a NUL behind: the text, in which the characters that turn
   its direction are spelled \u202e, so that no name looks like another. */
struct buf;
struct err;
int term_text(struct buf *to, const char *s, size_t n, struct err *e);

/* Bytes of s that take at most max columns; used: how many they take. */
size_t term_fit(const char *s, size_t n, unsigned max, unsigned *used);

#endif
