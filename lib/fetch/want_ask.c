/* SPDX-License-Identifier: ISC */
/*
 * Files that the upstream names but has not got: it may be asked to get them,
 * which changes its state, and takes it minutes or hours.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/fetch/want.h"
#include "lib/store/store.h"

#define ASK_MAX 100 /* digests in one request */
#define POLLS 9 /* then the next run looks again */
#define POLL_MS 5000 /* the first pause; each is twice as long as the last, */
#define POLL_MAX_MS 300000 /* but not longer than this */
#define STEP_MS 100

struct asked {
	uint8_t sha1[ASK_MAX][SHA1_LEN];
	size_t n;
};

static bool
is_absent(const struct want *t)
{
	return t->absent && t->outcome != SYNC_GOT;
}

static size_t
count_unasked(const struct wants *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += is_absent(&w->v[i]) ? 1 : 0;
	return n;
}

static int
write_ask(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	const struct asked *a = arg;

	return serversync_ask_download(b, &f->session.cookie,
	    (const uint8_t(*)[SHA1_LEN])a->sha1, a->n, e);
}

/* The updates that named them are gone there: what is listed is out of date. */
static int
full_list_next(struct fetch *f, struct err *e)
{
	struct sync_anchor a;
	int r;

	if (store_begin(f->store, e) == -1)
		return -1;
	if ((r = sync_anchor(f->store, f->up.row, SYNC_LIST, &a, e)) == 0) {
		a.value[0] = '\0';
		r = sync_anchor_put(f->store, f->up.row, SYNC_LIST, &a, e);
	}
	return store_end(f->store, r, e);
}

static bool
is_among(const struct asked *a, const uint8_t *sha1)
{
	for (size_t i = 0; i < a->n; i++)
		if (memcmp(a->sha1[i], sha1, SHA1_LEN) == 0)
			return true;
	return false;
}

/* Those that the fault names are taken out of a, and not asked for again. */
static int
drop_unknown(struct wants *w, struct asked *a, struct err *e)
{
	struct asked *no = calloc(1, sizeof(*no));
	size_t kept = 0;

	if (no == NULL)
		return err_nomem(e);
	no->n = serversync_missing_files(
	    w->f->session.call.reply->fault.message, no->sha1, ASK_MAX);
	for (size_t i = 0; i < w->n; i++)
		if (is_among(no, w->v[i].file->sha1))
			w->v[i].absent = false;
	for (size_t i = 0; i < a->n; i++)
		if (!is_among(no, a->sha1[i]))
			memcpy(a->sha1[kept++], a->sha1[i], SHA1_LEN);
	log_event(w->f->log, LOG_WARN, w->f->up.url,
	    "does not know %s that %s asked for",
	    words_count(a->n - kept, "file").s,
	    words_pick(a->n - kept, "was", "were"));
	/* A fault that names none of ours leaves nothing to ask for. */
	a->n = kept == a->n ? 0 : kept;
	free(no);
	return full_list_next(w->f, e);
}

static int
ask(struct wants *w, struct asked *a, struct err *e)
{
	const struct session_call c = {.op = SS_DOWNLOAD_FILES,
	    .ask = write_ask,
	    .arg = a,
	    .want_faults = 1U << SOAP_DIGESTS_MISSING};

	while (a->n > 0) {
		int r = session_call(w->f, &c, e);

		if (r != FETCH_FAULT)
			return r;
		if (drop_unknown(w, a, e) == -1)
			return -1;
	}
	return 0;
}

static int
ask_all(struct wants *w, struct err *e)
{
	struct asked *a = calloc(1, sizeof(*a));
	int r = 0;

	if (a == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < w->n && r == 0; i++) {
		if (is_absent(&w->v[i]))
			memcpy(a->sha1[a->n++], w->v[i].file->sha1, SHA1_LEN);
		if (a->n == ASK_MAX || (i + 1 == w->n && a->n > 0)) {
			r = ask(w, a, e);
			a->n = 0;
		}
	}
	free(a);
	return r;
}

static int
pause_ms(struct fetch *f, uint64_t ms, struct err *e)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};

	for (uint64_t t = 0; t < ms; t += STEP_MS) {
		if (fetch_check(f, e) == -1)
			return -1;
		(void)nanosleep(&step, NULL);
	}
	return 0;
}

int
want_ask(struct wants *w, struct err *e)
{
	struct fetch *f = w->f;
	uint64_t ms = f->o->retry_wait_ms == 0 ? POLL_MS : f->o->retry_wait_ms;
	size_t n = count_unasked(w);

	if (n == 0 || f->peer.microsoft || f->up.catalog_only)
		return 0;
	log_event(f->log, LOG_INFO, f->up.url,
	    "asked to get %s that it has not got yet",
	    words_count(n, "file").s);
	if (ask_all(w, e) == -1)
		return -1;
	for (int i = 0; i < POLLS && count_unasked(w) > 0; i++) {
		if (pause_ms(f, ms, e) == -1 ||
		    want_fetch(w, is_absent, e) == -1)
			return -1;
		ms = 2 * ms < POLL_MAX_MS ? 2 * ms : POLL_MAX_MS;
	}
	return 0;
}
