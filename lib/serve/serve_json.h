/* SPDX-License-Identifier: ISC */
/*
 * The index for scripts: one JSON document of one snapshot of the store, made
 * portion by portion, each of them a few milliseconds' work.
 */
#ifndef WF_SERVE_JSON_H
#define WF_SERVE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/json.h"
#include "lib/store/lacking.h"

struct content;
struct err;
struct store;

enum serve_json_phase {
	SERVE_JSON_HEAD,
	SERVE_JSON_UPDATES,
	SERVE_JSON_FILES,
	SERVE_JSON_DONE
};

struct serve_json {
	struct store *store; /* borrowed; begun */
	struct content *content; /* borrowed */
	enum serve_json_phase phase;
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
	struct buf out, scratch;
};

/* Zeroed before; serve_json_free() also after a failure. */
int serve_json_begin(struct serve_json *x, struct store *s, struct content *c,
    const struct lacking *l, struct err *e);
/* The next portion, in x->out. */
int serve_json_more(struct serve_json *x, struct err *e);
void serve_json_free(struct serve_json *x);

#endif
