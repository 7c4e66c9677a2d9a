/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <unistd.h>

#include "formats/cab.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "lib/store/docs.h"
#include "lib/base/grow.h"
#include "lib/base/guid_set.h"
#include "lib/transfer/package_in.h"
#include "lib/verify/verify_priv.h"

struct place {
	struct verify *v;
	const char *name;
};

static int
note_refs(struct verify *v, const struct update *u, struct err *e)
{
	for (size_t i = 0; i < u->nprereqs; i++)
		if (!u->prereqs[i].any &&
		    guid_set_add(v->needed, &u->prereqs[i].id, 0, e) == -1)
			return -1;
	for (size_t i = 0; i < u->nbundled; i++)
		if (!u->bundled[i].any &&
		    guid_set_add(v->needed, &u->bundled[i].id,
			u->bundled[i].revision, e) == -1)
			return -1;
	if (guid_set_add(v->held, &u->id, 0, e) == -1)
		return -1;
	return guid_set_add(v->held, &u->id, u->revision, e);
}

static int
see_doc(void *arg, const struct docs_item *it, struct err *e)
{
	struct place *p = arg;
	struct verify *v = p->v;

	prog_add(&v->prog, it->bytes, 1);
	v->revisions++;
	if (it->err.kind != E_NONE) {
		struct err fault = it->err;

		if (fault.kind == E_SYS) {
			*e = fault;
			return -1;
		}
		log_finding_err(v->log, p->name, &fault);
		return 0;
	}
	for (size_t i = 0; i < it->u.nfiles; i++) {
		if (grow(&v->named, &v->capnamed, v->nnamed, sizeof(*v->named),
			e) == -1)
			return -1;
		memcpy(v->named[v->nnamed++], it->u.files[i].sha1, SHA1_LEN);
	}
	return note_refs(v, &it->u, e);
}

static int
bad_block(void *arg, const struct err *fault, struct err *e)
{
	struct place *p = arg;
	struct err copy = *fault;

	(void)e;
	log_finding_err(p->v->log, p->name, &copy);
	return 0;
}

int
verify_package(struct verify *v, int fd, const char *name, struct err *e)
{
	struct place place = {.v = v, .name = name};
	struct package_in p;
	struct docs *docs = NULL;
	int r = -1;

	prog_begin(&v->prog, v->log, "reading documents", "revision", 0, 0);
	if (package_in_open(&p, fd, e) == -1)
		goto out;
	if (!p.is_gz && cab_check(&p.cab, &p.src, bad_block, &place, e) == -1)
		goto out;
	if (docs_open(&docs, NULL, v->o->jobs, see_doc, &place, e) == 0)
		r = package_in_docs(&p, docs, v->log, e);
out:
	prog_end(&v->prog);
	docs_close(docs);
	package_in_close(&p);
	return r;
}

void
verify_closure(struct verify *v)
{
	size_t n = guid_set_count(v->needed);

	for (size_t i = 0; i < n; i++) {
		struct guid id;
		uint32_t revision;
		char text[GUID_LEN + 1];

		guid_set_get(v->needed, i, &id, &revision);
		if (guid_set_has(v->held, &id, revision))
			continue;
		guid_write(text, &id);
		if (revision == 0)
			log_finding(v->log, E_PARTIAL, v->path, E_NO_OFFSET,
			    "%s is a prerequisite and not there", text);
		else
			log_finding(v->log, E_PARTIAL, v->path, E_NO_OFFSET,
			    "%s revision %u is bundled and not there", text,
			    revision);
	}
}

/* Unpack every member into nothing. */
static int
unpack_all(
    const struct place *p, const struct cab *c, struct src *s, struct err *e)
{
	struct cab_body *b = NULL;
	struct sink none;
	int r = cab_body_open(&b, c, s, e);

	sink_null(&none);
	for (unsigned i = 0; r == 0 && i < c->nfiles; i++) {
		struct err fault = ERR_INIT;

		if (cab_body_extract(b, i, &none, &fault) == 0) {
			p->v->bytes += c->files[i].size;
			continue;
		}
		if (fault.kind == E_SYS || fault.kind == E_STOP) {
			*e = fault;
			r = -1;
		} else {
			log_finding_err(p->v->log, p->name, &fault);
		}
	}
	cab_body_close(b);
	return r;
}

int
verify_cab(struct verify *v, int fd, const char *name, struct err *e)
{
	struct place place = {.v = v, .name = name};
	struct cab c = CAB_INIT;
	struct src s = SRC_INIT;
	int r = -1;

	if (src_fd(&s, fd, e) == 0 &&
	    cab_read(&c, &s, &cab_default_limits, e) == 0 &&
	    cab_check(&c, &s, bad_block, &place, e) == 0)
		r = unpack_all(&place, &c, &s, e);
	v->files += c.nfiles;
	cab_free(&c);
	src_close(&s);
	return r;
}
