/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/package.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/guid_set.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/base/words.h"
#include "lib/store/docs.h"
#include "lib/store/store.h"
#include "lib/transfer/package_in.h"
#include "lib/transfer/take.h"

#define TRAIN_DOCS 4096
#define READ_ARENA ((size_t)512 << 20)

void
take_free(struct take *t)
{
	free(t->named);
	t->named = NULL;
	t->nnamed = t->capnamed = 0;
	free(t->revs);
	t->revs = NULL;
	t->nrevs = t->caprevs = 0;
	free(t->others);
	t->others = NULL;
	t->nothers = t->capothers = 0;
	for (size_t i = 0; i < t->nurls; i++)
		free(t->urls[i].url);
	free(t->urls);
	t->urls = NULL;
	t->nurls = t->capurls = 0;
	free(t->cuts);
	t->cuts = NULL;
	t->ncuts = t->capcuts = 0;
	free(t->absences);
	t->absences = NULL;
	t->nabsences = t->capabsences = 0;
	free(t->index_extras.v);
	free(t->state_extras.v);
	t->index_extras = t->state_extras = (struct take_extras){.v = NULL};
	guid_set_close(t->products);
	guid_set_close(t->classes);
	t->products = t->classes = NULL;
	held_set_free(&t->held_docs);
	held_doc_free(&t->held_doc);
	update_reader_close(t->reader);
	t->reader = NULL;
	arena_free(&t->read);
}

int
take_fault(struct take *t, const char *place, struct err *fault, struct err *e)
{
	if (err_is_ours(fault)) {
		*e = *fault;
		return err_ctx(e, "%s", place);
	}
	log_finding_err(t->log, place, fault);
	return 0;
}

int
take_name(struct take *t, const uint8_t sha1[SHA1_LEN], struct err *e)
{
	if (grow(&t->named, &t->capnamed, t->nnamed, sizeof(*t->named), e) ==
	    -1)
		return -1;
	memcpy(t->named[t->nnamed++], sha1, SHA1_LEN);
	return 0;
}

void
take_sort_named(struct take *t)
{
	t->nnamed = sort_unique(t->named, t->nnamed, SHA1_LEN, sort_by_sha1);
}

static int
keep_other(struct take *t, const struct update *u, struct err *e)
{
	if (grow(&t->others, &t->capothers, t->nothers, sizeof(*t->others),
		e) == -1)
		return -1;
	t->others[t->nothers++] = (struct take_rev){u->id, u->revision};
	return 0;
}

/* The store's own faults are not the input's. */
static int
put_revision(struct take *t, const struct docs_item *it, enum store_put *how,
    struct err *e)
{
	struct err fault = ERR_INIT;
	struct store_doc doc = {.u = &it->u,
	    .bytes = (uint32_t)it->bytes,
	    .units = it->units,
	    .packed = it->packed,
	    .packed_len = it->packed_len,
	    .encoding = it->encoding,
	    .exact = t->is_transfer};

	memcpy(doc.sha256, it->sha256, SHA256_LEN);
	if (store_put(t->store, &doc, t->row, how, &fault) == 0) {
		t->alike += *how == STORE_ALIKE;
		return 0;
	}
	t->other += *how == STORE_OTHER;
	if (*how == STORE_OTHER && t->keep_held) {
		log_event(t->log, LOG_WARN, t->place,
		    "%s; what is held is kept", fault.msg);
		return keep_other(t, &it->u, e);
	}
	*how = STORE_HELD;
	if (fault.kind == E_DIGEST || fault.kind == E_LIMIT)
		return take_fault(t, t->place, &fault, e);
	t->failed = true;
	*e = fault;
	return -1;
}

/* A genuine index may have less than its document, which is but told. */
static bool
same_files(const struct take *t, const struct package_update *x,
    const struct update *u)
{
	for (size_t i = 0; i < x->nfiles; i++)
		if (i == u->nfiles ||
		    memcmp(x->files[i], u->files[i].sha1, SHA1_LEN) != 0)
			return false;
	return !t->is_transfer || x->nfiles == u->nfiles;
}

/* What comes with it is not to be called faulty for damage of the store. */
static int
read_again(struct take *t, const struct docs_item *it, struct err *e)
{
	struct update *u = &t->held_doc.u;
	size_t had = u->nfiles;
	char id[GUID_LEN + 1];

	if (t->reader == NULL) {
		t->read = (struct arena)ARENA_INIT(READ_ARENA);
		if (update_reader_open(&t->reader, &update_default_limits, e) ==
		    -1)
			return -1;
	}
	arena_reset(&t->read);
	if (update_read(t->reader, u, &t->read, it->text, it->bytes, e) == -1)
		return -1;
	guid_write(id, &u->id);
	if (u->nfiles != had)
		log_event(t->log, LOG_WARN, id,
		    "revision %" PRIu32 " is damaged in the store: it has "
		    "%zu of the document's %s; wsusferry-verify tells more",
		    u->revision, had, words_count(u->nfiles, "file").s);
	return 0;
}

/* What a document that is held says: from its rows, or, where the index has
   other files, for itself; or NULL. */
static const struct update *
look(struct take *t, const struct docs_item *it, const struct package_update *x,
    struct err *e)
{
	const struct update *u = &t->held_doc.u;

