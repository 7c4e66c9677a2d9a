/* SPDX-License-Identifier: ISC */
/* Which path is answered by what. */
#include "lib/serve/serve_priv.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "lib/base/err.h"

/* Known, and not here: counted for whoever brings transfers. */
static int
miss(struct serve *s, struct serve_worker *w, const struct httpd_req *rq,
    const uint8_t sha1[SHA1_LEN], struct httpd_res *rs, struct err *e)
{
	int r = serve_absent(w, sha1, rs, e);

	if (r != 1)
		return r;
	atomic_fetch_add(&s->absent, 1);
	return serve_wanted_note(&s->wanted, sha1, rq->address, e);
}

static int
send_payload(struct serve *s, struct serve_worker *w,
    const struct httpd_req *rq, const uint8_t sha1[SHA1_LEN], const char *ext,
    struct httpd_res *rs, struct err *e)
{
	struct err fault = ERR_INIT;

	if (serve_file(w, sha1, ext, rs, &fault) == 0)
		return rs->status == 200 ? 0 : miss(s, w, rq, sha1, rs, e);
	atomic_fetch_or(&s->view.lost, UINT64_C(1) << sha1[0] % 64);
	atomic_fetch_add(&s->damaged, fault.kind == E_DIGEST);
	if (fault.kind == E_MISSING) {
		serve_note(s, &fault);
		return miss(s, w, rq, sha1, rs, e);
	}
	*e = fault;
	return -1;
}

struct asked {
	struct serve *s;
	struct serve_worker *w;
	const struct httpd_req *rq;
	const char *rest; /* of the path */
};

static int
send_json(const struct asked *a, struct httpd_res *rs, struct err *e)
{
	return serve_index(a->s, a->w, INDEX_JSON, rs, e);
}

static int
send_csv(const struct asked *a, struct httpd_res *rs, struct err *e)
{
	return serve_index(a->s, a->w, INDEX_CSV, rs, e);
}

static int
send_check(const struct asked *a, struct httpd_res *rs, struct err *e)
{
	(void)a, (void)e;
	rs->status = 200;
	rs->type = "text/plain";
	return 0;
}

static int
send_scan_cab(const struct asked *a, struct httpd_res *rs, struct err *e)
{
	return serve_scan_cab(a->s, rs, e);
}

/* Without a body: who asks for it is a program. */
static int
send_folder(const struct asked *a, struct httpd_res *rs, struct err *e)
{
	int fd, r = serve_folder_file(a->s->self_update, a->rest, true, &fd, e);

	if (r == 0)
		rs->status = 404;
	return r == 1 ? serve_send_file(fd, "", rs, e) : r;
}

static int
send_with(const struct asked *a, struct httpd_res *rs, struct err *e)
{
	int r = serve_with_file(a->w, a->rest, rs, e);

	return r == 0 ? serve_page(a->s, a->w, a->rq, rs, e) : r == 1 ? 0 : -1;
}

/* What is no payload and no page; in any case of letters. */
static const struct place {
	const char *path;
	bool more; /* something follows */
	int (*send)(const struct asked *a, struct httpd_res *rs, struct err *e);
} places[] = {
    {"/index.json", false, send_json},
    {"/updates.csv", false, send_csv},
    {"/content/" CONTENT_CHECK_FILE, false, send_check},
    {"/wsusscn2.cab", false, send_scan_cab},
    {"/selfupdate/", true, send_folder},
    {"/with/", true, send_with},
};

static const struct place *
find_place(const char *path, const char **rest)
{
	size_t i, n;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		n = strlen(places[i].path);
		*rest = path + n;
		if (places[i].more ? strncasecmp(path, places[i].path, n) == 0
				   : strcasecmp(path, places[i].path) == 0)
			return &places[i];
	}
	return NULL;
}

static int
route(struct serve *s, struct serve_worker *w, const struct httpd_req *rq,
    struct httpd_res *rs, struct err *e)
{
	struct asked a = {s, w, rq, NULL};
	char ext[UPDATE_EXT_MAX + 1];
	uint8_t sha1[SHA1_LEN];
	const struct place *place;

	if (serve_name(rq->path, sha1, ext))
		return send_payload(s, w, rq, sha1, ext, rs, e);
	if (serve_download(rq->path, sha1))
		return send_payload(s, w, rq, sha1, NULL, rs, e);
	if ((place = find_place(rq->path, &a.rest)) != NULL)
		return place->send(&a, rs, e);
	return serve_page(s, w, rq, rs, e);
}

/* A line for whoever looks at what a program got. */
static void
fail(struct serve *s, struct httpd_res *rs, struct err *e)
{
	struct err ignored = ERR_INIT;

	buf_reset(&rs->bytes);
	rs->status = e->kind == E_MISSING ? 404 : e->kind == E_BUSY ? 503 : 500;
	rs->retry_s = e->kind == E_BUSY ? 10 : 0;
	rs->type = "text/plain; charset=utf-8";
	(void)buf_puts(&rs->bytes,
	    e->kind == E_DIGEST
		? "This file is damaged in the store and is not served; the "
		  "server's log says more.\n"
		: "This could not be read; the server's log says why.\n",
	    &ignored);
	serve_note(s, e);
}

/* Payload is found quickly; the rest reads the database, and makes a page. */
unsigned
serve_kind(void *arg, const char *path)
{
	char ext[UPDATE_EXT_MAX + 1];
	uint8_t sha1[SHA1_LEN];
	const char *rest;

	(void)arg;
	if (serve_name(path, sha1, ext) || serve_download(path, sha1))
		return 0;
	return find_place(path, &rest) != NULL || serve_page_is(path)
	    ? HTTPD_SLOW
	    : HTTPD_SLOW | HTTPD_NOTHING;
}

/* True: it may not, and that is the answer. */
static bool
is_stopped(struct serve *s, const struct httpd_req *rq, struct httpd_res *rs)
{
	struct err ignored = ERR_INIT;
	unsigned status;

	if (rq->admin)
		return false;
	status = serve_gate_check(&s->gate, rq->address, rq->now_ms);
	if (status == 0)
		return false;
	rs->status = status;
	rs->type = "text/plain; charset=utf-8";
	rs->retry_s = status == 429 ? 1 : 0;
	(void)buf_puts(&rs->bytes,
	    status == 403
		? "This address may not ask here.\n"
		: "Too many requests from this address; ask again later.\n",
	    &ignored);
	return true;
}

bool
serve_quick(void *arg, const struct httpd_req *rq, struct httpd_res *rs)
{
	struct serve *s = arg;
	char ext[UPDATE_EXT_MAX + 1];
	uint8_t sha1[SHA1_LEN];

	if (is_stopped(s, rq, rs))
		return true;
	if (rq->admin)
		return false;
	if (serve_name(rq->path, sha1, ext))
		return serve_file_known(&s->files, sha1, ext, rq->now_ms, rs);
	return serve_download(rq->path, sha1) &&
	    serve_file_known(&s->files, sha1, NULL, rq->now_ms, rs);
}

void
serve_done(void *arg, const struct httpd_done *d)
{
	struct serve *s = arg;

	serve_log_add(&s->log, d, (int64_t)time(NULL));
}

void
serve_answer(void *arg, const struct httpd_req *rq, struct httpd_res *rs)
{
	struct serve *s = arg;
	struct serve_worker *w = &s->workers[rq->worker];
	struct err e = ERR_INIT;
	int r;

	r = rq->admin ? serve_admin(s, w, rq, rs, &e) : route(s, w, rq, rs, &e);
	if (r == -1)
		fail(s, rs, &e);
}
