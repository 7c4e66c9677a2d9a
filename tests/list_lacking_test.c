/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
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

T_MAIN
