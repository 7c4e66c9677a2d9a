/* SPDX-License-Identifier: ISC */
#include "lib/transfer/package_in.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sink.h"
#include "lib/store/docs.h"
#include "lib/base/grow.h"

struct package_key {
	struct guid id;
	uint32_t revision;
	bool seen;
};

static int
key_cmp(const void *va, const void *vb)
{
	const struct package_key *a = va, *b = vb;
	int c = guid_cmp(&a->id, &b->id);

	if (c != 0)
		return c;
	return (a->revision > b->revision) - (a->revision < b->revision);
}

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
take_key(void *arg, const struct package_update *u, struct err *e)
{
	struct package_in *p = arg;

	if (grow(&p->keys, &p->capkeys, p->nkeys, sizeof(*p->keys), e) == -1)
		return -1;
	p->keys[p->nkeys++] = (struct package_key){
	    .id = u->id, .revision = u->revision};
	return 0;
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

/* Sorted and each once: some writers name a revision twice. */
static void
sort_keys(struct package_in *p)
{
	size_t n = 0;

	if (p->nkeys == 0)
		return;
	qsort(p->keys, p->nkeys, sizeof(*p->keys), key_cmp);
	for (size_t i = 1; i < p->nkeys; i++)
		if (key_cmp(&p->keys[n], &p->keys[i]) != 0)
			p->keys[++n] = p->keys[i];
	p->nkeys = n + 1;
}

static int
open_cab(struct package_in *p, struct err *e)
{
	const struct package_index_handler h = {
	    .head = take_head, .update = take_key};

	if (cab_read(&p->cab, &p->src, &cab_default_limits, e) == -1)
		return -1;
	p->index = cab_find(&p->cab, PACKAGE_INDEX);
	p->meta = cab_find(&p->cab, PACKAGE_META);
	if (p->index == -1 || p->meta == -1)
		return err_set(e, E_FORMAT,
		    "not a package: no member '%s' among %u",
		    p->index == -1 ? PACKAGE_INDEX : PACKAGE_META,
		    p->cab.nfiles);
	if (cab_body_open(&p->body, &p->cab, &p->src, e) == -1)
		return -1;
	if (read_index(p, &h, p, e) == -1)
		return -1;
	sort_keys(p);
	return 0;
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
	p->body = NULL;
	p->keys = NULL;
	p->nkeys = p->capkeys = 0;
}

struct feed {
	struct package_in *p;
	struct docs *docs;
};

static int
check_key(struct package_in *p, const struct package_record *rec, struct err *e)
{
	struct package_key want = {.id = rec->id, .revision = rec->revision};
	struct package_key *k = NULL;
	char id[GUID_LEN + 1];

	if (p->nkeys != 0)
		k = bsearch(
		    &want, p->keys, p->nkeys, sizeof(*p->keys), key_cmp);
	if (k != NULL) {
		k->seen = true;
		return 0;
	}
	guid_write(id, &rec->id);
	return err_at(e, rec->off, "%s revision %u is not in %s", id,
	    rec->revision, PACKAGE_INDEX);
}

static int
feed_record(void *arg, const struct package_record *rec, struct err *e)
{
	struct feed *f = arg;

	f->p->records++;
	if (!f->p->is_gz && check_key(f->p, rec, e) == -1)
		return -1;
	return docs_put(f->docs, rec, e);
}

/* Everything that the index names has been seen. */
static int
check_seen(const struct package_in *p, struct err *e)
{
	for (size_t i = 0; i < p->nkeys; i++) {
		const struct package_key *k = &p->keys[i];
		char id[GUID_LEN + 1];

		if (k->seen)
			continue;
		guid_write(id, &k->id);
		return err_set(e, E_FORMAT,
		    "%s names %s revision %u, which %s lacks", PACKAGE_INDEX,
		    id, k->revision, PACKAGE_META);
	}
	return 0;
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

static int
read_meta(struct package_in *p,
    int (*record)(void *arg, const struct package_record *rec, struct err *e),
    void *arg, uint64_t *lf_only, struct err *e)
{
	const struct package_index_handler none = {0};
	struct package_meta *m = NULL;
	int r = -1;

	if (p->is_gz)
		return read_gz(p, &none, record, arg, e);
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
	uint64_t lf_only = 0;

	if (read_meta(p, feed_record, &f, &lf_only, e) == -1 ||
	    docs_flush(d, e) == -1 || check_seen(p, e) == -1)
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

	if (read_meta(p, sample_record, &s, NULL, e) == -1) {
		if (!s.enough)
			return -1;
		err_clear(e);
	}
	*n = s.n;
	return 0;
}
