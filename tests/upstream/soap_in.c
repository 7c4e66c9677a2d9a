/* SPDX-License-Identifier: ISC */
/* What a request says, by libxml2's tree: another reader than the client's. */
#include "tests/upstream/soap.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#define X(s) ((const xmlChar *)(s))

int
ask_read(struct ask *q, const void *p, size_t n)
{
	xmlNode *envelope, *body;

	q->doc = xmlReadMemory(p, (int)n, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
		XML_PARSE_HUGE);
	if (q->doc == NULL ||
	    (envelope = xmlDocGetRootElement(q->doc)) == NULL ||
	    xmlStrcmp(envelope->name, X("Envelope")) != 0 ||
	    (body = ask_child(envelope, "Body")) == NULL)
		return -1;
	for (q->op = body->children; q->op != NULL; q->op = q->op->next)
		if (q->op->type == XML_ELEMENT_NODE)
			break;
	if (q->op == NULL)
		return -1;
	snprintf(q->name, sizeof(q->name), "%s", (const char *)q->op->name);
	return 0;
}

void
ask_free(struct ask *q)
{
	xmlFreeDoc(q->doc);
	q->doc = NULL;
}

static xmlNode *
named(xmlNode *n, const char *name)
{
	while (n != NULL &&
	    (n->type != XML_ELEMENT_NODE || xmlStrcmp(n->name, X(name)) != 0))
		n = n->next;
	return n;
}

struct _xmlNode *
ask_child(struct _xmlNode *of, const char *name)
{
	return of != NULL ? named(of->children, name) : NULL;
}

struct _xmlNode *
ask_follow(struct _xmlNode *n, const char *name)
{
	return named(n->next, name);
}

void
ask_text(struct _xmlNode *n, char *to, size_t size)
{
	xmlChar *s = n != NULL ? xmlNodeGetContent(n) : NULL;

	snprintf(to, size, "%s", s != NULL ? (const char *)s : "");
	xmlFree(s);
}

bool
ask_guid(struct _xmlNode *n, struct guid *g)
{
	char s[64];

	ask_text(n, s, sizeof(s));
	return guid_read(g, s, strlen(s));
}

bool
ask_true(struct _xmlNode *n)
{
	char s[8];

	ask_text(n, s, sizeof(s));
	return strcmp(s, "true") == 0 || strcmp(s, "1") == 0;
}

bool
ask_rev(struct _xmlNode *n, struct guid *g, uint32_t *revision)
{
	char s[32];
	uint64_t v;

	ask_text(ask_child(n, "RevisionNumber"), s, sizeof(s));
	if (!ask_guid(ask_child(n, "UpdateID"), g) ||
	    !num_read(&v, s, strlen(s), 0, INT32_MAX))
		return false;
	*revision = (uint32_t)v;
	return true;
}

bool
ask_sha1(struct _xmlNode *n, uint8_t sha1[SHA1_LEN])
{
	char s[64];

	ask_text(n, s, sizeof(s));
	return base64_read(sha1, SHA1_LEN, s, strlen(s));
}
