/* SPDX-License-Identifier: ISC */
/* Stores in folders as tests need them: filled, damaged, looked at. */
#ifndef WF_STORE_RIG_H
#define WF_STORE_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/store/content.h"

struct err;
struct store;

/* A closed store with the rows of make_fill(), in a folder of its own. */
const char *rig_filled(void);
/* One revision more, in a transaction of its own. */
void rig_more(struct store *s);
uint64_t rig_revisions(struct store *s);

/* Statements on its database, by a program that is none of ours. */
void rig_sql(const char *dir, const char *text);
/* By a writer, which knows of them. */
void rig_write(const char *dir, const char *text);

/* The first column of the first row of a query, by a program that is none of
   ours. */
int64_t rig_number(const char *dir, const char *text);
/* A true document, read and packed, into a transaction. */
void rig_put(struct store *s, const char *text);

/* What a check says of it, a fault a line, or why it cannot be opened; until
   the next call. */
const char *rig_faults(const char *dir, bool rebuild, unsigned workers);
/* Its dump_store(); free() it. */
char *rig_dump(const char *dir);

/* A fresh folder with WsusContent and staging. */
struct rig_place {
	int dirfd, staging;
	struct content c;
};
void rig_place_open(struct rig_place *p, struct err *e);
void rig_place_close(struct rig_place *p);

#endif
