/* SPDX-License-Identifier: ISC */
/*
 * Inside lib/store only: every revision held as an array of small numbers, for
 * what must look at all of them at once.
 */
#ifndef WF_GRAPH_H
#define WF_GRAPH_H

#include <stdint.h>

#include "lib/base/enc.h"
#include "lib/store/nums.h"

struct err;
struct store;

#define GRAPH_MAX_REVS ((uint32_t)1 << 28)
#define GRAPH_NONE UINT32_MAX
#define GRAPH_BUCKETS 65536

struct graph_rev {
	int64_t row;
	uint32_t revision, bytes, units;
	uint32_t id; /* index into ids */
	uint8_t type, category;
};

struct graph_id {
	struct guid guid;
	uint32_t start; /* into by_id; ends where the next one starts */
	uint32_t first; /* of its revisions: the earliest arrival */
};

struct graph {
	struct graph_rev *revs; /* owned; in arrival order */
	struct graph_id *ids; /* owned; by guid, and one more as the end */
	uint32_t *by_id; /* owned; indexes of revs: by id, then revision */
	uint32_t *buckets; /* owned; by the first two bytes: the first id */
	uint32_t nrevs, nids;
};

#define GRAPH_INIT                                                             \
	{                                                                      \
		.revs = NULL, .ids = NULL, .by_id = NULL, .buckets = NULL      \
	}

int graph_load(struct graph *g, struct store *s, struct err *e);
void graph_free(struct graph *g);
/* The index of an id, of an exact revision, or GRAPH_NONE. */
uint32_t graph_find(const struct graph *g, const struct guid *id);
uint32_t graph_find_rev(
    const struct graph *g, const struct guid *id, uint32_t revision);
uint32_t graph_newest(const struct graph *g, uint32_t id);
/* The revision of that row, or GRAPH_NONE. */
uint32_t graph_row(const struct graph *g, int64_t row);
/* For a scan ordered by rev: moves *at on to the revision of that row. */
int graph_seek(const struct graph *g, uint32_t *at, int64_t row, struct err *e);

#endif
