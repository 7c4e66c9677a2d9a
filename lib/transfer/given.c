/* SPDX-License-Identifier: ISC */
#include "lib/transfer/given.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/bag.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/transfer/container.h"

#define TRANSFER_PREFIX "wsusferry-"
#define PACKAGE "wsusexport.cab"

/* For a hint, where "cannot tell" is as good as "no". */
static bool
holds(int dirfd, const char *name)
{
	struct err unsure = ERR_INIT;

	return path_look(dirfd, name, NULL, &unsure) == 1;
}

/* Is this folder a transfer?  1, 0, -1. */
static int
is_transfer(int dirfd, struct err *e)
{
	int r = path_look(dirfd, BAG_TAGMANIFEST, NULL, e);

	return r != 0 ? r : path_look(dirfd, BAG_DECLARATION, NULL, e);
}

/* How many transfers lie in the folder, and the name of one. */
static unsigned
count_transfers(int dirfd, char name[NAME_MAX + 1])
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char tag[NAME_MAX + sizeof("/" BAG_TAGMANIFEST)];
	struct dirent *de;
	unsigned n = 0;
	DIR *d;

	if (fd == -1)
		return 0;
	if ((d = fdopendir(fd)) == NULL) {
		close(fd);
		return 0;
	}
	while ((de = readdir(d)) != NULL) {
		if (strncmp(de->d_name, TRANSFER_PREFIX,
			strlen(TRANSFER_PREFIX)) != 0)
			continue;
		snprintf(
		    tag, sizeof(tag), "%s/%s", de->d_name, BAG_TAGMANIFEST);
		if (!holds(dirfd, tag))
			continue;
		snprintf(name, NAME_MAX + 1, "%s", de->d_name);
		n++;
	}
	closedir(d);
	return n;
}

void
given_hint(char out[GIVEN_HINT_MAX], int dirfd, const char *path)
{
	size_t len = strlen(path);
	const char *slash = len > 0 && path[len - 1] == '/' ? "" : "/";
	char name[NAME_MAX + 1];
	unsigned n = count_transfers(dirfd, name);

	out[0] = '\0';
	if (n == 1)
		snprintf(out, GIVEN_HINT_MAX, "; did you mean %s%s%s?", path,
		    slash, name);
	else if (n > 1)
		snprintf(out, GIVEN_HINT_MAX,
		    "; there are %u transfers in it: name one", n);
	else if (holds(dirfd, "../" BAG_TAGMANIFEST))
		snprintf(out, GIVEN_HINT_MAX,
		    "; the folder above it is a transfer: name that");
	else if (holds(dirfd, "../../" BAG_TAGMANIFEST))
		snprintf(out, GIVEN_HINT_MAX,
		    "; the transfer is two folders up: %s%s../..", path, slash);
	else if (holds(dirfd, PACKAGE))
		snprintf(out, GIVEN_HINT_MAX, "; did you mean %s%s%s?", path,
		    slash, PACKAGE);
}

/* The path's type; E_USAGE when nothing is there. */
static int
look_at(const char *path, const char *what, mode_t *type, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == -1) {
		if (errno == ENOENT || errno == ENOTDIR)
			return err_set(
			    e, E_USAGE, "%s: %s is not there", path, what);
		return err_sys(e, "%s: cannot look at it", path);
	}
	*type = st.st_mode & S_IFMT;
	return 0;
}

int
given_folder(const char *path, const char *what, struct err *e)
{
	mode_t type;

	if (look_at(path, what, &type, e) == -1)
		return -1;
	if (type != S_IFDIR)
		return err_set(
		    e, E_USAGE, "%s: %s is a file, no folder", path, what);
	return 0;
}

/* A transfer that is no folder. */
static int
given_container(const char *path, mode_t type, struct err *e)
{
	int fd, r;

	if (type != S_IFREG && type != S_IFBLK)
		return err_set(e, E_USAGE,
		    "%s: neither a folder nor a regular file; what comes by a "
		    "pipe is read from standard input, as " CONTAINER_STDIN,
		    path);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return err_sys(e, "%s: cannot open the transfer", path);
	if ((r = container_is(fd, e)) == -1)
		err_ctx(e, "%s", path);
	else if (r == 0)
		err_set(e, E_USAGE,
		    "%s: neither a folder nor a tar nor an ISO 9660 image, as "
		    "transfers are; what is compressed is to be unpacked "
		    "first; to import a package of wsusutil give --unsigned",
		    path);
	close(fd);
	return r == 1 ? 0 : -1;
}

int
given_transfer(const char *path, struct err *e)
{
	char hint[GIVEN_HINT_MAX];
	mode_t type;
	int fd, r;

	if (strcmp(path, CONTAINER_STDIN) == 0)
		return 0;
	if (look_at(path, "the transfer", &type, e) == -1)
		return -1;
	if (type != S_IFDIR)
		return given_container(path, type, e);
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_sys(e, "%s: cannot open the transfer", path);
	if ((r = is_transfer(fd, e)) == -1) {
		err_ctx(e, "%s", path);
	} else if (r == 0) {
		given_hint(hint, fd, path);
		r = err_set(e, E_USAGE, "%s: not a transfer: no %s in it%s",
		    path, BAG_TAGMANIFEST, hint);
	}
	close(fd);
	return r == -1 ? -1 : 0;
}

int
given_package(const char *path, struct err *e)
{
	char hint[GIVEN_HINT_MAX];
	mode_t type;
	int fd, r;

	if (look_at(path, "the package", &type, e) == -1)
		return -1;
	if (type != S_IFDIR)
		return 0;
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_sys(e, "%s: cannot open", path);
	given_hint(hint, fd, path);
	if ((r = path_look(fd, BAG_TAGMANIFEST, NULL, e)) == -1)
		err_ctx(e, "%s", path);
	else if (r == 1)
		err_set(e, E_USAGE,
		    "%s: a transfer, and those are signed: give it without "
		    "--unsigned",
		    path);
	else
		err_set(e, E_USAGE, "%s: a folder, and a package is a file%s",
		    path, hint);
	close(fd);
	return -1;
}
