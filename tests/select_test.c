/* SPDX-License-Identifier: ISC */
#include "lib/offer/select.h"

#include <unistd.h>

#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/select_say.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* --- keys --- */

static const struct {
	const char *lines, *want;
} keys[] = {
    {"", "nothing"},
    {"product = Windows 11", "100 101 102"},
    {"product = Windows 11\nclassification = Security Updates", "100 101"},
    {"product = Windows 11\nproduct = Windows 10", "100 101 102 103"},
    {"family = Windows", "100 101 102 103"},
    {"family = Windows\nproduct-exclude = Windows 11", "103"},
    {"title = January*", "100 103"},
    {"title = January*\ntitle-exclude = *10", "100"},
    {"kb = 5100\nkb = KB5103", "100 103"},
    {"family = Windows\nkb-exclude = 5100", "101 102 103"},
    {"kb = 5100\nkb = 5101\narchitecture = arm64", "100"},
    /* Which of those that supersede each other is offered, decide.h says. */
    {"kb = 5100\nkb = 5101\nsuperseded = no", "100 101"},
    {"kb = 5100\nkb = 5101\nsuperseded = yes", "100 101"},
    {"kb = 5100\nkb = 5101\ndecline = 5100\napprove = 5102", "100 101"},
    /* What only narrows selects nothing. */
    {"language = en", "nothing"},
    {"classification = Security Updates", "nothing"},
    {"architecture = x64\nkb-exclude = 5100", "nothing"},
    {"title-exclude = *\nproduct-exclude = Windows 10", "nothing"},
    {"superseded = yes", "nothing"},
};

T_TEST(each_key_selects_what_a_policy_would)
{
	struct store *s = select_catalogue();
	char text[300], want[100];
	size_t i;

	make_commit(s);
	for (i = 0; i < COUNT(keys); i++) {
		snprintf(text, sizeof(text), "ring = a\n%s\n", keys[i].lines);
		snprintf(want, sizeof(want), "a: %s\n", keys[i].want);
		T_STR(select_say(s, text), want);
		/* The same from before the first ring, and inherited. */
		snprintf(text, sizeof(text), "%s\nring = a\n", keys[i].lines);
		T_STR(select_say(s, text), want);
		snprintf(text, sizeof(text),
		    "ring = x\n%s\nring = a\ninherit = x\n", keys[i].lines);
		snprintf(want, sizeof(want), "x: %s\na: %s\n", keys[i].want,
		    keys[i].want);
		T_STR(select_say(s, text), want);
	}
	store_close(s);
}

T_TEST(what_is_inherited_adds_up)
{
	struct store *s = select_catalogue();

	make_commit(s);
	T_STR(select_say(s,
		  "classification = Security Updates\n"
		  "ring = a\nproduct = Windows 11\n"
		  "ring = b\ninherit = a\nproduct = Windows 10\n"
		  "ring = c\n"),
	    "a: 100 101\nb: 100 101 103\nc: nothing\n");
	store_close(s);
}

/* --- lists --- */

static const char *
listed(struct store *s, const char *lines, const char *list)
{
	char text[300];

	snprintf(text, sizeof(text), "%s/vendor.csv", select_folder());
	make_text(text, list);
	snprintf(text, sizeof(text), "ring = a\napprove-list = vendor.csv\n%s",
	    lines);
	return select_say(s, text);
}

static const struct {
	const char *lines, *list, *want;
} lists[] = {
    {"", "KB5100\nKB5103\n", "100 103"},
    {"", "5100;Remark\r\n5103\tx\r\n", "100 103"},
    {"", "\xef\xbb\xbfKB number,Title\n\"KB5100\",\"x, y\"\n", "100"},
    {"", SELECT_ID103 "\n", "103"},
    {"", "", ""},
    {"", "KB number;Title\n", ""},
    /* It narrows, as other keys do. */
    {"product = Windows 11\n", "KB5100\nKB5103\n", "100"},
    {"kb = 5103\n", "KB5100\nKB5103\n", "103"},
    {"classification = Definition Updates\n", "KB5100\nKB5102\n", "102"},
    /* A part, and what was withdrawn, are not offered by themselves. */
    {"", "KB5104\nKB5105\n", ""},
};

