/* SPDX-License-Identifier: ISC */
#include "cmd/cmd.h"
#include "lib/base/err.h"
#include "lib/key/key.h"

static const char *const synopsis[] = {"new --out FILE.key",
    "list [--for PURPOSE] [-s DIR | -k DIR]",
    "trust [-n] [--for PURPOSE] [-s DIR | -k DIR] FILE.pub ...",
    "revoke [-n] [--for PURPOSE] [-s DIR | -k DIR] KEYID | FILE.pub ...", NULL};

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	struct key_opts o = {.out = NULL};
	const struct opt opts[] = {
	    {OPT_STR, 0, "out", &o.out, "FILE.key",
		"where new writes; FILE.pub comes beside it", NULL, 0, 0},
	    {OPT_STR, 0, "for", &o.purpose, "PURPOSE",
		"what a key may sign: transfers or receipts", NULL, 0, 0},
	    CMD_OPT_STORE(&c),
	    CMD_OPT_KEYS(&c),
	    CMD_OPT_DRY_RUN(&c),
	    CMD_OPT_TALK(&c),
	    CMD_OPT_END,
	};
	const struct opt_prog prog = {"wsusferry-key", synopsis,
	    "make signing keys; list, trust and revoke public ones", opts, 1,
	    -1};
	struct err e = ERR_INIT;
	int n = cmd_begin(&c, &prog, argc, argv), status = 0;

	o.words = (const char *const *)&argv[1];
	o.nwords = (size_t)n;
	o.store = c.store;
	o.trusted_keys = c.trusted_keys;
	o.dry_run = c.dry_run;
	o.log = &c.log;
	if (key_run(&o, &e) == -1)
		status = cmd_report(&c, NULL, &e);
	return cmd_finish(&c, status);
}
