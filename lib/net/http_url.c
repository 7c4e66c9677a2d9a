/* SPDX-License-Identifier: ISC */
/* What a URL says of its server. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/enc.h"
#include "lib/net/http_priv.h"

#define HOST_MAX 253

/* Lower case is not judged here; what stands in no host is. */
static bool
host_ok(const char *s, size_t n, bool v6)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t i;

	if (n == 0 || n > HOST_MAX)
		return false;
	for (i = 0; i < n; i++)
		if (strchr(letters, s[i]) == NULL &&
		    strchr(v6 ? ":." : "-._", s[i]) == NULL)
			return false;
	return true;
}

static bool
read_authority(struct http_where *w, const char *s, size_t n)
{
	const char *end, *rest;
	uint64_t port = w->port;

	w->v6 = n > 0 && *s == '[';
	w->host = s + w->v6;
	end = memchr(s, w->v6 ? ']' : ':', n);
	if (w->v6 && end == NULL)
		return false;
	if (end == NULL)
		end = s + n;
	w->nhost = (size_t)(end - w->host);
	rest = end + w->v6;
	n -= (size_t)(rest - s);
	if (n > 0 &&
	    (*rest != ':' || !num_read(&port, rest + 1, n - 1, 1, 65535)))
		return false;
	w->port = (uint16_t)port;
	return host_ok(w->host, w->nhost, w->v6);
}

bool
http_where_read(struct http_where *w, const char *url)
{
	const char *s;

	for (s = url; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	memset(w, 0, sizeof(*w));
	w->tls = strncasecmp(url, "https://", 8) == 0;
	if (!w->tls && strncasecmp(url, "http://", 7) != 0)
		return false;
	w->port = w->tls ? 443 : 80;
	s = url + (w->tls ? 8 : 7);
	return read_authority(w, s, strcspn(s, "/?#"));
}

static void
lower(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

void
http_where_write(char *to, size_t max, const struct http_where *w)
{
	(void)snprintf(to, max, "%s%.*s%s:%u", w->v6 ? "[" : "", (int)w->nhost,
	    w->host, w->v6 ? "]" : "", (unsigned)w->port);
	lower(to);
}

bool
http_origin(const char *url, char *to, size_t max)
{
	struct http_where w;
	char port[8] = "";
	int n;

	if (!http_where_read(&w, url))
		return false;
	if (w.port != (w.tls ? 443 : 80))
		(void)snprintf(port, sizeof(port), ":%u", (unsigned)w.port);
	n = snprintf(to, max, "%s://%s%.*s%s%s", w.tls ? "https" : "http",
	    w.v6 ? "[" : "", (int)w.nhost, w.host, w.v6 ? "]" : "", port);
	if (n < 0 || (size_t)n >= max)
		return false;
	lower(to);
	return true;
}

bool
http_host(const char *url, char *to, size_t max)
{
	struct http_where w;

	if (!http_where_read(&w, url) || w.nhost >= max)
		return false;
	memcpy(to, w.host, w.nhost);
	to[w.nhost] = '\0';
	lower(to);
	return true;
}

uint64_t
http_pause_ms(unsigned n, unsigned wait_ms, unsigned retry_after_s)
{
	uint64_t most = wait_ms, least = (uint64_t)retry_after_s * 1000, ms;

	for (; n > 2 && most < HTTP_WAIT_MAX_MS; n--)
		most *= 2;
	if (most > HTTP_WAIT_MAX_MS)
		most = HTTP_WAIT_MAX_MS;
	ms = arc4random_uniform((uint32_t)most + 1);
	return ms > least ? ms : least;
}
