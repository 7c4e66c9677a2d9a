/* SPDX-License-Identifier: ISC */
/* SIGINT, SIGTERM and SIGHUP ask to stop; loops look between blocks. */
#ifndef WF_STOP_H
#define WF_STOP_H

#include <stdbool.h>

struct err;

/* A further signal, a second later or more, ends the program at once. */
void stop_install(void); /* a SIGHUP that is ignored stays so */
/* Until now SIGHUP asked to stop; from now on it asks to read anew what it was
   given, and does not stop. */
void stop_hangup_reloads(void);
bool stop_reload_asked(void); /* once for each such signal */
bool stop_asked(void);
int stop_check(struct err *e); /* -1 with E_STOP when asked */
void stop_set(bool asked); /* for tests */

#endif
