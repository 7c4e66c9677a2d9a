/* SPDX-License-Identifier: ISC */
/*
 * The index for scripts: one JSON document, made portion by portion as the
 * client takes it, all of it from one snapshot.
 */
#include "lib/serve/serve_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"

#define BATCH 64 /* rows a portion */

enum phase { HEAD, UPDATES, FILES, DONE };

struct index {
	struct serve_reader *reader; /* taken */
	enum phase phase;
	struct timespec until;
	int64_t rows[BATCH];
	unsigned nrows;
	int64_t last; /* row of the last update written */
	uint8_t sha1[SHA1_LEN]; /* of the last file written */
	unsigned nfiles; /* of this portion */
	bool begun; /* something stands in the list: a comma first */
	bool any; /* a file was written */
	struct row_set superseded;
	struct lacking lacking;
	struct json json;
	struct buf out, scratch;
	size_t off; /* of out: sent already */
};

static int
put_object(struct index *x, struct err *e)
{
	const char *line = json_end(&x->json);

	if (line == NULL)
		return err_nomem(e);
	if (x->begun && buf_puts(&x->out, ",\n", e) == -1)
		return -1;
	x->begun = true;
	return buf_puts(&x->out, line, e);
}

static int
put_head(struct index *x, struct err *e)
{
	struct store *s = x->reader->store;
	char id[GUID_LEN + 1];
	const char *lacking;

	guid_write(id, store_id(s));
	json_begin(&x->json);
	lacking_json(&x->json, &x->lacking);
	if ((lacking = json_end(&x->json)) == NULL)
		return err_nomem(e);
	x->phase = UPDATES;
	/* The site's name is of letters, digits and hyphens. */
	return buf_printf(&x->out, e,
	    "{\"format\":1,\"store\":\"%s\",\"site\":\"%s\",\"lacking\":%s,"
	    "\"updates\":[\n",
	    id, store_site(s), lacking);
}

static int
put_digest(void *arg, const struct store_file *f, struct err *e)
{
	struct index *x = arg;
	char hex[2 * SHA1_LEN + 1];

	(void)e;
	hex_upper(hex, f->sha1, SHA1_LEN);
	json_item(&x->json, hex);
	return 0;
}

static int
put_update(struct index *x, int64_t row, struct err *e)
{
	struct store *s = x->reader->store;
	struct store_rev r;

	if (store_rev(s, row, &r, e) == -1)
		return -1;
	json_begin(&x->json);
	if (store_show_update(&x->json, s, &r,
		store_show_state(&x->superseded, &r), &x->scratch, e) == -1)
		return -1;
	json_list(&x->json, "files");
	if (store_each_file_under(s, row, put_digest, x, e) == -1)
		return -1;
	json_list_end(&x->json);
	x->last = row;
	return put_object(x, e);
}

static int
take_row(void *arg, int64_t row, struct err *e)
{
	struct index *x = arg;

	(void)e;
	x->rows[x->nrows++] = row;
	return 0;
}

static int
put_updates(struct index *x, struct err *e)
{
	unsigned i;

	x->nrows = 0;
	if (store_each_shown(
		x->reader->store, x->last, BATCH, take_row, x, e) == -1)
		return -1;
	for (i = 0; i < x->nrows; i++)
		if (put_update(x, x->rows[i], e) == -1)
			return -1;
	if (x->nrows == BATCH)
		return 0;
	x->phase = FILES;
	x->begun = false;
	return buf_puts(&x->out, "\n],\"files\":[\n", e);
}

static int
put_file(void *arg, const struct store_file *f, struct err *e)
{
	struct index *x = arg;
	struct store_file seen = *f;
	char href[sizeof("Content/") + CONTENT_NAME_MAX];
	char name[CONTENT_NAME_MAX];

	content_name(name, f->sha1, f->ext);
	snprintf(href, sizeof(href), "Content/%s", name);
	if (serve_look(&x->reader->content, x->reader->store, f, &seen.present,
		e) == -1)
		return -1;
	json_begin(&x->json);
	store_show_file(&x->json, &seen);
	json_str(&x->json, "href", seen.present ? href : NULL);
	memcpy(x->sha1, f->sha1, SHA1_LEN);
	x->any = true;
	x->nfiles++;
	return put_object(x, e);
}

static int
put_files(struct index *x, struct err *e)
{
	x->nfiles = 0;
	if (store_each_file_after(x->reader->store, x->any ? x->sha1 : NULL,
		BATCH, put_file, x, e) == -1)
		return -1;
	if (x->nfiles == BATCH)
		return 0;
	x->phase = DONE;
	return buf_puts(&x->out, "\n]}\n", e);
}

static int
fill_index(struct index *x, struct err *e)
{
	static int (*const put[])(struct index * x, struct err * e) = {
	    put_head, put_updates, put_files};
	struct timespec now;

	/* A snapshot that is held keeps the database's log from shrinking. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > x->until.tv_sec)
		return err_set(e, E_LIMIT, "the client takes too long");
	buf_reset(&x->out);
	x->off = 0;
	return put[x->phase](x, e);
}

static ssize_t
index_read(void *ctx, char *p, size_t room)
{
	struct index *x = ctx;
	struct err e = ERR_INIT;
	size_t n;

	while (x->off == x->out.len) {
		if (x->phase == DONE)
			return 0;
		if (fill_index(x, &e) == -1)
			return -1;
	}
	n = x->out.len - x->off;
	n = n < room ? n : room;
	memcpy(p, x->out.p + x->off, n);
	x->off += n;
	return (ssize_t)n;
}

static void
index_close(void *ctx)
{
	struct index *x = ctx;

	store_rollback(x->reader->store);
	atomic_flag_clear(&x->reader->taken);
	row_set_free(&x->superseded);
	json_free(&x->json);
	buf_free(&x->out);
	buf_free(&x->scratch);
	free(x);
}

static struct serve_reader *
take_reader(struct serve *s)
{
	unsigned i;

	for (i = 0; i < SERVE_INDEXES; i++)
		if (!atomic_flag_test_and_set(&s->readers[i].taken))
			return &s->readers[i];
	return NULL;
}

static int
begin_index(struct index *x, struct serve_view *v, struct err *e)
{
	struct store *store = x->reader->store;
	int r;

	if (store_begin(store, e) == -1 || serve_view_lock(v, store, e) == -1)
		return -1;
	r = row_set_copy(&x->superseded, &v->superseded, e);
	x->lacking = v->lacking;
	serve_view_unlock(v);
	return r;
}

int
serve_index(struct serve *s, struct httpd_res *rs, struct err *e)
{
	struct serve_reader *reader;
	struct index *x;

	if ((reader = take_reader(s)) == NULL) {
		rs->status = 503;
		rs->retry_s = 10;
		return 0;
	}
	if ((x = calloc(1, sizeof(*x))) == NULL) {
		atomic_flag_clear(&reader->taken);
		return err_nomem(e);
	}
	x->reader = reader;
	x->json = (struct json)JSON_INIT;
	x->out = x->scratch = (struct buf)BUF_INIT;
	clock_gettime(CLOCK_MONOTONIC, &x->until);
	x->until.tv_sec += SERVE_INDEX_S;
	if (begin_index(x, &s->view, e) == -1) {
		index_close(x);
		return -1;
	}
	rs->status = 200;
	rs->type = "application/json";
	rs->read = index_read;
	rs->close = index_close;
	rs->ctx = x;
	return 0;
}
