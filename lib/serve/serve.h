/* SPDX-License-Identifier: ISC */
/*
 * Serve a store over HTTP, read-only: payload by digest, a page for people, an
 * index for scripts.  Takes no lock; an import's commit is seen by the next
 * request.
 */
#ifndef WF_SERVE_H
#define WF_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct log;

#define SERVE_LISTEN "127.0.0.1:8530"
#define SERVE_SLOW 2 /* workers of pages and lists, at least */
#define SERVE_CONNS 4096
#define SERVE_CONNS_IP 256
#define SERVE_GRACE_S 10 /* for answers under way, after a signal */

struct serve_opts {
	const char *store;
	/* Where to listen; none: SERVE_LISTEN, or what systemd gives. */
	const char *const *listen, *const *tls_listen;
	size_t nlisten, ntls_listen;
	const char *tls_cert, *tls_key; /* NULL: no TLS */
	const char *user; /* to become; NULL: stay */
	unsigned workers; /* 0: one for each processor */
	unsigned max_conns, max_conns_ip; /* 0: the defaults */
	const char *scan_cab; /* file served as /wsusscn2.cab, or NULL */
	const char *self_update; /* folder served as /SelfUpdate, or NULL */
	const char *const *admin; /* where to tell figures; none: nowhere */
	size_t nadmin;
	const char *const *allow; /* networks; none: everybody */
	size_t nallow;
	uint64_t rate; /* requests a second of one client; 0: no limit */
	const char *access_log; /* file, "-", or NULL */
	bool access_json; /* else the combined format */
	const char *state; /* folder of what the server keeps, or NULL */
	struct log *log;
};

/*
 * Until a signal asks to stop, which is success.  Errors: E_USAGE, E_FORMAT
 * (the store), E_SYS (the address is in use).
 */
int serve_run(const struct serve_opts *o, struct err *e);

#endif
