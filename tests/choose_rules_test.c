/* SPDX-License-Identifier: ISC */
#include "lib/choose/choose.h"

#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/choose/choose_priv.h"
#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static void
offer(struct store *s, unsigned id, const char *title, unsigned product,
    unsigned classification)
{
	struct make m;

	choose_offer(&m, id, title, product, classification);
	make_put_ok(s, &m);
}

/* What a policy says of an update; the policy's own error otherwise. */
static void
says(struct store *s, const char *policy, unsigned id, const char *want)
{
	struct applied a;

	if (choose_apply(&a, s, policy) == -1) {
		T_STR(choose_error, want);
		return;
	}
	T_STR(choose_says(&a, id), want);
	choose_done(&a);
}

T_TEST(an_empty_policy_takes_what_is_offered_and_no_driver)
{
	struct store *s = choose_store();
	struct make m;

	offer(s, 100, "a", CM_WIN11, CM_SECURITY);
	offer(s, 101, "in no category", 0, 0);
	choose_part(&m, 102, "p");
	make_put_ok(s, &m);
	choose_offer(&m, 103, "driver", CM_WIN11, CM_SECURITY);
	m.u.type = UPDATE_DRIVER;
	make_put_ok(s, &m);
	choose_offer(&m, 104, "expired", CM_WIN11, CM_SECURITY);
	m.u.expired = true;
	make_put_ok(s, &m);
	choose_offer(&m, 105, "detectoid", 0, 0);
	m.u.type = UPDATE_DETECTOID;
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(choose_ins(s, ""), "100 101 ");
	T_STR(choose_ins(s, "drivers = yes\n"), "100 101 103 ");
	says(s, "", 100, "in: no line leaves it out");
	says(s, "", 102, "hidden: offered in bundles only, not by itself");
	says(s, "", 103, "driver: a driver, and drivers is not yes");
	says(s, "", 104, "expired: expired: withdrawn by its maker");
	says(s, "", 105, "not-shown: no update but a Detectoid");
	says(s, "", CM_WIN11, "not-shown: no update but a Category");
	store_close(s);
}

T_TEST(only_the_newest_revision_counts)
{
	struct store *s = choose_store();
	enum choose_why why = CHOOSE_IN;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct applied a;
	struct make m;

	choose_offer(&m, 100, "a", CM_WIN11, CM_SECURITY);
	m.u.revision = 7;
	make_put_ok(s, &m);
	choose_offer(&m, 100, "a of old", CM_WIN10, CM_SECURITY);
	snprintf(m.text, sizeof(m.text), "older");
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(choose_ins(s, "product = windows 11\n"), "100 ");
	T_STR(choose_ins(s, "product = windows 10\n"), "");
	T_EQ(choose_apply(&a, s, ""), 0);
	T_CALL(choose_update(&a.c, 9, &why, &b, &e), &e);
	T_EQ(why, CHOOSE_NOT_SHOWN);
	T_STR((char *)b.p, "revision 1 of it is not the newest held");
	T_FAILS(choose_update(&a.c, 10, &why, NULL, &e), &e, E_MISSING,
	    "revision in row 10: there is none");
	T_FAILS(choose_update(&a.c, 0, &why, NULL, &e), &e, E_MISSING, "row 0");
	T_FAILS(
	    choose_update(&a.c, -1, &why, NULL, &e), &e, E_MISSING, "row -1");
	buf_free(&b);
	choose_done(&a);
	store_close(s);
}

T_TEST(products_and_classifications_limit_together)
{
	struct store *s = choose_store();

	offer(s, 100, "a", CM_WIN11, CM_SECURITY);
	offer(s, 101, "b", CM_WIN10, CM_SECURITY);
	offer(s, 102, "c", CM_WIN11, CM_DEFINITIONS);
	offer(s, 103, "d", 0, CM_SECURITY);
	make_commit(s);
	T_STR(choose_ins(s, "product = Windows 11\n"), "100 102 ");
	T_STR(choose_ins(s, "classification = security updates\n"),
	    "100 101 103 ");
	T_STR(choose_ins(s,
		  "product = Windows 11\nclassification = Security Updates\n"),
	    "100 ");
	T_STR(choose_ins(s, "family = Windows\nproduct-exclude = Windows 10\n"),
	    "100 102 ");
	T_STR(choose_ins(s, "product-exclude = Windows 10\n"), "100 102 ");
	says(s, "\nproduct = Windows 11\n", 100,
	    "in: product Windows 11 (line 2)");
	says(s, "family = Windows\nclassification = Security Updates\n", 100,
	    "in: product Windows 11 (line 1), classification Security Updates "
	    "(line 2)");
	says(s, "classification = Security Updates\n", 100,
	    "in: classification Security Updates (line 1)");
	says(s, "product = Windows 11\n", 101,
	    "product: its product is not wanted: Windows 10");
	says(s, "product-exclude = Windows 10\n", 101,
	    "product: its product is not wanted: Windows 10 (line 1)");
	says(s, "product = Windows 11\n", 103,
	    "product: its product is not wanted: none");
	says(s, "classification = Security Updates\n", 102,
	    "classification: its classification is not wanted: Definition "
	    "Updates");
	store_close(s);
}

