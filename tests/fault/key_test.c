/* SPDX-License-Identifier: ISC */
/* Every call of making, trusting and revoking a key fails, or is the last. */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/key/key.h"
#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/nameless.h"

/* What one run begins with. */
struct job {
	int (*run)(void *arg);
	enum key_for purpose;
	bool named; /* the file system has no files without a name */
	char dir[300], key[320], pub[320], store[320];
};

static struct job job = {.purpose = KEYS_TRANSFERS};

/* In the child, or in the parent, where nothing fails. */
static void
choose_file_system(const struct job *j)
{
	if (j->named)
		nameless_refuse();
}

static int
run_new(void *arg)
{
	struct job *j = arg;
	struct err e = ERR_INIT;
	struct sign_pub p;
	bool old;

	choose_file_system(j);
	return key_new(j->key, false, &p, &old, &e) == -1 ? err_status(e.kind)
							  : 0;
}

static int
with_folder(struct job *j, bool trust)
{
	struct err e = ERR_INIT;
	bool changed;
	struct key k;
	int dirfd, r;

	choose_file_system(j);
	if (key_open(NULL, j->store, trust, &dirfd, &e) == -1)
		return err_status(e.kind);
	if (trust)
		r = key_trust(
		    dirfd, j->purpose, j->pub, false, &k, &changed, &e);
	else
		r = key_revoke(
		    dirfd, KEYS_ALL, j->pub, false, &k, &changed, &e);
	if (dirfd != -1)
		close(dirfd);
	return r == -1 ? err_status(e.kind) : 0;
}

static int
run_trust(void *arg)
{
	return with_folder(arg, true);
}

static int
run_revoke(void *arg)
{
	return with_folder(arg, false);
}

static void
setup(void *arg)
{
	struct job *j = arg;
	char db[340];
	int fd;

	snprintf(j->dir, sizeof(j->dir), "%s", t_tmpdir());
	snprintf(j->key, sizeof(j->key), "%s/a.key", j->dir);
	snprintf(j->pub, sizeof(j->pub), "%s/a.pub", j->dir);
	snprintf(j->store, sizeof(j->store), "%s/store", j->dir);
	snprintf(db, sizeof(db), "%s/store.db", j->store);
	T_EQ(mkdir(j->store, 0755), 0);
	fd = open(db, O_WRONLY | O_CREAT, 0644);
	T_OK(fd != -1 && close(fd) == 0);
	if (j->run != run_new)
		T_EQ(run_new(j), 0);
	if (j->run == run_revoke)
		T_EQ(run_trust(j), 0);
}

/* How many keys the store trusts, and how many of its keys are revoked. */
static void
count(struct job *j, size_t *trusted, size_t *revoked)
{
	struct key_list l = KEY_LIST_INIT;
	struct err e = ERR_INIT;
	size_t i;
	int dirfd;

	*trusted = *revoked = 0;
	T_CALL(key_open(NULL, j->store, false, &dirfd, &e), &e);
	T_CALL(keyring_list(dirfd, &l, &e), &e);
	for (i = 0; i < l.n; i++)
		(*(l.v[i].revoked ? revoked : trusted))++;
	keyring_list_free(&l);
	if (dirfd != -1)
		close(dirfd);
}

/* Names that are there, blanks between; folder NULL: where the pair is made. */
static void
names_are(const struct job *j, const char *folder, const char *want)
{
	char path[340], *text;

	snprintf(path, sizeof(path), "%s%s%s", folder ? j->store : j->dir,
	    folder ? "/" : "", folder ? folder : "");
	text = disk_names(path);
	T_STR(text, want);
	free(text);
}

/* A whole pair, a secret key alone, or nothing; again is a whole pair. */
static void
check_new(void *arg, const struct fault_seen *s)
{
	struct job *j = arg;
	struct err e = ERR_INIT;
	struct sign_sec sec;
	struct sign_pub pub;
	bool key, half;

	key = access(j->key, F_OK) == 0;
	half = access(j->pub, F_OK) == -1;
	T_OK(key || half);
	T_OK(s->status != 0 || (key && !half));
	/* What has no name cannot be left behind. */
	if (!j->named)
		names_are(j, NULL,
		    !key       ? "store "
			: half ? "a.key store "
			       : "a.key a.pub store ");
	if (key)
		T_CALL(keyring_read_sec(j->key, &sec, &e), &e);
	if (half)
		T_EQ(run_new(j), 0);
	else
		T_EQ(run_new(j), 2);
	T_CALL(keyring_read_pub(j->pub, &pub, &e), &e);
	if (key)
		T_MEM(sec.id, pub.id, sizeof(pub.id));
	names_are(j, NULL, "a.key a.pub store ");
}

static void
check_trust(void *arg, const struct fault_seen *s)
{
	size_t trusted, revoked;

	count(arg, &trusted, &revoked);
	T_OK(trusted == 1 || s->status != 0);
	T_EQ(run_trust(arg), 0);
	count(arg, &trusted, &revoked);
	T_EQ(trusted, 1);
	T_EQ(revoked, 0);
	names_are(arg,
	    ((struct job *)arg)->purpose == KEYS_RECEIPTS ? "keys/receipts"
							  : "keys",
	    "a.pub ");
}

static void
check_revoke(void *arg, const struct fault_seen *s)
{
	size_t trusted, revoked;

	count(arg, &trusted, &revoked);
	T_EQ(trusted + revoked, 1);
	T_OK(revoked == 1 || s->status != 0);
	T_EQ(run_revoke(arg), 0);
	count(arg, &trusted, &revoked);
	T_EQ(trusted, 0);
	T_EQ(revoked, 1);
}

static void
loops(bool named, int (*run)(void *),
    void (*check)(void *, const struct fault_seen *))
{
	const struct fault_case c = {
	    .setup = setup, .run = run, .check = check, .arg = &job};

	job.run = run;
	job.named = named;
	T_OK(fault_loop(fault_fail_at(1, EIO, false), &c) > 3);
	T_OK(fault_loop(fault_fail_at(1, ENOSPC, true), &c) > 3);
	T_OK(fault_loop(fault_kill_at(1), &c) > 3);
	T_OK(fault_loop(fault_short_at(1), &c) > 3);
	os = os_real;
}

T_TEST(a_new_key_is_whole_or_can_be_completed)
{
	loops(false, run_new, check_new);
}

T_TEST(a_key_is_trusted_or_not_and_can_be_trusted_again)
{
	loops(false, run_trust, check_trust);
}

T_TEST(the_same_where_every_file_has_a_name)
{
	loops(true, run_new, check_new);
	loops(true, run_trust, check_trust);
}

T_TEST(a_key_is_revoked_or_not_and_never_lost)
{
	loops(false, run_revoke, check_revoke);
}

T_TEST(the_same_of_a_key_for_receipts)
{
	job.purpose = KEYS_RECEIPTS;
	loops(false, run_trust, check_trust);
	loops(false, run_revoke, check_revoke);
	job.purpose = KEYS_TRANSFERS;
}

T_MAIN
