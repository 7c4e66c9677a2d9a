/* SPDX-License-Identifier: ISC */
/* What is searched, out of the rows of a store. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/store/gone.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"
#include "lib/view/find_priv.h"

struct make {
	struct find *f;
	struct store *store;
	const struct gone *gone; /* or NULL */
	struct buf title;
};

/* In small letters, up to its end. */
static int
put_small(struct buf *b, const char *s, struct err *e)
{
	size_t i, n = strlen(s);
	uint8_t *p = buf_reserve(b, n, e);

	if (p == NULL)
		return -1;
	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] + 'a' - 'A'
							    : s[i]);
	b->len += n;
	return 0;
}

static int
end_text(struct buf *b, struct err *e)
{
	if (b->len >= UINT32_MAX - 1)
		return err_set(e, E_LIMIT, "too much text to search");
	return buf_put(b, "", 1, e);
}

static int
add_file(void *arg, const struct store_file *row, struct err *e)
{
	struct make *m = arg;
	struct find *f = m->f;
	struct find_file *x;
	size_t want = (size_t)row->row + 1;

	/* One behind it, too: where the next name begins. */
	while (f->nfiles < want) {
		if (grow(&f->files, &f->files_cap, f->nfiles, sizeof(*f->files),
			e) == -1)
			return -1;
		f->files[f->nfiles++] = (struct find_file){
		    .name = (uint32_t)f->names.len};
	}
	x = &f->files[row->row];
	x->size = row->has_size ? row->size : 0;
	memcpy(x->sha1, row->sha1, FIND_DIGEST);
	if (row->has_measured || row->has_declared)
		memcpy(x->sha256,
		    row->has_measured ? row->measured : row->declared,
		    FIND_DIGEST);
	x->state = row->present ? FIND_HERE
	    : row->left_out	? FIND_LEFT_OUT
				: FIND_ABSENT;
	if (row->present && m->gone != NULL &&
	    gone_has(m->gone, row->sha1) != NULL)
		x->state = FIND_ABSENT;
	return put_small(&f->names, row->name, e) == -1
	    ? -1
	    : end_text(&f->names, e);
}

/* yyyy-mm-ddThh:mm:ss in digits, as far as it is that. */
static uint64_t
date_of(const char *s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	uint64_t v = 0;
	size_t i;

	for (i = 0; s != NULL && form[i] != '\0'; i++) {
		if (form[i] != 'd' && s[i] != form[i])
			return 0;
		if (form[i] == 'd' && (s[i] < '0' || s[i] > '9'))
			return 0;
		if (form[i] == 'd')
			v = 10 * v + (uint64_t)(s[i] - '0');
	}
	return v;
}

static unsigned
severity_of(struct find *f, const char *s)
{
	unsigned i;

	if (s == NULL || *s == '\0' || strlen(s) > FIND_SEVERITY_MAX)
		return 0;
	for (i = 0; i < FIND_SEVERITIES; i++) {
		if (*f->severity[i] == '\0')
			memcpy(f->severity[i], s, strlen(s) + 1);
		if (strcasecmp(f->severity[i], s) == 0)
			return i + 1;
	}
	return 0;
}

/* The number of the category that stands in a row of the store. */
static int
know(
    struct make *m, uint32_t row, bool product, uint32_t *number, struct err *e)
{
	struct find *f = m->f;
	struct store_rev r;
	size_t i, want = 2 * (size_t)row + 256;
	uint32_t *p;

