/* SPDX-License-Identifier: ISC */
/*
 * XML 1.0 as events, by libxml2's SAX2 in push mode: constant memory, no DTD,
 * no entities but the five, no network.  The writer's half escapes.
 */
#ifndef WF_XML_H
#define WF_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

struct xml_limits {
	unsigned max_depth;
	unsigned max_attrs; /* of one element, its xmlns among them */
	size_t max_attr_bytes; /* of one value */
	size_t max_text; /* bytes between two tags; passed on in portions */
	size_t max_markup; /* bytes of one tag, comment or the like, about */
	unsigned max_ns; /* namespace declarations in scope */
	size_t max_names; /* bytes that all different names and URIs take */
};
extern const struct xml_limits xml_default_limits;

/* Names and URIs are unique strings: within one xml_epoch() compare
   pointers. */
struct xml_attr {
	const char *ns; /* borrowed; NULL: none */
	const char *name; /* borrowed, local */
	const char *prefix; /* borrowed; NULL: none */
	const char *value; /* borrowed; NOT NUL-terminated */
	size_t len;
	/*
	 * That many bytes before value, from a blank on, and one behind it are,
	 * with it, what xml_put_attr() would write; 0: they are not.
	 */
	size_t lead;
};

struct xml_elem {
	const char *ns; /* borrowed, the URI; NULL: none */
	const char *name; /* borrowed, local */
	const char *prefix; /* borrowed; NULL: none */
	const struct xml_attr *attrs; /* borrowed until the handler returns */
	size_t nattrs;
	size_t ndecls; /* namespace declarations in the tag */
	unsigned depth; /* root: 1 */
}; /* an end has no attributes and no declarations */

/*
 * NULL: not wanted.  A handler fails with e filled; parsing stops.  Where it
 * left e->at alone, that becomes the offset of the tag or text at hand.
 */
struct xml_handler {
	int (*start)(void *arg, const struct xml_elem *el, struct err *e);
	int (*end)(void *arg, const struct xml_elem *el, struct err *e);
	int (*text)(void *arg, const char *p, size_t n, struct err *e);
};

/* Once, before threads start. */
void xml_init(void);

/*
 * Errors: E_FORMAT with the byte offset, the line and libxml2's message,
 * E_LIMIT, E_SYS, what a handler failed with.  A parser is reusable after
 * xml_reset(), and only then where it failed or was finished.
 * "]]>" in text is refused where libxml2 sees it: not when it lies across two
 * portions that were pushed.
 * The document must be UTF-8 (a byte order mark and a declaration that says so
 * are accepted); anything else is refused.
 */
struct xml;
int xml_open(struct xml **x, const struct xml_handler *h, void *arg,
    const struct xml_limits *lim, struct err *e);
int xml_push(struct xml *x, const void *p, size_t n, struct err *e);
int xml_finish(struct xml *x, struct err *e); /* the document must be whole */
/* Both in one, for a document that is in memory; faster when it is small. */
int xml_parse(struct xml *x, const void *p, size_t n, struct err *e);
/*
 * The same of a simple document, some times as fast: no declaration,
 * instruction, nothing wrong.  false: it is not such a one, or a handler
 * failed, or ended it: e may be filled, and what was said is void: xml_reset(),
 * and let xml_parse() say what there is.  After true, too, xml_reset() comes
 * next.
 */
bool xml_scan(struct xml *x, const void *p, size_t n, struct err *e);
void xml_reset(struct xml *x, void *arg);
void xml_close(struct xml *x);
/* Another number when xml_reset() has forgotten names and URIs; never 0. */
unsigned xml_epoch(const struct xml *x);
/* The unique string of that text; borrowed for the epoch; NULL: no memory. */
const char *xml_unique(struct xml *x, const char *text);

/* Where in a table of elements, sorted by their parents, one parent's stand. */
struct xml_rows {
	size_t first, end;
};

/* For each row in turn. */
static inline void
xml_rows_add(struct xml_rows *of, size_t row)
{
	if (of->end == 0)
		of->first = row;
	of->end = row + 1;
}

/* The attribute of that name without a namespace, or NULL. */
const struct xml_attr *xml_attr(const struct xml_elem *el, const char *name);
/* The URI that a prefix stands for in the element being handled, or NULL. */
const char *xml_prefix(const struct xml *x, const char *prefix, size_t n);
/*
 * Which declaration in scope says so, from 1, the innermost last; 0: none.
 * That of the start being handled are the last el->ndecls of xml_scope().
 */
size_t xml_declared(const struct xml *x, const char *prefix, size_t n);
size_t xml_scope(const struct xml *x);
/* Bytes into the document: of the tag whose start or end is being handled. */
uint64_t xml_offset(const struct xml *x);
/* In a start: of the '>' or '/' that ends the tag; in an end: behind the
   tag. */
uint64_t xml_offset_after(const struct xml *x);

/*
 * Append text or an attribute's value, escaping & < > and CR, there also " LF
 * and TAB.  E_FORMAT with the offset of what XML cannot hold.
 */
int xml_put_text(struct buf *b, const char *p, size_t n, struct err *e);
int xml_put_attr(struct buf *b, const char *name, const char *v, size_t n,
    struct err *e); /*  name="value" with a space in front */

#endif
