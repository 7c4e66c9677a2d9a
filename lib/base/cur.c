/* SPDX-License-Identifier: ISC */
#include "lib/base/cur.h"

#include <string.h>

#include "lib/base/err.h"

void
cur_init(struct cur *c, const void *buf, size_t len)
{
	static const uint8_t empty[1];

	c->base = c->p = len != 0 ? buf : empty;
	c->end = c->p + len;
	c->bad = false;
}

size_t
cur_left(const struct cur *c)
{
	return (size_t)(c->end - c->p);
}

size_t
cur_off(const struct cur *c)
{
	return (size_t)(c->p - c->base);
}

const uint8_t *
cur_take(struct cur *c, size_t n)
{
	const uint8_t *p = c->p;

	if (c->bad || n > cur_left(c)) {
		c->bad = true;
		return NULL;
	}
	c->p += n;
	return p;
}

uint8_t
cur_u8(struct cur *c)
{
	const uint8_t *p = cur_take(c, 1);

	if (p == NULL)
		return 0;
	return p[0];
}

uint16_t
cur_le16(struct cur *c)
{
	const uint8_t *p = cur_take(c, 2);

	if (p == NULL)
		return 0;
	return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t
cur_le32(struct cur *c)
{
	const uint8_t *p = cur_take(c, 4);

	if (p == NULL)
		return 0;
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

void
cur_skip(struct cur *c, size_t n)
{
	(void)cur_take(c, n);
}

const char *
cur_str(struct cur *c, size_t max)
{
	size_t n = cur_left(c);
	const uint8_t *nul;

	if (n > max)
		n = max + 1;
	if ((nul = memchr(c->p, 0, n)) == NULL) {
		c->bad = true;
		return NULL;
	}
	return (const char *)cur_take(c, (size_t)(nul - c->p) + 1);
}

int
cur_check(const struct cur *c, const char *what, struct err *e)
{
	if (c->bad)
		return err_at(
		    e, (uint64_t)(c->end - c->base), "%s: cut short", what);
	return 0;
}
