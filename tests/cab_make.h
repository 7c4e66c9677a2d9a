/* SPDX-License-Identifier: ISC */
/* Cabinets made by hand for tests: stored data, any tables, right checksums. */
#ifndef WF_CAB_MAKE_H
#define WF_CAB_MAKE_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/src.h"

struct make_file {
	const char *name;
	uint32_t size, off;
	uint16_t folder;
};

struct make_folder {
	const void *data; /* cut into blocks of `block` bytes */
	uint32_t len, block;
	uint16_t comp;
};

struct make_cab {
	const struct make_folder *folders;
	unsigned nfolders;
	const struct make_file *files;
	unsigned nfiles;
	uint16_t header_reserve; /* the areas are there when any is not 0 */
	uint8_t folder_reserve, data_reserve;
};

/* Fills b, which the caller frees. */
void make_cab(struct buf *b, const struct make_cab *m);
void make_le16(uint8_t *p, uint32_t v);
void make_le32(uint8_t *p, uint32_t v);

/* Memory that cannot be read twice, in steps of at most 7 bytes. */
struct trickle {
	struct src s; /* first */
	const uint8_t *p;
	size_t n, step;
	uint64_t nread; /* bytes given */
};
void trickle_open(struct trickle *t, const void *p, size_t n);
/* The same, but it can seek: counts what is read twice. */
void counted_open(struct trickle *t, const void *p, size_t n);

#endif
