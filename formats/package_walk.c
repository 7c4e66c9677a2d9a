/* SPDX-License-Identifier: ISC */
#include "formats/package_walk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

#define MAX_LANGS 1024 /* Language rows; servers write 39 */
#define SHOWN 60 /* bytes of a refused value in a message */

/* In the order in which sections stand. */
enum { SECTION_LANGUAGES = 1, SECTION_FILES = 2, SECTION_UPDATES = 4 };
enum { LIST_FILES = 1, LIST_CATEGORIES = 2, LIST_CLASSES = 4, LIST_META = 8 };

struct rule {
	enum package_place parent;
	const char *name;
	enum package_place place;
	unsigned section, list; /* bits, or 0 */
	int (*enter)(
	    struct package_walk *w, const struct xml_elem *el, struct err *e);
};

/* ASCII only, so that no locale decides. */
static bool
same(const struct package_walk *w, const char *a, const char *b)
{
	if (!w->inside)
		return strcmp(a, b) == 0;
	for (;; a++, b++) {
		unsigned x = (unsigned char)*a, y = (unsigned char)*b;

		if (x - 'A' < 26)
			x += 'a' - 'A';
		if (y - 'A' < 26)
			y += 'a' - 'A';
		if (x != y)
			return false;
		if (x == '\0')
			return true;
	}
}

static const struct xml_attr *
find_attr(
    const struct package_walk *w, const struct xml_elem *el, const char *name)
{
	for (size_t i = 0; i < el->nattrs; i++)
		if (el->attrs[i].ns == NULL && same(w, el->attrs[i].name, name))
			return &el->attrs[i];
	return NULL;
}

static const struct xml_attr *
want_attr(const struct package_walk *w, const struct xml_elem *el,
    const char *name, struct err *e)
{
	const struct xml_attr *a = find_attr(w, el, name);

	if (a == NULL)
		(void)err_set(
		    e, E_FORMAT, "%s has no attribute %s", el->name, name);
	return a;
}

static int
refuse_attr(const struct xml_attr *a, const char *expected, struct err *e)
{
	return err_set(e, E_FORMAT, "%s: expected %s, found '%.*s'", a->name,
	    expected, (int)(a->len < SHOWN ? a->len : SHOWN), a->value);
}

static int
get_guid(const struct package_walk *w, const struct xml_elem *el,
    const char *name, struct guid *g, struct err *e)
{
	const struct xml_attr *a = want_attr(w, el, name, e);

	if (a == NULL)
		return -1;
	if (!guid_read(g, a->value, a->len))
		return refuse_attr(a, "a GUID", e);
	return 0;
}

static int
get_u32(const struct package_walk *w, const struct xml_elem *el,
    const char *name, uint32_t *v, struct err *e)
{
	const struct xml_attr *a = want_attr(w, el, name, e);
	uint64_t n;

	if (a == NULL)
		return -1;
	if (!num_read(&n, a->value, a->len, 0, UINT32_MAX))
		return refuse_attr(a, "a number below 2^32", e);
	*v = (uint32_t)n;
	return 0;
}

static int
get_sha1(const struct package_walk *w, const struct xml_elem *el,
    uint8_t sha1[SHA1_LEN], struct err *e)
{
	const struct xml_attr *a = want_attr(w, el, "Digest", e);

	if (a == NULL)
		return -1;
	if (!base64_read(sha1, SHA1_LEN, a->value, a->len))
		return refuse_attr(a, "28 characters of base64", e);
	return 0;
}

/* Digits and dots, as 1.20. */
static int
get_version(const struct package_walk *w, const struct xml_elem *el,
    const char *name, char out[PACKAGE_VERSION_MAX + 1], struct err *e)
{
	const struct xml_attr *a = want_attr(w, el, name, e);
	bool digit = false;

	if (a == NULL)
		return -1;
	if (a->len > PACKAGE_VERSION_MAX)
		return err_set(e, E_LIMIT, "%s: %zu bytes, at most %d", name,
		    a->len, PACKAGE_VERSION_MAX);
	for (size_t i = 0; i < a->len; i++) {
		if (a->value[i] >= '0' && a->value[i] <= '9')
			digit = true;
		else if (a->value[i] == '.' && digit)
			digit = false;
		else
			return refuse_attr(a, "numbers joined by dots", e);
	}
	if (!digit)
		return refuse_attr(a, "numbers joined by dots", e);
	memcpy(out, a->value, a->len);
	out[a->len] = '\0';
	return 0;
}

