/* SPDX-License-Identifier: ISC */
/* What is said of what is lacking: the log file has it, without the times. */
#include "tests/t.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/store/lacking.h"
#include "lib/store/store.h"
#include "lib/store/sync.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

static char said[8192];

static void
read_log(int dirfd)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char *line, *rest, *to = said;

	T_CALL(path_read(dirfd, "log", sizeof(said), &b, &e), &e);
	*said = '\0';
	T_OK(buf_str(&b, &e) != NULL);
	for (line = strtok_r((char *)b.p, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		to += snprintf(to, sizeof(said) - (size_t)(to - said), "%s\n",
		    strchr(line, '\t') + 1);
	buf_free(&b);
}

/* How many findings there were. */
static unsigned
tell(struct store *s, unsigned verbose, const struct lacking_how *how)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	struct lacking l;
	int dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY);
	int none = open("/dev/null", O_WRONLY), kept[2];

	log.prog = "t";
	log.verbose = verbose;
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		kept[i] = dup(i + 1);
		dup2(none, i + 1);
	}
	T_CALL(log_file(&log, dirfd, "log", &e), &e);
	T_CALL(lacking_tell(s, &log, NULL, how, &l, &e), &e);
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		dup2(kept[i], i + 1);
		close(kept[i]);
	}
	close(none);
	log_close(&log);
	T_EQ(log.worst, l.damaged != 0 ? 1 : lacking_any(&l) ? 10 : 0);
	read_log(dirfd);
	close(dirfd);
	return (unsigned)log.findings;
}

/* n updates, from 11 on; each needs the same, and names a file of n bytes. */
static struct store *
make_lacking(unsigned n)
{
	static const char *const texts[] = {"a", "bb", "ccc", "dddd", "eeeee"};
	struct store *s = make_begun(t_tmpdir());
	struct make m;
	unsigned i;

	for (i = 0; i < n; i++) {
		make_update(&m, 11 + i, 1);
		if (i == 0)
			m.kbs[m.u.nkbs++] = "5000011";
		make_needs(&m, 0, 9);
		make_file(&m, texts[i], "a.cab");
		make_put_ok(s, &m);
	}
	make_commit(s);
	return s;
}

#define NINE "ab4d0000-0000-0000-0000-000000000009"
#define CURE                                                                   \
	": complete it where the package or transfer was made, and import "    \
	"what is made then"
#define FILES_CURE                                                             \
	": import a transfer that carries them, or the package again with "    \
	"--content"
#define A "86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8"
#define BB "9A900F538965A426994E1E90600920AFF0B4E8D2"
#define CCC "F36B4825E5DB2CF7DD2D2593B3F5C24C0311D8B2"

T_TEST(where_nothing_lacks_nothing_is_said)
{
	struct store *s = make_lacking(0);

	T_EQ(tell(s, 1, NULL), 0);
	T_STR(said, "");
	store_close(s);
}

T_TEST(one_is_told_by_its_kb_and_title_with_what_to_do)
{
	struct store *s = make_lacking(1);
	const struct lacking_how leave = {.verb = "cannot leave",
	    .subject = "place",
	    .revisions = "do this",
	    .files = "do that"};

	T_EQ(tell(s, 0, NULL), 0);
	T_STR(said,
	    "warning\tKB5000011\t'update 11' needs " NINE
	    ", which is not held\n"
	    "warning\t-\t1 revision lacks 1 update not held" CURE "\n"
	    "warning\t-\t1 payload file is named and not here, 1 byte: "
	    "KB5000011 'update 11' 'a.cab', 1 byte (" A ")" FILES_CURE "\n");
	T_EQ(tell(s, 0, &leave), 0);
	T_STR(said,
	    "warning\tKB5000011\t'update 11' cannot leave: it needs " NINE
	    ", which is not held\n"
	    "warning\tplace\t1 revision lacks 1 update not held: do this\n"
	    "warning\tplace\t1 payload file is named and not here, 1 byte: "
	    "KB5000011 'update 11' 'a.cab', 1 byte (" A "): do that\n");
	store_close(s);
}

