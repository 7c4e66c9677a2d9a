/* SPDX-License-Identifier: ISC */
/* What lists and the server say of an update. */
#ifndef WF_STORE_SHOW_H
#define WF_STORE_SHOW_H

#include <stdint.h>

#include "formats/update.h"
#include "lib/store/row_set.h"

struct buf;
struct err;
struct json;
struct store;
struct store_file;
struct store_rev;

/* The updates that another one supersedes; in a snapshot. */
int store_show_superseded(struct row_set *to, struct store *s, struct err *e);
/* "newest", "older", "expired", "superseded" */
const char *store_show_state(bool superseded, const struct store_rev *r);

/* Titles of products or classifications, joined by "; ", NUL added; reset
   first. */
int store_show_titles(struct buf *to, struct store *s, int64_t row,
    enum category_type kind, struct err *e);
/* Keys of an object that is begun: id to products.  kbs: a blank between them;
   it is cut up.  titles() puts those of one kind as items. */
int store_show_json(struct json *j, const struct store_rev *r,
    const char *state, char *kbs,
    int (*titles)(
	void *arg, enum category_type kind, struct json *j, struct err *e),
    void *arg, struct err *e);
/* The same, asked of the store.  scratch is overwritten. */
int store_show_update(struct json *j, struct store *s,
    const struct store_rev *r, const char *state, struct buf *scratch,
    struct err *e);
/* "present", "absent", "left out": on purpose, by a policy. */
const char *store_show_file_state(const struct store_file *f);
/* The same for a file: sha1 to name. */
void store_show_file(struct json *j, const struct store_file *f);

#endif
