/* SPDX-License-Identifier: ISC */
/*
 * What a person named on the command line, looked at before anything is made:
 * faults of usage (E_USAGE) in words that say what to do instead.  Nothing
 * relies on these; whoever opens a path checks it again.
 */
#ifndef WF_GIVEN_H
#define WF_GIVEN_H

#include <stddef.h>

struct err;

/* what: "the content folder", say. */
int given_folder(const char *path, const char *what, struct err *e);
/* A folder, a tar, an image, or "-". */
int given_transfer(const char *path, struct err *e);
/* Of wsusutil; what is neither a folder nor absent passes, pipes too. */
int given_package(const char *path, struct err *e);

/*
 * What a folder that is no transfer may have been meant for, as "; ..." to
 * append to a message, or "".
 */
#define GIVEN_HINT_MAX 400
void given_hint(char out[GIVEN_HINT_MAX], int dirfd, const char *path);

#endif
