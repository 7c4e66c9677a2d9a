/* SPDX-License-Identifier: ISC */
#include "formats/package.h"

#include "tests/t.h"

T_TEST(enabled_languages_are_named_by_their_short_names)
{
	struct err e = ERR_INIT;
	struct package_enabled en;
	int n = 0;

	T_CALL(package_enabled_read(&en, "all", &e), &e);
	for (int i = 0; i < PACKAGE_NLANGS; i++)
		n += en.on[i];
	T_EQ(n, 1);
	T_EQ(en.on[0], true);
	T_CALL(package_enabled_read(&en, "en,zh-hk,en", &e), &e);
	T_EQ(en.on[0], false);
	T_EQ(en.on[8], true);
	T_EQ(en.on[37], true);
	T_FAILS(package_enabled_read(&en, "en,xx", &e), &e, E_USAGE,
	    "unknown language 'xx'");
	T_FAILS(package_enabled_read(&en, "", &e), &e, E_USAGE, "''");
	T_FAILS(package_enabled_read(&en, "en,", &e), &e, E_USAGE, "''");
	T_FAILS(package_enabled_read(&en, "EN", &e), &e, E_USAGE, "'EN'");
	T_FAILS(package_enabled_read(&en, "en,all", &e), &e, E_USAGE,
	    "'all' stands alone");
}

T_TEST(the_rows_of_languages_ascend)
{
	for (int i = 1; i < PACKAGE_NLANGS; i++)
		T_OK(package_langs[i - 1].id < package_langs[i].id);
	T_EQ(package_langs[PACKAGE_NLANGS - 1].id, 66577);
}

T_MAIN
