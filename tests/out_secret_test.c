/* SPDX-License-Identifier: ISC */
/* Files for secrets: nobody else reads them, at no time. */
#include "lib/base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/path.h"
#include "tests/nameless.h"
#include "tests/t.h"

static int
folder(void)
{
	int fd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	T_OK(fd != -1);
	return fd;
}

static mode_t
mode_of(int dirfd, const char *name)
{
	struct stat st = {.st_mode = 0};

	T_EQ(fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static int
no_modes(int fd, mode_t mode)
{
	(void)fd, (void)mode;
	errno = EPERM;
	return -1;
}

static bool
is_there(int dirfd, const char *name)
{
	struct err e = ERR_INIT;

	return path_look(dirfd, name, NULL, &e) == 1;
}

static int (*named_open)(int, const char *, int, mode_t);

/* FAT, say: the mode is what the mount says. */
static int
open_for_all(int dirfd, const char *path, int flags, mode_t mode)
{
	int fd = named_open(dirfd, path, flags, mode);

	if (fd != -1 && (flags & O_CREAT) != 0)
		T_EQ(fchmod(fd, 0755), 0);
	return fd;
}

T_TEST(a_secret_is_written_where_only_its_owner_reads_or_not_at_all)
{
	struct err e = ERR_INIT;
	struct out o = OUT_INIT;
	int dirfd = folder();

	o.secret = true;
	T_CALL(out_open(&o, dirfd, "k", 0600, &e), &e);
	T_CALL(out_write(&o, "k", 1, &e), &e);
	T_CALL(out_commit(&o, &e), &e);
	T_EQ(mode_of(dirfd, "k"), 0600);
	T_FAILS(out_open(&o, dirfd, "open", 0640, &e), &e, E_USAGE,
	    "open would be of mode 0640");
	nameless_refuse();
	named_open = os.openat;
	os.openat = open_for_all;
	os.fchmod = no_modes;
	T_FAILS(out_open(&o, dirfd, "fat", 0600, &e), &e, E_USAGE,
	    ".fat.partial would be of mode 0755");
	os = os_real;
	T_OK(!is_there(dirfd, "open") && !is_there(dirfd, "fat"));
	T_OK(!is_there(dirfd, ".fat.partial"));
	(void)close(dirfd);
}

T_TEST(a_secret_goes_into_no_file_that_another_can_have_open)
{
	struct err e = ERR_INIT;
	struct out o = OUT_INIT;
	int dirfd = folder();

	T_EQ(close(openat(dirfd, ".k.partial", O_WRONLY | O_CREAT, 0600)), 0);
	T_EQ(fchmodat(dirfd, ".k.partial", 0644, 0), 0);
	nameless_refuse();
	o.secret = true;
	T_FAILS(out_open(&o, dirfd, "k", 0600, &e), &e, E_USAGE,
	    "k: .k.partial would be of mode 0644");
	T_OK(is_there(dirfd, ".k.partial"));
	T_EQ(fchmodat(dirfd, ".k.partial", 0600, 0), 0);
	T_CALL(out_open(&o, dirfd, "k", 0600, &e), &e);
	T_CALL(out_commit(&o, &e), &e);
	os = os_real;
	T_OK(!is_there(dirfd, ".k.partial"));
	T_EQ(mode_of(dirfd, "k"), 0600);
	(void)close(dirfd);
}

T_MAIN
