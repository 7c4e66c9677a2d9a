/* SPDX-License-Identifier: ISC */
/*
 * Which deflate streams are sound (RFC 1951), where readers differ.  libdeflate
 * is lenient: to it the symbols that the format leaves out are others, a code
 * may have one symbol or none, and lengths may repeat past the last symbol.
 * libmspack refuses these.  What this file knows of a stream decides for both,
 * and says what is wrong with one that libdeflate does not read.
 *
 * Of a stream that libdeflate did read, the usual one needs only a look at the
 * lengths of its codes: one final block whose codes are whole and do not name
 * what does not exist.  Else the symbols are walked, without making the bytes.
 */
#include "formats/cab.h"

#include <string.h>

#include "formats/cab_priv.h"
#include "lib/base/err.h"

#define LITERALS 288
#define DISTANCES 32
#define END 256 /* of a block */
#define LENGTHS_END 286 /* symbols from here on are none */
#define DISTANCES_END 30
#define PRECODES 19 /* symbols that tell lengths */
#define BITS_MAX 15 /* of a code */
#define FAST_BITS 10 /* looked up at once */
#define PRECODE_BITS 7 /* all that such a code has */

struct bits {
	const uint8_t *p; /* borrowed: n bytes, behind which all are 0 */
	size_t n, next;
	uint64_t bits; /* the nbits before next, above them 0 */
	unsigned nbits;
};

struct walk {
	struct cab_deflate *tables;
	const struct cab_stream *s;
	struct bits b;
	size_t made; /* bytes that it gives so far */
	unsigned nliterals, ndistances;
	uint8_t lens[LITERALS + DISTANCES]; /* of the dynamic codes */
	struct err *e;
};

static size_t
used_bits(const struct walk *w)
{
	return w->b.next * 8 - w->b.nbits;
}

static bool
is_past_end(const struct walk *w)
{
	return used_bits(w) > w->b.n * 8;
}

/* The place of the next bit. */
static uint64_t
place(const struct walk *w)
{
	return w->s->at + used_bits(w) / 8;
}

/* At least 56 bits. */
static inline void
fill(struct bits *b)
{
	while (b->nbits < 56) {
		if (b->next < b->n)
			b->bits |= (uint64_t)b->p[b->next] << b->nbits;
		b->next++;
		b->nbits += 8;
	}
}

static inline void
drop(struct bits *b, unsigned n)
{
	b->bits >>= n;
	b->nbits -= n;
}

static inline unsigned
take(struct bits *b, unsigned n)
{
	unsigned v;

	if (b->nbits < n)
		fill(b);
	v = (unsigned)(b->bits & ((1u << n) - 1));
	drop(b, n);
	return v;
}

/* Whole codes use all that there is to tell apart, and nothing twice. */
static int
check_codes(
    const struct walk *w, const uint8_t *lens, unsigned n, const char *what)
{
	static const uint16_t share[BITS_MAX + 1] = {0, 1 << 14, 1 << 13,
	    1 << 12, 1 << 11, 1 << 10, 1 << 9, 1 << 8, 1 << 7, 1 << 6, 1 << 5,
	    1 << 4, 1 << 3, 1 << 2, 1 << 1, 1};
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += share[lens[i]];
	if (sum == 1u << BITS_MAX)
		return 0;
	return err_at(w->e, place(w),
	    "its deflate stream has codes for %s that fill %u parts, expected "
	    "%u",
	    what, sum, 1u << BITS_MAX);
}

static unsigned
reversed(unsigned code, unsigned len)
{
	unsigned r = 0;

	for (; len > 0; len--, code >>= 1)
		r = r << 1 | (code & 1);
	return r;
}

/* bits: how many are looked up at once. */
static void
fill_codes(struct cab_codes *c, const uint8_t *lens, unsigned n, unsigned bits)
{
	unsigned code[BITS_MAX + 2] = {0}, at[BITS_MAX + 2] = {0};

	memset(c->count, 0, sizeof(c->count));
	for (unsigned i = 0; i < n; i++)
		c->count[lens[i]]++;
	c->count[0] = 0;
	for (unsigned len = 1; len <= BITS_MAX; len++) {
		code[len + 1] = (code[len] + c->count[len]) << 1;
		at[len + 1] = at[len] + c->count[len];
	}
	c->bits = bits;
	memset(c->fast, 0, sizeof(*c->fast) << bits);
	for (unsigned i = 0; i < n; i++) {
		unsigned len = lens[i], k;

		if (len == 0)
			continue;
		c->symbols[at[len]++] = (uint16_t)i;
		k = reversed(code[len]++, len);
		for (; len <= bits && k < 1u << bits; k += 1u << len)
			c->fast[k] = (uint16_t)(i << 4 | len);
	}
}

