/* SPDX-License-Identifier: ISC */
#include "lib/base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/path.h"

#define GATHER ((size_t)64 << 10)
#define FD_PATH_MAX 40

int
out_fd_write(int fd, const void *p, size_t n, struct err *e)
{
	const uint8_t *at = p;
	ssize_t got;

	while (n > 0) {
		got = os.write(fd, at, n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EIO;
		if (got <= 0)
			return err_sys(e, "write");
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

int
out_flush(struct out *o, struct err *e)
{
	size_t n = o->ngather;

	o->ngather = 0;
	return out_fd_write(o->fd, o->gather, n, e);
}

/* Lines and headers are copied together; blocks go straight through. */
static int
gather(struct sink *s, const void *p, size_t n, struct err *e)
{
	struct out *o = s->ctx;

	if (n > GATHER - o->ngather && out_flush(o, e) == -1)
		return err_ctx(e, "%s", o->name);
	if (n >= GATHER / 4 && o->ngather == 0) {
		if (out_fd_write(o->fd, p, n, e) == -1)
			return err_ctx(e, "%s", o->name);
		return 0;
	}
	if (o->gather == NULL && (o->gather = malloc(GATHER)) == NULL)
		return err_nomem(e);
	memcpy(o->gather + o->ngather, p, n);
	o->ngather += n;
	return 0;
}

int
out_random(char hex[OUT_RANDOM + 1], struct err *e)
{
	uint8_t r[OUT_RANDOM / 2];
	ssize_t n;

	do {
		n = getrandom(r, sizeof(r), 0);
	} while (n == -1 && errno == EINTR);
	if (n != (ssize_t)sizeof(r))
		return err_sys(e, "getrandom");
	hex_lower(hex, r, sizeof(r));
	return 0;
}

/* By this name the kernel knows a file that has no other. */
static void
fd_path(char out[FD_PATH_MAX], int fd)
{
	(void)snprintf(out, FD_PATH_MAX, "/proc/self/fd/%d", fd);
}

/*
 * A file without a name, of which a killed run leaves nothing: 1 opened, 0 not
 * possible here (an old or foreign file system, no /proc), -1.
 */
static int
open_nameless(struct out *o, struct err *e)
{
	char path[FD_PATH_MAX];

	o->fd = os.openat(o->dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (o->fd == -1) {
		if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
			return 0;
		return err_sys(e, "cannot create");
	}
	fd_path(path, o->fd);
	if (faccessat(AT_FDCWD, path, F_OK, 0) == 0)
		return 1;
	(void)os.close(o->fd);
	o->fd = -1;
	return 0;
}

/* Ours alone, and still what that name leads to?  1, 0, -1. */
static int
is_held(const struct out *o, const char *name, struct err *e)
{
	struct stat a, b;
	int r;

	if (flock(o->held, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
		return 0;
	if (fstat(o->held, &a) == -1)
		return err_sys(e, "%s", name);
	if ((r = path_look(o->dirfd, name, &b, e)) != 1)
		return r;
	return S_ISREG(a.st_mode) && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino && a.st_nlink == 1;
}

/*
 * What is secret goes into a file that nobody else can read, and into one that
 * was made so: who opened it before its mode was changed can read on.
 */
static int
check_secret(int fd, const char *name, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_sys(e, "%s", name);
	if (st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return 0;
	return err_set(e, E_USAGE,
	    "%s would be of mode %04o and user %u, and others could read what "
	    "is secret: choose a folder of your own on a file system that "
	    "keeps modes",
	    name, (unsigned)(st.st_mode & 07777), (unsigned)st.st_uid);
}

/* What is there already was left by a killed run, or is being written. */
static int
open_partial(struct out *o, struct err *e)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	char name[sizeof(o->temp)];
	int r;

	if (snprintf(name, sizeof(name), ".%s.partial", o->name) >=
	    (int)sizeof(name))
		return err_set(e, E_USAGE, "the name is too long");
	o->fd = os.openat(o->dirfd, name, flags | O_CREAT | O_EXCL, 0600);
	if (o->fd != -1)
		memcpy(o->temp, name, sizeof(name));
	else if (errno == EEXIST)
		o->fd = os.openat(o->dirfd, name, flags, 0);
	if (o->fd == -1 || (o->held = fcntl(o->fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return err_sys(e, "%s: cannot create", name);
	if ((r = is_held(o, name, e)) == -1)
		return -1;
	if (r == 0) {
		o->temp[0] = '\0';
		return err_set(e, E_BUSY, "being written by another");
	}
	if (o->secret && check_secret(o->fd, name, e) == -1)
		return -1;
	memcpy(o->temp, name, sizeof(name));
	if (os.ftruncate(o->fd, 0) == -1)
		return err_sys(e, "emptying %s", name);
	return 0;
}

void
out_forget(int fd)
{
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

int
out_fd_mode(int fd, mode_t mode, struct err *e)
{
	if (os.fchmod(fd, mode) == 0 || errno == EPERM || errno == EOPNOTSUPP ||
	    errno == ENOSYS)
		return 0;
	return err_sys(e, "setting the mode");
}

static int
begin_file(struct out *o, mode_t mode, struct err *e)
{
	int r = 0;

	/* A link takes no name that is taken. */
	if (!o->partial && !o->replace && (r = open_nameless(o, e)) == -1)
		return -1;
	if ((r == 0 && open_partial(o, e) == -1) ||
	    out_fd_mode(o->fd, mode, e) == -1)
		return -1;
	return o->secret ? check_secret(o->fd, o->name, e) : 0;
}

int
out_call(struct out *o, const char *name, struct err *e)
{
	size_t n = strlen(name);

	if (n == 0 || n >= sizeof(o->name) || strchr(name, '/') != NULL ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(e, E_USAGE,
		    "expected the name of a file, found '%s'", name);
	memcpy(o->name, name, n + 1);
	return 0;
}

int
out_open(struct out *o, int dirfd, const char *name, mode_t mode, struct err *e)
{
	const struct out asked = *o;

	*o = (struct out)OUT_INIT;
	o->replace = asked.replace;
	o->partial = asked.partial;
	o->secret = asked.secret;
	if (out_call(o, name, e) == -1)
		return -1;
	o->dirfd = dirfd;
	o->sink = (struct sink){.write = gather, .ctx = o, .fd = -1};
	if (begin_file(o, mode, e) == 0)
		return 0;
	out_abort(o);
	return err_ctx(e, "%s", name);
}

int
out_write(struct out *o, const void *p, size_t n, struct err *e)
{
	return sink_write(&o->sink, p, n, e);
}

bool
out_no_links(int error)
{
	return error == EPERM || error == EOPNOTSUPP || error == ENOSYS;
}

/*
 * On file systems that cannot rename without replacing: a hard link refuses a
 * taken name too; where there are none, looking first must do.
 */
static int
rename_slowly(int odir, const char *from, int ndir, const char *to)
{
	struct stat st;

	if (os.linkat(odir, from, ndir, to, 0) == 0)
		return os.unlinkat(odir, from, 0);
	if (!out_no_links(errno))
		return -1;
	if (fstatat(ndir, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	if (errno != ENOENT)
		return -1;
	return os.renameat2(odir, from, ndir, to, 0);
}

/* Kernels and file systems that know no such flag of rename(). */
static bool
lacks_flag(void)
{
	return errno == EINVAL || errno == ENOSYS;
}

int
out_rename_new(int odir, const char *from, int ndir, const char *to)
{
	int r = os.renameat2(odir, from, ndir, to, RENAME_NOREPLACE);

	if (r == -1 && lacks_flag())
		r = rename_slowly(odir, from, ndir, to);
	return r;
}

int
out_rename_swap(int odir, const char *from, int ndir, const char *to)
{
	int r = os.renameat2(odir, from, ndir, to, RENAME_EXCHANGE);

	return r == -1 && lacks_flag() ? 1 : r;
}

/* Some file systems cannot flush a folder and answer EINVAL. */
int
out_flush_folder(int dirfd)
{
	return os.fsync(dirfd) == -1 && errno != EINVAL ? -1 : 0;
}

static int
take_name(struct out *o, struct err *e)
{
	char path[FD_PATH_MAX];
	int r;

	fd_path(path, o->fd);
	if (o->temp[0] == '\0')
		r = os.linkat(
		    AT_FDCWD, path, o->dirfd, o->name, AT_SYMLINK_FOLLOW);
	else if (o->replace)
		r = os.renameat2(o->dirfd, o->temp, o->dirfd, o->name, 0);
	else
		r = out_rename_new(o->dirfd, o->temp, o->dirfd, o->name);
	if (r == 0) {
		o->temp[0] = '\0';
		return 0;
	}
	if (errno == EEXIST)
		return err_set(e, E_USAGE, "%s exists already", o->name);
	return err_sys(e, "naming %s", o->name);
}

static int
flush_folder(struct out *o, struct err *e)
{
	int fd = o->dirfd, r = 0;

	if (fd == AT_FDCWD) {
		fd = os.openat(
		    AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
		if (fd == -1)
			return err_sys(e, "opening the folder of %s", o->name);
	}
	if (out_flush_folder(fd) == -1)
		r = err_sys(e, "flushing the folder of %s", o->name);
	if (fd != o->dirfd)
		(void)os.close(fd);
	return r;
}

static int
finish_file(struct out *o, struct err *e)
{
	int fd = o->fd;

	if (out_flush(o, e) == -1)
		return err_ctx(e, "%s", o->name);
	if (os.fsync(fd) == -1)
		return err_sys(e, "flushing %s", o->name);
	/*
	 * A file without a name is gone when it is closed.  It was flushed, so
	 * what close() says after it has one is no matter.
	 */
	if (o->temp[0] == '\0' && take_name(o, e) == -1)
		return -1;
	o->fd = -1;
	if (os.close(fd) == -1 && o->temp[0] != '\0')
		return err_sys(e, "closing %s", o->name);
	if (o->temp[0] != '\0' && take_name(o, e) == -1)
		return -1;
	return flush_folder(o, e);
}

int
out_commit(struct out *o, struct err *e)
{
	int r = finish_file(o, e);

	out_abort(o);
	return r;
}

/* The name goes before the lock does. */
void
out_abort(struct out *o)
{
	if (o->temp[0] != '\0')
		(void)os.unlinkat(o->dirfd, o->temp, 0);
	o->temp[0] = '\0';
	if (o->fd != -1)
		(void)os.close(o->fd);
	if (o->held != -1)
		(void)os.close(o->held);
	o->fd = o->held = -1;
	free(o->gather);
	o->gather = NULL;
	o->ngather = 0;
}
