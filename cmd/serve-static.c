/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "cmd/cmd.h"
#include "lib/base/err.h"
#include "lib/serve/serve.h"

static const char *const synopsis[] = {
    "[-qv] [--listen WHERE ...] [--workers N] [-s STORE]",
    NULL,
};

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	struct serve_opts o = {.store = NULL};
	struct opt_list listen = {.n = 0}, tls_listen = {.n = 0};
	uint64_t workers = 0, conns = SERVE_CONNS, conns_ip = SERVE_CONNS_IP;
	const struct opt opts[] = {
	    CMD_OPT_STORE(&c),
	    CMD_OPT_TALK(&c),
	    {OPT_LIST, 0, "listen", &listen, "WHERE",
		"HOST:PORT, unix:PATH; 127.0.0.1:8530 unless given", NULL, 0,
		0},
	    {OPT_LIST, 0, "tls-listen", &tls_listen, "WHERE",
		"the same, by TLS; not without a plain one", NULL, 0, 0},
	    {OPT_STR, 0, "tls-cert", &o.tls_cert, "FILE",
		"certificate and what leads to its authority, PEM", NULL, 0, 0},
	    {OPT_STR, 0, "tls-key", &o.tls_key, "FILE", "its key, PEM", NULL, 0,
		0},
	    {OPT_STR, 0, "user", &o.user, "NAME",
		"become that user once it listens", NULL, 0, 0},
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
	o.listen = listen.v;
	o.nlisten = listen.n;
	o.tls_listen = tls_listen.v;
	o.ntls_listen = tls_listen.n;
	o.workers = (unsigned)workers;
	o.max_conns = (unsigned)conns;
	o.max_conns_ip = (unsigned)conns_ip;
	o.log = &c.log;
	if (serve_run(&o, &e) == -1)
		status = cmd_report(&c, NULL, &e);
	return cmd_finish(&c, status);
}
