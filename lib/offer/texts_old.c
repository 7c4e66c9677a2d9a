/* SPDX-License-Identifier: ISC */
/* What the previous snapshot has, how much of it is whole, what becomes of
   it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/base/words.h"
#include "lib/offer/texts_priv.h"

#define COPY ((size_t)256 << 10) /* bytes at once */

struct texts_span
texts_span(const struct snapshot *s, uint32_t revision)
{
	const struct snapshot_revision *r = &s->revisions[revision];

	return (struct texts_span){.first = r->fragments,
	    .end = revision + 1 < s->nrevisions ? r[1].fragments
						: (uint32_t)s->nfragments};
}

const char *
texts_word(const struct snapshot *s, uint32_t name, char buf[TEXTS_WORD])
{
	const struct snapshot_name *m = &s->names[name];
	size_t n = m->len < TEXTS_WORD ? m->len : TEXTS_WORD - 1;

	memcpy(buf, s->text + m->off, n);
	buf[n] = '\0';
	return buf;
}

/* --- of one text --- */

bool
texts_old_wanted(const struct texts_job *j, uint32_t fragment, bool first)
{
	const struct snapshot_fragment *f = &j->prev->fragments[fragment];
	char word[TEXTS_WORD];

	return f->type < FRAGMENT_LOCALIZED ||
	    (first && f->type == FRAGMENT_LOCALIZED) ||
	    texts_wanted(j->how->langs, texts_word(j->prev, f->lang, word));
}

bool
texts_old_whole(const struct texts_job *j, uint32_t fragment)
{
	const struct snapshot_fragment *f = &j->prev->fragments[fragment];
	const struct texts_old *o = &j->old[f->segment];
	uint64_t i, end = snapshot_blocks(f->off + f->len);

	if (o->bad == NULL)
		return false;
	if (!o->gone)
		return true;
	for (i = f->off / SNAPSHOT_BLOCK; i < end; i++)
		if (o->bad[i])
			return false;
	return true;
}

uint32_t
texts_old_find(const struct texts_job *j, uint32_t rev, enum fragment_type type,
    const char *lang, const char *geo)
{
	const struct snapshot_fragment *f;
	char word[TEXTS_WORD];
	struct texts_span sp;
	uint32_t i;

	if (j->revs[rev].from == TEXTS_NONE)
		return TEXTS_NONE;
	sp = texts_span(j->prev, j->revs[rev].from);
	for (i = sp.first; i < sp.end; i++) {
		f = &j->prev->fragments[i];
		if (f->type == type &&
		    strcmp(texts_word(j->prev, f->lang, word), lang) == 0 &&
		    strcmp(texts_word(j->prev, f->geo, word), geo) == 0 &&
		    texts_old_whole(j, i))
			return i;
	}
	return TEXTS_NONE;
}

/* Calls each() for what is wanted of a revision's texts in prev. */
static int
each_wanted(struct texts_job *j, uint32_t rev,
    int (*each)(struct texts_job *j, uint32_t rev, uint32_t fragment))
{
	struct texts_span sp = texts_span(j->prev, j->revs[rev].from);
	bool first = true;
	uint32_t i;

	for (i = sp.first; i < sp.end; i++) {
		if (texts_old_wanted(j, i, first) && each(j, rev, i) == -1)
			return -1;
		if (j->prev->fragments[i].type == FRAGMENT_LOCALIZED)
			first = false;
	}
	return 0;
}

/* --- of all --- */

/* The revision's place in prev, where it has texts. */
static uint32_t
find_rev(const struct texts_job *j, uint32_t rev)
{
	const struct snapshot *p = j->prev, *s = j->s;
	const struct snapshot_revision *r = &s->revisions[rev], *o;
	struct texts_span sp;
	uint32_t live;

	if (p == NULL || p->base != s->base || r->n > p->nids ||
	    (live = p->ids[r->n - 1].live) == SNAPSHOT_NONE)
		return TEXTS_NONE;
	o = &p->revisions[live];
	sp = texts_span(p, live);
	if (o->revision != r->revision || sp.first == sp.end ||
	    guid_cmp(&p->updates[o->update].id, &s->updates[r->update].id) != 0)
		return TEXTS_NONE;
	return live;
}

static int
use_segment(struct texts_job *j, uint32_t rev, uint32_t fragment)
{
	(void)rev;
	j->old[j->prev->fragments[fragment].segment].used = true;
	return 0;
}

