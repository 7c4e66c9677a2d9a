/* SPDX-License-Identifier: ISC */
/*
 * What deciding needs of a store, as columns in memory: read in one pass over
 * each of its derived tables, and not changed afterwards.  The same store gives
 * the same columns, whatever order things arrived in: updates stand by
 * UpdateID, revisions by UpdateID and revision, files by SHA-1, the rest as in
 * the documents.
 *
 * "First" is an index into another table: what belongs to item i stands from
 * v[i].first up to v[i + 1].first.  So each table has one item more than its
 * count, as the end.  About 200 bytes a revision, and its title.
 */
#ifndef WF_FACTS_H
#define WF_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/digest.h"
#include "lib/base/enc.h"

struct err;
struct store;

#define FACTS_NONE UINT32_MAX

/* An UpdateID that is held, or that a clause, a part or another update's list
   of what it supersedes names. */
struct facts_update {
	struct guid id;
	uint32_t first; /* in revs, by revision; none: not held */
	/* A prerequisite of some revision held, of whatever kind, names it:
	   IsLeaf is false (specs 6.1). */
	bool needed;
};

struct facts_rev {
	uint32_t update, revision;
	uint32_t row; /* in the store: order of arrival */
	uint32_t bytes; /* of its document */
	uint8_t type; /* enum update_type */
	uint8_t category; /* enum category_type */
	bool expired, deployable; /* deployable: ExplicitlyDeployable */
	bool has_eula;
	struct guid eula; /* EulaID */
	uint32_t title; /* in text; "" where it has none */
	/* Days since 1970, of the ledger's row it came with; NONE: unknown. */
	uint32_t arrived;
	/* Its first in each table. */
	uint32_t clauses, parts, supersedes, uses, kbs, filed;
};

/* A plain prerequisite, or one AtLeastOne. */
struct facts_clause {
	bool category; /* IsCategory */
	uint32_t first; /* in alternatives */
};

/* A plain bundled revision, or one AtLeastOne. */
struct facts_part {
	uint32_t first; /* in members */
};

struct facts_member {
	uint32_t update, revision; /* as it is named: exact */
	uint32_t rev; /* in revs, or NONE: not held */
};

struct facts_file {
	uint8_t sha1[SHA1_LEN], sha256[SHA256_LEN]; /* sha256: as declared */
	bool has_sha256, has_size;
	bool present; /* its row says so, and it is there with that size */
	bool left_out; /* not present, on purpose: a policy left it out */
	uint64_t size; /* bytes */
	char ext[UPDATE_EXT_MAX + 1]; /* of its name in WsusContent */
};

struct facts_use {
	uint32_t file;
	char ext[UPDATE_EXT_MAX + 1]; /* of the FileName in that revision */
};

/* A product or classification, its own or inherited from its bundles. */
struct facts_filed {
	uint32_t update; /* the category */
	uint8_t kind; /* CATEGORY_PRODUCT or CATEGORY_CLASSIFICATION */
};

struct facts {
	/* All owned. */
	struct facts_update *updates;
	struct facts_rev *revs;
	struct facts_clause *clauses;
	uint32_t *alternatives; /* updates */
	struct facts_part *parts;
	struct facts_member *members;
	uint32_t *supersedes; /* updates */
	struct facts_file *files;
	struct facts_use *uses;
	struct facts_filed *filed;
	uint32_t *kbs; /* in text: numbers, without "KB" */
	char *text; /* NUL behind each; "" at 0 */
	uint32_t *rows; /* of each row of the store: in revs, or NONE */
	size_t nupdates, nrevs, nclauses, nalternatives, nparts, nmembers,
	    nsupersedes, nfiles, nuses, nfiled, nkbs, ntext, nrows;
};

#define FACTS_INIT                                                             \
	{                                                                      \
		.updates = NULL                                                \
	}

/*
 * f: FACTS_INIT.  In a transaction of the store.  E_FORMAT where its tables
 * contradict each other, E_LIMIT, E_SYS, E_STOPPED.
 * Owns: everything in f; facts_free(), also after a failure.
 */
int facts_load(struct facts *f, struct store *s, struct err *e);
void facts_free(struct facts *f);

/* In updates, or NONE: nothing names it. */
uint32_t facts_find(const struct facts *f, const struct guid *id);
/* In revs, or NONE: not held. */
uint32_t facts_exact(const struct facts *f, uint32_t update, uint32_t revision);
uint32_t facts_newest(const struct facts *f, uint32_t update);
/* May the newest be approved: software, deployable by itself, not expired. */
bool facts_approvable(const struct facts *f, uint32_t update);
uint32_t facts_row(const struct facts *f, int64_t row);

#endif
