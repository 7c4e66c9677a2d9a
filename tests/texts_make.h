/* SPDX-License-Identifier: ISC */
/*
 * A store with documents, and snapshots of some of them that have nothing but
 * texts: for the tests of lib/offer/texts.
 */
#ifndef WF_TEXTS_MAKE_H
#define WF_TEXTS_MAKE_H

#include "formats/policy.h"
#include "formats/snapshot.h"
#include "lib/base/err.h"
#include "lib/offer/texts.h"

#define TEXTS_MAKE_MAX 64

struct texts_rig {
	char dir[400]; /* of the store */
	struct store *s;
	int dirfd; /* of its offer folder */
	struct policy_word words[8];
	struct policy_words langs;
	/* Of row i + 1: which update it is a revision of, and its document. */
	unsigned n, update[TEXTS_MAKE_MAX];
	uint32_t revision[TEXTS_MAKE_MAX];
	char *doc[TEXTS_MAKE_MAX]; /* owned */
	struct err e;
};

/* In a fresh store; langs: "en de", or NULL for all. */
void texts_setup(struct texts_rig *f, const char *langs);
void texts_teardown(struct texts_rig *f);
void texts_languages(struct texts_rig *f, const char *langs);
/*
 * A revision with a rule of so many bytes and texts in these languages, the
 * first one being the document's own; "de!": with a licence in it, too.
 */
void texts_put(struct texts_rig *f, unsigned update, uint32_t revision,
    const char *langs, size_t bytes);
/* Revision 1, whose own language need not be among these. */
void texts_put_own(
    struct texts_rig *f, unsigned update, const char *own, const char *langs);

/* Begins s, SNAPSHOT_INIT, with the rows whose bits are set. */
void texts_begin(struct texts_rig *f, struct snapshot *s,
    const struct snapshot *prev, uint64_t rows, struct texts_row *at);
/* The same, with its texts. */
int texts_make_of(struct texts_rig *f, struct snapshot *s,
    const struct snapshot *prev, uint64_t rows, struct texts_done *done);
/* Every text is what its document gives, and no other is there; the languages
   are those of f. */
void texts_are_right(struct texts_rig *f, const struct snapshot *s);
/* A path of the nth segment; the next call leaves it. */
const char *texts_path(
    struct texts_rig *f, const struct snapshot *s, size_t segment);

#endif