static int
get_string(const struct package_walk *w, const struct xml_elem *el,
    const char *name, struct buf *b, const char **s, struct err *e)
{
	const struct xml_attr *a = find_attr(w, el, name);

	*s = NULL;
	if (a == NULL)
		return 0;
	if (a->len > w->lim.max_string)
		return err_set(e, E_LIMIT, "%s: %zu bytes, at most %zu", name,
		    a->len, w->lim.max_string);
	buf_reset(b);
	if (buf_put(b, a->value, a->len, e) == -1)
		return -1;
	*s = buf_str(b, e);
	return *s == NULL ? -1 : 0;
}

static int
enter_root(struct package_walk *w, const struct xml_elem *el, struct err *e)
{
	struct package_head h;
	const struct xml_attr *a;

	memset(&h, 0, sizeof(h));
	if (get_version(w, el, "FormatVersion", h.format, e) == -1)
		return -1;
	if (strncmp(h.format, "1.", 2) != 0 && strcmp(h.format, "1") != 0)
		return err_set(e, E_FORMAT,
		    "FormatVersion %s: expected 1.0 or another 1", h.format);
	if (get_version(w, el, "ProtocolVersion", h.protocol, e) == -1 ||
	    get_guid(w, el, "ServerID", &h.server, e) == -1 ||
	    (a = want_attr(w, el, "CreationTime", e)) == NULL)
		return -1;
	if (!utc_read(&h.created, a->value, a->len))
		return refuse_attr(a, "a time as 2024-06-19T17:11:14Z", e);
	return w->h.head == NULL ? 0 : w->h.head(w->arg, &h, e);
}

static int
enter_language(struct package_walk *w, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a;
	const char *name;
	uint32_t id;

	if (w->nlangs == MAX_LANGS)
		return err_set(e, E_LIMIT, "more than %d languages", MAX_LANGS);
	w->nlangs++;
	if (get_u32(w, el, "Id", &id, e) == -1 ||
	    want_attr(w, el, "ShortName", e) == NULL ||
	    get_string(w, el, "ShortName", &w->name, &name, e) == -1 ||
	    (a = want_attr(w, el, "Enabled", e)) == NULL)
		return -1;
	if (a->len != 1 || (a->value[0] != '0' && a->value[0] != '1'))
		return refuse_attr(a, "0 or 1", e);
	if (w->h.lang == NULL)
		return 0;
	return w->h.lang(w->arg, id, name, a->value[0] == '1', e);
}

static int
enter_file(struct package_walk *w, const struct xml_elem *el, struct err *e)
{
	struct package_file f;

	if (w->nfiles == w->lim.max_files)
		return err_set(e, E_LIMIT, "more than %" PRIu64 " files",
		    w->lim.max_files);
	w->nfiles++;
	if (get_sha1(w, el, f.sha1, e) == -1 ||
	    get_string(w, el, "MUUrl", &w->url, &f.url, e) == -1 ||
	    get_string(w, el, "Name", &w->name, &f.name, e) == -1)
		return -1;
	return w->h.file == NULL ? 0 : w->h.file(w->arg, &f, e);
}

static int
enter_update(struct package_walk *w, const struct xml_elem *el, struct err *e)
{
	if (w->nupdates == w->lim.max_records)
		return err_set(e, E_LIMIT, "more than %" PRIu64 " updates",
		    w->lim.max_records);
	w->nupdates++;
	w->lists = 0;
	memset(&w->up, 0, sizeof(w->up));
	if (get_guid(w, el, "UpdateId", &w->up.id, e) == -1)
		return -1;
	return get_u32(w, el, "RevisionNumber", &w->up.revision, e);
}

