/* SPDX-License-Identifier: ISC */
#include "lib/transfer/keyring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "tests/t.h"

/* A store with keys/ and keys/revoked/, and a folder beside it. */
struct place {
	char dir[300];
	int at, store;
	struct err e;
	struct sign_pub *keys;
	size_t n;
};

static void
make(struct place *p)
{
	memset(p, 0, sizeof(*p));
	p->e = (struct err)ERR_INIT;
	snprintf(p->dir, sizeof(p->dir), "%s", t_tmpdir());
	p->at = open(p->dir, O_RDONLY | O_DIRECTORY);
	if (mkdirat(p->at, "store", 0755) == -1 ||
	    mkdirat(p->at, "store/keys", 0755) == -1 ||
	    mkdirat(p->at, "store/keys/revoked", 0755) == -1 ||
	    mkdirat(p->at, "folder", 0755) == -1)
		abort();
	p->store = openat(p->at, "store", O_RDONLY | O_DIRECTORY);
}

static void
done(struct place *p)
{
	free(p->keys);
	close(p->store);
	close(p->at);
}

static void
put(struct place *p, const char *name, const void *text, size_t len)
{
	int fd = openat(p->at, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd == -1 || write(fd, text, len) != (ssize_t)len || close(fd) == -1)
		abort();
}

static struct sign_pub
put_key(struct place *p, const char *name, const struct sign_pub *key)
{
	struct buf b = BUF_INIT;
	struct sign_pub pub;
	struct sign_sec sec;

	if (key != NULL)
		pub = *key;
	else
		T_CALL(sign_new(&sec, &pub, &p->e), &p->e);
	T_CALL(sign_pub_write(&pub, &b, &p->e), &p->e);
	put(p, name, b.p, b.len);
	buf_free(&b);
	return pub;
}

static int
load(struct place *p, const char *name, int store)
{
	char path[600];

	free(p->keys);
	snprintf(path, sizeof(path), "%s/%s", p->dir, name ? name : "");
	return keys_load(name ? path : NULL, store, &p->keys, &p->n, &p->e);
}

/* What the system trusts would be mixed in. */
static bool
system_has_keys(void)
{
	if (access(KEYS_ETC, F_OK) == -1)
		return false;
	t_skip("this system has keys of its own");
	return true;
}

T_TEST(no_key_is_no_error)
{
	struct place p;

	if (system_has_keys())
		return;
	make(&p);
	T_CALL(load(&p, NULL, -1), &p.e);
	T_EQ(p.n, 0);
	T_CALL(load(&p, NULL, p.store), &p.e);
	T_EQ(p.n, 0);
	T_CALL(load(&p, NULL, p.at), &p.e);
	T_EQ(p.n, 0);
	T_CALL(load(&p, "folder", p.store), &p.e);
	T_EQ(p.n, 0);
	done(&p);
}

T_TEST(the_stores_keys_are_trusted_in_the_order_of_their_names)
{
	struct sign_pub a, b;
	struct place p;

	make(&p);
	b = put_key(&p, "store/keys/b.pub", NULL);
	a = put_key(&p, "store/keys/a.pub", NULL);
	put(&p, "store/keys/README", "x", 1);
	put(&p, "store/keys/.hidden.pub", "x", 1);
	put(&p, "store/keys/.pub", "x", 1);
	T_CALL(load(&p, NULL, p.store), &p.e);
	T_EQ(p.n, 2);
	T_MEM(&p.keys[0], &a, sizeof(a));
	T_MEM(&p.keys[1], &b, sizeof(b));
	done(&p);
}

T_TEST(a_file_or_folder_that_is_named_replaces_the_stores)
{
	struct sign_pub a, b;
	struct place p;

	make(&p);
	put_key(&p, "store/keys/own.pub", NULL);
	a = put_key(&p, "folder/a.pub", NULL);
	b = put_key(&p, "one", NULL);
	T_CALL(load(&p, "folder", p.store), &p.e);
	T_EQ(p.n, 1);
	T_MEM(&p.keys[0], &a, sizeof(a));
	T_CALL(load(&p, "one", p.store), &p.e);
	T_EQ(p.n, 1);
	T_MEM(&p.keys[0], &b, sizeof(b));
	done(&p);
}

