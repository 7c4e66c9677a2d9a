/* SPDX-License-Identifier: ISC */
#include "formats/policy.h"

#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "tests/print.h"
#include "tests/t.h"

static const char good[] = "# what the plant has\n"
			   "product = Windows 11\n"
			   "product = 8C3FCC84-7410-4A95-8B89-A166A0190486\n"
			   "\n"
			   "  family\t=  Windows  \n"
			   "product-exclude = \"quoted\" # no comment\n"
			   "classification = Security Updates\n"
			   "classification = Definition Updates\r\n"
			   "language = EN\n"
			   "language = pt-br\n"
			   "architecture = X64\n"
			   "architecture = arm64\n"
			   "title = *cumulative = update*\n"
			   "title-exclude = *Preview*\n"
			   "kb = KB5001234\n"
			   "kb = 5001235\n"
			   "kb-exclude = kb5001236\n"
			   "approve = KB5001237\n"
			   "approve = 266F6222-c89d-43f2-9f8a-69340271e677\n"
			   "decline = 5001238\n"
			   "only-approved = yes\n"
			   "max-age = 365\n"
			   "superseded = YES\n"
			   "drivers = yes\n"
			   "express = no";

static const char canonical[] =
    "product = 8c3fcc84-7410-4a95-8b89-a166a0190486\n"
    "product = Windows 11\n"
    "family = Windows\n"
    "product-exclude = \"quoted\" # no comment\n"
    "classification = Definition Updates\n"
    "classification = Security Updates\n"
    "language = en\n"
    "language = pt-br\n"
    "architecture = arm64\n"
    "architecture = x64\n"
    "title = *cumulative = update*\n"
    "title-exclude = *Preview*\n"
    "kb = KB5001234\n"
    "kb = KB5001235\n"
    "kb-exclude = KB5001236\n"
    "approve = 266f6222-c89d-43f2-9f8a-69340271e677\n"
    "approve = KB5001237\n"
    "decline = KB5001238\n"
    "only-approved = yes\n"
    "max-age = 365\n"
    "superseded = yes\n"
    "drivers = yes\n";

/* Its canonical form, or what is wrong; until the next call. */
static const char *
written(const void *text, size_t n)
{
	static char out[4096];
	struct policy p = POLICY_INIT;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct sink to;

	sink_buf(&to, &b);
	if (policy_read(&p, text, n, &e) == -1 ||
	    policy_write(&p, &to, &e) == -1 || buf_str(&b, &e) == NULL)
		snprintf(out, sizeof(out), "%u %s", e.kind, e.msg);
	else
		snprintf(out, sizeof(out), "%s", (char *)b.p);
	buf_free(&b);
	policy_free(&p);
	return out;
}

static const char *
says(const char *text)
{
	return written(text, strlen(text));
}

static struct policy
read_good(void)
{
	struct policy p = POLICY_INIT;
	struct err e = ERR_INIT;

	T_CALL(policy_read(&p, good, strlen(good), &e), &e);
	return p;
}

T_TEST(every_key_is_read_into_its_place)
{
	struct policy p = read_good();

	T_EQ(p.products.n, 2);
	T_STR(p.products.v[0].text, "Windows 11");
	T_EQ(p.products.v[0].line, 2);
	T_EQ(p.products.v[0].is_id, false);
	T_STR(p.products.v[1].text, "8c3fcc84-7410-4a95-8b89-a166a0190486");
	T_EQ(p.products.v[1].is_id, true);
	T_EQ(p.products.v[1].id.b[0], 0x8c);
	T_EQ(p.families.n, 1);
	T_STR(p.families.v[0].text, "Windows");
	T_EQ(p.families.v[0].line, 5);
	T_STR(p.not_products.v[0].text, "\"quoted\" # no comment");
	T_EQ(p.classifications.n, 2);
	T_STR(p.classifications.v[1].text, "Definition Updates");
	T_EQ(p.languages.n, 2);
	T_STR(p.languages.v[0].text, "en");
	T_EQ(p.architectures.n, 2);
	T_STR(p.architectures.v[0].text, "x64");
	T_STR(p.titles.v[0].text, "*cumulative = update*");
	T_STR(p.not_titles.v[0].text, "*Preview*");
	T_EQ(p.kbs.n, 2);
	T_STR(p.kbs.v[0].text, "5001234");
	T_STR(p.not_kbs.v[0].text, "5001236");
	T_EQ(p.approve.n, 2);
	T_STR(p.approve.v[0].text, "5001237");
	T_EQ(p.approve.v[0].is_id, false);
	T_EQ(p.approve.v[1].is_id, true);
	T_EQ(p.approve.v[1].line, 19);
	T_STR(p.decline.v[0].text, "5001238");
	T_EQ(p.only_approved, true);
	T_EQ(p.max_age_days, 365);
	T_EQ(p.superseded, true);
	T_EQ(p.drivers, true);
	T_EQ(p.express, false);
	policy_free(&p);
}

