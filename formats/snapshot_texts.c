/* SPDX-License-Identifier: ISC */
/* Files, segments and what stands in them. */
#include <inttypes.h>
#include <string.h>

#include "formats/fragment.h"
#include "formats/snapshot_priv.h"
#include "lib/base/err.h"

#define NAME_MAX_BYTES 4096
#define LANES 4

uint64_t
snapshot_blocks(uint64_t size)
{
	return size / SNAPSHOT_BLOCK + (size % SNAPSHOT_BLOCK != 0);
}

void
snapshot_segment_name(
    char out[SNAPSHOT_SEGMENT_NAME], const uint8_t hash[BLAKE_LEN])
{
	hex_lower(out, hash, BLAKE_LEN);
	memcpy(out + (size_t)2 * BLAKE_LEN, ".seg", 5);
}

static bool
is_ext(const uint8_t ext[UPDATE_EXT_MAX])
{
	size_t i, n = strnlen((const char *)ext, UPDATE_EXT_MAX);

	for (i = 0; i < UPDATE_EXT_MAX; i++)
		if (i < n ? strchr("abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
				ext[i]) == NULL
			  : ext[i] != 0)
			return false;
	return true;
}

static int
check_files(const struct snapshot *s, struct err *e)
{
	static const uint8_t zeros[SHA256_LEN];
	const struct snapshot_file *f = s->files;
	size_t i;

	for (i = 0; i < s->nfiles; i++) {
		if (i > 0 && memcmp(f[i - 1].sha1, f[i].sha1, SHA1_LEN) >= 0)
			return err_set(e, E_FORMAT,
			    "files %zu: not behind the one before", i);
		if (f[i].has_sha256 > 1 ||
		    (f[i].has_sha256 == 0 &&
			memcmp(f[i].sha256, zeros, SHA256_LEN) != 0))
			return err_set(e, E_FORMAT,
			    "files %zu: has a SHA-256 %u, expected 1, or 0 and "
			    "none",
			    i, f[i].has_sha256);
		if (!is_ext(f[i].ext))
			return err_set(
			    e, E_FORMAT, "files %zu: no extension", i);
	}
	for (i = 0; i < s->nuses; i++)
		if (s->uses[i].file >= s->nfiles || !is_ext(s->uses[i].ext))
			return err_set(e, E_FORMAT,
			    "uses %zu: file %u, expected below %zu and an "
			    "extension",
			    i, s->uses[i].file, s->nfiles);
	return 0;
}

static int
check_segments(const struct snapshot *s, struct err *e)
{
	const struct snapshot_segment *g = s->segments;
	uint64_t blocks = 0;
	size_t i;

	for (i = 0; i < s->nsegments; i++) {
		if (g[i].blocks != blocks)
			return err_set(e, E_FORMAT,
			    "segments %zu: blocks from %u, expected %" PRIu64,
			    i, g[i].blocks, blocks);
		blocks += snapshot_blocks(g[i].size);
		if (g[i].size == 0 || blocks > s->nblocks)
			return err_set(e, E_FORMAT,
			    "segments %zu: %" PRIu64 " bytes in %zu blocks", i,
			    g[i].size, s->nblocks - g[i].blocks);
	}
	if (blocks != s->nblocks)
		return err_set(e, E_FORMAT,
		    "blocks: %zu items, expected %" PRIu64, s->nblocks, blocks);
	return 0;
}

static int
check_fragments(const struct snapshot *s, struct err *e)
{
	const struct snapshot_fragment *f = s->fragments;
	uint64_t size;
	size_t i;

	for (i = 0; i < s->nfragments; i++) {
		if (f[i].type < FRAGMENT_CORE || f[i].type > FRAGMENT_EULA)
			return err_set(e, E_FORMAT,
			    "fragments %zu: type %u, expected 1 to 4", i,
			    f[i].type);
		if (f[i].lang >= s->nnames || f[i].geo >= s->nnames ||
		    f[i].segment >= s->nsegments)
			return err_set(e, E_FORMAT,
			    "fragments %zu: names %u and %u of %zu, segment %u "
			    "of %zu",
			    i, f[i].lang, f[i].geo, s->nnames, f[i].segment,
			    s->nsegments);
		size = s->segments[f[i].segment].size;
		if (f[i].off > size || f[i].len > size - f[i].off)
			return err_set(e, E_FORMAT,
			    "fragments %zu: %u bytes at %" PRIu64
			    " of %" PRIu64,
			    i, f[i].len, f[i].off, size);
	}
	return 0;
}

