/* SPDX-License-Identifier: ISC */
/* A page becomes an answer: its tag, and packed where the client takes that. */
#include "lib/serve/serve_priv.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/gzip.h"

#define PACK_FROM 1024 /* bytes: less is not worth it */
#define TAG_BYTES 8 /* of the digest */
#define HTML "text/html; charset=utf-8"

/* Is the quality that stands behind a coding zero?  RFC 9110, 12.4.2. */
static bool
is_refused(const char *params, size_t n)
{
	size_t i;

	for (i = 0; i + 2 < n; i++)
		if ((params[i] == 'q' || params[i] == 'Q') &&
		    params[i + 1] == '=') {
			for (i += 2; i < n && strchr("0.", params[i]) != NULL;)
				i++;
			return i == n || strchr(" \t", params[i]) != NULL;
		}
	return false;
}

bool
serve_takes_gzip(const char *accepts)
{
	size_t n, name;

	for (; *accepts != '\0'; accepts += n + (accepts[n] == ',')) {
		accepts += strspn(accepts, " \t");
		n = strcspn(accepts, ",");
		name = strcspn(accepts, " \t;,");
		if ((name == 4 && strncasecmp(accepts, "gzip", 4) == 0) ||
		    (name == 6 && strncasecmp(accepts, "x-gzip", 6) == 0) ||
		    (name == 1 && *accepts == '*'))
			return !is_refused(accepts + name, n - name);
	}
	return false;
}

static int
put_tag(struct httpd_res *rs, const struct buf *b, bool packed, struct err *e)
{
	char hex[2 * TAG_BYTES + 1];
	struct digest d;

	if (digest_mem(DIGEST_SHA1, b->p, b->len, &d, e) == -1)
		return -1;
	hex_lower(hex, d.sha1, TAG_BYTES);
	snprintf(
	    rs->etag, sizeof(rs->etag), "\"%s%s\"", hex, packed ? "-gz" : "");
	return 0;
}

int
serve_send_page(const struct httpd_req *rq, struct httpd_res *rs,
    unsigned status, struct buf *bytes, struct err *e)
{
	struct buf packed = BUF_INIT;
	char accepts[256];
	bool pack = bytes->len >= PACK_FROM &&
	    httpd_header(rq, "Accept-Encoding", accepts, sizeof(accepts)) &&
	    serve_takes_gzip(accepts);

	if (status == 200 && put_tag(rs, bytes, pack, e) == -1)
		return -1;
	if (pack) {
		if (gzip_pack(&packed, bytes->p, bytes->len, e) == -1) {
			buf_free(&packed);
			return -1;
		}
		buf_free(bytes);
		*bytes = packed;
	}
	snprintf(rs->extra, sizeof(rs->extra),
	    "Vary: Accept-Encoding\r\n%sReferrer-Policy: same-origin\r\n",
	    pack ? "Content-Encoding: gzip\r\n" : "");
	rs->status = status;
	rs->type = HTML;
	rs->bytes = *bytes;
	*bytes = (struct buf)BUF_INIT;
	return 0;
}
