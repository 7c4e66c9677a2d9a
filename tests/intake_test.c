/* SPDX-License-Identifier: ISC */
#include "lib/transfer/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/path_remove.h"
#include "tests/t.h"

static int
folder(void)
{
	int fd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY);

	if (fd == -1)
		abort();
	return fd;
}

static void
put(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ssize_t n = (ssize_t)strlen(text);

	if (fd == -1 || write(fd, text, strlen(text)) != n || close(fd) == -1)
		abort();
}

static bool
empty(int dir)
{
	return unlinkat(dir, "sub", AT_REMOVEDIR) == 0;
}

T_TEST(a_copy_is_hashed_stands_at_its_start_and_has_no_name)
{
	struct intake in = INTAKE_INIT;
	struct err e = ERR_INIT;
	struct digest d;
	int dir = folder(), sub;
	char got[8];

	put(dir, "f", "hello");
	T_EQ(mkdirat(dir, "sub", 0755), 0);
	sub = openat(dir, "sub", O_RDONLY | O_DIRECTORY);
	T_CALL(intake_name(&in, dir, "f", 5, sub, &e), &e);
	put(dir, "f", "other");
	T_CALL(digest_mem(DIGEST_SHA256, "hello", 5, &d, &e), &e);
	T_EQ(in.size, 5);
	T_MEM(in.sha256, d.sha256, SHA256_LEN);
	T_EQ(read(in.fd, got, sizeof(got)), 5);
	T_MEM(got, "hello", 5);
	T_OK(empty(dir));
	intake_close(&in);
	T_EQ(in.fd, -1);
	intake_close(&in);
	close(sub);
	close(dir);
}

T_TEST(one_byte_too_many_is_refused_and_nothing_is_left)
{
	struct intake in = INTAKE_INIT;
	struct err e = ERR_INIT;
	int dir = folder(), sub;

	put(dir, "f", "hello");
	T_EQ(mkdirat(dir, "sub", 0755), 0);
	sub = openat(dir, "sub", O_RDONLY | O_DIRECTORY);
	T_FAILS(intake_name(&in, dir, "f", 4, sub, &e), &e, E_LIMIT, "4");
	T_EQ(in.fd, -1);
	T_OK(empty(dir));
	close(sub);
	close(dir);
}

static ssize_t
write_full(int fd, const void *p, size_t n)
{
	(void)fd, (void)p, (void)n;
	errno = ENOSPC;
	return -1;
}

/* It is not the stick that is full. */
T_TEST(where_there_is_no_room_for_the_copy_is_told)
{
	struct intake in = INTAKE_INIT;
	struct err e = ERR_INIT;
	int dir = folder(), sub;
	char want[600];

	put(dir, "f", "hello");
	T_EQ(mkdirat(dir, "copies", 0755), 0);
	sub = openat(dir, "copies", O_RDONLY | O_DIRECTORY);
	os.write = write_full;
	snprintf(want, sizeof(want), "/copies: write: %s", strerror(ENOSPC));
	T_FAILS(intake_name(&in, dir, "f", 5, sub, &e), &e, E_SYS, want);
	T_FAILS(intake_name(&in, dir, "f", 5, sub, &e), &e, E_SYS,
	    "a temporary file in /");
	os = os_real;
	T_EQ(in.fd, -1);
	close(sub);
	close(dir);
}

T_TEST(what_is_known_to_be_too_long_is_not_copied)
{
	struct intake in = INTAKE_INIT;
	struct err e = ERR_INIT;
	int dir = folder(), fd;

	put(dir, "f", "");
	fd = openat(dir, "f", O_WRONLY);
	T_EQ(ftruncate(fd, (off_t)1 << 40), 0);
	close(fd);
	/* There is no folder for a copy. */
	T_FAILS(intake_name(&in, dir, "f", (uint64_t)4 << 30, -1, &e), &e,
	    E_LIMIT, "more than 4294967296 bytes");
	T_EQ(in.fd, -1);
	close(dir);
}

T_TEST(links_pipes_and_names_that_climb_are_refused)
{
	struct intake in = INTAKE_INIT;
	struct err e = ERR_INIT;
	int dir = folder();

	put(dir, "f", "hello");
	T_EQ(symlinkat("f", dir, "link"), 0);
	T_EQ(mkfifoat(dir, "pipe", 0644), 0);
	T_FAILS(intake_name(&in, dir, "link", 9, dir, &e), &e, E_FORMAT, "");
	err_clear(&e);
	T_FAILS(intake_name(&in, dir, "pipe", 9, dir, &e), &e, E_FORMAT, "");
	err_clear(&e);
	T_FAILS(intake_name(&in, dir, "../f", 9, dir, &e), &e, E_FORMAT, "");
	err_clear(&e);
	T_FAILS(intake_name(&in, dir, "none", 9, dir, &e), &e, E_MISSING, "");
	close(dir);
}

T_TEST(the_folder_for_copies_must_be_there)
{
	struct err e = ERR_INIT;
	int fd;

	T_EQ(setenv("TMPDIR", "/nonexistent", 1), 0);
	T_FAILS(intake_scratch(&fd, &e), &e, E_SYS, "/nonexistent");
	T_EQ(setenv("TMPDIR", "", 1), 0);
	err_clear(&e);
	T_CALL(intake_scratch(&fd, &e), &e);
	close(fd);
	T_EQ(unsetenv("TMPDIR"), 0);
}

T_TEST(a_tree_is_removed_and_what_its_links_lead_to_stays)
{
	struct err e = ERR_INIT;
	int dir = folder();

	T_CALL(path_remove(dir, "none", &e), &e);
	T_EQ(mkdirat(dir, "keep", 0755), 0);
	put(dir, "keep/f", "x");
	T_EQ(mkdirat(dir, "t", 0755), 0);
	T_EQ(mkdirat(dir, "t/a", 0755), 0);
	T_EQ(mkdirat(dir, "t/a/b", 0755), 0);
	put(dir, "t/a/b/f", "x");
	T_EQ(symlinkat("../keep", dir, "t/link"), 0);
	T_EQ(mkfifoat(dir, "t/a/pipe", 0644), 0);
	T_CALL(path_remove(dir, "t", &e), &e);
	T_EQ(faccessat(dir, "t", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	T_EQ(faccessat(dir, "keep/f", F_OK, 0), 0);
	T_EQ(symlinkat("keep", dir, "l"), 0);
	T_CALL(path_remove(dir, "l", &e), &e);
	T_EQ(faccessat(dir, "keep/f", F_OK, 0), 0);
	close(dir);
}

T_TEST(a_tree_that_nests_without_end_is_refused)
{
	char name[300] = "d";
	struct err e = ERR_INIT;
	int dir = folder(), i;

	for (i = 0; i < 20; i++) {
		T_EQ(mkdirat(dir, name, 0755), 0);
		strncat(name, "/d", sizeof(name) - strlen(name) - 1);
	}
	T_FAILS(path_remove(dir, "d", &e), &e, E_LIMIT, "too deep");
	close(dir);
}

T_MAIN
