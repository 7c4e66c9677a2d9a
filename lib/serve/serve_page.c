/* SPDX-License-Identifier: ISC */
/* The page for people: updates, youngest first, with links to their files. */
#include "lib/serve/serve_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/words.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Updates</title>\n<style>\n"
    "body { font-family: sans-serif; margin: 1em; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "th, td { text-align: left; vertical-align: top; padding: .3em .6em; }\n"
    "tr { border-bottom: 1px solid #ccc; }\n"
    "ul { margin: 0; padding-left: 1em; overflow-wrap: anywhere; }\n"
    "</style>\n</head>\n<body>\n";

struct page {
	struct store *store;
	struct content *content; /* borrowed, as store is */
	struct buf out, scratch;
	char q[HTTPD_QUERY_MAX + 1];
	uint64_t number, pages, found; /* number: from 1 */
	int64_t rows[SERVE_PAGE];
	bool superseded[SERVE_PAGE];
	unsigned nrows;
	struct lacking lacking;
	unsigned nfiles; /* of the update in hand */
};

/* Text, or an attribute's value within double quotes. */
static int
put_text(struct buf *b, const char *s, struct err *e)
{
	static const char special[] = "&<>\"'";
	size_t n;

	for (; *s != '\0'; s += n) {
		n = strcspn(s, special);
		if (n > 0) {
			if (buf_put(b, s, n, e) == -1)
				return -1;
		} else if (buf_printf(b, e, "&#%d;", *s) == -1) {
			return -1;
		} else {
			n = 1;
		}
	}
	return 0;
}

static int
put_file(void *arg, const struct store_file *f, struct err *e)
{
	struct page *p = arg;
	struct buf *b = &p->out;
	char name[CONTENT_NAME_MAX];
	const char *label = f->name[0] != '\0' ? f->name : name;
	bool present;

	if (p->nfiles++ >= SERVE_PAGE_FILES)
		return 0;
	if (serve_look(p->content, p->store, f, &present, e) == -1)
		return -1;
	content_name(name, f->sha1, f->ext);
	if (buf_puts(b, "<li>", e) == -1)
		return -1;
	if (present) {
		if (buf_printf(b, e, "<a href=\"Content/%s\">", name) == -1 ||
		    put_text(b, label, e) == -1 ||
		    buf_puts(b, "</a>, ", e) == -1)
			return -1;
	} else if (put_text(b, label, e) == -1 ||
	    buf_puts(b, f->left_out ? " (left out), " : " (not here), ", e) ==
		-1) {
		return -1;
	}
	return buf_printf(b, e, "%s</li>\n", words_size(f->size).s);
}

static int
put_files(struct page *p, int64_t row, struct err *e)
{
	p->nfiles = 0;
	if (buf_puts(&p->out, "<td><ul>\n", e) == -1 ||
	    store_each_file_under(p->store, row, put_file, p, e) == -1)
		return -1;
	if (p->nfiles > SERVE_PAGE_FILES &&
	    buf_printf(&p->out, e, "<li>and %u more: see index.json</li>\n",
		p->nfiles - SERVE_PAGE_FILES) == -1)
		return -1;
	return buf_puts(&p->out, "</ul></td></tr>\n", e);
}

static int
put_titles(struct page *p, int64_t row, enum category_type kind, struct err *e)
{
	if (store_show_titles(&p->scratch, p->store, row, kind, e) == -1 ||
	    buf_puts(&p->out, "<td>", e) == -1 ||
	    put_text(&p->out, (char *)p->scratch.p, e) == -1)
		return -1;
	return buf_puts(&p->out, "</td>\n", e);
}

static int
put_kbs(struct page *p, int64_t row, struct err *e)
{
	char *kb, *rest;

	if (store_kbs_of(p->store, row, &p->scratch, e) == -1 ||
	    buf_str(&p->scratch, e) == NULL ||
	    buf_puts(&p->out, "<tr><td>", e) == -1)
		return -1;
	rest = (char *)p->scratch.p;
	while ((kb = strtok_r(rest, " ", &rest)) != NULL)
		if (buf_puts(&p->out, "KB", e) == -1 ||
		    put_text(&p->out, kb, e) == -1 ||
		    buf_puts(&p->out, " ", e) == -1)
			return -1;
	return buf_puts(&p->out, "</td>\n", e);
}

static int
put_update(struct page *p, int64_t row, bool superseded, struct err *e)
{
	struct store_rev r;
	const char *state;

	if (put_kbs(p, row, e) == -1 || store_rev(p->store, row, &r, e) == -1)
		return -1;
	state = store_show_state(superseded, &r);
	if (buf_puts(&p->out, "<td>", e) == -1 ||
	    put_text(&p->out, r.title != NULL ? r.title : "(no title)", e) ==
		-1)
		return -1;
	if (strcmp(state, "newest") != 0 &&
	    buf_printf(&p->out, e, " <em>(%s)</em>", state) == -1)
		return -1;
	if (buf_puts(&p->out, "</td>\n<td>", e) == -1)
		return -1;
	if (r.created != NULL &&
	    buf_put(&p->out, r.created, strnlen(r.created, 10), e) == -1)
		return -1;
	if (buf_puts(&p->out, "</td>\n", e) == -1 ||
	    put_titles(p, row, CATEGORY_CLASSIFICATION, e) == -1 ||
	    put_titles(p, row, CATEGORY_PRODUCT, e) == -1)
		return -1;
	return put_files(p, row, e);
}

