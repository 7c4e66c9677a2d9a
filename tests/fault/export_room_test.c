/* SPDX-License-Identifier: ISC */
/* What an export says of a medium that it cannot write to, or not all of it. */
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "lib/base/room.h"
#include "tests/fault/disk.h"
#include "tests/fault/house.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static struct statvfs room;
static long type;

static int
told_room(int fd, struct statvfs *fs)
{
	(void)fd;
	*fs = room;
	return 0;
}

static int
told_type(int fd, struct statfs *fs)
{
	(void)fd;
	*fs = (struct statfs){.f_type = type};
	return 0;
}

/* From a copy of the store; what it said is for house_said(). */
static int
export_with(struct statvfs said, bool *wrote)
{
	char from[HOUSE_PATH + 16], to[HOUSE_PATH + 16], *names;
	int r;

	house_make();
	snprintf(from, sizeof(from), "%s/room", house.dir);
	snprintf(to, sizeof(to), "%s/medium", house.dir);
	disk_copy(house.one, from);
	T_EQ(mkdir(to, 0755), 0);
	room = said;
	os.fstatvfs = told_room;
	house_forget();
	r = house_export(from, to, NULL);
	os.fstatvfs = os_real.fstatvfs;
	names = disk_names(to);
	*wrote = names[0] != '\0';
	free(names);
	disk_remove(from);
	disk_remove(to);
	return r;
}

T_TEST(a_medium_that_is_mounted_read_only_is_told_as_that)
{
	bool wrote;

	T_EQ(export_with(
		 (struct statvfs){
		     .f_frsize = 4096, .f_blocks = 1000, .f_flag = ST_RDONLY},
		 &wrote),
	    4);
	T_OK(!wrote);
	T_OK(house_said("/medium: it is mounted read-only"));
}

T_TEST(a_package_for_a_medium_that_is_mounted_read_only_too)
{
	char from[HOUSE_PATH + 16], to[HOUSE_PATH + 32];

	house_make();
	snprintf(from, sizeof(from), "%s/room", house.dir);
	snprintf(to, sizeof(to), "%s/package.cab", house.dir);
	disk_copy(house.one, from);
	room = (struct statvfs){.f_frsize = 4096, .f_flag = ST_RDONLY};
	os.fstatvfs = told_room;
	house_forget();
	T_EQ(house_export(from, NULL, to), 4);
	os.fstatvfs = os_real.fstatvfs;
	T_OK(access(to, F_OK) == -1);
	T_OK(house_said("/package.cab: it is mounted read-only"));
	disk_remove(from);
}

T_TEST(too_little_room_is_told_before_the_first_byte)
{
	bool wrote;

	T_EQ(export_with(
		 (struct statvfs){
		     .f_frsize = 4096, .f_blocks = 1000, .f_bavail = 10},
		 &wrote),
	    4);
	T_OK(!wrote);
	T_OK(house_said(", 40.0 KiB free at "));
}

T_TEST(so_it_is_for_a_package)
{
	char from[HOUSE_PATH + 16], to[HOUSE_PATH + 32];

	house_make();
	snprintf(from, sizeof(from), "%s/room", house.dir);
	snprintf(to, sizeof(to), "%s/package.cab", house.dir);
	disk_copy(house.one, from);
	room = (struct statvfs){
	    .f_frsize = 512, .f_blocks = 1000, .f_bavail = 1};
	os.fstatvfs = told_room;
	house_forget();
	T_EQ(house_export(from, NULL, to), 4);
	os.fstatvfs = os_real.fstatvfs;
	T_OK(access(to, F_OK) == -1);
	T_OK(house_said(", 512 bytes free at "));
	T_OK(house_said("/package.cab"));
	/* And where it cannot be, before the store is looked at. */
	house_forget();
	T_EQ(house_export("/nowhere", NULL, "/nowhere/package.cab"), 2);
	T_OK(house_said("the folder for the package is not there"));
	disk_remove(from);
}

T_TEST(a_file_system_that_does_not_tell_is_not_full)
{
	bool wrote;

	T_EQ(export_with((struct statvfs){.f_frsize = 4096}, &wrote), 0);
	T_OK(wrote);
	T_OK(house_said("how much is free, its file system says not"));
}

T_TEST(fat_holds_no_file_of_four_gib)
{
	struct err e = ERR_INIT;

	os.fstatfs = told_type;
	type = MSDOS_SUPER_MAGIC;
	T_CALL(room_file(-1, UINT32_MAX, "a.cab", "/stick", &e), &e);
	T_FAILS(room_file(-1, (uint64_t)UINT32_MAX + 1, "a.cab", "/stick", &e),
	    &e, E_SYS,
	    "/stick: a.cab is 4.0 GiB, and a FAT file system holds no file of "
	    "4 GiB or more");
	type = EXT4_SUPER_MAGIC;
	T_CALL(room_file(-1, UINT64_MAX, "a.cab", "/stick", &e), &e);
	os.fstatfs = os_real.fstatfs;
}

T_MAIN
