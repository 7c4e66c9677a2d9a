/* SPDX-License-Identifier: ISC */
/* The WsusContent tree: names, looking, settling. */
#include "lib/store/content.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/words.h"

#define NFOLDERS 256

static int
flush_folder(int fd, const char *name, struct err *e)
{
	if (out_flush_folder(fd) == -1)
		return err_sys(e, "flushing the folder %s", name);
	return 0;
}

/* Made with this mode whatever the umask. */
static int
make_folder(int dirfd, const char *name, bool *made, struct err *e)
{
	int fd;

	*made = os.mkdirat(dirfd, name, 0755) == 0;
	if (!*made)
		return errno == EEXIST ? 0 : err_sys(e, "making %s", name);
	if (path_opendir(dirfd, name, &fd, e) == -1)
		return -1;
	if (out_fd_mode(fd, 0755, e) == -1) {
		(void)os.close(fd);
		return err_ctx(e, "%s", name);
	}
	(void)os.close(fd);
	return 0;
}

static int
make_check_file(int dirfd, struct err *e)
{
	int fd;

	if ((fd = path_look(dirfd, CONTENT_CHECK_FILE, NULL, e)) != 0)
		return fd == 1 ? 0 : -1;
	fd = os.openat(dirfd, CONTENT_CHECK_FILE,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0444);
	if (fd == -1)
		return err_sys(e, "making %s", CONTENT_CHECK_FILE);
	if (out_fd_mode(fd, 0444, e) == -1) {
		(void)os.close(fd);
		return err_ctx(e, CONTENT_CHECK_FILE);
	}
	if (os.close(fd) == -1)
		return err_sys(e, "closing %s", CONTENT_CHECK_FILE);
	return flush_folder(dirfd, CONTENT_DIR, e);
}

/* A link that leads nowhere is a volume that is not there, and not
   "nothing". */
static int
no_tree(int storefd, struct err *e)
{
	char to[256];
	ssize_t n = readlinkat(storefd, CONTENT_DIR, to, sizeof(to));

	if (n == -1 && errno == ENOENT)
		return 0;
	if (n == -1)
		return err_sys(e, "looking for %s", CONTENT_DIR);
	errno = ENOENT;
	return err_sys(e, "%s is a symbolic link to '%.*s': is that mounted",
	    CONTENT_DIR, (int)n, to);
}

int
content_tree(int storefd, int *fd, struct err *e)
{
	*fd = openat(storefd, CONTENT_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd != -1)
		return 1;
	if (errno == ENOENT)
		return no_tree(storefd, e);
	if (errno == ENOTDIR)
		return err_set(e, E_FORMAT,
		    "%s: expected a folder, found something else", CONTENT_DIR);
	return err_sys(e, "opening %s", CONTENT_DIR);
}

int
content_lock(int fd, struct err *e)
{
	int r;

	do
		r = flock(fd, LOCK_EX | LOCK_NB);
	while (r == -1 && errno == EINTR);
	if (r == 0 || errno != EWOULDBLOCK)
		return 0;
	return err_set(e, E_BUSY,
	    "%s: another store that has its payload in this very folder is "
	    "being written",
	    CONTENT_DIR);
}

/* Can a name be moved from one to the other?  1, 0, -1. */
static int
same_mount(int a, int b, struct err *e)
{
	struct statx x, y;

	if (statx(a, "", AT_EMPTY_PATH, STATX_MNT_ID, &x) == -1 ||
	    statx(b, "", AT_EMPTY_PATH, STATX_MNT_ID, &y) == -1)
		return err_sys(e, "looking at %s", CONTENT_DIR);
	if (x.stx_dev_major != y.stx_dev_major ||
	    x.stx_dev_minor != y.stx_dev_minor)
		return 0;
	/* The same file system may be mounted twice. */
	return (x.stx_mask & y.stx_mask & STATX_MNT_ID) == 0 ||
	    x.stx_mnt_id == y.stx_mnt_id;
}

/* Where payload lies on a volume of its own, it is staged there. */
static int
choose_staging(struct content *c, int staging, struct err *e)
{
	bool made;
	int r = same_mount(c->dirfd, staging, e);

	c->staging = staging;
	if (r != 0)
		return r == 1 ? 0 : -1;
	if (make_folder(c->dirfd, CONTENT_STAGING, &made, e) == -1 ||
	    path_opendir(c->dirfd, CONTENT_STAGING, &c->own, e) == -1)
		return err_ctx(e, "%s", CONTENT_DIR);
	c->staging = c->own;
	return 0;
}

