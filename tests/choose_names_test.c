/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "lib/choose/choose.h"
#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* Numbers of sorted ids, in the order of the numbers. */
static const char *
numbers(const struct guid *v, size_t n)
{
	static char out[256];
	unsigned id;
	size_t i, at = 0;

	out[0] = '\0';
	for (id = 1; id < 1000; id++)
		for (i = 0; i < n; i++)
			if (v[i].b[14] == id >> 8 && v[i].b[15] == (id & 255))
				at += (size_t)snprintf(
				    out + at, sizeof(out) - at, "%u ", id);
	for (i = 1; i < n; i++)
		T_OK(guid_cmp(&v[i - 1], &v[i]) < 0);
	return out;
}

/* The lists of a policy: "products | classifications", or its error. */
static const char *
lists(struct store *s, const char *policy)
{
	static char out[600];
	struct applied a;

	if (choose_apply(&a, s, policy) == -1) {
		snprintf(out, sizeof(out), "%s", choose_error);
		choose_done(&a);
		return out;
	}
	snprintf(out, sizeof(out), "%s%s| ", a.c.all_products ? "all " : "",
	    numbers(a.c.products, a.c.nproducts));
	snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s",
	    a.c.all_classifications ? "all " : "",
	    numbers(a.c.classifications, a.c.nclassifications));
	choose_done(&a);
	return out;
}

/* What the policy stands for, and what is said of its lines. */
static void
told(struct store *s, const char *policy, const char *is, const char *said)
{
	T_STR(lists(s, policy), is);
	if (strstr(choose_said, said) == NULL)
		T_STR(choose_said, said);
}

/* The lists are given where they are all that matters. */
static void
names(struct store *s, const char *policy, const char *is)
{
	T_STR(lists(s, policy), is);
	T_OK(strstr(choose_said, "line") == NULL);
}

T_TEST(a_server_is_given_both_lists_or_neither)
{
	struct store *s = choose_store();

	make_commit(s);
	T_STR(lists(s, ""), "all | all ");
	T_STR(lists(s, "kb = 5000001\n"), "all | all ");
	T_STR(lists(s, "product = Windows 10\n"), "3 | all 6 7 ");
	T_STR(
	    lists(s, "classification = Security Updates\n"), "all 3 4 5 | 6 ");
	T_STR(lists(s, "product-exclude = Windows 10\n"), "4 5 | all 6 7 ");
	T_STR(lists(s,
		  "product = Windows 10\nclassification = Security Updates\n"),
	    "3 | 6 ");
	store_close(s);
}

T_TEST(a_family_is_all_products_beneath_it)
{
	struct store *s = choose_store();

	choose_category(s, 20, CATEGORY_PRODUCT, "Windows 11 tools", CM_WIN11);
	choose_category(s, 21, CATEGORY_PRODUCT, "Tools of tools", 20);
	choose_category(s, 22, CATEGORY_FAMILY, "Empty", CM_MICROSOFT);
	make_commit(s);
	T_STR(lists(s, "family = Windows\n"), "3 4 20 21 | all 6 7 ");
	T_STR(lists(s, "family = microsoft\n"), "3 4 5 20 21 | all 6 7 ");
	T_STR(lists(s, "family = Windows\nproduct = Tools of tools\n"),
	    "3 4 20 21 | all 6 7 ");
	T_STR(lists(s, "product = Windows 11\n"), "4 | all 6 7 ");
	T_STR(lists(s, "family = Windows\nproduct-exclude = Windows 11\n"),
	    "3 20 21 | all 6 7 ");
	told(s, "family = Empty\n", "| all 6 7 ",
	    "policy: of the products that it names none is left");
	told(s, "product = Windows 10\nproduct-exclude = Windows 10\n",
	    "| all 6 7 ", "policy: of the products that it names none is left");
	store_close(s);
}

T_TEST(families_that_stand_in_a_circle_end)
{
	struct store *s = choose_store();

	choose_category(s, 30, CATEGORY_FAMILY, "Snake", 31);
	choose_category(s, 31, CATEGORY_FAMILY, "Tail", 30);
	choose_category(s, 32, CATEGORY_PRODUCT, "Scale", 31);
	choose_category(s, 33, CATEGORY_PRODUCT, "Itself", 33);
	make_commit(s);
	T_STR(lists(s, "family = Snake\n"), "32 | all 6 7 ");
	T_STR(lists(s, "family = Tail\n"), "32 | all 6 7 ");
	T_STR(lists(s, "product = Itself\n"), "33 | all 6 7 ");
	store_close(s);
}

