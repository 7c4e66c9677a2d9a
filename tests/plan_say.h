/* SPDX-License-Identifier: ISC */
#ifndef WF_PLAN_SAY_H
#define WF_PLAN_SAY_H

struct selection;
struct store;

/* "id.revision<needed items>" for each item of a plan, behind what was left
   out; or why there is none.  Until the next call. */
const char *plan_say(struct store *s, const struct selection *sel);

#endif
