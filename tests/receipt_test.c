/* SPDX-License-Identifier: ISC */
#include "formats/receipt.h"

#include "tests/receipt_make.h"
#include "tests/t.h"

static int
read_text(uint8_t raw[RECEIPT_BYTES], const char *text, size_t n, struct err *e)
{
	char *copy = malloc(n == 0 ? 1 : n); /* no byte behind it */
	int r;

	memcpy(copy, text, n);
	r = receipt_read(raw, copy, n, e);
	free(copy);
	return r;
}

T_TEST(what_another_program_wrote_is_read_to_its_fields)
{
	const char *text = receipt_make_text("\n");
	uint8_t raw[RECEIPT_BYTES];
	struct err e = ERR_INIT;
	struct receipt want, r;

	receipt_make(&want);
	T_CALL(read_text(raw, text, strlen(text), &e), &e);
	T_CALL(receipt_unpack(&r, raw, &e), &e);
	T_MEM(&r.origin, &want.origin, sizeof(r.origin));
	T_MEM(&r.store, &want.store, sizeof(r.store));
	T_EQ(r.number, want.number);
	T_EQ(r.sequence, want.sequence);
	T_MEM(r.identity, want.identity, sizeof(r.identity));
	T_EQ(r.seen, want.seen);
	T_MEM(r.head, want.head, sizeof(r.head));
	T_EQ(r.revisions, want.revisions);
	T_EQ(r.files, want.files);
	T_EQ(r.time_s, want.time_s);
	T_EQ(r.gate, want.gate);
	T_EQ(r.gate_day, want.gate_day);
	T_MEM(r.plan, want.plan, sizeof(r.plan));
	T_EQ(r.failures, want.failures);
	T_MEM(r.failed, want.failed, sizeof(r.failed));
	T_MEM(r.rev, want.rev, sizeof(r.rev));
	T_MEM(r.file, want.file, sizeof(r.file));
	T_MEM(r.key, want.key, sizeof(r.key));
	T_MEM(r.sig, want.sig, sizeof(r.sig));
}

T_TEST(it_is_written_as_the_other_program_wrote_it)
{
	uint8_t raw[RECEIPT_BYTES];
	char out[RECEIPT_CHARS + 1];
	struct err e = ERR_INIT;
	struct receipt r;

	receipt_make(&r);
	T_CALL(receipt_pack(&r, raw, &e), &e);
	receipt_write(out, raw, '\n');
	T_EQ(strlen(out), RECEIPT_CHARS);
	T_EQ(strncmp(out, receipt_make_text("\n"), RECEIPT_CHARS), 0);
	receipt_write(out, raw, ' ');
	T_EQ(strncmp(out, receipt_make_text(" "), RECEIPT_CHARS), 0);
	T_EQ(strspn(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -./:"),
	    RECEIPT_CHARS);
}

/* Every bit of a record reaches the text, and comes back. */
T_TEST(any_record_goes_round)
{
	uint8_t raw[RECEIPT_BYTES], back[RECEIPT_BYTES];
	char out[RECEIPT_CHARS + 1];
	struct err e = ERR_INIT;

	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < sizeof(raw); i++)
			raw[i] = (uint8_t)t_random();
		raw[0] = RECEIPT_VERSION;
		receipt_write(out, raw, round % 2 == 0 ? '\n' : ' ');
		T_CALL(read_text(back, out, strlen(out), &e), &e);
		T_MEM(raw, back, sizeof(raw));
	}
}

static void
refused(const char *text, size_t n, enum err_kind k, const char *why)
{
	uint8_t raw[RECEIPT_BYTES];
	struct err e = ERR_INIT;

	T_FAILS(read_text(raw, text, n, &e), &e, k, why);
}

T_TEST(every_truncation_is_an_error)
{
	const char *text = receipt_make_text("\n");

	for (size_t n = 0; n < RECEIPT_CHARS; n++)
		refused(text, n, E_FORMAT, "");
	refused(text, 0, E_FORMAT, "found nothing");
	refused(text, 10, E_FORMAT, "begins with the words");
	refused(text, 17, E_FORMAT, "line 1 is missing");
	refused(text, RECEIPT_CHARS - 1, E_FORMAT,
	    "line 11 has 51 characters, expected 52");
}

