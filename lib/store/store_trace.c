/* SPDX-License-Identifier: ISC */
/* WSUSFERRY_TRACE=sql: statements as they were written, their values not. */
#include "lib/store/store_db.h"

#include <inttypes.h>

#include "lib/base/trace.h"

static int
see_statement(unsigned what, void *arg, void *stmt, void *ns)
{
	const sqlite3_int64 *took = ns;

	(void)what, (void)arg;
	trace_line(TRACE_SQL, "%" PRId64 " us: %s", (int64_t)*took / 1000,
	    sqlite3_sql(stmt));
	return 0;
}

void
store_trace(sqlite3 *db)
{
	if (trace_on(TRACE_SQL))
		(void)sqlite3_trace_v2(
		    db, SQLITE_TRACE_PROFILE, see_statement, NULL);
}
