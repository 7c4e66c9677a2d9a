/* SPDX-License-Identifier: ISC */
/* Paths and queries, decoded. */
#include <string.h>

#include "formats/request_priv.h"
#include "lib/base/enc.h"

bool
request_decode(char *out, size_t max, struct slice s, bool plus)
{
	size_t i, n = 0;
	uint8_t c;

	for (i = 0; i < s.n; i++) {
		c = (uint8_t)s.p[i];
		if (c == '%') {
			if (s.n - i < 3 || !hex_read(&c, 1, s.p + i + 1, 2))
				return false;
			i += 2;
		} else if (plus && c == '+') {
			c = ' ';
		}
		if (c < 0x20 || c == 0x7f || n == max)
			return false;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return true;
}

/*
 * RFC 3986, 5.2.4, in place, and with empty segments left out: what is written
 * never gets ahead of what is read.  False: above the root.
 */
static bool
resolve(char *path)
{
	size_t len = strlen(path), r = 0, w = 0, n;
	bool folder = true; /* the last segment is none, "." or ".." */

	while (r < len) {
		for (; r < len && path[r] == '/'; r++)
			folder = true;
		for (n = 0; r + n < len && path[r + n] != '/'; n++)
			;
		if (n == 2 && path[r] == '.' && path[r + 1] == '.') {
			if (w == 0)
				return false;
			while (path[--w] != '/')
				;
			folder = true;
		} else if (n > 0 && !(n == 1 && path[r] == '.')) {
			path[w++] = '/';
			memmove(path + w, path + r, n);
			w += n;
			folder = false;
		}
		r += n;
	}
	if (folder)
		path[w++] = '/';
	path[w] = '\0';
	return true;
}

unsigned
request_path(const struct request *rq, char out[REQUEST_TARGET_MAX + 1],
    struct request_fault *f)
{
	struct slice path = request_text(rq, rq->path);
	struct request_fault none;

	if (f == NULL)
		f = &none;
	if (path.n == 0) /* http://host is http://host/ */
		path = SLICE("/");
	if (!request_decode(out, REQUEST_TARGET_MAX, path, false)) {
		request_refuse(f, 400,
		    "the path has a malformed escape, or one of a control "
		    "character",
		    "RFC 3986, 2.1");
		return f->status;
	}
	if (out[0] == '/' && !resolve(out)) {
		request_refuse(f, 400, "the path leads out of the root",
		    "RFC 3986, 5.2.4");
		return f->status;
	}
	return 0;
}

/* Cuts off s up to the byte that ends it, which is left out. */
static struct slice
cut(struct slice *s, char end)
{
	const char *p = s->n > 0 ? memchr(s->p, end, s->n) : NULL;
	struct slice head = {s->p, p != NULL ? (size_t)(p - s->p) : s->n};
	size_t n = head.n + (p != NULL);

	s->p += n;
	s->n -= n;
	return head;
}

/* No key is longer than that. */
#define KEY_MAX 32

int
request_query(
    struct slice query, const char *key, unsigned nth, char *out, size_t max)
{
	char is[KEY_MAX + 1];
	struct slice value;

	out[0] = '\0';
	while (query.n > 0) {
		value = cut(&query, '&');
		if (!request_decode(is, KEY_MAX, cut(&value, '='), true) ||
		    strcmp(is, key) != 0 || nth-- > 0)
			continue;
		if (request_decode(out, max, value, true) &&
		    utf8_valid((const uint8_t *)out, strlen(out)))
			return 1;
		out[0] = '\0';
		return -1;
	}
	return 0;
}
