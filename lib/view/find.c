/* SPDX-License-Identifier: ISC */
/* Searching: each word makes a set of updates, and what is in all is found. */
#include "lib/view/find.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/digest.h"
#include "lib/base/err.h"
#include "lib/view/find_priv.h"

bool
find_words(struct find_ask *a, const char *text)
{
	size_t i, n = strlen(text);
	bool within = false;

	a->nwords = 0;
	if (n > FIND_TEXT_MAX)
		return false;
	memcpy(a->text, text, n + 1);
	for (i = 0; i <= n; i++) {
		a->small[i] = text[i] >= 'A' && text[i] <= 'Z'
		    ? (char)(text[i] + 'a' - 'A')
		    : text[i];
		if (text[i] == ' ' || text[i] == '\t' || text[i] == '\0') {
			a->small[i] = '\0';
			within = false;
		} else if (!within) {
			if (a->nwords == FIND_WORDS)
				return false;
			a->words[a->nwords++] = a->small + i;
			within = true;
		}
	}
	return true;
}

const char *
find_state_word(enum find_state s)
{
	static const char *const words[] = {
	    NULL, "newest", "superseded", "expired"};

	return (unsigned)s < 4 ? words[s] : NULL;
}

const char *
find_payload_word(enum find_payload p)
{
	static const char *const words[] = {NULL, "here", "absent", "left-out"};

	return (unsigned)p < 4 ? words[p] : NULL;
}

static bool
has_bit(const uint8_t *bits, size_t i)
{
	return (bits[i / 8] >> i % 8 & 1) != 0;
}

static void
set_bit(uint8_t *bits, size_t i)
{
	bits[i / 8] |= (uint8_t)(1u << i % 8);
}

static void
mark_rows(const struct find *f, const char *word, uint8_t *bits)
{
	const uint8_t *p = f->text.p, *end;
	size_t i = 0, n = strlen(word), at;

	if (p == NULL)
		return;
	end = p + f->text.len;
	while (p < end && (p = memmem(p, (size_t)(end - p), word, n)) != NULL) {
		at = (size_t)(p - f->text.p);
		while (f->rows[i + 1].text <= at)
			i++;
		set_bit(bits, i);
		p = f->text.p + f->rows[i + 1].text;
	}
}

/* Names stand in the order of their files, which those without a row share
   with the next one. */
static bool
mark_names(const struct find *f, const char *word, uint8_t *bits)
{
	const uint8_t *p = f->names.p, *end;
	size_t i = 0, n = strlen(word), at;
	bool any = false;

	if (p == NULL)
		return false;
	end = p + f->names.len;
	while (p < end && (p = memmem(p, (size_t)(end - p), word, n)) != NULL) {
		at = (size_t)(p - f->names.p);
		while (i + 1 < f->nfiles && f->files[i + 1].name <= at)
			i++;
		set_bit(bits, i);
		any = true;
		p += strlen((const char *)p) + 1;
	}
	return any;
}

static bool
mark_digests(const struct find *f, const char *word, uint8_t *bits)
{
	uint8_t d[SHA256_LEN];
	size_t i, n = strlen(word);
	bool any = false;

	if (n != (size_t)2 * SHA1_LEN && n != (size_t)2 * SHA256_LEN)
		return false;
	if (!hex_read(d, n / 2, word, n))
		return false;
	for (i = 0; i < f->nfiles; i++)
		if (f->files[i].state != 0 &&
		    memcmp(n == (size_t)2 * SHA1_LEN ? f->files[i].sha1
						     : f->files[i].sha256,
			d, FIND_DIGEST) == 0) {
			set_bit(bits, i);
			any = true;
		}
	return any;
}

static void
mark_users(const struct find *f, const uint8_t *files, uint8_t *bits)
{
	uint32_t k;
	size_t i;

	for (i = 0; i < f->nrows; i++)
		for (k = f->rows[i].files; k < f->rows[i + 1].files; k++)
			if (has_bit(files, f->of_files.v[k])) {
				set_bit(bits, i);
				break;
			}
}

static bool
mark_id(const struct find *f, const char *word, uint8_t *bits)
{
	struct guid id;
	size_t i;

	if (!guid_read(&id, word, strlen(word)))
		return false;
	for (i = 0; i < f->nrows; i++)
		if (guid_cmp(&f->rows[i].id, &id) == 0)
			set_bit(bits, i);
	return true;
}

/* The number of a category in known, or nknown. */
static size_t
find_category(const struct find *f, const struct guid *id)
{
	size_t i;

	for (i = 0; i < f->nknown; i++)
		if (guid_cmp(&f->known[i].facet.id, id) == 0)
			break;
	return i;
}

static bool
is_in(const struct find *f, size_t i, size_t category)
{
	uint32_t k;

	for (k = f->rows[i].categories; k < f->rows[i + 1].categories; k++)
		if (f->categories.v[k] == category)
			return true;
	return false;
}

