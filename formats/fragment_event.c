/* SPDX-License-Identifier: ISC */
/*
 * Elements in the spelling of fragments: names without a namespace, no white
 * space between tags, no comments; what is foreign as it stands.
 */
#include <string.h>

#include "formats/fragment_priv.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define MSUS "http://schemas.microsoft.com/msus/"

/* --- names --- */

static const struct {
	const char *ns, *prefix;
} prefixes[] = {
    {MSUS "2002/12/BaseApplicabilityRules", "b."},
    {MSUS "2002/12/MsiApplicabilityRules", "m."},
    {MSUS "2002/12/UpdateHandlers/WindowsDriver", "d."},
};

static struct fragment_spelling
look_up(const char *ns)
{
	struct fragment_spelling s = {.ns = ns, .prefix = ""};
	size_t i;

	if (ns == NULL)
		return s;
	s.foreign = strncmp(ns, MSUS, sizeof(MSUS) - 1) != 0;
	for (i = 0; i < COUNT(prefixes); i++)
		if (strcmp(ns, prefixes[i].ns) == 0)
			s.prefix = prefixes[i].prefix;
	return s;
}

/* The same URI is the same pointer as long as one document is read. */
const struct fragment_spelling *
fragment_spell(struct fragment_writer *w, const char *ns)
{
	struct fragment_spelling *s = w->spelling;
	unsigned i;

	for (i = 0; i < w->nspellings; i++)
		if (s[i].ns == ns)
			return &s[i];
	i = w->next_spelling++ % FRAGMENT_SPELLINGS;
	if (w->nspellings <= i)
		w->nspellings = i + 1;
	s[i] = look_up(ns);
	return &s[i];
}

static bool
is_update(const struct xml_elem *el, const char *name)
{
	return el->ns != NULL && strcmp(el->name, name) == 0 &&
	    strcmp(el->ns, FRAGMENT_UPDATE) == 0;
}

/* --- tags --- */

/* By its local name, so that one of another namespace must be another one. */
int
fragment_put_attr(
    struct buf *b, const struct xml_elem *el, size_t i, struct err *e)
{
	const struct xml_attr *a = &el->attrs[i];
	size_t j;

	if (a->ns != NULL && strcmp(a->name, "xmlns") == 0)
		return err_set(e, E_FORMAT,
		    "%.64s: an attribute xmlns of '%.128s'", el->name, a->ns);
	for (j = 0; a->ns != NULL && j < el->nattrs; j++)
		if (j != i && strcmp(el->attrs[j].name, a->name) == 0)
			return err_set(e, E_FORMAT,
			    "%.64s: %.64s twice, once in '%.128s'", el->name,
			    a->name, a->ns);
	if (a->lead > 0)
		return buf_put(b, a->value - a->lead, a->lead + a->len + 1, e);
	return xml_put_attr(b, a->name, a->value, a->len, e);
}

/* How many from the first on stand as they are to be written, on end. */
static size_t
count_plain(const struct xml_elem *el, size_t *bytes)
{
	const struct xml_attr *a = el->attrs;
	const char *at = el->nattrs > 0 ? a->value - a->lead : NULL;
	size_t i;

	for (i = 0; i < el->nattrs; i++, a++) {
		if (a->lead == 0 || a->value - a->lead != at)
			break;
		at = a->value + a->len + 1;
	}
	*bytes = i > 0 ? (size_t)(at - (el->attrs->value - el->attrs->lead))
		       : 0;
	return i;
}

int
fragment_close_tag(struct fragment_writer *w, struct err *e)
{
	if (!w->tag_open)
		return 0;
	w->tag_open = false;
	return buf_put(w->b, ">", 1, e);
}

/* From the '<' on; more: bytes that there is room for behind it. */
static uint8_t *
put_name(struct fragment_writer *w, const char *name, const char *ns,
    const char *begin, size_t more, struct err *e)
{
	const char *prefix = fragment_spell(w, ns)->prefix;
	size_t n = strlen(name), m = strlen(prefix), k = strlen(begin);
	uint8_t *to = buf_reserve(w->b, k + m + n + more, e);

	if (to == NULL)
		return NULL;
	memcpy(to, begin, k);
	memcpy(to + k, prefix, m);
	memcpy(to + k + m, name, n);
	w->b->len += k + m + n;
	return to + k + m + n;
}

int
fragment_put_tag(struct fragment_writer *w, const char *name,
    const struct xml_elem *el, struct err *e)
{
	const char *begin = w->tag_open ? "><" : "<";

	if (put_name(w, name, el->ns, begin, 0, e) == NULL)
		return -1;
	w->tag_open = true;
	return 0;
}

