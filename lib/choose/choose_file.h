/* SPDX-License-Identifier: ISC */
/* A policy out of the file that a person named. */
#ifndef WF_CHOOSE_FILE_H
#define WF_CHOOSE_FILE_H

struct err;
struct policy;

/* E_USAGE: it is not there; E_SYS; what policy_read() says, all with the path. */
int choose_file_read(struct policy *p, const char *path, struct err *e);

#endif
