/* SPDX-License-Identifier: ISC */
#include "lib/transfer/keyring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/secret.h"
#include "tests/t.h"

/* A store with keys/ and keys/revoked/, and a folder beside it. */
struct place {
	char dir[300];
	int at, store;
	struct err e;
	struct keyring ring;
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
	keyring_free(&p->ring);
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
load_for(struct place *p, enum key_for purpose, const char *name, int store)
{
	char path[600];

	keyring_free(&p->ring);
	snprintf(path, sizeof(path), "%s/%s", p->dir, name ? name : "");
	return keyring_load(
	    &p->ring, purpose, name ? path : NULL, store, &p->e);
}

static int
load(struct place *p, const char *name, int store)
{
	return load_for(p, KEYS_TRANSFERS, name, store);
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
	T_EQ(p.ring.n, 0);
	T_CALL(load(&p, NULL, p.store), &p.e);
	T_EQ(p.ring.n, 0);
	T_CALL(load(&p, NULL, p.at), &p.e);
	T_EQ(p.ring.n, 0);
	T_CALL(load(&p, "folder", p.store), &p.e);
	T_EQ(p.ring.n, 0);
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
	T_EQ(p.ring.n, 2);
	T_MEM(&p.ring.v[0], &a, sizeof(a));
	T_MEM(&p.ring.v[1], &b, sizeof(b));
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
	T_EQ(p.ring.n, 1);
	T_MEM(&p.ring.v[0], &a, sizeof(a));
	T_CALL(load(&p, "one", p.store), &p.e);
	T_EQ(p.ring.n, 1);
	T_MEM(&p.ring.v[0], &b, sizeof(b));
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
	T_EQ(p.ring.n, 1);
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
	T_OK(p.ring.n == 0);
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
	T_EQ(p.ring.n, 1);
	T_MEM(&p.ring.v[0], &a, sizeof(a));
	T_CALL(load(&p, "store/keys", -1), &p.e);
	T_EQ(p.ring.n, 1);
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
	T_EQ(p.ring.n, KEYS_MAX);
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
	T_FAILS(keyring_read_sec("/dev/zero", &sec, &p.e), &p.e, E_USAGE,
	    "neither a file nor a folder");
	put_key(&p, "k.pub", NULL);
	snprintf(path, sizeof(path), "%s/k.pub", p.dir);
	T_FAILS(keyring_read_sec(path, &sec, &p.e), &p.e, E_FORMAT,
	    "this is a public key");
	snprintf(path, sizeof(path), "%s/folder", p.dir);
	T_FAILS(keyring_read_pub(path, &pub, &p.e), &p.e, E_USAGE,
	    "found a folder");
	done(&p);
}

/* The store has revoked k.pub at 2026-11-29; one.pub is the same key. */
static struct sign_sec
revoke_one(struct place *p)
{
	struct timespec at[2] = {
	    {.tv_sec = 1795910400}, {.tv_sec = 1795910400}};
	struct sign_sec sec;
	struct sign_pub pub;

	T_CALL(sign_new(&sec, &pub, &p->e), &p->e);
	put_key(p, "store/keys/revoked/k.pub", &pub);
	put_key(p, "one.pub", &pub);
	put_key(p, "folder/one.pub", &pub);
	T_EQ(utimensat(p->store, "keys/revoked/k.pub", at, 0), 0);
	return sec;
}

static int
check_signed(struct place *p, const struct sign_sec *by, const char *msg)
{
	char id[2 * SIGN_ID_LEN + 1], comment[SIGN_MAX_COMMENT + 1];
	struct buf sig = BUF_INIT;
	int r;

	T_CALL(sign_make(by, "text", 4, "c", &sig, &p->e), &p->e);
	r = keyring_check(
	    &p->ring, msg, 4, (const char *)sig.p, sig.len, id, comment, &p->e);
	buf_free(&sig);
	return r;
}

T_TEST(a_key_that_the_store_revoked_is_told_wherever_it_comes_from)
{
	char id[2 * SIGN_ID_LEN + 1], text[100];
	struct sign_sec sec, other;
	struct sign_pub pub;
	struct place p;

	make(&p);
	sec = revoke_one(&p);
	sign_id_text(id, sec.id);
	snprintf(
	    text, sizeof(text), "key %s was revoked here on 2026-11-29", id);
	T_FAILS(load(&p, "one.pub", p.store), &p.e, E_SIG, text);
	T_CALL(load(&p, "one.pub", -1), &p.e);
	T_EQ(p.ring.n, 1);
	T_CALL(check_signed(&p, &sec, "text"), &p.e);
	T_CALL(load(&p, "folder", p.store), &p.e);
	T_EQ(p.ring.n, 0);
	T_FAILS(check_signed(&p, &sec, "text"), &p.e, E_SIG, text);
	/* Only what it signed, and only while it is whole. */
	T_FAILS(check_signed(&p, &sec, "fake"), &p.e, E_SIG,
	    "not by a trusted key");
	T_CALL(sign_new(&other, &pub, &p.e), &p.e);
	T_FAILS(check_signed(&p, &other, "text"), &p.e, E_SIG,
	    "not by a trusted key");
	put_key(&p, "store/keys/other.pub", &pub);
	T_CALL(load(&p, NULL, p.store), &p.e);
	T_EQ(p.ring.n, 1);
	T_CALL(check_signed(&p, &other, "text"), &p.e);
	T_FAILS(check_signed(&p, &sec, "text"), &p.e, E_SIG, text);
	done(&p);
}

/* In store/keys: t.pub for transfers, r.pub for receipts. */
static void
make_purposes(struct place *p, struct sign_sec *t, struct sign_sec *r)
{
	struct sign_pub pub;

	make(p);
	T_EQ(mkdirat(p->at, "store/keys/receipts", 0755), 0);
	T_CALL(sign_new(t, &pub, &p->e), &p->e);
	put_key(p, "store/keys/t.pub", &pub);
	T_CALL(sign_new(r, &pub, &p->e), &p->e);
	put_key(p, "store/keys/receipts/r.pub", &pub);
}

static int
check_bytes(struct place *p, const struct sign_sec *by, const char *signs,
    struct sign_pub *who)
{
	uint8_t sig[SIGN_BYTES_LEN];

