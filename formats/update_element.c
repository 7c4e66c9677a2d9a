/* SPDX-License-Identifier: ISC */
/* Which elements matter, by namespace, name and parent, and what they do. */
#include "formats/update_priv.h"

#include <assert.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define MSUS "http://schemas.microsoft.com/msus/2002/12/"
#define XSI "http://www.w3.org/2001/XMLSchema-instance"

const char *const update_ns[NS_COUNT] = {
    [NS_UPDATE] = MSUS "Update",
    [NS_CATEGORY] = MSUS "UpdateHandlers/Category",
};

/* --- identity and properties --- */

static int
begin_identity(
    struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *id, *rev;

	if (++r->nidentities > 1)
		return err_set(e, E_FORMAT, "a second one, expected one");
	if ((id = update_need(el, "UpdateID", e)) == NULL ||
	    (rev = update_need(el, "RevisionNumber", e)) == NULL)
		return -1;
	if (update_set_guid(r, &r->u->id, id, e) == -1)
		return -1;
	return update_set_revision(r, &r->u->revision, rev, e);
}

static int
begin_properties(
    struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	if (++r->nproperties > 1)
		return err_set(e, E_FORMAT, "a second one, expected one");
	if (update_need(el, "UpdateType", e) == NULL)
		return -1;
	return update_values(r, OF_PROPERTIES, r->u, el, e);
}

static int
begin_secured(struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	(void)el;
	(void)e;
	r->u->secured = true;
	return 0;
}

static int
text_lang(struct update_reader *r, const char *p, size_t n, struct err *e)
{
	return update_list_word(r, &r->langs, p, n, "languages", e);
}

static int
text_kb(struct update_reader *r, const char *p, size_t n, struct err *e)
{
	return update_list_word(r, &r->kbs, p, n, "KB articles", e);
}

static int
text_bulletin(struct update_reader *r, const char *p, size_t n, struct err *e)
{
	return update_list_word(r, &r->bulletins, p, n, "bulletins", e);
}

/* --- titles --- */

static int
begin_titles(struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	struct update_title *t = update_list_add(
	    &r->titles, sizeof(*t), r->lim.max_titles, "titles", e);

	(void)el;
	if (t == NULL)
		return -1;
	t->lang = t->title = "";
	return 0;
}

static struct update_title *
last_title(struct update_reader *r)
{
	return (struct update_title *)r->titles.p + (r->titles.n - 1);
}

static int
text_title_lang(struct update_reader *r, const char *p, size_t n, struct err *e)
{
	update_trim(&p, &n);
	return (last_title(r)->lang = update_keep(r, p, n, e)) != NULL ? 0 : -1;
}

static int
text_title(struct update_reader *r, const char *p, size_t n, struct err *e)
{
	return (last_title(r)->title = update_keep(r, p, n, e)) != NULL ? 0
									: -1;
}

static int
text_description(
    struct update_reader *r, const char *p, size_t n, struct err *e)
{
	const char *s = update_keep(r, p, n, e);

	last_title(r)->description = s;
	return s != NULL ? 0 : -1;
}

/* --- relationships --- */

static int
begin_prereqs(struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	(void)el;
	(void)e;
	memset(&r->ref, 0, sizeof(r->ref));
	return 0;
}

/* Alternatives within alternatives belong to the outermost ones. */
static int
begin_any(struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	enum place outer = r->open[r->nopen - 1]->place;
	const struct xml_attr *a = xml_attr(el, "IsCategory");

	if (outer == AT_PREREQS)
		r->ref.group = r->nprereq_groups++;
	else if (outer == AT_BUNDLED)
		r->ref.group = r->nbundled_groups++;
	else
		return 0;
	r->ref.any = true;
	r->ref.is_category = false;
	if (a == NULL)
		return 0;
	return update_set_bool(r, &r->ref.is_category, a, e);
}

static int
add_ref(struct update_reader *r, struct list *l, uint32_t max, const char *what,
    const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *id = update_need(el, "UpdateID", e);
	struct update_ref *ref;

	if (id == NULL ||
	    (ref = update_list_add(l, sizeof(*ref), max, what, e)) == NULL)
		return -1;
	*ref = r->ref;
	return update_set_guid(r, &ref->id, id, e);
}

static int
begin_prereq(struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	if (r->open[r->nopen - 1]->place == AT_PREREQS) {
		memset(&r->ref, 0, sizeof(r->ref));
		r->ref.group = r->nprereq_groups++;
	}
	return add_ref(
	    r, &r->prereqs, r->lim.max_prereqs, "prerequisites", el, e);
}

static int
begin_bundled(struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *rev = update_need(el, "RevisionNumber", e);

	if (rev == NULL)
		return -1;
	if (r->open[r->nopen - 1]->place == AT_BUNDLED) {
		memset(&r->ref, 0, sizeof(r->ref));
		r->ref.group = r->nbundled_groups++;
	}
	if (update_set_revision(r, &r->ref.revision, rev, e) == -1)
		return -1;
	return add_ref(
	    r, &r->bundled, r->lim.max_bundled, "bundled updates", el, e);
}

static int
begin_superseded(
    struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *id = update_need(el, "UpdateID", e);
	struct guid *g;

	if (id == NULL)
		return -1;
	g = update_list_add(&r->superseded, sizeof(*g), r->lim.max_superseded,
	    "superseded updates", e);
	return g != NULL ? update_set_guid(r, g, id, e) : -1;
}

/* --- handler --- */