	if (row >= STORE_ROWS_MAX)
		return err_set(
		    e, E_FORMAT, "a category in row %u is too far", row);
	if (row >= f->nknown_at) {
		if ((p = realloc(f->known_at, want * sizeof(*p))) == NULL)
			return err_nomem(e);
		memset(p + f->nknown_at, 0, (want - f->nknown_at) * sizeof(*p));
		f->known_at = p;
		f->nknown_at = want;
	}
	if (f->known_at[row] == 0) {
		if (store_rev(m->store, row, &r, e) == -1)
			return -1;
		/* Its revisions are one. */
		for (i = 0; i < f->nknown; i++)
			if (guid_cmp(&f->known[i].facet.id, &r.id) == 0)
				break;
		if (i == f->nknown) {
			if (grow(&f->known, &f->known_cap, i, sizeof(*f->known),
				e) == -1 ||
			    store_category_title(m->store, row, &m->title, e) ==
				-1)
				return -1;
			f->known[f->nknown++] = (struct find_category){
			    .facet.id = r.id,
			    .title = f->titles.len,
			    .product = product};
			if (buf_put(&f->titles, m->title.p,
				strlen((char *)m->title.p) + 1, e) == -1)
				return -1;
		}
		f->known_at[row] = (uint32_t)i + 1;
	}
	*number = f->known_at[row] - 1;
	return 0;
}

static int
add_categories(struct make *m, const uint32_t *v, size_t n, bool product,
    bool counts, struct err *e)
{
	uint32_t number = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (know(m, v[i], product, &number, e) == -1 ||
		    nums_add(&m->f->categories, number, e) == -1)
			return -1;
		m->f->known[number].facet.n += counts;
	}
	return 0;
}

static int
add_files(struct find *f, struct find_row *x, const struct store_shown *u,
    struct err *e)
{
	const struct find_file *file;
	size_t i;

	for (i = 0; i < u->nfiles; i++) {
		if (u->files[i] >= f->nfiles ||
		    f->files[u->files[i]].state == 0)
			continue; /* a damaged row: verify tells it */
		file = &f->files[u->files[i]];
		x->nfiles++;
		x->bytes += file->size;
		x->nabsent += file->state == FIND_ABSENT;
		x->nleft_out += file->state == FIND_LEFT_OUT;
		if (nums_add(&f->of_files, u->files[i], e) == -1)
			return -1;
	}
	return 0;
}

static int
add_text(struct find *f, const struct store_shown *u, struct err *e)
{
	const char *title = u->rev.title != NULL ? u->rev.title : "";
	char *kb, *rest = u->kbs;

	if (put_small(&f->text, title, e) == -1)
		return -1;
	while ((kb = strtok_r(rest, " ", &rest)) != NULL) {
		if (strncasecmp(kb, "kb", 2) == 0)
			kb += 2;
		if (buf_puts(&f->text, "\nkb", e) == -1 ||
		    put_small(&f->text, kb, e) == -1)
			return -1;
	}
	return end_text(&f->text, e);
}

static int
begin_row(struct find *f, struct err *e)
{
	if (grow(&f->rows, &f->cap, f->nrows, sizeof(*f->rows), e) == -1)
		return -1;
	f->rows[f->nrows] = (struct find_row){.text = (uint32_t)f->text.len,
	    .categories = (uint32_t)f->categories.n,
	    .files = (uint32_t)f->of_files.n};
	return 0;
}

static int
add_row(void *arg, const struct store_shown *u, struct err *e)
{
	struct make *m = arg;
	struct find *f = m->f;
	struct find_row *x;

	if (begin_row(f, e) == -1)
		return -1;
	x = &f->rows[f->nrows];
	x->row = (uint32_t)u->rev.row;
	x->id = u->rev.id;
	x->date = date_of(u->rev.created);
	x->superseded = u->superseded;
	x->expired = u->rev.expired;
	x->inner = u->inner;
	x->severity = (uint8_t)severity_of(f, u->rev.severity);
	if (x->severity != 0 && !x->inner)
		f->severity_n[x->severity - 1]++;
	if (add_categories(m, u->classes, u->nclasses, false, !u->inner, e) ==
		-1 ||
	    add_categories(m, u->products, u->nproducts, true, !u->inner, e) ==
		-1 ||
	    add_files(f, x, u, e) == -1 || add_text(f, u, e) == -1)
		return -1;
	f->nrows++;
	return 0;
}

