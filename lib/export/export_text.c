/* SPDX-License-Identifier: ISC */
/* state.jsonl and inventory.csv of a transfer. */
#include <stdlib.h>
#include <string.h>

#include "formats/state.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sink.h"
#include "lib/base/csv.h"
#include "lib/base/sort.h"
#include "lib/export/export_priv.h"
#include "lib/store/store_show.h"
#include "lib/store/store.h"
#include "lib/store/store_walk.h"
#include "lib/store/withdrawn.h"

struct text {
	struct export *x;
	struct sink *to;
	uint8_t (*sha1s)[SHA1_LEN]; /* owned, sorted: files of the pack */
	struct store_walk *walk; /* owned */
	struct csv row;
	struct buf kbs, product, class;
};

/* One that no reader would take is left out: a file has others. */
static int
put_url(void *arg, const uint8_t sha1[SHA1_LEN], const char *url, struct err *e)
{
	struct state_line s = {.type = STATE_URL};
	struct text *t = arg;

	if (url[0] == '\0' || strlen(url) > STATE_MAX_TEXT ||
	    sort_find(sha1, t->sha1s, t->x->pack.nfiles, SHA1_LEN,
		sort_by_sha1) == NULL)
		return 0;
	memcpy(s.sha1, sha1, SHA1_LEN);
	memcpy(s.url, url, strlen(url));
	return state_write(&s, t->to, e);
}

static int
put_absent(struct text *t, const struct pack_file *f, struct err *e)
{
	struct state_line s = {.type = STATE_ABSENT,
	    .has_size = f->has_size,
	    .size = f->size,
	    .unwanted = f->unwanted};
	struct store_file row;

	if (store_file(t->x->store, f->sha1, &row, e) != 1)
		return -1;
	memcpy(s.sha1, f->sha1, SHA1_LEN);
	state_name(&s, row.name);
	return state_write(&s, t->to, e);
}

struct extras {
	struct text *t;
	struct row_set revs; /* of the packages */
};

static int
put_extra(void *arg, const struct store_extra *f, struct err *e)
{
	struct state_line s = {.type = STATE_FILE,
	    .has_id = true,
	    .id = f->id,
	    .has_revision = true,
	    .revision = f->revision};
	struct extras *x = arg;

	if (!row_set_has(&x->revs, f->rev))
		return 0;
	memcpy(s.sha1, f->sha1, SHA1_LEN);
	state_name(&s, f->name);
	return state_write(&s, x->t->to, e);
}

static int
put_extras(struct text *t, struct err *e)
{
	const struct plan *p = &t->x->plan;
	struct extras x = {.t = t};
	int r = 0;

	for (size_t i = 0; i < p->n && r == 0; i++)
		r = row_set_add(&x.revs, p->items[i].row, e);
	if (r == 0)
		r = store_each_extra(t->x->store, put_extra, &x, e);
	row_set_free(&x.revs);
	return r;
}

/* As it stands.  One that an older program kept unread may be no line at all;
   one of a kind that is written anew above was learned since. */
static int
put_kept(void *arg, const char *line, struct err *e)
{
	struct err fault = ERR_INIT;
	struct text *t = arg;
	struct state_line s;

	if (state_read_line(&s, line, strlen(line), &fault) == -1) {
		log_event(t->x->log, LOG_WARN, "state.jsonl",
		    "a line that the store has kept is left out: %s",
		    fault.msg);
		return 0;
	}
	if (s.type != STATE_UNKNOWN && s.type != STATE_APPROVAL)
		return 0;
	if (sink_puts(t->to, line, e) == -1)
		return -1;
	return sink_write(t->to, "\n", 1, e);
}

/* Of what goes with this transfer or went with an earlier one. */
static int
put_withdrawn(void *arg, int64_t row, const struct guid *id, uint32_t revision,
    struct err *e)
{
	const struct state_line s = {.type = STATE_WITHDRAWN,
	    .has_id = true,
	    .id = *id,
	    .has_revision = true,
	    .revision = revision};
	struct text *t = arg;

	if (!row_set_has(&t->x->planned, row) && !row_set_has(&t->x->sent, row))
		return 0;
	return state_write(&s, t->to, e);
}

static int
put_state(struct text *t, struct err *e)
{
	const struct pack *p = &t->x->pack;

	for (size_t i = 0; i < p->nfiles; i++)
		if (!pack_carries(&p->files[i]) && !p->files[i].there &&
		    !p->files[i].told && put_absent(t, &p->files[i], e) == -1)
			return -1;
	/* Files before what is said of them. */
	if (put_extras(t, e) == -1 || export_media_state(t->x, t->to, e) == -1)
		return -1;
	if (p->nfiles != 0 && store_each_url(t->x->store, put_url, t, e) == -1)
		return -1;
	if (withdrawn_each(t->x->store, put_withdrawn, t, e) == -1)
		return -1;
	return store_each_state(t->x->store, put_kept, t, e);
}

