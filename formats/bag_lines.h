/* SPDX-License-Identifier: ISC */
/*
 * What the line-based tag files share: lines out of portions, numbers, names
 * in order.  Private to formats/bag_*.c.
 */
#ifndef WF_BAG_LINES_H
#define WF_BAG_LINES_H

#include "formats/bag.h"

/* The longest line of any: name, digest, 20 and 10 digits, three tabs, LF. */
#define BAG_LINE_MAX (PATH_SAFE_MAX + 64 + 20 + 10 + 4)

struct bag_lines {
	/* One line without its LF; text[len] is NUL. */
	int (*line)(
	    struct bag_lines *l, const char *text, size_t len, struct err *e);
	void *owner; /* borrowed */
	struct sink sink;
	uint64_t n; /* number of the line being read, from 1 */
	uint64_t off; /* bytes: of that line */
	size_t have; /* bytes of it that earlier portions brought */
	char text[BAG_LINE_MAX + 1];
	char last[PATH_SAFE_MAX + 1]; /* the name before, or "" */
	char name[PATH_SAFE_MAX + 1];
};

/* The sink takes max bytes at most. */
void bag_lines_init(struct bag_lines *l, uint64_t max,
    int (*line)(
	struct bag_lines *l, const char *text, size_t len, struct err *e),
    void *owner);
int bag_lines_finish(struct bag_lines *l, uint64_t *nlines, struct err *e);

/* Exactly n - 1 tabs part a line in n. */
struct bag_field {
	size_t col, len;
};
int bag_lines_split(const struct bag_lines *l, const char *text, size_t len,
    struct bag_field *f, unsigned n, struct err *e);

/*
 * A name at text[col..col+len), checked and put into l->name.  prefix as in
 * bag_manifest_open().
 */
int bag_lines_name(struct bag_lines *l, const char *text, size_t col,
    size_t len, const char *prefix, struct err *e);
/* 64 lower-case hex digits. */
int bag_lines_sha256(struct bag_lines *l, const char *text, size_t col,
    size_t len, uint8_t sha256[SHA256_LEN], struct err *e);
/* E_FORMAT "line N: expected EXPECTED" at column col. */
int bag_lines_bad(
    const struct bag_lines *l, size_t col, const char *expected, struct err *e);

/* Decimal within [min, max] without a leading zero. */
bool bag_num(
    uint64_t *v, const char *s, size_t len, uint64_t min, uint64_t max);
bool bag_sha256(uint8_t sha256[SHA256_LEN], const char *s, size_t len);

#endif
