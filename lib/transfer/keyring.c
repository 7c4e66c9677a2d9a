/* SPDX-License-Identifier: ISC */
#include "lib/transfer/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/path.h"

#define SUFFIX ".pub"

const char *
keyring_purpose(enum key_for purpose)
{
	return purpose == KEYS_RECEIPTS ? "receipts" : "transfers";
}

static bool
is_key_name(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n > strlen(SUFFIX) &&
	    strcmp(name + n - strlen(SUFFIX), SUFFIX) == 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	return strcmp(x->file, y->file);
}

static int
collect_names(DIR *d, struct key_list *l, size_t max, struct err *e)
{
	struct dirent *entry;

	for (;;) {
		errno = 0;
		if ((entry = readdir(d)) == NULL)
			return errno != 0 ? err_sys(e, "reading keys") : 0;
		if (!is_key_name(entry->d_name))
			continue;
		if (l->n == max)
			return err_set(e, E_LIMIT,
			    "more than %d files *.pub in one folder", KEYS_MAX);
		snprintf(l->v[l->n].file, sizeof(l->v[l->n].file), "%s",
		    entry->d_name);
		l->n++;
	}
}

static int
read_key(int dirfd, struct key *k, struct err *e)
{
	struct stat st = {.st_size = 0};
	struct buf b = BUF_INIT;
	int r;

	if ((r = path_read(dirfd, k->file, SIGN_MAX_TEXT, &b, e)) == 0 &&
	    (r = sign_pub_read(&k->pub, (const char *)b.p, b.len, e)) == -1)
		err_ctx(e, "%s", k->file);
	buf_free(&b);
	if (r == -1 || path_look(dirfd, k->file, &st, e) == -1)
		return -1;
	k->since_s = st.st_mtim.tv_sec;
	return 0;
}

/* Adds the keys of one folder to the list, by name. */
static int
scan(int dirfd, enum key_for purpose, bool apart, struct key_list *l,
    struct err *e)
{
	size_t first = l->n, i;
	DIR *d = NULL;
	int fd, r = -1;

	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || (d = fdopendir(fd)) == NULL) {
		err_sys(e, "opening keys");
		if (fd != -1)
			close(fd);
		return -1;
	}
	if (collect_names(d, l, first + KEYS_MAX, e) == -1)
		goto out;
	qsort(l->v + first, l->n - first, sizeof(*l->v), by_name);
	for (i = first; i < l->n; i++) {
		l->v[i].apart = apart;
		l->v[i].purpose = purpose;
		if (read_key(dirfd, &l->v[i], e) == -1)
			goto out;
	}
	r = 0;
out:
	closedir(d);
	return r;
}

/* Half of a key is enough to refuse it. */
static bool
alike(const struct sign_pub *a, const struct sign_pub *b)
{
	return memcmp(a->id, b->id, sizeof(a->id)) == 0 ||
	    memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

static bool
is_revoked(const struct key_list *l, const struct sign_pub *p)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].apart && alike(&l->v[i].pub, p))
			return true;
	return false;
}

/* A folder in that of the keys, where there is one. */
static int
scan_in(int dirfd, const char *name, enum key_for purpose, bool apart,
    struct key_list *l, struct err *e)
{
	int fd, r;

	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? 0 : err_sys(e, "%s", name);
	if ((r = scan(fd, purpose, apart, l, e)) == -1)
		err_ctx(e, "%s", name);
	close(fd);
	return r;
}

static int
scan_revoked(int dirfd, struct key_list *l, struct err *e)
{
	return scan_in(dirfd, KEYS_REVOKED, KEYS_ALL, true, l, e);
}

int
keyring_list(int dirfd, struct key_list *l, struct err *e)
{
	size_t i;

	*l = (struct key_list)KEY_LIST_INIT;
	if (dirfd == -1)
		return 0;
	if ((l->v = calloc((size_t)3 * KEYS_MAX, sizeof(*l->v))) == NULL)
		return err_nomem(e);
	if (scan(dirfd, KEYS_TRANSFERS, false, l, e) == -1 ||
	    scan_in(dirfd, KEYS_RECEIPTS_DIR, KEYS_RECEIPTS, false, l, e) ==
		-1 ||
	    scan_revoked(dirfd, l, e) == -1)
		return -1;
	for (i = 0; i < l->n; i++)
		l->v[i].revoked = is_revoked(l, &l->v[i].pub);
	return 0;
}

