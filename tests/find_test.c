/* SPDX-License-Identifier: ISC */
/* Searching the updates of a store. */
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/store/gone.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"
#include "lib/view/find.h"
#include "lib/view/show.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static void
put(struct store *s, unsigned id, const char *title, const char *kb,
    const char *created)
{
	struct make m;

	make_update(&m, id, 1);
	make_needs(&m, 1, id % 2 == 0 ? 1 : 3);
	make_needs(&m, 2, 2);
	m.u.title = title;
	m.u.created = created;
	if (kb != NULL)
		m.kbs[m.u.nkbs++] = kb;
	if (id == 20) {
		m.u.severity = "Critical";
		(void)make_file(&m, "first", "Oak10.0-KB77-x64.msu");
		(void)make_file(&m, "second", "plain.cab");
	}
	if (id == 21) {
		m.u.severity = "Low";
		m.superseded[m.u.nsuperseded++] = make_guid(20);
		(void)make_file(&m, "third", "third.cab");
	}
	m.u.expired = id == 22;
	make_put_ok(s, &m);
}

/*
 * 20 to 23 beside make_fill()'s 10, which bundles 11: the first of two files of
 * 20 is here, that of 21 was left out, that of 11 is absent.
 */
static struct store *
filled(const char *dir)
{
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	struct digest d;
	struct make m;

	make_fill(s);
	make_category(&m, 3, CATEGORY_PRODUCT);
	m.u.title = "aspen";
	make_put_ok(s, &m);
	put(s, 20, "Elm Defender 4 + Tools", "7470001", "2024-03-01T10:00:00Z");
	put(s, 21, "Oak Writer 100%", "KB7470002", "2025-01-02T00:00:00Z");
	put(s, 22, "Elm Writer \xc3\x9c", NULL, "2023-01-02T00:00:00Z");
	put(s, 23, NULL, NULL, NULL);
	make_here(s, dir, "first", "msu");
	T_CALL(digest_mem(DIGEST_BOTH, "third", 5, &d, &e), &e);
	T_CALL(store_file_left_out(s, d.sha1, true, &e), &e);
	make_commit(s);
	return s;
}

static struct find *
make(struct store *s)
{
	struct err e = ERR_INIT;
	struct gone gone;
	struct find *f = NULL;

	T_CALL(store_begin(s, &e), &e);
	T_CALL(gone_find(&gone, s, &e), &e);
	T_CALL(find_make(&f, s, &gone, &e), &e);
	gone_free(&gone);
	store_rollback(s);
	return f;
}

/* The numbers of what is found, and how many there are of all. */
static const char *
search(const struct find *f, struct store *s, const struct find_ask *a,
    uint64_t skip, unsigned n)
{
	static struct make_notes notes;
	struct find_hit hits[16];
	struct err e = ERR_INIT;
	struct store_rev r;
	unsigned i, k, nhits;
	uint64_t found;

	notes.text[0] = '\0';
	T_CALL(find_search(f, a, skip, n, hits, &nhits, &found, &e), &e);
	for (i = 0; i < nhits; i++) {
		T_CALL(store_rev(s, hits[i].row, &r, &e), &e);
		for (k = 0; k < 64; k++) {
			struct guid id = make_guid(k);

			if (guid_cmp(&id, &r.id) == 0)
				make_note(&notes, "%u ", k);
		}
	}
	make_note(&notes, "of %u", (unsigned)found);
	return notes.text;
}

T_TEST(every_word_is_to_be_somewhere)
{
	static const struct {
		const char *text, *found;
	} rows[] = {
	    {"", "21 20 22 23 10 of 5"},
	    {"elm", "20 22 of 2"},
	    {"ELM  writer", "22 of 1"},
	    {" writer elm ", "22 of 1"},
	    {"elm oak", "20 of 1"}, /* one in the title, one in a file's name */
	    {"tools writer", "of 0"},
	    {"4 + tools", "20 of 1"},
	    {"100%", "21 of 1"},
	    {"_", "of 0"},
	    {"kb7470001", "20 of 1"},
	    {"KB7470002", "21 of 1"},
	    {"7470002", "21 of 1"},
	    {"747000", "21 20 of 2"},
	    {"kb5000001", "10 of 1"},
	    {"oak10.0", "20 of 1"}, /* the name of a file */
	    {"PLAIN.cab", "20 of 1"},
	    {"eleven.cab", "10 of 1"}, /* of what it bundles */
	    {"plain.cab elm", "20 of 1"},
	    {"plain.cab oak10", "20 of 1"}, /* of two files */
	    {"plain.cab oak", "20 of 1"},
	    {"plain.cab writer", "of 0"},
	    {"\xc3\x9c", "22 of 1"},
	    {"a\xff", "of 0"},
	    {"nothing", "of 0"},
	};
	const char *dir = t_tmpdir();
	struct store *s = filled(dir);
	struct find *f = make(s);
	struct find_ask a;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		a = (struct find_ask){.nwords = 0};
		T_OK(find_words(&a, rows[i].text));
		T_STR(search(f, s, &a, 0, 16), rows[i].found);
	}
	find_free(f);
	store_close(s);
}

