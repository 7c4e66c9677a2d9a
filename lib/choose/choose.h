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
	/*
	 * Categories that names stand for, families expanded to the products
	 * beneath them; sorted.  These are what a server is asked for: it wants
	 * both lists or neither, so both are empty where the policy names
	 * neither, and where it names one the other holds all that are held.
	 * all_*: the policy does not name them; an update may be in none.
	 */
	struct guid *products, *classifications; /* owned */
	size_t nproducts, nclassifications;
	bool all_products, all_classifications;
	struct choose_priv *priv; /* owned */
};

#define CHOOSE_INIT                                                            \
	{                                                                      \
		.products = NULL, .classifications = NULL, .priv = NULL        \
	}

/*
 * Resolve the policy's names: a title in any language the store keeps, the one
 * for display first, letters of ASCII in either case, one that it had before it
 * was renamed, or an id.  A title that several have means them all; one that
 * none has, none: choose_tell() says so.  The rest is worked out when it is
 * first asked for, and then kept: open anew when the store has changed since.
 * Memory: about 20 bytes a revision, 4 a bundled one.
 */
int choose_open(struct choose *c, const struct policy *p, struct store *s,
    int64_t now, struct err *e);
void choose_close(struct choose *c);

/*
 * Warnings, by line of the policy, for its owner: lines of any key that name
 * nothing held, a title that several have or that one had once, and a policy
 * that chooses nothing at all.  None is an error: it may be right tomorrow.
 */
int choose_tell(struct choose *c, struct log *log, struct err *e);
/* The same one by one, for who tells those of several policies together. */
struct choose_note;
int choose_each_note(struct choose *c,
    int (*each)(void *arg, const struct choose_note *n, struct err *e),
    void *arg, struct err *e);
/* Another one when there is something else to tell. */
int choose_hash(struct choose *c, uint8_t sha256[SHA256_LEN], struct err *e);

/* In the order in which they are looked at; the first that applies counts. */
enum choose_why {
	CHOOSE_IN = 0, /* the rules let it in */
	CHOOSE_APPROVED, /* in, because approved by hand */
	CHOOSE_NOT_SHOWN, /* not software or driver; an older revision */
	CHOOSE_DECLINED,
	CHOOSE_EXPIRED,
	/* Here an id that is approved goes in. */
	CHOOSE_HIDDEN, /* only inside a bundle */
	/* Here a KB number that is approved goes in. */
	CHOOSE_NOT_APPROVED,
	CHOOSE_DRIVER, /* by type, or classified as one */
	CHOOSE_PRODUCT,
	CHOOSE_CLASSIFICATION,
	CHOOSE_KB,
	CHOOSE_TITLE,
	CHOOSE_ARCHITECTURE, /* by whole words of the title */
	CHOOSE_LANGUAGE, /* its own, or those of all that it bundles */
	CHOOSE_AGE,
	/* By one that is in, or was until another took its place.  Those that
	   supersede each other in a circle all stay. */
	CHOOSE_SUPERSEDED,
	CHOOSE_NWHYS
};
const char *choose_word(enum choose_why why); /* "in", "approved", "age" */
static inline bool
choose_is_in(enum choose_why why)
{
	return why <= CHOOSE_APPROVED;
}

/* Is that revision wanted?  text: why, naming the line of the policy and the
   fact of the update; reset first, NUL added; may be NULL.  E_MISSING. */
int choose_update(struct choose *c, int64_t row, enum choose_why *why,
    struct buf *text, struct err *e);

/* Each update that is wanted, by the row of its newest revision, in order of
   arrival. */
int choose_each(struct choose *c,
    int (*each)(void *arg, int64_t row, struct err *e), void *arg,
    struct err *e);

/* A payload file that is wanted; each digest once, largest size first. */
struct choose_file {
	uint8_t sha1[SHA1_LEN], sha256[SHA256_LEN]; /* SHA-1 first: sort.h */
	bool has_sha256, has_size, present;
	uint64_t size; /* bytes */
	char ext[UPDATE_EXT_MAX + 1];
	int64_t row; /* of the file */
	int64_t rev; /* the first wanted revision that leads to it */
};
struct choose_files {
	struct choose_file *v; /* owned */
	size_t n;
	uint64_t updates; /* wanted */
	uint64_t absent, absent_bytes; /* of v, not present */
};
/* Through the bundles, by their exact revisions; express files, parts of other
   languages (but not of what was approved) and declined parts are left out. */
int choose_files(struct choose *c, struct choose_files *f, struct err *e);
void choose_files_free(struct choose_files *f);
/* By digest from now on, which choose_files_has() needs. */
void choose_files_sort(struct choose_files *f);
/* files: a struct choose_files; so lacking.h asks what is wanted. */
bool choose_files_has(const void *files, const uint8_t sha1[SHA1_LEN]);

/*
 * For every update that `what` (a KB number, an id, or text of a title) means:
 * a line for each with the decision and its reason, its payload's count, bytes
 * and how much of it is held; in JSON an object of type "explain".  E_MISSING
 * when nothing held matches.
 */
int choose_explain(
    struct choose *c, const char *what, struct log *log, struct err *e);

#endif
