/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/store/lacking.h"
#include "lib/store/plan.h"
#include "lib/store/store.h"
#include "lib/store/store_show.h"
#include "lib/store/sync.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

static int
note_rev(void *arg, const struct lacking_rev *r, struct err *e)
{
	char words[LACKING_WORDS];

	(void)e;
	lacking_words(words, r);
	make_note(arg, "%u.%u %s %d%s;", r->id.b[15], r->revision,
	    r->bundled ? "bundles" : "needs", r->needs.b[15],
	    r->refused ? " refused" : "");
	if (r->among != 0)
		make_note(arg, "of %u;", r->among);
	if (r->needs_revision != 0)
		make_note(arg, "revision %u;", r->needs_revision);
	if (r->needs_title != NULL)
		make_note(arg, "%s;", r->needs_title);
	return 0;
}

static const char *
revs(struct store *s, const struct lacking_of *of)
{
	static struct make_notes g;
	struct err e = ERR_INIT;

	g.text[0] = '\0';
	T_CALL(lacking_each_rev(s, of, note_rev, &g, &e), &e);
	return g.text;
}

static int
note_file(void *arg, const struct lacking_file *f, struct err *e)
{
	(void)e;
	make_note(arg, "%s %d of %d%s%s;", f->name,
	    f->has_size ? (int)f->size : -1, f->id.b[15],
	    *f->fault != '\0' ? ": " : "", f->fault);
	return 0;
}

static const char *
files(struct store *s, const struct lacking_of *of)
{
	static struct make_notes g;
	struct err e = ERR_INIT;

	g.text[0] = '\0';
	T_CALL(lacking_each_file(s, of, note_file, &g, &e), &e);
	return g.text;
}

static const char *
counts(struct store *s, const struct lacking_of *of)
{
	static char text[128];
	struct err e = ERR_INIT;
	struct lacking l;

	T_CALL(lacking_count(s, of, &l, &e), &e);
	snprintf(text, sizeof(text), "%d of %d lack %d; %d, %d; %d, %d",
	    (int)l.lacks, (int)l.revisions, (int)l.needs, (int)l.files,
	    (int)l.bytes, (int)l.left_out, (int)l.left_out_bytes);
	T_EQ(lacking_any(&l), l.revisions != 0 || l.files != 0);
	return text;
}

T_TEST(a_store_that_has_all_lacks_nothing)
{
	struct store *s = make_begun(t_tmpdir());
	struct make m;

	T_STR(counts(s, NULL), "0 of 0 lack 0; 0, 0; 0, 0");
	make_category(&m, 1, CATEGORY_PRODUCT);
	make_put_ok(s, &m);
	make_update(&m, 2, 1);
	make_needs(&m, 0, 1);
	make_put_ok(s, &m);
	make_update(&m, 3, 1);
	make_needs(&m, 0, 2);
	make_bundles(&m, 2, 1);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(counts(s, NULL), "0 of 0 lack 0; 0, 0; 0, 0");
	T_STR(revs(s, NULL), "");
	T_STR(files(s, NULL), "");
	store_close(s);
}

/* One update that needs and bundles what the row says; 2.1 is held. */
static const struct {
	const char *what;
	unsigned plain, group[4], bundled, revision;
	const char *lacks;
} rows[] = {
    {"a held prerequisite", 2, {0}, 0, 0, ""},
    {"a prerequisite that nobody holds", 9, {0}, 0, 0, "3.1 needs 9;"},
    {"alternatives, the first held", 0, {2, 8, 9}, 0, 0, ""},
    {"alternatives, the last held", 0, {8, 9, 2}, 0, 0, ""},
    {"alternatives, one in the middle held", 0, {8, 2, 9}, 0, 0, ""},
    {"alternatives, none held", 0, {8, 9, 7}, 0, 0, "3.1 needs 8;of 3;"},
    {"one alternative, not held", 0, {8}, 0, 0, "3.1 needs 8;of 1;"},
    {"the exact bundled revision", 0, {0}, 2, 1, ""},
    {"another revision of a bundled one", 0, {0}, 2, 2,
	"3.1 bundles 2;revision 2;update 2;"},
    {"a bundled one that nobody holds", 0, {0}, 9, 2,
	"3.1 bundles 9;revision 2;"},
    {"all three", 9, {8, 7}, 6, 1,
	"3.1 needs 9;3.1 needs 8;of 2;3.1 bundles 6;revision 1;"},
};