T_TEST(a_list_narrows)
{
	struct store *s = select_catalogue();
	char want[100];
	size_t i;

	make_commit(s);
	for (i = 0; i < COUNT(lists); i++) {
		snprintf(want, sizeof(want), "a:%s%s\n",
		    *lists[i].want != '\0' ? " " : "", lists[i].want);
		T_STR(listed(s, lists[i].lines, lists[i].list), want);
	}
	store_close(s);
}

/* The KB number of an older revision is not the update's. */
T_TEST(a_list_means_the_newest_revision)
{
	struct store *s = select_catalogue();
	struct make m;

	choose_offer(&m, 100, "Once more", CM_WIN11, CM_SECURITY);
	m.u.revision = 2;
	m.kbs[m.u.nkbs++] = "5200";
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(listed(s, "", "5100\n5103\n"), "a: 103\n");
	T_OK(strstr(choose_said, "no update held") == NULL);
	T_STR(listed(s, "", "5200\n"), "a: 100\n");
	store_close(s);
}

T_TEST(rings_that_select_alike_but_for_their_lists)
{
	struct store *s = select_catalogue();
	char path[300];

	make_commit(s);
	snprintf(path, sizeof(path), "%s/other.csv", select_folder());
	make_text(path, "5101\n");
	T_STR(listed(s,
		  "ring = b\ninherit = a\napprove-list = other.csv\n"
		  "ring = c\nproduct = Windows 11\n"
		  "ring = d\nproduct = Windows 11\n"
		  "approve-list = other.csv\n"
		  "ring = e\ninherit = a\n",
		  "5100\n"),
	    "a: 100\nb: 101\nc: 100 101 102\nd: 101\ne: 100\n");
	store_close(s);
}

T_TEST(the_hash_of_lists_tells_that_one_changed)
{
	struct store *s = select_catalogue();
	uint8_t first[BLAKE_LEN], none[BLAKE_LEN] = {0};

	make_commit(s);
	(void)listed(s, "", "5100\n");
	memcpy(first, select_hash, sizeof(first));
	(void)listed(s, "", "5101\n");
	T_OK(memcmp(first, select_hash, sizeof(first)) != 0);
	(void)listed(s, "ring = b\ninherit = a\n", "5100\n");
	T_MEM(first, select_hash, sizeof(first));
	(void)select_say(s, "ring = a\n");
	T_MEM(none, select_hash, sizeof(none));
	store_close(s);
}

static const struct {
	const char *list, *want;
} bad_lists[] = {
    {"KB5100\nSecurity update\n",
	"line 2: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found 'Security update'"},
    {"Number\nKB\n",
	"line 2: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found 'KB'"},
    {"KB5100\r\n;x\r\n",
	"line 2: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found ''"},
    {"5100\n\n\n12345678901\n",
	"line 4: the first column: expected a KB number, as KB5001234, or an "
	"update's id, found '12345678901'"},
};

T_TEST(a_list_that_is_none_is_told_with_its_line)
{
	struct store *s = select_catalogue();
	char want[500];
	size_t i;

	make_commit(s);
	for (i = 0; i < COUNT(bad_lists); i++) {
		snprintf(want, sizeof(want),
		    "%u approve-list '/vendor.csv': %s", E_FORMAT,
		    bad_lists[i].want);
		T_STR(select_behind(listed(s, "", bad_lists[i].list)), want);
	}
	T_STR(
	    select_behind(select_say(s, "ring = a\napprove-list = none.csv\n")),
	    "1 approve-list '/none.csv' is not there");
	store_close(s);
}

T_TEST(what_a_list_names_and_the_store_lacks_is_told_and_the_reverse)
{
	struct store *s = select_catalogue();

	make_commit(s);
	T_STR(listed(s, "product = Windows 11\n",
		  "KB,x\nKB5100\nKB7\n" SELECT_NOBODY "\n"),
	    "a: 100\n");
	T_STR(select_behind(choose_said),
	    "t: warning: /vendor.csv: line 3: no update held has KB7\n"
	    "t: warning: /vendor.csv: line 4: no update held has the "
	    "id " SELECT_NOBODY "\n"
	    "t: /rings.conf: ring 'a': vendor.csv is silent on 2 of 3 updates "
	    "that its other lines let in\n");
	T_STR(listed(s, "", "KB5100\nKB5101\nKB5102\nKB5103\n"),
	    "a: 100 101 102 103\n");
	T_STR(choose_said, "");
	store_close(s);
}

