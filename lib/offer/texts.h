/* SPDX-License-Identifier: ISC */
/*
 * The texts of an offer: fragments of the documents, escaped once more for
 * <Xml>, in segment files OFFER/texts/HASH.seg of mode 0444, which never change
 * and which snapshots share.  HASH is the BLAKE2b-256 of the file.
 *
 * The same store, revisions, languages and previous snapshot give the same
 * segments and the same items, whatever the number of threads.
 */
#ifndef WF_TEXTS_H
#define WF_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct log;
struct policy_words;
struct snapshot;
struct store;

#define TEXTS_FOLDER "texts" /* in OFFER */
#define TEXTS_SEGMENTS 16 /* more are merged into one */
#define TEXTS_JOBS 4 /* threads, so that memory is bounded */

/* Where the document of a revision is: store_rev.row, .bytes. */
struct texts_row {
	int64_t row;
	uint32_t bytes;
};

struct texts_how {
	struct store *store; /* borrowed; best in a transaction */
	/*
	 * Of OFFER, borrowed; where TEXTS_FOLDER is made if need be.  -1: there
	 * is none yet, so nothing is taken over.
	 */
	int dirfd;
	/* Borrowed: whose texts are taken over; NULL: there is none. */
	const struct snapshot *prev;
	/* Borrowed: languages kept, beside English and each document's own; NULL
	   or none: all (rings.texts). */
	const struct policy_words *langs;
	unsigned jobs; /* 0: one for each processor; at most TEXTS_JOBS */
	/* Nothing is written: a segment is made and hashed, and is gone. */
	bool dry;
	/* Hears of damage that is mended by this, and of what a document has
	   that clients are not told as it stands.  Or NULL. */
	struct log *log;
};

/* What became of them; of each text it is one. */
struct texts_done {
	uint64_t taken; /* stay where they are */
	uint64_t copied; /* from a segment that goes */
	uint64_t made, documents; /* texts, of so many documents read */
	uint64_t bytes; /* of the new segment, 0: there is none */
	uint32_t bad; /* blocks and whole segments that were damaged */
	bool merged; /* there would be too many, or too little is in use */
};

/*
 * Give s its texts: s->texts, segments, blocks and fragments, the latter's
 * names behind those that are in s->names, and .fragments of each of
 * s->revisions, which are there already, with nothing of this.  rows: one for
 * each of these, in their order.
 *
 * In a revision: Core, Extended, LocalizedProperties with that of the
 * document's DefaultPropertiesLanguage first, Eula; each language (of a
 * licence: and GeoId) once.
 *
 * Of prev what it has of the same revision is taken over, after every block of
 * the segments that hold any of it was compared.  What lies in a damaged,
 * short or missing segment is copied, so far as its blocks are whole, or made
 * anew.  Where there would be more than TEXTS_SEGMENTS, or less than half of
 * the bytes taken over are in use, all goes into one new segment.  It is
 * flushed, read back, compared, named, and its folder flushed, before this
 * returns; what a killed run leaves is taken away by texts_sweep().
 *
 * Memory: the items, a half more; the largest document and 32 MiB.
 * Errors: E_SYS, E_LIMIT; E_FORMAT, E_LIMIT, E_DIGEST, E_MISSING with the
 * update's name where a document cannot be had or cut; E_STOP.  s is then to be
 * freed.
 */
int texts_make(struct snapshot *s, const struct texts_row *rows,
    const struct texts_how *how, struct texts_done *done, struct err *e);

/* Does prev keep the texts of these languages? (NULL or none: all) */
bool texts_same_languages(
    const struct snapshot *prev, const struct policy_words *langs);

/*
 * Every block of every segment that s names.  bad() is called for each fault
 * ("texts/HASH.seg"), in order; where it returns 0 reading goes on.
 * dirfd: of OFFER.  Errors: E_SYS, what bad() failed with.
 */
int texts_check(const struct snapshot *s, int dirfd, unsigned jobs,
    int (*bad)(
	void *arg, const char *what, const struct err *fault, struct err *e),
    void *arg, struct err *e);

/*
 * Takes away what stands in TEXTS_FOLDER and is named by none of these n
 * snapshots, and is ours: segments, and what a killed run left.  *removed and
 * *bytes: how many.  E_SYS.
 */
int texts_sweep(int dirfd, const struct snapshot *const *keep, size_t n,
    uint64_t *removed, uint64_t *bytes, struct err *e);

#endif
