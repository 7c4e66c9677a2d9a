/* SPDX-License-Identifier: ISC */
#include "cmd/cmd.h"
#include "lib/base/err.h"
#include "lib/fetch/fetch.h"

static const char *const synopsis[] = {
    "[-nqv] [-p POLICY] [-s STORE] --upstream URL",
    "--explain UPDATE -p POLICY [-s STORE]",
    NULL,
};

/* What an option table can hold, and fetch_opts has as something smaller. */
struct given {
	struct opt_list hosts;
	uint64_t requests, downloads, tries, retry_wait, connect;
};

#define STR(name, to, arg, help)                                               \
	{                                                                      \
		OPT_STR, 0, name, to, arg, help, NULL, 0, 0                    \
	}
#define FLAG(name, to, help)                                                   \
	{                                                                      \
		OPT_FLAG, 0, name, to, NULL, help, NULL, 0, 0                  \
	}
#define NUM(name, to, arg, help, min, max)                                     \
	{                                                                      \
		OPT_NUM, 0, name, to, arg, help, NULL, min, max                \
	}

/* How the upstream is reached. */
#define NET(o, g)                                                              \
	NUM("tries", &(g)->tries, "N", "of one request; 6 unless given", 1,    \
	    100),                                                              \
	    NUM("retry-wait", &(g)->retry_wait, "MS",                          \
		"before the second try; 2000 unless given", 1, 60000),         \
	    NUM("connect-timeout", &(g)->connect, "S", "30 unless given", 1,   \
		3600),                                                         \
	    STR("proxy", &(o)->proxy, "URL", "a proxy, or the word none"),     \
	    STR("no-proxy", &(o)->no_proxy, "HOSTS",                           \
		"reached without the proxy"),                                  \
	    STR("proxy-user-file", &(o)->proxy_user_file, "FILE",              \
		"user:password for the proxy"),                                \
	    STR("user-file", &(o)->user_file, "FILE",                          \
		"user:password for the upstream"),                             \
	    STR("ca-file", &(o)->ca_file, "FILE",                              \
		"certificates to trust instead of the system's"),              \
	    STR("client-cert", &(o)->cert, "FILE", "our certificate"),         \
	    STR("client-key", &(o)->cert_key, "FILE", "its key"),              \
	    FLAG("require-tls", &(o)->require_tls,                             \
		"no plain HTTP, for payload neither")

static void
fill_opts(struct fetch_opts *o, const struct given *g, struct cmd *c)
{
	cmd_refuse(c, o->content_only, "full",
	    "asks for whole lists, and --content-only for none");
	cmd_refuse(c, o->content_only, "copy-approvals",
	    "asks for lists, and --content-only for none");
	cmd_refuse(c, o->metadata_only, "request-missing-content",
	    "is about payload, and --metadata-only gets none");
	o->content_hosts = g->hosts.v;
	o->ncontent_hosts = g->hosts.n;
	o->requests = (unsigned)g->requests;
	o->downloads = (unsigned)g->downloads;
	o->tries = (unsigned)g->tries;
	o->retry_wait_ms = (unsigned)g->retry_wait;
	o->connect_s = (unsigned)g->connect;
	o->store = c->store;
	o->dry_run = c->dry_run;
	o->jobs = (unsigned)c->jobs;
	o->log = &c->log;
}

static int
run_fetch(struct cmd *c, struct fetch_opts *o, int argc, char *argv[])
{
	struct given g = {.hosts = {.n = 0}};
	const struct opt opts[] = {
	    CMD_OPT_COMMON(c),
	    CMD_OPT_DRY_RUN(c),
	    STR("upstream", &o->upstream, "URL",
		"a WSUS, or the word microsoft"),
	    {OPT_STR, 'p', "policy", &o->policy, "FILE",
		"which updates and files are wanted", NULL, 0, 0},
	    STR("explain", &o->explain, "UPDATE",
		"say why that one is in or out, and do nothing else"),
	    FLAG("metadata-only", &o->metadata_only, "no payload"),
	    FLAG("content-only", &o->content_only,
		"the payload of what is held, nothing else"),
	    FLAG("full", &o->full, "ask for whole lists"),
	    STR("until", &o->until, "HH:MM", "stop then; the next run goes on"),
	    NUM("limit-rate", &o->limit_rate, "BYTES",
		"most bytes a second of payload", 1, UINT64_MAX),
	    NUM("requests", &g.requests, "N", "metadata requests at a time", 1,
		16),
	    NUM("downloads", &g.downloads, "N", "payload files at a time", 1,
		64),
	    NET(o, &g),
	    STR("account-name", &o->account, "NAME",
		"our name; this machine's unless given"),
	    STR("protocol-version", &o->protocol, "1.N", "1.20 unless given"),
	    STR("content-base", &o->content_base, "URL",
		"where the upstream's payload is"),
	    FLAG("internet-content", &o->internet_content,
		"payload from the internet where the upstream lacks it"),
	    {OPT_LIST, 0, "content-host", &g.hosts, "SUFFIX",
		"hosts whose payload is taken", NULL, 0, 0},
	    FLAG("request-missing-content", &o->request_missing,
		"let the upstream download what it lacks"),
	    FLAG("copy-approvals", &o->copy_approvals,
		"keep the upstream's approvals, too"),
	    STR("metrics", &o->metrics, "FILE", "figures for Prometheus"),
	    STR("site", &o->site, "NAME",
		"name of the site, when the store is made"),
	    STR("log", &o->log_path, "FILE",
		"append events here, not to STORE/fetch.log"),
	    CMD_OPT_END,
	};
	const struct opt_prog prog = {
	    .name = "wsusferry-fetch",
	    .synopsis = synopsis,
	    .purpose = "get updates and payload from an upstream server",
	    .opts = opts,
	};
	struct err e = ERR_INIT;

	cmd_begin(c, &prog, argc, argv);
	fill_opts(o, &g, c);
	if (fetch_run(o, &e) == -1)
		return cmd_report(c, NULL, &e);
	return 0;
}

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	struct fetch_opts o = {.site = NULL};

	return cmd_finish(&c, run_fetch(&c, &o, argc, argv));
}
