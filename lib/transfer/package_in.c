/* SPDX-License-Identifier: ISC */
#include "lib/transfer/package_in.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/base/sink.h"
#include "lib/store/docs.h"
#include "lib/base/grow.h"

static int
take_head(void *arg, const struct package_head *h, struct err *e)
{
	struct package_in *p = arg;

	p->head = *h;
	if (strcmp(h->format, PACKAGE_FORMAT) != 0)
		return err_set(e, E_FORMAT,
		    "FormatVersion is '%s', expected '%s'", h->format,
		    PACKAGE_FORMAT);
	return 0;
}

static int
add_file(struct package_in *p, const uint8_t sha1[SHA1_LEN], struct err *e)
{
	if (p->nfiles == UINT32_MAX)
		return err_set(e, E_LIMIT, "more than 2^32 files");
	if (grow(&p->files, &p->capfiles, p->nfiles, sizeof(*p->files), e) ==
	    -1)
		return -1;
	memcpy(p->files[p->nfiles++], sha1, SHA1_LEN);
	return 0;
}

static int
add_values(struct package_in *p, const struct guid *v, size_t n, struct err *e)
{
	if (n > UINT32_MAX - p->nvalues)
		return err_set(e, E_LIMIT, "more than 2^32 categories");
	for (size_t i = 0; i < n; i++) {
		if (grow(&p->values, &p->capvalues, p->nvalues,
			sizeof(*p->values), e) == -1)
			return -1;
		p->values[p->nvalues++] = v[i];
	}
	return 0;
}

static int
take_key(void *arg, const struct package_update *u, struct err *e)
{
	struct package_in *p = arg;
	const struct package_key k = {.id = u->id,
	    .revision = u->revision,
	    .file = (uint32_t)p->nfiles,
	    .value = (uint32_t)p->nvalues,
	    .nfiles = (uint32_t)u->nfiles,
	    .nproducts = (uint32_t)u->ncategories,
	    .nclasses = (uint32_t)u->nclassifications};

	if (grow(&p->keys, &p->capkeys, p->nkeys, sizeof(*p->keys), e) == -1)
		return -1;
	p->keys[p->nkeys++] = k;
	for (size_t i = 0; i < u->nfiles; i++)
		if (add_file(p, u->files[i], e) == -1)
			return -1;
	if (add_values(p, u->categories, u->ncategories, e) == -1)
		return -1;
	return add_values(p, u->classifications, u->nclassifications, e);
}

struct package_update
package_in_update(const struct package_in *p, size_t i)
{
	const struct package_key *k = &p->keys[i];
	struct package_update u = {.id = k->id,
	    .revision = k->revision,
	    .nfiles = k->nfiles,
	    .ncategories = k->nproducts,
	    .nclassifications = k->nclasses};

	if (k->nfiles != 0)
		u.files = (const uint8_t(*)[SHA1_LEN])(p->files + k->file);
	if (k->nproducts + k->nclasses != 0) {
		u.categories = p->values + k->value;
		u.classifications = u.categories + k->nproducts;
	}
	return u;
}

/* Unpack package.xml into a reader with these handlers. */
static int
read_index(struct package_in *p, const struct package_index_handler *h,
    void *arg, struct err *e)
{
	struct package_index *r = NULL;
	int ok = -1;

	/* What fails while it is extracted has the member's name already. */
	if (package_index_open(&r, h, arg, &package_default_limits, e) == 0 &&
	    cab_body_extract(
		p->body, (unsigned)p->index, package_index_sink(r), e) == 0 &&
	    (ok = package_index_finish(r, e)) == -1)
		err_ctx(e, "%s", PACKAGE_INDEX);
	package_index_close(r);
	return ok;
}

static int
key_cmp(const void *va, const void *vb)
{
	const struct package_key *a = *(const struct package_key *const *)va;
	const struct package_key *b = *(const struct package_key *const *)vb;
	int c = guid_cmp(&a->id, &b->id);

	if (c != 0)
		return c;
	return (a->revision > b->revision) - (a->revision < b->revision);
}

