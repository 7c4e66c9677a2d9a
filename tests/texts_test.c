/* SPDX-License-Identifier: ISC */
/* The texts of an offer: each once, shared, and whole. */
#include "tests/t.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "tests/store_make.h"
#include "tests/texts_make.h"

MAKE_IN_MEMORY

static struct texts_rig rig;
static struct texts_done done;

static void
make(struct snapshot *s, const struct snapshot *prev, uint64_t rows)
{
	T_CALL(texts_make_of(&rig, s, prev, rows, &done), &rig.e);
	texts_are_right(&rig, s);
}

T_TEST(a_first_one_has_all_of_them_in_one_segment)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct stat st;

	texts_setup(&rig, NULL);
	texts_put(&rig, 5, 100, "en de fr", 300);
	texts_put(&rig, 2, 7, "de! en!", 300);
	make(&s, NULL, 3);
	T_EQ(s.nsegments, 1);
	T_EQ(done.made, s.nfragments);
	T_EQ(done.documents, 2);
	T_EQ(done.bytes, s.segments[0].size);
	T_EQ(s.texts, 0);
	T_EQ(stat(texts_path(&rig, &s, 0), &st), 0);
	T_EQ(st.st_mode & 07777, 0444);
	T_EQ(make_is_there(rig.dir, "offer/texts/.new.seg.partial"), false);
	snapshot_free(&s);
	texts_teardown(&rig);
}

T_TEST(nothing_new_makes_no_segment)
{
	struct snapshot a = SNAPSHOT_INIT, b = SNAPSHOT_INIT;

	texts_setup(&rig, NULL);
	texts_put(&rig, 5, 100, "en de", 300);
	texts_put(&rig, 2, 7, "de", 300);
	make(&a, NULL, 3);
	make(&b, &a, 3);
	T_EQ(done.documents, 0);
	T_EQ(done.bytes, 0);
	T_EQ(done.taken, a.nfragments);
	T_EQ(b.nsegments, 1);
	T_MEM(b.segments[0].hash, a.segments[0].hash, BLAKE_LEN);
	snapshot_free(&a);
	snapshot_free(&b);
	texts_teardown(&rig);
}

T_TEST(what_is_new_goes_into_a_segment_of_its_own)
{
	struct snapshot a = SNAPSHOT_INIT, b = SNAPSHOT_INIT;

	texts_setup(&rig, NULL);
	texts_put(&rig, 5, 100, "en de", 300);
	texts_put(&rig, 2, 7, "de", 300);
	make(&a, NULL, 1);
	make(&b, &a, 3);
	T_EQ(done.documents, 1);
	T_EQ(done.taken, a.nfragments);
	T_EQ(b.nsegments, 2);
	T_MEM(b.segments[0].hash, a.segments[0].hash, BLAKE_LEN);
	snapshot_free(&a);
	snapshot_free(&b);
	texts_teardown(&rig);
}

T_TEST(more_than_sixteen_become_one)
{
	struct snapshot s[2] = {SNAPSHOT_INIT, SNAPSHOT_INIT};
	unsigned i;

	texts_setup(&rig, NULL);
	for (i = 0; i < 18; i++) {
		texts_put(&rig, i + 1, 1, "en", 100);
		snapshot_free(&s[i % 2]);
		make(&s[i % 2], i > 0 ? &s[1 - i % 2] : NULL,
		    ((uint64_t)1 << (i + 1)) - 1);
		T_EQ(s[i % 2].nsegments, i < 16 ? i + 1 : i - 15);
		T_EQ(done.merged, i == 16);
		T_EQ(done.documents, 1);
	}
	snapshot_free(&s[0]);
	snapshot_free(&s[1]);
	texts_teardown(&rig);
}

T_TEST(where_less_than_half_is_in_use_the_rest_is_copied)
{
	struct snapshot a = SNAPSHOT_INIT, b = SNAPSHOT_INIT;
	struct snapshot c = SNAPSHOT_INIT;

	texts_setup(&rig, NULL);
	texts_put(&rig, 1, 1, "en", 3000);
	texts_put(&rig, 2, 1, "en", 3000);
	texts_put(&rig, 3, 1, "en", 3000);
	make(&a, NULL, 7);
	make(&b, &a, 6);
	T_EQ(done.merged, false);
	make(&c, &b, 4);
	T_EQ(done.merged, true);
	T_EQ(done.copied, c.nfragments);
	T_EQ(done.documents, 0);
	T_EQ(c.segments[0].size, done.bytes);
	T_OK(done.bytes < a.segments[0].size / 2);
	snapshot_free(&a);
	snapshot_free(&b);
	snapshot_free(&c);
	texts_teardown(&rig);
}

