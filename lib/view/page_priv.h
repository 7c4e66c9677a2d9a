/* SPDX-License-Identifier: ISC */
/* Inside page*.c. */
#ifndef WF_PAGE_PRIV_H
#define WF_PAGE_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view/find.h"
#include "lib/view/page.h"

struct store;
struct store_rev;

/* r of a call that filled the page's error; true: go on. */
bool page_good(struct page *p, int r);
/* Is anything asked for but words? */
bool page_is_filtered(const struct find_ask *a);
void page_form(struct page *p, const struct find *f, const struct find_ask *a);
/* The same in words, for paper: " with ..., state newest". */
void page_asked(struct page *p, const struct find *f, const struct find_ask *a);
/* To another page of the same search. */
void page_ask_link(struct page *p, const struct find_ask *a, uint64_t number,
    const char *label);

/* "KB5000001 KB5000002", or what stands for none. */
void page_kbs(struct page *p, struct store *s, int64_t row, const char *none);
/* Titles of one kind, joined by "; ", at most so many. */
void page_titles(
    struct page *p, struct store *s, int64_t row, bool products, unsigned most);
/* " superseded", " expired" as a tag; nothing of the newest. */
void page_state(struct page *p, bool superseded, const struct store_rev *r);
/* "2026-11-10", or nothing. */
void page_day(struct page *p, const char *created);

#endif
