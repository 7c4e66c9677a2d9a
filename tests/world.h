/* SPDX-License-Identifier: ISC */
/*
 * A store of random revisions and payload, and what it lacks by nothing but how
 * it was made.
 */
#ifndef WF_WORLD_H
#define WF_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/store/lacking.h"

#define WORLD_UPDATES 9 /* ids 1 to 9; what has a higher one nobody holds */
#define WORLD_IDS 12
#define WORLD_FILES 8
#define WORLD_PARTS 4 /* of each kind, at most */

enum world_fate { HERE, ABSENT, LEFT_OUT, LOST, SHORT, LONG, FATES };

struct world_node {
	unsigned needs[WORLD_PARTS], nneeds; /* plain ones */
	unsigned among[2][WORLD_PARTS], namong[2]; /* alternatives */
	struct {
		unsigned id;
		uint32_t revision;
	} bundles[WORLD_PARTS];
	unsigned nbundles;
	bool files[WORLD_FILES], approved;
};

struct world {
	const char *dir; /* of the store */
	const char *policy, *key; /* files */
	struct world_node u[WORLD_UPDATES + 1]; /* from 1 */
	enum world_fate fates[WORLD_FILES];
	bool named[WORLD_FILES];
	bool wanted[WORLD_FILES]; /* by the policy */
};

/* In a tenth of all rounds nothing is wrong, in a third nothing is damaged. */
void world_draw(struct world *w, unsigned round);
/* The store into w->dir, the policy into its file. */
void world_put(const struct world *w);
/* By its policy, or by the marks; noted: a fetch was there. */
struct lacking world_lacks(const struct world *w, bool policy, bool noted);
/* Is there a file that has another size? */
bool world_has_wrong(const struct world *w);

#endif
