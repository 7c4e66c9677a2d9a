/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/store/store.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

static int
note_category(
    void *arg, const struct guid *id, const char *title, struct err *e)
{
	(void)e;
	make_note(arg, "%u=%s;", id->b[15], title);
	return 0;
}

static const char *
categories(struct store *s, int64_t row, enum category_type k)
{
	static struct make_notes g;
	struct err e = ERR_INIT;

	g.text[0] = '\0';
	T_CALL(store_each_category_of(s, row, k, note_category, &g, &e), &e);
	return g.text;
}

static int
note_missing(void *arg, const struct guid *id, uint32_t revision,
    uint64_t wanted_by, struct err *e)
{
	(void)e;
	make_note(arg, "%u.%u by %d;", id->b[15], revision, (int)wanted_by);
	return 0;
}

T_TEST(what_a_bundle_is_filed_under_its_parts_inherit)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	struct make m;
	unsigned i;

	make_fill(s); /* rows 1 to 4 */
	make_category(&m, 3, CATEGORY_PRODUCT);
	make_put_ok(s, &m); /* 5 */
	make_update(&m, 20, 1); /* 6: a leaf, within 21, within 22 and 23 */
	make_put_ok(s, &m);
	make_update(&m, 21, 1);
	make_bundles(&m, 20, 1);
	make_put_ok(s, &m);
	make_update(&m, 22, 1);
	make_bundles(&m, 21, 1);
	make_needs(&m, 0, 3);
	make_needs(&m, 0, 1);
	make_needs(&m, 0, 3);
	make_put_ok(s, &m);
	make_update(&m, 23, 1);
	make_bundles(&m, 21, 1);
	make_needs(&m, 0, 1);
	make_needs(&m, 0, 2);
	make_put_ok(s, &m);
	make_update(&m, 20, 2); /* 10: another revision, in no bundle */
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(categories(s, 4, CATEGORY_PRODUCT), "1=update 1;");
	T_STR(categories(s, 3, CATEGORY_PRODUCT), "1=update 1;");
	T_STR(categories(s, 3, CATEGORY_CLASSIFICATION), "2=update 2;");
	T_STR(categories(s, 8, CATEGORY_PRODUCT), "3=update 3;1=update 1;");
	T_STR(categories(s, 8, CATEGORY_CLASSIFICATION), "");
	T_STR(categories(s, 6, CATEGORY_PRODUCT), "3=update 3;1=update 1;");
	T_STR(categories(s, 6, CATEGORY_CLASSIFICATION), "2=update 2;");
	T_STR(categories(s, 10, CATEGORY_PRODUCT), "");
	for (i = 1; i <= 2; i++)
		T_STR(categories(s, i, CATEGORY_PRODUCT), "");
	store_close(s);
	(void)e;
}

/* The edges of one end where those of the next begin. */
T_TEST(a_part_inherits_from_its_own_bundles_only)
{
	struct store *s = make_begun(t_tmpdir());
	struct make m;
	unsigned i;

	for (i = 1; i <= 3; i++) {
		make_category(&m, i, CATEGORY_PRODUCT);
		make_put_ok(s, &m); /* 1 to 3 */
	}
	for (i = 1; i <= 3; i++) {
		make_update(&m, 10 + i, 1);
		make_put_ok(s, &m); /* 4 to 6 */
	}
	for (i = 3; i > 0; i--) { /* the next part's bundle is known before */
		make_update(&m, 20 + i, 1);
		make_needs(&m, 0, i);
		make_bundles(&m, 10 + i, 1);
		make_put_ok(s, &m);
	}
	make_commit(s);
	T_STR(categories(s, 4, CATEGORY_PRODUCT), "1=update 1;");
	T_STR(categories(s, 5, CATEGORY_PRODUCT), "2=update 2;");
	T_STR(categories(s, 6, CATEGORY_PRODUCT), "3=update 3;");
	store_close(s);
}

