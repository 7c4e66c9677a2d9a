/* SPDX-License-Identifier: ISC */
#include "lib/list/list.h"

#include <unistd.h>

#include "lib/base/log.h"
#include "tests/list_say.h"
#include "tests/offer_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static void
lists(const struct offer_rig *r, const char *want)
{
	struct log log = LOG_INIT;
	struct list_opts o = {.store = r->dir, .what = "offers", .log = &log};
	char *got;

	log.prog = "list";
	log.quiet = true;
	got = list_say(&o);
	T_STR(got, want);
	free(got);
}

static void
world(struct offer_rig *r)
{
	om_world(r, OM_PILOT "deadline = 2\ndelay = 5\n");
	om_one(r, 14, 1, true);
	T_EQ(om_do(r, "yes"), 1);
	/* Its file set is new. */
	om_one(r, 15, 1, true);
	om_at(r, OM_NOW + OM_DAY);
	T_EQ(om_do(r, "yes"), 1);
}

T_TEST(offers_are_told_by_ring_and_state)
{
	struct offer_rig r;

	world(&r);
	lists(&r,
	    "pilot        offered    install   2024-10-04 "
	    "2024-10-06T00:00:00Z KB5000014 update 14\n"
	    "pilot        offered    install   2024-10-04 "
	    "2024-10-06T00:00:00Z KB5000010 update 10\n"
	    "pilot        offered    install   2024-10-04 "
	    "2024-10-06T00:00:00Z KB5000012 update 12\n"
	    "pilot        waiting    delay     -          -                    "
	    "KB5000015 update 15\n"
	    "pilot        incomplete absent    -          -                    "
	    "KB5000011 update 11\n"
	    "default      watched    watch     -          -                    "
	    "KB5000014 update 14\n"
	    "default      watched    watch     -          -                    "
	    "KB5000010 update 10\n"
	    "default      watched    watch     -          -                    "
	    "KB5000011 update 11\n"
	    "default      watched    watch     -          -                    "
	    "KB5000012 update 12\n"
	    "default      watched    watch     -          -                    "
	    "KB5000015 update 15\n");
}

/* The line of that text alone. */
static char *
line_of(char *text, const char *part)
{
	char *at = strstr(text, part), *end;

	if (at == NULL)
		return text;
	while (at > text && at[-1] != '\n')
		at--;
	if ((end = strchr(at, '\n')) != NULL)
		*end = '\0';
	return at;
}

static void
line_is(const struct offer_rig *r, bool csv, const char *part, const char *want)
{
	struct log log = LOG_INIT;
	struct list_opts o = {
	    .store = r->dir, .what = "offers", .csv = csv, .log = &log};
	char *got;

	log.prog = "list";
	log.quiet = true;
	log.json = !csv;
	got = list_say(&o);
	T_STR(line_of(got, part), want);
	free(got);
}

T_TEST(scripts_get_every_column)
{
	struct offer_rig r;
	char id[GUID_LEN + 1], want[500];
	struct guid g = make_guid(15), h = make_guid(10);

	world(&r);
	guid_write(id, &g);
	snprintf(want, sizeof(want),
	    "{\"type\":\"offer\",\"ring\":\"pilot\",\"state\":\"waiting\","
	    "\"action\":\"watch\",\"withheld\":\"delay\",\"id\":\"%s\","
	    "\"revision\":1,\"kb\":\"5000015\",\"title\":\"update 15\","
	    "\"since\":null,\"deadline\":null,\"changed\":2}",
	    id);
	line_is(&r, false, "\"waiting\"", want);
	guid_write(id, &h);
	snprintf(want, sizeof(want),
	    "pilot,offered,install,,%s,1,5000010,update 10,2024-10-04,"
	    "2024-10-06T00:00:00Z,1\r",
	    id);
	line_is(&r, true, "update 10", want);
	line_is(&r, true, "Ring",
	    "\xef\xbb\xbfRing,State,Action,Withheld,UpdateID,Revision,KB,Title,"
	    "Since,Deadline,Changed\r");
}

T_TEST(without_an_offer_that_is_said)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	struct offer_rig r;
	struct list_opts o = {.what = "offers", .log = &log};

	log.prog = "list";
	log.quiet = true;
	om_setup(&r, NULL);
	o.store = r.dir;
	T_FAILS(list_run(&o, &e), &e, E_MISSING, "nothing is offered yet");
}

T_MAIN
