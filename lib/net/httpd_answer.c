/* SPDX-License-Identifier: ISC */
/* The head of an answer, and which bytes are to follow it. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/net/httpd_priv.h"

/* Nothing that an update's text may have smuggled in is run or loaded. */
#define CHANGING                                                               \
	"Cache-Control: no-cache\r\n"                                          \
	"X-Content-Type-Options: nosniff\r\n"                                  \
	"Content-Security-Policy: default-src 'none'; "                        \
	"style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "     \
	"frame-ancestors 'none'\r\n"

static const struct {
	unsigned status;
	const char *line;
} words[] = {
    {200, "200 OK"},
    {206, "206 Partial Content"},
    {204, "204 No Content"},
    {301, "301 Moved Permanently"},
    {302, "302 Found"},
    {304, "304 Not Modified"},
    {400, "400 Bad Request"},
    {403, "403 Forbidden"},
    {404, "404 Not Found"},
    {405, "405 Method Not Allowed"},
    {408, "408 Request Timeout"},
    {411, "411 Length Required"},
    {412, "412 Precondition Failed"},
    {413, "413 Content Too Large"},
    {414, "414 URI Too Long"},
    {415, "415 Unsupported Media Type"},
    {416, "416 Range Not Satisfiable"},
    {417, "417 Expectation Failed"},
    {429, "429 Too Many Requests"},
    {431, "431 Request Header Fields Too Large"},
    {500, "500 Internal Server Error"},
    {501, "501 Not Implemented"},
    {503, "503 Service Unavailable"},
    {505, "505 HTTP Version Not Supported"},
};

static const char *
word_of(unsigned status)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].status == status)
			return words[i].line;
	return "500 Internal Server Error";
}

/* Heads are of our own making and shorter by far; a longer one is cut. */
static void
put(struct httpd_exchange *x, const char *s)
{
	size_t n = strlen(s);

	if (n > HTTPD_OUT_MAX - x->out_len)
		n = HTTPD_OUT_MAX - x->out_len;
	memcpy(x->out + x->out_len, s, n);
	x->out_len += n;
}

static void
put_line(struct httpd_exchange *x, const char *name, const char *value)
{
	put(x, name);
	put(x, value);
	put(x, "\r\n");
}

static void
put_number(struct httpd_exchange *x, const char *name, uint64_t v)
{
	char text[21];

	*request_number(text, v) = '\0';
	put_line(x, name, text);
}

/* Most files have the date that the file before had. */
static const char *
date_of(int64_t t)
{
	static _Thread_local char date[HTTPDATE_LEN + 1];
	static _Thread_local int64_t is;

	if (date[0] == '\0' || t != is)
		httpdate_write(date, t);
	is = t;
	return date;
}

static bool
is_entity(const struct httpd_exchange *x)
{
	const struct httpd_res *rs = &x->res;

	return rs->status == 200 && x->rq.method != REQUEST_POST &&
	    (rs->fd != -1 || rs->etag[0] != '\0');
}

/* Which bytes are to be sent; false: no memory. */
static bool
choose(struct httpd_exchange *x, struct request_verdict *v,
    const struct request_entity *n)
{
	struct httpd_res *rs = &x->res;

	*v = (struct request_verdict){.status = rs->status};
	if (is_entity(x))
		request_judge(v, &x->rq, n);
	/* What is in memory goes whole. */
	if (rs->fd == -1 && (v->status == 206 || v->status == 416))
		v->status = 200;
	rs->status = v->status;
	x->bodiless = x->rq.method == REQUEST_HEAD || v->status == 304 ||
	    v->status == 204;
	if (v->status == 412 || v->status == 416 || v->status == 304)
		return true;
	x->total = n->size;
	x->left = rs->fd != -1 ? n->size : 0;
	if (v->status != 206)
		return true;
	x->off = v->spans[0].off;
	x->total = x->left = v->spans[0].len;
	if (v->nspans == 1)
		return true;
	if ((x->multi = malloc(sizeof(*x->multi))) == NULL)
		return false;
	x->multi->v = *v;
	x->multi->next = 0;
	request_parts(&x->multi->parts, v, n);
	x->total = x->multi->parts.length;
	x->left = 0;
	return true;
}

