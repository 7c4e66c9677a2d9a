/* SPDX-License-Identifier: ISC */
#include "lib/base/path_make.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"

static int
make(int dirfd, const char *path, mode_t mode, struct err *e)
{
	int fd, r;

	if (os.mkdirat(dirfd, path, mode) == -1)
		return errno == EEXIST
		    ? 0
		    : err_sys(e, "%s: cannot make the folder", path);
	if (path_opendir(dirfd, path, &fd, e) == -1)
		return -1;
	r = out_fd_mode(fd, mode, e);
	(void)os.close(fd);
	return r == 0 ? 0 : err_ctx(e, "%s", path);
}

int
path_make_above(int dirfd, const char *name, mode_t mode, struct err *e)
{
	char path[PATH_SAFE_MAX + 1];

	for (const char *p = strchr(name, '/'); p != NULL;
	     p = strchr(p + 1, '/')) {
		snprintf(path, sizeof(path), "%.*s", (int)(p - name), name);
		if (make(dirfd, path, mode, e) == -1)
			return -1;
	}
	return 0;
}
