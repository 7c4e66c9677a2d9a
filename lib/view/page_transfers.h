/* SPDX-License-Identifier: ISC */
/* The ledger, and one row of it. */
#ifndef WF_PAGE_TRANSFERS_H
#define WF_PAGE_TRANSFERS_H

#include <stdint.h>

#include "lib/view/page.h"

struct err;
struct ledger_row;
struct store;

/* From the heading on; in a snapshot. */
void page_transfers(struct page *p, struct store *s);
void page_transfer(struct page *p, const struct ledger_row *r);
/* By its row: 1, 0 there is none, -1. */
int page_transfer_find(
    struct store *s, int64_t row, struct ledger_row *r, struct err *e);

#endif