/* xsi:type is a prefixed name; the prefix stands for the handler's URI. */
static int
begin_handler(struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a = el->attrs, *end = a + el->nattrs;
	const char *colon, *uri;
	size_t n;

	for (; a < end; a++)
		if (a->ns != NULL && strcmp(a->name, "type") == 0 &&
		    strcmp(a->ns, XSI) == 0)
			break;
	if (a == end || r->handler != NULL)
		return 0;
	colon = memchr(a->value, ':', a->len);
	n = colon != NULL ? (size_t)(colon - a->value) : 0;
	if ((uri = xml_prefix(r->x, a->value, n)) != NULL)
		r->handler = update_keep(r, uri, strlen(uri), e);
	else
		r->handler = update_keep(r, a->value, a->len, e);
	return r->handler != NULL ? 0 : -1;
}

static int
begin_category(
    struct update_reader *r, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a = xml_attr(el, "CategoryType");
	enum category_type t;
	const char *word;

	(void)e;
	if (a == NULL || r->u->category != CATEGORY_NONE)
		return 0;
	for (t = CATEGORY_CLASSIFICATION; t < CATEGORY_OTHER; t++) {
		word = update_category_word(t);
		if (strlen(word) == a->len &&
		    memcmp(word, a->value, a->len) == 0)
			break;
	}
	r->u->category = t;
	return 0;
}

/* --- the table --- */

/* Rows of one parent stand together. */
const struct element update_elements[] = {
    {AT_DOCUMENT, NS_UPDATE, "Update", AT_UPDATE, NULL, NULL},
    {AT_UPDATE, NS_UPDATE, "UpdateIdentity", AT_LEAF, begin_identity, NULL},
    {AT_UPDATE, NS_UPDATE, "Properties", AT_PROPERTIES, begin_properties, NULL},
    {AT_UPDATE, NS_UPDATE, "LocalizedPropertiesCollection", AT_LOCALIZED, NULL,
	NULL},
    {AT_UPDATE, NS_UPDATE, "Relationships", AT_RELATIONSHIPS, NULL, NULL},
    {AT_UPDATE, NS_UPDATE, "Files", AT_FILES, NULL, NULL},
    {AT_UPDATE, NS_UPDATE, "HandlerSpecificData", AT_HANDLER, begin_handler,
	NULL},
    {AT_PROPERTIES, NS_UPDATE, "Language", AT_LEAF, NULL, text_lang},
    {AT_PROPERTIES, NS_UPDATE, "KBArticleID", AT_LEAF, NULL, text_kb},
    {AT_PROPERTIES, NS_UPDATE, "SecurityBulletinID", AT_LEAF, NULL,
	text_bulletin},
    {AT_PROPERTIES, NS_UPDATE, "SecuredFragment", AT_LEAF, begin_secured, NULL},
    {AT_LOCALIZED, NS_UPDATE, "LocalizedProperties", AT_TITLES, begin_titles,
	NULL},
    {AT_LOCALIZED, NS_UPDATE, "EulaFile", AT_EULA, update_file_eula_begin,
	NULL},
    {AT_EULA, NS_UPDATE, "AdditionalDigest", AT_LEAF,
	update_file_eula_sha256_begin, update_file_eula_sha256},
    {AT_TITLES, NS_UPDATE, "Language", AT_LEAF, NULL, text_title_lang},
    {AT_TITLES, NS_UPDATE, "Title", AT_LEAF, NULL, text_title},
    {AT_TITLES, NS_UPDATE, "Description", AT_LEAF, NULL, text_description},
    {AT_RELATIONSHIPS, NS_UPDATE, "Prerequisites", AT_PREREQS, begin_prereqs,
	NULL},
    {AT_RELATIONSHIPS, NS_UPDATE, "BundledUpdates", AT_BUNDLED, begin_prereqs,
	NULL},
    {AT_RELATIONSHIPS, NS_UPDATE, "SupersededUpdates", AT_SUPERSEDED, NULL,
	NULL},
    {AT_PREREQS, NS_UPDATE, "UpdateIdentity", AT_LEAF, begin_prereq, NULL},
    {AT_PREREQS, NS_UPDATE, "AtLeastOne", AT_PREREQS_ANY, begin_any, NULL},
    {AT_PREREQS_ANY, NS_UPDATE, "UpdateIdentity", AT_LEAF, begin_prereq, NULL},
    {AT_PREREQS_ANY, NS_UPDATE, "AtLeastOne", AT_PREREQS_ANY, begin_any, NULL},
    {AT_BUNDLED, NS_UPDATE, "UpdateIdentity", AT_LEAF, begin_bundled, NULL},
    {AT_BUNDLED, NS_UPDATE, "AtLeastOne", AT_BUNDLED_ANY, begin_any, NULL},
    {AT_BUNDLED_ANY, NS_UPDATE, "UpdateIdentity", AT_LEAF, begin_bundled, NULL},
    {AT_BUNDLED_ANY, NS_UPDATE, "AtLeastOne", AT_BUNDLED_ANY, begin_any, NULL},
    {AT_SUPERSEDED, NS_UPDATE, "UpdateIdentity", AT_LEAF, begin_superseded,
	NULL},
    {AT_FILES, NS_UPDATE, "File", AT_FILE, update_file_begin, NULL},
    {AT_FILE, NS_UPDATE, "AdditionalDigest", AT_LEAF, update_file_sha256_begin,
	update_file_sha256},
    {AT_HANDLER, NS_CATEGORY, "CategoryInformation", AT_LEAF, begin_category,
	NULL},
};

static_assert(
    COUNT(update_elements) == UPDATE_NELEMENTS, "the count in the header");
