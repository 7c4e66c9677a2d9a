/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include "lib/base/cur.h"

T_TEST(a_short_read_is_sticky)
{
	static const uint8_t in[] = {1, 2, 3};
	struct err e = ERR_INIT;
	struct cur c;

	cur_init(&c, in, sizeof(in));
	T_EQ(cur_le16(&c), 0x201);
	T_EQ(cur_le16(&c), 0);
	T_EQ(cur_u8(&c), 0);
	T_FAILS(cur_check(&c, "head", &e), &e, E_FORMAT, "head: cut short");
}

T_MAIN
