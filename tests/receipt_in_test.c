/* SPDX-License-Identifier: ISC */
/* What a receipt can say that is not so, and what follows from a good one. */
#include "lib/transfer/receipt_in.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/store/buckets.h"
#include "lib/store/carried.h"
#include "lib/store/store.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/receipt_sign.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define UPDATES 80 /* enough that no bucket is empty, most often */

/*
 * The store that exported: updates 1 to UPDATES with a file each.  Transfer n
 * carried those from first[n] to last[n].
 */
struct near {
	struct store *s;
	char path[400]; /* of the receipt */
	struct sign_sec key;
	struct sign_pub pub;
	struct keyring keys; /* that one */
	struct receipt r; /* the next one, as the far side would write it */
	struct receipt_in in;
	struct err e;
};

static void
carry(struct near *n, uint64_t sequence, unsigned from, unsigned to,
    const char *target)
{
	struct row_set revs = {.bits = NULL}, files = {.bits = NULL};
	struct ledger_row row = {.kind = LEDGER_EXPORT,
	    .state = LEDGER_WRITTEN,
	    .origin = *store_id(n->s),
	    .site = "north",
	    .destination = "any",
	    .sequence = sequence,
	    .tag = {(uint8_t)sequence, 1},
	    .has_tag = true};

	snprintf(row.target, sizeof(row.target), "%s", target);
	T_CALL(ledger_add(n->s, &row, &n->e), &n->e);
	for (; from <= to; from++) {
		T_CALL(row_set_add(&revs, from, &n->e), &n->e);
		T_CALL(row_set_add(&files, from, &n->e), &n->e);
	}
	T_CALL(
	    carried_put(n->s, row.row, CARRIED_REVISIONS, &revs, &n->e), &n->e);
	T_CALL(carried_put(n->s, row.row, CARRIED_FILES, &files, &n->e), &n->e);
	row_set_free(&revs);
	row_set_free(&files);
}

static void
open_near(struct near *n)
{
	struct make m;
	char text[16];
	const char *dir = t_tmpdir();

	memset(n, 0, sizeof(*n));
	n->e = (struct err)ERR_INIT;
	n->s = make_begun(dir);
	snprintf(n->path, sizeof(n->path), "%s/receipt.txt", dir);
	for (unsigned i = 1; i <= UPDATES; i++) {
		snprintf(text, sizeof(text), "file %u", i);
		make_update(&m, i, 100);
		make_file(&m, text, "a.cab");
		make_put_ok(n->s, &m);
	}
	T_CALL(sign_new(&n->key, &n->pub, &n->e), &n->e);
	n->keys = (struct keyring){
	    .purpose = KEYS_RECEIPTS, .v = &n->pub, .n = 1};
	carry(n, 1, 1, UPDATES / 2, "south");
	n->r = (struct receipt){.origin = *store_id(n->s),
	    .store = make_guid(900),
	    .number = 1,
	    .sequence = 1,
	    .identity = {1, 1},
	    .time_s = 1800000000};
}

static void
close_near(struct near *n)
{
	receipt_in_free(&n->in);
	store_close(n->s);
}

/* It holds updates from..to, but for the file of one. */
static void
holds(struct near *n, unsigned from, unsigned to, unsigned but)
{
	struct row_set revs = {.bits = NULL}, files = {.bits = NULL};
	struct buckets b;

	for (; from <= to; from++) {
		T_CALL(row_set_add(&revs, from, &n->e), &n->e);
		if (from != but)
			T_CALL(row_set_add(&files, from, &n->e), &n->e);
	}
	T_CALL(buckets_count(n->s, &revs, &files, false, &b, &n->e), &n->e);
	n->r.revisions = (uint32_t)b.nrevs;
	n->r.files = (uint32_t)b.nfiles;
	memcpy(n->r.rev, b.rev, sizeof(b.rev));
	memcpy(n->r.file, b.file, sizeof(b.file));
	row_set_free(&revs);
	row_set_free(&files);
}

static int
judge_text(struct near *n, const char *text, const char *name)
{
	make_text(n->path, text);
	receipt_in_free(&n->in);
	n->in = (struct receipt_in)RECEIPT_IN_INIT;
	if (receipt_in_read(&n->in, n->path, &n->keys, &n->e) == -1)
		return -1;
	return receipt_in_judge(&n->in, n->s, &n->keys, name, &n->e);
}

