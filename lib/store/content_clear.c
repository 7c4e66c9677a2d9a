/* SPDX-License-Identifier: ISC */
/*
 * Emptying staging (invariant 5).  Downloads that were cut off stay, so that
 * the next fetch goes on where they ended, and so do folders that wait for
 * media; nothing depends on them.
 */
#include "lib/store/content.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/path.h"
#include "lib/base/path_remove.h"

static const char *const endings[] = {
    [CONTENT_PART] = ".part",
    [CONTENT_PART_INFO] = ".part.info",
    [CONTENT_PART_BAD] = ".bad",
};

/* Staging itself, where downloads are kept. */
struct top {
	int staging, content; /* borrowed; content -1: there is no payload */
};

void
content_part_name(char out[CONTENT_PART_MAX], const uint8_t sha1[SHA1_LEN],
    enum content_part what)
{
	char hex[2 * SHA1_LEN + 1];

	hex_upper(hex, sha1, SHA1_LEN);
	(void)snprintf(out, CONTENT_PART_MAX, "%s%s", hex, endings[what]);
}

bool
content_part_parse(
    const char *name, uint8_t sha1[SHA1_LEN], enum content_part *what)
{
	char again[CONTENT_PART_MAX];
	size_t n = strcspn(name, "."), i;

	if (!hex_read(sha1, SHA1_LEN, name, n))
		return false;
	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcmp(name + n, endings[i]) == 0) {
			*what = (enum content_part)i;
			content_part_name(again, sha1, *what);
			return strcmp(name, again) == 0;
		}
	return false;
}

bool
content_waits(const char *name)
{
	size_t n = strlen(CONTENT_SET);

	if (strncmp(name, CONTENT_SET, n) == 0)
		return strspn(name + n, "0123456789abcdef") == 64 &&
		    name[n + 64] == '\0';
	n = strlen(CONTENT_OUT);
	return strncmp(name, CONTENT_OUT, n) == 0 && name[n] != '\0' &&
	    name[n + strspn(name + n, "0123456789")] == '\0';
}

int
content_open_staging(int storefd, unsigned n, int *fd, struct err *e)
{
	int tree = -1, r = 0;

	*fd = -1;
	if (storefd == -1)
		return 0;
	if (n == 0)
		r = path_opendir(storefd, "staging", fd, e);
	else if ((r = content_tree(storefd, &tree, e)) == 1)
		r = path_opendir(tree, CONTENT_STAGING, fd, e);
	if (tree != -1)
		(void)close(tree);
	if (r == -1 && e->kind == E_MISSING) {
		err_clear(e);
		return 0;
	}
	return r == -1 ? -1 : *fd != -1;
}

static bool
is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec ||
	    (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

/* Did the payload get its name after that time?  What is downloaded while there
   is one is to replace it, because it is damaged.  1, 0, -1. */
static int
is_named_since(
    int folder, const char *name, const struct timespec *when, struct err *e)
{
	struct stat st;
	int r = path_look(folder, name, &st, e);

	return r != 1 ? r : !is_later(when, &st.st_ctim);
}

/* Is there a file of that digest, whatever its extension, since that time?
   1, 0, -1. */
static int
has_payload(int content, const uint8_t sha1[SHA1_LEN],
    const struct timespec *when, struct err *e)
{
	char name[CONTENT_NAME_MAX], *file = name + 3;
	struct dirent *de;
	int fd, found = 0;
	DIR *d;

	content_name(name, sha1, "");
	name[2] = '\0'; /* folder, then file */
	if ((fd = openat(content, name,
		 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) == -1) {
		if (errno == ENOENT)
			return 0;
		return err_sys(e, "opening %s/%s", CONTENT_DIR, name);
	}
	if ((d = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return err_sys(e, "reading %s/%s", CONTENT_DIR, name);
	}
	while (found == 0 && (errno = 0, de = readdir(d)) != NULL)
		if (strncmp(de->d_name, file, (size_t)2 * SHA1_LEN) == 0 &&
		    strchr(".", de->d_name[2 * SHA1_LEN]) != NULL)
			found = is_named_since(dirfd(d), de->d_name, when, e);
	if (found == 0 && de == NULL && errno != 0)
		found = err_sys(e, "reading %s/%s", CONTENT_DIR, name);
	closedir(d);
	return found;
}

/* A folder that waits, or a download that can go on?  1, 0, -1. */
static int
is_kept(const struct top *top, const char *name, struct err *e)
{
	char part[CONTENT_PART_MAX];
	uint8_t sha1[SHA1_LEN];
	enum content_part what;
	struct stat st;
	int r;

	if (content_waits(name)) {
		r = path_look(top->staging, name, &st, e);
		return r != 1 ? r : S_ISDIR(st.st_mode);
	}
	if (!content_part_parse(name, sha1, &what))
		return 0;
	if ((r = path_look(top->staging, name, &st, e)) != 1)
		return r;
	if (!S_ISREG(st.st_mode))
		return 0;
	content_part_name(part, sha1, CONTENT_PART);
	if (what == CONTENT_PART_INFO &&
	    (r = path_look(top->staging, part, &st, e)) != 1)
		return r;
	if (top->content == -1)
		return 1;
	r = has_payload(top->content, sha1, &st.st_mtim, e);
	return r == -1 ? -1 : !r;
}

/* fd is taken. */
static int
clear(int fd, const struct top *top, struct err *e)
{
	struct dirent *de;
	int r = -1, kept;
	DIR *d;

	if ((d = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return err_sys(e, "reading staging");
	}
	while ((errno = 0, de = readdir(d)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0)
			continue;
		if ((kept = is_kept(top, de->d_name, e)) == -1)
			goto out;
		if (!kept && path_remove(fd, de->d_name, e) == -1) {
			err_ctx(e, "staging");
			goto out;
		}
	}
	r = errno == 0 ? 0 : err_sys(e, "reading staging");
out:
	closedir(d);
	return r;
}

static int
clear_at(int dirfd, const char *name, struct top *top, struct err *e)
{
	int fd, r;

	if (path_opendir(dirfd, name, &top->staging, e) == -1) {
		if (e->kind != E_MISSING)
			return -1;
		err_clear(e);
		return 0;
	}
	if ((fd = fcntl(top->staging, F_DUPFD_CLOEXEC, 0)) == -1)
		r = err_sys(e, "opening staging");
	else
		r = clear(fd, top, e);
	(void)close(top->staging);
	return r;
}

int
content_clear_staging(int storefd, int staging, struct err *e)
{
	struct top top;
	int r;

	if (content_tree(storefd, &top.content, e) == -1)
		return -1;
	r = top.content == -1 ? 0 : content_lock(top.content, e);
	if (r == 0)
		r = clear_at(staging, ".", &top, e);
	if (r == 0 && top.content != -1)
		r = clear_at(top.content, CONTENT_STAGING, &top, e);
	if (top.content != -1)
		(void)close(top.content);
	return r;
}
