/* SPDX-License-Identifier: ISC */
/* A small catalogue, and policies applied to it. */
#ifndef WF_CHOOSE_MAKE_H
#define WF_CHOOSE_MAKE_H

#include <stdint.h>

#include "formats/update.h"
#include "lib/choose/choose.h"

struct make;
struct store;

#define CHOOSE_NOW 1800000000 /* 2027-01-15 */

/* Numbers of the categories. */
enum {
	CM_MICROSOFT = 1, /* company */
	CM_WINDOWS, /* family, beneath it */
	CM_WIN10, /* products, beneath the family */
	CM_WIN11,
	CM_DEFENDER, /* product, beneath the company */
	CM_SECURITY, /* classifications */
	CM_DEFINITIONS,
	CM_FIRST = 100 /* updates */
};

/* A store in memory with those categories, in a writer's transaction. */
struct store *choose_store(void);
struct store *choose_store_in(const char *dir);
/* Beneath another; above 0: beneath none. */
void choose_category(struct store *s, unsigned id, enum category_type type,
    const char *title, unsigned above);
/* An update that is offered by itself, in a product and a classification
   (0: none). */
void choose_offer(struct make *m, unsigned id, const char *title,
    unsigned product, unsigned classification);
/* One that is not, and has a file of that content. */
void choose_part(struct make *m, unsigned id, const char *content);

/* A policy applied: its lines; what the log said, in choose_said. */
struct applied {
	struct policy policy;
	struct choose c;
};
extern char choose_said[4096];
/* What a call said, there too; what it returned. */
int choose_quietly(
    int (*call)(void *arg, struct err *e), void *arg, struct err *e);
/* -1: choose_error says why. */
int choose_apply(struct applied *a, struct store *s, const char *text);
extern char choose_error[512];
void choose_done(struct applied *a);

/* "in", "age: the sentence" of the newest revision of an update; until the
   next call. */
const char *choose_says(struct applied *a, unsigned id);
/* The numbers of the updates that are in, each with a blank behind it. */
const char *choose_ins(struct store *s, const char *policy);

#endif
