/* SPDX-License-Identifier: ISC */
/* Receipts as people type, paste and scan them. */
#include <ctype.h>

#include "formats/receipt.h"
#include "lib/base/buf.h"
#include "tests/receipt_make.h"
#include "tests/t.h"

static void
reads(const char *text)
{
	uint8_t raw[RECEIPT_BYTES], want[RECEIPT_BYTES];
	struct err e = ERR_INIT;
	struct receipt r;

	receipt_make(&r);
	T_CALL(receipt_pack(&r, want, &e), &e);
	T_CALL(receipt_read(raw, text, strlen(text), &e), &e);
	T_MEM(raw, want, sizeof(raw));
}

static void
refused(const char *text, const char *why)
{
	uint8_t raw[RECEIPT_BYTES];
	struct err e = ERR_INIT;

	T_FAILS(receipt_read(raw, text, strlen(text), &e), &e, E_FORMAT, why);
}

T_TEST(line_ends_of_any_kind_will_do)
{
	char text[1100];

	reads(receipt_make_text("\r\n"));
	reads(receipt_make_text("\r"));
	reads(receipt_make_text(" "));
	reads(receipt_make_text(" \t \n\n"));
	reads(receipt_make_text(""));
	snprintf(
	    text, sizeof(text), "\xef\xbb\xbf%s", receipt_make_text("\r\n"));
	reads(text);
	snprintf(text, sizeof(text), "\n  %s \n\n", receipt_make_text("\n"));
	reads(text);
}

/* 0 as o, 1 as i or l, V as u, in small letters, a blank after each four. */
T_TEST(letters_that_look_alike_are_read_alike)
{
	const char *from = receipt_make_text("\n");
	char text[2048];
	size_t n = 0, i;

	for (i = 0; from[i] != '\0'; i++) {
		char c = (char)tolower((unsigned char)from[i]);

		if (i > 17 && c == '0')
			c = "oO0"[i % 3];
		if (i > 17 && c == '1')
			c = "iIlL1"[i % 5];
		if (i > 17 && c == 'v')
			c = "uU"[i % 2];
		text[n++] = c;
		if (i % 4 == 0)
			text[n++] = "- \t\n"[i / 4 % 4];
	}
	text[n] = '\0';
	reads(text);
}

/* As wsusferry-list receipt shows it. */
T_TEST(numbers_before_lines_are_for_people)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	for (int i = 0; i <= RECEIPT_LINES; i++) {
		if (i != 0)
			T_CALL(buf_printf(&b, &e, "%2d: ", i), &e);
		T_CALL(buf_printf(&b, &e, "%s\n", receipt_make_lines[i]), &e);
	}
	reads(buf_str(&b, &e));
	buf_free(&b);
	refused("WSUSFERRY RECEIPT\n048:", "':' is no character of a receipt");
	refused("WSUSFERRY RECEIPT\nA:", "line 2, column 2 of the text: ':'");
	refused("WSUSFERRY RECEIPT\n1:2:34:", "':' is no character");
	refused("WSUSFERRY RECEIPT\n:", "':' is no character");
}

/* The lines in this order; 0 ends it. */
static const char *
in_order(const int order[])
{
	static char text[2048];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "%s\n", receipt_make_lines[0]);
	for (; *order != 0; order++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n",
		    receipt_make_lines[*order]);
	return text;
}

T_TEST(a_line_in_anothers_place_is_named)
{
	refused(in_order((int[]){1, 2, 4, 3, 5, 6, 7, 8, 9, 10, 11, 0}),
	    "line 3 stands behind line 4");
	refused(in_order((int[]){1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 0}),
	    "line 3 is missing");
	refused(in_order((int[]){2, 3, 4, 5, 6, 7, 8, 9, 10, 0}),
	    "line 1 is missing; line 11 is missing");
	refused(in_order((int[]){1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0}),
	    "line 3 stands twice");
	refused(in_order((int[]){1, 0}), "line 5 is missing; and 6 more");
	refused(in_order((int[]){0}), "line 1 is missing");
}