void
keyring_list_free(struct key_list *l)
{
	free(l->v);
	*l = (struct key_list)KEY_LIST_INIT;
}

/* revoked/ of the folder alone. */
static int
keys_revoked(int dirfd, struct key_list *l, struct err *e)
{
	if ((l->v = calloc(KEYS_MAX, sizeof(*l->v))) == NULL)
		return err_nomem(e);
	return scan_revoked(dirfd, l, e);
}

/* The list of a folder that may be absent, by list(). */
static int
list_at(int dirfd, const char *name,
    int (*list)(int dirfd, struct key_list *l, struct err *e),
    struct key_list *l, struct err *e)
{
	int fd, r;

	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		return err_sys(e, "%s", name);
	if ((r = list(fd, l, e)) == -1)
		err_ctx(e, "%s", name);
	close(fd);
	return r;
}

/*
 * Those of the list that are trusted, and that `less` has not revoked; what is
 * trusted for another purpose is kept apart.
 */
static int
add_trusted(struct keyring *r, const struct key_list *l,
    const struct key_list *less, struct err *e)
{
	const struct key *k;
	struct sign_pub *v;
	size_t i;

	if (l->n == 0)
		return 0;
	if ((v = reallocarray(r->v, r->n + l->n, sizeof(*v))) == NULL)
		return err_nomem(e);
	r->v = v;
	v = reallocarray(r->others, r->nothers + l->n, sizeof(*v));
	if (v == NULL)
		return err_nomem(e);
	r->others = v;
	for (i = 0; i < l->n; i++) {
		k = &l->v[i];
		if (k->revoked || is_revoked(less, &k->pub))
			continue;
		if (k->purpose == r->purpose)
			r->v[r->n++] = k->pub;
		else
			r->others[r->nothers++] = k->pub;
	}
	return 0;
}

static int
add_revoked(struct keyring *r, const struct key_list *l, struct err *e)
{
	struct key *v;
	size_t i;

	v = reallocarray(r->revoked, r->nrevoked + l->n + 1, sizeof(*v));
	if (v == NULL)
		return err_nomem(e);
	r->revoked = v;
	for (i = 0; i < l->n; i++)
		if (l->v[i].apart)
			v[r->nrevoked++] = l->v[i];
	return 0;
}

/* "key 2806... was revoked here on 2026-11-29" */
static int
tell_revoked(const struct key *k, struct err *e)
{
	char id[2 * SIGN_ID_LEN + 1], at[UTC_LEN + 1];

	sign_id_text(id, k->pub.id);
	utc_write(at, k->since_s);
	return err_set(e, E_SIG, "key %s was revoked here on %.10s", id, at);
}

/* One key that the user named, which this store may have revoked. */
static int
load_one(struct keyring *r, const char *path, const struct key_list *own,
    struct err *e)
{
	size_t i;

	if ((r->v = calloc(1, sizeof(*r->v))) == NULL)
		return err_nomem(e);
	if (keyring_read_pub(path, r->v, e) == -1)
		return -1;
	for (i = 0; i < own->n; i++)
		if (own->v[i].apart && alike(&own->v[i].pub, r->v))
			return tell_revoked(&own->v[i], e);
	r->n = 1;
	return 0;
}

static int
load_named(struct keyring *r, const char *path, const struct key_list *own,
    struct err *e)
{
	struct key_list l = KEY_LIST_INIT;
	struct stat st;
	int fd, got = -1;

	if ((fd = keyring_open(path, &st, e)) == -1)
		return -1;
	if (!S_ISDIR(st.st_mode))
		got = load_one(r, path, own, e);
	else if (keyring_list(fd, &l, e) == 0 &&
	    add_trusted(r, &l, own, e) == 0)
		got = add_revoked(r, &l, e);
	keyring_list_free(&l);
	close(fd);
	return got;
}

