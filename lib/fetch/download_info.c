/* SPDX-License-Identifier: ISC */
/*
 * What is noted of a part, one fact a line in this order:
 *
 *	wsusferry-part 1
 *	url http://...
 *	size 12345678           or -
 *	etag "..."              may be absent
 *	modified Sun, 06 ...    may be absent
 *	end
 */
#include "lib/fetch/download.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/net/http.h"
#include "formats/httpdate.h"

#define MAGIC "wsusferry-part 1"
#define STRONG_S 60 /* a file may change twice in a second; RFC 9110, 8.8.2.2 */

static bool
is_plain(const char *s, size_t n, char least)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < least || s[i] > '~')
			return false;
	return n > 0;
}

static bool
is_strong(const char *etag)
{
	size_t n = strlen(etag);

	return n > 2 && etag[0] == '"' && etag[n - 1] == '"' &&
	    is_plain(etag, n, '!') && memchr(etag + 1, '"', n - 2) == NULL;
}

static bool
is_date(const char *s)
{
	int64_t t;

	return strlen(s) == HTTPDATE_LEN && is_plain(s, HTTPDATE_LEN, ' ') &&
	    httpdate_read(&t, s, strlen(s));
}

void
download_info_set(struct download_info *i, const char *url,
    const struct http_head *h, uint64_t size)
{
	int64_t t;

	(void)snprintf(i->url, sizeof(i->url), "%s", url);
	i->size = size;
	i->etag[0] = i->modified[0] = '\0';
	if (is_strong(h->etag))
		(void)snprintf(i->etag, sizeof(i->etag), "%s", h->etag);
	if (is_date(h->modified) &&
	    httpdate_read(&t, h->modified, strlen(h->modified)) &&
	    h->date > STRONG_S && t <= h->date - STRONG_S)
		(void)snprintf(
		    i->modified, sizeof(i->modified), "%s", h->modified);
}

const char *
download_validator(const struct download_info *i)
{
	if (i->url[0] == '\0')
		return NULL;
	if (i->etag[0] != '\0')
		return i->etag;
	return i->modified[0] != '\0' ? i->modified : NULL;
}

/* The value of the next line if that has this key, NUL-terminated. */
static bool
line(const char **at, size_t *left, const char *key, char *to, size_t max)
{
	size_t n = strlen(key);
	const char *end = memchr(*at, '\n', *left);
	size_t len = end == NULL ? 0 : (size_t)(end - *at);

	if (end == NULL || len <= n + 1 || len - n - 1 >= max ||
	    memcmp(*at, key, n) != 0 || (*at)[n] != ' ' ||
	    memchr(*at, '\0', len) != NULL)
		return false;
	memcpy(to, *at + n + 1, len - n - 1);
	to[len - n - 1] = '\0';
	*at += len + 1;
	*left -= len + 1;
	return true;
}

static bool
word(const char **at, size_t *left, const char *w)
{
	size_t n = strlen(w);

	if (*left < n + 1 || memcmp(*at, w, n) != 0 || (*at)[n] != '\n')
		return false;
	*at += n + 1;
	*left -= n + 1;
	return true;
}

bool
download_info_read(struct download_info *i, const void *p, size_t n)
{
	const char *at = p;
	size_t left = n;
	char size[32];

	memset(i, 0, sizeof(*i));
	if (!word(&at, &left, MAGIC) ||
	    !line(&at, &left, "url", i->url, sizeof(i->url)) ||
	    !is_plain(i->url, strlen(i->url), '!') ||
	    !line(&at, &left, "size", size, sizeof(size)))
		return false;
	i->size = DOWNLOAD_ANY;
	if (strcmp(size, "-") != 0 &&
	    !num_read(&i->size, size, strlen(size), 0, INT64_MAX))
		return false;
	if (line(&at, &left, "etag", i->etag, sizeof(i->etag)) &&
	    !is_strong(i->etag))
		return false;
	if (line(&at, &left, "modified", i->modified, sizeof(i->modified)) &&
	    !is_date(i->modified))
		return false;
	return word(&at, &left, "end") && left == 0;
}

int
download_info_write(
    const struct download_info *i, struct buf *to, struct err *e)
{
	char size[32] = "-";

	if (i->size != DOWNLOAD_ANY)
		(void)snprintf(size, sizeof(size), "%" PRIu64, i->size);
	if (buf_printf(to, e, MAGIC "\nurl %s\nsize %s\n", i->url, size) == -1)
		return -1;
	if (i->etag[0] != '\0' && buf_printf(to, e, "etag %s\n", i->etag) == -1)
		return -1;
	if (i->modified[0] != '\0' &&
	    buf_printf(to, e, "modified %s\n", i->modified) == -1)
		return -1;
	return buf_puts(to, "end\n", e);
}