static int
judge(struct near *n, const char *name)
{
	uint8_t record[RECEIPT_BYTES];
	char text[RECEIPT_CHARS + 1];

	T_CALL(receipt_sign(&n->r, &n->key, record, &n->e), &n->e);
	receipt_write(text, record, '\n');
	return judge_text(n, text, name);
}

static void
take(struct near *n, const char *name)
{
	T_CALL(judge(n, name), &n->e);
	T_OK(!n->in.already);
	T_CALL(receipt_in_take(&n->in, n->s, 1800000001, &n->e), &n->e);
}

static uint64_t
held(struct near *n, enum carried_kind k)
{
	struct row_set to = {.bits = NULL};
	uint64_t c = 0;

	T_CALL(destination_held(n->s, n->in.to.row, k, &to, &n->e), &n->e);
	for (int64_t i = 0; i < to.n; i++)
		c += row_set_has(&to, i);
	row_set_free(&to);
	return c;
}

T_TEST(a_receipt_is_taken_and_pins_its_store_and_key)
{
	struct destination d;
	struct near n;

	open_near(&n);
	holds(&n, 1, UPDATES / 2, 0);
	take(&n, NULL);
	T_OK(n.in.pins);
	T_EQ(n.in.lost_revs + n.in.lost_files, 0);
	T_EQ(n.in.nrevs, UPDATES / 2);
	T_EQ(n.in.nfiles, UPDATES / 2);
	T_EQ(destination_find(n.s, "south", &d, &n.e), 1);
	T_OK(d.has_store && d.has_key);
	T_MEM(&d.store, &n.r.store, sizeof(d.store));
	T_MEM(d.key, n.pub.key, sizeof(d.key));
	T_EQ(d.base, 1);
	T_EQ(held(&n, CARRIED_REVISIONS), UPDATES / 2);
	T_EQ(held(&n, CARRIED_FILES), UPDATES / 2);
	/* The next one need not be told whose it is. */
	n.r.number = 2;
	take(&n, "south");
	T_OK(!n.in.pins);
	close_near(&n);
}

T_TEST(the_same_receipt_again_is_no_news)
{
	struct near n;

	open_near(&n);
	holds(&n, 1, UPDATES / 2, 0);
	take(&n, NULL);
	T_CALL(judge(&n, NULL), &n.e);
	T_OK(n.in.already);
	close_near(&n);
}

T_TEST(an_older_receipt_or_another_of_its_number_is_refused)
{
	struct near n;

	open_near(&n);
	holds(&n, 1, UPDATES / 2, 0);
	n.r.number = 5;
	take(&n, NULL);
	n.r.number = 4;
	T_FAILS(judge(&n, NULL), &n.e, E_SEQ,
	    "receipt 4 of south is older than receipt 5, taken on 2027-01-15: "
	    "nothing to do, unless the store there was set back: then export "
	    "--destination south --full brings what it lost");
	n.r.number = 5;
	n.r.time_s++;
	T_FAILS(judge(&n, NULL), &n.e, E_SEQ,
	    "another receipt 5 of south was taken on 2027-01-15: the store "
	    "there was set back");
	T_EQ(held(&n, CARRIED_FILES), UPDATES / 2);
	close_near(&n);
}

T_TEST(a_receipt_about_what_this_store_did_not_write_is_refused)
{
	struct near n;

	open_near(&n);
	n.r.origin = make_guid(901);
	T_FAILS(judge(&n, NULL), &n.e, E_SEQ, "about transfers of store ab");
	n.r.origin = *store_id(n.s);
	n.r.sequence = 2;
	T_FAILS(judge(&n, NULL), &n.e, E_SEQ,
	    "transfer 2, which this store did not write: it was set back");
	n.r.sequence = 1;
	n.r.identity[31] ^= 1;
	T_FAILS(judge(&n, NULL), &n.e, E_SEQ,
	    "another transfer 1 was imported there than this store wrote");
	close_near(&n);
}