T_TEST(ids_and_digests_are_found_whole)
{
	const char *dir = t_tmpdir();
	struct store *s = filled(dir);
	struct find *f = make(s);
	struct find_ask a = {.nwords = 0};
	char text[2 * SHA256_LEN + 1];
	struct err e = ERR_INIT;
	struct guid id = make_guid(11);
	struct digest d;

	guid_write(text, &id);
	T_OK(find_words(&a, text));
	T_STR(search(f, s, &a, 0, 16), "11 of 1"); /* though it is bundled */
	T_CALL(digest_mem(DIGEST_BOTH, "payload of 11", 13, &d, &e), &e);
	hex_upper(text, d.sha1, SHA1_LEN);
	T_OK(find_words(&a, text));
	T_STR(search(f, s, &a, 0, 16), "10 11 of 2");
	hex_lower(text, d.sha256, SHA256_LEN);
	T_OK(find_words(&a, text));
	T_STR(search(f, s, &a, 0, 16), "10 11 of 2");
	text[63] = '\0';
	T_OK(find_words(&a, text));
	T_STR(search(f, s, &a, 0, 16), "of 0");
	find_free(f);
	store_close(s);
}

static struct find_ask
asked(const char *severity, enum find_state state, enum find_payload payload)
{
	struct find_ask a = {.state = state, .payload = payload};

	snprintf(a.severity, sizeof(a.severity), "%s", severity);
	return a;
}

T_TEST(filters_leave_out_what_is_not_asked_for)
{
	const struct {
		struct find_ask a;
		const char *found;
	} rows[] = {
	    {asked("critical", FIND_STATES, FIND_PAYLOADS), "20 of 1"},
	    {asked("Low", FIND_STATES, FIND_PAYLOADS), "21 of 1"},
	    {asked("none has it", FIND_STATES, FIND_PAYLOADS), "of 0"},
	    {asked("", FIND_NEWEST, FIND_PAYLOADS), "21 23 10 of 3"},
	    {asked("", FIND_SUPERSEDED, FIND_PAYLOADS), "20 of 1"},
	    {asked("", FIND_EXPIRED, FIND_PAYLOADS), "22 of 1"},
	    {asked("", FIND_STATES, FIND_HERE), "of 0"},
	    {asked("", FIND_STATES, FIND_ABSENT), "20 10 of 2"},
	    {asked("", FIND_STATES, FIND_LEFT_OUT), "21 of 1"},
	    {asked("critical", FIND_NEWEST, FIND_PAYLOADS), "of 0"},
	};
	const char *dir = t_tmpdir();
	struct store *s = filled(dir);
	struct find *f = make(s);
	struct find_ask a = {.has_product = true, .product = make_guid(3)};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		T_STR(search(f, s, &rows[i].a, 0, 16), rows[i].found);
	T_STR(search(f, s, &a, 0, 16), "21 23 of 2");
	a.product = make_guid(2); /* that is a classification */
	a.has_class = true;
	a.class = make_guid(2);
	a.has_product = false;
	T_STR(search(f, s, &a, 0, 16), "21 20 22 23 10 of 5");
	a.class = make_guid(99);
	T_STR(search(f, s, &a, 0, 16), "of 0");
	find_free(f);
	store_close(s);
}

T_TEST(all_that_is_here_is_found_as_here)
{
	const char *dir = t_tmpdir();
	struct store *s = filled(dir);
	struct find_ask a = asked("", FIND_STATES, FIND_HERE);
	struct err e = ERR_INIT;
	struct find *f;

	T_CALL(store_begin(s, &e), &e);
	make_here(s, dir, "second", "cab");
	T_CALL(store_commit(s, &e), &e);
	f = make(s);
	T_STR(search(f, s, &a, 0, 16), "20 of 1");
	find_free(f);
	make_lost(dir, "second", "cab"); /* whatever its row says */
	f = make(s);
	T_STR(search(f, s, &a, 0, 16), "of 0");
	find_free(f);
	store_close(s);
}

T_TEST(a_page_is_a_part_of_the_same_order)
{
	const char *dir = t_tmpdir();
	struct store *s = filled(dir);
	struct find *f = make(s);
	struct find_ask a = {.nwords = 0};

	T_STR(search(f, s, &a, 0, 2), "21 20 of 5");
	T_STR(search(f, s, &a, 2, 2), "22 23 of 5");
	T_STR(search(f, s, &a, 4, 2), "10 of 5");
	T_STR(search(f, s, &a, 6, 2), "of 5");
	find_free(f);
	store_close(s);
}

