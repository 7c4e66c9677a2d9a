/* SPDX-License-Identifier: ISC */
/* A transfer against the ledger of the store that it is for. */
#include "lib/transfer/sequence.h"

#include <unistd.h>

#include "lib/store/store.h"
#include "lib/transfer/transfer.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define DAY 1700000000 /* 2023-11-14 */

static struct store *
begin(void)
{
	char dir[600];
	struct store *s;
	struct err e = ERR_INIT;

	snprintf(dir, sizeof(dir), "%s/store", t_tmpdir());
	s = make_store(dir);
	T_CALL(store_begin(s, &e), &e);
	return s;
}

static struct transfer
from(unsigned origin, uint64_t sequence, uint64_t base, uint8_t tag)
{
	struct transfer t = TRANSFER_INIT;

	t.info.origin = make_guid(origin);
	t.info.sequence = sequence;
	t.info.base = base;
	snprintf(t.info.site, sizeof(t.info.site), "north");
	bag_info_id(t.info.id, "north", sequence);
	snprintf(t.info.destination, sizeof(t.info.destination), "any");
	memset(t.tag, tag, sizeof(t.tag));
	return t;
}

/* A row of the ledger for it. */
static void
add(struct store *s, const struct transfer *t, enum ledger_kind kind,
    enum ledger_state state)
{
	struct ledger_row r = {.kind = kind,
	    .state = state,
	    .origin = t->info.origin,
	    .sequence = t->info.sequence,
	    .has_tag = true,
	    .time = DAY};
	struct err e = ERR_INIT;

	memcpy(r.tag, t->tag, sizeof(r.tag));
	snprintf(r.site, sizeof(r.site), "%s", t->info.site);
	T_CALL(ledger_add(s, &r, &e), &e);
}

/* ledger.tsv: "5:7 6:8r", the sequence, what fills the digest, and resumed. */
static void
says(struct transfer *t, const char *lines)
{
	char *end;

	free(t->ledger);
	t->nledger = 0;
	t->ledger = calloc(8, sizeof(*t->ledger));
	t->has_ledger = true;
	while (*lines != '\0') {
		struct bag_ledger_line *l = &t->ledger[t->nledger++];

		l->sequence = strtoull(lines, &end, 10);
		memset(l->sha256, (int)strtol(end + 1, &end, 10), SHA256_LEN);
		l->resumed = *end == 'r';
		end += *end == 'r';
		lines = end + (*end == ' ');
	}
}

T_TEST(a_first_transfer_and_a_higher_number_are_taken)
{
	struct store *s = begin();
	struct transfer one = from(1, 5, 0, 1), two = from(1, 6, 0, 2);
	struct err e = ERR_INIT;
	struct sequence q = {.allow = false};

	T_CALL(sequence_check(s, &one, &q, &e), &e);
	T_OK(!q.already && !q.last);
	add(s, &one, LEDGER_IMPORT, LEDGER_IMPORTED);
	T_CALL(sequence_check(s, &two, &q, &e), &e);
	T_OK(!q.already);
	store_close(s);
}

T_TEST(the_very_same_is_no_replay_and_is_told_whether_it_is_the_last)
{
	struct store *s = begin();
	struct transfer one = from(1, 5, 0, 1), two = from(1, 6, 0, 2);
	struct err e = ERR_INIT;
	struct sequence q = {.allow = false};

	add(s, &one, LEDGER_IMPORT, LEDGER_IMPORTED);
	T_CALL(sequence_check(s, &one, &q, &e), &e);
	T_OK(q.already && q.last);
	T_EQ(q.row.sequence, 5);
	add(s, &two, LEDGER_IMPORT, LEDGER_IMPORTED);
	T_CALL(sequence_check(s, &one, &q, &e), &e);
	T_OK(q.already && !q.last);
	store_close(s);
}

T_TEST(older_numbers_and_another_with_the_same_are_refused)
{
	struct store *s = begin();
	struct transfer last = from(1, 6, 0, 2), old = from(1, 5, 0, 1);
	struct transfer same = from(1, 6, 0, 9), other = from(2, 1, 0, 3);
	struct err e = ERR_INIT;
	struct sequence q = {.allow = false};

	add(s, &last, LEDGER_IMPORT, LEDGER_IMPORTED);
	T_FAILS(sequence_check(s, &old, &q, &e), &e, E_SEQ,
	    "north-000005 is older than north-000006, imported on 2023-11-14: "
	    "nothing to do");
	T_FAILS(sequence_check(s, &same, &q, &e), &e, E_SEQ,
	    "another north-000006 was imported on 2023-11-14: the exporting "
	    "store was set back");
	T_FAILS(sequence_check(s, &same, &q, &e), &e, E_SEQ,
	    "the next number that is taken here is 7");
	T_CALL(sequence_check(s, &other, &q, &e), &e);
	store_close(s);
}

