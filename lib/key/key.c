/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/secret.h"
#include "lib/key/key.h"
#include "lib/store/store.h"

#define PUB ".pub"
#define KEY ".key"
#define PATH_SIZE 4096

static int
open_dir(int at, const char *path, struct err *e)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, E_USAGE, "%s: %s", path,
		    errno == ENOENT ? "no such folder" : "not a folder");
	return fd == -1 ? err_sys(e, "%s", path) : fd;
}

static int
flush_dir(int dirfd, struct err *e)
{
	if (out_flush_folder(dirfd) == -1)
		return err_sys(e, "flushing the folder of keys");
	return 0;
}

/* A folder of mode 0755 whatever the umask; it may be there. */
static int
make_dir(int at, const char *name, struct err *e)
{
	int fd, r = 0;

	if (os.mkdirat(at, name, 0755) == 0)
		r = 1;
	else if (errno != EEXIST)
		return err_sys(e, "making the folder %s", name);
	if ((fd = open_dir(at, name, e)) == -1)
		return -1;
	if (r == 1 && out_fd_mode(fd, 0755, e) == -1)
		r = err_ctx(e, "%s", name);
	else
		r = flush_dir(at, e);
	if (r == -1)
		close(fd);
	return r == -1 ? -1 : fd;
}

int
key_open(
    const char *path, const char *store, bool create, int *dirfd, struct err *e)
{
	int at;

	if (path == NULL && store == NULL)
		return err_set(e, E_USAGE,
		    "expected --store or --trusted-keys, found neither");
	if (path != NULL)
		return (*dirfd = open_dir(AT_FDCWD, path, e)) == -1 ? -1 : 0;
	if ((at = open_dir(AT_FDCWD, store, e)) == -1)
		return -1;
	*dirfd = -1;
	if (store_look(at, e) == 0) {
		if (create)
			*dirfd = make_dir(at, "keys", e);
		else if (path_look(at, "keys", NULL, e) == 1)
			*dirfd = open_dir(at, "keys", e);
	}
	close(at);
	return e->kind != E_NONE ? err_ctx(e, "%s", store) : 0;
}

/* "dir/name" taken apart: opens dir; name points into path. */
static int
open_parent(const char *path, const char **name, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_SIZE];
	int n;

	*name = slash != NULL ? slash + 1 : path;
	if (slash == NULL)
		return open_dir(AT_FDCWD, ".", e);
	n = snprintf(dir, sizeof(dir), "%.*s/", (int)(slash - path), path);
	if (n < 0 || (size_t)n >= sizeof(dir))
		return err_set(e, E_USAGE, "the name is too long");
	return open_dir(AT_FDCWD, dir, e);
}

static int
write_out(int dirfd, const char *name, mode_t mode, const struct buf *text,
    struct err *e)
{
	struct out o = OUT_INIT;
	int r = -1;

	o.secret = mode == 0600;
	if (out_open(&o, dirfd, name, mode, e) == 0 &&
	    out_write(&o, text->p, text->len, e) == 0 && out_commit(&o, e) == 0)
		r = 0;
	out_abort(&o);
	return r;
}

static int
write_pub(int dirfd, const char *name, const struct sign_pub *p, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = -1;

	if (sign_pub_write(p, &b, e) == 0)
		r = write_out(dirfd, name, 0644, &b, e);
	buf_free(&b);
	return r;
}

static int
write_sec(int dirfd, const char *name, const struct sign_sec *s, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = -1;

	if (sign_sec_write(s, &b, e) == 0)
		r = write_out(dirfd, name, 0600, &b, e);
	if (b.p != NULL)
		explicit_bzero(b.p, b.cap);
	buf_free(&b);
	return r;
}

static int
read_sec(int dirfd, const char *name, struct sign_sec *s, struct err *e)
{
	struct buf b = BUF_INIT;
	struct stat st;
	int r;

	r = path_read(dirfd, name, SIGN_MAX_TEXT, &b, e);
	if (r == 0 &&
	    (sign_sec_read(s, (const char *)b.p, b.len, e) == -1 ||
		(path_look(dirfd, name, &st, e) == 1 &&
		    secret_check(&st, e) == -1)))
		r = err_ctx(e, "%s", name);
	if (b.p != NULL)
		explicit_bzero(b.p, b.cap);
	buf_free(&b);
	return r;
}

