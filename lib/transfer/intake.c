/* SPDX-License-Identifier: ISC */
#include "lib/transfer/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"

int
intake_scratch(int *dirfd, struct err *e)
{
	const char *dir = getenv("TMPDIR");

	if (dir == NULL || *dir == '\0')
		dir = "/tmp";
	*dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*dirfd == -1)
		return err_sys(e,
		    "%s: cannot open the folder for temporary files (TMPDIR)",
		    dir);
	if (faccessat(*dirfd, ".", W_OK, AT_EACCESS) == -1)
		return err_sys(e,
		    "%s: cannot make temporary files there; let TMPDIR name "
		    "another folder",
		    dir);
	return 0;
}

int
intake_nameless(int scratch, struct err *e)
{
	char hex[OUT_RANDOM + 1], name[OUT_RANDOM + 16];
	int fd;

	fd = os.openat(scratch, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd != -1)
		return fd;
	/* Not every file system knows O_TMPFILE. */
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return err_sys(e, "cannot make a temporary file");
	if (out_random(hex, e) == -1)
		return -1;
	snprintf(name, sizeof(name), ".wsusferry-%s", hex);
	fd = os.openat(scratch, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return err_sys(e, "cannot make a temporary file");
	if (os.unlinkat(scratch, name, 0) == -1) {
		err_sys(e, "cannot unlink a temporary file");
		(void)os.close(fd);
		return -1;
	}
	return fd;
}

void
intake_full(int scratch, struct err *e)
{
	char link[32], place[PATH_MAX];
	ssize_t n;

	if (e->sys != ENOSPC && e->sys != EDQUOT && e->sys != EFBIG)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", scratch);
	n = readlink(link, place, sizeof(place));
	if (n > 0)
		err_ctx(e, "a temporary file in %.*s", (int)n, place);
	else
		err_ctx(e, "a temporary file");
}

int
intake_fd(struct intake *in, int fd, uint64_t max, int scratch, struct err *e)
{
	struct stat st;
	struct digest d;
	int r = -1;

	/* Known before gigabytes of it are copied; it may grow all the same. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size > max)
		return err_set(e, E_LIMIT, "more than %" PRIu64 " bytes", max);
	if ((in->fd = intake_nameless(scratch, e)) == -1)
		goto out;
	if (copy_hashed(fd, in->fd, max, DIGEST_SHA256, &d, e) == -1) {
		intake_full(scratch, e);
		goto out;
	}
	if (lseek(in->fd, 0, SEEK_SET) == -1) {
		err_sys(e, "cannot rewind a temporary file");
		goto out;
	}
	in->size = d.bytes;
	memcpy(in->sha256, d.sha256, SHA256_LEN);
	r = 0;
out:
	if (r == -1)
		intake_close(in);
	return r;
}

int
intake_name(struct intake *in, int dirfd, const char *name, uint64_t max,
    int scratch, struct err *e)
{
	int fd, r;

	if (path_open(dirfd, name, &fd, NULL, e) == -1)
		return -1;
	r = intake_fd(in, fd, max, scratch, e);
	close(fd);
	return r;
}

static int
copy_src(struct src *s, int to, uint64_t max, struct digest *d, struct err *e)
{
	struct digest_ctx ctx = DIGEST_CTX_INIT;
	struct sink file, hash, most;
	int r = -1;

	sink_fd(&file, to);
	sink_digest(&hash, &ctx, &file);
	sink_limit(&most, max, &hash);
	if (digest_open(&ctx, DIGEST_SHA256, e) == 0 &&
	    src_copy(s, &most, e) == 0)
		r = digest_done(&ctx, d, e);
	digest_close(&ctx);
	return r;
}

int
intake_src(
    struct intake *in, struct src *s, uint64_t max, int scratch, struct err *e)
{
	struct digest d;

	if ((in->fd = intake_nameless(scratch, e)) == -1)
		return -1;
	if (copy_src(s, in->fd, max, &d, e) == -1) {
		intake_full(scratch, e);
		intake_close(in);
		return -1;
	}
	in->size = d.bytes;
	memcpy(in->sha256, d.sha256, SHA256_LEN);
	return 0;
}

int
intake_again(struct intake *in, const struct intake *copy, struct err *e)
{
	if (copy->fd == -1)
		return err_set(e, E_MISSING, "it is not there");
	*in = *copy;
	in->fd = fcntl(copy->fd, F_DUPFD_CLOEXEC, 0);
	return in->fd == -1 ? err_sys(e, "cannot open a temporary file") : 0;
}

void
intake_close(struct intake *in)
{
	if (in->fd != -1)
		(void)os.close(in->fd);
	in->fd = -1;
}
