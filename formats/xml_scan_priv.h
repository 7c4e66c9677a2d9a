/* SPDX-License-Identifier: ISC */
/* Between the files of xml_scan*.c. */
#ifndef WF_XML_SCAN_PRIV_H
#define WF_XML_SCAN_PRIV_H

#include "formats/xml_priv.h"

#define XML_SCAN_SLOTS 1024u /* of names; at most half of them are taken */
#define XML_SCAN_URIS 64u
#define XML_SCAN_TAG ((size_t)64 << 10) /* bytes of a tag */

/* What a byte is. */
#define IS_SPACE 1
#define IS_START 2 /* of a name */
#define IS_NAME 4
#define ENDS_TEXT 8
#define ENDS_VALUE 16
extern const uint8_t xml_scan_kind[256];

/* A name as it stands in a tag, and its parts, which are unique strings. */
struct xml_scan_name {
	const char *raw; /* unique; NULL: a free slot */
	const char *prefix, *local; /* prefix NULL: none */
	uint32_t len;
	bool declares; /* xmlns, or xmlns:local */
};

/* A namespace that was declared before; unique; NULL: none. */
struct xml_scan_uri {
	const char *text;
	size_t len;
};

struct xml_scan_open {
	const struct xml_scan_name *name;
	const char *ns;
	size_t scope; /* declarations outside of it */
};

struct xml_scan {
	const uint8_t *doc, *p, *end;
	const uint8_t *tag, *after; /* of the tag at hand */
	const char **ns; /* owned: prefix and URI in turn */
	size_t nns, nuris; /* in scope; in all */
	struct xml_scan_open *open; /* owned: by depth */
	uint8_t *value; /* owned: decoded values of a tag, XML_SCAN_TAG */
	size_t nvalue;
	struct xml_scan_name names[XML_SCAN_SLOTS];
	unsigned nnames, epoch;
	struct xml_scan_uri uris[XML_SCAN_URIS]; /* each in its place */
};

/* The name that p stands on; p is moved behind it.  NULL: give up. */
const struct xml_scan_name *xml_scan_name(struct xml *x);
/* The unique string of a namespace; NULL: no memory. */
const char *xml_scan_uri(struct xml *x, const char *p, size_t n);
/* Those of another epoch, or too many of them, are forgotten. */
void xml_scan_forget(struct xml *x);
/*
 * The character that a reference stands for, in UTF-8: its bytes, no more than
 * stood there; p, which stands on the '&', is moved behind it.  0: give up.
 */
size_t xml_scan_reference(struct xml_scan *s, uint8_t to[4]);

#endif