/* The secret one first: from it the public one can be had again. */
static int
pair(int dirfd, const char *key, const char *pub, bool dry, struct sign_pub *p,
    bool *old, struct err *e)
{
	int taken, there, r = -1;
	struct sign_sec s;

	if ((there = path_look(dirfd, key, NULL, e)) == -1 ||
	    (taken = path_look(dirfd, pub, NULL, e)) == -1)
		return -1;
	*old = there == 1;
	if (taken == 1)
		return err_set(
		    e, E_USAGE, "%s exists already", *old ? key : pub);
	if (*old)
		r = read_sec(dirfd, key, &s, e);
	else if (sign_new(&s, p, e) == 0)
		r = dry ? 0 : write_sec(dirfd, key, &s, e);
	if (r == 0) {
		sign_sec_pub(&s, p);
		r = dry ? 0 : write_pub(dirfd, pub, p, e);
	}
	sign_sec_wipe(&s);
	return r;
}

int
key_new(
    const char *path, bool dry, struct sign_pub *p, bool *old, struct err *e)
{
	const char *key;
	char pub[256];
	int dirfd, r;
	size_t n;

	if ((dirfd = open_parent(path, &key, e)) == -1)
		return -1;
	n = strlen(key);
	if (n <= strlen(KEY) || n >= sizeof(pub) ||
	    strcmp(key + n - strlen(KEY), KEY) != 0) {
		r = err_set(e, E_USAGE,
		    "expected a name that ends in .key, found '%s'", key);
	} else {
		snprintf(
		    pub, sizeof(pub), "%.*s" PUB, (int)(n - strlen(KEY)), key);
		r = pair(dirfd, key, pub, dry, p, old, e);
	}
	close(dirfd);
	return r;
}

/* May this key come into its purpose's folder under its name?  1: it is
   there. */
static int
may_enter(const struct key_list *l, const struct key *k, struct err *e)
{
	char id[2 * SIGN_ID_LEN + 1];
	bool same_id, same_key;
	const struct key *o;
	int there = 0;
	size_t i;

	sign_id_text(id, k->pub.id);
	for (i = 0; i < l->n; i++) {
		o = &l->v[i];
		same_id = memcmp(o->pub.id, k->pub.id, SIGN_ID_LEN) == 0;
		same_key = memcmp(o->pub.key, k->pub.key, sizeof(o->pub.key)) ==
		    0;
		if (o->revoked && (same_id || same_key))
			return err_set(e, E_SIG, "key %s is revoked here (%s)",
			    id, o->file);
		if (o->apart || o->purpose != k->purpose)
			continue;
		if (same_id && same_key)
			there = 1;
		else if (same_id)
			return err_set(e, E_USAGE,
			    "another key with the id %s is here (%s)", id,
			    o->file);
		else if (strcmp(o->file, k->file) == 0)
			return err_set(e, E_USAGE,
			    "another key has the name %s here; rename the file",
			    k->file);
	}
	return there;
}

/* The folder of a purpose, in that of the keys; *fd is dirfd or a new one. */
static int
open_purpose(int dirfd, enum key_for purpose, int *fd, struct err *e)
{
	*fd = dirfd;
	if (purpose == KEYS_RECEIPTS)
		*fd = make_dir(dirfd, KEYS_RECEIPTS_DIR, e);
	return *fd == -1 ? -1 : 0;
}

static int
put_key(int dirfd, const struct key *k, struct err *e)
{
	int fd, r;

	if (open_purpose(dirfd, k->purpose, &fd, e) == -1)
		return -1;
	r = write_pub(fd, k->file, &k->pub, e);
	if (fd != dirfd)
		close(fd);
	return r;
}

int
key_trust(int dirfd, enum key_for purpose, const char *path, bool dry,
    struct key *k, bool *changed, struct err *e)
{
	struct key_list l = KEY_LIST_INIT;
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t n = strlen(name);
	int r;

	*changed = false;
	k->revoked = false;
	k->purpose = purpose == KEYS_ALL ? KEYS_TRANSFERS : purpose;
	if (keyring_read_pub(path, &k->pub, e) == -1)
		return -1;
	if (name[0] == '.' || n <= strlen(PUB) || n >= sizeof(k->file) ||
	    strcmp(name + n - strlen(PUB), PUB) != 0)
		return err_set(e, E_USAGE,
		    "expected a name that ends in .pub, found '%s'", name);
	memcpy(k->file, name, n + 1);
	if ((r = keyring_list(dirfd, &l, e)) == 0)
		r = may_enter(&l, k, e);
	keyring_list_free(&l);
	if (r != 0)
		return r == 1 ? 0 : -1;
	*changed = true;
	return dry ? 0 : put_key(dirfd, k, e);
}

