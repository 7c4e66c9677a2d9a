/* SPDX-License-Identifier: ISC */
/* GetRevisionIdList, its anchors, GetRelatedRevisionsForUpdates. */
#include "tests/upstream/soap.h"

#include "formats/update.h"

#define BASE_S 1767225600 /* 2026-01-01: bare times count from there, in ms */

struct filter_id {
	struct guid id;
	bool delta;
};

struct filter {
	bool config, has_anchor;
	bool has[2]; /* Categories, Classifications */
	struct filter_id *v[2]; /* owned; by id */
	size_t n[2];
	int64_t after; /* rows above it are new */
};

/*
 * The counter is the highest row, so that a delta needs no clock.
 * anchor wsus|time|text|empty
 */
static void
anchor_make(char *to, size_t size, const struct wishes *w)
{
	const char *how = wish(w, "anchor");
	long long last = (long long)catalogue_get()->last;
	char when[UTC_LEN + 1];
	int64_t t = up_now();

	if (how != NULL && strcmp(how, "empty") == 0) {
		snprintf(to, size, "%s", "");
	} else if (how != NULL && strcmp(how, "text") == 0) {
		snprintf(to, size, "row %lld, a Sunday <in> May & June", last);
	} else {
		if (how != NULL && strcmp(how, "time") == 0)
			t = BASE_S + last / 1000;
		utc_write(when, t);
		when[10] = ' ';
		when[UTC_LEN - 1] = '\0';
		if (how != NULL && strcmp(how, "time") == 0)
			snprintf(to, size, "%s.%03d", when, (int)(last % 1000));
		else
			snprintf(to, size, "%lld,%s.%03d", last, when, 671);
	}
}

/* The same as text of an element. */
void
anchor_escaped(char *to, size_t size, const struct wishes *w)
{
	struct buf b = BUF_INIT;
	char s[128];

	anchor_make(s, sizeof(s), w);
	put_text(&b, s, strlen(s));
	snprintf(to, size, "%.*s", (int)b.len, b.len != 0 ? (char *)b.p : "");
	buf_free(&b);
}

static bool
anchor_read(const char *s, int64_t *after)
{
	long long v;
	char when[UTC_LEN + 1];
	int64_t t;
	int ms, end = 0;

	if (sscanf(s, "%lld,%*4d-%*2d-%*2d %*2d:%*2d:%*2d.%d%n", &v, &ms,
		&end) == 2 &&
	    s[end] == '\0') {
		*after = v;
		return true;
	}
	if (sscanf(s, "row %lld, a Sunday", &v) == 1) {
		*after = v;
		return true;
	}
	if (strlen(s) != 23 || sscanf(s + 19, ".%3d", &ms) != 1)
		return false;
	snprintf(when, sizeof(when), "%.19sZ", s);
	when[10] = 'T';
	if (!utc_read(&t, when, strlen(when)))
		return false;
	*after = (t - BASE_S) * 1000 + ms;
	return true;
}

static int
by_id(const void *a, const void *b)
{
	const struct filter_id *x = a, *y = b;

	return guid_cmp(&x->id, &y->id);
}

static bool
read_ids(struct filter *f, int i, struct _xmlNode *list)
{
	struct _xmlNode *n;
	size_t cap = 0;

	f->has[i] = list != NULL;
	for (n = ask_child(list, "IdAndDelta"); n != NULL;
	     n = ask_follow(n, "IdAndDelta")) {
		if (f->n[i] == cap) {
			cap = cap != 0 ? 2 * cap : 64;
			f->v[i] = realloc(f->v[i], cap * sizeof(*f->v[i]));
			if (f->v[i] == NULL)
				die(4, "out of memory");
		}
		if (!ask_guid(ask_child(n, "Id"), &f->v[i][f->n[i]].id))
			return false;
		f->v[i][f->n[i]++].delta = ask_true(ask_child(n, "Delta"));
	}
	if (f->n[i] != 0)
		qsort(f->v[i], f->n[i], sizeof(*f->v[i]), by_id);
	return true;
}

static bool
read_filter(const struct ask *q, struct answer *a, struct filter *f)
{
	struct _xmlNode *n = ask_child(q->op, "filter"), *anchor;
	char s[256];

	if (n == NULL || ask_child(n, "GetConfig") == NULL)
		return false;
	f->config = ask_true(ask_child(n, "GetConfig"));
	if ((anchor = ask_child(n, "Anchor")) != NULL) {
		ask_text(anchor, s, sizeof(s));
		f->has_anchor = *s != '\0';
		if (f->has_anchor &&
		    (!anchor_read(s, &f->after) ||
			wish(&a->w, "reject-anchor") != NULL))
			return false;
	}
	return read_ids(f, 0, ask_child(n, "Categories")) &&
	    read_ids(f, 1, ask_child(n, "Classifications"));
}

