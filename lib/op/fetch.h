/* SPDX-License-Identifier: ISC */
/* Inside op_fetch*.c only: a fetch while it runs. */
#ifndef WF_FETCH_H
#define WF_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/policy.h"
#include "formats/serversync.h"
#include "lib/base/prog.h"
#include "lib/net/http.h"
#include "lib/op/choose.h"
#include "lib/op/op_fetch.h"
#include "lib/store/content.h"
#include "lib/store/sync.h"

struct store;

struct fetch {
	const struct fetch_opts *o;
	struct log *log;
	struct store *store; /* owned */
	struct content content; /* owned */
	struct policy policy; /* owned */
	bool has_policy;
	int64_t now, until; /* UTC seconds; until 0: no end */
	struct http_opts net;
	char *secrets[2]; /* owned: what net's users point at */
	struct http *http; /* owned: for metadata */
	struct sync_upstream up;
	bool microsoft;
	struct prog prog;

	/* op_fetch_session.c */
	struct ss_reader *reader; /* owned */
	struct ss_reply *reply; /* owned */
	struct ss_auth auth;
	struct ss_cookie cookie;
	bool has_auth, has_cookie;
	uint64_t cookie_ends_ms; /* on the monotonic clock */
	unsigned restarts;
	char auth_url[SS_URL_MAX], sync_url[SS_URL_MAX];
	unsigned batch; /* ids in one GetUpdateData */
	bool server_changed; /* handled once in a run */

	uint64_t requests, faults; /* of this run */
	uint64_t listed, new_revisions, held, unavailable, absent, missing;
	uint64_t got_bytes; /* bodies of metadata */
	uint64_t files, files_bytes, files_failed, files_left;
	int64_t newest; /* CreationDate of the newest revision, UTC; 0 */
};

/*
 * op_fetch_session.c: one call of the upstream, with everything section 6.2
 * asks for: a new session for a bad cookie, waiting for a busy server, forgetting
 * the anchors of a changed one.  ask() writes the request with the present
 * cookie.  Returns 0 with f->reply; a fault that ends the call is E_REMOTE, but
 * FETCH_FAULT is returned for those the caller wants (mask of 1 << soap_code).
 */
#define FETCH_FAULT 1
struct fetch_call {
	enum ss_op op;
	int (*ask)(struct fetch *f, struct buf *b, void *arg, struct err *e);
	const struct ss_each *each;
	void *arg;
	unsigned want_faults;
};
int fetch_session(struct fetch *f, struct err *e); /* auth, cookie, config */
int fetch_call(struct fetch *f, const struct fetch_call *c, struct err *e);
/* What a fault asks for, for those who run many calls at a time. */
enum fetch_react { FETCH_AGAIN, FETCH_GIVE_UP, FETCH_BISECT, FETCH_RESTART };
enum fetch_react fetch_react(struct fetch *f, enum ss_op op,
    const struct soap_fault *fault, unsigned tries, unsigned *wait_ms);
/* The message of an E_REMOTE for a fault that ends the run. */
int fetch_refused(struct fetch *f, enum ss_op op,
    const struct soap_fault *fault, struct err *e);

/* op_fetch_list.c: one list into the work list, with its anchor. */
int fetch_list(struct fetch *f, enum sync_kind k, struct err *e);
/* op_fetch_data.c: all that is in the work list into the inbox. */
int fetch_data(struct fetch *f, struct err *e);
/* op_fetch_take.c: the inbox into the store, one commit. */
int fetch_take(struct fetch *f, struct err *e);
/* op_fetch_extra.c: related revisions, keys, approvals. */
int fetch_related(struct fetch *f, bool *more, struct err *e);
int fetch_keys(struct fetch *f, struct err *e);
int fetch_approvals(struct fetch *f, struct err *e);

/* op_fetch_payload.c, op_fetch_get.c: the wanted files.  Never more than their
   size; only what has their digests gets a name. */
int fetch_payload(struct fetch *f, struct err *e);

/* op_fetch_report.c */
void fetch_summary(struct fetch *f);
int fetch_metrics(struct fetch *f, int status, struct err *e);
/* E_STOP when --until has passed or the program is asked to stop. */
int fetch_check(struct fetch *f, struct err *e);

#endif
