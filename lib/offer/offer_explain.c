/* SPDX-License-Identifier: ISC */
/* Why a ring, or the ring of a client, is or is not offered an update. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/offer/offer_priv.h"
#include "lib/store/store_list.h"
#include "lib/view/snap_ring.h"

struct explain {
	struct offer *b;
	uint32_t *updates; /* owned; what is asked for, each once */
	size_t n, cap;
	struct buf why, text;
	struct json json;
};

static int
put_update(struct explain *x, uint32_t update, struct err *e)
{
	if (grow(&x->updates, &x->cap, x->n, sizeof(*x->updates), e) == -1)
		return -1;
	x->updates[x->n++] = update;
	return 0;
}

static int
put_row(void *arg, int64_t row, struct err *e)
{
	struct explain *x = arg;
	uint32_t rev = facts_row(&x->b->facts, row);

	return rev == FACTS_NONE
	    ? 0
	    : put_update(x, x->b->facts.revs[rev].update, e);
}

static int
by_place(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* An id, a KB number, or text of a title. */
static int
match(struct explain *x, struct err *e)
{
	const char *what = x->b->o->explain;
	struct guid id;
	uint32_t u;

	if (guid_read(&id, what, strlen(what))) {
		u = facts_find(&x->b->facts, &id);
		if (u != FACTS_NONE && put_update(x, u, e) == -1)
			return -1;
	} else if (store_each_match(x->b->store, what, put_row, x, e) == -1) {
		return -1;
	}
	x->n = sort_unique(x->updates, x->n, sizeof(*x->updates), by_place);
	return x->n > 0 ? 0
			: err_set(e, E_MISSING,
			      "'%.100s': no update held has that KB number, id "
			      "or text in its title",
			      what);
}

/* An address, in the form in which rings have networks. */
static bool
read_addr(uint8_t to[16], const char *text)
{
	memset(to, 0, 16);
	if (inet_pton(AF_INET, text, to + 12) == 1) {
		to[10] = to[11] = 0xff;
		return true;
	}
	return inet_pton(AF_INET6, text, to) == 1;
}

/* The place of the client's ring; SIZE_MAX: all of them are asked for. */
static int
find_ring(struct explain *x, size_t *ring, struct err *e)
{
	struct offer *b = x->b;
	const char *name = b->o->client;
	struct snap_client c = {.name = name, .id = name};
	uint8_t addr[16];

	*ring = SIZE_MAX;
	if (name == NULL)
		return 0;
	b->rows = calloc(b->rings.n, sizeof(*b->rows));
	if (b->rows == NULL)
		return err_nomem(e);
	if (offer_index_rings(b, NULL, e) == -1)
		return -1;
	if (read_addr(addr, name))
		c = (struct snap_client){.addr = addr};
	*ring = snap_ring_of(&b->next, &c);
	log_event(b->log, LOG_INFO, name,
	    "is in ring '%s', so far as that can be told of %s",
	    b->rings.v[*ring].name,
	    c.addr != NULL ? "an address" : "a name: its address comes first");
	return 0;
}

static int
tell_json(struct explain *x, const char *ring, uint32_t u, struct err *e)
{
	const struct facts *f = &x->b->facts;
	const struct decide_verdict *v = decide_verdict(&x->b->decide, u);
	uint32_t rev = facts_newest(f, u);
	struct json *j = &x->json;
	char id[GUID_LEN + 1];
	const char *line;

	guid_write(id, &f->updates[u].id);
	json_begin(j);
	json_str(j, "type", "explain");
	json_str(j, "ring", ring);
	json_str(j, "id", id);
	json_str(j, "title",
	    rev == FACTS_NONE ? NULL : f->text + f->revs[rev].title);
	json_str(j, "cause", decide_word((enum decide_cause)v->cause));
	json_str(j, "action", rings_action_word((enum rings_action)v->action));
	json_str(j, "withheld",
	    v->withheld == SNAPSHOT_NOT_WITHHELD
		? NULL
		: snapshot_withheld_word((enum snapshot_withheld)v->withheld));
	json_bool(j, "watched", v->watched);
	json_bool(j, "sent", v->rev != FACTS_NONE);
	json_strn(j, "why", (char *)x->why.p, x->why.len);
	if ((line = json_end(j)) == NULL)
		return err_nomem(e);
	log_data(x->b->log, NULL, line);
	return 0;
}

/* The sentences of decide_tell(), each on a line of its own. */
static int
tell_text(struct explain *x, const char *ring, uint32_t u, struct err *e)
{
	const struct facts *f = &x->b->facts;
	uint32_t rev = facts_newest(f, u);
	char id[GUID_LEN + 1], *line, *end;

	guid_write(id, &f->updates[u].id);
	buf_reset(&x->text);
	if (buf_printf(&x->text, e, "%s: %s  %s", ring, id,
		rev == FACTS_NONE ? "" : f->text + f->revs[rev].title) == -1 ||
	    buf_str(&x->text, e) == NULL || buf_str(&x->why, e) == NULL)
		return -1;
	utf8_clean((char *)x->text.p);
	log_data(x->b->log, (char *)x->text.p, NULL);
	for (line = (char *)x->why.p; *line != '\0'; line = end) {
		end = line + strcspn(line, "\n");
		buf_reset(&x->text);
		if (buf_printf(&x->text, e, "     %.*s", (int)(end - line),
			line) == -1 ||
		    buf_str(&x->text, e) == NULL)
			return -1;
		utf8_clean((char *)x->text.p);
		log_data(x->b->log, (char *)x->text.p, NULL);
		end += *end == '\n';
	}
	return 0;
}

/* Where it is for the selection to decide. */
static int
tell_selection(struct explain *x, size_t ring, uint32_t u, struct err *e)
{
	uint8_t cause = decide_verdict(&x->b->decide, u)->cause;

	return cause != DECIDE_SELECTED && cause != DECIDE_COVERED &&
		cause != DECIDE_NOT_SELECTED
	    ? 0
	    : select_why(&x->b->select, ring, u, &x->why, e);
}

static int
tell_ring(struct explain *x, size_t i, struct err *e)
{
	const char *ring = x->b->rings.v[i].name;
	struct decide_rows rows;

	if (decide_ring(&x->b->decide, &x->b->select.v[i], &rows, e) == -1)
		return err_ctx(e, "ring '%s'", ring);
	for (size_t k = 0; k < x->n; k++) {
		buf_reset(&x->why);
		if (stop_check(e) == -1 ||
		    tell_selection(x, i, x->updates[k], e) == -1 ||
		    decide_tell(&x->b->decide, x->updates[k], &x->why, e) == -1)
			return -1;
		if ((x->b->log->json
			    ? tell_json(x, ring, x->updates[k], e)
			    : tell_text(x, ring, x->updates[k], e)) == -1)
			return -1;
	}
	return 0;
}

int
offer_explain(struct offer *b, struct err *e)
{
	struct explain x = {
	    .b = b, .why = BUF_INIT, .text = BUF_INIT, .json = JSON_INIT};
	size_t ring, i;
	int r = -1;

	if (offer_facts(b, e) == -1 || match(&x, e) == -1 ||
	    find_ring(&x, &ring, e) == -1)
		goto out;
	for (r = 0, i = 0; r == 0 && i < b->rings.n; i++)
		if (ring == SIZE_MAX || ring == i)
			r = tell_ring(&x, i, e);
out:
	free(x.updates);
	buf_free(&x.why);
	buf_free(&x.text);
	json_free(&x.json);
	return r;
}