static int
next_top(void *arg, int64_t row, bool superseded, struct err *e)
{
	struct find_hit **h = arg;

	(void)e;
	T_EQ((*h)->row, row);
	T_EQ((*h)->superseded, superseded);
	(*h)++;
	return 0;
}

/* The store's own index orders as we do. */
T_TEST(the_order_is_that_of_the_store)
{
	struct find_ask a = {.nwords = 0};
	struct store *s = make_begun(t_tmpdir());
	static struct find_hit hits[600];
	struct find_hit *next = hits;
	struct err e = ERR_INIT;
	struct find *f = NULL;
	unsigned nhits;
	uint64_t found;

	make_random(s, 7, 300);
	make_commit(s);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(find_make(&f, s, NULL, &e), &e);
	T_CALL(find_search(f, &a, 0, 600, hits, &nhits, &found, &e), &e);
	T_EQ(nhits, found);
	T_CALL(store_each_top(s, 0, 600, next_top, &next, &e), &e);
	T_EQ(next - hits, nhits);
	T_OK(nhits > 50);
	store_rollback(s);
	find_free(f);
	store_close(s);
}

static int
note_related(void *arg, const struct store_related *x, struct err *e)
{
	(void)e;
	make_note(arg, "%lld ", (long long)x->row);
	return 0;
}

struct both {
	struct store *store;
	const struct find *find;
	unsigned found;
};

static int
same_related(void *arg, const struct store_rev *rev, struct err *e)
{
	static const enum store_relation kinds[] = {
	    STORE_REL_NEWER, STORE_REL_INSIDE};
	struct both *b = arg;
	struct make_notes by_table, by_find;
	struct show x = {.store = b->store, .find = b->find, .rev = *rev};
	size_t i;

	for (i = 0; i < 2; i++) {
		by_table.text[0] = by_find.text[0] = '\0';
		T_CALL(
		    show_each_related(&x, kinds[i], note_related, &by_find, e),
		    e);
		T_CALL(store_each_related(
			   b->store, rev, kinds[i], note_related, &by_table, e),
		    e);
		T_STR(by_find.text, by_table.text);
		b->found += by_table.text[0] != '\0';
	}
	return 0;
}

/* Of every revision, the older ones too: as the tables have it. */
T_TEST(who_names_an_update_is_found_as_the_tables_have_it)
{
	struct store *s = make_begun(t_tmpdir());
	struct both b = {.store = s};
	struct err e = ERR_INIT;
	struct find *f = NULL;

	make_random(s, 11, 300);
	make_commit(s);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(find_make(&f, s, NULL, &e), &e);
	b.find = f;
	T_CALL(store_each_rev(s, same_related, &b, &e), &e);
	T_OK(b.found > 50);
	store_rollback(s);
	find_free(f);
	store_close(s);
}

T_TEST(what_filters_offer_is_counted)
{
	const char *dir = t_tmpdir();
	struct store *s = filled(dir);
	struct find *f = make(s);
	const struct find_facet *v;

	T_EQ(find_products(f, &v), 2);
	T_STR(v[0].title, "aspen");
	T_EQ(v[0].n, 2);
	T_STR(v[1].title, "update 1");
	T_EQ(v[1].n, 3);
	T_EQ(find_classes(f, &v), 1);
	T_EQ(v[0].n, 5);
	T_EQ(find_severities(f, &v), 2);
	T_STR(v[0].title, "Critical");
	T_EQ(v[0].n, 1);
	find_free(f);
	store_close(s);
}

T_TEST(a_store_of_nothing_finds_nothing)
{
	struct store *s = make_store(t_tmpdir());
	struct find *f = make(s);
	struct find_ask a = {.nwords = 0};
	const struct find_facet *v;

	T_STR(search(f, s, &a, 0, 16), "of 0");
	T_OK(find_words(&a, "word"));
	T_STR(search(f, s, &a, 0, 16), "of 0");
	T_EQ(find_products(f, &v), 0);
	find_free(f);
	store_close(s);
}

T_TEST(too_much_to_search_for_is_refused)
{
	char text[FIND_TEXT_MAX + 2];
	struct find_ask a = {.nwords = 0};
	unsigned i;

	memset(text, 'a', sizeof(text));
	text[FIND_TEXT_MAX + 1] = '\0';
	T_OK(!find_words(&a, text));
	text[FIND_TEXT_MAX] = '\0';
	T_OK(find_words(&a, text));
	T_EQ(a.nwords, 1);
	for (i = 1; i < 2 * FIND_WORDS; i += 2)
		text[i] = ' ';
	text[i - 2] = '\0';
	T_OK(find_words(&a, text));
	T_EQ(a.nwords, FIND_WORDS);
	text[i - 2] = ' ';
	T_OK(!find_words(&a, text));
}

T_MAIN