T_TEST(names_differ_in_neither_case_nor_blanks)
{
	struct store *s = choose_store();

	choose_category(
	    s, 40, CATEGORY_PRODUCT, "Windows  Server\xc2\xa0 2022 ", 0);
	make_commit(s);
	T_STR(lists(s, "product = WINDOWS 10\n"), "3 | all 6 7 ");
	T_STR(lists(s, "product = windows server 2022\n"), "40 | all 6 7 ");
	T_STR(lists(s, "product = Windows\tServer \xc2\xa0 2022\xc2\xa0\n"),
	    "40 | all 6 7 ");
	/* An id in either case: product 3. */
	T_STR(lists(s, "product = AB6F0000-0000-0000-0000-000000000003\n"),
	    "3 | all 6 7 ");
	store_close(s);
}

T_TEST(a_title_in_another_language_is_a_name_too)
{
	struct store *s = choose_store();
	struct make m;

	make_category(&m, 50, CATEGORY_CLASSIFICATION);
	m.u.title = "Tools";
	m.titles[0] = (struct update_title){"en", "Tools", NULL};
	m.titles[1] = (struct update_title){"de", "Werkzeuge", NULL};
	m.titles[2] = (struct update_title){"at", "werkzeuge", NULL};
	m.titles[3] = (struct update_title){"xx", "Security Updates", NULL};
	m.u.ntitles = 4;
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(lists(s, "classification = Werkzeuge\n"), "all 3 4 5 | 50 ");
	/* The one for display comes first. */
	T_STR(
	    lists(s, "classification = security updates\n"), "all 3 4 5 | 6 ");
	told(s, "classification = Werkzeug\n", "all 3 4 5 | ",
	    "line 1: no classification 'Werkzeug' is held, nearest is "
	    "'Werkzeuge'");
	store_close(s);
}

T_TEST(a_renamed_category_keeps_its_former_name)
{
	struct store *s = choose_store();
	struct make m;

	make_category(&m, CM_WIN11, CATEGORY_PRODUCT);
	m.u.revision = 2;
	m.u.title = "Windows 11, renamed";
	make_put_ok(s, &m);
	make_commit(s);
	names(s, "product = Windows 11, renamed\n", "4 | all 6 7 ");
	told(s, "product = Windows 11\n", "4 | all 6 7 ",
	    "line 1: 'Windows 11' is called 'Windows 11, renamed' now\n");
	/* Its place in the tree is the new one's, which has none. */
	T_STR(lists(s, "family = Windows\n"), "3 | all 6 7 ");
	/* Who has the name now has it alone; one that two had means both. */
	choose_category(s, 55, CATEGORY_PRODUCT, "Windows 11", 0);
	names(s, "product = Windows 11\n", "55 | all 6 7 ");
	make_category(&m, 55, CATEGORY_PRODUCT);
	m.u.revision = 2;
	m.u.title = "Windows 11, other";
	m.titles[0] = (struct update_title){"en", "Windows 11, other", NULL};
	m.titles[1] = (struct update_title){"de", "Fenster", NULL};
	m.u.ntitles = 2;
	make_put_ok(s, &m);
	told(s, "product = Windows 11\n", "4 55 | all 6 7 ",
	    "line 1: 'Windows 11' was the title of 2 products, and means them "
	    "all");
	make_category(&m, 55, CATEGORY_PRODUCT);
	m.u.revision = 3;
	m.u.title = NULL;
	make_put_ok(s, &m);
	told(s, "product = fenster\n", "55 | all 6 7 ",
	    "line 1: 'fenster' is called '' now\n");
	store_close(s);
}

T_TEST(a_name_that_nothing_has_suggests_the_nearest)
{
	struct store *s = choose_store();

	make_commit(s);
	told(s, "\nproduct = Windwos 11\n", "| all 6 7 ",
	    "warning: policy: line 2: no product 'Windwos 11' is held, nearest "
	    "is 'Windows 11'");
	told(s, "product = Exchange Server 2019\n", "| all 6 7 ",
	    "line 1: no product 'Exchange Server 2019' is held\n");
	told(s, "product-exclude = Windows 12\n", "3 4 5 | all 6 7 ",
	    "no product 'Windows 12' is held, nearest is 'Windows 10'");
	told(s, "classification = Security Update\n", "all 3 4 5 | ",
	    "nearest is 'Security Updates'");
	T_OK(strstr(choose_said,
		 "of the classifications that it names none is held") != NULL);
	told(s, "family = Window\n", "| all 6 7 ", "nearest is 'Windows'");
	told(s, "product = 00000000-0000-0000-0000-000000000001\n",
	    "| all 6 7 ",
	    "no product '00000000-0000-0000-0000-000000000001' is held\n");
	/* The other lines of the policy hold all the same. */
	told(s, "product = Windwos 11\nproduct = Windows 10\n", "3 | all 6 7 ",
	    "line 1: no product 'Windwos 11' is held");
	store_close(s);
}