/* The id that Microsoft gave the classification. */
T_TEST(a_driver_is_one_by_type_or_by_classification)
{
	static const char drivers[] = "ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0";
	struct store *s = choose_store();
	struct make m;

	make_category(&m, 50, CATEGORY_CLASSIFICATION);
	T_OK(guid_read(&m.u.id, drivers, GUID_LEN));
	m.u.title = "Drivers";
	make_put_ok(s, &m);
	choose_offer(&m, 100, "by class", CM_WIN11, 0);
	make_needs(&m, 2, 50);
	T_OK(guid_read(&m.prereqs[1].id, drivers, GUID_LEN));
	make_put_ok(s, &m);
	choose_offer(&m, 101, "by type", CM_WIN11, CM_SECURITY);
	m.u.type = UPDATE_DRIVER;
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(choose_ins(s, ""), "");
	T_STR(choose_ins(s, "drivers = yes\n"), "100 101 ");
	T_STR(choose_ins(s, "classification = Drivers\n"), "");
	T_OK(strstr(choose_said,
		 "line 1: drivers are left out without 'drivers = yes'") !=
	    NULL);
	T_STR(
	    choose_ins(s, "drivers = yes\nclassification = Drivers\n"), "100 ");
	T_STR(choose_said, "");
	T_STR(
	    choose_ins(s, "drivers = yes\nclassification = Security Updates\n"),
	    "101 ");
	T_OK(
	    strstr(choose_said, "no line names the classification of") != NULL);
	store_close(s);
}

T_TEST(kb_numbers_limit_exclude_approve_and_decline)
{
	struct store *s = choose_store();
	struct make m;

	choose_offer(&m, 100, "a", CM_WIN11, CM_SECURITY);
	m.kbs[m.u.nkbs++] = "5000001";
	make_put_ok(s, &m);
	choose_offer(&m, 101, "b", CM_WIN10, CM_SECURITY);
	m.kbs[m.u.nkbs++] = "KB5000002"; /* some documents say so */
	m.kbs[m.u.nkbs++] = "5000003";
	make_put_ok(s, &m);
	choose_offer(&m, 102, "c", CM_WIN10, CM_SECURITY);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(choose_ins(s, "kb = KB5000001\n"), "100 ");
	T_STR(choose_ins(s, "kb = 5000002\n"), "101 ");
	T_STR(choose_ins(s, "kb = 500000\n"), "");
	T_STR(choose_ins(s, "kb-exclude = 5000003\n"), "100 102 ");
	T_STR(choose_ins(s, "product = Windows 11\napprove = 5000002\n"),
	    "100 101 ");
	T_STR(choose_ins(s, "only-approved = yes\napprove = KB5000002\n"),
	    "101 ");
	T_STR(choose_ins(s, "decline = KB5000003\napprove = KB5000002\n"),
	    "100 102 ");
	says(s, "\nkb = 5000002\nkb = 5000009\n", 100,
	    "kb: no KB number of it is in (it has 5000001) lines 2, 3");
	says(s, "kb = 5000002\n", 102,
	    "kb: no KB number of it is in (it has none) line 1");
	says(s, "kb-exclude = 1\nkb-exclude = 5000003\n", 101,
	    "kb: excluded, line 2: KB5000003");
	says(s, "approve = 5000001\napprove = 5000002\n", 101,
	    "approved: approved by hand, line 2: KB5000002");
	says(s, "decline = 5000001\n", 100,
	    "declined: declined by hand, line 1: KB5000001");
	says(s, "only-approved = yes\n", 100,
	    "not-approved: not approved by hand, and only-approved is yes");
	store_close(s);
}

/* Update 100 has the id with that number. */
#define ID_100 "ab740000-0000-0000-0000-000000000064"

