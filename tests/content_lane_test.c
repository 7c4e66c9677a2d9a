/* SPDX-License-Identifier: ISC */
/* Each thread stages in a folder of its own. */
#include "tests/t.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "lib/store/content.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"

MAKE_IN_MEMORY

struct lane {
	const struct content *c;
	struct content_staged st;
};

static void *
stage_one(void *arg)
{
	struct lane *l = arg;
	struct err e = ERR_INIT;
	int fd = make_source(AT_FDCWD, make_path(t_tmpdir(), "src"), "a");

	T_CALL(make_stage(l->c, fd, -1, NULL, CONTENT_COPY, 1, &l->st, &e), &e);
	make_name(&l->st, "cab");
	close(fd);
	return NULL;
}

static unsigned
entries(int dirfd)
{
	DIR *d = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY));
	unsigned n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

T_TEST(a_thread_stages_in_a_folder_of_its_own_and_leaves_none)
{
	struct lane a = {.c = NULL}, b;
	struct err e = ERR_INIT;
	struct rig_place p;
	pthread_t other;

	rig_place_open(&p, &e);
	a.c = &p.c;
	b = a;
	(void)stage_one(&a);
	T_EQ(pthread_create(&other, NULL, stage_one, &b), 0);
	T_EQ(pthread_join(other, NULL), 0);
	T_EQ(entries(p.staging), 2);
	T_EQ(make_files_in(p.staging), 2);
	T_OK(strncmp(a.st.temp, b.st.temp, strcspn(a.st.temp, "/") + 1) != 0);
	content_drop(&p.c, &b.st);
	T_CALL(content_settle(&p.c, &a.st, 1, &e), &e);
	content_close(&p.c);
	T_EQ(entries(p.staging), 0);
	rig_place_close(&p);
}

/* Somebody else makes each folder a moment before. */
static int
mkdir_late(int dirfd, const char *name, mode_t mode)
{
	T_EQ(mkdirat(dirfd, name, mode), 0);
	errno = EEXIST;
	return -1;
}

/* There are more threads than folders: two may make one at a time. */
T_TEST(a_folder_that_another_thread_made_meanwhile_will_do)
{
	struct lane a = {.c = NULL};
	struct err e = ERR_INIT;
	struct rig_place p;

	rig_place_open(&p, &e);
	a.c = &p.c;
	os.mkdirat = mkdir_late;
	(void)stage_one(&a);
	os = os_real;
	T_EQ(make_files_in(p.staging), 1);
	content_drop(&p.c, &a.st);
	content_close(&p.c);
	rig_place_close(&p);
}

/* What a thread that was killed left goes with staging's other things. */
T_TEST(what_was_left_in_them_goes_when_staging_is_emptied)
{
	struct lane a = {.c = NULL};
	struct err e = ERR_INIT;
	struct rig_place p;

	rig_place_open(&p, &e);
	a.c = &p.c;
	(void)stage_one(&a);
	content_close(&p.c);
	T_EQ(make_files_in(p.staging), 1);
	T_CALL(content_clear_staging(p.dirfd, p.staging, &e), &e);
	T_EQ(entries(p.staging), 0);
	rig_place_close(&p);
}

T_MAIN
