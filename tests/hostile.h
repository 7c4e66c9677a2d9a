/* SPDX-License-Identifier: ISC */
/*
 * The hostile suite: one table of named transfers and receipts that lie, and of
 * what wsusferry-verify, wsusferry-import and tests/second_reader.py make of
 * each.  A row says how it is made, what the programs end with and say; that
 * import leaves the store as it was is looked at behind every row that is not
 * taken.  The rows stand in hostile_*.c by what they bend; one more group is
 * one more line in hostile_test.c.
 *
 *	{"label-format-2", HOSTILE_MADE, hostile_label, "Wsusferry-Format",
 *	    "2", NULL, 3, "needs a newer wsusferry", 0, HOSTILE_SAME},
 *
 * A row of a kind of its own has a function of its own: it is called at the
 * stage that the row names and bends h->s, or what stands at h->paths; one that
 * writes something else there (two media, a tar) says so by h->written.
 *
 * In this process by default, so that sanitizers see it; with
 * WF_PROGRAMS=FOLDER by the programs there, and each n-th row only with
 * WF_EACH=n.  Arguments of the test: names of rows.
 *
 * Not here: lines of tag files and of state.jsonl by themselves (bag_test,
 * bag_info_test, state_test), media over several runs (media_test), genuine
 * packages (take_test), the order of transfers (sequence_test), what a receipt
 * leads to (receipt_in_test).
 */
#ifndef WF_HOSTILE_H
#define WF_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/stick.h"
#include "tests/stick_run.h"

#define HOSTILE_PATHS 6
#define HOSTILE_PATH 600
#define HOSTILE_GOOD                                                           \
	10 /* the stick lacks a file that nobody has, and says so */
#define HOSTILE_UNASKED (-1) /* of the second reader */

/* What the function of a row finds: the stick as it was made; with its lists,
   and then the tag manifest is made and signed anew; all of it sealed; that as
   it stands in its folder. */
enum hostile_when {
	HOSTILE_MADE,
	HOSTILE_LISTED,
	HOSTILE_SEALED,
	HOSTILE_WRITTEN
};

/* What import leaves of the store: all as it was; that but for media that wait
   in staging; no matter: a fresh store takes it. */
enum hostile_end { HOSTILE_SAME, HOSTILE_KEPT, HOSTILE_TAKEN };

struct hostile_row;

struct hostile {
	const struct hostile_row *row;
	struct stick s; /* sequence 7 of an origin of which far has 3 and 5 */
	char paths[HOSTILE_PATHS][HOSTILE_PATH]; /* what both are given */
	size_t npaths; /* 1: the folder of s */
	bool written; /* it stands there already */
	bool keyless; /* no key is known to either */
	const char *receipt; /* a receipt in place of a transfer; or NULL */
	const char *destination; /* for it; or NULL */
	/* Called before each program; then, when the row is over, with NULL. */
	void (*before)(struct hostile *h);
};

struct hostile_row {
	const char *name; /* one of its kind in the whole table */
	enum hostile_when when;
	void (*bend)(struct hostile *h); /* NULL: nothing */
	const char *a, *b, *c; /* for that */
	int status; /* of verify and of import */
	const char *says; /* both say that; "!text": neither does; or NULL */
	/* Of the second reader, of the first path; 0: the same; it reads neither
	   packages nor stores. */
	int second;
	enum hostile_end end;
};

/* Two stores, one that imported 3 and 5 of the origin, one that exported 1 to
   3; keys that are trusted for transfers (stick_home), for receipts of the one
   and of other stores, for nothing any more, and by nobody. */
struct hostile_home {
	char far[HOSTILE_PATH], fresh[HOSTILE_PATH], near[HOSTILE_PATH];
	struct sign_sec receipts, second, revoked, stranger;
	char tag[8][2 * 32 + 1]; /* of 3 and 5: their identities, in hex */
};
const struct hostile_home *hostile_home(void);
/* Is a store as it was: its database, and names, modes and bytes of its files,
   but for logs?  Where it is not, that fails, and both are restored. */
void hostile_unchanged(const char *store);

/* Functions for rows.  By a, b and c: */
void hostile_label(struct hostile *h); /* a: b, or without that label */
void hostile_put(struct hostile *h); /* a file a with the text b */
void hostile_stray(struct hostile *h); /* that no manifest names */
void hostile_drop(struct hostile *h); /* no file a */
void hostile_gone(struct hostile *h); /* a declared, and not there */
void hostile_swap(struct hostile *h); /* in a, b becomes c */
void hostile_rename(struct hostile *h); /* a is called b */
/* Of what lies in the folder; a may be "payload", the first such file. */
void hostile_flip(
    struct hostile *h); /* a: the byte at b, from the end if < 0 */
void hostile_grow(struct hostile *h); /* a: b is appended */
void hostile_length(struct hostile *h); /* a: b bytes long, sparse */
void hostile_link(struct hostile *h); /* a: a link to b */
void hostile_node(struct hostile *h); /* a: fifo, socket, folder, device (b) */

/* A number in decimal, as rows have them. */
long long hostile_number(const char *text);
/* The path of a file of the row's folder; the next call takes it again. */
const char *hostile_at(const struct hostile *h, const char *name);

/* Each row becomes a test of tests/t.h. */
void hostile_add(const struct hostile_row *rows, size_t n);

/* Those of tests/tarlie.h. */
void hostile_add_tars(void);

#define HOSTILE_GROUPS(X)                                                      \
	X(hostile_form)                                                        \
	X(hostile_files)                                                       \
	X(hostile_payload)                                                     \
	X(hostile_signed)                                                      \
	X(hostile_package)                                                     \
	X(hostile_turn)                                                        \
	X(hostile_media)                                                       \
	X(hostile_parts)                                                       \
	X(hostile_with)                                                        \
	X(hostile_receipt)
#define HOSTILE_GROUP(name)                                                    \
	extern const struct hostile_row name[];                                \
	extern const size_t name##_rows;
HOSTILE_GROUPS(HOSTILE_GROUP)

#endif