static void
put_entity(struct httpd_exchange *x, const struct request_verdict *v)
{
	const struct httpd_res *rs = &x->res;

	if (v->status != 304 && v->status != 412 && v->status != 416 &&
	    rs->type != NULL)
		put_line(x, "Content-Type: ",
		    x->multi != NULL ? x->multi->parts.type : rs->type);
	if (rs->modified != 0)
		put_line(x, "Last-Modified: ", date_of(rs->modified));
	if (rs->fd != -1)
		put(x, "Accept-Ranges: bytes\r\n");
	if (rs->etag[0] != '\0')
		put_line(x, "ETag: ", rs->etag);
	if (rs->fd != -1 ? rs->changing : rs->type != NULL)
		put(x, CHANGING);
	put(x, rs->extra);
	if (rs->status == 405)
		put_line(
		    x, "Allow: ", rs->allow != NULL ? rs->allow : "GET, HEAD");
	if (rs->retry_s > 0)
		put_number(x, "Retry-After: ", rs->retry_s);
}

/* How the client knows where the body ends. */
static void
put_length(struct httpd_exchange *x)
{
	if (x->res.status == 304 || x->res.status == 204)
		return;
	if (x->res.read == NULL) {
		put_number(x, "Content-Length: ", x->total);
	} else if (x->rq.minor == 0) {
		x->keep = false; /* by the end of the connection */
	} else if (!x->bodiless) {
		x->chunking = true;
		put(x, "Transfer-Encoding: chunked\r\n");
	}
}

void
httpd_answer(struct httpd_loop *l, struct httpd_exchange *x)
{
	struct httpd_res *rs = &x->res;
	const struct request_entity n = {.etag = rs->etag,
	    .type = rs->type != NULL ? rs->type : "application/octet-stream",
	    .modified = rs->modified,
	    .size = rs->fd != -1 ? rs->size : rs->bytes.len};
	struct request_verdict v;
	char range[REQUEST_CONTENT_RANGE_MAX];

	x->out_at = x->out_len = 0;
	if (!choose(x, &v, &n)) {
		httpd_res_free(rs);
		rs->status = 503;
		x->total = x->left = 0;
	}
	put(x, "HTTP/1.1 ");
	put_line(x, "", word_of(rs->status));
	put_entity(x, &v);
	put_line(x, "Date: ", l->date);
	put_length(x);
	if ((rs->status == 206 && x->multi == NULL) || rs->status == 416) {
		request_content_range(range, &v, &n, 0);
		put_line(x, "Content-Range: ", range);
	}
	if (!x->keep)
		put(x, "Connection: close\r\n");
	else if (x->rq.minor == 0)
		put(x, "Connection: keep-alive\r\n");
	put(x, "\r\n");
	x->making = rs->read != NULL && !x->bodiless && rs->status == 200;
	if (x->bodiless || x->total == 0) {
		free(x->multi);
		x->multi = NULL;
		x->left = x->total = 0;
	} else if (rs->fd == -1) {
		x->mem = (const char *)rs->bytes.p;
		x->nmem = rs->bytes.len;
	}
}

void
httpd_answer_status(struct httpd_exchange *x, unsigned status)
{
	httpd_res_free(&x->res);
	x->res.status = status;
	x->refused = true;
}

void
httpd_answer_fault(struct httpd_exchange *x, const struct request_fault *f)
{
	struct err e = ERR_INIT;

	httpd_answer_status(x, f->status);
	x->keep = false;
	if (buf_printf(&x->res.bytes, &e, "%s (%s)\n", f->why, f->clause) == 0)
		x->res.type = "text/plain; charset=utf-8";
}
