/* SPDX-License-Identifier: ISC */
/* Whether all is well, row by row; the second Tuesday of a month. */
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/store/destination.h"
#include "lib/store/gone.h"
#include "lib/store/ledger.h"
#include "lib/store/store.h"
#include "lib/store/sync.h"
#include "lib/view/status.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define NOON "T12:00:00Z"

static int64_t
at(const char *day)
{
	char text[UTC_LEN + 1];
	int64_t t = 0;

	snprintf(text, sizeof(text), "%.10s" NOON, day);
	T_OK(utc_read(&t, text, UTC_LEN));
	return t;
}

static int
note_row(void *arg, const struct status_row *r, struct err *e)
{
	(void)e;
	make_note(arg, "%s %s: %s\n", r->name, status_word(r->is), r->text);
	return 0;
}

/* All rows as lines. */
static const char *
rows(struct store *s, const struct status_limits *lim, const char *day)
{
	static struct make_notes notes;
	struct lacking_of of = {.no_files = false};
	struct err e = ERR_INIT;
	struct lacking l;
	struct status t;
	struct gone gone;

	notes.text[0] = '\0';
	T_CALL(store_begin(s, &e), &e);
	T_CALL(gone_find(&gone, s, &e), &e);
	of.gone = &gone;
	T_CALL(lacking_count(s, &of, &l, &e), &e);
	gone_free(&gone);
	T_CALL(status_read(&t, s, &l, &e), &e);
	T_CALL(status_each(s, &t, lim, at(day), note_row, &notes, &e), &e);
	store_rollback(s);
	return notes.text;
}

static const struct status_limits usual = STATUS_LIMITS;

static struct store *
holding(const char *created)
{
	struct store *s = make_store(t_tmpdir());
	struct err e = ERR_INIT;
	struct make m;

	T_CALL(store_begin(s, &e), &e);
	make_category(&m, 1, CATEGORY_PRODUCT);
	make_put_ok(s, &m);
	make_update(&m, 10, 1);
	make_needs(&m, 1, 1);
	m.u.created = created;
	make_put_ok(s, &m);
	make_commit(s);
	return s;
}

static int
no_row_of_offers(void *arg, const struct status_row *r, struct err *e)
{
	(void)arg, (void)e;
	T_OK(strcmp(r->name, "offer") != 0);
	return 0;
}

/* What keeps us from reading is no row that blames the offer. */
T_TEST(a_fault_of_the_system_ends_it)
{
	struct store *s = holding("2026-11-10T18:00:00Z");
	struct rlimit was, none;
	struct status t = {.newest = ""};
	struct err e = ERR_INIT;
	int r;

	T_EQ(mkdirat(store_dirfd(s), "offer", 0755), 0);
	T_EQ(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = 0;
	T_CALL(store_begin(s, &e), &e);
	T_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
	r = status_each(
	    s, &t, &usual, at("2026-11-10"), no_row_of_offers, NULL, &e);
	T_EQ(setrlimit(RLIMIT_NOFILE, &was), 0);
	T_FAILS(r, &e, E_SYS, "offer");
	store_rollback(s);
	store_close(s);
}

T_TEST(a_release_is_old_ten_days_behind_a_second_tuesday)
{
	/* Second Tuesdays of 2026: September 8, October 13, November 10,
	   December 8; of 2027: January 12. */
	static const struct {
		const char *created, *now;
		const char *due; /* NULL: good */
	} cases[] = {
	    {"2026-11-10T18:00:00Z", "2026-11-10", NULL},
	    {"2026-11-10T18:00:00Z", "2026-12-17", NULL},
	    {"2026-11-10T18:00:00Z", "2026-12-18", "2026-12-08"},
	    {"2026-10-13T18:00:00Z", "2026-11-19", NULL},
	    {"2026-10-13T18:00:00Z", "2026-11-20", "2026-11-10"},
	    {"2026-11-09T18:00:00Z", "2026-11-20", "2026-11-10"},
	    {"2026-09-01T18:00:00Z", "2026-11-12", "2026-10-13"},
	    {"2026-12-08T18:00:00Z", "2027-01-21", NULL},
	    {"2026-12-08T18:00:00Z", "2027-01-22", "2027-01-12"},
	    {"2026-11-10T18:00:00Z", "2027-01-05", "2026-12-08"},
	    {"2026-11-10T18:00:00Z", "1980-01-05", NULL},
	    {"2026-11-10T18:00:00Z", "2100-02-20", "2100-02-09"},
	};
	struct store *s;
	size_t i;
	char want[200];

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *said;

		s = holding(cases[i].created);
		said = strstr(rows(s, &usual, cases[i].now), "release ");
		snprintf(want, sizeof(want), "one of %s has been out for",
		    cases[i].due != NULL ? cases[i].due : "none");
		if (said == NULL ||
		    (cases[i].due == NULL
			    ? strncmp(said, "release good: ", 14) != 0
			    : strstr(said, want) == NULL))
			t_fail(__FILE__, __LINE__, "%s at %s: %s",
			    cases[i].created, cases[i].now, said);
		store_close(s);
	}
}

