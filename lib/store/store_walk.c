/* SPDX-License-Identifier: ISC */
#include "lib/store/store_walk.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/store/scan.h"

#define TITLES_MAX ((size_t)256 << 20)

/* One that revisions are filed under, by its row. */
struct category {
	int64_t row;
	struct guid id;
	const char *title; /* borrowed from the arena, or NULL */
};

/* A row of rev_category. */
struct filed {
	int kind;
	const struct category *category; /* borrowed */
};

struct store_walk {
	struct scan revs, files, words, filings;
	struct category *categories; /* owned, sorted */
	size_t ncategories, cap_categories;
	struct arena titles;
	int64_t filed_row; /* of the revision whose rows these are; 0: none */
	struct filed *filed; /* owned */
	size_t nfiled, cap_filed;
};

static int
add_category(struct store_walk *w, struct query *q, struct err *e)
{
	const char *title = query_get_str(q, 2);
	struct category *c;

	if (grow(&w->categories, &w->cap_categories, w->ncategories, sizeof(*c),
		e) == -1)
		return -1;
	c = &w->categories[w->ncategories];
	*c = (struct category){.row = sqlite3_column_int64(q->st, 0)};
	(void)query_get_blob(q, 1, c->id.b, sizeof(c->id.b));
	if (title != NULL &&
	    (c->title = arena_strndup(&w->titles, title, strlen(title))) ==
		NULL)
		return err_nomem(e);
	w->ncategories++;
	return 0;
}

int
store_walk_open(struct store_walk **wp, struct store *s, struct err *e)
{
	struct store_walk *w;
	struct query q;
	int r;

	if ((w = *wp = calloc(1, sizeof(*w))) == NULL)
		return err_nomem(e);
	w->titles = (struct arena)ARENA_INIT(TITLES_MAX);
	w->revs = (struct scan){.s = s, .id = SQL_WALK_REVS};
	w->words = (struct scan){.s = s, .id = SQL_WALK_WORDS};
	w->filings = (struct scan){.s = s, .id = SQL_WALK_CATEGORIES};
	w->files = (struct scan){
	    .s = s, .id = SQL_WALK_FILES, .column = STORE_FILE_COLUMNS};
	r = query_open(&q, s, SQL_FILED_UNDER, e);
	while (query_each(&q, &r, e))
		r = add_category(w, &q, e);
	return r;
}

void
store_walk_close(struct store_walk *w)
{
	if (w == NULL)
		return;
	scan_close(&w->revs);
	scan_close(&w->files);
	scan_close(&w->words);
	scan_close(&w->filings);
	arena_free(&w->titles);
	free(w->categories);
	free(w->filed);
	free(w);
}

int
store_walk_rev(
    struct store_walk *w, int64_t row, struct store_rev *r, struct err *e)
{
	int got = scan_to(&w->revs, row, e);

	if (got == 1)
		store_get_rev(&w->revs.q, r);
	else if (got == 0)
		return err_set(e, E_MISSING,
		    "revision in row %" PRId64 ": there is none", row);
	return got == -1 ? -1 : 0;
}

int
store_walk_files(struct store_walk *w, int64_t row,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e)
{
	struct store_file f;
	int r;

	for (r = scan_to(&w->files, row, e); r == 1;
	     r = scan_next(&w->files, e)) {
		store_get_file(&w->files.q, &f);
		if (each(arg, &f, e) == -1)
			return -1;
	}
	return r;
}

int
store_walk_kbs(struct store_walk *w, int64_t row, struct buf *to, struct err *e)
{
	int r;

	buf_reset(to);
	for (r = scan_to(&w->words, row, e); r == 1;
	     r = scan_next(&w->words, e))
		if ((to->len > 0 && buf_put(to, " ", 1, e) == -1) ||
		    buf_puts(to, query_get_text(&w->words.q, 1), e) == -1)
			return -1;
	return r;
}

static int
by_row(const void *key, const void *entry)
{
	int64_t row = *(const int64_t *)key;
	const struct category *c = entry;

	return (row > c->row) - (row < c->row);
}

static int
add_filed(struct store_walk *w, struct query *q, struct err *e)
{
	int64_t row = sqlite3_column_int64(q->st, 2);
	const struct category *c = sort_find(&row, w->categories,
	    w->ncategories, sizeof(*w->categories), by_row);

	if (c == NULL) /* a damaged store, of which verify tells */
		return 0;
	if (grow(&w->filed, &w->cap_filed, w->nfiled, sizeof(*w->filed), e) ==
	    -1)
		return -1;
	w->filed[w->nfiled++] = (struct filed){
	    .kind = sqlite3_column_int(q->st, 1), .category = c};
	return 0;
}

/* Both kinds are read at once. */
static int
read_filed(struct store_walk *w, int64_t row, struct err *e)
{
	int r;

	w->nfiled = 0;
	w->filed_row = 0;
	for (r = scan_to(&w->filings, row, e); r == 1;
	     r = scan_next(&w->filings, e))
		if (add_filed(w, &w->filings.q, e) == -1)
			return -1;
	w->filed_row = row;
	return r;
}

int
store_walk_categories(struct store_walk *w, int64_t row,
    enum category_type kind,
    int (*each)(
	void *arg, const struct guid *id, const char *title, struct err *e),
    void *arg, struct err *e)
{
	if (w->filed_row != row && read_filed(w, row, e) == -1)
		return -1;
	for (size_t i = 0; i < w->nfiled; i++) {
		const struct filed *f = &w->filed[i];

		if (f->kind == (int)kind &&
		    each(arg, &f->category->id, f->category->title, e) == -1)
			return -1;
	}
	return 0;
}
