/* SPDX-License-Identifier: ISC */
/*
 * Elements of foreign namespaces: the document's own bytes.  Where a prefix in
 * them is declared outside, the copy gets the declaration too.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/fragment_priv.h"

#define XSI "http://www.w3.org/2001/XMLSchema-instance"

/* The namespace that the prefix stands for is one more that the copy lacks. */
static int
add_lack(struct fragment_writer *w, const char *prefix, const char *uri,
    struct err *e)
{
	struct fragment_copy *c = &w->copy;
	uint32_t i, max = w->lim.max_declared;

	for (i = 0; i < c->nlacks; i++)
		if (strcmp(c->lacks[2 * i], prefix) == 0)
			return 0;
	if (c->nlacks == max)
		return err_set(e, E_LIMIT,
		    "more than %u namespaces declared outside of what is "
		    "copied",
		    max);
	if (c->lacks == NULL &&
	    (c->lacks = calloc(max, 2 * sizeof(*c->lacks))) == NULL)
		return err_nomem(e);
	if ((prefix = xml_unique(w->x, prefix)) == NULL)
		return err_nomem(e);
	c->lacks[2 * c->nlacks] = prefix;
	c->lacks[2 * c->nlacks++ + 1] = uri;
	return 0;
}

static int
use_prefix(struct fragment_writer *w, const char *prefix, struct err *e)
{
	size_t n = strlen(prefix), at;
	const char *uri;

	if (strcmp(prefix, "xml") == 0)
		return 0;
	at = xml_declared(w->x, prefix, n);
	if (at == 0 || at > w->copy.scope)
		return 0;
	uri = xml_prefix(w->x, prefix, n);
	return uri != NULL ? add_lack(w, prefix, uri, e) : 0;
}

/* The value is a name too, whose prefix may be declared outside. */
static int
use_type(struct fragment_writer *w, const struct xml_attr *a, struct err *e)
{
	const char *colon = memchr(a->value, ':', a->len);
	struct buf b = BUF_INIT;
	const char *prefix;
	int r = -1;

	if (colon == NULL)
		return 0;
	if (buf_put(&b, a->value, (size_t)(colon - a->value), e) == 0 &&
	    (prefix = buf_str(&b, e)) != NULL)
		r = use_prefix(w, prefix, e);
	buf_free(&b);
	return r;
}

static int
use_names(struct fragment_writer *w, const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a = el->attrs, *end = a + el->nattrs;

	if (use_prefix(w, el->prefix != NULL ? el->prefix : "", e) == -1)
		return -1;
	for (; a < end; a++) {
		if (a->ns == NULL)
			continue;
		if (use_prefix(w, a->prefix, e) == -1)
			return -1;
		if (strcmp(a->ns, XSI) == 0 && strcmp(a->name, "type") == 0 &&
		    use_type(w, a, e) == -1)
			return -1;
	}
	return 0;
}

/* A tag holds no '<' but its first byte. */
static void
begin_copy(struct fragment_writer *w, const struct xml_elem *el)
{
	struct fragment_copy *c = &w->copy;
	size_t after = (size_t)xml_offset_after(w->x);
	const uint8_t *lt = memrchr(w->doc, '<', after);

	c->depth = el->depth;
	c->from = (size_t)(lt - w->doc);
	while (strchr(" \t\r\n", w->doc[after - 1]) != NULL)
		after--;
	c->tag = after;
	c->scope = xml_scope(w->x) - el->ndecls;
	c->nlacks = 0;
}

int
fragment_copy_start(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e)
{
	if (w->copy.depth == 0) {
		if (fragment_close_tag(w, e) == -1)
			return -1;
		begin_copy(w, el);
	}
	return use_names(w, el, e);
}

static int
declare(struct fragment_writer *w, const char *prefix, const char *uri,
    struct err *e)
{
	struct buf name = BUF_INIT;
	const char *s;
	int r = -1;

	w->odd.ndeclared++;
	if (*prefix == '\0')
		return xml_put_attr(w->b, "xmlns", uri, strlen(uri), e);
	if (buf_printf(&name, e, "xmlns:%s", prefix) == 0 &&
	    (s = buf_str(&name, e)) != NULL)
		r = xml_put_attr(w->b, s, uri, strlen(uri), e);
	buf_free(&name);
	return r;
}

int
fragment_copy_end(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e)
{
	struct fragment_copy *c = &w->copy;
	size_t after = (size_t)xml_offset_after(w->x);
	uint32_t i;

	if (el->depth > c->depth)
		return 0;
	c->depth = 0;
	if (fragment_put(w, w->doc + c->from, c->tag - c->from, e) == -1)
		return -1;
	for (i = 0; i < c->nlacks; i++)
		if (declare(w, c->lacks[2 * i], c->lacks[2 * i + 1], e) == -1)
			return -1;
	return fragment_put(w, w->doc + c->tag, after - c->tag, e);
}
