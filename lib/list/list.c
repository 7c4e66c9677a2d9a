/* SPDX-License-Identifier: ISC */
#include "lib/list/list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sink.h"
#include "lib/base/term.h"
#include "lib/base/words.h"
#include "lib/list/list_priv.h"
#include "lib/store/store.h"

#define DOTS "..."
#define NDOTS 3
#define GATHER ((size_t)64 << 10) /* bytes of CSV written at a time */

static const char spaces[] = "                                        ";

int
list_cell(struct list *l, unsigned width, const char *v, struct err *e)
{
	unsigned used;
	size_t n;

	if (v == NULL)
		v = "-";
	if (width == 0)
		return buf_puts(&l->text, v, e);
	n = term_fit(v, strlen(v), width, &used);
	if (buf_put(&l->text, v, n, e) == -1)
		return -1;
	return buf_put(&l->text, spaces, width - used + 1, e);
}

int
list_cell_num(struct list *l, unsigned width, uint64_t v, struct err *e)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%" PRIu64, v);

	if ((unsigned)n < width &&
	    buf_put(&l->text, spaces, width - (unsigned)n, e) == -1)
		return -1;
	return buf_puts(&l->text, text, e) == -1 ? -1
						 : buf_puts(&l->text, " ", e);
}

int
list_line(struct list *l, struct err *e)
{
	unsigned used, max = l->o->columns;
	struct buf *b = &l->text;
	size_t n;

	/* Before it is cut. */
	if (max > 0) {
		buf_reset(&l->shown);
		if (term_text(&l->shown, (char *)b->p, b->len, e) == -1)
			return -1;
		b = &l->shown;
	}
	if (max > NDOTS &&
	    term_fit((char *)b->p, b->len, max, &used) < b->len) {
		n = term_fit((char *)b->p, b->len, max - NDOTS, &used);
		b->len = n;
		if (buf_puts(b, DOTS, e) == -1)
			return -1;
	}
	while (b->len > 0 && b->p[b->len - 1] == ' ')
		b->len--;
	if (buf_str(b, e) == NULL)
		return -1;
	utf8_clean((char *)b->p);
	log_data(l->o->log, (char *)b->p, NULL);
	buf_reset(&l->text);
	return 0;
}

int
list_object(struct list *l, struct err *e)
{
	const char *line = json_end(&l->json);

	if (line == NULL)
		return err_nomem(e);
	log_data(l->o->log, NULL, line);
	return 0;
}

static int
flush(struct list *l, size_t least, struct err *e)
{
	struct sink fd;

	if (l->gather.len <= least)
		return 0;
	sink_fd(&fd, STDOUT_FILENO);
	if (sink_write(&fd, l->gather.p, l->gather.len, e) == -1)
		return err_ctx(e, "standard output");
	buf_reset(&l->gather);
	return 0;
}

int
list_csv_end(struct list *l, struct err *e)
{
	struct sink to;

	sink_buf(&to, &l->gather);
	if (csv_end(&l->csv, &to, e) == -1)
		return -1;
	return list_csv_flush(l, e);
}

int
list_csv_flush(struct list *l, struct err *e)
{
	return flush(l, GATHER, e);
}

int
list_csv_head(struct list *l, const char *const *names, struct err *e)
{
	/* So that spreadsheets take it for UTF-8. */
	if (buf_puts(&l->gather, "\xef\xbb\xbf", e) == -1)
		return -1;
	csv_begin(&l->csv);
	for (; *names != NULL; names++)
		csv_str(&l->csv, *names);
	return list_csv_end(l, e);
}

static const struct {
	const char *name, *one;
	int (*list)(struct list *l, struct err *e);
} lists[] = {
    {"updates", "update", list_updates},
    {"arrived", "update", list_arrived},
    {"categories", "category", list_categories},
    {"files", "file", list_files},
    {"lacking", "thing", list_lacking},
    {"offers", "offer", list_offers},
    {"transfers", "transfer", list_transfers},
    {"wanted", "file", list_wanted},
    {"receipt", "receipt", list_receipt},
    {"show", "update", list_show},
    {"status", "row", list_status},
};
#define NLISTS (sizeof(lists) / sizeof(*lists))

/* Which, or NLISTS. */
static size_t
find_list(const char *what)
{
	size_t i;

	for (i = 0; i < NLISTS; i++)
		if (strcmp(what, lists[i].name) == 0)
			break;
	return i;
}

static void
summarize(struct list *l, const char *one)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_str(&j, "list", l->o->what);
	json_num(&j, "count", l->count);
	log_summary(l->o->log, &j, "%s", words_count(l->count, one).s);
	json_free(&j);
}

