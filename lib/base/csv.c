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

/* How many bytes of a text a terminal may show, and need no second quote. */
static size_t
plain_run(const char *p)
{
	size_t n = 0;
	unsigned char one;

	for (; (one = (unsigned char)p[n]) >= 0x20 || one == '\t' ||
	     one == '\r' || one == '\n';
	     n++)
		if (one == '"' || one == 0x7f ||
		    (one == 0xc2 && ((unsigned char)p[n + 1] & 0xe0) == 0x80))
			break;
	return n;
}

/* The character that ended such a run; returns its bytes. */
static size_t
put_odd(struct csv *c, const char *p)
{
	if (*p == '"')
		put_bytes(c, "\"\"", 2);
	else
		put_bytes(c, "?", 1);
	return (unsigned char)*p == 0xc2 ? 2 : 1;
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
	for (;;) {
		size_t n = plain_run(v);

		put_bytes(c, v, n);
		v += n;
		if (*v == '\0')
			break;
		v += put_odd(c, v);
	}
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
