/* SPDX-License-Identifier: ISC */
#include "tests/hostile_near.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/key/key.h"
#include "lib/store/buckets.h"
#include "lib/store/carried.h"
#include "lib/store/store.h"
#include "lib/transfer/receipt_in.h"
#include "lib/transfer/receipt_sign.h"
#include "tests/hostile.h"
#include "tests/store_make.h"
#include "tests/t.h"

#define UPDATES 20

static struct receipt next;

static void
add_updates(struct store *s)
{
	struct make m;
	char text[16];

	for (unsigned i = 1; i <= UPDATES; i++) {
		snprintf(text, sizeof(text), "file %u", i);
		make_update(&m, i, 100);
		make_file(&m, text, "a.cab");
		make_put_ok(s, &m);
	}
}

static void
carry(struct store *s, uint64_t sequence, unsigned from, unsigned to,
    const char *target)
{
	struct row_set rows = {.bits = NULL};
	struct ledger_row row = {.kind = LEDGER_EXPORT,
	    .state = LEDGER_WRITTEN,
	    .origin = *store_id(s),
	    .site = "north",
	    .destination = "any",
	    .sequence = sequence,
	    .tag = {(uint8_t)sequence, 1},
	    .has_tag = true};
	struct err e = ERR_INIT;

	snprintf(row.target, sizeof(row.target), "%s", target);
	T_CALL(ledger_add(s, &row, &e), &e);
	for (; from <= to; from++)
		T_CALL(row_set_add(&rows, from, &e), &e);
	T_CALL(carried_put(s, row.row, CARRIED_REVISIONS, &rows, &e), &e);
	T_CALL(carried_put(s, row.row, CARRIED_FILES, &rows, &e), &e);
	row_set_free(&rows);
}

static void
holds(struct store *s, struct receipt *r, unsigned to)
{
	struct row_set rows = {.bits = NULL};
	struct err e = ERR_INIT;
	struct buckets b;

	for (unsigned i = 1; i <= to; i++)
		T_CALL(row_set_add(&rows, i, &e), &e);
	T_CALL(buckets_count(s, &rows, &rows, false, &b, &e), &e);
	r->revisions = (uint32_t)b.nrevs;
	r->files = (uint32_t)b.nfiles;
	memcpy(r->rev, b.rev, sizeof(b.rev));
	memcpy(r->file, b.file, sizeof(b.file));
	row_set_free(&rows);
}

/* Receipt 5, about transfer 1. */
static void
take_one(struct store *s, const struct sign_sec *by, const char *path)
{
	struct sign_pub pub;
	struct keyring keys = {.purpose = KEYS_RECEIPTS, .v = &pub, .n = 1};
	struct receipt_in in = RECEIPT_IN_INIT;
	struct receipt r = {.origin = *store_id(s),
	    .store = make_guid(900),
	    .number = 5,
	    .sequence = 1,
	    .identity = {1, 1},
	    .time_s = 1800000000};
	uint8_t record[RECEIPT_BYTES];
	char text[RECEIPT_CHARS + 1], file[HOSTILE_PATH + 16];
	struct err e = ERR_INIT;

	snprintf(file, sizeof(file), "%s.receipt", path);
	sign_sec_pub(by, &pub);
	holds(s, &r, UPDATES / 2);
	T_CALL(receipt_sign(&r, by, record, &e), &e);
	receipt_write(text, record, '\n');
	make_text(file, text);
	T_CALL(receipt_in_read(&in, file, &keys, &e), &e);
	T_CALL(receipt_in_judge(&in, s, &keys, NULL, &e), &e);
	T_CALL(receipt_in_take(&in, s, 1800000001, &e), &e);
	receipt_in_free(&in);
	T_EQ(unlink(file), 0);
}

void
hostile_near_make(const char *path, const struct sign_sec *by)
{
	struct store *s = make_begun(path);

	add_updates(s);
	carry(s, 1, 1, UPDATES / 2, "south");
	carry(s, 2, UPDATES / 2 + 1, UPDATES, "south");
	carry(s, 3, 1, 2, "");
	take_one(s, by, path);
	next = (struct receipt){.origin = *store_id(s),
	    .store = make_guid(900),
	    .number = 6,
	    .sequence = 2,
	    .seen = 1,
	    .identity = {2, 1},
	    .time_s = 1800000100};
	holds(s, &next, UPDATES);
	make_commit(s);
	store_close(s);
}

const struct receipt *
hostile_near_receipt(void)
{
	return &next;
}