static int
by_age(const void *a, const void *b, void *arg)
{
	const struct find *f = arg;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	uint64_t x = f->rows[i].date, y = f->rows[k].date;

	if (x != y)
		return x < y ? 1 : -1;
	return i < k ? 1 : -1; /* rows ascend */
}

static int
put_order(struct find *f, struct err *e)
{
	size_t i;

	if ((f->order = calloc(f->nrows + 1, sizeof(*f->order))) == NULL)
		return err_nomem(e);
	for (i = 0; i < f->nrows; i++)
		f->order[i] = (uint32_t)i;
	qsort_r(f->order, f->nrows, sizeof(*f->order), by_age, f);
	return 0;
}

static int
by_title(const void *a, const void *b)
{
	const struct find_facet *x = a, *y = b;
	int r = strcasecmp(x->title, y->title);

	return r != 0 ? r : guid_cmp(&x->id, &y->id);
}

/* Those of known that some update has, of one kind. */
static int
put_facets(struct find *f, bool product, struct find_facet **v, size_t *n,
    struct err *e)
{
	size_t i;

	if ((*v = calloc(f->nknown + 1, sizeof(**v))) == NULL)
		return err_nomem(e);
	for (i = 0; i < f->nknown; i++)
		if (f->known[i].product == product && f->known[i].facet.n > 0) {
			(*v)[*n] = f->known[i].facet;
			(*v)[(*n)++].title = (char *)f->titles.p +
			    f->known[i].title;
		}
	sort_up(*v, *n, sizeof(**v), by_title);
	return 0;
}

static int
put_severities(struct find *f, struct err *e)
{
	size_t i;

	f->severities = calloc(FIND_SEVERITIES, sizeof(*f->severities));
	if (f->severities == NULL)
		return err_nomem(e);
	for (i = 0; i < FIND_SEVERITIES; i++)
		if (f->severity_n[i] > 0)
			f->severities[f->nseverities++] = (struct find_facet){
			    .title = f->severity[i], .n = f->severity_n[i]};
	sort_up(
	    f->severities, f->nseverities, sizeof(*f->severities), by_title);
	return 0;
}

static int
by_row(void *arg, struct err *e)
{
	struct make *m = arg;

	return store_each_file_row(m->store, add_file, m, e) == -1 ||
		store_each_shown(m->store, 0, UINT32_MAX, add_row, m, e) == -1
	    ? -1
	    : begin_row(m->f, e); /* the end of the last */
}

int
find_make(
    struct find **to, struct store *s, const struct gone *gone, struct err *e)
{
	struct find *f = calloc(1, sizeof(*f));
	struct make m = {.f = f, .store = s, .gone = gone, .title = BUF_INIT};
	int r;

	*to = NULL;
	if (f == NULL)
		return err_nomem(e);
	f->text = f->names = (struct buf)BUF_INIT_MAX(UINT32_MAX);
	f->titles = (struct buf)BUF_INIT;
	r = by_row(&m, e) == -1 || put_order(f, e) == -1 ||
		put_facets(f, false, &f->classes, &f->nclasses, e) == -1 ||
		put_facets(f, true, &f->products, &f->nproducts, e) == -1 ||
		put_severities(f, e) == -1 ||
		find_ties_make(&f->newer, s, STORE_REL_NEWER, e) == -1 ||
		find_ties_make(&f->inside, s, STORE_REL_INSIDE, e) == -1
	    ? -1
	    : 0;
	buf_free(&m.title);
	if (r == -1)
		find_free(f);
	else
		*to = f;
	return r;
}

void
find_free(struct find *f)
{
	if (f == NULL)
		return;
	free(f->rows);
	free(f->order);
	free(f->files);
	buf_free(&f->text);
	buf_free(&f->names);
	nums_free(&f->categories);
	nums_free(&f->of_files);
	free(f->known);
	free(f->known_at);
	buf_free(&f->titles);
	free(f->classes);
	free(f->products);
	free(f->severities);
	find_ties_free(&f->newer);
	find_ties_free(&f->inside);
	free(f);
}
