/* SPDX-License-Identifier: ISC */
/*
 * A transfer that contradicts itself is refused with the same status whether
 * the store holds its documents or not: those that are held are not read again,
 * but compared with index, state.jsonl and payload from their rows.  WF_SEED
 * gives the seed, WF_LONG ten times as many rounds.
 */
#include <fcntl.h>
#include <unistd.h>

#include "formats/package.h"
#include "lib/base/path_remove.h"
#include "lib/store/docs.h"
#include "lib/store/held_set.h"
#include "lib/store/ledger.h"
#include "lib/store/store.h"
#include "tests/stick.h"
#include "tests/stick_run.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define ROUNDS 100

static uint64_t
below(uint64_t n)
{
	return t_random() % n;
}

#define CATEGORY(n)                                                            \
	"<Categories><Category Value=\"0d000000-0000-0000-0000-00000000000" n  \
	"\" /></Categories>"
#define CLASSES                                                                \
	"<Classifications><Classification Value=\"0d000000-0000-0000-0000-"    \
	"000000000002\" /></Classifications>"
#define FILES "<Files><File "

/* Of what the index says; then of what documents say, and are held for. */
static const char *const indexes[][2] = {{CATEGORY("1"), "<Categories />"},
    {CATEGORY("1"), CATEGORY("2")}, {CATEGORY("1"), CATEGORY("7")},
    {CLASSES, "<Classifications />"}, {FILES, "<Files><Odd /><File "},
    {"RevisionNumber=\"200\"", "RevisionNumber=\"201\""},
    {"RevisionNumber=\"100\"", "RevisionNumber=\"99\""},
    {"00000000000a\"", "00000000000f\""},
    {"Url=\"http://example.test/a.cab\"", "Url=\"\""}};
static const char *const documents[][2] = {{"Size=\"900\"", "Size=\"901\""},
    {"FileName=\"c.exe\"", "FileName=\"c.EXE\""},
    {"UpdateType=\"Software\"", "UpdateType=\"Detectoid\""},
    {"CategoryType=\"Product\"", "CategoryType=\"Company\""},
    {"CategoryType=\"UpdateClassification\"",
	"CategoryType=\"ProductFamily\"       "},
    {"IsCategory=\"true\"", "IsCategory=\"True\""},
    {"UpdateID=\"0d000000-0000-0000-0000-00000000000a",
	"UpdateID=\"0d000000-0000-0000-0000-00000000000b"},
    {"UpdateID=\"0d000000-0000-0000-0000-000000000002\" /></AtLeastOne>",
	"UpdateID=\"0d000000-0000-0000-0000-000000000007\" /></AtLeastOne>"},
    {"Size=\"1700\"", "Size=\"17!0\""}};
static const char *const states[][2] = {{"\"revision\":100", "\"revision\":99"},
    {"\"t\":\"file\"", "\"t\":\"new\""}, {"\"t\":\"absent\"", "\"t\":\"gone\""},
    {",\"wanted\":false", ",\"wanted\":true"}, {"\"sha1\":\"", "\"sha1\":\"0"}};

static void
swap_in(struct buf *b, const char *const rows[][2], size_t n)
{
	size_t i = below(n);

	(void)stick_swap(b, rows[i][0], rows[i][1]);
}
#define SWAP(b, rows) swap_in(b, rows, sizeof(rows) / sizeof((rows)[0]))

/* Of the index: the digests of one Update in another order, or one of none. */
static void
bend_digests(struct stick *s)
{
	static const char word[] = "<File Digest=\"";
	char *text, *a, *b;
	struct err e = ERR_INIT;

	T_CALL(buf_put(&s->index, "", 1, &e), &e);
	s->index.len--;
	text = strstr((char *)s->index.p, "<Updates>");
	a = strstr(text, word);
	b = a != NULL ? strstr(a + 1, word) : NULL;
	if (b == NULL)
		return;
	a += sizeof(word) - 1;
	b += sizeof(word) - 1;
	for (int i = 0; i < 27; i++) {
		char c = a[i];

		a[i] = b[i];
		if (below(2) == 0)
			b[i] = c;
	}
}

static void
bend_payload(struct stick *s)
{
	struct stick_file *f = stick_payload(s, (unsigned)below(4));

	if (below(3) == 0)
		f->absent = true;
	else if (f->bytes.len > 1)
		f->bytes.len -= below(2);
	if (f->bytes.len != 0)
		((uint8_t *)f->bytes.p)[below(f->bytes.len)] ^= 1;
}

/* Something of it contradicts something else, as a rule. */
static void
bend(struct stick *s)
{
	switch (below(8)) {
	case 0:
		SWAP(&s->meta, documents);
		break;
	case 1:
		SWAP(&stick_find(s, STICK_STATE)->bytes, states);
		break;
	case 2:
	case 3:
	case 4:
		bend_payload(s);
		break;
	case 5:
		bend_digests(s);
		break;
	default:
		SWAP(&s->index, indexes);
	}
}

/* A store that holds some of the documents, or all, as they are. */
struct some {
	struct store *store;
	struct docs *docs;
	bool all;
	unsigned n;
};

static int
hold(void *arg, const struct docs_item *it, struct err *e)
{
	struct some *x = arg;
	struct store_doc d = {.u = &it->u,
	    .bytes = (uint32_t)it->bytes,
	    .units = it->units,
	    .packed = it->packed,
	    .packed_len = it->packed_len,
	    .encoding = it->encoding};
	struct err fault = ERR_INIT;
	enum store_put put;

	(void)e;
	memcpy(d.sha256, it->sha256, SHA256_LEN);
	if (it->err.kind == E_NONE &&
	    store_put(x->store, &d, 1, &put, &fault) == 0)
		x->n++;
	return 0;
}

