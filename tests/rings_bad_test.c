/* SPDX-License-Identifier: ISC */
/* Lines of a ring file that are refused, each with its message. */
#include <string.h>

#include "lib/base/err.h"
#include "tests/rings_say.h"
#include "tests/t.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

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
    {"ring = a\nfamily = ", "line 2, column 1: 'family' has no value"},
    {"ring = a\nproduct-exclude =",
	"line 2, column 1: 'product-exclude' has no value"},
    {"ring = a\nclassification =",
	"line 2, column 1: 'classification' has no value"},
    {"ring = a\ntitle =", "line 2, column 1: 'title' has no value"},
    {"ring = a\ntitle-exclude =",
	"line 2, column 1: 'title-exclude' has no value"},
    {"ring = a\nkb-exclude = KB12345678901",
	"line 2, column 14: kb-exclude: expected a KB number, as KB5001234, "
	"found 'KB12345678901'"},
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
		const char *got = rings_say(bad[i].text, strlen(bad[i].text));

		snprintf(want, sizeof(want), "%u %s", E_FORMAT, bad[i].want);
		if (strcmp(got, want) != 0)
			t_fail(__FILE__, __LINE__,
			    "'%s' gives\n'%s', not\n'%s'", bad[i].text, got,
			    want);
	}
}

/* Of every key that wsusferry-rings(5) shows some line is refused. */
T_TEST(each_key_has_a_bad_line)
{
	char page[65536], begin[64];
	FILE *f = fopen("man/wsusferry-rings.5", "r");
	const char *at;
	size_t i, n;

	if (f == NULL)
		t_skip("not at the top of the tree");
	n = fread(page, 1, sizeof(page) - 1, f);
	fclose(f);
	page[n] = '\0';
	for (at = page; (at = strstr(at, "\n.Dl ")) != NULL;) {
		at += 5;
		snprintf(begin, sizeof(begin),
		    "\n%.*s =", (int)strcspn(at, " \t="), at);
		for (i = 0; i < COUNT(bad); i++)
			if (strncmp(bad[i].text, begin + 1,
				strlen(begin + 1)) == 0 ||
			    strstr(bad[i].text, begin) != NULL)
				break;
		if (i == COUNT(bad))
			t_fail(__FILE__, __LINE__, "none with '%s'", begin + 1);
	}
}

T_MAIN
