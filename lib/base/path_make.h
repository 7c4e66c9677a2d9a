/* SPDX-License-Identifier: ISC */
/* The folders above a name beneath dirfd, where they are not there; those made
   are of this mode, whatever the umask. */
#ifndef WF_PATH_MAKE_H
#define WF_PATH_MAKE_H

#include <sys/types.h>

struct err;

/* name: path_safe().  E_SYS. */
int path_make_above(int dirfd, const char *name, mode_t mode, struct err *e);

#endif