T_TEST(a_name_of_another_kind_says_which_key_it_needs)
{
	struct store *s = choose_store();

	make_commit(s);
	told(s, "product = Windows\n", "| all 6 7 ",
	    "line 1: 'Windows' is no product; its key is 'family'");
	told(s, "family = Windows 11\n", "| all 6 7 ",
	    "'Windows 11' is no family; its key is 'product'");
	told(s, "product = Security Updates\n", "| all 6 7 ",
	    "'Security Updates' is no product; its key is 'classification'");
	/* By its id, too: family 2. */
	told(s, "product = ab4a0000-0000-0000-0000-000000000002\n",
	    "| all 6 7 ", "is no product; its key is 'family'");
	store_close(s);
}

T_TEST(a_title_that_several_have_means_them_all)
{
	struct store *s = choose_store();
	unsigned id;

	choose_category(s, 60, CATEGORY_PRODUCT, "Windows 11", 0);
	make_commit(s);
	told(s, "\nproduct = Windows 11\n", "4 60 | all 6 7 ",
	    "warning: policy: line 2: 'Windows 11' is the title of 2 products, "
	    "and means them all; where not all are meant, write one of:\n"
	    "t: warning: policy:     product = "
	    "ab940000-0000-0000-0000-000000000004\n"
	    "t: warning: policy:     product = "
	    "abac0000-0000-0000-0000-00000000003c\n");
	told(s, "product-exclude = Windows 11\n", "3 5 | all 6 7 ",
	    "product-exclude = abac0000-0000-0000-0000-00000000003c\n");
	/* Which say nothing more. */
	names(s, "product = abac0000-0000-0000-0000-00000000003c\n",
	    "60 | all 6 7 ");
	/* A family of the same name is no doubt. */
	choose_category(s, 63, CATEGORY_FAMILY, "Windows 10", 0);
	names(s, "product = Windows 10\n", "3 | all 6 7 ");
	choose_category(s, 64, CATEGORY_FAMILY, "Windows", 0);
	choose_category(s, 65, CATEGORY_PRODUCT, "Another", 64);
	told(s, "family = Windows\n", "3 4 65 | all 6 7 ",
	    "is the title of 2 families, and means them all");
	choose_category(s, 66, CATEGORY_CLASSIFICATION, "Security Updates", 0);
	told(s, "classification = security updates\n",
	    "all 3 4 5 60 65 | 6 66 ", "the title of 2 classifications");
	for (id = 70; id < 86; id++)
		choose_category(s, id, CATEGORY_PRODUCT, "Windows 11", 0);
	(void)lists(s, "product = Windows 11\n");
	T_OK(strstr(choose_said, "the title of 18 products") != NULL);
	T_OK(strstr(choose_said,
		 "... 2 more; 'wsusferry-list --policy-lines categories' "
		 "prints them\n") != NULL);
	store_close(s);
}

T_TEST(all_that_stands_for_nothing_is_told_at_once)
{
	struct store *s = choose_store();

	make_commit(s);
	told(s,
	    "product = a1\nfamily = b2\nclassification = c3\n"
	    "product = Windows 11\n",
	    "4 | ", "line 1: no product 'a1'");
	T_OK(strstr(choose_said, "line 2: no family 'b2'") != NULL);
	T_OK(strstr(choose_said, "line 3: no classification 'c3'") != NULL);
	store_close(s);
}

T_TEST(what_has_no_title_is_known_by_its_id)
{
	struct store *s = choose_store();
	char *long_title = calloc(1, 5001);

	memset(long_title, 'x', 5000);
	choose_category(s, 70, CATEGORY_PRODUCT, NULL, 0);
	choose_category(s, 71, CATEGORY_PRODUCT, long_title, 0);
	make_commit(s);
	T_STR(lists(s, "product = ab1e0000-0000-0000-0000-000000000046\n"),
	    "70 | all 6 7 ");
	T_STR(lists(s, "product = ab430000-0000-0000-0000-000000000047\n"),
	    "71 | all 6 7 ");
	free(long_title);
	store_close(s);
}

T_MAIN
