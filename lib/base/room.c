/* SPDX-License-Identifier: ISC */
#include "lib/base/room.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/words.h"

#define FAT_LARGEST UINT32_MAX /* bytes of one file */

static int
ask(int fd, struct statvfs *fs, struct err *e)
{
	if (os.fstatvfs(fd, fs) == -1)
		return err_sys(e, "asking for free space");
	return fs->f_blocks != 0;
}

int
room_free(int fd, uint64_t *bytes, struct err *e)
{
	struct statvfs fs;
	int r = ask(fd, &fs, e);

	if (r == 1)
		*bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	return r;
}

int
room_check(
    int fd, uint64_t bytes, uint64_t files, const char *path, struct err *e)
{
	struct statvfs fs;
	uint64_t have;
	int r = ask(fd, &fs, e);

	if (r != 1)
		return r;
	have = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (bytes > have) {
		errno = ENOSPC;
		return err_sys(e, "needs %s, %s free at %s",
		    words_size(bytes).s, words_size(have).s, path);
	}
	/* Where there is no table of files, none is counted. */
	if (fs.f_files != 0 && files > fs.f_favail) {
		errno = ENOSPC;
		return err_sys(e, "needs %s, and room for %llu more at %s",
		    words_count(files, "new file").s,
		    (unsigned long long)fs.f_favail, path);
	}
	return 0;
}

int
room_file(
    int fd, uint64_t size, const char *name, const char *path, struct err *e)
{
	struct statfs fs;

	if (os.fstatfs(fd, &fs) == -1)
		return err_sys(e, "%s: asking which file system it is", path);
	if (fs.f_type != MSDOS_SUPER_MAGIC || size <= FAT_LARGEST)
		return 0;
	errno = EFBIG;
	return err_sys(e,
	    "%s: %s is %s, and a FAT file system holds no file of 4 GiB or "
	    "more; take a medium with exFAT or NTFS",
	    path, name, words_size(size).s);
}

int
room_writable(int fd, const char *path, struct err *e)
{
	struct statvfs fs;

	if (os.fstatvfs(fd, &fs) == -1)
		return err_sys(e, "%s: asking how it is mounted", path);
	if ((fs.f_flag & ST_RDONLY) == 0)
		return 0;
	errno = EROFS;
	return err_sys(e,
	    "%s: it is mounted read-only (has the stick a switch against "
	    "writing?)",
	    path);
}
