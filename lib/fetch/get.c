/* SPDX-License-Identifier: ISC */
/*
 * One download, on a worker: what is there already, then one URL after the
 * other, until the bytes have the size and the digests that they should have.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/room.h"
#include "lib/base/words.h"
#include "lib/fetch/get.h"

#define SLOW_RATE 100 /* bytes/s, as in http.h */

static struct get_slot *
take_slot(struct get_env *env)
{
	unsigned i;

	/* As many as there are workers, so one is free. */
	for (i = 0; i + 1 < env->nslots; i++)
		if (!atomic_flag_test_and_set(&env->slots[i].busy))
			return &env->slots[i];
	while (atomic_flag_test_and_set(&env->slots[i].busy))
		continue;
	return &env->slots[i];
}

int
get_env_open(struct get_env *env, const struct content *c,
    const struct http_opts *net, unsigned downloads, uint64_t rate,
    struct err *e)
{
	struct http_opts *o = &env->net;

	memset(env, 0, sizeof(*env));
	env->content = c;
	env->max_unknown = GET_UNKNOWN_MAX;
	*o = *net;
	o->per_host = 1;
	o->total_s = 0;
	o->rate = rate == 0 ? 0 : rate / downloads + 1;
	if (o->slow_rate == 0)
		o->slow_rate = SLOW_RATE;
	if (rate != 0 && o->rate < 2 * (uint64_t)o->slow_rate)
		o->slow_rate = (unsigned)(o->rate / 2 + 1);
	for (; env->nslots < downloads; env->nslots++) {
		struct get_slot *s = &env->slots[env->nslots];

		atomic_flag_clear(&s->busy);
		if (digest_open(&s->ctx, DIGEST_BOTH, e) == -1)
			return -1;
		if ((s->gather = malloc(DOWNLOAD_BLOCK)) == NULL) {
			digest_close(&s->ctx);
			return err_nomem(e);
		}
	}
	return 0;
}

void
get_env_close(struct get_env *env)
{
	for (unsigned i = 0; i < env->nslots; i++) {
		struct get_slot *s = &env->slots[i];

		http_close(s->http);
		digest_close(&s->ctx);
		free(s->gather);
	}
	env->nslots = 0;
}

void
get_free(struct get *g)
{
	for (unsigned i = 0; i < g->nurls; i++)
		free(g->urls[i].url);
	g->nurls = 0;
}