static int
open_writer(
    struct content *c, int storefd, int staging, bool made, struct err *e)
{
	if (content_lock(c->dirfd, e) == -1 ||
	    choose_staging(c, staging, e) == -1 ||
	    make_check_file(c->dirfd, e) == -1)
		return -1;
	return made ? flush_folder(storefd, ".", e) : 0;
}

int
content_open(struct content *c, int storefd, int staging, struct err *e)
{
	bool made = false;
	int r;

	*c = (struct content)CONTENT_INIT;
	if (storefd == -1)
		return 0; /* no store yet */
	if (staging != -1 && make_folder(storefd, CONTENT_DIR, &made, e) == -1)
		return -1;
	if ((r = content_tree(storefd, &c->dirfd, e)) == -1)
		return -1;
	if (staging == -1)
		return 0; /* nothing came yet: a tree without files */
	if (r == 0)
		return err_set(e, E_SYS, "%s: it was removed", CONTENT_DIR);
	if (open_writer(c, storefd, staging, made, e) == 0)
		return 0;
	content_close(c);
	return -1;
}

/* Our own staging stays where downloads wait in it. */
void
content_close(struct content *c)
{
	if (c->staging != -1)
		content_close_lanes(c->staging);
	if (c->own != -1) {
		(void)close(c->own);
		(void)os.unlinkat(c->dirfd, CONTENT_STAGING, AT_REMOVEDIR);
	}
	if (c->dirfd != -1)
		(void)close(c->dirfd);
	*c = (struct content)CONTENT_INIT;
}

void
content_name(
    char out[CONTENT_NAME_MAX], const uint8_t sha1[SHA1_LEN], const char *ext)
{
	char hex[2 * SHA1_LEN + 1];

	hex_upper(hex, sha1, SHA1_LEN);
	(void)snprintf(out, CONTENT_NAME_MAX, "%s/%s%s%.*s",
	    hex + 2 * SHA1_LEN - 2, hex, ext[0] != '\0' ? "." : "",
	    UPDATE_EXT_MAX, ext);
}

bool
content_parse(const char *base, uint8_t sha1[SHA1_LEN])
{
	size_t n = strcspn(base, "./");

	return strchr(base + n, '/') == NULL &&
	    hex_read(sha1, SHA1_LEN, base, n);
}

int
content_look(const struct content *c, const uint8_t sha1[SHA1_LEN],
    const char *ext, const uint64_t *size, struct content_seen *seen,
    struct err *e)
{
	char name[CONTENT_NAME_MAX];
	struct stat st;
	int r = 0;

	*seen = (struct content_seen){.lost = true};
	content_name(name, sha1, ext);
	if (c->dirfd != -1 && (r = path_look(c->dirfd, name, &st, e)) == -1)
		return err_ctx(e, "%s", CONTENT_DIR);
	if (r == 0)
		return 0;
	seen->lost = false;
	seen->other = !S_ISREG(st.st_mode);
	seen->size = seen->other ? 0 : (uint64_t)st.st_size;
	seen->here = !seen->other && (size == NULL || seen->size == *size);
	return 0;
}

void
content_fault(
    char to[CONTENT_FAULT_MAX], const struct content_seen *seen, uint64_t size)
{
	if (seen->lost)
		snprintf(to, CONTENT_FAULT_MAX, "lost from the store");
	else if (seen->other)
		snprintf(to, CONTENT_FAULT_MAX,
		    "damaged in the store: expected a file, found something "
		    "else");
	else
		snprintf(to, CONTENT_FAULT_MAX,
		    "damaged in the store: %s, expected %" PRIu64,
		    words_count(seen->size, "byte").s, size);
}

int
content_has(const struct content *c, const uint8_t sha1[SHA1_LEN],
    const char *ext, uint64_t *size, struct err *e)
{
	struct content_seen seen;

	if (content_look(c, sha1, ext, NULL, &seen, e) == -1)
		return -1;
	*size = seen.size;
	return seen.here;
}

int
content_fd(const struct content *c, const uint8_t sha1[SHA1_LEN],
    const char *ext, int *fd, uint64_t *size, struct err *e)
{
	char name[CONTENT_NAME_MAX];

	content_name(name, sha1, ext);
	if (c->dirfd == -1)
		return err_set(
		    e, E_MISSING, "%s/%s: there is none", CONTENT_DIR, name);
	if (path_open(c->dirfd, name, fd, size, e) == -1)
		return err_ctx(e, "%s", CONTENT_DIR);
	return 0;
}

