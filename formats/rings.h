/* SPDX-License-Identifier: ISC */
/*
 * The ring file: which clients are in which ring, and what each ring is
 * offered.  Text of the same form as a policy, whose keys say what a ring
 * selects; lines before the first ring hold for all.
 */
#ifndef WF_RINGS_H
#define WF_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/policy.h"

struct err;

#define RINGS_MAX 64
#define RINGS_MAX_NAME 32
#define RINGS_MAX_DAYS 36500
#define RINGS_DEFAULT "default" /* the ring of who fits no other */
#define RINGS_NO_DAYS UINT32_MAX

enum rings_action {
	RINGS_NONE,
	RINGS_INSTALL,
	RINGS_OPTIONAL,
	RINGS_UNINSTALL
};

enum rings_watch {
	RINGS_NEWEST, /* all that is not superseded */
	RINGS_COMPLETE, /* of these what is complete */
	RINGS_ALL,
	RINGS_NOTHING
};

/* IPv4 as ::ffff:a.b.c.d, 96 bits more. */
struct rings_network {
	uint8_t addr[16];
	unsigned bits, line;
};

/* What an approve line says of the word in the same place of select.approve. */
struct rings_approve {
	enum rings_action action;
	bool has_by;
	int64_t by; /* UTC seconds: its deadline */
};

struct rings_freeze {
	int64_t first, last; /* days since 1970, both in it */
	unsigned line;
};

/* With what it inherits and what holds for all, but for who is in it. */
struct rings_ring {
	const char *name; /* in select's arena */
	unsigned line;
	int inherits; /* a ring's place, or -1 */
	/* product ... decline; select.decline and .approve are the ring's */
	struct policy select; /* owned */
	struct rings_approve *approve; /* as many as select.approve.n */
	struct policy_words clients, groups; /* patterns; names */
	struct policy_words eulas; /* KB numbers and ids */
	bool all_eulas;
	struct rings_network *networks;
	size_t nnetworks;
	struct rings_freeze *freezes;
	size_t nfreezes;
	const char *upstream; /* approve-upstream, or NULL */
	const char *list; /* approve-list: a name beside the file, or NULL */
	enum rings_action action; /* by itself, or as approve-list has it */
	enum rings_watch watch;
	uint32_t delay; /* days */
	uint32_t deadline; /* days, or RINGS_NO_DAYS */
	uint32_t deadline_s; /* seconds of that day */
	unsigned seen[16]; /* the lines of keys of one value: rings_read.c */
};

struct rings {
	struct rings_ring *v; /* owned; in the order of the file */
	size_t n;
	struct rings_ring all; /* what stands before the first */
	struct policy_words texts; /* languages; in all's arena; empty: all */
};

#define RINGS_INIT                                                             \
	{                                                                      \
		.v = NULL, .all = {.select = POLICY_INIT }                     \
	}

/*
 * r: RINGS_INIT.  Errors: E_FORMAT with line and column, what was found and
 * expected, and the nearest word; E_LIMIT, E_SYS.
 * Owns: everything in r; rings_free(), also after a failure.
 */
int rings_read(struct rings *r, const void *text, size_t n, struct err *e);
void rings_free(struct rings *r);
/* Behind the others, where none is called RINGS_DEFAULT, the one that is built
   in: no line of the file holds for it.  r: as read, or RINGS_INIT. */
int rings_default(struct rings *r, struct err *e);

/* Does it select anything at all?  Only then does its action count. */
bool rings_selects(const struct rings_ring *ring);
const char *rings_action_word(enum rings_action a); /* "install" */

/*
 * What approve-list names: the first column, separated by ',' ';' or TAB; a
 * first row without a KB number or id is a heading.  a: where the words go.
 */
int rings_list_read(struct policy_words *words, struct arena *a,
    const void *text, size_t n, struct err *e);

#endif
