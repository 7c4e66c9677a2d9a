/* SPDX-License-Identifier: ISC */
/* What a fault of the upstream asks for: one table. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/fetch/fetch_priv.h"

#define BUSY_TRIES 5
#define INTERNAL_TRIES 2

/* In halves of --retry-wait: 5 and 30 seconds unless it is given. */
static const unsigned internal_halves[INTERNAL_TRIES] = {5, 30};
#define BUSY_HALVES 5

static uint64_t
halves_ms(const struct fetch *f, unsigned n)
{
	unsigned unit = f->o->retry_wait_ms != 0 ? f->o->retry_wait_ms
						 : FETCH_WAIT_MS;

	return (uint64_t)unit * n / 2;
}

static enum session_react
restart(struct fetch *f, struct fetch_tries *t)
{
	if (t->restarts >= FETCH_RESTARTS_CALL ||
	    f->session.restarts >= FETCH_RESTARTS_RUN)
		return FETCH_GIVE_UP;
	t->restarts++;
	f->session.restarts++;
	return FETCH_RESTART;
}

/* 5 s for each try so far, a quarter more at random, or what it asks for. */
static enum session_react
busy(struct fetch *f, struct fetch_tries *t, unsigned retry_after_s,
    uint64_t *wait_ms)
{
	uint64_t ms;

	if (t->busy >= BUSY_TRIES || retry_after_s > HTTP_RETRY_AFTER_MAX_S)
		return FETCH_GIVE_UP;
	ms = halves_ms(f, BUSY_HALVES * ++t->busy);
	ms += http_pause_ms(2, (unsigned)(ms / 4), 0);
	if (ms < (uint64_t)retry_after_s * 1000)
		ms = (uint64_t)retry_after_s * 1000;
	*wait_ms = ms;
	return FETCH_AGAIN;
}

static enum session_react
internal(
    struct fetch *f, enum ss_op op, struct fetch_tries *t, uint64_t *wait_ms)
{
	if (op == SS_GET_UPDATE_DATA || op == SS_GET_UPDATE_DECRYPTION_DATA)
		return FETCH_BISECT;
	if (t->internal >= INTERNAL_TRIES)
		return FETCH_GIVE_UP;
	*wait_ms = halves_ms(f, internal_halves[t->internal++]);
	return FETCH_AGAIN;
}

enum session_react
session_react(struct fetch *f, enum ss_op op, const struct soap_fault *fault,
    struct fetch_tries *t, unsigned retry_after_s, uint64_t *wait_ms)
{
	*wait_ms = 0;
	switch (fault->code) {
	case SOAP_INVALID_COOKIE:
	case SOAP_INVALID_AUTH_COOKIE:
		return restart(f, t);
	case SOAP_SERVER_BUSY:
		return busy(f, t, retry_after_s, wait_ms);
	case SOAP_INTERNAL:
		return internal(f, op, t, wait_ms);
	case SOAP_SERVER_CHANGED:
		return f->way.server_changed ? FETCH_GIVE_UP : FETCH_FORGET;
	case SOAP_INVALID_PARAMETERS:
		if (op != SS_GET_UPDATE_DATA || f->limits.smaller ||
		    strcmp(fault->message, "updateIds") != 0)
			return FETCH_GIVE_UP;
		return FETCH_SMALLER;
	default:
		return FETCH_GIVE_UP;
	}
}

static const char *
hint(const struct soap_fault *fault)
{
	switch (fault->code) {
	case SOAP_SERVER_BUSY:
		return "; it is busy, try later";
	case SOAP_INCOMPATIBLE_VERSION:
		return "; see --protocol-version";
	case SOAP_SERVER_CHANGED:
		return "; it says so a second time in one run";
	case SOAP_INVALID_COOKIE:
	case SOAP_INVALID_AUTH_COOKIE:
		return "; new sessions did not help";
	default:
		return "";
	}
}

int
session_refused(struct fetch *f, enum ss_op op, const struct soap_fault *fault,
    struct err *e)
{
	const char *ours = f->o->protocol != NULL ? f->o->protocol : SS_VERSION;
	const char *word = *fault->word != '\0' ? fault->word : fault->string;
	char versions[64] = "";

	if (fault->code == SOAP_INCOMPATIBLE_VERSION)
		snprintf(versions, sizeof(versions), " (ours %s, its %s)", ours,
		    *f->up.version != '\0' ? f->up.version : "unknown");
	return err_set(e, E_REMOTE, "%s refuses %s: %s%s%.200s%s%s%s%s",
	    f->peer.base, serversync_op_name(op),
	    *word != '\0' ? word : "a fault",
	    *fault->message != '\0' ? ": " : "", fault->message, versions,
	    hint(fault), *fault->id != '\0' ? "; its ID " : "", fault->id);
}