int
export_state(struct export *x, struct sink *to, struct err *e)
{
	struct text t = {.x = x, .to = to};
	size_t n = x->pack.nfiles;
	int r;

	if ((t.sha1s = calloc(n + 1, SHA1_LEN)) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++)
		memcpy(t.sha1s[i], x->pack.files[i].sha1, SHA1_LEN);
	sort_up(t.sha1s, n, SHA1_LEN, sort_by_sha1);
	r = put_state(&t, e);
	free(t.sha1s);
	return r;
}

static int
join_title(void *arg, const struct guid *id, const char *title, struct err *e)
{
	struct buf *b = arg;

	(void)id;
	if (title == NULL)
		return 0;
	if (b->len != 0 && buf_puts(b, "; ", e) == -1)
		return -1;
	return buf_puts(b, title, e);
}

const char *
export_carried(const struct pack *p, const struct store_file *f)
{
	const struct pack_file *pf = pack_file_of(p, f->row);

	if (pf != NULL && pf->there)
		return "before";
	return pf != NULL && pack_carries(pf) ? "yes" : "no";
}

/* One row: the update's facts, then the file's where there is one. */
static int
put_row(struct text *t, const struct store_rev *r, const struct store_file *f,
    struct err *e)
{
	char id[GUID_LEN + 1],
	    sha1[2 * SHA1_LEN + 1] = "", sha256[2 * SHA256_LEN + 1] = "";

	guid_write(id, &r->id);
	csv_begin(&t->row);
	csv_str(&t->row, buf_str(&t->kbs, e));
	csv_str(&t->row, r->title);
	csv_str(&t->row, buf_str(&t->product, e));
	csv_str(&t->row, buf_str(&t->class, e));
	csv_str(&t->row, r->severity);
	csv_str(&t->row, id);
	csv_num(&t->row, r->revision);
	if (f != NULL) {
		hex_upper(sha1, f->sha1, SHA1_LEN);
		if (f->has_measured)
			hex_lower(sha256, f->measured, SHA256_LEN);
		else if (f->has_declared)
			hex_lower(sha256, f->declared, SHA256_LEN);
	}
	csv_str(&t->row, f == NULL ? NULL : f->name);
	if (f != NULL && f->has_size)
		csv_num(&t->row, f->size);
	else
		csv_str(&t->row, NULL);
	csv_str(&t->row, sha1);
	csv_str(&t->row, sha256);
	csv_str(&t->row, f == NULL ? NULL : export_carried(&t->x->pack, f));
	return csv_end(&t->row, t->to, e);
}

struct rows {
	struct text *t;
	const struct store_rev *rev;
	uint64_t n;
};

static int
put_file_row(void *arg, const struct store_file *f, struct err *e)
{
	struct rows *r = arg;

	r->n++;
	return put_row(r->t, r->rev, f, e);
}

static int
put_update(struct text *t, const struct store_rev *r, struct err *e)
{
	struct rows rows = {.t = t, .rev = r};

	buf_reset(&t->product);
	buf_reset(&t->class);
	if (store_walk_kbs(t->walk, r->row, &t->kbs, e) == -1 ||
	    store_walk_categories(t->walk, r->row, CATEGORY_PRODUCT, join_title,
		&t->product, e) == -1 ||
	    store_walk_categories(t->walk, r->row, CATEGORY_CLASSIFICATION,
		join_title, &t->class, e) == -1 ||
	    store_walk_files(t->walk, r->row, put_file_row, &rows, e) == -1)
		return -1;
	return rows.n == 0 ? put_row(t, r, NULL, e) : 0;
}

/* Updates only: categories and detectoids are nothing to an auditor. */
static int
put_inventory(struct text *t, struct err *e)
{
	const struct plan *p = &t->x->plan;

	for (size_t i = 0; i < p->n; i++) {
		struct store_rev r;

		if (store_walk_rev(t->walk, p->items[i].row, &r, e) == -1)
			return -1;
		if (r.type != UPDATE_SOFTWARE && r.type != UPDATE_DRIVER)
			continue;
		if (put_update(t, &r, e) == -1)
			return -1;
	}
	return 0;
}

int
export_inventory(struct export *x, struct sink *to, struct err *e)
{
	struct text t = {.x = x,
	    .to = to,
	    .row = CSV_INIT,
	    .kbs = BUF_INIT,
	    .product = BUF_INIT,
	    .class = BUF_INIT};
	int r;

	r = sink_puts(to,
	    "\xef\xbb\xbfkb,title,product,classification,severity,update_id,"
	    "revision,file,size,sha1,sha256,carried\r\n",
	    e);
	if (r == 0)
		r = store_walk_open(&t.walk, x->store, e);
	if (r == 0)
		r = put_inventory(&t, e);
	store_walk_close(t.walk);
	csv_free(&t.row);
	buf_free(&t.kbs);
	buf_free(&t.product);
	buf_free(&t.class);
	return r;
}
