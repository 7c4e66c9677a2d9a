/* SPDX-License-Identifier: ISC */
/*
 * What an offer is made of: the tables of all revisions, each in one pass, in
 * order of arrival.  Strings are borrowed until the callback returns.  In a
 * snapshot.
 */
#ifndef WF_STORE_OFFER_H
#define WF_STORE_OFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/enc.h"

struct err;
struct store;

struct store_offer_rev {
	int64_t row;
	struct guid id;
	uint32_t revision, bytes;
	enum update_type type;
	enum category_type category;
	bool expired, deployable, has_eula;
	struct guid eula;
	const char *title; /* or NULL */
	bool has_time;
	int64_t time; /* of the ledger's row that it came with */
};
int store_offer_revs(struct store *s,
    int (*each)(void *arg, const struct store_offer_rev *r, struct err *e),
    void *arg, struct err *e);

enum store_offer_kind {
	STORE_OFFER_NEEDS, /* prerequisites */
	STORE_OFFER_PARTS, /* bundled revisions */
	STORE_OFFER_REPLACES /* updates that it supersedes */
};
struct store_offer_link {
	int64_t rev;
	bool first; /* it begins a clause: no alternative to the one before */
	bool category; /* STORE_OFFER_NEEDS: IsCategory */
	struct guid id;
	uint32_t revision; /* STORE_OFFER_PARTS */
};
/* By revision, in the order of the document. */
int store_offer_links(struct store *s, enum store_offer_kind k,
    int (*each)(void *arg, const struct store_offer_link *l, struct err *e),
    void *arg, struct err *e);

/* Files that the document names; name: FileName there. */
int store_offer_uses(struct store *s,
    int (*each)(
	void *arg, int64_t rev, int64_t file, const char *name, struct err *e),
    void *arg, struct err *e);

#endif
