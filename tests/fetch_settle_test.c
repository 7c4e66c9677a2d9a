/* SPDX-License-Identifier: ISC */
/* Batches of ids whose answers are short, broken, late or faults. */
#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/fetch/batch.h"
#include "lib/store/store.h"
#include "formats/xml.h"
#include "tests/lzx_raw.h"
#include "tests/serversync_note.h"
#include "tests/store_make.h"
#include "tests/t.h"

#define NIDS 8

struct rig {
	struct fetch f;
	struct fetch_opts o;
	struct log log;
	struct slot *s; /* owned */
	bool leads; /* each document needs one, and bundles two */
};

static void
rig_open(struct rig *r)
{
	struct err e = ERR_INIT;
	bool added;

	memset(r, 0, sizeof(*r));
	xml_init();
	r->log = (struct log)LOG_INIT;
	r->log.quiet = true;
	r->f.o = &r->o;
	r->f.log = &r->log;
	r->f.store = make_store(t_tmpdir());
	prog_begin(&r->f.prog, &r->log, "test", "revision", 0, NIDS);
	r->f.limits.batch = NIDS;
	T_CALL(store_begin(r->f.store, &e), &e);
	T_CALL(sync_upstream(r->f.store, "http://x", &r->f.up, &e), &e);
	r->s = calloc(1, sizeof(*r->s));
	T_CALL(batch_slot_open(r->s, r->f.store, &e), &e);
	for (unsigned i = 0; i < NIDS; i++) {
		r->s->h.ids[i] = (struct sync_work){
		    SYNC_LIST, make_guid(i + 1), 1, 0};
		T_CALL(sync_add(r->f.store, r->f.up.row, SYNC_LIST,
			   &r->s->h.ids[i].id, 1, &added, &e),
		    &e);
	}
	T_CALL(store_commit(r->f.store, &e), &e);
	r->s->h.nids = NIDS;
	r->s->h.span.n = NIDS;
	r->s->post.req.got.status = 200;
	r->s->post.op = SS_GET_UPDATE_DATA;
}

static void
rig_close(struct rig *r)
{
	batch_slot_close(r->s);
	free(r->s);
	store_close(r->f.store);
}

static void
put_refs(struct buf *doc, unsigned n)
{
	struct err e = ERR_INIT;
	struct guid g[3];
	char id[3][GUID_LEN + 1];

	for (unsigned i = 0; i < 3; i++) {
		g[i] = make_guid(100 * n + i);
		guid_write(id[i], &g[i]);
	}
	T_CALL(buf_printf(doc, &e,
		   "<Relationships><Prerequisites><UpdateIdentity "
		   "UpdateID=\"%s\"/></Prerequisites><BundledUpdates>"
		   "<UpdateIdentity UpdateID=\"%s\" RevisionNumber=\"1\"/>"
		   "<UpdateIdentity UpdateID=\"%s\" RevisionNumber=\"1\"/>"
		   "</BundledUpdates></Relationships>",
		   id[0], id[1], id[2]),
	    &e);
}

/* The next span is asked for: its answer holds these ids' documents, and a list
   of as many digests with each. */
static void
answer_listing(
    struct rig *r, const unsigned *ids, unsigned n, unsigned ndigests)
{
	char text[BASE64_LEN(SHA1_LEN) + 1];
	uint8_t sha1[SHA1_LEN] = {0};
	struct buf b = BUF_INIT, doc = BUF_INIT, m = BUF_INIT;
	struct err e = ERR_INIT;
	char id[GUID_LEN + 1];

