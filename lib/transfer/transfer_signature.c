/* SPDX-License-Identifier: ISC */
/* Whose transfer it is: before anything else of it is looked at. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/sort.h"
#include "lib/transfer/container.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/transfer_tags.h"

/* The signatures beside the tag manifest. */
struct sigs {
	char names[BAG_MAX_SIGNATURES]
		  [sizeof(BAG_SIGNATURE) + BAG_KEY_DIGITS + 1];
	size_t n;
};

static int
collect_sig(void *arg, const char *name, struct err *e)
{
	struct sigs *s = arg;

	if (!bag_is_signature(name))
		return 0;
	if (s->n == BAG_MAX_SIGNATURES)
		return err_set(e, E_SIG, "more than %d signatures beside %s",
		    BAG_MAX_SIGNATURES, BAG_TAGMANIFEST);
	memcpy(s->names[s->n++], name, strlen(name) + 1);
	return 0;
}

static int
sig_cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Of the top folder only: nothing else of a stranger's tree is looked at. */
static int
list_folder(int dirfd, struct sigs *s, struct err *e)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *de;
	DIR *d = NULL;
	int r = 0;

	if (fd == -1 || (d = fdopendir(fd)) == NULL) {
		err_sys(e, "cannot list the transfer's folder");
		if (fd != -1)
			close(fd);
		return -1;
	}
	while (r == 0 && (errno = 0, de = readdir(d)) != NULL)
		r = collect_sig(s, de->d_name, e);
	if (r == 0 && errno != 0)
		r = err_sys(e, "cannot list the transfer's folder");
	closedir(d);
	return r;
}

static int
list_sigs(const struct transfer *t, struct sigs *s, struct err *e)
{
	int r = t->box != NULL
	    ? container_each_signature(t->box, collect_sig, s, e)
	    : list_folder(t->dirfd, s, e);

	sort_up(s->names, s->n, sizeof(s->names[0]), sig_cmp);
	return r;
}

int
transfer_each_signature(const struct transfer *t,
    int (*each)(void *arg, const char *name, struct err *e), void *arg,
    struct err *e)
{
	struct sigs s = {.n = 0};

	if (list_sigs(t, &s, e) == -1)
		return -1;
	for (size_t i = 0; i < s.n; i++)
		if (each(arg, s.names[i], e) == -1)
			return -1;
	return 0;
}

/* A name with a key's id in it is of that key. */
static int
check_name(const char *name, const char *key, struct err *e)
{
	const char *id = name + strlen(BAG_TAGMANIFEST ".");

	if (strcmp(name, BAG_SIGNATURE) == 0 ||
	    strncmp(id, key, BAG_KEY_DIGITS) == 0)
		return 0;
	return err_set(
	    e, E_SIG, "signed by key %s, expected that of its name", key);
}

static int
check_sig(struct transfer *t, const char *name, const struct buf *tag,
    const struct keyring *keys, struct err *e)
{
	struct buf sig = BUF_INIT_MAX(BAG_MAX_SIGNATURE);
	int r = -1;

	if (transfer_read(t, name, BAG_MAX_SIGNATURE, &sig, e) == 0 &&
	    keyring_check(keys, tag->p, tag->len, (const char *)sig.p, sig.len,
		t->key, t->trusted_comment, e) == 0)
		r = check_name(name, t->key, e);
	buf_free(&sig);
	if (r == -1)
		t->key[0] = '\0';
	return r == 0 ? 0 : err_ctx(e, "%s", name);
}

/*
 * One signature by one trusted key is enough; the last fault is told, but one
 * that could not be read before one that is bad: it may be the good one.
 */
static int
check_sigs(struct transfer *t, const struct sigs *s, const struct buf *tag,
    const struct keyring *keys, struct err *e)
{
	struct err last = ERR_INIT, unread = ERR_INIT;

	for (size_t i = 0; i < s->n; i++) {
		err_clear(&last);
		if (check_sig(t, s->names[i], tag, keys, &last) == 0) {
			log_event(t->log, LOG_DEBUG, s->names[i],
			    "signed by key %s: %s", t->key, t->trusted_comment);
			return 0;
		}
		if (last.kind == E_SYS)
			unread = last;
	}
	if (unread.kind == E_SYS) {
		*e = unread;
		return -1;
	}
	if (s->n == 0)
		return err_set(
		    e, E_SIG, "unsigned: there is no %s", BAG_SIGNATURE);
	return err_set(e, E_SIG, "%s", last.msg);
}

int
transfer_signature(struct transfer *t, const struct buf *tag,
    const struct keyring *keys, struct err *e)
{
	struct sigs s = {.n = 0};

	if (keys->n == 0 && keys->nrevoked == 0) {
		log_finding(t->log, E_SIG, BAG_TAGMANIFEST, E_NO_OFFSET,
		    "no trusted key is known, so the signature is not "
		    "checked; give one with --trusted-keys");
		return 0;
	}
	if (list_sigs(t, &s, e) == -1)
		return -1;
	return check_sigs(t, &s, tag, keys, e);
}