T_TEST(of_many_three_are_told_and_of_three_all)
{
	const struct lacking_how found = {.findings = true, .subject = "place"};
	struct store *s = make_lacking(3);

	T_EQ(tell(s, 0, &found), 4);
	T_OK(strstr(said, "wsusferry-list") == NULL);
	T_OK(strstr(said,
		 "info\tplace\t3 revisions lack 1 update not held" CURE
		 "\n") != NULL);
	T_OK(strstr(said, "finding\tab4d") == NULL);
	store_close(s);
	s = make_lacking(5);
	T_EQ(tell(s, 0, &found), 5);
	T_OK(strstr(said, "update 13") != NULL);
	T_OK(strstr(said, "update 14") == NULL);
	T_OK(strstr(said,
		 "finding\tplace\t5 revisions lack 1 update not held" CURE
		 "; all of them: wsusferry-list lacking\n") != NULL);
	T_OK(strstr(said,
		 "finding\tplace\t5 payload files are named and not here, 15 "
		 "bytes; first three: KB5000011 'update 11' 'a.cab', 1 byte (" A
		 "); ") != NULL);
	T_OK(strstr(said,
		 "3 bytes (" CCC ")" FILES_CURE
		 "; all of them: wsusferry-list lacking\n") != NULL);
	/* With -v each. */
	T_EQ(tell(s, 1, &found), 6);
	T_OK(strstr(said, "update 15") != NULL);
	T_OK(strstr(said, "'a.cab', 5 bytes (") != NULL);
	store_close(s);
}

T_TEST(of_payload_that_nobody_asked_for_it_is_told_how_much)
{
	const struct lacking_how brief = {.brief = true, .files = "ask"};
	struct store *s = make_lacking(5);

	T_EQ(tell(s, 0, &brief), 0);
	T_OK(strstr(said,
		 "\t5 payload files are named and not here, 15 bytes: ask; all "
		 "of them: wsusferry-list lacking\n") != NULL);
	T_EQ(tell(s, 1, &brief), 0);
	T_OK(
	    strstr(said, "first three: KB5000011 'update 11' 'a.cab'") != NULL);
	T_OK(strstr(said, "'a.cab', 5 bytes (") != NULL);
	store_close(s);
}

T_TEST(what_the_store_had_is_told_with_what_became_of_it)
{
	const struct lacking_how found = {.findings = true};
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	struct make m;

	make_update(&m, 11, 1);
	make_file(&m, "a", "a.cab");
	make_file(&m, "bb", "b.cab");
	make_put_ok(s, &m);
	make_here(s, dir, "bb", "cab");
	make_commit(s);
	T_CALL(store_begin(s, &e), &e);
	make_damaged(dir, "bb", "cab", 5);
	T_EQ(tell(s, 0, &found), 1);
	T_OK(strstr(said,
		 "2 payload files are named and not here, 3 bytes, 1 of them "
		 "lost or damaged: ") != NULL);
	T_OK(strstr(said,
		 "(" BB
		 "), damaged in the store: 7 bytes, expected 2: import") !=
	    NULL);
	make_lost(dir, "bb", "cab");
	T_EQ(tell(s, 0, &found), 1);
	T_OK(strstr(said, "(" BB "), lost from the store: import") != NULL);
	/* What is found one by one anyway is not found again. */
	T_CALL(store_file_left_out(s, m.files[0].sha1, true, &e), &e);
	T_EQ(tell(s, 0, &found), 0);
	T_OK(strstr(said, "info\t-\t1 payload file is named and not here") !=
	    NULL);
	store_close(s);
}

