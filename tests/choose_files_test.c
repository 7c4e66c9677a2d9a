/* SPDX-License-Identifier: ISC */
/* What takes another's place, the payload that follows, and the explanation. */
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/choose/choose.h"
#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* An update of Windows 11 that supersedes others; 0 ends them. */
static void
successor(struct store *s, unsigned id, const char *title, unsigned class,
    const unsigned *of)
{
	struct make m;

	choose_offer(&m, id, title, CM_WIN11, class);
	for (; of != NULL && *of != 0; of++)
		m.superseded[m.u.nsuperseded++] = make_guid(*of);
	make_put_ok(s, &m);
}

/* One more revision, in a store that was committed. */
static void
more(struct store *s, const struct make *m)
{
	struct err e = ERR_INIT;

	T_CALL(store_begin(s, &e), &e);
	make_put_ok(s, m);
	make_commit(s);
}

#define OF(...) ((const unsigned[]){__VA_ARGS__, 0})

T_TEST(what_another_supersedes_is_left_out)
{
	struct store *s = choose_store();
	struct applied a;

	successor(s, 100, "first", CM_SECURITY, NULL);
	successor(s, 101, "second", CM_SECURITY, OF(100));
	successor(s, 102, "third", CM_SECURITY, OF(101)); /* 100 by 101 */
	successor(s, 103, "itself, too", CM_SECURITY, OF(103, 900, 104));
	successor(s, 104, "fourth", CM_SECURITY, NULL);
	make_commit(s);
	T_STR(choose_ins(s, ""), "102 103 ");
	T_STR(choose_ins(s, "superseded = yes\n"), "100 101 102 103 104 ");
	T_STR(choose_ins(s, "superseded = no\n"), "102 103 ");
	T_STR(choose_ins(s, "approve = ab740000-0000-0000-0000-000000000064\n"),
	    "100 102 103 ");
	T_EQ(choose_apply(&a, s, ""), 0);
	T_STR(choose_says(&a, 100),
	    "superseded: superseded by "
	    "ab990000-0000-0000-0000-000000000065, second");
	choose_done(&a);
	store_close(s);
}

/* Or there would be a hole: a preview that is not wanted takes the security
   update away. */
T_TEST(only_what_is_wanted_itself_takes_a_place)
{
	struct store *s = choose_store();
	struct make m;

	successor(s, 99, "older", CM_SECURITY, NULL);
	successor(s, 100, "security", CM_SECURITY, OF(99));
	successor(s, 101, "preview", CM_DEFINITIONS, OF(100));
	make_commit(s);
	T_STR(choose_ins(s, ""), "101 ");
	T_STR(choose_ins(s, "classification = Security Updates\n"), "100 ");
	T_STR(choose_ins(s, "title-exclude = preview\n"), "100 ");
	T_STR(choose_ins(s, "decline = ab990000-0000-0000-0000-000000000065\n"),
	    "100 ");
	/* A newer revision says no more, or has expired. */
	choose_offer(&m, 101, "preview", CM_WIN11, CM_DEFINITIONS);
	m.u.revision = 2;
	m.u.expired = true;
	m.superseded[m.u.nsuperseded++] = make_guid(100);
	snprintf(m.text, sizeof(m.text), "expired");
	more(s, &m);
	T_STR(choose_ins(s, ""), "100 ");
	choose_offer(&m, 101, "preview", CM_WIN11, CM_DEFINITIONS);
	m.u.revision = 3;
	snprintf(m.text, sizeof(m.text), "silent");
	more(s, &m);
	T_STR(choose_ins(s, ""), "100 101 ");
	store_close(s);
}

T_TEST(what_supersedes_each_other_in_a_circle_stays)
{
	struct store *s = choose_store();

	successor(s, 100, "a", CM_SECURITY, OF(101));
	successor(s, 101, "b", CM_SECURITY, OF(102, 103));
	successor(s, 102, "c", CM_SECURITY, OF(100));
	successor(s, 103, "hangs from it", CM_SECURITY, NULL);
	make_commit(s);
	T_STR(choose_ins(s, ""), "100 101 102 103 ");
	store_close(s);
}

T_TEST(a_circle_that_another_supersedes_goes)
{
	struct store *s = choose_store();

	successor(s, 100, "a", CM_SECURITY, OF(101));
	successor(s, 101, "b", CM_SECURITY, OF(100));
	successor(s, 102, "c", CM_SECURITY, OF(100));
	make_commit(s);
	T_STR(choose_ins(s, ""), "102 ");
	store_close(s);
}

static const char *
name_of(const struct choose_file *f)
{
	static const char *const contents[] = {
	    "a", "bb", "ccc", "dddd", "express", "german", "english"};
	struct digest d;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
		T_CALL(digest_mem(DIGEST_BOTH, contents[i], strlen(contents[i]),
			   &d, &e),
		    &e);
		if (memcmp(d.sha1, f->sha1, SHA1_LEN) != 0)
			continue;
		T_EQ(f->size, strlen(contents[i]));
		T_MEM(f->sha256, d.sha256, SHA256_LEN);
		return contents[i];
	}
	return "?";
}

