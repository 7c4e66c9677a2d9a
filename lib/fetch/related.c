/* SPDX-License-Identifier: ISC */
#include "lib/fetch/related.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"

/* An upstream that cannot say it has not got it. */
#define REFUSALS                                                               \
	(1U << SOAP_INTERNAL | 1U << SOAP_UNKNOWN |                            \
	    1U << SOAP_INVALID_PARAMETERS)

static int
ask_related(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	struct related *r = arg;

	r->nv = 0;
	return serversync_ask_related(b, &f->session.cookie, r->ids, r->n, e);
}

static int
ask_whole(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	const struct ss_filter all = {.config = false};
	struct related *r = arg;

	r->nv = 0;
	return serversync_ask_list(b, &f->session.cookie, &all, e);
}

static int
see_rev(void *arg, const struct ss_rev *rev, struct err *e)
{
	struct related *r = arg;

	if (grow(&r->v, &r->cap, r->nv, sizeof(*r->v), e) == -1)
		return -1;
	r->v[r->nv++] = *rev;
	return 0;
}

static int
by_rev(const void *a, const void *b)
{
	const struct ss_rev *x = a, *y = b;
	int c = guid_cmp(&x->id, &y->id);

	return c != 0
	    ? c
	    : (x->revision > y->revision) - (x->revision < y->revision);
}

uint32_t
related_newest(const struct related *r, const struct guid *id)
{
	const struct ss_rev after = {.id = *id, .revision = UINT32_MAX};
	size_t at = sort_place(&after, r->v, r->nv, sizeof(*r->v), by_rev);

	return at > 0 && guid_cmp(&r->v[at - 1].id, id) == 0
	    ? r->v[at - 1].revision
	    : 0;
}

/* One that it does not know may be among them. */
static int
ask_microsoft(struct fetch *f, struct related *r, struct err *e)
{
	const struct ss_each each = {.rev = see_rev};
	const struct session_call c = {.op = SS_GET_RELATED_REVISIONS,
	    .ask = ask_related,
	    .each = &each,
	    .arg = r,
	    .want_faults = REFUSALS};
	int res = session_call(f, &c, e);

	if (res == -1)
		return -1;
	if (res == FETCH_FAULT) {
		r->nv = 0;
		r->most = ((unsigned)r->n + 1) / 2;
		return r->n > 1 ? 0 : 1;
	}
	return 1;
}

/* What cannot be had this way is no worse off than it was: said, not fatal. */
static int
no_list(struct fetch *f, struct related *r, const char *why)
{
	r->nv = 0;
	log_event(f->log, LOG_WARN, f->peer.base,
	    "its list of all updates is not to be had (%s): what the wanted "
	    "ones need outside of the policy is not asked for",
	    why);
	return 1;
}

static int
ask_wsus(struct fetch *f, struct related *r, struct err *e)
{
	const struct ss_each each = {.rev = see_rev};
	const struct session_call c = {.op = SS_GET_REVISION_ID_LIST,
	    .ask = ask_whole,
	    .each = &each,
	    .arg = r,
	    .want_faults = REFUSALS};
	char why[sizeof(e->msg)];
	int res;

	if (r->whole)
		return 1;
	r->whole = true;
	res = session_call(f, &c, e);
	if (res == FETCH_FAULT)
		return no_list(f, r, f->session.call.reply->fault.word);
	if (res == -1 && f->session.came &&
	    (e->kind == E_FORMAT || e->kind == E_LIMIT)) {
		snprintf(why, sizeof(why), "%s", e->msg);
		err_clear(e);
		return no_list(f, r, why);
	}
	if (res == 0 && r->nv == 0)
		return no_list(f, r, "it is empty");
	return res == -1 ? -1 : 1;
}

int
related_ask(struct fetch *f, struct related *r, struct err *e)
{
	bool sorted = r->whole;
	int res = f->peer.microsoft ? ask_microsoft(f, r, e)
				    : ask_wsus(f, r, e);

	if (res == 1 && !sorted)
		sort_up(r->v, r->nv, sizeof(*r->v), by_rev);
	return res;
}