/* A link to another page of the same search. */
static int
put_link(struct page *p, uint64_t number, const char *label, struct err *e)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const char *s;

	if (number < 1 || number > p->pages)
		return 0;
	if (buf_printf(&p->out, e, "<a href=\"?page=%" PRIu64, number) == -1)
		return -1;
	if (p->q[0] != '\0' && buf_puts(&p->out, "&amp;q=", e) == -1)
		return -1;
	for (s = p->q; *s != '\0'; s++)
		if (strchr(plain, *s) != NULL) {
			if (buf_put(&p->out, s, 1, e) == -1)
				return -1;
		} else if (buf_printf(&p->out, e, "%%%02X", (uint8_t)*s) ==
		    -1) {
			return -1;
		}
	return buf_printf(&p->out, e, "\">%s</a>\n", label);
}

static int
put_head(struct page *p, struct err *e)
{
	struct buf *b = &p->out;

	if (buf_puts(b, head, e) == -1 ||
	    buf_puts(b, "<h1>Updates of ", e) == -1 ||
	    put_text(b, store_site(p->store), e) == -1 ||
	    buf_puts(b,
		"</h1>\n<form action=\"./\">\n<label>Title or KB number "
		"<input name=\"q\" value=\"",
		e) == -1 ||
	    put_text(b, p->q, e) == -1)
		return -1;
	if (buf_puts(b, "\"></label>\n<button>Search</button>\n</form>\n", e) ==
	    -1)
		return -1;
	if (lacking_any(&p->lacking) &&
	    buf_printf(b, e, "<p>%s</p>\n", lacking_summary(&p->lacking).s) ==
		-1)
		return -1;
	return buf_printf(b, e,
	    "<p>%s, page %" PRIu64 " of %" PRIu64
	    ". For scripts: <a href=\"index.json\">index.json</a></p>\n"
	    "<table>\n<thead><tr><th>KB</th><th>Title</th><th>Date</th>"
	    "<th>Classification</th><th>Products</th><th>Files</th></tr>"
	    "</thead>\n<tbody>\n",
	    words_count(p->found, "update").s, p->number, p->pages);
}

static int
put_tail(struct page *p, struct err *e)
{
	if (buf_puts(&p->out, "</tbody>\n</table>\n<p>\n", e) == -1 ||
	    put_link(p, p->number - 1, "Previous", e) == -1 ||
	    put_link(p, p->number + 1, "Next", e) == -1)
		return -1;
	return buf_puts(&p->out, "</p>\n</body>\n</html>\n", e);
}

static int
add_row(void *arg, int64_t row, bool superseded, struct err *e)
{
	struct page *p = arg;

	(void)e;
	p->rows[p->nrows] = row;
	p->superseded[p->nrows++] = superseded;
	return 0;
}

static int
see_match(void *arg, int64_t row, bool superseded, struct err *e)
{
	struct page *p = arg;
	uint64_t first = (p->number - 1) * SERVE_PAGE;

	if (p->found++ < first || p->nrows == SERVE_PAGE)
		return 0;
	return add_row(p, row, superseded, e);
}

/* Which rows the page has, and how many all have. */
static int
pick(struct page *p, struct err *e)
{
	int r;

	if (p->q[0] != '\0')
		r = store_each_top_match(p->store, p->q, see_match, p, e);
	else if ((r = store_count_top(p->store, &p->found, e)) == 0)
		r = store_each_top(p->store, (p->number - 1) * SERVE_PAGE,
		    SERVE_PAGE, add_row, p, e);
	p->pages = p->found == 0 ? 1 : (p->found - 1) / SERVE_PAGE + 1;
	return r;
}

static int
make(struct page *p, struct err *e)
{
	unsigned i;

	if (put_head(p, e) == -1)
		return -1;
	for (i = 0; i < p->nrows; i++)
		if (put_update(p, p->rows[i], p->superseded[i], e) == -1)
			return -1;
	return put_tail(p, e);
}

/* 0, or the status that answers it. */
static unsigned
read_query(struct page *p, const struct httpd_req *rq)
{
	char number[HTTPD_QUERY_MAX + 1];
	int r;

	p->number = 1;
	if ((r = httpd_query(rq, "page", number)) == -1 ||
	    (r == 1 &&
		!num_read(&p->number, number, strlen(number), 1, UINT32_MAX)))
		return 400;
	if (httpd_query(rq, "q", p->q) == -1 ||
	    !utf8_valid((const uint8_t *)p->q, strlen(p->q)))
		return 400;
	return 0;
}

int
serve_page(struct serve *s, struct serve_worker *w, const struct httpd_req *rq,
    struct httpd_res *rs, struct err *e)
{
	struct store *store = w->store;
	struct page p = {.store = store,
	    .content = &w->content,
	    .out = BUF_INIT_MAX(SERVE_PAGE_BYTES),
	    .scratch = BUF_INIT};
	unsigned status;
	int r = -1;

	if ((status = read_query(&p, rq)) != 0) {
		rs->status = status;
		return 0;
	}
	if (store_begin(store, e) == -1)
		return -1;
	if (pick(&p, e) == 0 &&
	    serve_view_lacking(&s->view, store, &p.lacking, e) == 0 &&
	    (p.number > p.pages || make(&p, e) == 0))
		r = 0;
	store_rollback(store);
	if (r == 0 && p.number <= p.pages) {
		rs->status = 200;
		rs->type = "text/html; charset=utf-8";
		rs->bytes = p.out;
		p.out = (struct buf)BUF_INIT;
	}
	buf_free(&p.out);
	buf_free(&p.scratch);
	return r;
}
