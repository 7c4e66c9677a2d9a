/* SPDX-License-Identifier: ISC */
/*
 * A plain tree of what a store has: payload as WSUS names it, by hard links
 * where the file system can, pages for people, lists for scripts.  Whatever
 * servers of files there are can publish it.  Each file appears whole; payload
 * comes first and index.html last, so that no page leads nowhere.
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

#include "lib/base/copy.h"
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

#define FOLDER "Content"
#define MARK "wsusferry-tree.txt" /* stands in what we made */

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
	    strcmp(name, "." MARK ".partial") == 0;
}

/* May it be written to?  Only into what is empty, or ours. */
static int
check_folder(struct export_tree *t, struct err *e)
{
	struct stat st;
	int fd, r = path_look(t->dirfd, MARK, &st, e);
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
	    export_tree_file(t, MARK, mark, sizeof(mark) - 1, e) == -1)
		return -1;
	if (os.mkdirat(t->dirfd, FOLDER, 0755) == -1 && errno != EEXIST)
		return err_sys(e, FOLDER);
	return path_opendir(t->dirfd, FOLDER, &t->content_to, e);
}

/* Hashed while it is copied: what is published is what its name says. */
static int
copy_payload(struct export_tree *t, const struct store_file *f, int dirfd,
    const char *name, struct err *e)
{
	struct out o = OUT_INIT;
	struct digest d;
	int fd, r = -1;

	if (content_fd(&t->content, f->sha1, f->ext, &fd, NULL, e) == -1)
		return -1;
	o.replace = true;
	if (out_open(&o, dirfd, name, 0444, e) == 0 &&
	    copy_hashed(fd, o.fd, f->size, DIGEST_SHA1, &d, e) == 0) {
		if (memcmp(d.sha1, f->sha1, SHA1_LEN) != 0)
			err_set(e, E_DIGEST,
			    "%s: damaged in the store; import again what "
			    "brought it",
			    name);
		else
			r = out_commit(&o, e);
	}
	out_abort(&o);
	(void)close(fd);
	return r;
}

/* 1 it is a link now, 0 it cannot be one, -1. */
static int
link_payload(struct export_tree *t, const char *name, struct err *e)
{
	if (t->no_links)
		return 0;
	if (os.linkat(t->content.dirfd, name, t->content_to, name, 0) == 0)
		return 1;
	switch (errno) {
	case EXDEV:
	case EPERM:
	case EOPNOTSUPP:
		t->no_links = true; /* for none of them */
		return 0;
	case EMLINK:
	case EEXIST: /* of another size: it is replaced */
		return 0;
	default:
		return err_sys(e, "%s", name);
	}
}

/* Its folder, kept open for the next. */
static int
open_bucket(struct export_tree *t, const char *name, struct err *e)
{
	char bucket[3] = {name[0], name[1], '\0'};

	if (t->bucket != -1 && memcmp(t->bucket_name, bucket, 2) == 0)
		return 0;
	if (t->bucket != -1)
		(void)close(t->bucket);
	t->bucket = -1;
	if (os.mkdirat(t->content_to, bucket, 0755) == -1 && errno != EEXIST)
		return err_sys(e, "%s", bucket);
	memcpy(t->bucket_name, bucket, 3);
	return path_opendir(t->content_to, bucket, &t->bucket, e);
}

static int
put_payload(void *arg, const struct store_file *f, struct err *e)
{
	struct export_tree *t = arg;
	char name[CONTENT_NAME_MAX];
	struct content_seen seen;
	struct stat st;
	int r;

	if (stop_check(e) == -1 ||
	    content_look(&t->content, f->sha1, f->ext, &f->size, &seen, e) ==
		-1)
		return -1;
	if (!seen.here) /* lacking_tell() has told it */
		return 0;
	t->files++;
	t->bytes += f->size;
	if (t->o->dry_run)
		return 0;
	content_name(name, f->sha1, f->ext);
	if (open_bucket(t, name, e) == -1 ||
	    (r = path_look(t->bucket, name + 3, &st, e)) == -1)
		return -1;
	if (r == 1 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == f->size) {
		t->kept++;
		return 0;
	}
	if ((r = link_payload(t, name, e)) == -1)
		return -1;
	t->linked += r == 1;
	t->copied += r == 0;
	return r == 1 ? 0 : copy_payload(t, f, t->bucket, name + 3, e);
}

/* Names are on the disk before pages lead to them. */
static int
put_all(struct export_tree *t, struct err *e)
{
	struct stat st;
	int fd;

	if (store_each_file(t->store, true, put_payload, t, e) == -1)
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
	return export_tree_pages(t, e);
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
	store_close(t.store);
	return r;
}