/* A number that was begun and not published is none. */
T_TEST(a_transfer_that_was_not_finished_is_not_known)
{
	struct ledger_row row = {.kind = LEDGER_EXPORT,
	    .state = LEDGER_OPEN,
	    .sequence = 2,
	    .tag = {2, 1},
	    .has_tag = true};
	struct near n;

	open_near(&n);
	T_CALL(ledger_add(n.s, &row, &n.e), &n.e);
	n.r.sequence = 2;
	n.r.identity[0] = 2;
	T_FAILS(judge(&n, NULL), &n.e, E_SEQ, "did not write");
	close_near(&n);
}

T_TEST(a_destination_is_one_store)
{
	struct near n;

	open_near(&n);
	holds(&n, 1, UPDATES / 2, 0);
	carry(&n, 2, 1, 2, "");
	take(&n, NULL);
	n.r.number = 2;
	T_FAILS(judge(&n, "east"), &n.e, E_SEQ,
	    "the store that wrote it is destination south, not east");
	n.r.store = make_guid(902);
	T_FAILS(
	    judge(&n, NULL), &n.e, E_SEQ, "; destination south is store ab");
	n.r.sequence = 2;
	n.r.identity[0] = 2;
	T_FAILS(judge(&n, NULL), &n.e, E_USAGE,
	    "for no destination by name: say with --destination");
	T_FAILS(judge(&n, "South"), &n.e, E_USAGE, "1 to 32 of a-z");
	take(&n, "east");
	T_STR(n.in.to.name, "east");
	close_near(&n);
}

T_TEST(only_the_keys_of_that_purpose_and_store_count)
{
	struct key revoked = {.apart = true, .since_s = 1795910400};
	struct sign_pub first, second;
	struct near n;

	open_near(&n);
	holds(&n, 1, UPDATES / 2, 0);
	n.keys.n = 0;
	T_FAILS(judge(&n, NULL), &n.e, E_SIG, "no key is trusted for receipts");
	n.keys.others = &n.pub;
	n.keys.nothers = 1;
	T_FAILS(judge(&n, NULL), &n.e, E_SIG,
	    "trusted here, but for transfers, not for receipts");
	n.keys.nothers = 0;
	revoked.pub = n.pub;
	n.keys.revoked = &revoked;
	n.keys.nrevoked = 1;
	T_FAILS(judge(&n, NULL), &n.e, E_SIG, "was revoked here on 2026-11-29");
	n.keys.nrevoked = 0;
	n.keys.n = 1;
	take(&n, NULL);
	/* Another key, though it is trusted. */
	first = n.pub;
	T_CALL(sign_new(&n.key, &second, &n.e), &n.e);
	n.r.number = 2;
	T_FAILS(
	    judge(&n, NULL), &n.e, E_SIG, "signed, but not by a trusted key");
	n.pub = second;
	T_FAILS(judge(&n, NULL), &n.e, E_SIG,
	    "receipts of south are signed by another one: where that is lost, "
	    "revoke it first");
	revoked.pub = first;
	n.keys.nrevoked = 1;
	take(&n, NULL);
	T_OK(n.in.pins);
	T_MEM(n.in.to.key, second.key, sizeof(second.key));
	close_near(&n);
}

T_TEST(what_was_changed_after_it_was_signed_is_refused)
{
	uint8_t record[RECEIPT_BYTES];
	char text[RECEIPT_CHARS + 1];
	struct near n;

	open_near(&n);
	holds(&n, 1, UPDATES / 2, 0);
	T_CALL(receipt_sign(&n.r, &n.key, record, &n.e), &n.e);
	record[140] ^= 1;
	receipt_write(text, record, '\n');
	T_FAILS(judge_text(&n, text, NULL), &n.e, E_SIG,
	    "what was signed has changed");
	T_FAILS(judge_text(&n, "nonsense", NULL), &n.e, E_FORMAT,
	    "begin a receipt");
	T_EQ(unlink(n.path), 0);
	T_FAILS(receipt_in_read(&n.in, n.path, &n.keys, &n.e), &n.e, E_USAGE,
	    "no such file");
	close_near(&n);
}

