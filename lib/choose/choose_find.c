/* SPDX-License-Identifier: ISC */
/* The categories held, and the one that a name stands for. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/near.h"
#include "lib/choose/choose_names.h"
#include "lib/base/grow.h"
#include "lib/store/store_choose.h"

/*
 * Letters of ASCII small, blanks (a no-break space is one) as one space and
 * none at the ends: titles are pasted, and hold what nobody sees.
 */
static char *
fold(struct names *n, const char *title, struct err *e)
{
	char *to = arena_strndup(&n->arena, title, strlen(title));
	const char *s = title;
	size_t at = 0;
	bool blank = false;

	if (to == NULL) {
		err_set(e, E_LIMIT, "titles of categories: over %zu bytes",
		    n->arena.max);
		return NULL;
	}
	while (*s != '\0') {
		if (*s == ' ' || *s == '\t' || memcmp(s, "\xc2\xa0", 2) == 0) {
			blank = at > 0;
			s += *s == '\xc2' ? 2 : 1;
			continue;
		}
		if (blank)
			to[at++] = ' ';
		blank = false;
		to[at++] = *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s;
		s++;
	}
	to[at] = '\0';
	return to;
}

static int
add_name(void *arg, const struct store_name *in, struct err *e)
{
	/* What no line can hold is found by its id. */
	const char *title = strlen(in->title) <= POLICY_MAX_VALUE ? in->title
								  : "";
	struct names *n = arg;
	struct name *m;

	if (in->display) {
		if (grow(&n->cats, &n->cap_cats, n->ncats, sizeof(*n->cats),
			e) == -1)
			return -1;
		n->cats[n->ncats++] = (struct cat){
		    .row = in->row, .id = in->id, .type = in->type};
	}
	if (grow(&n->v, &n->cap, n->n, sizeof(*n->v), e) == -1)
		return -1;
	m = &n->v[n->n];
	*m = (struct name){
	    .row = in->row, .type = in->type, .display = in->display};
	if ((m->folded = fold(n, title, e)) == NULL)
		return -1;
	if ((m->title = arena_strndup(&n->arena, title, strlen(title))) == NULL)
		return err_set(e, E_LIMIT,
		    "titles of categories: over %zu bytes", n->arena.max);
	n->n++;
	return 0;
}

static int
add_under(void *arg, int64_t child, int64_t parent, struct err *e)
{
	struct names *n = arg;

	if (names_cat(n, child) == NULL || names_cat(n, parent) == NULL)
		return 0;
	if (grow(&n->under, &n->cap_under, n->nunder, sizeof(*n->under), e) ==
	    -1)
		return -1;
	n->under[n->nunder++] = (struct under){child, parent};
	return 0;
}

static int
by_row(const void *a, const void *b)
{
	const struct cat *x = a, *y = b;

	return (x->row > y->row) - (x->row < y->row);
}

int
names_load(struct names *n, struct store *s, struct err *e)
{
	if (store_each_name(s, add_name, n, e) == -1)
		return -1;
	if (n->ncats > 0)
		qsort(n->cats, n->ncats, sizeof(*n->cats), by_row);
	return store_each_pair(s, STORE_UNDER, add_under, n, e);
}

void
names_free(struct names *n)
{
	arena_free(&n->arena);
	free(n->cats);
	free(n->v);
	free(n->under);
	*n = (struct names)NAMES_INIT;
}

struct cat *
names_cat(const struct names *n, int64_t row)
{
	const struct cat key = {.row = row};

	return n->ncats == 0
	    ? NULL
	    : bsearch(&key, n->cats, n->ncats, sizeof(key), by_row);
}

/* Rows of the kinds that have the title, among those for display or among the
   others: how many, and the first of them. */
static unsigned
titled(const struct names *n, unsigned kinds, bool display, const char *folded,
    int64_t rows[NAMES_SHOWN])
{
	const struct name *m;
	unsigned count = 0, i;

	for (m = n->v; m < n->v + n->n; m++) {
		if (m->display != display ||
		    (kinds & NAMES_KIND(m->type)) == 0 ||
		    strcmp(m->folded, folded) != 0)
			continue;
		for (i = 0; i < count && i < NAMES_SHOWN; i++)
			if (rows[i] == m->row)
				break; /* alike in another language */
		if (i == NAMES_SHOWN)
			return count + 1;
		if (i == count)
			rows[count++] = m->row;
	}
	return count;
}

