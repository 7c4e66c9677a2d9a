/* SPDX-License-Identifier: ISC */
/*
 * A list for scripts, once for each state of the store, in a file without a
 * name: whoever comes first has it made as it is sent, those who come while it
 * is made read what there is and go on, and those who come after are sent the
 * file, with ranges and conditions.  A slot is one of them; it is given to
 * another state only when nobody reads its file.
 */
#include "lib/serve/serve_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/stop.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"
#include "lib/transfer/intake.h"

/* Who is sent one that is not whole yet. */
struct reader {
	struct serve *s; /* borrowed, as the next */
	struct serve_slot *slot;
	uint64_t off; /* sent already */
};

static int
write_all(int fd, const uint8_t *p, size_t n, uint64_t at, struct err *e)
{
	ssize_t r;

	for (; n > 0; n -= (size_t)r, p += r, at += (uint64_t)r) {
		r = os.pwrite(fd, p, n, (off_t)at);
		if (r == -1 && errno == EINTR)
			r = 0;
		if (r == -1)
			return err_sys(
			    e, "a list for scripts: its temporary file");
	}
	return 0;
}

/* The end of making: what it held is given back. */
static void
settle(struct serve_slot *t, enum serve_made made)
{
	index_free(&t->index);
	store_rollback(t->store);
	t->made = made;
}

/* One portion more; under the slot's lock. */
static int
make_more(struct serve_slot *t, struct err *e)
{
	struct index *x = &t->index;
	int r = -1;

	/* A snapshot that is held keeps the database's log from shrinking. */
	if (clock_s() > t->until_s)
		err_set(e, E_LIMIT, "%s: the clients take too long",
		    index_name(x->kind));
	else if (index_more(x, e) == 0 &&
	    write_all(t->fd, x->out.p, x->out.len, t->len, e) == 0)
		r = 0;
	if (r == -1) {
		settle(t, SERVE_FAILED);
		return -1;
	}
	t->len += x->out.len;
	if (x->phase == INDEX_DONE) {
		snprintf(t->etag, sizeof(t->etag), "\"%016" PRIx64 "\"",
		    t->now ^ x->lost);
		t->good_s = serve_good_s(x->lost != 0);
		settle(t, SERVE_WHOLE);
	}
	return 0;
}

/* 1 there are bytes beyond off, 0 it is whole, -1. */
static int
see_more(struct reader *x, uint64_t *len)
{
	struct serve_slot *t = x->slot;
	struct err e = ERR_INIT;
	int r = 0;

	pthread_mutex_lock(&t->lock);
	while (r == 0 && t->len == x->off && t->made == SERVE_MAKING)
		r = make_more(t, &e);
	if (t->made == SERVE_FAILED)
		r = -1;
	*len = t->len;
	pthread_mutex_unlock(&t->lock);
	if (e.kind != E_NONE)
		serve_note(x->s, &e);
	return r == -1 ? -1 : *len > x->off;
}

static ssize_t
reader_read(void *ctx, char *p, size_t room)
{
	struct reader *x = ctx;
	uint64_t len;
	ssize_t n;
	int r;

	if ((r = see_more(x, &len)) != 1)
		return r;
	if (room > len - x->off)
		room = (size_t)(len - x->off);
	do
		n = pread(x->slot->fd, p, room, (off_t)x->off);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return -1;
	x->off += (uint64_t)n;
	return n;
}

static void
leave(struct serve_slot *t)
{
	pthread_mutex_lock(&t->lock);
	/* Made for nobody any more. */
	if (--t->clients == 0 && t->made == SERVE_MAKING)
		settle(t, SERVE_FAILED);
	pthread_mutex_unlock(&t->lock);
}

static void
reader_close(void *ctx)
{
	struct reader *x = ctx;

	leave(x->slot);
	free(x);
}

static void
file_close(void *ctx)
{
	leave(ctx);
}

/* For the state that the slot's store is in now; under its lock. */
static int
begin(struct serve *s, struct serve_slot *t, enum index_kind k, struct err *e)
{
	struct lacking l;

	t->made = SERVE_FAILED;
	t->len = 0;
	t->until_s = clock_s() + SERVE_INDEX_S;
	if (os.ftruncate(t->fd, 0) == -1)
		return err_sys(e, "a list for scripts: its temporary file");
	if (store_begin(t->store, e) == -1)
		return -1;
	if (serve_now(&s->view, t->store, &t->now, e) == -1 ||
	    serve_view_lacking(&s->view, t->store, &l, e) == -1 ||
	    index_begin(&t->index, k, t->store, &t->content, &l, e) == -1) {
		settle(t, SERVE_FAILED);
		return -1;
	}
	t->kind = k;
	t->made = SERVE_MAKING;
	return 0;
}

/* Is what it has, or is to have, good for that state? */
static bool
is_good(const struct serve_slot *t, enum index_kind k, uint64_t now)
{
	return t->now == now && t->kind == k &&
	    (t->made == SERVE_MAKING ||
		(t->made == SERVE_WHOLE && clock_s() < t->good_s));
}

/*
 * The slot for that state, with one client more and its lock held; NULL: none
 * is free, or e.  What a slot is in, others change only with its lock; that it
 * is taken, only with that of all.
 */
