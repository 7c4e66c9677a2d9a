/* SPDX-License-Identifier: ISC */
#include "cmd/cmd.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/stop.h"
#include "lib/base/words.h"
#include "lib/verify/verify.h"

static const char *const synopsis[] = {
    "[-qv] [--glance] [-j N] [-k PATH] [-p POLICY] [-s STORE] [--json] PATH "
    "...",
    NULL,
};

/* What was not read to its end is neither good nor bad. */
static const char *
verdict(int status, bool faults, bool glanced)
{
	if (status == 0 && glanced)
		return "good so far as was looked: no payload was read";
	if (status == 0)
		return "all good";
	if (status == err_status(E_PARTIAL))
		return "good, but not complete, see above";
	if (!faults && status == err_status(E_STOP))
		return "stopped, nothing bad so far";
	if (!faults &&
	    (status == err_status(E_SYS) || status == err_status(E_BUSY)))
		return "not finished, nothing bad so far";
	return "NOT good, see above";
}

static void
summarize(struct cmd *c, int n, int status, bool glanced)
{
	struct json j = JSON_INIT;

	status = err_worst(status, c->log.worst);
	json_begin(&j);
	json_str(&j, "type", "summary");
	json_num(&j, "paths", (uint64_t)n);
	json_num(&j, "faults", c->log.findings);
	json_num(&j, "status", (uint64_t)status);
	log_summary(&c->log, &j, "%s: %s", words_count((uint64_t)n, "path").s,
	    verdict(status, c->log.findings != 0, glanced));
	json_free(&j);
}

/* What none of the paths had a use for. */
static void
tell_unused(struct cmd *c, const struct verify_seen *seen)
{
	const struct {
		const char *name;
		bool used;
		const char *kind;
	} rows[] = {{"content", seen->package, "package"},
	    {"glance", seen->transfer, "transfer"},
	    {"policy", seen->store, "store"}, {"quick", seen->store, "store"},
	    {"rebuild-check", seen->store, "store"},
	    {"store", seen->transfer, "transfer"},
	    {"trusted-keys", seen->transfer, "transfer"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!rows[i].used && opt_given(c->prog, &c->opt, rows[i].name))
			log_event(&c->log, LOG_WARN, NULL,
			    "--%s was of no use: none of the paths is a %s",
			    rows[i].name, rows[i].kind);
}

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	struct verify_seen seen = {.store = false};
	struct verify_opts o = {.seen = &seen};
	bool rebuild_check; /* as it is without --quick: scripts say so */
	const struct opt opts[] = {
	    CMD_OPT_COMMON(&c),
	    CMD_OPT_KEYS(&c),
	    {OPT_STR, 0, "content", &o.content, "DIR",
		"packages: the WsusContent folder that belongs to them", NULL,
		0, 0},
	    {OPT_FLAG, 0, "glance", &o.glance, NULL,
		"transfers: signature and tag files alone", NULL, 0, 0},
	    {OPT_STR, 'p', "policy", &o.policy, "FILE",
		"stores: only what it wants must be here", NULL, 0, 0},
	    {OPT_FLAG, 0, "quick", &o.quick, NULL,
		"stores: believe what follows from the documents", NULL, 0, 0},
	    {OPT_FLAG, 0, "rebuild-check", &rebuild_check, NULL,
		"stores: the default, not --quick", NULL, 0, 0},
	    CMD_OPT_END,
	};
	const struct opt_prog prog = {
	    .name = "wsusferry-verify",
	    .synopsis = synopsis,
	    .purpose = "check transfers, packages, cabinets and stores",
	    .opts = opts,
	    .min_args = 1,
	    .max_args = -1,
	};
	struct err e = ERR_INIT;
	int n, status = 0;

	c.reads_only = true;
	n = cmd_begin(&c, &prog, argc, argv);
	o.store = c.store;
	o.trusted_keys = c.trusted_keys;
	o.jobs = (unsigned)c.jobs;
	o.log = &c.log;
	o.paths = (const char *const *)&argv[1];
	o.npaths = (size_t)n;
	for (int i = 1; i <= n && !stop_asked(); i++)
		if (verify_run(&o, argv[i], &e) == -1)
			status = err_worst(status, cmd_report(&c, argv[i], &e));
	tell_unused(&c, &seen);
	summarize(&c, n, status, o.glance && seen.transfer);
	return cmd_finish(&c, status);
}
