/* SPDX-License-Identifier: ISC */
#include "lib/base/guid_set.h"

#include "lib/base/err.h"
#include "tests/t.h"

static struct guid
id_of(unsigned n)
{
	struct guid g = {.b = {0}};

	g.b[3] = (uint8_t)(n >> 8);
	g.b[12] = (uint8_t)n;
	return g;
}

T_TEST(a_member_is_its_identity_and_its_revision)
{
	struct guid a = id_of(1), b = id_of(2);
	struct guid_set *s = NULL;
	struct err e = ERR_INIT;

	T_CALL(guid_set_open(&s, &e), &e);
	T_OK(!guid_set_has(s, &a, 0));
	T_CALL(guid_set_add(s, &a, 7, &e), &e);
	T_OK(guid_set_has(s, &a, 7));
	T_OK(!guid_set_has(s, &a, 0));
	T_OK(!guid_set_has(s, &a, 8));
	T_OK(!guid_set_has(s, &b, 7));
	guid_set_close(s);
}

T_TEST(members_come_back_once_and_in_their_order)
{
	struct guid_set *s = NULL;
	struct err e = ERR_INIT;
	unsigned i, n = 5000;

	T_CALL(guid_set_open(&s, &e), &e);
	for (i = 0; i < 2 * n; i++) {
		struct guid id = id_of(n - 1 - i % n);

		T_CALL(guid_set_add(s, &id, i % n % 3, &e), &e);
	}
	T_EQ(guid_set_count(s), n);
	for (i = 0; i < n; i++) {
		struct guid id, want = id_of(n - 1 - i);
		uint32_t revision;

		guid_set_get(s, i, &id, &revision);
		T_EQ(guid_cmp(&id, &want), 0);
		T_EQ(revision, i % 3);
		T_OK(guid_set_has(s, &want, i % 3));
		T_OK(!guid_set_has(s, &want, i % 3 + 1));
	}
	guid_set_close(s);
	guid_set_close(NULL);
}

T_TEST(many_revisions_of_one_update_are_members_each)
{
	struct guid id = id_of(1);
	struct guid_set *s = NULL;
	struct err e = ERR_INIT;
	uint32_t i;

	T_CALL(guid_set_open(&s, &e), &e);
	for (i = 0; i < 3000; i++)
		T_CALL(guid_set_add(s, &id, 2 * i, &e), &e);
	T_EQ(guid_set_count(s), 3000);
	for (i = 0; i < 6000; i++)
		T_EQ(guid_set_has(s, &id, i), i % 2 == 0);
	guid_set_close(s);
}

T_MAIN