/* A text with something put in or taken out at a character of a line. */
static const char *
with(unsigned line, unsigned at, unsigned less, const char *more)
{
	static char text[2048];
	size_t n = 0;

	for (unsigned i = 0; i <= RECEIPT_LINES; i++) {
		const char *l = receipt_make_lines[i];

		if (i == line)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%.*s%s%s\n", (int)at, l, more, l + at + less);
		else
			n += (size_t)snprintf(
			    text + n, sizeof(text) - n, "%s\n", l);
	}
	return text;
}

T_TEST(a_character_too_few_or_too_many_is_in_a_line)
{
	refused(with(4, 20, 1, ""), "line 4 has 51 characters, expected 52");
	refused(with(4, 20, 0, "A"), "line 4 has 53 characters, expected 52");
	refused(with(1, 0, 1, ""), "line 1 has 51 characters");
	refused(with(11, 51, 0, "77"), "line 11 has 54 characters");
	refused(with(11, 52, 0, "A"), "1 character behind line 11 belong");
	refused(with(0, 17, 0, "\n7"), "1 character behind line 0 belong");
}

T_TEST(what_was_exchanged_or_mistyped_is_told)
{
	/* 048124GK... */
	refused(with(1, 1, 2, "84"),
	    "line 1: characters 2 and 3 (84, group 1) are exchanged");
	refused(with(1, 2, 2, "18"),
	    "line 1: characters 3 and 4 (18, group 1) are exchanged");
	refused(with(1, 0, 8, "00000000"),
	    "line 1: more than one character is wrong");
}

/* Of two lines that are wrong both are named. */
T_TEST(faults_of_several_lines_are_told_together)
{
	char text[2048];

	snprintf(text, sizeof(text), "%s", with(2, 0, 1, "6"));
	memcpy(strstr(text, receipt_make_lines[9]), "Z", 1);
	refused(text,
	    "line 2, group 1: found 6MQ2 where the check allows 5MQ2 "
	    "only; line 9, group 1: found ZGE1");
}

T_TEST(other_text_is_refused_in_clear_words)
{
	char text[2048];

	refused("Dear all,\nhere it is:\n",
	    "'D' stands where the words "
	    "'WSUSFERRY RECEIPT' begin");
	refused("WSUSFERRY-2", "'2' stands where");
	snprintf(text, sizeof(text), "> %s", receipt_make_text("\n> "));
	refused(text, "'>' stands where");
	snprintf(text, sizeof(text), "%sBest regards, the far side\n",
	    receipt_make_text("\n"));
	refused(text, "line 13, column 13 of the text: ',' is no character");
	snprintf(text, sizeof(text), "%sregards\n", receipt_make_text("\n"));
	refused(text, "7 characters behind line 11 belong to no line");
	snprintf(text, sizeof(text), "%s", receipt_make_text("\n"));
	text[100] = '\xc3';
	refused(text, "byte 0xc3 is no character of a receipt");
	text[100] = '\0';
	{
		uint8_t raw[RECEIPT_BYTES];
		struct err e = ERR_INIT;

		T_FAILS(receipt_read(raw, text, RECEIPT_CHARS, &e), &e,
		    E_FORMAT, "byte 0x00 is no character");
		T_FAILS(receipt_read(raw, text, RECEIPT_MAX_TEXT + 1, &e), &e,
		    E_LIMIT, "at most");
	}
}

T_TEST(two_receipts_are_one_too_many)
{
	char text[2048];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "%s", receipt_make_text("\n"));
	snprintf(
	    text + n, sizeof(text) - n, "%s", receipt_make_text("\n") + 18);
	refused(text, "line 1 stands twice");
	snprintf(text + n, sizeof(text) - n, "%s", receipt_make_text("\n"));
	refused(text, "is beyond the end of a receipt");
}

/* Line 1 keeps its form in later versions, so that they can be told. */
T_TEST(a_later_version_is_told_before_anything_else)
{
	uint8_t raw[RECEIPT_BYTES] = {2};
	char out[RECEIPT_CHARS + 1];

	receipt_write(out, raw, '\n');
	refused(out, "a receipt of version 2; this program reads 1");
	out[18 + 53] = '\0';
	refused(out, "a receipt of version 2");
	raw[0] = 0;
	receipt_write(out, raw, '\n');
	refused(out, "a receipt of version 0");
}

T_MAIN
