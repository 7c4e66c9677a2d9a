/* SPDX-License-Identifier: ISC */
/*
 * Give up what is not needed: no_new_privs, Landlock, resource limits.  Where
 * the kernel lacks Landlock one log line says so and the program goes on.
 */
#ifndef WF_SANDBOX_H
#define WF_SANDBOX_H

#include <stddef.h>

struct err;
struct log;

/*
 * From now on: read beneath the folders ro[0..nro), write beneath
 * rw[0..nrw), nothing else of the file system.
 */
int sandbox_enter(const int *ro, size_t nro, const int *rw, size_t nrw,
    struct log *l, struct err *e);

#endif
