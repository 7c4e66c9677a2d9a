/* SPDX-License-Identifier: ISC */
/*
 * A genuine package of a few revisions and its WsusContent folder, small
 * enough that every call of an import can fail in turn.
 */
#ifndef WF_TINY_H
#define WF_TINY_H

#include <stddef.h>
#include <stdint.h>

#define TINY_FILES 3 /* one of them without a byte */

struct tiny_doc {
	unsigned id;
	uint32_t revision;
	unsigned needs; /* id of its prerequisite; 0: it is a product */
	unsigned bundles; /* id of what it bundles; 0: nothing */
	uint32_t bundles_revision;
	unsigned files; /* bit n: the n-th payload file */
};

/* How many times larger the payload is from now on. */
void tiny_scale(size_t times);
void tiny_package(const char *path, const struct tiny_doc *d, size_t n);
void tiny_content(const char *path);

#endif
