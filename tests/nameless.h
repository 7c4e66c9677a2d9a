/* SPDX-License-Identifier: ISC */
/* An older file system, where every file has a name: O_TMPFILE is refused. */
#ifndef WF_NAMELESS_H
#define WF_NAMELESS_H

/* Before what os.openat is now, which the rest goes to; once. */
void nameless_refuse(void);

#endif