static int
check_once(const struct package_in *p, struct err *e)
{
	const struct package_key **v = calloc(p->nkeys + 1, sizeof(*v));
	char id[GUID_LEN + 1];
	int r = 0;

	if (v == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < p->nkeys; i++)
		v[i] = &p->keys[i];
	sort_up(v, p->nkeys, sizeof(*v), key_cmp);
	for (size_t i = 1; i < p->nkeys && r == 0; i++) {
		if (key_cmp(&v[i - 1], &v[i]) != 0)
			continue;
		guid_write(id, &v[i]->id);
		r = err_set(e, E_FORMAT, "%s names %s revision %u twice",
		    PACKAGE_INDEX, id, v[i]->revision);
	}
	free(v);
	return r;
}

/* Some readers take the first of two members of a name, some the last. */
static int
find_member(const struct cab *c, const char *name, int *at, struct err *e)
{
	*at = cab_find(c, name);
	if (*at == -1)
		return err_set(e, E_FORMAT,
		    "not a package: no member '%s' among %u", name, c->nfiles);
	if (cab_find_next(c, name, *at) != -1)
		return err_set(e, E_FORMAT, "two members '%s'", name);
	return 0;
}

static int
open_cab(struct package_in *p, struct err *e)
{
	const struct package_index_handler h = {
	    .head = take_head, .update = take_key};

	if (cab_read(&p->cab, &p->src, &cab_default_limits, e) == -1)
		return -1;
	if (find_member(&p->cab, PACKAGE_INDEX, &p->index, e) == -1 ||
	    find_member(&p->cab, PACKAGE_META, &p->meta, e) == -1)
		return -1;
	if (cab_body_open(&p->body, &p->cab, &p->src, e) == -1)
		return -1;
	if (read_index(p, &h, p, e) == -1)
		return -1;
	return check_once(p, e);
}

int
package_in_open(struct package_in *p, int fd, struct err *e)
{
	uint8_t magic[2];

	*p = (struct package_in){.src = SRC_INIT, .cab = CAB_INIT};
	if (src_fd(&p->src, fd, e) == -1)
		return -1;
	if (src_read_full(&p->src, magic, sizeof(magic), e) == -1 ||
	    src_seek(&p->src, 0, e) == -1)
		return -1;
	p->is_gz = magic[0] == 0x1f && magic[1] == 0x8b;
	return p->is_gz ? 0 : open_cab(p, e);
}

void
package_in_close(struct package_in *p)
{
	cab_body_close(p->body);
	cab_free(&p->cab);
	src_close(&p->src);
	free(p->keys);
	free(p->files);
	free(p->values);
	*p = (struct package_in){.src = SRC_INIT, .cab = CAB_INIT};
}

struct feed {
	struct package_in *p;
	struct docs *docs;
};

static int
check_order(
    const struct package_in *p, const struct package_record *rec, struct err *e)
{
	const struct package_key *k = &p->keys[p->records];
	char found[GUID_LEN + 1], expected[GUID_LEN + 1];

	guid_write(found, &rec->id);
	if (p->records == p->nkeys)
		return err_at(e, rec->off,
		    "%s revision %u: expected the end, after the %zu that %s "
		    "names",
		    found, rec->revision, p->nkeys, PACKAGE_INDEX);
	if (guid_cmp(&k->id, &rec->id) == 0 && k->revision == rec->revision)
		return 0;
	guid_write(expected, &k->id);
	return err_at(e, rec->off,
	    "record %llu is %s revision %u, expected %s revision %u, as in %s",
	    (unsigned long long)p->records + 1, found, rec->revision, expected,
	    k->revision, PACKAGE_INDEX);
}

static int
feed_update(void *arg, const struct package_update *u, struct err *e)
{
	return take_key(((struct feed *)arg)->p, u, e);
}

static int
feed_record(void *arg, const struct package_record *rec, struct err *e)
{
	struct feed *f = arg;

	if (check_order(f->p, rec, e) == -1)
		return -1;
	f->p->records++;
	return docs_put(f->docs, rec, e);
}