	T_CALL(buf_puts(&b, "<updates>", &e), &e);
	for (unsigned i = 0; i < n; i++) {
		struct guid g = make_guid(ids[i]);

		guid_write(id, &g);
		buf_reset(&doc);
		T_CALL(buf_printf(&doc, &e,
			   "<Update xmlns=\"http://schemas.microsoft.com/msus/"
			   "2002/12/Update\"><UpdateIdentity UpdateID=\"%s\" "
			   "RevisionNumber=\"1\"/><Properties UpdateType="
			   "\"Software\"/>",
			   id),
		    &e);
		if (r->leads)
			put_refs(&doc, ids[i]);
		T_CALL(buf_puts(&doc, "</Update>", &e), &e);
		buf_reset(&m);
		T_CALL(lzx_raw_cab(&m, doc.p, doc.len, 1, "blob", &e), &e);
		T_CALL(buf_printf(&b, &e,
			   "<ServerSyncUpdateData><Id><UpdateID>%s</UpdateID>"
			   "<RevisionNumber>1</RevisionNumber></Id>"
			   "<XmlUpdateBlobCompressed>",
			   id),
		    &e);
		T_OK(buf_reserve(&b, BASE64_LEN(m.len) + 1, &e) != NULL);
		base64_write((char *)b.p + b.len, m.p, m.len);
		b.len += BASE64_LEN(m.len);
		T_CALL(buf_puts(&b,
			   "</XmlUpdateBlobCompressed><FileDigestList>", &e),
		    &e);
		for (unsigned k = 0; k < ndigests; k++) {
			sha1[0] = (uint8_t)k;
			sha1[1] = (uint8_t)(k >> 8);
			base64_write(text, sha1, SHA1_LEN);
			T_CALL(buf_printf(&b, &e,
				   "<base64Binary>%s</base64Binary>", text),
			    &e);
		}
		T_CALL(buf_puts(
			   &b, "</FileDigestList></ServerSyncUpdateData>", &e),
		    &e);
	}
	T_CALL(buf_puts(&b, "</updates>", &e), &e);
	note_answer(&r->s->post.answer, SS_GET_UPDATE_DATA, buf_str(&b, &e));
	buf_free(&b);
	buf_free(&doc);
	buf_free(&m);
}

static void
answer(struct rig *r, const unsigned *ids, unsigned n)
{
	answer_listing(r, ids, n, 0);
}

static void
fault(struct rig *r, const char *code, const char *message)
{
	char body[512];

	(void)snprintf(body, sizeof(body),
	    "<s:Fault><detail><ErrorCode>%s</ErrorCode><Message>%s</Message>"
	    "</detail></s:Fault>",
	    code, message);
	note_wrap(&r->s->post.answer, body);
	r->s->post.req.got.status = 500;
}

static void
settle(struct rig *r)
{
	struct err e = ERR_INIT;

	err_clear(&r->s->job.err);
	T_CALL(session_post_judge(&r->f, &r->s->post, &e), &e);
	r->s->job.run(&r->s->job);
	T_CALL(batch_slot_settle(&r->f, r->s, &e), &e);
	r->s->post.req.got.status = 200;
	r->s->post.req.too_long = false;
	err_clear(&r->s->post.req.err);
}

/* Its answer is more than anybody reads. */
static void
too_long(struct rig *r)
{
	buf_reset(&r->s->post.answer);
	r->s->post.req.too_long = true;
	(void)err_set(&r->s->post.req.err, E_LIMIT,
	    "x: an answer of 5 bytes or more, at most 4 were expected");
}

/* The span on top of the stack is asked for next. */
static void
take(struct rig *r)
{
	T_OK(r->s->h.nspans > 0);
	if (r->s->h.nspans > 0)
		r->s->h.span = r->s->h.spans[--r->s->h.nspans];
}

static struct sync_counts
counts(struct rig *r)
{
	struct sync_counts c = {.todo = 0};
	struct err e = ERR_INIT;

	T_CALL(sync_counts(r->f.store, r->f.up.row, &c, &e), &e);
	return c;
}

T_TEST(a_list_of_files_has_a_greatest_length)
{
	static const unsigned one[] = {1}, two[] = {2};
	struct rig r;

	rig_open(&r);
	answer_listing(&r, one, 1, SYNC_EXTRA_MAX);
	settle(&r);
	T_EQ(counts(&r).inbox, 1);
	take(&r);
	answer_listing(&r, two, 1, SYNC_EXTRA_MAX + 1);
	settle(&r);
	T_EQ(counts(&r).inbox, 1);
	T_EQ(counts(&r).unavailable, 1);
	T_EQ(r.log.findings, 1);
	T_EQ(r.log.worst, err_status(E_LIMIT));
	rig_close(&r);
}

