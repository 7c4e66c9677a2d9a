/* SPDX-License-Identifier: ISC */
/* A growing byte buffer with a ceiling. */
#ifndef WF_BUF_H
#define WF_BUF_H

#include <stddef.h>
#include <stdint.h>

struct err;

struct buf {
	uint8_t *p; /* owned; not NUL-terminated unless buf_str() was called */
	size_t len, cap, max;
};

#define BUF_MAX_DEFAULT ((size_t)1 << 30)
#define BUF_INIT                                                               \
	{                                                                      \
		.p = NULL, .len = 0, .cap = 0, .max = BUF_MAX_DEFAULT          \
	}
#define BUF_INIT_MAX(limit)                                                    \
	{                                                                      \
		.p = NULL, .len = 0, .cap = 0, .max = (limit)                  \
	}

/* Errors: E_LIMIT past max, E_SYS for memory. */
int buf_put(struct buf *b, const void *p, size_t n, struct err *e);
int buf_puts(struct buf *b, const char *s, struct err *e);
int buf_printf(struct buf *b, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
uint8_t *buf_reserve(
    struct buf *b, size_t n, struct err *e); /* room at p+len */
const char *buf_str(struct buf *b, struct err *e); /* borrowed, NUL added */
void buf_reset(struct buf *b); /* length 0, memory kept */
void buf_free(struct buf *b);

#endif
