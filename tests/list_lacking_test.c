/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/list/list.h"
#include "lib/store/store.h"
#include "tests/list_say.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static void
says(const char *dir, const char *what, bool csv, bool json, int worst,
    const char *wanted)
{
	struct log log = {
	    .prog = "t", .quiet = true, .json = json, .file_fd = -1};
	const struct list_opts o = {.store = dir,
	    .what = what,
	    .csv = csv,
	    .verbose = true,
	    .log = &log};
	char *out = list_say(&o);

	T_STR(out, wanted);
	T_EQ(log.worst, worst);
	free(out);
}

#define THREE "ab6f0000-0000-0000-0000-000000000003"
#define NINE "ab4d0000-0000-0000-0000-000000000009"
#define EIGHT "ab280000-0000-0000-0000-000000000008"
#define ONE "FE05BCDCDC4928012781A5F1A2A77CBB5398E106" /* of "one" */

T_TEST(what_is_lacking_is_listed_and_ends_with_10)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	struct make m;

	make_update(&m, 3, 1);
	m.kbs[m.u.nkbs++] = "5000003";
	make_needs(&m, 0, 9);
	make_needs(&m, 4, 8);
	make_needs(&m, 4, 9);
	make_bundles(&m, 8, 2);
	make_file(&m, "one", "one.cab");
	make_file(&m, "two", "two.cab");
	T_CALL(store_file_left_out(s, m.files[1].sha1, true, &e), &e);
	make_put_ok(s, &m);
	make_commit(s);
	store_close(s);
	says(dir, "lacking", false, false, 10,
	    "prerequisite KB5000003                            needs " NINE
	    ", which is not held\n    update 3\n"
	    "alternatives KB5000003                            needs one of 2, "
	    "of which none is held; the first is " EIGHT "\n    update 3\n"
	    "bundled      KB5000003                            bundles "
	    "revision "
	    "2 of " EIGHT ", which is not held\n    update 3\n"
	    "payload      KB5000003                            " ONE
	    "            3 one.cab\n    update 3\n");
	says(dir, "lacking", true, false, 10,
	    "\xef\xbb\xbfKind,UpdateID,Revision,KB,Title,Lacks,LacksRevision,"
	    "LacksTitle,Name,Size,Fault\r\n"
	    "prerequisite," THREE ",1,5000003,update 3," NINE ",,,,,\r\n"
	    "alternatives," THREE ",1,5000003,update 3," EIGHT ",,,,,\r\n"
	    "bundled," THREE ",1,5000003,update 3," EIGHT ",2,,,,\r\n"
	    "payload," THREE ",,5000003,update 3," ONE ",,,one.cab,3,\r\n");
	says(dir, "lacking", false, true, 10,
	    "{\"type\":\"lacking\",\"kind\":\"prerequisite\",\"id\":\"" THREE
	    "\",\"revision\":1,\"kb\":\"5000003\",\"title\":\"update 3\","
	    "\"needs\":\"" NINE "\",\"needs_title\":null,\"refused\":false}\n"
	    "{\"type\":\"lacking\",\"kind\":\"alternatives\",\"id\":\"" THREE
	    "\",\"revision\":1,\"kb\":\"5000003\",\"title\":\"update 3\","
	    "\"needs\":\"" EIGHT "\",\"among\":2,\"needs_title\":null,"
	    "\"refused\":false}\n"
	    "{\"type\":\"lacking\",\"kind\":\"bundled\",\"id\":\"" THREE
	    "\",\"revision\":1,\"kb\":\"5000003\",\"title\":\"update 3\","
	    "\"needs\":\"" EIGHT "\",\"needs_revision\":2,"
	    "\"needs_title\":null,\"refused\":false}\n"
	    "{\"type\":\"lacking\",\"kind\":\"payload\",\"id\":\"" THREE
	    "\",\"kb\":\"5000003\",\"title\":\"update 3\",\"sha1\":\"" ONE
	    "\",\"name\":\"one.cab\",\"size\":3,\"fault\":null}\n"
	    "{\"type\":\"summary\",\"list\":\"lacking\",\"count\":4}\n");
}

#define HERE "0154C0DABE7145DB37E0B81BF667E7224ABEC0BA"
#define TWO "AD782ECDAC770FC6EB9A62E44F90873FB97FB26B"