T_TEST(a_number_below_the_last_is_given_out_again_where_it_was_imported)
{
	struct store *s = begin();
	struct transfer four = from(1, 4, 0, 4), six = from(1, 6, 0, 6);
	struct transfer again = from(1, 4, 0, 9), five = from(1, 5, 0, 5);
	struct err e = ERR_INIT;
	struct sequence q = {.allow = false};

	add(s, &four, LEDGER_IMPORT, LEDGER_IMPORTED);
	add(s, &five, LEDGER_IMPORT, LEDGER_OPEN);
	add(s, &six, LEDGER_IMPORT, LEDGER_IMPORTED);
	T_FAILS(sequence_check(s, &again, &q, &e), &e, E_SEQ,
	    "another north-000004 was imported on 2023-11-14: the exporting "
	    "store was set back");
	memset(five.tag, 9, sizeof(five.tag));
	T_FAILS(sequence_check(s, &five, &q, &e), &e, E_SEQ,
	    "north-000005 is older than north-000006");
	store_close(s);
}

T_TEST(what_it_builds_on_is_exactly_that_row)
{
	struct store *s = begin();
	struct transfer four = from(1, 4, 0, 4), six = from(1, 6, 0, 6);
	struct transfer five = from(1, 5, 0, 5), other = from(2, 5, 0, 7);
	struct transfer next = from(1, 8, 5, 8);
	struct err e = ERR_INIT;
	struct sequence q = {.allow = false};

	add(s, &four, LEDGER_IMPORT, LEDGER_IMPORTED);
	add(s, &six, LEDGER_IMPORT, LEDGER_IMPORTED);
	add(s, &other, LEDGER_IMPORT, LEDGER_IMPORTED);
	T_FAILS(sequence_check(s, &next, &q, &e), &e, E_SEQ,
	    "north-000008 builds on north-000005, which was not imported");
	T_FAILS(sequence_check(s, &next, &q, &e), &e, E_SEQ, "north-000005");
	add(s, &five, LEDGER_IMPORT, LEDGER_OPEN);
	T_FAILS(sequence_check(s, &next, &q, &e), &e, E_SEQ, "north-000005");
	add(s, &five, LEDGER_PACKAGE, LEDGER_IMPORTED);
	T_FAILS(sequence_check(s, &next, &q, &e), &e, E_SEQ, "north-000005");
	add(s, &five, LEDGER_IMPORT, LEDGER_IMPORTED);
	says(&next, "5:5 6:6");
	T_CALL(sequence_check(s, &next, &q, &e), &e);
	/* By its identity, too. */
	says(&next, "5:9 6:6");
	T_FAILS(sequence_check(s, &next, &q, &e), &e, E_SEQ,
	    "its origin published another north-000005, which was imported on "
	    "2023-11-14");
	q.allow = true;
	T_FAILS(sequence_check(s, &next, &q, &e), &e, E_SEQ,
	    "north-000008 builds on another north-000005 than the one that "
	    "was imported on 2023-11-14");
	free(next.ledger);
	store_close(s);
}

T_TEST(a_fork_is_refused_unless_a_person_allows_it)
{
	static const struct {
		const char *lines, *says;
	} rows[] = {
	    {"4:4 6:6 7:1", NULL},
	    {"", NULL},
	    {"7:1", NULL},
	    {"5:1 6:6", NULL}, /* what is older was forgotten */
	    {"4:4 6:9 7:1", "published another north-000006"},
	    {"4:9 6:6", "published another north-000004"},
	    {"4:4 7:1", "knows nothing of north-000006"},
	    {"4:9 6:6r 7:1", NULL},
	    {"4:9 6:9r 7:1", "published another north-000006"},
	    {"4:9 5:1 7:1r", NULL},
	};
	struct store *s = begin();
	struct transfer four = from(1, 4, 0, 4), six = from(1, 6, 0, 6);
	struct transfer next = from(1, 8, 0, 8);
	struct err e = ERR_INIT;

	add(s, &four, LEDGER_IMPORT, LEDGER_IMPORTED);
	add(s, &six, LEDGER_IMPORT, LEDGER_IMPORTED);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sequence q = {.allow = false};

		says(&next, rows[i].lines);
		if (rows[i].says == NULL)
			T_CALL(sequence_check(s, &next, &q, &e), &e);
		else
			T_FAILS(sequence_check(s, &next, &q, &e), &e, E_SEQ,
			    rows[i].says);
		q.allow = true;
		T_CALL(sequence_check(s, &next, &q, &e), &e);
		T_EQ(q.allowed, rows[i].says != NULL);
	}
	free(next.ledger);
	store_close(s);
}

