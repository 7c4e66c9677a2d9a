/* SPDX-License-Identifier: ISC */
/* A page becomes an answer: its tag, and packed where the client takes that. */
#include "lib/serve/serve_priv.h"

#include <stdio.h>
#include <string.h>

#include "formats/request.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/gzip.h"

#define PACK_FROM 1024 /* bytes: less is not worth it */
#define TAG_BYTES 8 /* of the digest */
#define HTML "text/html; charset=utf-8"

static bool
takes_gzip(const struct httpd_req *rq)
{
	struct serve_coding c = SERVE_CODING_INIT;
	struct slice line;
	unsigned i = 0;

	while (request_other(rq->head_of, "Accept-Encoding", &i, &line))
		serve_coding_add(&c, line.p, line.n);
	return serve_coding_gzip(&c);
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
	bool pack = bytes->len >= PACK_FROM && takes_gzip(rq);

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