/* --- languages --- */

static const struct {
	const char *doc, *kept, *have;
} languages[] = {
    {"en de fr", NULL, "en de fr"},
    {"en de fr", "de", "en de"},
    {"fr de en", "de", "fr de en"},
    {"en de-AT de-ch", "de-at", "en de-AT"},
    {"en de pt-br", "de-at pt", "en de pt-br"},
    {"ja en-gb", "de", "ja en-gb"},
    {"ja zh-cn zh-tw", "ZH-TW", "ja zh-tw"},
    {"en den", "de", "en"},
};

static const char *
have(const struct snapshot *s)
{
	static char text[200];
	size_t i, n = 0;

	for (i = 2; i < s->nfragments; i++) {
		const struct snapshot_name *m = &s->names[s->fragments[i].lang];

		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s",
		    i > 2 ? " " : "", (int)m->len, s->text + m->off);
	}
	return text;
}

T_TEST(languages_that_nobody_asks_for_are_not_kept)
{
	unsigned i;

	for (i = 0; i < sizeof(languages) / sizeof(*languages); i++) {
		struct snapshot s = SNAPSHOT_INIT;

		texts_setup(&rig, languages[i].kept);
		texts_put(&rig, 1, 1, languages[i].doc, 10);
		make(&s, NULL, 1);
		T_STR(have(&s), languages[i].have);
		snapshot_free(&s);
		texts_teardown(&rig);
		T_EQ(texts_same_languages(&s, NULL), true);
	}
}

/* The default is the document's own language, else English, else the first. */
static const struct {
	const char *own, *doc, *have;
} defaults[] = {
    {"de", "fr en de", "de en"},
    {"es", "fr en de", "en de"},
    {"es", "fr it", "fr"},
    {"es", "fr de it", "fr de"},
    {"es", "de fr", "de"},
    {"", "fr", "fr"},
    {"DE", "de de en", "de en"},
};

T_TEST(one_text_is_the_default)
{
	unsigned i;

	for (i = 0; i < sizeof(defaults) / sizeof(*defaults); i++) {
		struct snapshot s = SNAPSHOT_INIT, narrow = SNAPSHOT_INIT;
		char langs[64];

		texts_setup(&rig, "de");
		snprintf(langs, sizeof(langs), "%s", defaults[i].doc);
		texts_put_own(&rig, 1, defaults[i].own, langs);
		T_CALL(texts_make_of(&rig, &s, NULL, 1, &done), &rig.e);
		T_STR(have(&s), defaults[i].have);
		/* The same where it is taken over from one that keeps all. */
		texts_languages(&rig, NULL);
		snapshot_free(&s);
		T_CALL(texts_make_of(&rig, &s, NULL, 1, &done), &rig.e);
		texts_languages(&rig, "de");
		T_CALL(texts_make_of(&rig, &narrow, &s, 1, &done), &rig.e);
		T_EQ(done.documents, 0);
		T_STR(have(&narrow), defaults[i].have);
		snapshot_free(&s);
		snapshot_free(&narrow);
		texts_teardown(&rig);
	}
}

T_TEST(other_languages_are_added_without_the_rest)
{
	struct snapshot a = SNAPSHOT_INIT, b = SNAPSHOT_INIT;
	struct snapshot c = SNAPSHOT_INIT;

	texts_setup(&rig, "de");
	texts_put(&rig, 1, 1, "en! de! fr! ja", 500);
	texts_put(&rig, 2, 1, "en de fr ja", 500);
	make(&a, NULL, 3);
	texts_languages(&rig, "fr DE");
	T_EQ(texts_same_languages(&a, &rig.langs), false);
	make(&b, &a, 3);
	T_EQ(texts_same_languages(&b, &rig.langs), true);
	T_EQ(done.documents, 2);
	T_EQ(done.made, 3);
	T_EQ(done.taken, a.nfragments);
	T_EQ(b.nsegments, 2);
	texts_languages(&rig, "fr");
	T_EQ(texts_same_languages(&b, &rig.langs), false);
	make(&c, &b, 3);
	T_EQ(done.documents, 0);
	T_EQ(c.nfragments, 10);
	snapshot_free(&a);
	snapshot_free(&b);
	snapshot_free(&c);
	texts_teardown(&rig);
}

/* --- long documents --- */

