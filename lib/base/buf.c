/* SPDX-License-Identifier: ISC */
#include "lib/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

#define FIRST_CAP ((size_t)256)

/* Room for need bytes in all; past max only buf_str()'s NUL may stand. */
static int
grow(struct buf *b, size_t need, struct err *e)
{
	size_t cap = b->cap < FIRST_CAP ? FIRST_CAP : b->cap;
	uint8_t *p;

	if (need <= b->cap)
		return 0;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	if (b->max < SIZE_MAX && cap > b->max + 1 && need <= b->max + 1)
		cap = b->max + 1;
	if ((p = realloc(b->p, cap)) == NULL)
		return err_nomem(e);
	b->p = p;
	b->cap = cap;
	return 0;
}

uint8_t *
buf_reserve(struct buf *b, size_t n, struct err *e)
{
	if (n > b->max - b->len) {
		err_set(e, E_LIMIT, "%zu bytes and %zu more, at most %zu",
		    b->len, n, b->max);
		return NULL;
	}
	/* One at least, so that NULL never means "no bytes wanted". */
	if (grow(b, b->len + (n != 0 ? n : 1), e) == -1)
		return NULL;
	return b->p + b->len;
}

int
buf_put(struct buf *b, const void *p, size_t n, struct err *e)
{
	uint8_t *to;

	if (n == 0)
		return 0;
	if ((to = buf_reserve(b, n, e)) == NULL)
		return -1;
	memcpy(to, p, n);
	b->len += n;
	return 0;
}

int
buf_puts(struct buf *b, const char *s, struct err *e)
{
	return buf_put(b, s, strlen(s), e);
}

int
buf_printf(struct buf *b, struct err *e, const char *fmt, ...)
{
	size_t room = b->cap - b->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room == 0 ? NULL : (char *)b->p + b->len, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		return err_sys(e, "formatting text");
	if (buf_reserve(b, (size_t)n, e) == NULL ||
	    grow(b, b->len + (size_t)n + 1, e) == -1)
		return -1;
	if ((size_t)n >= room) { /* that was only its length */
		va_start(ap, fmt);
		(void)vsnprintf((char *)b->p + b->len, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
	return 0;
}

const char *
buf_str(struct buf *b, struct err *e)
{
	if (grow(b, b->len + 1, e) == -1)
		return NULL;
	b->p[b->len] = '\0';
	return (const char *)b->p;
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
}

void
buf_free(struct buf *b)
{
	free(b->p);
	b->p = NULL;
	b->len = b->cap = 0;
}
