/* SPDX-License-Identifier: ISC */
#include "formats/rings.h"

#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "tests/print.h"
#include "tests/t.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define ID "266f6222-c89d-43f2-9f8a-69340271e677"

/* What was read, or what is wrong; until the next call. */
static const char *
says_n(const void *text, size_t n)
{
	static char out[8192];
	struct rings r = RINGS_INIT;
	struct buf b = BUF_INIT;
	struct sink to = SINK_INIT;
	struct err e = ERR_INIT;

	sink_buf(&to, &b);
	if (rings_read(&r, text, n, &e) == -1 ||
	    rings_print(&r, &to, &e) == -1 || buf_str(&b, &e) == NULL)
		snprintf(out, sizeof(out), "%u %s", e.kind, e.msg);
	else
		snprintf(out, sizeof(out), "%s", (char *)b.p);
	buf_free(&b);
	rings_free(&r);
	return out;
}

static const char *
says(const char *text)
{
	return says_n(text, strlen(text));
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

static const struct {
	const char *text, *want; /* all of the message */
} bad[] = {
    {"x", "line 1, column 1: expected 'key = value', found 'x'"},
    {"  = x", "line 1, column 3: no key before '='"},
    {"ring =", "line 1, column 1: 'ring' has no value"},
    {"ring = a\nproduct =", "line 2, column 1: 'product' has no value"},
    {"  netwrok = 1",
	"line 1, column 3: unknown key 'netwrok', nearest is 'network'"},
    {"ring = a\nzzzzzzzzzz = 1", "line 2, column 1: unknown key 'zzzzzzzzzz'"},
    {"ring = a\nmax-age = 30",
	"line 2, column 1: max-age: not in a ring, where an approval would "
	"end by itself"},
    {"drivers = yes",
	"line 1, column 1: drivers: a key of policies, not of rings"},
    {"only-approved = yes",
	"line 1, column 1: only-approved: a key of policies, not of rings"},
    {"texts = en\ntexts = de",
	"line 2, column 1: 'texts' has a value already, in line 1"},
    {"texts = en german, de",
	"line 1, column 12: texts: expected a language's short name, as 'en' "
	"or 'pt-br', found 'german,'"},
    {"ring = a\ntexts = en",
	"line 2, column 1: texts: expected before the first ring, found in "
	"ring 'a'"},
    {"network = 10.0.0.0/8",
	"line 1, column 1: network: expected in a ring, found before the "
	"first"},
    {"client = x",
	"line 1, column 1: client: expected in a ring, found before the "
	"first"},
    {"target-group = x",
	"line 1, column 1: target-group: expected in a ring, found before "
	"the first"},
    {"inherit = x",
	"line 1, column 1: inherit: expected in a ring, found before the "
	"first"},
    {"ring = Pilot",
	"line 1, column 8: ring: expected a name of 1 to 32 of a-z, 0-9 and "
	"'-', found 'Pilot'"},
    {"ring = 123456789012345678901234567890123",
	"line 1, column 8: ring: expected a name of 1 to 32 of a-z, 0-9 and "
	"'-', found '123456789012345678901234567890123'"},
    {"ring = a\nring = b\nring = a",
	"line 3, column 1: ring: 'a' is one already, in line 1"},
    {"ring = a\nnetwork = 10.1.9.0",
	"line 2, column 11: network: expected an IPv4 or IPv6 network, as "
	"10.1.9.0/24 or fd00:9::/64, found '10.1.9.0'"},
    {"ring = a\nnetwork = 10.1.9.0/33",
	"line 2, column 11: network: expected an IPv4 or IPv6 network, as "
	"10.1.9.0/24 or fd00:9::/64, found '10.1.9.0/33'"},
    {"ring = a\nnetwork = fd00::/129",
	"line 2, column 11: network: expected an IPv4 or IPv6 network, as "
	"10.1.9.0/24 or fd00:9::/64, found 'fd00::/129'"},
    {"ring = a\nnetwork = ::ffff:10.1.9.0/120",
	"line 2, column 11: network: expected an IPv4 or IPv6 network, as "
	"10.1.9.0/24 or fd00:9::/64, found '::ffff:10.1.9.0/120'"},
    {"ring = a\nnetwork = 10.1.9.7/24",
	"line 2, column 11: network: expected an address with nothing behind "
	"the network's bits, found '10.1.9.7/24'"},
    {"ring = a\nnetwork = 10.1.9.128/24",
	"line 2, column 11: network: expected an address with nothing behind "
	"the network's bits, found '10.1.9.128/24'"},
    {"ring = a\ntarget-group = Line\nring = b\ntarget-group = LINE",
	"line 4: target-group: 'LINE' belongs to ring 'a' already, in line "
	"2"},
    {"ring = pilot\nring = b\ninherit = piolt",
	"line 3, column 11: unknown ring above 'piolt', nearest is 'pilot'"},
    {"ring = a\ninherit = a",
	"line 2, column 11: inherit: expected a ring above this one, found "
	"'a'"},
    {"ring = a\ninherit = zz\nring = zz",
	"line 2, column 11: unknown ring above 'zz'"},
    {"ring = a\nring = b\ninherit = a\ninherit = a",
	"line 4, column 1: 'inherit' has a value already, in line 3"},
    {"ring = a\nkb = KBx",
	"line 2, column 6: kb: expected a KB number, as KB5001234, found "
	"'KBx'"},
    {"ring = a\narchitecture = x32",
	"line 2, column 16: architecture: expected x86, x64, arm, arm64 or "
	"ia64, found 'x32'"},
    {"ring = a\nlanguage = all",
	"line 2, column 12: language: expected a language's short name; all "
	"are taken where none is named, found 'all'"},
    {"ring = a\nsuperseded = maybe",
	"line 2, column 14: superseded: expected yes or no, found 'maybe'"},
    {"ring = a\nsuperseded = no\nsuperseded = no",
	"line 3, column 14: 'superseded' has a value already, in line 2"},
    {"ring = a\napprove-upstream = A\napprove-upstream = B",
	"line 3, column 1: 'approve-upstream' has a value already, in line "
	"2"},
    {"ring = a\napprove-list = ../v.csv",
	"line 2, column 16: approve-list: expected the name of a file beside "
	"this one, found '../v.csv'"},
    {"ring = a\napprove-list = a\\b",
	"line 2, column 16: approve-list: expected the name of a file beside "
	"this one, found 'a\\b'"},
    {"ring = a\naction = instal",
	"line 2, column 10: unknown action 'instal', nearest is 'install'"},
    {"ring = a\naction = install",
	"line 2: action: ring 'a' has no product, family, kb, title or "
	"approve-list, and would select nothing"},
    {"action = install\nlanguage = de\nclassification = Security Updates\n"
     "ring = a",
	"line 1: action: ring 'a' has no product, family, kb, title or "
	"approve-list, and would select nothing"},
    {"ring = a\nproduct-exclude = X\naction = none",
	"line 3: action: ring 'a' has no product, family, kb, title or "
	"approve-list, and would select nothing"},
    {"ring = a\nproduct = W\naction = uninstall",
	"line 3: action: ring 'a' has no kb or approve-list, and only what "
	"these name is uninstalled"},
    {"ring = a\ndelay = -1",
	"line 2, column 9: delay: expected days, 0 to 36500, found '-1'"},
    {"ring = a\ndelay = 36501",
	"line 2, column 9: delay: expected days, 0 to 36500, found '36501'"},
    {"ring = a\ndeadline = x 03:00",
	"line 2, column 12: deadline: expected days, 0 to 36500, found 'x'"},
    {"ring = a\ndeadline = 21 3:00",
	"line 2, column 15: deadline: expected a time of the day in UTC, as "
	"03:00, found '3:00'"},
    {"ring = a\ndeadline = 21 24:00",
	"line 2, column 15: deadline: expected a time of the day in UTC, as "
	"03:00, found '24:00'"},
    {"ring = a\nfreeze = 2026-12-18",
	"line 2, column 10: freeze: expected two days, as "
	"2026-12-18..2027-01-06, found '2026-12-18'"},
    {"ring = a\nfreeze = 2026-02-30..2026-03-01",
	"line 2, column 10: freeze: expected two days, as "
	"2026-12-18..2027-01-06, found '2026-02-30..2026-03-01'"},
    {"ring = a\nfreeze = 2026-12-18..2026-12-17",
	"line 2, column 10: freeze: expected a last day that is not before "
	"the first, found '2026-12-18..2026-12-17'"},
    {"ring = a\nwatch = newst",
	"line 2, column 9: unknown watch 'newst', nearest is 'newest'"},
    {"ring = a\napprove = x",
	"line 2, column 11: approve: expected a KB number, as KB5001234, or "
	"an update's id, found 'x'"},
    {"ring = a\napprove = 5 instal",
	"line 2, column 13: unknown action 'instal', nearest is 'install'"},
    {"ring = a\napprove = 5 install now",
	"line 2, column 21: approve: expected an action, 'by' and a time, or "
	"nothing, found 'now'"},
    {"ring = a\napprove = 5 by",
	"line 2, column 13: approve: expected a time in UTC after 'by', as "
	"2026-12-18T03:00Z, found 'by'"},
    {"ring = a\napprove = 5 by 2026-12-18T03:00",
	"line 2, column 16: approve: expected a time in UTC after 'by', as "
	"2026-12-18T03:00Z, found '2026-12-18T03:00'"},
    {"ring = a\ndecline = x",
	"line 2, column 11: decline: expected a KB number, as KB5001234, or "
	"an update's id, found 'x'"},
    {"ring = a\naccept-eula = some",
	"line 2, column 15: accept-eula: expected a KB number, as KB5001234, "
	"or an update's id, found 'some'"},
    {"ring = a\n\x01", "line 2: control character 0x01 in column 1"},
    {"ring = a\n\xff", "line 2: not UTF-8"},
};

T_TEST(bad_lines)
{
	char want[1000];
	size_t i;

	for (i = 0; i < COUNT(bad); i++) {
		const char *got = says(bad[i].text);

		snprintf(want, sizeof(want), "%u %s", E_FORMAT, bad[i].want);
		if (strcmp(got, want) != 0)
			t_fail(__FILE__, __LINE__,
			    "'%s' gives\n'%s', not\n'%s'", bad[i].text, got,
			    want);
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

/* As the manual shows it. */
T_TEST(the_example_of_the_manual)
{
	static const char head[] = ".Ss Ring file", begin[] = "indent\n";
	FILE *f = fopen("man/wsusferry-formats.5", "r");
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	size_t n = 1;
	char *at, *end;

	if (f == NULL)
		t_skip("not at the top of the tree");
	while (n > 0 && buf_reserve(&b, 65536, &e) != NULL)
		b.len += n = fread(b.p + b.len, 1, 65536, f);
	fclose(f);
	T_OK(buf_str(&b, &e) != NULL);
	at = strstr((char *)b.p, head);
	at = at != NULL ? strstr(at, begin) : NULL;
	end = at != NULL ? strstr(at, ".Ed") : NULL;
	T_OK(end != NULL);
	if (end != NULL) {
		at += sizeof(begin) - 1;
		T_EQ(end - at, strlen(example));
		T_MEM(at, example, strlen(example));
	}
	buf_free(&b);
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
	T_OK(strstr(says_n(b.p, b.len), "ring r63\n") != NULL);
	T_CALL(buf_puts(&b, "ring = x", &e), &e);
	T_STR(says_n(b.p, b.len), "4 line 65, column 1: more than 64 rings");
	b.len -= strlen("ring = x");
	T_OK(buf_str(&b, &e) != NULL);
	T_STR(with_default((char *)b.p),
	    "65 default line 0 watch 0 delay 0 kbs 0");
	buf_reset(&b);
	T_CALL(buf_puts(&b, "ring = a\n", &e), &e);
	for (i = 0; i < POLICY_MAX_WORDS; i++)
		T_CALL(buf_puts(&b, "network = ::/0\n", &e), &e);
	T_OK(strncmp(says_n(b.p, b.len), "ring a\n", 7) == 0);
	T_CALL(buf_puts(&b, "network = ::/0\n", &e), &e);
	T_STR(says_n(b.p, b.len),
	    "4 line 4098, column 1: more than 4096 values of 'network'");
	buf_reset(&b);
	T_CALL(buf_puts(&b, "kb = 1\nring = a\n", &e), &e);
	for (i = 0; i < POLICY_MAX_WORDS; i++)
		T_CALL(buf_puts(&b, "kb = 1\n", &e), &e);
	T_STR(says_n(b.p, b.len),
	    "4 line 2: ring 'a': 4097 values of a key, with what it inherits, "
	    "at most 4096");
	buf_reset(&b);
	T_CALL(buf_puts(&b, "client = ", &e), &e);
	for (i = 0; i < POLICY_MAX_VALUE + 1; i++)
		T_CALL(buf_puts(&b, "x", &e), &e);
	T_STR(says_n(b.p, b.len),
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
