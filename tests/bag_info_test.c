/* SPDX-License-Identifier: ISC */
#include "formats/bag.h"

#include "lib/base/buf.h"
#include "tests/print.h"
#include "tests/t.h"

#define SELECTION                                                              \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char good[] =
    "Wsusferry-Format: 1\n"
    "Wsusferry-Requires: base media\n"
    "Wsusferry-Transfer: north-000042\n"
    "Wsusferry-Origin: 5b3a9f10-0000-4000-8000-00000000abcd\n"
    "Wsusferry-Site: north\n"
    "Wsusferry-Destination: any\n"
    "Wsusferry-Sequence: 42\n"
    "Wsusferry-Base: 41\n"
    "Wsusferry-Selection: " SELECTION "\n"
    "Wsusferry-Revisions: 4125\n"
    "Wsusferry-Files: 17\n"
    "Wsusferry-Absent: 2\n"
    "Wsusferry-Plan: " SELECTION "\n"
    "Wsusferry-Packer: MSZIP isa-l 2 2.30.0\n"
    "Wsusferry-Created: 2026-01-31T06:07:08Z\n"
    "Bag-Software-Agent: wsusferry 0.1\n"
    "Bag-Count: 1 of 3\n"
    "Payload-Oxum: 123456.19\n";

static int
read_text(struct bag_info *i, const char *text, size_t n, struct err *e)
{
	char *copy = malloc(n + 1);
	int r;

	memcpy(copy, text, n);
	copy[n] = 'x';
	r = bag_info_read(i, copy, n, e);
	free(copy);
	return r;
}

/* The good text with one piece of it replaced. */
static size_t
with(char *out, size_t max, const char *from, const char *to)
{
	const char *at = strstr(good, from);
	int n = snprintf(out, max, "%.*s%s%s", (int)(at - good), good, to,
	    at + strlen(from));

	return (size_t)n;
}

T_TEST(every_label_is_read_and_written_back)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct bag_info i;

	T_CALL(read_text(&i, good, strlen(good), &e), &e);
	T_EQ(i.format, 1);
	T_STR(i.requires, "base media");
	T_OK(bag_info_requires(&i, "base"));
	T_OK(!bag_info_requires(&i, "bas"));
	T_OK(!bag_info_requires(&i, "with"));
	T_STR(i.id, "north-000042");
	T_EQ(i.origin.b[15], 0xcd);
	T_STR(i.site, "north");
	T_STR(i.destination, "any");
	T_EQ(i.sequence, 42);
	T_EQ(i.base, 41);
	T_STR(i.selection, SELECTION);
	T_EQ(i.revisions, 4125);
	T_EQ(i.files, 17);
	T_EQ(i.absent, 2);
	T_STR(i.packer, "MSZIP isa-l 2 2.30.0");
	T_EQ(i.oxum_bytes, 123456);
	T_EQ(i.oxum_files, 19);
	T_EQ(i.bag, 1);
	T_EQ(i.bags, 3);
	T_EQ(i.time, 1769839628);
	T_STR(i.software, "wsusferry 0.1");
	T_CALL(bag_info_write(&i, &b, &e), &e);
	T_STR(buf_str(&b, &e), good);
	buf_free(&b);
}

T_TEST(every_truncation_is_an_error)
{
	struct err e = ERR_INIT;
	struct bag_info i;

	for (size_t n = 0; n < strlen(good); n++) {
		T_EQ(read_text(&i, good, n, &e), -1);
		T_EQ(e.kind, E_FORMAT);
		err_clear(&e);
	}
}