/* An array with room for one more behind n; NULL: too many, or no memory. */
static void *
grow(const struct package_walk *w, void *p, size_t *cap, size_t n, size_t size,
    struct err *e)
{
	size_t more = *cap == 0 ? 16 : *cap * 2;
	void *q;

	if (n >= w->lim.max_values) {
		(void)err_set(e, E_LIMIT, "more than %" PRIu32 " in one list",
		    w->lim.max_values);
		return NULL;
	}
	if (n < *cap)
		return p;
	q = reallocarray(p, more, size);
	if (q == NULL)
		(void)err_nomem(e);
	else
		*cap = more;
	return q;
}

static int
enter_digest(struct package_walk *w, const struct xml_elem *el, struct err *e)
{
	void *p = grow(w, w->digests, &w->cap_digests, w->up.nfiles,
	    sizeof(*w->digests), e);

	if (p == NULL)
		return -1;
	w->digests = p;
	if (get_sha1(w, el, w->digests[w->up.nfiles], e) == -1)
		return -1;
	w->up.nfiles++;
	return 0;
}

/*
 * One of Microsoft's programs writes the name of a class where a GUID belongs:
 * such a value says nothing and is passed over, for the documents know better.
 */
static int
add_guid(struct package_walk *w, const struct xml_elem *el, struct guid *to,
    size_t *n, struct err *e)
{
	const struct xml_attr *a = want_attr(w, el, "Value", e);

	if (a == NULL)
		return -1;
	if (guid_read(to, a->value, a->len))
		*n += 1;
	else
		w->nskipped++;
	return 0;
}

static int
enter_category(struct package_walk *w, const struct xml_elem *el, struct err *e)
{
	size_t n = w->up.ncategories;
	void *p = grow(
	    w, w->categories, &w->cap_categories, n, sizeof(*w->categories), e);

	if (p == NULL)
		return -1;
	w->categories = p;
	return add_guid(w, el, &w->categories[n], &w->up.ncategories, e);
}

static int
enter_class(struct package_walk *w, const struct xml_elem *el, struct err *e)
{
	size_t n = w->up.nclassifications;
	void *p = grow(
	    w, w->classes, &w->cap_classes, n, sizeof(*w->classes), e);

	if (p == NULL)
		return -1;
	w->classes = p;
	return add_guid(w, el, &w->classes[n], &w->up.nclassifications, e);
}

static const struct rule rules[] = {
    {PLACE_OUTSIDE, "ExportPackage", PLACE_ROOT, 0, 0, enter_root},
    {PLACE_ROOT, "Languages", PLACE_LANGUAGES, SECTION_LANGUAGES, 0, NULL},
    {PLACE_ROOT, "Files", PLACE_FILES, SECTION_FILES, 0, NULL},
    {PLACE_ROOT, "Updates", PLACE_UPDATES, SECTION_UPDATES, 0, NULL},
    {PLACE_LANGUAGES, "Language", PLACE_LEAF, 0, 0, enter_language},
    {PLACE_FILES, "File", PLACE_LEAF, 0, 0, enter_file},
    {PLACE_UPDATES, "Update", PLACE_UPDATE, 0, 0, enter_update},
    {PLACE_UPDATE, "Files", PLACE_DIGESTS, 0, LIST_FILES, NULL},
    {PLACE_UPDATE, "Categories", PLACE_CATEGORIES, 0, LIST_CATEGORIES, NULL},
    {PLACE_UPDATE, "Classifications", PLACE_CLASSES, 0, LIST_CLASSES, NULL},
    {PLACE_UPDATE, "Metadata", PLACE_METADATA, 0, LIST_META, NULL},
    {PLACE_DIGESTS, "File", PLACE_LEAF, 0, 0, enter_digest},
    {PLACE_CATEGORIES, "Category", PLACE_LEAF, 0, 0, enter_category},
    {PLACE_CLASSES, "Classification", PLACE_LEAF, 0, 0, enter_class},
};

