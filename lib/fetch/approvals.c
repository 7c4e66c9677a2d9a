/* SPDX-License-Identifier: ISC */
/* The upstream's approvals, for tools that read state.jsonl. */
#include <inttypes.h>
#include <string.h>

#include "formats/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sink.h"
#include "lib/base/words.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/store/store.h"

struct approvals {
	struct fetch *f;
	const char *anchor; /* borrowed: of the last list of updates */
	struct buf lines; /* owned: lines of state.jsonl */
	uint64_t n;
};

static int
ask_approvals(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	struct approvals *a = arg;

	buf_reset(&a->lines);
	a->n = 0;
	return serversync_ask_deployments(
	    b, &f->session.cookie, NULL, a->anchor, e);
}

static int
keep_line(struct approvals *a, const struct state_line *l, struct err *e)
{
	struct sink to;

	sink_buf(&to, &a->lines);
	a->n++;
	return state_write(l, &to, e);
}

static int
see_deployment(void *arg, const struct ss_deployment *d, struct err *e)
{
	static const char *const words[] = {
	    "install", "uninstall", "scan", "block"};
	struct state_line l = {.type = STATE_APPROVAL,
	    .has_id = true,
	    .id = d->rev.id,
	    .has_revision = true,
	    .revision = d->rev.revision,
	    .has_group = true,
	    .group = d->group,
	    .optional = d->optional};

	if (d->action < sizeof(words) / sizeof(words[0]))
		snprintf(l.action, sizeof(l.action), "%s", words[d->action]);
	else
		snprintf(l.action, sizeof(l.action), "%" PRIu32, d->action);
	if (d->deadline != NULL && strncmp(d->deadline, "9999-", 5) != 0)
		snprintf(l.deadline, sizeof(l.deadline), "%s", d->deadline);
	return keep_line(arg, &l, e);
}

static int
see_group(void *arg, const struct ss_group *g, struct err *e)
{
	struct state_line l = {
	    .type = STATE_APPROVAL, .has_group = true, .group = g->id};

	state_name(&l, g->name != NULL ? g->name : "");
	return keep_line(arg, &l, e);
}

static int
see_hidden(void *arg, const struct guid *id, struct err *e)
{
	const struct state_line l = {.type = STATE_APPROVAL,
	    .has_id = true,
	    .id = *id,
	    .action = "decline"};

	return keep_line(arg, &l, e);
}

static int
put_lines(struct fetch *f, const struct approvals *a, struct err *e)
{
	const char *line = (const char *)a->lines.p, *lf;
	size_t left = a->lines.len;

	if (store_drop_approvals(f->store, e) == -1)
		return -1;
	for (; left > 0; left -= (size_t)(lf + 1 - line), line = lf + 1) {
		lf = memchr(line, '\n', left);
		if (store_put_state(f->store, line, (size_t)(lf - line), e) ==
		    -1)
			return -1;
	}
	return 0;
}

static int
count_approval(void *arg, const char *line, struct err *e)
{
	struct err fault = ERR_INIT;
	struct state_line l;

	(void)e;
	(void)state_read_line(&l, line, strlen(line), &fault);
	*(uint64_t *)arg += strcmp(l.t, "approval") == 0;
	return 0;
}

/* An answer without the lists does not say that there are none. */
static int
no_lists(struct fetch *f, struct err *e)
{
	const struct ss_reply *got = f->session.call.reply;
	uint64_t held = 0;

	if (got->has_deployments && got->has_hidden)
		return 0;
	if (store_each_state(f->store, count_approval, &held, e) == -1)
		return -1;
	if (held > 0)
		log_event(f->log, LOG_WARN, f->peer.base,
		    "its answer has no %s: what is held of its approvals (%s) "
		    "is kept as it is",
		    got->has_deployments ? "HiddenUpdates" : "Deployments",
		    words_count(held, "line").s);
	return 1;
}

static int
approvals(struct fetch *f, struct approvals *a, struct err *e)
{
	const struct ss_each each = {.deployment = see_deployment,
	    .group = see_group,
	    .hidden = see_hidden};
	struct session_call c = {.op = SS_GET_DEPLOYMENTS,
	    .ask = ask_approvals,
	    .each = &each,
	    .arg = a};
	int r;

	if (session_call(f, &c, e) == -1)
		return -1;
	if ((r = no_lists(f, e)) != 0)
		return r == 1 ? 0 : -1;
	if (store_begin(f->store, e) == -1)
		return -1;
	if (store_end(f->store, put_lines(f, a, e), e) == -1)
		return -1;
	log_event(f->log, LOG_DEBUG, f->peer.base, "%s",
	    words_count(a->n, "approval").s);
	return 0;
}

int
approvals_fetch(struct fetch *f, struct err *e)
{
	struct approvals a = {.f = f, .lines = BUF_INIT};
	struct sync_anchor anchor;
	int r;

	if (sync_anchor(f->store, f->up.row, SYNC_LIST, &anchor, e) == -1)
		return -1;
	a.anchor = *anchor.value != '\0' ? anchor.value : anchor.pending;
	r = *a.anchor != '\0' ? approvals(f, &a, e) : 0;
	buf_free(&a.lines);
	return r;
}
