/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "formats/cab.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "lib/store/store.h"
#include "lib/transfer/take.h"
#include "lib/verify/verify_priv.h"

int
verify_begin(struct verify *v, struct take *t, struct store **s, int scratch,
    struct err *e)
{
	if (store_nothing(s, e) == -1 || store_begin(*s, e) == -1)
		return -1;
	*t = (struct take){.store = *s,
	    .scratch = scratch,
	    .jobs = v->o->jobs,
	    .log = v->log,
	    .began = v->began,
	    .reads_on = true};
	return 0;
}

void
verify_end(struct verify *v, struct take *t, struct store *s)
{
	v->revisions += t->revisions;
	v->files += t->nread;
	v->bytes += t->bytes_read;
	take_free(t);
	store_close(s);
}

int
verify_lacking(struct verify *v, struct store *s, const struct lacking_of *of,
    struct err *e)
{
	const struct lacking_how how = {.findings = true, .subject = v->path};

	return lacking_tell(s, v->log, of, &how, &v->lacking, e);
}

int
verify_package(struct verify *v, int fd, struct err *e)
{
	const struct lacking_of documents = {.no_files = true};
	struct store *s = NULL;
	struct take t = {.store = NULL};
	int r = -1;

	if (verify_begin(v, &t, &s, -1, e) == 0 &&
	    take_package(&t, fd, v->path, e) == 0)
		r = take_derive(&t, e);
	if (r == 0 && v->log->findings == v->began)
		r = verify_lacking(v, s, &documents, e);
	verify_end(v, &t, s);
	return r;
}

static int
bad_block(void *arg, const struct err *fault, struct err *e)
{
	const struct verify *v = arg;
	struct err copy = *fault;

	(void)e;
	log_finding_err(v->log, v->path, &copy);
	return 0;
}

/* Unpack every member into nothing. */
static int
unpack_all(struct verify *v, const struct cab *c, struct src *s, struct err *e)
{
	struct cab_body *b = NULL;
	struct sink none;
	int r = cab_body_open(&b, c, s, e);

	sink_null(&none);
	for (unsigned i = 0; r == 0 && i < c->nfiles; i++) {
		struct err fault = ERR_INIT;

		if (cab_body_extract(b, i, &none, &fault) == 0) {
			v->bytes += c->files[i].size;
			continue;
		}
		if (fault.kind == E_SYS || fault.kind == E_STOP) {
			*e = fault;
			r = -1;
		} else {
			log_finding_err(v->log, v->path, &fault);
		}
	}
	cab_body_close(b);
	return r;
}

int
verify_cab(struct verify *v, int fd, struct err *e)
{
	struct cab c = CAB_INIT;
	struct src s = SRC_INIT;
	int r = -1;

	if (src_fd(&s, fd, e) == 0 &&
	    cab_read(&c, &s, &cab_default_limits, e) == 0 &&
	    cab_check(&c, &s, bad_block, v, e) == 0)
		r = unpack_all(v, &c, &s, e);
	v->files += c.nfiles;
	cab_free(&c);
	src_close(&s);
	return r;
}