/* Of one file that is not held its bucket goes again, and no revision. */
T_TEST(a_bucket_that_differs_counts_as_not_held)
{
	struct near n;

	open_near(&n);
	holds(&n, 1, UPDATES / 2, 7);
	take(&n, NULL);
	T_EQ(n.in.lost_revs, 0);
	T_OK(n.in.lost_files > 0 && n.in.lost_files < 15);
	T_EQ(held(&n, CARRIED_REVISIONS), UPDATES / 2);
	T_EQ(held(&n, CARRIED_FILES), UPDATES / 2 - n.in.lost_files);
	/* It came, with the next one: all of it counts again. */
	carry(&n, 2, 7, 7, "south");
	n.r.number = 2;
	n.r.sequence = 2;
	n.r.identity[0] = 2;
	n.r.seen = 1;
	holds(&n, 1, UPDATES / 2, 0);
	take(&n, NULL);
	T_EQ(n.in.lost_files, 0);
	T_EQ(held(&n, CARRIED_FILES), UPDATES / 2);
	close_near(&n);
}

/* 1 came, 2 was lost on the way, 3 came. */
T_TEST(what_was_lost_on_the_way_does_not_spoil_the_rest)
{
	struct near n;

	open_near(&n);
	carry(&n, 2, UPDATES / 2 + 1, UPDATES - 10, "south");
	carry(&n, 3, UPDATES - 9, UPDATES, "south");
	n.r.sequence = 3;
	n.r.identity[0] = 3;
	n.r.seen = 2;
	{
		struct row_set revs = {.bits = NULL};
		struct buckets b;

		for (unsigned i = 1; i <= UPDATES; i++)
			if (i <= UPDATES / 2 || i > UPDATES - 10)
				T_CALL(row_set_add(&revs, i, &n.e), &n.e);
		T_CALL(buckets_count(n.s, &revs, &revs, false, &b, &n.e), &n.e);
		n.r.revisions = (uint32_t)b.nrevs;
		n.r.files = (uint32_t)b.nfiles;
		memcpy(n.r.rev, b.rev, sizeof(b.rev));
		memcpy(n.r.file, b.file, sizeof(b.file));
		row_set_free(&revs);
	}
	take(&n, NULL);
	T_EQ(n.in.lost_revs + n.in.lost_files, 0);
	T_EQ(held(&n, CARRIED_REVISIONS), UPDATES / 2 + 10);
	close_near(&n);
}

/* More than 32 transfers ago nobody tells what came: what was sent is tried. */
T_TEST(what_came_long_ago_is_found_by_what_was_sent)
{
	struct near n;

	open_near(&n);
	carry(&n, 50, UPDATES / 2 + 1, UPDATES, "south");
	n.r.sequence = 50;
	n.r.identity[0] = 50;
	holds(&n, 1, UPDATES, 0);
	take(&n, NULL);
	T_EQ(held(&n, CARRIED_REVISIONS), UPDATES);
	T_EQ(held(&n, CARRIED_FILES), UPDATES);
	close_near(&n);
}

/* Written by a version that kept no sets. */
T_TEST(what_a_store_that_was_set_back_forgot_is_found_by_all_it_holds)
{
	struct near n;

	open_near(&n);
	/* Transfer 1 is all that is known; the rest was sent by another state. */
	holds(&n, 1, UPDATES, 0);
	T_CALL(judge(&n, "south"), &n.e);
	T_EQ(n.in.nrevs, (uint64_t)UPDATES);
	T_EQ(n.in.nfiles, (uint64_t)UPDATES);
	T_EQ(n.in.lost_revs, 0);
	close_near(&n);
}

T_TEST(a_transfer_without_sets_counts_as_not_sent)
{
	struct ledger_row row = {.kind = LEDGER_EXPORT,
	    .state = LEDGER_WRITTEN,
	    .sequence = 2,
	    .target = "south",
	    .tag = {2, 1},
	    .has_tag = true};
	struct near n;

	open_near(&n);
	T_CALL(ledger_add(n.s, &row, &n.e), &n.e);
	n.r.sequence = 2;
	n.r.identity[0] = 2;
	n.r.seen = 1;
	holds(&n, 1, UPDATES / 2, 0);
	take(&n, NULL);
	T_EQ(n.in.unknown, 1);
	T_EQ(held(&n, CARRIED_REVISIONS), UPDATES / 2);
	close_near(&n);
}

T_MAIN
