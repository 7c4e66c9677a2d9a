/* SPDX-License-Identifier: ISC */
#include "lib/view/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"
#include "lib/store/store_show.h"
#include "lib/view/here.h"
#include "lib/view/updates.h"

#define UPDATES 512 /* a portion */
#define FILES 512
/* While one is made: its files are read in the order of their digests, so all
   rows of files, 44 MiB of 400,000, are to be in memory. */
#define CACHE_KIB 65536
#define CACHE_KEPT_KIB 8192 /* afterwards */

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
put_json_head(struct index *x, struct err *e)
{
	char id[GUID_LEN + 1];
	const char *lacking;

	guid_write(id, store_id(x->store));
	json_begin(&x->json);
	lacking_json(&x->json, &x->lacking);
	if ((lacking = json_end(&x->json)) == NULL)
		return err_nomem(e);
	x->phase = INDEX_UPDATES;
	/* The site's name is of letters, digits and hyphens. */
	return buf_printf(&x->out, e,
	    "{\"format\":1,\"store\":\"%s\",\"site\":\"%s\",\"lacking\":%s,"
	    "\"updates\":[\n",
	    id, store_site(x->store), lacking);
}

static int
know_title(struct index *x, uint32_t row, struct err *e)
{
	size_t want = 2 * (size_t)row + 256;
	uint32_t *p;

	if (row >= STORE_ROWS_MAX)
		return err_set(
		    e, E_LIMIT, "a category in row %u is too far", row);
	if (row >= x->nat) {
		if ((p = realloc(x->at, want * sizeof(*p))) == NULL)
			return err_nomem(e);
		memset(p + x->nat, 0, (want - x->nat) * sizeof(*p));
		x->at = p;
		x->nat = want;
	}
	if (x->at[row] != 0)
		return 0;
	if (store_category_title(x->store, row, &x->scratch, e) == -1)
		return -1;
	x->at[row] = (uint32_t)x->titles.len + 1;
	return buf_puts(&x->titles, (char *)x->scratch.p, e) == -1
	    ? -1
	    : buf_put(&x->titles, "", 1, e);
}

struct titles_of {
	struct index *x;
	const struct store_shown *u;
};

static int
put_titles(void *arg, enum category_type kind, struct json *j, struct err *e)
{
	const struct titles_of *up = arg;
	struct index *x = up->x;
	bool class = kind == CATEGORY_CLASSIFICATION;
	const uint32_t *v = class ? up->u->classes : up->u->products;
	size_t i, n = class ? up->u->nclasses : up->u->nproducts;

	for (i = 0; i < n; i++) {
		if (know_title(x, v[i], e) == -1)
			return -1;
		json_item(j, (char *)x->titles.p + x->at[v[i]] - 1);
	}
	return 0;
}

static int
put_digests(struct index *x, const struct store_shown *u, struct err *e)
{
	char hex[2 * SHA1_LEN + 1];
	uint8_t sha1[SHA1_LEN];
	size_t i;
	int r;

	json_list(&x->json, "files");
	for (i = 0; i < u->nfiles; i++) {
		if ((r = store_file_sha1(x->store, u->files[i], sha1, e)) == -1)
			return -1;
		if (r == 0)
			continue;
		hex_upper(hex, sha1, SHA1_LEN);
		json_item(&x->json, hex);
	}
	json_list_end(&x->json);
	return 0;
}

static int
put_update(void *arg, const struct store_shown *u, struct err *e)
{
	struct index *x = arg;
	struct titles_of up = {x, u};

	json_begin(&x->json);
	if (store_show_json(&x->json, &u->rev,
		store_show_state(u->superseded, &u->rev), u->kbs, put_titles,
		&up, e) == -1 ||
	    put_digests(x, u, e) == -1)
		return -1;
	x->last = u->rev.row;
	x->n++;
	return put_object(x, e);
}

static int
put_updates(struct index *x, struct err *e)
{
	x->n = 0;
	if (store_each_shown(x->store, x->last, UPDATES, put_update, x, e) ==
	    -1)
		return -1;
	if (x->n == UPDATES)
		return 0;
	x->phase = INDEX_FILES;
	x->begun = false;
	return buf_puts(&x->out, "\n],\"files\":[\n", e);
}

/* What a file that is called present and is not there changes. */
static void
note_lost(struct index *x, const struct store_file *f)
{
	uint64_t v;

	memcpy(&v, f->sha1, sizeof(v));
	x->lost = x->lost * UINT64_C(1099511628211) + (v | 1);
}

