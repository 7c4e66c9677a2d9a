/* SPDX-License-Identifier: ISC */
/* Files that hold a secret: others may not read them. */
#ifndef WF_SECRET_H
#define WF_SECRET_H

struct err;
struct stat;

/*
 * E_USAGE when others may read the file, with its mode and what to do; the name
 * is the caller's to say.  Others: anybody, or the group where the file is the
 * caller's own.  One of somebody else that a group may read was given to that
 * group on purpose.
 */
int secret_check(const struct stat *st, struct err *e);

#endif
