/* SPDX-License-Identifier: ISC */
/* Terminals: how wide they are, and how wide a text is on them. */
#ifndef WF_TERM_H
#define WF_TERM_H

#include <stddef.h>

/* Columns of the terminal that fd is, 80 where it does not tell; 0: it is no
   terminal. */
unsigned term_columns(int fd);

/* Bytes of s that take at most max columns; used: how many they take. */
size_t term_fit(const char *s, size_t n, unsigned max, unsigned *used);

#endif
