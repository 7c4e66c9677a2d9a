/* SPDX-License-Identifier: ISC */
/* Between xml.c, which knows libxml2, and xml_push.c, which knows bytes. */
#ifndef WF_XML_PRIV_H
#define WF_XML_PRIV_H

#include <stdbool.h>

#include "formats/xml.h"

#define XML_SLICE ((size_t)32 << 10) /* bytes that libxml2 gets at once */

struct xml {
	struct _xmlParserCtxt *ctxt; /* owned; NULL: no memory for it */
	struct xml_handler h;
	void *arg; /* borrowed */
	struct xml_limits lim;
	struct xml_attr *attrs; /* owned: room for max_attrs */
	struct err *e; /* borrowed while bytes are parsed */
	uint64_t skipped; /* bytes of a byte order mark */
	uint64_t taken; /* bytes that were pushed and found well encoded */
	size_t text; /* bytes since the last tag */
	unsigned depth, epoch;
	bool begun, failed, finished;
	struct xml_scan *scan; /* owned; NULL: not needed yet */
	bool scanning; /* it, not libxml2, speaks */
	uint8_t held[4]; /* a sequence that the next push may complete */
	size_t nheld;
};

/* At most XML_SLICE bytes, whole sequences of UTF-8.  x->e is set. */
int xml_feed(struct xml *x, const uint8_t *p, size_t n, bool last);
/* After x->e was filled: no more events.  Returns -1. */
int xml_stop(struct xml *x);

/* The unique string of these bytes; NULL: no memory. */
const char *xml_intern(struct xml *x, const uint8_t *p, size_t n);
/* Whole sequences of UTF-8, characters that XML knows, all of them. */
bool xml_simple(const uint8_t *p, size_t n);

/* Those in scope, prefix and URI in turn, *n of both, the innermost last. */
const char *const *xml_declarations(const struct xml *x, size_t *n);

/* xml_scan.c, of the document at hand. */
uint64_t xml_scan_offset(const struct xml *x);
uint64_t xml_scan_offset_after(const struct xml *x);
const char *const *xml_scan_declared(const struct xml *x, size_t *n);
void xml_scan_close(struct xml *x);

#endif
