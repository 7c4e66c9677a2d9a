/* SPDX-License-Identifier: ISC */
/*
 * A plain tree of what a store has: payload as WSUS names it, by hard links
 * where the file system can, pages for people, lists for scripts.  Whatever
 * servers of files there are can publish it.  Each file appears whole; payload
 * comes first and index.html last, so that no page leads nowhere.  What is
 * there and is not the tree's own is told, and stays.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/stop.h"
#include "lib/base/words.h"
#include "lib/export/export.h"
#include "lib/export/export_tree.h"
#include "lib/store/lacking.h"
#include "lib/store/store.h"

static const char mark[] =
    "A tree of update files, written by wsusferry-export --tree.\n"
    "It is written anew by the same command, as a whole.\n"
    "Content/ is to be served with the type application/octet-stream, with\n"
    "ranges, without compression; wsusferry-serve-static(8) shows how.\n"
    "Files in Content/ may be hard links to a store: nothing may write "
    "there.\n";

/* What a run that was killed at its first file may leave, besides nothing. */
static bool
is_nothing(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    strcmp(name, "." EXPORT_TREE_MARK ".partial") == 0;
}

/* May it be written to?  Only into what is empty, or ours. */
static int
check_folder(struct export_tree *t, struct err *e)
{
	struct stat st;
	int fd, r = path_look(t->dirfd, EXPORT_TREE_MARK, &st, e);
	uint64_t n = 0;
	struct dirent *d;
	DIR *dir;

	if (r != 0)
		return r == 1 ? 0 : -1;
	if ((fd = fcntl(t->dirfd, F_DUPFD_CLOEXEC, 0)) == -1 ||
	    (dir = fdopendir(fd)) == NULL)
		return err_sys(e, "%s", t->o->tree);
	rewinddir(dir);
	while ((d = readdir(dir)) != NULL)
		n += !is_nothing(d->d_name);
	(void)closedir(dir);
	return n == 0 ? 0
		      : err_set(e, E_USAGE,
			    "%s: other files are there; give an empty folder, "
			    "or a tree that was written before",
			    t->o->tree);
}

int
export_tree_file(struct export_tree *t, const char *name, const void *p,
    size_t n, struct err *e)
{
	struct out o = OUT_INIT;
	int r = -1;

	o.replace = true;
	if (out_open(&o, t->dirfd, name, 0644, e) == 0 &&
	    out_write(&o, p, n, e) == 0)
		r = out_commit(&o, e);
	out_abort(&o);
	return r;
}

static int
open_folders(struct export_tree *t, struct err *e)
{
	if (os.mkdirat(AT_FDCWD, t->o->tree, 0755) == -1 && errno != EEXIST)
		return err_sys(e, "%s", t->o->tree);
	t->dirfd = open(t->o->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dirfd == -1)
		return err_sys(e, "%s", t->o->tree);
	if (check_folder(t, e) == -1 ||
	    export_tree_file(t, EXPORT_TREE_MARK, mark, sizeof(mark) - 1, e) ==
		-1)
		return -1;
	if (os.mkdirat(t->dirfd, EXPORT_TREE_PAYLOAD, 0755) == -1 &&
	    errno != EEXIST)
		return err_sys(e, EXPORT_TREE_PAYLOAD);
	return path_opendir(t->dirfd, EXPORT_TREE_PAYLOAD, &t->content_to, e);
}

/* Names are on the disk before pages lead to them. */
static int
put_all(struct export_tree *t, struct err *e)
{
	struct stat st;
	int fd;

	if (store_each_file(t->store, true, export_tree_put, t, e) == -1)
		return -1;
	if (t->o->dry_run)
		return 0;
	if (path_look(t->content_to, CONTENT_CHECK_FILE, &st, e) == 0) {
		fd = os.openat(t->content_to, CONTENT_CHECK_FILE,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
		if (fd == -1)
			return err_sys(e, CONTENT_CHECK_FILE);
		(void)close(fd);
	}
	if (os.syncfs(t->content_to) == -1)
		return err_sys(e, "flushing %s", t->o->tree);
	return export_tree_pages(t, e) == -1 ? -1 : export_tree_foreign(t, e);
}

static void
summarize(const struct export_tree *t)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_bool(&j, "dry_run", t->o->dry_run);
	json_num(&j, "files", t->files);
	json_num(&j, "bytes", t->bytes);
	json_num(&j, "linked", t->linked);
	json_num(&j, "copied", t->copied);
	json_num(&j, "kept", t->kept);
	json_num(&j, "replaced", t->replaced);
	json_num(&j, "foreign", t->foreign);
	json_num(&j, "updates", t->updates);
	json_num(&j, "pages", t->pages);
	lacking_json(&j, &t->lacking);
	if (t->o->dry_run)
		log_summary(t->o->log, &j,
		    "would publish %s, %s; nothing was written",
		    words_count(t->files, "file").s, words_size(t->bytes).s);
	else
		log_summary(t->o->log, &j,
		    "%s: %s, %s: %" PRIu64 " linked, %" PRIu64
		    " copied, %" PRIu64 " there before; %s on %s",
		    t->o->tree, words_count(t->files, "file").s,
		    words_size(t->bytes).s, t->linked, t->copied, t->kept,
		    words_count(t->updates, "update").s,
		    words_count(t->pages, "page").s);
	json_free(&j);
}

static int
check_opts(const struct export_opts *o, struct err *e)
{
	if (o->store == NULL)
		return err_set(e, E_USAGE, "give the store with --store DIR");
	if (o->ntos != 0 || o->package != NULL || o->sign_key != NULL ||
	    o->destination != NULL || o->policy != NULL || o->nupdates != 0)
		return err_set(e, E_USAGE,
		    "--tree publishes all that the store has: give neither "
		    "--to, --package, --sign-key, --destination, --policy nor "
		    "--update");
	return 0;
}

int
export_tree(const struct export_opts *o, struct err *e)
{
	const struct lacking_how how = {.brief = true};
	struct export_tree t = {.o = o,
	    .content = CONTENT_INIT,
	    .dirfd = -1,
	    .content_to = -1,
	    .bucket = -1};
	int r = -1;

	if (check_opts(o, e) == 0 &&
	    store_open(&t.store, o->store, STORE_READ, NULL, e) == 0 &&
	    store_begin(t.store, e) == 0 &&
	    content_open(&t.content, store_dirfd(t.store), -1, e) == 0 &&
	    (o->dry_run || open_folders(&t, e) == 0) &&
	    lacking_tell(t.store, o->log, NULL, &how, &t.lacking, e) == 0)
		r = put_all(&t, e);
	if (r == 0)
		summarize(&t);
	if (t.bucket != -1)
		(void)close(t.bucket);
	if (t.content_to != -1)
		(void)close(t.content_to);
	if (t.dirfd != -1)
		(void)close(t.dirfd);
	content_close(&t.content);
	row_set_free(&t.put);
	store_close(t.store);
	return r;
}
