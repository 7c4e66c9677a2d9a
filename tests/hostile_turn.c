/* SPDX-License-Identifier: ISC */
/* Hostile rows: whose turn it is: replays, forks, bases, destinations, and
   ledger.tsv.  The store has 3 and 5 of the origin. */
#include "formats/bag.h"
#include "lib/base/err.h"
#include "tests/hostile.h"
#include "tests/t.h"

#define ANOTHER "5b3a9f10-0000-4000-8000-00000000beef"
#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Number a on base b, with the ledger c; the second reader knows no store. */
#define TURN(name, sequence, base, ledger, says)                               \
	{                                                                      \
		name, HOSTILE_MADE, turn, sequence, base, ledger, 9, says,     \
		    HOSTILE_GOOD, HOSTILE_SAME                                 \
	}
/* A ledger that breaks its form. */
#define FORM(name, base, ledger, says)                                         \
	{                                                                      \
		name, HOSTILE_MADE, turn, "7", base, ledger, 3, says, 0,       \
		    HOSTILE_SAME                                               \
	}
#define TAKEN(name, sequence, base, ledger)                                    \
	{                                                                      \
		name, HOSTILE_MADE, turn, sequence, base, ledger,              \
		    HOSTILE_GOOD, NULL, 0, HOSTILE_TAKEN                       \
	}

static void
number(struct hostile *h, const char *sequence)
{
	char id[BAG_WORD + 1];

	bag_info_id(id, "north", strtoull(sequence, NULL, 10));
	stick_label(&h->s, "Wsusferry-Sequence", sequence);
	stick_label(&h->s, "Wsusferry-Transfer", id);
}

/* "$3" and "$5" in it are the identities by which these were imported. */
static void
turn(struct hostile *h)
{
	const struct hostile_row *r = h->row;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	number(h, r->a);
	if (strcmp(r->b, "0") != 0) {
		stick_label(&h->s, "Wsusferry-Base", r->b);
		stick_label(&h->s, "Wsusferry-Requires", "base");
	}
	if (r->c == NULL)
		return;
	for (const char *p = r->c; *p != '\0'; p++)
		if (*p == '$')
			T_CALL(
			    buf_puts(&b, hostile_home()->tag[*++p - '0'], &e),
			    &e);
		else
			T_CALL(buf_put(&b, p, 1, &e), &e);
	stick_put(&h->s, BAG_LEDGER, b.p, b.len);
	buf_free(&b);
}

static void
made_for(struct hostile *h)
{
	stick_label(&h->s, "Wsusferry-Destination", h->row->a);
}

static void
ledger_of_11000(struct hostile *h)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	number(h, "20000");
	for (unsigned i = 1; i <= 11000; i++)
		T_CALL(buf_printf(&b, &e, "%u\t" SHA "\twritten\n", i), &e);
	stick_put(&h->s, BAG_LEDGER, b.p, b.len);
	buf_free(&b);
}

