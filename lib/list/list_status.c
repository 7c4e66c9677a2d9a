/* SPDX-License-Identifier: ISC */
/* One screen on whether all is well. */
#include <inttypes.h>
#include <stdio.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/list/list_priv.h"
#include "lib/store/gone.h"
#include "lib/view/status.h"

static int
text(struct list *l, const struct status_row *r, struct err *e)
{
	if (list_cell(l, 9, r->name, e) == -1 ||
	    list_cell(l, 7, status_word(r->is), e) == -1 ||
	    list_cell(l, 0, r->text, e) == -1)
		return -1;
	return list_line(l, e);
}

static int
csv(struct list *l, const struct status_row *r, struct err *e)
{
	csv_begin(&l->csv);
	csv_str(&l->csv, r->name);
	csv_str(&l->csv, status_word(r->is));
	csv_str(&l->csv, r->text);
	return list_csv_end(l, e);
}

static int
json(struct list *l, const struct status_row *r, struct err *e)
{
	json_begin(&l->json);
	json_str(&l->json, "type", "status");
	json_str(&l->json, "row", r->name);
	json_str(&l->json, "state", status_word(r->is));
	json_str(&l->json, "text", r->text);
	return list_object(l, e);
}

static int
row(void *arg, const struct status_row *r, struct err *e)
{
	struct list *l = arg;
	struct log *log = l->o->log;

	l->count++;
	if (r->is != STATUS_GOOD)
		log->worst = err_worst(log->worst,
		    err_status(r->is == STATUS_BAD ? E_DIGEST : E_PARTIAL));
	return l->o->csv ? csv(l, r, e)
	    : log->json	 ? json(l, r, e)
			 : text(l, r, e);
}

/* With the state of a server: what clients asked for and is still not here. */
static int
wanted(struct list *l, struct err *e)
{
	struct status_row r = {.name = "wanted", .is = STATUS_GOOD};
	struct words files;
	char said[160];
	uint64_t n;

	if (l->o->state == NULL)
		return 0;
	if (list_wanted_count(l, &n, e) == -1)
		return -1;
	files = words_count(n, "file");
	(void)snprintf(said, sizeof(said),
	    "%s that clients asked for %s not here: wsusferry-list wanted",
	    files.s, words_pick(n, "is", "are"));
	r.text = n == 0 ? "all that clients asked for is here" : said;
	if (n > 0)
		r.is = STATUS_LACKING;
	return row(l, &r, e);
}

int
list_status(struct list *l, struct err *e)
{
	static const char *const names[] = {"Row", "State", "Text", NULL};
	struct lacking_of of = {.no_files = false};
	struct lacking lacking;
	struct status t;
	struct gone gone;
	int64_t now;
	int r = -1;

	if (utc_now(&now, e) == -1 ||
	    (l->o->csv && list_csv_head(l, names, e) == -1))
		return -1;
	if (gone_find(&gone, l->store, e) == 0) {
		of.gone = &gone;
		r = lacking_count(l->store, &of, &lacking, e);
	}
	gone_free(&gone);
	if (r == -1 || status_read(&t, l->store, &lacking, e) == -1 ||
	    status_each(l->store, &t, &l->o->limits, now, row, l, e) == -1)
		return -1;
	return wanted(l, e);
}
