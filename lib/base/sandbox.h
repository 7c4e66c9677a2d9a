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
 * From now on: read beneath the folders ro[0..nro), read and write beneath
 * rw[0..nrw), open nothing else of the file system; what is open stays usable.
 * A descriptor of a file allows that file.  Holds for the calling thread and
 * those it starts, so enter before pool_open().  E_SYS.
 */
int sandbox_enter(const int *ro, size_t nro, const int *rw, size_t nrw,
    struct log *l, struct err *e);

#endif
