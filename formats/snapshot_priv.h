/* SPDX-License-Identifier: ISC */
/* Inside formats/snapshot_*.c: the sections of the file, as a table. */
#ifndef WF_SNAPSHOT_PRIV_H
#define WF_SNAPSHOT_PRIV_H

#include "formats/snapshot.h"

#define SNAPSHOT_MAGIC "WFOFFER1"
#define SNAPSHOT_FORMAT 1
#define SNAPSHOT_ALIGN 64
#define SNAPSHOT_SECTIONS 22
/* Header: magic, format, sections, store, epoch, generation, base, 0, built,
   last_change, two hashes; then offset and count of each section; then
   undone. */
#define SNAPSHOT_FIXED 128
#define SNAPSHOT_BACK (SNAPSHOT_FIXED + 16 * SNAPSHOT_SECTIONS)
#define SNAPSHOT_HEAD                                                          \
	((SNAPSHOT_BACK + 4 + SNAPSHOT_ALIGN - 1) / SNAPSHOT_ALIGN *           \
	    SNAPSHOT_ALIGN)

/* A member of a struct: a number of 1, 4 or 8 bytes, or bytes as they are. */
struct snapshot_column {
	uint16_t off;
	uint8_t size;
	bool raw;
};

struct snapshot_section {
	const char *name;
	size_t array, count; /* offsets in struct snapshot */
	size_t item; /* bytes of one in memory */
	uint32_t max; /* items */
	struct snapshot_column columns[9]; /* size 0: no more */
};

extern const struct snapshot_section snapshot_sections[SNAPSHOT_SECTIONS];
/* Bytes of one in the file. */
size_t snapshot_row(const struct snapshot_section *sec);
void snapshot_put_le(uint8_t *to, uint64_t v, size_t size);
uint64_t snapshot_get_le(const uint8_t *p, size_t size);
uint64_t snapshot_align(uint64_t off);

/* snapshot_links.c: what stands twice stands there rightly. */
int snapshot_check_links(const struct snapshot *s, struct err *e);
/* Where in another table of n items that of item i begins. */
int snapshot_check_start(const char *table, size_t i, const char *what,
    uint32_t before, uint32_t at, size_t n, struct err *e);

/* snapshot_rings.c, snapshot_texts.c */
int snapshot_check_rings(const struct snapshot *s, struct err *e);
int snapshot_check_texts(const struct snapshot *s, struct err *e);

static inline void *
snapshot_array(const struct snapshot *s, const struct snapshot_section *sec)
{
	return *(void *const *)(const void *)((const char *)s + sec->array);
}

static inline size_t
snapshot_count(const struct snapshot *s, const struct snapshot_section *sec)
{
	return *(const size_t *)(const void *)((const char *)s + sec->count);
}

/* Where the items of one end that begin at `first` of the next. */
#define SNAPSHOT_END(v, n, i, first, all)                                      \
	((i) + 1 < (n) ? (v)[(i) + 1].first : (uint32_t)(all))

#endif