T_TEST(a_short_answer_leaves_the_rest_to_be_asked_again)
{
	static const unsigned some[] = {3, 1, 8};
	struct rig r;

	rig_open(&r);
	answer(&r, some, 3);
	settle(&r);
	T_EQ(counts(&r).inbox, 3);
	T_EQ(counts(&r).todo, NIDS - 3);
	T_EQ(r.s->state, SLOT_READY);
	take(&r);
	T_EQ(r.s->h.span.n, NIDS - 3);
	T_EQ(r.s->h.nspans, 0);
	rig_close(&r);
}

/* Whoever asks the program to end must not lose an update by it. */
T_TEST(a_request_to_stop_is_no_fault_of_a_document)
{
	static const unsigned all[] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct rig r;

	rig_open(&r);
	answer(&r, all, NIDS);
	stop_set(true);
	settle(&r);
	stop_set(false);
	T_EQ(counts(&r).unavailable, 0);
	T_EQ(counts(&r).inbox, 0);
	T_EQ(counts(&r).todo, NIDS);
	T_EQ(r.f.n.unavailable, 0);
	T_EQ(r.log.findings, 0);
	take(&r);
	T_EQ(r.s->h.span.n, NIDS);
	answer(&r, all, NIDS);
	settle(&r);
	T_EQ(counts(&r).inbox, NIDS);
	rig_close(&r);
}

T_TEST(a_batch_too_large_is_asked_again_once_another_has_met_it)
{
	struct rig r;

	rig_open(&r);
	r.f.limits.smaller = true;
	r.f.limits.batch = NIDS / 2;
	fault(&r, "InvalidParameters", "updateIds");
	settle(&r);
	T_EQ(r.s->state, SLOT_READY);
	take(&r);
	T_EQ(r.s->h.span.n, NIDS);
	rig_close(&r);
}

T_TEST(a_small_batch_refused_a_second_time_ends_the_run)
{
	struct rig r;
	struct err e = ERR_INIT;

	rig_open(&r);
	r.f.limits.smaller = true;
	fault(&r, "InvalidParameters", "updateIds");
	r.s->job.run(&r.s->job);
	T_FAILS(batch_slot_settle(&r.f, r.s, &e), &e, E_REMOTE,
	    "refuses GetUpdateData: InvalidParameters: updateIds");
	rig_close(&r);
}

/* The number of an id that make_guid() made. */
static unsigned
number_of(const struct guid *id)
{
	for (unsigned k = 1; k <= NIDS; k++) {
		struct guid g = make_guid(k);

		if (guid_cmp(&g, id) == 0)
			return k;
	}
	return 0;
}

static void
internal(struct rig *r)
{
	fault(r, "InternalServerError", "");
}

/* To the end, where these ids (bits) make any call fail; how many calls. */
static unsigned
with_bad(struct rig *r, unsigned poison, void (*fails)(struct rig *r))
{
	unsigned calls = 0, ids[NIDS], n;

	batch_halves_push(&r->s->h, 0, NIDS);
	while (r->s->h.nspans > 0 && calls < 4 * NIDS) {
		bool bad = false;

		take(r);
		calls++;
		for (n = 0; n < r->s->h.span.n; n++) {
			ids[n] = number_of(
			    &r->s->h.ids[r->s->h.span.lo + n].id);
			bad |= (poison >> ids[n] & 1) != 0;
		}
		if (bad)
			fails(r);
		else
			answer(r, ids, n);
		settle(r);
	}
	T_EQ(r->s->state, SLOT_FREE);
	T_EQ(counts(r).todo, 0);
	return calls;
}

T_TEST(a_poisoned_id_is_found_by_halves)
{
	struct rig r;

	rig_open(&r);
	/* Of 8, 4, 2, 1 and 1 again, and what lies beside these. */
	T_EQ(with_bad(&r, 1 << 5, internal), 8);
	T_EQ(counts(&r).inbox, NIDS - 1);
	T_EQ(counts(&r).unavailable, 1);
	rig_close(&r);
}

T_TEST(a_batch_of_which_all_is_poisoned_takes_twice_its_ids_in_calls)
{
	struct rig r;

	rig_open(&r);
	T_EQ(with_bad(&r, 0x1fe, internal), 2 * NIDS);
	T_EQ(counts(&r).inbox, 0);
	T_EQ(counts(&r).unavailable, NIDS);
	T_EQ(r.log.findings, 1);
	T_EQ(r.log.worst, 10);
	rig_close(&r);
}

