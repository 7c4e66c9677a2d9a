/* SPDX-License-Identifier: ISC */
#include "formats/wanted.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"

#define FIELDS 5
#define TIME_MAX INT64_C(253402300799) /* the end of the year 9999 */

const struct wanted_limits wanted_default_limits = {
    .max_rows = 10000,
    .max_number = UINT64_C(1) << 53,
    .max_addresses = 64,
};

struct piece {
	const char *p;
	size_t n;
};

int
wanted_check(
    const struct wanted_row *r, const struct wanted_limits *lim, struct err *e)
{
	if (r->requests < 1 || r->requests > lim->max_number)
		return err_set(e, E_FORMAT,
		    "%" PRIu64 " requests: expected 1 to %" PRIu64, r->requests,
		    lim->max_number);
	if (r->addresses < 1 || r->addresses > lim->max_addresses ||
	    r->addresses > r->requests)
		return err_set(e, E_FORMAT,
		    "%" PRIu32 " addresses: expected 1 to %" PRIu32
		    ", and no more than there are requests",
		    r->addresses, lim->max_addresses);
	if (r->first < 0 || r->last < r->first || r->last > TIME_MAX)
		return err_set(e, E_FORMAT,
		    "the last request lies before the first, or beyond 9999");
	return 0;
}

/* Exactly FIELDS pieces, a tab between them. */
static int
cut(struct piece f[FIELDS], const char *p, size_t n, struct err *e)
{
	const char *tab;
	size_t i;

	for (i = 0; i + 1 < FIELDS; i++) {
		if ((tab = memchr(p, '\t', n)) == NULL)
			return err_set(e, E_FORMAT,
			    "%zu fields: expected %d, a tab between them",
			    i + 1, FIELDS);
		f[i] = (struct piece){p, (size_t)(tab - p)};
		n -= f[i].n + 1;
		p = tab + 1;
	}
	f[i] = (struct piece){p, n};
	if (memchr(p, '\t', n) != NULL)
		return err_set(e, E_FORMAT,
		    "more than %d fields, a tab between them", FIELDS);
	return 0;
}

/* As the writer writes it, so that one list has one form. */
static int
read_number(uint64_t *v, const struct piece *f, const char *what, struct err *e)
{
	if (!num_read(v, f->p, f->n, 0, UINT64_MAX) ||
	    (f->n > 1 && f->p[0] == '0'))
		return err_set(e, E_FORMAT,
		    "%s: expected a number, found %zu bytes of something else",
		    what, f->n);
	return 0;
}

static int
read_time(int64_t *t, const struct piece *f, const char *what, struct err *e)
{
	char again[UTC_LEN + 1];
	bool good = f->n == UTC_LEN && utc_read(t, f->p, f->n) && *t >= 0 &&
	    *t <= TIME_MAX;

	if (good) {
		utc_write(again, *t);
		good = memcmp(again, f->p, UTC_LEN) == 0;
	}
	if (!good)
		return err_set(e, E_FORMAT,
		    "%s: expected a time such as 2026-11-29T12:00:00Z", what);
	return 0;
}

static int
read_row(struct wanted_row *r, const char *p, size_t n, struct err *e)
{
	char hex[2 * SHA1_LEN + 1];
	struct piece f[FIELDS];
	uint64_t addresses;

	if (cut(f, p, n, e) == -1)
		return -1;
	if (!hex_read(r->sha1, SHA1_LEN, f[0].p, f[0].n))
		return err_set(e, E_FORMAT,
		    "digest: expected %d hex digits, found %zu bytes",
		    2 * SHA1_LEN, f[0].n);
	hex_upper(hex, r->sha1, SHA1_LEN);
	if (memcmp(hex, f[0].p, f[0].n) != 0)
		return err_set(
		    e, E_FORMAT, "digest: expected letters in upper case");
	if (read_number(&r->requests, &f[1], "requests", e) == -1 ||
	    read_number(&addresses, &f[2], "addresses", e) == -1 ||
	    read_time(&r->first, &f[3], "first", e) == -1 ||
	    read_time(&r->last, &f[4], "last", e) == -1)
		return -1;
	r->addresses = addresses > UINT32_MAX ? UINT32_MAX
					      : (uint32_t)addresses;
	return 0;
}

static int
add_row(struct wanted *w, const char *p, size_t n,
    const struct wanted_limits *lim, struct err *e)
{
	struct wanted_row r;

	if (read_row(&r, p, n, e) == -1 || wanted_check(&r, lim, e) == -1)
		return -1;
	if (w->n > 0 && memcmp(w->v[w->n - 1].sha1, r.sha1, SHA1_LEN) >= 0)
		return err_set(e, E_FORMAT,
		    "digest: expected one that is higher than the one before");
	if (w->n == lim->max_rows)
		return err_set(e, E_LIMIT, "more than %zu rows", lim->max_rows);
	if (grow(&w->v, &w->cap, w->n, sizeof(*w->v), e) == -1)
		return -1;
	w->v[w->n++] = r;
	return 0;
}

int
wanted_read(struct wanted *w, const void *bytes, size_t n,
    const struct wanted_limits *lim, struct err *e)
{
	const char *p = bytes, *lf;
	unsigned line;
	size_t len;

	*w = (struct wanted)WANTED_INIT;
	for (line = 1; n > 0 || line == 1; line++) {
		if (n == 0 || (lf = memchr(p, '\n', n)) == NULL)
			return err_set(e, E_FORMAT,
			    "line %u: cut short: it has no LF", line);
		len = (size_t)(lf - p);
		if (line > 1) {
			if (add_row(w, p, len, lim, e) == -1)
				return err_ctx(e, "line %u", line);
		} else if (len != strlen(WANTED_TITLE) ||
		    memcmp(p, WANTED_TITLE, len) != 0) {
			return err_set(
			    e, E_FORMAT, "line 1: expected '" WANTED_TITLE "'");
		}
		n -= len + 1;
		p = lf + 1;
	}
	return 0;
}

void
wanted_free(struct wanted *w)
{
	free(w->v);
	*w = (struct wanted)WANTED_INIT;
}
