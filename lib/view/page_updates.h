/* SPDX-License-Identifier: ISC */
/* Lists of updates, with the search for them. */
#ifndef WF_PAGE_UPDATES_H
#define WF_PAGE_UPDATES_H

#include "lib/view/find.h"
#include "lib/view/page.h"

struct content;
struct store;

#define PAGE_UPDATES_MAX 100 /* on a page */

struct page_updates {
	struct store *store; /* borrowed, as all here; in a snapshot */
	const struct find *find; /* of the same; NULL: no search, no filters */
	const struct find_ask *ask; /* or NULL */
	const struct find_hit *hits;
	unsigned nhits;
	uint64_t found, number, pages; /* number: from 1 */
	/* A tree of files: other pages are files, and payload has links; what
	   is here, content says. */
	bool still;
	struct content *content;
};

/* From the heading to the way to other pages; page_begin() stands in front. */
void page_updates(struct page *p, const struct page_updates *u);

/* "page-0002.html", of a tree; the first is index.html. */
#define PAGE_FILE_MAX 40
void page_updates_file(char to[PAGE_FILE_MAX], uint64_t number);

#endif
