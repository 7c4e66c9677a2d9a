/* SPDX-License-Identifier: ISC */
/* Somewhere that bytes go. */
#ifndef WF_SINK_H
#define WF_SINK_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct digest_ctx;
struct err;
struct sink;

struct sink {
	/* Takes all n bytes or fails.  Call sink_write() instead. */
	int (*write)(struct sink *s, const void *p, size_t n, struct err *e);
	void *ctx; /* borrowed */
	struct sink *to; /* borrowed, for those that pass on */
	int fd; /* borrowed, for sink_fd() */
	uint64_t bytes; /* taken so far */
	uint64_t max; /* sink_limit(): most that may pass */
};

#define SINK_INIT                                                              \
	{                                                                      \
		.write = NULL, .fd = -1                                        \
	}

int sink_write(struct sink *s, const void *p, size_t n, struct err *e);
int sink_puts(struct sink *s, const char *str, struct err *e);
void sink_null(struct sink *s); /* counts */
void sink_buf(struct sink *s, struct buf *b);
void sink_fd(struct sink *s, int fd); /* through os.write */
/* Hashes what passes on to `to` (which may be NULL). */
void sink_digest(struct sink *s, struct digest_ctx *d, struct sink *to);
/*
 * Gathers small writes in b (emptied first) before they go on to `to`; the rest
 * goes with sink_gathered().
 */
void sink_gather(struct sink *s, struct buf *b, struct sink *to);
int sink_gathered(struct sink *s, struct err *e);
/* E_LIMIT past max bytes. */
void sink_limit(struct sink *s, uint64_t max, struct sink *to);

#endif