T_TEST(a_long_document_goes_straight_into_the_segment)
{
	struct snapshot a = SNAPSHOT_INIT, b = SNAPSHOT_INIT;
	struct snapshot c = SNAPSHOT_INIT;

	texts_setup(&rig, "de");
	texts_put(&rig, 3, 1, "en", 100);
	texts_put(&rig, 2, 1, "fr de! ja!", ((size_t)9 << 20) + 17);
	texts_put(&rig, 1, 1, "en", 100);
	texts_put(&rig, 4, 1, "en", (size_t)2 << 20);
	make(&a, NULL, 7);
	T_EQ(a.nblocks, snapshot_blocks(a.segments[0].size));
	make(&b, &a, 15);
	T_EQ(done.documents, 1);
	T_EQ(b.nsegments, 2);
	texts_languages(&rig, "de ja");
	make(&c, &b, 15);
	T_EQ(done.documents, 4);
	T_EQ(done.made, 2);
	snapshot_free(&a);
	snapshot_free(&b);
	snapshot_free(&c);
	texts_teardown(&rig);
}

/* --- damage --- */

static int
count_fault(void *arg, const char *what, const struct err *fault, struct err *e)
{
	char(*said)[300] = arg;
	size_t n = strlen(*said);

	(void)e;
	snprintf(*said + n, sizeof(*said) - n, "%.10s %s; ", what, fault->msg);
	return 0;
}

static void
change(const char *path, off_t at, off_t length)
{
	char c = 0;
	int fd;

	T_EQ(chmod(path, 0644), 0);
	fd = open(path, O_RDWR);
	if (at >= 0) {
		T_EQ(pread(fd, &c, 1, at), 1);
		c ^= 1;
		T_EQ(pwrite(fd, &c, 1, at), 1);
	}
	if (length >= 0)
		T_EQ(ftruncate(fd, length), 0);
	close(fd);
}

static void
fill_damaged(struct snapshot *a)
{
	unsigned i;

	texts_setup(&rig, NULL);
	for (i = 1; i <= 8; i++)
		texts_put(&rig, i, 1, "en", 400000);
	make(a, NULL, 0xff);
	T_EQ(a->nblocks, 4);
}

T_TEST(a_damaged_block_is_made_anew_and_the_rest_copied)
{
	struct snapshot a = SNAPSHOT_INIT, b = SNAPSHOT_INIT;
	char said[300] = "";

	fill_damaged(&a);
	change(texts_path(&rig, &a, 0), SNAPSHOT_BLOCK + 5, -1);
	T_CALL(
	    texts_check(&a, rig.dirfd, 0, count_fault, &said, &rig.e), &rig.e);
	T_OK(strstr(said, "block 1: its bytes and its hash differ; ") != NULL);
	make(&b, &a, 0xff);
	T_EQ(done.bad, 1);
	T_OK(done.documents > 2 && done.documents < 6);
	T_OK(done.copied > 2);
	T_EQ(b.nsegments, 1);
	snapshot_free(&a);
	snapshot_free(&b);
	texts_teardown(&rig);
}

static const struct {
	off_t length; /* -1: it is gone */
	const char *text;
	unsigned documents;
} lengths[] = {
    {-1, "there is none; ", 8},
    {0, "0 bytes, expected ", 8},
    {1 << 20, "1048576 bytes, expected ", 6},
    {(1 << 20) + 1, "1048577 bytes, expected ", 6},
    {4 << 20, "4194304 bytes, expected ", 0},
};

T_TEST(a_segment_of_another_length_is_made_anew)
{
	unsigned i;

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct snapshot a = SNAPSHOT_INIT, b = SNAPSHOT_INIT;
		char said[300] = "";

		fill_damaged(&a);
		if (lengths[i].length == -1)
			T_EQ(unlink(texts_path(&rig, &a, 0)), 0);
		else
			change(texts_path(&rig, &a, 0), -1, lengths[i].length);
		T_CALL(
		    texts_check(&a, rig.dirfd, 0, count_fault, &said, &rig.e),
		    &rig.e);
		T_OK(strstr(said, lengths[i].text) != NULL);
		make(&b, &a, 0xff);
		T_EQ(done.documents, lengths[i].documents);
		T_OK(done.bad > 0);
		snapshot_free(&a);
		snapshot_free(&b);
		texts_teardown(&rig);
	}
}

T_TEST(a_document_that_is_damaged_is_named)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct texts_row at[TEXTS_MAKE_MAX];
	const struct texts_how how = {.store = NULL, .dirfd = -1};
	struct texts_how with = how;

	texts_setup(&rig, NULL);
	texts_put(&rig, 1, 3, "en", 10);
	with.store = rig.s;
	with.dry = true;
	texts_begin(&rig, &s, NULL, 1, at);
	at[0].row = 99;
	T_FAILS(texts_make(&s, at, &with, &done, &rig.e), &rig.e, E_MISSING,
	    " revision 3: revision has no document");
	snapshot_free(&s);
	texts_teardown(&rig);
}

