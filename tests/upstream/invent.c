/* SPDX-License-Identifier: ISC */
/*
 * Revisions that are in no store.  many N: ids that cannot be had; invent N:
 * detectoids; nest N: an update that bundles one that bundles one ..., N deep,
 * of which only the first is listed, and which need an id that nobody has;
 * circle N: the same, and the last bundles the first.
 */
#include "tests/upstream/soap.h"

#define NOBODY UINT32_MAX

static const uint8_t mark[12] = {
    0xf0, 0x0d, 0xca, 0xfe, 0, 1, 0x40, 2, 0x80, 3, 0, 4};

void
invent(struct guid *g, unsigned n)
{
	memcpy(g->b, mark, sizeof(mark));
	g->b[12] = (uint8_t)(n >> 24);
	g->b[13] = (uint8_t)(n >> 16);
	g->b[14] = (uint8_t)(n >> 8);
	g->b[15] = (uint8_t)n;
}

static unsigned
number(const struct guid *g)
{
	return (unsigned)g->b[12] << 24 | (unsigned)g->b[13] << 16 |
	    (unsigned)g->b[14] << 8 | g->b[15];
}

/* Is it one that GetUpdateData answers? */
bool
invented(const struct guid *g)
{
	return memcmp(g->b, mark, sizeof(mark)) == 0 && number(g) != NOBODY &&
	    (modes_any("invent") != NULL || modes_any("nest") != NULL ||
		modes_any("circle") != NULL);
}

/* How many of them are in a list of categories, or of updates. */
unsigned
invent_listed(const struct wishes *w, bool config)
{
	if (wish(w, "nest") != NULL || wish(w, "circle") != NULL)
		return config ? 0 : 1;
	if (wish(w, "many") != NULL)
		return (unsigned)wish_num(w, "many", 0);
	return config ? (unsigned)wish_num(w, "invent", 0) : 0;
}

static void
put_bundle(struct buf *doc, unsigned n)
{
	const char *nest = modes_any("nest"), *circle = modes_any("circle");
	unsigned deep;
	struct guid g;
	char s[GUID_LEN + 1];

	deep = (unsigned)strtoul(nest != NULL ? nest : circle, NULL, 10);
	invent(&g, NOBODY);
	guid_write(s, &g);
	putf(doc,
	    "<upd:Relationships><upd:Prerequisites><upd:UpdateIdentity"
	    " UpdateID=\"%s\" /></upd:Prerequisites>",
	    s);
	if (n + 1 < deep || circle != NULL) {
		invent(&g, n + 1 < deep ? n + 1 : 0);
		guid_write(s, &g);
		putf(doc,
		    "<upd:BundledUpdates><upd:UpdateIdentity UpdateID=\"%s\""
		    " RevisionNumber=\"1\" /></upd:BundledUpdates>",
		    s);
	}
	put(doc, "</upd:Relationships>");
}

void
invent_doc(struct buf *doc, const struct guid *id, uint32_t revision)
{
	bool alone = modes_any("invent") != NULL;
	char s[GUID_LEN + 1];

	guid_write(s, id);
	putf(doc,
	    "<upd:Update"
	    " xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\">"
	    "<upd:UpdateIdentity UpdateID=\"%s\" RevisionNumber=\"%u\" />"
	    "<upd:Properties UpdateType=\"%s\""
	    " DefaultPropertiesLanguage=\"en\""
	    " CreationDate=\"2026-01-01T00:00:00.000Z\" />"
	    "<upd:LocalizedPropertiesCollection><upd:LocalizedProperties>"
	    "<upd:Language>en</upd:Language><upd:Title>Invented %s"
	    "</upd:Title></upd:LocalizedProperties>"
	    "</upd:LocalizedPropertiesCollection>",
	    s, (unsigned)revision, alone ? "Detectoid" : "Software", s);
	if (!alone)
		put_bundle(doc, number(id));
	put(doc, "</upd:Update>");
}
