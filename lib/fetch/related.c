/* SPDX-License-Identifier: ISC */
/* What goes beyond lists: lost relations, keys, approvals. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/base/grow.h"
#include "lib/fetch/batch_halves.h"
#include "lib/store/store.h"

#define RELATED_BATCH 100
#define KEYS_BARREN 100 /* ids without keys in a row: no more are asked for */

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
	unsigned most = RELATED_BATCH;
	int n;

	while ((n = sync_dangling(f->store, f->up.row, r->ids, most, e)) > 0) {
		r->n = (size_t)n;
		if (fetch_call(f, &c, e) == -1)
			return -1;
		if (f->reply->fault.code != SOAP_OK) {
			/* One that it does not know may be among them. */
			most = ((unsigned)n + 1) / 2;
			if (n > 1)
				continue;
			r->nv = 0;
		}
		if (store_begin(f->store, e) == -1)
			return -1;
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
	size_t n, cap, at;
	struct halves h; /* those of one batch */
	struct ss_rev ids[FETCH_BATCH_MAX]; /* those of one request */
	unsigned barren; /* ids in a row of which no call brought anything */
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

	return ss_ask_revs(b, SS_GET_UPDATE_DECRYPTION_DATA, &f->cookie, k->ids,
	    k->h.span.n, e);
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

static int
no_key(void *arg, const struct sync_work *w, const char *why, bool later,
    struct err *e)
{
	struct fetch *f = arg;
	char id[GUID_LEN + 1];

	if (later)
		return 0;
	guid_write(id, &w->id);
	log_event(f->log, LOG_INFO, id,
	    "revision %" PRIu32 ": no keys for its encrypted files: %s",
	    w->revision, why);
	if (store_begin(f->store, e) == -1)
		return -1;
	if (sync_key_none(f->store, &w->id, w->revision, e) == -1) {
		store_rollback(f->store);
		return -1;
	}
	return store_commit(f->store, e);
}

/* One request; FETCH_FAULT: it gives none at all. */
static int
call_keys(struct fetch *f, struct keys *k, struct err *e)
{
	const struct ss_each each = {.key = see_key};
	const struct halves_lost l = {no_key, f};
	struct fetch_call c = {.op = SS_GET_UPDATE_DECRYPTION_DATA,
	    .ask = ask_keys,
	    .each = &each,
	    .arg = k,
	    .want_faults = 1U << SOAP_INTERNAL | 1U << SOAP_UNKNOWN |
		1U << SOAP_INVALID_PARAMETERS};
	struct err bad;
	int r = fetch_call(f, &c, e);

	if (r == 0) {
		k->h.any = true;
		k->h.again = false;
		return 0;
	}
	if (r == FETCH_FAULT)
		return f->reply->fault.code == SOAP_UNKNOWN
		    ? FETCH_FAULT
		    : halves_fault(&k->h, &f->reply->fault, &l, e);
	if (f->post.op != c.op || (e->kind != E_FORMAT && e->kind != E_LIMIT))
		return -1;
	bad = *e;
	err_clear(e);
	log_event(f->log, LOG_WARN, f->base, "%s", bad.msg);
	return halves_split(&k->h, bad.msg, &l, e);
}

/* As many as go into one request, and all that this is divided into. */
static int
batch_keys(struct fetch *f, struct keys *k, struct err *e)
{
	size_t n = k->n - k->at < f->key_batch ? k->n - k->at : f->key_batch;
	int r;

	for (size_t i = 0; i < n; i++)
		k->h.ids[i] = (struct sync_work){.id = k->v[k->at + i].id,
		    .revision = k->v[k->at + i].revision};
	halves_begin(&k->h, (unsigned)n);
	while (halves_next(&k->h, f->key_batch, k->ids))
		if ((r = call_keys(f, k, e)) != 0)
			return r;
	k->barren = k->h.any ? 0 : k->barren + (unsigned)n;
	if (k->barren >= KEYS_BARREN)
		return FETCH_FAULT;
	k->at += n;
	return 0;
}

static int
keys(struct fetch *f, struct keys *k, struct err *e)
{
	int r;

	while (k->at < k->n) {
		if ((r = batch_keys(f, k, e)) == -1)
			return -1;
		if (r == FETCH_FAULT) {
			log_event(f->log, LOG_INFO, f->base,
			    "no keys for %zu revisions with encrypted files: "
			    "%s",
			    k->n - k->at, f->reply->fault.word);
			return 0;
		}
	}
	log_event(f->log, LOG_DEBUG, f->base,
	    "%" PRIu64 " keys for the encrypted files of %zu revisions", k->got,
	    k->n);
	return 0;
}

int
fetch_keys(struct fetch *f, struct err *e)
{
	struct keys *k;
	int r;

	if (f->key_batch == 0)
		return 0;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return err_nomem(e);
	k->f = f;
	r = sync_each_keyless(f->store, see_keyless, k, e);
	if (r == 0 && k->n > 0)
		r = keys(f, k, e);
	free(k->v);
	free(k);
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