T_TEST(lacking_is_what_a_revision_cannot_do_without)
{
	size_t i, k;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store *s = make_begun(t_tmpdir());
		struct make m;

		make_update(&m, 2, 1);
		make_put_ok(s, &m);
		make_update(&m, 3, 1);
		if (rows[i].plain != 0)
			make_needs(&m, 0, rows[i].plain);
		for (k = 0; k < 4 && rows[i].group[k] != 0; k++)
			make_needs(&m, 5, rows[i].group[k]);
		if (rows[i].bundled != 0)
			make_bundles(&m, rows[i].bundled, rows[i].revision);
		make_put_ok(s, &m);
		make_commit(s);
		if (strcmp(revs(s, NULL), rows[i].lacks) != 0)
			t_fail(__FILE__, __LINE__, "%s: '%s', expected '%s'",
			    rows[i].what, revs(s, NULL), rows[i].lacks);
		store_close(s);
	}
}

/* Groups end where another begins, and where another revision does. */
T_TEST(each_group_is_met_by_itself)
{
	struct store *s = make_begun(t_tmpdir());
	struct make m;

	make_update(&m, 2, 1);
	make_put_ok(s, &m);
	make_update(&m, 3, 1);
	make_needs(&m, 5, 2);
	make_needs(&m, 5, 9);
	make_needs(&m, 6, 8);
	make_needs(&m, 6, 7);
	make_needs(&m, 0, 6);
	make_needs(&m, 7, 2);
	make_put_ok(s, &m);
	make_update(&m, 4, 1);
	make_needs(&m, 7, 9);
	make_put_ok(s, &m);
	make_update(&m, 5, 1);
	make_needs(&m, 7, 2);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(revs(s, NULL), "3.1 needs 8;of 2;3.1 needs 6;4.1 needs 9;of 1;");
	T_STR(counts(s, NULL), "3 of 2 lack 3; 0, 0; 0, 0");
	store_close(s);
}

T_TEST(what_several_lack_counts_once_and_comes_when_it_is_held)
{
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	struct make m;
	unsigned i;

	for (i = 3; i < 6; i++) {
		make_update(&m, i, 1);
		make_needs(&m, 0, 9);
		make_bundles(&m, 8, 1 + i % 2);
		make_put_ok(s, &m);
	}
	make_commit(s);
	/* 9, 8.1 and 8.2 */
	T_STR(counts(s, NULL), "6 of 3 lack 3; 0, 0; 0, 0");
	T_CALL(store_begin(s, &e), &e);
	make_update(&m, 9, 7);
	make_put_ok(s, &m);
	make_update(&m, 8, 2);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(revs(s, NULL), "4.1 bundles 8;revision 1;update 8;");
	T_STR(counts(s, NULL), "1 of 1 lack 1; 0, 0; 0, 0");
	T_CALL(store_begin(s, &e), &e);
	make_update(&m, 8, 1);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(counts(s, NULL), "0 of 0 lack 0; 0, 0; 0, 0");
	store_close(s);
}

static void
lost(struct store *s, const char *content)
{
	struct err e = ERR_INIT;
	struct digest d;

	T_CALL(digest_mem(DIGEST_BOTH, content, strlen(content), &d, &e), &e);
	T_CALL(store_file_lost(s, d.sha1, &e), &e);
}

static void
left_out(struct store *s, const char *content, bool out)
{
	struct err e = ERR_INIT;
	struct digest d;

	T_CALL(digest_mem(DIGEST_BOTH, content, strlen(content), &d, &e), &e);
	T_CALL(store_file_left_out(s, d.sha1, out, &e), &e);
}

static const char *dir; /* of three_files() */

static struct store *
three_files(struct make *m)
{
	struct store *s = make_begun(dir = t_tmpdir());

	left_out(s, "three", true); /* before anyone names it */
	make_update(m, 3, 1);
	make_file(m, "one", "one.cab");
	make_file(m, "three", "three.cab");
	make_put_ok(s, m);
	make_update(m, 4, 1);
	make_file(m, "one", "uno.cab");
	make_file(m, "seven77", "seven.cab")->has_size = false;
	make_put_ok(s, m);
	return s;
}

