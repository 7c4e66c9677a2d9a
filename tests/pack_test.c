/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <unistd.h>

#include "formats/package.h"
#include "lib/store/plan.h"
#include "lib/store/store.h"
#include "lib/transfer/intake.h"
#include "lib/transfer/pack.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"

MAKE_IN_MEMORY

/* Files are found by their rows, in an array. */
T_TEST(a_file_in_a_damaged_row_is_refused)
{
	static const char *const rows[] = {
	    "-5", "268435456", "4611686018427387903", "9223372036854775807"};
	const struct selection all = {.n = 0};
	const struct package_head head = {.created = 0};
	const struct package_enabled none = {.on = {false}};
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *dir = rig_filled();
		struct plan plan = PLAN_INIT;
		struct pack p = PACK_INIT;
		struct store *s = NULL;
		char sql[160];
		int scratch = -1;

		snprintf(sql, sizeof(sql),
		    "UPDATE file SET row = %s; UPDATE rev_file SET file = %s",
		    rows[i], rows[i]);
		rig_sql(dir, sql);
		T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
		T_CALL(plan_make(&plan, s, &all, NULL, NULL, &e), &e);
		T_CALL(intake_scratch(&scratch, &e), &e);
		T_FAILS(pack_make(&p, s, &plan, &head, &none, 0, scratch, &e),
		    &e, E_FORMAT, "is damaged: expected 0 to 268435455");
		pack_free(&p);
		plan_free(&plan);
		store_close(s);
		close(scratch);
	}
}

T_MAIN
