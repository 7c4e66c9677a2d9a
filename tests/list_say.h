/* SPDX-License-Identifier: ISC */
/* What a list prints. */
#ifndef WF_LIST_SAY_H
#define WF_LIST_SAY_H

struct list_opts;

/* On standard output; free() it. */
char *list_say(const struct list_opts *o);

#endif