/* One character of each place becomes each other one: the place is named. */
T_TEST(a_wrong_character_is_found_in_its_line_and_group)
{
	static const char all[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	char text[1024], why[100];
	size_t at, k, line;

	snprintf(text, sizeof(text), "%s", receipt_make_text("\n"));
	for (at = 18; at < RECEIPT_CHARS; at++) {
		char was = text[at];

		line = (at - 18) / (RECEIPT_LINE + 1);
		k = (at - 18) % (RECEIPT_LINE + 1);
		if (was == '\n')
			continue;
		snprintf(why, sizeof(why), "line %zu, group %zu: found ",
		    line + 1, k / RECEIPT_GROUP + 1);
		for (const char *c = all; *c != '\0'; c++) {
			if (*c == was)
				continue;
			text[at] = *c;
			refused(text, strlen(text), E_FORMAT, why);
		}
		text[at] = was;
	}
	text[18 + 5] = text[18 + 5] == 'G' ? 'H' : 'G';
	refused(text, strlen(text), E_FORMAT,
	    "line 1, group 2: found 2GGK where the check allows 24GK only");
}

/* A record's byte is in one line: no field is out of the code's sight. */
T_TEST(one_damaged_byte_of_each_field_changes_what_is_read)
{
	uint8_t raw[RECEIPT_BYTES], bad[RECEIPT_BYTES], again[RECEIPT_BYTES];
	struct err e = ERR_INIT;
	struct receipt r;

	receipt_make(&r);
	T_CALL(receipt_pack(&r, raw, &e), &e);
	for (size_t i = 1; i < sizeof(raw); i++) {
		memcpy(bad, raw, sizeof(bad));
		bad[i] ^= 0x01;
		if (receipt_unpack(&r, bad, &e) == -1) {
			T_EQ(e.kind, E_FORMAT);
			err_clear(&e);
			continue;
		}
		T_CALL(receipt_pack(&r, again, &e), &e);
		T_MEM(again, bad, sizeof(bad));
	}
}

/* What receipt_make() makes, with one thing changed, and why that is wrong. */
static void
spoil(struct receipt *r, int what)
{
	switch (what) {
	case 0:
		r->store = r->origin;
		break;
	case 1:
		r->number = 0;
		break;
	case 2:
		r->sequence = 0;
		break;
	case 3:
		r->sequence = 3;
		break;
	case 4:
		r->revisions = 0;
		break;
	case 5:
		r->files = 0;
		break;
	case 6:
		r->gate = RECEIPT_NGATES;
		break;
	case 7:
		r->gate_day = 0;
		break;
	case 8:
		r->gate = RECEIPT_GATE_NONE;
		break;
	case 9:
		r->failures = 0;
		break;
	default:
		memset(r->failed, 0, sizeof(r->failed));
		break;
	}
}

T_TEST(fields_that_contradict_each_other_are_refused)
{
	static const char *const why[] = {"exported the transfer itself",
	    "number: expected 1 or more", "sequence: expected 1 or more",
	    "none before number 1", "no revisions are counted",
	    "no files are counted", "gate: expected 0 or 1, found 2",
	    "expected a date", "expected no date", "expected no digest",
	    "expected a digest"};
	uint8_t raw[RECEIPT_BYTES];
	struct err e = ERR_INIT;
	struct receipt r;

	for (int i = 0; i < (int)(sizeof(why) / sizeof(why[0])); i++) {
		receipt_make(&r);
		spoil(&r, i);
		T_FAILS(receipt_pack(&r, raw, &e), &e, E_FORMAT, why[i]);
	}
	receipt_make(&r);
	T_CALL(receipt_pack(&r, raw, &e), &e);
	raw[105] = 2;
	T_FAILS(receipt_unpack(&r, raw, &e), &e, E_FORMAT, "gate: expected");
	raw[105] = 1;
	raw[0] = 2;
	T_FAILS(receipt_unpack(&r, raw, &e), &e, E_FORMAT, "of version 2");
}

/* The last earlier transfer that can be told of is number 1. */
T_TEST(bits_reach_back_to_the_first_transfer_and_no_further)
{
	uint8_t raw[RECEIPT_BYTES];
	struct err e = ERR_INIT;
	struct receipt r;

	receipt_make(&r);
	r.sequence = 33;
	r.seen = UINT32_MAX;
	T_CALL(receipt_pack(&r, raw, &e), &e);
	r.sequence = 32;
	T_FAILS(receipt_pack(&r, raw, &e), &e, E_FORMAT, "below sequence 32");
	r.seen = UINT32_MAX >> 1;
	T_CALL(receipt_pack(&r, raw, &e), &e);
	r.sequence = 1;
	r.seen = 1;
	T_FAILS(receipt_pack(&r, raw, &e), &e, E_FORMAT, "below sequence 1");
	r.seen = 0;
	T_CALL(receipt_pack(&r, raw, &e), &e);
}

T_MAIN