static void say_why(char to[GET_WHY_MAX], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say_why(char to[GET_WHY_MAX], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(to, GET_WHY_MAX, fmt, ap);
	va_end(ap);
	utf8_clean(to);
}

/* Is it the file?  why: what is wrong with it. */
static bool
is_right(const struct get *g, const struct digest *d, char why[GET_WHY_MAX])
{
	char got[2 * SHA256_LEN + 1], want[2 * SHA256_LEN + 1];

	if (g->has_size && d->bytes != g->size) {
		say_why(why, "%" PRIu64 " bytes, expected %" PRIu64, d->bytes,
		    g->size);
	} else if (memcmp(d->sha1, g->sha1, SHA1_LEN) != 0) {
		hex_upper(got, d->sha1, SHA1_LEN);
		say_why(why, "its SHA-1 is %s", got);
	} else if (g->has_sha256 &&
	    memcmp(d->sha256, g->sha256, SHA256_LEN) != 0) {
		hex_lower(got, d->sha256, SHA256_LEN);
		hex_lower(want, g->sha256, SHA256_LEN);
		say_why(why, "its SHA-256 is %s, expected %s", got, want);
	} else {
		return true;
	}
	return false;
}

/* What is worse is told. */
static void
note(struct get *g, enum sync_outcome o, const char *url, const char *why)
{
	static const int rank[] = {[SYNC_NO_URL] = 1,
	    [SYNC_NOT_UPSTREAM] = 2,
	    [SYNC_FAILED] = 3,
	    [SYNC_DAMAGED] = 4};

	if (rank[o] < rank[g->outcome])
		return;
	g->outcome = o;
	say_why(g->why, "%s: %s", url, why);
	if (o == SYNC_DAMAGED)
		memcpy(g->mended, g->why, sizeof(g->mended));
}

/* All bytes are there: 1 it is the file, sealed; 0 it was moved aside; -1. */
static int
check_download(
    struct get *g, struct download *p, char why[GET_WHY_MAX], struct err *e)
{
	struct digest d;

	if (download_measure(p, &d, e) == -1)
		return -1;
	if (!is_right(g, &d, why)) {
		int r = download_aside(p, e);

		get_count(g, p);
		return r;
	}
	if (download_seal(p, e) == -1)
		return -1;
	g->outcome = SYNC_GOT;
	g->st.digest = d;
	content_part_name(g->st.temp, g->sha1, CONTENT_PART);
	memcpy(g->st.sha1, g->sha1, SHA1_LEN);
	memcpy(g->st.ext, g->ext, sizeof(g->st.ext));
	return 1;
}

/* It bears its name, but no row says that it is there.  As check_download(),
   but what is damaged keeps the name until the right bytes take it. */
static int
check_held(struct get *g, struct download *p, struct err *e)
{
	char why[GET_WHY_MAX];
	struct download in = *p;
	struct digest d;
	uint64_t size;
	int r = -1;

	if (content_fd(g->env->content, g->sha1, g->ext, &in.fd, &size, e) ==
	    -1)
		return -1;
	if (download_hash(&in, get_stopped, g->env, e) == -1 ||
	    digest_done(in.ctx, &d, e) == -1)
		goto out;
	if (is_right(g, &d, why)) {
		g->outcome = SYNC_GOT;
		g->st.digest = d;
		memcpy(g->st.sha1, g->sha1, SHA1_LEN);
		memcpy(g->st.ext, g->ext, sizeof(g->st.ext));
		r = 1;
		goto out;
	}
	say_why(g->mended, "damaged in the store: %s", why);
	r = 0;
out:
	close(in.fd);
	return r;
}

/* A base that does not answer, or another than the right one. */
static bool
is_idle_base(const struct get *g, int base)
{
	struct get_env *env = g->env;

	if (base == -1 || atomic_load(&env->bases[base]) == GET_BASE_RIGHT)
		return false;
	if (atomic_load(&env->bases[base]) == GET_BASE_DEAD)
		return true;
	for (int i = 0; i < GET_BASES_MAX; i++)
		if (atomic_load(&env->bases[i]) == GET_BASE_RIGHT)
			return true;
	return false;
}

/* What an attempt says of the server, for all downloads of the run. */
static void
learn(struct get_try *t)
{
	struct get_env *env = t->g->env;
	int base = t->u->base;

	if (t->answered)
		atomic_store(&env->silent[t->u->whose], 0);
	else if (base != 1 && !t->enough)
		atomic_fetch_add(&env->silent[t->u->whose], 1);
	if (base != -1 && t->said == GET_SAID_WHOLE)
		atomic_store(&env->bases[base], GET_BASE_RIGHT);
	if (base == 1 && !t->answered && !t->enough)
		atomic_store(&env->bases[base], GET_BASE_DEAD);
}

/* What was said but is not the file: is it worth asking again? */
static int
tell_fault(struct get_try *t, bool *again, struct err *e)
{
	struct get *g = t->g;

	*again = false;
	switch (t->said) {
	case GET_SAID_ABSENT:
		g->absent = g->absent || t->u->whose == GET_UPSTREAM;
		note(g, SYNC_NOT_UPSTREAM, t->u->url, t->why);
		return 0;
	case GET_SAID_WRONG:
		note(g, SYNC_DAMAGED, t->u->url, t->why);
		*again = true;
		if ((t->anew ? download_rewind : download_aside)(
			t->download, e) == -1)
			return -1;
		get_count(g, t->download);
		return 0;
	default:
		/* The second base is a guess: its silence says nothing. */
		if (t->u->base != 1 || t->answered)
			note(g, SYNC_FAILED, t->u->url, t->why);
		return 0;
	}
}

/* 1 got, 0 not from there, -1. */
static int
from(struct get *g, struct get_slot *s, struct download *p,
    const struct get_url *u, struct err *e)
{
	struct get_try t = {.g = g, .download = p, .u = u};
	bool again = true;
	int r = 0;

	for (int i = 0; i < 2 && again; i++) {
		if (get_try(&t, s, e) == -1)
			return -1;
		learn(&t);
		if (t.said == GET_SAID_WHOLE) {
			if ((r = check_download(g, p, t.why, e)) != 0)
				return r;
			note(g, SYNC_DAMAGED, u->url, t.why);
		} else if (tell_fault(&t, &again, e) == -1) {
			return -1;
		}
	}
	return 0;
}

/* Room for what is to come; others may be filling the disk too. */
static int
check_room(const struct get *g, const struct download *p, struct err *e)
{
	uint64_t need = g->has_size ? g->size - p->have : 0, have;
	int r = room_free(g->env->content->staging, &have, e);

	if (r != 1 || need <= have)
		return r == -1 ? -1 : 0;
	errno = ENOSPC;
	return err_sys(e,
	    "the next file needs %s more, %s are free: make room, then run it "
	    "again",
	    words_size(need).s, words_size(have).s);
}

/* What was noted in front is where the part came from. */
static int
try_all(struct get *g, struct get_slot *s, struct download *p, struct err *e)
{
	char first[DOWNLOAD_URL_MAX + 1];
	int r = 0;

	(void)snprintf(first, sizeof(first), "%s", p->info.url);
	for (int round = 0; round < 2 && r == 0; round++)
		for (unsigned i = 0; i < g->nurls && r == 0; i++) {
			const struct get_url *u = &g->urls[i];

			if ((strcmp(u->url, first) == 0) != (round == 0) ||
			    is_idle_base(g, u->base))
				continue;
			if (atomic_load(&g->env->silent[u->whose]) >=
			    GET_SILENT_MAX)
				note(g, SYNC_FAILED, u->url,
				    "not tried: nothing answered before");
			else
				r = from(g, s, p, u, e);
		}
	return r;
}

static int
fetch(struct get *g, struct get_slot *s, struct download *p, struct err *e)
{
	uint64_t max = g->has_size ? g->size : g->env->max_unknown;
	char why[GET_WHY_MAX];
	int r = 0;

	if (g->held && (r = check_held(g, p, e)) != 0)
		return r;
	if (download_open(p, max, get_stopped, g->env, e) == -1)
		return -1;
	get_count(g, p);
	if (p->sealed || (g->has_size && p->have == g->size)) {
		if ((r = check_download(g, p, why, e)) != 0)
			return r;
		note(g, SYNC_DAMAGED, "what was there of it", why);
	}
	if (g->nurls == 0)
		return 0;
	if (check_room(g, p, e) == -1)
		return -1;
	return try_all(g, s, p, e);
}

void
get_run(struct job *j)
{
	struct get *g = (struct get *)(void *)j;
	struct get_slot *s = take_slot(g->env);
	struct download p = DOWNLOAD_INIT;

	p.staging = g->env->content->staging;
	memcpy(p.sha1, g->sha1, SHA1_LEN);
	p.ctx = &s->ctx;
	p.gather = s->gather;
	g->st.temp[0] = '\0';
	/* No row vouches for what may have its name. */
	g->st.replace = true;
	if (get_stopped(g->env))
		err_set(&j->err, E_STOP, "stopped on request");
	else
		(void)fetch(g, s, &p, &j->err);
	download_close(&p);
	atomic_flag_clear(&s->busy);
}
