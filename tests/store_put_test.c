/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/store/store.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

static int
note_rev(void *arg, const struct store_rev *r, struct err *e)
{
	(void)e;
	make_note(arg, "%d:%u.%u%s%s;", (int)r->row, r->id.b[15], r->revision,
	    r->newest ? "" : "old", r->kb != NULL ? r->kb : "");
	return 0;
}

T_TEST(rows_come_back_as_they_went_in)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct make_notes g = {""};
	struct store_rev r;
	struct make m;

	make_fill(s);
	make_update(&m, 11, 7);
	make_put_ok(s, &m);
	make_commit(s);
	T_CALL(store_each_rev(s, note_rev, &g, &e), &e);
	T_STR(g.text, "1:1.1;2:2.1;3:11.100;4:10.2005000001;5:11.7old;");
	T_CALL(store_rev(s, 4, &r, &e), &e);
	T_STR(r.title, "update 10");
	T_STR(r.kb, "5000001");
	T_OK(r.severity == NULL);
	T_FAILS(store_rev(s, 6, &r, &e), &e, E_MISSING, "row 6");
	T_CALL(store_kbs_of(s, 4, &b, &e), &e);
	T_STR(buf_str(&b, &e), "5000001 5000002");
	T_CALL(store_doc_read(s, 4, &b, &e), &e);
	T_STR(buf_str(&b, &e), "<Update 10.200/>");
	buf_free(&b);
	store_close(s);
}

T_TEST(the_same_again_is_held_and_another_document_is_refused)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	char *before, *after;
	struct make m;

	make_fill(s);
	make_commit(s);
	before = make_dump(s);
	make_update(&m, 11, 100);
	T_EQ(make_put(s, &m, &e), 1);
	snprintf(m.text, sizeof(m.text), "another");
	T_CALL(store_begin(s, &e), &e);
	T_FAILS(make_put(s, &m, &e), &e, E_DIGEST,
	    "revision 100: held with "
	    "sha256 ");
	T_FAILS(make_put(s, &m, &e), &e, E_DIGEST, "given with ae448ac86c4e8");
	T_CALL(store_commit(s, &e), &e);
	after = make_dump(s);
	T_STR(before, after);
	free(before);
	free(after);
	store_close(s);
}

T_TEST(a_file_may_not_change_its_size_or_sha256)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct update_file *f;
	struct err e = ERR_INIT;
	char *before, *after;
	struct make m;

	make_fill(s);
	make_commit(s);
	before = make_dump(s);
	T_CALL(store_begin(s, &e), &e);
	make_update(&m, 60, 1);
	f = make_file(&m, "payload of 11", "other.exe");
	f->size = 99;
	T_FAILS(make_put(s, &m, &e), &e, E_DIGEST,
	    "held with size 13, given with 99");
	f->size = 13;
	f->sha256[0] ^= 1;
	T_FAILS(make_put(s, &m, &e), &e, E_DIGEST, "held with sha256");
	T_CALL(store_commit(s, &e), &e);
	after = make_dump(s);
	T_STR(before, after);
	f->sha256[0] ^= 1;
	T_CALL(make_put(s, &m, &e), &e);
	free(before);
	free(after);
	store_close(s);
}

static int
note_file(void *arg, const struct store_file *f, struct err *e)
{
	(void)e;
	make_note(arg, "%s %s %d%s%s%s%s;", f->name, f->ext, (int)f->size,
	    f->has_declared ? " declared" : "",
	    f->has_measured ? " measured" : "", f->present ? " present" : "",
	    f->url != NULL ? f->url : "");
	return 0;
}

T_TEST(what_a_later_document_declares_must_be_what_was_measured)
{
	struct store *s = make_begun(t_tmpdir());
	struct update_file *f;
	struct err e = ERR_INIT;
	struct digest d;
	struct make m;

	make_update(&m, 1, 1);
	f = make_file(&m, "abc", "first.cab");
	f->has_size = f->has_sha256 = false;
	make_put_ok(s, &m);
	T_CALL(digest_mem(DIGEST_BOTH, "abc", 3, &d, &e), &e);
	T_CALL(store_file_present(s, d.sha1, &d, &e), &e);
	make_update(&m, 2, 1);
	f = make_file(&m, "abc", "second.cab");
	f->sha256[31] ^= 1;
	T_FAILS(make_put(s, &m, &e), &e, E_DIGEST, "held with sha256");
	store_close(s);
}

