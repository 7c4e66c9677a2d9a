/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "lib/base/path.h"
#include "lib/store/content.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"

MAKE_IN_MEMORY

#define MAX ((uint64_t)1 << 20)

static unsigned
entries(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY);
	struct stat st;

	T_EQ(fstat(fd, &st), 0);
	close(fd);
	return (unsigned)st.st_nlink - 2;
}

T_TEST(a_name_is_as_wsus_writes_it)
{
	uint8_t sha1[SHA1_LEN] = {0xF5, 0x72, 0xD3, 0x96, 0xFA, 0xE9, 0x20,
	    0x66, 0x28, 0x71, 0x4F, 0xB2, 0xCE, 0x00, 0xF7, 0x2E, 0x94, 0xF2,
	    0x25, 0x8F};
	char name[CONTENT_NAME_MAX];

	content_name(name, sha1, "cab");
	T_STR(name, "8F/F572D396FAE9206628714FB2CE00F72E94F2258F.cab");
	content_name(name, sha1, "");
	T_STR(name, "8F/F572D396FAE9206628714FB2CE00F72E94F2258F");
	content_name(name, sha1, "12345678");
	T_STR(name, "8F/F572D396FAE9206628714FB2CE00F72E94F2258F.12345678");
}

T_TEST(the_folders_of_small_last_bytes_have_their_leading_zero)
{
	static const char *const folders[16] = {"00", "01", "02", "03", "04",
	    "05", "06", "07", "08", "09", "0A", "0B", "0C", "0D", "0E", "0F"};
	uint8_t sha1[SHA1_LEN] = {0}, back[SHA1_LEN];
	char name[CONTENT_NAME_MAX], want[CONTENT_NAME_MAX];
	unsigned i;

	for (i = 0; i < 16; i++) {
		sha1[SHA1_LEN - 1] = (uint8_t)i;
		content_name(name, sha1, "exe");
		snprintf(want, sizeof(want),
		    "%s/00000000000000000000000000000000000000%s.exe",
		    folders[i], folders[i]);
		T_STR(name, want);
		T_OK(content_parse(name + 3, back));
		T_MEM(back, sha1, SHA1_LEN);
	}
}

T_TEST(a_name_is_read_in_any_case_with_any_extension_and_nothing_else)
{
	static const struct {
		const char *name;
		bool ok;
	} rows[] = {
	    {"F572D396FAE9206628714FB2CE00F72E94F2258F.cab", true},
	    {"f572d396fae9206628714fb2ce00f72e94f2258f.CAB", true},
	    {"F572D396FAE9206628714FB2CE00F72E94F2258F", true},
	    {"F572D396FAE9206628714FB2CE00F72E94F2258F.tar.gz", true},
	    {"F572D396FAE9206628714FB2CE00F72E94F2258.cab", false},
	    {"F572D396FAE9206628714FB2CE00F72E94F2258F0.cab", false},
	    {"F572D396FAE9206628714FB2CE00F72E94F2258G.cab", false},
	    {"8F/F572D396FAE9206628714FB2CE00F72E94F2258F.cab", false},
	    {"F572D396FAE9206628714FB2CE00F72E94F2258F/x", false},
	    {"F572D396FAE9206628714FB2CE00F72E94F2258F.a/x", false},
	    {"anonymousCheckFile.txt", false},
	    {"", false},
	};
	uint8_t sha1[SHA1_LEN];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (content_parse(rows[i].name, sha1) != rows[i].ok)
			t_fail(__FILE__, __LINE__, "'%s'", rows[i].name);
}

T_TEST(a_writer_makes_the_folder_and_the_empty_check_file)
{
	struct err e = ERR_INIT;
	struct rig_place p;
	struct stat st;

	umask(077);
	rig_place_open(&p, &e);
	umask(022);
	T_EQ(fstatat(p.dirfd, "WsusContent", &st, 0), 0);
	T_EQ(st.st_mode & 07777, 0755);
	T_EQ(fstatat(p.dirfd, "WsusContent/anonymousCheckFile.txt", &st, 0), 0);
	T_EQ(st.st_size, 0);
	T_EQ(st.st_mode & 07777, 0444);
	rig_place_close(&p);
}

T_TEST(a_reader_of_a_place_without_content_finds_nothing)
{
	struct err e = ERR_INIT;
	uint8_t sha1[SHA1_LEN] = {1};
	struct content c;
	uint64_t size;
	int fd, dirfd;

	dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY);
	T_CALL(content_open(&c, dirfd, -1, &e), &e);
	T_EQ(content_has(&c, sha1, "cab", &size, &e), 0);
	T_FAILS(content_fd(&c, sha1, "cab", &fd, &size, &e), &e, E_MISSING,
	    "there is none");
	content_close(&c);
	close(dirfd);
}

