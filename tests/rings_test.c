/* SPDX-License-Identifier: ISC */
#include "formats/rings.h"

#include "lib/base/buf.h"
#include "tests/rings_say.h"
#include "tests/t.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define ID "266f6222-c89d-43f2-9f8a-69340271e677"

static const char *
says(const char *text)
{
	return rings_say(text, strlen(text));
}

/* --- every line of the grammar --- */

static const struct {
	const char *text, *want; /* what it must print, in part */
} good[] = {
    {"texts = en de\nring = a", "texts en\ntexts de\n"},
    {"texts = EN\tpt-br", "texts en\ntexts pt-br\n"},
    {"ring = pilot-2", "ring pilot-2\n"},
    {"ring = default\n", "ring default\n"},
    {"ring = a\nnetwork = 10.1.9.0/24",
	"network 00000000000000000000ffff0a010900/120\n"},
    {"ring = a\nnetwork = 0.0.0.0/0",
	"network 00000000000000000000ffff00000000/96\n"},
    {"ring = a\nnetwork = fd00:9::/64",
	"network fd000009000000000000000000000000/64\n"},
    {"ring = a\nnetwork = 10.1.9.7/32\nnetwork = ::1/128",
	"network 00000000000000000000ffff0a010907/128\n"
	"network 00000000000000000000000000000001/128\n"},
    {"ring = a\nclient = Line*-PC?", "client Line*-PC?\n"},
    {"ring = a\ntarget-group = My Group", "group My Group\n"},
    {"ring = a\ntarget-group = G\ntarget-group = g", "group G\ngroup g\n"},
    {"ring = a\nkb = 1\nring = b\ninherit = a", "ring b\nkb 1\n"},
    {"ring = a\nproduct = Windows 11\nproduct = " ID,
	"product Windows 11\nproduct " ID "\n"},
    {"ring = a\nfamily = Windows", "family Windows\n"},
    {"ring = a\nproduct-exclude = X", "product-exclude X\n"},
    {"ring = a\nclassification = Tools", "classification Tools\n"},
    {"ring = a\ntitle = *x64*\ntitle-exclude = *Preview*",
	"title *x64*\ntitle-exclude *Preview*\n"},
    {"ring = a\nkb = KB5\nkb-exclude = 6", "kb 5\nkb-exclude 6\n"},
    {"ring = a\narchitecture = X64", "architecture x64\n"},
    {"ring = a\nlanguage = de", "language de\n"},
    {"ring = a\nsuperseded = yes", "superseded\n"},
    {"ring = a\napprove-upstream = Pilots ", "upstream Pilots\n"},
    {"ring = a\napprove-list = vendor list.csv",
	"list vendor list.csv\naction install\n"},
    {"ring = a\nkb = 1\naction = install", "action install\n"},
    {"ring = a\nkb = 1\naction = Optional", "action optional\n"},
    {"ring = a\nkb = 1\naction = uninstall", "action uninstall\n"},
    {"ring = a\napprove-list = v\naction = none", "list v\naction none\n"},
    {"ring = a\ndelay = 14", "delay 14\n"},
    {"ring = a\ndelay = 0", "delay 0\n"},
    {"ring = a\ndeadline = 21", "deadline 21 0\n"},
    {"ring = a\ndeadline = 21\t 03:30", "deadline 21 12600\n"},
    {"ring = a\nfreeze = 2026-12-18..2027-01-06", "freeze 20805 20824\n"},
    {"ring = a\nfreeze = 2026-12-18 .. 2026-12-18", "freeze 20805 20805\n"},
    {"ring = a\nwatch = newest", "watch 0\n"},
    {"ring = a\nwatch = complete", "watch 1\n"},
    {"ring = a\nwatch = all", "watch 2\n"},
    {"ring = a\nwatch = none", "watch 3\n"},
    {"ring = a\napprove = KB5001234", "approve 5001234 install\n"},
    {"ring = a\napprove = " ID " uninstall", "approve " ID " uninstall\n"},
    {"ring = a\napprove = 5 optional by 1970-01-02T00:01Z",
	"approve 5 optional by 86460\n"},
    {"ring = a\napprove = 5 by 1970-01-02T00:01Z",
	"approve 5 install by 86460\n"},
    {"ring = a\napprove = 5 none", "approve 5 none\n"},
    {"ring = a\ndecline = KB7\ndecline = " ID, "decline 7\ndecline " ID "\n"},
    {"ring = a\naccept-eula = KB7", "eula 7\n"},
    {"ring = a\naccept-eula = " ID, "eula " ID "\n"},
    {"ring = a\naccept-eula = ALL", "eula all\n"},
    {"\xef\xbb\xbf# a comment\r\n\r\n  ring\t=\ta  \r\n", "ring a\n"},
    {"", ""},
};