T_TEST(the_canonical_form_is_sorted_and_reads_back_as_itself)
{
	T_STR(says(good), canonical);
	T_STR(says(canonical), canonical);
	T_STR(says("kb = 2\nkb = KB10\nkb=KB2\n"), "kb = KB10\nkb = KB2\n");
	T_STR(says("title = b\ntitle = a\ntitle = b\n"),
	    "title = a\ntitle = b\n");
}

T_TEST(an_empty_policy_wants_everything_but_what_must_be_asked_for)
{
	struct policy p = POLICY_INIT;
	struct err e = ERR_INIT;

	T_CALL(policy_read(&p, NULL, 0, &e), &e); /* of an empty file */
	T_EQ(p.products.n + p.families.n + p.classifications.n, 0);
	T_EQ(p.languages.n + p.architectures.n + p.titles.n + p.kbs.n, 0);
	T_EQ(p.max_age_days, 0);
	T_OK(!p.only_approved && !p.superseded && !p.drivers && !p.express);
	policy_free(&p);
	T_STR(says("# nothing\n\n \t\n#kb = x\n"), "");
}

T_TEST(what_an_editor_of_windows_leaves_is_no_fault)
{
	T_STR(says("\xef\xbb\xbfkb = 1\r\ntitle = \xc3\xa4 b\r\n"),
	    "title = \xc3\xa4 b\nkb = KB1\n");
	/* At the beginning only. */
	T_STR(says("kb = 1\n\xef\xbb\xbfkb = 1\n"),
	    "3 line 2: unknown key '\xef\xbb\xbfkb'");
}

T_TEST(what_has_no_form_names_its_line)
{
	T_STR(says("kb = 1\nproducts = x\n"),
	    "3 line 2: unknown key 'products', nearest is 'product'");
	T_STR(says("Product = x\n"),
	    "3 line 1: unknown key 'Product', nearest is 'product'");
	T_STR(says("qwertyuiop = x\n"), "3 line 1: unknown key 'qwertyuiop'");
	T_STR(says("[fetch]\n"),
	    "3 line 1: expected 'key = value', found '[fetch]'");
	T_STR(says("\n\nproduct Windows 11\n"),
	    "3 line 3: expected 'key = value', found 'product Windows 11'");
	T_STR(says(" = x\n"), "3 line 1: no key before '='");
	T_STR(says("product = \t \n"), "3 line 1: 'product' has no value");
	T_STR(says("kb = 1\ntitle = a\x01z\n"),
	    "3 line 2: control character 0x01 in column 10");
	T_STR(says("title = a\x7f\n"),
	    "3 line 1: control character 0x7f in column 10");
	T_STR(written("kb = 1\0\n", 8),
	    "3 line 1: control character 0x00 in column 7");
	T_STR(says("title = a\xff\n"), "3 line 1: not UTF-8");
	T_STR(says("# a\xc3\n"), "3 line 1: not UTF-8");
	T_STR(says("drivers = no\n\ndrivers = no\n"),
	    "3 line 3: 'drivers' has a value already, in line 1");
	T_STR(says("max-age = 1\nmax-age = 2\n"),
	    "3 line 2: 'max-age' has a value already, in line 1");
}

