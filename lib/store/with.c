/* SPDX-License-Identifier: ISC */
#include "lib/store/with.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/path_remove.h"
#include "lib/store/store_db.h"

#define WITH "with"
#define ASIDE ".aside"
#define GONE "with.gone" /* in staging: what is being removed */
#define MARK '~'
#define MARK_LEN (1 + 2 * SHA256_LEN)

struct mark {
	enum { NONE, PLAIN, MARKED } is; /* which folder is there */
	uint8_t tag[SHA256_LEN];
};

/* Making it takes room, which a full disk has not. */
static int
make_folder(int at, const char *name, int *fd, struct err *e)
{
	if (path_opendir(at, name, fd, e) == 0)
		return 0;
	if (e->kind != E_MISSING)
		return -1;
	err_clear(e);
	if (os.mkdirat(at, name, 0755) == -1 && errno != EEXIST)
		return err_sys(e, "making %s", name);
	return path_opendir(at, name, fd, e);
}

/* What a refusal needs is made now, too. */
int
with_open(struct with *w, struct store *s, struct err *e)
{
	int gone = -1;

	*w = (struct with)WITH_INIT;
	w->store = s;
	if (make_folder(s->dirfd, WITH, &w->fd, e) == 0 &&
	    make_folder(w->fd, ASIDE, &w->aside, e) == 0 &&
	    make_folder(s->staging, GONE, &gone, e) == 0) {
		(void)os.close(gone);
		return 0;
	}
	with_close(w);
	return err_ctx(e, WITH);
}

void
with_close(struct with *w)
{
	if (w->aside != -1)
		(void)os.close(w->aside);
	if (w->fd != -1)
		(void)os.close(w->fd);
	w->fd = w->aside = -1;
}

static void
mark_name(char out[MARK_LEN + 1], const uint8_t tag[SHA256_LEN])
{
	out[0] = MARK;
	hex_lower(out + 1, tag, SHA256_LEN);
	out[MARK_LEN] = '\0';
}

int
with_mark(
    int dirfd, const char *path, const uint8_t tag[SHA256_LEN], struct err *e)
{
	char name[MARK_LEN + 1];
	int folder, fd;

	mark_name(name, tag);
	if (path_opendir(dirfd, path, &folder, e) == -1)
		return -1;
	fd = os.openat(
	    folder, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0444);
	if (fd == -1)
		err_sys(e, "%s: cannot be marked", path);
	else
		(void)os.close(fd);
	(void)os.close(folder);
	return fd == -1 ? -1 : 0;
}

static int
read_mark(struct mark *m, DIR *d, struct err *e)
{
	struct dirent *de;

	while (m->is == PLAIN && (errno = 0, de = readdir(d)) != NULL)
		if (de->d_name[0] == MARK &&
		    hex_read(m->tag, SHA256_LEN, de->d_name + 1,
			strlen(de->d_name + 1)))
			m->is = MARKED;
	return m->is == PLAIN && errno != 0 ? err_sys(e, "reading " WITH) : 0;
}

