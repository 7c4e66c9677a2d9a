/* SPDX-License-Identifier: ISC */
/*
 * What the owner of a policy should hear of its lines: they name nothing that
 * is held, or not what he will have meant.  None of it is an error: it may be
 * right tomorrow.
 */
#ifndef WF_CHOOSE_NOTES_H
#define WF_CHOOSE_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/digest.h"

struct err;
struct log;

struct choose_note {
	unsigned line; /* of the policy; 0: of no line */
	const char *key; /* borrowed; NULL: goes on with the note before it */
	const char *text; /* in the arena */
	bool lost; /* the line names nothing held */
};

struct choose_notes {
	struct arena arena; /* owned */
	const char *subject; /* borrowed from the policy */
	struct choose_note *v; /* owned */
	size_t n, cap;
};

#define CHOOSE_NOTES_INIT                                                      \
	{                                                                      \
		.arena = ARENA_INIT((size_t)16 << 20)                          \
	}

int choose_note(struct choose_notes *n, unsigned line, const char *key,
    struct err *e, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* One of a kind of which a policy may have thousands: they are told grouped. */
int choose_note_lost(struct choose_notes *n, unsigned line, const char *key,
    struct err *e, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void choose_notes_free(struct choose_notes *n);

/* All of them as warnings, by line.  Of what a key names and is not held a few
   lines, and how many more; with -v all. */
int choose_notes_tell(struct choose_notes *n, struct log *log, struct err *e);
/* Another one when there is something else to tell. */
int choose_notes_hash(
    struct choose_notes *n, uint8_t sha256[SHA256_LEN], struct err *e);

#endif