T_TEST(a_staged_file_gets_its_name_only_when_it_settles)
{
	struct content_staged st;
	struct err e = ERR_INIT;
	struct rig_place p;
	struct stat sb;
	uint64_t size = 0;
	int fd;

	rig_place_open(&p, &e);
	fd = make_source(p.dirfd, "src", "hello\n");
	umask(077);
	T_CALL(make_stage(&p.c, fd, -1, NULL, CONTENT_COPY, MAX, &st, &e), &e);
	make_name(&st, "cab");
	T_EQ(content_has(&p.c, st.sha1, "cab", &size, &e), 0);
	T_CALL(content_settle(&p.c, &st, 1, &e), &e);
	umask(022);
	T_EQ(content_has(&p.c, st.sha1, "cab", &size, &e), 1);
	T_EQ(size, 6);
	T_EQ(fstatat(p.dirfd,
		 "WsusContent/8F/F572D396FAE9206628714FB2CE00F72E94F2258F.cab",
		 &sb, 0),
	    0);
	T_EQ(sb.st_mode & 07777, 0444);
	T_EQ(fstatat(p.dirfd, "WsusContent/8F", &sb, 0), 0);
	T_EQ(sb.st_mode & 07777, 0755);
	T_EQ(make_files_in(p.staging), 0);
	T_STR(st.temp, "");
	close(fd);
	rig_place_close(&p);
}

static struct make_notes calls;

static int
noted_syncfs(int fd)
{
	make_note(&calls, "syncfs ");
	return os_real.syncfs(fd);
}

static int
noted_fsync(int fd)
{
	make_note(&calls, "fsync ");
	return os_real.fsync(fd);
}

static int
noted_rename(
    int odir, const char *from, int ndir, const char *to, unsigned flags)
{
	make_note(&calls, "rename ");
	return os_real.renameat2(odir, from, ndir, to, flags);
}

/* Two files in one folder; the folder is new, so its own folder comes too. */
T_TEST(bytes_are_flushed_before_names_and_names_before_the_end)
{
	struct content_staged st[2];
	struct err e = ERR_INIT;
	struct rig_place p;
	int fd, i;

	rig_place_open(&p, &e);
	for (i = 0; i < 2; i++) {
		fd = make_source(p.dirfd, "src", i == 0 ? "a" : "b");
		T_CALL(make_stage(
			   &p.c, fd, -1, NULL, CONTENT_COPY, MAX, &st[i], &e),
		    &e);
		make_name(&st[i], "cab");
		st[i].sha1[SHA1_LEN - 1] = 0x77;
		close(fd);
	}
	os.syncfs = noted_syncfs;
	os.fsync = noted_fsync;
	os.renameat2 = noted_rename;
	T_CALL(content_settle(&p.c, st, 2, &e), &e);
	os = os_real;
	T_STR(calls.text, "syncfs rename rename fsync fsync ");
	rig_place_close(&p);
}

T_TEST(a_name_that_is_taken_keeps_its_bytes)
{
	struct content_staged st[2];
	struct err e = ERR_INIT;
	struct rig_place p;
	struct stat a, b;
	int fd, i;

	rig_place_open(&p, &e);
	for (i = 0; i < 2; i++) {
		fd = make_source(p.dirfd, "src", "hello\n");
		T_CALL(make_stage(
			   &p.c, fd, -1, NULL, CONTENT_COPY, MAX, &st[i], &e),
		    &e);
		make_name(&st[i], "cab");
		close(fd);
	}
	T_CALL(content_settle(&p.c, &st[0], 1, &e), &e);
	T_EQ(fstatat(p.c.dirfd,
		 "8F/F572D396FAE9206628714FB2CE00F72E94F2258F.cab", &a, 0),
	    0);
	T_CALL(content_settle(&p.c, &st[1], 1, &e), &e);
	T_EQ(fstatat(p.c.dirfd,
		 "8F/F572D396FAE9206628714FB2CE00F72E94F2258F.cab", &b, 0),
	    0);
	T_EQ(a.st_ino, b.st_ino);
	T_EQ(make_files_in(p.staging), 0);
	rig_place_close(&p);
}

