/* SPDX-License-Identifier: ISC */
/* Answers of a server as text: one line for each call that serversync_read()
   makes. */
#ifndef WF_SERVERSYNC_NOTE_H
#define WF_SERVERSYNC_NOTE_H

#include "formats/serversync.h"
#include "lib/base/buf.h"

struct note {
	struct ss_reader *r; /* owned */
	struct ss_reply *reply; /* owned */
	struct buf b; /* the lines */
	bool docs; /* documents instead of their bytes */
	const char *fail; /* the call that is to fail, or NULL */
};

void note_open(struct note *n);
/* As serversync_read(); the lines of this answer are in n->b, with a NUL. */
int note_read(
    struct note *n, enum ss_op op, const void *p, size_t len, struct err *e);
void note_close(struct note *n);

/* An envelope around the body's content, in b. */
void note_wrap(struct buf *b, const char *body);
/* Around what stands in the result of that operation. */
void note_answer(struct buf *b, enum ss_op op, const char *result);
/* Such an answer, read without a fault. */
void note_good(struct note *n, enum ss_op op, const char *result);

/* Skips the test where there are no samples: before anything is allocated. */
void note_need_samples(void);
/* A file among them, whole. */
void note_sample(struct buf *b, const char *name);

#endif
