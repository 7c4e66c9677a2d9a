/* SPDX-License-Identifier: ISC */
#include "lib/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/src.h"

#define RACE_TRIES 64 /* openat2() says EAGAIN while others rename */

static bool
safe_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static bool
safe_component(const char *s, size_t n)
{
	size_t i;

	if (n == 0 || s[0] == '.' || s[n - 1] == '.')
		return false;
	for (i = 0; i < n; i++)
		if (!safe_char(s[i]))
			return false;
	return true;
}

bool
path_safe(const char *name, size_t len)
{
	const char *slash;
	unsigned depth;
	size_t n;

	if (len > PATH_SAFE_MAX)
		return false;
	for (depth = 1; depth <= PATH_MAX_DEPTH; depth++) {
		slash = memchr(name, '/', len);
		n = slash != NULL ? (size_t)(slash - name) : len;
		if (!safe_component(name, n))
			return false;
		if (slash == NULL)
			return true;
		name += n + 1;
		len -= n + 1;
	}
	return false;
}

/* Upwards and from the root: openat2() would say no, an older kernel not. */
static bool
leaves(const char *name)
{
	const char *p = name;

	if (*p == '/' || *p == '\0')
		return true;
	for (;;) {
		if (p[0] == '.' && p[1] == '.' && (p[2] == '/' || p[2] == '\0'))
			return true;
		if ((p = strchr(p, '/')) == NULL)
			return false;
		p++;
	}
}

/*
 * For kernels before 5.6, and for filters that never heard of openat2():
 * every component by itself, following nothing.
 */
static int
open_by_steps(int dirfd, const char *name, int flags)
{
	char part[NAME_MAX + 1];
	const char *slash;
	int at = dirfd, next, saved;
	size_t n;

	for (;; name = slash) {
		name += strspn(name, "/");
		slash = name + strcspn(name, "/");
		n = (size_t)(slash - name);
		if (n > NAME_MAX) {
			errno = ENAMETOOLONG;
			next = -1;
			break;
		}
		memcpy(part, name, n);
		part[n] = '\0';
		if (slash[strspn(slash, "/")] == '\0') {
			next = openat(at, part,
			    flags | O_NOFOLLOW |
				(*slash != '\0' ? O_DIRECTORY : 0));
			break;
		}
		next = openat(
		    at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (at != dirfd)
			(void)close(at);
		if ((at = next) == -1)
			return -1;
	}
	saved = errno;
	if (at != dirfd)
		(void)close(at);
	errno = saved;
	return next;
}

static int
open_beneath(int dirfd, const char *name, int flags)
{
	struct open_how how = {
	    .flags = (unsigned)flags,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	unsigned i;
	long fd;

	if (leaves(name)) {
		errno = EXDEV;
		return -1;
	}
	for (i = 0; i < RACE_TRIES; i++) {
		fd = syscall(SYS_openat2, dirfd, name, &how, sizeof(how));
		if (fd != -1)
			return (int)fd;
		if (errno == ENOSYS || errno == EPERM)
			return open_by_steps(dirfd, name, flags);
		if (errno != EAGAIN && errno != EINTR)
			break;
	}
	return -1;
}

/* What the kernel found on the way to the name, in the words of path.h. */
static int
refuse_name(const char *name, const char *wanted, struct err *e)
{
	switch (errno) {
	case ENOENT:
		return err_set(e, E_MISSING, "%s: there is none", name);
	case ELOOP:
		return err_set(e, E_FORMAT,
		    "%s: expected %s, found a symbolic link", name, wanted);
	case ENOTDIR:
	case ENXIO:
		return err_set(e, E_FORMAT,
		    "%s: expected %s, found something else", name, wanted);
	case EXDEV:
		return err_set(e, E_FORMAT,
		    "%s: expected a name beneath the folder", name);
	case ENAMETOOLONG:
		return err_set(e, E_FORMAT, "%s: the name is too long", name);
	default:
		return err_sys(e, "opening %s", name);
	}
}

int
path_open(int dirfd, const char *name, int *fd, uint64_t *size, struct err *e)
{
	struct stat st;
	int r = -1, got;

	got = open_beneath(
	    dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (got == -1)
		return refuse_name(name, "a file", e);
	if (fstat(got, &st) == -1) {
		err_sys(e, "%s", name);
	} else if (!S_ISREG(st.st_mode)) {
		err_set(e, E_FORMAT, "%s: expected a file, found %s", name,
		    S_ISDIR(st.st_mode) ? "a folder" : "something else");
	} else {
		*fd = got;
		if (size != NULL)
			*size = (uint64_t)st.st_size;
		return 0;
	}
	(void)close(got);
	return r;
}

int
path_opendir(int dirfd, const char *name, int *fd, struct err *e)
{
	int got;

	got = open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (got == -1)
		return refuse_name(name, "a folder", e);
	*fd = got;
	return 0;
}

/* A file where a folder ought to be, and nothing can be in it. */
int
path_look(int dirfd, const char *name, struct stat *st, struct err *e)
{
	struct stat ours;

	if (st == NULL)
		st = &ours;
	if (fstatat(dirfd, name, st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	return err_sys(e, "looking for %s", name);
}

static int
read_all(int fd, size_t max, struct buf *to, struct err *e)
{
	struct src s;
	uint8_t *p;
	size_t room;
	ssize_t got;

	if (src_fd(&s, fd, e) == -1)
		return -1;
	if (s.size > max)
		return err_set(
		    e, E_LIMIT, "%" PRIu64 " bytes, at most %zu", s.size, max);
	for (;;) {
		room = (size_t)s.size - (size_t)s.off + 1;
		if (s.off > s.size)
			return err_set(
			    e, E_FORMAT, "it grows while it is read");
		if ((p = buf_reserve(to, room, e)) == NULL ||
		    (got = src_read(&s, p, room, e)) == -1)
			return -1;
		if (got == 0)
			return 0;
		to->len += (size_t)got;
	}
}

int
path_read(
    int dirfd, const char *name, size_t max, struct buf *to, struct err *e)
{
	int fd, r;

	if (path_open(dirfd, name, &fd, NULL, e) == -1)
		return -1;
	if ((r = read_all(fd, max, to, e)) == -1)
		err_ctx(e, "%s", name);
	(void)close(fd);
	return r;
}
