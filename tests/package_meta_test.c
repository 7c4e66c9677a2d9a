/* SPDX-License-Identifier: ISC */
#include "formats/package.h"

#include "lib/base/buf.h"
#include "tests/t.h"

/* What was told, as text and digest-like sums, and how. */
struct told {
	unsigned n;
	uint64_t lf_only, nrecords;
	struct package_record last;
	struct buf back; /* written again */
	bool refuse;
};

static int
record(void *arg, const struct package_record *rec, struct err *e)
{
	struct told *t = arg;
	char head[PACKAGE_META_HEAD + 1];

	if (t->refuse)
		return err_set(e, E_MISSING, "not wanted");
	t->n++;
	t->last = *rec;
	package_meta_head(head, &rec->id, rec->revision, rec->units);
	if (buf_puts(&t->back, head, e) == -1 ||
	    buf_put(&t->back, rec->doc, rec->len, e) == -1)
		return -1;
	return buf_puts(&t->back, "\r\n", e);
}

/* Read in portions of step bytes, each in memory of its own. */
static int
read_by(struct told *t, const void *text, size_t n, size_t step,
    const struct package_limits *lim, struct err *e)
{
	struct package_meta *m = NULL;
	int r = -1;

	if (package_meta_open(&m, record, t, lim, e) == -1)
		goto out;
	for (size_t at = 0; at < n;) {
		size_t k = n - at < step ? n - at : step;
		uint8_t *p = malloc(k);

		memcpy(p, (const char *)text + at, k);
		r = sink_write(package_meta_sink(m), p, k, e);
		free(p);
		if (r == -1)
			goto out;
		at += k;
	}
	r = package_meta_finish(m, &t->nrecords, &t->lf_only, e);
out:
	package_meta_close(m);
	return r;
}

static void
told_init(struct told *t)
{
	const struct buf empty = BUF_INIT;

	memset(t, 0, sizeof(*t));
	t->back = empty;
}

#define ID1 "0a000000-0000-4000-8000-000000000001"
#define DOC1 "<u:Update xmlns:u=\"x\">\n A\xc3\xa9\xf0\x9f\x98\x80</u:Update>"
#define REC1 ID1 ",00000001,00000027," DOC1 "\r\n"
#define ID2 "0d000000-0000-4000-8000-000000000004"
#define REC2 ID2 ",000000c8,00000009,<a>\r\n</a>\r\n"
#define TWO REC1 REC2

static void
refuses(const char *text, size_t n, uint64_t at, const char *why)
{
	struct err e = ERR_INIT;
	struct told t;

	for (size_t step = 1; step <= n; step += step < 8 ? 1 : n) {
		told_init(&t);
		if (read_by(&t, text, n, step, NULL, &e) == -1)
			T_EQ(e.at, at);
		else
			t_fail(__FILE__, __LINE__, "accepted: %s", why);
		if (e.kind != E_FORMAT || strstr(e.msg, why) == NULL)
			t_fail(
			    __FILE__, __LINE__, "'%s', not '%s'", e.msg, why);
		err_clear(&e);
		buf_free(&t.back);
	}
}

T_TEST(the_record_of_99_bytes_is_39_units_and_42_bytes)
{
	struct err e = ERR_INIT;
	struct told t;

	told_init(&t);
	T_EQ(strlen(REC1), 99);
	T_CALL(read_by(&t, REC1, 99, 99, NULL, &e), &e);
	T_EQ(t.n, 1);
	T_EQ(t.nrecords, 1);
	T_EQ(t.lf_only, 0);
	T_EQ(t.last.units, 39);
	T_EQ(t.last.len, 42);
	T_EQ(t.last.revision, 1);
	T_EQ(t.last.off, 0);
	T_MEM(t.back.p, REC1, 99);
	buf_free(&t.back);
}

T_TEST(portions_of_any_size_give_the_same_records)
{
	struct err e = ERR_INIT;
	struct told t;
	size_t n = strlen(TWO);

	for (size_t step = 1; step <= n; step++) {
		told_init(&t);
		T_CALL(read_by(&t, TWO, n, step, NULL, &e), &e);
		T_EQ(t.n, 2);
		T_EQ(t.last.revision, 200);
		T_EQ(t.last.off, 99);
		T_EQ(t.back.len, n);
		T_MEM(t.back.p, TWO, n);
		buf_free(&t.back);
	}
}

