/* SPDX-License-Identifier: ISC */
/*
 * What clients asked for and did not get, of what the store knows: counted by
 * whichever thread answers, written by the main one.  Addresses are kept as
 * hashes under a key of this run, in memory alone, and told as a number.
 */
#include "lib/serve/serve_wanted.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/sort.h"

#define LOCK "serve.lock"
#define WRITE_S 10 /* between two writes */
#define MODE 0644

void
serve_wanted_init(struct serve_wanted *w)
{
	*w = (struct serve_wanted){
	    .dirfd = -1, .hold = LOCK_INIT, .list = WANTED_INIT};
	pthread_mutex_init(&w->lock, NULL);
}

static int
read_list(struct serve_wanted *w, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = path_read(w->dirfd, WANTED_FILE, WANTED_BYTES_MAX, &b, e);

	if (r == -1 && e->kind == E_MISSING) {
		err_clear(e);
		r = 0;
	} else if (r == 0) {
		r = wanted_read(
		    &w->list, b.p, b.len, &wanted_default_limits, e);
	}
	buf_free(&b);
	return r;
}

int
serve_wanted_open(struct serve_wanted *w, const char *dir, struct err *e)
{
	if (dir == NULL)
		return 0;
	if (getrandom(&w->key, sizeof(w->key), 0) != sizeof(w->key))
		return err_sys(e, "random bytes");
	w->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dirfd == -1)
		return err_sys(e, "%s", dir);
	if (lock_take(&w->hold, w->dirfd, LOCK, e) == -1)
		return err_ctx(e, "%s", dir);
	if (read_list(w, e) == -1) {
		err_ctx(e, "%s/" WANTED_FILE, dir);
		return e->kind == E_FORMAT || e->kind == E_LIMIT
		    ? err_ctx(e, "move it away to begin anew")
		    : -1;
	}
	return 0;
}

void
serve_wanted_close(struct serve_wanted *w)
{
	wanted_free(&w->list);
	free(w->peers);
	lock_drop(&w->hold);
	if (w->dirfd != -1)
		(void)close(w->dirfd);
	pthread_mutex_destroy(&w->lock);
}

static uint64_t
hash(uint64_t key, const uint8_t address[16])
{
	uint64_t h = key ^ UINT64_C(14695981039346656037);
	unsigned i;

	for (i = 0; address != NULL && i < 16; i++) {
		h = (h ^ address[i]) * UINT64_C(1099511628211);
		h ^= h >> 29;
	}
	return h ^ key;
}

/* Those of a row, made when it is first asked for in this run. */
static struct serve_peers *
peers_of(struct serve_wanted *w, const uint8_t sha1[SHA1_LEN])
{
	struct serve_peers *p = sort_find(
	    sha1, w->peers, w->npeers, sizeof(*p), sort_by_sha1);
	size_t at;

	if (p != NULL)
		return p;
	/* Rows that made way are counted anew. */
	if (w->npeers == wanted_default_limits.max_rows)
		w->npeers = 0;
	if (w->peers == NULL &&
	    (w->peers = calloc(wanted_default_limits.max_rows, sizeof(*p))) ==
		NULL)
		return NULL;
	at = sort_place(sha1, w->peers, w->npeers, sizeof(*p), sort_by_sha1);
	p = w->peers + at;
	memmove(p + 1, p, (w->npeers - at) * sizeof(*p));
	*p = (struct serve_peers){.n = 0};
	memcpy(p->sha1, sha1, SHA1_LEN);
	w->npeers++;
	return p;
}

static void
add_peer(struct serve_peers *p, uint64_t h)
{
	unsigned i;

	for (i = 0; i < p->n; i++)
		if (p->hashes[i] == h)
			return;
	if (p->n < SERVE_PEERS)
		p->hashes[p->n++] = h;
}

int
serve_wanted_note(struct serve_wanted *w, const uint8_t sha1[SHA1_LEN],
    const uint8_t *address, struct err *e)
{
	struct wanted_row *row;
	struct serve_peers *p;
	int r;

	if (w->dirfd == -1)
		return 0;
	pthread_mutex_lock(&w->lock);
	r = wanted_note(&w->list, sha1, (int64_t)time(NULL),
	    &wanted_default_limits, &row, e);
	if (r == 0 && (p = peers_of(w, sha1)) != NULL) {
		add_peer(p, hash(w->key, address));
		if (p->n > row->addresses)
			row->addresses = p->n;
	}
	w->dirty = true;
	pthread_mutex_unlock(&w->lock);
	return r;
}

/* The bytes to be written, made under the lock. */
static int
take_bytes(struct serve_wanted *w, struct buf *b, struct err *e)
{
	struct sink to;
	int r;

	sink_buf(&to, b);
	pthread_mutex_lock(&w->lock);
	r = wanted_write(&w->list, &wanted_default_limits, &to, e);
	w->dirty = false;
	pthread_mutex_unlock(&w->lock);
	return r;
}

static int
write_list(struct serve_wanted *w, struct err *e)
{
	struct out o = OUT_INIT;
	struct buf b = BUF_INIT;
	int r = -1;

	o.replace = true;
	if (take_bytes(w, &b, e) == 0 &&
	    out_open(&o, w->dirfd, WANTED_FILE, MODE, e) == 0 &&
	    out_write(&o, b.p, b.len, e) == 0)
		r = out_commit(&o, e);
	out_abort(&o);
	buf_free(&b);
	if (r == -1) {
		pthread_mutex_lock(&w->lock);
		w->dirty = true;
		pthread_mutex_unlock(&w->lock);
	}
	return r;
}

void
serve_wanted_tick(struct serve_wanted *w, bool last, struct log *l)
{
	struct err e = ERR_INIT;
	bool dirty;

	if (w->dirfd == -1 || (!last && clock_s() < w->next_s))
		return;
	pthread_mutex_lock(&w->lock);
	dirty = w->dirty;
	pthread_mutex_unlock(&w->lock);
	if (!dirty)
		return;
	w->next_s = clock_s() + WRITE_S;
	if (write_list(w, &e) == 0) {
		w->failing = false;
		return;
	}
	if (!w->failing)
		log_event(l, LOG_ERROR, NULL,
		    "what clients ask for cannot be kept: %s", e.msg);
	w->failing = true;
}