/* Of what r is filed under: is one in the list?  1: without delta, 2: with. */
static unsigned
member(const struct filter *f, int i, const struct catalogue *c,
    const struct rev *r)
{
	unsigned got = 0;
	uint32_t k;

	for (k = 0; k < r->ncats && f->n[i] != 0; k++) {
		struct filter_id key = {.id = c->cats[r->cats + k]};
		const struct filter_id *at = bsearch(
		    &key, f->v[i], f->n[i], sizeof(*f->v[i]), by_id);

		if (at != NULL)
			got |= at->delta ? 2 : 1;
	}
	return got;
}

static bool
matches(const struct filter *f, const struct catalogue *c, const struct rev *r)
{
	bool config = r->type == UPDATE_CATEGORY || r->type == UPDATE_DETECTOID;
	bool fresh = !f->has_anchor || r->row > f->after;
	unsigned product, class;

	if (config != f->config)
		return false;
	if (config || (!f->has[0] && !f->has[1]))
		return fresh;
	product = member(f, 0, c, r);
	class = member(f, 1, c, r);
	if (product == 0 || class == 0)
		return false;
	return fresh || ((product & 1) != 0 && (class & 1) != 0);
}

static bool
listed(const struct wishes *w, const struct rev *r)
{
	char name[GUID_LEN + 16];

	if (r->bundled && wish(w, "unlisted-children") != NULL)
		return false;
	guid_write(name, &r->id);
	snprintf(name + GUID_LEN, 16, ".%u", (unsigned)r->revision);
	return !wish_for(w, "omit", name);
}

static uint64_t
put_list(struct answer *a, const struct filter *f)
{
	const struct catalogue *c = catalogue_get();
	unsigned i, more = f->has_anchor ? 0 : invent_listed(&a->w, f->config);
	uint64_t n = 0;
	struct guid g;
	size_t k;

	if (wish(&a->w, "empty") != NULL)
		return 0;
	for (k = 0; k < c->n; k++) {
		const struct rev *r = &c->revs[k];

		if (!r->newest || !matches(f, c, r) || !listed(&a->w, r))
			continue;
		put_rev(&a->body, "UpdateIdentity", &r->id, r->revision);
		n++;
		if (f->config && r->revision > 1 &&
		    wish(&a->w, "repeat") != NULL) {
			put_rev(&a->body, "UpdateIdentity", &r->id, 1);
			n++;
		}
	}
	for (i = 0; i < more; i++, n++) {
		invent(&g, i);
		put_rev(&a->body, "UpdateIdentity", &g, 1);
	}
	return n;
}

void
answer_list(const struct ask *q, struct answer *a)
{
	struct filter f = {.config = false};
	char anchor[256];
	size_t empty;
	uint64_t n;

	if (!read_filter(q, a, &f)) {
		soap_fault(a, "InvalidParameters", "filter");
		goto out;
	}
	anchor_escaped(anchor, sizeof(anchor), &a->w);
	soap_open(&a->body, SD_NS, a->op);
	putf(&a->body, "<GetRevisionIdListResult><Anchor>%s", anchor);
	put(&a->body, "</Anchor><NewRevisions>");
	empty = a->body.len;
	if ((n = put_list(a, &f)) == 0) {
		a->body.len = empty - 1;
		put(&a->body, " />");
	} else {
		put(&a->body, "</NewRevisions>");
	}
	put(&a->body, "</GetRevisionIdListResult>");
	soap_close(&a->body, a->op);
	putf(&a->note, " %s %s %llu", f.config ? "config" : "updates",
	    f.has_anchor ? "delta" : "full", (unsigned long long)n);
out:
	free(f.v[0]);
	free(f.v[1]);
}

void
answer_related(const struct ask *q, struct answer *a)
{
	const struct catalogue *c = catalogue_get();
	struct _xmlNode *n;
	struct guid g;

	soap_open(&a->body, SD_NS, a->op);
	put(&a->body, "<GetRelatedRevisionsForUpdatesResult>");
	for (n = ask_child(ask_child(q->op, "updateIDs"), "guid"); n != NULL;
	     n = ask_follow(n, "guid")) {
		const struct rev *r;

		if (ask_guid(n, &g) && (r = catalogue_newest(c, &g)) != NULL)
			put_rev(
			    &a->body, "UpdateIdentity", &r->id, r->revision);
	}
	put(&a->body, "</GetRelatedRevisionsForUpdatesResult>");
	soap_close(&a->body, a->op);
}
