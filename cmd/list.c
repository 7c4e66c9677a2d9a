/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "cmd/cmd.h"
#include "lib/base/err.h"
#include "lib/base/term.h"
#include "lib/list/list.h"

static const char *const synopsis[] = {
    "[-qv] [--csv|--json] [-s STORE] "
    "updates|categories|files|lacking|transfers",
    "[-qv] [--csv|--json] [-s STORE] [--since DATE] [--transfer N] arrived",
    "[-qv] [--csv|--json] [-s STORE] --state DIR wanted",
    "[-qv] [--json|--qr|--svg] [-s STORE] [--receipt FILE] receipt",
    NULL,
};

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	struct list_opts o = {.csv = false};
	const struct opt opts[] = {
	    CMD_OPT_STORE(&c),
	    CMD_OPT_TALK(&c),
	    {OPT_FLAG, 0, "absent", &o.absent, NULL,
		"files: those alone that are not there", NULL, 0, 0},
	    {OPT_FLAG, 0, "all-revisions", &o.all_revisions, NULL,
		"updates: every revision, not the newest of each", NULL, 0, 0},
	    {OPT_FLAG, 0, "csv", &o.csv, NULL,
		"for spreadsheets: RFC 4180, UTF-8", NULL, 0, 0},
	    {OPT_FLAG, 0, "policy-lines", &o.policy_lines, NULL,
		"categories: as lines for a policy", NULL, 0, 0},
	    {OPT_STR, 0, "receipt", &o.receipt, "FILE",
		"receipt: that one, - for standard input; else the last one",
		NULL, 0, 0},
	    {OPT_FLAG, 0, "qr", &o.qr, NULL, "receipt: as a QR code", NULL, 0,
		0},
	    {OPT_FLAG, 0, "svg", &o.svg, NULL,
		"receipt: as a QR code, a picture in SVG", NULL, 0, 0},
	    {OPT_STR, 0, "since", &o.since, "DATE",
		"arrived: on that day or later", NULL, 0, 0},
	    {OPT_NUM, 0, "transfer", &o.transfer, "N",
		"arrived: with the transfer of that number", NULL, 1,
		INT64_MAX},
	    {OPT_STR, 0, "state", &o.state, "DIR",
		"wanted: the folder of a server's state", NULL, 0, 0},
	    CMD_OPT_END,
	};
	const struct opt_prog prog = {
	    .name = "wsusferry-list",
	    .synopsis = synopsis,
	    .purpose = "show what a store holds",
	    .opts = opts,
	    .min_args = 1,
	    .max_args = 1,
	};
	struct err e = ERR_INIT;
	int status = 0;

	c.reads_only = true;
	(void)cmd_begin(&c, &prog, argc, argv);
	o.store = c.store;
	o.what = argv[1];
	o.verbose = c.verbose;
	o.columns = term_columns(STDOUT_FILENO); /* cut for these only */
	if (o.qr || o.svg)
		o.columns = 0; /* what is cut is no code */
	o.log = &c.log;
	if (list_run(&o, &e) == -1)
		status = cmd_report(&c, NULL, &e);
	return cmd_finish(&c, status);
}