static const struct {
	const char *from, *to, *why;
} rows[] = {
    {"Format: 1", "Format: 2",
	"Wsusferry-Format: 2 needs a newer wsusferry, one that reads format 2"},
    {"Requires: base", "Requires: base teleport",
	"Wsusferry-Requires: 'teleport' needs a newer wsusferry: this one does "
	"not know the word"},
    {"Requires: base media", "Requires: base",
	"Bag-Count: 1 of 3 needs the word 'media' in Wsusferry-Requires"},
    {"1 of 3", "1 of 1", "'media', though Bag-Count is 1 of 1"},
    {"Requires: base", "Requires: origins", "'origins', a transfer that rel"},
    {"Requires: base", "Requires: Base", "'Base' needs a newer wsusferry"},
    {"Requires: base", "Requires: base base", "'base' a second time"},
    {"Requires: base", "Requires: base  base",
	"expected words parted by single spaces, found 'base  base media'"},
    {"Wsusferry-Requires: base media\n", "",
	"Wsusferry-Base: 41 needs the word 'base' in Wsusferry-Requires"},
    {"Base: 41", "Base: 0", "'base', though Wsusferry-Base is 0"},
    {"Format: 1", "Format: 0", "Wsusferry-Format: expected a number from 1"},
    {"Format: 1", "Format: 01", "a number from 1"},
    {"Format: 1", "Format: one", "a number from 1"},
    {"Wsusferry-Format: 1\n", "", "no label Wsusferry-Format"},
    {"Wsusferry-Transfer: north-000042\n", "", "no label Wsusferry-Transfer"},
    {"Bag-Count: 1 of 3\n", "", "no label Bag-Count"},
    {"Payload-Oxum: 123456.19\n", "", "no label Payload-Oxum"},
    {"north-000042", "north-000043", "expected 'north-000042', found"},
    {"north-000042", "north-42", "expected 'north-000042'"},
    {"Origin: 5b3a", "Origin: 5B3A", "Wsusferry-Origin: expected a GUID in"},
    {"Origin: 5b3a", "Origin: 5b3", "Wsusferry-Origin: expected a GUID"},
    {"Site: north", "Site: North", "Wsusferry-Site: expected 1 to 32 of a-z"},
    {"Site: north", "Site: no/th", "Wsusferry-Site: expected"},
    {"Site: north", "Site: south", "expected 'south-000042'"},
    {"Site: north", "Site: north12345678901234567890123456789",
	"Wsusferry-Site: 34 bytes, at most 32"},
    {"Destination: any", "Destination: some", "expected 'any' or a GUID"},
    {"Destination: any", "Destination: 5B3A9f10-0000-4000-8000-00000000abcd",
	"expected 'any' or a GUID"},
    {"Sequence: 42", "Sequence: 0", "Wsusferry-Sequence: counted from 1"},
    {"Sequence: 42", "Sequence: 042", "Wsusferry-Sequence: expected a dec"},
    {"Sequence: 42", "Sequence: -1", "Wsusferry-Sequence: expected a dec"},
    {"Sequence: 42", "Sequence: 9223372036854775808",
	"Wsusferry-Sequence: expected a decimal number"},
    {"Base: 41", "Base: 42", "Wsusferry-Base: expected less than"},
    {"Selection: 0", "Selection: A", "64 lower-case hex digits"},
    {"Plan: 0", "Plan: A", "Wsusferry-Plan: expected 64 lower-case hex digits"},
    {"Plan: 01", "Plan: 1", "Wsusferry-Plan: expected 64 lower-case hex"},
    {"Plan: 0", "Plan: 00", "65 bytes, at most 64"},
    {"Selection: 01", "Selection: 1", "64 lower-case hex digits"},
    {"Selection: 0", "Selection: 00", "65 bytes, at most 64"},
    {"Revisions: 4125", "Revisions: 4,125", "Wsusferry-Revisions: expected"},
    {"Files: 17", "Files: x", "Wsusferry-Files: expected a decimal number"},
    {"Absent: 2", "Absent: 0x2", "Wsusferry-Absent: expected"},
    {"Packer: MSZIP", "Packer: MSZ\xc3\xafP", "expected printable ASCII"},
    {"Created: 2026", "Created: 26", "expected a time as"},
    {"06:07:08Z", "06:07:08.5Z", "expected a time as"},
    {"06:07:08Z", "06:67:08Z", "expected a time as"},
    {"1 of 3", "1/3", "Bag-Count: expected as '1 of 3'"},
    {"1 of 3", "0 of 3", "Bag-Count: expected"},
    {"1 of 3", "4 of 3", "Bag-Count: no medium 4 of 3"},
    {"1 of 3", "1 of ?", "Bag-Count: expected"},
    {"1 of 3", "1 of 10000", "Bag-Count: expected"},
    {"123456.19", "123456", "Payload-Oxum: expected bytes, a dot, files"},
    {"123456.19", ".19", "Payload-Oxum: expected"},
    {"123456.19", "1.", "Payload-Oxum: expected"},
    {"123456.19", "1.2.3", "Payload-Oxum: expected"},
    {"Base: 41\n", "Base: 41\nWsusferry-Base: 41\n",
	"line 9: 'Wsusferry-Base' a second time"},
    {"Bag-Count: 1", "Bag-count: 1", "expected 'Bag-Count', found 'Bag-coun"},
    {"Base: 41\n", "Base: 41\r\n", "without control characters"},
    {"Base: 41\n", "Base: 41 \n", "without control characters or blanks"},
    {"Base: 41\n", "Base:  41\n", "without control characters or blanks"},
    {"Base: 41\n", "Base:41\n", "line 8: expected a colon, one space"},
    {"Base: 41\n", "Base: \n", "without control characters or blanks"},
    {"Base: 41\n", "Base:\n", "expected a colon, one space and a value"},
    {"Base: 41\n", "Base: 41\n\n", "line 9: expected a label and a colon"},
    {"Base: 41\n", "Base: 41\n folded\n", "line 9: expected a label"},
    {"Base: 41\n", "Base: 41\nx y: z\n", "line 9: expected a label"},
    {"Base: 41\n", "Base: 41\nnothing\n", "expected a colon, one space"},
    {"Base: 41\n", "Base: 41\nContact: \xff\n", "without control"},
    {"Base: 41\n", "Base: 41\nContact: a\tb\n", "without control"},
};

