/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/list/list.h"
#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/list_say.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* free() it. */
static char *
lines(const char *dir)
{
	struct log log = {.prog = "t", .quiet = true, .file_fd = -1};
	const struct list_opts o = {.store = dir,
	    .what = "categories",
	    .policy_lines = true,
	    .log = &log};

	return list_say(&o);
}

T_TEST(each_category_is_a_line_below_its_id)
{
	const char *dir = t_tmpdir();
	struct store *s = choose_store_in(dir);
	struct make m;
	char *out;

	choose_offer(&m, 100, "a", CM_WIN11, CM_SECURITY);
	make_put_ok(s, &m);
	make_commit(s);
	store_close(s);
	out = lines(dir);
	T_STR(out,
	    "# ab030000-0000-0000-0000-000000000007, 0 updates\n"
	    "classification = Definition Updates\n"
	    "# abde0000-0000-0000-0000-000000000006, 1 update\n"
	    "classification = Security Updates\n"
	    "# ab250000-0000-0000-0000-000000000001, 0 updates\n"
	    "family = Microsoft\n"
	    "# ab4a0000-0000-0000-0000-000000000002, 0 updates\n"
	    "family = Windows\n"
	    "# abb90000-0000-0000-0000-000000000005, 0 updates\n"
	    "product = Microsoft Defender Antivirus\n"
	    "# ab6f0000-0000-0000-0000-000000000003, 0 updates\n"
	    "product = Windows 10\n"
	    "# ab940000-0000-0000-0000-000000000004, 1 update\n"
	    "product = Windows 11\n");
	free(out);
}

/* Titles that a line cannot hold, or that would mean another category. */
static const char *const odd[] = {"Windows  10", "windows 10", "", NULL,
    " Windows\xc2\xa0 11 ", "two\nlines", "a\nproduct = Windows 11",
    "ab6f0000-0000-0000-0000-000000000003", "# not a comment", "\"quoted\"",
    "a = b", "tab\there", "next\xc2\x85line", "bell\x07",
    "Server\xc2\xa0"
    "2022",
    " = ", "\xe6\x97\xa5\xe6\x9c\xac"};

T_TEST(every_line_means_its_own_category_when_it_is_pasted)
{
	const char *dir = t_tmpdir();
	struct store *s = choose_store_in(dir);
	struct err e = ERR_INIT;
	struct applied a;
	struct make m;
	char *out;
	unsigned i, n = sizeof(odd) / sizeof(*odd), nlines = 0;
	const char *p;

	for (i = 0; i < n; i++) {
		make_category(&m, 20 + i, CATEGORY_PRODUCT);
		m.u.title = odd[i];
		make_put_ok(s, &m);
	}
	make_category(&m, 80, CATEGORY_CLASSIFICATION);
	m.u.title = "Windows 10"; /* of another kind: no doubt */
	make_put_ok(s, &m);
	make_category(&m, 81, CATEGORY_FAMILY);
	m.u.title = "microsoft"; /* as the company is called */
	make_put_ok(s, &m);
	make_category(&m, 82, CATEGORY_OTHER);
	m.u.title = "nothing names it";
	make_put_ok(s, &m);
	make_commit(s);
	store_close(s);
	out = lines(dir);
	for (p = out; *p != '\0'; p++)
		nlines += *p == '\n';
	T_EQ(nlines, 2 * (7 + n + 2));
	s = NULL;
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_EQ(choose_apply(&a, s, out), 0);
	T_STR(choose_error, "");
	T_EQ(a.c.nproducts, 3 + n);
	T_EQ(a.c.nclassifications, 3);
	T_EQ(a.policy.families.n, 3);
	choose_done(&a);
	T_OK(strstr(out, "classification = Windows 10\n") != NULL);
	T_OK(strstr(out, "product = \"quoted\"\n") != NULL);
	T_OK(strstr(out, "product = Windows 11\n") == NULL);
	T_OK(strstr(out,
		 "# Windows 11, 0 updates\n"
		 "product = ab940000-0000-0000-0000-000000000004\n") != NULL);
	T_OK(strstr(out, "family = Microsoft\n") == NULL);
	store_close(s);
	free(out);
}

T_MAIN