T_TEST(approved_is_stronger_than_all_but_declined_and_expired)
{
	struct store *s = choose_store();
	struct make m;

	choose_offer(&m, 100, "arm64 preview", CM_WIN10, CM_DEFINITIONS);
	m.u.created = "2001-01-01T00:00:00Z";
	m.u.type = UPDATE_DRIVER;
	m.u.deployable = false; /* by id even this */
	m.u.langs = (const char *[]){"de"};
	m.u.nlangs = 1;
	m.kbs[m.u.nkbs++] = "5000001";
	make_put_ok(s, &m);
	choose_offer(&m, 101, "successor", CM_WIN11, CM_SECURITY);
	m.superseded[m.u.nsuperseded++] = make_guid(100);
	make_put_ok(s, &m);
	choose_offer(&m, 102, "expired", CM_WIN11, CM_SECURITY);
	m.u.expired = true;
	m.kbs[m.u.nkbs++] = "5000001";
	make_put_ok(s, &m);
	make_commit(s);
#define STRICT                                                                 \
	"product = Windows 11\nclassification = Security Updates\n"            \
	"language = en\narchitecture = x64\ntitle-exclude = *preview*\n"       \
	"max-age = 30\nonly-approved = yes\nkb-exclude = 5000001\n"
	T_STR(choose_ins(s, STRICT), "");
	T_STR(choose_ins(s, STRICT "approve = " ID_100 "\n"), "100 ");
	T_STR(choose_ins(s, STRICT "approve = KB5000001\n"), "");
	T_STR(choose_ins(
		  s, STRICT "approve = " ID_100 "\ndecline = " ID_100 "\n"),
	    "");
	says(s, "approve = " ID_100 "\n", 100,
	    "approved: approved by hand, line 1: " ID_100);
	says(s, "approve = 5000001\n", 100,
	    "hidden: offered in bundles only, not by itself");
	says(s, "approve = 5000001\n", 102,
	    "expired: expired: withdrawn by its maker");
	store_close(s);
}

T_TEST(patterns_fit_whole_titles_in_either_case)
{
	struct store *s = choose_store();

	offer(s, 100, "2027-01 Cumulative Update for Windows 11 (KB1)",
	    CM_WIN11, CM_SECURITY);
	offer(s, 101, "2027-01 Cumulative Update Preview for Windows 11",
	    CM_WIN11, CM_SECURITY);
	offer(s, 102, "Servicing stack", CM_WIN11, CM_SECURITY);
	make_commit(s);
	T_STR(choose_ins(s, "title = *cumulative*\n"), "100 101 ");
	T_STR(choose_ins(s, "title = cumulative\n"), "");
	T_STR(choose_ins(s, "title = Serv*\ntitle = *[(]KB?)\n"), "100 102 ");
	T_STR(choose_ins(s, "title-exclude = *PREVIEW*\n"), "100 102 ");
	T_STR(
	    choose_ins(s, "title = *cumulative*\ntitle-exclude = *preview*\n"),
	    "100 ");
	says(s, "title = a\ntitle = b\ntitle=c\ntitle = d\ntitle = e\n", 100,
	    "title: the title fits none of lines 1, 2, 3, 4 and others");
	says(s, "title-exclude = *preview*\n", 101,
	    "title: the title is excluded, line 1: *preview*");
	store_close(s);
}

