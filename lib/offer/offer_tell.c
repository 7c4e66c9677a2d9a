/* SPDX-License-Identifier: ISC */
/* What each ring is offered, in numbers; updates by the names people know. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/offer/offer_priv.h"
#include "lib/store/store.h"
#include "lib/store/store_choose.h"

struct counts {
	uint64_t n[SNAPSHOT_STATES];
};

int
offer_named(struct store *s, const struct guid *id, struct offer_named *n,
    struct err *e)
{
	struct store_rev r;
	char text[GUID_LEN + 1];
	int64_t row;
	int got = store_newest(s, id, &row, e);

	*n = (struct offer_named){.title = ""};
	guid_write(text, id);
	snprintf(n->name, sizeof(n->name), "%s", text);
	if (got != 1)
		return got;
	if (store_rev(s, row, &r, e) == -1)
		return -1;
	snprintf(
	    n->title, sizeof(n->title), "%s", r.title != NULL ? r.title : "");
	if (r.kb != NULL) {
		snprintf(n->kb, sizeof(n->kb), "%s", r.kb);
		snprintf(n->name, sizeof(n->name), "KB%s", r.kb);
	}
	return 0;
}

static void
count(const struct snapshot *s, size_t ring, struct counts *c)
{
	size_t i = s->rings[ring].offers;
	size_t end = ring + 1 < s->nrings ? s->rings[ring + 1].offers
					  : s->noffers;

	*c = (struct counts){.n = {0}};
	for (; i < end; i++)
		c->n[snapshot_state(&s->offers[i])]++;
}

static int
tell_json(struct offer *b, const char *name, const struct counts *c,
    const struct offer_scan *scan, struct err *e)
{
	struct json j = JSON_INIT;
	const char *line;
	int r = 0;

	json_begin(&j);
	json_str(&j, "type", "ring");
	json_str(&j, "ring", name);
	for (int i = 0; i < SNAPSHOT_NEEDED; i++)
		json_num(
		    &j, snapshot_state_word((enum snapshot_state)i), c->n[i]);
	json_num(&j, "scan_updates", scan->updates);
	json_num(&j, "scan_calls", scan->calls);
	json_num(&j, "scan_bytes", scan->bytes);
	if ((line = json_end(&j)) == NULL)
		r = err_nomem(e);
	else
		log_data(b->log, NULL, line);
	json_free(&j);
	return r;
}

static int
tell_ring(struct offer *b, const struct snapshot *s, size_t ring, struct err *e)
{
	char name[SNAPSHOT_RING_NAME + 1] = "";
	struct offer_scan scan;
	struct counts c;

	memcpy(name, s->rings[ring].name, SNAPSHOT_RING_NAME);
	count(s, ring, &c);
	if (offer_scan(s, ring, &scan, e) == -1)
		return -1;
	if (c.n[SNAPSHOT_INCOMPLETE] > 0)
		b->log->worst = err_worst(b->log->worst, err_status(E_PARTIAL));
	if (b->log->json)
		return tell_json(b, name, &c, &scan, e);
	log_event(b->log, LOG_INFO, name,
	    "%" PRIu64 " offered, %" PRIu64 " waiting, %" PRIu64
	    " without all of their content, %" PRIu64
	    " watched; a first scan takes at most %s and %s of texts",
	    c.n[SNAPSHOT_OFFERED], c.n[SNAPSHOT_WAITING],
	    c.n[SNAPSHOT_INCOMPLETE], c.n[SNAPSHOT_WATCHED],
	    words_count(scan.calls, "call").s, words_size(scan.bytes).s);
	return 0;
}

int
offer_tell(struct offer *b, const struct snapshot *s, struct err *e)
{
	for (size_t i = 0; i < s->nrings; i++)
		if (tell_ring(b, s, i, e) == -1)
			return -1;
	return 0;
}
