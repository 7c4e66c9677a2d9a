/* SPDX-License-Identifier: ISC */
/* What is listed, and what vanishes. */
#include "tests/t.h"

#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "tests/sync_make.h"

MAKE_IN_MEMORY

/* A full list of id, revision, ..., 0; returns how many are absent now. */
static unsigned
full(struct store *s, int64_t up, bool same_filter, int64_t now, ...)
{
	struct err e = ERR_INIT;
	uint64_t absent = 99;
	struct guid g;
	unsigned id;
	va_list ap;

	T_CALL(sync_listed_begin(s, up, SYNC_LIST, same_filter, &e), &e);
	va_start(ap, now);
	while ((id = va_arg(ap, unsigned)) != 0) {
		g = make_guid(id);
		T_CALL(
		    sync_listed(s, up, SYNC_LIST, &g, va_arg(ap, unsigned), &e),
		    &e);
	}
	va_end(ap);
	T_CALL(sync_listed_end(s, up, SYNC_LIST, now, &absent, &e), &e);
	return (unsigned)absent;
}

static int
note_absent(void *arg, const struct guid *id, uint32_t revision, int64_t since,
    struct err *e)
{
	(void)e;
	make_note(arg, "%u.%" PRIu32 " since %d;", sync_number(id), revision,
	    (int)since);
	return 0;
}

static const char *
absent(struct store *s)
{
	static struct make_notes g;
	struct err e = ERR_INIT;

	g.text[0] = '\0';
	T_CALL(sync_each_absent(s, note_absent, &g, &e), &e);
	return g.text;
}

/* 1.5, 2.5, 3.5 and 4.5 are held. */
static struct store *
holding(int64_t *up)
{
	struct store *s = sync_store(t_tmpdir(), up);
	struct make m;
	unsigned i;

	for (i = 1; i <= 4; i++) {
		make_update(&m, i, 5);
		make_put_ok(s, &m);
	}
	return s;
}

T_TEST(what_vanishes_from_a_full_list_of_the_same_filter_is_absent)
{
	struct store *s;
	int64_t up;

	s = holding(&up);
	T_EQ(full(s, up, false, 100, 1, 5, 2, 5, 3, 5, 2, 5, 0), 0);
	T_EQ(full(s, up, true, 200, 1, 5, 2, 5, 3, 5, 0), 0);
	T_STR(absent(s), "");
	T_EQ(full(s, up, true, 300, 1, 5, 3, 5, 0), 1);
	T_EQ(full(s, up, true, 400, 1, 5, 0), 1);
	T_STR(absent(s), "2.5 since 300;3.5 since 400;");
	/* And is not when it comes back. */
	T_EQ(full(s, up, true, 500, 1, 5, 2, 5, 0), 0);
	T_STR(absent(s), "3.5 since 400;");
	T_EQ(full(s, up, true, 600, 0), 2);
	T_STR(absent(s), "1.5 since 600;2.5 since 600;3.5 since 400;");
	store_close(s);
}

T_TEST(under_another_filter_nothing_becomes_absent)
{
	struct store *s;
	int64_t up;

	s = holding(&up);
	T_EQ(full(s, up, false, 100, 1, 5, 2, 5, 3, 5, 0), 0);
	T_EQ(full(s, up, true, 200, 1, 5, 2, 5, 0), 1);
	T_EQ(full(s, up, false, 300, 1, 5, 4, 5, 0), 0);
	T_STR(absent(s), "3.5 since 200;");
	/* What the other filter left out is not missed by the next either. */
	T_EQ(full(s, up, true, 400, 1, 5, 4, 5, 0), 0);
	T_EQ(full(s, up, true, 500, 1, 5, 0), 1);
	T_STR(absent(s), "3.5 since 200;4.5 since 500;");
	store_close(s);
}

T_TEST(what_has_a_newer_revision_was_replaced_and_not_withdrawn)
{
	struct store *s;
	int64_t up;

	s = holding(&up);
	T_EQ(full(s, up, false, 100, 1, 5, 2, 5, 0), 0);
	T_EQ(full(s, up, true, 200, 1, 6, 2, 5, 0), 0);
	T_STR(absent(s), "");
	store_close(s);
}

T_TEST(what_never_came_is_not_missed)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct make m;

	make_update(&m, 2, 5);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_EQ(full(s, up, false, 100, 1, 5, 2, 5, 0), 0);
	/* In the inbox is as good as held. */
	T_EQ(full(s, up, true, 200, 0), 1);
	T_STR(absent(s), "");
	sync_put_all(s, up);
	T_STR(absent(s), "2.5 since 200;");
	store_close(s);
}