/* Everything that the index names has been seen. */
static int
check_end(const struct package_in *p, struct err *e)
{
	char id[GUID_LEN + 1];

	if (p->is_gz)
		return check_once(p, e);
	if (p->records == p->nkeys)
		return 0;
	guid_write(id, &p->keys[p->records].id);
	return err_set(e, E_FORMAT,
	    "%s names %s revision %u, which %s lacks: it ends after %llu of "
	    "%zu",
	    PACKAGE_INDEX, id, p->keys[p->records].revision, PACKAGE_META,
	    (unsigned long long)p->records, p->nkeys);
}

/* The gzip form from its start. */
static int
read_gz(struct package_in *p, const struct package_index_handler *h,
    int (*record)(void *arg, const struct package_record *rec, struct err *e),
    void *arg, struct err *e)
{
	if (src_seek(&p->src, 0, e) == -1)
		return -1;
	return package_gz_read(
	    &p->src, h, record, arg, &package_default_limits, e);
}

/* update: of the gzip form, where an index comes piecewise; or NULL. */
static int
read_meta(struct package_in *p,
    int (*update)(void *arg, const struct package_update *u, struct err *e),
    int (*record)(void *arg, const struct package_record *rec, struct err *e),
    void *arg, uint64_t *lf_only, struct err *e)
{
	const struct package_index_handler h = {.update = update};
	struct package_meta *m = NULL;
	int r = -1;

	if (p->is_gz)
		return read_gz(p, &h, record, arg, e);
	if (package_meta_open(&m, record, arg, &package_default_limits, e) ==
		0 &&
	    cab_body_extract(
		p->body, (unsigned)p->meta, package_meta_sink(m), e) == 0 &&
	    (r = package_meta_finish(m, NULL, lf_only, e)) == -1)
		err_ctx(e, "%s", PACKAGE_META);
	package_meta_close(m);
	return r;
}

int
package_in_docs(
    struct package_in *p, struct docs *d, struct log *warn, struct err *e)
{
	struct feed f = {.p = p, .docs = d};
	struct err fault = ERR_INIT;
	uint64_t lf_only = 0;

	if (read_meta(p, feed_update, feed_record, &f, &lf_only, &fault) ==
		-1 &&
	    err_is_ours(&fault)) {
		*e = fault;
		return -1;
	}
	if (docs_flush(d, e) == -1)
		return -1;
	if (fault.kind != E_NONE) {
		*e = fault;
		return -1;
	}
	if (check_end(p, e) == -1)
		return -1;
	if (lf_only != 0 && warn != NULL)
		log_event(warn, LOG_WARN, PACKAGE_META,
		    "%llu records end in LF alone, expected CR LF",
		    (unsigned long long)lf_only);
	return 0;
}

int
package_in_urls(struct package_in *p,
    int (*file)(void *arg, const struct package_file *f, struct err *e),
    void *arg, struct err *e)
{
	const struct package_index_handler h = {.file = file};

	return p->is_gz ? read_gz(p, &h, NULL, arg, e)
			: read_index(p, &h, arg, e);
}

struct sample {
	struct buf *text;
	size_t *lens, max;
	unsigned n, room;
	bool enough;
};

static int
sample_record(void *arg, const struct package_record *rec, struct err *e)
{
	struct sample *s = arg;

	if (s->n == s->room || rec->len > s->max - s->text->len) {
		s->enough = true;
		return err_set(e, E_STOP, "enough");
	}
	if (buf_put(s->text, rec->doc, rec->len, e) == -1)
		return -1;
	s->lens[s->n++] = rec->len;
	return 0;
}

int
package_in_sample(struct package_in *p, struct buf *text, size_t *lens,
    unsigned *n, size_t max, struct err *e)
{
	struct sample s = {.text = text, .lens = lens, .max = max, .room = *n};

	if (read_meta(p, NULL, sample_record, &s, NULL, e) == -1) {
		if (!s.enough)
			return -1;
		err_clear(e);
	}
	*n = s.n;
	return 0;
}
