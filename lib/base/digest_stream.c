/* SPDX-License-Identifier: ISC */
/* Blocks out of portions, and the last one: FIPS 180-4, 5.1.1 and 5.2.1. */
#include <string.h>

#include "lib/base/digest_priv.h"

#define BLOCK sizeof(((struct digest_ctx *)0)->part)

static size_t
in_part(const struct digest_ctx *c)
{
	return (size_t)(c->bytes % BLOCK);
}

static void
restart(struct digest_ctx *c)
{
	c->bytes = 0;
	memcpy(c->state.h1, c->sha->h1, sizeof(c->state.h1));
	memcpy(c->state.h256, c->sha->h256, sizeof(c->state.h256));
}

void
digest_stream_begin(
    struct digest_ctx *c, unsigned which, const struct digest_sha *s)
{
	c->which = which;
	c->sha = s;
	restart(c);
}

static void
blocks(struct digest_ctx *c, const uint8_t *p, size_t n)
{
	const struct digest_sha *s = c->sha;

	if (n == 0)
		return;
	if (c->which == DIGEST_BOTH)
		s->both(&c->state, p, n, s);
	else if (c->which == DIGEST_SHA256)
		s->sha256(&c->state, p, n, s);
	else
		s->sha1(&c->state, p, n, s);
}

/* What begins amid a block fills it first; returns how many bytes that took. */
static size_t
fill_part(struct digest_ctx *c, const uint8_t *p, size_t n)
{
	size_t at = in_part(c), take = BLOCK - at;

	if (at == 0 || n == 0)
		return 0;
	if (take > n)
		take = n;
	memcpy(c->part + at, p, take);
	c->bytes += take;
	if (at + take == BLOCK)
		blocks(c, c->part, 1);
	return take;
}

/* From the start of a block on. */
static void
add_rest(struct digest_ctx *c, const uint8_t *p, size_t n)
{
	blocks(c, p, n / BLOCK);
	memcpy(c->part, p + n - n % BLOCK, n % BLOCK);
	c->bytes += n;
}

void
digest_stream_add(struct digest_ctx *c, const uint8_t *p, size_t n)
{
	size_t took = fill_part(c, p, n);

	if (n != took)
		add_rest(c, p + took, n - took);
}

void
digest_stream_add_two(struct digest_ctx *a, const uint8_t *p, size_t n,
    struct digest_ctx *b, const uint8_t *q, size_t m)
{
	size_t k = fill_part(a, p, n), l = fill_part(b, q, m), both;

	p += k;
	n -= k;
	q += l;
	m -= l;
	both = (n < m ? n : m) / BLOCK;
	if (both != 0 && a->which == DIGEST_BOTH)
		a->sha->both_two(&a->state, p, &b->state, q, both, a->sha);
	else if (both != 0 && a->which == DIGEST_SHA256)
		a->sha->sha256_two(&a->state, p, &b->state, q, both, a->sha);
	else
		both = 0; /* SHA-1 alone: nobody hashes much by it */
	both *= BLOCK;
	a->bytes += both;
	b->bytes += both;
	if (n != both)
		add_rest(a, p + both, n - both);
	if (m != both)
		add_rest(b, q + both, m - both);
}

/* Most significant byte first. */
static void
put_words(uint8_t *out, const uint32_t *w, size_t n)
{
	for (size_t i = 0; i < 4 * n; i++)
		out[i] = (uint8_t)(w[i / 4] >> (24 - 8 * (i % 4)));
}

/* A bit, zeros up to a block's last eight bytes, and the length in bits. */
static void
pad(struct digest_ctx *c)
{
	uint32_t bits[2] = {
	    (uint32_t)(c->bytes >> 29), (uint32_t)(c->bytes << 3)};
	size_t at = in_part(c);

	c->part[at++] = 0x80;
	if (at > BLOCK - sizeof(bits)) {
		memset(c->part + at, 0, BLOCK - at);
		blocks(c, c->part, 1);
		at = 0;
	}
	memset(c->part + at, 0, BLOCK - at);
	put_words(c->part + BLOCK - sizeof(bits), bits, 2);
	blocks(c, c->part, 1);
}

void
digest_stream_done(struct digest_ctx *c, struct digest *d)
{
	memset(d, 0, sizeof(*d));
	d->bytes = c->bytes;
	pad(c);
	if ((c->which & DIGEST_SHA1) != 0)
		put_words(d->sha1, c->state.h1, SHA1_LEN / 4);
	if ((c->which & DIGEST_SHA256) != 0)
		put_words(d->sha256, c->state.h256, SHA256_LEN / 4);
	restart(c);
}

/* One of two that are hashed side by side; text: NULL when it has none. */
struct lane {
	struct digest_ctx c;
	struct digest_text *text; /* borrowed */
	const uint8_t *p; /* what is left of it */
	size_t n;
};

static void
lane_begin(struct lane *l, unsigned which, const struct digest_sha *s,
    struct digest_text *t)
{
	l->text = t;
	l->p = t->p;
	l->n = t->n;
	digest_stream_begin(&l->c, which, s);
}

static void
lane_pass(struct lane *l, size_t n)
{
	l->p += n;
	l->n -= n;
}

static void
lane_end(struct lane *l)
{
	if (l->n != 0)
		digest_stream_add(&l->c, l->p, l->n);
	digest_stream_done(&l->c, &l->text->digest);
	l->text = NULL;
}

/* Where one ends the next begins, beside what is left of the other. */
void
digest_stream_all(
    unsigned which, const struct digest_sha *s, struct digest_text *v, size_t n)
{
	struct lane a = {.text = NULL}, b = {.text = NULL};
	size_t next = 0, both;

	for (;;) {
		if (a.text == NULL && next < n)
			lane_begin(&a, which, s, &v[next++]);
		if (b.text == NULL && next < n)
			lane_begin(&b, which, s, &v[next++]);
		if (a.text == NULL || b.text == NULL)
			break;
		both = (a.n < b.n ? a.n : b.n) / BLOCK * BLOCK;
		digest_stream_add_two(&a.c, a.p, both, &b.c, b.p, both);
		lane_pass(&a, both);
		lane_pass(&b, both);
		if (a.n < BLOCK)
			lane_end(&a);
		if (b.n < BLOCK)
			lane_end(&b);
	}
	if (a.text != NULL)
		lane_end(&a);
	if (b.text != NULL)
		lane_end(&b);
}