T_TEST(a_list_of_changes_adds_to_what_was_listed)
{
	struct guid two = make_guid(2), three = make_guid(3);
	struct err e = ERR_INIT;
	struct store *s;
	int64_t up;

	s = holding(&up);
	T_EQ(full(s, up, false, 100, 1, 5, 3, 5, 0), 0);
	T_EQ(full(s, up, true, 150, 1, 5, 0), 1);
	T_CALL(sync_listed(s, up, SYNC_LIST, &two, 5, &e), &e);
	T_CALL(sync_listed(s, up, SYNC_LIST, &two, 5, &e), &e);
	T_CALL(sync_listed(s, up, SYNC_LIST, &three, 5, &e), &e);
	T_STR(absent(s), "");
	T_EQ(full(s, up, true, 200, 1, 5, 0), 2);
	T_STR(absent(s), "2.5 since 200;3.5 since 200;");
	store_close(s);
}

T_TEST(what_another_upstream_lists_is_not_absent)
{
	struct sync_upstream other;
	struct err e = ERR_INIT;
	struct store *s;
	int64_t up;

	s = holding(&up);
	T_CALL(sync_upstream(s, "http://other", &other, &e), &e);
	T_EQ(full(s, up, false, 100, 1, 5, 2, 5, 0), 0);
	T_EQ(full(s, other.row, false, 100, 1, 5, 2, 5, 0), 0);
	T_EQ(full(s, up, true, 200, 0), 2);
	T_STR(absent(s), "");
	T_EQ(full(s, other.row, true, 300, 2, 5, 0), 1);
	T_STR(absent(s), "1.5 since 200;");
	store_close(s);
}

T_TEST(lists_of_two_kinds_do_not_know_each_other)
{
	struct guid one = make_guid(1);
	struct err e = ERR_INIT;
	struct store *s;
	uint64_t gone;
	int64_t up;

	s = holding(&up);
	T_CALL(sync_listed_begin(s, up, SYNC_CONFIG, false, &e), &e);
	T_CALL(sync_listed(s, up, SYNC_CONFIG, &one, 5, &e), &e);
	T_CALL(sync_listed_end(s, up, SYNC_CONFIG, 100, &gone, &e), &e);
	T_EQ(full(s, up, true, 200, 2, 5, 0), 0);
	T_EQ(full(s, up, true, 300, 0), 1);
	T_STR(absent(s), "2.5 since 300;");
	T_CALL(sync_listed_begin(s, up, SYNC_CONFIG, true, &e), &e);
	T_CALL(sync_listed_end(s, up, SYNC_CONFIG, 400, &gone, &e), &e);
	T_EQ(gone, 1);
	T_STR(absent(s), "1.5 since 400;2.5 since 300;");
	store_close(s);
}

T_TEST(a_list_that_is_rolled_back_was_never_begun)
{
	struct guid three = make_guid(3);
	struct err e = ERR_INIT;
	struct store *s;
	int64_t up;

	s = holding(&up);
	T_EQ(full(s, up, false, 100, 1, 5, 2, 5, 0), 0);
	make_commit(s);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(sync_listed_begin(s, up, SYNC_LIST, true, &e), &e);
	store_rollback(s);
	T_CALL(store_begin(s, &e), &e);
	/* So this is one of changes. */
	T_CALL(sync_listed(s, up, SYNC_LIST, &three, 5, &e), &e);
	T_STR(absent(s), "");
	T_EQ(full(s, up, true, 200, 2, 5, 0), 2);
	T_STR(absent(s), "1.5 since 200;3.5 since 200;");
	store_close(s);
}

static off_t
size_of(const char *path)
{
	struct stat st;

	T_EQ(stat(path, &st), 0);
	return st.st_size;
}

T_TEST(a_list_of_nothing_new_writes_nothing)
{
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct guid id;
	struct store *s;
	off_t before = 0;
	uint64_t gone;
	int64_t up;
	unsigned i, round;
	char path[512];

	s = sync_store(dir, &up);
	snprintf(path, sizeof(path), "%s/store.db-wal", dir);
	make_commit(s);
	for (round = 0; round < 2; round++) {
		before = size_of(path);
		T_CALL(store_begin(s, &e), &e);
		T_CALL(sync_listed_begin(s, up, SYNC_LIST, round > 0, &e), &e);
		for (i = 1; i < 500; i++) {
			id = make_guid(i);
			T_CALL(sync_listed(s, up, SYNC_LIST, &id, 5, &e), &e);
		}
		T_CALL(sync_listed_end(s, up, SYNC_LIST, 100, &gone, &e), &e);
		T_CALL(store_commit(s, &e), &e);
	}
	T_EQ(gone, 0);
	T_EQ(size_of(path), before);
	store_close(s);
}

T_MAIN
