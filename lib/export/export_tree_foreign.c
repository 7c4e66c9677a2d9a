/* SPDX-License-Identifier: ISC */
/* What stands in a tree and is none of it: servers publish it all the same. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/export/export.h"
#include "lib/export/export_tree.h"
#include "lib/store/store.h"
#include "lib/view/index.h"
#include "lib/view/page_updates.h"

/* Each folder has 1/256 of the payload, or the pages. */
#define NAMES_MAX (1 << 20)
#define FIRST 3 /* named, where there are more */

/* One folder of the tree, and what may stand in it. */
struct folder {
	const char *path; /* as people see it, with a slash, or "" */
	int (*is_ours)(struct export_tree *t, int dirfd, const char *name,
	    struct err *e); /* 1, 0, -1 */
};

static void
tell(struct export_tree *t, const char *path, const char *name)
{
	if (t->foreign++ >= FIRST && t->o->log->verbose == 0)
		return;
	log_event(t->o->log, LOG_WARN, NULL,
	    "%s%s: not of this tree, and published with it; move it away", path,
	    name);
}

struct names {
	char **v; /* owned, and each of them */
	size_t n, cap;
};

static void
names_free(struct names *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->v[i]);
	free(x->v);
}

static int
names_read(struct names *x, DIR *d, struct err *e)
{
	const struct dirent *en;

	while (errno = 0, (en = readdir(d)) != NULL) {
		if (strcmp(en->d_name, ".") == 0 ||
		    strcmp(en->d_name, "..") == 0)
			continue;
		if (x->n == NAMES_MAX)
			return err_set(e, E_LIMIT,
			    "more than %d names in one folder: move away what "
			    "is not of the tree",
			    NAMES_MAX);
		if (grow(&x->v, &x->cap, x->n, sizeof(*x->v), e) == -1)
			return -1;
		if ((x->v[x->n] = strdup(en->d_name)) == NULL)
			return err_nomem(e);
		x->n++;
	}
	return errno == 0 ? 0 : err_sys(e, "reading a folder");
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
names_open(struct names *x, int dirfd, struct err *e)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
	DIR *d = fd == -1 ? NULL : fdopendir(fd);

	if (d == NULL) {
		r = err_sys(e, "opening a folder");
		if (fd != -1)
			(void)close(fd);
		return r;
	}
	r = names_read(x, d, e);
	(void)closedir(d);
	if (r == 0 && x->n != 0)
		qsort(x->v, x->n, sizeof(*x->v), by_name);
	return r;
}

/* By name, so that it is told in one order. */
static int
each_name(
    struct export_tree *t, int dirfd, const struct folder *f, struct err *e)
{
	struct names x = {.v = NULL};
	int r = names_open(&x, dirfd, e);

	if (r == -1)
		(void)err_ctx(e, "%s/%s", t->o->tree, f->path);
	for (size_t i = 0; r != -1 && i < x.n; i++) {
		r = f->is_ours(t, dirfd, x.v[i], e);
		if (r == 0)
			tell(t, f->path, x.v[i]);
	}
	names_free(&x);
	return r == -1 ? -1 : 0;
}

static int
is_payload(struct export_tree *t, int dirfd, const char *name, struct err *e)
{
	char want[CONTENT_NAME_MAX];
	uint8_t sha1[SHA1_LEN];
	struct store_file f;
	int r;

	(void)dirfd;
	if (!content_parse(name, sha1))
		return 0;
	if ((r = store_file(t->store, sha1, &f, e)) != 1)
		return r;
	content_name(want, sha1, f.ext);
	return strcmp(want + 3, name) == 0 && row_set_has(&t->put, f.row);
}

static int
each_payload(struct export_tree *t, int dirfd, const char *name, struct err *e)
{
	char path[sizeof(EXPORT_TREE_PAYLOAD) + 4];
	const struct folder f = {path, is_payload};
	int fd, r;

	if (path_opendir(dirfd, name, &fd, e) == -1)
		return -1;
	(void)snprintf(path, sizeof(path), EXPORT_TREE_PAYLOAD "/%.2s/", name);
	r = each_name(t, fd, &f, e);
	(void)close(fd);
	return r == -1 ? -1 : 1;
}

static bool
is_upper_hex(char c)
{
	return isdigit((unsigned char)c) || (c >= 'A' && c <= 'F');
}

static int
is_bucket(struct export_tree *t, int dirfd, const char *name, struct err *e)
{
	struct stat st;
	int r;

	if (strcmp(name, CONTENT_CHECK_FILE) == 0)
		return 1;
	if (strlen(name) != 2 || !is_upper_hex(name[0]) ||
	    !is_upper_hex(name[1]))
		return 0;
	if ((r = path_look(dirfd, name, &st, e)) != 1 || !S_ISDIR(st.st_mode))
		return r == -1 ? -1 : 0;
	return each_payload(t, dirfd, name, e);
}

static int
is_top(struct export_tree *t, int dirfd, const char *name, struct err *e)
{
	const struct folder payload = {EXPORT_TREE_PAYLOAD "/", is_bucket};
	char page[PAGE_FILE_MAX];
	uint64_t number = export_tree_page(name);

	(void)dirfd;
	if (strcmp(name, EXPORT_TREE_PAYLOAD) == 0)
		return each_name(t, t->content_to, &payload, e) == -1 ? -1 : 1;
	page_updates_file(page, number);
	return strcmp(name, EXPORT_TREE_MARK) == 0 ||
	    strcmp(name, index_name(INDEX_JSON)) == 0 ||
	    strcmp(name, index_name(INDEX_CSV)) == 0 ||
	    (number <= t->pages && strcmp(name, page) == 0);
}

int
export_tree_foreign(struct export_tree *t, struct err *e)
{
	const struct folder top = {"", is_top};
	struct log *l = t->o->log;

	if (each_name(t, t->dirfd, &top, e) == -1)
		return -1;
	if (t->foreign == 0)
		return 0;
	if (t->foreign > FIRST && l->verbose == 0)
		log_event(l, LOG_WARN, NULL,
		    "and %" PRIu64 " more not of this tree: -v names all",
		    t->foreign - FIRST);
	l->worst = err_worst(l->worst, err_status(E_DIGEST));
	return 0;
}
