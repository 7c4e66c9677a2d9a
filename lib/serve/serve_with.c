/* SPDX-License-Identifier: ISC */
/* What transfers brought along: STORE/with/NAME, as files to be saved, and a
   page that lists them. */
#include "lib/serve/serve_priv.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/base/words.h"
#include "lib/store/store.h"
#include "lib/view/page.h"

#define FOLDER "with"
#define MOST 2000 /* files listed */
#define SAVED "Content-Disposition: attachment\r\n"

struct listing {
	struct page *p;
	const char *at; /* the folder's own name and a slash, or "" */
	unsigned n;
};

static int
put(void *arg, const struct path_entry *x, struct err *e)
{
	struct listing *l = arg;

	(void)e;
	if (x->type != PATH_FILE || !path_safe(x->name, strlen(x->name)))
		return 0;
	if (l->n++ >= MOST)
		return 0;
	page_printf(
	    l->p, "<li><a href=\"%swith/%s%s\">", l->p->root, l->at, x->name);
	page_text(l->p, x->name);
	page_printf(l->p, "</a>, %s</li>\n", words_size(x->size).s);
	return 0;
}

int
serve_with_list(
    struct page *p, struct store *s, const char *name, struct err *e)
{
	char folder[sizeof(FOLDER) + 1 + PATH_SAFE_MAX] = FOLDER;
	char at[PATH_SAFE_MAX + 2] = "";
	struct listing l = {p, at, 0};
	int fd, r;

	if (*name != '\0') {
		snprintf(folder, sizeof(folder), FOLDER "/%s", name);
		snprintf(at, sizeof(at), "%s/", name);
	}
	if (path_opendir(store_dirfd(s), folder, &fd, e) == -1) {
		if (e->kind != E_MISSING && e->kind != E_FORMAT)
			return -1;
		err_clear(e);
		page_put(p, "<p>Nothing was brought along yet.</p>\n");
		return 0;
	}
	page_put(p, "<ul>\n");
	r = path_walk(fd, PATH_MAX_DEPTH, put, &l, e);
	page_put(p, "</ul>\n");
	if (l.n > MOST)
		page_printf(p, "<p>and %s more</p>\n",
		    words_count(l.n - MOST, "file").s);
	if (l.n == 0)
		page_put(p, "<p>No file is there.</p>\n");
	(void)close(fd);
	return r;
}

bool
serve_with_is(struct store *s, const char *name, struct stat *st)
{
	char path[sizeof(FOLDER) + 1 + PATH_SAFE_MAX];
	struct err ignored = ERR_INIT;

	snprintf(
	    path, sizeof(path), FOLDER "%s%s", *name != '\0' ? "/" : "", name);
	return path_look(store_dirfd(s), path, st, &ignored) == 1;
}

/* 1, 0 there is no such file, -1. */
int
serve_with_file(struct serve_worker *w, const char *name, struct httpd_res *rs,
    struct err *e)
{
	char path[sizeof(FOLDER) + 1 + PATH_SAFE_MAX];
	int fd, r;

	if (!path_safe(name, strlen(name)) ||
	    strlen(name) + sizeof(FOLDER) > PATH_SAFE_MAX)
		return 0;
	snprintf(path, sizeof(path), FOLDER "/%s", name);
	if ((r = serve_folder_file(
		 store_dirfd(w->store), path, false, &fd, e)) != 1)
		return r;
	return serve_send_file(fd, SAVED, rs, e) == -1 ? -1 : 1;
}
