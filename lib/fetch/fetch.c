/* SPDX-License-Identifier: ISC */
#include "lib/fetch/fetch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "formats/xml.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/choose/choose_file.h"
#include "lib/store/store.h"

#define CALL_S 3600 /* in which an answer is whole; 8 MB at 18 kbit/s are */
#define AGENT "wsusferry/" WF_VERSION

static int
read_policy(struct fetch *f, struct err *e)
{
	if (f->o->policy == NULL)
		return 0;
	if (choose_file_read(&f->policy, f->o->policy, e) == -1)
		return -1;
	f->has_policy = true;
	return 0;
}

static int
fill_net(struct fetch *f, struct err *e)
{
	const struct fetch_opts *o = f->o;

	if (o->user_file != NULL &&
	    fetch_secret(o->user_file, &f->peer.secrets[0], e) == -1)
		return -1;
	if (o->proxy_user_file != NULL &&
	    fetch_secret(o->proxy_user_file, &f->peer.secrets[1], e) == -1)
		return -1;
	if (!http_host(f->peer.base, f->peer.host, sizeof(f->peer.host)))
		return err_set(e, E_USAGE, "'%s' has no host", f->peer.base);
	f->peer.net = (struct http_opts){.proxy = o->proxy,
	    .proxy_user = f->peer.secrets[1],
	    .no_proxy = o->no_proxy,
	    .home = f->peer.host,
	    .user = f->peer.secrets[0],
	    .ca_file = o->ca_file,
	    .cert = o->cert,
	    .cert_key = o->cert_key,
	    .agent = AGENT,
	    .connect_s = o->connect_s,
	    .total_s = CALL_S,
	    .tries = o->tries,
	    .wait_ms = o->retry_wait_ms != 0 ? o->retry_wait_ms
					     : FETCH_WAIT_MS};
	return 0;
}

/* Everything that can be wrong with what was given, before a store is made. */
static int
prepare(struct fetch *f, struct err *e)
{
	const struct fetch_opts *o = f->o;

	if (fetch_given(o, e) == -1 || utc_now(&f->now, e) == -1 ||
	    fetch_base(o->upstream, f->peer.base, e) == -1 ||
	    fetch_account(o->account, f->peer.account, e) == -1)
		return -1;
	if (o->until != NULL &&
	    fetch_until(o->until, time(NULL), &f->until, e) == -1)
		return -1;
	f->peer.microsoft = strstr(f->peer.base, ".update.microsoft.com") !=
	    NULL;
	return read_policy(f, e) == -1 ? -1 : fill_net(f, e);
}

static int
open_log(struct fetch *f, struct err *e)
{
	return f->o->dry_run || f->log->file_fd != -1
	    ? 0
	    : store_log(f->store, f->log, f->o->log_path, "fetch.log", e);
}

/* Our row of the upstream, with the account that stays. */
static int
find_upstream(struct fetch *f, struct err *e)
{
	struct sync_run last;
	int r;

	if (store_begin(f->store, e) == -1)
		return -1;
	r = sync_upstream_find(f->store, f->peer.base, &f->up, e);
	if (r == 1)
		r = sync_last_run(f->store, f->up.row, &last, e);
	store_rollback(f->store);
	if (r == -1)
		return -1;
	snprintf(f->up.name, sizeof(f->up.name), "%s", f->peer.account);
	f->way.doubt = r == 1 && last.status != 0 &&
	    last.status != err_status(E_PARTIAL) &&
	    last.status != err_status(E_STOP);
	f->way.full = f->o->full;
	return 0;
}

static int
add_upstream(struct fetch *f, struct err *e)
{
	int r;

	if (f->up.row != 0)
		return 0;
	if (store_begin(f->store, e) == -1)
		return -1;
	r = store_end(f->store, sync_upstream_add(f->store, &f->up, e), e);
	if (r == -1)
		f->up.row = 0; /* nothing can be kept of this run */
	return r;
}

/* From here on the store may change. */
static int
accept_all(struct fetch *f, struct err *e)
{
	if (store_accept(f->store, f->log, e) == -1 || open_log(f, e) == -1)
		return -1;
	f->accepted = true;
	if (store_born(f->store) && !f->o->dry_run)
		log_event(f->log, LOG_INFO, f->o->store,
		    "made a new store, site '%s'", store_site(f->store));
	if (content_open(&f->content, store_dirfd(f->store),
		store_staging(f->store), e) == -1)
		return -1;
	return add_upstream(f, e);
}