	if (held_doc_read(t->store, it->held, &t->held_doc, e) == 0 &&
	    (same_files(t, x, u) || read_again(t, it, e) == 0))
		return u;
	t->failed = true;
	return NULL;
}

/* A document that came through the workers goes into the transaction, unless
   it is held, and is compared with what comes with it in any case. */
static int
put_doc(void *arg, const struct docs_item *it, struct err *e)
{
	struct take *t = arg;
	const struct package_update x = package_in_update(t->in, t->at++);
	const struct update *u = &it->u;
	struct err fault = it->err;
	enum store_put how = STORE_HELD;

	t->revisions++;
	prog_add(&t->prog, it->bytes, 1);
	if (fault.kind != E_NONE)
		return take_fault(t, t->place, &fault, e);
	if (it->held != 0 && (u = look(t, it, &x, e)) == NULL)
		return -1;
	if (take_index_doc(t, &x, u, e) == -1 ||
	    (it->held == 0 && put_revision(t, it, &how, e) == -1) ||
	    take_rev(t, &u->id, u->revision, e) == -1)
		return -1;
	for (size_t i = 0; i < u->nfiles; i++)
		if (take_name(t, u->files[i].sha1, e) == -1)
			return -1;
	if (how == STORE_NEW)
		t->new_revisions++;
	return 0;
}

static int
put_url(void *arg, const struct package_file *f, struct err *e)
{
	struct take *t = arg;
	struct store_file row;
	struct take_url *late;
	int r;

	if (f->url == NULL || *f->url == '\0' || store_is_nothing(t->store))
		return 0;
	if ((r = store_file(t->store, f->sha1, &row, e)) != 0)
		return r == -1
		    ? -1
		    : store_put_url(t->store, f->sha1, f->url, "package", e);
	if (grow(&t->urls, &t->capurls, t->nurls, sizeof(*t->urls), e) == -1)
		return -1;
	late = &t->urls[t->nurls];
	memcpy(late->sha1, f->sha1, SHA1_LEN);
	if ((late->url = strdup(f->url)) == NULL)
		return err_nomem(e);
	t->nurls++;
	return 0;
}

int
take_late_urls(struct take *t, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < t->nurls; i++) {
		const struct take_url *u = &t->urls[i];

		if (r == 0)
			r = store_put_url(
			    t->store, u->sha1, u->url, "package", e);
		free(u->url);
	}
	t->nurls = 0;
	return r;
}

/* A store without a dictionary trains one from its first package. */
static int
train(struct take *t, struct package_in *p, struct err *e)
{
	struct buf text = BUF_INIT;
	size_t *lens;
	unsigned n = TRAIN_DOCS;
	int r = -1;

	if (store_has_dict(t->store) || store_is_nothing(t->store))
		return 0;
	if ((lens = calloc(TRAIN_DOCS, sizeof(*lens))) == NULL)
		return err_nomem(e);
	if (package_in_sample(p, &text, lens, &n, STORE_TRAIN_BYTES, e) == 0)
		r = store_train(t->store, text.p, lens, n, e);
	buf_free(&text);
	free(lens);
	return r;
}

/* One block of the cabinet. */
static int
bad_block(void *arg, const struct err *fault, struct err *e)
{
	struct take *t = arg;
	struct err copy = *fault;

	return take_fault(t, t->place, &copy, e);
}

static int
read_package(struct take *t, struct package_in *p, int fd, struct err *e)
{
	const struct store *pack_for = t->store;
	struct docs *docs = NULL;
	int r = -1;

	t->in = p;
	t->at = 0;
	if (store_is_nothing(t->store))
		pack_for = NULL;
	if (package_in_open(p, fd, e) == -1 ||
	    (!p->is_gz && cab_check(&p->cab, &p->src, bad_block, t, e) == -1) ||
	    (t->indexed != NULL && t->indexed(t->arg, e) == -1) ||
	    train(t, p, e) == -1)
		return -1;
	if (held_set_fill(&t->held_docs, t->store, e) == -1) {
		t->failed = true;
		return -1;
	}
	if (p->is_gz)
		log_event(t->log, LOG_WARN, t->place,
		    "the .xml.gz form is read experimentally: its layout "
		    "is not published");
	if (docs_open(&docs, pack_for, &t->held_docs, t->jobs, put_doc, t, e) ==
		0 &&
	    package_in_docs(p, docs, t->log, e) == 0)
		r = package_in_urls(p, put_url, t, e);
	take_index_told(t);
	docs_close(docs);
	return r;
}

int
take_package(struct take *t, int fd, const char *name, struct err *e)
{
	struct err fault = ERR_INIT;
	struct package_in p;
	int r;

	t->place = name;
	prog_begin(&t->prog, t->log, "reading documents", "revision", 0, 0);
	r = read_package(t, &p, fd, &fault);
	prog_end(&t->prog);
	package_in_close(&p);
	if (r == -1 && t->failed) {
		*e = fault;
		return -1;
	}
	return r == 0 ? 0 : take_fault(t, name, &fault, e);
}

int
take_derive(struct take *t, struct err *e)
{
	return derive_all(t->store, e);
}