T_TEST(own_values_beat_inherited_ones_and_categories_have_none)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	struct make m;

	make_category(&m, 1, CATEGORY_PRODUCT);
	make_needs(&m, 1, 3);
	make_put_ok(s, &m);
	make_category(&m, 2, CATEGORY_CLASSIFICATION);
	make_put_ok(s, &m);
	make_category(&m, 3, CATEGORY_PRODUCT);
	make_put_ok(s, &m);
	make_update(&m, 4, 1);
	m.u.type = UPDATE_DETECTOID;
	make_needs(&m, 1, 1);
	make_put_ok(s, &m);
	make_update(&m, 11, 1); /* 5 */
	make_needs(&m, 1, 3);
	make_put_ok(s, &m);
	make_update(&m, 10, 1); /* 6 */
	make_needs(&m, 1, 1);
	make_needs(&m, 2, 2);
	make_bundles(&m, 11, 1);
	make_bundles(&m, 4, 1);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(categories(s, 5, CATEGORY_PRODUCT), "3=update 3;");
	T_STR(categories(s, 5, CATEGORY_CLASSIFICATION), "2=update 2;");
	T_STR(categories(s, 4, CATEGORY_PRODUCT), "");
	T_STR(categories(s, 1, CATEGORY_PRODUCT), "");
	/* A newer revision says that 1 is no product any more. */
	T_CALL(store_begin(s, &e), &e);
	make_category(&m, 1, CATEGORY_FAMILY);
	m.u.revision = 2;
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(categories(s, 6, CATEGORY_PRODUCT), "");
	store_close(s);
}

T_TEST(bundles_that_contain_each_other_do_not_hang)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct make m;

	make_category(&m, 1, CATEGORY_PRODUCT);
	make_put_ok(s, &m);
	make_update(&m, 10, 1); /* 2 */
	make_bundles(&m, 11, 1);
	make_bundles(&m, 10, 1);
	make_put_ok(s, &m);
	make_update(&m, 11, 1);
	make_bundles(&m, 10, 1);
	make_bundles(&m, 12, 1);
	make_put_ok(s, &m);
	make_update(&m, 12, 1);
	make_put_ok(s, &m);
	make_update(&m, 13, 1);
	make_needs(&m, 0, 1);
	make_bundles(&m, 11, 1);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(categories(s, 3, CATEGORY_PRODUCT), "1=update 1;");
	T_STR(categories(s, 4, CATEGORY_PRODUCT), "1=update 1;");
	T_STR(categories(s, 2, CATEGORY_PRODUCT), "");
	store_close(s);
}

T_TEST(what_is_named_and_not_held_is_listed_until_it_comes)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	struct make_notes g = {""};
	struct make m;

	make_update(&m, 10, 1);
	make_needs(&m, 0, 70);
	make_needs(&m, 1, 70);
	make_needs(&m, 1, 71);
	make_bundles(&m, 72, 5);
	make_put_ok(s, &m);
	make_update(&m, 11, 1);
	make_needs(&m, 0, 70);
	make_put_ok(s, &m);
	make_update(&m, 72, 4);
	make_put_ok(s, &m);
	make_commit(s);
	T_CALL(store_each_missing(s, note_missing, &g, &e), &e);
	T_STR(g.text, "70.0 by 2;71.0 by 1;72.5 by 1;");
	T_CALL(store_begin(s, &e), &e);
	make_update(&m, 70, 9);
	make_put_ok(s, &m);
	make_commit(s);
	g.text[0] = '\0';
	T_CALL(store_each_missing(s, note_missing, &g, &e), &e);
	T_STR(g.text, "71.0 by 1;72.5 by 1;");
	store_close(s);
}

T_TEST(an_import_of_nothing_new_writes_nothing)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	struct stat st;
	char path[512];

	snprintf(path, sizeof(path), "%s/store.db-wal", dir);
	make_fill(s);
	make_commit(s);
	store_close(s);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	make_fill(s);
	make_commit(s);
	T_EQ(stat(path, &st), 0);
	T_EQ(st.st_size, 0);
	store_close(s);
}

T_MAIN
