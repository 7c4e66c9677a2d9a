/* SPDX-License-Identifier: ISC */
#include "lib/base/csv.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/sink.h"

void
csv_begin(struct csv *c)
{
	buf_reset(&c->b);
	c->bad = false;
	c->n = 0;
}

static void
put_bytes(struct csv *c, const char *p, size_t n)
{
	struct err e = ERR_INIT;

	if (!c->bad && buf_put(&c->b, p, n, &e) == -1)
		c->bad = true;
}

/* One character, as a terminal may show it too; returns its bytes. */
static size_t
put_char(struct csv *c, const char *p)
{
	unsigned char one = (unsigned char)p[0], two = (unsigned char)p[1];
	bool c1 = one == 0xc2 && two >= 0x80 && two < 0xa0;

	if (one == '"')
		put_bytes(c, "\"\"", 2);
	else if (c1 || one == 0x7f ||
	    (one < 0x20 && strchr("\t\r\n", one) == NULL))
		put_bytes(c, "?", 1);
	else
		put_bytes(c, p, 1);
	return c1 ? 2 : 1;
}

void
csv_str(struct csv *c, const char *v)
{
	bool quoted;

	if (c->n++ != 0)
		put_bytes(c, ",", 1);
	if (v == NULL || *v == '\0')
		return;
	quoted = strpbrk(v, ",\"\r\n") != NULL;
	if (quoted)
		put_bytes(c, "\"", 1);
	if (strchr("=+-@\t\r", *v) != NULL)
		put_bytes(c, "'", 1);
	while (*v != '\0')
		v += put_char(c, v);
	if (quoted)
		put_bytes(c, "\"", 1);
}

void
csv_num(struct csv *c, uint64_t v)
{
	struct err e = ERR_INIT;

	if (c->n++ != 0)
		put_bytes(c, ",", 1);
	if (!c->bad && buf_printf(&c->b, &e, "%" PRIu64, v) == -1)
		c->bad = true;
}

int
csv_end(struct csv *c, struct sink *to, struct err *e)
{
	put_bytes(c, "\r\n", 2);
	if (c->bad)
		return err_nomem(e);
	return sink_write(to, c->b.p, c->b.len, e);
}

void
csv_free(struct csv *c)
{
	buf_free(&c->b);
}
