/* SPDX-License-Identifier: ISC */
/* A policy out of the file that a person named. */
#ifndef WF_CHOOSE_FILE_H
#define WF_CHOOSE_FILE_H

#include <stddef.h>

struct buf;
struct err;
struct policy;

/* E_USAGE: it is not there; E_SYS; what policy_read() says, all with the
   path. */
int choose_file_read(struct policy *p, const char *path, struct err *e);
/* The bytes of such a file, which is a `noun`: "policy".  E_LIMIT past max. */
int choose_file_text(const char *path, const char *noun, size_t max,
    struct buf *to, struct err *e);

#endif
