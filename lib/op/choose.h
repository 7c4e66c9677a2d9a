/* SPDX-License-Identifier: ISC */
/*
 * A policy applied to what a store holds: which categories it names, which
 * updates are wanted and why, and which payload files follow from that.
 */
#ifndef WF_CHOOSE_H
#define WF_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/policy.h"
#include "formats/update.h"
#include "lib/base/digest.h"

struct buf;
struct err;
struct log;
struct store;

struct choose {
	const struct policy *policy; /* borrowed */
	struct store *store; /* borrowed */
	int64_t now; /* UTC seconds, for the age */
	/* Categories that names stand for, families expanded to the products
	   beneath them; sorted; n 0 with all_*: everything. */
	struct guid *products, *classifications; /* owned */
	size_t nproducts, nclassifications;
	bool all_products, all_classifications;
	void *priv; /* owned */
};

/*
 * Resolve the policy's names.  Errors: E_USAGE for names that no category held
 * has, all of them in the log (policy line, what was found, the nearest held
 * title), the error says how many; a title that several have asks for the id.
 */
int choose_open(struct choose *c, const struct policy *p, struct store *s,
    int64_t now, struct log *log, struct err *e);
void choose_close(struct choose *c);

enum choose_why {
	CHOOSE_IN = 0, /* the rules let it in */
	CHOOSE_APPROVED, /* in, because approved by hand */
	CHOOSE_NOT_SHOWN, /* not software or driver; an older revision */
	CHOOSE_HIDDEN, /* only inside a bundle */
	CHOOSE_DECLINED,
	CHOOSE_EXPIRED,
	CHOOSE_NOT_APPROVED,
	CHOOSE_PRODUCT,
	CHOOSE_CLASSIFICATION,
	CHOOSE_DRIVER,
	CHOOSE_KB,
	CHOOSE_TITLE,
	CHOOSE_ARCHITECTURE,
	CHOOSE_LANGUAGE,
	CHOOSE_AGE,
	CHOOSE_SUPERSEDED
};

/* Is that revision wanted?  text: a sentence that says why, naming the line of
   the policy and the fact of the update; reset first; may be NULL. */
int choose_update(struct choose *c, int64_t row, enum choose_why *why,
    struct buf *text, struct err *e);

/* A payload file that is wanted; each digest once, largest size first. */
struct choose_file {
	uint8_t sha1[SHA1_LEN], sha256[SHA256_LEN];
	bool has_sha256, has_size, present;
	uint64_t size; /* bytes */
	char ext[UPDATE_EXT_MAX + 1];
	int64_t rev; /* a wanted revision that leads to it */
};
struct choose_files {
	struct choose_file *v; /* owned */
	size_t n;
	uint64_t updates; /* wanted */
	uint64_t absent, absent_bytes; /* of v, not present */
};
/* Through the bundles; express files and other languages' parts left out. */
int choose_files(struct choose *c, struct choose_files *f, struct err *e);
void choose_files_free(struct choose_files *f);

/*
 * For every update that `what` (a KB number, an id, or text of a title) means:
 * a line for each with the decision and its reason, its payload's count, bytes
 * and how much of it is held.  E_MISSING when nothing held matches.
 */
int choose_explain(
    struct choose *c, const char *what, struct log *log, struct err *e);

#endif