/* An upstream that does not answer changes nothing. */
static int
open_fetch(struct fetch *f, struct err *e)
{
	const struct fetch_opts *o = f->o;

	if (store_open(&f->store, o->store,
		o->dry_run ? STORE_TRY : STORE_CREATE, o->site, e) == -1 ||
	    open_log(f, e) == -1 || find_upstream(f, e) == -1 ||
	    session_open(&f->session, f->peer.base, e) == -1)
		return -1;
	if (strncmp(f->peer.base, "http:", 5) == 0)
		log_event(f->log, LOG_INFO, f->peer.base,
		    "plain HTTP: nothing proves that what comes is the "
		    "upstream's");
	if (!o->content_only && session_begin(f, e) == -1)
		return -1;
	if (accept_all(f, e) == -1)
		return -1;
	return o->content_only ? 0 : session_check_policy(f, e);
}

/* The session first: it uses what goes after it. */
static void
close_fetch(struct fetch *f)
{
	session_close(&f->session);
	content_close(&f->content);
	store_close(f->store);
	policy_free(&f->policy);
	carry_free(&f->carry);
	for (size_t i = 0; i < 2; i++) {
		if (f->peer.secrets[i] != NULL)
			explicit_bzero(
			    f->peer.secrets[i], strlen(f->peer.secrets[i]));
		free(f->peer.secrets[i]);
	}
}

/* The categories are taken before the policy's names are looked up, unless all
   that waits is of a list of updates which a run before this began. */
static int
take_categories(struct fetch *f, struct err *e)
{
	struct sync_anchor list;
	struct sync_counts n;

	if (sync_anchor(f->store, f->up.row, SYNC_LIST, &list, e) == -1 ||
	    sync_counts(f->store, f->up.row, &n, e) == -1)
		return -1;
	if (n.inbox == 0 || (*list.pending != '\0' && f->n.to_get == 0))
		return 0;
	return take_inbox(f, *list.pending != '\0', e);
}

/* A dry run: names mean nothing before there are categories. */
static int
try_policy(struct fetch *f, struct err *e)
{
	struct store_counts n;

	if (!f->o->dry_run || !f->has_policy)
		return 0;
	if (store_counts(f->store, &n, e) == -1)
		return -1;
	f->way.nameless = n.categories == 0;
	if (f->way.nameless)
		log_event(f->log, LOG_INFO, f->o->policy,
		    "its names can be looked up when categories are held; "
		    "updates and payload are not counted");
	return 0;
}

static int
metadata(struct fetch *f, struct err *e)
{
	if ((!f->session.has_cookie && session_begin(f, e) == -1) ||
	    listing_fetch(f, SYNC_CONFIG, e) == -1)
		return -1;
	if (f->o->dry_run)
		return f->way.nameless ? 0 : listing_fetch(f, SYNC_LIST, e);
	if (batch_fetch(f, e) == -1 || take_categories(f, e) == -1 ||
	    listing_fetch(f, SYNC_LIST, e) == -1 || follow_all(f, e) == -1 ||
	    take_inbox(f, true, e) == -1 || decrypt_fetch(f, e) == -1)
		return -1;
	return f->o->copy_approvals ? approvals_fetch(f, e) : 0;
}

static int
forget(struct fetch *f, struct err *e)
{
	log_event(f->log, LOG_WARN, f->peer.base,
	    "the server was replaced or restored; asking for everything anew");
	f->way.forget = false;
	f->way.server_changed = f->way.full = true;
	f->session.has_auth = f->session.has_cookie = false;
	if (f->o->dry_run)
		return 0;
	if (store_begin(f->store, e) == -1)
		return -1;
	return store_end(f->store, sync_forget(f->store, f->up.row, e), e);
}

static int
run_steps(struct fetch *f, struct err *e)
{
	int r;

	if (try_policy(f, e) == -1)
		return -1;
	if (!f->o->content_only) {
		r = metadata(f, e);
		if (r == -1 && f->way.forget && !f->way.server_changed) {
			err_clear(e);
			r = forget(f, e) == -1 ? -1 : metadata(f, e);
		}
		if (r == -1)
			return -1;
	}
	if (f->way.nameless)
		return 0;
	if (missed_note(f, e) == -1)
		return -1;
	if (!f->has_policy || f->o->metadata_only)
		return missed_all(f, e);
	return missed_revisions(f, e) == -1 ? -1 : want_payload(f, e);
}

static int
see_newest(void *arg, const struct store_rev *r, struct err *e)
{
	struct fetch *f = arg;
	int64_t t;

	(void)e;
	if (r->created != NULL && serversync_time(&t, r->created) &&
	    t > f->n.newest)
		f->n.newest = t;
	return 0;
}

