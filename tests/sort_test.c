/* SPDX-License-Identifier: ISC */
#include "lib/base/sort.h"

#include <string.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "tests/t.h"

struct entry {
	uint8_t sha1[SHA1_LEN];
	int n;
};

static int
by_letter(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

T_TEST(an_array_of_none_may_be_null)
{
	sort_up(NULL, 0, 1, by_letter);
	T_EQ(sort_unique(NULL, 0, 1, by_letter), 0);
	T_OK(sort_find("a", NULL, 0, 1, by_letter) == NULL);
	T_EQ(sort_place("a", NULL, 0, 1, by_letter), 0);
}

T_TEST(equals_stand_once)
{
	char one[] = "b", same[] = "bbb", mixed[] = "hacbbcah", none[] = "abc";

	T_EQ(sort_unique(one, 1, 1, by_letter), 1);
	T_EQ(sort_unique(same, 3, 1, by_letter), 1);
	T_EQ(same[0], 'b');
	T_EQ(sort_unique(mixed, 8, 1, by_letter), 4);
	T_MEM(mixed, "abch", 4);
	T_EQ(sort_unique(none, 3, 1, by_letter), 3);
	T_STR(none, "abc");
}

T_TEST(each_place_is_found)
{
	static const char v[] = "bddf";
	static const struct {
		char key;
		size_t place;
	} rows[] = {{'a', 0}, {'b', 0}, {'c', 1}, {'d', 1}, {'e', 3}, {'f', 3},
	    {'g', 4}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		T_EQ(sort_place(&rows[i].key, v, 4, 1, by_letter),
		    rows[i].place);
		T_EQ(sort_find(&rows[i].key, v, 4, 1, by_letter) != NULL,
		    strchr(v, rows[i].key) != NULL);
	}
}

T_TEST(entries_are_compared_by_what_they_begin_with)
{
	struct entry v[] = {{"b", 1}, {"a", 2}, {"c", 3}}, *found;
	struct guid g[] = {{"2"}, {"1"}};
	const char *text[] = {"b", "", "a"};

	sort_up(v, 3, sizeof(v[0]), sort_by_sha1);
	T_EQ(v[0].n, 2);
	T_EQ(v[2].n, 3);
	found = sort_find(
	    (uint8_t[SHA1_LEN]){'b'}, v, 3, sizeof(v[0]), sort_by_sha1);
	T_OK(found == &v[1]);
	sort_up(g, 2, sizeof(g[0]), sort_by_guid);
	T_EQ(g[0].b[0], '1');
	sort_up(text, 3, sizeof(text[0]), sort_by_text);
	T_STR(text[0], "");
	T_STR(text[2], "b");
}

/* The last byte of a digest counts, the byte behind it does not. */
T_TEST(a_digest_is_compared_whole)
{
	struct entry a = {{0}, 1}, b = {{0}, 2};

	T_EQ(sort_by_sha1(&a, &b), 0);
	a.sha1[SHA1_LEN - 1] = 1;
	T_OK(sort_by_sha1(&a, &b) > 0);
}

T_MAIN
