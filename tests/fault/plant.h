/* SPDX-License-Identifier: ISC */
/*
 * An upstream with a small catalogue, and a policy of security updates that
 * lists a part of it.
 */
#ifndef WF_PLANT_H
#define WF_PLANT_H

#include <stdbool.h>

#include "tests/fault/house.h"

struct store;

#define PLANT_DEEP 80 /* prerequisites of prerequisites */
enum {
	PLANT_PRODUCT = 1,
	PLANT_SECURITY,
	PLANT_UPDATES,
	PLANT_CHAIN = 100,
	PLANT_NOWHERE = 999
};

/* For the text of plant_put(). */
#define PLANT_IN "<AtLeastOne IsCategory='true'>%G</AtLeastOne>"
#define PLANT_NEEDS(x)                                                         \
	"<Relationships><Prerequisites>" PLANT_IN PLANT_IN x "</"              \
	"Prerequisites>"
#define PLANT_END "</Relationships>"

struct plant {
	const char *base; /* of the upstream */
	char up[HOUSE_PATH], store[HOUSE_PATH], log[HOUSE_PATH];
	char modes[HOUSE_PATH], policy[HOUSE_PATH];
	bool full, quiet,
	    approvals; /* as it is asked for; false by plant_make() */
};
extern struct plant plant;

/* The upstream is started once; the store is gone, the modes are empty. */
void plant_make(void);
void plant_write(const char *path, const char *text);
/* Revision 1 of an update.  rest: what stands behind its properties; %G a
   reference, %R to revision 1. */
void plant_put(
    struct store *s, unsigned id, const char *type, const char *rest, ...);
/* A fetch that ends so. */
void plant_fetch(int status, const char *policy);
/* It asked for so many lists of updates. */
void plant_listed(unsigned want);
bool plant_holds(unsigned id);

#endif