static int
check_receipt(const struct list_opts *o, struct err *e)
{
	if (strcmp(o->what, "receipt") == 0) {
		if (!o->csv && !(o->log->json && (o->qr || o->svg)))
			return 0;
		return err_set(e, E_USAGE,
		    "a receipt is text, --json, --qr or --svg: give one");
	}
	if (o->receipt == NULL && !o->qr && !o->svg)
		return 0;
	return err_set(e, E_USAGE,
	    "--receipt, --qr and --svg go with a receipt, not with the list "
	    "of %s",
	    o->what);
}

static int
check_show(const struct list_opts *o, struct err *e)
{
	if (strcmp(o->what, "show") != 0)
		return o->of == NULL
		    ? 0
		    : err_set(e, E_USAGE,
			  "'%s': the list of %s takes no further word", o->of,
			  o->what);
	if (o->of == NULL)
		return err_set(e, E_USAGE,
		    "show what?  Give a KB number, a GUID, a digest or the "
		    "name of a file");
	return o->csv ? err_set(e, E_USAGE, "show is text or --json") : 0;
}

static int
check_opts(const struct list_opts *o, struct err *e)
{
	bool wanted = strcmp(o->what, "wanted") == 0;
	bool status = strcmp(o->what, "status") == 0;

	if (find_list(o->what) == NLISTS)
		return err_set(e, E_USAGE,
		    "'%s': expected updates, arrived, categories, files, "
		    "lacking, offers, transfers, wanted, receipt, show or "
		    "status",
		    o->what);
	if (wanted && o->state == NULL)
		return err_set(e, E_USAGE,
		    "give the folder of the server's state with --state DIR");
	if (!wanted && !status && o->state != NULL)
		return err_set(e, E_USAGE,
		    "--state goes with the list of what is wanted and with "
		    "status, not with %s",
		    o->what);
	if (check_receipt(o, e) == -1 || check_show(o, e) == -1)
		return -1;
	if (o->store == NULL && !wanted && o->receipt == NULL)
		return err_set(e, E_USAGE, "give the store with --store DIR");
	if (o->csv && o->log->json)
		return err_set(e, E_USAGE, "give either --csv or --json");
	if (o->all_revisions && strcmp(o->what, "updates") != 0)
		return err_set(e, E_USAGE,
		    "--all-revisions goes with the list of updates, not of %s",
		    o->what);
	if ((o->since != NULL || o->transfer != 0) &&
	    strcmp(o->what, "arrived") != 0)
		return err_set(e, E_USAGE,
		    "%s goes with the list of what arrived, not of %s",
		    o->since != NULL ? "--since" : "--transfer", o->what);
	if (o->policy_lines && strcmp(o->what, "categories") != 0)
		return err_set(e, E_USAGE,
		    "--policy-lines goes with the list of categories, not of "
		    "%s",
		    o->what);
	if (o->absent && strcmp(o->what, "files") != 0)
		return err_set(e, E_USAGE,
		    "--absent goes with the list of files, not of %s", o->what);
	if (o->policy_lines && (o->csv || o->log->json))
		return err_set(e, E_USAGE,
		    "--policy-lines is text: give neither --csv nor --json");
	return 0;
}

int
list_run(const struct list_opts *o, struct err *e)
{
	struct list l = {.o = o,
	    .content = CONTENT_INIT,
	    .json = JSON_INIT,
	    .csv = CSV_INIT,
	    .text = BUF_INIT,
	    .shown = BUF_INIT,
	    .names = BUF_INIT,
	    .kbs = BUF_INIT,
	    .products = BUF_INIT,
	    .gather = BUF_INIT};
	size_t which;
	int r = -1;

	if (check_opts(o, e) == -1)
		return -1;
	which = find_list(o->what);
	if (o->store == NULL ||
	    (store_open(&l.store, o->store, STORE_READ, NULL, e) == 0 &&
		store_begin(l.store, e) == 0))
		r = lists[which].list(&l, e);
	if (r == 0)
		r = flush(&l, 0, e);
	if (r == 0)
		summarize(&l, lists[which].one);
	content_close(&l.content);
	store_close(l.store);
	json_free(&l.json);
	csv_free(&l.csv);
	buf_free(&l.gather);
	buf_free(&l.text);
	buf_free(&l.shown);
	buf_free(&l.names);
	buf_free(&l.kbs);
	buf_free(&l.products);
	row_set_free(&l.superseded);
	row_set_free(&l.withdrawn);
	free(l.came);
	return r;
}