T_TEST(architectures_are_whole_words_of_a_title)
{
	static const struct {
		const char *title;
		unsigned archs;
	} rows[] = {
	    {"Update for Windows 11 for x64-based Systems", CHOOSE_X64},
	    {"Update for X86-based systems", CHOOSE_X86},
	    {"Update for ARM64-based Systems", CHOOSE_ARM64},
	    {"Update (arm)", CHOOSE_ARM},
	    {"Windows 7 for Itanium-based Systems", CHOOSE_IA64},
	    {"Office 2016 64-Bit Edition", CHOOSE_X64},
	    {"Office 2016 32 bit edition", CHOOSE_X86},
	    {"64bit, 32bit", CHOOSE_X64 | CHOOSE_X86},
	    {"linux x86-64", CHOOSE_X64},
	    {"linux x86_64 and arm64", CHOOSE_X64 | CHOOSE_ARM64},
	    {"x86, 64 files", CHOOSE_X86},
	    {"for x86 and x64", CHOOSE_X86 | CHOOSE_X64},
	    {"amd64", CHOOSE_X64},
	    {"\xe7\x94\xa8x64\xe7\x89\x88", CHOOSE_X64},
	    {"x64\xc2\xa0ia64", CHOOSE_X64 | CHOOSE_IA64},
	    {"Windows Server 2022", 0},
	    {"alarm 64, ex64, x640, army, farm64", 0},
	    {"habit 64", 0},
	    {"", 0},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (choose_title_archs(rows[i].title) != rows[i].archs)
			t_fail(__FILE__, __LINE__, "'%s' is %u, not %u",
			    rows[i].title, choose_title_archs(rows[i].title),
			    rows[i].archs);
}

T_TEST(an_update_that_names_no_architecture_is_for_all)
{
	struct store *s = choose_store();

	offer(s, 100, "for x64-based", CM_WIN11, CM_SECURITY);
	offer(s, 101, "for ARM64-based", CM_WIN11, CM_SECURITY);
	offer(s, 102, "for all", CM_WIN11, CM_SECURITY);
	offer(s, 103, "for x86 and x64", CM_WIN11, CM_SECURITY);
	make_commit(s);
	T_STR(choose_ins(s, "architecture = x64\n"), "100 102 103 ");
	T_STR(choose_ins(s, "architecture = arm64\narchitecture = x86\n"),
	    "101 102 103 ");
	T_STR(choose_ins(s, "architecture = ia64\n"), "102 ");
	says(s, "architecture = x64\n", 101,
	    "architecture: the title names an architecture that is none of "
	    "line 1");
	store_close(s);
}

static void
speaks(struct make *m, const char **langs, size_t n)
{
	m->u.langs = langs;
	m->u.nlangs = n;
}

T_TEST(languages_are_those_of_the_update_or_of_its_parts)
{
	static const char *de[] = {"de"}, *both[] = {"EN", "fr"};
	static const char *all[] = {"all"};
	struct store *s = choose_store();
	struct make m;

	choose_offer(&m, 100, "neutral", CM_WIN11, CM_SECURITY);
	make_put_ok(s, &m);
	choose_offer(&m, 101, "german", CM_WIN11, CM_SECURITY);
	speaks(&m, de, 1);
	make_put_ok(s, &m);
	choose_offer(&m, 102, "english and french", CM_WIN11, CM_SECURITY);
	speaks(&m, both, 2);
	make_put_ok(s, &m);
	choose_offer(&m, 103, "all", CM_WIN11, CM_SECURITY);
	speaks(&m, all, 1);
	make_put_ok(s, &m);
	choose_part(&m, 200, "german part");
	speaks(&m, de, 1);
	make_put_ok(s, &m);
	choose_part(&m, 201, "english part");
	speaks(&m, both, 2);
	make_put_ok(s, &m);
	choose_offer(&m, 104, "of german parts", CM_WIN11, CM_SECURITY);
	make_bundles(&m, 200, 1);
	make_put_ok(s, &m);
	choose_offer(&m, 105, "of both", CM_WIN11, CM_SECURITY);
	make_bundles(&m, 200, 1);
	make_bundles(&m, 201, 1);
	make_put_ok(s, &m);
	choose_offer(&m, 106, "of nothing held", CM_WIN11, CM_SECURITY);
	make_bundles(&m, 200, 2);
	make_put_ok(s, &m);
	choose_offer(&m, 107, "of what has no payload", CM_WIN11, CM_SECURITY);
	make_bundles(&m, CM_WIN11, 1);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(choose_ins(s, ""), "100 101 102 103 104 105 106 107 ");
	T_STR(choose_ins(s, "language = en\n"), "100 102 103 105 106 107 ");
	T_STR(choose_ins(s, "language = de\n"), "100 101 103 104 105 106 107 ");
	T_STR(choose_ins(s, "language = pl\nlanguage = fr\n"),
	    "100 102 103 105 106 107 ");
	says(s, "language = en\n", 101,
	    "language: its language (de) is none of line 1");
	says(s, "language = en\n", 104,
	    "language: no part of it is in a language of line 1");
	store_close(s);
}

T_TEST(age_counts_from_the_day_of_creation)
{
	struct store *s = choose_store();
	struct make m;

	choose_offer(&m, 100, "ten days", CM_WIN11, CM_SECURITY);
	m.u.created = "2027-01-05T08:00:00Z"; /* to the second */
	make_put_ok(s, &m);
	choose_offer(&m, 101, "a second more", CM_WIN11, CM_SECURITY);
	m.u.created = "2027-01-05T07:59:59.999Z";
	make_put_ok(s, &m);
	choose_offer(&m, 102, "none", CM_WIN11, CM_SECURITY);
	m.u.created = NULL;
	make_put_ok(s, &m);
	choose_offer(&m, 103, "nonsense", CM_WIN11, CM_SECURITY);
	m.u.created = "yesterday";
	make_put_ok(s, &m);
	choose_offer(&m, 104, "to come", CM_WIN11, CM_SECURITY);
	m.u.created = "2030-01-01T00:00:00Z";
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(choose_ins(s, "max-age = 10\n"), "100 102 103 104 ");
	T_STR(choose_ins(s, "max-age = 11\n"), "100 101 102 103 104 ");
	says(
	    s, "max-age = 10\n", 101, "age: of 2027-01-05, max-age is 10 days");
	store_close(s);
}

T_MAIN
