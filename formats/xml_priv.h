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
	uint8_t held[4]; /* a sequence that the next push may complete */
	size_t nheld;
};

/* At most XML_SLICE bytes, whole sequences of UTF-8.  x->e is set. */
int xml_feed(struct xml *x, const uint8_t *p, size_t n, bool last);
/* After x->e was filled: no more events.  Returns -1. */
int xml_stop(struct xml *x);

#endif
