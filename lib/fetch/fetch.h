/* SPDX-License-Identifier: ISC */
/*
 * wsusferry-fetch: metadata from an upstream into a store, then the payload
 * that the policy wants.
 */
#ifndef WF_FETCH_H
#define WF_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct log;

#define FETCH_MICROSOFT "https://sws.update.microsoft.com" /* "microsoft" */
/* How many revisions that no list names one run goes after: five times what a
   whole catalogue has, drivers and all. */
#define FETCH_FOLLOW_MAX 1000000

struct fetch_opts {
	const char *store, *site;
	const char *upstream; /* URL, or "microsoft" */
	const char *policy; /* file; NULL: everything, no payload */
	const char *account; /* our FQDN; NULL: the machine's */
	const char *protocol; /* NULL: "1.20" */
	const char *content_base; /* URL; NULL: found by the rules */
	bool internet_content; /* MUUrl where the upstream lacks a file */
	const char *const *content_hosts; /* suffixes MUUrl may have */
	size_t ncontent_hosts; /* 0: Microsoft's */
	bool require_tls;
	const char *ca_file, *cert, *cert_key;
	const char *proxy, *no_proxy;
	const char *proxy_user_file, *user_file; /* "user:password", 0600 */
	uint64_t limit_rate; /* bytes/s of all together; 0: any */
	const char *until; /* "HH:MM", local time; NULL */
	unsigned requests; /* metadata at a time; 0: by the upstream */
	unsigned downloads; /* payload at a time; 0: 4 */
	unsigned tries, retry_wait_ms, connect_s; /* 0: http.h's */
	uint64_t follow_max; /* unlisted revisions; 0: FETCH_FOLLOW_MAX */
	bool full; /* ask for full lists */
	bool metadata_only, content_only;
	bool request_missing; /* DownloadFiles for what is not there yet */
	bool copy_approvals;
	const char *explain; /* only say why that is in or out */
	const char *metrics; /* Prometheus text file, or NULL */
	bool dry_run;
	unsigned jobs;
	struct log *log;
	const char *log_path; /* NULL: STORE/fetch.log */
};

/*
 * Errors: E_USAGE, E_REMOTE (unreachable, refuses), E_BUSY, E_STOP (asked to
 * stop, or --until reached; the next run goes on), E_SYS, E_FORMAT, E_LIMIT
 * (documents that lead on without end; the next run goes on).  Files that
 * could not be had raise log->worst to 10, each a finding.
 */
int fetch_run(const struct fetch_opts *o, struct err *e);

#endif