/* "updates: content content; absent, bytes" */
static const char *
files(struct store *s, const char *policy)
{
	static char out[512];
	struct choose_files f;
	struct applied a;
	struct err e = ERR_INIT;
	size_t i, at;

	if (choose_apply(&a, s, policy) == -1)
		return choose_error;
	T_CALL(choose_files(&a.c, &f, &e), &e);
	at = (size_t)snprintf(out, sizeof(out), "%" PRIu64 ":", f.updates);
	for (i = 0; i < f.n; i++)
		at += (size_t)snprintf(out + at, sizeof(out) - at, " %s%s",
		    name_of(&f.v[i]), f.v[i].present ? "+" : "");
	snprintf(out + at, sizeof(out) - at, "; %" PRIu64 ", %" PRIu64,
	    f.absent, f.absent_bytes);
	choose_files_free(&f);
	choose_files_free(&f);
	choose_done(&a);
	return out;
}

/* Bundle 100 of 200, which bundles 201 and the German 202. */
static void
nested(struct store *s)
{
	static const char *de[] = {"de"};
	struct update_file *f;
	struct make m;

	choose_part(&m, 201, "bb");
	f = make_file(&m, "express", "e.psf");
	f->patching = "Express";
	make_put_ok(s, &m);
	choose_part(&m, 202, "german");
	m.u.langs = de;
	m.u.nlangs = 1;
	make_put_ok(s, &m);
	choose_part(&m, 200, "ccc");
	make_bundles(&m, 201, 1);
	make_bundles(&m, 202, 1);
	make_put_ok(s, &m);
	choose_offer(&m, 100, "bundle", CM_WIN11, CM_SECURITY);
	make_bundles(&m, 200, 1);
	make_bundles(&m, 999, 1); /* not held */
	m.kbs[m.u.nkbs++] = "5000001";
	make_put_ok(s, &m);
}

T_TEST(files_follow_through_bundles_largest_first)
{
	struct store *s = choose_store();
	struct make m;

	nested(s);
	choose_part(&m, 203, "dddd"); /* nobody needs it */
	make_put_ok(s, &m);
	choose_offer(&m, 101, "plain", CM_WIN10, CM_SECURITY);
	make_file(&m, "a", "a.cab");
	make_file(&m, "bb", "same.cab"); /* each digest once */
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(files(s, ""), "2: german ccc bb a; 4, 12");
	T_STR(files(s, "product = Windows 10\n"), "1: bb a; 2, 3");
	T_STR(files(s, "product = Microsoft Defender Antivirus\n"), "0:; 0, 0");
	store_close(s);
}

T_TEST(express_files_come_only_when_asked_for_by_their_type)
{
	struct store *s = choose_store();
	struct update_file *f;
	struct make m;

	nested(s);
	/* The same file without that type is another matter. */
	choose_offer(&m, 101, "whole", CM_WIN10, CM_SECURITY);
	f = make_file(&m, "express", "e.psf");
	f->patching = "SelfContained";
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(files(s, "product = Windows 11\n"), "1: german ccc bb; 3, 11");
	T_STR(files(s, "product = Windows 11\nexpress = yes\n"),
	    "1: express german ccc bb; 4, 18");
	T_STR(files(s, ""), "2: express german ccc bb; 4, 18");
	store_close(s);
}

T_TEST(parts_of_other_languages_and_declined_ones_stay_away)
{
	struct store *s = choose_store();

	nested(s);
	make_commit(s);
	T_STR(files(s, "language = en\n"), "1: ccc bb; 2, 5");
	T_STR(files(s, "language = de\n"), "1: german ccc bb; 3, 11");
	/* What was approved is taken whole. */
	T_STR(files(s, "language = en\napprove = 5000001\n"),
	    "1: german ccc bb; 3, 11");
	/* 201 */
	T_STR(files(s, "decline = ab0d0000-0000-0000-0000-0000000000c9\n"),
	    "1: german ccc; 2, 9");
	store_close(s);
}

T_TEST(what_is_there_is_not_absent)
{
	struct store *s = choose_store();
	struct err e = ERR_INIT;
	struct digest d;

	nested(s);
	T_CALL(digest_mem(DIGEST_BOTH, "ccc", 3, &d, &e), &e);
	T_CALL(store_file_present(s, d.sha1, &d, &e), &e);
	make_commit(s);
	T_STR(files(s, ""), "1: german ccc+ bb; 2, 8");
	store_close(s);
}

T_TEST(bundles_of_each_other_end)
{
	struct store *s = choose_store();
	struct make m;

	choose_offer(&m, 100, "a", CM_WIN11, CM_SECURITY);
	make_file(&m, "a", "a.cab");
	make_bundles(&m, 101, 1);
	make_put_ok(s, &m);
	choose_offer(&m, 101, "b", CM_WIN11, CM_SECURITY);
	make_file(&m, "bb", "b.cab");
	make_bundles(&m, 100, 1);
	make_bundles(&m, 101, 1);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(files(s, ""), "2: bb a; 2, 3");
	store_close(s);
}

