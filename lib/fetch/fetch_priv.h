/* SPDX-License-Identifier: ISC */
/* Inside fetch_run*.c only: a fetch while it runs. */
#ifndef WF_FETCH_PRIV_H
#define WF_FETCH_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/policy.h"
#include "formats/serversync.h"
#include "lib/base/buf.h"
#include "lib/base/prog.h"
#include "lib/net/http.h"
#include "lib/choose/choose.h"
#include "lib/fetch/fetch.h"
#include "lib/store/content.h"
#include "lib/store/sync.h"

struct store;

#define FETCH_BATCH_UNKNOWN 50 /* ids, where the upstream's limit is no limit */
#define FETCH_BATCH_MAX SS_MAX_IDS
#define FETCH_RESTARTS_CALL 2 /* new sessions for one call, */
#define FETCH_RESTARTS_RUN 10 /* and for all of a run */
#define FETCH_COOKIE_LIFE_S 14400 /* where the answer does not tell */
#define FETCH_RENEW_S 300 /* renewed with less life than this left */
#define FETCH_WAIT_MS 2000 /* --retry-wait unless given */
#define FETCH_WORK_MAX_S 86400 /* older work lists are asked for anew */
#define FETCH_FULL_S (7 * 86400) /* a full list at least this often */

/* One request of the protocol, and what came. */
struct fetch_post {
	struct http_req req; /* its arg is this */
	struct buf ask, answer; /* owned */
	enum ss_op op;
	unsigned session; /* the cookie it was sent with */
	bool done; /* http_next() gave it back */
};

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
	char base[SYNC_URL_MAX]; /* the upstream, scheme://host[:port] */
	char host[SYNC_URL_MAX];
	char account[256]; /* our name */
	bool microsoft, was_there;
	struct prog prog;
	uint64_t began_ms; /* on the monotonic clock */

	/* session.c */
	struct ss_reader *reader; /* owned */
	struct ss_reply *reply; /* owned */
	struct fetch_post post; /* of single calls; owned */
	struct ss_auth auth;
	struct ss_cookie cookie;
	bool has_auth, has_cookie;
	unsigned session; /* how many cookies there were */
	uint64_t renew_ms; /* on the monotonic clock */
	unsigned restarts; /* new sessions that faults asked for */
	char auth_url[SS_URL_MAX], sync_url[SS_URL_MAX];
	unsigned batch, key_batch; /* ids in one request */
	bool smaller; /* the batch was made smaller, once in a run */
	bool mended; /* damaged documents were asked for again, the same */
	bool server_changed; /* handled once in a run */
	bool forget; /* the call that failed: the upstream is another */

	bool
	    nameless; /* a dry run, without categories for the policy's names */
	bool full; /* ask for full lists, whatever is pending */
	bool
	    doubt; /* the run before failed: full lists, after what is pending */
	unsigned barren; /* batches in a row that all of it was refused */

	uint64_t followed, follow_max; /* what documents refer to, unlisted */
	uint64_t requests, faults; /* of this run */
	bool
	    quiet; /* as it was given; the log is quieter where nothing is new */
	uint64_t listed, to_get, new_revisions, held, unavailable, absent,
	    missing;
	uint64_t kept_other; /* came with other bytes than those held */
	uint64_t got_bytes; /* bodies of metadata */
	uint64_t files, files_bytes, files_failed, files_left;
	uint64_t waiting, to_do; /* documents, revisions: at its end */
	int64_t newest; /* CreationDate of the newest revision, UTC; 0 */
};

/* fetch_given.c: what was given, before anything is made. */
int fetch_given(const struct fetch_opts *o, struct err *e);
/* scheme://host[:port] of what --upstream says.  E_USAGE. */
int fetch_base(const char *given, char to[SYNC_URL_MAX], struct err *e);
bool fetch_has_tls(const char *url);
/* The next time after now that a clock in the local zone shows HH:MM. */
int fetch_until(const char *text, int64_t now, int64_t *until, struct err *e);
/* "user:password" out of a file nobody else may read.  *to: owned. */
int fetch_secret(const char *path, char **to, struct err *e);
/* The name to give: as asked for, else this machine's. */
int fetch_account(const char *given, char to[256], struct err *e);

/* session_post.c */
void fetch_post_init(struct fetch_post *p);
void fetch_post_free(struct fetch_post *p);
/* p->ask was filled. */
int fetch_post_start(
    struct fetch *f, struct fetch_post *p, enum ss_op op, struct err *e);
