/* SPDX-License-Identifier: ISC */
/* Which path is answered by what. */
#include "lib/serve/serve_priv.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"

/* The rest behind a prefix, in any case of letters; NULL: another path. */
static const char *
behind(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncasecmp(path, prefix, n) == 0 ? path + n : NULL;
}

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

/* Without a body: who asks for it is a program. */
static int
send_folder(
    struct serve *s, const char *name, struct httpd_res *rs, struct err *e)
{
	int fd, r = serve_folder_file(s->self_update, name, true, &fd, e);

	if (r == 0)
		rs->status = 404;
	return r == 1 ? serve_send_file(fd, "", rs, e) : r;
}

static int
route(struct serve *s, struct serve_worker *w, const struct httpd_req *rq,
    struct httpd_res *rs, struct err *e)
{
	char ext[UPDATE_EXT_MAX + 1];
	uint8_t sha1[SHA1_LEN];
	const char *rest;
	int r;

	if (serve_name(rq->path, sha1, ext))
		return send_payload(s, w, rq, sha1, ext, rs, e);
	if (serve_download(rq->path, sha1))
		return send_payload(s, w, rq, sha1, NULL, rs, e);
	if (strcasecmp(rq->path, "/index.json") == 0)
		return serve_index(s, w, INDEX_JSON, rs, e);
	if (strcasecmp(rq->path, "/updates.csv") == 0)
		return serve_index(s, w, INDEX_CSV, rs, e);
	if (strcasecmp(rq->path, "/content/" CONTENT_CHECK_FILE) == 0) {
		rs->status = 200;
		rs->type = "text/plain";
		return 0;
	}
	if (strcasecmp(rq->path, "/wsusscn2.cab") == 0)
		return serve_scan_cab(s, rs, e);
	if ((rest = behind(rq->path, "/selfupdate/")) != NULL)
		return send_folder(s, rest, rs, e);
	if ((rest = behind(rq->path, "/with/")) != NULL &&
	    (r = serve_with_file(w, rest, rs, e)) != 0)
		return r == -1 ? -1 : 0;
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

	(void)arg;
	return serve_name(path, sha1, ext) || serve_download(path, sha1)
	    ? 0
	    : HTTPD_SLOW;
}

/* True: it may not, and that is the answer. */
static bool
is_stopped(struct serve *s, const struct httpd_req *rq, struct httpd_res *rs)
{
	struct err ignored = ERR_INIT;
	unsigned status;

	if (rq->admin)
		return false;
	status = serve_gate_check(&s->gate, rq->address, clock_ms());
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
		return serve_file_known(&s->files, sha1, ext, rs);
	return serve_download(rq->path, sha1) &&
	    serve_file_known(&s->files, sha1, NULL, rs);
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

	/* Of the rest a loop has asked already. */
	if (serve_kind(s, rq->path) == HTTPD_SLOW && is_stopped(s, rq, rs))
		return;
	r = rq->admin ? serve_admin(s, w, rq, rs, &e) : route(s, w, rq, rs, &e);
	if (r == -1)
		fail(s, rs, &e);
}
