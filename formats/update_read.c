/* SPDX-License-Identifier: ISC */
#include "formats/update_priv.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
const struct update_limits update_default_limits = {
	.max_doc = (size_t)128 << 20,
	.max_prereqs = 100000,
	.max_bundled = 100000,
	.max_superseded = 100000,
	.max_files = 100000,
	.max_titles = 1000,
	.max_words = 1000,
	.max_string = (size_t)64 << 10,
};
/* clang-format on */

/* --- events --- */

static const struct element *
find_element(struct update_reader *r, const struct xml_elem *el)
{
	enum place at = r->nopen > 0 ? r->open[r->nopen - 1]->place
				     : AT_DOCUMENT;
	size_t i;

	for (i = r->rows[at].first; i < r->rows[at].end; i++)
		if (el->name == r->name[i] &&
		    el->ns == r->uri[update_elements[i].ns])
			return &update_elements[i];
	return NULL;
}

static bool
has_digest(const struct update_reader *r, const struct xml_elem *el)
{
	const struct xml_attr *a = el->attrs, *end = a + el->nattrs;

	for (; a < end; a++)
		if (a->name == r->digest)
			return true;
	return false;
}

static int
on_start(void *arg, const struct xml_elem *el, struct err *e)
{
	struct update_reader *r = arg;
	const struct element *row = r->skipped > 0 ? NULL : find_element(r, el);

	if (row == NULL && el->depth == 1)
		return err_set(e, E_FORMAT,
		    "root is %.64s in '%.128s', expected Update in '%s'",
		    el->name, el->ns != NULL ? el->ns : "",
		    update_ns[NS_UPDATE]);
	if ((row == NULL || row->place != AT_FILE) && has_digest(r, el) &&
	    update_file_other(r, el, e) == -1)
		return err_ctx(e, "%.64s", el->name);
	if (row == NULL) {
		r->skipped++;
		return 0;
	}
	r->text_wanted = row->text != NULL;
	r->text.len = 0;
	if (row->begin != NULL && row->begin(r, el, e) == -1)
		return err_ctx(e, "%s", row->name);
	r->open[r->nopen++] = row;
	return 0;
}

static int
on_end(void *arg, const struct xml_elem *el, struct err *e)
{
	struct update_reader *r = arg;
	const struct element *row;

	(void)el;
	if (r->skipped > 0) {
		r->skipped--;
		return 0;
	}
	row = r->open[--r->nopen];
	if (!r->text_wanted)
		return 0;
	r->text_wanted = false;
	if (row->text(r, (const char *)r->text.p, r->text.len, e) == -1)
		return err_ctx(e, "%s", row->name);
	return 0;
}

static int
on_text(void *arg, const char *p, size_t n, struct err *e)
{
	struct update_reader *r = arg;

	if (!r->text_wanted || r->skipped > 0)
		return 0;
	if (n > r->lim.max_string - r->text.len)
		return err_set(e, E_LIMIT, "%s: more than %zu bytes",
		    r->open[r->nopen - 1]->name, r->lim.max_string);
	if (n > r->text.cap - r->text.len &&
	    buf_reserve(&r->text, n, e) == NULL)
		return -1;
	memcpy(r->text.p + r->text.len, p, n);
	r->text.len += n;
	return 0;
}

/* --- a document --- */

static void
empty(struct update_reader *r)
{
	r->prereqs.n = r->bundled.n = r->superseded.n = 0;
	r->files.n = r->others.n = r->titles.n = 0;
	r->kbs.n = r->bulletins.n = r->langs.n = 0;
	r->kbs.met = r->bulletins.met = r->langs.met = 0;
	r->nidentities = r->nproperties = 0;
	r->nprereq_groups = r->nbundled_groups = 0;
	r->nopen = r->skipped = 0;
	r->text_wanted = false;
	r->handler = NULL;
}

