/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/stop.h"
#include "lib/export/export.h"
#include "lib/export/export_tree.h"
#include "lib/store/store.h"

/* What stands under the name of payload. */
struct there {
	bool any;
	bool right; /* it is what its name says */
	char why[96]; /* any, and not right */
};

/* Hashed while it is copied: what is published is what its name says. */
static int
copy_payload(struct export_tree *t, const struct store_file *f,
    const char *name, struct err *e)
{
	struct out o = OUT_INIT;
	struct digest d;
	int fd, r = -1;

	if (content_fd(&t->content, f->sha1, f->ext, &fd, NULL, e) == -1)
		return -1;
	o.replace = true;
	if (out_open(&o, t->bucket, name + 3, 0444, e) == 0 &&
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

/* In place of what stands there: a link takes no name that is taken.  Its other
   name is not that of a copy, which would be written to. */
static int
link_over(struct export_tree *t, const char *name)
{
	char temp[CONTENT_NAME_MAX + 16];

	(void)snprintf(temp, sizeof(temp), ".%s.link", name + 3);
	if (os.unlinkat(t->bucket, temp, 0) == -1 && errno != ENOENT)
		return -1;
	if (os.linkat(t->content.dirfd, name, t->bucket, temp, 0) == -1)
		return -1;
	return os.renameat2(t->bucket, temp, t->bucket, name + 3, 0);
}

/* 1 it is a link now, 0 it cannot be one, -1. */
static int
link_payload(struct export_tree *t, const char *name, bool over, struct err *e)
{
	int r;

	if (t->no_links)
		return 0;
	r = over ? link_over(t, name)
		 : os.linkat(t->content.dirfd, name, t->content_to, name, 0);
	if (r == 0)
		return 1;
	if (errno == EMLINK)
		return 0;
	if (errno != EXDEV && !out_no_links(errno))
		return err_sys(e, "%s", name);
	t->no_links = true; /* for none of them */
	return 0;
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
check_digest(struct export_tree *t, const struct store_file *f,
    const char *name, struct there *x, struct err *e)
{
	struct digest d;
	int fd, r;

	if (path_open(t->bucket, name + 3, &fd, NULL, e) == -1)
		return -1;
	r = copy_hashed(fd, -1, f->size, DIGEST_SHA1, &d, e);
	(void)close(fd);
	if (r == -1)
		return err_ctx(e, "%s", name);
	x->right = memcmp(d.sha1, f->sha1, SHA1_LEN) == 0;
	if (!x->right)
		(void)snprintf(x->why, sizeof(x->why), "its digest is another");
	return 0;
}

/* A link to the store's own file is that file; what else is there is read. */
static int
look(struct export_tree *t, const struct store_file *f, const char *name,
    struct there *x, struct err *e)
{
	struct stat st, own;
	int r;

	*x = (struct there){.any = false};
	if ((r = path_look(t->bucket, name + 3, &st, e)) != 1)
		return r;
	if (S_ISDIR(st.st_mode))
		return err_set(e, E_USAGE,
		    EXPORT_TREE_PAYLOAD "/%s: a folder has the name of "
					"payload; move it away",
		    name);
	x->any = true;
	if (!S_ISREG(st.st_mode)) {
		(void)snprintf(x->why, sizeof(x->why), "no regular file");
		return 0;
	}
	if ((uint64_t)st.st_size != f->size) {
		(void)snprintf(x->why, sizeof(x->why),
		    "%" PRIu64 " bytes, expected %" PRIu64,
		    (uint64_t)st.st_size, f->size);
		return 0;
	}
	if ((r = path_look(t->content.dirfd, name, &own, e)) == -1)
		return -1;
	x->right = r == 1 && own.st_dev == st.st_dev && own.st_ino == st.st_ino;
	return x->right ? 0 : check_digest(t, f, name, x, e);
}

static int
put(struct export_tree *t, const struct store_file *f, const char *name,
    const struct there *x, struct err *e)
{
	int r = link_payload(t, name, x->any, e);

	if (r == -1 || (r == 0 && copy_payload(t, f, name, e) == -1))
		return -1;
	t->linked += r == 1;
	t->copied += r == 0;
	t->replaced += x->any;
	if (x->any)
		log_event(t->o->log, LOG_WARN, NULL,
		    EXPORT_TREE_PAYLOAD "/%s: damaged in the tree (%s): "
					"replaced",
		    name, x->why);
	return 0;
}

int
export_tree_put(void *arg, const struct store_file *f, struct err *e)
{
	struct export_tree *t = arg;
	char name[CONTENT_NAME_MAX];
	struct content_seen seen;
	struct there x;

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
	if (open_bucket(t, name, e) == -1 || look(t, f, name, &x, e) == -1 ||
	    (!x.right && put(t, f, name, &x, e) == -1))
		return -1;
	t->kept += x.right;
	return row_set_add(&t->put, f->row, e);
}
