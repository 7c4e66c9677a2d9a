/* SPDX-License-Identifier: ISC */
/* Remove a folder with all that is in it; one that is not there is no fault. */
#ifndef WF_TREE_H
#define WF_TREE_H

struct err;

int tree_remove(int dirfd, const char *name, struct err *e);

#endif
