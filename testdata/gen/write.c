/* SPDX-License-Identifier: ISC */
/* The packages: documents are made again, a batch at a time. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testdata/gen/gen.h"

#define BATCH (16u << 20) /* bytes of records at a time, at least one */

struct batch {
	const struct gen *g; /* borrowed */
	const uint32_t *revs; /* borrowed */
	uint32_t n;
	uint64_t *at; /* owned; where each record begins */
	char *text; /* owned */
	size_t cap;
};

static void
put_record(void *arg, uint32_t i)
{
	struct batch *b = arg;
	const struct rev *v = &b->g->revs[b->revs[i]];
	struct str s = {.p = NULL};
	char *to = b->text + b->at[i], id[37], head[RECORD_HEAD + 1];

	doc_make(b->g, b->revs[i], &s);
	if (s.len != v->len)
		die("revision %u was %u bytes long, now %zu", b->revs[i],
		    v->len, s.len);
	guid_of(b->g, v->update, false, id);
	snprintf(
	    head, sizeof(head), "%s,%08x,%08x,", id, v->revision, v->units);
	memcpy(to, head, RECORD_HEAD);
	memcpy(to + RECORD_HEAD, s.p, s.len);
	memcpy(to + RECORD_HEAD + s.len, "\r\n", 2);
	str_free(&s);
}

static uint64_t
next_batch(struct batch *b, const struct list *l, uint32_t from)
{
	uint64_t len = 0;
	uint32_t i;

	for (i = from; i < l->n && (i == from || len < BATCH); i++) {
		b->at[i - from] = len;
		len += RECORD_HEAD + 2 + b->g->revs[l->v[i]].len;
	}
	b->revs = l->v + from;
	b->n = i - from;
	if (len > b->cap) {
		b->cap = (size_t)len;
		b->text = need(realloc(b->text, b->cap));
	}
	par(b->n, put_record, b);
	return len;
}

static void
write_meta(const struct gen *g, const struct package *k, struct cabinet *c,
    char hex[65])
{
	struct batch b = {.g = g};
	EVP_MD_CTX *md = need(EVP_MD_CTX_new());
	uint8_t digest[32];
	uint64_t len;
	uint32_t i;

	b.at = need(calloc(k->revs.n, sizeof(*b.at)));
	EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	for (i = 0; i < k->revs.n; i += b.n) {
		len = next_batch(&b, &k->revs, i);
		EVP_DigestUpdate(md, b.text, (size_t)len);
		cabinet_add(c, b.text, (size_t)len);
	}
	EVP_DigestFinal_ex(md, digest, NULL);
	hex_of(hex, digest, 32, false);
	EVP_MD_CTX_free(md);
	free(b.at);
	free(b.text);
}

static FILE *
create(const struct gen *g, const char *name)
{
	char *path = path_in(g->o.out, name);
	FILE *f = fopen(path, "wbx");

	if (f == NULL)
		die("%s: %s", path, strerror(errno));
	free(path);
	return f;
}

static void
write_index(const struct gen *g, const char *name, const struct str *s)
{
	FILE *f = create(g, name);

	if (fwrite(s->p, 1, s->len, f) != s->len || fclose(f) == EOF)
		die("%s: %s", name, strerror(errno));
}

static void
write_one(const struct gen *g, uint32_t i, FILE *sums)
{
	struct package *k = &g->packages[i];
	struct str s = {.p = NULL};
	char name[64], no[16] = "", hex[65], *path;
	struct cabinet *c;

	if (i > 0)
		snprintf(no, sizeof(no), "-%u", i + 1);
	index_make(g, k, &s);
	if (s.len != k->index_len)
		die("package.xml has %zu bytes, not %llu", s.len,
		    (unsigned long long)k->index_len);
	snprintf(name, sizeof(name), "expected/package%s.xml", no);
	write_index(g, name, &s);
	snprintf(name, sizeof(name), "wsusexport%s.cab", no);
	path = path_in(g->o.out, name);
	c = cabinet_open(path, g->o.creation_time, (uint32_t)k->index_len,
	    (uint32_t)k->meta_len);
	cabinet_add(c, s.p, s.len);
	str_free(&s);
	write_meta(g, k, c, hex);
	cabinet_close(c);
	free(path);
	fprintf(sums, "%s  metadata%s.txt\n", hex, no);
}

void
write_packages(struct gen *g)
{
	char *dir = path_in(g->o.out, "expected");
	FILE *sums;
	uint32_t i;

	make_dir(dir);
	sums = create(g, "expected/metadata.sha256");
	for (i = 0; i < g->npackages; i++)
		write_one(g, i, sums);
	if (ferror(sums) || fclose(sums) == EOF)
		die("%s: %s", dir, strerror(errno));
	free(dir);
}