static const struct rule *
match(const struct package_walk *w, const struct xml_elem *el)
{
	enum package_place parent = w->at[el->depth - 1];

	if (el->ns != NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].parent != parent ||
		    !same(w, rules[i].name, el->name))
			continue;
		if (rules[i].place == PLACE_METADATA && !w->inside)
			continue;
		return &rules[i];
	}
	return NULL;
}

/* Which of many: "update 12: ..." */
static int
context(const struct package_walk *w, const struct xml_elem *el, struct err *e)
{
	if (w->at[2] == PLACE_UPDATES && el->depth > 2)
		return err_ctx(e, "update %" PRIu64, w->nupdates);
	if (w->at[2] == PLACE_FILES && el->depth > 2)
		return err_ctx(e, "file %" PRIu64, w->nfiles);
	if (w->at[2] == PLACE_LANGUAGES && el->depth > 2)
		return err_ctx(e, "language %" PRIu64, w->nlangs);
	return -1;
}

int
package_walk_start(
    struct package_walk *w, const struct xml_elem *el, struct err *e)
{
	const struct rule *r;

	if (w->skip != 0)
		return 0;
	r = match(w, el);
	if (r == NULL && el->depth == 1)
		return err_set(e, E_FORMAT,
		    "expected the element ExportPackage, found '%.*s'", SHOWN,
		    el->name);
	if (r == NULL) {
		w->skip = el->depth;
		return 0;
	}
	/* The bit of a later section is the greater number. */
	if (r->section != 0 && w->sections >= r->section)
		return err_set(e, E_FORMAT,
		    "misplaced %s: expected Languages, Files, Updates, once "
		    "each",
		    r->name);
	w->sections |= r->section;
	w->at[el->depth] = r->place;
	if ((r->list & w->lists) != 0) {
		(void)err_set(e, E_FORMAT, "a second %s", r->name);
		return context(w, el, e);
	}
	w->lists |= r->list;
	if (r->enter != NULL && r->enter(w, el, e) == -1)
		return context(w, el, e);
	return 0;
}

static int
give_update(struct package_walk *w, const struct xml_elem *el, struct err *e)
{
	w->up.files = (const uint8_t(*)[SHA1_LEN])w->digests;
	w->up.categories = w->categories;
	w->up.classifications = w->classes;
	if (w->h.update == NULL)
		return 0;
	if (w->h.update(w->arg, &w->up, e) == -1)
		return context(w, el, e);
	return 0;
}

enum package_place
package_walk_place(const struct package_walk *w, const struct xml_elem *el)
{
	if (w->skip != 0 || el->depth > PACKAGE_WALK_DEPTH)
		return PLACE_OUTSIDE;
	return w->at[el->depth];
}

int
package_walk_end(
    struct package_walk *w, const struct xml_elem *el, struct err *e)
{
	if (w->skip != 0) {
		if (el->depth == w->skip)
			w->skip = 0;
		return 0;
	}
	if (w->at[el->depth] == PLACE_UPDATE)
		return give_update(w, el, e);
	if (el->depth == 1 && (w->sections & SECTION_UPDATES) == 0)
		return err_set(
		    e, E_FORMAT, "ExportPackage has no element Updates");
	return 0;
}

void
package_walk_init(struct package_walk *w, const struct package_index_handler *h,
    void *arg, const struct package_limits *lim)
{
	const struct buf empty = BUF_INIT;

	memset(w, 0, sizeof(*w));
	w->h = *h;
	w->arg = arg;
	w->lim = lim == NULL ? package_default_limits : *lim;
	w->at[0] = PLACE_OUTSIDE;
	w->url = empty;
	w->name = empty;
}

void
package_walk_limits(const struct package_walk *w, struct xml_limits *x)
{
	*x = xml_default_limits;
	if (x->max_attr_bytes < w->lim.max_string)
		x->max_attr_bytes = w->lim.max_string;
}

void
package_walk_release(struct package_walk *w)
{
	free(w->digests);
	free(w->categories);
	free(w->classes);
	buf_free(&w->url);
	buf_free(&w->name);
	w->digests = NULL;
	w->categories = w->classes = NULL;
}