static int
put_element(struct fragment_writer *w, const struct xml_elem *el, struct err *e)
{
	const char *begin = w->tag_open ? "><" : "<";
	size_t bytes, i = count_plain(el, &bytes);
	uint8_t *to = put_name(w, el->name, el->ns, begin, bytes, e);

	if (to == NULL)
		return -1;
	w->tag_open = true;
	if (bytes > 0)
		memcpy(to, el->attrs->value - el->attrs->lead, bytes);
	w->b->len += bytes;
	for (; i < el->nattrs; i++)
		if (fragment_put_attr(w->b, el, i, e) == -1)
			return -1;
	return 0;
}

int
fragment_put_end(struct fragment_writer *w, const char *name,
    const struct xml_elem *el, struct err *e)
{
	uint8_t *to;

	if (w->tag_open) {
		w->tag_open = false;
		return buf_put(w->b, " />", 3, e);
	}
	if ((to = put_name(w, name, el->ns, "</", 1, e)) == NULL)
		return -1;
	*to = '>';
	w->b->len++;
	return 0;
}

/* --- which elements --- */

static const struct {
	const char *name;
	enum fragment_part part;
} parts[] = {
    {"UpdateIdentity", PART_IDENTITY},
    {"Properties", PART_PROPERTIES},
    {"Relationships", PART_RELATIONSHIPS},
    {"ApplicabilityRules", PART_RULES},
    {"Files", PART_FILES},
    {"HandlerSpecificData", PART_HANDLER},
    {"LocalizedPropertiesCollection", PART_TEXTS},
};

static bool
wanted(const struct fragment_writer *w, enum fragment_part p)
{
	return (w->want & PART_BIT(p)) != 0;
}

/* From here on everything is written, up to the end of this element. */
static void
begin_part(struct fragment_writer *w, enum fragment_part p, unsigned depth)
{
	w->before = 0;
	for (int i = 0; i < PART_COUNT; i++)
		w->before += i != (int)p ? w->part[i].len : 0;
	w->at = p;
	w->b = &w->part[p];
	w->depth = depth;
	w->start = w->b->len;
	w->tag_open = w->in_text = w->in_lang = false;
	w->space.len = 0;
}

/* Reading on would bring nothing: what follows is looked at in other passes. */
static int
end_part(struct fragment_writer *w, struct err *e)
{
	w->b = NULL;
	if (!w->direct || (PART_BIT(w->at) & PART_EARLY) == 0)
		return 0;
	w->enough = true;
	return err_set(e, E_STOP, "enough");
}

/* One that is no language is none. */
static int
note_preferred(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a = xml_attr(el, "DefaultPropertiesLanguage");

	buf_reset(&w->preferred);
	if (a == NULL || a->len > w->lim.max_lang)
		return 0;
	return buf_put(&w->preferred, a->value, a->len, e) == -1
	    ? -1
	    : buf_put(&w->preferred, "", 1, e);
}

static int
start_properties(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e)
{
	if (note_preferred(w, el, e) == -1)
		return -1;
	if (wanted(w, PART_PROPERTIES)) {
		begin_part(w, PART_PROPERTIES, el->depth);
		if (fragment_put_core(w, el, e) == -1 || end_part(w, e) == -1)
			return -1;
	}
	if (!wanted(w, PART_EXTENDED))
		return 0;
	begin_part(w, PART_EXTENDED, el->depth);
	return fragment_put_extended(w, el, e);
}

static int
start_part(struct fragment_writer *w, const struct xml_elem *el, struct err *e)
{
	size_t i;

	for (i = 0; i < COUNT(parts) && !is_update(el, parts[i].name); i++)
		;
	if (i == COUNT(parts))
		return 0;
	if (w->met & PART_BIT(parts[i].part))
		return err_set(e, E_FORMAT, "%s: a second one, expected one",
		    parts[i].name);
	w->met |= PART_BIT(parts[i].part);
	w->in_texts = parts[i].part == PART_TEXTS;
	if (parts[i].part == PART_PROPERTIES)
		return start_properties(w, el, e);
	if (w->in_texts || !wanted(w, parts[i].part))
		return 0;
	begin_part(w, parts[i].part, el->depth);
	return put_element(w, el, e);
}

static int
keep_word(struct fragment_writer *w, struct buf *b, const char *p, size_t n,
    const char *what, struct err *e)
{
	if (n > w->lim.max_lang - b->len)
		return err_set(e, E_LIMIT, "%s: more than %zu bytes", what,
		    w->lim.max_lang);
	return buf_put(b, p, n, e);
}