T_TEST(one_fault_in_each_label_is_named)
{
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		struct err e = ERR_INIT;
		struct bag_info i;
		char text[2048];
		size_t n = with(text, sizeof(text), rows[k].from, rows[k].to);

		if (read_text(&i, text, n, &e) == 0)
			t_fail(__FILE__, __LINE__, "accepted: %s", rows[k].to);
		if (e.kind != E_FORMAT || !strstr(e.msg, rows[k].why))
			t_fail(__FILE__, __LINE__, "'%s', not '%s'", e.msg,
			    rows[k].why);
	}
}

static const struct {
	const char *from, *to;
} fine[] = {
    {"Base: 41", "Base: 1"},
    {"Destination: any", "Destination: 5b3a9f10-0000-4000-8000-00000000abcd"},
    {"Wsusferry-Packer: MSZIP isa-l 2 2.30.0\n", ""},
    {"Bag-Software-Agent: wsusferry 0.1\n", ""},
    {"Base: 41\n", "Base: 41\nContact-Name: J\xc3\xbcrg\nContact-Name: x\n"},
    {"1 of 3", "9999 of 9999"},
    {"base media", "media base"},
    {"base media", "base media parts"},
    {"123456.19", "9223372036854775807.9223372036854775807"},
};

T_TEST(what_is_allowed_is_read_and_written_alike)
{
	for (size_t k = 0; k < sizeof(fine) / sizeof(fine[0]); k++) {
		struct err e = ERR_INIT;
		struct buf b = BUF_INIT;
		struct bag_info i, again;
		char text[2048];
		size_t n = with(text, sizeof(text), fine[k].from, fine[k].to);

		T_CALL(read_text(&i, text, n, &e), &e);
		T_CALL(bag_info_write(&i, &b, &e), &e);
		T_CALL(bag_info_read(&again, b.p, b.len, &e), &e);
		T_MEM(&again, &i, sizeof(i));
		buf_free(&b);
	}
}

T_TEST(labels_in_another_order_are_read)
{
	struct err e = ERR_INIT;
	struct bag_info i, j;
	char text[2048];
	size_t half = (size_t)(strstr(good, "Wsusferry-Absent") - good);

	snprintf(text, sizeof(text), "%s%.*s", good + half, (int)half, good);
	T_CALL(read_text(&i, good, strlen(good), &e), &e);
	T_CALL(read_text(&j, text, strlen(text), &e), &e);
	T_MEM(&i, &j, sizeof(i));
}

T_TEST(more_than_a_mebibyte_is_refused)
{
	struct err e = ERR_INIT;
	struct bag_info i;
	char *big = malloc(BAG_MAX_TAG + 1);

	memset(big, 'a', BAG_MAX_TAG + 1);
	T_FAILS(bag_info_read(&i, big, BAG_MAX_TAG + 1, &e), &e, E_LIMIT,
	    "1048577 bytes, at most 1048576");
	free(big);
}

