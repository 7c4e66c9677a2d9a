/* SPDX-License-Identifier: ISC */
#include "cmd/cmd.h"
#include "lib/base/err.h"
#include "lib/offer/offer.h"

static const char *const synopsis[] = {
    "[-nqv] [-s STORE] [--yes] [--max-offers N] [RINGS]",
    "--diff [-qv] [-s STORE] [RINGS]",
    "--explain UPDATE [-qv] [-s STORE] [--client NAME] [RINGS]",
    "--check [-qv] [-s STORE]",
    "--rollback [-nqv] [-s STORE]",
    NULL,
};

/* What is read by one way of running alone. */
static void
refuse(struct cmd *c, const struct offer_opts *o)
{
	bool looks = o->diff || o->check || o->explain != NULL;

	cmd_refuse(
	    c, looks || o->rollback, "yes", "goes with a compilation alone");
	cmd_refuse(c, looks || o->rollback, "max-offers",
	    "goes with a compilation alone");
	cmd_refuse(
	    c, looks || o->rollback, "epoch", "goes with a compilation alone");
	cmd_refuse(c, o->check, "now", "does not go with --check");
}

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	struct offer_opts o = {.max_offers = OFFER_MAX_OFFERS};
	const struct opt opts[] = {
	    CMD_OPT_COMMON(&c),
	    CMD_OPT_DRY_RUN(&c),
	    {OPT_FLAG, 0, "diff", &o.diff, NULL,
		"what each ring gains, loses and changes", NULL, 0, 0},
	    {OPT_STR, 0, "explain", &o.explain, "UPDATE",
		"why it is or is not offered: a KB number, an id, or words of "
		"a title",
		NULL, 0, 0},
	    {OPT_STR, 0, "client", &o.client, "NAME",
		"explain: to this machine alone, by its name or address", NULL,
		0, 0},
	    {OPT_FLAG, 0, "check", &o.check, NULL,
		"read all snapshots and their texts again", NULL, 0, 0},
	    {OPT_FLAG, 0, "rollback", &o.rollback, NULL,
		"go back behind the newest snapshot, by a new one", NULL, 0, 0},
	    {OPT_FLAG, 0, "yes", &o.yes, NULL,
		"what a changed ring file brings is meant", NULL, 0, 0},
	    {OPT_NUM, 0, "max-offers", &o.max_offers, "N",
		"new offers that a changed ring file may bring without --yes",
		NULL, 0, UINT32_MAX},
	    {OPT_STR, 0, "now", &o.now, "TIME",
		"for delays and deadlines, in UTC; else the clock's", NULL, 0,
		0},
	    {OPT_NUM, 0, "epoch", &o.epoch, "N",
		"of a first snapshot; else drawn", NULL, 1, UINT32_MAX},
	    CMD_OPT_END,
	};
	const struct opt_prog prog = {
	    .name = "wsusferry-offer",
	    .synopsis = synopsis,
	    .purpose = "compile what Windows clients are offered",
	    .opts = opts,
	    .min_args = 0,
	    .max_args = 1,
	};
	struct err e = ERR_INIT;
	int n = cmd_begin(&c, &prog, argc, argv), status = 0;

	refuse(&c, &o);
	o.store = c.store;
	o.rings = n == 1 ? argv[1] : NULL;
	o.dry_run = c.dry_run;
	o.jobs = (unsigned)c.jobs;
	o.log = &c.log;
	if (offer_run(&o, &e) == -1)
		status = cmd_report(&c, NULL, &e);
	return cmd_finish(&c, status);
}