T_TEST(payload_is_here_or_absent_or_left_out_on_purpose)
{
	struct make m;
	struct store *s = three_files(&m);
	struct store_counts c;
	struct err e = ERR_INIT;

	T_STR(files(s, NULL), "one.cab 3 of 3;seven.cab -1 of 4;");
	T_STR(counts(s, NULL), "0 of 0 lack 0; 2, 3; 1, 5");
	T_CALL(store_counts(s, &c, &e), &e);
	T_EQ(c.files, 3);
	T_EQ(c.absent, 2);
	T_EQ(c.left_out, 1);
	make_here(s, dir, "one", "cab");
	T_STR(files(s, NULL), "seven.cab -1 of 4;");
	left_out(s, "seven77", true);
	T_STR(counts(s, NULL), "0 of 0 lack 0; 0, 0; 2, 5");
	/* Somebody wants it after all, and does not bring it. */
	left_out(s, "three", false);
	T_STR(counts(s, NULL), "0 of 0 lack 0; 1, 5; 1, 0");
	/* Somebody removed it. */
	lost(s, "one");
	T_STR(files(s, NULL), "one.cab 3 of 3;three.cab 5 of 3;");
	make_here(s, dir, "one", "cab");
	/* What is here is not left out, and no mark says so later. */
	make_here(s, dir, "seven77", "cab");
	lost(s, "seven77");
	T_STR(files(s, NULL), "three.cab 5 of 3;seven.cab 7 of 4;");
	make_here(s, dir, "seven77", "cab");
	left_out(s, "one", true);
	T_STR(counts(s, NULL), "0 of 0 lack 0; 1, 5; 0, 0");
	T_CALL(store_counts(s, &c, &e), &e);
	T_EQ(c.present, 2);
	T_EQ(c.left_out, 0);
	store_close(s);
}

T_TEST(what_the_store_had_is_absent_too_and_damage)
{
	struct make m;
	struct store *s = three_files(&m);
	const struct lacking_of noted = {.noted = true};
	struct err e = ERR_INIT;
	struct lacking l;

	make_here(s, dir, "one", "cab");
	make_here(s, dir, "seven77", "cab");
	make_commit(s);
	T_CALL(store_begin(s, &e), &e);
	T_STR(counts(s, NULL), "0 of 0 lack 0; 0, 0; 1, 5");
	make_damaged(dir, "one", "cab", 4);
	make_lost(dir, "seven77", "cab");
	T_STR(files(s, NULL),
	    "one.cab 3 of 3: damaged in the store: 7 bytes, expected 3;"
	    "seven.cab 7 of 4: lost from the store;");
	T_STR(counts(s, NULL), "0 of 0 lack 0; 2, 10; 1, 5");
	T_CALL(lacking_count(s, NULL, &l, &e), &e);
	T_EQ(l.damaged, 2);
	T_EQ(lacking_worst(&l, 0), 1);
	T_EQ(lacking_worst(&l, 3), 3);
	/* Who noted it believes the rows. */
	T_STR(counts(s, &noted), "0 of 0 lack 0; 0, 0; 1, 5");
	make_damaged(dir, "one", "cab", -1);
	T_OK(strstr(files(s, NULL), "2 bytes, expected 3") != NULL);
	make_damaged(dir, "one", "cab", 0);
	T_STR(files(s, NULL), "seven.cab 7 of 4: lost from the store;");
	store_close(s);
}

static bool
wants_three(const void *arg, const uint8_t sha1[SHA1_LEN])
{
	return memcmp(sha1, arg, SHA1_LEN) == 0;
}

T_TEST(a_policy_judges_in_the_place_of_the_marks)
{
	struct make m;
	struct store *s = three_files(&m);
	struct err e = ERR_INIT;
	struct lacking_of of = {.wanted = wants_three};
	struct digest d;

	T_CALL(digest_mem(DIGEST_BOTH, "three", 5, &d, &e), &e);
	of.arg = d.sha1;
	T_STR(files(s, &of), "three.cab 5 of 3;");
	T_STR(counts(s, &of), "0 of 0 lack 0; 1, 5; 2, 3");
	store_close(s);
}

