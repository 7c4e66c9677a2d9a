/* SPDX-License-Identifier: ISC */
/*
 * Media of a transfer that is not all here: each that verifies waits in
 * staging/set-DIGEST/ as the very bag that it is, to be opened there by the
 * reader of all bags when the last one comes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/path_make.h"
#include "lib/base/path_remove.h"
#include "lib/base/sink.h"
#include "lib/base/words.h"
#include "lib/import/import_priv.h"
#include "lib/store/payload.h"
#include "lib/store/store.h"
#include "lib/transfer/media.h"

/* A file was staged under a name of nobody; here it gets its own. */
static int
kept(void *arg, const struct payload_item *it, struct content_staged *st,
    struct err *e)
{
	struct import *im = arg;
	int from = im->content.staging;

	if (os.renameat2(from, st->temp, im->to, it->name, 0) == 0)
		return 0;
	if (errno == ENOENT &&
	    path_make_above(im->to, it->name, 0700, e) == 0 &&
	    os.renameat2(from, st->temp, im->to, it->name, 0) == 0)
		return 0;
	if (e->kind == E_NONE)
		err_sys(e, "%s: cannot name it in staging", it->name);
	content_drop(&im->content, st);
	return -1;
}

struct tags {
	struct import *im;
	const struct transfer *t;
};

static int
copy_tag(void *arg, const char *name, struct err *e)
{
	struct tags *g = arg;
	struct sink file;
	int to = -1, r = -1;

	if (path_make_above(g->im->to, name, 0700, e) == 0 &&
	    copy_make_name(g->im->to, name, &to, e) == 0) {
		sink_fd(&file, to);
		r = transfer_tag_copy(g->t, name, BAG_MAX_MANIFEST, &file, e);
	}
	if (to != -1 && os.close(to) == -1 && r == 0)
		r = err_sys(e, "cannot close");
	return r == 0 ? 0 : err_ctx(e, "%s", name);
}

static int
copy_tags(struct import *im, const struct transfer *t, struct err *e)
{
	struct tags g = {.im = im, .t = t};

	for (size_t i = 0; i < t->ntags; i++)
		if (copy_tag(&g, t->tags[i].name, e) == -1)
			return -1;
	if (copy_tag(&g, BAG_TAGMANIFEST, e) == -1)
		return -1;
	return transfer_each_signature(t, copy_tag, &g, e);
}

/* What was copied is looked at by the reader of all: a second look at the
   medium might have been at something else (invariant 9). */
static int
check_copy(struct import *im, const struct transfer *t,
    const struct keyring *keys, struct err *e)
{
	struct transfer copy = TRANSFER_INIT;
	int fd = fcntl(im->to, F_DUPFD_CLOEXEC, 0), r;

	if (fd == -1)
		return err_sys(e, "opening staging");
	r = transfer_open_fd(&copy, fd, keys, im->take.scratch, im->log, e);
	if (r == 0 && memcmp(copy.tag, t->tag, SHA256_LEN) != 0)
		r = err_set(e, E_DIGEST, "%s changed while it was read",
		    BAG_TAGMANIFEST);
	transfer_close(&copy);
	return r;
}

/* Into a folder that is not the medium's yet.  1 good, 0 it has faults, -1. */
static int
fill(struct import *im, const struct transfer *t, const struct keyring *keys,
    struct err *e)
{
	uint64_t before = im->log->findings;

	if (take_files(&im->take, t, e) == -1)
		return -1;
	if (im->log->findings != before)
		return 0;
	if (copy_tags(im, t, e) == -1 || check_copy(im, t, keys, e) == -1)
		return -1;
	if (im->log->findings != before)
		return 0;
	if (os.syncfs(im->to) == -1)
		return err_sys(e, "flushing the file system");
	return 1;
}

static void
close_to(struct import *im)
{
	if (im->to != -1)
		(void)close(im->to);
	im->to = -1;
}

/* In the set's folder, which is open.  A copy that is there gives way. */
static int
keep_in(struct import *im, int set, const struct transfer *t,
    const struct keyring *keys, struct err *e)
{
	char name[MEDIA_NAME_MAX], temp[MEDIA_NAME_MAX + 8];
	struct err ignored = ERR_INIT;
	int r = -1;

	media_name(name, t);
	snprintf(temp, sizeof(temp), "%s.partial", name);
	if (path_remove(set, temp, e) == -1)
		return -1;
	if (os.mkdirat(set, temp, 0700) == -1)
		return err_sys(e, "%s: cannot make the folder", temp);
	if (path_opendir(set, temp, &im->to, e) == 0)
		r = fill(im, t, keys, e);
	close_to(im);
	if (r != 1) {
		(void)path_remove(set, temp, &ignored);
		return r;
	}
	if (path_remove(set, name, e) == -1)
		return -1;
	if (os.renameat2(set, temp, set, name, 0) == -1)
		return err_sys(e, "%s: cannot get its name", name);
	if (out_flush_folder(set) == -1)
		return err_sys(e, "%s: cannot flush", name);
	im->kept++;
	return 0;
}

