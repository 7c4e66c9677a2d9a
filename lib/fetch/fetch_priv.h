/* SPDX-License-Identifier: ISC */
/* Inside lib/fetch only: a fetch while it runs. */
#ifndef WF_FETCH_PRIV_H
#define WF_FETCH_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/policy.h"
#include "lib/base/prog.h"
#include "lib/choose/choose.h"
#include "lib/fetch/carry.h"
#include "lib/fetch/fetch.h"
#include "lib/fetch/session.h"
#include "lib/store/content.h"
#include "lib/store/lacking.h"
#include "lib/store/sync.h"

struct store;

#define FETCH_WORK_MAX_S 86400 /* older work lists are asked for anew */
#define FETCH_FULL_S (7 * 86400) /* a full list at least this often */

/* Whom it asks, and as whom: by what was given (fetch_given.c). */
struct fetch_peer {
	char base[SYNC_URL_MAX]; /* the upstream, scheme://host[:port] */
	char host[SYNC_URL_MAX];
	char account[256]; /* our name */
	bool microsoft;
	struct http_opts net;
	char *secrets[2]; /* owned: what net's users point at */
};

/* What bounds a run: of the upstream, and of ours. */
struct fetch_limits {
	unsigned batch, key_batch; /* ids in one request */
	bool smaller; /* the batch was made smaller, once in a run */
	uint64_t follow_max; /* revisions that no list names */
};

/* How this run goes, by what happened before it and in it. */
struct fetch_way {
	bool nameless; /* a dry run, without categories for the policy's names
			*/
	bool judged; /* what is lacking was counted, payload too */
	bool filtered; /* the policy lets a part of what there is be listed */
	bool full; /* ask for full lists, whatever is pending */
	bool doubt; /* the run before failed: full lists, after what is pending
		     */
	bool trained; /* a dictionary was, or is not to be had */
	uint64_t untrained; /* bytes of updates that came without one */
	bool mended; /* damaged documents were asked for again, the same */
	bool server_changed; /* handled once in a run */
	bool forget; /* the call that failed: the upstream is another */
	unsigned barren; /* ids in a row that were refused, with their batches
			  */
};

/* Figures of a run, for its summary and its metrics (fetch_report.c). */
struct fetch_counts {
	uint64_t requests, faults;
	uint64_t listed, to_get, new_revisions, held, unavailable, absent;
	uint64_t followed; /* what documents refer to, and no list names */
	uint64_t kept_other; /* came with another document than is held */
	uint64_t got_bytes; /* bodies of metadata */
	uint64_t files, files_bytes, files_failed;
	uint64_t files_left, bytes_left; /* not tried */
	uint64_t waiting, to_do; /* documents, revisions: at its end */
	int64_t newest; /* CreationDate of the newest revision, UTC; 0 */
};

struct fetch {
	const struct fetch_opts *o;
	struct log *log;
	bool
	    quiet; /* as it was given; the log is quieter where nothing is new */
	struct store *store; /* owned */
	struct content content; /* owned */
	struct policy policy; /* owned */
	bool has_policy;
	bool accepted; /* the store may be changed */
	int64_t now, until; /* UTC seconds; until 0: no end */
	uint64_t began_ms; /* on the monotonic clock */
	struct prog prog;
	struct sync_upstream up;
	struct fetch_peer peer;
	struct session_begin session;
	struct fetch_limits limits;
	struct fetch_way way;
	struct carry carry; /* of documents that are in the inbox */
	struct fetch_counts n;
	struct lacking lacking; /* at its end */
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

/* listing.c: one list into the work list, with its anchor. */
int listing_fetch(struct fetch *f, enum sync_kind k, struct err *e);
/* listing_filter.c: what the policy lets be listed. */
struct listing_filter {
	struct ss_filter_id *categories, *classifications; /* owned; sorted */
	size_t ncategories, nclassifications; /* both or neither */
	uint8_t hash[SHA256_LEN];
};
int listing_filter(struct fetch *f, struct listing_filter *to, struct err *e);
void listing_filter_free(struct listing_filter *to);

/* batch.c: all that is in the work list into the inbox. */
int batch_fetch(struct fetch *f, struct err *e);
/* train.c: a dictionary for a store that has none, from what is in the inbox:
   in the open transaction; or in its own, as soon as there is enough, so that
   what comes later is packed but once. */
int train_inbox(struct fetch *f, struct err *e);
int train_early(struct fetch *f, struct err *e);
/* take.c: the inbox into the store, one commit.  updates: there is more
   than categories in it, so that a dictionary may be trained.  What was damaged
   while it waited is asked for again first, once in a run. */
int take_inbox(struct fetch *f, bool updates, struct err *e);
/* follow.c: what documents refer to, into the inbox, until nothing new comes
   up.  E_LIMIT: FETCH_FOLLOW_MAX. */
int follow_all(struct fetch *f, struct err *e);
int decrypt_fetch(struct fetch *f, struct err *e); /* decrypt.c */
int approvals_fetch(struct fetch *f, struct err *e); /* approvals.c */

/* want_fetch.c, get.c: the wanted files.  Never more than their
   size; only what has their digests gets a name. */
int want_payload(struct fetch *f, struct err *e);

/*
 * news.c: is that to be said?  Not where a quiet run before this one said the
 * same of the matter.
 */
int news_check(struct fetch *f, const char *matter,
    const uint8_t sha256[SHA256_LEN], bool *news, struct err *e);
int news_check_text(struct fetch *f, const char *matter, const char *text,
    bool *news, struct err *e);
/* What its owner should hear of the policy. */
int news_policy(struct fetch *f, struct choose *c, struct err *e);

/*
 * missed.c: damage of payload is told and noted.  Then what the store lacks,
 * into f->lacking and the exit status, where no payload is to be had; or,
 * before it is, the revisions alone.  What the policy does not want is marked
 * so.
 */
int missed_note(struct fetch *f, struct err *e);
int missed_all(struct fetch *f, struct err *e);
int missed_revisions(struct fetch *f, struct err *e);
int missed_mark(struct fetch *f, const struct lacking_of *of, struct err *e);

/* fetch_report.c */
/* failed: what is kept of a run that the error ended which is told next. */
void fetch_summary(struct fetch *f, bool failed);
int fetch_metrics(struct fetch *f, int status, struct err *e);
/* A revision that is held came with another document: each into the log, that
   there are such once a run.  Clears e. */
void fetch_kept_other(struct fetch *f, struct err *e);
/* An E_STOP is told what it leaves to the next run. */
void fetch_say_left(struct fetch *f, struct err *e);
/* E_STOP when --until has passed or the program is asked to stop. */
int fetch_check(struct fetch *f, struct err *e);

#endif
