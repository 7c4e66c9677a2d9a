/* SPDX-License-Identifier: ISC */
/* Signatures of a transfer, and what is looked at before and behind them. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/bag.h"
#include "lib/base/path_remove.h"
#include "tests/second.h"
#include "tests/stick.h"
#include "tests/stick_run.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define GOOD 10 /* the stick lacks a file that nobody has, and says so */
#define CHECK "data/WsusContent/anonymousCheckFile.txt"

/* A key that nobody trusts. */
static const struct sign_sec *
other(void)
{
	static struct sign_sec key;
	static bool made;

	if (!made)
		stick_new_key("two", &key);
	made = true;
	return &key;
}

static void
sign_as(struct stick *s, const struct sign_sec *by, const char *name)
{
	const struct buf *tags = &stick_find(s, STICK_TAGS)->bytes;
	struct buf sig = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(sign_make(by, tags->p, tags->len, "tests", &sig, &e), &e);
	stick_put(s, name, sig.p, sig.len);
	buf_free(&sig);
}

static void
signed_by(const char *what, int status, const char *says,
    void (*bend_it)(struct stick *s, const char *key_name, const char *other))
{
	const struct stick_home *home = stick_home();
	char one[80], two[80], id[2 * SIGN_ID_LEN + 1];
	struct stick s;

	stick_make(&s, &stick_home()->key);
	stick_seal(&s);
	sign_id_text(id, home->key.id);
	snprintf(one, sizeof(one), STICK_TAGS ".%s.minisig", id);
	sign_id_text(id, other()->id);
	snprintf(two, sizeof(two), STICK_TAGS ".%s.minisig", id);
	bend_it(&s, one, two);
	stick_both(&s, what, status, says);
	stick_free(&s);
}

static void
by_its_id(struct stick *s, const char *mine, const char *others)
{
	(void)others;
	stick_drop(s, STICK_SIGNATURE);
	sign_as(s, &stick_home()->key, mine);
}

static void
by_another_id(struct stick *s, const char *mine, const char *others)
{
	(void)mine;
	stick_drop(s, STICK_SIGNATURE);
	sign_as(s, &stick_home()->key, others);
}

static void
two_and_one_holds(struct stick *s, const char *mine, const char *others)
{
	(void)others;
	sign_as(s, other(), STICK_SIGNATURE);
	sign_as(s, &stick_home()->key, mine);
}

static void
by_a_stranger(struct stick *s, const char *mine, const char *others)
{
	(void)mine;
	(void)others;
	sign_as(s, other(), STICK_SIGNATURE);
}

static void
under_no_name(struct stick *s, const char *mine, const char *others)
{
	(void)mine;
	(void)others;
	stick_drop(s, STICK_SIGNATURE);
	sign_as(s, &stick_home()->key, STICK_TAGS ".north.minisig");
}

static void
unsigned_(struct stick *s, const char *mine, const char *others)
{
	(void)mine;
	(void)others;
	stick_drop(s, STICK_SIGNATURE);
}

static void
seventeen(struct stick *s, const char *mine, const char *others)
{
	char name[80];

	(void)mine;
	(void)others;
	for (unsigned i = 0; i < BAG_MAX_SIGNATURES; i++) {
		snprintf(name, sizeof(name), STICK_TAGS ".%016X.minisig", i);
		sign_as(s, other(), name);
	}
}

/* A signature that does not hold, before a tree that no reader would walk. */
static void
before_the_tree(struct stick *s, const char *mine, const char *others)
{
	(void)mine;
	(void)others;
	stick_put(s, "a/b/c/d/e/f/g/h/i/j/k", "x", 1)->undeclared = true;
	stick_put(s, STICK_TAGS, "x", 1);
}

static void
too_long(struct stick *s, const char *mine, const char *others)
{
	static char big[BAG_MAX_TAGMANIFEST + 1];

	(void)mine;
	(void)others;
	memset(big, 'a', sizeof(big));
	stick_put(s, STICK_TAGS, big, sizeof(big));
}

T_TEST(the_signature_is_looked_at_first)
{
	signed_by("KEYID", GOOD, NULL, by_its_id);
	signed_by("KEYID: of the key that signed", 8,
	    ", expected that of its name", by_another_id);
	signed_by("one that holds is enough", GOOD, NULL, two_and_one_holds);
	signed_by("none by a trusted key", 8, "trusted", by_a_stranger);
	signed_by("any other name is no signature", 8,
	    "unsigned: there is no " STICK_SIGNATURE, under_no_name);
	signed_by("no signature", 8, "unsigned", unsigned_);
	signed_by("at most 16", 8, "more than 16 signatures", seventeen);
	signed_by("before any other name", 8, STICK_SIGNATURE, before_the_tree);
	signed_by("tag manifest: at most", 8, "65536", too_long);
}

T_TEST(links_and_folders_are_no_files)
{
	static const char *const names[] = {
	    "data/inventory.csv", STICK_SIGNATURE, CHECK};
	static const char *const says[] = {
	    "data/inventory.csv: not a regular file", STICK_SIGNATURE,
	    CHECK ": not a regular file"};
	static const int status[] = {3, 8, 3};
	const struct stick_home *h = stick_home();
	char name[600], target[600];

	for (size_t i = 0; i < 3; i++) {
		struct err e = ERR_INIT;
		struct stick s;

		stick_make(&s, &stick_home()->key);
		stick_seal(&s);
		stick_write(&s, h->path);
		snprintf(name, sizeof(name), "%s/%s", h->path, names[i]);
		snprintf(target, sizeof(target), "%s/moved", h->dir);
		T_EQ(rename(name, target), 0);
		T_EQ(symlink(target, name), 0);
		T_EQ(stick_verify(h->path, h->pub), status[i]);
		second_agrees(h->path, h->pub, status[i], "");
		T_OK(strstr(stick_said(), says[i]) != NULL);
		T_EQ(stick_import(h->path, h->pub), status[i]);
		T_OK(strstr(stick_said(), says[i]) != NULL);
		T_EQ(unlink(target), 0);
		T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
		stick_free(&s);
	}
}

T_TEST(a_folder_that_no_name_implies_is_refused)
{
	const struct stick_home *h = stick_home();
	char name[600];
	struct err e = ERR_INIT;
	struct stick s;

	stick_make(&s, &stick_home()->key);
	stick_seal(&s);
	stick_write(&s, h->path);
	snprintf(name, sizeof(name), "%s/data/empty", h->path);
	T_EQ(mkdir(name, 0755), 0);
	T_EQ(stick_verify(h->path, h->pub), 3);
	second_agrees(h->path, h->pub, 3, "");
	T_OK(strstr(stick_said(), "data/empty: a folder that no manifest") !=
	    NULL);
	T_EQ(stick_import(h->path, h->pub), 3);
	(void)stick_said();
	T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
	stick_free(&s);
}

T_MAIN
