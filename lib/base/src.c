/* SPDX-License-Identifier: ISC */
#include "lib/base/src.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "lib/base/stop.h"
#include "lib/base/words.h"

static ssize_t
mem_read(struct src *s, void *p, size_t n, struct err *e)
{
	(void)e;
	if (s->off >= s->size)
		return 0;
	if (n > s->size - s->off)
		n = (size_t)(s->size - s->off);
	memcpy(p, (const uint8_t *)s->mem + s->off, n);
	return (ssize_t)n;
}

static int
any_seek(struct src *s, uint64_t off, struct err *e)
{
	(void)s, (void)off, (void)e;
	return 0;
}

static const struct src_ops mem_ops = {.read = mem_read, .seek = any_seek};

void
src_mem(struct src *s, const void *p, size_t n)
{
	*s = (struct src){.ops = &mem_ops, .size = n, .mem = p, .fd = -1};
}

static ssize_t
file_read(struct src *s, void *p, size_t n, struct err *e)
{
	ssize_t got;

	do {
		got = pread(s->fd, p, n, (off_t)s->off);
	} while (got == -1 && errno == EINTR);
	if (got == -1)
		return err_sys(e, "read");
	return got;
}

static ssize_t
stream_read(struct src *s, void *p, size_t n, struct err *e)
{
	ssize_t got;

	do {
		got = read(s->fd, p, n);
	} while (got == -1 && errno == EINTR);
	if (got == -1)
		return err_sys(e, "read");
	return got;
}

static const struct src_ops file_ops = {.read = file_read, .seek = any_seek};
static const struct src_ops stream_ops = {.read = stream_read};

int
src_fd(struct src *s, int fd, struct err *e)
{
	struct stat st;

	*s = (struct src)SRC_INIT;
	if (fstat(fd, &st) == -1)
		return err_sys(e, "fstat");
	if (S_ISDIR(st.st_mode))
		return err_set(e, E_FORMAT, "expected a file, found a folder");
	s->fd = fd;
	s->ops = S_ISREG(st.st_mode) ? &file_ops : &stream_ops;
	s->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : SRC_UNKNOWN;
	if (S_ISREG(st.st_mode))
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

void
src_close(struct src *s)
{
	if (s->ops != NULL && s->ops->close != NULL)
		s->ops->close(s);
	*s = (struct src)SRC_INIT;
}

ssize_t
src_read(struct src *s, void *p, size_t n, struct err *e)
{
	ssize_t got;

	if (n > SSIZE_MAX)
		n = SSIZE_MAX;
	if (n == 0)
		return 0;
	got = s->ops->read(s, p, n, e);
	if (got > 0)
		s->off += (uint64_t)got;
	return got;
}

int
src_read_full(struct src *s, void *p, size_t n, struct err *e)
{
	uint8_t *at = p;
	ssize_t got;

	while (n > 0) {
		got = src_read(s, at, n, e);
		if (got == -1)
			return -1;
		if (got == 0)
			return err_at(e, s->off, "cut short: %s expected",
			    words_count(n, "more byte").s);
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

int
src_seek(struct src *s, uint64_t off, struct err *e)
{
	if (off == s->off)
		return 0;
	if (s->ops->seek == NULL)
		return err_set(e, E_USAGE, "a stream cannot be read again");
	if (off > s->size || off > INT64_MAX)
		return err_at(
		    e, s->size, "cut short: byte %" PRIu64 " expected", off);
	if (s->ops->seek(s, off, e) == -1)
		return -1;
	s->off = off;
	return 0;
}

/* Small files get small blocks: a fresh large one costs page faults. */
size_t
src_block(const struct src *s)
{
	uint64_t left;

	if (s->size == SRC_UNKNOWN || s->off > s->size)
		return SRC_BLOCK;
	left = s->size - s->off;
	return left < SRC_BLOCK ? (size_t)left + 1 : SRC_BLOCK;
}

int
src_copy(struct src *s, struct sink *to, struct err *e)
{
	size_t n = src_block(s);
	void *block = malloc(n);
	ssize_t got;
	int r = -1;

	if (block == NULL)
		return err_nomem(e);
	for (;;) {
		if (stop_check(e) == -1 ||
		    (got = src_read(s, block, n, e)) == -1)
			goto out;
		if (got == 0)
			break;
		if (sink_write(to, block, (size_t)got, e) == -1)
			goto out;
	}
	r = 0;
out:
	free(block);
	return r;
}
