/* SPDX-License-Identifier: ISC */
/* What a file system says of its room, and what is made of it. */
#include "tests/t.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/room.h"

static struct statvfs volume;
static struct statfs kind;
static int answer;

static int
say_volume(int fd, struct statvfs *fs)
{
	(void)fd;
	*fs = volume;
	errno = EIO;
	return answer;
}

static int
say_kind(int fd, struct statfs *fs)
{
	(void)fd;
	*fs = kind;
	errno = EIO;
	return answer;
}

/* A volume of 100 blocks: 3 of 4 KiB and 2 files are free for us. */
static void
begin(void)
{
	os.fstatvfs = say_volume;
	os.fstatfs = say_kind;
	answer = 0;
	volume = (struct statvfs){.f_bsize = 512,
	    .f_frsize = 4096,
	    .f_blocks = 100,
	    .f_bfree = 50,
	    .f_bavail = 3,
	    .f_files = 9,
	    .f_ffree = 8,
	    .f_favail = 2};
	kind = (struct statfs){.f_type = MSDOS_SUPER_MAGIC};
}

static void
refused(int r, struct err *e, int sys, const char *text)
{
	T_EQ(r, -1);
	T_EQ(e->sys, sys);
	if (strstr(e->msg, text) == NULL)
		t_fail(__FILE__, __LINE__, "'%s', not '%s'", e->msg, text);
	err_clear(e);
}

T_TEST(free_is_what_is_free_for_us)
{
	struct err e = ERR_INIT;
	uint64_t n = 7;

	begin();
	T_EQ(room_free(0, &n, &e), 1);
	T_EQ(n, 3 * 4096);
	volume.f_blocks = 1;
	T_EQ(room_free(0, &n, &e), 1);
}

T_TEST(what_does_not_say_is_not_full)
{
	struct err e = ERR_INIT;
	uint64_t n = 7;

	begin();
	volume = (struct statvfs){.f_frsize = 4096};
	T_EQ(room_free(0, &n, &e), 0);
	T_EQ(n, 7);
	T_CALL(room_check(0, UINT64_MAX, UINT64_MAX, "here", &e), &e);
	answer = -1;
	refused(room_free(0, &n, &e), &e, EIO, "free space");
	refused(room_check(0, 1, 1, "here", &e), &e, EIO, "free space");
	refused(room_file(0, 1, "a", "here", &e), &e, EIO, "which file");
	refused(room_writable(0, "here", &e), &e, EIO, "how it is mounted");
}

T_TEST(the_last_byte_and_the_last_file_find_room)
{
	struct err e = ERR_INIT;

	begin();
	T_CALL(room_check(0, 3 * 4096, 2, "here", &e), &e);
	refused(room_check(0, 3 * 4096 + 1, 2, "here", &e), &e, ENOSPC,
	    "needs 12.0 KiB, 12.0 KiB free at here");
	refused(room_check(0, 3 * 4096, 3, "here", &e), &e, ENOSPC,
	    "room for 2 more at here");
	volume.f_favail = volume.f_files = 0; /* no table of files */
	T_CALL(room_check(0, 1, 3, "here", &e), &e);
	volume.f_files = 1;
	refused(room_check(0, 1, 1, "here", &e), &e, ENOSPC, "for 0 more");
}

T_TEST(a_file_of_4_gib_is_too_large_for_fat_alone)
{
	struct err e = ERR_INIT;

	begin();
	T_CALL(room_file(0, UINT32_MAX, "big.cab", "here", &e), &e);
	refused(room_file(0, 1ULL << 32, "big.cab", "here", &e), &e, EFBIG,
	    "big.cab is 4.0 GiB");
	kind.f_type = EXT4_SUPER_MAGIC;
	T_CALL(room_file(0, 1ULL << 40, "big.cab", "here", &e), &e);
}

T_TEST(what_is_mounted_read_only_is_told)
{
	struct err e = ERR_INIT;

	begin();
	volume.f_flag = ST_NOSUID;
	T_CALL(room_writable(0, "here", &e), &e);
	volume.f_flag = ST_NOSUID | ST_RDONLY;
	refused(room_writable(0, "here", &e), &e, EROFS, "mounted read-only");
}

T_MAIN
