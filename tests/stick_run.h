/* SPDX-License-Identifier: ISC */
/* What our programs say of what stands in a folder, in this process. */
#ifndef WF_STICK_RUN_H
#define WF_STICK_RUN_H

/* Exit statuses; what was said is kept for stick_said(). */
int stick_verify(const char *path, const char *pub);
/* Into a store that is not there yet; it is removed again. */
int stick_import(const char *path, const char *pub);
/* What both have said since the last call; borrowed until the next one. */
const char *stick_said(void);

#endif