T_TEST(a_policy_leaves_its_marks)
{
	struct make m;
	struct store *s = three_files(&m);
	struct err e = ERR_INIT;
	struct lacking_of of = {.wanted = wants_three};
	struct digest d;

	make_here(s, dir, "one", "cab");
	T_CALL(digest_mem(DIGEST_BOTH, "three", 5, &d, &e), &e);
	of.arg = d.sha1;
	T_CALL(lacking_mark(s, &of, &e), &e);
	T_STR(files(s, NULL), "three.cab 5 of 3;");
	T_STR(counts(s, NULL), "0 of 0 lack 0; 1, 5; 1, 0");
	store_close(s);
}

T_TEST(some_revisions_can_be_asked_about)
{
	struct row_set only = {.bits = NULL};
	struct make m;
	struct store *s = three_files(&m); /* rows 1, 2 */
	struct lacking_of of = {.only = &only};
	struct err e = ERR_INIT;

	make_update(&m, 5, 1);
	make_needs(&m, 0, 9);
	make_put_ok(s, &m);
	make_update(&m, 6, 1);
	make_needs(&m, 0, 8);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(counts(s, &of), "0 of 0 lack 0; 0, 0; 0, 0");
	T_CALL(row_set_add(&only, 2, &e), &e);
	T_CALL(row_set_add(&only, 4, &e), &e);
	T_STR(counts(s, &of), "1 of 1 lack 1; 2, 3; 0, 0");
	T_STR(revs(s, &of), "6.1 needs 8;");
	T_STR(files(s, &of), "one.cab 3 of 4;seven.cab -1 of 4;");
	row_set_free(&only);
	store_close(s);
}

/* What cannot leave by itself lacks something, and what lacks something cannot
   leave: export's plan and this count are one truth. */
struct agree {
	struct row_set lacks, left,
	    alone; /* alone: nothing else is the cause */
};

static int
see_lack(void *arg, const struct lacking_rev *r, struct err *e)
{
	return row_set_add(&((struct agree *)arg)->lacks, r->row, e);
}

static int
see_left(void *arg, const struct plan_left *l, struct err *e)
{
	struct agree *a = arg;

	if (row_set_add(&a->left, l->row, e) == -1)
		return -1;
	return l->held ? 0 : row_set_add(&a->alone, l->row, e);
}

T_TEST(a_plan_leaves_out_what_lacks_something)
{
	unsigned seed, nlacks = 0, nleft = 0;
	struct err e = ERR_INIT;
	struct plan p;
	int64_t row;

	for (seed = 1; seed <= 20; seed++) {
		const struct selection all = {.all_revisions = true};
		struct store *s = make_begun(t_tmpdir());
		struct agree a = {.lacks = {.bits = NULL}};

		make_random(s, seed, 2 * seed);
		make_commit(s);
		T_CALL(lacking_each_rev(s, NULL, see_lack, &a, &e), &e);
		if (plan_make(&p, s, &all, see_left, &a, &e) == -1) {
			T_EQ(e.kind, E_FORMAT); /* a circle */
			err_clear(&e);
		}
		plan_free(&p);
		for (row = 1; row <= 2 * (int64_t)seed; row++) {
			nlacks += row_set_has(&a.lacks, row);
			nleft += row_set_has(&a.left, row);
			if (row_set_has(&a.lacks, row))
				T_OK(row_set_has(&a.left, row));
			if (row_set_has(&a.alone, row))
				T_OK(row_set_has(&a.lacks, row));
		}
		row_set_free(&a.lacks);
		row_set_free(&a.left);
		row_set_free(&a.alone);
		store_close(s);
	}
	T_OK(nlacks > 20 && nleft > nlacks);
}

T_TEST(what_an_upstream_refused_is_told_so)
{
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	struct sync_upstream u;
	struct guid nine = make_guid(9);
	struct make m;
	bool added;

	make_update(&m, 3, 1);
	make_bundles(&m, 9, 2);
	make_bundles(&m, 8, 2);
	make_put_ok(s, &m);
	make_commit(s);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(sync_upstream(s, "http://one", &u, &e), &e);
	T_CALL(sync_add(s, u.row, SYNC_CLOSURE, &nine, 2, &added, &e), &e);
	T_STR(revs(s, NULL),
	    "3.1 bundles 9;revision 2;3.1 bundles 8;revision 2;");
	T_CALL(sync_unavailable(s, u.row, &nine, 2, "no", &e), &e);
	T_STR(revs(s, NULL),
	    "3.1 bundles 9 refused;revision 2;3.1 bundles 8;revision 2;");
	store_close(s);
}

T_MAIN
