/* SPDX-License-Identifier: ISC */
#include "lib/view/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/err.h"

#define PRINTED_MAX 512

void
page_init(struct page *p, const char *root, struct err *e)
{
	*p = (struct page){
	    .out = BUF_INIT_MAX(PAGE_BYTES_MAX), .root = root, .e = e};
}

void
page_free(struct page *p)
{
	buf_free(&p->out);
}

int
page_end(struct page *p)
{
	return p->bad ? -1 : 0;
}

static void
put(struct page *p, const char *s, size_t n)
{
	if (!p->bad && buf_put(&p->out, s, n, p->e) == -1)
		p->bad = true;
}

void
page_put(struct page *p, const char *html)
{
	put(p, html, strlen(html));
}

void
page_printf(struct page *p, const char *fmt, ...)
{
	char text[PRINTED_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	page_put(p, text);
}

void
page_textn(struct page *p, const char *s, size_t n)
{
	static const char special[] = "&<>\"'";
	size_t i = 0, from = 0;
	char code[8];

	for (; i < n; i++) {
		bool control = (uint8_t)s[i] < 0x20 || s[i] == 0x7f;

		if (!control && strchr(special, s[i]) == NULL)
			continue;
		put(p, s + from, i - from);
		from = i + 1;
		if (control) { /* a blank is what HTML would make of most */
			put(p, " ", 1);
			continue;
		}
		(void)snprintf(code, sizeof(code), "&#%d;", s[i]);
		page_put(p, code);
	}
	put(p, s + from, n - from);
}

void
page_text(struct page *p, const char *s)
{
	if (s != NULL)
		page_textn(p, s, strlen(s));
}

void
page_query(struct page *p, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

	for (; *s != '\0'; s++)
		if (strchr(plain, *s) != NULL)
			put(p, s, 1);
		else
			page_printf(p, "%%%02X", (uint8_t)*s);
}

/* How much of s one of the words is that stands there. */
static size_t
word_at(const char *s, const char *const *words, unsigned nwords)
{
	size_t n, most = 0;
	unsigned i;

	for (i = 0; i < nwords; i++) {
		n = strlen(words[i]);
		if (n > most && strncasecmp(s, words[i], n) == 0)
			most = n;
	}
	return most;
}

void
page_marked(
    struct page *p, const char *s, const char *const *words, unsigned nwords)
{
	const char *from = s;
	size_t n;

	while (*s != '\0') {
		if ((n = word_at(s, words, nwords)) == 0) {
			s++;
			continue;
		}
		page_textn(p, from, (size_t)(s - from));
		page_put(p, "<mark>");
		page_textn(p, s, n);
		page_put(p, "</mark>");
		from = s += n;
	}
	page_textn(p, from, (size_t)(s - from));
}