/* The key of that name here, one in revoked/ last: 1, 0 none, -1 two. */
static int
find_name(const struct key_list *l, enum key_for purpose, const char *name,
    uint8_t id[SIGN_ID_LEN], struct err *e)
{
	const struct key *found = NULL, *k;
	size_t i;

	for (i = 0; i < l->n; i++) {
		k = &l->v[i];
		if ((k->purpose & purpose) == 0 || strcmp(k->file, name) != 0)
			continue;
		if (found == NULL)
			found = k;
		else if (!k->apart &&
		    memcmp(k->pub.id, found->pub.id, SIGN_ID_LEN) != 0)
			return err_set(e, E_USAGE,
			    "one key of that name is for transfers, another "
			    "for receipts: say which with --for, or give its "
			    "id");
	}
	if (found == NULL)
		return 0;
	memcpy(id, found->pub.id, SIGN_ID_LEN);
	return 1;
}

/* Which key is meant: the id of "16 hex digits", of a file, of a name here. */
static int
find_id(const struct key_list *l, enum key_for purpose, const char *what,
    uint8_t id[SIGN_ID_LEN], struct err *e)
{
	uint8_t big[SIGN_ID_LEN];
	struct sign_pub p;
	size_t i;
	int r, named;

	if (hex_read(big, SIGN_ID_LEN, what, strlen(what))) {
		for (i = 0; i < SIGN_ID_LEN; i++)
			id[i] = big[SIGN_ID_LEN - 1 - i];
		return 0;
	}
	if ((r = path_look(AT_FDCWD, what, NULL, e)) == -1)
		return -1;
	if (r == 0 && (named = find_name(l, purpose, what, id, e)) != 0)
		return named == 1 ? 0 : -1;
	if (r == 0 && strchr(what, '/') == NULL)
		return err_set(e, E_USAGE,
		    "neither a key id of 16 hex digits, nor a key's name here, "
		    "nor a file");
	if (keyring_read_pub(what, &p, e) == -1)
		return -1;
	memcpy(id, p.id, SIGN_ID_LEN);
	return 0;
}

/*
 * The name in revoked/: its own, unless another key has it there; then the id,
 * under which only the same key can be.
 */
static void
name_in_revoked(const struct key_list *l, const struct key *k, char out[256])
{
	char id[2 * SIGN_ID_LEN + 1];
	size_t i;

	snprintf(out, 256, "%s", k->file);
	sign_id_text(id, k->pub.id);
	for (i = 0; i < l->n; i++)
		if (l->v[i].apart && strcmp(l->v[i].file, k->file) == 0 &&
		    memcmp(l->v[i].pub.id, k->pub.id, SIGN_ID_LEN) != 0)
			snprintf(out, 256, "%s" PUB, id);
}

static int
move(int dirfd, const struct key_list *l, const struct key *k, struct err *e)
{
	char name[256];
	int from = -1, to = -1, r = -1;

	name_in_revoked(l, k, name);
	if (open_purpose(dirfd, k->purpose, &from, e) == -1 ||
	    (to = make_dir(dirfd, KEYS_REVOKED, e)) == -1)
		goto out;
	/* Its time tells from now on since when it is revoked. */
	(void)utimensat(from, k->file, NULL, AT_SYMLINK_NOFOLLOW);
	if (os.renameat2(from, k->file, to, name, 0) == -1)
		err_sys(e, "moving %s to revoked", k->file);
	else if (flush_dir(to, e) == 0 && flush_dir(from, e) == 0)
		r = 0;
out:
	if (to != -1)
		close(to);
	if (from != -1 && from != dirfd)
		close(from);
	return r;
}

static int
revoke_id(int dirfd, const struct key_list *l, const uint8_t id[SIGN_ID_LEN],
    bool dry, struct key *k, bool *changed, struct err *e)
{
	bool known = false;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (memcmp(l->v[i].pub.id, id, SIGN_ID_LEN) != 0)
			continue;
		*changed = *changed || !l->v[i].revoked;
		if (!known)
			*k = l->v[i];
		known = true;
		if (!dry && !l->v[i].apart && move(dirfd, l, &l->v[i], e) == -1)
			return -1;
	}
	if (!known)
		return err_set(e, E_MISSING, "no such key is trusted here");
	k->revoked = true;
	return 0;
}

int
key_revoke(int dirfd, enum key_for purpose, const char *what, bool dry,
    struct key *k, bool *changed, struct err *e)
{
	struct key_list l = KEY_LIST_INIT;
	uint8_t id[SIGN_ID_LEN];
	int r = -1;

	*changed = false;
	if (keyring_list(dirfd, &l, e) == 0 &&
	    find_id(&l, purpose, what, id, e) == 0)
		r = revoke_id(dirfd, &l, id, dry, k, changed, e);
	keyring_list_free(&l);
	return r;
}