T_TEST(good_lines)
{
	size_t i;

	for (i = 0; i < COUNT(good); i++) {
		const char *got = says(good[i].text);

		if (strstr(got, good[i].want) == NULL)
			t_fail(__FILE__, __LINE__, "'%s' gives '%s', not '%s'",
			    good[i].text, got, good[i].want);
	}
}

/* --- a whole file --- */

static const char example[] = "texts = en de\n"
			      "ring = pilot\n"
			      "network = 10.1.9.0/24\n"
			      "product = Windows 11\n"
			      "classification = Security Updates\n"
			      "action = install\n"
			      "ring = line\n"
			      "inherit = pilot\n"
			      "target-group = Line\n"
			      "delay = 14\n"
			      "deadline = 21 03:00\n"
			      "freeze = 2026-12-18..2027-01-06\n"
			      "ring = dcs\n"
			      "network = 10.1.2.0/24\n"
			      "approve-list = vendor.csv\n";

T_TEST(the_example_of_three_rings)
{
	T_STR(says(example),
	    "texts en\ntexts de\n"
	    "ring pilot\nproduct Windows 11\nclassification Security Updates\n"
	    "network 00000000000000000000ffff0a010900/120\n"
	    "action install\nwatch 0\ndelay 0\n"
	    "ring line\nproduct Windows 11\nclassification Security Updates\n"
	    "group Line\naction install\nwatch 0\ndelay 14\n"
	    "deadline 21 10800\nfreeze 20805 20824\n"
	    "ring dcs\nnetwork 00000000000000000000ffff0a010200/120\n"
	    "list vendor.csv\naction install\nwatch 0\ndelay 0\n");
}

/* What holds for all comes first, then what is above, then its own. */
T_TEST(what_is_inherited_comes_first_and_own_values_win)
{
	T_STR(says("approve = 1 none\ndecline = 2\nfreeze = 1970-01-02.."
		   "1970-01-02\nwatch = all\ndelay = 3\naccept-eula = 9\n"
		   "superseded = yes\nkb = 10\n"
		   "ring = a\nclient = x\nkb = 11\napprove = 1 by "
		   "1970-01-01T00:01Z\naction = optional\ndelay = 4\n"
		   "ring = b\ninherit = a\nkb = 12\napprove = 3 optional\n"
		   "freeze = 1970-01-03..1970-01-04\nsuperseded = no\n"
		   "accept-eula = all\n"
		   "ring = c\n"),
	    "ring a\nkb 10\nkb 11\napprove 1 none\napprove 1 install by 60\n"
	    "decline 2\nsuperseded\nclient x\neula 9\naction optional\n"
	    "watch 2\ndelay 4\nfreeze 1 1\n"
	    "ring b\nkb 10\nkb 11\nkb 12\napprove 1 none\n"
	    "approve 1 install by 60\napprove 3 optional\ndecline 2\n"
	    "eula 9\neula all\naction optional\nwatch 2\ndelay 4\n"
	    "freeze 1 1\nfreeze 2 3\n"
	    "ring c\nkb 10\napprove 1 none\ndecline 2\nsuperseded\neula 9\n"
	    "action none\nwatch 2\ndelay 3\nfreeze 1 1\n");
}

/* An action that a list gives is not handed down where the list is not. */
T_TEST(the_action_of_a_list)
{
	T_OK(strstr(says("ring = a\napprove-list = v\nring = b\ninherit = a\n"),
		 "ring b\nlist v\naction install\n") != NULL);
	T_OK(strstr(says("ring = a\napprove-list = v\nring = b\ninherit = a\n"
			 "action = none"),
		 "ring b\nlist v\naction none\n") != NULL);
}

/* Only product, family, kb, title and approve-list select. */
T_TEST(what_only_narrows_never_selects)
{
	static const char *const narrow[] = {"classification = X",
	    "language = de", "architecture = x64", "product-exclude = X",
	    "title-exclude = X", "kb-exclude = 1", "superseded = yes"};
	static const char *const select[] = {"product = X", "family = X",
	    "kb = 1", "title = X", "approve-list = x"};
	struct rings r = RINGS_INIT;
	struct err e = ERR_INIT;
	char text[200];
	size_t i;

	for (i = 0; i < COUNT(narrow) + COUNT(select); i++) {
		bool selects = i >= COUNT(narrow);

		snprintf(text, sizeof(text),
		    "%s\nring = a\nring = b\n"
		    "inherit = a",
		    selects ? select[i - COUNT(narrow)] : narrow[i]);
		T_CALL(rings_read(&r, text, strlen(text), &e), &e);
		T_EQ(rings_selects(&r.v[0]), selects);
		T_EQ(rings_selects(&r.v[1]), selects);
		rings_free(&r);
	}
}

