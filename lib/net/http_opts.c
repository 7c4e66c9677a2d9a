/* SPDX-License-Identifier: ISC */
/* What a client is opened with. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "lib/net/http_priv.h"

#define PORTION (128L << 10)
#define PORTION_MIN 1024L /* libcurl's */
#define N(a) (sizeof(a) / sizeof(*(a)))

static void
fill_in(unsigned *v, unsigned fallback, unsigned max)
{
	if (*v == 0)
		*v = fallback;
	if (*v > max)
		*v = max;
}

void
http_opts_fill(struct http_opts *o)
{
	if (o->proxy != NULL && strcmp(o->proxy, "none") == 0)
		o->proxy = "";
	fill_in(&o->per_host, 4, HTTP_PER_HOST_MAX);
	fill_in(&o->connect_s, 30, 3600);
	fill_in(&o->answer_s, 180, 86400);
	fill_in(&o->total_s, 0, 30 * 86400);
	fill_in(&o->slow_rate, 100, 1U << 30);
	fill_in(&o->slow_s, 60, 86400);
	fill_in(&o->tries, 6, HTTP_TRIES_MAX);
	fill_in(&o->wait_ms, 1000, HTTP_WAIT_MAX_MS);
	/* What we hold back is not the server's slowness. */
	if (o->rate != 0 && o->slow_rate > o->rate / HTTP_PER_HOST_MAX)
		o->slow_rate = (unsigned)(o->rate / HTTP_PER_HOST_MAX);
}

int
http_opts_check(const struct http_opts *o, struct err *e)
{
	const char *files[] = {o->ca_file, o->cert, o->cert_key};
	const char *key = o->cert_key != NULL ? o->cert_key : o->cert;
	struct stat st;
	size_t i;

	if (o->home == NULL && (o->user != NULL || o->cert != NULL))
		return err_set(e, E_USAGE,
		    "a user or a certificate, but no host that it is for");
	for (i = 0; i < N(files); i++)
		if (files[i] != NULL && access(files[i], R_OK) == -1)
			return err_sys(e, "%s", files[i]);
	if (key == NULL)
		return 0;
	if (stat(key, &st) == -1)
		return err_sys(e, "%s", key);
	return secret_check(&st, e) == 0 ? 0 : err_ctx(e, "%s", key);
}

long
http_opts_portion(const struct http_opts *o)
{
	if (o->rate == 0 || o->rate / 8 > PORTION)
		return PORTION;
	return o->rate / 8 < PORTION_MIN ? PORTION_MIN : (long)(o->rate / 8);
}
