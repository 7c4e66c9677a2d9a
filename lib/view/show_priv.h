/* SPDX-License-Identifier: ISC */
/* Inside show*.c. */
#ifndef WF_SHOW_PRIV_H
#define WF_SHOW_PRIV_H

struct page;
struct show;

void show_files(struct page *p, struct show *x);
void show_relations(struct page *p, struct show *x);

#endif