static int
put_file(void *arg, const struct store_file *f, struct err *e)
{
	struct index *x = arg;
	struct store_file seen = *f;
	char href[sizeof("Content/") + CONTENT_NAME_MAX];
	char name[CONTENT_NAME_MAX];

	if (here_look(x->content, x->store, f, &seen.present, e) == -1)
		return -1;
	if (f->present && !seen.present)
		note_lost(x, f);
	json_begin(&x->json);
	store_show_file(&x->json, &seen);
	if (seen.present) {
		content_name(name, f->sha1, f->ext);
		snprintf(href, sizeof(href), "Content/%s", name);
	}
	json_str(&x->json, "href", seen.present ? href : NULL);
	memcpy(x->sha1, f->sha1, SHA1_LEN);
	x->any = true;
	x->n++;
	return put_object(x, e);
}

static int
put_files(struct index *x, struct err *e)
{
	x->n = 0;
	if (store_each_file_after(
		x->store, x->any ? x->sha1 : NULL, FILES, put_file, x, e) == -1)
		return -1;
	if (x->n == FILES)
		return 0;
	x->phase = INDEX_DONE;
	return buf_puts(&x->out, "\n]}\n", e);
}

static int
put_csv_head(struct index *x, struct err *e)
{
	x->phase = INDEX_UPDATES;
	return updates_csv_head(&x->out, &x->csv, e);
}

/* Titles of categories, one behind the other in x->names: where they begin. */
static int
join_titles(
    struct index *x, const uint32_t *v, size_t n, size_t *at, struct err *e)
{
	size_t i;

	*at = x->names.len;
	for (i = 0; i < n; i++)
		if (know_title(x, v[i], e) == -1 ||
		    (i > 0 && buf_puts(&x->names, "; ", e) == -1) ||
		    buf_puts(&x->names, (char *)x->titles.p + x->at[v[i]] - 1,
			e) == -1)
			return -1;
	return buf_put(&x->names, "", 1, e);
}

static int
put_csv_row(void *arg, const struct store_shown *u, struct err *e)
{
	struct index *x = arg;
	struct updates_row row = {.rev = &u->rev,
	    .kbs = u->kbs,
	    .state = store_show_state(u->superseded, &u->rev)};
	size_t classes, products;

	buf_reset(&x->names);
	if (join_titles(x, u->classes, u->nclasses, &classes, e) == -1 ||
	    join_titles(x, u->products, u->nproducts, &products, e) == -1)
		return -1;
	row.classes = (char *)x->names.p + classes;
	row.products = (char *)x->names.p + products;
	x->last = u->rev.row;
	x->n++;
	return updates_csv_row(&x->out, &x->csv, &row, e);
}

static int
put_csv(struct index *x, struct err *e)
{
	x->n = 0;
	if (store_each_shown(x->store, x->last, UPDATES, put_csv_row, x, e) ==
	    -1)
		return -1;
	if (x->n < UPDATES)
		x->phase = INDEX_DONE;
	return 0;
}

const char *
index_name(enum index_kind k)
{
	return k == INDEX_CSV ? "updates.csv" : "index.json";
}

int
index_begin(struct index *x, enum index_kind k, struct store *s,
    struct content *c, const struct lacking *l, struct err *e)
{
	*x = (struct index){.kind = k,
	    .store = s,
	    .content = c,
	    .titles = BUF_INIT,
	    .out = BUF_INIT,
	    .scratch = BUF_INIT,
	    .names = BUF_INIT,
	    .json = JSON_INIT,
	    .csv = CSV_INIT};
	if (k == INDEX_CSV)
		return 0;
	x->lacking = *l;
	return store_cache(s, CACHE_KIB, e);
}

int
index_more(struct index *x, struct err *e)
{
	static int (*const put[INDEX_KINDS][3])(struct index * x,
	    struct err * e) = {{put_json_head, put_updates, put_files},
	    {put_csv_head, put_csv, NULL}};

	buf_reset(&x->out);
	return x->phase == INDEX_DONE ? 0 : put[x->kind][x->phase](x, e);
}

void
index_free(struct index *x)
{
	struct err ignored = ERR_INIT;

	/* The pages that were kept. */
	if (x->store != NULL && x->kind == INDEX_JSON)
		(void)store_cache(x->store, CACHE_KEPT_KIB, &ignored);
	free(x->at);
	buf_free(&x->titles);
	json_free(&x->json);
	csv_free(&x->csv);
	buf_free(&x->out);
	buf_free(&x->scratch);
	buf_free(&x->names);
	*x = (struct index){.store = NULL};
}