static int
count_use(struct texts_job *j, uint32_t rev, uint32_t fragment)
{
	const struct snapshot_fragment *f = &j->prev->fragments[fragment];

	if (texts_old_whole(j, fragment))
		j->old[f->segment].in_use += f->len;
	else
		j->revs[rev].lacks = true;
	return 0;
}

static int
see_block(void *arg, uint32_t segment, uint64_t block, const struct err *fault,
    struct err *e)
{
	struct texts_job *j = arg;
	struct texts_old *o = &j->old[segment];
	char place[TEXTS_PLACE_MAX];

	(void)e;
	if (fault == NULL)
		return 0;
	o->bad[block] = 1;
	j->done->bad++;
	if (j->how->log != NULL && !o->gone) {
		texts_place(place, j->prev->segments[segment].hash);
		log_event(j->how->log, LOG_WARN, place,
		    "%s: what lies there is made anew", fault->msg);
	}
	o->gone = true;
	return 0;
}

/* It is not as it should be, before any of it is read. */
static void
tell_segment(struct texts_job *j, size_t i, struct err *fault)
{
	char place[TEXTS_PLACE_MAX];

	j->old[i].gone = true;
	j->done->bad++;
	texts_place(place, j->prev->segments[i].hash);
	if (j->how->log != NULL)
		log_event(j->how->log, LOG_WARN, place,
		    "%s: what is not whole is made anew", fault->msg);
}

static int
check_segment(
    struct texts_job *j, size_t i, struct texts_blocks *b, struct err *e)
{
	struct texts_old *o = &j->old[i];
	uint64_t n = snapshot_blocks(j->prev->segments[i].size);
	struct err fault = ERR_INIT;

	if ((o->bad = calloc((size_t)n, 1)) == NULL)
		return err_nomem(e);
	if (texts_open(j->prev, i, j->dirfd, &o->fd, &fault, e) == -1)
		return -1;
	if (fault.kind != E_NONE)
		tell_segment(j, i, &fault);
	if (o->fd != -1)
		return texts_blocks_put(b, (uint32_t)i, o->fd, e);
	memset(o->bad, 1, (size_t)n);
	return 0;
}

static int
check_segments(struct texts_job *j, struct err *e)
{
	const struct texts_blocks_how how = {.s = j->prev,
	    .jobs = j->how->jobs,
	    .check = snapshot_look_block,
	    .each = see_block,
	    .arg = j};
	struct texts_blocks *b = NULL;
	size_t i;
	int r = texts_blocks_open(&b, &how, e);

	for (i = 0; r == 0 && i < j->prev->nsegments; i++)
		if (j->old[i].used)
			r = check_segment(j, i, b, e);
	if (r == 0)
		r = texts_blocks_flush(b, e);
	texts_blocks_close(b);
	return r;
}

/* Where there would be too many, or the half of them is waste, all go. */
static void
choose_melting(struct texts_job *j, bool lacks)
{
	uint64_t size = 0, in_use = 0;
	size_t i, n = j->prev->nsegments, kept = 0;
	bool more = lacks;

	for (i = 0; i < n; i++) {
		struct texts_old *o = &j->old[i];

		o->melts = o->gone && o->in_use > 0;
		more |= o->melts;
		if (o->gone || o->in_use == 0)
			continue;
		kept++;
		size += j->prev->segments[i].size;
		in_use += o->in_use;
	}
	if (kept + more <= TEXTS_SEGMENTS && in_use >= size - in_use)
		return;
	j->done->merged = true;
	for (i = 0; i < n; i++)
		j->old[i].melts = j->old[i].in_use > 0;
}

static int
plan_from(struct texts_job *j, struct err *e)
{
	bool covered = texts_covered(j->prev, j->how->langs), lacks = false;
	size_t n = j->s->nrevisions;
	uint32_t i;

	for (i = 0; i < n; i++)
		if (j->revs[i].from != TEXTS_NONE)
			(void)each_wanted(j, i, use_segment);
	if (check_segments(j, e) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		j->revs[i].lacks = j->revs[i].from == TEXTS_NONE || !covered;
		if (j->revs[i].from != TEXTS_NONE)
			(void)each_wanted(j, i, count_use);
		lacks |= j->revs[i].lacks;
	}
	choose_melting(j, lacks);
	return 0;
}

