/* SPDX-License-Identifier: ISC */
/* Between the files of texts*.c. */
#ifndef WF_TEXTS_PRIV_H
#define WF_TEXTS_PRIV_H

#include "formats/fragment.h"
#include "formats/snapshot.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/out.h"
#include "lib/offer/texts.h"
#include "lib/store/docs_out.h"

#define TEXTS_NONE UINT32_MAX
#define TEXTS_PLACE_MAX                                                        \
	(sizeof(TEXTS_FOLDER) + SNAPSHOT_SEGMENT_NAME) /* "texts/HASH.seg" */

void texts_place(char out[TEXTS_PLACE_MAX], const uint8_t hash[BLAKE_LEN]);

/* --- texts_words.c: languages and names --- */

/* What is kept, whatever is asked for: "" is none, NULL: all. */
bool texts_wanted(const struct policy_words *langs, const char *lang);
/* Are texts of these among those that prev kept? */
bool texts_covered(
    const struct snapshot *prev, const struct policy_words *langs);
/* Tells s which these are. */
struct texts_names;
int texts_note_languages(struct texts_names *n, struct snapshot *s,
    const struct policy_words *langs, struct err *e);

/* Names of a snapshot that grows: each text is one name. */
struct texts_names {
	struct snapshot *s; /* borrowed */
	uint32_t *slots; /* owned: names and 1; 0: free */
	size_t nslots, cap_names, cap_text;
};
int texts_names_open(struct texts_names *n, struct snapshot *s, struct err *e);
int texts_names_add(struct texts_names *n, const char *p, size_t len,
    uint32_t *name, struct err *e);
void texts_names_close(struct texts_names *n);

/* --- texts_old.c: what the previous snapshot has --- */

struct texts_old {
	bool used; /* any of it is wanted */
	bool gone; /* it, or one of its blocks, is not as it was */
	bool melts; /* its texts are copied */
	uint8_t *bad; /* owned: a byte for each block; NULL: none is read */
	uint64_t nbad, in_use; /* blocks; bytes */
	int fd; /* owned; -1 */
	uint32_t place; /* in the new snapshot */
};

/* What is known of each revision. */
struct texts_rev {
	uint32_t from; /* its place in prev, or TEXTS_NONE */
	uint32_t piece, npieces; /* where it was made */
	bool lacks; /* its document is needed */
};

/* A text in a segment, new or old. */
struct texts_piece {
	uint32_t rev;
	uint8_t type;
	uint32_t lang, geo, len; /* names of s */
	uint32_t old; /* that fragment of prev is it, or TEXTS_NONE */
	uint64_t off; /* in the new segment */
};

struct texts_job {
	const struct texts_how *how; /* borrowed */
	const struct snapshot *prev; /* borrowed; NULL: none */
	struct snapshot *s; /* borrowed: that is made */
	const struct texts_row *rows; /* borrowed */
	struct texts_done *done; /* borrowed */
	struct texts_names names;
	int dirfd; /* owned: of TEXTS_FOLDER, or -1 */
	struct texts_old *old; /* owned: by prev's segments */
	uint64_t *moved; /* owned: by prev's fragments: where in the new */
	uint32_t *name_of; /* owned: by prev's names: name in s */
	struct texts_rev *revs; /* owned */
	struct texts_piece *pieces; /* owned */
	size_t npieces, cap_pieces;
	struct texts_segment *to; /* borrowed; NULL: no new segment */
};

struct texts_span {
	uint32_t first, end; /* in fragments */
};
struct texts_span texts_span(const struct snapshot *s, uint32_t revision);
/* The name's text in prev, NUL-terminated in buf of at least n bytes. */
#define TEXTS_WORD 128
const char *texts_word(
    const struct snapshot *s, uint32_t name, char buf[TEXTS_WORD]);
/* Is that fragment of prev wanted still?  first: of its revision's texts. */
bool texts_old_wanted(const struct texts_job *j, uint32_t fragment, bool first);
/* Do its blocks hold what they should? */
bool texts_old_whole(const struct texts_job *j, uint32_t fragment);
/* prev's fragment for a text, where it is whole; else TEXTS_NONE. */
uint32_t texts_old_find(const struct texts_job *j, uint32_t rev,
    enum fragment_type type, const char *lang, const char *geo);
