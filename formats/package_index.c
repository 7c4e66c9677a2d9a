/* SPDX-License-Identifier: ISC */
#include "formats/package.h"

#include <stdlib.h>

#include "formats/package_walk.h"
#include "formats/xml.h"
#include "lib/base/err.h"

struct package_index {
	struct package_walk w;
	struct xml *x; /* owned */
	struct sink sink;
};

static int
on_start(void *arg, const struct xml_elem *el, struct err *e)
{
	struct package_index *r = arg;

	return package_walk_start(&r->w, el, e);
}

static int
on_end(void *arg, const struct xml_elem *el, struct err *e)
{
	struct package_index *r = arg;

	return package_walk_end(&r->w, el, e);
}

static int
take_bytes(struct sink *s, const void *p, size_t n, struct err *e)
{
	struct package_index *r = s->ctx;

	return xml_push(r->x, p, n, e);
}

int
package_index_open(struct package_index **to,
    const struct package_index_handler *h, void *arg,
    const struct package_limits *lim, struct err *e)
{
	static const struct xml_handler handler = {
	    .start = on_start, .end = on_end, .text = NULL};
	const struct sink empty = SINK_INIT;
	struct package_index *r = calloc(1, sizeof(*r));
	struct xml_limits xl;

	*to = NULL;
	if (r == NULL)
		return err_nomem(e);
	package_walk_init(&r->w, h, arg, lim);
	package_walk_limits(&r->w, &xl);
	r->sink = empty;
	r->sink.write = take_bytes;
	r->sink.ctx = r;
	if (xml_open(&r->x, &handler, r, &xl, e) == -1) {
		package_index_close(r);
		return -1;
	}
	*to = r;
	return 0;
}

struct sink *
package_index_sink(struct package_index *r)
{
	return &r->sink;
}

int
package_index_finish(struct package_index *r, struct err *e)
{
	return xml_finish(r->x, e);
}

uint64_t
package_index_skipped(const struct package_index *r)
{
	return r->w.nskipped;
}

void
package_index_close(struct package_index *r)
{
	if (r == NULL)
		return;
	xml_close(r->x);
	package_walk_release(&r->w);
	free(r);
}
