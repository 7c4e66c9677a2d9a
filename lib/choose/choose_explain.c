/* SPDX-License-Identifier: ISC */
/* For one update, or all that a text means: in or out, and why. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/choose/choose_priv.h"
#include "lib/base/grow.h"
#include "lib/base/words.h"
#include "lib/store/content.h"
#include "lib/store/store_choose.h"
#include "lib/store/store_list.h"

struct explain {
	struct choose *c;
	struct log *log;
	struct row_set superseded, known;
	struct buf why, text, scratch;
	struct json json;
	int64_t *rows; /* owned */
	size_t n, cap;
	uint64_t files, bytes, held, held_bytes; /* of one update */
	struct content content; /* owned */
};

static int
put_row(void *arg, int64_t row, struct err *e)
{
	struct explain *x = arg;

	if (grow(&x->rows, &x->cap, x->n, sizeof(*x->rows), e) == -1)
		return -1;
	x->rows[x->n++] = row;
	return 0;
}

/* An id stands for its newest revision whatever it is, anything else for the
   newest revisions of software and drivers. */
static int
match(struct explain *x, const char *what, struct err *e)
{
	const uint32_t need = CHOOSE_IS_UPDATE | CHOOSE_IS_NEWEST;
	const struct choose_row *r;
	struct guid id;
	int64_t row;
	size_t i, n;
	int got;

	if (guid_read(&id, what, strlen(what))) {
		got = store_newest(x->c->store, &id, &row, e);
		return got == 1 ? put_row(x, row, e) : got;
	}
	if (store_each_match(x->c->store, what, put_row, x, e) == -1)
		return -1;
	for (i = n = 0; i < x->n; i++) {
		if ((r = choose_row(x->c, x->rows[i], e)) == NULL)
			return -1;
		if ((r->flags & need) == need)
			x->rows[n++] = x->rows[i];
	}
	x->n = n;
	return 0;
}

static int
count_file(void *arg, const struct store_file *f, bool express, struct err *e)
{
	struct explain *x = arg;
	struct content_seen seen = {.here = false};

	if ((express && !x->c->policy->express) ||
	    row_set_has(&x->known, f->row))
		return 0;
	x->files++;
	x->bytes += f->has_size ? f->size : 0;
	if (f->present &&
	    content_look(&x->content, f->sha1, f->ext,
		f->has_size ? &f->size : NULL, &seen, e) == -1)
		return -1;
	if (seen.here) {
		x->held++;
		x->held_bytes += f->has_size ? f->size : 0;
	}
	return row_set_add(&x->known, f->row, e);
}

static int
count_rev(void *arg, int64_t row, struct err *e)
{
	struct explain *x = arg;

	return store_each_use(x->c->store, row, count_file, x, e);
}

static int
count_row(struct explain *x, int64_t row, struct err *e)
{
	struct choose_walk w = {.stack = NULL};
	int r;

	x->files = x->bytes = x->held = x->held_bytes = 0;
	row_set_free(&x->known);
	r = choose_walk(x->c, &w, row, count_rev, x, e);
	choose_walk_free(&w);
	return r;
}

static int
tell_json(struct explain *x, const struct store_rev *rev, enum choose_why why,
    struct err *e)
{
	struct json *j = &x->json;
	const char *line;

	json_begin(j);
	json_str(j, "type", "explain");
	if (store_show_update(j, x->c->store, rev,
		store_show_state(row_set_has(&x->superseded, rev->row), rev),
		&x->scratch, e) == -1)
		return -1;
	json_bool(j, "wanted", choose_is_in(why));
	json_str(j, "why", choose_word(why));
	json_str(j, "reason", (char *)x->why.p);
	json_num(j, "files", x->files);
	json_num(j, "bytes", x->bytes);
	json_num(j, "files_held", x->held);
	json_num(j, "bytes_held", x->held_bytes);
	if ((line = json_end(j)) == NULL)
		return err_nomem(e);
	log_data(x->log, NULL, line);
	return 0;
}

static int
tell_text(struct explain *x, const struct store_rev *rev, enum choose_why why,
    struct err *e)
{
	char id[GUID_LEN + 1];
	struct buf *b = &x->text;

	guid_write(id, &rev->id);
	buf_reset(b);
	if (buf_printf(b, e, "%-3s  %s %u  %s%.12s%s%s",
		choose_is_in(why) ? "in" : "out", id, rev->revision,
		rev->kb != NULL ? "KB" : "", rev->kb != NULL ? rev->kb : "",
		rev->kb != NULL ? "  " : "",
		rev->title != NULL ? rev->title : "") == -1 ||
	    buf_str(b, e) == NULL)
		return -1;
	utf8_clean((char *)b->p);
	log_data(x->log, (char *)b->p, NULL);
	buf_reset(b);
	if (buf_printf(b, e, "     %s; %s of %s, %" PRIu64 " of %s held",
		(char *)x->why.p, words_count(x->files, "file").s,
		words_size(x->bytes).s, x->held,
		words_size(x->held_bytes).s) == -1 ||
	    buf_str(b, e) == NULL)
		return -1;
	utf8_clean((char *)b->p);
	log_data(x->log, (char *)b->p, NULL);
	return 0;
}

static int
tell_row(struct explain *x, int64_t row, struct err *e)
{
	enum choose_why why;
	struct store_rev rev;

	if (stop_check(e) == -1 ||
	    choose_update(x->c, row, &why, &x->why, e) == -1 ||
	    count_row(x, row, e) == -1 ||
	    store_rev(x->c->store, row, &rev, e) == -1)
		return -1;
	return x->log->json ? tell_json(x, &rev, why, e)
			    : tell_text(x, &rev, why, e);
}

int
choose_explain(
    struct choose *c, const char *what, struct log *log, struct err *e)
{
	struct explain x = {.c = c,
	    .log = log,
	    .why = BUF_INIT,
	    .text = BUF_INIT,
	    .scratch = BUF_INIT,
	    .json = JSON_INIT,
	    .content = CONTENT_INIT};
	size_t i;
	int r = -1;

	if (choose_load(c, e) == -1 || match(&x, what, e) == -1 ||
	    content_open(&x.content, store_dirfd(c->store), -1, e) == -1)
		goto out;
	if (x.n == 0) {
		err_set(e, E_MISSING,
		    "'%.100s': no update held has that KB number, id or text "
		    "in its title",
		    what);
		goto out;
	}
	if (log->json &&
	    store_show_superseded(&x.superseded, c->store, e) == -1)
		goto out;
	for (i = 0; i < x.n; i++)
		if (tell_row(&x, x.rows[i], e) == -1)
			goto out;
	r = 0;
out:
	content_close(&x.content);
	row_set_free(&x.superseded);
	row_set_free(&x.known);
	buf_free(&x.why);
	buf_free(&x.text);
	buf_free(&x.scratch);
	json_free(&x.json);
	free(x.rows);
	return r;
}
