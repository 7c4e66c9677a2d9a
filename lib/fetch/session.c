/* SPDX-License-Identifier: ISC */
/* The session with an upstream, and single calls of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch_priv.h"

#define PLUGIN "DssTargeting"
#define LIFE_MAX_S (5 * 86400)

unsigned
fetch_clamp(bool given, int64_t max)
{
	if (!given || max < 1 || max > FETCH_BATCH_MAX)
		return FETCH_BATCH_UNKNOWN;
	return (unsigned)max;
}

/*
 * Both times are the upstream's own, so that our clock may say what it likes.
 * What is over already or has no end is taken for what Windows gives.
 */
int64_t
fetch_cookie_life(const char *expiration, int64_t date)
{
	int64_t end;

	if (date == 0 || !ss_time(&end, expiration) || end <= date)
		return FETCH_COOKIE_LIFE_S;
	return end - date > LIFE_MAX_S ? LIFE_MAX_S : end - date;
}

void
fetch_stale(struct fetch *f, unsigned session)
{
	if (session == f->session)
		f->has_cookie = false;
}

void
fetch_restart(struct fetch *f, unsigned session, const struct soap_fault *fault,
    const struct fetch_tries *t)
{
	fetch_stale(f, session);
	if (fault->code == SOAP_INVALID_AUTH_COOKIE || t->restarts > 1)
		f->has_auth = false;
}

static bool
needs_cookie(enum ss_op op)
{
	return op != SS_GET_AUTH_CONFIG && op != SS_GET_AUTHORIZATION_COOKIE &&
	    op != SS_GET_COOKIE;
}

/* One try: the answer or the fault is in f->reply. */
static int
call_once(struct fetch *f, const struct fetch_call *c, struct err *e)
{
	struct fetch_post *p = &f->post;

	buf_reset(&p->ask);
	if (c->ask(f, &p->ask, c->arg, e) == -1 ||
	    fetch_post_start(f, p, c->op, e) == -1)
		return -1;
	if (fetch_post_wait(f, p, e) == -1 || fetch_post_judge(f, p, e) == -1)
		return -1;
	return fetch_post_read(p, f->reader, c->each, c->arg, f->reply, e);
}

void
fetch_tell(struct fetch *f, enum ss_op op, const struct soap_fault *fault)
{
	log_event(f->log, LOG_DEBUG, f->base, "%s: fault %s, ID '%s': %s (%s)",
	    ss_op_name(op), fault->word, fault->id, fault->message,
	    fault->string);
}

/* What is to be done before the next try: 0, or -1 to give up. */
static int
react(struct fetch *f, const struct fetch_call *c, struct fetch_tries *t,
    struct err *e)
{
	const struct soap_fault *fault = &f->reply->fault;
	uint64_t wait_ms;

	switch (fetch_react(
	    f, c->op, fault, t, f->post.req.got.retry_after_s, &wait_ms)) {
	case FETCH_AGAIN:
		log_event(f->log, LOG_INFO, f->base,
		    "%s: %s, waiting %" PRIu64 " ms", ss_op_name(c->op),
		    fault->word, wait_ms);
		return fetch_pause(f, wait_ms, e);
	case FETCH_RESTART:
		fetch_restart(f, f->post.session, fault, t);
		return 0;
	case FETCH_FORGET:
		f->forget = true;
		break;
	case FETCH_GIVE_UP:
	case FETCH_BISECT:
	case FETCH_SMALLER:
		break;
	}
	return fetch_refused(f, c->op, fault, e);
}

int
fetch_call(struct fetch *f, const struct fetch_call *c, struct err *e)
{
	struct fetch_tries t = {.restarts = 0};
	int r = -1;

	for (;;) {
		if (needs_cookie(c->op) && fetch_fresh(f, e) == -1)
			break;
		if ((r = call_once(f, c, e)) == -1 ||
		    f->reply->fault.code == SOAP_OK)
			break;
		f->faults++;
		fetch_tell(f, c->op, &f->reply->fault);
		if ((c->want_faults & 1U << f->reply->fault.code) != 0) {
			r = FETCH_FAULT;
			break;
		}
		if ((r = react(f, c, &t, e)) == -1)
			break;
	}
	return r;
}

static int
ask_auth_config(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	(void)f, (void)arg;
	return ss_ask_auth_config(b, e);
}

static int
ask_authorization(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	(void)arg;
	return ss_ask_authorization(b, f->account, &f->up.account, e);
}

static int
ask_cookie(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	(void)arg;
	return ss_ask_cookie(b, &f->auth,
	    f->o->protocol != NULL ? f->o->protocol : SS_VERSION, e);
}

static int
ask_config(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	(void)arg;
	return ss_ask_config(b, &f->cookie, NULL, e);
}

static int
authorize(struct fetch *f, struct err *e)
{
	struct fetch_call c = {
	    .op = SS_GET_AUTH_CONFIG, .ask = ask_auth_config};

	if (fetch_call(f, &c, e) == -1)
		return -1;
	if (f->reply->nplugins == 0)
		return err_set(e, E_REMOTE,
		    "%s: no plug-in for authorization in its GetAuthConfig",
		    f->base);
	if (f->reply->nplugins > 1 || strcmp(f->reply->plugin_id, PLUGIN) != 0)
		log_event(f->log, LOG_WARN, f->base,
		    "%u plug-ins for authorization, the first is '%s'; "
		    "expected " PLUGIN " alone",
		    f->reply->nplugins, f->reply->plugin_id);
	if (fetch_join(f->base, f->reply->service_url, f->auth_url, e) == -1)
		return err_ctx(e, "%s", f->base);
	c = (struct fetch_call){
	    .op = SS_GET_AUTHORIZATION_COOKIE, .ask = ask_authorization};
	if (fetch_call(f, &c, e) == -1)
		return -1;
	f->auth = f->reply->auth;
	f->has_auth = true;
	return 0;
}

