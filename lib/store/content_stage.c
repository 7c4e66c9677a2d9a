/* SPDX-License-Identifier: ISC */
/* Staging: one read, hashed while copied (invariant 9), by any thread. */
#include "lib/store/content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"

/*
 * Names that are made in one folder wait for each other, so every thread makes
 * its own in a folder of its own, of which there are a few.
 */
#define LANES 8

static const char *
lane_name(char name[8], unsigned lane)
{
	(void)snprintf(name, 8, "t%u", lane % LANES);
	return name;
}

static unsigned
own_lane(void)
{
	static atomic_uint threads;
	static _Thread_local unsigned lane = LANES;

	if (lane == LANES)
		lane = atomic_fetch_add(&threads, 1) % LANES;
	return lane;
}

void
content_close_lanes(int staging)
{
	char name[8];

	for (unsigned i = 0; i < LANES; i++)
		(void)os.unlinkat(staging, lane_name(name, i), AT_REMOVEDIR);
}

static int
random_name(struct content_staged *st, struct err *e)
{
	char hex[OUT_RANDOM + 1], lane[8];

	if (out_random(hex, e) == -1)
		return -1;
	(void)snprintf(st->temp, sizeof(st->temp), "%s/c-%s",
	    lane_name(lane, own_lane()), hex);
	return 0;
}

/* After a call that failed with errno: was it for want of the thread's folder,
   which is there now?  Another thread of the same may have made it. */
static bool
made_lane(const struct content *c)
{
	char lane[8];

	return errno == ENOENT &&
	    (os.mkdirat(c->staging, lane_name(lane, own_lane()), 0700) == 0 ||
		errno == EEXIST);
}

static int
create(const struct content *c, const char *name)
{
	return os.openat(c->staging, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int
make_temp(
    const struct content *c, struct content_staged *st, int *fd, struct err *e)
{
	if (random_name(st, e) == -1)
		return -1;
	*fd = create(c, st->temp);
	if (*fd == -1 && made_lane(c))
		*fd = create(c, st->temp);
	if (*fd != -1)
		return 0;
	st->temp[0] = '\0';
	return err_sys(e, "making a file in staging");
}

static int
seal(int fd, struct err *e)
{
	if (out_fd_mode(fd, 0444, e) == -1) {
		(void)os.close(fd);
		return err_ctx(e, "a staged file");
	}
	if (os.close(fd) == -1)
		return err_sys(e, "closing a staged file");
	return 0;
}

/*
 * A clone shares the blocks and nothing else, so that what is hashed, its own
 * bytes, is what is kept.  1 done, 0 not possible here, -1.
 */
static int
stage_clone(const struct content *c, int from, struct content_staged *st,
    int *fd, struct err *e)
{
	if (make_temp(c, st, fd, e) == -1)
		return -1;
	if (os.clone(*fd, from) == 0)
		return 1;
	(void)os.close(*fd);
	*fd = from;
	content_drop(c, st);
	return 0;
}

/*
 * A hard link is the file itself: neither its mode nor its bytes are touched,
 * and it must be the one behind the descriptor that is hashed.  1, 0, -1.
 */
static int
stage_link(const struct content *c, int from, int dirfd, const char *name,
    struct content_staged *st, struct err *e)
{
	struct stat a, b;

	if (random_name(st, e) == -1)
		return -1;
	if (os.linkat(dirfd, name, c->staging, st->temp, 0) == -1 &&
	    (!made_lane(c) ||
		os.linkat(dirfd, name, c->staging, st->temp, 0) == -1)) {
		st->temp[0] = '\0';
		return 0;
	}
	if (fstat(from, &a) == -1 ||
	    fstatat(c->staging, st->temp, &b, AT_SYMLINK_NOFOLLOW) == -1)
		return err_sys(e, "looking at a link in staging");
	if (a.st_dev != b.st_dev || a.st_ino != b.st_ino)
		return err_set(
		    e, E_FORMAT, "'%s' was replaced while it was read", name);
	return 1;
}

int
content_stage_begin(const struct content *c, int fd, int from_dirfd,
    const char *from_name, enum content_how how, uint64_t max,
    struct content_staged *st, struct copy *cp, struct err *e)
{
	int r = 0;

	st->temp[0] = '\0';
	st->replace = false;
	*cp = (struct copy){.fd = fd, .to = -1, .max = max};
	if (how == CONTENT_LINK &&
	    (r = stage_clone(c, fd, st, &cp->fd, e)) == 0)
		r = stage_link(c, fd, from_dirfd, from_name, st, e);
	if (r == 0)
		r = make_temp(c, st, &cp->to, e);
	if (r == -1)
		content_drop(c, st);
	return r == -1 ? -1 : 0;
}

int
content_stage_end(const struct content *c, int fd, struct content_staged *st,
    const struct copy *cp, struct err *e)
{
	int made = cp->to != -1 ? cp->to : cp->fd, r = 0;

	if (made == fd)
		made = -1;
	st->digest = cp->digest;
	if (cp->err.kind != E_NONE) {
		*e = cp->err;
		r = -1;
		if (made != -1)
			(void)os.close(made);
	} else if (made != -1)
		r = seal(made, e);
	if (r == -1)
		content_drop(c, st);
	return r;
}

void
content_drop(const struct content *c, struct content_staged *st)
{
	if (st->temp[0] != '\0')
		(void)os.unlinkat(c->staging, st->temp, 0);
	st->temp[0] = '\0';
}
