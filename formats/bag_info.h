/* SPDX-License-Identifier: ISC */
/* The labels of bag-info.txt.  Private to formats/bag_*.c. */
#ifndef WF_BAG_INFO_H
#define WF_BAG_INFO_H

#include "formats/bag.h"

enum bag_kind {
	BAG_TEXT, /* printable ASCII */
	BAG_PROSE, /* UTF-8 */
	BAG_NUMBER,
	BAG_VERSION, /* Wsusferry-Format */
	BAG_GUID,
	BAG_TIME,
	BAG_COUNT, /* "1 of 3" */
	BAG_OXUM /* "bytes.files" */
};

struct bag_label {
	const char *name;
	enum bag_kind kind;
	bool needed;
	size_t off, size; /* of a text or number in struct bag_info */
};

#define BAG_NLABELS 19
#define BAG_REQUIRES 1 /* the label's place: it is judged before the rest */
/* In the order in which they are written. */
extern const struct bag_label bag_labels[BAG_NLABELS];

/* bag_requires.c: words that a reader must know; "" for none.  E_FORMAT. */
int bag_requires_check(const char *words, struct err *e);
/* Printable ASCII, no blank at either end. */
bool bag_plain(const char *s, size_t n);

#endif
