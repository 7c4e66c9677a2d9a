/* SPDX-License-Identifier: ISC */
/* What lists show is, after whatever happened, what the rest of the store
   says. */
#include "lib/store/shown.h"

#include <sqlite3.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/store/nums.h"
#include "lib/store/store_db.h"
#include "lib/store/store_list.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* The rows once more, by a query for each: row, superseded, top. */
#define NEWEST(r)                                                              \
	" NOT EXISTS (SELECT 1 FROM revision n WHERE n.id = " r ".id"          \
	" AND n.revision > " r ".revision)"
static const char wanted[] =
    "SELECT r.row, EXISTS (SELECT 1 FROM superseded x JOIN revision o"
    " ON o.row = x.rev WHERE x.id = r.id AND o.id <> r.id AND" NEWEST(
	"o") "), CASE WHEN EXISTS (SELECT 1 FROM bundle b WHERE b.id = r.id"
	     " AND b.revision = r.revision) THEN NULL ELSE ifnull(r.created, "
	     "'') END"
	     " FROM revision r WHERE r.type IN (1, 2) AND" NEWEST(
		 "r") " ORDER BY r.row";
static const char found[] =
    "SELECT row, superseded, top FROM shown ORDER BY row";

static void
put_rows(struct make_notes *g, struct store *s, const char *text)
{
	struct err e = ERR_INIT;
	struct query q;
	int r = query_text(&q, s, text, &e);

	g->text[0] = '\0';
	while (query_each(&q, &r, &e))
		make_note(g, "%d %d %s\n", sqlite3_column_int(q.st, 0),
		    sqlite3_column_int(q.st, 1),
		    query_get_str(&q, 2) != NULL ? query_get_str(&q, 2) : "-");
	T_CALL(r, &e);
}

static int
note_file(void *arg, const struct store_file *f, struct err *e)
{
	(void)e;
	make_note(arg, " %d", (int)f->row);
	return 0;
}

/* Those of the recursive query beside those of the row. */
static unsigned
same_files(struct store *s)
{
	struct nums rows = {.v = NULL};
	struct err e = ERR_INIT;
	struct query q;
	unsigned n = 0;
	int r = query_text(&q, s, "SELECT row, files FROM shown", &e);

	while (query_each(&q, &r, &e)) {
		struct make_notes a = {.text = ""}, b = {.text = ""};
		int64_t row = sqlite3_column_int64(q.st, 0);

		T_CALL(shown_files(&rows, sqlite3_column_blob(q.st, 1),
			   (size_t)sqlite3_column_bytes(q.st, 1), &e),
		    &e);
		for (size_t i = 0; i < rows.n; i++)
			make_note(&a, " %u", rows.v[i]);
		T_CALL(store_each_file_under(s, row, note_file, &b, &e), &e);
		T_STR(a.text, b.text);
		n += rows.n > 1;
	}
	T_CALL(r, &e);
	nums_free(&rows);
	return n;
}

static unsigned
draw(unsigned *x, unsigned of)
{
	*x = *x * 1103515245 + 12345;
	return (*x >> 16) % of;
}

#define IDS 7

static void
put_one(struct store *s, unsigned *x)
{
	static const char *const dates[] = {NULL, "", "2024-05-14", "2023"};
	char name[2] = "a";
	struct err e = ERR_INIT;
	struct make m;
	struct guid id;
	unsigned k;

	make_update(&m, 1 + draw(x, IDS), 1 + draw(x, 3));
	m.u.type = (enum update_type)(1 + draw(x, 4));
	m.u.created = dates[draw(x, 4)];
	for (k = draw(x, 3); k > 0; k--)
		make_bundles(&m, 1 + draw(x, IDS), 1 + draw(x, 3));
	for (k = draw(x, 3); k > 0; k--)
		m.superseded[m.u.nsuperseded++] = make_guid(1 + draw(x, IDS));
	for (k = draw(x, 4); k > 0; k--) {
		name[0] = (char)('a' + draw(x, 6));
		make_file(&m, name, "x.cab");
	}
	make_put_ok(s, &m);
	if (draw(x, 3) > 0)
		return;
	/* What an upstream adds, to whichever revision. */
	id = make_guid(1 + draw(x, IDS));
	make_file(&m, "extra", "y.cab");
	T_CALL(store_put_extra(s, &id, 1 + draw(x, 3),
		   m.files[m.u.nfiles - 1].sha1, "y.cab", &e),
	    &e);
}

/* Some of it is derived, some only committed, some rolled back. */
static void
happen(struct store *s, unsigned *x)
{
	struct err e = ERR_INIT;
	unsigned k, end = draw(x, 4);

	T_CALL(store_begin(s, &e), &e);
	for (k = draw(x, 5); k > 0; k--)
		put_one(s, x);
	if (end == 0) {
		store_rollback(s);
		return;
	}
	if (end > 1)
		T_CALL(derive_all(s, &e), &e);
	if (end == 3)
		put_one(s, x);
	T_CALL(store_commit(s, &e), &e);
}