static struct serve_slot *
take_slot(struct serve *s, enum index_kind k, uint64_t now, struct err *e)
{
	struct serve_slot *t, *idle = NULL;
	unsigned i;

	for (i = 0; i < SERVE_SLOTS; i++) {
		t = &s->slots[i];
		pthread_mutex_lock(&t->lock);
		if (is_good(t, k, now)) {
			t->clients++;
			return t;
		}
		if (t->clients == 0)
			idle = t;
		pthread_mutex_unlock(&t->lock);
	}
	if (idle == NULL)
		return NULL;
	pthread_mutex_lock(&idle->lock);
	if (begin(s, idle, k, e) == -1) {
		pthread_mutex_unlock(&idle->lock);
		return NULL;
	}
	idle->clients++;
	return idle;
}

static void
send_whole(struct serve_slot *t, struct httpd_res *rs)
{
	/* Sent from by position, so that many can. */
	rs->fd = t->fd;
	rs->fd_kept = true;
	rs->size = t->len;
	rs->changing = true;
	snprintf(rs->etag, sizeof(rs->etag), "%s", t->etag);
	rs->close = file_close;
	rs->ctx = t;
}

static int
send_rest(
    struct serve *s, struct serve_slot *t, struct httpd_res *rs, struct err *e)
{
	struct reader *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return err_nomem(e);
	x->s = s;
	x->slot = t;
	rs->read = reader_read;
	rs->close = reader_close;
	rs->ctx = x;
	return 0;
}

int
serve_index(struct serve *s, struct serve_worker *w, enum index_kind k,
    struct httpd_res *rs, struct err *e)
{
	struct serve_slot *t;
	uint64_t now = 0;
	int r;

	if (store_begin(w->store, e) == -1)
		return -1;
	r = serve_now(&s->view, w->store, &now, e);
	store_rollback(w->store);
	if (r == -1)
		return -1;
	pthread_mutex_lock(&s->slots_lock);
	t = take_slot(s, k, now, e);
	pthread_mutex_unlock(&s->slots_lock);
	if (t == NULL) {
		rs->status = 503;
		rs->retry_s = 10;
		return e->kind == E_NONE ? 0 : -1;
	}
	if (t->made == SERVE_WHOLE)
		send_whole(t, rs);
	else
		r = send_rest(s, t, rs, e);
	pthread_mutex_unlock(&t->lock);
	if (r == -1) {
		leave(t);
		return -1;
	}
	rs->status = 200;
	rs->type = k == INDEX_CSV ? "text/csv; charset=utf-8; header=present"
				  : "application/json";
	return 0;
}

void
serve_index_tick(struct serve *s)
{
	struct err e = ERR_INIT;
	struct serve_slot *t;
	unsigned i;
	bool more;

	for (i = 0; i < SERVE_SLOTS; i++) {
		t = &s->slots[i];
		do {
			pthread_mutex_lock(&t->lock);
			more = t->made == SERVE_MAKING &&
			    t->until_s - clock_s() <
				SERVE_INDEX_S - SERVE_INDEX_SLOW_S &&
			    make_more(t, &e) == 0;
			pthread_mutex_unlock(&t->lock);
		} while (more && !stop_asked());
	}
	if (e.kind != E_NONE)
		serve_note(s, &e);
}

int
serve_index_open(struct serve *s, struct log *l, struct err *e)
{
	struct err fault = ERR_INIT;
	struct serve_slot *t;
	unsigned i;
	int dirfd;

	if (intake_scratch(&dirfd, &fault) == -1)
		log_event(l, LOG_WARN, NULL,
		    "lists for scripts are kept in memory: %s", fault.msg);
	for (i = 0; i < SERVE_SLOTS; i++) {
		t = &s->slots[i];
		t->fd = dirfd != -1 ? intake_nameless(dirfd, e)
				    : memfd_create("index", MFD_CLOEXEC);
		if (t->fd == -1)
			break;
	}
	if (dirfd != -1)
		(void)close(dirfd);
	if (i < SERVE_SLOTS && e->kind == E_NONE)
		return err_sys(e, "lists for scripts: memory for them");
	return i < SERVE_SLOTS ? -1 : 0;
}

void
serve_index_init(struct serve *s)
{
	unsigned i;

	pthread_mutex_init(&s->slots_lock, NULL);
	for (i = 0; i < SERVE_SLOTS; i++) {
		s->slots[i] = (struct serve_slot){
		    .made = SERVE_FAILED, .fd = -1, .content = CONTENT_INIT};
		pthread_mutex_init(&s->slots[i].lock, NULL);
	}
}

void
serve_index_close(struct serve *s)
{
	struct serve_slot *t;
	unsigned i;

	for (i = 0; i < SERVE_SLOTS; i++) {
		t = &s->slots[i];
		if (t->made == SERVE_MAKING)
			settle(t, SERVE_FAILED);
		if (t->fd != -1)
			(void)close(t->fd);
		content_close(&t->content);
		store_close(t->store);
		pthread_mutex_destroy(&t->lock);
	}
	pthread_mutex_destroy(&s->slots_lock);
}
