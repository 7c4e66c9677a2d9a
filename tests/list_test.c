/* SPDX-License-Identifier: ISC */
#include "lib/list/list.h"

#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/store/event.h"
#include "lib/store/ledger.h"
#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/list_say.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static struct log quiet = {.prog = "t", .quiet = true, .file_fd = -1};

/* A store's folder: 100, of which there are two revisions, supersedes 101 and
   102; 102 has expired, too. */
static const char *
catalogue(void)
{
	const char *dir = t_tmpdir();
	struct store *s = choose_store_in(dir);
	struct make m;

	choose_offer(&m, 101, "Monthly", CM_WIN10, CM_SECURITY);
	make_file(&m, "abc", "monthly.cab");
	make_put_ok(s, &m);
	choose_offer(&m, 102, "Weekly", CM_WIN10, CM_SECURITY);
	m.u.expired = true;
	make_put_ok(s, &m);
	choose_offer(&m, 100, "Yearly of old", CM_WIN11, CM_SECURITY);
	make_put_ok(s, &m);
	choose_offer(&m, 100, "Yearly", CM_WIN11, CM_SECURITY);
	m.u.revision = 2;
	m.u.severity = "Critical";
	m.kbs[0] = "5000001";
	m.u.nkbs = 1;
	m.superseded[0] = make_guid(101);
	m.superseded[1] = make_guid(102);
	m.u.nsuperseded = 2;
	snprintf(m.text, sizeof(m.text), "newer");
	make_put_ok(s, &m);
	make_commit(s);
	store_close(s);
	return dir;
}

static void
prints(const struct list_opts *o, const char *want)
{
	char *out = list_say(o);

	T_STR(out, want);
	free(out);
}

T_TEST(updates_stand_in_the_order_of_their_arrival)
{
	struct list_opts o = {
	    .store = catalogue(), .what = "updates", .log = &quiet};

	prints(&o,
	    "-         2027-01-01 superseded Monthly\n"
	    "-         2027-01-01 expired    Weekly\n"
	    "KB5000001 2027-01-01 newest     Yearly\n");
	o.all_revisions = true;
	prints(&o,
	    "-         2027-01-01 superseded Monthly\n"
	    "-         2027-01-01 expired    Weekly\n"
	    "-         2027-01-01 older      Yearly of old\n"
	    "KB5000001 2027-01-01 newest     Yearly\n");
}

T_TEST(an_update_has_more_lines_when_asked)
{
	struct list_opts o = {.store = catalogue(),
	    .what = "updates",
	    .verbose = true,
	    .log = &quiet};
	char *out = list_say(&o);
	const char *last = strstr(out, "KB5000001");

	T_STR(last,
	    "KB5000001 2027-01-01 newest     Yearly\n"
	    "    ab740000-0000-0000-0000-000000000064 2  arrived "
	    "1970-01-01T00:00:00Z  Critical  "
	    "Security Updates\n"
	    "    Windows 11\n");
	free(out);
}

T_TEST(only_classifications_and_products_are_counted)
{
	struct list_opts o = {
	    .store = catalogue(), .what = "categories", .log = &quiet};

	prints(&o,
	    "UpdateClassification ab030000-0000-0000-0000-000000000007      0 "
	    "Definition Updates\n"
	    "UpdateClassification abde0000-0000-0000-0000-000000000006      3 "
	    "Security Updates\n"
	    "Company              ab250000-0000-0000-0000-000000000001      0 "
	    "Microsoft\n"
	    "ProductFamily        ab4a0000-0000-0000-0000-000000000002      0 "
	    "Windows\n"
	    "Product              abb90000-0000-0000-0000-000000000005      0 "
	    "Microsoft Defender Antivirus\n"
	    "Product              ab6f0000-0000-0000-0000-000000000003      2 "
	    "Windows 10\n"
	    "Product              ab940000-0000-0000-0000-000000000004      1 "
	    "Windows 11\n");
}

