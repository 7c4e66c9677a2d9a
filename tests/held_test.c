/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/err.h"
#include "lib/store/held.h"
#include "lib/store/store.h"
#include "lib/store/sync.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

/* XML 1.0, 2.11: CR LF and a lone CR are LF, and nothing else is. */
static const struct {
	const char *a, *b;
	bool alike;
} texts[] = {
    {"", "", true},
    {"a\nb\n", "a\r\nb\r\n", true},
    {"a\nb\n", "a\rb\r", true},
    {"a\r\nb\r", "a\rb\r\n", true},
    {"a\r\r\nb", "a\n\nb", true},
    {"a\n\rb", "a\n\nb", true},
    {"a\n\rb", "a\nb", false},
    {"a\r", "a\n", true},
    {"a\r", "a", false},
    {"a", "a\n", false},
    {"a\n", "a\n\n", false},
    {"\r", "\r\n", true},
    {"", "\r", false},
    {"a\nb", "a b", false},
    {"a\nb", "ab", false},
    {"a", "b", false},
    {"ab", "abc", false},
    {"a&#13;\n", "a\n", false},
};

T_TEST(texts_are_alike_but_for_line_ends)
{
	size_t i, na, nb;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		na = strlen(texts[i].a);
		nb = strlen(texts[i].b);
		if (held_alike(texts[i].a, na, texts[i].b, nb) !=
			texts[i].alike ||
		    held_alike(texts[i].b, nb, texts[i].a, na) !=
			texts[i].alike)
			t_fail(__FILE__, __LINE__, "row %zu", i);
	}
}

/* What put() is given: the text of make.text, packed. */
struct doc {
	struct make m;
	struct store_doc d;
	struct buf packed;
};

static void
doc(struct doc *x, struct store *s, uint32_t revision, const char *text)
{
	struct store_packer *p = NULL;
	struct err e = ERR_INIT;
	struct digest d;
	size_t n = strlen(text);

	x->packed = (struct buf)BUF_INIT;
	make_update(&x->m, 3, revision);
	x->d = (struct store_doc){.u = &x->m.u,
	    .bytes = (uint32_t)n,
	    .units = (uint32_t)n,
	    .encoding = "utf-8"};
	T_CALL(digest_mem(DIGEST_SHA256, text, n, &d, &e), &e);
	memcpy(x->d.sha256, d.sha256, SHA256_LEN);
	T_CALL(store_packer_open(&p, s, &e), &e);
	T_CALL(store_pack(p, text, n, &x->packed, &e), &e);
	store_packer_close(p);
	x->d.packed = x->packed.p;
	x->d.packed_len = x->packed.len;
}

static const char *const hows[] = {"new", "held", "alike", "other"};

/* "new", or what the error says. */
static const char *
put(struct store *s, const char *text, uint32_t revision, int64_t transfer,
    bool exact)
{
	enum store_put how = STORE_HELD;
	struct err e = ERR_INIT;
	static char said[64];
	struct doc x;
	int r;

	doc(&x, s, revision, text);
	x.d.exact = exact;
	r = store_put(s, &x.d, transfer, &how, &e);
	buf_free(&x.packed);
	if (r == 0)
		return hows[how];
	T_EQ(e.kind, E_DIGEST);
	snprintf(said, sizeof(said), "%s, %.10s", hows[how],
	    strstr(e.msg, "revision ") + 9);
	return said;
}

T_TEST(what_came_first_stays_and_is_the_same_but_for_line_ends)
{
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT;

	T_STR(put(s, "<a>\r\nb</a>", 1, 1, false), "new");
	T_STR(put(s, "<a>\r\nb</a>", 1, 1, false), "held");
	T_STR(put(s, "<a>\nb</a>", 1, 1, false), "alike");
	T_STR(put(s, "<a>\rb</a>", 1, 7, true), "alike");
	T_STR(put(s, "<a>\n\nb</a>", 1, 1, false), "other, 1: held wi");
	T_STR(put(s, "<a>\nb</a>", 2, 1, false), "new");
	T_CALL(store_doc_read(s, 1, &text, &e), &e);
	T_STR(buf_str(&text, &e), "<a>\r\nb</a>");
	buf_free(&text);
	store_close(s);
}

T_TEST(within_one_transfer_twice_is_twice_the_same)
{
	struct store *s = make_begun(t_tmpdir());

	T_STR(put(s, "a\n", 1, 1, true), "new");
	T_STR(put(s, "a\n", 1, 1, true), "held");
	T_STR(put(s, "a\r\n", 1, 1, true), "new, 1: it came");
	T_STR(put(s, "b\n", 1, 1, true), "new, 1: it came");
	/* Of another one it is no matter of that one. */
	T_STR(put(s, "a\r\n", 1, 2, true), "alike");
	T_STR(put(s, "b\n", 1, 2, true), "other, 1: held wi");
	store_close(s);
}

T_TEST(both_digests_are_told)
{
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	enum store_put how;
	struct doc x;

	T_STR(put(s, "a", 1, 1, false), "new");
	doc(&x, s, 1, "b");
	T_FAILS(store_put(s, &x.d, 1, &how, &e), &e, E_DIGEST,
	    "update ab6f0000-0000-0000-0000-000000000003 revision 1: held with "
	    "sha256 "
	    "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee"
	    "48bb, given with "
	    "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb"
	    "73eeaed59c009d");
	buf_free(&x.packed);
	store_close(s);
}

T_TEST(where_a_text_is_not_kept_only_its_digest_counts)
{
	struct err e = ERR_INIT;
	struct store *s = NULL;
	struct held h;
	struct doc x;

	T_CALL(store_nothing(&s, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_STR(put(s, "a\n", 1, 0, true), "new");
	doc(&x, s, 1, "a\n");
	x.d.packed_len = 0;
	T_CALL(held_look(s, &x.d, &h, &e), &e);
	T_EQ(h.how, HELD_SAME);
	buf_free(&x.packed);
	doc(&x, s, 1, "a\r\n");
	T_CALL(held_look(s, &x.d, &h, &e), &e);
	T_EQ(h.how, HELD_OTHER);
	buf_free(&x.packed);
	store_close(s);
}

/* Of what an upstream sends: against the store, and what waits to be taken. */
T_TEST(what_arrives_is_compared_in_the_same_way)
{
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	struct sync_upstream u;
	uint64_t added;
	struct doc x;
	static const struct {
		const char *text;
		uint32_t revision;
		const char *fault; /* or NULL */
	} rows[] = {
	    {"a\n", 1, NULL},
	    {"a\r\n", 1, NULL},
	    {"b\n", 1, "held with"},
	    {"a\n", 2, NULL},
	    {"a\r\n", 2, NULL},
	    {"b\n", 2, "received before with"},
	};
	size_t i;

	T_STR(put(s, "a\n", 1, 1, false), "new");
	T_CALL(sync_upstream(s, "http://one", &u, &e), &e);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		doc(&x, s, rows[i].revision, rows[i].text);
		if (rows[i].fault == NULL)
			T_CALL(
			    sync_arrive(s, u.row, SYNC_LIST, &x.d, &added, &e),
			    &e);
		else
			T_FAILS(
			    sync_arrive(s, u.row, SYNC_LIST, &x.d, &added, &e),
			    &e, E_DIGEST, rows[i].fault);
		buf_free(&x.packed);
	}
	store_close(s);
}

T_MAIN
