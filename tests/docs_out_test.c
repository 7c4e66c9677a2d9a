/* SPDX-License-Identifier: ISC */
/* Documents out of a store: the same, and in one order, whoever unpacks. */
#include "tests/t.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/store/docs_out.h"
#include "lib/store/store_db.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

#define NDOCS 200 /* more than a batch */

struct seen {
	unsigned n, sent, worked;
	char text[NDOCS * 64]; /* "10.1;" a document, or "row: fault;" */
	unsigned fail_at; /* done() fails there, when not 0 */
};

static int
count_sent(void *arg, struct docs_out_batch *b, struct err *e)
{
	struct seen *s = arg;

	(void)e;
	s->sent += (unsigned)b->n;
	return 0;
}

/* Works on what is its own alone: a count a batch. */
static void
count_work(struct docs_out_batch *b)
{
	*(unsigned *)b->own += (unsigned)b->n;
}

static int
open_own(void *arg, void **own, struct err *e)
{
	(void)arg;
	*own = calloc(1, sizeof(unsigned));
	return *own != NULL ? 0 : err_nomem(e);
}

static int
note_done(void *arg, struct docs_out_batch *b, struct err *e)
{
	struct seen *s = arg;

	s->worked += *(unsigned *)b->own;
	*(unsigned *)b->own = 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct docs_out_item *it = &b->items[i];
		size_t at = strlen(s->text), room = sizeof(s->text) - at;

		if (++s->n == s->fail_at)
			return err_set(e, E_USAGE, "enough");
		if (it->err.kind != E_NONE)
			snprintf(s->text + at, room, "%" PRId64 ": %.24s;",
			    it->row, it->err.msg);
		else
			snprintf(s->text + at, room, "%.*s;",
			    (int)(it->bytes - strlen("<Update />")),
			    (const char *)it->text + strlen("<Update "));
	}
	return 0;
}

static const struct docs_out_how each_way = {.open = open_own,
    .close = free,
    .send = count_sent,
    .work = count_work,
    .done = note_done};

static const char *
filled(unsigned n)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct make m;

	for (unsigned i = 1; i <= n; i++) {
		make_update(&m, i, 1);
		make_put_ok(s, &m);
	}
	make_commit(s);
	store_close(s);
	return dir;
}

static void
sql(const char *dir, const char *text)
{
	sqlite3 *db;
	char *msg = NULL;

	T_EQ(sqlite3_open(make_path(dir, "store.db"), &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &msg) != SQLITE_OK)
		t_fail(__FILE__, __LINE__, "%s: %s", text, msg);
	sqlite3_close(db);
}

/* rows 0: all of them; else those, in that order. */
static int
read_out(const char *dir, unsigned jobs, const int64_t *rows, size_t n,
    struct seen *seen, struct err *e)
{
	struct docs_out_how how = each_way;
	struct docs_out *d = NULL;
	struct store *s = NULL;
	int r;

