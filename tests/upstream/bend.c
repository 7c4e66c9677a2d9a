/* SPDX-License-Identifier: ISC */
/*
 * A finished answer made over, by libxml2's tree: prefixes, order, elements
 * that nobody knows, nil members, arrays that are left out; and a
 * Content-Encoding that nobody asked for.
 */
#include "tests/upstream/soap.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#define X(s) ((const xmlChar *)(s))
#define SOAP_NS "http://schemas.xmlsoap.org/soap/envelope/"
#define XSI_NS "http://www.w3.org/2001/XMLSchema-instance"

/* Elements whose children are members. */
static const char *const arrays[] = {"NewRevisions", "updates", "fileUrls",
    "FileDigestList", "LanguageUpdateList", "UpdateFileDecryptionData",
    "FileDecryptionData", "Groups", "Deployments", "DeadDeployments",
    "HiddenUpdates", "AcceptedEulas"};

static bool
is_array(const xmlNode *n)
{
	size_t i;

	for (i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (xmlStrcmp(n->name, X(arrays[i])) == 0)
			return true;
	return false;
}

static void
walk(xmlNode *n, void (*f)(xmlNode *n, void *arg), void *arg)
{
	xmlNode *c, *next;

	for (c = n->children; c != NULL; c = next) {
		next = c->next;
		if (c->type == XML_ELEMENT_NODE)
			walk(c, f, arg);
	}
	f(n, arg);
}

/* The last child comes first: every order is another one. */
static void
shuffle(xmlNode *n, void *arg)
{
	xmlNode *c, *next, *first = n->children;

	(void)arg;
	if (first == NULL || first->type != XML_ELEMENT_NODE)
		return;
	for (c = first->next; c != NULL; c = next) {
		next = c->next;
		xmlUnlinkNode(c);
		(void)xmlAddPrevSibling(n->children, c);
	}
}

static void
unknown(xmlNode *n, void *arg)
{
	xmlNode *x;

	(void)arg;
	if (n->children == NULL || n->children->type != XML_ELEMENT_NODE ||
	    n->ns == NULL || xmlStrcmp(n->ns->href, X(SOAP_NS)) == 0)
		return;
	x = xmlNewChild(n, n->ns, X("FutureElement"), X("of a later version"));
	(void)xmlNewProp(x, X("future"), X("true"));
	x = xmlNewChild(n, NULL, X("Stranger"), NULL);
	(void)xmlSetNs(x, xmlNewNs(x, X("urn:example:stranger"), X("q")));
	(void)xmlNewChild(x, x->ns, X("UpdateID"), X("not one"));
}

static void
nil(xmlNode *n, void *arg)
{
	xmlNode *x;

	(void)arg;
	if (!is_array(n) || n->children == NULL)
		return;
	x = xmlNewNode(n->children->ns, n->children->name);
	(void)xmlAddPrevSibling(n->children, x);
	(void)xmlSetNsProp(
	    x, xmlSearchNsByHref(n->doc, n, X(XSI_NS)), X("nil"), X("true"));
}

static void
absent(xmlNode *n, void *arg)
{
	(void)arg;
	if (!is_array(n) || n->children != NULL)
		return;
	xmlUnlinkNode(n);
	xmlFreeNode(n);
}

static void
upper(xmlNode *n, void *arg)
{
	xmlChar *s, *p;

	(void)arg;
	if (n->children == NULL || n->children->type != XML_TEXT_NODE ||
	    (xmlStrcmp(n->name, X("UpdateID")) != 0 &&
		xmlStrcmp(n->name, X("guid")) != 0 &&
		xmlStrcmp(n->name, X("UpdateId")) != 0))
		return;
	s = xmlNodeGetContent(n);
	for (p = s; *p != '\0'; p++)
		*p = (xmlChar)toupper(*p);
	xmlNodeSetContent(n, s);
	xmlFree(s);
}

/* Give every namespace declaration of that name another prefix. */
static void
rename_ns(xmlNode *n, void *arg)
{
	const char *const *names = arg; /* of the envelope, of the rest */
	xmlNs *ns;

	for (ns = n->nsDef; ns != NULL; ns = ns->next) {
		const char *to = NULL;

		if (xmlStrcmp(ns->href, X(SOAP_NS)) == 0)
			to = names[0];
		else if (ns->prefix == NULL)
			to = names[1];
		if (to == NULL)
			continue;
		xmlFree((xmlChar *)(uintptr_t)ns->prefix);
		ns->prefix = xmlStrdup(X(to));
	}
}

/* "s" as Microsoft's endpoint has it; another one on every element. */
static bool
prefix(xmlDoc *doc, const char *to)
{
	char inner[64];
	const char *names[2] = {to, inner};

	snprintf(inner, sizeof(inner), "%.32s1", to);
	if (strcmp(to, "s") == 0)
		names[1] = NULL;
	walk(xmlDocGetRootElement(doc), rename_ns, (void *)names);
	return names[1] != NULL;
}

static const struct {
	const char *mode;
	void (*f)(xmlNode *n, void *arg);
} bends[] = {
    {"upper", upper},
    {"absent-arrays", absent},
    {"nil", nil},
    {"unknown-elements", unknown},
    {"shuffle", shuffle},
};

static void
dump(struct answer *a, xmlDoc *doc, bool declared)
{
	xmlBuffer *b = xmlBufferCreate();

	buf_reset(&a->body);
	if (declared)
		put(&a->body, "<?xml version=\"1.0\" encoding=\"utf-8\"?>");
	if (b == NULL ||
	    xmlNodeDump(b, doc, xmlDocGetRootElement(doc), 0, 0) < 0)
		die(4, "libxml2 cannot write what it read");
	putn(&a->body, xmlBufferContent(b), (size_t)xmlBufferLength(b));
	xmlBufferFree(b);
}

static void
bend_tree(struct answer *a)
{
	const char *to = wish(&a->w, "prefix");
	bool declared = true, any = to != NULL;
	xmlDoc *doc;
	size_t i;

	for (i = 0; i < sizeof(bends) / sizeof(bends[0]); i++)
		any = any || wish(&a->w, bends[i].mode) != NULL;
	if (!any || a->body.len == 0)
		return;
	doc = xmlReadMemory((const char *)a->body.p, (int)a->body.len, NULL,
	    NULL, XML_PARSE_NONET | XML_PARSE_HUGE);
	if (doc == NULL)
		die(4, "an answer of ours is no XML");
	for (i = 0; i < sizeof(bends) / sizeof(bends[0]); i++)
		if (wish(&a->w, bends[i].mode) != NULL)
			walk(xmlDocGetRootElement(doc), bends[i].f, NULL);
	if (to != NULL)
		declared = prefix(doc, to);
	dump(a, doc, declared);
	xmlFreeDoc(doc);
}

/* Blocks that are stored, not packed. */
static void
xpress(struct answer *a)
{
	struct buf b = BUF_INIT;
	size_t at, n;

	for (at = 0; at < a->body.len; at += n) {
		uint8_t head[8];
		int i;

		n = a->body.len - at < 16352 ? a->body.len - at : 16352;
		for (i = 0; i < 8; i++)
			head[i] = (uint8_t)(n >> 8 * (i % 4));
		putn(&b, head, sizeof(head));
		putn(&b, a->body.p + at, n);
	}
	buf_free(&a->body);
	a->body = b;
	put(&a->head, "Content-Encoding: xpress\r\n");
}

/* list GUID.REV: one more in a list, also in a recorded one. */
static void
list_more(struct answer *a, const char *name)
{
	static const char end[] = "</NewRevisions>";
	struct buf b = BUF_INIT;
	char *at = memmem(a->body.p, a->body.len, end, strlen(end));
	size_t n = at != NULL ? (size_t)(at - (char *)a->body.p) : 0;
	struct guid g;

	if (n == 0 || !guid_read(&g, name, strcspn(name, ".")))
		return;
	putn(&b, a->body.p, n);
	put_rev(&b, "UpdateIdentity", &g,
	    (uint32_t)strtoul(name + GUID_LEN + 1, NULL, 10));
	putn(&b, at, a->body.len - n);
	buf_free(&a->body);
	a->body = b;
}

void
bend(struct answer *a)
{
	size_t i;

	for (i = 0; i < a->w.n; i++)
		if (strcmp(a->w.v[i].mode, "list") == 0)
			list_more(a, a->w.v[i].arg);
	bend_tree(a);
	if (wish(&a->w, "xpress") != NULL)
		xpress(a);
}
