/* SPDX-License-Identifier: ISC */
/* Inside lib/store only: faults found while checking. */
#ifndef WF_CHECK_H
#define WF_CHECK_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/store/store.h"

struct guid;

struct check {
	struct store *s; /* borrowed */
	int (*bad)(void *arg, const char *what, const struct err *fault,
	    struct err *e);
	void *arg;
};

/* A fault as data. */
int check_bad(struct check *c, const char *what, enum err_kind k, struct err *e,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* e is filled: a fault of the data is passed on and cleared, ours is not. */
int check_err(struct check *c, const char *what, struct err *e);
/* "update ID revision N" */
#define CHECK_NAME_MAX 80
void check_name(
    char to[CHECK_NAME_MAX], const struct guid *id, uint32_t revision);

/*
 * Queries that find nothing in a good store.  Columns: the id and revision
 * concerned or nulls, then one value that goes into the sentence, or none.
 */
struct check_rule {
	const char *fault, *sql;
};
int check_rules(
    struct check *c, const struct check_rule *rules, size_t n, struct err *e);

/* sync_check.c: what has not been taken from upstreams yet. */
int sync_check(struct check *c, unsigned jobs, struct err *e);
/* check_rebuild.c: every document, and (derive) all that follows from it. */
int check_docs(struct check *c, bool derive, unsigned jobs, struct err *e);

#endif