/* Works until p is done; others that are done meanwhile are marked so. */
int fetch_post_wait(struct fetch *f, struct fetch_post *p, struct err *e);
/* Of one that is done: 0 an answer or a fault to be read, or what is too long
   to be; -1 E_REMOTE. */
int fetch_post_judge(struct fetch *f, struct fetch_post *p, struct err *e);
/* Read it, on any thread.  A crash page counts as InternalServerError.  E_LIMIT
   for what is longer than SOAP_MAX_MESSAGE. */
int fetch_post_read(const struct fetch_post *p, struct ss_reader *r,
    const struct ss_each *each, void *arg, struct ss_reply *reply,
    struct err *e);
/* The URL that a ServiceUrl means.  E_FORMAT: it leads to another host. */
int fetch_join(
    const char *base, const char *service, char to[SS_URL_MAX], struct err *e);
/* Sleeps; E_STOP, also when --until comes. */
int fetch_pause(struct fetch *f, uint64_t ms, struct err *e);

/*
 * session.c: one call of the upstream, with everything that faults ask
 * for: a new session for a bad cookie, waiting for a busy server.  ask() writes
 * the request with the present cookie; it is called for every try, and what an
 * earlier try gave to each is void then.  Returns 0 with f->reply; a fault that
 * ends the call is E_REMOTE, but FETCH_FAULT is returned for those the caller
 * wants (mask of 1 << soap_code).
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
int fetch_config(struct fetch *f, struct err *e); /* the limits */
int fetch_call(struct fetch *f, const struct fetch_call *c, struct err *e);
/* A cookie with some life left; a new session where there is none. */
int fetch_fresh(struct fetch *f, struct err *e);
/* The cookie of that session was refused. */
void fetch_stale(struct fetch *f, unsigned session);
/* A fault, for the log of those who want to know more. */
void fetch_tell(struct fetch *f, enum ss_op op, const struct soap_fault *fault);
/* The languages that are enabled there, by an answer that has some. */
void fetch_langs(struct sync_upstream *u, const struct ss_config *c);
/* Ids in one request, by what the upstream says of its limit. */
unsigned fetch_clamp(bool given, int64_t max);
/* Seconds of life; date: what the upstream's clock said, 0: nothing. */
int64_t fetch_cookie_life(const char *expiration, int64_t date);

/* session_fault.c: what a fault asks for. */
enum fetch_react {
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
enum fetch_react fetch_react(struct fetch *f, enum ss_op op,
    const struct soap_fault *fault, struct fetch_tries *t,
    unsigned retry_after_s, uint64_t *wait_ms);
/* FETCH_RESTART: a new cookie, and the second time a new authorization; in
   session.c. */
void fetch_restart(struct fetch *f, unsigned session,
    const struct soap_fault *fault, const struct fetch_tries *t);
/* The message of an E_REMOTE for a fault that ends the run. */
int fetch_refused(struct fetch *f, enum ss_op op,
    const struct soap_fault *fault, struct err *e);

/* listing.c: one list into the work list, with its anchor. */
int fetch_list(struct fetch *f, enum sync_kind k, struct err *e);
/* listing_filter.c: what the policy lets be listed. */
struct fetch_filter {
	struct ss_filter_id *categories, *classifications; /* owned; sorted */
	size_t ncategories, nclassifications; /* both or neither */
	uint8_t hash[SHA256_LEN];
};
int fetch_filter(struct fetch *f, struct fetch_filter *to, struct err *e);
void fetch_filter_free(struct fetch_filter *to);

/* batch.c: all that is in the work list into the inbox. */
int fetch_data(struct fetch *f, struct err *e);
/* take.c: the inbox into the store, one commit.  updates: there is more
   than categories in it, so that a dictionary may be trained.  What was damaged
   while it waited is asked for again first, once in a run. */
int fetch_take(struct fetch *f, bool updates, struct err *e);
/* related.c: related revisions, keys, approvals. */
int fetch_related(struct fetch *f, bool *more, struct err *e);
int fetch_keys(struct fetch *f, struct err *e);
int fetch_approvals(struct fetch *f, struct err *e);

/* want_fetch.c, get.c: the wanted files.  Never more than their
   size; only what has their digests gets a name. */
int fetch_payload(struct fetch *f, struct err *e);

/* fetch_report.c */
/* failed: what is kept of a run that the error ended which is told next. */
void fetch_summary(struct fetch *f, bool failed);
int fetch_metrics(struct fetch *f, int status, struct err *e);
/* E_STOP when --until has passed or the program is asked to stop. */
int fetch_check(struct fetch *f, struct err *e);

#endif