static void
add_row(struct store *s, enum ledger_kind k, const char *day, uint64_t sequence,
    const char *target)
{
	struct ledger_row r = {.kind = k,
	    .state = k == LEDGER_EXPORT ? LEDGER_WRITTEN : LEDGER_IMPORTED,
	    .site = "north",
	    .sequence = sequence,
	    .bytes = 1000};
	struct err e = ERR_INIT;

	r.time = at(day);
	snprintf(r.target, sizeof(r.target), "%s", target);
	T_CALL(ledger_add(s, &r, &e), &e);
}

T_TEST(transfers_come_and_leave_within_their_time)
{
	struct store *s = holding("2026-11-10T18:00:00Z");
	struct status_limits lim = usual;
	struct err e = ERR_INIT;

	lim.room_times = 0;
	T_STR(rows(s, &lim, "2026-11-12"),
	    "release good: the newest that is held is of 2026-11-10\n"
	    "revisions good: none is incomplete\n"
	    "payload good: none is absent\n");
	T_CALL(store_begin(s, &e), &e);
	add_row(s, LEDGER_IMPORT, "2026-11-11", 3, "");
	add_row(s, LEDGER_EXPORT, "2026-10-01", 7, "");
	T_CALL(store_commit(s, &e), &e);
	T_STR(rows(s, &lim, "2026-11-12"),
	    "release good: the newest that is held is of 2026-11-10\n"
	    "import good: north-000003 on 2026-11-11; the next by 2026-12-16\n"
	    "export bad: north-000007 on 2026-10-01: nothing left for 42 days, "
	    "more than 35\n"
	    "revisions good: none is incomplete\n"
	    "payload good: none is absent\n");
	lim.transfer_days = 42;
	T_OK(strstr(rows(s, &lim, "2026-11-12"), "export good: ") != NULL);
	store_close(s);
}

