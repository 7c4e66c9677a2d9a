/* SPDX-License-Identifier: ISC */
/* Remove a folder with all that is in it; one that is not there is no fault. */
#ifndef WF_PATH_REMOVE_H
#define WF_PATH_REMOVE_H

struct err;

int path_remove(int dirfd, const char *name, struct err *e);

#endif