T_TEST(after_whatever_happened_the_rows_are_what_follows)
{
	static struct make_notes a, b;
	unsigned seed, k, some = 0, x, superseded = 0, inner = 0;

	for (seed = 1; seed <= 60; seed++) {
		struct store *s = make_begun(t_tmpdir());

		x = seed;
		make_commit(s);
		for (k = 0; k < 8; k++) {
			happen(s, &x);
			put_rows(&a, s, wanted);
			put_rows(&b, s, found);
			if (strcmp(a.text, b.text) != 0)
				t_fail(__FILE__, __LINE__,
				    "seed %u, step %u: '%s', not '%s'", seed, k,
				    b.text, a.text);
			some += same_files(s);
		}
		superseded += strstr(a.text, " 1 ") != NULL;
		inner += strstr(a.text, " -\n") != NULL;
		store_close(s);
	}
	T_OK(some > 100 && superseded > 20 && inner > 20);
}

/* The rows of a store to which nothing new came are not written again. */
T_TEST(what_is_right_already_is_left_alone)
{
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	int before;

	make_random(s, 3, 20);
	make_commit(s);
	before = sqlite3_total_changes(s->db);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(derive_all(s, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	T_EQ(sqlite3_total_changes(s->db), before);
	store_close(s);
}

static int64_t
number(struct store *s, const char *text)
{
	struct err e = ERR_INIT;
	struct query q;
	int64_t n = -1;

	T_CALL(query_text(&q, s, text, &e), &e);
	if (query_step(&q, &e) == 1)
		n = sqlite3_column_int64(q.st, 0);
	query_close(&q);
	return n;
}

/* One that holds so much that its list would outweigh it. */
T_TEST(of_a_bundle_of_too_many_files_none_are_kept)
{
	struct store *s = make_begun(t_tmpdir());
	char content[16];
	struct make m;
	unsigned i, k;

	for (i = 1; i <= SHOWN_FILES_MAX / 16 + 1; i++) {
		make_update(&m, i, 1);
		for (k = 0; k < 16; k++) {
			snprintf(content, sizeof(content), "%u-%u", i, k);
			make_file(&m, content, "x.cab");
		}
		if (i > 1)
			make_bundles(&m, i - 1, 1);
		make_put_ok(s, &m);
	}
	make_commit(s);
	T_EQ(number(s, "SELECT row FROM shown WHERE files IS NULL"), i - 1);
	T_EQ(number(s, "SELECT count(*) FROM shown WHERE files IS NULL"), 1);
	T_EQ(number(s, "SELECT length(files) FROM shown WHERE row = 1"), 16);
	store_close(s);
}

T_TEST(of_one_with_too_many_parts_none_are_kept)
{
	struct store *s = make_begun(t_tmpdir());
	struct make m;
	unsigned i;

	for (i = 1; i <= SHOWN_PARTS_MAX + 1; i++) {
		make_update(&m, i, 1);
		if (i > 1)
			make_bundles(&m, i - 1, 1);
		make_put_ok(s, &m);
	}
	make_commit(s);
	T_EQ(number(s, "SELECT row FROM shown WHERE files IS NULL"), i - 1);
	T_EQ(number(s, "SELECT count(*) FROM shown WHERE files IS NULL"), 1);
	store_close(s);
}

T_TEST(a_list_of_files_that_is_damaged_is_refused)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *rows; /* NULL: refused */
	} rows[] = {
	    {"", 0, ""},
	    {"\x05\x01", 2, " 5 6"},
	    {"\x80\x01", 2, " 128"},
	    {"\xff\xff\xff\xff\x0f", 5, " 4294967295"},
	    {"\xff\xff\xff\xff\x0f\x01", 6, NULL},
	    {"\xff\xff\xff\xff\x10", 5, NULL},
	    {"\xff\xff\xff\xff\xff\x01", 6, NULL},
	    {"\x80", 1, NULL},
	    {"\x05\xff\xff\xff\xff", 5, NULL},
	};
	struct nums to = {.v = NULL};
	struct err e = ERR_INIT;
	size_t i, k;
	int r;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct make_notes g = {.text = ""};

		r = shown_files(&to, rows[i].bytes, rows[i].len, &e);
		T_EQ(r, rows[i].rows != NULL ? 0 : -1);
		for (k = 0; r == 0 && k < to.n; k++)
			make_note(&g, " %u", to.v[k]);
		if (r == 0)
			T_STR(g.text, rows[i].rows);
		else
			T_EQ(e.kind, E_FORMAT);
		err_clear(&e);
	}
	nums_free(&to);
}

T_MAIN
