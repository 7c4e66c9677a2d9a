/* SPDX-License-Identifier: ISC */
/*
 * Files that are no payload: of folders that an operator fills, and of what
 * transfers brought along.  A name of a client is used as one only where it is
 * safe, beneath a folder that is open, and no link is followed.
 */
#include "lib/serve/serve_priv.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/path.h"

#define ENTRIES 4096 /* looked at in one folder */

int
serve_send_file(int fd, const char *extra, struct httpd_res *rs, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1) {
		err_sys(e, "a file");
		(void)close(fd);
		return -1;
	}
	rs->status = 200;
	rs->fd = fd;
	rs->size = (uint64_t)st.st_size;
	rs->type = "application/octet-stream";
	rs->changing = true;
	rs->modified = st.st_mtim.tv_sec;
	/* Copied with its time it is the same, wherever that is. */
	snprintf(rs->etag, sizeof(rs->etag), "\"%" PRIx64 "-%" PRIx64 ".%lx\"",
	    rs->size, (uint64_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	snprintf(rs->extra, sizeof(rs->extra), "%s", extra);
	return 0;
}

/* The entry of a folder with that name in any case of letters: 1, 0, -1. */
static int
any_case(int dirfd, const char *folder, const char *name, size_t n,
    char found[NAME_MAX + 1], struct err *e)
{
	struct dirent *d;
	unsigned left = ENTRIES;
	DIR *dir;
	int fd, r = 0;

	if (path_opendir(dirfd, folder, &fd, e) == -1)
		return -1;
	if ((dir = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return err_sys(e, "%s", folder);
	}
	while (r == 0 && left-- > 0 && (d = readdir(dir)) != NULL)
		if (strlen(d->d_name) == n &&
		    strncasecmp(d->d_name, name, n) == 0) {
			snprintf(found, NAME_MAX + 1, "%s", d->d_name);
			r = 1;
		}
	(void)closedir(dir);
	return r;
}

/* The name as the folder spells it: 1, 0 there is none, -1. */
static int
spell(int dirfd, const char *name, char real[PATH_SAFE_MAX + 1], struct err *e)
{
	char found[NAME_MAX + 1], folder[PATH_SAFE_MAX + 2] = ".";
	size_t n, len = 0;
	int r;

	*real = '\0';
	for (; *name != '\0'; name += n + (name[n] == '/')) {
		n = strcspn(name, "/");
		r = any_case(dirfd, folder, name, n, found, e);
		if (r != 1)
			return r;
		/* Of the same length as what was checked. */
		len += (size_t)snprintf(real + len, PATH_SAFE_MAX + 1 - len,
		    "%s%s", len > 0 ? "/" : "", found);
		snprintf(folder, sizeof(folder), "%s", real);
	}
	return 1;
}

int
serve_folder_file(
    int dirfd, const char *name, bool cases, int *fd, struct err *e)
{
	char real[PATH_SAFE_MAX + 1];
	struct err fault = ERR_INIT;
	int r = 1;

	if (dirfd == -1 || !path_safe(name, strlen(name)))
		return 0;
	snprintf(real, sizeof(real), "%s", name);
	if (path_open(dirfd, real, fd, NULL, &fault) == 0)
		return 1;
	if (cases && fault.kind == E_MISSING) {
		err_clear(&fault);
		r = spell(dirfd, name, real, &fault);
		if (r == 1 && path_open(dirfd, real, fd, NULL, &fault) == 0)
			return 1;
	}
	if (r == 0 || fault.kind == E_MISSING || fault.kind == E_FORMAT)
		return 0; /* none, a folder, a link */
	*e = fault;
	return -1;
}

/* An operator's file by its name now: another may have taken its place. */
int
serve_scan_cab(struct serve *s, struct httpd_res *rs, struct err *e)
{
	int fd;

	if (s->scan.dirfd == -1)
		return 0;
	if (path_open(s->scan.dirfd, s->scan.name, &fd, NULL, e) == -1)
		return err_ctx(e, "wsusscn2.cab");
	return serve_send_file(fd, "", rs, e);
}

static int
open_scan_cab(struct serve *s, const char *path, struct err *e)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');
	int fd;

	snprintf(s->scan.name, sizeof(s->scan.name), "%s",
	    slash != NULL ? slash + 1 : path);
	if (slash == NULL)
		snprintf(folder, sizeof(folder), ".");
	else
		snprintf(folder, sizeof(folder), "%.*s",
		    (int)(slash == path ? 1 : slash - path), path);
	s->scan.dirfd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->scan.dirfd == -1)
		return err_sys(e, "%s", path);
	if (path_open(s->scan.dirfd, s->scan.name, &fd, NULL, e) == -1)
		return err_ctx(e, "--wsusscn2, in %s", folder);
	(void)close(fd);
	return 0;
}

int
serve_folders_open(struct serve *s, const char *scan_cab,
    const char *self_update, struct err *e)
{
	if (scan_cab != NULL && open_scan_cab(s, scan_cab, e) == -1)
		return -1;
	if (self_update == NULL)
		return 0;
	s->self_update = open(self_update, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->self_update == -1 ? err_sys(e, "%s", self_update) : 0;
}

void
serve_folders_close(struct serve *s)
{
	if (s->scan.dirfd != -1)
		(void)close(s->scan.dirfd);
	if (s->self_update != -1)
		(void)close(s->self_update);
}
