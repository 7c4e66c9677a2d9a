/* SPDX-License-Identifier: ISC */
/* A walk says of each revision what the single calls say, in any order. */
#include "tests/t.h"

#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/store/store_walk.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

#define NREVS 60

static int
note_file(void *arg, const struct store_file *f, struct err *e)
{
	(void)e;
	make_note(arg, "file %" PRId64 " %s %s %" PRIu64 " %d%d%d;", f->row,
	    f->name, f->url != NULL ? f->url : "-", f->size, f->has_declared,
	    f->present, f->left_out);
	return 0;
}

static int
note_category(
    void *arg, const struct guid *id, const char *title, struct err *e)
{
	(void)e;
	make_note(arg, "in %u %s;", id->b[15], title != NULL ? title : "-");
	return 0;
}

static void
note_rev(struct make_notes *g, const struct store_rev *r)
{
	make_note(g, "%" PRId64 " %u.%u %u %d %d %d %s %s %s;", r->row,
	    r->id.b[15], r->revision, r->bytes, (int)r->type, (int)r->category,
	    r->expired, r->title != NULL ? r->title : "-",
	    r->severity != NULL ? r->severity : "-",
	    r->created != NULL ? r->created : "-");
}

static void
ask_one(struct store *s, int64_t row, struct make_notes *g)
{
	struct buf kbs = BUF_INIT;
	struct err e = ERR_INIT;
	struct store_rev r;

	g->text[0] = '\0';
	T_CALL(store_rev(s, row, &r, &e), &e);
	note_rev(g, &r);
	T_CALL(store_kbs_of(s, row, &kbs, &e), &e);
	make_note(g, "KB %s;", buf_str(&kbs, &e));
	for (int k = CATEGORY_PRODUCT; k >= CATEGORY_CLASSIFICATION; k--)
		T_CALL(store_each_category_of(
			   s, row, (enum category_type)k, note_category, g, &e),
		    &e);
	T_CALL(store_each_file_of(s, row, note_file, g, &e), &e);
	buf_free(&kbs);
}

static void
ask_walk(struct store_walk *w, int64_t row, struct make_notes *g)
{
	struct buf kbs = BUF_INIT;
	struct err e = ERR_INIT;
	struct store_rev r;

	g->text[0] = '\0';
	T_CALL(store_walk_rev(w, row, &r, &e), &e);
	note_rev(g, &r);
	T_CALL(store_walk_kbs(w, row, &kbs, &e), &e);
	make_note(g, "KB %s;", buf_str(&kbs, &e));
	for (int k = CATEGORY_PRODUCT; k >= CATEGORY_CLASSIFICATION; k--)
		T_CALL(store_walk_categories(
			   w, row, (enum category_type)k, note_category, g, &e),
		    &e);
	T_CALL(store_walk_files(w, row, note_file, g, &e), &e);
	buf_free(&kbs);
}

/* Categories, then updates of which some have words, files, categories. */
static struct store *
filled(void)
{
	static char names[NREVS][8];
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	struct make m;

	make_category(&m, 1, CATEGORY_PRODUCT);
	make_put_ok(s, &m);
	make_category(&m, 2, CATEGORY_CLASSIFICATION);
	make_put_ok(s, &m);
	make_category(&m, 3, CATEGORY_PRODUCT);
	make_put_ok(s, &m);
	for (unsigned i = 4; i <= NREVS; i++) {
		make_update(&m, i, 1);
		if (i % 4 == 0)
			m.kbs[m.u.nkbs++] = "5000001";
		if (i % 8 == 0)
			m.kbs[m.u.nkbs++] = "5000002";
		for (unsigned k = 1; i % 3 != 0 && k <= 1 + i % 3; k++)
			make_needs(&m, 0, k);
		for (unsigned k = 0; i % 5 == 0 && k < i % 7; k++) {
			snprintf(names[k], sizeof(names[k]), "%u.cab", k);
			make_file(&m, names[k], names[k]);
			T_CALL(store_put_url(
				   s, m.files[k].sha1, "http://u", "test", &e),
			    &e);
		}
		make_put_ok(s, &m);
	}
	make_commit(s);
	T_CALL(store_begin(s, &e), &e);
	return s;
}

static void
compare(struct store *s, struct store_walk *w, int64_t row)
{
	struct make_notes one, walk;

	ask_one(s, row, &one);
	ask_walk(w, row, &walk);
	T_STR(walk.text, one.text);
}

T_TEST(a_walk_says_what_single_calls_say_in_any_order)
{
	struct store *s = filled();
	struct store_walk *w = NULL;
	struct err e = ERR_INIT;

	T_CALL(store_walk_open(&w, s, &e), &e);
	for (int64_t row = 1; row <= NREVS; row++)
		compare(s, w, row);
	for (int64_t row = NREVS; row >= 1; row--)
		compare(s, w, row);
	for (unsigned i = 0; i < 4 * NREVS; i++)
		compare(s, w, 1 + (int64_t)(t_random() % NREVS));
	compare(s, w, 20);
	compare(s, w, 20);
	store_walk_close(w);
	store_close(s);
}

static int
stop_at_once(void *arg, const struct store_file *f, struct err *e)
{
	(void)arg;
	(void)f;
	return err_set(e, E_USAGE, "enough");
}

T_TEST(what_was_left_in_the_middle_is_begun_again)
{
	struct store *s = filled();
	struct store_walk *w = NULL;
	struct err e = ERR_INIT;
	struct store_rev r;

	T_CALL(store_walk_open(&w, s, &e), &e);
	T_FAILS(store_walk_files(w, 20, stop_at_once, NULL, &e), &e, E_USAGE,
	    "enough");
	compare(s, w, 20);
	T_FAILS(store_walk_rev(w, NREVS + 1, &r, &e), &e, E_MISSING,
	    "row 61: there is none");
	compare(s, w, 10);
	store_walk_close(w);
	store_close(s);
}

T_MAIN