static const struct {
	const char *text, *want;
} wrong[] = {
    {"architecture = amd64\n",
	"3 line 1: architecture: expected x86, x64, arm, arm64 or "
	"ia64, found 'amd64'"},
    {"architecture = x8\n",
	"3 line 1: architecture: expected x86, x64, arm, arm64 or "
	"ia64, found 'x8'"},
    {"kb = KB\n",
	"3 line 1: kb: expected a KB number, as KB5001234, found "
	"'KB'"},
    {"kb = KB500123x\n",
	"3 line 1: kb: expected a KB number, as KB5001234, found "
	"'KB500123x'"},
    {"kb = KB0500123\n",
	"3 line 1: kb: expected a KB number, as KB5001234, found "
	"'KB0500123'"},
    {"kb = 12345678901\n",
	"3 line 1: kb: expected a KB number, as KB5001234, found "
	"'12345678901'"},
    {"kb = 1 2\n",
	"3 line 1: kb: expected a KB number, as KB5001234, found "
	"'1 2'"},
    {"kb-exclude = 266f6222-c89d-43f2-9f8a-69340271e677\n",
	"3 line 1: kb-exclude: expected a KB number, as KB5001234, "
	"found '266f6222-c89d-43f2-9f8a-69340271e677'"},
    {"approve = Windows\n",
	"3 line 1: approve: expected a KB number, as KB5001234, or an "
	"update's id, found 'Windows'"},
    {"decline = 266f6222-c89d-43f2-9f8a-69340271e67\n",
	"3 line 1: decline: expected a KB number, as KB5001234, or an "
	"update's id, found '266f6222-c89d-43f2-9f8a-69340271e67'"},
    {"only-approved = true\n",
	"3 line 1: only-approved: expected yes or no, found 'true'"},
    {"superseded = 1\n", "3 line 1: superseded: expected yes or no, found '1'"},
    {"drivers = y\n", "3 line 1: drivers: expected yes or no, found 'y'"},
    {"express = nope\n", "3 line 1: express: expected yes or no, found 'nope'"},
    {"max-age = 0\n",
	"3 line 1: max-age: expected days, 1 to 36500, found '0'"},
    {"max-age = 36501\n",
	"3 line 1: max-age: expected days, 1 to 36500, found '36501'"},
    {"max-age = 1 year\n",
	"3 line 1: max-age: expected days, 1 to 36500, found '1 year'"},
    {"language = all\n",
	"3 line 1: language: expected a language's short name; all "
	"are taken where none is named, found 'all'"},
};

T_TEST(a_value_of_the_wrong_kind_says_what_was_expected)
{
	static const char lang[] =
	    "3 line 1: language: expected a language's short name, as 'en' or "
	    "'pt-br', found ";

	char want[256];
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		T_STR(says(wrong[i].text), wrong[i].want);
	snprintf(want, sizeof(want), "%s'e'", lang);
	T_STR(says("language = e\n"), want);
	snprintf(want, sizeof(want), "%s'pt_br'", lang);
	T_STR(says("language = pt_br\n"), want);
	snprintf(want, sizeof(want), "%s'abcdefghijklmnopq'", lang);
	T_STR(says("language = abcdefghijklmnopq\n"), want);
	T_STR(says("language = abcdefghijklmnop\n"),
	    "language = abcdefghijklmnop\n");
	T_STR(says("max-age = 36500\nkb = 1234567890\n"),
	    "kb = KB1234567890\nmax-age = 36500\n");
}

/* n lines, each the next number after the key's. */
static char *
many(const char *key, unsigned n)
{
	size_t cap = (size_t)n * (strlen(key) + 16) + 1, at = 0;
	char *text = malloc(cap);
	unsigned i;

	for (i = 0; i < n; i++)
		at += (size_t)snprintf(
		    text + at, cap - at, "%s%u\n", key, 10000 + i);
	return text;
}

