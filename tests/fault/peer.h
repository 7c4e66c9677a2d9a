/* SPDX-License-Identifier: ISC */
/* The upstream of the tests as a child, and what it says it was asked for. */
#ifndef WF_PEER_H
#define WF_PEER_H

#include <stddef.h>

/*
 * Serve the store until this process ends; log and modes are files.  Returns
 * its base URL, or NULL when that program was not built beside this one.
 */
const char *peer_start(const char *store, const char *modes, const char *log);

/* Every word that lines of the log beginning with op have from the given field
   on (1: what stands behind op), in order; free() the text, one a line. */
char *peer_words(const char *log, const char *op, unsigned field);

#endif