T_TEST(a_revision_that_lacks_several_is_one_line_and_with_v_each)
{
	const struct lacking_how found = {.findings = true};
	struct store *s = make_begun(t_tmpdir());
	struct make m;

	make_update(&m, 11, 1);
	make_needs(&m, 0, 9);
	make_needs(&m, 0, 8);
	make_bundles(&m, 7, 100);
	make_put_ok(s, &m);
	make_update(&m, 12, 1);
	make_needs(&m, 0, 8);
	make_put_ok(s, &m);
	make_commit(s);
	T_EQ(tell(s, 0, &found), 2);
	T_OK(strstr(said,
		 "'update 11' needs " NINE
		 ", which is not held, and lacks 2 more\n") != NULL);
	T_OK(strstr(said, "2 revisions lack 3 updates not held") != NULL);
	T_EQ(tell(s, 0, NULL), 0); /* and ends with 10 by itself */
	T_OK(strstr(said, "wsusferry-list") == NULL);
	T_EQ(tell(s, 1, &found), 4);
	T_OK(strstr(said, "'update 11' bundles revision 100 of ab03") != NULL);
	T_OK(strstr(said, "more") == NULL);
	T_OK(strstr(said, "wsusferry-list") == NULL);
	store_close(s);
}

T_TEST(other_alternatives_that_are_not_held_are_told_with_v_only)
{
	struct store *s = make_begun(t_tmpdir());
	struct make m;

	make_update(&m, 1, 1);
	make_put_ok(s, &m);
	make_update(&m, 11, 1);
	make_needs(&m, 5, 1);
	make_needs(&m, 5, 9);
	make_put_ok(s, &m);
	make_commit(s);
	T_EQ(tell(s, 0, NULL), 0);
	T_STR(said, "");
	T_EQ(tell(s, 1, NULL), 0);
	T_STR(said,
	    "debug\t" NINE
	    "\tnot held, an alternative that 1 revision names\n");
	store_close(s);
}

T_TEST(what_a_policy_left_out_is_news_and_no_fault)
{
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	struct sync_upstream u;
	struct make m;

	make_update(&m, 11, 1);
	T_CALL(store_file_left_out(
		   s, make_file(&m, "bb", "b.cab")->sha1, true, &e),
	    &e);
	make_put_ok(s, &m);
	T_EQ(tell(s, 0, NULL), 0);
	T_STR(said,
	    "info\t-\t1 payload file, 2 bytes, is left out on purpose by a "
	    "policy\n");
	/* Where there is an upstream, it can help. */
	T_CALL(sync_upstream(s, "http://one", &u, &e), &e);
	T_CALL(store_file_left_out(s, m.files[0].sha1, false, &e), &e);
	make_update(&m, 12, 1);
	make_needs(&m, 3, 8);
	make_needs(&m, 3, 9);
	make_put_ok(s, &m);
	make_commit(s);
	T_EQ(tell(s, 0, NULL), 0);
	T_OK(strstr(said,
		 BB "): wsusferry-fetch gets what its policy wants\n") != NULL);
	T_OK(strstr(said,
		 "'update 12' needs one of 2, of which none is held; the first "
		 "is ab28") != NULL);
	T_OK(
	    strstr(said, ": wsusferry-fetch --full asks for it again") != NULL);
	store_close(s);
}

T_TEST(a_summary_and_its_keys)
{
	const struct lacking l = {2, 3, 4, 5, 6 << 20, 1, 7, 8};
	struct json j = JSON_INIT;

	json_begin(&j);
	lacking_json(&j, &l);
	T_STR(json_end(&j),
	    "{\"lacking_revisions\":2,\"missing_revisions\":4,"
	    "\"absent_files\":5,\"absent_bytes\":6291456,"
	    "\"damaged_files\":1,\"unwanted_files\":7,\"unwanted_bytes\":8}");
	json_free(&j);
	T_STR(lacking_summary(&l).s,
	    "5 files absent (6.0 MiB), 1 of them lost or damaged, 7 files left "
	    "out by policy; 2 revisions incomplete");
}

T_MAIN
