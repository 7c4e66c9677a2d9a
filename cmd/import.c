/* SPDX-License-Identifier: ISC */
#include "cmd/cmd.h"
#include "lib/base/err.h"
#include "lib/import/import.h"
#include "lib/offer/offer.h"

static const char *const synopsis[] = {
    "[-nqv] [-k PATH] [--keep-held] [-s STORE] [--sign-key FILE] "
    "[--receipt-to DIR] [--offer RINGS] TRANSFER",
    "--receipt-now --sign-key FILE [-nqv] [--receipt-to DIR] [-s STORE]",
    "--receipt FILE|- [-nqv] [-k PATH] [-s STORE] [--destination NAME]",
    "--unsigned [-nqv] [--content DIR] [--keep-held] [-s STORE] PACKAGE.cab "
    "...",
    NULL,
};

/* Receipts, of either side. */
#define RECEIPT_OPTS(o)                                                        \
	{OPT_STR, 0, "sign-key", &(o)->sign_key, "FILE",                       \
	    "the secret key that signs the receipt of a transfer", NULL, 0,    \
	    0},                                                                \
	    {OPT_STR, 0, "receipt", &(o)->receipt, "FILE",                     \
		"take the receipt that came back; - for standard input", NULL, \
		0, 0},                                                         \
	    {OPT_STR, 0, "destination", &(o)->destination, "NAME",             \
		"whose receipt it is, where the transfer does not say", NULL,  \
		0, 0},                                                         \
	    CMD_FLAG("receipt-now", &(o)->receipt_now,                         \
		"import nothing: say anew what is held, by receipts"),         \
	{                                                                      \
		OPT_STR, 0, "receipt-to", &(o)->receipt_to, "DIR",             \
		    "one more copy of the receipt goes there", NULL, 0, 0      \
	}

/* What is read of one kind of input alone. */
static void
refuse(struct cmd *c, const struct import_opts *o)
{
	static const char *const of_transfers[] = {"unsigned", "content",
	    "allow-rollback", "keep-held", "link", "receipt-to", "site",
	    "receipt-now"};
	static const char *const of_input[] = {"unsigned", "content",
	    "allow-rollback", "keep-held", "link", "site", "offer",
	    "trusted-keys", "destination"};

	for (size_t i = 0; i < sizeof(of_transfers) / sizeof(*of_transfers);
	     i++)
		cmd_refuse(c, o->receipt != NULL, of_transfers[i],
		    "does not go with --receipt");
	for (size_t i = 0; i < sizeof(of_input) / sizeof(*of_input); i++)
		cmd_refuse(c, o->receipt_now, of_input[i],
		    "does not go with --receipt-now, which imports nothing");
	cmd_refuse(c, o->receipt != NULL, "offer",
	    "goes with what brings updates; a receipt does not");
	cmd_refuse(c, c->dry_run, "offer",
	    "does not go with --dry-run: nothing comes in");
	cmd_refuse(c, o->is_unsigned, "trusted-keys",
	    "goes with a transfer; what wsusutil wrote has no signature");
	cmd_refuse(c, o->is_unsigned, "sign-key",
	    "goes with a transfer; what wsusutil wrote gets no receipt");
	cmd_refuse(c, o->is_unsigned, "receipt-to",
	    "goes with a transfer; what wsusutil wrote gets no receipt");
	cmd_refuse(c, o->is_unsigned, "allow-rollback",
	    "goes with a transfer; what wsusutil wrote has no number");
}

/* What came in is offered, too, where a ring file says to whom; the worse of
   the two counts.  A ring file that cannot be read is told first. */
static int
run(struct cmd *c, const struct import_opts *o, const char *rings)
{
	const struct offer_opts then = {.store = o->store,
	    .rings = rings,
	    .max_offers = OFFER_MAX_OFFERS,
	    .jobs = o->jobs,
	    .log = o->log};
	struct err e = ERR_INIT;

	if ((rings != NULL && offer_try_rings(rings, &e) == -1) ||
	    import_run(o, &e) == -1 ||
	    (rings != NULL && offer_run(&then, &e) == -1))
		return cmd_report(c, NULL, &e);
	return 0;
}

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	struct import_opts o = {.site = NULL};
	const char *rings = NULL;
	const struct opt opts[] = {
	    CMD_OPT_COMMON(&c),
	    CMD_OPT_KEYS(&c),
	    CMD_OPT_DRY_RUN(&c),
	    {OPT_FLAG, 0, "unsigned", &o.is_unsigned, NULL,
		"take packages that wsusutil wrote", NULL, 0, 0},
	    {OPT_STR, 0, "content", &o.content, "DIR",
		"the WsusContent folder that belongs to the packages", NULL, 0,
		0},
	    {OPT_FLAG, 0, "allow-rollback", &o.allow_rollback, NULL,
		"take a transfer that is older, or of a store set back", NULL,
		0, 0},
	    {OPT_FLAG, 0, "keep-held", &o.keep_held, NULL,
		"keep revisions held with another document, take the rest",
		NULL, 0, 0},
	    {OPT_FLAG, 0, "link", &o.link, NULL,
		"link payload instead of copying it, where possible", NULL, 0,
		0},
	    RECEIPT_OPTS(&o),
	    {OPT_STR, 0, "site", &o.site, "NAME",
		"name of the site, when the store is made", NULL, 0, 0},
	    {OPT_STR, 0, "offer", &rings, "RINGS",
		"then compile what clients are offered, by that ring file",
		NULL, 0, 0},
	    {OPT_STR, 0, "log", &o.log_path, "FILE",
		"append events here, not to STORE/import.log", NULL, 0, 0},
	    CMD_OPT_END,
	};
	const struct opt_prog prog = {
	    .name = "wsusferry-import",
	    .synopsis = synopsis,
	    .purpose = "take a transfer, or packages of wsusutil, into a store",
	    .opts = opts,
	    .min_args = 0,
	    .max_args = -1,
	};
	int n = cmd_begin(&c, &prog, argc, argv);

	refuse(&c, &o);
	o.store = c.store;
	o.paths = (const char *const *)&argv[1];
	o.npaths = (size_t)n;
	o.trusted_keys = c.trusted_keys;
	o.dry_run = c.dry_run;
	o.jobs = (unsigned)c.jobs;
	o.log = &c.log;
	return cmd_finish(&c, run(&c, &o, rings));
}