/* The last ring, and how many there are, with the one that is built in. */
static const char *
with_default(const char *text)
{
	static char out[200];
	struct rings r = RINGS_INIT;
	struct err e = ERR_INIT;
	const struct rings_ring *g;

	if (text != NULL)
		T_CALL(rings_read(&r, text, strlen(text), &e), &e);
	T_CALL(rings_default(&r, &e), &e);
	T_CALL(rings_default(&r, &e), &e); /* it is there now */
	g = &r.v[r.n - 1];
	snprintf(out, sizeof(out), "%zu %s line %u watch %u delay %u kbs %zu%s",
	    r.n, g->name, g->line, g->watch, g->delay, g->select.kbs.n,
	    g->deadline == RINGS_NO_DAYS ? "" : " deadline");
	rings_free(&r);
	return out;
}

T_TEST(the_ring_of_who_fits_no_other)
{
	static const char all[] = "watch = all\ndelay = 3\nkb = 1\n"
				  "deadline = 1\n";
	char text[300];

	T_STR(with_default(NULL), "1 default line 0 watch 0 delay 0 kbs 0");
	T_STR(with_default(""), "1 default line 0 watch 0 delay 0 kbs 0");
	snprintf(text, sizeof(text), "%sring = a", all);
	T_STR(with_default(text), "2 default line 0 watch 0 delay 0 kbs 0");
	snprintf(text, sizeof(text), "%sring = default\ndelay = 4", all);
	T_STR(with_default(text),
	    "1 default line 5 watch 2 delay 4 kbs 1 deadline");
}

/* --- limits --- */

T_TEST(limits)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int i;

	for (i = 0; i < RINGS_MAX; i++)
		T_CALL(buf_printf(&b, &e, "ring = r%d\n", i), &e);
	T_OK(strstr(rings_say(b.p, b.len), "ring r63\n") != NULL);
	T_CALL(buf_puts(&b, "ring = x", &e), &e);
	T_STR(rings_say(b.p, b.len), "4 line 65, column 1: more than 64 rings");
	b.len -= strlen("ring = x");
	T_OK(buf_str(&b, &e) != NULL);
	T_STR(with_default((char *)b.p),
	    "65 default line 0 watch 0 delay 0 kbs 0");
	buf_reset(&b);
	T_CALL(buf_puts(&b, "ring = a\n", &e), &e);
	for (i = 0; i < POLICY_MAX_WORDS; i++)
		T_CALL(buf_puts(&b, "network = ::/0\n", &e), &e);
	T_OK(strncmp(rings_say(b.p, b.len), "ring a\n", 7) == 0);
	T_CALL(buf_puts(&b, "network = ::/0\n", &e), &e);
	T_STR(rings_say(b.p, b.len),
	    "4 line 4098, column 1: more than 4096 values of 'network'");
	buf_reset(&b);
	T_CALL(buf_puts(&b, "kb = 1\nring = a\n", &e), &e);
	for (i = 0; i < POLICY_MAX_WORDS; i++)
		T_CALL(buf_puts(&b, "kb = 1\n", &e), &e);
	T_STR(rings_say(b.p, b.len),
	    "4 line 2: ring 'a': 4097 values of a key, with what it inherits, "
	    "at most 4096");
	buf_reset(&b);
	T_CALL(buf_puts(&b, "client = ", &e), &e);
	for (i = 0; i < POLICY_MAX_VALUE + 1; i++)
		T_CALL(buf_puts(&b, "x", &e), &e);
	T_STR(rings_say(b.p, b.len),
	    "3 line 1, column 1: client: expected in a ring, found before the "
	    "first");
	buf_free(&b);
}

T_TEST(every_truncation_is_read_or_refused)
{
	struct rings r = RINGS_INIT;
	struct err e = ERR_INIT;
	size_t n, ngood = 0;

	for (n = 0; n < sizeof(example); n++) {
		if (rings_read(&r, example, n, &e) == 0)
			ngood++;
		else
			T_EQ(e.kind, E_FORMAT);
		err_clear(&e);
		rings_free(&r);
	}
	T_OK(ngood > COUNT(example) / 20);
}

T_MAIN
