/* SPDX-License-Identifier: ISC */
/* What the upstream approved, and a store keeps. */
#include <stdarg.h>
#include <unistd.h>

#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/select_say.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* --- the upstream --- */

#define GROUP "00000000-0000-0000-0000-0000000000aa"
#define OTHER "00000000-0000-0000-0000-0000000000bb"

static void __attribute__((format(printf, 2, 3)))
say(struct store *s, const char *fmt, ...)
{
	struct err e = ERR_INIT;
	char line[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	T_CALL(store_put_state(s, line, strlen(line), &e), &e);
}

static void
approve(struct store *s, unsigned id, uint32_t revision, const char *action,
    const char *group, const char *more)
{
	struct guid g = make_guid(id);
	char hex[GUID_LEN + 1];

	guid_write(hex, &g);
	say(s,
	    "{\"t\":\"approval\",\"id\":\"%s\",\"revision\":%u,"
	    "\"action\":\"%s\",\"group\":\"%s\"%s}",
	    hex, revision, action, group, more);
}

T_TEST(what_the_upstream_approved_for_a_group)
{
	struct store *s = select_catalogue();

	say(s,
	    "{\"t\":\"approval\",\"group\":\"" GROUP
	    "\",\"name\":\"Pilot PCs\"}");
	say(s,
	    "{\"t\":\"approval\",\"group\":\"" OTHER "\",\"name\":\"Others\"}");
	approve(s, 100, 1, "install", GROUP, "");
	approve(s, 100, 1, "uninstall", OTHER, "");
	approve(s, 101, 1, "install", GROUP,
	    ",\"deadline\":\"1970-01-02T00:00:01\",\"assigned\":false");
	approve(s, 102, 1, "install", GROUP, "");
	approve(s, 102, 2, "uninstall", GROUP,
	    ",\"deadline\":\"1970-01-02T00:00:02.0000000Z\"");
	approve(s, 103, 10, "scan", GROUP, "");
	approve(s, 103, 9, "install", GROUP, "");
	approve(s, 104, 1, "install", GROUP, "");
	say(s,
	    "{\"t\":\"approval\",\"id\":"
	    "\"" SELECT_ID104 "\","
	    "\"action\":\"decline\"}");
	approve(s, 105, 1, "7", GROUP, "");
	approve(s, 800, 1, "install", GROUP, ""); /* not held */
	make_commit(s);
	T_STR(select_say(s,
		  "ring = a\napprove-upstream = pilot pcs\n"
		  "ring = b\napprove-upstream = " OTHER "\n"
		  "ring = c\ninherit = a\n"
		  "ring = d\n"),
	    "a: nothing +100 ?101@86401 !102@86402 -103 x104 -105\n"
	    "b: nothing !100 x104\n"
	    "c: nothing +100 ?101@86401 !102@86402 -103 x104 -105\n"
	    "d: nothing\n");
	T_STR(select_behind(choose_said),
	    "t: warning: /rings.conf: 1 of the upstream's approvals have an "
	    "action or "
	    "a deadline that is not known here, and do without\n");
	T_STR(select_say(s, "ring = a\napprove-upstream = Pilot PC\n"),
	    "a: nothing x104\n");
	T_STR(select_behind(choose_said),
	    "t: warning: /rings.conf: ring 'a': approve-upstream: no group "
	    "'Pilot PC' "
	    "of the upstream is known, nearest is 'Pilot PCs'\n"
	    "t: warning: /rings.conf: 1 of the upstream's approvals have an "
	    "action or "
	    "a deadline that is not known here, and do without\n");
	store_close(s);
}

T_TEST(without_approvals_fetch_is_named)
{
	struct store *s = select_catalogue();

	make_commit(s);
	T_STR(
	    select_say(s, "ring = a\napprove-upstream = G\n"), "a: nothing\n");
	T_STR(select_behind(choose_said),
	    "t: warning: /rings.conf: ring 'a': approve-upstream: no group 'G' "
	    "of the "
	    "upstream is known; 'wsusferry-fetch --copy-approvals' brings "
	    "them\n");
	store_close(s);
}

T_MAIN