T_TEST(each_limit_lets_its_number_pass_and_not_one_more)
{
	struct policy p = POLICY_INIT;
	struct err e = ERR_INIT;
	char *text = many("kb = KB", POLICY_MAX_WORDS);

	T_CALL(policy_read(&p, text, strlen(text), &e), &e);
	T_EQ(p.kbs.n, POLICY_MAX_WORDS);
	T_STR(p.kbs.v[0].text, "10000");
	T_STR(p.kbs.v[POLICY_MAX_WORDS - 1].text, "14095");
	policy_free(&p);
	free(text);
	text = many("kb = KB", POLICY_MAX_WORDS + 1);
	T_STR(says(text), "4 line 4097: more than 4096 values of 'kb'");
	free(text);

	text = malloc(POLICY_MAX_BYTES + 2);
	memset(text, '\n', POLICY_MAX_BYTES + 1);
	T_STR(written(text, POLICY_MAX_BYTES), "");
	T_STR(written(text, POLICY_MAX_BYTES + 1),
	    "4 1048577 bytes, at most 1048576");
	memset(text, '#', POLICY_MAX_LINE + 1);
	T_STR(written(text, POLICY_MAX_LINE), "");
	T_STR(written(text, POLICY_MAX_LINE + 1),
	    "4 line 1: 4097 bytes, at most 4096");
	memset(text, 'x', POLICY_MAX_LINE);
	memcpy(text, "title=", 6);
	T_EQ(strlen(written(text, 6 + POLICY_MAX_VALUE)),
	    strlen("title = \n") + POLICY_MAX_VALUE);
	T_STR(written(text, 6 + POLICY_MAX_VALUE + 1),
	    "4 line 1: title: 4001 bytes, at most 4000");
	free(text);
}

/* So that the canonical form of what was read can be read. */
T_TEST(the_canonical_form_counts_for_the_size_of_a_policy)
{
	char *text = malloc(POLICY_MAX_BYTES);
	size_t i, n = 0;

	for (i = 0; n + 8 + POLICY_MAX_VALUE <= POLICY_MAX_BYTES; i++) {
		memcpy(text + n, "title=", 6);
		memset(text + n + 6, (int)('a' + i % 26), 254);
		text[n + 260] = '\n';
		n += 261;
	}
	T_STR(written(text, n), "4 line 3943: more than 1048576 bytes in all");
	free(text);
}

T_TEST(every_beginning_of_a_policy_is_read_or_refused)
{
	char *text;
	size_t n;

	for (n = 0; n < sizeof(good); n++) {
		text = malloc(n + 1); /* no byte behind it, for the checker */
		memcpy(text, good, n);
		(void)written(text, n);
		free(text);
	}
}

T_TEST(people_see_every_fact_with_its_line)
{
	struct policy p = read_good();
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct sink to;

	sink_buf(&to, &b);
	T_CALL(policy_print(&p, &to, &e), &e);
	T_OK(buf_str(&b, &e) != NULL);
	T_STR((char *)b.p,
	    "product Windows 11 (line 2)\n"
	    "product 8c3fcc84-7410-4a95-8b89-a166a0190486 (line 3)\n"
	    "family Windows (line 5)\n"
	    "product-exclude \"quoted\" # no comment (line 6)\n"
	    "classification Security Updates (line 7)\n"
	    "classification Definition Updates (line 8)\n"
	    "language en (line 9)\n"
	    "language pt-br (line 10)\n"
	    "architecture x64 (line 11)\n"
	    "architecture arm64 (line 12)\n"
	    "title *cumulative = update* (line 13)\n"
	    "title-exclude *Preview* (line 14)\n"
	    "kb 5001234 (line 15)\n"
	    "kb 5001235 (line 16)\n"
	    "kb-exclude 5001236 (line 17)\n"
	    "approve 5001237 (line 18)\n"
	    "approve 266f6222-c89d-43f2-9f8a-69340271e677 (line 19)\n"
	    "decline 5001238 (line 20)\n"
	    "only-approved yes\n"
	    "max-age 365 days\n"
	    "superseded yes\n"
	    "drivers yes\n"
	    "express no\n");
	buf_free(&b);
	policy_free(&p);
	policy_free(&p); /* twice is once */
}

T_MAIN
