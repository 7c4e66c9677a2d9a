/* SPDX-License-Identifier: ISC */
/*
 * Bytes of an answer to its client, so many as it takes and as are its turn:
 * text, memory, a file, or pieces that a worker makes.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "lib/net/httpd_priv.h"

#define TLS_TURN ((uint64_t)256 << 10)
#define TLS_RECORD ((size_t)16 << 10) /* as much as one write takes */

uint64_t
httpd_send_taken(const struct httpd_conn *c)
{
	int waiting = 0;

	if (ioctl(c->fd, SIOCOUTQ, &waiting) == -1 || waiting < 0)
		waiting = 0;
	return c->sent > (uint64_t)waiting ? c->sent - (uint64_t)waiting : 0;
}

void
httpd_send_bound(int fd, int bytes)
{
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof(bytes));
}

static enum httpd_sent
stopped(ssize_t r)
{
	return r == -1 ? HTTPD_SENT_FULL : HTTPD_SENT_FAILED;
}

/* Was that piece of that descriptor seen in memory a moment ago?  Where that
   is another file by now, the worst is to wait for a disk once. */
static uint64_t *
seen_at(struct httpd_loop *l, int fd, uint64_t piece)
{
	uint64_t *seen = &l->warm[(piece + (unsigned)fd * 67) % HTTPD_WARM];
	uint64_t is = (piece << 20 | (uint64_t)(unsigned)fd) * 64 +
	    l->now_ms / HTTPD_WARM_MS % 64;

	if (*seen == is)
		return NULL;
	*seen = is;
	return seen;
}

/*
 * Is it in memory, so far as a few of its pages say?  Readahead brings them in
 * stretches of this length, so the last of each speaks for it.
 */
static bool
is_warm(struct httpd_loop *l, const struct httpd_exchange *x, uint64_t n)
{
	uint64_t at = x->off > x->warm ? x->off : x->warm, end = x->off + n;
	uint64_t *seen;
	char byte;
	struct iovec v = {.iov_base = &byte, .iov_len = 1};

	while (at < end) {
		seen = seen_at(l, x->res.fd, at / HTTPD_PROBE);
		at = end - at > HTTPD_PROBE ? at + HTTPD_PROBE : end;
		if (seen != NULL &&
		    preadv2(x->res.fd, &v, 1, (off_t)at - 1, RWF_NOWAIT) ==
			-1 &&
		    errno == EAGAIN) {
			*seen = 0;
			return false;
		}
	}
	return true;
}

static enum httpd_sent
await(struct httpd_exchange *x, enum httpd_job job)
{
	x->job = job;
	return HTTPD_SENT_AWAIT;
}

static enum httpd_sent
by_sendfile(struct httpd_loop *l, struct httpd_conn *c,
    struct httpd_exchange *x, uint64_t *turn)
{
	uint64_t want = x->left < *turn ? x->left : *turn;
	off_t off = (off_t)x->off;
	ssize_t n;

	if (!is_warm(l, x, want))
		return await(x, HTTPD_JOB_PAGES);
	n = sendfile(c->fd, x->res.fd, &off, (size_t)want);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		n = 0;
	else if (n <= 0)
		return HTTPD_SENT_FAILED; /* gone, or the file is shorter now */
	x->off += (uint64_t)n;
	x->left -= (uint64_t)n;
	c->sent += (uint64_t)n;
	*turn -= (uint64_t)n;
	if (!c->taker && c->sent - x->sent_at > HTTPD_TAKER &&
	    c->sent - c->bound_at > HTTPD_TAKER) {
		httpd_send_bound(c->fd, 0);
		c->taker = true;
	}
	return (uint64_t)n == want ? HTTPD_SENT_ALL : HTTPD_SENT_FULL;
}

/*
 * Text and what of a file follows it, in the same records; the bytes of the
 * file are read to where pages begin.  But for the last, records do not go out
 * one by one: half of what they cost would be packets.
 */
