/* SPDX-License-Identifier: ISC */
/*
 * Lists for scripts, of one snapshot of the store, made portion by portion,
 * each of them a few milliseconds' work: index.json, one JSON document with all
 * updates and files; updates.csv, what `wsusferry-list --csv updates` prints.
 */
#ifndef WF_INDEX_H
#define WF_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/csv.h"
#include "lib/base/digest.h"
#include "lib/base/json.h"
#include "lib/store/lacking.h"

struct content;
struct err;
struct store;

enum index_kind { INDEX_JSON, INDEX_CSV };
#define INDEX_KINDS 2
enum index_phase { INDEX_HEAD, INDEX_UPDATES, INDEX_FILES, INDEX_DONE };

struct index {
	enum index_kind kind;
	struct store *store; /* borrowed; begun */
	struct content *content; /* borrowed */
	enum index_phase phase;
	struct lacking lacking;
	int64_t last; /* row of the last update written */
	uint8_t sha1[SHA1_LEN]; /* of the last file written */
	unsigned n; /* of this portion */
	bool begun; /* something stands in the list: a comma first */
	bool any; /* a file was written */
	uint64_t lost; /* over files that are called present, and are not */
	/* Titles of categories, each looked up once: where that of a row begins
	   in titles, plus 1. */
	uint32_t *at; /* owned */
	size_t nat;
	struct buf titles;
	struct json json;
	struct csv csv;
	struct buf out, scratch, names;
};

/* "index.json", "updates.csv" */
const char *index_name(enum index_kind k);
/* Zeroed before; index_free() also after a failure.  CSV looks at no file and
   at no lacking. */
int index_begin(struct index *x, enum index_kind k, struct store *s,
    struct content *c, const struct lacking *l, struct err *e);
/* The next portion, in x->out. */
int index_more(struct index *x, struct err *e);
void index_free(struct index *x);

#endif
