/* SPDX-License-Identifier: ISC */
/* Stores with true documents, ring files, and builds of offers from them. */
#ifndef WF_OFFER_MAKE_H
#define WF_OFFER_MAKE_H

#include <stdint.h>

#include "formats/snapshot.h"
#include "lib/offer/offer.h"
#include "tests/store_make.h"

/* Numbers of the categories. */
enum { OM_PRODUCT = 1, OM_SECURITY, OM_OTHER };

#define OM_DAY 86400
#define OM_NOW (20000 * (int64_t)OM_DAY)

struct offer_rig {
	char dir[300]; /* the store */
	char rings[320]; /* the ring file */
	char now[24];
	struct offer_opts o; /* of the next run */
	char said[65536]; /* stdout and stderr of the last one */
	int status; /* exit status */
};

/* A store with the categories; what is written of rings, or NULL. */
void om_setup(struct offer_rig *r, const char *rings);
void om_rings(struct offer_rig *r, const char *text);
void om_at(struct offer_rig *r, int64_t now);
/* The store, for puts; om_end() derives, commits, closes. */
struct store *om_begin(struct offer_rig *r);
void om_end(struct store *s);

/* An update that is offered by itself, in the product and classification, with
   KB number 5000000 + id and the title "update ID". */
void om_update(struct make *m, unsigned id, uint32_t revision);
/* As a document of its own, with all that m says. */
void om_put(struct store *s, const struct make *m);
/* The same in one go: an update with a file of the content "payload of ID",
   which is here, or not. */
void om_one(struct offer_rig *r, unsigned id, uint32_t revision, bool here);

/* offer_run(); its result, and the exit status of all it said. */
int om_run(struct offer_rig *r);
/* The same with these options alone: "yes dry rollback check diff". */
int om_do(struct offer_rig *r, const char *flags);

/* Three updates under those rings: 10 is here, 11 is not, 12 is a bundle of 13,
   which is. */
#define OM_PILOT                                                               \
	"ring = pilot\nproduct = Windows 11\n"                                 \
	"classification = Security Updates\naction = install\n"
void om_world(struct offer_rig *r, const char *rings);
/* om_do() has that result. */
void om_builds_at(struct offer_rig *r, const char *flags, int want,
    const char *file, int line);
#define om_builds(r, flags, want)                                              \
	om_builds_at(r, flags, want, __FILE__, __LINE__)
/* The last run said that. */
void om_said_at(
    const struct offer_rig *r, const char *text, const char *file, int line);
#define om_said(r, text) om_said_at(r, text, __FILE__, __LINE__)

/* What `current` names, read whole; snapshot_free(). */
void om_current(const struct offer_rig *r, struct snapshot *s);
uint32_t om_generation(const struct offer_rig *r); /* 0: there is none */
/* "install", "watch delay", "-": not in that ring. */
const char *om_says(const struct snapshot *s, const char *ring, unsigned id);
const struct snapshot_offer *om_offer(
    const struct snapshot *s, const char *ring, unsigned id);
/* The id that clients know an update by in it, or 0. */
uint32_t om_id(const struct snapshot *s, unsigned id);
/* Names in the offer folder, sorted, a blank behind each; free() it. */
char *om_files(const struct offer_rig *r, const char *folder);

#endif