/* Which revisions lack something, which segments melt. */
int texts_old_plan(struct texts_job *j, struct err *e);
/* What melts goes into the new segment. */
int texts_old_copy(struct texts_job *j, struct err *e);
void texts_old_free(struct texts_job *j);

/* --- texts_block.c: segments, block by block, on worker threads --- */

struct texts_blocks_how {
	const struct snapshot *s; /* borrowed */
	unsigned jobs;
	/* snapshot_check_block(), or snapshot_look_block(). */
	int (*check)(const struct snapshot *s, size_t segment, uint64_t i,
	    const void *p, size_t n, struct err *e);
	/* In order; fault is filled where the block is bad, else NULL. */
	int (*each)(void *arg, uint32_t segment, uint64_t block,
	    const struct err *fault, struct err *e);
	void *arg; /* borrowed */
};
struct texts_blocks;
int texts_blocks_open(
    struct texts_blocks **b, const struct texts_blocks_how *how, struct err *e);
/* All of a segment; fd is borrowed until the flush. */
int texts_blocks_put(
    struct texts_blocks *b, uint32_t segment, int fd, struct err *e);
int texts_blocks_flush(struct texts_blocks *b, struct err *e);
void texts_blocks_close(struct texts_blocks *b);
/* As many as asked for, or as there are processors, but no more than we have
   the memory for. */
unsigned texts_jobs(unsigned asked);
/*
 * Segment i of s.  *fault is filled where there is no such file, or it has
 * another size; *fd then is -1, or what there is.  -1: E_SYS.
 */
int texts_open(const struct snapshot *s, size_t i, int dirfd, int *fd,
    struct err *fault, struct err *e);

/* --- texts_segment.c: a new one --- */

#define TEXTS_NEW "new.seg" /* what it is called until its name is known */
struct texts_segment;
/* dirfd -1: it is hashed only. */
int texts_segment_open(struct texts_segment **g, int dirfd, struct err *e);
int texts_segment_put(
    struct texts_segment *g, const void *p, size_t n, struct err *e);
uint64_t texts_segment_size(const struct texts_segment *g);
/* It has its name, and s has it as the last one. */
int texts_segment_commit(
    struct texts_segment *g, struct snapshot *s, unsigned jobs, struct err *e);
void texts_segment_close(struct texts_segment *g);

/* --- texts_cut.c: a document into texts --- */

/* A fragment that was cut, before it has a place. */
struct texts_cut_text {
	enum fragment_type type;
	bool spare; /* wanted only as there is no better one */
	size_t lang, geo; /* strings: offsets in words */
	uint64_t off; /* in escaped; what went straight: in the segment */
	uint64_t len;
	uint32_t old; /* prev has it, or TEXTS_NONE */
};

struct texts_cut_doc {
	uint32_t rev;
	size_t first, n; /* in texts */
	struct fragment_odd odd;
};

/* How a byte is written. */
struct texts_escape {
	uint8_t text[7], len;
};

/* What one thread cuts with, and what came of a batch. */
struct texts_cut {
	const struct texts_job *j; /* borrowed; read only by workers */
	struct fragment_writer *w; /* owned */
	struct texts_segment *straight; /* borrowed; NULL: nothing is */
	struct texts_cut_doc docs[DOCS_OUT_BATCH];
	struct texts_cut_doc *doc; /* at hand */
	struct buf raw, escaped, words; /* owned */
	struct texts_escape escapes[256];
	struct texts_cut_text *texts; /* owned */
	size_t ntexts, cap_texts;
	uint64_t nstraight; /* bytes of the fragment at hand in the segment */
	size_t preferred; /* string in words: the document's own language */
};

int texts_cut_open(
    struct texts_cut **c, const struct texts_job *j, struct err *e);
/* Of c->doc, which says which revision it is. */
int texts_cut_document(
    struct texts_cut *c, const void *p, size_t n, struct err *e);
const char *texts_cut_word(const struct texts_cut *c, size_t at);
/* What came of a batch. */
void texts_cut_forget(struct texts_cut *c);
void texts_cut_close(struct texts_cut *c);

/* --- texts_docs.c: documents out of the store --- */

/* Of all revisions that lack something. */
int texts_docs_cut(struct texts_job *j, struct err *e);

#endif