int
snapshot_check_texts(const struct snapshot *s, struct err *e)
{
	const struct snapshot_name *m = s->names;
	size_t i;

	if (s->texts > s->nnames)
		return err_set(e, E_FORMAT,
		    "languages of the texts: name %u, expected one of %zu, or "
		    "0 for all",
		    s->texts, s->nnames);
	for (i = 0; i < s->nnames; i++)
		if (m[i].off > s->ntext || m[i].len > s->ntext - m[i].off ||
		    m[i].len > NAME_MAX_BYTES ||
		    !utf8_valid(s->text + m[i].off, m[i].len))
			return err_set(e, E_FORMAT,
			    "names %zu: %u bytes at %u of %zu, expected UTF-8 "
			    "of at most %d",
			    i, m[i].len, m[i].off, s->ntext, NAME_MAX_BYTES);
	if (check_files(s, e) == -1 || check_segments(s, e) == -1)
		return -1;
	return check_fragments(s, e);
}

/* --- blocks --- */

/* One load, where the machine is little-endian. */
static uint64_t
word(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
	    (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

struct lanes {
	uint64_t a[LANES], b[LANES];
};

static void
add_words(struct lanes *l, const uint8_t *p)
{
	size_t i;

	for (i = 0; i < LANES; i++) {
		l->a[i] += word(p + 8 * i);
		l->b[i] += l->a[i];
	}
}

/* The sum of the words, and the sum of these, so that order counts, too. */
uint64_t
snapshot_sum(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint8_t last[8 * LANES] = {0};
	struct lanes l = {{0}, {0}};
	uint64_t h = n;
	size_t i;

	for (; n >= sizeof(last); p += sizeof(last), n -= sizeof(last))
		add_words(&l, p);
	if (n > 0) {
		memcpy(last, p, n);
		add_words(&l, last);
	}
	for (i = 0; i < LANES; i++) {
		h = (h ^ l.a[i]) * UINT64_C(0xff51afd7ed558ccd);
		h = (h ^ h >> 33 ^ l.b[i]) * UINT64_C(0xc4ceb9fe1a85ec53);
	}
	return h ^ h >> 33;
}

static int
check_length(const struct snapshot *s, size_t segment, uint64_t i, size_t n,
    struct err *e)
{
	uint64_t left = s->segments[segment].size - i * SNAPSHOT_BLOCK;
	uint64_t want = left < SNAPSHOT_BLOCK ? left : SNAPSHOT_BLOCK;

	return n == want
	    ? 0
	    : err_set(e, E_FORMAT,
		  "block %" PRIu64 ": %zu bytes, expected %" PRIu64, i, n,
		  want);
}

int
snapshot_check_block(const struct snapshot *s, size_t segment, uint64_t i,
    const void *p, size_t n, struct err *e)
{
	const struct snapshot_segment *g = &s->segments[segment];
	uint8_t hash[BLAKE_LEN];

	if (check_length(s, segment, i, n, e) == -1)
		return -1;
	blake_of(hash, sizeof(hash), p, n);
	if (memcmp(hash, s->blocks[g->blocks + i].hash, BLAKE_LEN) != 0)
		return err_set(e, E_DIGEST,
		    "block %" PRIu64 ": its bytes and its hash differ", i);
	return 0;
}

int
snapshot_look_block(const struct snapshot *s, size_t segment, uint64_t i,
    const void *p, size_t n, struct err *e)
{
	const struct snapshot_segment *g = &s->segments[segment];

	if (check_length(s, segment, i, n, e) == -1)
		return -1;
	if (snapshot_sum(p, n) != s->blocks[g->blocks + i].sum)
		return err_set(e, E_DIGEST,
		    "block %" PRIu64 ": its bytes and its sum differ", i);
	return 0;
}
