/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "lib/choose/choose.h"
#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static void
category(struct store *s, unsigned id, enum category_type type,
    const char *title, unsigned above)
{
	struct make m;

	make_category(&m, id, type);
	m.u.title = title;
	if (above != 0)
		make_needs(&m, 1, above);
	make_put_ok(s, &m);
}

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

static void
refused(struct store *s, const char *policy, const char *said)
{
	T_STR(lists(s, policy),
	    "policy: 1 name that the store does not know; 'wsusferry-list "
	    "categories' prints those it knows");
	if (strstr(choose_said, said) == NULL)
		T_STR(choose_said, said);
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

	category(s, 20, CATEGORY_PRODUCT, "Windows 11 tools", CM_WIN11);
	category(s, 21, CATEGORY_PRODUCT, "Tools of tools", 20);
	category(s, 22, CATEGORY_FAMILY, "Empty", CM_MICROSOFT);
	make_commit(s);
	T_STR(lists(s, "family = Windows\n"), "3 4 20 21 | all 6 7 ");
	T_STR(lists(s, "family = microsoft\n"), "3 4 5 20 21 | all 6 7 ");
	T_STR(lists(s, "family = Windows\nproduct = Tools of tools\n"),
	    "3 4 20 21 | all 6 7 ");
	T_STR(lists(s, "product = Windows 11\n"), "4 | all 6 7 ");
	T_STR(lists(s, "family = Windows\nproduct-exclude = Windows 11\n"),
	    "3 20 21 | all 6 7 ");
	T_STR(lists(s, "family = Empty\n"),
	    "policy: of the products that it names none is left");
	T_STR(lists(s, "product = Windows 10\nproduct-exclude = Windows 10\n"),
	    "policy: of the products that it names none is left");
	store_close(s);
}

T_TEST(families_that_stand_in_a_circle_end)
{
	struct store *s = choose_store();

	category(s, 30, CATEGORY_FAMILY, "Snake", 31);
	category(s, 31, CATEGORY_FAMILY, "Tail", 30);
	category(s, 32, CATEGORY_PRODUCT, "Scale", 31);
	category(s, 33, CATEGORY_PRODUCT, "Itself", 33);
	make_commit(s);
	T_STR(lists(s, "family = Snake\n"), "32 | all 6 7 ");
	T_STR(lists(s, "family = Tail\n"), "32 | all 6 7 ");
	T_STR(lists(s, "product = Itself\n"), "33 | all 6 7 ");
	store_close(s);
}

T_TEST(names_differ_in_neither_case_nor_blanks)
{
	struct store *s = choose_store();

	category(s, 40, CATEGORY_PRODUCT, "Windows  Server\xc2\xa0 2022 ", 0);
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
	refused(s, "classification = Werkzeug\n",
	    "line 1: no classification 'Werkzeug' is held, nearest is "
	    "'Werkzeuge'");
	store_close(s);
}

T_TEST(only_the_newest_revision_of_a_category_has_a_name)
{
	struct store *s = choose_store();
	struct make m;

	make_category(&m, CM_WIN11, CATEGORY_PRODUCT);
	m.u.revision = 2;
	m.u.title = "Windows 11, renamed";
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(lists(s, "product = Windows 11, renamed\n"), "4 | all 6 7 ");
	refused(s, "product = Windows 11\n", "no product 'Windows 11' is held");
	/* And its place in the tree: the new one has none. */
	T_STR(lists(s, "family = Windows\n"), "3 | all 6 7 ");
	store_close(s);
}

T_TEST(a_name_that_nothing_has_suggests_the_nearest)
{
	struct store *s = choose_store();

	make_commit(s);
	refused(s, "\nproduct = Windwos 11\n",
	    "policy: line 2: no product 'Windwos 11' is held, nearest is "
	    "'Windows 11'");
	refused(s, "product = Exchange Server 2019\n",
	    "line 1: no product 'Exchange Server 2019' is held\n");
	refused(s, "product-exclude = Windows 12\n",
	    "no product 'Windows 12' is held, nearest is 'Windows 10'");
	refused(s, "classification = Security Update\n",
	    "nearest is 'Security Updates'");
	refused(s, "family = Window\n", "nearest is 'Windows'");
	refused(s, "product = 00000000-0000-0000-0000-000000000001\n",
	    "no product '00000000-0000-0000-0000-000000000001' is held\n");
	store_close(s);
}

T_TEST(a_name_of_another_kind_says_which_key_it_needs)
{
	struct store *s = choose_store();

	make_commit(s);
	refused(s, "product = Windows\n",
	    "line 1: 'Windows' is no product; its key is 'family'");
	refused(s, "family = Windows 11\n",
	    "'Windows 11' is no family; its key is 'product'");
	refused(s, "product = Security Updates\n",
	    "'Security Updates' is no product; its key is 'classification'");
	/* By its id, too: family 2. */
	refused(s, "product = ab4a0000-0000-0000-0000-000000000002\n",
	    "is no product; its key is 'family'");
	store_close(s);
}

T_TEST(a_title_that_several_have_asks_for_the_id)
{
	struct store *s = choose_store();

	category(s, 60, CATEGORY_PRODUCT, "Windows 11", 0);
	make_commit(s);
	refused(s, "product = Windows 11\n",
	    "line 1: 'Windows 11' is the title of more than one product; give "
	    "its id: ab940000-0000-0000-0000-000000000004, "
	    "abac0000-0000-0000-0000-00000000003c\n");
	category(s, 61, CATEGORY_PRODUCT, "Windows 11", 0);
	category(s, 62, CATEGORY_PRODUCT, "Windows 11", 0);
	refused(s, "product = Windows 11\n", ", ...\n");
	/* A family of the same name is no doubt. */
	category(s, 63, CATEGORY_FAMILY, "Windows 10", 0);
	T_STR(lists(s, "product = Windows 10\n"), "3 | all 6 7 ");
	store_close(s);
}

T_TEST(all_bad_names_are_told_at_once)
{
	struct store *s = choose_store();

	make_commit(s);
	T_STR(lists(s,
		  "product = a1\nfamily = b2\nclassification = c3\n"
		  "product = Windows 11\n"),
	    "policy: 3 names that the store does not know; 'wsusferry-list "
	    "categories' prints those it knows");
	T_OK(strstr(choose_said, "line 1: no product 'a1'") != NULL);
	T_OK(strstr(choose_said, "line 2: no family 'b2'") != NULL);
	T_OK(strstr(choose_said, "line 3: no classification 'c3'") != NULL);
	store_close(s);
}

T_TEST(what_has_no_title_is_known_by_its_id)
{
	struct store *s = choose_store();
	char *long_title = calloc(1, 5001);

	memset(long_title, 'x', 5000);
	category(s, 70, CATEGORY_PRODUCT, NULL, 0);
	category(s, 71, CATEGORY_PRODUCT, long_title, 0);
	make_commit(s);
	T_STR(lists(s, "product = ab1e0000-0000-0000-0000-000000000046\n"),
	    "70 | all 6 7 ");
	T_STR(lists(s, "product = ab430000-0000-0000-0000-000000000047\n"),
	    "71 | all 6 7 ");
	free(long_title);
	store_close(s);
}

T_MAIN