T_TEST(a_file_has_one_of_five_states)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	struct make m;

	make_update(&m, 3, 1);
	make_file(&m, "one", "one.cab");
	make_file(&m, "two", "two.cab");
	make_file(&m, "here", "here.cab");
	T_CALL(store_file_left_out(s, m.files[1].sha1, true, &e), &e);
	make_put_ok(s, &m);
	make_here(s, dir, "here", "cab");
	make_commit(s);
	store_close(s);
	says(dir, "files", false, false, 0,
	    HERE "            4 present  here.cab\n" TWO
		 "            3 left out two.cab\n" ONE
		 "            3 absent   one.cab\n");
	make_damaged(dir, "here", "cab", 1);
	says(dir, "files", false, false, 0,
	    HERE "            4 damaged  here.cab\n" TWO
		 "            3 left out two.cab\n" ONE
		 "            3 absent   one.cab\n");
	says(dir, "lacking", false, false, 1,
	    "payload      ab6f0000-0000-0000-0000-000000000003 " ONE
	    "            3 one.cab\n    update 3\n"
	    "payload      ab6f0000-0000-0000-0000-000000000003 " HERE
	    "            4 here.cab: damaged in the store: 5 bytes, expected "
	    "4\n"
	    "    update 3\n");
	make_lost(dir, "here", "cab");
	says(dir, "files", true, false, 0,
	    "\xef\xbb\xbfSHA-1,SHA-256,Size,State,Name,URL\r\n" HERE
	    ",fcec91509759ad995c2cd14bcb26b2720993faf61c29d379b270d442d92290eb"
	    ",4,lost,here.cab,\r\n" TWO
	    ",3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"
	    ",3,left out,two.cab,\r\n" ONE
	    ",7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
	    ",3,absent,one.cab,\r\n");
}

#define MANY 300

/* Each needs 9, which nobody holds. */
static const char *
many(void)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct make m;

	for (unsigned i = 0; i < MANY; i++) {
		make_update(&m, 20 + i, 1);
		make_needs(&m, 0, 9);
		if (i == 0)
			make_file(&m, "one", "one.cab");
		make_put_ok(s, &m);
	}
	make_commit(s);
	store_close(s);
	return dir;
}

/* All that was lacking comes, and one more takes the place of all. */
static void
complete(const char *dir)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;
	struct make m;

	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	make_update(&m, 9, 1);
	for (unsigned i = 0; i < MAKE_MAX; i++)
		m.superseded[m.u.nsuperseded++] = make_guid(20 + MANY - 1 - i);
	make_put_ok(s, &m);
	make_here(s, dir, "one", "cab");
	make_commit(s);
	store_close(s);
}

/* A list that waits for its reader, in a process of its own; what it prints. */
static char *
slowly(const struct list_opts *o, const char *dir)
{
	size_t n = 0, room = 1 << 20;
	char *out = calloc(1, room);
	ssize_t got = 1;
	int fd[2], status = -1;
	pid_t pid;

	T_EQ(pipe(fd), 0);
	T_OK(fcntl(fd[1], F_SETPIPE_SZ, 4096) > 0);
	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		struct err e = ERR_INIT;

		(void)dup2(fd[1], STDOUT_FILENO);
		(void)close(fd[0]);
		(void)close(fd[1]);
		status = list_run(o, &e);
		_exit(fflush(stdout) == 0 ? status : 1);
	}
	(void)close(fd[1]);
	/* It has begun, and is far from its end. */
	n = (size_t)read(fd[0], out, 1);
	T_EQ(n, 1);
	complete(dir);
	while (got > 0 && n < room - 1) {
		got = read(fd[0], out + n, room - 1 - n);
		n += got > 0 ? (size_t)got : 0;
	}
	(void)close(fd[0]);
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(status, 0);
	return out;
}

T_TEST(a_list_shows_one_moment_whatever_is_committed_meanwhile)
{
	static const char *const whats[] = {"lacking", "updates"};

	for (size_t i = 0; i < 2; i++) {
		struct log log = {.prog = "t", .quiet = true, .file_fd = -1};
		const char *dir = many();
		const struct list_opts o = {.store = dir,
		    .what = whats[i],
		    .verbose = true,
		    .log = &log};
		char *before = list_say(&o), *during = slowly(&o, dir);
		char *after = list_say(&o);

		T_OK(strlen(before) > 3 * 4096);
		T_OK(strcmp(before, during) == 0);
		T_OK(strcmp(before, after) != 0);
		free(before);
		free(during);
		free(after);
	}
}

T_MAIN
