/* SPDX-License-Identifier: ISC */
/*
 * A device that fails: every call that looks, opens or reads, and every
 * statement of a database, gives EIO once, in turn.  Then a program says so (4,
 * with the device's words), or it did what it ought to have done all the same;
 * never that something is bad, or not there.
 */
#include "tests/t.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/store/store.h"
#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/fault/house.h"
#include "tests/fault/job.h"
#include "tests/fault/peer.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

/*
 * This program's own names for what the C library has: ours, SQLite's and the
 * libraries' calls come here first.  Each name stands for one call, whatever
 * size its offsets have.
 */
static bool armed;

static bool
fails(const char *call)
{
	return armed && fault_next(call, FAULT_PLAIN) == FAULT_REFUSE;
}

static void
find(const char *name, void *next, size_t n)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		abort();
	memcpy(next, &p, n);
}

/* TYPE NAME(PARAMETERS): fails with BAD, else calls on with ARGUMENTS. */
#define WRAP(type, bad, name, params, args)                                    \
	type call_##name params __asm__(#name);                                \
	type call_##name params                                                \
	{                                                                      \
		static type(*next) params;                                     \
		if (next == NULL)                                              \
			find(#name, &next, sizeof(next));                      \
		return fails(#name) ? (bad) : next args;                       \
	}

WRAP(ssize_t, -1, read, (int fd, void *p, size_t n), (fd, p, n))
WRAP(ssize_t, -1, __read_chk, (int fd, void *p, size_t n, size_t room),
    (fd, p, n, room))
WRAP(ssize_t, -1, pread64, (int fd, void *p, size_t n, off_t off),
    (fd, p, n, off))
WRAP(ssize_t, -1, __pread64_chk,
    (int fd, void *p, size_t n, off_t off, size_t room), (fd, p, n, off, room))
WRAP(off_t, -1, lseek64, (int fd, off_t off, int whence), (fd, off, whence))
WRAP(int, -1, stat64, (const char *path, struct stat *st), (path, st))
WRAP(int, -1, lstat64, (const char *path, struct stat *st), (path, st))
WRAP(int, -1, fstat64, (int fd, struct stat *st), (fd, st))
WRAP(int, -1, fstatat64, (int at, const char *path, struct stat *st, int flags),
    (at, path, st, flags))
WRAP(int, -1, access, (const char *path, int how), (path, how))
WRAP(int, -1, faccessat, (int at, const char *path, int how, int flags),
    (at, path, how, flags))
WRAP(DIR *, NULL, fdopendir, (int fd), (fd))
WRAP(struct dirent *, NULL, readdir64, (DIR * d), (d))
WRAP(int, -1, open64, (const char *path, int flags, mode_t mode),
    (path, flags, mode))
WRAP(int, -1, openat64, (int at, const char *path, int flags, mode_t mode),
    (at, path, flags, mode))
WRAP(int, -1, __open64_2, (const char *path, int flags), (path, flags))
WRAP(int, -1, __openat64_2, (int at, const char *path, int flags),
    (at, path, flags))
WRAP(long, -1, syscall,
    (long nr, long a, long b, long c, long d, long e, long f),
    (nr, a, b, c, d, e, f))

/* By the program itself: a library that calls its own has its own rules. */
static bool
own(const void *from)
{
	extern char __executable_start, etext;

	return (const char *)from >= &__executable_start &&
	    (const char *)from < &etext;
}

/*
 * A statement that begins fails too, as if SQLite had not had in memory what it
 * asks for; but one that asks for nothing.
 */
static bool
sql_fails(const char *call, const void *from, const char *sql)
{
	return sql != NULL && strcmp(sql, "ROLLBACK") != 0 && own(from) &&
	    fails(call);
}

/* sql NULL: nothing begins. */
#define WRAP_SQL(name, sql, params, args)                                      \
	int call_##name params __asm__(#name);                                 \
	int call_##name params                                                 \
	{                                                                      \
		static int(*next) params;                                      \
		if (next == NULL)                                              \
			find(#name, &next, sizeof(next));                      \
		return sql_fails(#name, __builtin_return_address(0), sql)      \
		    ? SQLITE_IOERR                                             \
		    : next args;                                               \
	}

WRAP_SQL(sqlite3_prepare_v3, text,
    (sqlite3 * db, const char *text, int n, unsigned flags, sqlite3_stmt **st,
	const char **end),
    (db, text, n, flags, st, end))
WRAP_SQL(sqlite3_step, sqlite3_stmt_busy(st) ? NULL : sqlite3_sql(st),
    (sqlite3_stmt * st), (st))
WRAP_SQL(sqlite3_exec, text,
    (sqlite3 * db, const char *text, int (*each)(void *, int, char **, char **),
	void *arg, char **msg),
    (db, text, each, arg, msg))

#define PART "staging/013F2FCA23950E77928839DBC7C06767118D9F2A.part"

static void
put(const struct job *j, const char *name)
{
	char path[2 * HOUSE_PATH];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", j->at, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	T_OK(fd != -1 && close(fd) == 0);
}

static bool
has(const struct job *j, const char *name)
{
	char path[2 * HOUSE_PATH];

	snprintf(path, sizeof(path), "%s/%s", j->at, name);
	return access(path, F_OK) == 0;
}

static void
setup(void *arg)
{
	struct job *j = arg;

	house_forget();
	disk_remove(j->at);
	disk_remove(j->to);
	if (j->store != NULL)
		disk_copy(j->store, j->at);
	T_EQ(mkdir(j->to, 0755), 0);
	if (j->run == job_clear) {
		put(j, PART);
		put(j, PART ".info");
		put(j, "staging/c-left-by-another");
	}
	if (j->run == job_key_revoke)
		T_EQ(job_key_trust(j), 0);
}

/* The os table stands on these very calls: each is to be counted once. */
static int
run(void *arg)
{
	struct job *j = arg;
	int status;

	os = os_real;
	armed = true;
	status = j->run(j);
	armed = false;
	return status;
}

static void
check_status(const struct job *j, const struct fault_seen *s)
{
	char *said = house_text();

	bool told = strstr(said, "Input/output error") != NULL;

	if (s->status == 4)
		T_OK(told);
	else if (s->status != j->status)
		T_EQ(s->status, 4);
	else if (told) /* what was left over from before stays a while */
		T_OK(strstr(said, "warning: ") != NULL);
	else if (j->run != job_export && j->run != job_fetch) /* times, room */
		disk_same("what is said", said, j->said);
	free(said);
}

/* An export that began has its number, and the next one has it again. */
static void
forget_export(const struct job *j, char *dump)
{
	char *at = strstr(dump, "\nledger 1 ");

	if (j->run == job_export && at != NULL)
		at[1] = '\0';
}

static void
check(void *arg, const struct fault_seen *s)
{
	unsigned before = t_failures();
	struct job *j = arg;
	char *dump;

	check_status(j, s);
	dump = house_dump(j->at);
	if (s->status == j->status)
		disk_same("rows", dump, j->new_dump);
	else if (j->run == job_fetch) /* it goes on where it was */
		T_OK(dump[0] == '\0' || house_verify(j->at) % 10 == 0);
	else if (strcmp(dump, j->new_dump) != 0) {
		forget_export(j, dump);
		disk_same("rows", dump, j->old_dump);
	}
	free(dump);
	if (j->run == job_clear) {
		T_OK(has(j, PART) && has(j, PART ".info"));
		T_OK(s->status != 0 || !has(j, "staging/c-left-by-another"));
	}
	if (t_failures() != before)
		house_told();
}

static void
sweep(struct job j)
{
	struct fault_case c = {.setup = setup, .run = run, .check = check};

	snprintf(j.at, sizeof(j.at), "%.300s/store", house.dir);
	snprintf(j.to, sizeof(j.to), "%.300s/to", house.dir);
	setup(&j);
	j.old_dump = house_dump(j.at);
	T_EQ(j.run(&j), j.status);
	j.said = house_text();
	j.new_dump = house_dump(j.at);
	c.arg = &j;
	c.status = j.status;
	house_strike(&c, house_step(house_is_long() ? 7 : 1),
	    fault_fail_at(1, EIO, false));
	house_strike(&c, house_step(house_is_long() ? 77 : 7),
	    fault_fail_at(1, EIO, true));
	free(j.old_dump);
	free(j.new_dump);
	free(j.said);
}

T_TEST(import_of_a_package)
{
	house_make();
	sweep((struct job){.run = job_import, .path = house.package});
}

T_TEST(import_of_a_transfer)
{
	house_make();
	sweep((struct job){.run = job_import, .path = house.transfer});
	sweep((struct job){
	    .run = job_import, .store = house.earlier, .path = house.transfer});
}

/* A store whose log holds all that was written last, as a crash leaves it. */
static void
crashed(const char *dir)
{
	struct err e = ERR_INIT;
	struct store *s;
	char path[HOUSE_PATH];
	struct make m;

	snprintf(path, sizeof(path), "%.300s/open", house.dir);
	disk_copy(house.earlier, path);
	T_CALL(store_open(&s, path, STORE_WRITE, NULL, &e), &e);
	make_update(&m, 7, 1);
	make_put_ok(s, &m);
	disk_copy(path, dir);
	store_close(s);
}

T_TEST(import_that_keeps_nothing)
{
	char dir[HOUSE_PATH];

	house_make();
	snprintf(dir, sizeof(dir), "%.300s/crashed", house.dir);
	crashed(dir);
	sweep(
	    (struct job){.run = job_try, .store = dir, .path = house.transfer});
}

static void
write_text(const char *name, const char *text)
{
	char path[2 * HOUSE_PATH];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", house.dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	T_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	T_EQ(close(fd), 0);
}

T_TEST(fetch)
{
	char modes[HOUSE_PATH], log[HOUSE_PATH];
	const char *base;

	if (!house_is_long())
		t_skip("only with WF_LONG");
	house_make();
	write_text("up.log", "");
	write_text("up.modes", "GetConfigData limit 20\n");
	write_text("policy",
	    "approve = 0d000000-0000-0000-0000-000000000002\n"
	    "approve = 0d000000-0000-0000-0000-000000000005\n");
	snprintf(modes, sizeof(modes), "%.300s/up.modes", house.dir);
	snprintf(log, sizeof(log), "%.300s/up.log", house.dir);
	if ((base = peer_start(house.one, modes, log)) == NULL)
		t_skip("the upstream of the tests is not built");
	sweep((struct job){.run = job_fetch, .path = base});
}

T_TEST(export_of_a_transfer)
{
	house_make();
	sweep((struct job){.run = job_export, .store = house.one});
}

T_TEST(verify_of_a_transfer)
{
	house_make();
	sweep((struct job){.run = job_verify, .path = house.transfer});
}

/* A store that was being made when its maker was stopped. */
static void
half_born(const char *dir)
{
	T_EQ(mkdir(dir, 0755), 0);
	T_EQ(mkdir(make_path(dir, "keys"), 0755), 0);
	T_EQ(mkdir(make_path(dir, "staging"), 0755), 0);
	make_text(make_path(dir, "lock"), "");
}

/* Whatever cannot be read, it is never taken for good. */
T_TEST(a_signature_that_is_bad)
{
	static const char sig[] = "tagmanifest-sha256.txt.minisig";
	char stick[HOUSE_PATH], dir[HOUSE_PATH];
	const char *name;
	struct stat st;

	house_make();
	snprintf(dir, sizeof(dir), "%.300s/half", house.dir);
	snprintf(stick, sizeof(stick), "%.300s/bad", house.dir);
	disk_copy(house.transfer, stick);
	name = make_path(stick, sig);
	T_EQ(stat(name, &st), 0);
	T_EQ(chmod(name, 0644), 0);
	T_EQ(truncate(name, st.st_size - 1), 0);
	sweep((struct job){.run = job_verify, .path = stick, .status = 8});
	sweep((struct job){.run = job_import, .path = stick, .status = 8});
	half_born(dir);
	sweep((struct job){
	    .run = job_import, .store = dir, .path = stick, .status = 8});
}

T_TEST(verify_of_a_package)
{
	house_make();
	sweep((struct job){
	    .run = job_verify, .path = house.package, .status = 10});
}

T_TEST(verify_of_a_store)
{
	house_make();
	sweep((struct job){.run = job_verify, .store = house.one});
}

T_TEST(emptying_of_staging)
{
	house_make();
	sweep((struct job){.run = job_clear, .store = house.one});
}

T_TEST(list)
{
	static const char *const lists[] = {
	    "updates", "categories", "files", "transfers"};

	house_make();
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		sweep((struct job){
		    .run = job_list, .store = house.one, .path = lists[i]});
}

T_TEST(key)
{
	house_make();
	sweep((struct job){.run = job_key_new});
	sweep((struct job){.run = job_key_trust, .store = house.one});
	sweep((struct job){.run = job_key_list, .store = house.one});
	sweep((struct job){.run = job_key_revoke, .store = house.one});
}

T_MAIN