/* Invariant 1: what stands under the name already has the right bytes. */
static int
take_name(const struct content *c, struct content_staged *st, int folder,
    const char *path, struct err *e)
{
	const char *name = path + 3;
	int r = out_rename_new(c->staging, st->temp, folder, name);

	/* A name that was there before this run is not for it to take back. */
	st->named = r == 0;
	if (r == -1 && errno == EEXIST && st->replace)
		r = os.renameat2(c->staging, st->temp, folder, name, 0);
	if (r == -1 && errno != EEXIST)
		return err_sys(e, "naming %s/%s%s", CONTENT_DIR, path,
		    errno == EISDIR ? ", which a folder bears: remove it" : "");
	if (r == -1 && os.unlinkat(c->staging, st->temp, 0) == -1)
		return err_sys(e, "removing a second copy of %s", name);
	st->temp[0] = '\0';
	return 0;
}

/* Indexes of st[0..n), those of one folder beside each other; free() it. */
static size_t *
by_folder(const struct content_staged *st, size_t n)
{
	size_t *order = calloc(n, sizeof(*order)), at[NFOLDERS + 1] = {0}, i;

	if (order == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		at[st[i].sha1[SHA1_LEN - 1] + 1]++;
	for (i = 0; i < NFOLDERS; i++)
		at[i + 1] += at[i];
	for (i = 0; i < n; i++)
		order[at[st[i].sha1[SHA1_LEN - 1]]++] = i;
	return order;
}

/* The folders of names, one open at a time. */
struct folders {
	const struct content *c;
	int fd; /* owned; -1: none is open */
	unsigned at; /* which it is */
	bool touched[NFOLDERS], made; /* some was */
};

static const char *
folder_name(char xx[3], unsigned i)
{
	(void)snprintf(xx, 3, "%02X", i & 0xff);
	return xx;
}

static int
go_to(struct folders *f, unsigned i, bool *made, struct err *e)
{
	char xx[3];

	*made = false;
	if (f->fd != -1 && f->at == i)
		return 0;
	if (f->fd != -1)
		(void)close(f->fd);
	f->fd = -1;
	f->at = i;
	(void)folder_name(xx, i);
	if (make_folder(f->c->dirfd, xx, made, e) == -1 ||
	    path_opendir(f->c->dirfd, xx, &f->fd, e) == -1)
		return err_ctx(e, "%s", CONTENT_DIR);
	f->touched[i] = true;
	f->made = f->made || *made;
	return 0;
}

static int
settle_one(struct folders *f, struct content_staged *st, struct err *e)
{
	char name[CONTENT_NAME_MAX];

	if (st->temp[0] == '\0')
		return 0;
	content_name(name, st->sha1, st->ext);
	if (go_to(f, st->sha1[SHA1_LEN - 1], &st->made_folder, e) == -1)
		return -1;
	return take_name(f->c, st, f->fd, name, e);
}

/* After all names: a file system that writes its journal for the first has
   little to write for the others. */
static int
flush_folders(struct folders *f, struct err *e)
{
	char xx[3];
	bool made;

	for (unsigned i = 0; i < NFOLDERS; i++)
		if (f->touched[i] &&
		    (go_to(f, i, &made, e) == -1 ||
			flush_folder(f->fd, folder_name(xx, i), e) == -1))
			return -1;
	return f->made ? flush_folder(f->c->dirfd, CONTENT_DIR, e) : 0;
}

int
content_settle(
    const struct content *c, struct content_staged *st, size_t n, struct err *e)
{
	struct folders f = {.c = c, .fd = -1};
	size_t *order, i;
	int r = 0;

	if (n == 0)
		return 0;
	if (os.syncfs(c->staging) == -1)
		return err_sys(e, "flushing the file system");
	if ((order = by_folder(st, n)) == NULL)
		return err_nomem(e);
	for (i = 0; r == 0 && i < n; i++)
		r = settle_one(&f, &st[order[i]], e);
	if (r == 0)
		r = flush_folders(&f, e);
	if (f.fd != -1)
		(void)close(f.fd);
	free(order);
	return r;
}

void
content_unsettle(const struct content *c, struct content_staged *st, size_t n)
{
	char name[CONTENT_NAME_MAX];
	size_t i;

	for (i = 0; i < n; i++) {
		content_name(name, st[i].sha1, st[i].ext);
		if (st[i].named)
			(void)os.unlinkat(c->dirfd, name, 0);
		st[i].named = false;
	}
	for (i = 0; i < n; i++) {
		content_name(name, st[i].sha1, "");
		name[2] = '\0';
		if (st[i].made_folder)
			(void)os.unlinkat(c->dirfd, name, AT_REMOVEDIR);
		st[i].made_folder = false;
	}
}
