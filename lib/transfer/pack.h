/* SPDX-License-Identifier: ISC */
/*
 * A plan as packages: what each wsusexport.cab will hold, its exact sizes, and
 * writing it.  One package where it fits; else several, each closed under
 * prerequisites and bundles: package k brings a contiguous range of the plan
 * as new and repeats those earlier revisions that it needs.
 *
 * The texts of package.xml are made once, into a file without a name, so that
 * memory holds a few numbers a revision and about 100 bytes a payload file.
 */
#ifndef WF_PACK_H
#define WF_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/package.h"
#include "formats/update.h"
#include "lib/base/buf.h"
#include "lib/base/digest.h"

struct err;
struct cab_patch;
struct plan;
struct prog;
struct sink;
struct store;

/* A payload file that the plan's revisions name. */
struct pack_file {
	uint64_t off; /* of its File element in the spool */
	uint32_t len; /* 0: no URL is known, so the index leaves it out */
	uint32_t part; /* mark of the last walk that met it */
	uint8_t sha1[SHA1_LEN], measured[SHA256_LEN];
	char ext[UPDATE_EXT_MAX + 1];
	bool present, has_size;
	bool unwanted; /* by a policy, or left out on purpose before */
	bool there; /* the destination has it */
	bool told; /* the destination was told of it before, whatever it is */
	int64_t row; /* in the store */
	uint64_t size;
};

/* Is it in the transfer? */
static inline bool
pack_carries(const struct pack_file *f)
{
	return f->present && !f->unwanted && !f->there;
}

struct pack_update {
	uint64_t off; /* of its Update element in the spool */
	uint32_t len;
	uint32_t ref, nrefs; /* into refs: its files */
	uint32_t part; /* the last package that it is in, from 1 */
};

/* One package: the repeats, ascending, then the range. */
struct pack_part {
	uint32_t *repeats; /* owned: indexes into the plan */
	size_t nrepeats, caprepeats;
	uint32_t first, last; /* new: [first, last) */
	uint64_t nfiles; /* in the top-level Files */
	uint64_t index_bytes, meta_bytes;
};

struct pack {
	struct store *store; /* borrowed */
	const struct plan *plan; /* borrowed */
	int64_t time; /* CreationTime */
	struct buf head; /* owned: package.xml up to Files */
	int spool; /* owned */
	uint64_t spooled; /* bytes in the file, without what is in out */
	struct buf out; /* owned: to be written to the spool */
	struct pack_update *updates; /* owned: plan->n */
	uint32_t *refs; /* owned */
	size_t nrefs, caprefs;
	struct pack_file *files; /* owned, in order of first appearance */
	size_t nfiles, capfiles;
	uint32_t *by_row; /* owned: file row to index + 1 */
	size_t nrows;
	struct pack_part *parts; /* owned */
	size_t nparts;
	uint32_t mark; /* the last one given to files as their part */
};

#define PACK_INIT                                                              \
	{                                                                      \
		.spool = -1                                                    \
	}

/*
 * limit: bytes of package.xml and metadata.txt together; 0: what a cabinet
 * can hold.  scratch: folder for the spool.
 * Errors: E_LIMIT (one revision with what it needs passes the limit), E_SYS.
 */
int pack_make(struct pack *p, struct store *s, const struct plan *plan,
    const struct package_head *head, const struct package_enabled *en,
    uint64_t limit, int scratch, struct err *e);
void pack_free(struct pack *p);

/* The file in that row of the store, or NULL: the plan does not name it. */
const struct pack_file *pack_file_of(const struct pack *p, int64_t row);

/*
 * Write package k (from 0) to a sink; the bytes in patch are to be
 * overwritten then.  prog may be NULL.
 */
struct pack_write {
	bool small;
	unsigned jobs;
	struct prog *prog;
};
int pack_write(struct pack *p, size_t k, const struct pack_write *w,
    struct sink *to, struct cab_patch *patch, struct err *e);

/* pack_split.c: parts out of texts and edges. */
int pack_split(struct pack *p, uint64_t limit, struct err *e);
/* Index of the i-th revision of a package in the plan. */
size_t pack_part_items(const struct pack_part *part);
uint32_t pack_part_item(const struct pack_part *part, size_t i);

#endif
