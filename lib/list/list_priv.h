/* SPDX-License-Identifier: ISC */
/* Inside list*.c: a row goes out as text, CSV or JSON. */
#ifndef WF_LIST_PRIV_H
#define WF_LIST_PRIV_H

#include <stdint.h>

#include "formats/receipt.h"
#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/base/csv.h"
#include "lib/list/list.h"
#include "lib/store/content.h"
#include "lib/store/store_show.h"

struct err;
struct store;

struct ledger_row;
struct store_file;

struct list {
	const struct list_opts *o; /* borrowed */
	struct store *store; /* owned */
	struct json json;
	struct csv csv;
	struct buf text, shown, names, products, kbs;
	struct buf gather; /* CSV that is not written yet */
	struct row_set superseded;
	struct row_set withdrawn; /* owned */
	uint64_t count, damaged;
	const struct snapshot *offered; /* borrowed, by list_show(); or NULL */
	struct content content; /* owned: of the store */
	struct ledger_row *came; /* owned: the ledger, by row */
	size_t ncame, capcame;
	int64_t since; /* arrived: UTC seconds */
};

/* A line of text in aligned columns: width 0 for the last one. */
int list_cell(struct list *l, unsigned width, const char *v, struct err *e);
int list_cell_num(struct list *l, unsigned width, uint64_t v, struct err *e);
/* The line is complete: cut it where it is too long, and print. */
int list_line(struct list *l, struct err *e);
/* The JSON object of one row. */
int list_object(struct list *l, struct err *e);
/* A row stands in gather. */
int list_csv_flush(struct list *l, struct err *e);
/* Instead of csv_end(). */
int list_csv_end(struct list *l, struct err *e);
int list_csv_head(struct list *l, const char *const *names, struct err *e);

/* list_files.c: a file as it is now, whatever its row says: f->present, and the
   word for its state. */
int list_file_look(
    struct list *l, struct store_file *f, const char **state, struct err *e);
/* A row of the list of files; arg is the list. */
int list_file(void *arg, const struct store_file *row, struct err *e);
int list_file_json(struct list *l, const struct store_file *f,
    const char *state, struct err *e);

/* list_arrived.c: the ledger into l->came; what a revision came with, or
   NULL. */
int list_came_load(struct list *l, struct err *e);
struct store_rev;
const struct ledger_row *list_came(
    const struct list *l, const struct store_rev *r);
/* A day or a time; E_USAGE. */
int list_since(int64_t *t, const char *text, struct err *e);
/* list_transfers.c: "import", "fetch" ... */
const char *list_kind(const struct ledger_row *r);

int list_arrived(struct list *l, struct err *e);
int list_updates(struct list *l, struct err *e);
int list_categories(struct list *l, struct err *e);
int list_policy_lines(struct list *l, struct err *e);
int list_files(struct list *l, struct err *e);
int list_lacking(struct list *l, struct err *e);
int list_offers(struct list *l, struct err *e);
int list_transfers(struct list *l, struct err *e);
int list_wanted(struct list *l, struct err *e);
/* Those of them that are still not here; with a store. */
int list_wanted_count(struct list *l, uint64_t *n, struct err *e);
int list_receipt(struct list *l, struct err *e);
/* What is offered of one update, ring by ring. */
struct snapshot;
struct snapshot_offer;
int list_offers_each(const struct snapshot *s, const struct guid *id,
    int (*each)(void *arg, const char *ring, const struct snapshot_offer *o,
	struct err *e),
    void *arg, struct err *e);
int list_show(struct list *l, struct err *e);
int list_status(struct list *l, struct err *e);
/* list_qr.c: in lines of half blocks, or of SVG. */
int list_qr(struct list *l, const uint8_t record[RECEIPT_BYTES], bool svg,
    struct err *e);

#endif
