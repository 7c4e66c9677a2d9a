/* SPDX-License-Identifier: ISC */
#include "lib/fetch/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"

int
download_forget(int staging, const uint8_t sha1[SHA1_LEN], enum content_part k,
    struct err *e)
{
	char name[CONTENT_PART_MAX];

	content_part_name(name, sha1, k);
	if (os.unlinkat(staging, name, 0) == -1 && errno != ENOENT)
		return err_sys(e, "removing staging/%s", name);
	return 0;
}

static int
empty(struct download *p, struct err *e)
{
	struct digest d;

	p->have = 0;
	p->ngather = 0;
	return digest_done(p->ctx, &d, e);
}

/* Gone, with what it was a part of. */
static int
remove_file(struct download *p, struct err *e)
{
	if (p->fd != -1)
		(void)os.close(p->fd);
	p->fd = -1;
	p->noted = false;
	p->info.url[0] = '\0';
	if (download_forget(p->staging, p->sha1, CONTENT_PART, e) == -1 ||
	    download_forget(p->staging, p->sha1, CONTENT_PART_INFO, e) == -1)
		return -1;
	return empty(p, e);
}

/* Its file, made when there is something for it. */
static int
make_file(struct download *p, struct err *e)
{
	char name[CONTENT_PART_MAX];

	if (p->fd != -1)
		return 0;
	content_part_name(name, p->sha1, CONTENT_PART);
	p->fd = os.openat(p->staging, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return p->fd == -1 ? err_sys(e, "making staging/%s", name) : 0;
}

static int
write_all(int fd, const uint8_t *data, size_t n, uint64_t at, struct err *e)
{
	while (n > 0) {
		ssize_t k = os.pwrite(fd, data, n, (off_t)at);

		if (k == -1 && errno == EINTR)
			continue;
		if (k == -1)
			return err_sys(e, "writing a download");
		data += k;
		at += (uint64_t)k;
		n -= (size_t)k;
	}
	return 0;
}

static int
write_gathered(struct download *p, struct err *e)
{
	if (p->ngather == 0)
		return 0;
	if (make_file(p, e) == -1 ||
	    write_all(p->fd, p->gather, p->ngather, p->have - p->ngather, e) ==
		-1 ||
	    digest_add(p->ctx, p->gather, p->ngather, e) == -1)
		return -1;
	p->ngather = 0;
	return 0;
}

int
download_aside(struct download *p, struct err *e)
{
	char name[CONTENT_PART_MAX], bad[CONTENT_PART_MAX];

	content_part_name(name, p->sha1, CONTENT_PART);
	content_part_name(bad, p->sha1, CONTENT_PART_BAD);
	if (write_gathered(p, e) == -1)
		return -1;
	if (p->fd != -1 &&
	    os.renameat2(p->staging, name, p->staging, bad, 0) == -1)
		return err_sys(e, "moving staging/%s aside", name);
	return remove_file(p, e);
}

int
download_hash(
    struct download *p, bool (*stop)(void *arg), void *arg, struct err *e)
{
	ssize_t n;

	if (empty(p, e) == -1)
		return -1;
	for (;;) {
		if (stop != NULL && stop(arg))
			return err_set(e, E_STOP, "stopped on request");
		n = pread(p->fd, p->gather, DOWNLOAD_BLOCK, (off_t)p->have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_sys(e, "reading a part in staging");
		if (n == 0)
			return 0;
		if (digest_add(p->ctx, p->gather, (size_t)n, e) == -1)
			return -1;
		p->have += (uint64_t)n;
	}
}

static void
read_info(struct download *p)
{
	struct err e = ERR_INIT;
	char name[CONTENT_PART_MAX];
	struct buf b = BUF_INIT;

	content_part_name(name, p->sha1, CONTENT_PART_INFO);
	p->noted = path_read(p->staging, name, DOWNLOAD_INFO_MAX, &b, &e) ==
		0 &&
	    download_info_read(&p->info, b.p, b.len);
	if (!p->noted)
		p->info.url[0] = '\0';
	buf_free(&b);
}

/* Not what others can change under another name, or as their own.  1, 0, -1. */
static int
is_ours(const struct download *p, const struct stat *st, struct err *e)
{
	struct stat dir;

	if (!S_ISREG(st->st_mode) || st->st_nlink != 1)
		return 0;
	if (st->st_uid == geteuid())
		return 1;
	if (fstat(p->staging, &dir) == -1)
		return err_sys(e, "looking at staging");
	return st->st_uid == dir.st_uid;
}

/* A whole one may have its final mode already. */
static int
open_file(struct download *p, const char *name, struct err *e)
{
	struct stat st;
	int r;

	if ((r = path_look(p->staging, name, &st, e)) != 1)
		return r == -1 ? err_ctx(e, "staging") : 0;
	if ((r = is_ours(p, &st, e)) != 1)
		return r == -1 ? -1 : remove_file(p, e);
	p->fd = os.openat(p->staging, name,
	    ((st.st_mode & S_IWUSR) != 0 ? O_RDWR : O_RDONLY) | O_NOFOLLOW |
		O_CLOEXEC,
	    0);
	return p->fd == -1 ? err_sys(e, "opening staging/%s", name) : 0;
}

int
download_open(struct download *p, uint64_t max, bool (*stop)(void *arg),
    void *arg, struct err *e)
{
	char name[CONTENT_PART_MAX];
	struct stat st;
	int r;

	p->ngather = 0;
	p->info.url[0] = '\0';
	content_part_name(name, p->sha1, CONTENT_PART);
	if (empty(p, e) == -1 || open_file(p, name, e) == -1)
		return -1;
	if (p->fd == -1)
		return 0;
	if (fstat(p->fd, &st) == -1)
		return err_sys(e, "looking at staging/%s", name);
	if ((r = is_ours(p, &st, e)) != 1)
		return r == -1 ? -1 : remove_file(p, e);
	if ((uint64_t)st.st_size > max)
		return download_aside(p, e);
	read_info(p);
	if (download_hash(p, stop, arg, e) == -1)
		return -1;
	p->sealed = (st.st_mode & S_IWUSR) == 0;
	return 0;
}

/*
 * Neither whole at once nor flushed: what a cut leaves is not of the form, and
 * then the part begins again.
 */
static int
write_info(struct download *p, struct err *e)
{
	char name[CONTENT_PART_MAX];
	struct buf b = BUF_INIT;
	int fd = -1, r = -1;

	if (p->noted || p->info.url[0] == '\0')
		return 0;
	content_part_name(name, p->sha1, CONTENT_PART_INFO);
	if (download_info_write(&p->info, &b, e) == -1 ||
	    download_forget(p->staging, p->sha1, CONTENT_PART_INFO, e) == -1)
		goto out;
	fd = os.openat(p->staging, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1) {
		err_sys(e, "making staging/%s", name);
		goto out;
	}
	r = write_all(fd, b.p, b.len, 0, e);
	if (os.close(fd) == -1 && r == 0)
		r = err_sys(e, "closing staging/%s", name);
	p->noted = r == 0;
out:
	buf_free(&b);
	return r;
}

int
download_flush(struct download *p, struct err *e)
{
	if (p->ngather == 0)
		return 0;
	return write_info(p, e) == -1 ? -1 : write_gathered(p, e);
}

int
download_put(struct download *p, const void *data, size_t n, struct err *e)
{
	const uint8_t *from = data;

	while (n > 0) {
		size_t room = DOWNLOAD_BLOCK - p->ngather;
		size_t k = n < room ? n : room;

		memcpy(p->gather + p->ngather, from, k);
		p->ngather += k;
		p->have += k;
		from += k;
		n -= k;
		if (p->ngather == DOWNLOAD_BLOCK && download_flush(p, e) == -1)
			return -1;
	}
	return 0;
}

int
download_rewind(struct download *p, struct err *e)
{
	struct stat st;

	/* A note of what the old bytes were is worse than none. */
	if (p->noted &&
	    download_forget(p->staging, p->sha1, CONTENT_PART_INFO, e) == -1)
		return -1;
	p->noted = false;
	p->info.url[0] = '\0';
	if (p->fd != -1 && fstat(p->fd, &st) == 0 &&
	    (st.st_mode & S_IWUSR) == 0)
		return remove_file(p, e);
	if (p->fd != -1 && os.ftruncate(p->fd, 0) == -1)
		return err_sys(e, "emptying a download");
	return empty(p, e);
}

int
download_measure(struct download *p, struct digest *d, struct err *e)
{
	if (write_gathered(p, e) == -1 || make_file(p, e) == -1)
		return -1;
	return digest_done(p->ctx, d, e);
}

int
download_seal(struct download *p, struct err *e)
{
	int fd = p->fd;

	if (out_fd_mode(fd, 0444, e) == -1)
		return err_ctx(e, "a download");
	p->fd = -1;
	if (os.close(fd) == -1)
		return err_sys(e, "closing a download");
	return 0;
}

void
download_close(struct download *p)
{
	struct err e = ERR_INIT;

	if (p->fd != -1 || p->ngather != 0)
		(void)download_flush(p, &e);
	if (p->fd != -1)
		(void)os.close(p->fd);
	p->fd = -1;
	p->ngather = 0;
}
