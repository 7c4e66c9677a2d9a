/* SPDX-License-Identifier: ISC */
/* What is told on the operator's own address: figures, and whether all is
   well. */
#include "lib/serve/serve_priv.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"

#define PROMETHEUS "text/plain; version=0.0.4; charset=utf-8"

struct figure {
	const char *name, *type, *help;
	uint64_t value;
};

static int
put(struct buf *b, const struct figure *v, size_t n, struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (buf_printf(b, e,
			"# HELP wsusferry_%s %s\n# TYPE wsusferry_%s %s\n"
			"wsusferry_%s %" PRIu64 "\n",
			v[i].name, v[i].help, v[i].name, v[i].type, v[i].name,
			v[i].value) == -1)
			return -1;
	return 0;
}

static int
put_answers(struct buf *b, const struct httpd_counts *c, struct err *e)
{
	return buf_printf(b, e,
	    "# HELP wsusferry_http_answers_total Answers by class of status.\n"
	    "# TYPE wsusferry_http_answers_total counter\n"
	    "wsusferry_http_answers_total{class=\"sent\"} %" PRIu64 "\n"
	    "wsusferry_http_answers_total{class=\"refused\"} %" PRIu64 "\n"
	    "wsusferry_http_answers_total{class=\"failed\"} %" PRIu64 "\n",
	    c->sent, c->refused, c->failed);
}

static int
put_server(struct serve *s, struct buf *b, struct err *e)
{
	struct httpd *h = atomic_load(&s->httpd);
	struct httpd_counts c = {.requests = 0};
	uint64_t lines, dropped;

	if (h != NULL)
		httpd_counts(h, &c);
	serve_log_counts(&s->log, &lines, &dropped);
	const struct figure v[] = {
	    {"http_requests_total", "counter", "Requests.", c.requests},
	    {"http_sent_bytes_total", "counter", "Bytes of bodies.", c.bytes},
	    {"http_connections_total", "counter", "Accepted.", c.accepted},
	    {"http_connections", "gauge", "Open now.", c.conns},
	    {"http_busy", "gauge", "Answers under way.", c.busy},
	    {"http_memory_bytes", "gauge", "Held by bodies and pages.", c.held},
	    {"http_slow_total", "counter", "Cut off: too slow.", c.dripping},
	    {"http_evicted_total", "counter", "Closed for newcomers.",
		c.evicted},
	    {"http_turned_away_total", "counter", "Newcomers without room.",
		c.turned_away},
	    {"http_forbidden_total", "counter", "By --allow.",
		atomic_load(&s->gate.refused)},
	    {"http_limited_total", "counter", "By --rate.",
		atomic_load(&s->gate.limited)},
	    {"payload_absent_requests_total", "counter",
		"For payload that is known and absent.",
		atomic_load(&s->absent)},
	    {"payload_damaged_requests_total", "counter",
		"For payload that is damaged.", atomic_load(&s->damaged)},
	    {"access_log_lost_total", "counter", "Lines.", dropped},
	};

	return put_answers(b, &c, e) == -1 ||
		put(b, v, sizeof(v) / sizeof(*v), e) == -1
	    ? -1
	    : 0;
}

/* Noon of a day, so that no zone makes another day of it. */
static uint64_t
day_s(const char *day)
{
	char text[UTC_LEN + 1];
	int64_t t;

	if (strlen(day) != 10)
		return 0;
	snprintf(text, sizeof(text), "%.10sT12:00:00Z", day);
	return utc_read(&t, text, UTC_LEN) && t > 0 ? (uint64_t)t : 0;
}

static int
put_store(struct serve *s, struct store *store, struct buf *b, struct err *e)
{
	struct status t;
	struct store_counts n;

	if (serve_view_hold(&s->view, store, NULL, e) == -1)
		return -1;
	t = s->view.is.status;
	serve_view_release(&s->view);
	if (store_counts(store, &n, e) == -1)
		return -1;
	const struct figure v[] = {
	    {"store_revisions", "gauge", "Held.", n.revisions},
	    {"store_files", "gauge", "Named by revisions.", n.files},
	    {"store_payload_bytes", "gauge", "Of files that are here.",
		n.payload_bytes},
	    {"store_absent_files", "gauge", "Payload that is lacking.",
		t.lacking.files},
	    {"store_absent_bytes", "gauge", "The same, as far as known.",
		t.lacking.bytes},
	    {"store_damaged_files", "gauge", "Of these: lost or damaged.",
		t.lacking.damaged},
	    {"store_left_out_files", "gauge", "Left out by a policy.",
		t.lacking.left_out},
	    {"store_incomplete_revisions", "gauge",
		"That need what is not held.", t.lacking.revisions},
	    {"store_newest_release_seconds", "gauge",
		"Day of the newest release held, since 1970.", day_s(t.newest)},
	    {"store_last_import_seconds", "gauge", "Since 1970; 0: never.",
		t.imported && t.import.time > 0 ? (uint64_t)t.import.time : 0},
	    {"store_last_import_sequence", "gauge", "Its number.",
		t.imported ? t.import.sequence : 0},
	    {"store_last_fetch_seconds", "gauge", "Since 1970; 0: never.",
		t.fetched > 0 ? (uint64_t)t.fetched : 0},
	};

	return put(b, v, sizeof(v) / sizeof(*v), e);
}

static int
metrics(struct serve *s, struct serve_worker *w, struct buf *b, struct err *e)
{
	int r;

	if (buf_puts(b,
		"# HELP wsusferry_build_info The program.\n"
		"# TYPE wsusferry_build_info gauge\n"
		"wsusferry_build_info{version=\"" WF_VERSION "\"} 1\n",
		e) == -1 ||
	    put_server(s, b, e) == -1 || store_begin(w->store, e) == -1)
		return -1;
	r = put_store(s, w->store, b, e);
	store_rollback(w->store);
	return r;
}

static int
health(struct serve_worker *w, struct err *e)
{
	int64_t last;
	int r;

	if (store_begin(w->store, e) == -1)
		return -1;
	r = store_last(w->store, &last, e);
	store_rollback(w->store);
	return r;
}

int
serve_admin(struct serve *s, struct serve_worker *w, const struct httpd_req *rq,
    struct httpd_res *rs, struct err *e)
{
	rs->type = "text/plain; charset=utf-8";
	if (strcmp(rq->path, "/healthz") == 0) {
		if (health(w, e) == -1)
			return -1;
		rs->status = 200;
		return buf_puts(&rs->bytes, "ok\n", e);
	}
	if (strcmp(rq->path, "/metrics") != 0) {
		rs->status = 404;
		return buf_puts(&rs->bytes,
		    "Here are /metrics and /healthz, and nothing else.\n", e);
	}
	rs->status = 200;
	rs->type = PROMETHEUS;
	return metrics(s, w, &rs->bytes, e);
}
