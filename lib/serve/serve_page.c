/* SPDX-License-Identifier: ISC */
/* The pages for people. */
#include "lib/serve/serve_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/store/ledger.h"
#include "lib/store/store.h"
#include "lib/view/page_transfers.h"
#include "lib/view/page_updates.h"
#include "lib/view/show.h"

#define ROOT_MAX 256 /* of "../" */

/* One of them under way: in a snapshot, with the view of it. */
struct making {
	struct serve *s;
	struct serve_worker *w;
	const struct httpd_req *rq;
	const char *rest; /* of the path, behind what is the page's own */
	struct page page;
	struct page_head head;
	unsigned status;
	bool late; /* what is searched is of a moment before the snapshot's */
};

static void
refuse(struct making *m, unsigned status, const char *what, const char *why,
    const char *next)
{
	m->status = status;
	m->head.title = what;
	m->head.place = PAGE_ELSEWHERE;
	page_message(&m->page, &m->head, what, why, next);
}

static int
make_updates(struct making *m, struct err *e)
{
	struct find_hit hits[PAGE_UPDATES_MAX];
	struct find_ask ask;
	struct page_updates u = {.store = m->w->store,
	    .find = m->s->view.is.find,
	    .ask = &ask,
	    .hits = hits,
	    .content = &m->w->content};
	char text[160];
	const char *why = serve_ask_read(m->rq, &ask, &u.number);

	if (why != NULL) {
		refuse(m, 400, "That cannot be searched for", why,
		    "Go back, or begin at the list of updates.");
		return 0;
	}
	if (find_search(u.find, &ask, (u.number - 1) * PAGE_UPDATES_MAX,
		PAGE_UPDATES_MAX, hits, &u.nhits, &u.found, e) == -1)
		return -1;
	u.pages = u.found == 0 ? 1 : (u.found - 1) / PAGE_UPDATES_MAX + 1;
	if (u.number > u.pages) {
		snprintf(text, sizeof(text),
		    "The list has %" PRIu64 " %s, and this would be number "
		    "%" PRIu64 ".",
		    u.pages, u.pages == 1 ? "page" : "pages", u.number);
		refuse(m, 404, "There is no such page", text, NULL);
		return 0;
	}
	m->head.place = PAGE_UPDATES;
	page_begin(&m->page, &m->head);
	page_updates(&m->page, &u);
	page_finish(&m->page);
	return 0;
}

/* Where the client found us, as it says; only what can be a host is told. */
static const char *
base_url(const struct making *m, char *to, size_t room)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.:[]-";
	char host[256];

	if (!httpd_header(m->rq, "Host", host, sizeof(host)) || *host == '\0' ||
	    host[strspn(host, plain)] != '\0')
		return NULL;
	snprintf(to, room, "http%s://%s/", m->rq->tls ? "s" : "", host);
	return to;
}

static int
make_update(struct making *m, struct err *e)
{
	char url[300];
	struct guid id;
	struct show x;
	int r;

	if (!guid_read(&id, m->rest, strlen(m->rest))) {
		refuse(m, 404, "There is no such page",
		    "The address of an update ends in its GUID.",
		    "Search for what you need in the list of updates.");
		return 0;
	}
	r = show_open(&x, m->w->store, &m->w->content, &id, e);
	if (r == 0)
		refuse(m, 404, "This update is not held",
		    "No revision of an update with this GUID is in the store.",
		    "It may come with a later transfer.");
	if (r == 1) {
		x.url = base_url(m, url, sizeof(url));
		x.find = m->late ? NULL : m->s->view.is.find;
		m->head.title = x.title != NULL ? x.title : "(no title)";
		page_begin(&m->page, &m->head);
		show_page(&m->page, &x);
		page_finish(&m->page);
	}
	show_free(&x);
	return r == -1 ? -1 : 0;
}

static int
make_transfers(struct making *m, struct err *e)
{
	(void)e;
	m->head.title = "Transfers";
	m->head.place = PAGE_TRANSFERS;
	page_begin(&m->page, &m->head);
	page_transfers(&m->page, m->w->store);
	page_finish(&m->page);
	return 0;
}

