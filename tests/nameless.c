/* SPDX-License-Identifier: ISC */
#include "tests/nameless.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/base/os.h"

static int (*next_open)(int, const char *, int, mode_t);

static int
refuse_nameless(int dirfd, const char *path, int flags, mode_t mode)
{
	if ((flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return next_open(dirfd, path, flags, mode);
}

void
nameless_refuse(void)
{
	if (os.openat == refuse_nameless)
		return;
	next_open = os.openat;
	os.openat = refuse_nameless;
}
