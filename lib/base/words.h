/* SPDX-License-Identifier: ISC */
/*
 * Amounts as a person reads them; exact numbers stay in JSON.  A value is
 * returned, so that it can stand among the arguments of a message:
 *	log_event(l, LOG_INFO, NULL, "%s are free", words_size(n).s);
 */
#ifndef WF_WORDS_H
#define WF_WORDS_H

#include <stdint.h>

struct words {
	char s[64];
};

/* "1 byte", "812 bytes", "23.0 GiB" (of 1024, rounded to the nearest). */
struct words words_size(uint64_t n);
/* "1 payload file", "3 payload files", "2 entries", "5 boxes": the last word
   of one takes the plural.  What does not fit is cut. */
struct words words_count(uint64_t n, const char *one);
/* one for 1, else many: "is" or "are". */
const char *words_pick(uint64_t n, const char *one, const char *many);

#endif