/* --- why --- */

static const struct {
	const char *lines;
	unsigned id;
	const char *want;
} reasons[] = {
    {"language = en\n", 100,
	"not selected: the ring has no product, family, kb, title or "
	"approve-list\n"},
    {"product = Windows 11\nclassification = Security Updates\n", 100,
	"selected: product Windows 11 (line 2), classification Security "
	"Updates (line 3)\n"},
    {"product = Windows 10\n", 100,
	"not selected, product: its product is not wanted: Windows 11\n"},
    {"kb = 5100\n", 101, "not selected, kb: "},
    {"kb = 5100\ndecline = 5100\nkb-exclude = 9\n", 100, "selected: "},
    {"kb = 5100\n", 104, "not selected, hidden: "},
    {"approve-list = why.csv\n", 100,
	"selected: no line leaves it out, and named by why.csv\n"},
    {"approve-list = why.csv\n", 101,
	"not selected: why.csv does not name it\n"},
    {"kb = 5100\n", 99, ""},
};

T_TEST(why_a_ring_selects_an_update_or_not)
{
	struct store *s = select_catalogue();
	char text[300];
	const char *got;
	struct make m;
	size_t i;

	choose_offer(&m, 98, "it supersedes what nobody holds", 0, 0);
	m.superseded[m.u.nsuperseded++] = make_guid(99);
	make_put_ok(s, &m);
	make_commit(s);
	snprintf(text, sizeof(text), "%s/why.csv", select_folder());
	make_text(text, "5100\n");
	for (i = 0; i < COUNT(reasons); i++) {
		snprintf(text, sizeof(text), "ring = a\n%s", reasons[i].lines);
		got = select_say_why(s, text, reasons[i].id);
		if (strncmp(got, reasons[i].want, strlen(reasons[i].want)) !=
			0 ||
		    (*reasons[i].want == '\0') != (*got == '\0'))
			t_fail(__FILE__, __LINE__, "%s of %u: '%s', not '%s'",
			    reasons[i].lines, reasons[i].id, got,
			    reasons[i].want);
	}
	store_close(s);
}

/* --- what is told of lines --- */

T_TEST(each_line_is_told_once)
{
	struct store *s = select_catalogue();

	make_commit(s);
	(void)select_say(s,
	    "decline = 7\ndecline = " SELECT_EULA "\n"
	    "ring = a\nproduct = Windows 12\nproduct = Windows 11\n"
	    "ring = b\ninherit = a\nkb = 5100\nkb = 8\n"
	    "ring = c\nproduct = Windows 11\nproduct = Windows 12\n"
	    "ring = d\napprove = 9 none\naccept-eula = 5100\n"
	    "accept-eula = " SELECT_EULA "\naccept-eula = " SELECT_NOBODY "\n");
	T_STR(select_behind(choose_said),
	    "t: warning: /rings.conf: line 1: decline: no update held has KB7\n"
	    "t: warning: /rings.conf: line 2: decline: no update held has the "
	    "id " SELECT_EULA "\n"
	    "t: warning: /rings.conf: line 4: no product 'Windows 12' is held, "
	    "nearest "
	    "is 'Windows 10'\n"
	    "t: warning: /rings.conf: line 9: kb: no update held has KB8\n"
	    "t: warning: /rings.conf: line 14: approve: no update held has "
	    "KB9\n"
	    "t: warning: /rings.conf: line 17: accept-eula: no update held has "
	    "the id " SELECT_NOBODY "\n");
	(void)select_say(s, "ring = a\nkb = 8\n");
	T_OK(strstr(choose_said,
		 "ring 'a': it chooses none of the updates that are held") !=
	    NULL);
	store_close(s);
}

T_MAIN
