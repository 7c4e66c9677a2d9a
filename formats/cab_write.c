/* SPDX-License-Identifier: ISC */
#include "formats/cab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/cab_priv.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/pool.h"
#include "lib/base/sink.h"
#include "lib/base/stop.h"

#define JOB_BLOCKS 32
#define JOB_IN ((size_t)JOB_BLOCKS * CAB_BLOCK)
#define JOB_OUT ((size_t)JOB_BLOCKS * (CAB_DATA_HEAD + MSZIP_MAX))
#define ATTR_ARCHIVE 0x20
#define ATTR_UTF8 0x80 /* the name is UTF-8 and not in some code page */

/* A run of blocks; what stands before it is history, already packed. */
struct pack {
	struct job job; /* first: the pool hands it back */
	struct mszip *z; /* owned */
	size_t hist, len, out_len;
	struct pack *next; /* among the idle, or all */
	struct pack *all;
	uint8_t in[CAB_BLOCK + JOB_IN]; /* history ends at CAB_BLOCK */
	uint8_t out[JOB_OUT];
};

struct cab_writer {
	struct sink *to; /* borrowed */
	bool small;
	struct pool *pool; /* owned */
	struct pack *all; /* owned, every one */
	struct pack *idle; /* borrowed from all */
	struct pack *cur; /* borrowed from all: being filled, or NULL */
	unsigned npacks, max_packs;
	uint64_t total, given; /* bytes of the members; taken so far */
	uint64_t size; /* bytes written */
	size_t hist; /* bytes of last */
	uint8_t last[CAB_BLOCK];
};