T_TEST(a_split_at_every_boundary_gives_the_same_records)
{
	struct err e = ERR_INIT;
	size_t n = strlen(TWO);

	for (size_t cut = 0; cut <= n; cut++) {
		struct package_meta *m;
		struct sink *s;
		struct told t;

		told_init(&t);
		T_CALL(package_meta_open(&m, record, &t, NULL, &e), &e);
		s = package_meta_sink(m);
		T_CALL(sink_write(s, TWO, cut, &e), &e);
		T_CALL(sink_write(s, &TWO[cut], n - cut, &e), &e);
		T_CALL(package_meta_finish(m, NULL, NULL, &e), &e);
		package_meta_close(m);
		T_EQ(t.back.len, n);
		T_MEM(t.back.p, TWO, n);
		buf_free(&t.back);
	}
}

T_TEST(a_record_within_one_portion_is_given_in_place)
{
	struct err e = ERR_INIT;
	struct package_meta *m;
	struct told t;
	const char *text = TWO;

	told_init(&t);
	T_CALL(package_meta_open(&m, record, &t, NULL, &e), &e);
	T_CALL(sink_write(package_meta_sink(m), text, strlen(text), &e), &e);
	T_OK((const char *)t.last.doc == text + 99 + PACKAGE_META_HEAD);
	package_meta_close(m);
	buf_free(&t.back);
}

T_TEST(no_record_at_all_is_an_empty_file)
{
	struct err e = ERR_INIT;
	struct told t;

	told_init(&t);
	T_CALL(read_by(&t, "", 0, 1, NULL, &e), &e);
	T_EQ(t.nrecords, 0);
	T_CALL(read_by(&t, "\xef\xbb\xbf", 3, 1, NULL, &e), &e);
	T_EQ(t.nrecords, 0);
}

T_TEST(a_byte_order_mark_and_upper_case_are_taken)
{
	struct err e = ERR_INIT;
	struct told t;
	static const char text[] =
	    "\xef\xbb\xbf"
	    "0D000000-0000-4000-8000-00000000000F,000000C8,0000000A,<a>xyz</"
	    "a>\r\n";

	told_init(&t);
	T_CALL(read_by(&t, text, sizeof(text) - 1, 2, NULL, &e), &e);
	T_EQ(t.last.off, 3);
	T_EQ(t.last.revision, 200);
	T_EQ(t.last.units, 10);
	buf_free(&t.back);
}

T_TEST(lines_that_end_in_lf_alone_are_counted)
{
	struct err e = ERR_INIT;
	struct told t;
	static const char text[] = ID1 ",00000001,00000004,<a/>\n" REC2 ID1
				       ",00000002,00000004,<a/>\n";

	for (size_t step = 1; step <= sizeof(text); step++) {
		told_init(&t);
		T_CALL(read_by(&t, text, sizeof(text) - 1, step, NULL, &e), &e);
		T_EQ(t.nrecords, 3);
		T_EQ(t.lf_only, 2);
		T_EQ(t.last.len, 4);
		buf_free(&t.back);
	}
}

T_TEST(every_truncation_is_an_error_that_says_where)
{
	struct err e = ERR_INIT;
	size_t n = strlen(TWO);

	for (size_t len = 1; len < n; len++)
		for (size_t step = 1; step <= n; step += n - 1) {
			struct told t;

			told_init(&t);
			if (len == strlen(REC1)) {
				T_CALL(
				    read_by(&t, TWO, len, step, NULL, &e), &e);
			} else {
				T_EQ(read_by(&t, TWO, len, step, NULL, &e), -1);
				T_EQ(e.at, len);
				T_OK(strstr(e.msg, "cut short") != NULL);
				T_EQ(e.kind, E_FORMAT);
			}
			err_clear(&e);
			buf_free(&t.back);
		}
	refuses(REC2, strlen(REC2) - 1, strlen(REC2) - 1,
	    "record 1: cut short in its line end");
	refuses(TWO, 120, 120, "record 2: cut short in its 55 bytes");
	refuses(TWO, 90, 90, "record 1: cut short in its document");
	refuses("\xef\xbb", 2, 2, "cut short in its byte order mark");
}

