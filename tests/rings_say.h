/* SPDX-License-Identifier: ISC */
/* What a ring file says. */
#ifndef WF_RINGS_SAY_H
#define WF_RINGS_SAY_H

#include <stddef.h>

/* What rings_print() has of it, or the kind of the error and its message; until
   the next call. */
const char *rings_say(const void *text, size_t n);

#endif
