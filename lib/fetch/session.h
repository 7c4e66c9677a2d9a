/* SPDX-License-Identifier: ISC */
/* Inside lib/fetch only: the session with an upstream, and calls of it. */
#ifndef WF_SESSION_H
#define WF_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/serversync.h"
#include "lib/base/buf.h"
#include "lib/net/http.h"
#include "lib/store/sync.h"

struct fetch;

#define FETCH_BATCH_UNKNOWN 50 /* ids, where the upstream's limit is no limit */
#define FETCH_BATCH_MAX SS_MAX_IDS
#define FETCH_RESTARTS_CALL 2 /* new sessions for one call, */
#define FETCH_RESTARTS_RUN 10 /* and for all of a run */
#define FETCH_COOKIE_LIFE_S 14400 /* where the answer does not tell */
#define FETCH_RENEW_S 300 /* renewed with less life than this left */
#define FETCH_WAIT_MS 2000 /* --retry-wait unless given */

/* One request of the protocol, and what came. */
struct session_post {
	struct http_req req; /* its arg is this */
	struct buf ask, answer; /* owned */
	enum ss_op op;
	unsigned session; /* the cookie it was sent with */
	bool done; /* http_next() gave it back */
};

/* A call and its answer; nothing is shared with another that is under way. */
struct fetch_exchange {
	struct session_post post; /* owned */
	struct ss_reply *reply; /* owned */
};

struct session_begin {
	struct http *http; /* owned: for metadata */
	struct ss_reader *reader; /* owned */
	struct fetch_exchange call; /* single calls */
	struct fetch_exchange login; /* those that make a session */
	bool came; /* the last call has an answer, if none that can be read */
	struct ss_auth auth;
	struct ss_cookie cookie;
	bool has_auth, has_cookie;
	unsigned number; /* how many cookies there were */
	uint64_t renew_ms; /* on the monotonic clock */
	unsigned restarts; /* new sessions that faults asked for */
	char auth_url[SS_URL_MAX], sync_url[SS_URL_MAX];
};

int session_open(struct session_begin *s, const char *base, struct err *e);
void session_close(struct session_begin *s);
/* The client, made at its first use. */
int session_http(struct fetch *f, struct err *e);

/* session_post.c */
void session_post_init(struct session_post *p);
void session_post_free(struct session_post *p);
/* p->ask was filled. */
int session_post_start(
    struct fetch *f, struct session_post *p, enum ss_op op, struct err *e);
/* Works until p is done; others that are done meanwhile are marked so. */
int session_post_wait(struct fetch *f, struct session_post *p, struct err *e);
/* Of one that is done: 0 an answer or a fault to be read, or what is too long
   to be; -1 E_REMOTE. */
int session_post_judge(struct fetch *f, struct session_post *p, struct err *e);
/* Read it, on any thread.  A crash page counts as InternalServerError.  E_LIMIT
   for what is longer than SOAP_MAX_MESSAGE. */
int session_post_read(const struct session_post *p, struct ss_reader *r,
    const struct ss_each *each, void *arg, struct ss_reply *reply,
    struct err *e);
/* The URL that a ServiceUrl means.  E_FORMAT: it leads to another host. */
int session_join(
    const char *base, const char *service, char to[SS_URL_MAX], struct err *e);
/* What to do about a redirect: we follow none, who sends us elsewhere is not
   whom we were told to trust. */
#define SESSION_MOVED_MAX 720
void session_moved(char to[SESSION_MOVED_MAX], const struct http_head *h,
    const char *from, const char *option);
/* Sleeps; E_STOP, also when --until comes. */
int session_pause(struct fetch *f, uint64_t ms, struct err *e);

/*
 * session.c: one call of the upstream, with everything that faults ask
 * for: a new session for a bad cookie, waiting for a busy server.  ask() writes
 * the request with the present cookie; it is called for every try, and what an
 * earlier try gave to each is void then.  Returns 0 with f->session.call.reply;
 * a fault that ends the call is E_REMOTE, but FETCH_FAULT is returned for those
 * the caller wants (mask of 1 << soap_code).
 */
#define FETCH_FAULT 1
struct session_call {
	enum ss_op op;
	int (*ask)(struct fetch *f, struct buf *b, void *arg, struct err *e);
	const struct ss_each *each;
	void *arg;
	unsigned want_faults;
};
int session_call(struct fetch *f, const struct session_call *c, struct err *e);
/* The cookie of that session was refused. */
void session_stale(struct fetch *f, unsigned session);
/* A fault, for the log of those who want to know more. */
void session_tell(
    struct fetch *f, enum ss_op op, const struct soap_fault *fault);
/* The same for those calls that make a session: without a cookie. */
int session_say(struct fetch *f, const struct session_call *c, struct err *e);

/* session_login.c */
/* A cookie with some life left; a new session where there is none. */
int session_fresh(struct fetch *f, struct err *e);
/* Seconds of life; date: what the upstream's clock said, 0: nothing. */
int64_t session_cookie_life(const char *expiration, int64_t date);

/* session_config.c */
int session_begin(struct fetch *f, struct err *e); /* auth, cookie, config */
int session_config(struct fetch *f, struct err *e); /* the limits */
/* What the policy asks for and the upstream says that it has not. */
int session_check_policy(struct fetch *f, struct err *e);
/* The languages that are enabled there, by an answer that has some. */
void session_langs(struct sync_upstream *u, const struct ss_config *c);
/* Ids in one request, by what the upstream says of its limit. */
unsigned session_clamp(bool given, int64_t max);

/* session_fault.c: what a fault asks for. */
enum session_react {
	FETCH_AGAIN, /* after *wait_ms */
	FETCH_GIVE_UP,
	FETCH_BISECT,
	FETCH_RESTART, /* a new session, then the same again */
	FETCH_SMALLER, /* read the limits again, smaller batches */
	FETCH_FORGET /* the upstream is another: anchors are worthless */
};
struct fetch_tries { /* of one call; zeroed before */
	unsigned restarts, busy, internal;
};
enum session_react session_react(struct fetch *f, enum ss_op op,
    const struct soap_fault *fault, struct fetch_tries *t,
    unsigned retry_after_s, uint64_t *wait_ms);
/* FETCH_RESTART: a new cookie, and the second time a new authorization; in
   session.c. */
void session_restart(struct fetch *f, unsigned session,
    const struct soap_fault *fault, const struct fetch_tries *t);
/* The message of an E_REMOTE for a fault that ends the run. */
int session_refused(struct fetch *f, enum ss_op op,
    const struct soap_fault *fault, struct err *e);

#endif
