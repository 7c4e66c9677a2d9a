/* SPDX-License-Identifier: ISC */
/* The inbox. */
#include "tests/t.h"

#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "tests/sync_make.h"

MAKE_IN_MEMORY

static struct make_notes notes;

static int
note_arrived(void *arg, const struct sync_arrived *a, struct err *e)
{
	struct buf doc = BUF_INIT;

	T_CALL(sync_doc(arg, a, &doc, e), e);
	make_note(&notes, "%u.%" PRIu32 " %s;", sync_number(&a->id),
	    a->revision, buf_str(&doc, e));
	buf_free(&doc);
	return 0;
}

static const char *
arrived(struct store *s)
{
	struct err e = ERR_INIT;

	notes.text[0] = '\0';
	T_CALL(sync_each_arrived(s, note_arrived, s, &e), &e);
	return notes.text;
}

/* 7 comes before 1 by identity. */
static void
bring_four(struct store *s, int64_t up, const unsigned order[4])
{
	static const struct {
		enum sync_kind k;
		unsigned id;
		uint32_t revision;
	} docs[] = {{SYNC_LIST, 1, 200}, {SYNC_CLOSURE, 7, 1},
	    {SYNC_CONFIG, 1, 3}, {SYNC_LIST, 1, 30}};
	struct make m;
	size_t i;

	for (i = 0; i < 4; i++) {
		make_update(&m, docs[order[i]].id, docs[order[i]].revision);
		sync_bring_ok(s, up, docs[order[i]].k, &m);
	}
}

T_TEST(what_arrived_is_given_out_in_one_order_however_it_came)
{
	static const unsigned orders[][4] = {
	    {0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}};
	size_t i;

	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		int64_t up;
		struct store *s = sync_store(t_tmpdir(), &up);

		bring_four(s, up, orders[i]);
		T_STR(arrived(s),
		    "1.3 <Update 1.3/>;1.30 <Update 1.30/>;"
		    "1.200 <Update 1.200/>;7.1 <Update 7.1/>;");
		store_close(s);
	}
}

T_TEST(a_document_ends_its_work_and_adds_what_it_refers_to)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct make m;

	T_EQ(sync_list(s, up, SYNC_LIST, 10, 200), 1);
	T_EQ(sync_list(s, up, SYNC_LIST, 11, 7), 1);
	make_update(&m, 12, 1);
	make_put_ok(s, &m);
	make_update(&m, 10, 200);
	make_bundles(&m, 11, 7);
	make_bundles(&m, 12, 1);
	make_bundles(&m, 12, 2);
	make_bundles(&m, 13, 1);
	make_needs(&m, 0, 70);
	m.superseded[m.u.nsuperseded++] = make_guid(80);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_STR(
	    sync_todos(s, up), "2 11.7 tries 0;3 12.2 tries 0;3 13.1 tries 0;");
	T_STR(sync_danglings(s, up), "70 ");
	store_close(s);
}

T_TEST(circles_end)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct make m;

	make_update(&m, 10, 1);
	make_bundles(&m, 10, 1);
	make_bundles(&m, 11, 1);
	make_needs(&m, 0, 10);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_STR(sync_todos(s, up), "3 11.1 tries 0;");
	make_update(&m, 11, 1);
	make_bundles(&m, 10, 1);
	sync_bring_ok(s, up, SYNC_CLOSURE, &m);
	T_STR(sync_todos(s, up), "");
	T_STR(sync_danglings(s, up), "");
	store_close(s);
}

T_TEST(what_is_held_with_the_same_bytes_is_done_and_not_kept_twice)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct make m;

	make_update(&m, 10, 200);
	T_EQ(sync_list(s, up, SYNC_LIST, 10, 200), 1);
	make_put_ok(s, &m);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_STR(arrived(s), "");
	T_STR(sync_todos(s, up), "");
	make_update(&m, 11, 1);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	sync_bring_ok(s, up, SYNC_CLOSURE, &m);
	T_STR(arrived(s), "11.1 <Update 11.1/>;");
	store_close(s);
}

T_TEST(other_bytes_of_the_same_revision_are_refused_and_the_first_stay)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct err e = ERR_INIT;
	struct make m;

	make_update(&m, 10, 200);
	T_EQ(sync_list(s, up, SYNC_LIST, 10, 200), 1);
	make_put_ok(s, &m);
	make_update(&m, 11, 1);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	make_update(&m, 10, 200);
	snprintf(m.text, sizeof(m.text), "<Update 10.200 />");
	T_FAILS(sync_bring(s, up, SYNC_LIST, &m, &e), &e, E_DIGEST,
	    "revision 200: held with sha256 ");
	make_update(&m, 11, 1);
	make_bundles(&m, 99, 1);
	snprintf(m.text, sizeof(m.text), "<Update 11.1 />");
	T_FAILS(sync_bring(s, up, SYNC_LIST, &m, &e), &e, E_DIGEST,
	    "revision 1: received before with sha256 ");
	T_STR(arrived(s), "11.1 <Update 11.1/>;");
	/* And neither is asked for again. */
	T_STR(sync_todos(s, up), "");
	store_close(s);
}

T_TEST(a_document_outlives_the_run_that_brought_it)
{
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct store *s;
	struct make m;
	int64_t up;

	s = sync_store(dir, &up);
	T_EQ(sync_list(s, up, SYNC_LIST, 10, 200), 1);
	T_EQ(sync_list(s, up, SYNC_LIST, 11, 1), 1);
	make_update(&m, 10, 200);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	make_commit(s);
	store_close(s);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_STR(arrived(s), "10.200 <Update 10.200/>;");
	T_STR(sync_todos(s, up), "2 11.1 tries 0;");
	T_STR(sync_counted(s, up),
	    "todo 1 tried 0 unavailable 0 inbox 1 of 16 bytes");
	store_close(s);
}