T_TEST(an_answer_too_long_is_asked_for_in_halves)
{
	struct rig r;

	rig_open(&r);
	/* Of 8, 4, 2, 1, and what lies beside these: once is enough. */
	T_EQ(with_bad(&r, 1 << 5, too_long), 7);
	T_EQ(counts(&r).inbox, NIDS - 1);
	T_EQ(counts(&r).unavailable, 1);
	T_EQ(r.log.findings, 1);
	T_EQ(r.log.worst, 3);
	rig_close(&r);
}

T_TEST(answers_too_long_for_every_id_take_no_more_calls_than_halves)
{
	struct rig r;

	rig_open(&r);
	T_EQ(with_bad(&r, 0x1fe, too_long), 2 * NIDS - 1);
	T_EQ(counts(&r).inbox, 0);
	T_EQ(counts(&r).unavailable, NIDS);
	T_EQ(r.f.way.barren, NIDS);
	rig_close(&r);
}

T_TEST(bundles_without_end_are_not_followed_for_ever)
{
	static const unsigned two[] = {1, 2}, third[] = {3};
	struct rig r;
	struct err e = ERR_INIT;

	rig_open(&r);
	r.leads = true;
	r.f.limits.follow_max = 6;
	answer(&r, two, 2);
	settle(&r);
	T_EQ(r.f.n.followed, 6);
	take(&r);
	answer(&r, third, 1);
	r.s->job.run(&r.s->job);
	T_FAILS(batch_slot_settle(&r.f, r.s, &e), &e, E_LIMIT,
	    "lead to 9 revisions that no list names, expected at most 6");
	T_EQ(counts(&r).inbox, 2);
	T_EQ(counts(&r).todo, NIDS - 2 + 4);
	/* The next run begins to count anew. */
	r.f.n.followed = 0;
	batch_slot_empty(r.s);
	memset(r.s->h.seen, 0, sizeof(r.s->h.seen));
	answer(&r, third, 1);
	settle(&r);
	T_EQ(r.f.n.followed, 3);
	T_EQ(counts(&r).inbox, 3);
	rig_close(&r);
}

T_TEST(an_id_that_came_at_its_second_try_leaves_one_to_the_next)
{
	static const unsigned first[] = {1}, second[] = {2};
	struct rig r;

	rig_open(&r);
	batch_halves_push(&r.s->h, 1, 1);
	r.s->h.span.n = 1;
	fault(&r, "InternalServerError", "");
	settle(&r);
	take(&r);
	answer(&r, first, 1);
	settle(&r);
	take(&r);
	fault(&r, "InternalServerError", "");
	settle(&r);
	T_EQ(counts(&r).unavailable, 0);
	take(&r);
	answer(&r, second, 1);
	settle(&r);
	T_EQ(counts(&r).inbox, 2);
	rig_close(&r);
}

T_TEST(ids_that_a_fault_names_are_not_asked_for_again)
{
	struct guid g = make_guid(2);
	char id[GUID_LEN + 1], message[128];
	struct rig r;

	rig_open(&r);
	guid_write(id, &g);
	(void)snprintf(message, sizeof(message),
	    "requested 8, returned 7, missing: %s.1, %s.9", id, id);
	fault(&r, "InternalServerError", message);
	settle(&r);
	T_EQ(counts(&r).unavailable, 1);
	take(&r);
	T_EQ(r.s->h.span.n, NIDS - 1);
	rig_close(&r);
}

T_TEST(a_crash_page_that_begins_with_an_answer_hides_nothing)
{
	static const unsigned some[] = {1, 2, 3};
	struct rig r;

	rig_open(&r);
	answer(&r, some, 3);
	r.s->post.req.got.status = 500;
	settle(&r);
	T_EQ(counts(&r).inbox, 0);
	take(&r); /* the first half */
	T_EQ(r.s->h.span.n, NIDS / 2);
	answer(&r, some, 3);
	settle(&r);
	T_EQ(counts(&r).inbox, 3);
	rig_close(&r);
}

T_MAIN
