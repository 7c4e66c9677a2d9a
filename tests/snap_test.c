/* SPDX-License-Identifier: ISC */
#include "lib/view/snap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/snapshot_make.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static struct guid store = {.b = {7, 7}};

/* A folder of that name beneath a fresh one. */
static int
folder(const char **dir)
{
	static char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER, t_tmpdir());
	T_EQ(mkdir(path, 0755), 0);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	T_OK(fd != -1);
	*dir = path;
	return fd;
}

/* One of that generation, under the name of another. */
static void
put_as(int dirfd, uint32_t generation, uint32_t name, const struct guid *of)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	char text[SNAP_NAME_MAX];
	int fd;

	T_CALL(snapshot_follow(&s, NULL, of, 1, generation, &e), &e);
	T_CALL(snapshot_bytes(&s, &b, &e), &e);
	snap_name(text, name);
	fd = openat(dirfd, text, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	T_EQ(write(fd, b.p, b.len), b.len);
	close(fd);
	buf_free(&b);
	snapshot_free(&s);
}

static struct make_notes said;

static int
hear(void *arg, const char *name, const struct err *fault, struct err *e)
{
	(void)arg, (void)e;
	T_OK(strstr(fault->msg, name) != NULL);
	make_note(&said, "%s ", name);
	return 0;
}

static uint32_t
newest(int dirfd, uint32_t below)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct err e = ERR_INIT;
	uint32_t generation = 0;
	int r;

	said.text[0] = '\0';
	r = snap_newest(&s, dirfd, &store, below, hear, NULL, &e);
	T_CALL(r, &e);
	if (r == 1)
		generation = s.generation;
	snapshot_free(&s);
	return generation;
}

T_TEST(names_are_six_digits_or_more)
{
	static const char *const bad[] = {"", "1.snap", "0000001.snap",
	    "000000.snap", "000001.snap ", "000001.Snap", "000001",
	    "4294967296.snap", "-00001.snap", "000001.snap.snap", "+00001.snap",
	    "99999999999999999999.snap", ".000001.snap"};
	char name[SNAP_NAME_MAX];
	uint32_t g;

	snap_name(name, 7);
	T_STR(name, "000007.snap");
	T_OK(snap_name_read(&g, name));
	T_EQ(g, 7);
	snap_name(name, UINT32_MAX);
	T_STR(name, "4294967295.snap");
	T_OK(snap_name_read(&g, name));
	T_EQ(g, UINT32_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		T_OK(!snap_name_read(&g, bad[i]));
}

T_TEST(no_folder_is_no_fault)
{
	struct err e = ERR_INIT;
	const char *dir = t_tmpdir();
	int fd = open(dir, O_RDONLY | O_DIRECTORY), offer;

	T_EQ(snap_open(fd, &offer, &e), 0);
	T_EQ(snap_open(-1, &offer, &e), 0);
	make_text(make_path(dir, SNAP_FOLDER), "a file");
	T_EQ(snap_open(fd, &offer, &e), -1);
	close(fd);
}

T_TEST(the_newest_sound_one_is_taken_and_the_rest_told)
{
	static const struct guid other = {.b = {8}};
	const char *dir;
	int fd = folder(&dir);

	T_EQ(newest(fd, 0), 0);
	put_as(fd, 3, 3, &store);
	put_as(fd, 12, 12, &store);
	T_EQ(newest(fd, 0), 12);
	T_EQ(newest(fd, 12), 3);
	T_EQ(newest(fd, 3), 0);
	T_STR(said.text, "");
	put_as(fd, 12, 1000000, &store);
	put_as(fd, 13, 13, &other);
	make_text(make_path(dir, "000014.snap"), "no offer");
	make_text(make_path(dir, "7.snap"), "nor a name of ours");
	T_EQ(newest(fd, 0), 12);
	T_STR(said.text, "1000000.snap 000014.snap 000013.snap ");
	close(fd);
}

T_TEST(one_function_judges_whose_it_is)
{
	static const struct guid other = {.b = {8}};
	struct snapshot s = SNAPSHOT_INIT;
	struct err e = ERR_INIT;
	const char *dir;
	int fd = folder(&dir), storefd;

	put_as(fd, 3, 3, &other);
	make_text(make_path(dir, SNAP_CURRENT), "000003.snap\n");
	T_FAILS(snap_read(&s, fd, &store, 3, &e), &e, E_FORMAT,
	    "000003.snap: of store ");
	snapshot_free(&s);
	storefd = openat(fd, "..", O_RDONLY | O_DIRECTORY);
	T_FAILS(snap_read_current(&s, storefd, &store, &e), &e, E_FORMAT,
	    "000003.snap: of store ");
	snapshot_free(&s);
	T_EQ(snap_read_current(&s, storefd, &other, &e), 1);
	snapshot_free(&s);
	T_CALL(snap_read(&s, fd, NULL, 3, &e), &e);
	snapshot_free(&s);
	close(storefd);
	close(fd);
}

T_TEST(current_is_one_line)
{
	static const char *const bad[] = {"", "\n", "000007.snap",
	    "000007.snap\n\n", "000007.snap \n", "../000007.snap\n",
	    "000007.snap\n000008.snap\n", "texts\n",
	    "0000000000000000000000000000000000000000.snap\n"};
	struct err e = ERR_INIT;
	const char *dir;
	uint32_t g = 0;
	int fd = folder(&dir);

	T_EQ(snap_current(fd, &g, &e), 0);
	make_text(make_path(dir, SNAP_CURRENT), "000007.snap\n");
	T_EQ(snap_current(fd, &g, &e), 1);
	T_EQ(g, 7);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		make_text(make_path(dir, SNAP_CURRENT), bad[i]);
		T_FAILS(snap_current(fd, &g, &e), &e,
		    strlen(bad[i]) > 32 ? E_LIMIT : E_FORMAT, "current");
	}
	close(fd);
}

T_MAIN
