/* SPDX-License-Identifier: ISC */
/*
 * The hostile suite: see tests/hostile.h.  Here stands what can be done in this
 * process alone: files that change while they are read.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/path_remove.h"
#include "tests/hostile.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* When a file changes: before it is opened again; between its opening and its
   first byte; behind that. */
enum moment { AGAIN, OPENED, READ };

static struct {
	bool armed, done;
	enum moment when;
	char path[HOSTILE_PATH + STICK_NAME + 2], base[STICK_NAME];
	void (*change)(const char *path);
	unsigned opens;
	int fd;
} watch;

static void
change_at(enum moment when)
{
	if (!watch.armed || watch.done || watch.when != when)
		return;
	watch.done = true;
	watch.armed = false; /* what follows is ours */
	watch.change(watch.path);
	watch.armed = true;
}

static bool
is_watched(const char *path, int flags)
{
	const char *base = strrchr(path, '/');

	base = base != NULL ? base + 1 : path;
	return watch.armed && (flags & O_DIRECTORY) == 0 &&
	    strcmp(base, watch.base) == 0;
}

static void
find_next(const char *name, void *next, size_t n)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		abort();
	memcpy(next, &p, n);
}

/* This program's own names for what the C library has: ours come here first. */
#define OPEN(name, params, args)                                               \
	int hook_##name params __asm__(#name);                                 \
	int hook_##name params                                                 \
	{                                                                      \
		static int(*next) params;                                      \
		bool watched = is_watched(path, flags);                        \
		int fd;                                                        \
                                                                               \
		if (next == NULL)                                              \
			find_next(#name, &next, sizeof(next));                 \
		if (watched && ++watch.opens == 2)                             \
			change_at(AGAIN);                                      \
		fd = next args;                                                \
		if (watched)                                                   \
			watch.fd = fd;                                         \
		return fd;                                                     \
	}
#define READ_BY(name, params, args)                                            \
	ssize_t hook_##name params __asm__(#name);                             \
	ssize_t hook_##name params                                             \
	{                                                                      \
		static ssize_t(*next) params;                                  \
		bool watched = watch.armed && fd == watch.fd;                  \
		ssize_t r;                                                     \
                                                                               \
		if (next == NULL)                                              \
			find_next(#name, &next, sizeof(next));                 \
		if (watched)                                                   \
			change_at(OPENED);                                     \
		r = next args;                                                 \
		if (watched)                                                   \
			change_at(READ);                                       \
		return r;                                                      \
	}

/* openat2() has no other name. */
long hook_syscall(
    long nr, long a, long b, long c, long d, long e, long f) __asm__("syscall");
long
hook_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	static long (*next)(long, long, long, long, long, long, long);
	const struct open_how *how = (const void *)(uintptr_t)c;
	bool watched = nr == SYS_openat2 &&
	    is_watched((const char *)(uintptr_t)b, (int)how->flags);
	long r;

	if (next == NULL)
		find_next("syscall", &next, sizeof(next));
	if (watched && ++watch.opens == 2)
		change_at(AGAIN);
	r = next(nr, a, b, c, d, e, f);
	if (watched)
		watch.fd = (int)r;
	return r;
}

OPEN(openat64, (int at, const char *path, int flags, mode_t mode),
    (at, path, flags, mode))
OPEN(__openat64_2, (int at, const char *path, int flags), (at, path, flags))
READ_BY(read, (int fd, void *p, size_t n), (fd, p, n))
READ_BY(__read_chk, (int fd, void *p, size_t n, size_t room), (fd, p, n, room))
READ_BY(pread64, (int fd, void *p, size_t n, off_t off), (fd, p, n, off))
READ_BY(__pread64_chk, (int fd, void *p, size_t n, off_t off, size_t room),
    (fd, p, n, off, room))

static void
flips(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char byte = 0;

	T_EQ(pread(fd, &byte, 1, 0), 1);
	byte ^= 1;
	T_EQ(pwrite(fd, &byte, 1, 0), 1);
	T_EQ(close(fd), 0);
}

static void
shrinks(const char *path)
{
	struct stat st;

	T_EQ(stat(path, &st), 0);
	T_EQ(truncate(path, st.st_size - 1), 0);
}

static void
grows(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	T_EQ(write(fd, "x", 1), 1);
	T_EQ(close(fd), 0);
}

static void
goes(const char *path)
{
	T_EQ(unlink(path), 0);
}

static void
becomes_a_link(const char *path)
{
	T_EQ(unlink(path), 0);
	T_EQ(symlink("/dev/zero", path), 0);
}

static void
becomes_a_fifo(const char *path)
{
	T_EQ(unlink(path), 0);
	T_EQ(mkfifo(path, 0644), 0);
}

static const struct {
	const char *name;
	void (*change)(const char *path);
} changes[] = {{"flips", flips}, {"shrinks", shrinks}, {"grows", grows},
    {"goes", goes}, {"link", becomes_a_link}, {"fifo", becomes_a_fifo}};
static const char *const moments[] = {"again", "opened", "read"};

/* The folder is as it was again; a changes as b says, when c says. */
static void
arm(struct hostile *h)
{
	struct err e = ERR_INIT;

	if (watch.armed && !watch.done && watch.when != AGAIN)
		t_fail(__FILE__, __LINE__, "it was not read");
	watch.armed = false;
	if (h == NULL)
		return;
	T_CALL(path_remove(AT_FDCWD, h->paths[0], &e), &e);
	stick_write(&h->s, h->paths[0]);
	memset(&watch, 0, sizeof(watch));
	snprintf(
	    watch.path, sizeof(watch.path), "%s", hostile_at(h, h->row->a));
	snprintf(
	    watch.base, sizeof(watch.base), "%s", strrchr(watch.path, '/') + 1);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (strcmp(changes[i].name, h->row->b) == 0)
			watch.change = changes[i].change;
	for (int i = 0; i < 3; i++)
		if (strcmp(moments[i], h->row->c) == 0)
			watch.when = (enum moment)i;
	watch.fd = -1;
	watch.armed = true;
}

static void
changes_when(struct hostile *h)
{
	h->before = arm;
}

#define MANIFEST "manifest-sha256.txt"

/* No file is opened twice: what was read once is what counts. */
#define AGAIN_ROW(what, file)                                                  \
	{                                                                      \
		what "-changes-between-two-reads", HOSTILE_WRITTEN,            \
		    changes_when, file, "flips", "again", HOSTILE_GOOD, NULL,  \
		    HOSTILE_UNASKED, HOSTILE_TAKEN                             \
	}
#define READ_ROW(what, file, how)                                              \
	{                                                                      \
		what "-" how "-behind-a-read", HOSTILE_WRITTEN, changes_when,  \
		    file, how, "read", HOSTILE_GOOD, NULL, HOSTILE_UNASKED,    \
		    HOSTILE_TAKEN                                              \
	}
#define OPENED_ROW(what, file, how, status)                                    \
	{                                                                      \
		what "-" how "-once-it-is-open", HOSTILE_WRITTEN,              \
		    changes_when, file, how, "opened", status, file,           \
		    HOSTILE_UNASKED, HOSTILE_SAME                              \
	}

static const struct hostile_row rows[] = {
    AGAIN_ROW("tag-manifest", STICK_TAGS),
    AGAIN_ROW("signature", STICK_SIGNATURE),
    AGAIN_ROW("bag-info", STICK_INFO),
    AGAIN_ROW("manifest", MANIFEST),
    AGAIN_ROW("media-list", "media.tsv"),
    AGAIN_ROW("readme", "README.txt"),
    AGAIN_ROW("state", STICK_STATE),
    AGAIN_ROW("package", STICK_CAB),
    AGAIN_ROW("payload", "payload"),
    READ_ROW("tag-manifest", STICK_TAGS, "flips"),
    READ_ROW("signature", STICK_SIGNATURE, "flips"),
    READ_ROW("bag-info", STICK_INFO, "flips"),
    READ_ROW("manifest", MANIFEST, "flips"),
    READ_ROW("state", STICK_STATE, "flips"),
    READ_ROW("package", STICK_CAB, "flips"),
    READ_ROW("payload", "payload", "flips"),
    READ_ROW("payload", "payload", "goes"),
    READ_ROW("payload", "payload", "link"),
    READ_ROW("payload", "payload", "fifo"),
    OPENED_ROW("tag-manifest", STICK_TAGS, "flips", 8),
    OPENED_ROW("tag-manifest", STICK_TAGS, "grows", 8),
    OPENED_ROW("signature", STICK_SIGNATURE, "shrinks", 8),
    OPENED_ROW("bag-info", STICK_INFO, "shrinks", 1),
    OPENED_ROW("manifest", MANIFEST, "grows", 1),
    OPENED_ROW("state", STICK_STATE, "shrinks", 1),
    OPENED_ROW("state", STICK_STATE, "grows", 1),
    OPENED_ROW("package", STICK_CAB, "flips", 1),
    OPENED_ROW("package", STICK_CAB, "shrinks", 1),
    OPENED_ROW("package", STICK_CAB, "grows", 1),
};

#define ADD(name) hostile_add(name, name##_rows);

int
main(int argc, char *argv[])
{
	/* Another program's reads are not ours to watch. */
	if (getenv("WF_PROGRAMS") == NULL)
		hostile_add(rows, sizeof(rows) / sizeof(rows[0]));
	HOSTILE_GROUPS(ADD)
	hostile_add_tars();
	return t_main(argc, argv);
}