static unsigned
rows_of(const struct names *n, unsigned kinds, const struct policy_word *w,
    const char *folded, int64_t rows[NAMES_SHOWN])
{
	unsigned count = 0;
	size_t i;

	if (!w->is_id) {
		count = titled(n, kinds, true, folded, rows);
		return count != 0 ? count
				  : titled(n, kinds, false, folded, rows);
	}
	for (i = 0; i < n->ncats && count == 0; i++)
		if (kinds & NAMES_KIND(n->cats[i].type) &&
		    guid_cmp(&n->cats[i].id, &w->id) == 0)
			rows[count++] = n->cats[i].row;
	return count;
}

int
names_match(struct names *n, unsigned kinds, const struct policy_word *w,
    int64_t rows[NAMES_SHOWN], struct err *e)
{
	const char *folded = fold(n, w->text, e);

	return folded == NULL ? -1 : (int)rows_of(n, kinds, w, folded, rows);
}

static void
tell_several(struct names *n, const struct names_what *what,
    const struct policy_word *w, const int64_t rows[NAMES_SHOWN],
    unsigned count)
{
	char ids[NAMES_SHOWN * (GUID_LEN + 2) + 1] = "", id[GUID_LEN + 1];
	size_t at = 0;
	unsigned i;

	for (i = 0; i < count && i < NAMES_SHOWN; i++) {
		guid_write(id, &names_cat(n, rows[i])->id);
		at += (size_t)snprintf(
		    ids + at, sizeof(ids) - at, "%s%s", i > 0 ? ", " : "", id);
	}
	log_event(n->log, LOG_ERROR, "policy",
	    "line %u: '%.200s' is the title of more than one %s; give its id: "
	    "%s%s",
	    w->line, w->text, what->key, ids,
	    count > NAMES_SHOWN ? ", ..." : "");
}

static void
tell_kind(struct names *n, const struct names_what *what,
    const struct policy_word *w, enum category_type is)
{
	log_event(n->log, LOG_ERROR, "policy",
	    "line %u: '%.200s' is no %s; its key is '%s'", w->line, w->text,
	    what->key,
	    is == CATEGORY_PRODUCT		? "product"
		: is == CATEGORY_CLASSIFICATION ? "classification"
						: "family");
}

static void
tell_unknown(struct names *n, const struct names_what *what,
    const struct policy_word *w, const char *folded)
{
	struct near near;
	size_t i, best = SIZE_MAX;

	near_begin(&near, folded);
	for (i = 0; i < n->n && !w->is_id; i++)
		if (what->kinds & NAMES_KIND(n->v[i].type)) {
			near_try(&near, n->v[i].folded);
			if (near.best == n->v[i].folded)
				best = i;
		}
	if (best == SIZE_MAX)
		log_event(n->log, LOG_ERROR, "policy",
		    "line %u: no %s '%.200s' is held", w->line, what->key,
		    w->text);
	else
		log_event(n->log, LOG_ERROR, "policy",
		    "line %u: no %s '%.200s' is held, nearest is '%s'", w->line,
		    what->key, w->text, n->v[best].title);
}

int
names_find(struct names *n, const struct names_what *what,
    const struct policy_word *w, struct cat **found, struct err *e)
{
	int64_t rows[NAMES_SHOWN] = {0};
	const char *folded = fold(n, w->text, e);
	unsigned count;

	*found = NULL;
	if (folded == NULL)
		return -1;
	count = rows_of(n, what->kinds, w, folded, rows);
	if (count == 1) {
		*found = names_cat(n, rows[0]);
		return 0;
	}
	n->bad++;
	if (count > 1)
		tell_several(n, what, w, rows, count);
	else if (rows_of(n, ~what->kinds, w, folded, rows) > 0)
		tell_kind(n, what, w, names_cat(n, rows[0])->type);
	else
		tell_unknown(n, what, w, folded);
	return 0;
}