static enum httpd_sent
by_tls(struct httpd_loop *l, struct httpd_conn *c, struct httpd_exchange *x,
    uint64_t *turn)
{
	size_t head = x->out_len - x->out_at, body = HTTPD_BLOCK - head;
	char *file = l->block + HTTPD_BLOCK_FRONT, *p = file - head;
	struct iovec v = {.iov_base = file};
	size_t at, all;
	ssize_t n, r = 0;

	if (body > x->left)
		body = (size_t)x->left;
	v.iov_len = body;
	n = preadv2(
	    x->res.fd, &v, 1, (off_t)x->off, x->off < x->warm ? 0 : RWF_NOWAIT);
	if (n == -1 && errno == EOPNOTSUPP)
		n = preadv2(x->res.fd, &v, 1, (off_t)x->off, 0);
	/* After a refusal it is to be at least what was refused. */
	if ((n == -1 && errno == EAGAIN) ||
	    (n > 0 && (size_t)n < body && x->off + body > x->warm))
		return await(x, HTTPD_JOB_PAGES);
	if (n <= 0 || (size_t)n < body)
		return HTTPD_SENT_FAILED;
	memcpy(p, x->out + x->out_at, head);
	all = head + body;
	for (at = 0; at < all; at += (size_t)r)
		if ((r = httpd_write(
			 c, p + at, all - at, all - at > TLS_RECORD)) <= 0)
			break;
	n = (ssize_t)(at < head ? at : head);
	x->out_at += (size_t)n;
	x->off += at - (size_t)n;
	x->left -= at - (size_t)n;
	*turn = *turn > at ? *turn - at : 0;
	return at == all ? HTTPD_SENT_ALL : stopped(r);
}

static enum httpd_sent
by_memory(struct httpd_conn *c, struct httpd_exchange *x, uint64_t *turn)
{
	bool text = x->out_at < x->out_len;
	bool more = text &&
	    (x->nmem > 0 || x->left > 0 ||
		(x->multi != NULL && x->multi->next <= x->multi->v.nspans));
	size_t n = text ? x->out_len - x->out_at : x->nmem;
	ssize_t r;

	if (!text && n > *turn)
		n = (size_t)*turn;
	r = httpd_write(c, text ? x->out + x->out_at : x->mem, n, more);
	if (r <= 0)
		return stopped(r);
	/* Text is short, and is nobody's turn: a mebibyte behind its head goes
	   in one. */
	if (text) {
		x->out_at += (size_t)r;
	} else {
		*turn -= (uint64_t)r;
		x->mem += r;
		x->nmem -= (size_t)r;
	}
	return HTTPD_SENT_ALL;
}

/* What comes when text, memory and file are sent; true: something does. */
static bool
next_part(struct httpd_exchange *x)
{
	struct httpd_multi *m = x->multi;
	const struct request_entity n = {.etag = x->res.etag,
	    .type = x->res.type,
	    .modified = x->res.modified,
	    .size = x->res.size};

	if (m == NULL || m->next > m->v.nspans)
		return false;
	x->out_at = 0;
	x->out_len = request_part(x->out, &m->parts, &m->v, &n, m->next);
	if (m->next < m->v.nspans) {
		x->off = m->v.spans[m->next].off;
		x->left = m->v.spans[m->next].len;
		x->warm = 0;
	}
	m->next++;
	return true;
}

enum httpd_sent
httpd_send(struct httpd_loop *l, struct httpd_conn *c)
{
	struct httpd_exchange *x = c->x;
	uint64_t turn = c->ssl != NULL ? TLS_TURN : HTTPD_TURN;
	enum httpd_sent r;

	for (;;) {
		/* The head goes with the first piece. */
		if (x->making && x->nmem == 0)
			return await(x, HTTPD_JOB_PIECE);
		if (turn == 0)
			return HTTPD_SENT_TURN;
		if (c->ssl != NULL && x->left > 0)
			r = by_tls(l, c, x, &turn);
		else if (x->out_at < x->out_len || x->nmem > 0)
			r = by_memory(c, x, &turn);
		else if (x->left > 0)
			r = by_sendfile(l, c, x, &turn);
		else if (next_part(x))
			continue;
		else
			return HTTPD_SENT_ALL;
		if (r != HTTPD_SENT_ALL)
			return r;
	}
}

bool
httpd_send_piece(struct httpd_exchange *x)
{
	bool first = x->total == 0;

	/* What stands there still is the head. */
	if (x->out_at == x->out_len)
		x->out_at = x->out_len = 0;
	if (x->npiece < 0 || HTTPD_OUT_MAX - x->out_len < 32)
		return false;
	x->making = x->npiece > 0;
	x->mem = x->piece;
	x->nmem = (size_t)x->npiece;
	x->total += (uint64_t)x->npiece;
	if (!x->chunking)
		return true;
	x->out_len += (size_t)snprintf(x->out + x->out_len, 32, "%s%zx\r\n%s",
	    first ? "" : "\r\n", x->nmem, x->making ? "" : "\r\n");
	return true;
}