/* DOS has no year before 1980 and none after 2107. */
static void
dos_time(int64_t t, uint16_t *date, uint16_t *time)
{
	int64_t days, z, era, year;
	unsigned doe, yoe, doy, month, day, s;

	if (t < 315532800)
		t = 315532800;
	if (t > 4354819199)
		t = 4354819199;
	days = t / 86400;
	s = (unsigned)(t % 86400);
	/* Years begin in March here, so that February is last. */
	z = days + 719468;
	era = z / 146097;
	doe = (unsigned)(z - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	month = (5 * doy + 2) / 153;
	day = doy - (153 * month + 2) / 5 + 1;
	month = month < 10 ? month + 3 : month - 9;
	year = yoe + era * 400 + (month <= 2);
	*date = (uint16_t)((unsigned)(year - 1980) << 9 | month << 5 | day);
	*time = (uint16_t)(s / 3600 << 11 | s / 60 % 60 << 5 | s % 60 / 2);
}

static int
put_le(struct buf *b, uint64_t v, unsigned nbytes, struct err *e)
{
	uint8_t p[8];

	for (unsigned i = 0; i < nbytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
	return buf_put(b, p, nbytes, e);
}

static int
check_opts(const struct cab_write_opts *o, uint64_t *total, struct err *e)
{
	size_t len;

	if (o->nmembers == 0 || o->nmembers > UINT16_MAX)
		return err_set(e, E_LIMIT,
		    "cabinet of %zu members, expected 1 to %d", o->nmembers,
		    UINT16_MAX);
	for (size_t i = 0; i < o->nmembers; i++) {
		len = strlen(o->members[i].name);
		if (len == 0 || len > CAB_NAME_MAX)
			return err_set(e, E_LIMIT,
			    "member's name of %zu bytes, expected 1 to %d", len,
			    CAB_NAME_MAX);
		*total += o->members[i].size;
	}
	if (*total > CAB_MAX_UNPACKED)
		return err_set(e, E_LIMIT,
		    "cabinet of %" PRIu64 " bytes unpacked, at most %u", *total,
		    CAB_MAX_UNPACKED);
	return 0;
}

static int
put_member(struct buf *b, const struct cab_member *m, uint64_t off,
    int64_t when, struct err *e)
{
	uint16_t date, time, attrs = ATTR_ARCHIVE;

	dos_time(when, &date, &time);
	for (const char *p = m->name; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			attrs = ATTR_ARCHIVE | ATTR_UTF8;
	if (put_le(b, m->size, 4, e) == -1 || put_le(b, off, 4, e) == -1 ||
	    put_le(b, 0, 2, e) == -1 || put_le(b, date, 2, e) == -1 ||
	    put_le(b, time, 2, e) == -1 || put_le(b, attrs, 2, e) == -1)
		return -1;
	return buf_put(b, m->name, strlen(m->name) + 1, e);
}

static int
put_head(struct buf *b, const struct cab_write_opts *o, uint64_t total,
    struct err *e)
{
	uint64_t data = CAB_HEADER + CAB_FOLDER_ENTRY, off = 0;

	for (size_t i = 0; i < o->nmembers; i++)
		data += CAB_FILE_ENTRY + strlen(o->members[i].name) + 1;
	if (buf_puts(b, "MSCF", e) == -1 ||
	    put_le(b, 0, 8, e) == -1 || /* the size comes last */
	    put_le(b, 0, 4, e) == -1 ||
	    put_le(b, CAB_HEADER + CAB_FOLDER_ENTRY, 8, e) == -1 ||
	    put_le(b, CAB_VERSION, 2, e) == -1 || put_le(b, 1, 2, e) == -1 ||
	    put_le(b, o->nmembers, 2, e) == -1 || put_le(b, 0, 6, e) == -1 ||
	    put_le(b, data, 4, e) == -1 ||
	    put_le(b, (total + CAB_BLOCK - 1) / CAB_BLOCK, 2, e) == -1 ||
	    put_le(b, CAB_MSZIP, 2, e) == -1)
		return -1;
	for (size_t i = 0; i < o->nmembers; i++) {
		if (put_member(b, &o->members[i], off, o->time, e) == -1)
			return -1;
		off += o->members[i].size;
	}
	return 0;
}

static int
put_bytes(struct cab_writer *w, const void *p, size_t n, struct err *e)
{
	w->size += n;
	return sink_write(w->to, p, n, e);
}

static int
begin_cab(struct cab_writer *w, const struct cab_write_opts *o, struct err *e)
{
	uint64_t njobs = (w->total + JOB_IN - 1) / JOB_IN;
	unsigned threads = o->jobs;
	struct buf head = BUF_INIT;
	int r = -1;

	if (njobs <= 1)
		threads = 1;
	else if (threads > njobs)
		threads = (unsigned)njobs;
	if (put_head(&head, o, w->total, e) == -1 ||
	    put_bytes(w, head.p, head.len, e) == -1 ||
	    pool_open(&w->pool, threads, 0, e) == -1)
		goto out;
	/* One being filled and, with several threads, one that waits. */
	threads = pool_threads(w->pool);
	w->max_packs = threads + (threads > 1 ? 2 : 1);
	r = 0;
out:
	buf_free(&head);
	return r;
}

int
cab_writer_open(struct cab_writer **wp, struct sink *to,
    const struct cab_write_opts *o, struct err *e)
{
	struct cab_writer *w;
	uint64_t total = 0;

	*wp = NULL;
	if (check_opts(o, &total, e) == -1)
		return -1;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return err_nomem(e);
	w->to = to;
	w->small = o->small;
	w->total = total;
	if (begin_cab(w, o, e) == -1) {
		cab_writer_close(w);
		return -1;
	}
	*wp = w;
	return 0;
}

static void
le16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void
run_job(struct job *j)
{
	struct pack *k = (struct pack *)j;
	size_t hist = k->hist, n, packed;
	uint8_t *out = k->out;
	uint32_t sum;

	for (size_t at = 0; at < k->len; at += n) {
		n = k->len - at < CAB_BLOCK ? k->len - at : CAB_BLOCK;
		packed = cab_mszip_block(
		    k->z, k->in + CAB_BLOCK + at, n, hist, out + CAB_DATA_HEAD);
		le16(out + 4, packed);
		le16(out + 6, n);
		sum = cab_sum(out + CAB_DATA_HEAD, packed, 0);
		sum = cab_sum(out + 4, 4, sum);
		le16(out, sum & 0xffff);
		le16(out + 2, sum >> 16);
		out += CAB_DATA_HEAD + packed;
		hist = CAB_BLOCK;
	}
	k->out_len = (size_t)(out - k->out);
}

/* Writes the oldest run that is out, after waiting for it: 1, 0 none, -1. */
static int
take_run(struct cab_writer *w, struct err *e)
{
	struct pack *k = (struct pack *)pool_take(w->pool);

	if (k == NULL)
		return 0;
	k->next = w->idle;
	w->idle = k;
	return put_bytes(w, k->out, k->out_len, e) == -1 ? -1 : 1;
}

static int
new_pack(struct cab_writer *w, struct err *e)
{
	struct pack *k = malloc(sizeof(*k));

	if (k == NULL)
		return err_nomem(e);
	k->job = (struct job){.run = run_job, .err = ERR_INIT};
	if (cab_mszip_new(&k->z, w->small, e) == -1) {
		free(k);
		return -1;
	}
	k->all = w->all;
	w->all = k;
	k->next = w->idle;
	w->idle = k;
	w->npacks++;
	return 0;
}

/* Makes cur the next run, which looks back into the last. */
static int
next_pack(struct cab_writer *w, struct err *e)
{
	if (w->idle == NULL) {
		if (w->npacks < w->max_packs) {
			if (new_pack(w, e) == -1)
				return -1;
		} else if (take_run(w, e) == -1) {
			return -1;
		}
	}
	w->cur = w->idle;
	w->idle = w->cur->next;
	w->cur->hist = w->hist;
	w->cur->len = 0;
	memcpy(w->cur->in, w->last, CAB_BLOCK);
	return 0;
}

static void
submit(struct cab_writer *w)
{
	struct pack *k = w->cur;

	/* Only a full run is followed by another. */
	if (k->len == JOB_IN) {
		memcpy(w->last, k->in + JOB_IN, CAB_BLOCK);
		w->hist = CAB_BLOCK;
	}
	k->job.done = false;
	pool_put(w->pool, &k->job);
	w->cur = NULL;
}

int
cab_writer_write(struct cab_writer *w, const void *p, size_t n, struct err *e)
{
	const uint8_t *from = p;
	size_t part;

	if (n > w->total - w->given)
		return err_set(e, E_USAGE,
		    "cabinet of %" PRIu64 " bytes unpacked was given more",
		    w->total);
	w->given += n;
	while (n > 0) {
		if (w->cur == NULL &&
		    (stop_check(e) == -1 || next_pack(w, e) == -1))
			return -1;
		part = JOB_IN - w->cur->len;
		if (part > n)
			part = n;
		memcpy(w->cur->in + CAB_BLOCK + w->cur->len, from, part);
		w->cur->len += part;
		from += part;
		n -= part;
		if (w->cur->len == JOB_IN)
			submit(w);
	}
	return 0;
}

int
cab_writer_finish(struct cab_writer *w, struct cab_patch *p, struct err *e)
{
	int r;

	if (w->given != w->total)
		return err_set(e, E_USAGE,
		    "cabinet of %" PRIu64 " bytes unpacked was given %" PRIu64,
		    w->total, w->given);
	if (w->cur != NULL)
		submit(w);
	while ((r = take_run(w, e)) == 1)
		;
	if (r == -1)
		return -1;
	p->off = 8;
	p->size = (uint32_t)w->size;
	le16(p->bytes, w->size & 0xffff);
	le16(p->bytes + 2, w->size >> 16 & 0xffff);
	return 0;
}

void
cab_writer_close(struct cab_writer *w)
{
	struct pack *k;

	if (w == NULL)
		return;
	if (w->pool != NULL)
		pool_close(w->pool);
	while ((k = w->all) != NULL) {
		w->all = k->all;
		cab_mszip_free(k->z);
		free(k);
	}
	free(w);
}