static int
keep_attr(struct fragment_writer *w, struct buf *b, const struct xml_elem *el,
    const char *name, struct err *e)
{
	const struct xml_attr *a = xml_attr(el, name);

	return a != NULL ? keep_word(w, b, a->value, a->len, name, e) : 0;
}

static int
start_text(struct fragment_writer *w, const struct xml_elem *el,
    enum fragment_part p, struct err *e)
{
	uint32_t *n = p == PART_TEXTS ? &w->ntexts : &w->neulas;

	w->met |= PART_BIT(p);
	if ((*n)++ >= w->lim.max_texts)
		return err_set(
		    e, E_LIMIT, "%s: more than %u", el->name, w->lim.max_texts);
	if (!wanted(w, p))
		return 0;
	begin_part(w, p, el->depth);
	w->lang.len = w->geo.len = 0;
	if (p == PART_EULAS &&
	    (keep_attr(w, &w->lang, el, "Language", e) == -1 ||
		keep_attr(w, &w->geo, el, "GeoId", e) == -1))
		return -1;
	return put_element(w, el, e);
}

static int
start_outside(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e)
{
	if (el->depth == 1 && !is_update(el, "Update"))
		return err_set(e, E_FORMAT,
		    "root is %.64s in '%.128s', expected Update in '%s'",
		    el->name, el->ns != NULL ? el->ns : "", FRAGMENT_UPDATE);
	if (el->depth == 2) {
		w->in_texts = false;
		return start_part(w, el, e);
	}
	if (el->depth != 3 || !w->in_texts)
		return 0;
	if (is_update(el, "LocalizedProperties"))
		return start_text(w, el, PART_TEXTS, e);
	if (is_update(el, "EulaFile"))
		return start_text(w, el, PART_EULAS, e);
	return 0;
}

static int
start_inside(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e)
{
	w->in_text = false;
	w->space.len = 0;
	w->in_lang = w->at == PART_TEXTS && el->depth == 4 &&
	    is_update(el, "Language");
	if (w->copy.depth > 0 || fragment_spell(w, el->ns)->foreign)
		return fragment_copy_start(w, el, e);
	return put_element(w, el, e);
}

static int
on_start(void *arg, const struct xml_elem *el, struct err *e)
{
	struct fragment_writer *w = arg;
	int r;

	if (w->b != NULL)
		r = start_inside(w, el, e);
	else
		r = start_outside(w, el, e);
	return r == 0 && w->b != NULL ? fragment_settle(w, e) : r;
}

/* --- ends and text --- */

static int
on_end(void *arg, const struct xml_elem *el, struct err *e)
{
	struct fragment_writer *w = arg;
	const char *name = el->name;
	int r;

	if (w->b == NULL)
		return 0;
	w->in_text = w->in_lang = false;
	w->space.len = 0;
	if (el->depth == w->depth && w->at == PART_EXTENDED)
		name = FRAGMENT_EXTENDED_ROOT;
	if (w->copy.depth > 0)
		r = fragment_copy_end(w, el, e);
	else
		r = fragment_put_end(w, name, el, e);
	if (r == -1 || fragment_settle(w, e) == -1)
		return -1;
	if (el->depth > w->depth)
		return 0;
	if (w->at >= PART_TEXTS && fragment_text_done(w, e) == -1)
		return -1;
	return end_part(w, e);
}

static size_t
blank(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] != ' ' && p[i] != '\n' && p[i] != '\t' && p[i] != '\r')
			break;
	return i;
}

static int
put_space(struct fragment_writer *w, struct err *e)
{
	const struct buf *s = &w->space;

	return s->len == 0 ? 0
			   : xml_put_text(w->b, (const char *)s->p, s->len, e);
}

/* White space counts only where the same text holds something else. */
static int
put_text(struct fragment_writer *w, const char *p, size_t n, struct err *e)
{
	if (!w->in_text && blank(p, n) == n) {
		if (n > w->lim.max_space - w->space.len)
			return err_set(e, E_LIMIT,
			    "white space of more than %zu bytes",
			    w->lim.max_space);
		return buf_put(&w->space, p, n, e);
	}
	if (!w->in_text) {
		w->in_text = true;
		if (fragment_close_tag(w, e) == -1 || put_space(w, e) == -1)
			return -1;
	}
	return xml_put_text(w->b, p, n, e);
}

static int
on_text(void *arg, const char *p, size_t n, struct err *e)
{
	struct fragment_writer *w = arg;

	if (w->b == NULL || w->copy.depth > 0)
		return 0;
	if (w->in_lang && keep_word(w, &w->lang, p, n, "Language", e) == -1)
		return -1;
	if (put_text(w, p, n, e) == -1)
		return -1;
	return fragment_settle(w, e);
}

const struct xml_handler fragment_events = {on_start, on_end, on_text};
