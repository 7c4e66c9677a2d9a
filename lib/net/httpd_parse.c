/* SPDX-License-Identifier: ISC */
/* Where to listen, and what a request target names. */
#include "lib/net/httpd_parse.h"

#include <string.h>
#include <strings.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"

int
httpd_where_read(struct httpd_where *w, const char *text, struct err *e)
{
	const char *host = text, *colon = strrchr(text, ':'), *end = colon;
	uint64_t port;

	*w = (struct httpd_where){.v6 = text[0] == '['};
	if (colon == NULL)
		return err_set(e, E_USAGE,
		    "'%s': expected HOST:PORT or [ADDRESS]:PORT", text);
	if (w->v6) {
		host++;
		end = colon - 1;
		if (end < host || *end != ']')
			return err_set(
			    e, E_USAGE, "'%s': expected [ADDRESS]:PORT", text);
	}
	if (!num_read(&port, colon + 1, strlen(colon + 1), 0, UINT16_MAX))
		return err_set(e, E_USAGE,
		    "'%s': expected a port from 0 to 65535, found '%s'", text,
		    colon + 1);
	if (end == host || end - host > HTTPD_HOST_MAX ||
	    (!w->v6 && memchr(host, ':', (size_t)(end - host)) != NULL))
		return err_set(e, E_USAGE,
		    "'%s': expected HOST:PORT or [ADDRESS]:PORT", text);
	memcpy(w->host, host, (size_t)(end - host));
	w->port = (uint16_t)port;
	return 0;
}

bool
httpd_decode(char *out, size_t max, const char *s, size_t len, bool plus)
{
	size_t i, n = 0;
	uint8_t c;

	for (i = 0; i < len; i++) {
		c = (uint8_t)s[i];
		if (c == '%') {
			if (len - i < 3 || !hex_read(&c, 1, s + i + 1, 2))
				return false;
			i += 2;
		} else if (plus && c == '+') {
			c = ' ';
		}
		if (c < 0x20 || c == 0x7f || n == max || (s[i] == ' ' && !plus))
			return false;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return true;
}

unsigned
httpd_path(char out[HTTPD_TARGET_MAX + 1], const char *target)
{
	static const char http[] = "http://";
	size_t len;

	if (strncasecmp(target, http, sizeof(http) - 1) == 0) {
		target += sizeof(http) - 1;
		target += strcspn(target, "/?#");
	}
	len = strcspn(target, "?#");
	if (len > HTTPD_TARGET_MAX)
		return 414;
	/* http://host names the same as http://host/ */
	if (len == 0) {
		target = "/";
		len = 1;
	}
	if (!httpd_decode(out, HTTPD_TARGET_MAX, target, len, false))
		return 400;
	return out[0] == '/' ? 0 : 400;
}
