/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/stop.h"
#include "lib/export/export_tree.h"
#include "lib/store/gone.h"
#include "lib/store/store.h"
#include "lib/view/find.h"
#include "lib/view/index.h"
#include "lib/view/page_updates.h"
#include "lib/view/status.h"

static int
put_list(struct export_tree *t, enum index_kind k, struct err *e)
{
	struct out o = OUT_INIT;
	struct index x;
	int r = -1;

	o.replace = true;
	if (index_begin(&x, k, t->store, &t->content, &t->lacking, e) == -1 ||
	    out_open(&o, t->dirfd, index_name(k), 0644, e) == -1)
		goto out;
	while (x.phase != INDEX_DONE)
		if (stop_check(e) == -1 || index_more(&x, e) == -1 ||
		    out_write(&o, x.out.p, x.out.len, e) == -1)
			goto out;
	r = out_commit(&o, e);
out:
	out_abort(&o);
	index_free(&x);
	return r;
}

static int
put_page(struct export_tree *t, const struct find *f, const char *status,
    uint64_t number, struct err *e)
{
	struct find_hit hits[PAGE_UPDATES_MAX];
	const struct find_ask all = {.nwords = 0};
	const struct page_head head = {.title = "Updates",
	    .site = store_site(t->store),
	    .status = status,
	    .place = PAGE_UPDATES,
	    .still = true};
	struct page_updates u = {.store = t->store,
	    .hits = hits,
	    .number = number,
	    .pages = t->pages,
	    .still = true,
	    .content = &t->content};
	char name[PAGE_FILE_MAX];
	struct page p;
	int r = -1;

	if (stop_check(e) == -1 ||
	    find_search(f, &all, (number - 1) * PAGE_UPDATES_MAX,
		PAGE_UPDATES_MAX, hits, &u.nhits, &u.found, e) == -1)
		return -1;
	page_init(&p, "", e);
	page_begin(&p, &head);
	page_updates(&p, &u);
	page_finish(&p);
	page_updates_file(name, number);
	if (page_end(&p) == 0)
		r = export_tree_file(t, name, p.out.p, p.out.len, e);
	page_free(&p);
	return r;
}

static int
put_pages(struct export_tree *t, const struct find *f, struct err *e)
{
	const struct find_ask all = {.nwords = 0};
	char line[STATUS_LINE_MAX];
	struct status status;
	uint64_t number;
	unsigned none;

	if (status_read(&status, t->store, &t->lacking, e) == -1 ||
	    find_search(f, &all, 0, 0, NULL, &none, &t->updates, e) == -1)
		return -1;
	status_line(line, &status);
	t->pages = t->updates == 0 ? 1
				   : (t->updates - 1) / PAGE_UPDATES_MAX + 1;
	for (number = t->pages; number > 0; number--)
		if (put_page(t, f, line, number, e) == -1)
			return -1;
	return 0;
}

uint64_t
export_tree_page(const char *name)
{
	size_t n = strlen(name);
	uint64_t v;

	if (n < 5 + 4 + 5 || strncmp(name, "page-", 5) != 0 ||
	    strcmp(name + n - 5, ".html") != 0 ||
	    !num_read(&v, name + 5, n - 10, 1, UINT64_MAX))
		return 0;
	return v;
}

/* Pages of a list that was longer, which nothing leads to any more. */
static int
drop_pages(struct export_tree *t, struct err *e)
{
	struct dirent *d;
	DIR *dir;
	int fd, r = 0;

	if ((fd = fcntl(t->dirfd, F_DUPFD_CLOEXEC, 0)) == -1 ||
	    (dir = fdopendir(fd)) == NULL)
		return err_sys(e, "the tree");
	rewinddir(dir);
	while (r == 0 && (d = readdir(dir)) != NULL)
		if (export_tree_page(d->d_name) > t->pages &&
		    os.unlinkat(t->dirfd, d->d_name, 0) == -1 &&
		    errno != ENOENT)
			r = err_sys(e, "%s", d->d_name);
	(void)closedir(dir);
	return r;
}

int
export_tree_pages(struct export_tree *t, struct err *e)
{
	struct find *f = NULL;
	struct gone gone;
	int r;

	r = gone_find(&gone, t->store, e);
	if (r == 0)
		r = find_make(&f, t->store, &gone, e);
	gone_free(&gone);
	if (r == 0 &&
	    (put_list(t, INDEX_JSON, e) == -1 ||
		put_list(t, INDEX_CSV, e) == -1 || put_pages(t, f, e) == -1 ||
		drop_pages(t, e) == -1))
		r = -1;
	find_free(f);
	return r;
}
