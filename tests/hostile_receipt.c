/* SPDX-License-Identifier: ISC */
/* Hostile rows: receipts that lie.  Import alone reads them. */
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/transfer/receipt_sign.h"
#include "tests/hostile.h"
#include "tests/hostile_near.h"
#include "tests/t.h"

/* By one who has the key: at that place of the record stand these bytes. */
#define FIELD(name, at, hex, status, says)                                     \
	{                                                                      \
		name, HOSTILE_MADE, field, #at, hex, NULL, status, says, 0,    \
		    HOSTILE_SAME                                               \
	}
/* By one who has not. */
#define BYTE(name, at)                                                         \
	{                                                                      \
		name, HOSTILE_MADE, byte, #at, NULL, NULL, 8,                  \
		    "what was signed has changed", 0, HOSTILE_SAME             \
	}
#define ROW(name, bend, a, b, status, says)                                    \
	{                                                                      \
		name, HOSTILE_MADE, bend, a, b, NULL, status, says, 0,         \
		    HOSTILE_SAME                                               \
	}
#define TYPED(name, bend, a, b, says) ROW(name, bend, a, b, 3, says)

#define ID "000102030405060708090a0b0c0d0e0f"

static void
put_text(struct hostile *h, const void *text, size_t n)
{
	static char path[HOSTILE_PATH + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/receipt.txt", stick_home()->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	T_EQ(write(fd, text, n), (ssize_t)n);
	T_EQ(close(fd), 0);
	h->receipt = path;
}

static void
put_record(struct hostile *h, const uint8_t record[RECEIPT_BYTES])
{
	char text[RECEIPT_CHARS + 1];

	receipt_write(text, record, '\n');
	put_text(h, text, strlen(text));
}

static void
good_record(uint8_t record[RECEIPT_BYTES], const struct sign_sec *by)
{
	struct receipt r = *hostile_near_receipt();
	struct err e = ERR_INIT;

	T_CALL(receipt_sign(&r, by, record, &e), &e);
}

static const char *
good_text(void)
{
	static char text[RECEIPT_CHARS + 1];
	uint8_t record[RECEIPT_BYTES];

	good_record(record, &hostile_home()->receipts);
	receipt_write(text, record, '\n');
	return text;
}

/* As receipt_sign() does, of fields that it would not write. */
static void
seal(uint8_t record[RECEIPT_BYTES], const struct sign_sec *by)
{
	uint8_t bytes[sizeof(RECEIPT_PREFIX) - 1 + RECEIPT_SIGNED];
	struct err e = ERR_INIT;

	memcpy(bytes, RECEIPT_PREFIX, sizeof(RECEIPT_PREFIX) - 1);
	memcpy(bytes + sizeof(RECEIPT_PREFIX) - 1, record, RECEIPT_SIGNED);
	T_CALL(
	    sign_bytes(by, bytes, sizeof(bytes), record + RECEIPT_SIGNED, &e),
	    &e);
}

static void
field(struct hostile *h)
{
	uint8_t record[RECEIPT_BYTES], to[RECEIPT_BYTES];
	size_t n = strlen(h->row->b) / 2;

	good_record(record, &hostile_home()->receipts);
	T_OK(hex_read(to, n, h->row->b, 2 * n));
	memcpy(record + (int)hostile_number(h->row->a), to, n);
	seal(record, &hostile_home()->receipts);
	put_record(h, record);
}

static void
byte(struct hostile *h)
{
	uint8_t record[RECEIPT_BYTES];

	good_record(record, &hostile_home()->receipts);
	record[(int)hostile_number(h->row->a)] ^= 1;
	put_record(h, record);
}

static void
signed_by(struct hostile *h, const struct sign_sec *by)
{
	uint8_t record[RECEIPT_BYTES];

	good_record(record, by);
	put_record(h, record);
}

static void
by_a_stranger(struct hostile *h)
{
	signed_by(h, &hostile_home()->stranger);
}

static void
by_a_revoked_key(struct hostile *h)
{
	signed_by(h, &hostile_home()->revoked);
}

static void
by_a_key_for_transfers(struct hostile *h)
{
	signed_by(h, &stick_home()->key);
}

/* Trusted for receipts, and not that store's. */
static void
by_another_sites_key(struct hostile *h)
{
	signed_by(h, &hostile_home()->second);
}

/* A transfer's signature under a receipt: another prefix was signed. */
static void
without_its_prefix(struct hostile *h)
{
	uint8_t record[RECEIPT_BYTES];
	struct err e = ERR_INIT;

	good_record(record, &hostile_home()->receipts);
	T_CALL(sign_bytes(&hostile_home()->receipts, record, RECEIPT_SIGNED,
		   record + RECEIPT_SIGNED, &e),
	    &e);
	put_record(h, record);
}

static void
destination(struct hostile *h)
{
	const char *text = good_text();

	put_text(h, text, strlen(text));
	h->destination = h->row->a;
}

/* Text as it is. */
static void
text(struct hostile *h)
{
	put_text(h, h->row->a, strlen(h->row->a));
}

/* Line a is b: NULL, none; "N", that line. */
static void
line(struct hostile *h)
{
	const char *whole = good_text(), *at = whole;
	char now[2 * RECEIPT_CHARS];
	size_t n = 0;

	for (int i = 0; i <= RECEIPT_LINES; i++) {
		const char *from = at;
		size_t len = strcspn(at, "\n");

		at += len + (at[len] == '\n');
		if (i == (int)hostile_number(h->row->a)) {
			if (h->row->b == NULL)
				continue;
			from = whole;
			for (int k = (int)hostile_number(h->row->b); k > 0; k--)
				from = strchr(from, '\n') + 1;
			len = strcspn(from, "\n");
		}
		n += (size_t)snprintf(
		    now + n, sizeof(now) - n, "%.*s\n", (int)len, from);
	}
	put_text(h, now, n);
}

/* Character a becomes the next one, or b. */
static void
character(struct hostile *h)
{
	char now[RECEIPT_CHARS + 1];
	int at = (int)hostile_number(h->row->a);

	snprintf(now, sizeof(now), "%s", good_text());
	now[at] = h->row->b != NULL ? h->row->b[0] : now[at] == '7' ? '8' : '7';
	put_text(h, now, strlen(now));
}

static void
cut(struct hostile *h)
{
	put_text(h, good_text(), (size_t)hostile_number(h->row->a));
}

static void
twice(struct hostile *h)
{
	char now[2 * RECEIPT_CHARS + 3];
	const char *one = good_text();

	put_text(
	    h, now, (size_t)snprintf(now, sizeof(now), "%s\n%s\n", one, one));
}

static void
oversize(struct hostile *h)
{
	static char big[RECEIPT_MAX_TEXT + 100];

	memset(big, '\n', sizeof(big));
	memcpy(big, good_text(), RECEIPT_CHARS);
	put_text(h, big, sizeof(big));
}

static void
absent(struct hostile *h)
{
	put_text(h, "", 0);
	T_EQ(unlink(h->receipt), 0);
}

static void
of_a_folder(struct hostile *h)
{
	h->receipt = stick_home()->dir;
}

static void
of_binary(struct hostile *h)
{
	uint8_t record[RECEIPT_BYTES];

	good_record(record, &hostile_home()->receipts);
	put_text(h, record, sizeof(record));
}

const struct hostile_row hostile_receipt[] = {
    FIELD("receipt-about-another-store", 1, ID, 9,
	"about transfers of store 00010203"),
    FIELD("receipt-by-another-store", 17, ID, 9, "destination south is store"),
    FIELD("receipt-older", 33, "00000004", 9, "is older than receipt 5"),
    FIELD("receipt-of-number-1", 33, "00000001", 9, "is older than receipt 5"),
    FIELD("receipt-another-of-its-number", 33, "00000005", 9,
	"another receipt 5 of south was taken"),
    FIELD("receipt-of-number-0", 33, "00000000", 3,
	"number: expected 1 or more, found 0"),
    FIELD("receipt-of-sequence-0", 37, "00000000", 3,
	"sequence: expected 1 or more, found 0"),
    FIELD("receipt-of-a-transfer-to-come", 37, "00000009", 9,
	"transfer 9, which this store did not write"),
    FIELD("receipt-of-the-last-number-there-is", 37, "ffffffff", 9,
	"transfer 4294967295, which this store did not write"),
    FIELD("receipt-of-another-transfer", 41, "02ff", 9,
	"another transfer 2 was imported there"),
    FIELD("receipt-of-the-one-before-by-this-number", 41, "0101", 9,
	"another transfer 2 was imported there"),
    FIELD("receipt-sees-before-the-first", 73, "00000002", 3,
	"expected none before number 1"),
    FIELD("receipt-sees-everything", 73, "ffffffff", 3,
	"expected none before number 1"),
    FIELD("receipt-sums-of-no-revisions", 93, "00000000", 3,
	"no revisions are counted, but their sums are not 0"),
    FIELD("receipt-sums-of-no-files", 97, "00000000", 3,
	"no files are counted, but their sums are not 0"),
    FIELD("receipt-of-an-unknown-gate", 105, "02", 3,
	"gate: expected 0 or 1, found 2"),
    FIELD("receipt-of-a-gate-without-a-date", 105, "01", 3,
	"gate 1: expected a date"),
    FIELD("receipt-of-a-date-without-a-gate", 106, "0001", 3,
	"gate 0: expected no date"),
    FIELD("receipt-of-failures-without-a-list", 120, "0001", 3,
	"1 failures: expected a digest"),
    FIELD("receipt-of-a-list-without-failures", 122, "01", 3,
	"0 failures: expected no digest"),
    FIELD("receipt-of-version-2", 0, "02", 3, "a receipt of version 2"),
    FIELD("receipt-of-version-0", 0, "00", 3, "a receipt of version 0"),
    BYTE("receipt-changed-origin", 1),
    BYTE("receipt-changed-store", 32),
    BYTE("receipt-changed-number", 36),
    BYTE("receipt-changed-sequence", 40),
    BYTE("receipt-changed-identity", 72),
    BYTE("receipt-changed-head", 90),
    BYTE("receipt-changed-count", 96),
    BYTE("receipt-changed-time", 104),
    BYTE("receipt-changed-plan", 119),
    BYTE("receipt-changed-sum", 150),
    BYTE("receipt-changed-last-sum", 257),
    BYTE("receipt-changed-signature", 300),
    ROW("receipt-of-another-key-id", byte, "260", NULL, 8, "trusted key"),
    ROW("receipt-signed-by-an-unknown-key", by_a_stranger, NULL, NULL, 8,
	"signed, but not by a trusted key"),
    ROW("receipt-signed-by-a-revoked-key", by_a_revoked_key, NULL, NULL, 8,
	"was revoked here"),
    ROW("receipt-signed-by-a-key-for-transfers", by_a_key_for_transfers, NULL,
	NULL, 8, "for transfers, not for receipts"),
    ROW("receipt-signed-by-another-sites-key", by_another_sites_key, NULL, NULL,
	8, "receipts of south are signed by another one"),
    ROW("receipt-signed-without-its-prefix", without_its_prefix, NULL, NULL, 8,
	"what was signed has changed"),
    ROW("receipt-for-another-destination", destination, "east", NULL, 9,
	"is destination south, not east"),
    ROW("receipt-for-no-name", destination, "South", NULL, 9, "south"),
    TYPED("receipt-empty", text, "", NULL, "found nothing"),
    TYPED("receipt-of-other-text", text, "hello", NULL, "begin a receipt"),
    TYPED("receipt-of-its-title", text, "WSUSFERRY RECEIPT\n", NULL, "receipt"),
    TYPED("receipt-of-json", text, "{\"t\":\"receipt\"}", NULL,
	"begin a receipt"),
    TYPED("receipt-of-binary", of_binary, NULL, NULL, "receipt"),
    TYPED("receipt-twice", twice, NULL, NULL, "line"),
    TYPED("receipt-oversize", oversize, NULL, NULL, "at most 16384"),
    TYPED("receipt-lacks-a-line", line, "5", NULL, "line 5"),
    TYPED("receipt-lacks-the-last-line", line, "11", NULL, "line 11"),
    TYPED("receipt-has-a-line-for-another", line, "5", "6", "line 5"),
    TYPED("receipt-mistyped-in-line-1", character, "30", NULL, "line 1"),
    TYPED("receipt-mistyped-in-line-11", character, "580", NULL, "line 11"),
    TYPED("receipt-with-a-letter-of-no-receipt", character, "60", "$", "'$'"),
    TYPED("receipt-with-a-nul", character, "60", "\001", "byte 0x01"),
    TYPED("receipt-truncated-by-a-character", cut, "589", NULL, "line 11"),
    TYPED("receipt-truncated-by-half", cut, "300", NULL, "line"),
    ROW("receipt-absent", absent, NULL, NULL, 2, "no such file"),
    ROW("receipt-of-a-folder", of_a_folder, NULL, NULL, 4, "read"),
};
const size_t hostile_receipt_rows = sizeof(hostile_receipt) /
    sizeof(hostile_receipt[0]);
