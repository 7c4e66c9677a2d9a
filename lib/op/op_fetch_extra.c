/* SPDX-License-Identifier: ISC */
/* What goes beyond lists: lost relations, keys, approvals. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/op/fetch.h"
#include "lib/op/grow.h"
#include "lib/store/store.h"

#define RELATED_BATCH 100

/* Related revisions ------------------------------------------------------ */

struct related {
	struct guid ids[RELATED_BATCH];
	bool found[RELATED_BATCH];
	size_t n;
	struct ss_rev *v; /* owned */
	size_t nv, cap;
};

static int
ask_related(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	struct related *r = arg;

	r->nv = 0;
	return ss_ask_related(b, &f->cookie, r->ids, r->n, e);
}

static int
see_related(void *arg, const struct ss_rev *rev, struct err *e)
{
	struct related *r = arg;

	if (grow(&r->v, &r->cap, r->nv, sizeof(*r->v), e) == -1)
		return -1;
	r->v[r->nv++] = *rev;
	return 0;
}

/* Only what was asked for, the newest of it: the answer has relations, too. */
static int
put_related(struct fetch *f, struct related *r, bool *more, struct err *e)
{
	for (size_t i = 0; i < r->n; i++) {
		uint32_t newest = 0;
		bool added = false;

		for (size_t k = 0; k < r->nv; k++)
			if (guid_cmp(&r->v[k].id, &r->ids[i]) == 0 &&
			    r->v[k].revision > newest)
				newest = r->v[k].revision;
		if (newest != 0 &&
		    sync_add(f->store, f->up.row, SYNC_CLOSURE, &r->ids[i],
			newest, &added, e) == -1)
			return -1;
		if (added)
			*more = true;
		else if (sync_unavailable(f->store, f->up.row, &r->ids[i], 0,
			     "the upstream knows no revision of it", e) == -1)
			return -1;
	}
	return 0;
}

static int
related(struct fetch *f, struct related *r, bool *more, struct err *e)
{
	const struct ss_each each = {.rev = see_related};
	struct fetch_call c = {.op = SS_GET_RELATED_REVISIONS,
	    .ask = ask_related,
	    .each = &each,
	    .arg = r,
	    .want_faults = 1U << SOAP_INTERNAL | 1U << SOAP_UNKNOWN |
		1U << SOAP_INVALID_PARAMETERS};
	int n;

	while ((n = sync_dangling(
		    f->store, f->up.row, r->ids, RELATED_BATCH, e)) > 0) {
		r->n = (size_t)n;
		/* A fault: it does not know them. */
		if (fetch_call(f, &c, e) == -1 ||
		    store_begin(f->store, e) == -1)
			return -1;
		if (f->reply->fault.code != SOAP_OK)
			r->nv = 0;
		if (put_related(f, r, more, e) == -1) {
			store_rollback(f->store);
			return -1;
		}
		if (store_commit(f->store, e) == -1)
			return -1;
	}
	return n;
}

int
fetch_related(struct fetch *f, bool *more, struct err *e)
{
	struct related *r;
	int res;

	*more = false;
	if (!f->microsoft)
		return 0;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return err_nomem(e);
	res = related(f, r, more, e);
	free(r->v);
	free(r);
	return res;
}

/* Keys ------------------------------------------------------------------- */

struct keys {
	struct fetch *f;
	struct ss_rev *v; /* owned: revisions without keys */
	size_t n, cap, at, some; /* at, some: those of one request */
	size_t most; /* of one request, after faults */
	unsigned refused; /* single ones, in a row */
	uint64_t got;
};

static int
see_keyless(void *arg, const struct guid *id, uint32_t revision, struct err *e)
{
	struct keys *k = arg;

	if (grow(&k->v, &k->cap, k->n, sizeof(*k->v), e) == -1)
		return -1;
	k->v[k->n++] = (struct ss_rev){.id = *id, .revision = revision};
	return 0;
}

static int
ask_keys(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	struct keys *k = arg;

	return ss_ask_revs(b, SS_GET_UPDATE_DECRYPTION_DATA, &f->cookie,
	    k->v + k->at, k->some, e);
}

/* Each is kept at once: an answer that breaks off later takes none away. */
static int
see_key(void *arg, const struct ss_key *key, struct err *e)
{
	struct keys *k = arg;
	struct fetch *f = k->f;

	if (store_begin(f->store, e) == -1)
		return -1;
	if (sync_key_put(f->store, key->sha1, key->key,
		key->key != NULL ? key->nkey : 0, e) == -1) {
		store_rollback(f->store);
		return -1;
	}
	k->got += key->key != NULL;
	return store_commit(f->store, e);
}

/* One id that the upstream does not know spoils the whole call: in halves, and
   the single one is passed over until the next run.  true: no use to go on. */
static bool
refused(struct fetch *f, struct keys *k)
{
	const struct soap_fault *fault = &f->reply->fault;

	if (fault->code == SOAP_UNKNOWN || k->refused == f->key_batch) {
		log_event(f->log, LOG_INFO, f->base,
		    "no keys for %zu revisions with encrypted files: %s",
		    k->n - k->at, fault->word);
		return true;
	}
	if (k->some == 1) {
		k->refused++;
		k->at++;
	}
	k->most = k->some > 1 ? k->some / 2 : 1;
	return false;
}

static int
keys(struct fetch *f, struct keys *k, struct err *e)
{
	const struct ss_each each = {.key = see_key};
	struct fetch_call c = {.op = SS_GET_UPDATE_DECRYPTION_DATA,
	    .ask = ask_keys,
	    .each = &each,
	    .arg = k,
	    .want_faults = 1U << SOAP_INTERNAL | 1U << SOAP_UNKNOWN |
		1U << SOAP_INVALID_PARAMETERS};
	int r;

	k->most = f->key_batch;
	while (k->at < k->n) {
		k->some = k->n - k->at < k->most ? k->n - k->at : k->most;
		if ((r = fetch_call(f, &c, e)) == -1)
			return -1;
		if (r == FETCH_FAULT && refused(f, k))
			return 0;
		if (r == FETCH_FAULT)
			continue;
		k->at += k->some;
		k->refused = 0;
		k->most = 2 * k->most < f->key_batch ? 2 * k->most
						     : f->key_batch;
	}
	log_event(f->log, LOG_DEBUG, f->base,
	    "%" PRIu64 " keys for the encrypted files of %zu revisions", k->got,
	    k->n);
	return 0;
}

int
fetch_keys(struct fetch *f, struct err *e)
{
	struct keys k = {.f = f};
	int r;

	if (f->key_batch == 0)
		return 0;
	r = sync_each_keyless(f->store, see_keyless, &k, e);
	if (r == 0 && k.n > 0)
		r = keys(f, &k, e);
	free(k.v);
	return r;
}

/* Approvals -------------------------------------------------------------- */

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
	return ss_ask_deployments(b, &f->cookie, NULL, a->anchor, e);
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

	if (sync_approvals_clear(f->store, e) == -1)
		return -1;
	for (; left > 0; line += n, left -= n) {
		n = strlen(line) + 1;
		if (store_put_state(f->store, line, n - 1, e) == -1)
			return -1;
	}
	return 0;
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

	if (fetch_call(f, &c, e) == -1 || store_begin(f->store, e) == -1)
		return -1;
	if (put_lines(f, a, e) == -1) {
		store_rollback(f->store);
		return -1;
	}
	log_event(f->log, LOG_DEBUG, f->base, "%" PRIu64 " approvals", a->n);
	return store_commit(f->store, e);
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
