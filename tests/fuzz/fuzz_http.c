/* SPDX-License-Identifier: ISC */
/*
 * Byte 0 odd: an answer's head, line by line, as libcurl hands it out; else a
 * URL.  What is taken from either is within its bounds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/net/http_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
need(bool ok)
{
	if (!ok)
		abort();
}

static void
check_head(const char *p, size_t n)
{
	struct http_lines l = {0};
	struct http_head h = {0};
	struct err e = ERR_INIT;
	const char *end;
	size_t k;

	for (; n > 0; p += k, n -= k) {
		end = memchr(p, '\n', n);
		k = end == NULL ? n : (size_t)(end - p) + 1;
		if (http_head_line(&h, &l, p, k, &e) == -1) {
			need(e.kind == E_REMOTE || e.kind == E_LIMIT);
			return;
		}
	}
	need(!l.whole || (h.status >= 100 && h.status <= 999));
	if (h.has_range)
		need(h.from <= h.to && h.to < h.total);
	need(strnlen(h.etag, HTTP_FIELD_MAX) < HTTP_FIELD_MAX);
	need(strpbrk(h.etag, "\r\n") == NULL);
	need(strpbrk(h.modified, "\r\n") == NULL);
}

/* An origin is a URL whose origin and host are the same. */
static void
check_url(const char *p, size_t n)
{
	char url[512], origin[600], again[600], host[300], same[300];

	if (n >= sizeof(url))
		return;
	memcpy(url, p, n);
	url[n] = '\0';
	if (!http_origin(url, origin, sizeof(origin)))
		return;
	need(http_origin(origin, again, sizeof(again)));
	need(strcmp(origin, again) == 0);
	need(http_host(url, host, sizeof(host)));
	need(http_host(origin, same, sizeof(same)));
	need(strcmp(host, same) == 0 && strpbrk(host, "@/\\ ") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n == 0)
		return 0;
	if (p[0] & 1)
		check_head((const char *)p + 1, n - 1);
	else
		check_url((const char *)p + 1, n - 1);
	return 0;
}
