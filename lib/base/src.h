/* SPDX-License-Identifier: ISC */
/*
 * Bytes that come from somewhere: memory, a file, a gzip stream over another
 * source.  A source that cannot seek has ops->seek NULL.
 */
#ifndef WF_SRC_H
#define WF_SRC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct src;
struct sink;

struct src_ops {
	/* 0 at the end, -1 with e filled; may give less than asked for. */
	ssize_t (*read)(struct src *s, void *p, size_t n, struct err *e);
	int (*seek)(struct src *s, uint64_t off, struct err *e);
	void (*close)(struct src *s);
};

#define SRC_UNKNOWN UINT64_MAX

struct src {
	const struct src_ops *ops;
	uint64_t off; /* bytes from the start: of the next read */
	uint64_t size; /* bytes in all, or SRC_UNKNOWN */
	const void *mem; /* borrowed, src_mem() */
	int fd; /* borrowed, src_fd() */
	void *priv; /* owned, src_gunzip() */
};

#define SRC_INIT                                                               \
	{                                                                      \
		.ops = NULL, .fd = -1                                          \
	}

void src_mem(struct src *s, const void *p, size_t n);
/* A regular file is seekable (pread); anything else is a stream. */
int src_fd(struct src *s, int fd, struct err *e);
/* Gzip members one after the other (RFC 1952) over from, which is borrowed. */
int src_gunzip(struct src *s, struct src *from, struct err *e);
void src_close(struct src *s);

ssize_t src_read(struct src *s, void *p, size_t n, struct err *e);
/* Exactly n bytes, else E_FORMAT "cut short" with the offset. */
int src_read_full(struct src *s, void *p, size_t n, struct err *e);
int src_seek(struct src *s, uint64_t off, struct err *e);
#define SRC_BLOCK ((size_t)256 << 10)
/* Bytes of a portion in which what is left is best read: at most SRC_BLOCK. */
size_t src_block(const struct src *s);
/* Everything that is left, in such portions; asks stop.h between them. */
int src_copy(struct src *s, struct sink *to, struct err *e);

#endif
