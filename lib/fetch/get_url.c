/* SPDX-License-Identifier: ISC */
/* Where payload may come from. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/fetch/get.h"
#include "lib/fetch/fetch.h"

static const char *const microsoft_hosts[] = {
    "windowsupdate.com", "delivery.mp.microsoft.com", "microsoft.com"};

bool
get_host_in(const char *host, const char *const *hosts, size_t n)
{
	size_t len = strlen(host);

	for (size_t i = 0; i < n; i++) {
		const char *suffix = hosts[i];
		size_t k;

		if (suffix[0] == '.')
			suffix++;
		k = strlen(suffix);
		if (k == 0 || k > len ||
		    strcasecmp(host + len - k, suffix) != 0)
			continue;
		if (k == len || host[len - k - 1] == '.')
			return true;
	}
	return false;
}

/*
 * The specification's other place: port 80 where the service is on a port of
 * HTTP or on 443, else the port below that of HTTPS.
 */
static bool
other_base(const char *origin, char *to, size_t max)
{
	bool tls = strncmp(origin, "https:", 6) == 0;
	const char *host = origin + (tls ? 8 : 7);
	const char *colon = strrchr(host, ':');
	uint64_t port = tls ? 443 : 80;
	int n = (int)strlen(host);

	/* A colon within brackets is part of an address. */
	if (colon != NULL && strchr(colon, ']') == NULL) {
		if (!num_read(&port, colon + 1, strlen(colon + 1), 1, 65535))
			return false;
		n = (int)(colon - host);
	}
	if (!tls && port == 80)
		return false;
	port = !tls || port == 443 ? 80 : port - 1;
	return port != 0 &&
	    (size_t)snprintf(to, max, "http://%.*s:%" PRIu64, n, host, port) <
	    max;
}

static int
given_base(struct get_sources *s, const char *base, struct err *e)
{
	char host[HTTP_FIELD_MAX];
	size_t n = strlen(base);

	while (n > 0 && base[n - 1] == '/')
		n--;
	if (!http_host(base, host, sizeof(host)) || n >= SYNC_URL_MAX ||
	    strpbrk(base, "?# ") != NULL)
		return err_set(e, E_USAGE,
		    "'%s' is no base of content: expected a URL such as "
		    "http://wsus.example.org:8530",
		    base);
	(void)snprintf(s->bases[0], SYNC_URL_MAX, "%.*s", (int)n, base);
	s->nbases = 1;
	return 0;
}

int
get_sources(struct get_sources *s, const struct fetch_opts *o,
    const char *upstream, bool catalog_only, struct err *e)
{
	*s = (struct get_sources){.hosts = o->content_hosts,
	    .nhosts = o->ncontent_hosts,
	    .internet = catalog_only || o->internet_content,
	    .require_tls = o->require_tls};
	if (s->nhosts == 0) {
		s->hosts = microsoft_hosts;
		s->nhosts = sizeof(microsoft_hosts) / sizeof(*microsoft_hosts);
	}
	if (!http_host(upstream, s->host, sizeof(s->host)))
		return err_set(e, E_USAGE, "'%s' is no URL", upstream);
	if (o->content_base != NULL)
		return given_base(s, o->content_base, e);
	if (catalog_only)
		return 0;
	if (!http_origin(upstream, s->bases[0], SYNC_URL_MAX))
		return err_set(e, E_USAGE, "'%s' is no URL", upstream);
	s->nbases = 1;
	if (!o->require_tls &&
	    other_base(s->bases[0], s->bases[1], SYNC_URL_MAX))
		s->nbases = 2;
	return 0;
}

static int
add_url(struct get *g, const struct get_sources *s, const char *url, int base,
    struct err *e)
{
	struct get_url *u = &g->urls[g->nurls];
	char host[HTTP_FIELD_MAX] = "";

	(void)http_host(url, host, sizeof(host));
	if ((u->url = strdup(url)) == NULL)
		return err_nomem(e);
	u->base = base;
	u->whose = strcmp(host, s->host) == 0 ? GET_UPSTREAM : GET_ELSEWHERE;
	g->nurls++;
	return 0;
}

int
get_add_bases(struct get *g, const struct get_sources *s, struct err *e)
{
	char url[SYNC_URL_MAX + sizeof("/Content/") + CONTENT_NAME_MAX];
	char name[CONTENT_NAME_MAX];

	content_name(name, g->sha1, g->ext);
	for (unsigned i = 0; i < s->nbases && g->nurls < GET_URLS_MAX; i++) {
		(void)snprintf(
		    url, sizeof(url), "%s/Content/%s", s->bases[i], name);
		if (add_url(g, s, url, (int)i, e) == -1)
			return -1;
	}
	return 0;
}

int
get_add_url(
    struct get *g, struct get_sources *s, const char *url, struct err *e)
{
	char host[HTTP_FIELD_MAX];

	if (!s->internet || g->nurls == GET_URLS_MAX)
		return 0;
	if (strlen(url) > DOWNLOAD_URL_MAX ||
	    !http_host(url, host, sizeof(host)) ||
	    !get_host_in(host, s->hosts, s->nhosts)) {
		s->refused = true;
		return 0;
	}
	if (s->require_tls && !fetch_has_tls(url)) {
		s->plain = true;
		return 0;
	}
	for (unsigned i = 0; i < g->nurls; i++)
		if (strcmp(g->urls[i].url, url) == 0)
			return 0;
	return add_url(g, s, url, -1, e);
}
