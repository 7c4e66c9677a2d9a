/* SPDX-License-Identifier: ISC */
#include "tests/fault/disk.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/base/path_remove.h"
#include "tests/t.h"

#define DEPTH 8
#define FILE_MAX ((size_t)256 << 20)

struct walk {
	int from, to;
	struct buf text;
	bool (*skip)(const char *name);
};

static int
open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		t_fail(__FILE__, __LINE__, "%s: cannot open", path);
	return fd;
}

static int
copy_file(struct walk *w, const struct path_entry *en, mode_t mode)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int fd;

	T_CALL(path_read(w->from, en->name, FILE_MAX, &b, &e), &e);
	fd = openat(
	    w->to, en->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	T_EQ(write(fd, b.p, b.len), (ssize_t)b.len);
	T_EQ(fchmod(fd, mode), 0);
	T_EQ(close(fd), 0);
	buf_free(&b);
	return 0;
}

static int
copy_one(void *arg, const struct path_entry *en, struct err *e)
{
	struct walk *w = arg;
	struct stat st;

	(void)e;
	T_EQ(fstatat(w->from, en->name, &st, AT_SYMLINK_NOFOLLOW), 0);
	if (en->type == PATH_FILE)
		return copy_file(w, en, st.st_mode & 07777);
	T_EQ(mkdirat(w->to, en->name, st.st_mode & 07777), 0);
	return 0;
}

void
disk_copy(const char *from, const char *to)
{
	struct walk w;
	struct err e = ERR_INIT;

	T_EQ(mkdir(to, 0755), 0);
	w.from = open_folder(from);
	w.to = open_folder(to);
	T_CALL(path_walk(w.from, DEPTH, copy_one, &w, &e), &e);
	(void)close(w.from);
	(void)close(w.to);
}

void
disk_remove(const char *path)
{
	struct err e = ERR_INIT;

	T_CALL(path_remove(AT_FDCWD, path, &e), &e);
}

static int
list_one(void *arg, const struct path_entry *en, struct err *e)
{
	char hex[2 * SHA1_LEN + 1] = "-";
	struct walk *w = arg;
	struct buf b = BUF_INIT;
	struct digest d;
	struct stat st;

	T_EQ(fstatat(w->from, en->name, &st, AT_SYMLINK_NOFOLLOW), 0);
	if (en->type == PATH_FILE) {
		T_CALL(path_read(w->from, en->name, FILE_MAX, &b, e), e);
		T_CALL(digest_mem(DIGEST_SHA1, b.p, b.len, &d, e), e);
		hex_upper(hex, d.sha1, SHA1_LEN);
		buf_free(&b);
	}
	return buf_printf(&w->text, e, "%s %o %llu %s\n", en->name,
	    (unsigned)st.st_mode, (unsigned long long)en->size, hex);
}

static int
name_one(void *arg, const struct path_entry *en, struct err *e)
{
	struct walk *w = arg;

	if (strchr(en->name, '/') != NULL)
		return 0;
	return buf_printf(&w->text, e, "%s ", en->name);
}

static char *
text_of(const char *path,
    int (*each)(void *arg, const struct path_entry *en, struct err *e))
{
	struct walk w = {.text = BUF_INIT};
	struct err e = ERR_INIT;

	if (access(path, F_OK) == -1)
		return strdup("");
	w.from = open_folder(path);
	T_CALL(path_walk(w.from, DEPTH, each, &w, &e), &e);
	(void)close(w.from);
	T_OK(buf_str(&w.text, &e) != NULL);
	return (char *)w.text.p;
}

char *
disk_list(const char *path)
{
	return text_of(path, list_one);
}

static int
add_bytes(void *arg, const struct path_entry *en, struct err *e)
{
	struct walk *w = arg;
	struct buf b = BUF_INIT;
	struct stat st;
	int r;

	if (w->skip(en->name))
		return 0;
	T_EQ(fstatat(w->from, en->name, &st, AT_SYMLINK_NOFOLLOW), 0);
	r = buf_printf(&w->text, e, "%s %o %llu\n", en->name,
	    (unsigned)st.st_mode, (unsigned long long)en->size);
	if (r == 0 && en->type == PATH_FILE) {
		T_CALL(path_read(w->from, en->name, FILE_MAX, &b, e), e);
		r = buf_put(&w->text, b.p, b.len, e);
		buf_free(&b);
	}
	return r;
}

char *
disk_bytes(const char *path, bool (*skip)(const char *name), size_t *n)
{
	struct walk w = {.text = BUF_INIT, .skip = skip};
	struct err e = ERR_INIT;

	*n = 0;
	if (access(path, F_OK) == -1)
		return NULL;
	w.from = open_folder(path);
	T_CALL(path_walk(w.from, DEPTH, add_bytes, &w, &e), &e);
	(void)close(w.from);
	*n = w.text.len;
	return (char *)w.text.p;
}

char *
disk_names(const char *path)
{
	return text_of(path, name_one);
}

bool
disk_within(const char *part, const char *whole)
{
	const char *at, *end;
	char line[PATH_MAX + 128];

	for (; *part != '\0'; part = end + 1) {
		if ((end = strchr(part, '\n')) == NULL)
			return false;
		snprintf(
		    line, sizeof(line), "%.*s", (int)(end + 1 - part), part);
		at = strstr(whole, line);
		if (at == NULL || (at != whole && at[-1] != '\n'))
			return false;
	}
	return true;
}

void
disk_same(const char *what, const char *got, const char *want)
{
	size_t i = 0, at = 0;

	if (strcmp(got, want) == 0)
		return;
	for (; got[i] == want[i]; i++)
		if (got[i] == '\n')
			at = i + 1;
	t_fail(__FILE__, __LINE__, "%s: '%.*s', not '%.*s'", what,
	    (int)strcspn(got + at, "\n"), got + at,
	    (int)strcspn(want + at, "\n"), want + at);
}