static int
see(void *arg, const struct package_record *rec, struct err *e)
{
	struct some *x = arg;

	return x->all || below(2) == 0 ? docs_put(x->docs, rec, e) : 0;
}

static unsigned
hold_some(const char *dir, const struct stick *s)
{
	struct some x = {.all = below(2) == 0};
	struct package_meta *m = NULL;
	struct err e = ERR_INIT, cut = ERR_INIT;

	x.store = make_begun(dir);
	T_CALL(docs_open(&x.docs, x.store, NULL, 1, hold, &x, &e), &e);
	T_CALL(package_meta_open(&m, see, &x, &package_default_limits, &e), &e);
	(void)sink_write(package_meta_sink(m), s->meta.p, s->meta.len, &cut);
	T_CALL(docs_flush(x.docs, &e), &e);
	docs_close(x.docs);
	package_meta_close(m);
	make_commit(x.store);
	store_close(x.store);
	return x.n;
}

/* The same transfer, whole, as the one before it. */
static void
hold_whole(const char *dir)
{
	const struct stick_home *h = stick_home();
	struct err e = ERR_INIT;
	struct stick s;

	stick_make(&s, &h->key);
	stick_label(&s, "Wsusferry-Transfer", "north-000006");
	stick_label(&s, "Wsusferry-Sequence", "6");
	stick_seal(&s);
	stick_write(&s, h->path);
	T_EQ(stick_import_into(h->path, dir, h->pub, false), 10);
	T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
	stick_free(&s);
}

/* Its status in both stores; held: how many documents were. */
static int
try_one(unsigned round, unsigned *held)
{
	const struct stick_home *h = stick_home();
	struct err e = ERR_INIT;
	struct buf before = BUF_INIT;
	char dir[600], said[8192];
	struct stick s;
	int fresh, again;
	bool same;

	snprintf(dir, sizeof(dir), "%s/holds", h->dir);
	stick_make(&s, &h->key);
	T_CALL(buf_put(&before, s.meta.p, s.meta.len, &e), &e);
	for (unsigned n = (unsigned)below(3); n > 0; n--)
		bend(&s);
	same = before.len == s.meta.len &&
	    memcmp(before.p, s.meta.p, before.len) == 0;
	stick_pack(&s);
	stick_seal(&s);
	if (same && below(2) == 0) {
		hold_whole(dir);
		*held = 7;
	} else {
		*held = hold_some(dir, &s);
	}
	stick_write(&s, h->path);
	fresh = stick_import(h->path, h->pub);
	snprintf(said, sizeof(said), "%s", stick_said());
	again = stick_import_into(h->path, dir, h->pub, false);
	if (fresh != again) {
		printf("new:\n%s\nheld:\n%s\n", said, stick_said());
		t_fail(__FILE__, __LINE__,
		    "round %u: %d where it is new, %d where %u are held", round,
		    fresh, again, *held);
	}
	T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
	T_CALL(path_remove(AT_FDCWD, dir, &e), &e);
	stick_free(&s);
	buf_free(&before);
	return fresh;
}

T_TEST(a_contradiction_has_one_status_whether_new_or_held)
{
	const char *more = getenv("WF_LONG");
	unsigned n = more != NULL && *more != '\0' ? 10 * ROUNDS : ROUNDS;
	unsigned counts[16] = {0}, held, nheld = 0;

	for (unsigned i = 0; i < n; i++) {
		counts[try_one(i, &held) % 16]++;
		nheld += held > 0;
	}
	printf("%u rounds: 10: %u, 1: %u, 3: %u; something held in %u\n", n,
	    counts[10], counts[1], counts[3], nheld);
	T_OK(counts[10] >= n / 10);
	T_OK(counts[1] >= n / 20);
	T_OK(counts[3] >= n / 10);
	T_OK(nheld >= n / 2);
}

T_TEST(a_document_is_found_by_what_it_is_and_whose)
{
	struct store *s = make_begun(t_tmpdir());
	const struct guid one = make_guid(1), two = make_guid(2);
	struct held_set set = {.n = 0};
	struct err e = ERR_INIT;
	struct store_rev r;
	struct make m;

	T_CALL(held_set_fill(&set, s, &e), &e);
	T_EQ(set.n, 0);
	make_update(&m, 1, 100);
	make_put_ok(s, &m);
	T_CALL(store_rev(s, 1, &r, &e), &e);
	T_EQ(held_set_find(&set, &one, 100, r.sha256), 0);
	T_CALL(held_set_fill(&set, s, &e), &e);
	make_update(&m, 2, 100);
	make_put_ok(s, &m);
	T_CALL(held_set_fill(&set, s, &e), &e);
	T_CALL(held_set_fill(&set, s, &e), &e);
	T_EQ(set.n, 2);
	T_EQ(held_set_find(&set, &one, 100, r.sha256), 1);
	T_EQ(held_set_find(&set, &one, 101, r.sha256), 0);
	T_EQ(held_set_find(&set, &two, 100, r.sha256), 0);
	T_CALL(store_rev(s, 2, &r, &e), &e);
	T_EQ(held_set_find(&set, &two, 100, r.sha256), 2);
	held_set_free(&set);
	T_EQ(held_set_find(&set, &two, 100, r.sha256), 0);
	store_close(s);
}

T_MAIN
