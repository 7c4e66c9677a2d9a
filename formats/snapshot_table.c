/* SPDX-License-Identifier: ISC */
/* The sections in the order of the file, and how their items are written. */
#include <stddef.h>

#include "formats/snapshot_priv.h"

#define M ((uint32_t)1 << 24) /* no table of a store is longer */
#define IN(table)                                                              \
	offsetof(struct snapshot, table), offsetof(struct snapshot, n##table), \
	    sizeof(*((struct snapshot *)NULL)->table)
#define NUM(type, member)                                                      \
	{                                                                      \
		offsetof(struct snapshot_##type, member),                      \
		    sizeof(((struct snapshot_##type *)NULL)->member), false    \
	}
#define RAW(type, member)                                                      \
	{                                                                      \
		offsetof(struct snapshot_##type, member),                      \
		    sizeof(((struct snapshot_##type *)NULL)->member), true     \
	}

/* clang-format off */
const struct snapshot_section snapshot_sections[SNAPSHOT_SECTIONS] = {
	{"config", IN(config), M, {{0, 1, true}}},
	{"lineage", IN(past), M, {NUM(past, generation), RAW(past, id)}},
	{"updates", IN(updates), M, {RAW(update, id), NUM(update, leaf),
	    NUM(update, category), NUM(update, inverse)}},
	{"ids", IN(ids), SNAPSHOT_IDS - 1, {NUM(id, update),
	    NUM(id, revision), NUM(id, live)}},
	{"revisions", IN(revisions), SNAPSHOT_IDS - 1, {NUM(revision, n),
	    NUM(revision, update), NUM(revision, revision),
	    NUM(revision, kind), NUM(revision, clauses),
	    NUM(revision, members), NUM(revision, holders),
	    NUM(revision, uses), NUM(revision, fragments)}},
	{"clauses", IN(clauses), M, {NUM(clause, category),
	    NUM(clause, first)}},
	{"alternatives", IN(alternatives), M, {{0, 4, false}}},
	{"inverse", IN(inverse), M, {{0, 4, false}}},
	{"members", IN(members), M, {{0, 4, false}}},
	{"holders", IN(holders), M, {{0, 4, false}}},
	{"ages", IN(ages), M, {NUM(age, update), RAW(age, files),
	    NUM(age, day)}},
	{"rings", IN(rings), 65, {RAW(ring, name), NUM(ring, hash),
	    NUM(ring, networks), NUM(ring, words), NUM(ring, offers)}},
	{"networks", IN(networks), M, {RAW(network, addr),
	    NUM(network, bits)}},
	{"words", IN(words), M, {NUM(word, kind), NUM(word, name)}},
	{"offers", IN(offers), 4 * M, {NUM(offer, revision),
	    NUM(offer, action), NUM(offer, withheld), NUM(offer, changed),
	    NUM(offer, date), NUM(offer, held), NUM(offer, deadline)}},
	{"files", IN(files), M, {RAW(file, sha1), RAW(file, sha256),
	    NUM(file, has_sha256), NUM(file, size), RAW(file, ext)}},
	{"uses", IN(uses), M, {NUM(use, file), RAW(use, ext)}},
	{"segments", IN(segments), 1024, {RAW(segment, hash),
	    NUM(segment, size), NUM(segment, blocks)}},
	{"blocks", IN(blocks), M, {RAW(block, hash), NUM(block, sum)}},
	{"fragments", IN(fragments), 4 * M, {NUM(fragment, type),
	    NUM(fragment, lang), NUM(fragment, geo), NUM(fragment, segment),
	    NUM(fragment, len), NUM(fragment, off)}},
	{"names", IN(names), M, {NUM(name, off), NUM(name, len)}},
	{"text", IN(text), 4 * M, {{0, 1, true}}},
};
/* clang-format on */

size_t
snapshot_row(const struct snapshot_section *sec)
{
	size_t i, n = 0;

	for (i = 0; i < sizeof(sec->columns) / sizeof(*sec->columns); i++)
		n += sec->columns[i].size;
	return n;
}

void
snapshot_put_le(uint8_t *to, uint64_t v, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		to[i] = (uint8_t)(v >> 8 * i);
}

uint64_t
snapshot_get_le(const uint8_t *p, size_t size)
{
	uint64_t v = 0;

	while (size-- > 0)
		v = v << 8 | p[size];
	return v;
}

uint64_t
snapshot_align(uint64_t off)
{
	return (off + SNAPSHOT_ALIGN - 1) / SNAPSHOT_ALIGN * SNAPSHOT_ALIGN;
}
