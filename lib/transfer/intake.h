/* SPDX-License-Identifier: ISC */
/*
 * One read of a stick: a file is copied once into a file without a name while
 * it is hashed; whatever is parsed later is parsed from that copy (invariant
 * 9).
 */
#ifndef WF_INTAKE_H
#define WF_INTAKE_H

#include <stdint.h>

#include "lib/base/digest.h"

struct err;

struct intake {
	int fd; /* owned: the copy, positioned at its start; -1 when closed */
	uint64_t size; /* bytes */
	uint8_t sha256[SHA256_LEN];
};

#define INTAKE_INIT                                                            \
	{                                                                      \
		.fd = -1                                                       \
	}

/* A folder for nameless files: $TMPDIR or /tmp, for programs without a
   store. */
int intake_scratch(int *dirfd, struct err *e);
/* A new file there that no name leads to, or -1 with E_SYS. */
int intake_nameless(int scratch, struct err *e);
/* An error of writing there: what is full is that folder, by its path. */
void intake_full(int scratch, struct err *e);

/*
 * Copy what fd gives, at most max bytes (E_LIMIT), into the folder scratch.
 * Errors: E_SYS, E_STOP.
 */
int intake_fd(
    struct intake *in, int fd, uint64_t max, int scratch, struct err *e);
/* The same for a name from input, beneath dirfd, no link followed. */
int intake_name(struct intake *in, int dirfd, const char *name, uint64_t max,
    int scratch, struct err *e);
/* The same of what a source gives, until its end. */
struct src;
int intake_src(
    struct intake *in, struct src *s, uint64_t max, int scratch, struct err *e);
/* A copy that is there, once more: a descriptor of its own. */
int intake_again(struct intake *in, const struct intake *copy, struct err *e);
void intake_close(struct intake *in);

#endif