T_TEST(what_is_damaged_is_replaced_and_no_undo_takes_it_away)
{
	static const char name[] =
	    "8F/F572D396FAE9206628714FB2CE00F72E94F2258F.cab";
	struct content_staged st;
	struct err e = ERR_INIT;
	struct rig_place p;
	struct stat a;
	int fd;

	rig_place_open(&p, &e);
	T_EQ(mkdirat(p.c.dirfd, "8F", 0755), 0);
	close(make_source(p.c.dirfd, name, "hell"));
	fd = make_source(p.dirfd, "src", "hello\n");
	T_CALL(make_stage(&p.c, fd, -1, NULL, CONTENT_COPY, MAX, &st, &e), &e);
	close(fd);
	make_name(&st, "cab");
	st.replace = true;
	T_CALL(content_settle(&p.c, &st, 1, &e), &e);
	content_unsettle(&p.c, &st, 1);
	T_EQ(fstatat(p.c.dirfd, name, &a, 0), 0);
	T_EQ(a.st_size, 6);
	T_EQ(make_files_in(p.staging), 0);
	rig_place_close(&p);
}

T_TEST(more_bytes_than_allowed_are_refused_and_leave_nothing)
{
	struct content_staged st;
	struct err e = ERR_INIT;
	struct rig_place p;
	int fd;

	rig_place_open(&p, &e);
	fd = make_source(p.dirfd, "src", "123456");
	T_FAILS(make_stage(&p.c, fd, -1, NULL, CONTENT_COPY, 5, &st, &e), &e,
	    E_LIMIT, "more than 5 bytes");
	T_EQ(make_files_in(p.staging), 0);
	T_EQ(lseek(fd, 0, SEEK_SET), 0);
	T_CALL(make_stage(&p.c, fd, -1, NULL, CONTENT_COPY, 6, &st, &e), &e);
	T_EQ(make_files_in(p.staging), 1);
	content_drop(&p.c, &st);
	content_drop(&p.c, &st);
	T_EQ(make_files_in(p.staging), 0);
	close(fd);
	rig_place_close(&p);
}

T_TEST(a_link_is_the_same_file_and_keeps_its_mode)
{
	struct content_staged st;
	struct err e = ERR_INIT;
	struct rig_place p;
	struct stat a, b;
	int fd;

	rig_place_open(&p, &e);
	fd = make_source(p.dirfd, "src", "hello\n");
	T_CALL(make_stage(&p.c, fd, p.dirfd, "src", CONTENT_LINK, MAX, &st, &e),
	    &e);
	make_name(&st, "cab");
	T_EQ(st.digest.bytes, 6);
	T_CALL(content_settle(&p.c, &st, 1, &e), &e);
	T_EQ(fstat(fd, &a), 0);
	T_EQ(fstatat(p.c.dirfd,
		 "8F/F572D396FAE9206628714FB2CE00F72E94F2258F.cab", &b, 0),
	    0);
	/* Where the file system clones, it is a file of its own. */
	if (a.st_ino == b.st_ino)
		T_EQ(b.st_mode & 07777, 0644);
	else
		T_EQ(b.st_mode & 07777, 0444);
	close(fd);
	rig_place_close(&p);
}

T_TEST(a_link_to_another_file_than_the_one_opened_is_refused)
{
	struct content_staged st;
	struct err e = ERR_INIT;
	struct rig_place p;
	int fd, other;

	rig_place_open(&p, &e);
	fd = make_source(p.dirfd, "src", "hello\n");
	other = make_source(p.dirfd, "other", "hello\n");
	if (os.clone(other, fd) == 0)
		t_skip("the file system clones");
	T_FAILS(
	    make_stage(&p.c, fd, p.dirfd, "other", CONTENT_LINK, MAX, &st, &e),
	    &e, E_FORMAT, "was replaced");
	T_EQ(make_files_in(p.staging), 0);
	close(fd);
	close(other);
	rig_place_close(&p);
}

static int
no_link(int odir, const char *from, int ndir, const char *to, int flags)
{
	(void)odir, (void)from, (void)ndir, (void)to, (void)flags;
	errno = EXDEV;
	return -1;
}

T_TEST(where_nothing_can_be_linked_it_is_copied)
{
	struct content_staged st;
	struct err e = ERR_INIT;
	struct rig_place p;
	struct stat a, b;
	int fd;

	rig_place_open(&p, &e);
	fd = make_source(p.dirfd, "src", "hello\n");
	os.linkat = no_link;
	T_CALL(make_stage(&p.c, fd, p.dirfd, "src", CONTENT_LINK, MAX, &st, &e),
	    &e);
	os = os_real;
	T_EQ(fstat(fd, &a), 0);
	T_EQ(fstatat(p.staging, st.temp, &b, 0), 0);
	T_OK(a.st_ino != b.st_ino);
	T_EQ(b.st_size, 6);
	T_EQ(st.digest.sha1[0], 0xF5);
	close(fd);
	rig_place_close(&p);
}

