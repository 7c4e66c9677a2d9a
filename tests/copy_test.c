/* SPDX-License-Identifier: ISC */
#include "lib/base/copy.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "tests/t.h"

static int
made(const char *name, const char *text)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", t_tmpdir(), name);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	T_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

T_TEST(a_file_is_hashed_from_its_start_and_copied)
{
	static const uint8_t sha1[] = {0xa9, 0x99, 0x3e, 0x36};
	static const uint8_t sha256[] = {0xba, 0x78, 0x16, 0xbf};
	struct err e = ERR_INIT;
	struct digest d;
	int from = made("from", "abc"), to = made("to", "");
	char got[8] = "";

	T_CALL(copy_hashed(from, to, 3, DIGEST_BOTH, &d, &e), &e);
	T_EQ(d.bytes, 3);
	T_MEM(d.sha1, sha1, sizeof(sha1));
	T_MEM(d.sha256, sha256, sizeof(sha256));
	T_EQ(pread(to, got, sizeof(got), 0), 3);
	T_STR(got, "abc");
	T_CALL(copy_hashed(from, -1, UINT64_MAX, DIGEST_SHA1, &d, &e), &e);
	T_MEM(d.sha1, sha1, sizeof(sha1));
	close(from);
	close(to);
}

T_TEST(more_than_allowed_is_refused)
{
	struct err e = ERR_INIT;
	struct digest d;
	int from = made("from", "abc");

	T_FAILS(copy_hashed(from, -1, 2, DIGEST_SHA1, &d, &e), &e, E_LIMIT,
	    "more than 2 bytes");
	close(from);
}

T_TEST(a_name_is_new_and_has_its_mode_under_any_umask)
{
	struct err e = ERR_INIT;
	struct digest d;
	struct stat st;
	int from = made("from", "abc");
	int dir = open(t_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mode_t before = umask(077);

	T_CALL(copy_to_name(from, dir, "new", DIGEST_SHA256, &d, &e), &e);
	umask(before);
	T_EQ(d.bytes, 3);
	T_EQ(fstatat(dir, "new", &st, 0), 0);
	T_EQ(st.st_size, 3);
	T_EQ(st.st_mode & 0777, 0644);
	T_FAILS(copy_to_name(from, dir, "new", DIGEST_SHA256, &d, &e), &e,
	    E_SYS, "cannot create: File exists");
	close(dir);
	close(from);
}

T_MAIN