/* With the parser's own strings, names are compared as pointers. */
static int
learn(struct update_reader *r, struct err *e)
{
	bool ok;
	size_t i;

	if (r->epoch == xml_epoch(r->x))
		return 0;
	r->digest = xml_unique(r->x, "Digest");
	ok = r->digest != NULL;
	for (i = 0; i < NS_COUNT; i++)
		ok &= (r->uri[i] = xml_unique(r->x, update_ns[i])) != NULL;
	for (i = 0; i < UPDATE_NELEMENTS; i++)
		ok &= (r->name[i] = xml_unique(
			   r->x, update_elements[i].name)) != NULL;
	for (i = 0; i < UPDATE_NVALUES; i++)
		ok &= (r->value[i] = xml_unique(
			   r->x, update_value_rows[i].name)) != NULL;
	if (!ok)
		return err_nomem(e);
	r->epoch = xml_epoch(r->x);
	return 0;
}

static int
check_begin(
    const struct update_reader *r, const char *p, size_t n, struct err *e)
{
	if (n > r->lim.max_doc)
		return err_set(e, E_LIMIT, "document of %zu bytes, at most %zu",
		    n, r->lim.max_doc);
	if (n < 2 || p[0] != '<' || p[1] == '?' || p[1] == '!')
		return err_at(e, 0, "does not begin with the element Update");
	return 0;
}

static int
check_whole(const struct update_reader *r, size_t n, struct err *e)
{
	if (r->nidentities == 0)
		return err_at(e, n, "no UpdateIdentity");
	if (r->nproperties == 0)
		return err_at(e, n, "no Properties");
	return 0;
}

static int
begin(struct update_reader *r, struct err *e)
{
	memset(r->u, 0, sizeof(*r->u));
	empty(r);
	xml_reset(r->x, r);
	return learn(r, e);
}

/* Quickly; where that does not do, anew, so that what is wrong is told. */
static int
read_all(struct update_reader *r, const void *doc, size_t len, struct err *e)
{
	if (begin(r, e) == -1)
		return -1;
	if (xml_scan(r->x, doc, len, e))
		return 0;
	err_clear(e);
	return begin(r, e) == -1 ? -1 : xml_parse(r->x, doc, len, e);
}

int
update_read(struct update_reader *r, struct update *u, struct arena *a,
    const void *doc, size_t len, struct err *e)
{
	r->u = u;
	r->a = a;
	memset(u, 0, sizeof(*u));
	if (check_begin(r, doc, len, e) == -1 ||
	    read_all(r, doc, len, e) == -1 || check_whole(r, len, e) == -1 ||
	    update_list_keep(r, e) == -1)
		return -1;
	if (u->type != UPDATE_CATEGORY)
		u->category = CATEGORY_NONE;
	if (u->handler == NULL)
		u->handler = r->handler;
	return 0;
}

/* --- a reader's life --- */

int
update_reader_open(
    struct update_reader **out, const struct update_limits *lim, struct err *e)
{
	static const struct xml_handler h = {on_start, on_end, on_text};
	struct xml_limits xl = xml_default_limits;
	struct update_reader *r;
	size_t i;

	*out = NULL;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return err_nomem(e);
	r->lim = lim != NULL ? *lim : update_default_limits;
	r->text = (struct buf)BUF_INIT;
	for (i = 0; i < UPDATE_NELEMENTS; i++)
		xml_rows_add(&r->rows[update_elements[i].parent], i);
	xl.max_depth = UPDATE_DEPTH;
	xl.max_text = r->lim.max_doc;
	if (xml_open(&r->x, &h, r, &xl, e) == -1) {
		update_reader_close(r);
		return -1;
	}
	*out = r;
	return 0;
}

void
update_reader_close(struct update_reader *r)
{
	if (r == NULL)
		return;
	xml_close(r->x);
	buf_free(&r->text);
	free(r->prereqs.p);
	free(r->bundled.p);
	free(r->superseded.p);
	free(r->files.p);
	free(r->others.p);
	free(r->titles.p);
	free(r->kbs.p);
	free(r->bulletins.p);
	free(r->langs.p);
	free(r);
}
