/* SPDX-License-Identifier: ISC */
/* Text, paths, numbers: what the rest stands on. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "testdata/gen/gen.h"

void
die(const char *fmt, ...)
{
	va_list ap;

	fputs("gencatalogue: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void *
need(void *p)
{
	if (p == NULL)
		die("out of memory");
	return p;
}

static void
str_room(struct str *s, size_t n)
{
	if (n <= s->cap - s->len)
		return;
	s->cap = (s->cap + n) * 2 + 256;
	s->p = need(realloc(s->p, s->cap));
}

void
str_mem(struct str *s, const void *p, size_t n)
{
	str_room(s, n + 1);
	memcpy(s->p + s->len, p, n);
	s->len += n;
	s->p[s->len] = '\0';
}

void
str_add(struct str *s, const char *text)
{
	str_mem(s, text, strlen(text));
}

void
str_fmt(struct str *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	str_room(s, 1024);
	va_start(ap, fmt);
	n = vsnprintf(s->p + s->len, 1024, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= 1024)
		die("text of %d bytes is too long to format", n);
	s->len += (size_t)n;
}

void
str_esc(struct str *s, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '&')
			str_add(s, "&amp;");
		else if (*text == '<')
			str_add(s, "&lt;");
		else if (*text == '>')
			str_add(s, "&gt;");
		else if (*text == '"')
			str_add(s, "&quot;");
		else
			str_mem(s, text, 1);
	}
}

void
str_free(struct str *s)
{
	free(s->p);
	*s = (struct str){.p = NULL};
}

char *
path_in(const char *dir, const char *name)
{
	struct str s = {.p = NULL};

	str_add(&s, dir);
	str_add(&s, "/");
	str_add(&s, name);
	return s.p;
}

void
make_dir(const char *path)
{
	if (mkdir(path, 0777) == -1 && errno != EEXIST)
		die("%s: %s", path, strerror(errno));
}

void
hex_of(char *out, const uint8_t *p, size_t n, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		out[i * 2] = digits[p[i] >> 4];
		out[i * 2 + 1] = digits[p[i] & 15];
	}
	out[n * 2] = '\0';
}

void
base64_of(char *out, const uint8_t *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t v;
	size_t i;

	for (i = 0; i < n; i += 3) {
		v = (uint32_t)p[i] << 16;
		v |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
		v |= i + 2 < n ? p[i + 2] : 0;
		*out++ = digits[v >> 18];
		*out++ = digits[v >> 12 & 63];
		*out++ = i + 1 < n ? digits[v >> 6 & 63] : '=';
		*out++ = i + 2 < n ? digits[v & 63] : '=';
	}
	*out = '\0';
}

void
list_add(struct list *l, uint32_t x)
{
	if (l->n == l->cap) {
		l->cap = l->cap * 2 + 2;
		l->v = need(realloc(l->v, l->cap * sizeof(*l->v)));
	}
	l->v[l->n++] = x;
}

bool
list_has(const struct list *l, uint32_t x)
{
	uint32_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i] == x)
			return true;
	return false;
}
