/* SPDX-License-Identifier: ISC */
/* The upstream's approvals, for tools that read state.jsonl. */
#include <inttypes.h>
#include <string.h>

#include "formats/state.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/store/store.h"

struct approvals {
	struct fetch *f;
	const char *anchor; /* borrowed: of the last list of updates */
	struct buf lines; /* owned: lines, each ended by a NUL */
	struct json j;
	uint64_t n;
};

static int
ask_approvals(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	struct approvals *a = arg;

	buf_reset(&a->lines);
	a->n = 0;
	return ss_ask_deployments(b, &f->session.cookie, NULL, a->anchor, e);
}

static int
keep_line(struct approvals *a, struct err *e)
{
	const char *line = json_end(&a->j);

	if (line == NULL)
		return err_nomem(e);
	a->n++;
	return buf_put(&a->lines, line, strlen(line) + 1, e);
}

static int
see_deployment(void *arg, const struct ss_deployment *d, struct err *e)
{
	static const char *const words[] = {
	    "install", "uninstall", "scan", "block"};
	struct approvals *a = arg;
	char id[GUID_LEN + 1], group[GUID_LEN + 1];

	guid_write(id, &d->rev.id);
	guid_write(group, &d->group);
	json_begin(&a->j);
	json_str(&a->j, "t", "approval");
	json_str(&a->j, "id", id);
	json_num(&a->j, "revision", d->rev.revision);
	if (d->action < sizeof(words) / sizeof(words[0]))
		json_str(&a->j, "action", words[d->action]);
	else
		json_num(&a->j, "action", d->action);
	json_str(&a->j, "group", group);
	if (d->deadline != NULL && strncmp(d->deadline, "9999-", 5) != 0)
		json_str(&a->j, "deadline", d->deadline);
	return keep_line(a, e);
}

static int
see_group(void *arg, const struct ss_group *g, struct err *e)
{
	struct approvals *a = arg;
	char id[GUID_LEN + 1];

	guid_write(id, &g->id);
	json_begin(&a->j);
	json_str(&a->j, "t", "approval");
	json_str(&a->j, "group", id);
	json_str(&a->j, "name", g->name != NULL ? g->name : "");
	return keep_line(a, e);
}

static int
see_hidden(void *arg, const struct guid *id, struct err *e)
{
	struct approvals *a = arg;
	char text[GUID_LEN + 1];

	guid_write(text, id);
	json_begin(&a->j);
	json_str(&a->j, "t", "approval");
	json_str(&a->j, "id", text);
	json_str(&a->j, "action", "decline");
	return keep_line(a, e);
}

static int
put_lines(struct fetch *f, const struct approvals *a, struct err *e)
{
	const char *line = (const char *)a->lines.p;
	size_t left = a->lines.len, n;

	if (store_drop_approvals(f->store, e) == -1)
		return -1;
	for (; left > 0; line += n, left -= n) {
		n = strlen(line) + 1;
		if (store_put_state(f->store, line, n - 1, e) == -1)
			return -1;
	}
	return 0;
}

static int
count(void *arg, const char *line, struct err *e)
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
	if (store_each_state(f->store, count, &held, e) == -1)
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
	struct fetch_call c = {.op = SS_GET_DEPLOYMENTS,
	    .ask = ask_approvals,
	    .each = &each,
	    .arg = a};
	int r;

	if (fetch_call(f, &c, e) == -1)
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
fetch_approvals(struct fetch *f, struct err *e)
{
	struct approvals a = {.f = f, .lines = BUF_INIT, .j = JSON_INIT};
	struct sync_anchor anchor;
	int r;

	if (sync_anchor(f->store, f->up.row, SYNC_LIST, &anchor, e) == -1)
		return -1;
	a.anchor = *anchor.value != '\0' ? anchor.value : anchor.pending;
	r = *a.anchor != '\0' ? approvals(f, &a, e) : 0;
	buf_free(&a.lines);
	json_free(&a.j);
	return r;
}
