/* SPDX-License-Identifier: ISC */
/* An answer on its way out, and what may happen to it there. */
#include "tests/upstream/upstream.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/upstream/soap.h"

#define PIECE ((size_t)256 << 10)

/* What may still pass, and how fast. */
struct way {
	int fd;
	uint64_t left; /* until the connection is cut */
	uint64_t drip; /* bytes a second; 0: as fast as it goes */
};

static const struct {
	int status;
	const char *words;
} reasons[] = {
    {200, "OK"},
    {206, "Partial Content"},
    {302, "Found"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {416, "Requested Range Not Satisfiable"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
};

static const char *
reason(int status)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].words;
	return "Other";
}

void
http_date(char out[DATE_LEN], int64_t t)
{
	time_t tt = (time_t)t;
	struct tm tm;

	(void)gmtime_r(&tt, &tm);
	(void)strftime(out, DATE_LEN, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

int
send_all(int fd, const void *p, size_t n, int flags)
{
	const char *at = p;

	while (n > 0) {
		ssize_t w = send(fd, at, n, flags);

		if (w == -1 && errno == EINTR)
			continue;
		if (w == -1)
			return -1;
		at += w;
		n -= (size_t)w;
	}
	return 0;
}

/* How much of n may go now; waits where it drips. */
static size_t
allowance(struct way *w, size_t n)
{
	uint64_t most = w->drip != 0 ? w->drip / 10 + 1 : PIECE;

	if (n > most)
		n = (size_t)most;
	if (n > w->left)
		n = (size_t)w->left;
	if (w->drip != 0 && n > 0)
		usleep(100000);
	w->left -= n;
	return n;
}

static int
send_bytes(struct way *w, const uint8_t *p, size_t n, uint64_t *sent)
{
	while (n > 0) {
		size_t now = allowance(w, n);

		if (now == 0 || send_all(w->fd, p, now, 0) == -1)
			return -1;
		p += now;
		n -= now;
		*sent += now;
	}
	return 0;
}

static int
send_file(struct way *w, int fd, uint64_t off, uint64_t n, uint64_t *sent)
{
	off_t at = (off_t)off;

	while (n > 0) {
		size_t now = allowance(w, n > PIECE ? PIECE : (size_t)n);
		uint64_t end = (uint64_t)at + now;

		if (now == 0)
			return -1;
		n -= now;
		while ((uint64_t)at < end) {
			ssize_t s = sendfile(
			    w->fd, fd, &at, end - (uint64_t)at);

			if (s == -1 && errno == EINTR)
				continue;
			if (s <= 0)
				return -1;
			*sent += (uint64_t)s;
		}
	}
	return 0;
}

/* A file's bytes through memory, so that they can be changed. */
static int
send_changed(struct way *w, struct answer *a)
{
	uint8_t *p = malloc(PIECE);
	uint64_t off = a->off, left = a->len;
	int r = -1;

	if (p == NULL)
		return -1;
	for (; left > 0; r = -1) {
		ssize_t n = pread(
		    a->fd, p, left < PIECE ? (size_t)left : PIECE, (off_t)off);

		if (n <= 0)
			break;
		if (off == a->off)
			p[(size_t)n / 2] ^= 0x20;
		if (send_bytes(w, p, (size_t)n, &a->sent) == -1)
			break;
		off += (uint64_t)n;
		left -= (uint64_t)n;
		r = 0;
	}
	free(p);
	return left == 0 ? 0 : r;
}

static int
send_chunk(struct way *w, struct answer *a)
{
	char size[32];
	uint64_t n = a->fd != -1 ? a->len : a->body.len;

	if (n == 0)
		return 0;
	snprintf(size, sizeof(size), "%llx\r\n", (unsigned long long)n);
	if (send_all(w->fd, size, strlen(size), 0) == -1)
		return -1;
	if (a->fd != -1 ? send_file(w, a->fd, a->off, a->len, &a->sent) == -1
			: send_bytes(w, a->body.p, a->body.len, &a->sent) == -1)
		return -1;
	return send_all(w->fd, "\r\n", 2, 0);
}

static int
send_body(struct way *w, struct answer *a)
{
	unsigned i, times = a->times != 0 ? a->times : 1;

	for (i = 0; i < times; i++) {
		if (a->chunked) {
			if (send_chunk(w, a) == -1)
				return -1;
		} else if (a->flip && a->fd != -1) {
			if (send_changed(w, a) == -1)
				return -1;
		} else if (a->fd != -1) {
			if (send_file(w, a->fd, a->off, a->len, &a->sent) == -1)
				return -1;
		} else if (send_bytes(w, a->body.p, a->body.len, &a->sent) ==
		    -1)
			return -1;
	}
	return a->chunked ? send_all(w->fd, "0\r\n\r\n", 5, 0) : 0;
}

static void
write_head(struct buf *b, struct answer *a, bool end)
{
	char date[DATE_LEN];
	uint64_t n = a->fd != -1 ? a->len : a->body.len;

	putf(b, "HTTP/1.1 %d %s\r\n", a->status, reason(a->status));
	if (a->type != NULL)
		putf(b, "Content-Type: %s\r\n", a->type);
	putn(b, a->head.p, a->head.len);
	if (!a->own_date) {
		http_date(date, up_now());
		putf(b, "Server: Microsoft-IIS/10.0\r\nDate: %s\r\n", date);
	}
	if (end)
		put(b, "Connection: close\r\n");
	if (a->chunked)
		put(b, "Transfer-Encoding: chunked\r\n\r\n");
	else
		putf(b, "Content-Length: %llu\r\n\r\n",
		    (unsigned long long)(a->length != -1 ? (uint64_t)a->length
							 : n));
}

/* status CODE [RETRY-AFTER]: the page of something in front of the server. */
static void
wish_status(struct answer *a)
{
	const char *arg = wish(&a->w, "status");
	char *rest;

	if (arg == NULL)
		return;
	a->status = (int)strtol(arg, &rest, 10);
	a->type = "text/html";
	buf_reset(&a->body);
	if (a->fd != -1)
		close(a->fd);
	a->fd = -1;
	if (*rest == ' ')
		putf(&a->head, "Retry-After: %s\r\n", rest + 1);
	if (a->status == 401)
		put(&a->head,
		    "WWW-Authenticate: Negotiate\r\n"
		    "WWW-Authenticate: NTLM\r\n");
	putf(&a->body,
	    "<html><head><title>%d %s</title></head><body>\n"
	    "<h1>%s</h1></body></html>\n",
	    a->status, reason(a->status), reason(a->status));
}

int
answer_send(int fd, struct answer *a, bool end)
{
	struct way w = {.fd = fd, .left = UINT64_MAX};
	struct buf head = BUF_INIT;
	int64_t delay = wish_num(&a->w, "delay", 0);
	int r;

	wish_status(a);
	if (wish(&a->w, "cut") != NULL)
		w.left = (uint64_t)wish_num(&a->w, "cut", 0);
	w.drip = (uint64_t)wish_num(&a->w, "drip", 0);
	a->length = wish_num(&a->w, "length", a->length);
	if (delay > 0)
		usleep((useconds_t)delay * 1000);
	write_head(&head, a, end);
	r = send_all(fd, head.p, head.len, a->no_body ? 0 : MSG_MORE);
	buf_free(&head);
	if (r == 0 && !a->no_body && (r = send_body(&w, a)) == 0 &&
	    a->length != -1 && !a->chunked)
		r = -1; /* what was claimed does not come */
	return r;
}
