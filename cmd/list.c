/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "cmd/cmd.h"
#include "lib/base/err.h"
#include "lib/base/term.h"
#include "lib/list/list.h"

#define LIMIT(name, to, help, max)                                             \
	{                                                                      \
		OPT_NUM, 0, name, to, "N", "status: " help " unless given",    \
		    NULL, 0, max                                               \
	}
#define DAYS(name, to, help) LIMIT(name, to, help, 36500)
#define LIMITS(l)                                                              \
	DAYS("release-days", &(l)->release_days,                               \
	    "behind a second Tuesday; 10"),                                    \
	    DAYS("transfer-days", &(l)->transfer_days,                         \
		"without a transfer; 35"),                                     \
	    DAYS("receipt-days", &(l)->receipt_days,                           \
		"sent without a receipt; 35"),                                 \
	    DAYS("fetch-days", &(l)->fetch_days, "without a fetch; 2"),        \
	    LIMIT("room-times", &(l)->room_times,                              \
		"room for so many last transfers; 2", 1000)

static const char *const synopsis[] = {
    "[-qv] [--csv|--json] [-s STORE] "
    "updates|categories|files|lacking|offers|transfers",
    "[-qv] [--csv|--json] [-s STORE] [--since DATE] [--transfer N] arrived",
    "[-qv] [--csv|--json] [-s STORE] --state DIR wanted",
    "[-qv] [--json|--qr|--svg] [-s STORE] [--receipt FILE] receipt",
    "[-qv] [--json] [-s STORE] show KB|GUID|DIGEST|FILE",
    "[-qv] [--csv|--json] [-s STORE] [--state DIR] status",
    NULL,
};

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	struct list_opts o = {.limits = STATUS_LIMITS};
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
		"wanted, status: the folder of a server's state", NULL, 0, 0},
	    LIMITS(&o.limits),
	    CMD_OPT_END,
	};
	const struct opt_prog prog = {
	    .name = "wsusferry-list",
	    .synopsis = synopsis,
	    .purpose = "show what a store holds",
	    .opts = opts,
	    .min_args = 1,
	    .max_args = 2,
	};
	struct err e = ERR_INIT;
	int n, status = 0;

	c.reads_only = true;
	n = cmd_begin(&c, &prog, argc, argv);
	o.store = c.store;
	o.what = argv[1];
	o.of = n > 1 ? argv[2] : NULL;
	o.verbose = c.verbose;
	o.columns = term_columns(STDOUT_FILENO); /* cut for these only */
	if (o.qr || o.svg)
		o.columns = 0; /* what is cut is no code */
	o.log = &c.log;
	if (list_run(&o, &e) == -1)
		status = cmd_report(&c, NULL, &e);
	return cmd_finish(&c, status);
}