static const struct {
	const char *text;
	uint64_t at;
	const char *why;
} damaged[] = {
    {"xa000000-0000-4000-8000-000000000001,00000001,00000004,<a/>\r\n", 0,
	"record 1: expected a GUID, found 'xa000000-0000"},
    {"0a000000-0000-4000-8000-00000000000g,00000001,00000004,<a/>\r\n", 0,
	"expected a GUID"},
    {"0a000000+0000-4000-8000-000000000001,00000001,00000004,<a/>\r\n", 0,
	"expected a GUID"},
    {ID1 ";00000001,00000004,<a/>\r\n", 36,
	"GUID: expected a comma, found byte 0x3b"},
    {ID1 ",0000000x,00000004,<a/>\r\n", 37,
	"revision: expected 8 hex digits, found '0000000x'"},
    {ID1 ",00000001 00000004,<a/>\r\n", 45,
	"revision: expected a comma, found byte 0x20"},
    {ID1 ",00000001,+0000004,<a/>\r\n", 46,
	"length: expected 8 hex digits, found '+0000004'"},
    {ID1 ",00000001,00000004;<a/>\r\n", 54, "length: expected a comma"},
    {ID1 ",00000001,00000000,\r\n" REC2, 46, "length: an empty document"},
    {ID1 ",00000001,00000003,<a/>\r\n", 58,
	"expected CR LF after 3 UTF-16 units, found byte 0x3e"},
    {ID1 ",00000001,00000005,<a/>\r\n", 59,
	"length: CR LF after 4 UTF-16 units, expected after 5"},
    {ID1 ",00000001,00000004,<a/>\r\r\n", 60, "expected LF after 4"},
    {ID1 ",00000001,00000004,<a/>\r\nx", 62, "cut short in its 55 bytes"},
    {ID1 ",00000001,00000004,<a/>\r\n\r\n", 63, "cut short in its 55"},
    {"\xef\xbb" REC2, 2, "expected a byte order mark or a record"},
    {"\xefxx" REC2, 1, "expected a byte order mark or a record"},
};

T_TEST(one_damaged_byte_in_each_field_is_named)
{
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++)
		refuses(damaged[i].text, strlen(damaged[i].text), damaged[i].at,
		    damaged[i].why);
}

static const struct {
	const char *doc;
	size_t at; /* bytes into the document */
	const char *why;
} malformed[] = {
    {"ab\xed\xa0\xbd\xed\xb8\x80xyz", 2, "malformed UTF-8 (byte 0xed)"},
    {"ab\xed\xb8\x80xyz1234", 2, "malformed UTF-8 (byte 0xed)"},
    {"a\xe1\x80xyz1234567", 1, "malformed UTF-8 (byte 0xe1)"},
    {"a\xe1xyz123456789", 1, "malformed UTF-8 (byte 0xe1)"},
    {"a\xd0xyz123456789", 1, "malformed UTF-8 (byte 0xd0)"},
    {"abc\x80xyz123456", 3, "malformed UTF-8 (byte 0x80)"},
    {"\xc0\xafxyz123456789", 0, "malformed UTF-8 (byte 0xc0)"},
    {"\xe0\x80\x80xyz12345678", 0, "malformed UTF-8 (byte 0xe0)"},
    {"\xf0\x80\x80\x80xyz12345678", 0, "malformed UTF-8 (byte 0xf0)"},
    {"\xf4\x90\x80\x80xyz12345678", 0, "malformed UTF-8 (byte 0xf4)"},
    {"\xf5\x80\x80\x80xyz12345678", 0, "malformed UTF-8 (byte 0xf5)"},
    {"\xff"
     "0123456789abcdef",
	0, "malformed UTF-8 (byte 0xff)"},
    {"\xc3"
     "0123456789abcdef",
	0, "malformed UTF-8 (byte 0xc3)"},
    {"abcdefg\xf0\x9f\x98\x80z", 7, "8 UTF-16 units end within a surrogate"},
};

T_TEST(malformed_utf8_and_surrogates_are_refused)
{
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "%s,00000001,00000008,%s\r\n", ID1,
		    malformed[i].doc);
		refuses(text, strlen(text), PACKAGE_META_HEAD + malformed[i].at,
		    malformed[i].why);
	}
}