T_TEST(what_is_known_of_a_file_grows_and_its_first_name_stays)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct update_file *f;
	struct store_file one;
	struct err e = ERR_INIT;
	struct make_notes g = {""};
	struct digest d;
	struct make m;

	make_update(&m, 1, 1);
	f = make_file(&m, "abc", "first.CAB");
	f->has_size = f->has_sha256 = false;
	make_put_ok(s, &m);
	T_CALL(digest_mem(DIGEST_BOTH, "abc", 3, &d, &e), &e);
	T_CALL(store_file_present(s, d.sha1, &d, &e), &e);
	T_CALL(store_file_present(s, d.sha1, &d, &e), &e);
	T_CALL(store_put_url(s, d.sha1, "http://a/", "package", &e), &e);
	T_CALL(store_put_url(s, d.sha1, "http://b/", "package", &e), &e);
	T_CALL(store_put_url(s, d.sha1, "http://a/", "upstream", &e), &e);
	T_CALL(store_each_file(s, false, note_file, &g, &e), &e);
	T_STR(g.text, "first.CAB CAB 3 measured presenthttp://a/;");
	make_update(&m, 2, 1);
	make_file(&m, "abc", "second.exe");
	f = make_file(&m, "zzz", "no extension.");
	make_put_ok(s, &m);
	g.text[0] = '\0';
	T_CALL(store_each_file_of(s, 2, note_file, &g, &e), &e);
	T_STR(g.text,
	    "first.CAB CAB 3 declared measured presenthttp://a/;"
	    "no extension.  3 declared;");
	T_EQ(store_file(s, d.sha1, &one, &e), 1);
	T_STR(one.name, "first.CAB");
	T_STR(one.url, "http://a/");
	d.sha256[3] ^= 8;
	T_FAILS(store_file_present(s, d.sha1, &d, &e), &e, E_DIGEST,
	    "held with sha256 ba7816bf");
	d.sha1[0] ^= 1;
	T_FAILS(store_file_present(s, m.files[0].sha1, &d, &e), &e, E_DIGEST,
	    "its sha1 is");
	T_FAILS(store_file_present(s, d.sha1, &d, &e), &e, E_MISSING,
	    "no document names it");
	T_EQ(store_file(s, d.sha1, &one, &e), 0);
	T_CALL(store_put_url(s, d.sha1, "http://c/", "package", &e), &e);
	make_commit(s);
	store_close(s);
}

/* Unrelated puts in another order; the order of revisions is content. */
T_TEST(dumps_are_equal_for_equal_content)
{
	struct store *s[2];
	struct err e = ERR_INIT;
	struct make m;
	char *dump[2];
	int i;

	for (i = 0; i < 2; i++) {
		s[i] = make_begun(t_tmpdir());
		make_fill(s[i]);
		if (i == 1) {
			T_CALL(
			    store_put_state(s[i], "{\"t\":\"x\"}", 9, &e), &e);
			make_commit(s[i]);
			T_CALL(store_begin(s[i], &e), &e);
		}
		make_update(&m, 12, 1);
		make_file(&m, i == 0 ? "one" : "two", "f.cab");
		make_file(&m, i == 0 ? "two" : "one", "f.cab");
		if (i == 1) {
			struct update_file f = m.files[0];

			m.files[0] = m.files[1];
			m.files[1] = f;
		}
		make_put_ok(s[i], &m);
		T_CALL(store_put_state(s[i], "{\"t\":\"y\"}", 9, &e), &e);
		T_CALL(store_put_state(s[i], "{\"t\":\"x\"}", 9, &e), &e);
		make_commit(s[i]);
		dump[i] = make_dump(s[i]);
	}
	T_STR(dump[0], dump[1]);
	T_OK(strstr(dump[0], "titles ") != NULL);
	T_OK(strstr(dump[0], "Aktualisierung") != NULL);
	make_update(&m, 99, 1);
	make_put_ok(s[0], &m);
	free(dump[0]);
	dump[0] = make_dump(s[0]);
	T_OK(strcmp(dump[0], dump[1]) != 0);
	for (i = 0; i < 2; i++) {
		free(dump[i]);
		store_close(s[i]);
	}
}

T_MAIN