int
texts_old_plan(struct texts_job *j, struct err *e)
{
	size_t i, n = j->s->nrevisions;

	if ((j->revs = calloc(n + 1, sizeof(*j->revs))) == NULL)
		return err_nomem(e);
	for (i = 0; i < n; i++) {
		j->revs[i].from = find_rev(j, (uint32_t)i);
		j->revs[i].lacks = true;
	}
	if (j->prev == NULL)
		return 0;
	j->old = calloc(j->prev->nsegments + 1, sizeof(*j->old));
	j->name_of = malloc((j->prev->nnames + 1) * sizeof(*j->name_of));
	if (j->old == NULL || j->name_of == NULL)
		return err_nomem(e);
	memset(j->name_of, 0xff, (j->prev->nnames + 1) * sizeof(*j->name_of));
	for (i = 0; i < j->prev->nsegments; i++)
		j->old[i].fd = -1;
	return plan_from(j, e);
}

/* --- what melts --- */

static int
mark_moved(struct texts_job *j, uint32_t rev, uint32_t fragment)
{
	(void)rev;
	if (j->old[j->prev->fragments[fragment].segment].melts &&
	    texts_old_whole(j, fragment))
		j->moved[fragment] = 0;
	return 0;
}

/* A fragment of prev by its place in the segments. */
struct place {
	uint32_t segment, fragment;
	uint64_t off;
};

static int
by_place(const void *va, const void *vb)
{
	const struct place *a = va, *b = vb;

	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	return (a->fragment > b->fragment) - (a->fragment < b->fragment);
}

static int
copy_text(
    struct texts_job *j, const struct place *p, uint8_t *block, struct err *e)
{
	uint32_t left = j->prev->fragments[p->fragment].len;
	uint64_t off = p->off;
	char place[TEXTS_PLACE_MAX];
	ssize_t got;

	j->moved[p->fragment] = texts_segment_size(j->to);
	while (left > 0) {
		got = pread(j->old[p->segment].fd, block,
		    left < COPY ? left : COPY, (off_t)off);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0) {
			texts_place(place, j->prev->segments[p->segment].hash);
			errno = got == 0 ? EIO : errno;
			return err_sys(e, "%s", place);
		}
		if (texts_segment_put(j->to, block, (size_t)got, e) == -1)
			return -1;
		off += (uint64_t)got;
		left -= (uint32_t)got;
	}
	return stop_check(e);
}

static int
copy_places(struct texts_job *j, struct place *v, size_t n, struct err *e)
{
	uint8_t *block = malloc(COPY);
	size_t i;
	int r = block == NULL ? err_nomem(e) : 0;

	sort_up(v, n, sizeof(*v), by_place);
	for (i = 0; r == 0 && i < n; i++)
		r = copy_text(j, &v[i], block, e);
	free(block);
	return r;
}

int
texts_old_copy(struct texts_job *j, struct err *e)
{
	size_t i, n = 0, size = j->prev->nfragments * sizeof(*j->moved);
	struct place *v;
	int r;

	if ((j->moved = malloc(size + 1)) == NULL)
		return err_nomem(e);
	memset(j->moved, 0xff, size);
	for (i = 0; i < j->s->nrevisions; i++)
		if (j->revs[i].from != TEXTS_NONE)
			(void)each_wanted(j, (uint32_t)i, mark_moved);
	for (i = 0; i < j->prev->nfragments; i++)
		n += j->moved[i] == 0;
	if ((v = malloc((n + 1) * sizeof(*v))) == NULL)
		return err_nomem(e);
	for (i = n = 0; i < j->prev->nfragments; i++)
		if (j->moved[i] == 0)
			v[n++] = (struct place){
			    .segment = j->prev->fragments[i].segment,
			    .fragment = (uint32_t)i,
			    .off = j->prev->fragments[i].off};
	r = copy_places(j, v, n, e);
	free(v);
	return r;
}

void
texts_old_free(struct texts_job *j)
{
	size_t i;

	for (i = 0; j->old != NULL && i < j->prev->nsegments; i++) {
		if (j->old[i].fd != -1)
			(void)close(j->old[i].fd);
		free(j->old[i].bad);
	}
	free(j->old);
	free(j->moved);
	free(j->name_of);
	free(j->revs);
}
