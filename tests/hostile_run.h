/* SPDX-License-Identifier: ISC */
/* Both programs on a row of the hostile suite, and the stores that they
   meet. */
#ifndef WF_HOSTILE_RUN_H
#define WF_HOSTILE_RUN_H

#include "tests/hostile.h"

/* Exit statuses; stick_said() has the words. */
int hostile_verify(const struct hostile *h, enum hostile_end end);
int hostile_import(const struct hostile *h, const char *store);

/* Media that wait there go. */
void hostile_forget(const char *store);

#endif
