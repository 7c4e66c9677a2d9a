/* SPDX-License-Identifier: ISC */
/* An exclusive lock file (flock): E_BUSY when another process has it. */
#ifndef WF_LOCK_H
#define WF_LOCK_H

#include <stdbool.h>

struct err;

struct lock {
	int fd; /* owned; -1 when not held */
	bool made; /* the file was not there before */
	bool shared; /* after E_BUSY: by who shares it among themselves */
};

#define LOCK_INIT                                                              \
	{                                                                      \
		.fd = -1                                                       \
	}

int lock_take(struct lock *l, int dirfd, const char *name, struct err *e);
void lock_drop(struct lock *l);

#endif
