/* SPDX-License-Identifier: ISC */
#include "formats/soap.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"

#define DEPTH_BODY 2 /* Envelope/Body */

struct soap {
	struct xml *x; /* owned */
	const struct xml_handler *h; /* borrowed while reading */
	int (*nil)(void *arg, const struct xml_elem *el, struct err *e);
	void *arg; /* borrowed while reading */
	struct soap_fault *f; /* borrowed while reading */
	bool in_body, had_body, had_op, in_fault;
	unsigned nil_depth; /* of the outermost nil element open, or 0 */
	struct buf text; /* of the element of a fault that is open */
};

static bool
is(const struct xml_elem *el, const char *ns, const char *name)
{
	return el->ns != NULL && strcmp(el->name, name) == 0 &&
	    strcmp(el->ns, ns) == 0;
}

static int
unexpected(const struct xml_elem *el, const char *what, const char *want,
    struct err *e)
{
	return err_set(e, E_FORMAT, "%s is %.64s in '%.128s', expected %s",
	    what, el->name, el->ns != NULL ? el->ns : "", want);
}

/* --- a fault --- */

static const struct fault_part {
	const char *name;
	size_t off, size; /* in struct soap_fault */
} fault_parts[] = {
    {"ErrorCode", offsetof(struct soap_fault, word), 64},
    {"Message", offsetof(struct soap_fault, message), SOAP_TEXT_MAX},
    {"ID", offsetof(struct soap_fault, id), 64},
    {"Method", offsetof(struct soap_fault, method), 192},
    {"faultstring", offsetof(struct soap_fault, string), 256},
};

static void
trim(const char **p, size_t *n)
{
	static const char blanks[] = " \t\r\n";

	while (*n > 0 && strchr(blanks, **p) != NULL && **p != '\0')
		++*p, --*n;
	while (*n > 0 && strchr(blanks, (*p)[*n - 1]) != NULL)
		--*n;
}

/* No sequence of UTF-8 is cut in the middle. */
static void
keep_text(char *to, size_t size, const char *p, size_t n)
{
	if (n > size - 1)
		for (n = size - 1; n > 0 && (p[n] & 0xc0) == 0x80;)
			n--;
	memcpy(to, p, n);
	to[n] = '\0';
}

/* Anywhere beneath Fault, in any namespace; the first that says something. */
static void
take_part(struct soap *s, const char *name)
{
	const char *p = (const char *)s->text.p, *lf;
	const struct fault_part *part = fault_parts;
	size_t n = s->text.len, i;
	char *to;

	for (i = 0; i < sizeof(fault_parts) / sizeof(*part); i++, part++)
		if (strcmp(part->name, name) == 0)
			break;
	if (n == 0 || i == sizeof(fault_parts) / sizeof(*part))
		return;
	to = (char *)s->f + part->off;
	trim(&p, &n);
	if (strcmp(name, "faultstring") == 0 &&
	    (lf = memchr(p, '\n', n)) != NULL)
		n = (size_t)(lf - p);
	if (*to == '\0')
		keep_text(to, part->size, p, n);
}

/* CookieExpired is in no list of codes; it comes all the same, and says it. */
static enum soap_code
code_of(const char *word)
{
	enum soap_code c;

	if (strcmp(word, "CookieExpired") == 0)
		return SOAP_INVALID_COOKIE;
	for (c = SOAP_INVALID_PARAMETERS; c < SOAP_UNKNOWN; c++)
		if (strcmp(soap_code_word(c), word) == 0)
			return c;
	return SOAP_UNKNOWN;
}

static int
fault_text(struct soap *s, const char *p, size_t n, struct err *e)
{
	if (n > SOAP_TEXT_MAX - s->text.len)
		n = SOAP_TEXT_MAX - s->text.len;
	return buf_put(&s->text, p, n, e);
}

/* --- events --- */

/* 1, 0, or -1 for a value that is no boolean. */
static int
is_nil(const struct xml_elem *el, struct err *e)
{
	const struct xml_attr *a = el->attrs, *end = a + el->nattrs;
	const char *p;
	size_t n;

	for (; a < end; a++) {
		if (a->ns == NULL || strcmp(a->name, "nil") != 0 ||
		    strcmp(a->ns, SOAP_XSI) != 0)
			continue;
		p = a->value;
		n = a->len;
		trim(&p, &n);
		if ((n == 4 && memcmp(p, "true", 4) == 0) ||
		    (n == 1 && *p == '1'))
			return 1;
		if ((n == 5 && memcmp(p, "false", 5) == 0) ||
		    (n == 1 && *p == '0'))
			return 0;
		return err_set(e, E_FORMAT,
		    "%.64s: nil is '%.*s', expected true or false", el->name,
		    n < 32 ? (int)n : 32, p);
	}
	return 0;
}