static int
note_source(void *arg, const struct store_file *f, struct err *e)
{
	(void)e;
	make_note(arg, "%s %s;", f->name, f->url != NULL ? f->url : "-");
	return 0;
}

static const char *
sources(struct store *s)
{
	static struct make_notes g;
	struct err e = ERR_INIT;

	g.text[0] = '\0';
	T_CALL(store_each_file(s, false, note_source, &g, &e), &e);
	return g.text;
}

T_TEST(places_of_files_wait_until_the_files_are_known)
{
	struct sync_upstream other;
	uint8_t unknown[SHA1_LEN] = {9};
	struct update_file *f;
	struct err e = ERR_INIT;
	struct make m;
	struct store *s;
	int64_t up;

	s = sync_store(t_tmpdir(), &up);
	T_CALL(sync_upstream(s, "http://other", &other, &e), &e);
	make_update(&m, 10, 200);
	f = make_file(&m, "x", "a.cab");
	T_CALL(sync_url_put(s, other.row, f->sha1, "http://2", &e), &e);
	T_CALL(sync_url_put(s, up, f->sha1, "http://0", &e), &e);
	T_CALL(sync_url_put(s, up, f->sha1, "http://1", &e), &e);
	T_CALL(sync_url_put(s, up, unknown, "http://3", &e), &e);
	T_STR(sources(s), "");
	make_put_ok(s, &m);
	T_STR(sources(s), "a.cab -;");
	T_CALL(sync_take(s, up, SYNC_NOW, &e), &e);
	/* The first upstream's comes first. */
	T_STR(sources(s), "a.cab http://1;");
	make_update(&m, 11, 1);
	f = make_file(&m, "y", "b.cab");
	memcpy(f->sha1, unknown, SHA1_LEN);
	make_put_ok(s, &m);
	T_CALL(sync_take(s, up, SYNC_NOW, &e), &e);
	T_OK(strstr(sources(s), "b.cab -;") != NULL);
	store_close(s);
}

static int
note_extra(void *arg, const struct store_extra *x, struct err *e)
{
	(void)e;
	make_note(arg, "%u.%" PRIu32 " %d '%s';", sync_number(&x->id),
	    x->revision, x->sha1[0], x->name);
	return 0;
}

static const char *
extras(struct store *s)
{
	static struct make_notes g;
	struct err e = ERR_INIT;

	g.text[0] = '\0';
	T_CALL(store_each_extra(s, note_extra, &g, &e), &e);
	return g.text;
}

/* The digests 1, 2, 3 and so on, of which only the first byte is not 0. */
T_TEST(files_that_only_a_list_names_become_files_of_the_revision)
{
	static const uint8_t few[][SHA1_LEN] = {{2}, {1}, {2}, {3}};
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct err e = ERR_INIT;
	struct make m;

	make_update(&m, 10, 200);
	T_CALL(sync_bring_extra(s, up, SYNC_LIST, &m, few, 4, &e), &e);
	make_update(&m, 11, 7);
	T_CALL(sync_bring_extra(s, up, SYNC_LIST, &m, few, 1, &e), &e);
	T_CALL(
	    sync_url_put(s, up, few[0], "http://h/a/b_c.TXT?q=/d.e", &e), &e);
	T_CALL(sync_url_put(s, up, few[1], "http://h/", &e), &e);
	T_STR(extras(s), "");
	sync_put_all(s, up);
	T_STR(extras(s),
	    "10.200 2 'b_c.TXT';10.200 1 '';10.200 3 '';11.7 2 'b_c.TXT';");
	T_STR(sources(s), " http://h/;b_c.TXT http://h/a/b_c.TXT?q=/d.e; -;");
	store_close(s);
}

T_TEST(and_none_where_the_revision_has_it_or_is_not_held)
{
	uint8_t named[1][SHA1_LEN];
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct err e = ERR_INIT;
	struct guid id = make_guid(12);
	struct make m;

	make_update(&m, 10, 200);
	memcpy(named[0], make_file(&m, "x", "a.cab")->sha1, SHA1_LEN);
	make_put_ok(s, &m);
	T_CALL(store_put_extra(s, &m.u.id, 200, named[0], "b.txt", &e), &e);
	T_CALL(store_put_extra(s, &id, 200, named[0], "b.txt", &e), &e);
	named[0][0] ^= 1;
	T_CALL(store_put_extra(s, &m.u.id, 201, named[0], "b.txt", &e), &e);
	T_STR(extras(s), "");
	T_STR(sources(s), "a.cab -;");
	store_close(s);
}

static int
refuse(void *arg, const struct sync_arrived *a, struct err *e)
{
	(void)arg, (void)a;
	return err_set(e, E_STOP, "enough");
}

T_TEST(a_callback_that_fails_ends_the_walk)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct err e = ERR_INIT;
	struct make m;

	make_update(&m, 10, 200);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_FAILS(sync_each_arrived(s, refuse, NULL, &e), &e, E_STOP, "enough");
	store_close(s);
}

T_TEST(a_document_has_a_greatest_length)
{
	static const char doc[] = "x"; /* of which no more is looked at */
	struct store *s = make_store(t_tmpdir());
	struct store_packer *p = NULL;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(store_packer_open(&p, s, &e), &e);
	T_FAILS(sync_pack(p, doc, SYNC_DOC_MAX + 1, &b, &e), &e, E_LIMIT,
	    "document of 134217729 bytes, at most 134217728");
	T_EQ(b.len, 0);
	T_CALL(sync_pack(p, doc, 1, &b, &e), &e);
	T_OK(b.len > 0);
	buf_free(&b);
	store_packer_close(p);
	store_close(s);
}

T_MAIN
