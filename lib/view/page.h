/* SPDX-License-Identifier: ISC */
/*
 * HTML for people.  What is not ours goes through page_text(), which leaves no
 * character that means anything in HTML; ours through page_put() and
 * page_printf().  No script, nothing from elsewhere.
 *
 * Failures are sticky and reported by page_end(), so that a page reads as one
 * sentence.
 */
#ifndef WF_PAGE_H
#define WF_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

struct err;
struct find;
struct find_ask;
struct find_facet;

#define PAGE_BYTES_MAX ((size_t)32 << 20)

struct page {
	struct buf out;
	const char *root; /* borrowed: from this page to the first: "", "../" */
	struct err *e; /* borrowed */
	bool bad;
};

/* err: filled by whatever fails. */
void page_init(struct page *p, const char *root, struct err *e);
void page_put(struct page *p, const char *html);
void page_printf(struct page *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Text, or the value of an attribute within double quotes; "" for NULL. */
void page_text(struct page *p, const char *s);
void page_textn(struct page *p, const char *s, size_t n);
/* A value within a query, percent-encoded. */
void page_query(struct page *p, const char *s);
/* The same with these words, in small letters, marked. */
void page_marked(
    struct page *p, const char *s, const char *const *words, unsigned nwords);
/* 0, or -1 where anything failed; the bytes stay in out. */
int page_end(struct page *p);
void page_free(struct page *p);

/* Which of the pages that each one leads to it is. */
enum page_place { PAGE_UPDATES, PAGE_TRANSFERS, PAGE_ELSEWHERE };

/*
 * All in front of what a page is about: title (text), site (text), the line on
 * the state of all (text, or NULL), and, of a server, the way to transfers.
 */
struct page_head {
	const char *title, *site, *status;
	enum page_place place;
	bool still; /* a tree of files: no search, no transfers */
	bool with; /* something was brought along */
};
void page_begin(struct page *p, const struct page_head *h);
void page_finish(struct page *p);

/* A short page that says what and why, in one paragraph each; why is text. */
void page_message(struct page *p, const struct page_head *h, const char *what,
    const char *why, const char *next);

#endif