static int
begin_outside(struct soap *s, const struct xml_elem *el, struct err *e)
{
	if (el->depth == 1)
		return is(el, SOAP_NS, "Envelope")
		    ? 0
		    : unexpected(el, "root", "Envelope in '" SOAP_NS "'", e);
	if (el->depth != DEPTH_BODY || !is(el, SOAP_NS, "Body"))
		return 0;
	if (s->had_body)
		return err_set(e, E_FORMAT, "a second Body");
	s->in_body = s->had_body = true;
	return 0;
}

static int
begin_op(struct soap *s, const struct xml_elem *el, struct err *e)
{
	if (s->had_op)
		return unexpected(el, "a second element of Body", "one", e);
	s->had_op = true;
	s->in_fault = is(el, SOAP_NS, "Fault");
	return 0;
}

static int
on_start(void *arg, const struct xml_elem *el, struct err *e)
{
	struct soap *s = arg;
	struct xml_elem inner;
	int nil;

	if (s->nil_depth > 0)
		return 0;
	if (!s->in_body)
		return begin_outside(s, el, e);
	if (el->depth == DEPTH_BODY + 1 && begin_op(s, el, e) == -1)
		return -1;
	s->text.len = 0;
	if (s->in_fault)
		return 0;
	inner = *el;
	inner.depth -= DEPTH_BODY;
	if (el->nattrs > 0) {
		if ((nil = is_nil(el, e)) == -1)
			return -1;
		if (nil == 1) {
			s->nil_depth = el->depth;
			return s->nil != NULL ? s->nil(s->arg, &inner, e) : 0;
		}
	}
	return s->h->start != NULL ? s->h->start(s->arg, &inner, e) : 0;
}

static int
on_end(void *arg, const struct xml_elem *el, struct err *e)
{
	struct soap *s = arg;
	struct xml_elem inner;

	if (s->nil_depth > 0) {
		if (s->nil_depth == el->depth)
			s->nil_depth = 0;
		return 0;
	}
	if (!s->in_body)
		return 0;
	if (el->depth == DEPTH_BODY) {
		s->in_body = false;
		return 0;
	}
	if (s->in_fault) {
		take_part(s, el->name);
		s->text.len = 0;
		return 0;
	}
	inner = *el;
	inner.depth -= DEPTH_BODY;
	return s->h->end != NULL ? s->h->end(s->arg, &inner, e) : 0;
}

static int
on_text(void *arg, const char *p, size_t n, struct err *e)
{
	struct soap *s = arg;

	if (!s->had_op || !s->in_body || s->nil_depth > 0)
		return 0;
	if (s->in_fault)
		return fault_text(s, p, n, e);
	return s->h->text != NULL ? s->h->text(s->arg, p, n, e) : 0;
}

/* --- a message --- */

static void
begin_envelope(struct soap *s, const struct xml_handler *h, void *arg,
    struct soap_fault *f)
{
	f->code = SOAP_OK;
	*f->word = *f->message = *f->id = *f->method = *f->string = '\0';
	s->h = h;
	s->arg = arg;
	s->f = f;
	s->in_body = s->had_body = s->had_op = s->in_fault = false;
	s->nil_depth = 0;
	s->text.len = 0;
	xml_reset(s->x, s);
}

int
soap_read(struct soap *s, const void *p, size_t n, const struct xml_handler *h,
    void *arg, struct soap_fault *f, struct err *e)
{
	begin_envelope(s, h, arg, f);
	if (n > SOAP_MAX_MESSAGE)
		return err_set(e, E_LIMIT, "message of %zu bytes, at most %zu",
		    n, SOAP_MAX_MESSAGE);
	if (xml_parse(s->x, p, n, e) == -1)
		return -1;
	if (!s->had_body)
		return err_at(e, n, "Envelope: no Body");
	if (!s->had_op)
		return err_at(e, n, "Body: empty, expected an element");
	if (s->in_fault)
		f->code = code_of(f->word);
	return 0;
}

int
soap_open(struct soap **out, struct err *e)
{
	static const struct xml_handler h = {on_start, on_end, on_text};
	struct xml_limits lim = xml_default_limits;
	struct soap *s;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return err_nomem(e);
	s->text = (struct buf)BUF_INIT;
	lim.max_depth = SOAP_MAX_DEPTH;
	lim.max_text = SOAP_MAX_MESSAGE;
	if (xml_open(&s->x, &h, s, &lim, e) == -1) {
		soap_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
soap_on_nil(struct soap *s,
    int (*nil)(void *arg, const struct xml_elem *el, struct err *e))
{
	s->nil = nil;
}

void
soap_close(struct soap *s)
{
	if (s == NULL)
		return;
	xml_close(s->x);
	buf_free(&s->text);
	free(s);
}