/* What else than a folder stands there is none of ours. */
static int
look(struct mark *m, int at, const char *name, struct err *e)
{
	int fd, r;
	DIR *d;

	m->is = NONE;
	if (path_opendir(at, name, &fd, e) == -1) {
		if (e->kind != E_MISSING && e->kind != E_FORMAT)
			return -1;
		err_clear(e);
		return 0;
	}
	if ((d = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return err_sys(e, "reading %s", name);
	}
	m->is = PLAIN;
	r = read_mark(m, d, e);
	closedir(d);
	return r;
}

static int
move(int from, int to, const char *name, struct err *e)
{
	if (os.renameat2(from, name, to, name, 0) == -1)
		return err_sys(e, WITH "/%s: cannot be moved", name);
	return 0;
}

/* Where two names cannot be exchanged, the old one goes aside first. */
static int
replace(struct with *w, int dirfd, const char *path, const char *name,
    struct err *e)
{
	int r;

	if (os.renameat2(dirfd, path, w->aside, name, 0) == -1)
		return err_sys(e, WITH "/%s: cannot get its name", name);
	if ((r = out_rename_swap(w->aside, name, w->fd, name)) == 0)
		return 0;
	if (r == -1)
		return err_sys(e, WITH "/%s: cannot be exchanged", name);
	if (os.renameat2(w->aside, name, dirfd, path, 0) == -1 ||
	    move(w->fd, w->aside, name, e) == -1 ||
	    os.renameat2(dirfd, path, w->fd, name, 0) == -1)
		return err_sys(e, WITH "/%s: cannot get its name", name);
	return 0;
}

int
with_put(struct with *w, int dirfd, const char *path, const char *name,
    bool *replaced, struct err *e)
{
	*replaced = false;
	if (out_rename_new(dirfd, path, w->fd, name) == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys(e, WITH "/%s: cannot get its name", name);
	*replaced = true;
	return replace(w, dirfd, path, name, e);
}

int
with_flush(const struct with *w, struct err *e)
{
	if (out_flush_folder(w->aside) == -1 || out_flush_folder(w->fd) == -1 ||
	    out_flush_folder(w->store->dirfd) == -1)
		return err_sys(e, "flushing the folder " WITH);
	return 0;
}

/* Its name goes at once, and for good, before anything beneath it does. */
static int
discard(struct with *w, int at, const char *name, struct err *e)
{
	int gone, r;

	if (make_folder(w->store->staging, GONE, &gone, e) == -1)
		return -1;
	if ((r = path_remove(gone, name, e)) == 0 &&
	    (r = move(at, gone, name, e)) == 0) {
		if (out_flush_folder(at) == -1)
			r = err_sys(e, "flushing the folder " WITH);
		else
			r = path_remove(gone, name, e);
	}
	(void)os.close(gone);
	return r;
}

/* The ledger has its transfer: 1, 0, -1. */
static int
is_imported(struct store *s, const uint8_t tag[SHA256_LEN], struct err *e)
{
	struct query q;
	int r;

	if (query_text(&q, s,
		"SELECT 1 FROM ledger"
		" WHERE kind = 2 AND state = 3 AND tag = ?",
		e) == -1)
		return -1;
	query_blob(&q, tag, SHA256_LEN);
	r = query_step(&q, e);
	query_close(&q);
	return r;
}

static int
unmark(struct with *w, const char *name, const uint8_t tag[SHA256_LEN],
    struct err *e)
{
	char mark[MARK_LEN + 1];
	int fd, r;

	mark_name(mark, tag);
	if (path_opendir(w->fd, name, &fd, e) == -1)
		return -1;
	if ((r = os.unlinkat(fd, mark, 0)) == -1)
		err_sys(e, WITH "/%s/%s", name, mark);
	(void)os.close(fd);
	return r;
}

/* with/NAME is of a transfer that was not imported. */
static int
take_back(struct with *w, const char *name, bool was, struct err *e)
{
	int r = was ? out_rename_swap(w->fd, name, w->aside, name) : 1;

	if (r == -1)
		return err_sys(e, WITH "/%s: cannot be exchanged", name);
	if (r == 1 &&
	    (discard(w, w->fd, name, e) == -1 ||
		(was && move(w->aside, w->fd, name, e) == -1)))
		return -1;
	return with_flush(w, e);
}

static int
settle_one(struct with *w, const char *name, struct log *log, struct err *e)
{
	struct mark now, other;
	int r = 1;

	if (look(&now, w->fd, name, e) == -1 ||
	    look(&other, w->aside, name, e) == -1)
		return -1;
	if (now.is == MARKED && (r = is_imported(w->store, now.tag, e)) == 1)
		r = unmark(w, name, now.tag, e) == -1 ? -1 : 1;
	else if (now.is == MARKED && r == 0)
		r = take_back(w, name, other.is == PLAIN, e);
	else if (now.is == NONE && other.is == PLAIN)
		r = move(w->aside, w->fd, name, e) == -1 ? -1
							 : with_flush(w, e);
	if (r == -1)
		return -1;
	if (r == 0 && log != NULL)
		log_event(log, LOG_INFO, w->store->dir,
		    WITH "/%s: as it was before an import that did not end",
		    name);
	/* An exchange has left the new one there. */
	if (look(&other, w->aside, name, e) == -1)
		return -1;
	return other.is == NONE ? 0 : discard(w, w->aside, name, e);
}

/* Each name that this folder has, or none where it is not there. */
static int
settle_each(struct with *w, int at, struct log *log, struct err *e)
{
	struct dirent *de;
	int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *d;

	if (fd == -1 || (d = fdopendir(fd)) == NULL) {
		err_sys(e, "reading " WITH);
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	while (r == 0 && (errno = 0, de = readdir(d)) != NULL)
		if (de->d_name[0] != '.')
			r = settle_one(w, de->d_name, log, e);
	if (r == 0 && errno != 0)
		r = err_sys(e, "reading " WITH);
	closedir(d);
	return r;
}

int
with_settle(struct store *s, struct log *log, struct err *e)
{
	struct with w = WITH_INIT;
	int r = path_look(s->dirfd, WITH, NULL, e);

	if (r != 1)
		return r;
	w.store = s;
	if (path_opendir(s->dirfd, WITH, &w.fd, e) == -1) {
		if (e->kind != E_FORMAT)
			return -1;
		err_clear(e);
		return 0;
	}
	/* No run has put anything without it. */
	if ((r = path_look(w.fd, ASIDE, NULL, e)) == 1)
		r = path_opendir(w.fd, ASIDE, &w.aside, e);
	if (r == 0 && w.aside != -1 &&
	    (r = settle_each(&w, w.aside, log, e)) == 0 &&
	    (r = settle_each(&w, w.fd, log, e)) == 0) {
		(void)os.unlinkat(s->staging, GONE, AT_REMOVEDIR);
		/* The last that goes: as long as it is there, look again. */
		(void)os.unlinkat(w.fd, ASIDE, AT_REMOVEDIR);
	}
	with_close(&w);
	if (r == 0)
		(void)os.unlinkat(s->dirfd, WITH, AT_REMOVEDIR);
	return r;
}
