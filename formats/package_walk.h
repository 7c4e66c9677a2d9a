/* SPDX-License-Identifier: ISC */
/*
 * The grammar of package.xml, shared by its two forms: alone in the cabinet
 * (package_index.c) and with the documents inside (package_gz.c).  Private to
 * formats/package_*.c.
 */
#ifndef WF_PACKAGE_WALK_H
#define WF_PACKAGE_WALK_H

#include "formats/package.h"
#include "formats/xml.h"
#include "lib/base/buf.h"

enum package_place {
	PLACE_OUTSIDE,
	PLACE_ROOT,
	PLACE_LANGUAGES,
	PLACE_FILES,
	PLACE_UPDATES,
	PLACE_UPDATE,
	PLACE_DIGESTS, /* Files of one Update */
	PLACE_CATEGORIES,
	PLACE_CLASSES,
	PLACE_METADATA, /* only with the documents inside */
	PLACE_LEAF
};

#define PACKAGE_WALK_DEPTH 5 /* of the deepest element that we know */

struct package_walk {
	struct package_index_handler h;
	void *arg;
	struct package_limits lim;
	bool inside; /* documents inside; names matched without case */
	enum package_place at[PACKAGE_WALK_DEPTH + 1]; /* by depth */
	unsigned skip; /* depth of the unknown element being ignored, or 0 */
	unsigned sections, lists; /* bits: seen in the root, in the Update */
	uint64_t nlangs, nfiles, nupdates, nskipped;
	struct package_update up; /* what is being gathered */
	uint8_t (*digests)[SHA1_LEN]; /* owned */
	struct guid *categories, *classes; /* owned */
	size_t cap_digests, cap_categories, cap_classes;
	struct buf url, name;
};

void package_walk_init(struct package_walk *w,
    const struct package_index_handler *h, void *arg,
    const struct package_limits *lim);
/* What the XML reader must let through. */
void package_walk_limits(const struct package_walk *w, struct xml_limits *x);
int package_walk_start(
    struct package_walk *w, const struct xml_elem *el, struct err *e);
int package_walk_end(
    struct package_walk *w, const struct xml_elem *el, struct err *e);
/* The place whose start was the last, or whose end is to come. */
enum package_place package_walk_place(
    const struct package_walk *w, const struct xml_elem *el);
void package_walk_release(struct package_walk *w);

#endif
