/* SPDX-License-Identifier: ISC */
/* multipart/byteranges, RFC 9110, 14.6. */
#include <string.h>

#include "formats/request_priv.h"

static void
set_boundary(char out[REQUEST_BOUNDARY_MAX], const char *etag)
{
	size_t n = 0;

	for (; *etag != '\0' && n < REQUEST_BOUNDARY_MAX - 1; etag++)
		if ((request_class[(uint8_t)*etag] & REQUEST_IN_NAME) != 0)
			out[n++] = *etag;
	out[n] = '\0';
	if (n == 0)
		snprintf(out, REQUEST_BOUNDARY_MAX, "wsusferry");
}

size_t
request_part(char out[REQUEST_PART_MAX], const struct request_parts *p,
    const struct request_verdict *v, const struct request_entity *n, unsigned i)
{
	char range[REQUEST_CONTENT_RANGE_MAX];
	int len;

	if (i == v->nspans) {
		len = snprintf(
		    out, REQUEST_PART_MAX, "\r\n--%s--\r\n", p->boundary);
		return (size_t)len;
	}
	request_content_range(range, v, n, i);
	len = snprintf(out, REQUEST_PART_MAX,
	    "%s--%s\r\nContent-Type: %.100s\r\nContent-Range: %s\r\n\r\n",
	    i == 0 ? "" : "\r\n", p->boundary, n->type, range);
	return (size_t)len;
}

void
request_parts(struct request_parts *p, const struct request_verdict *v,
    const struct request_entity *n)
{
	char head[REQUEST_PART_MAX];
	unsigned i;

	set_boundary(p->boundary, n->etag);
	snprintf(p->type, sizeof(p->type), "multipart/byteranges; boundary=%s",
	    p->boundary);
	p->length = 0;
	for (i = 0; i < v->nspans; i++)
		p->length += request_part(head, p, v, n, i) + v->spans[i].len;
	p->length += request_part(head, p, v, n, i);
}