const struct hostile_row hostile_turn[] = {
    TURN("replay-of-a-number", "5", "0", NULL,
	"another north-000005 was imported"),
    TURN("replay-of-a-lower-number", "3", "0", NULL,
	"another north-000003 was imported"),
    TURN("rollback-between", "4", "0", NULL,
	"north-000004 is older than north-000005"),
    TURN("rollback-to-the-first", "1", "0", NULL,
	"north-000001 is older than north-000005"),
    TURN("base-that-was-not-imported", "7", "4",
	"3\t$3\twritten\n4\t" SHA "\twritten\n5\t$5\twritten\n",
	"north-000007 builds on north-000004, which was not imported"),
    TURN("base-that-is-older-than-all", "7", "1",
	"1\t" SHA "\twritten\n3\t$3\twritten\n5\t$5\twritten\n",
	"north-000007 builds on north-000001, which was not imported"),
    TURN("base-not-imported-yet", "9", "8",
	"3\t$3\twritten\n5\t$5\twritten\n8\t" SHA "\twritten\n",
	"north-000009 builds on north-000008, which was not imported"),
    TURN("base-by-another-identity", "7", "5",
	"3\t$3\twritten\n5\t" SHA "\twritten\n",
	"published another north-000005"),
    TURN("base-by-the-identity-of-another", "7", "5",
	"3\t$3\twritten\n5\t$3\twritten\n", "published another north-000005"),
    TURN("base-by-another-identity-resumed", "7", "5", "5\t" SHA "\tresumed\n",
	"published another north-000005"),
    TURN("fork-of-the-last", "7", "0", "3\t$3\twritten\n5\t" SHA "\twritten\n",
	"published another north-000005"),
    TURN("fork-of-an-earlier-one", "7", "0",
	"3\t" SHA "\twritten\n5\t$5\twritten\n",
	"published another north-000003"),
    TURN("fork-that-knows-nothing-of-the-last", "7", "0",
	"3\t$3\twritten\n6\t" SHA "\twritten\n",
	"knows nothing of north-000005"),
    TURN("fork-that-knows-nothing-of-one-between", "7", "5",
	"2\t" SHA "\twritten\n5\t$5\twritten\n",
	"knows nothing of north-000003"),
    TURN("fork-with-identities-exchanged", "7", "0",
	"3\t$5\twritten\n5\t$3\twritten\n", "published another north-000003"),
    TURN("fork-behind-a-resumed-one", "7", "0",
	"3\t" SHA "\tresumed\n5\t" SHA "\twritten\n",
	"published another north-000003"),
    {"made-for-another-store", HOSTILE_MADE, made_for, ANOTHER, NULL, NULL, 9,
	"made for store " ANOTHER, HOSTILE_GOOD, HOSTILE_SAME},
    TAKEN("sequence-far-in-the-future", "9223372036854775807", "0", NULL),
    TAKEN("ledger-that-says-nothing", "7", "0", ""),
    TAKEN("ledger-that-forgot", "7", "0", "6\t" SHA "\twritten\n"),
    FORM("base-without-a-ledger", "5", NULL, "ledger.tsv"),
    FORM("base-that-the-ledger-lacks", "5", "3\t$3\twritten\n", "ledger.tsv"),
    FORM("ledger-of-the-future", "0", "8\t" SHA "\twritten\n", "ledger.tsv"),
    FORM("ledger-of-itself", "0", "7\t" SHA "\twritten\n", "ledger.tsv"),
    FORM("ledger-of-number-0", "0", "0\t" SHA "\twritten\n", "ledger.tsv"),
    FORM("ledger-out-of-order", "0", "5\t$5\twritten\n3\t$3\twritten\n",
	"ledger.tsv"),
    FORM("ledger-line-duplicated", "0", "5\t$5\twritten\n5\t$5\twritten\n",
	"ledger.tsv"),
    FORM("ledger-of-an-unknown-word", "0", "5\t$5\tforgotten\n", "ledger.tsv"),
    FORM("ledger-number-overflow", "0",
	"9223372036854775808\t" SHA "\twritten\n", "ledger.tsv"),
    FORM("ledger-number-of-64-bits-overflows", "0",
	"18446744073709551621\t" SHA "\twritten\n", "ledger.tsv"),
    FORM("ledger-number-padded", "0", "05\t$5\twritten\n", "ledger.tsv"),
    FORM("ledger-digest-too-short", "0", "5\t0123\twritten\n", "ledger.tsv"),
    FORM("ledger-digest-in-capitals", "0",
	"5\tABCDEF0123456789abcdef0123456789"
	"abcdef0123456789abcdef0123456789\twritten\n",
	"ledger.tsv"),
    FORM("ledger-of-blanks", "0", "5 $5 written\n", "ledger.tsv"),
    FORM("ledger-with-a-field-more", "0", "5\t$5\twritten\t\n", "ledger.tsv"),
    FORM("ledger-of-windows-lines", "0", "5\t$5\twritten\r\n", "ledger.tsv"),
    FORM("ledger-cut-short", "0", "5\t$5\twritten", "ledger.tsv"),
    FORM("ledger-of-binary", "0", "\001\002\003\n", "ledger.tsv"),
    {"ledger-oversize", HOSTILE_MADE, ledger_of_11000, NULL, NULL, NULL, 3,
	"ledger.tsv", 0, HOSTILE_SAME},
};
const size_t hostile_turn_rows = sizeof(hostile_turn) / sizeof(hostile_turn[0]);
