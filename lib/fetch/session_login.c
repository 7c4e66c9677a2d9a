/* SPDX-License-Identifier: ISC */
/* A new session: authorization, then a cookie. */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch_priv.h"

#define PLUGIN "DssTargeting"
#define LIFE_MAX_S (5 * 86400)

/*
 * Both times are the upstream's own, so that our clock may say what it likes.
 * What is over already or has no end is taken for what Windows gives.
 */
int64_t
session_cookie_life(const char *expiration, int64_t date)
{
	int64_t end;

	if (date == 0 || !serversync_time(&end, expiration) || end <= date)
		return FETCH_COOKIE_LIFE_S;
	return end - date > LIFE_MAX_S ? LIFE_MAX_S : end - date;
}

static int
ask_auth_config(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	(void)f, (void)arg;
	return serversync_ask_auth_config(b, e);
}

static int
ask_authorization(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	(void)arg;
	return serversync_ask_authorization(
	    b, f->peer.account, &f->up.account, e);
}

static int
ask_cookie(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	(void)arg;
	return serversync_ask_cookie(b, &f->session.auth,
	    f->o->protocol != NULL ? f->o->protocol : SS_VERSION, e);
}

static int
authorize(struct fetch *f, struct err *e)
{
	struct session_call c = {
	    .op = SS_GET_AUTH_CONFIG, .ask = ask_auth_config};
	struct session_begin *s = &f->session;
	const struct ss_reply *got = s->login.reply;

	if (session_say(f, &c, e) == -1)
		return -1;
	if (got->nplugins == 0)
		return err_set(e, E_REMOTE,
		    "%s: no plug-in for authorization in its GetAuthConfig",
		    f->peer.base);
	if (got->nplugins > 1 || strcmp(got->plugin_id, PLUGIN) != 0)
		log_event(f->log, LOG_INFO, f->peer.base,
		    "%u plug-ins for authorization, the first is '%s'; "
		    "expected " PLUGIN " alone",
		    got->nplugins, got->plugin_id);
	if (session_join(f->peer.base, got->service_url, s->auth_url, e) == -1)
		return err_ctx(e, "%s", f->peer.base);
	c = (struct session_call){
	    .op = SS_GET_AUTHORIZATION_COOKIE, .ask = ask_authorization};
	if (session_say(f, &c, e) == -1)
		return -1;
	s->auth = got->auth;
	s->has_auth = true;
	return 0;
}

/* FETCH_FAULT: the authorization is over. */
static int
get_cookie(struct fetch *f, struct err *e)
{
	struct session_call c = {.op = SS_GET_COOKIE,
	    .ask = ask_cookie,
	    .want_faults = 1U << SOAP_INVALID_AUTH_COOKIE};
	int64_t life;
	int r = session_say(f, &c, e);

	if (r != 0)
		return r;
	f->session.cookie = f->session.login.reply->cookie;
	f->session.has_cookie = true;
	f->session.number++;
	life = session_cookie_life(
	    f->session.cookie.expiration, f->session.login.post.req.got.date);
	if (life > 2 * FETCH_RENEW_S)
		life -= FETCH_RENEW_S;
	else
		life = life / 2;
	f->session.renew_ms = clock_ms() + (uint64_t)life * 1000;
	return 0;
}

int
session_fresh(struct fetch *f, struct err *e)
{
	int r;

	if (f->session.has_cookie && clock_ms() < f->session.renew_ms)
		return 0;
	for (unsigned tries = 0;; tries++) {
		if (!f->session.has_auth && authorize(f, e) == -1)
			return -1;
		if ((r = get_cookie(f, e)) != FETCH_FAULT)
			return r;
		f->session.has_auth = false;
		if (tries >= FETCH_RESTARTS_CALL ||
		    ++f->session.restarts > FETCH_RESTARTS_RUN)
			return session_refused(f, SS_GET_COOKIE,
			    &f->session.login.reply->fault, e);
	}
}