/* What the machine trusts where the store trusts none of its own. */
static int
load_etc(struct keyring *r, const struct key_list *own, struct err *e)
{
	struct key_list etc = KEY_LIST_INIT;
	int got = -1;

	if (list_at(AT_FDCWD, KEYS_ETC, keyring_list, &etc, e) == 0 &&
	    add_trusted(r, &etc, own, e) == 0)
		got = add_revoked(r, &etc, e);
	keyring_list_free(&etc);
	return got;
}

int
keyring_load(struct keyring *r, enum key_for purpose, const char *path,
    int store_dirfd, struct err *e)
{
	struct key_list own = KEY_LIST_INIT;
	int got = -1;

	*r = (struct keyring)KEYRING_INIT;
	r->purpose = purpose;
	if (store_dirfd != -1 &&
	    list_at(store_dirfd, "keys",
		path != NULL ? keys_revoked : keyring_list, &own, e) == -1)
		goto out;
	if (add_revoked(r, &own, e) == -1)
		goto out;
	if (path != NULL) {
		if ((got = load_named(r, path, &own, e)) == -1)
			err_ctx(e, "%s", path);
	} else if ((got = add_trusted(r, &own, &own, e)) == 0 && r->n == 0) {
		got = load_etc(r, &own, e);
	}
out:
	keyring_list_free(&own);
	return got;
}

void
keyring_free(struct keyring *r)
{
	free(r->v);
	free(r->others);
	free(r->revoked);
	*r = (struct keyring)KEYRING_INIT;
}

/* What was signed, and its signature: a text, or where that is NULL bytes. */
struct sealed {
	const void *msg; /* borrowed, as all of it */
	size_t len;
	const char *text;
	size_t textlen;
	char *comment;
	const uint8_t *id, *sig;
};

static int
check(const struct sealed *s, const struct sign_pub *v, size_t n, size_t *which,
    struct err *e)
{
	if (s->text == NULL)
		return sign_bytes_check(
		    v, n, s->id, s->msg, s->len, s->sig, which, e);
	return sign_check(
	    v, n, s->msg, s->len, s->text, s->textlen, which, s->comment, e);
}

static bool
holds(const struct sealed *s, const struct sign_pub *p)
{
	struct err e = ERR_INIT;
	size_t which;

	return check(s, p, 1, &which, &e) == 0;
}

static int
check_by(const struct keyring *r, const struct sealed *s, struct sign_pub *by,
    struct err *e)
{
	char id[2 * SIGN_ID_LEN + 1];
	size_t i, which;

	if (check(s, r->v, r->n, &which, e) == 0) {
		*by = r->v[which];
		return 0;
	}
	for (i = 0; i < r->nrevoked; i++) {
		if (!holds(s, &r->revoked[i].pub))
			continue;
		err_clear(e);
		return tell_revoked(&r->revoked[i], e);
	}
	for (i = 0; i < r->nothers; i++) {
		if (!holds(s, &r->others[i]))
			continue;
		err_clear(e);
		sign_id_text(id, r->others[i].id);
		return err_set(e, E_SIG,
		    "key %s is trusted here, but for %s, not for %s: if it is "
		    "to be, wsusferry-key trust --for %s",
		    id, keyring_purpose(KEYS_ALL ^ r->purpose),
		    keyring_purpose(r->purpose), keyring_purpose(r->purpose));
	}
	return -1;
}

int
keyring_check(const struct keyring *r, const void *msg, size_t len,
    const char *sig, size_t siglen, char id[2 * SIGN_ID_LEN + 1],
    char comment[SIGN_MAX_COMMENT + 1], struct err *e)
{
	const struct sealed s = {.msg = msg,
	    .len = len,
	    .text = sig,
	    .textlen = siglen,
	    .comment = comment};
	struct sign_pub by;

	if (check_by(r, &s, &by, e) == -1)
		return -1;
	sign_id_text(id, by.id);
	return 0;
}

int
keyring_check_bytes(const struct keyring *r, const void *msg, size_t len,
    const uint8_t id[SIGN_ID_LEN], const uint8_t sig[SIGN_BYTES_LEN],
    struct sign_pub *by, struct err *e)
{
	const struct sealed s = {.msg = msg, .len = len, .id = id, .sig = sig};

	return check_by(r, &s, by, e);
}