/* A revision that a bundle names exactly, though a newer one is held. */
T_TEST(the_exact_revision_is_followed)
{
	struct store *s = choose_store();
	struct make m;

	choose_part(&m, 200, "a");
	make_put_ok(s, &m);
	choose_part(&m, 200, "bb");
	m.u.revision = 2;
	snprintf(m.text, sizeof(m.text), "second");
	make_put_ok(s, &m);
	choose_offer(&m, 100, "bundle", CM_WIN11, CM_SECURITY);
	make_bundles(&m, 200, 1);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(files(s, ""), "1: a; 1, 1");
	store_close(s);
}

/* What choose_explain() prints on standard output, or its error. */
static const char *
explained(struct store *s, const char *policy, const char *what, bool json)
{
	static char out[2048];
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	struct applied a;
	int saved, fd, r;
	ssize_t n;

	log.prog = "t";
	log.json = json;
	T_EQ(choose_apply(&a, s, policy), 0);
	fd = memfd_create("said", MFD_CLOEXEC);
	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	(void)dup2(fd, STDOUT_FILENO);
	r = choose_explain(&a.c, what, &log, &e);
	(void)fflush(stdout);
	(void)dup2(saved, STDOUT_FILENO);
	n = pread(fd, out, sizeof(out) - 1, 0);
	out[n > 0 ? n : 0] = '\0';
	(void)close(saved);
	(void)close(fd);
	if (r == -1)
		snprintf(out, sizeof(out), "%u %s", e.kind, e.msg);
	choose_done(&a);
	return out;
}

#define IN_100                                                                 \
	"in   ab740000-0000-0000-0000-000000000064 1  KB5000001  bundle\n"     \
	"     product Windows 11 (line 1); 3 files of 11 bytes, 0 of 0 bytes " \
	"held\n"

T_TEST(an_update_is_explained_by_kb_id_or_title)
{
	static const char win11[] = "product = Windows 11\n";
	struct store *s = choose_store();
	struct make m;

	nested(s);
	choose_offer(&m, 101, "bundle of old", CM_WIN11, CM_SECURITY);
	m.u.revision = 2;
	make_file(&m, "ccc", "shared.cab");
	make_put_ok(s, &m);
	choose_offer(&m, 101, "bundle of long ago", CM_WIN11, CM_SECURITY);
	snprintf(m.text, sizeof(m.text), "older");
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(explained(s, win11, "KB5000001", false), IN_100);
	T_STR(explained(s, win11, "kb5000001", false), IN_100);
	T_STR(explained(s, win11, "5000001", false), IN_100);
	T_STR(
	    explained(s, win11, "AB740000-0000-0000-0000-000000000064", false),
	    IN_100);
	T_STR(explained(s, win11, "BUNDLE", false),
	    IN_100
	    "in   ab990000-0000-0000-0000-000000000065 2  bundle of old\n"
	    "     product Windows 11 (line 1); 1 file of 3 bytes, 0 of 0 "
	    "bytes held\n");
	T_STR(explained(s, "product = Windows 10\nexpress = yes\n", "KB5000001",
		  false),
	    "out  ab740000-0000-0000-0000-000000000064 1  KB5000001  bundle\n"
	    "     its product is not wanted: Windows 11; 4 files of 18 bytes, "
	    "0 of 0 bytes held\n");
	/* Any id: a part, a category. */
	T_STR(
	    explained(s, win11, "abe80000-0000-0000-0000-0000000000c8", false),
	    "out  abe80000-0000-0000-0000-0000000000c8 1  update 200\n"
	    "     offered in bundles only, not by itself; 3 files of 11 bytes, "
	    "0 of 0 bytes held\n");
	T_STR(explained(s, win11, "nothing of the kind", false),
	    "8 'nothing of the kind': no update held has that KB number, id or "
	    "text in its title");
	T_STR(
	    explained(s, win11, "00000000-0000-0000-0000-000000000000", false),
	    "8 '00000000-0000-0000-0000-000000000000': no update held has that "
	    "KB number, id or text in its title");
	store_close(s);
}

T_TEST(scripts_get_the_explanation_as_an_object)
{
	const char *dir = t_tmpdir();
	struct store *s = choose_store_in(dir);

	nested(s);
	make_here(s, dir, "ccc", "cab");
	make_commit(s);
	T_STR(explained(s, "language = pl\n", "KB5000001", true),
	    "{\"type\":\"explain\","
	    "\"id\":\"ab740000-0000-0000-0000-000000000064\",\"revision\":1,"
	    "\"kind\":\"Software\",\"kb\":[\"5000001\"],\"title\":\"bundle\","
	    "\"state\":\"newest\",\"severity\":null,"
	    "\"created\":\"2027-01-01T00:00:00Z\","
	    "\"classifications\":[\"Security Updates\"],"
	    "\"products\":[\"Windows 11\"],\"wanted\":true,\"why\":\"in\","
	    "\"reason\":\"no line leaves it out\",\"files\":2,\"bytes\":5,"
	    "\"files_held\":1,\"bytes_held\":3}\n");
	store_close(s);
}

T_MAIN