/* A stick that is found again does not set the numbers back. */
T_TEST(an_older_one_that_was_allowed_leaves_the_last_one)
{
	struct store *s = begin();
	struct transfer four = from(1, 4, 0, 4), six = from(1, 6, 0, 6);
	struct transfer five = from(1, 5, 0, 5), next = from(1, 6, 0, 7);
	struct sequence q = {.allow = true};
	struct ledger_row row = {.time = DAY};
	struct err e = ERR_INIT;

	add(s, &four, LEDGER_IMPORT, LEDGER_IMPORTED);
	add(s, &six, LEDGER_IMPORT, LEDGER_IMPORTED);
	says(&five, "4:4");
	T_CALL(sequence_check(s, &five, &q, &e), &e);
	T_OK(q.allowed && !q.fork);
	T_OK(strstr(q.why.msg, "is older than north-000006") != NULL);
	T_CALL(sequence_add(s, &five, &row, &e), &e);
	T_CALL(sequence_note(s, &q, &row, &e), &e);
	row.state = LEDGER_IMPORTED;
	T_CALL(ledger_update(s, &row, &e), &e);
	q.allow = false;
	T_FAILS(sequence_check(s, &next, &q, &e), &e, E_SEQ,
	    "another north-000006");
	T_FAILS(sequence_check(s, &next, &q, &e), &e, E_SEQ,
	    "the next number that is taken here is 7");
	next = from(1, 7, 0, 7);
	says(&next, "4:4 5:5 6:6");
	T_CALL(sequence_check(s, &next, &q, &e), &e);
	free(five.ledger);
	free(next.ledger);
	store_close(s);
}

T_TEST(what_was_allowed_is_not_asked_again)
{
	struct store *s = begin();
	struct transfer four = from(1, 4, 0, 4), six = from(1, 6, 0, 6);
	struct transfer again = from(1, 6, 0, 9), next = from(1, 7, 0, 7);
	struct transfer last = from(1, 8, 0, 1);
	struct sequence q = {.allow = true};
	struct ledger_row row = {.time = DAY};
	struct err e = ERR_INIT;

	add(s, &four, LEDGER_IMPORT, LEDGER_IMPORTED);
	add(s, &six, LEDGER_IMPORT, LEDGER_IMPORTED);
	says(&again, "4:4");
	T_CALL(sequence_check(s, &again, &q, &e), &e);
	T_OK(q.allowed);
	T_OK(strstr(q.why.msg, "another north-000006") != NULL);
	T_CALL(sequence_add(s, &again, &row, &e), &e);
	T_CALL(sequence_note(s, &q, &row, &e), &e);
	row.state = LEDGER_IMPORTED;
	T_CALL(ledger_update(s, &row, &e), &e);
	/* The numbers go on from there. */
	q.allow = false;
	says(&next, "4:4 6:9");
	T_CALL(sequence_check(s, &next, &q, &e), &e);
	add(s, &next, LEDGER_IMPORT, LEDGER_IMPORTED);
	says(&last, "4:4 6:9 7:7");
	T_CALL(sequence_check(s, &last, &q, &e), &e);
	says(&last, "4:4 6:9 7:6");
	T_FAILS(sequence_check(s, &last, &q, &e), &e, E_SEQ,
	    "published another north-000007");
	free(again.ledger);
	free(next.ledger);
	free(last.ledger);
	store_close(s);
}

T_TEST(a_store_takes_what_is_for_it_and_not_its_own)
{
	struct store *s = begin();
	struct transfer t = from(1, 1, 0, 1);
	struct err e = ERR_INIT;
	struct sequence q = {.allow = false};

	guid_write(t.info.destination, store_id(s));
	T_CALL(sequence_check(s, &t, &q, &e), &e);
	guid_write(t.info.destination, &t.info.origin);
	T_FAILS(sequence_check(s, &t, &q, &e), &e, E_SEQ, "made for store ");
	snprintf(t.info.destination, sizeof(t.info.destination), "any");
	t.info.origin = *store_id(s);
	T_FAILS(sequence_check(s, &t, &q, &e), &e, E_SEQ,
	    "this store exported it itself");
	store_close(s);
}

T_MAIN