static int
make_transfer(struct making *m, struct err *e)
{
	struct ledger_row row;
	uint64_t number;
	int r = 0;

	if (num_read(&number, m->rest, strlen(m->rest), 1, INT64_MAX) &&
	    (r = page_transfer_find(m->w->store, (int64_t)number, &row, e)) ==
		-1)
		return -1;
	if (r == 0) {
		refuse(m, 404, "There is no such transfer",
		    "The store has no record of one with this number.",
		    "The list of transfers has all.");
		return 0;
	}
	m->head.title = "Transfer";
	page_begin(&m->page, &m->head);
	page_transfer(&m->page, &row);
	page_finish(&m->page);
	return 0;
}

static int
make_with(struct making *m, struct err *e)
{
	char name[PATH_SAFE_MAX + 1] = "";
	size_t n = strlen(m->rest);
	struct stat st;

	while (n > 0 && m->rest[n - 1] == '/')
		n--;
	if (n > 0 && path_safe(m->rest, n))
		memcpy(name, m->rest, n);
	if (n > 0 &&
	    (*name == '\0' || !serve_with_is(m->w->store, name, &st) ||
		!S_ISDIR(st.st_mode))) {
		refuse(m, 404, "There is no such file",
		    "No transfer brought a file or folder of this name.",
		    "The list of all that was brought along is at /with/.");
		return 0;
	}
	m->head.title = "Brought along";
	page_begin(&m->page, &m->head);
	page_put(&m->page, "<h1>Brought along</h1>\n<p>");
	page_text(&m->page, *name != '\0' ? name : "All folders");
	page_put(&m->page,
	    ": files of the site that exports, which came under "
	    "the signature of a transfer.</p>\n");
	if (serve_with_list(&m->page, m->w->store, name, e) == -1)
		return -1;
	page_finish(&m->page);
	return 0;
}

static int
make_none(struct making *m, struct err *e)
{
	(void)e;
	refuse(m, 404, "There is no such page",
	    "Nothing is served under this address.",
	    "The list of updates leads to all that is.");
	return 0;
}

/* The first whose path it is: whole, or up to a slash. */
static const struct route {
	const char *path;
	bool more; /* something follows */
	int (*make)(struct making *m, struct err *e);
} routes[] = {
    {"/", false, make_updates},
    {"/index.html", false, make_updates},
    {"/update/", true, make_update},
    {"/transfers", false, make_transfers},
    {"/transfer/", true, make_transfer},
    {"/with", false, make_with},
    {"/with/", true, make_with},
};
static const struct route none = {"", true, make_none};

static const struct route *
find_route(const char *path, const char **rest)
{
	size_t i, n;

	for (i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		n = strlen(routes[i].path);
		*rest = path + n;
		if (routes[i].more ? strncasecmp(path, routes[i].path, n) == 0
				   : strcasecmp(path, routes[i].path) == 0)
			return &routes[i];
	}
	*rest = path;
	return &none;
}

bool
serve_page_is(const char *path)
{
	const char *rest;

	return find_route(path, &rest) != &none;
}

/* From a page to the first: up once for each slash but the one it begins
   with. */
static void
put_root(char to[ROOT_MAX], const char *path)
{
	size_t n = 0;

	*to = '\0';
	for (path++; *path != '\0'; path++)
		if (*path == '/' && n + 3 < ROOT_MAX) {
			memcpy(to + n, "../", 4);
			n += 3;
		}
}

static int
make(struct making *m, const struct route *route, struct err *e)
{
	char root[ROOT_MAX];
	struct stat st;
	struct serve_view *v = &m->s->view;
	char line[STATUS_LINE_MAX];
	int r;

	if (serve_view_hold(v, m->w->store, &m->late, e) == -1)
		return -1;
	status_line(line, &v->is.status);
	m->status = 200;
	m->head = (struct page_head){.title = "Updates",
	    .site = store_site(m->w->store),
	    .status = line,
	    .place = PAGE_ELSEWHERE,
	    .with = serve_with_is(m->w->store, "", &st)};
	put_root(root, m->rq->path);
	page_init(&m->page, root, e);
	r = route->make(m, e);
	serve_view_release(v);
	return r == -1 || page_end(&m->page) == -1 ? -1 : 0;
}

int
serve_page(struct serve *s, struct serve_worker *w, const struct httpd_req *rq,
    struct httpd_res *rs, struct err *e)
{
	struct making m = {.s = s, .w = w, .rq = rq};
	const struct route *route = find_route(rq->path, &m.rest);
	int r;

	if (store_begin(w->store, e) == -1)
		return -1;
	r = make(&m, route, e);
	store_rollback(w->store);
	if (r == 0)
		r = serve_send_page(rq, rs, m.status, &m.page.out, e);
	page_free(&m.page);
	return r;
}
