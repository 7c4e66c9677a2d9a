/* SPDX-License-Identifier: ISC */
#include "lib/base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"

#define WALK_MAX_NAMES ((size_t)4 << 20) /* in one folder */
#define WALK_MAX_BYTES ((size_t)256 << 20) /* of the names of one folder */
#define WALK_MAX_PATH ((size_t)4096)

struct walk {
	int (*each)(void *arg, const struct path_entry *, struct err *);
	void *arg; /* borrowed */
	unsigned max_depth;
	char path[WALK_MAX_PATH]; /* of the entry at hand */
};

struct names {
	struct arena arena;
	char **v; /* owned; the names are the arena's */
	size_t n, cap;
};

static int
keep_name(struct names *l, const char *name, struct err *e)
{
	if (l->n == WALK_MAX_NAMES)
		return err_set(e, E_LIMIT, "more than %zu names in a folder",
		    WALK_MAX_NAMES);
	if (grow(&l->v, &l->cap, l->n, sizeof(*l->v), e) == -1)
		return -1;
	l->v[l->n] = arena_strndup(&l->arena, name, strlen(name));
	if (l->v[l->n] == NULL)
		return err_nomem(e);
	l->n++;
	return 0;
}

static int
list(struct names *l, DIR *d, struct err *e)
{
	struct dirent *de;

	for (;;) {
		errno = 0;
		if ((de = readdir(d)) == NULL)
			break;
		if (strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0)
			continue;
		if (keep_name(l, de->d_name, e) == -1)
			return -1;
	}
	if (errno != 0)
		return err_sys(e, "reading the folder");
	sort_up(l->v, l->n, sizeof(*l->v), sort_by_text);
	return 0;
}

static int walk_folder(struct walk *w, int dirfd, const char *name, size_t len,
    unsigned depth, struct err *e);

/* path[0..len) is the folder, with its slash; a name that left is no entry. */
static int
visit(struct walk *w, int dirfd, const char *name, size_t len, unsigned depth,
    struct err *e)
{
	struct path_entry entry = {.name = w->path, .type = PATH_OTHER};
	size_t n = strlen(name);
	struct stat st;

	if (n >= sizeof(w->path) - 1 - len)
		return err_set(e, E_LIMIT, "a path of more than %zu bytes",
		    sizeof(w->path) - 2);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : err_sys(e, "%s", name);
	memcpy(w->path + len, name, n + 1);
	if (depth > w->max_depth)
		return err_set(e, E_LIMIT, "%s: more than %u folders deep",
		    w->path, w->max_depth - 1);
	entry.mtime_s = st.st_mtim.tv_sec;
	if (S_ISREG(st.st_mode)) {
		entry.type = PATH_FILE;
		entry.size = (uint64_t)st.st_size;
	}
	if (S_ISDIR(st.st_mode))
		entry.type = PATH_DIR;
	if (w->each(w->arg, &entry, e) == -1)
		return -1;
	if (entry.type != PATH_DIR)
		return 0;
	memcpy(w->path + len + n, "/", 2);
	return walk_folder(w, dirfd, name, len + n + 1, depth + 1, e);
}

static int
walk_folder(struct walk *w, int dirfd, const char *name, size_t len,
    unsigned depth, struct err *e)
{
	struct names l = {.arena = ARENA_INIT(WALK_MAX_BYTES)};
	DIR *d = NULL;
	int fd, r = -1;
	size_t i;

	if (path_opendir(dirfd, name, &fd, e) == -1)
		return -1;
	if ((d = fdopendir(fd)) == NULL) {
		err_sys(e, "%s", name);
		(void)close(fd);
		return -1;
	}
	if (list(&l, d, e) == -1) {
		err_ctx(e, "%s", name);
		goto out;
	}
	for (i = 0; i < l.n; i++)
		if (visit(w, fd, l.v[i], len, depth, e) == -1)
			goto out;
	r = 0;
out:
	(void)closedir(d);
	free(l.v);
	arena_free(&l.arena);
	return r;
}

int
path_walk(int dirfd, unsigned max_depth,
    int (*each)(void *arg, const struct path_entry *, struct err *), void *arg,
    struct err *e)
{
	struct walk *w;
	int r;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return err_nomem(e);
	w->each = each;
	w->arg = arg;
	w->max_depth = max_depth;
	r = walk_folder(w, dirfd, ".", 0, 1, e);
	free(w);
	return r;
}