/* --- the same again --- */

T_TEST(a_dry_run_and_any_number_of_threads_make_the_same)
{
	struct snapshot s[5];
	struct texts_row at[TEXTS_MAKE_MAX];
	struct texts_how how = {.dirfd = -1, .dry = true};
	unsigned i, k;

	texts_setup(&rig, NULL);
	how.store = rig.s;
	for (i = 1; i <= 20; i++)
		texts_put(&rig, 41 - i, 1, "en de! fr", 20000 * i);
	for (i = 0; i < 5; i++) {
		s[i] = (struct snapshot)SNAPSHOT_INIT;
		how.jobs = i;
		if (i == 4) {
			how.dry = false;
			how.dirfd = rig.dirfd;
		}
		texts_begin(&rig, &s[i], NULL, 0xfffff, at);
		T_CALL(texts_make(&s[i], at, &how, &done, &rig.e), &rig.e);
		T_EQ(make_is_there(rig.dir, "offer/texts"), i == 4);
		T_EQ(s[i].nfragments, s[0].nfragments);
		T_MEM(s[i].segments[0].hash, s[0].segments[0].hash, BLAKE_LEN);
		for (k = 0; k < s[i].nfragments; k++)
			T_MEM(&s[i].fragments[k], &s[0].fragments[k],
			    sizeof(s[0].fragments[k]));
	}
	texts_are_right(&rig, &s[4]);
	for (i = 0; i < 5; i++)
		snapshot_free(&s[i]);
	texts_teardown(&rig);
}

T_TEST(what_nobody_names_is_swept_and_nothing_else)
{
	struct snapshot a = SNAPSHOT_INIT, b = SNAPSHOT_INIT;
	const struct snapshot *keep[] = {&b};
	char path[600];
	uint64_t n, bytes;

	texts_setup(&rig, NULL);
	texts_put(&rig, 1, 1, "en", 100);
	texts_put(&rig, 2, 1, "en", 100);
	make(&a, NULL, 1);
	make(&b, NULL, 2);
	snprintf(path, sizeof(path), "%s/offer/texts/notes.txt", rig.dir);
	make_text(path, "mine");
	snprintf(
	    path, sizeof(path), "%s/offer/texts/.new.seg.partial", rig.dir);
	make_text(path, "half");
	T_CALL(texts_sweep(rig.dirfd, keep, 1, &n, &bytes, &rig.e), &rig.e);
	T_EQ(n, 2);
	T_EQ(bytes, a.segments[0].size + 4);
	T_EQ(access(texts_path(&rig, &a, 0), F_OK), -1);
	T_EQ(access(texts_path(&rig, &b, 0), F_OK), 0);
	T_OK(make_is_there(rig.dir, "offer/texts/notes.txt"));
	snapshot_free(&a);
	snapshot_free(&b);
	texts_teardown(&rig);
}

/* --- random histories --- */

static const char *const some[] = {
    "en", "de en!", "fr", "ja de-at", "en de fr ja!", "pt-br! pt"};
static const char *const asked[] = {NULL, "de", "de fr", "pt", "ja fr de"};

static void
any_history(unsigned seed)
{
	struct snapshot s[2] = {SNAPSHOT_INIT, SNAPSHOT_INIT};
	unsigned i, now = 0;
	uint64_t rows;

	texts_setup(&rig, NULL);
	for (i = 0; i < 24; i++)
		texts_put(&rig, (unsigned)t_random() % 12, i,
		    some[t_random() % 6], t_random() % 3000);
	for (i = 0; i < 30; i++, now = 1 - now) {
		rows = t_random() & t_random() & 0xffffff;
		if (t_random() % 3 != 0)
			rows |= 0xfff0ff;
		if (t_random() % 3 == 0)
			texts_languages(&rig, asked[t_random() % 5]);
		if (i > 0 && t_random() % 4 == 0 && s[1 - now].nsegments > 0)
			change(texts_path(&rig, &s[1 - now],
				   t_random() % s[1 - now].nsegments),
			    0, -1);
		snapshot_free(&s[now]);
		make(&s[now], i > 0 ? &s[1 - now] : NULL, rows);
	}
	if (t_failures() > 0)
		t_fail(__FILE__, __LINE__, "history %u", seed);
	snapshot_free(&s[0]);
	snapshot_free(&s[1]);
	texts_teardown(&rig);
}

T_TEST(after_any_history_they_are_right)
{
	unsigned i, n = getenv("WF_LONG") != NULL ? 300 : 8;

	for (i = 0; i < n && t_failures() == 0; i++)
		any_history(i);
}

T_MAIN
