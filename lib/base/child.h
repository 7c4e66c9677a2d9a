/* SPDX-License-Identifier: ISC */
/*
 * A process of our own for one job on bytes of a stranger: it has the file that
 * it reads, hears what it is asked and says what it found, and is to give up
 * all else (sandbox_reader()).  Start it before secrets come into memory, and
 * before there are threads.
 */
#ifndef WF_CHILD_H
#define WF_CHILD_H

#include <stddef.h>
#include <sys/types.h>

struct err;

struct child {
	pid_t pid; /* 0: there is none */
	int ask, tell; /* owned: what it is asked, what it says; -1 */
};

#define CHILD_INIT                                                             \
	{                                                                      \
		.ask = -1, .tell = -1                                          \
	}

/*
 * run() is the child; it ends when that returns, and has no other descriptor
 * open than these three and standard error.  fd stays the caller's.  E_SYS.
 */
int child_start(struct child *c, int fd, void (*run)(int ask, int fd, int tell),
    struct err *e);
/* Of one that has ended, what it said last can still be heard. */
int child_ask(struct child *c, const void *p, size_t n, struct err *e);
/* Exactly n bytes of what it says.  E_SYS: it ended, and how; E_STOP. */
int child_hear(struct child *c, void *p, size_t n, struct err *e);
/* Whatever it is doing, it ends.  Safe on every path. */
void child_end(struct child *c);

#endif
