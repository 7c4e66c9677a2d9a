/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "cmd/cmd.h"
#include "lib/base/err.h"
#include "lib/serve/serve.h"

static const char *const synopsis[] = {
    "[-qv] [--listen HOST:PORT] [--workers N] [-s STORE]",
    NULL,
};

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	struct serve_opts o = {.listen = SERVE_LISTEN};
	uint64_t workers = 0, conns = SERVE_CONNS, conns_ip = SERVE_CONNS_IP;
	const struct opt opts[] = {
	    CMD_OPT_STORE(&c),
	    CMD_OPT_TALK(&c),
	    {OPT_STR, 0, "listen", &o.listen, "HOST:PORT",
		"where to listen; 127.0.0.1:8530 unless given", NULL, 0, 0},
	    {OPT_NUM, 0, "workers", &workers, "N",
		"threads; one for each processor unless given", NULL, 1, 64},
	    {OPT_NUM, 0, "connections", &conns, "N",
		"connections at a time; 4096 unless given", NULL, 1, 65536},
	    {OPT_NUM, 0, "connections-per-client", &conns_ip, "N",
		"of these from one address; 256 unless given", NULL, 1, 65536},
	    CMD_OPT_END,
	};
	const struct opt_prog prog = {
	    .name = "wsusferry-serve-static",
	    .synopsis = synopsis,
	    .purpose = "serve a store's payload over HTTP, read-only",
	    .opts = opts,
	    .min_args = 0,
	    .max_args = 0,
	};
	struct err e = ERR_INIT;
	int status = 0;

	(void)cmd_begin(&c, &prog, argc, argv);
	/* With --json the address comes there, and somebody waits for it. */
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	o.store = c.store;
	o.workers = (unsigned)workers;
	o.max_conns = (unsigned)conns;
	o.max_conns_ip = (unsigned)conns_ip;
	o.log = &c.log;
	if (serve_run(&o, &e) == -1)
		status = cmd_report(&c, NULL, &e);
	return cmd_finish(&c, status);
}