T_TEST(the_writer_refuses_what_the_reader_would)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct bag_info i;

	T_CALL(read_text(&i, good, strlen(good), &e), &e);
	i.format = 2;
	T_FAILS(bag_info_write(&i, &b, &e), &e, E_FORMAT, "found 2");
	i.format = 1;
	memcpy(i.requires, "zstd", 5);
	T_FAILS(bag_info_write(&i, &b, &e), &e, E_FORMAT, "'zstd' needs");
	i.requires[0] = '\0';
	T_FAILS(bag_info_write(&i, &b, &e), &e, E_FORMAT, "the word 'base'");
	i.base = 0;
	i.bag = i.bags = 1;
	memcpy(i.packer, "a\nb", 4);
	T_FAILS(bag_info_write(&i, &b, &e), &e, E_FORMAT, "printable");
	i.packer[0] = '\0';
	i.time = -1;
	T_FAILS(bag_info_write(&i, &b, &e), &e, E_FORMAT, "1970");
	i.time = 0;
	i.files = UINT64_MAX;
	T_FAILS(bag_info_write(&i, &b, &e), &e, E_FORMAT, "at most 2^63");
	i.files = 0;
	memcpy(i.reason, "why\n", 5);
	T_FAILS(bag_info_write(&i, &b, &e), &e, E_FORMAT, "Wsusferry-Reason");
	i.reason[0] = '\0';
	T_CALL(bag_info_write(&i, &b, &e), &e);
	buf_free(&b);
}

T_TEST(a_reason_is_prose_of_two_hundred_bytes)
{
	char text[2048], reason[BAG_REASON + 2];
	const char *at = strstr(good, "Wsusferry-Packer");
	struct err e = ERR_INIT;
	struct bag_info i;

	for (unsigned n = BAG_REASON; n <= BAG_REASON + 1; n++) {
		memset(reason, 'x', n);
		reason[n] = '\0';
		memcpy(reason, "M\xc3\xa4rz", 5);
		snprintf(text, sizeof(text), "%.*sWsusferry-Reason: %s\n%s",
		    (int)(at - good), good, reason, at);
		if (n > BAG_REASON) {
			T_FAILS(read_text(&i, text, strlen(text), &e), &e,
			    E_FORMAT,
			    "Wsusferry-Reason: 201 bytes, at most 200");
			break;
		}
		T_CALL(read_text(&i, text, strlen(text), &e), &e);
		T_STR(i.reason, reason);
	}
}

T_TEST(what_does_not_fit_is_not_written_in_part)
{
	struct buf b = BUF_INIT_MAX(40);
	struct err e = ERR_INIT;
	struct bag_info i;

	T_CALL(read_text(&i, good, strlen(good), &e), &e);
	T_FAILS(bag_info_write(&i, &b, &e), &e, E_LIMIT, "");
	buf_free(&b);
}

T_TEST(an_id_has_six_digits_or_more)
{
	char id[BAG_WORD + 1];

	bag_info_id(id, "site", 1);
	T_STR(id, "site-000001");
	bag_info_id(id, "a-b", 1234567);
	T_STR(id, "a-b-1234567");
	bag_info_id(id, "abcdefghijklmnopqrstuvwxyz012345", UINT64_MAX);
	T_STR(id, "abcdefghijklmnopqrstuvwxyz012345-18446744073709551615");
}

T_TEST(people_are_told_one_fact_a_line)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct sink s;
	struct bag_info i;

	sink_buf(&s, &b);
	T_CALL(read_text(&i, good, strlen(good), &e), &e);
	T_CALL(bag_info_print(&i, &s, &e), &e);
	T_STR(buf_str(&b, &e),
	    "transfer     north-000042\n"
	    "created      2026-01-31T06:07:08Z\n"
	    "origin       north (5b3a9f10-0000-4000-8000-00000000abcd)\n"
	    "destination  any\n"
	    "sequence     42\n"
	    "base         41\n"
	    "medium       1 of 3\n"
	    "revisions    4125\n"
	    "files        17, absent 2\n"
	    "payload      123456 bytes in 19 files on this medium\n"
	    "software     wsusferry 0.1\n");
	buf_free(&b);
}

T_MAIN