/* FETCH_FAULT: the authorization is over. */
static int
get_cookie(struct fetch *f, struct err *e)
{
	struct fetch_call c = {.op = SS_GET_COOKIE,
	    .ask = ask_cookie,
	    .want_faults = 1U << SOAP_INVALID_AUTH_COOKIE};
	int64_t life;
	int r = fetch_call(f, &c, e);

	if (r != 0)
		return r;
	f->cookie = f->reply->cookie;
	f->has_cookie = true;
	f->session++;
	life = fetch_cookie_life(f->cookie.expiration, f->post.req.got.date);
	if (life > 2 * FETCH_RENEW_S)
		life -= FETCH_RENEW_S;
	else
		life = life / 2;
	f->renew_ms = clock_ms() + (uint64_t)life * 1000;
	return 0;
}

int
fetch_fresh(struct fetch *f, struct err *e)
{
	int r;

	if (f->has_cookie && clock_ms() < f->renew_ms)
		return 0;
	for (unsigned tries = 0;; tries++) {
		if (!f->has_auth && authorize(f, e) == -1)
			return -1;
		if ((r = get_cookie(f, e)) != FETCH_FAULT)
			return r;
		f->has_auth = false;
		if (tries >= FETCH_RESTARTS_CALL ||
		    ++f->restarts > FETCH_RESTARTS_RUN)
			return fetch_refused(
			    f, SS_GET_COOKIE, &f->reply->fault, e);
	}
}

/* A name that is none is not kept: they are told, and joined by blanks. */
static bool
is_lang(const char *name)
{
	return *name != '\0' &&
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* Those that are enabled; "all" alone stands for every one.  An answer with
   none, which tells that nothing has changed, changes nothing. */
void
fetch_langs(struct sync_upstream *u, const struct ss_config *c)
{
	size_t n = 0;

	if (!c->has_langs)
		return;
	u->languages[0] = '\0';
	for (size_t i = 0; i < c->nlangs; i++) {
		if (!c->langs[i].enabled || !is_lang(c->langs[i].name))
			continue;
		if (c->langs[i].id == 0) {
			snprintf(u->languages, sizeof(u->languages), "all");
			return;
		}
		n += (size_t)snprintf(u->languages + n,
		    sizeof(u->languages) - n, "%s%s", n > 0 ? " " : "",
		    c->langs[i].name);
	}
}

static void
keep_config(struct fetch *f, const struct ss_config *c)
{
	unsigned batch = fetch_clamp(c->has_max_updates, c->max_updates);

	if (c->max_updates != batch)
		log_event(f->log, LOG_DEBUG, f->base,
		    "its limit of %" PRId64 " ids in one request is taken for "
		    "%u",
		    c->max_updates, batch);
	f->batch = batch;
	/* Absent before Windows Server 2012, and so is the call. */
	f->key_batch = c->max_decryption == 0
	    ? 0
	    : fetch_clamp(true, c->max_decryption);
	f->up.catalog_only = c->catalog_only;
	f->up.lazy = c->lazy;
	f->up.hosts_psf = c->hosts_psf;
	f->up.max_updates = batch;
	snprintf(f->up.version, sizeof(f->up.version), "%s", c->version);
	fetch_langs(&f->up, c);
}

static bool
has_lang(const char *langs, const char *name)
{
	size_t n;

	for (; *langs != '\0'; langs += n) {
		langs += strspn(langs, " ");
		n = strcspn(langs, " ");
		if (strlen(name) == n && strncasecmp(langs, name, n) == 0)
			return true;
	}
	return false;
}

/* Documents have all languages, whatever the upstream has; payload has not. */
static void
check_policy(struct fetch *f)
{
	const struct policy_words *w = &f->policy.languages;

	if (f->policy.express && !f->up.hosts_psf && !f->up.catalog_only &&
	    !f->o->internet_content)
		log_event(f->log, LOG_WARN, f->base,
		    "the policy asks for express files, and the upstream says "
		    "that it has none");
	if (*f->up.languages == '\0' || strcmp(f->up.languages, "all") == 0)
		return;
	for (size_t i = 0; i < w->n; i++)
		if (!has_lang(f->up.languages, w->v[i].text))
			log_event(f->log, LOG_WARN, f->base,
			    "the policy asks for language '%s', which is not "
			    "enabled there; those are: %s",
			    w->v[i].text, f->up.languages);
}

int
fetch_config(struct fetch *f, struct err *e)
{
	struct fetch_call c = {.op = SS_GET_CONFIG_DATA, .ask = ask_config};

	if (fetch_call(f, &c, e) == -1)
		return -1;
	keep_config(f, &f->reply->config);
	return 0;
}

int
fetch_session(struct fetch *f, struct err *e)
{
	f->has_auth = f->has_cookie = false;
	if (fetch_config(f, e) == -1)
		return -1;
	log_event(f->log, LOG_DEBUG, f->base,
	    "session as '%s'; its version is %s, %u ids in one request, "
	    "payload %s",
	    f->account, *f->up.version != '\0' ? f->up.version : "unknown",
	    f->batch,
	    f->up.catalog_only ? "at the URLs of its catalogue"
			       : "on the server itself");
	log_event(f->log, LOG_DEBUG, f->base, "languages enabled there: %s",
	    *f->up.languages != '\0' ? f->up.languages : "not known");
	check_policy(f);
	return 0;
}