/* A file that is there, by its digest; one that is not, with its source. */
static const char *
two_files(void)
{
	struct digest d;
	const char *dir = t_tmpdir();
	struct store *s = choose_store_in(dir);
	struct err e = ERR_INIT;
	struct make m;

	choose_offer(&m, 100, "a", CM_WIN11, CM_SECURITY);
	make_file(&m, "here", "here.cab");
	make_file(&m, "gone", "gone.cab");
	make_put_ok(s, &m);
	make_here(s, dir, "here", "cab");
	T_CALL(digest_mem(DIGEST_BOTH, "gone", 4, &d, &e), &e);
	T_CALL(store_put_url(s, d.sha1, "http://a/gone", "t", &e), &e);
	make_commit(s);
	store_close(s);
	return dir;
}

T_TEST(files_are_those_that_an_update_names_by_digest)
{
	struct list_opts o = {
	    .store = two_files(), .what = "files", .log = &quiet};

	prints(&o,
	    "0154C0DABE7145DB37E0B81BF667E7224ABEC0BA            4 present  "
	    "here.cab\n"
	    "A6DFDEAA3A44A4C52D44284847D7160892B4017E            4 absent   "
	    "gone.cab\n");
	o.absent = true;
	o.verbose = true;
	prints(&o,
	    "A6DFDEAA3A44A4C52D44284847D7160892B4017E            4 absent   "
	    "gone.cab\n"
	    "    http://a/gone\n");
}

static const char *
ledger(void)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir); /* with a package */
	struct err e = ERR_INIT;
	struct ledger_row r = {.kind = LEDGER_IMPORT,
	    .state = LEDGER_IMPORTED,
	    .origin = make_guid(7),
	    .site = "north",
	    .destination = "far",
	    .sequence = 12,
	    .base = 11,
	    .has_tag = true,
	    .key = "0123456789ABCDEF",
	    .where = "wsusferry-north-000012",
	    .time = 1700000000,
	    .revisions = 3,
	    .files = 4,
	    .bytes = 12345678901,
	    .target = "south",
	    .reason = "tuesday, the second",
	    .gate = "clean 2026"};
	struct event plan = {.kind = EVENT_PLAN, .text = "9a9a"};
	struct event back = {.kind = EVENT_READ_BACK};

	memset(r.tag, 0x5e, sizeof(r.tag));
	T_CALL(ledger_add(s, &r, &e), &e);
	plan.ledger = r.row;
	T_CALL(event_add(s, &plan, &e), &e);
	back.ledger = r.row;
	back.text = "one: 2 files, 1 KiB, 9 KiB/s: 1 fault";
	T_CALL(event_add(s, &back, &e), &e);
	back.text = "two: good";
	T_CALL(event_add(s, &back, &e), &e);
	make_commit(s);
	store_close(s);
	return dir;
}

T_TEST(a_transfer_shows_its_key_and_the_rest_when_asked)
{
	struct list_opts o = {
	    .store = ledger(), .what = "transfers", .log = &quiet};

	prints(&o,
	    "1970-01-01T00:00:00Z package imported      0      0 -"
	    "\n"
	    "2023-11-14T22:13:20Z import  imported      3      4 "
	    "0123456789ABCDEF wsusferry-north-000012\n");
	o.verbose = true;
	prints(&o,
	    "1970-01-01T00:00:00Z package imported      0      0 -"
	    "\n"
	    "    -  origin 00000000-0000-0000-0000-000000000000  0 bytes"
	    "  sha256 -  gate none\n"
	    "2023-11-14T22:13:20Z import  imported      3      4 "
	    "0123456789ABCDEF wsusferry-north-000012\n"
	    "    north  origin ab030000-0000-0000-0000-000000000007  sequence "
	    "12  base 11  for far  12345678901 bytes  sha256 "
	    "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
	    "  to south  gate clean 2026  plan 9a9a  "
	    "read back 'one: 2 files, 1 KiB, 9 KiB/s: 1 fault; two: good'  "
	    "reason 'tuesday, the second'\n");
	o.verbose = false;
	o.csv = true;
	prints(&o,
	    "\xef\xbb\xbfTime,Kind,State,Sequence,Base,Site,Origin,"
	    "Destination,Revisions,Files,Bytes,Key,Where,SHA-256,Target,Reason,"
	    "Gate,Plan,Read back\r\n"
	    "1970-01-01T00:00:00Z,package,imported,0,0,,"
	    "00000000-0000-0000-0000-000000000000,,0,0,0,,,,,,none,,\r\n"
	    "2023-11-14T22:13:20Z,import,imported,12,11,north,"
	    "ab030000-0000-0000-0000-000000000007,far,3,4,12345678901,"
	    "0123456789ABCDEF,wsusferry-north-000012,"
	    "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
	    ",south,\"tuesday, the second\",clean 2026,9a9a,"
	    "\"one: 2 files, 1 KiB, 9 KiB/s: 1 fault; two: good\"\r\n");
}

