/* SPDX-License-Identifier: ISC */
/* Documents with and without a dictionary, and lines of state.jsonl. */
#include "tests/t.h"

#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/store/store.h"
#include "lib/store/sync.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

#define NDOCS 400
#define DOC_ROOM 2048

struct docs {
	char text[NDOCS * DOC_ROOM];
	size_t lens[NDOCS];
	size_t len;
};

/* Alike in phrases, as updates are. */
static void
make_docs(struct docs *d)
{
	static const char *const words[] = {"security update for ",
	    "windows server ", "cumulative ", "a remote attacker could ",
	    "compromise your system ", "microsoft ", "install this update "};
	unsigned i, j;

	d->len = 0;
	for (i = 0; i < NDOCS; i++) {
		char *p = d->text + d->len;
		size_t n = 0;

		for (j = 0; j < 60 && n < DOC_ROOM - 64; j++)
			n += (size_t)snprintf(p + n, DOC_ROOM - n, "%s%04x ",
			    words[t_random() % 7],
			    (unsigned)(t_random() & 0xffff));
		d->lens[i] = n;
		d->len += n;
	}
}

/* Put one of them as update id. */
static size_t
put_doc(struct store *s, unsigned id, const char *text, size_t n)
{
	struct store_packer *p = NULL;
	struct store_doc d = {.encoding = "utf-8"};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	enum store_put put;
	struct digest dg;
	struct make m;

	make_update(&m, id, 1);
	T_CALL(digest_mem(DIGEST_SHA256, text, n, &dg, &e), &e);
	T_CALL(store_packer_open(&p, s, &e), &e);
	T_CALL(store_pack(p, text, n, &b, &e), &e);
	d.u = &m.u;
	memcpy(d.sha256, dg.sha256, SHA256_LEN);
	d.bytes = d.units = (uint32_t)n;
	d.packed = b.p;
	d.packed_len = b.len;
	T_CALL(store_put(s, &d, 1, &put, &e), &e);
	store_packer_close(p);
	n = b.len;
	buf_free(&b);
	return n;
}

T_TEST(documents_come_back_packed_with_and_without_a_dictionary)
{
	static struct docs docs;
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	size_t without, with;

	make_docs(&docs);
	T_OK(!store_has_dict(s));
	without = put_doc(s, 1, docs.text, docs.lens[0]);
	T_CALL(
	    store_train(s, docs.text, docs.lens, STORE_TRAIN_MIN - 1, &e), &e);
	T_OK(!store_has_dict(s));
	T_CALL(store_train(s, docs.text, docs.lens, NDOCS, &e), &e);
	T_OK(store_has_dict(s));
	T_CALL(store_train(s, docs.text, docs.lens, NDOCS, &e), &e);
	with = put_doc(s, 2, docs.text, docs.lens[0]);
	T_OK(with < without);
	make_commit(s);
	store_close(s);
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_OK(store_has_dict(s));
	T_CALL(store_doc_read(s, 1, &b, &e), &e);
	T_EQ(b.len, docs.lens[0]);
	T_MEM(b.p, docs.text, b.len);
	T_CALL(store_doc_read(s, 2, &b, &e), &e);
	T_EQ(b.len, docs.lens[0]);
	T_MEM(b.p, docs.text, b.len);
	T_FAILS(store_doc_read(s, 3, &b, &e), &e, E_MISSING, "no document");
	buf_free(&b);
	store_close(s);
}

/* Of large ones fewer are enough. */
T_TEST(a_dictionary_is_trained_from_enough_documents_or_bytes)
{
	static struct docs docs;
	static char text[STORE_TRAIN_MIN * 8 * DOC_ROOM];
	struct store *s = make_begun(t_tmpdir());
	size_t lens[STORE_TRAIN_MIN - 1], n = 0;
	struct err e = ERR_INIT;

	make_docs(&docs);
	for (unsigned i = 0; i < STORE_TRAIN_MIN - 1; i++) {
		lens[i] = 7 * DOC_ROOM + t_random() % DOC_ROOM;
		memcpy(
		    text + n, docs.text + t_random() % (docs.len / 2), lens[i]);
		n += lens[i];
	}
	T_OK(n > STORE_TRAIN_BYTES / 2);
	T_CALL(store_train(s, text, lens, STORE_TRAIN_MIN / 4, &e), &e);
	T_OK(!store_has_dict(s));
	T_CALL(store_train(s, text, lens, STORE_TRAIN_MIN - 1, &e), &e);
	T_OK(store_has_dict(s));
	store_close(s);
}

/* What arrives is packed as it will be kept, as long as nothing is trained. */
T_TEST(what_is_packed_for_the_store_is_known)
{
	static struct docs docs;
	struct store *s = make_begun(t_tmpdir());
	struct store_packer *p[2] = {NULL, NULL};
	struct buf b = BUF_INIT, in = BUF_INIT;
	struct err e = ERR_INIT;

	make_docs(&docs);
	for (int with = 0; with < 2; with++) {
		T_CALL(store_packer_open(&p[with], s, &e), &e);
		buf_reset(&b);
		buf_reset(&in);
		T_CALL(store_pack(p[with], docs.text, docs.len, &b, &e), &e);
		T_CALL(sync_pack(p[with], docs.text, docs.len, &in, &e), &e);
		T_OK(b.len == in.len && memcmp(b.p, in.p, b.len) == 0);
		T_OK(store_is_packed(p[with], in.p, in.len));
		T_EQ(store_is_packed(p[0], in.p, in.len), !with);
		T_CALL(store_train(s, docs.text, docs.lens, NDOCS, &e), &e);
	}
	store_packer_close(p[0]);
	store_packer_close(p[1]);
	buf_free(&b);
	buf_free(&in);
	make_commit(s);
	store_close(s);
}

T_TEST(a_dictionary_that_was_rolled_back_is_gone)
{
	static struct docs docs;
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct store_packer *p = NULL;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	make_docs(&docs);
	T_CALL(store_train(s, docs.text, docs.lens, NDOCS, &e), &e);
	T_CALL(store_packer_open(&p, s, &e), &e);
	store_rollback(s);
	T_OK(!store_has_dict(s));
	T_CALL(store_pack(p, "abc", 3, &b, &e), &e); /* still borrowed */
	store_packer_close(p);
	buf_free(&b);
	store_close(s);
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_OK(!store_has_dict(s));
	store_close(s);
}

static int
note_line(void *arg, const char *line, struct err *e)
{
	(void)e;
	make_note(arg, "%s|", line);
	return 0;
}

T_TEST(unknown_lines_are_kept_once)
{
	struct store *s = make_begun(t_tmpdir());
	struct make_notes g = {""};
	struct err e = ERR_INIT;

	T_CALL(store_put_state(s, "{\"t\":\"zz\"}", 10, &e), &e);
	T_CALL(store_put_state(s, "{\"t\":\"aa\"}", 10, &e), &e);
	T_CALL(store_put_state(s, "{\"t\":\"zz\"}", 10, &e), &e);
	T_CALL(store_each_state(s, note_line, &g, &e), &e);
	T_STR(g.text, "{\"t\":\"aa\"}|{\"t\":\"zz\"}|");
	store_close(s);
}

T_MAIN