T_TEST(a_link_that_is_named_is_followed_one_in_a_folder_is_not)
{
	struct place p;

	make(&p);
	put_key(&p, "one", NULL);
	T_EQ(symlinkat("one", p.at, "link"), 0);
	T_EQ(symlinkat("../one", p.at, "folder/link.pub"), 0);
	T_CALL(load(&p, "link", -1), &p.e);
	T_EQ(p.n, 1);
	T_FAILS(load(&p, "folder", -1), &p.e, E_FORMAT, "link.pub");
	done(&p);
}

T_TEST(what_is_not_there_or_no_key_is_an_error_with_its_name)
{
	struct place p;

	make(&p);
	put(&p, "junk", "junk\n", 5);
	put(&p, "store/keys/junk.pub", "junk\n", 5);
	T_FAILS(load(&p, "none", p.store), &p.e, E_USAGE, "/none: no such");
	T_FAILS(load(&p, "junk", p.store), &p.e, E_FORMAT,
	    "/junk: no public key: expected two lines");
	T_FAILS(load(&p, NULL, p.store), &p.e, E_FORMAT, "keys: junk.pub: ");
	T_OK(p.keys == NULL && p.n == 0);
	T_EQ(mkfifoat(p.at, "fifo", 0644), 0);
	T_FAILS(load(&p, "fifo", p.store), &p.e, E_USAGE, "neither");
	done(&p);
}

T_TEST(a_revoked_key_is_not_trusted_under_any_name)
{
	struct sign_pub a, b, same_id, same_key;
	struct place p;

	make(&p);
	a = put_key(&p, "store/keys/a.pub", NULL);
	b = put_key(&p, "store/keys/b.pub", NULL);
	put_key(&p, "store/keys/copy.pub", &b);
	same_id = a;
	memcpy(same_id.id, b.id, sizeof(same_id.id));
	put_key(&p, "store/keys/same-id.pub", &same_id);
	same_key = b;
	memset(same_key.id, 7, sizeof(same_key.id));
	put_key(&p, "store/keys/same-key.pub", &same_key);
	put_key(&p, "store/keys/revoked/other-name.pub", &b);
	T_CALL(load(&p, NULL, p.store), &p.e);
	T_EQ(p.n, 1);
	T_MEM(&p.keys[0], &a, sizeof(a));
	T_CALL(load(&p, "store/keys", -1), &p.e);
	T_EQ(p.n, 1);
	done(&p);
}

T_TEST(a_damaged_revoked_key_is_an_error_not_forgotten)
{
	struct place p;

	make(&p);
	put_key(&p, "store/keys/a.pub", NULL);
	put(&p, "store/keys/revoked/b.pub", "x", 1);
	T_FAILS(
	    load(&p, NULL, p.store), &p.e, E_FORMAT, "keys: revoked: b.pub: ");
	done(&p);
}

T_TEST(a_folder_holds_at_most_256_keys)
{
	struct place p;
	char name[64];
	int i;

	make(&p);
	for (i = 0; i < KEYS_MAX; i++) {
		snprintf(name, sizeof(name), "folder/%d.pub", i);
		put_key(&p, name, NULL);
	}
	T_CALL(load(&p, "folder", -1), &p.e);
	T_EQ(p.n, KEYS_MAX);
	put_key(&p, "folder/more.pub", NULL);
	T_FAILS(load(&p, "folder", -1), &p.e, E_LIMIT, "more than 256");
	done(&p);
}

T_TEST(a_key_file_of_any_size_is_read_up_to_its_limit_only)
{
	static char big[SIGN_MAX_TEXT + 2];
	struct sign_pub pub;
	struct sign_sec sec;
	char path[600];
	struct place p;

	make(&p);
	memset(big, '\n', sizeof(big));
	put(&p, "folder/big.pub", big, sizeof(big));
	put(&p, "big", big, sizeof(big));
	T_FAILS(load(&p, "folder", -1), &p.e, E_LIMIT, "at most 4096");
	T_FAILS(load(&p, "big", -1), &p.e, E_FORMAT, "at most 4096");
	T_FAILS(keys_read_sec("/dev/zero", &sec, &p.e), &p.e, E_USAGE,
	    "neither a file nor a folder");
	put_key(&p, "k.pub", NULL);
	snprintf(path, sizeof(path), "%s/k.pub", p.dir);
	T_FAILS(keys_read_sec(path, &sec, &p.e), &p.e, E_FORMAT,
	    "this is a public key");
	snprintf(path, sizeof(path), "%s/folder", p.dir);
	T_FAILS(
	    keys_read_pub(path, &pub, &p.e), &p.e, E_USAGE, "found a folder");
	done(&p);
}

T_MAIN