static int
keep(struct import *im, const struct medium *v, const struct keyring *keys,
    struct err *e)
{
	char name[MEDIA_SET_MAX];
	int set = -1, r = -1;

	media_set_name(name, &v->t);
	if (os.mkdirat(im->content.staging, name, 0700) == -1 &&
	    errno != EEXIST)
		return err_sys(e, "%s: cannot make the folder", name);
	if (path_opendir(im->content.staging, name, &set, e) == 0)
		r = keep_in(im, set, &v->t, keys, e);
	if (set != -1)
		(void)close(set);
	return r;
}

static int
see(struct import *im, const struct medium *v, const struct keyring *keys,
    struct err *e)
{
	if (import_room_files(im, &v->t, e) == -1)
		return -1;
	log_event(im->log, LOG_INFO, v->path, "medium %u of %u of %s",
	    v->t.info.bag, v->t.info.bags, v->t.info.id);
	if (!im->o->dry_run)
		return keep(im, v, keys, e);
	if (take_files(&im->take, &v->t, e) == -1)
		return -1;
	im->kept++;
	return 0;
}

static int
refuse(struct import *im, struct err *e)
{
	return err_set(e, E_SEQ,
	    "%s; a medium that has any is not kept; missing: %s",
	    words_count(im->log->findings - im->began, "fault").s, im->waits);
}

/* The last medium says that the whole was imported: as ever, what is given is
   checked, and what was left waiting by a run that was cut off goes. */
static int
check_again(struct import *im, const struct media *m, struct err *e)
{
	if (import_accept(im, e) == -1)
		return -1;
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].path != NULL &&
		    take_files(&im->take, &m->v[i].t, e) == -1)
			return -1;
	return import_settle(im, e);
}

int
import_media_keep(struct import *im, struct media *m,
    const struct keyring *keys, struct err *e)
{
	struct buf missing = BUF_INIT;
	const char *text;

	if (im->already)
		return check_again(im, m, e);
	if (media_missing(m, &missing, e) == -1 ||
	    (text = buf_str(&missing, e)) == NULL) {
		buf_free(&missing);
		return -1;
	}
	snprintf(im->waits, sizeof(im->waits), "%s", text);
	buf_free(&missing);
	if (import_is_faulty(im))
		return refuse(im, e);
	if (import_accept(im, e) == -1)
		return -1;
	im->take.kept = im->o->dry_run ? NULL : kept;
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].path != NULL && see(im, &m->v[i], keys, e) == -1)
			return im->o->npaths == 1
			    ? -1
			    : err_ctx(e, "%s", m->v[i].path);
	return import_is_faulty(im) ? refuse(im, e) : 0;
}

/* Is what waits there of no use?  One that holds no whole medium is none. */
static bool
is_over(const struct import *im, int staging, const char *name)
{
	struct buf text = BUF_INIT_MAX(BAG_MAX_TAG);
	struct err unsure = ERR_INIT;
	char path[MEDIA_SET_MAX + NAME_MAX + sizeof("/" BAG_INFO)];
	struct bag_info i = {.sequence = 0};
	struct dirent *de;
	bool over = true;
	DIR *d;
	int fd;

	if (path_opendir(staging, name, &fd, &unsure) == -1)
		return false;
	if ((d = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return false;
	}
	while (over && (de = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/" BAG_INFO, de->d_name);
		err_clear(&unsure);
		buf_reset(&text);
		if (path_read(fd, path, BAG_MAX_TAG, &text, &unsure) == 0 &&
		    bag_info_read(&i, text.p, text.len, &unsure) == 0)
			over = guid_cmp(&i.origin, &im->row.origin) == 0 &&
			    i.sequence <= im->row.sequence;
	}
	closedir(d);
	buf_free(&text);
	return over;
}

static int
forget_in(const struct import *im, int staging, struct err *e)
{
	struct dirent *de;
	int fd = openat(staging, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
	DIR *d;

	if (fd == -1)
		return err_sys(e, "reading staging");
	if ((d = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return err_sys(e, "reading staging");
	}
	for (r = 0, errno = 0; r == 0 && (de = readdir(d)) != NULL; errno = 0)
		if (strncmp(de->d_name, CONTENT_SET, strlen(CONTENT_SET)) ==
			0 &&
		    content_waits(de->d_name) &&
		    is_over(im, staging, de->d_name))
			r = path_remove(staging, de->d_name, e);
	if (r == 0 && errno != 0)
		r = err_sys(e, "reading staging");
	closedir(d);
	return r;
}

void
import_media_forget(struct import *im)
{
	struct err e = ERR_INIT;
	int fd, r = 0;

	if (!im->accepted || im->o->is_unsigned || im->waits[0] != '\0')
		return;
	for (unsigned n = 0; r != -1 && n < CONTENT_NSTAGING; n++)
		if ((r = content_open_staging(
			 store_dirfd(im->store), n, &fd, &e)) == 1) {
			r = forget_in(im, fd, &e);
			(void)close(fd);
		}
	if (r == -1)
		log_event(im->log, LOG_WARN, im->o->store,
		    "media that waited in staging cannot be removed: %s",
		    e.msg);
}
