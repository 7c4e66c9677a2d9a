/* SPDX-License-Identifier: ISC */
/* Payload: Files/File first, then whatever else has a Digest. */
#include "formats/update_priv.h"

#include <stdlib.h>
#include <string.h>

static struct update_file *
add_file(struct update_reader *r, struct list *l, struct err *e)
{
	if (r->files.n + r->others.n >= r->lim.max_files) {
		err_set(e, E_LIMIT, "more than %u files", r->lim.max_files);
		return NULL;
	}
	return update_list_add(
	    l, sizeof(struct update_file), r->lim.max_files, "files", e);
}

int
update_file_begin(
    struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	struct update_file *f;

	if (update_need(el, "Digest", e) == NULL ||
	    (f = add_file(r, &r->files, e)) == NULL)
		return -1;
	return update_values(r, OF_FILE, f, el, e);
}

static bool
is_sha256(const struct xml_elem *el)
{
	const struct xml_attr *a = xml_attr(el, "Algorithm");

	return a != NULL && a->len == 6 && memcmp(a->value, "SHA256", 6) == 0;
}

int
update_file_sha256_begin(
    struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	(void)e;
	r->text_wanted = is_sha256(el);
	return 0;
}

int
update_file_sha256(
    struct update_reader *r, const char *p, size_t n, struct err *e)
{
	struct update_file *f = (struct update_file *)r->files.p + r->files.n;
	uint8_t d[SHA256_LEN];
	int shown;

	f--;
	update_trim(&p, &n);
	shown = (int)(n < 64 ? n : 64);
	if (!base64_read(d, sizeof(d), p, n))
		return err_set(e, E_FORMAT,
		    "found '%.*s', expected 32 bytes in base64", shown, p);
	if (f->has_sha256 && memcmp(f->sha256, d, sizeof(d)) != 0)
		return err_set(
		    e, E_FORMAT, "a second one of SHA256 that differs");
	memcpy(f->sha256, d, sizeof(d));
	f->has_sha256 = true;
	return 0;
}

/*
 * We do not know what such an element means: a Digest that is no SHA-1 is
 * something else, and of the other attributes those count that make sense.
 */
int
update_file_other(
    struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a = xml_attr(el, "Digest");
	uint8_t sha1[SHA1_LEN];
	struct update_file *f;

	if (a == NULL || !base64_read(sha1, sizeof(sha1), a->value, a->len))
		return 0;
	if ((f = add_file(r, &r->others, e)) == NULL)
		return -1;
	memcpy(f->sha1, sha1, sizeof(sha1));
	return update_values_lax(r, OF_FILE, f, el, e);
}

/* --- licences --- */

int
update_file_eula_begin(
    struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a = xml_attr(el, "Digest");
	uint8_t sha1[SHA1_LEN];

	(void)e;
	/* update_file_other() has put it there. */
	r->eula = 0;
	if (a != NULL && base64_read(sha1, sizeof(sha1), a->value, a->len))
		r->eula = r->others.n;
	return 0;
}

int
update_file_eula_sha256_begin(
    struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	(void)e;
	r->text_wanted = r->eula > 0 && is_sha256(el);
	return 0;
}

/* The first that makes sense. */
int
update_file_eula_sha256(
    struct update_reader *r, const char *p, size_t n, struct err *e)
{
	struct update_file *f = (struct update_file *)r->others.p + r->eula - 1;
	uint8_t d[SHA256_LEN];

	(void)e;
	update_trim(&p, &n);
	if (f->has_sha256 || !base64_read(d, sizeof(d), p, n))
		return 0;
	memcpy(f->sha256, d, sizeof(d));
	f->has_sha256 = true;
	return 0;
}

/* --- all of them --- */

/* By digest, then in the order of the document. */
static int
compare_digests(const void *a, const void *b)
{
	const struct update_file *x = *(struct update_file *const *)a;
	const struct update_file *y = *(struct update_file *const *)b;
	int c = memcmp(x->sha1, y->sha1, SHA1_LEN);

	return c != 0 ? c : (x > y) - (x < y);
}

/* What the first of two with one digest does not say, the second may. */
static void
merge(struct update_file *f, const struct update_file *g)
{
	if (!f->has_sha256 && g->has_sha256) {
		memcpy(f->sha256, g->sha256, sizeof(f->sha256));
		f->has_sha256 = true;
	}
	if (!f->has_size && g->has_size) {
		f->size = g->size;
		f->has_size = true;
	}
	f->encrypted = f->encrypted || g->encrypted;
	if (f->name == NULL)
		f->name = g->name;
	/* Whoever wants no express files wants it for its other use. */
	if (f->patching == NULL ||
	    (g->patching != NULL && strcmp(g->patching, "SelfContained") == 0))
		f->patching = g->patching;
	if (f->modified == NULL)
		f->modified = g->modified;
}

static int
compare_place(const void *a, const void *b)
{
	const struct update_file *x = *(struct update_file *const *)a;
	const struct update_file *y = *(struct update_file *const *)b;

	return (x > y) - (x < y);
}

/* Sorted pointers show the doubles; sorted again they give the order back. */
static size_t
drop_doubles(struct update_file *f, size_t n, struct update_file **sorted)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++)
		sorted[i] = f + i;
	qsort(sorted, n, sizeof(*sorted), compare_digests);
	for (i = 1; i < n; i++)
		if (memcmp(sorted[kept]->sha1, sorted[i]->sha1, SHA1_LEN) == 0)
			merge(sorted[kept], sorted[i]);
		else
			sorted[++kept] = sorted[i];
	kept++;
	qsort(sorted, kept, sizeof(*sorted), compare_place);
	for (i = 0; i < kept; i++)
		f[i] = *sorted[i];
	return kept;
}

int
update_file_keep(struct update_reader *r, struct err *e)
{
	size_t n = r->files.n + r->others.n, i;
	size_t size = sizeof(struct update_file);
	struct update_file *f, **sorted;

	if (n == 0)
		return 0;
	if ((f = arena_alloc(r->a, n * size)) == NULL)
		return update_no_room(r->a, n * size, e);
	if (r->files.n > 0)
		memcpy(f, r->files.p, r->files.n * size);
	if (r->others.n > 0)
		memcpy(f + r->files.n, r->others.p, r->others.n * size);
	if (n > 1) {
		if ((sorted = calloc(n, sizeof(*sorted))) == NULL)
			return err_nomem(e);
		n = drop_doubles(f, n, sorted);
		free(sorted);
	}
	for (i = 0; i < n; i++)
		if (f[i].name == NULL)
			f[i].name = "";
	r->u->files = f;
	r->u->nfiles = n;
	return 0;
}
