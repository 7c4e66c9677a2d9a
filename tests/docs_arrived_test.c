/* SPDX-License-Identifier: ISC */
/* What was read when it arrived is taken without reading it again. */
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/store/docs.h"
#include "tests/sync_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* No document: who reads it again learns so. */
static void
make_full(struct make *m)
{
	static const char *const words[] = {"MS01-001", "de", "en"};

	make_category(m, 7, CATEGORY_PRODUCT);
	make_needs(m, 1, 2);
	make_needs(m, 1, 3);
	make_bundles(m, 4, 200);
	m->superseded[0] = make_guid(5);
	m->u.nsuperseded = 1;
	make_file(m, "one", "one.cab")->patching = "Express";
	make_file(m, "two", "two.cab")->modified = "2026-01-31T06:07:08Z";
	m->kbs[0] = "4711";
	m->u.nkbs = 1;
	m->u.bulletins = malloc(sizeof(words));
	T_OK(m->u.bulletins != NULL);
	memcpy(m->u.bulletins, words, sizeof(words));
	m->u.nbulletins = 1;
	m->u.langs = m->u.bulletins + 1;
	m->u.nlangs = 2;
	m->titles[0] = (struct update_title){"de", "sieben", "kein Wort"};
	m->titles[1] = (struct update_title){"fr", "sept", NULL};
	m->u.ntitles = 2;
	m->u.created = "2026-01-31T06:07:08Z";
	m->u.severity = "Low";
	m->u.handler = "handler";
	m->u.has_max_download = true;
	m->u.max_download = 4711;
}

/* The dump of a store that has just that. */
static char *
put_alone(const struct update *u)
{
	struct store *s = make_begun(t_tmpdir());
	struct store_doc d = {.u = u,
	    .bytes = 1,
	    .units = 1,
	    .packed = "x",
	    .packed_len = 1,
	    .encoding = "utf-8"};
	struct err e = ERR_INIT;
	enum store_put how;
	char *text;

	T_CALL(store_put(s, &d, 1, &how, &e), &e);
	make_commit(s);
	text = make_dump(s);
	store_close(s);
	return text;
}

T_TEST(a_copy_is_put_as_the_original)
{
	struct arena small = ARENA_INIT(0), all = ARENA_INIT(1 << 20);
	const struct update *copy = NULL;
	struct make m;
	char *a, *b;

	make_full(&m);
	/* Wherever its room ends, it is no copy. */
	for (; copy == NULL; small.max++) {
		arena_free(&small);
		copy = store_copy_update(&m.u, &small);
		T_OK(small.max < 1 << 14);
	}
	T_OK(small.max > sizeof(m.u));
	arena_free(&small);
	a = put_alone(&m.u);
	copy = store_copy_update(&m.u, &all);
	free(m.u.bulletins);
	memset(&m, 'x', sizeof(m));
	T_STR(b = put_alone(copy), a);
	T_OK(strstr(a, "\nword ") != NULL && strstr(a, "\ntitles ") != NULL);
	free(a);
	free(b);
	arena_free(&all);
}

/* The inbox through the pipeline, and what came of it. */
struct trip {
	struct store *s;
	struct docs *docs;
	const struct make *m;
	const struct update *u; /* what was read, or NULL */
	bool others; /* the seal is another document's */
	struct docs_read read;
	char says[512]; /* the title that came, or why none did */
};

static int
see(void *arg, const struct docs_item *it, struct err *e)
{
	struct trip *t = arg;
	struct sync_arrived a = {.bytes = it->bytes,
	    .packed = it->packed,
	    .packed_len = it->packed_len};
	struct store_packer *p = NULL;
	struct buf doc = BUF_INIT;

	snprintf(t->says, sizeof(t->says), "%s",
	    it->err.kind != E_NONE ? it->err.msg : it->u.title);
	if (it->err.kind != E_NONE)
		return 0;
	memcpy(a.sha256, it->sha256, SHA256_LEN);
	T_CALL(sync_doc(t->s, &a, &doc, e), e);
	T_STR(buf_str(&doc, e), t->m->text);
	T_STR(it->encoding, "utf-16le");
	T_EQ(it->units, it->bytes);
	T_CALL(store_packer_open(&p, t->s, e), e);
	T_OK(store_is_packed(p, it->packed, it->packed_len));
	store_packer_close(p);
	buf_free(&doc);
	return 0;
}

static int
arrived(void *arg, const struct sync_arrived *a, struct err *e)
{
	struct trip *t = arg;
	struct docs_read *r = &t->read;
	struct digest d;

	*r = (struct docs_read){.id = a->id,
	    .revision = a->revision,
	    .units = a->units,
	    .bytes = (uint32_t)a->bytes,
	    .encoding = "utf-16le",
	    .u = t->u};
	memcpy(r->sha256, a->sha256, SHA256_LEN);
	T_CALL(digest_mem(DIGEST_SHA256, a->packed, a->packed_len, &d, e), e);
	memcpy(r->seal, d.sha256, SHA256_LEN);
	r->seal[0] ^= t->others;
	return docs_put_arrived(t->docs, a, t->u != NULL ? r : NULL, e);
}

static const char *
travel(
    struct store *s, const struct make *m, const struct update *u, bool others)
{
	static struct trip t;
	struct err e = ERR_INIT;

	t = (struct trip){.s = s, .m = m, .u = u, .others = others};
	T_CALL(docs_open(&t.docs, s, NULL, 1, see, &t, &e), &e);
	T_CALL(sync_each_arrived(s, arrived, &t, &e), &e);
	T_CALL(docs_flush(t.docs, &e), &e);
	docs_close(t.docs);
	return t.says;
}

/* Alike enough for a dictionary. */
static void
train(struct store *s)
{
	static char text[STORE_TRAIN_MIN * 512];
	static size_t lens[STORE_TRAIN_MIN];
	struct err e = ERR_INIT;
	size_t n = 0;

	for (unsigned i = 0; i < STORE_TRAIN_MIN; i++) {
		for (lens[i] = 0; lens[i] < 400;)
			lens[i] += (size_t)snprintf(text + n + lens[i],
			    sizeof(text) - n - lens[i], "<Update %u.%u/>",
			    (unsigned)(t_random() % 1000), i);
		n += lens[i];
	}
	T_CALL(store_train(s, text, lens, STORE_TRAIN_MIN, &e), &e);
	T_OK(store_has_dict(s));
}

T_TEST(what_was_read_is_not_read_again)
{
	struct update read;
	int64_t upstream;
	struct store *s = sync_store(t_tmpdir(), &upstream);
	struct make m;

	make_update(&m, 3, 200);
	sync_bring_ok(s, upstream, SYNC_LIST, &m);
	read = m.u;
	read.title = "as it was read";
	/* Its text is no document: who reads it says so. */
	T_OK(strstr(travel(s, &m, NULL, false), "update 3") == NULL);
	T_STR(travel(s, &m, &read, false), "as it was read");
	T_OK(strstr(travel(s, &m, &read, true), "as it was read") == NULL);
	/* Packed again, and no more, where a dictionary came between. */
	train(s);
	T_STR(travel(s, &m, &read, false), "as it was read");
	store_close(s);
}

T_MAIN
