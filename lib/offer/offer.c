/* SPDX-License-Identifier: ISC */
#include "lib/offer/offer.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/offer/config.h"
#include "lib/offer/offer_priv.h"
#include "lib/store/store.h"

static int
check_opts(const struct offer_opts *o, struct err *e)
{
	int ways = o->diff + o->check + o->rollback + (o->explain != NULL);

	if (o->store == NULL)
		return err_set(e, E_USAGE, "give the store with --store DIR");
	if (ways > 1)
		return err_set(e, E_USAGE,
		    "--diff, --check, --rollback and --explain: give one");
	if (o->rings != NULL && (o->check || o->rollback))
		return err_set(e, E_USAGE, "'%s': %s reads no ring file",
		    o->rings, o->check ? "--check" : "--rollback");
	if (o->client != NULL && o->explain == NULL)
		return err_set(e, E_USAGE, "--client goes with --explain");
	if (o->dry_run && (o->check || o->diff || o->explain != NULL))
		return err_set(
		    e, E_USAGE, "--dry-run: nothing is written anyway");
	return 0;
}

static int
read_now(struct offer *b, struct err *e)
{
	const char *now = b->o->now;

	if (now == NULL)
		return utc_now(&b->now, e);
	if (!utc_read(&b->now, now, strlen(now)) || b->now < 0)
		return err_set(e, E_USAGE,
		    "--now takes a time as 2026-12-01T03:00:00Z, not '%s'",
		    now);
	return 0;
}

/* What texts do not need goes before they are made. */
static void
drop_facts(struct offer *b)
{
	for (size_t i = 0; b->rows != NULL && i < b->rings.n; i++)
		free(b->rows[i].v);
	free(b->rows);
	b->rows = NULL;
	decide_close(&b->decide);
	select_close(&b->select);
	facts_free(&b->facts);
	free(b->ages);
	b->ages = NULL;
	/* To the system, not for the next of the like: texts take what they
	   take. */
	(void)malloc_trim(0);
}

static int
make_texts(struct offer *b, struct err *e)
{
	const struct texts_how how = {.store = b->store,
	    .dirfd = b->dirfd,
	    .prev = b->has_prev ? &b->prev : NULL,
	    .langs = &b->rings.texts,
	    .jobs = b->o->jobs,
	    .dry = b->o->dry_run,
	    .log = b->log};

	if (texts_make(&b->next, b->at, &how, &b->texts, e) == -1)
		return -1;
	return config_make(&b->next, b->has_prev ? &b->prev : NULL, b->now, e);
}

static void
sum_up(struct offer *b, bool wrote)
{
	const struct snapshot *s = wrote ? &b->next : &b->prev;
	const struct texts_done *t = &b->texts;
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_num(&j, "generation", s->generation);
	json_bool(&j, "written", wrote && !b->o->dry_run);
	json_num(&j, "revisions", s->nrevisions);
	json_num(&j, "texts_taken", t->taken);
	json_num(&j, "texts_copied", t->copied);
	json_num(&j, "texts_made", t->made);
	json_num(&j, "text_bytes", t->bytes);
	if (!wrote)
		log_summary(b->log, &j,
		    "nothing has changed since snapshot %06" PRIu32,
		    s->generation);
	else
		log_summary(b->log, &j,
		    "%ssnapshot %06" PRIu32 ": %s, %s made of %s, %s%s",
		    b->o->dry_run ? "would be " : "", s->generation,
		    words_count(s->nrevisions, "revision").s,
		    words_count(t->made, "text").s,
		    words_count(t->documents, "document").s,
		    words_size(t->bytes).s,
		    t->merged ? ", merged into one file" : "");
	json_free(&j);
}

/* next is whole: it is written where it says anything new. */
static int
finish(struct offer *b, bool news, struct err *e)
{
	const struct snapshot *s = news ? &b->next : &b->prev;

	if (b->o->dry_run) {
		if (offer_diff_harms(
			b, b->has_prev ? &b->prev : NULL, &b->next, e) == -1)
			return -1;
	} else if ((news ? offer_write(b, e) : offer_settle(b, e)) == -1) {
		return -1;
	}
	if (offer_tell(b, s, e) == -1)
		return -1;
	sum_up(b, news);
	return news;
}

static int
compile(struct offer *b, struct err *e)
{
	int news;

	if (offer_decide(b, e) == -1 || offer_index(b, e) == -1)
		return -1;
	drop_facts(b);
	if (offer_guard(b, e) == -1 || make_texts(b, e) == -1 ||
	    (news = offer_is_news(b, e)) == -1)
		return -1;
	return finish(b, news == 1, e);
}

static int
roll_back(struct offer *b, struct err *e)
{
	if (offer_back(b, e) == -1)
		return -1;
	return finish(b, true, e);
}

/* What a build would change; without a ring file, what the last one did. */
static int
diff(struct offer *b, struct err *e)
{
	struct snapshot old = SNAPSHOT_INIT;
	int r;

	if (b->o->rings != NULL) {
		if (offer_decide(b, e) == -1 || offer_index(b, e) == -1)
			return -1;
		return offer_diff(
		    b, b->has_prev ? &b->prev : NULL, &b->next, e);
	}
	if (!b->has_prev)
		return err_set(e, E_MISSING,
		    "there is no snapshot yet; give the ring file, and what a "
		    "build would bring is told");
	r = snap_newest(
	    &old, b->dirfd, &b->prev.store, b->prev.generation, NULL, NULL, e);
	if (r != -1)
		r = offer_diff(b, r == 1 ? &old : NULL, &b->prev, e);
	snapshot_free(&old);
	return r;
}

static int
run(struct offer *b, struct err *e)
{
	const struct offer_opts *o = b->o;
	bool reads = o->diff || o->check || o->explain != NULL || o->dry_run;

	if (read_now(b, e) == -1 || offer_read_rings(b, e) == -1 ||
	    offer_open(b, !reads, e) == -1)
		return -1;
	if (o->check)
		return offer_check(b, e);
	if (o->diff)
		return diff(b, e);
	if (o->explain != NULL)
		return offer_explain(b, e);
	return o->rollback ? roll_back(b, e) : compile(b, e);
}

int
offer_run(const struct offer_opts *o, struct err *e)
{
	struct offer b = {.o = o,
	    .log = o->log,
	    .dirfd = -1,
	    .rings = RINGS_INIT,
	    .prev = SNAPSHOT_INIT,
	    .facts = FACTS_INIT,
	    .select = SELECT_INIT,
	    .next = SNAPSHOT_INIT};
	int r = check_opts(o, e);

	if (r == 0)
		r = run(&b, e);
	drop_facts(&b);
	snapshot_free(&b.next);
	snapshot_free(&b.prev);
	rings_free(&b.rings);
	free(b.at);
	if (b.dirfd != -1)
		close(b.dirfd);
	store_close(b.store);
	return r;
}