/* What is kept of the run, whatever came of it. */
static int
keep_run(struct fetch *f, int status, struct err *e)
{
	struct sync_run row = {.began = f->now,
	    .ended = time(NULL),
	    .status = status,
	    .requests = f->n.requests,
	    .revisions = f->n.new_revisions,
	    .files = f->n.files,
	    .bytes = f->n.files_bytes + f->n.got_bytes,
	    .failed = f->n.files_failed};
	int r;

	if (status == 0 || status == err_status(E_PARTIAL))
		f->up.last_success = row.ended;
	if (f->o->metrics != NULL &&
	    store_each_rev(f->store, see_newest, f, e) == -1)
		return -1;
	/* A run that did not get as far says no zero that is none. */
	if ((f->o->metrics != NULL || f->log->json) && !f->way.judged &&
	    lacking_count(f->store, NULL, &f->lacking, e) == -1)
		return -1;
	if (f->o->dry_run || !f->accepted || f->up.row == 0)
		return 0;
	if (store_begin(f->store, e) == -1)
		return -1;
	if ((r = sync_upstream_put(f->store, &f->up, e)) == 0)
		r = sync_run_put(f->store, f->up.row, &row, e);
	return store_end(f->store, r, e);
}

static int
see_upstream(void *arg, const struct sync_upstream *u, struct err *e)
{
	struct fetch *f = arg;

	(void)e;
	if (strcmp(u->url, f->peer.base) == 0)
		f->up.last_success = u->last_success;
	return 0;
}

/* A store that could not be opened for writing can be read all the same. */
static void
recall(struct fetch *f)
{
	struct err none = ERR_INIT;
	struct store *s = NULL;

	if (f->o->metrics == NULL || f->o->store == NULL ||
	    store_open(&s, f->o->store, STORE_READ, NULL, &none) == -1)
		return;
	if (sync_each_upstream(s, see_upstream, f, &none) == 0 &&
	    store_each_rev(s, see_newest, f, &none) == 0)
		err_clear(&none);
	store_close(s);
}

/* The first failure is what is told; a later one only where there was none. */
static void
finish_run(struct fetch *f, struct err *e)
{
	int status = err_worst(
	    f->log->worst, e->kind == E_NONE ? 0 : err_status(e->kind));
	struct err late = ERR_INIT;

	if (f->store == NULL) {
		recall(f);
	} else {
		store_rollback(f->store);
		if (keep_run(f, status, &late) == -1)
			log_error(f->log, f->o->store, &late);
	}
	if (fetch_metrics(f, status, &late) == -1)
		log_error(f->log, NULL, &late);
}

static int
explain(struct fetch *f, struct err *e)
{
	struct choose c;
	int r = -1;

	memset(&c, 0, sizeof(c));
	if (fetch_given(f->o, e) == -1 || utc_now(&f->now, e) == -1 ||
	    read_policy(f, e) == -1 ||
	    store_open(&f->store, f->o->store, STORE_READ, NULL, e) == -1 ||
	    store_begin(f->store, e) == -1)
		return -1;
	if (choose_open(&c, &f->policy, f->store, f->now, e) == 0 &&
	    choose_tell(&c, f->log, e) == 0)
		r = choose_explain(&c, f->o->explain, f->log, e);
	choose_close(&c);
	return r;
}

static int
fetch(struct fetch *f, struct err *e)
{
	int r = prepare(f, e);
	bool prepared = r == 0, for_nothing;

	/* From cron: nothing is said where nothing is new. */
	f->quiet = f->log->quiet;
	if (!f->log->json && f->log->verbose == 0 && !f->o->dry_run &&
	    !isatty(STDERR_FILENO))
		f->log->quiet = true;
	if (r == 0 && (r = open_fetch(f, e)) == 0)
		r = run_steps(f, e);
	fetch_say_left(f, e);
	finish_run(f, e);
	/* Nor for an upstream that never answered. */
	for_nothing = f->store != NULL && store_born(f->store) &&
	    (f->o->dry_run || (r == -1 && f->n.got_bytes == 0));
	if (r == 0 || (f->log->json && prepared) ||
	    (f->up.row != 0 && !f->o->dry_run && !for_nothing))
		fetch_summary(f, r == -1);
	if (for_nothing)
		store_take_back(f->store);
	f->log->quiet = f->quiet;
	return r;
}

int
fetch_run(const struct fetch_opts *o, struct err *e)
{
	struct fetch f = {.o = o,
	    .log = o->log,
	    .content = CONTENT_INIT,
	    .policy = POLICY_INIT,
	    .carry = CARRY_INIT,
	    .limits = {.batch = FETCH_BATCH_UNKNOWN,
		.key_batch = FETCH_BATCH_UNKNOWN,
		.follow_max = o->follow_max != 0 ? o->follow_max
						 : FETCH_FOLLOW_MAX},
	    .began_ms = clock_ms()};
	int r;

	xml_init();
	if (o->explain != NULL) {
		r = explain(&f, e);
	} else if ((r = http_init(e)) == 0) {
		r = fetch(&f, e);
	}
	close_fetch(&f);
	if (o->explain == NULL)
		http_cleanup();
	return r;
}