/* Characters of all lengths at every place of a block of the fast path. */
T_TEST(wide_characters_anywhere_are_counted_right)
{
	static const char *const ch[] = {"\x7f", "\xc2\x80", "\xdf\xbf",
	    "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd",
	    "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};

	for (size_t i = 0; i < sizeof(ch) / sizeof(ch[0]); i++)
		for (int before = 0; before < 70; before++) {
			struct err e = ERR_INIT;
			struct told t;
			char doc[256], text[512];
			uint64_t units;

			told_init(&t);
			snprintf(doc, sizeof(doc), "%.*s%s%s%.*s", before,
			    "0123456789012345678901234567890123456789"
			    "0123456789012345678901234567890123456789",
			    ch[i], ch[i], before / 2,
			    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop");
			units = utf8_units((const uint8_t *)doc, strlen(doc));
			snprintf(text, sizeof(text), "%s,00000001,%08x,%s\r\n",
			    ID1, (unsigned)units, doc);
			T_CALL(read_by(&t, text, strlen(text), 7 + i, NULL, &e),
			    &e);
			T_EQ(t.last.len, strlen(doc));
			T_EQ(t.back.len, strlen(text));
			buf_free(&t.back);
		}
}

T_TEST(limits_are_kept)
{
	struct err e = ERR_INIT;
	struct package_limits lim = package_default_limits;
	struct told t;

	told_init(&t);
	lim.max_units = 38;
	T_FAILS(read_by(&t, REC1, 99, 99, &lim, &e), &e, E_LIMIT,
	    "record 1: length: 39 UTF-16 units, at most 38");
	lim.max_units = 39;
	T_CALL(read_by(&t, REC1, 99, 1, &lim, &e), &e);
	lim.max_records = 1;
	T_FAILS(read_by(&t, TWO, strlen(TWO), 50, &lim, &e), &e, E_LIMIT,
	    "more than 1 records");
	buf_free(&t.back);
	/* A length of 64 Mi units takes no memory before its bytes come. */
	told_init(&t);
	T_FAILS(read_by(&t, ID1 ",00000001,04000000,<a/>", 59, 59, NULL, &e),
	    &e, E_FORMAT, "cut short in its document");
	T_FAILS(read_by(&t, ID1 ",00000001,04000001,<a/>", 59, 59, NULL, &e),
	    &e, E_LIMIT, "67108865 UTF-16 units, at most 67108864");
	T_FAILS(read_by(&t, ID1 ",00000001,ffffffff,<a/>", 59, 59, NULL, &e),
	    &e, E_LIMIT, "4294967295 UTF-16 units");
	buf_free(&t.back);
}

T_TEST(what_the_handler_fails_with_is_kept)
{
	struct err e = ERR_INIT;
	struct told t;

	told_init(&t);
	t.refuse = true;
	T_FAILS(read_by(&t, REC1, 99, 99, NULL, &e), &e, E_MISSING,
	    "record 1: not wanted");
}

T_TEST(after_a_fault_nothing_more_is_taken)
{
	struct err e = ERR_INIT;
	struct package_meta *m;
	struct told t;

	told_init(&t);
	T_CALL(package_meta_open(&m, record, &t, NULL, &e), &e);
	T_EQ(sink_write(package_meta_sink(m),
		 "x0000000-0000-4000-8000-00000000000100000010,00001,,<a/>", 56,
		 &e),
	    -1);
	err_clear(&e);
	T_FAILS(sink_write(package_meta_sink(m), REC1, 99, &e), &e, E_FORMAT,
	    "after a fault");
	T_FAILS(package_meta_finish(m, NULL, NULL, &e), &e, E_FORMAT, "fault");
	package_meta_close(m);
	package_meta_close(NULL);
	buf_free(&t.back);
}

T_TEST(the_head_is_55_bytes_in_lower_case)
{
	char head[PACKAGE_META_HEAD + 1];
	struct guid id;

	T_OK(guid_read(&id, "E6CF1350-C01B-414D-A61F-263D14D133B4", 36));
	package_meta_head(head, &id, 0xdeadbeef, 0x1cae);
	T_STR(head, "e6cf1350-c01b-414d-a61f-263d14d133b4,deadbeef,00001cae,");
}

T_MAIN
