/* SPDX-License-Identifier: ISC */
/*
 * Give up what is not needed: no_new_privs, Landlock, resource limits.  Where
 * the kernel lacks Landlock one log line says so and the program goes on.
 */
#ifndef WF_SANDBOX_H
#define WF_SANDBOX_H

#include <stdbool.h>
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

/*
 * Become that user, with the groups it has, for good; nothing where it is that
 * user already.  Errors: E_USAGE there is none of that name; E_SYS.
 */
int sandbox_user(const char *name, struct err *e);

/*
 * From now on this thread and all others of the process call of the kernel only
 * what a server of open files needs; anything else fails with EPERM.  Threads
 * cannot be started afterwards.  Left off where the compiler's sanitizers are
 * at work.
 */
int sandbox_calls(struct log *l, struct err *e);
/*
 * For a process that reads one file for another: from now on it may read ask
 * and fd, seek in fd, write to tell, have so many bytes of memory, and end; it
 * opens no file whatever, and has no other call of the kernel.  E_SYS.
 */
int sandbox_reader(int ask, int fd, int tell, size_t memory, struct err *e);
/* Built with a sanitizer, which looks into /proc at the end, and told so by
   WSUSFERRY_UNCONFINED: nothing is to be given up.  Never else. */
bool sandbox_left_off(void);

#endif
