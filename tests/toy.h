/* SPDX-License-Identifier: ISC */
/*
 * Small catalogues full of what is rare in real ones, ring files for them, and
 * the same as facts.
 */
#ifndef WF_TOY_H
#define WF_TOY_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/rings.h"
#include "lib/offer/decide.h"
#include "lib/offer/facts.h"

#define TOY_IDS 12 /* UpdateIDs 1 to 12 */
#define TOY_REVS 30
#define TOY_FILES 10
#define TOY_FEW 3 /* of each kind, at most */
#define TOY_RINGS 4 /* and default */
#define TOY_KBS 6
#define TOY_EULAS 3
#define TOY_DAY 20000 /* since 1970, at the beginning */

struct toy_rev {
	unsigned id;
	uint32_t revision;
	enum update_type type;
	bool deployable, expired;
	unsigned eula; /* 0: none */
	unsigned kb; /* 0: none */
	uint32_t arrived;
	unsigned clauses[TOY_FEW][TOY_FEW], nclause[TOY_FEW], nclauses;
	struct {
		unsigned id;
		uint32_t revision;
	} parts[TOY_FEW][TOY_FEW];
	unsigned npart[TOY_FEW], nparts;
	unsigned supersedes[TOY_FEW], nsupersedes;
	unsigned files[TOY_FEW], nfiles;
};

struct toy_file {
	bool present, sha256, left_out;
};

struct toy {
	struct toy_rev revs[TOY_REVS];
	unsigned nrevs;
	/* As in a store: what is held stays as it is; what a document says of a
	   file does not change, nor does the day of the import. */
	bool lasts;
	struct toy_file files[TOY_FILES];
	int64_t now;
	/* By ring and id: its selection lines; what the upstream says. */
	bool selected[TOY_RINGS + 1][TOY_IDS + 1];
	struct {
		bool known, declined, has_by;
		enum rings_action action;
		int64_t by;
	} upstream[TOY_RINGS + 1][TOY_IDS + 1];
};

void toy_begin(struct toy *w, bool lasts);
/* What an import, a day, an administrator change. */
void toy_go_on(struct toy *w);
/* A ring file that can be read; size: of to. */
void toy_rings(char *to, size_t size);

void toy_guid(struct guid *g, unsigned id);
void toy_eula(struct guid *g, unsigned eula);
void toy_sha1(uint8_t sha1[SHA1_LEN], unsigned file);
/* facts_free(). */
int toy_facts(struct facts *f, const struct toy *w, struct err *e);

#endif