	T_CALL(sign_bytes(by, signs, strlen(signs), sig, &p->e), &p->e);
	return keyring_check_bytes(
	    &p->ring, "of bytes", 8, by->id, sig, who, &p->e);
}

T_TEST(a_key_is_trusted_for_its_purpose_alone)
{
	struct sign_sec t, r, other;
	struct sign_pub who;
	struct place p;

	make_purposes(&p, &t, &r);
	T_CALL(load_for(&p, KEYS_RECEIPTS, NULL, p.store), &p.e);
	T_EQ(p.ring.n, 1);
	T_CALL(check_bytes(&p, &r, "of bytes", &who), &p.e);
	T_MEM(who.id, r.id, sizeof(who.id));
	T_FAILS(check_bytes(&p, &r, "of other", &who), &p.e, E_SIG,
	    "what was signed has changed");
	T_FAILS(check_bytes(&p, &t, "of bytes", &who), &p.e, E_SIG,
	    "trusted here, but for transfers, not for receipts");
	T_CALL(sign_new(&other, &who, &p.e), &p.e);
	T_FAILS(check_bytes(&p, &other, "of bytes", &who), &p.e, E_SIG,
	    "not by a trusted key");
	/* Also where none is trusted for it. */
	T_EQ(unlinkat(p.at, "store/keys/receipts/r.pub", 0), 0);
	T_CALL(load_for(&p, KEYS_RECEIPTS, NULL, p.store), &p.e);
	T_FAILS(check_bytes(&p, &t, "of bytes", &who), &p.e, E_SIG,
	    "trusted here, but for transfers, not for receipts");
	sign_sec_pub(&r, &who);
	put_key(&p, "store/keys/receipts/r.pub", &who);
	T_CALL(load(&p, NULL, p.store), &p.e);
	T_EQ(p.ring.n, 1);
	T_CALL(check_signed(&p, &t, "text"), &p.e);
	T_FAILS(check_signed(&p, &r, "text"), &p.e, E_SIG,
	    "trusted here, but for receipts, not for transfers");
	/* A folder that is named has the same form; one key is for anything. */
	T_CALL(load_for(&p, KEYS_RECEIPTS, "store/keys", -1), &p.e);
	T_EQ(p.ring.n, 1);
	T_CALL(check_bytes(&p, &r, "of bytes", &who), &p.e);
	T_CALL(load_for(&p, KEYS_RECEIPTS, "store/keys/t.pub", -1), &p.e);
	T_CALL(check_bytes(&p, &t, "of bytes", &who), &p.e);
	done(&p);
}

T_TEST(a_key_that_is_revoked_is_trusted_for_nothing)
{
	struct sign_sec t, r;
	struct sign_pub who;
	struct place p;

	make_purposes(&p, &t, &r);
	sign_sec_pub(&r, &who);
	put_key(&p, "store/keys/revoked/r.pub", &who);
	put_key(&p, "store/keys/r.pub", &who);
	T_CALL(load_for(&p, KEYS_RECEIPTS, NULL, p.store), &p.e);
	T_EQ(p.ring.n, 0);
	T_FAILS(check_bytes(&p, &r, "of bytes", &who), &p.e, E_SIG,
	    "was revoked here on");
	T_CALL(load(&p, NULL, p.store), &p.e);
	T_EQ(p.ring.n, 1);
	T_FAILS(
	    check_signed(&p, &r, "text"), &p.e, E_SIG, "was revoked here on");
	put(&p, "store/keys/receipts/junk.pub", "junk\n", 5);
	T_FAILS(load_for(&p, KEYS_RECEIPTS, NULL, p.store), &p.e, E_FORMAT,
	    "keys: receipts: junk.pub");
	done(&p);
}

T_TEST(a_folder_that_is_named_needs_nothing_of_the_stores_keys)
{
	struct place p;

	make(&p);
	put_key(&p, "one.pub", NULL);
	put(&p, "store/keys/junk.pub", "junk\n", 5);
	T_CALL(load(&p, "one.pub", p.store), &p.e);
	T_EQ(p.ring.n, 1);
	put(&p, "store/keys/revoked/junk.pub", "junk\n", 5);
	T_FAILS(load(&p, "one.pub", p.store), &p.e, E_FORMAT,
	    "keys: revoked: junk.pub");
	done(&p);
}

T_TEST(a_secret_key_that_others_may_read_is_refused)
{
	static const struct {
		mode_t mode;
		bool mine, good;
	} rows[] = {{0600, true, true}, {0400, true, true}, {0700, true, true},
	    {0640, true, false}, {0620, true, false}, {0604, true, false},
	    {0644, true, false}, {0640, false, true}, {0644, false, false},
	    {0604, false, false}};
	struct stat st = {.st_size = 0};
	struct buf b = BUF_INIT;
	struct sign_pub pub;
	struct sign_sec sec;
	char path[600];
	struct place p;

	make(&p);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		st.st_mode = S_IFREG | rows[i].mode;
		st.st_uid = geteuid() + !rows[i].mine;
		T_EQ(secret_check(&st, &p.e) == 0, rows[i].good);
		err_clear(&p.e);
	}
	T_CALL(sign_new(&sec, &pub, &p.e), &p.e);
	T_CALL(sign_sec_write(&sec, &b, &p.e), &p.e);
	put(&p, "s.key", b.p, b.len);
	snprintf(path, sizeof(path), "%s/s.key", p.dir);
	T_FAILS(keyring_read_sec(path, &sec, &p.e), &p.e, E_USAGE,
	    "mode 0644, expected 0600: others may read");
	T_EQ(chmod(path, 0600), 0);
	T_CALL(keyring_read_sec(path, &sec, &p.e), &p.e);
	T_MEM(sec.id, pub.id, sizeof(pub.id));
	buf_free(&b);
	done(&p);
}

T_MAIN
