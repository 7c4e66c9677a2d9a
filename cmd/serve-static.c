/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "cmd/cmd.h"
#include "lib/base/err.h"
#include "lib/serve/serve.h"

static const char *const synopsis[] = {
    "[-qv] [--listen WHERE ...] [--workers N] [-s STORE]",
    NULL,
};

struct given {
	struct serve_opts o;
	struct opt_list listen, tls_listen, admin, allow;
	uint64_t workers, conns, conns_ip;
};

#define OPT_WHERE(g)                                                           \
	{OPT_LIST, 0, "listen", &(g)->listen, "WHERE",                         \
	    "HOST:PORT, unix:PATH; 127.0.0.1:8530 unless given", NULL, 0, 0},  \
	    {OPT_LIST, 0, "tls-listen", &(g)->tls_listen, "WHERE",             \
		"the same, by TLS; not without a plain one", NULL, 0, 0},      \
	    {OPT_STR, 0, "tls-cert", &(g)->o.tls_cert, "FILE",                 \
		"certificate and what leads to its authority, PEM", NULL, 0,   \
		0},                                                            \
	{                                                                      \
		OPT_STR, 0, "tls-key", &(g)->o.tls_key, "FILE",                \
		    "its key, PEM", NULL, 0, 0                                 \
	}
#define OPT_LIMITS(g)                                                          \
	{OPT_STR, 0, "user", &(g)->o.user, "NAME",                             \
	    "become that user once it listens", NULL, 0, 0},                   \
	    {OPT_NUM, 0, "workers", &(g)->workers, "N",                        \
		"threads; one for each processor unless given", NULL, 1, 64},  \
	    {OPT_NUM, 0, "connections", &(g)->conns, "N",                      \
		"connections at a time; 4096 unless given", NULL, 1, 65536},   \
	{                                                                      \
		OPT_NUM, 0, "connections-per-client", &(g)->conns_ip, "N",     \
		    "of these from one address; 256 unless given", NULL, 1,    \
		    65536                                                      \
	}
#define OPT_WATCH(g)                                                           \
	{OPT_LIST, 0, "admin", &(g)->admin, "WHERE",                           \
	    "tell /metrics and /healthz there", NULL, 0, 0},                   \
	    {OPT_STR, 0, "access-log", &(g)->o.access_log, "FILE",             \
		"a line for each answer; - for standard output", NULL, 0, 0},  \
	    {OPT_FLAG, 0, "access-log-json", &(g)->o.access_json, NULL,        \
		"these as JSON, not in the combined format", NULL, 0, 0},      \
	    {OPT_LIST, 0, "allow", &(g)->allow, "NET",                         \
		"answer this network; everybody unless given", NULL, 0, 0},    \
	{                                                                      \
		OPT_NUM, 0, "rate", &(g)->o.rate, "N",                         \
		    "requests a second of one client; no limit unless given",  \
		    NULL, 1, 1000000                                           \
	}
#define OPT_MORE(g)                                                            \
	{OPT_STR, 0, "state", &(g)->o.state, "DIR",                            \
	    "keep here what clients asked for and did not get", NULL, 0, 0},   \
	    {OPT_STR, 0, "wsusscn2", &(g)->o.scan_cab, "FILE",                 \
		"serve this file as /wsusscn2.cab", NULL, 0, 0},               \
	{                                                                      \
		OPT_STR, 0, "self-update", &(g)->o.self_update, "DIR",         \
		    "serve this folder as /SelfUpdate", NULL, 0, 0             \
	}

static void
fill_opts(struct given *g, struct cmd *c)
{
	struct serve_opts *o = &g->o;

	o->store = c->store;
	o->listen = g->listen.v;
	o->nlisten = g->listen.n;
	o->tls_listen = g->tls_listen.v;
	o->ntls_listen = g->tls_listen.n;
	o->admin = g->admin.v;
	o->nadmin = g->admin.n;
	o->allow = g->allow.v;
	o->nallow = g->allow.n;
	cmd_refuse(c, o->access_log == NULL && o->access_json,
	    "access-log-json", "goes with --access-log");
	o->workers = (unsigned)g->workers;
	o->max_conns = (unsigned)g->conns;
	o->max_conns_ip = (unsigned)g->conns_ip;
	o->log = &c->log;
}

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	struct given g = {.conns = SERVE_CONNS, .conns_ip = SERVE_CONNS_IP};
	const struct opt opts[] = {
	    CMD_OPT_STORE(&c),
	    CMD_OPT_TALK(&c),
	    OPT_WHERE(&g),
	    OPT_LIMITS(&g),
	    OPT_WATCH(&g),
	    OPT_MORE(&g),
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
	fill_opts(&g, &c);
	if (serve_run(&g.o, &e) == -1)
		status = cmd_report(&c, NULL, &e);
	return cmd_finish(&c, status);
}