T_TEST(a_terminal_gets_lines_that_fit_and_turn_nowhere)
{
	const char *dir = t_tmpdir();
	struct store *s = choose_store_in(dir);
	struct list_opts o = {
	    .store = dir, .what = "updates", .log = &quiet, .columns = 40};
	struct make m;

	choose_offer(&m, 100,
	    "evil\xe2\x80\xae"
	    "bac\xe2\x81\xa6.x",
	    CM_WIN11, CM_SECURITY);
	make_put_ok(s, &m);
	make_commit(s);
	store_close(s);
	prints(&o, "-         2027-01-01 newest     evil\\...\n");
	o.columns = 80;
	prints(&o, "-         2027-01-01 newest     evil\\u202ebac\\u2066.x\n");
	o.columns = 0;
	prints(&o,
	    "-         2027-01-01 newest     evil\xe2\x80\xae"
	    "bac\xe2\x81\xa6.x\n");
}

T_TEST(options_that_do_not_go_together_are_refused_first)
{
	struct log json = {.prog = "t", .json = true, .file_fd = -1};
	struct err e = ERR_INIT;
	const struct {
		struct list_opts o;
		const char *said;
	} rows[] = {
	    {{.what = "updates"}, "give the store with --store DIR"},
	    {{.store = "s", .what = "nonsense"},
		"'nonsense': expected updates, arrived, categories, files, "
		"lacking, offers, transfers, wanted, receipt, show or "
		"status"},
	    {{.store = "s", .what = "files", .since = "2026-01-01"},
		"--since goes with the list of what arrived, not of files"},
	    {{.store = "s", .what = "updates", .transfer = 2},
		"--transfer goes with the list of what arrived, not of "
		"updates"},
	    {{.what = "wanted"},
		"give the folder of the server's state with --state DIR"},
	    {{.store = "s", .what = "files", .state = "d"},
		"--state goes with the list of what is wanted and with status, "
		"not with files"},
	    {{.store = "s", .what = "files", .all_revisions = true},
		"--all-revisions goes with the list of updates, not of files"},
	    {{.store = "s", .what = "updates", .absent = true},
		"--absent goes with the list of files, not of updates"},
	    {{.store = "s", .what = "files", .policy_lines = true},
		"--policy-lines goes with the list of categories, not of "
		"files"},
	    {{.store = "s",
		 .what = "categories",
		 .policy_lines = true,
		 .csv = true},
		"--policy-lines is text: give neither --csv nor --json"},
	};
	struct list_opts o;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		o = rows[i].o;
		o.log = &quiet;
		T_FAILS(list_run(&o, &e), &e, E_USAGE, rows[i].said);
	}
	o = (struct list_opts){
	    .store = "s", .what = "updates", .csv = true, .log = &json};
	T_FAILS(list_run(&o, &e), &e, E_USAGE, "give either --csv or --json");
}

T_TEST(a_signal_stops_it)
{
	static const char *const lists[] = {"updates", "files"};
	struct list_opts o = {.store = catalogue(), .log = &quiet};
	struct err e = ERR_INIT;

	stop_set(true);
	for (size_t i = 0; i < 2; i++) {
		o.what = lists[i];
		T_FAILS(list_run(&o, &e), &e, E_STOP, "");
	}
	stop_set(false);
}

T_MAIN
