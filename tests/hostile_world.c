/* SPDX-License-Identifier: ISC */
/* The stores and keys that rows of the hostile suite meet. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/bag.h"
#include "lib/base/err.h"
#include "lib/base/path_remove.h"
#include "lib/key/key.h"
#include "lib/store/carried.h"
#include "lib/store/store.h"
#include "tests/fault/disk.h"
#include "tests/hostile.h"
#include "tests/hostile_near.h"
#include "tests/store_make.h"
#include "tests/t.h"

static struct hostile_home home;

static int
keys_of(const char *store)
{
	struct err e = ERR_INIT;
	int fd = -1;

	T_CALL(key_open(NULL, store, true, &fd, &e), &e);
	return fd;
}

static void
trust(int keys, enum key_for purpose, const char *name, bool revoke)
{
	char path[HOSTILE_PATH];
	struct err e = ERR_INIT;
	struct key k;
	bool changed;

	snprintf(path, sizeof(path), "%s/%s.pub", stick_home()->dir, name);
	T_CALL(key_trust(keys, purpose, path, false, &k, &changed, &e), &e);
	if (revoke)
		T_CALL(key_revoke(keys, purpose, path, false, &k, &changed, &e),
		    &e);
}

/* The ids of what far has: other updates than the row's, the same payload. */
static void
rename_updates(struct stick *s)
{
	for (size_t i = 0; i < 64; i++)
		if (!stick_swap(&s->index, "\"0d000000", "\"0e000000"))
			break;
	for (size_t i = 0; i < 64; i++)
		if (!stick_swap(&s->meta, "0d000000-0", "0e000000-0"))
			break;
	(void)stick_swap(
	    &stick_find(s, STICK_STATE)->bytes, "0d000000", "0e000000");
	stick_pack(s);
}

static void
bring(unsigned sequence)
{
	const struct stick_home *base = stick_home();
	struct err e = ERR_INIT;
	char text[32], path[HOSTILE_PATH];
	struct digest d;
	struct stick s;

	stick_make(&s, &base->key);
	rename_updates(&s);
	snprintf(text, sizeof(text), "%u", sequence);
	stick_label(&s, "Wsusferry-Sequence", text);
	snprintf(text, sizeof(text), "north-%06u", sequence);
	stick_label(&s, "Wsusferry-Transfer", text);
	stick_seal(&s);
	snprintf(path, sizeof(path), "%s/was", base->dir);
	stick_write(&s, path);
	T_EQ(stick_import_into(path, home.far, base->pub, false), 10);
	(void)stick_said();
	T_CALL(digest_mem(DIGEST_SHA256, stick_find(&s, STICK_TAGS)->bytes.p,
		   stick_find(&s, STICK_TAGS)->bytes.len, &d, &e),
	    &e);
	hex_lower(home.tag[sequence], d.sha256, SHA256_LEN);
	T_CALL(path_remove(AT_FDCWD, path, &e), &e);
	stick_free(&s);
}

/* Of both stores the same. */
static void
trust_all(const char *store)
{
	int keys = keys_of(store);

	trust(keys, KEYS_TRANSFERS, "one", false);
	trust(keys, KEYS_RECEIPTS, "receipts", false);
	trust(keys, KEYS_RECEIPTS, "second", false);
	trust(keys, KEYS_TRANSFERS, "revoked", true);
	T_EQ(close(keys), 0);
}

/* What the stores were. */
static struct kept {
	char *p; /* owned */
	size_t n;
} far, near;

/* Logs; and memory that readers of a database share. */
static bool
is_apart(const char *name)
{
	size_t n = strlen(name);

	return (n > 4 && strcmp(name + n - 4, ".log") == 0) ||
	    strcmp(name, "store.db-shm") == 0;
}

static const char *
saved(const char *store)
{
	static char path[HOSTILE_PATH + 16];

	snprintf(path, sizeof(path), "%s.saved", store);
	return path;
}

static void
keep(const char *store, struct kept *k)
{
	disk_copy(store, saved(store));
	k->p = disk_bytes(store, is_apart, &k->n);
}

const struct hostile_home *
hostile_home(void)
{
	const char *dir = stick_home()->dir;

	if (home.far[0] != '\0')
		return &home;
	snprintf(home.far, sizeof(home.far), "%s/far", dir);
	snprintf(home.near, sizeof(home.near), "%s/near", dir);
	snprintf(home.fresh, sizeof(home.fresh), "%s/fresh", dir);
	stick_new_key("receipts", &home.receipts);
	stick_new_key("second", &home.second);
	stick_new_key("revoked", &home.revoked);
	stick_new_key("stranger", &home.stranger);
	bring(3);
	bring(5);
	trust_all(home.far);
	hostile_near_make(home.near, &home.receipts);
	trust_all(home.near);
	keep(home.far, &far);
	keep(home.near, &near);
	return &home;
}

static void
restore(const char *store)
{
	disk_remove(store);
	disk_copy(saved(store), store);
}

void
hostile_unchanged(const char *store)
{
	const struct kept *was = store == home.near ? &near : &far;
	char *now, *text, *old;
	size_t n;

	if (store == home.fresh) {
		T_OK(access(store, F_OK) == -1);
		return;
	}
	now = disk_bytes(store, is_apart, &n);
	if (n != was->n || memcmp(now, was->p, n) != 0) {
		text = disk_list(store);
		old = disk_list(saved(store));
		disk_same("the store", text, old);
		t_fail(__FILE__, __LINE__, "import changed the store");
		free(text);
		free(old);
		restore(home.far);
		restore(home.near);
	}
	free(now);
}
