/* SPDX-License-Identifier: ISC */
#include "lib/base/path_remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/os.h"

#define MAX_DEPTH 16

static int remove_all(
    int dirfd, const char *name, unsigned depth, struct err *e);

static int
remove_entries(int fd, unsigned depth, struct err *e)
{
	struct dirent *d;
	DIR *dir;
	int r = 0;

	if ((dir = fdopendir(fd)) == NULL) {
		(void)os.close(fd);
		return err_sys(e, "cannot read a folder");
	}
	while (r == 0 && (errno = 0, d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			r = remove_all(dirfd(dir), d->d_name, depth, e);
	if (r == 0 && errno != 0)
		r = err_sys(e, "cannot read a folder");
	(void)closedir(dir);
	return r;
}

static int
remove_all(int dirfd, const char *name, unsigned depth, struct err *e)
{
	int fd;

	if (os.unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(e, "%s: cannot remove", name);
	if (depth == MAX_DEPTH)
		return err_set(e, E_LIMIT, "%s: folders nest too deep", name);
	fd = openat(
	    dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return err_sys(e, "%s: cannot open", name);
	if (remove_entries(fd, depth + 1, e) == -1)
		return depth == 0 ? err_ctx(e, "%s", name) : -1;
	if (os.unlinkat(dirfd, name, AT_REMOVEDIR) == -1)
		return err_sys(e, "%s: cannot remove", name);
	return 0;
}

int
path_remove(int dirfd, const char *name, struct err *e)
{
	return remove_all(dirfd, name, 0, e);
}