	how.jobs = jobs;
	how.arg = seen;
	T_CALL(store_open(&s, dir, STORE_READ, NULL, e), e);
	T_CALL(store_begin(s, e), e);
	r = docs_out_open(&d, s, &how, e);
	if (r == 0 && rows == NULL)
		r = docs_out_put_all(d, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = docs_out_put(d, rows[i], e);
	if (r == 0)
		r = docs_out_flush(d, e);
	docs_out_close(d);
	store_close(s);
	return r;
}

T_TEST(all_come_in_order_of_arrival_whoever_unpacks)
{
	const char *dir = filled(NDOCS);
	static struct seen one, more;
	char first[] = "1.1;2.1;3.1;4.1;5.1;6.1;7.1;8.1;9.1;10.1;";
	struct err e = ERR_INIT;

	T_CALL(read_out(dir, 1, NULL, 0, &one, &e), &e);
	T_EQ(one.n, NDOCS);
	T_EQ(one.sent, NDOCS);
	T_EQ(one.worked, NDOCS);
	T_OK(strncmp(one.text, first, strlen(first)) == 0);
	for (unsigned jobs = 2; jobs < 9; jobs += 3) {
		more = (struct seen){.n = 0};
		T_CALL(read_out(dir, jobs, NULL, 0, &more, &e), &e);
		T_STR(more.text, one.text);
	}
}

T_TEST(rows_come_in_the_order_in_which_they_are_asked_for)
{
	static const int64_t rows[] = {7, 8, 9, 3, 3, 200, 1, 2, 201, 12};
	const char *dir = filled(NDOCS);
	static struct seen seen;
	struct err e = ERR_INIT;

	sql(dir, "DELETE FROM document WHERE row = 2");
	T_CALL(read_out(dir, 3, rows, sizeof(rows) / sizeof(*rows), &seen, &e),
	    &e);
	T_STR(seen.text,
	    "7.1;8.1;9.1;3.1;3.1;200.1;1.1;2: revision has no document;"
	    "201: revision has no document;12.1;");
}

T_TEST(what_is_damaged_stands_in_its_place_among_the_others)
{
	static const struct {
		const char *sql, *seen;
	} rows[] = {
	    {"DELETE FROM document WHERE row = 2", "1.1;3.1;4.1;5.1;"},
	    {"UPDATE document SET packed = x'0102' WHERE row = 2",
		"1.1;2: document does not unpack;3.1;4.1;5.1;"},
	    {"UPDATE document SET packed = (SELECT packed FROM document"
	     " WHERE row = 1) WHERE row = 2",
		"1.1;2: document's sha256 is 17b;3.1;4.1;5.1;"},
	    {"UPDATE document SET dict = 9 WHERE row = 4",
		"1.1;2.1;3.1;4: its row names another di;5.1;"},
	    {"UPDATE revision SET sha256 = x'00' WHERE row = 1",
		"1: store.db: a document's r;2.1;3.1;4.1;5.1;"},
	    {"UPDATE revision SET bytes = 99 WHERE row = 5",
		"1.1;2.1;3.1;4.1;5: document has 13 bytes, e;"},
	};
	static struct seen seen;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *dir = filled(5);

		sql(dir, rows[i].sql);
		seen = (struct seen){.n = 0};
		T_CALL(read_out(dir, 2, NULL, 0, &seen, &e), &e);
		T_STR(seen.text, rows[i].seen);
	}
}

/* Behind the last row that there can be comes none. */
T_TEST(a_row_that_nothing_can_follow_is_the_end)
{
#define LAST "9223372036854775807"
	const char *dir = filled(3);
	static struct seen seen;
	struct err e = ERR_INIT;

	seen.fail_at = 4;
	sql(dir,
	    "UPDATE revision SET row = " LAST " WHERE row = 3;"
	    "UPDATE document SET row = " LAST " WHERE row = 3");
	T_CALL(read_out(dir, 2, NULL, 0, &seen, &e), &e);
	T_STR(seen.text, "1.1;2.1;3.1;");
	seen = (struct seen){.fail_at = 3};
	sql(dir, "DELETE FROM document WHERE row = " LAST);
	T_CALL(read_out(dir, 2, NULL, 0, &seen, &e), &e);
	T_STR(seen.text, "1.1;2.1;");
}

/* The pages behind a long document are overwritten, the others are good. */
T_TEST(a_document_whose_pages_are_damaged_leaves_the_others)
{
	const char *dir = filled(5);
	uint8_t page[32768];
	static struct seen seen;
	struct err e = ERR_INIT;
	int fd, found = 0;

	sql(dir,
	    "UPDATE document SET packed = randomblob(70000) WHERE row = 3");
	fd = open(make_path(dir, "store.db"), O_RDWR);
	/* The first overflow page names the second in its first four bytes. */
	for (off_t at = sizeof(page);
	     pread(fd, page, sizeof(page), at) == (ssize_t)sizeof(page);
	     at += (off_t)sizeof(page)) {
		if (page[0] != 0 || page[1] != 0 || page[2] != 0 ||
		    page[3] == 0)
			continue;
		memset(page, 0xff, 4);
		T_EQ(pwrite(fd, page, 4, at), 4);
		found++;
	}
	close(fd);
	T_EQ(found, 1);
	T_CALL(read_out(dir, 2, NULL, 0, &seen, &e), &e);
	T_STR(seen.text, "1.1;2.1;3: store.db: database disk ;4.1;5.1;");
}

T_TEST(who_takes_no_more_ends_it)
{
	const char *dir = filled(NDOCS);
	static struct seen seen;
	struct err e = ERR_INIT;

	seen.fail_at = 70;
	T_FAILS(read_out(dir, 2, NULL, 0, &seen, &e), &e, E_USAGE, "enough");
	T_EQ(seen.n, 70);
}

T_MAIN
