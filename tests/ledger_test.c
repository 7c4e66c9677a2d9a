/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <unistd.h>

#include "lib/store/ledger.h"
#include "lib/store/store.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

static struct ledger_row
row_of(enum ledger_kind kind, uint64_t sequence, uint8_t tag)
{
	struct ledger_row r = {.kind = kind,
	    .state = LEDGER_OPEN,
	    .origin = make_guid(7),
	    .site = "near",
	    .destination = "any",
	    .sequence = sequence,
	    .base = sequence > 0 ? sequence - 1 : 0,
	    .has_tag = tag != 0,
	    .key = "0123456789abcdef",
	    .where = "wsusferry-near-000001",
	    .time = 1700000000,
	    .revisions = 3,
	    .files = 4,
	    .bytes = 5};

	memset(r.selection, 0x5e, sizeof(r.selection));
	memset(r.tag, tag, sizeof(r.tag));
	return r;
}

/* Field by field: the room between them is nobody's. */
static void
same(const struct ledger_row *a, const struct ledger_row *b)
{
	T_EQ(a->row, b->row);
	T_EQ(a->kind, b->kind);
	T_EQ(a->state, b->state);
	T_MEM(&a->origin, &b->origin, sizeof(a->origin));
	T_STR(a->site, b->site);
	T_STR(a->destination, b->destination);
	T_EQ(a->sequence, b->sequence);
	T_EQ(a->base, b->base);
	T_MEM(a->selection, b->selection, SHA256_LEN);
	T_MEM(a->tag, b->tag, SHA256_LEN);
	T_EQ(a->has_tag, b->has_tag);
	T_STR(a->key, b->key);
	T_STR(a->where, b->where);
	T_EQ(a->time, b->time);
	T_EQ(a->revisions, b->revisions);
	T_EQ(a->files, b->files);
	T_EQ(a->bytes, b->bytes);
	T_STR(a->target, b->target);
	T_STR(a->reason, b->reason);
	T_STR(a->gate, b->gate);
	T_MEM(a->head, b->head, LEDGER_HEAD);
	T_EQ(a->has_head, b->has_head);
}

T_TEST(a_row_comes_back_as_it_was_added_and_updated)
{
	struct ledger_row r = row_of(LEDGER_EXPORT, 1, 0), back;
	struct store *s = make_store(t_tmpdir());
	struct err e = ERR_INIT;

	T_EQ(ledger_last_export(s, &back, &e), 0);
	T_CALL(ledger_add(s, &r, &e), &e);
	T_EQ(r.row, 1);
	T_EQ(ledger_last_export(s, &back, &e), 1);
	same(&back, &r);
	r.state = LEDGER_WRITTEN;
	r.has_tag = true;
	memset(r.tag, 0x7a, sizeof(r.tag));
	r.bytes = INT64_MAX;
	snprintf(r.target, sizeof(r.target), "south");
	snprintf(r.reason, sizeof(r.reason), "the tuesday's");
	snprintf(r.gate, sizeof(r.gate), "clean");
	r.has_head = true;
	memset(r.head, 3, sizeof(r.head));
	T_CALL(ledger_update(s, &r, &e), &e);
	T_EQ(ledger_last_export(s, &back, &e), 1);
	same(&back, &r);
	store_close(s);
}

T_TEST(a_number_never_names_two_exports)
{
	struct ledger_row a = row_of(LEDGER_EXPORT, 4, 1);
	struct ledger_row b = row_of(LEDGER_EXPORT, 4, 2);
	struct ledger_row c = row_of(LEDGER_IMPORT, 4, 3);
	struct store *s = make_store(t_tmpdir());
	struct err e = ERR_INIT;

	T_CALL(ledger_add(s, &a, &e), &e);
	T_FAILS(ledger_add(s, &b, &e), &e, E_FORMAT, "ledger.sequence");
	T_CALL(ledger_add(s, &c, &e), &e); /* another store's number */
	b.sequence = 5;
	T_CALL(ledger_add(s, &b, &e), &e);
	T_EQ(ledger_last_export(s, &a, &e), 1);
	T_EQ(a.sequence, 5);
	store_close(s);
}

T_TEST(imports_are_found_by_their_tag_and_by_their_origin)
{
	struct ledger_row a = row_of(LEDGER_IMPORT, 9, 1);
	struct ledger_row b = row_of(LEDGER_IMPORT, 8, 2);
	struct ledger_row c = row_of(LEDGER_IMPORT, 11, 3);
	struct ledger_row p = row_of(LEDGER_PACKAGE, 0, 2), back;
	struct store *s = make_store(t_tmpdir());
	struct err e = ERR_INIT;

	a.state = b.state = p.state = LEDGER_IMPORTED;
	T_CALL(ledger_add(s, &a, &e), &e);
	T_CALL(ledger_add(s, &b, &e), &e);
	T_CALL(ledger_add(s, &c, &e), &e); /* not finished */
	T_CALL(ledger_add(s, &p, &e), &e);
	T_EQ(ledger_last_import(s, &a.origin, &back, &e), 1);
	T_EQ(back.sequence, 9);
	a.origin = make_guid(8);
	T_EQ(ledger_last_import(s, &a.origin, &back, &e), 0);
	T_EQ(ledger_find(s, LEDGER_IMPORT, b.tag, &back, &e), 1);
	T_EQ(back.row, 2);
	T_EQ(ledger_find(s, LEDGER_PACKAGE, b.tag, &back, &e), 1);
	T_EQ(back.row, 4);
	T_EQ(ledger_find(s, LEDGER_PACKAGE, a.tag, &back, &e), 0);
	store_close(s);
}

static int
note_row(void *arg, const struct ledger_row *r, struct err *e)
{
	(void)e;
	make_note(arg, "%d/%d ", (int)r->row, (int)r->sequence);
	return 0;
}

T_TEST(rows_are_listed_as_they_came)
{
	struct ledger_row a = row_of(LEDGER_IMPORT, 9, 1);
	struct ledger_row b = row_of(LEDGER_EXPORT, 2, 2);
	struct store *s = make_store(t_tmpdir());
	struct make_notes g = {""};
	struct err e = ERR_INIT;

	T_CALL(ledger_add(s, &a, &e), &e);
	T_CALL(ledger_add(s, &b, &e), &e);
	T_CALL(ledger_each(s, note_row, &g, &e), &e);
	T_STR(g.text, "1/9 2/2 ");
	store_close(s);
}

T_TEST(numbers_that_the_database_cannot_hold_are_refused)
{
	struct ledger_row a = row_of(LEDGER_IMPORT, INT64_MAX, 1), back;
	uint64_t *const numbers[] = {
	    &a.sequence, &a.base, &a.revisions, &a.files, &a.bytes};
	struct store *s = make_store(t_tmpdir());
	struct err e = ERR_INIT;
	size_t i;

	a.base = a.revisions = a.files = a.bytes = INT64_MAX;
	a.state = LEDGER_IMPORTED;
	T_CALL(ledger_add(s, &a, &e), &e);
	T_EQ(ledger_last_import(s, &a.origin, &back, &e), 1);
	same(&back, &a);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		*numbers[i] = (uint64_t)INT64_MAX + 1;
		T_FAILS(ledger_update(s, &a, &e), &e, E_LIMIT, "beyond 2^63");
		T_FAILS(ledger_add(s, &a, &e), &e, E_LIMIT, "beyond 2^63");
		*numbers[i] = INT64_MAX;
	}
	store_close(s);
}

T_MAIN