T_TEST(what_is_sent_is_to_be_acknowledged)
{
	struct store *s = holding("2026-11-10T18:00:00Z");
	struct destination d = {.name = "south"};
	struct err e = ERR_INIT;

	T_CALL(store_begin(s, &e), &e);
	T_CALL(destination_put(s, &d, &e), &e);
	d.row = 0;
	memcpy(d.name, "east", 5);
	T_CALL(destination_put(s, &d, &e), &e);
	add_row(s, LEDGER_EXPORT, "2026-10-01", 1, "south");
	add_row(s, LEDGER_EXPORT, "2026-11-01", 2, "south");
	T_CALL(store_commit(s, &e), &e);
	T_OK(strstr(rows(s, &usual, "2026-11-05"),
		 "receipt good: south has not acknowledged number 1, sent 35 "
		 "days ago, on 2026-10-01\n") != NULL);
	T_OK(strstr(rows(s, &usual, "2026-11-06"),
		 "receipt bad: south has not acknowledged number 1, sent 36 "
		 "days ago, on 2026-10-01: ask for its receipt\n") != NULL);
	T_OK(strstr(rows(s, &usual, "2026-11-06"), "east ") == NULL);
	T_CALL(store_begin(s, &e), &e);
	T_OK(destination_find(s, "south", &d, &e) == 1);
	d.base = 1;
	T_CALL(destination_put(s, &d, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	T_OK(
	    strstr(rows(s, &usual, "2026-11-06"),
		"receipt good: south has not acknowledged number 2, sent 5 ") !=
	    NULL);
	store_close(s);
}

T_TEST(what_is_lacking_is_lacking_and_damage_is_bad)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	struct make m;

	make_fill(s);
	make_update(&m, 30, 1);
	make_needs(&m, 0, 99);
	make_put_ok(s, &m);
	make_commit(s);
	T_OK(strstr(rows(s, &usual, "2026-11-12"),
		 "revisions lacking: 1 revision incomplete: wsusferry-list "
		 "lacking says why\n"
		 "payload lacking: 1 file absent (13 bytes)") != NULL);
	T_CALL(store_begin(s, &e), &e);
	make_here(s, dir, "payload of 11", "cab");
	T_CALL(store_commit(s, &e), &e);
	T_OK(strstr(rows(s, &usual, "2026-11-12"),
		 "payload good: none is absent\n") != NULL);
	make_lost(dir, "payload of 11", "cab");
	T_OK(strstr(rows(s, &usual, "2026-11-12"), "payload bad: 1 file ") !=
	    NULL);
	store_close(s);
}

T_TEST(there_is_to_be_room_for_the_next)
{
	struct store *s = holding("2026-11-10T18:00:00Z");
	struct status_limits lim = usual;
	struct err e = ERR_INIT;

	T_CALL(store_begin(s, &e), &e);
	add_row(s, LEDGER_IMPORT, "2026-11-11", 3, "");
	T_CALL(store_commit(s, &e), &e);
	T_OK(strstr(rows(s, &lim, "2026-11-12"), "room good: ") != NULL);
	T_OK(strstr(rows(s, &lim, "2026-11-12"),
		 " free; the last transfer had 1000 bytes\n") != NULL);
	lim.room_times = UINT64_C(1) << 50;
	T_OK(strstr(rows(s, &lim, "2026-11-12"), ": make room\n") != NULL);
	store_close(s);
}

T_TEST(a_fetch_is_to_be_young_and_to_end_well)
{
	struct store *s = holding("2026-11-10T18:00:00Z");
	struct sync_upstream u;
	struct sync_run run = {.status = 5};
	struct err e = ERR_INIT;

	T_CALL(store_begin(s, &e), &e);
	T_CALL(sync_upstream(s, "http://up.example/", &u, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	T_OK(strstr(rows(s, &usual, "2026-11-12"),
		 "fetch bad: http://up.example/: never yet\n") != NULL);
	T_CALL(store_begin(s, &e), &e);
	u.last_success = at("2026-11-11");
	T_CALL(sync_upstream_put(s, &u, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	T_OK(strstr(rows(s, &usual, "2026-11-13"),
		 "fetch good: http://up.example/: last on 2026-11-11\n") !=
	    NULL);
	T_OK(strstr(rows(s, &usual, "2026-11-14"),
		 "fetch bad: http://up.example/: last on 2026-11-11, too long "
		 "ago\n") != NULL);
	run.began = run.ended = at("2026-11-12");
	T_CALL(store_begin(s, &e), &e);
	T_CALL(sync_run_put(s, u.row, &run, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	T_OK(strstr(rows(s, &usual, "2026-11-13"),
		 "fetch bad: http://up.example/: the last run ended with 5 on "
		 "2026-11-12\n") != NULL);
	/* Whatever is said of days is not true. */
	T_OK(strncmp(rows(s, &usual, "1980-01-01"),
		 "clock bad: it says 1980-01-01, and the store has records of "
		 "2026-11-11: set it",
		 60) == 0);
	store_close(s);
}

T_TEST(a_fetch_is_no_import)
{
	struct store *s = holding("2026-11-10T18:00:00Z");
	struct ledger_row r = {.kind = LEDGER_FETCH,
	    .state = LEDGER_IMPORTED,
	    .where = "http://up.example/"};
	char name[STATUS_NAME_MAX];
	struct err e = ERR_INIT;

	T_CALL(store_begin(s, &e), &e);
	r.time = at("2026-11-11");
	T_CALL(ledger_add(s, &r, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	T_OK(strstr(rows(s, &usual, "2026-11-12"), "import") == NULL);
	status_transfer(name, &r);
	T_STR(name, "http://up.example/");
	store_close(s);
}

T_TEST(a_store_of_nothing_says_so)
{
	struct store *s = make_store(t_tmpdir());

	T_STR(rows(s, &usual, "2026-11-12"),
	    "release bad: no update is held\n"
	    "revisions good: none is incomplete\n"
	    "payload good: none is absent\n");
	store_close(s);
}

T_MAIN