/* What is asked of each, looked up once. */
struct wish {
	const struct find_ask *a;
	size_t product, class; /* numbers in known */
	unsigned severity; /* number; FIND_SEVERITIES + 1: nothing has it */
};

static void
wish_make(struct wish *w, const struct find *f, const struct find_ask *a)
{
	unsigned i;

	*w = (struct wish){.a = a};
	if (a->has_product)
		w->product = find_category(f, &a->product);
	if (a->has_class)
		w->class = find_category(f, &a->class);
	if (*a->severity == '\0')
		return;
	w->severity = FIND_SEVERITIES + 1;
	for (i = 0; i < FIND_SEVERITIES; i++)
		if (strcasecmp(f->severity[i], a->severity) == 0)
			w->severity = i + 1;
}

static bool
has_state(const struct find_row *r, enum find_state s)
{
	switch (s) {
	case FIND_NEWEST:
		return !r->expired && !r->superseded;
	case FIND_SUPERSEDED:
		return !r->expired && r->superseded;
	case FIND_EXPIRED:
		return r->expired;
	case FIND_STATES:
		break;
	}
	return true;
}

static bool
has_payload(const struct find_row *r, enum find_payload p)
{
	switch (p) {
	case FIND_HERE:
		return r->nfiles > 0 && r->nabsent + r->nleft_out == 0;
	case FIND_ABSENT:
		return r->nabsent > 0;
	case FIND_LEFT_OUT:
		return r->nleft_out > 0;
	case FIND_PAYLOADS:
		break;
	}
	return true;
}

static bool
is_wished(const struct find *f, const struct wish *w, size_t i)
{
	const struct find_row *r = &f->rows[i];
	const struct find_ask *a = w->a;

	return has_state(r, a->state) && has_payload(r, a->payload) &&
	    (w->severity == 0 || r->severity == w->severity) &&
	    (!a->has_class || is_in(f, i, w->class)) &&
	    (!a->has_product || is_in(f, i, w->product));
}

static void
give(const struct find_row *r, struct find_hit *h)
{
	*h = (struct find_hit){.row = r->row,
	    .superseded = r->superseded,
	    .files = r->nfiles,
	    .absent = r->nabsent,
	    .left_out = r->nleft_out,
	    .bytes = r->bytes};
}

/* One word: a bit for each update that has it; files is room for bits.  True:
   it stands for one thing exactly. */
static bool
mark_word(const struct find *f, const char *word, uint8_t *bits, uint8_t *files)
{
	bool named, exact;

	mark_rows(f, word, bits);
	memset(files, 0, f->nfiles / 8 + 1);
	named = mark_names(f, word, files);
	exact = mark_digests(f, word, files);
	if (named || exact)
		mark_users(f, files, bits);
	return mark_id(f, word, bits) || exact;
}

/* All words, in bits; *inner: what bundles hold is asked for, too. */
static int
mark_all(const struct find *f, const struct find_ask *a, uint8_t *bits,
    bool *inner, struct err *e)
{
	size_t k, room = f->nrows / 8 + 1;
	uint8_t *one = malloc(room), *files = malloc(f->nfiles / 8 + 1);
	unsigned i;
	int r = -1;

	*inner = false;
	memset(bits, 0xff, room);
	if (one == NULL || files == NULL) {
		err_nomem(e);
		goto out;
	}
	for (i = 0; i < a->nwords; i++) {
		memset(one, 0, room);
		*inner |= mark_word(f, a->words[i], one, files);
		for (k = 0; k < room; k++)
			bits[k] &= one[k];
	}
	r = 0;
out:
	free(one);
	free(files);
	return r;
}

int
find_search(const struct find *f, const struct find_ask *a, uint64_t skip,
    unsigned n, struct find_hit *hits, unsigned *nhits, uint64_t *found,
    struct err *e)
{
	uint8_t *bits = malloc(f->nrows / 8 + 1);
	struct wish w;
	size_t i, k;
	bool inner;

	*found = *nhits = 0;
	if (bits == NULL)
		return err_nomem(e);
	if (mark_all(f, a, bits, &inner, e) == -1) {
		free(bits);
		return -1;
	}
	wish_make(&w, f, a);
	for (k = 0; k < f->nrows; k++) {
		i = f->order[k];
		if (!has_bit(bits, i) || (f->rows[i].inner && !inner) ||
		    !is_wished(f, &w, i))
			continue;
		if ((*found)++ >= skip && *nhits < n)
			give(&f->rows[i], &hits[(*nhits)++]);
	}
	free(bits);
	return 0;
}

size_t
find_classes(const struct find *f, const struct find_facet **v)
{
	*v = f->classes;
	return f->nclasses;
}

size_t
find_products(const struct find *f, const struct find_facet **v)
{
	*v = f->products;
	return f->nproducts;
}

size_t
find_severities(const struct find *f, const struct find_facet **v)
{
	*v = f->severities;
	return f->nseverities;
}