/* The next symbol, of a code of any length. */
static unsigned
long_symbol(struct bits *b, const struct cab_codes *c)
{
	unsigned code = 0, first = 0, at = 0;

	for (unsigned len = 1; len <= BITS_MAX; len++) {
		code |= (unsigned)(b->bits >> (len - 1)) & 1;
		if (code - first < c->count[len]) {
			drop(b, len);
			return c->symbols[at + code - first];
		}
		at += c->count[len];
		first = (first + c->count[len]) << 1;
		code <<= 1;
	}
	return LITERALS; /* not reached: the codes are whole */
}

static inline unsigned
symbol(struct bits *b, const struct cab_codes *c)
{
	unsigned hit;

	if (b->nbits < BITS_MAX)
		fill(b);
	hit = c->fast[b->bits & ((1u << c->bits) - 1)];
	if (hit == 0)
		return long_symbol(b, c);
	drop(b, hit & 15);
	return hit >> 4;
}

/* The codes that the lengths of the others come in. */
static int
read_precodes(struct walk *w, struct cab_codes *c)
{
	static const uint8_t order[PRECODES] = {
	    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
	uint8_t lens[PRECODES] = {0};
	unsigned n;

	w->nliterals = take(&w->b, 5) + 257;
	w->ndistances = take(&w->b, 5) + 1;
	n = take(&w->b, 4) + 4;
	for (unsigned i = 0; i < n; i++)
		lens[order[i]] = (uint8_t)take(&w->b, 3);
	if (check_codes(w, lens, PRECODES, "lengths") == -1)
		return -1;
	fill_codes(c, lens, PRECODES, PRECODE_BITS);
	return 0;
}

/*
 * A length, or one of the three ways to repeat one.  libmspack repeats the last
 * that was told in full, all others the last one: so these must be the same.
 */
static int
read_lens(struct walk *w, const struct cab_codes *c)
{
	static const struct {
		unsigned bits, least;
	} ways[] = {{2, 3}, {3, 3}, {7, 11}};
	unsigned all = w->nliterals + w->ndistances, i = 0, told = 0;
	struct bits b = w->b; /* ours alone, so that it stays in registers */

	while (i < all) {
		unsigned s = symbol(&b, c), n;

		if (s < 16) {
			w->lens[i++] = (uint8_t)(told = s);
			continue;
		}
		w->b = b;
		if (s == 16 && (i == 0 || w->lens[i - 1] != told))
			return err_at(w->e, place(w),
			    "its deflate stream repeats the length of a code "
			    "%s",
			    i == 0 ? "before the first" : "that was left out");
		n = take(&b, ways[s - 16].bits) + ways[s - 16].least;
		if (n > all - i)
			return err_at(w->e, place(w),
			    "its deflate stream has lengths for %u codes, "
			    "expected %u",
			    i + n, all);
		memset(w->lens + i, s == 16 ? (int)told : 0, n);
		i += n;
	}
	w->b = b;
	return 0;
}

static bool
has_any(const uint8_t *lens, unsigned from, unsigned to)
{
	for (; from < to; from++)
		if (lens[from] != 0)
			return true;
	return false;
}

/* The codes of a dynamic block; *plain: none names what does not exist. */
static int
read_codes(struct walk *w, bool *plain)
{
	struct cab_codes *spare = &w->tables->distances;
	const uint8_t *distances;

	w->tables->is_fixed = false;
	if (read_precodes(w, spare) == -1 || read_lens(w, spare) == -1)
		return -1;
	distances = w->lens + w->nliterals;
	*plain = !has_any(w->lens, LENGTHS_END, w->nliterals) &&
	    !has_any(distances, DISTANCES_END, w->ndistances);
	if (check_codes(w, w->lens, w->nliterals, "literals") == -1)
		return -1;
	return check_codes(w, distances, w->ndistances, "distances");
}

static void
fill_fixed(struct cab_deflate *t)
{
	uint8_t lens[LITERALS];

	if (t->is_fixed)
		return;
	memset(lens, 8, LITERALS);
	memset(lens + 144, 9, 256 - 144);
	memset(lens + 256, 7, 280 - 256);
	fill_codes(&t->literals, lens, LITERALS, FAST_BITS);
	memset(lens, 5, DISTANCES);
	fill_codes(&t->distances, lens, DISTANCES, FAST_BITS);
	t->is_fixed = true;
}

static int
make(struct walk *w, size_t n)
{
	w->made += n;
	if (w->made <= w->s->size)
		return 0;
	return err_at(w->e, place(w),
	    "its deflate stream gives %zu bytes or more, expected %zu", w->made,
	    w->s->size);
}

static int
copy(struct walk *w, unsigned s)
{
	static const struct {
		uint16_t base, extra;
	} lengths[] = {{3, 0}, {4, 0}, {5, 0}, {6, 0}, {7, 0}, {8, 0}, {9, 0},
	    {10, 0}, {11, 1}, {13, 1}, {15, 1}, {17, 1}, {19, 2}, {23, 2},
	    {27, 2}, {31, 2}, {35, 3}, {43, 3}, {51, 3}, {59, 3}, {67, 4},
	    {83, 4}, {99, 4}, {115, 4}, {131, 5}, {163, 5}, {195, 5}, {227, 5},
	    {258, 0}},
	  distances[] = {{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 1}, {7, 1}, {9, 2},
	      {13, 2}, {17, 3}, {25, 3}, {33, 4}, {49, 4}, {65, 5}, {97, 5},
	      {129, 6}, {193, 6}, {257, 7}, {385, 7}, {513, 8}, {769, 8},
	      {1025, 9}, {1537, 9}, {2049, 10}, {3073, 10}, {4097, 11},
	      {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13}};
	size_t length, distance;

	if (s >= LENGTHS_END)
		return err_at(w->e, place(w),
		    "its deflate stream has length symbol %u, expected 257 to "
		    "%d",
		    s, LENGTHS_END - 1);
	s -= END + 1;
	length = lengths[s].base + take(&w->b, lengths[s].extra);
	s = symbol(&w->b, &w->tables->distances);
	if (s >= DISTANCES_END)
		return err_at(w->e, place(w),
		    "its deflate stream has distance symbol %u, expected 0 to "
		    "%d",
		    s, DISTANCES_END - 1);
	distance = distances[s].base + take(&w->b, distances[s].extra);
	if (distance > w->s->history + w->made)
		return err_at(w->e, place(w),
		    "its deflate stream looks back %zu bytes, expected at most "
		    "the %zu that stand before",
		    distance, w->s->history + w->made);
	return make(w, length);
}

/* To the end of a block of symbols. */
static int
walk_symbols(struct walk *w)
{
	unsigned s;

	while ((s = symbol(&w->b, &w->tables->literals)) != END)
		if ((s < END ? make(w, 1) : copy(w, s)) == -1)
			return -1;
	return 0;
}

/* Its head stands at the next whole byte. */
static int
walk_stored(struct walk *w)
{
	uint64_t at;
	unsigned n, inverse;

	drop(&w->b, w->b.nbits % 8);
	at = place(w);
	n = take(&w->b, 16);
	inverse = take(&w->b, 16);
	if ((n ^ inverse) != 0xffff)
		return err_at(w->e, at,
		    "its deflate stream has a stored block of %#06x bytes, "
		    "whose complement is %#06x, expected %#06x",
		    n, inverse, n ^ 0xffff);
	w->b.next = used_bits(w) / 8 + n;
	w->b.bits = 0;
	w->b.nbits = 0;
	return make(w, n);
}

/* One block: 1 when the rest of the stream is known to be sound, 0, or -1. */
static int
walk_block(struct walk *w, unsigned type, bool is_read)
{
	struct cab_deflate *t = w->tables;
	bool plain;

	switch (type) {
	case 0:
		return walk_stored(w);
	case 1:
		fill_fixed(t);
		return walk_symbols(w);
	case 2:
		if (read_codes(w, &plain) == -1)
			return -1;
		if (plain && is_read)
			return 1;
		fill_codes(&t->literals, w->lens, w->nliterals, FAST_BITS);
		fill_codes(&t->distances, w->lens + w->nliterals, w->ndistances,
		    FAST_BITS);
		return walk_symbols(w);
	default:
		return err_at(w->e, place(w),
		    "its deflate stream has a block of type 3, expected 0 to "
		    "2");
	}
}

static int
check_end(struct walk *w)
{
	size_t used = (used_bits(w) + 7) / 8;

	if (used < w->b.n)
		return err_at(w->e, w->s->at + used,
		    "%zu bytes stand behind the end of its deflate stream",
		    w->b.n - used);
	if (w->made == w->s->size)
		return 0;
	return err_at(w->e, w->s->at,
	    "its deflate stream gives %zu bytes, expected %zu", w->made,
	    w->s->size);
}

int
cab_deflate_check(struct cab_deflate *tables, const struct cab_stream *s,
    bool is_read, struct err *e)
{
	struct walk w = {
	    .tables = tables, .s = s, .b = {.p = s->p, .n = s->n}, .e = e};
	bool is_last;
	int r;

	do {
		is_last = take(&w.b, 1) != 0;
		r = walk_block(&w, take(&w.b, 2), is_read && is_last);
	} while (r == 0 && !is_last && !is_past_end(&w));
	if (r == 1)
		return 0;
	if (is_past_end(&w)) {
		err_clear(e);
		return err_at(e, s->at + s->n,
		    "its deflate stream goes on behind its %zu bytes", s->n);
	}
	return r == -1 ? -1 : check_end(&w);
}