static int chmod_errno;

static int
no_chmod(int fd, mode_t mode)
{
	(void)fd, (void)mode;
	errno = chmod_errno;
	return -1;
}

T_TEST(where_no_mode_can_be_set_none_is_set)
{
	static const struct {
		int sys;
		bool good;
	} rows[] = {
	    {EPERM, true}, {EOPNOTSUPP, true}, {ENOSYS, true}, {EIO, false}};
	struct content_staged st;
	struct err e = ERR_INIT;
	struct rig_place p;
	int fd, r;

	rig_place_open(&p, &e);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fd = make_source(p.dirfd, "src", "hello\n");
		chmod_errno = rows[i].sys;
		os.fchmod = no_chmod;
		r = make_stage(&p.c, fd, -1, NULL, CONTENT_COPY, MAX, &st, &e);
		os = os_real;
		T_EQ(r, rows[i].good ? 0 : -1);
		T_EQ(e.sys, rows[i].good ? 0 : EIO);
		err_clear(&e);
		close(fd);
		if (rows[i].good)
			content_drop(&p.c, &st);
	}
	rig_place_close(&p);
}

static int
old_rename(int odir, const char *from, int ndir, const char *to, unsigned flags)
{
	if (flags != 0) {
		errno = EINVAL;
		return -1;
	}
	return os_real.renameat2(odir, from, ndir, to, 0);
}

T_TEST(a_file_system_without_noreplace_will_do)
{
	struct content_staged st[2];
	struct err e = ERR_INIT;
	struct rig_place p;
	uint64_t size;
	int fd, i;

	rig_place_open(&p, &e);
	for (i = 0; i < 2; i++) {
		fd = make_source(p.dirfd, "src", "hello\n");
		T_CALL(make_stage(
			   &p.c, fd, -1, NULL, CONTENT_COPY, MAX, &st[i], &e),
		    &e);
		make_name(&st[i], "");
		close(fd);
	}
	os.renameat2 = old_rename;
	T_CALL(content_settle(&p.c, st, 2, &e), &e);
	os = os_real;
	T_EQ(content_has(&p.c, st[0].sha1, "", &size, &e), 1);
	T_EQ(make_files_in(p.staging), 0);
	rig_place_close(&p);
}

T_TEST(staging_is_emptied_with_its_folders_and_follows_no_link)
{
	struct err e = ERR_INIT;
	struct rig_place p;

	rig_place_open(&p, &e);
	close(make_source(p.dirfd, "staging/a", "x"));
	T_EQ(mkdirat(p.dirfd, "staging/d", 0755), 0);
	T_EQ(mkdirat(p.dirfd, "staging/d/e", 0755), 0);
	close(make_source(p.dirfd, "staging/d/e/f", "x"));
	close(make_source(p.dirfd, "kept", "x"));
	T_EQ(mkdirat(p.dirfd, "keptdir", 0755), 0);
	close(make_source(p.dirfd, "keptdir/x", "x"));
	T_EQ(symlinkat("../keptdir", p.dirfd, "staging/link"), 0);
	content_close(&p.c);
	T_CALL(content_clear_staging(p.dirfd, p.staging, &e), &e);
	T_EQ(make_files_in(p.staging), 0);
	T_EQ(entries(p.dirfd, "staging"), 0);
	T_EQ(faccessat(p.dirfd, "keptdir/x", F_OK, 0), 0);
	rig_place_close(&p);
}

/* Whoever gave the file may write into it later. */
T_TEST(a_copy_is_no_link_even_where_one_could_be_made)
{
	struct content_staged st;
	struct err e = ERR_INIT;
	struct rig_place p;
	struct stat a, b;
	int fd;

	rig_place_open(&p, &e);
	fd = make_source(p.dirfd, "src", "hello\n");
	T_CALL(make_stage(&p.c, fd, p.dirfd, "src", CONTENT_COPY, MAX, &st, &e),
	    &e);
	close(fd);
	T_EQ(fstatat(p.dirfd, "src", &a, 0), 0);
	T_EQ(fstatat(p.staging, st.temp, &b, 0), 0);
	T_OK(a.st_ino != b.st_ino);
	T_EQ(a.st_nlink, 1);
	content_drop(&p.c, &st);
	rig_place_close(&p);
}

T_MAIN
