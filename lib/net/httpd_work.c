/* SPDX-License-Identifier: ISC */
/*
 * Workers: they make answers and their pieces, and wait for disks.  A queue for
 * files, one for pages and lists, one for the disk, so that none waits for
 * another kind.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/net/httpd_priv.h"

void
httpd_work_put(struct httpd *h, struct httpd_exchange *x)
{
	struct httpd_queue *q = &h->queues[x->job == HTTPD_JOB_PAGES
		? HTTPD_Q_DISK
		: x->job == HTTPD_JOB_PIECE || (x->kind & HTTPD_SLOW) != 0
		? HTTPD_Q_SLOW
		: HTTPD_Q_FILES];

	pthread_mutex_lock(&q->lock);
	STAILQ_INSERT_TAIL(&q->list, x, next);
	pthread_cond_signal(&q->more);
	pthread_mutex_unlock(&q->lock);
}

static struct httpd_exchange *
take(struct httpd_queue *q)
{
	struct httpd_exchange *x;

	pthread_mutex_lock(&q->lock);
	while (STAILQ_EMPTY(&q->list) && !q->closed)
		pthread_cond_wait(&q->more, &q->lock);
	if ((x = STAILQ_FIRST(&q->list)) != NULL)
		STAILQ_REMOVE_HEAD(&q->list, next);
	pthread_mutex_unlock(&q->lock);
	return x;
}

void
httpd_work_request(struct httpd_req *rq, const struct httpd_exchange *x,
    const char *path, unsigned worker, uint64_t now_ms)
{
	*rq = (struct httpd_req){.path = path,
	    .worker = worker,
	    .now_ms = now_ms,
	    .head = x->rq.method == REQUEST_HEAD,
	    .post = x->rq.method == REQUEST_POST,
	    .tls = x->tls,
	    .admin = x->admin,
	    .address = x->remote ? x->address : NULL,
	    .body = x->body.p,
	    .body_len = x->body.len,
	    .head_of = &x->rq};
}

/* Whoever sends it then finds it in memory; a failure he sees himself. */
static void
read_pages(struct httpd_exchange *x)
{
	char block[HTTPD_PROBE];
	uint64_t at = x->off;
	uint64_t end = at + (x->left < HTTPD_TURN ? x->left : HTTPD_TURN);
	ssize_t n;

	(void)readahead(x->res.fd, (off64_t)at,
	    x->left < 2 * HTTPD_TURN ? x->left : 2 * HTTPD_TURN);
	for (; at < end && !atomic_load(&x->cancelled); at += (uint64_t)n) {
		n = pread(x->res.fd, block,
		    end - at < sizeof(block) ? end - at : sizeof(block),
		    (off_t)at);
		if (n <= 0)
			break;
	}
	x->warm = end;
}

static void
work(struct httpd_worker *w, struct httpd_exchange *x)
{
	struct httpd_req rq;

	switch (x->job) {
	case HTTPD_JOB_ANSWER:
		(void)request_path(&x->rq, w->path, NULL); /* it was good */
		httpd_work_request(&rq, x, w->path, w->number, clock_ms());
		w->h->o.answer(w->h->o.arg, &rq, &x->res);
		break;
	case HTTPD_JOB_PIECE:
		x->npiece = x->res.read(x->res.ctx, x->piece, HTTPD_PIECE);
		break;
	case HTTPD_JOB_PAGES:
		read_pages(x);
		break;
	case HTTPD_JOB_CLOSE:
		httpd_res_free(&x->res);
		break;
	case HTTPD_JOB_EVICT:
		break;
	}
}

static void *
run(void *arg)
{
	struct httpd_worker *w = arg;
	struct httpd_exchange *x;

	while ((x = take(w->q)) != NULL) {
		if (x->job == HTTPD_JOB_CLOSE || !atomic_load(&x->cancelled))
			work(w, x);
		httpd_loop_mail(&w->h->loops[x->who.loop], x);
	}
	return NULL;
}

int
httpd_work_start(struct httpd *h, struct err *e)
{
	const unsigned n[HTTPD_NQ] = {
	    h->o.workers, h->o.slow_workers, HTTPD_DISK_WORKERS};
	unsigned i, q;

	h->workers = calloc(n[0] + n[1] + n[2], sizeof(*h->workers));
	if (h->workers == NULL)
		return err_nomem(e);
	for (q = 0; q < HTTPD_NQ; q++)
		for (i = 0; i < n[q]; i++) {
			struct httpd_worker *w = &h->workers[h->nworkers];

			*w = (struct httpd_worker){
			    .h = h, .q = &h->queues[q], .number = h->nworkers};
			errno = pthread_create(&w->thread, NULL, run, w);
			if (errno != 0)
				return err_sys(e, "a thread of the server");
			h->nworkers++;
		}
	return 0;
}

void
httpd_work_stop(struct httpd *h)
{
	unsigned i;

	for (i = 0; i < HTTPD_NQ; i++) {
		pthread_mutex_lock(&h->queues[i].lock);
		h->queues[i].closed = true;
		pthread_cond_broadcast(&h->queues[i].more);
		pthread_mutex_unlock(&h->queues[i].lock);
	}
	for (i = 0; i < h->nworkers; i++)
		pthread_join(h->workers[i].thread, NULL);
	free(h->workers);
}
