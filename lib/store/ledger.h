/* SPDX-License-Identifier: ISC */
/*
 * The ledger: the store's record of transfers.  Invariant 4: a row "imported"
 * implies that everything of the transfer is visible; a number never names two
 * published transfers.
 */
#ifndef WF_LEDGER_H
#define WF_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"

struct err;
struct store;

enum ledger_kind {
	LEDGER_EXPORT = 1,
	LEDGER_IMPORT = 2,
	LEDGER_PACKAGE = 3, /* a genuine one, unsigned */
	LEDGER_FETCH = 4 /* documents that an upstream sent */
};
enum ledger_state { LEDGER_OPEN = 1, LEDGER_WRITTEN = 2, LEDGER_IMPORTED = 3 };

#define LEDGER_REASON_MAX 200 /* bytes */
#define LEDGER_HEAD 16 /* bytes of a SHA-256 */

struct ledger_row {
	int64_t row;
	enum ledger_kind kind;
	enum ledger_state state;
	struct guid origin;
	char site[33];
	char destination[65];
	uint64_t sequence, base; /* 0 for packages; base 0: full */
	uint8_t selection[SHA256_LEN];
	/* SHA-256 of the tag manifest (of a package: of all its cabinets). */
	uint8_t tag[SHA256_LEN];
	bool has_tag;
	char key[17]; /* signer's key id, or "" */
	char where[256]; /* name of the folder or package, last component */
	int64_t time; /* of the last change of state */
	/* In its packages; payload beside them; all beneath data/.  Of a genuine
	   package: what was new. */
	uint64_t revisions, files, bytes;
	/* Since schema 6; "" and false before. */
	char target[33]; /* of an export: the destination's name, or "" */
	char reason[LEDGER_REASON_MAX + 1]; /* why, in a person's words */
	char gate[65]; /* of an import: the scanner's verdict; "": none was */
	uint8_t head[LEDGER_HEAD]; /* of ledger.tsv with this one's line */
	bool has_head;
};

int ledger_add(struct store *s, struct ledger_row *r, struct err *e); /* row */
int ledger_update(struct store *s, const struct ledger_row *r, struct err *e);
/* The last of our exports; 1 found, 0 none, -1. */
int ledger_last_export(struct store *s, struct ledger_row *r, struct err *e);
/* The import with that tag digest; the highest sequence from an origin, since a
   fork of it was taken. */
int ledger_find(struct store *s, enum ledger_kind k,
    const uint8_t tag[SHA256_LEN], struct ledger_row *r, struct err *e);
int ledger_last_import(struct store *s, const struct guid *origin,
    struct ledger_row *r, struct err *e);
/* The import of that number from an origin. */
int ledger_find_import(struct store *s, const struct guid *origin,
    uint64_t sequence, struct ledger_row *r, struct err *e);
int ledger_each(struct store *s,
    int (*each)(void *arg, const struct ledger_row *r, struct err *e),
    void *arg, struct err *e);

#endif
