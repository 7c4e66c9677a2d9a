/* SPDX-License-Identifier: ISC */
/* Documents out of text and out of cabinets, sound and broken. */
#include "formats/cab.h"
#include "lib/base/buf.h"
#include "tests/cab_make.h"
#include "tests/lzx_raw.h"
#include "tests/serversync_note.h"
#include "tests/t.h"

#define UTF16(s) s, sizeof(s) - 1

/* Used for all, as in a program. */
static struct ss_reader *
reader(void)
{
	static struct ss_reader *r;
	struct err e = ERR_INIT;

	if (r == NULL)
		T_CALL(serversync_reader_open(&r, &e), &e);
	return r;
}

static int
doc_of(enum ss_blob blob, const void *p, size_t n, struct buf *doc,
    const char **encoding, struct err *e)
{
	const struct ss_item it = {.blob = blob, .p = p, .n = n};

	buf_reset(doc);
	return serversync_doc(reader(), &it, doc, encoding, e);
}

static void
gives(enum ss_blob blob, const void *p, size_t n, const char *want,
    const char *encoding)
{
	struct buf doc = BUF_INIT;
	struct err e = ERR_INIT;
	const char *found;

	T_CALL(doc_of(blob, p, n, &doc, &found, &e), &e);
	T_STR(buf_str(&doc, &e), want);
	T_STR(found, encoding);
	buf_free(&doc);
}

static void
refused(enum ss_blob blob, const void *p, size_t n, enum err_kind kind,
    const char *why)
{
	struct buf doc = BUF_INIT;
	struct err e = ERR_INIT;
	const char *found;

	T_FAILS(doc_of(blob, p, n, &doc, &found, &e), &e, kind, why);
	T_EQ(doc.len, 0);
	buf_free(&doc);
}

/* The same inside of a cabinet. */
static void
cab_gives(const void *p, size_t n, const char *want, const char *encoding)
{
	struct buf cab = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(lzx_raw_cab(&cab, p, n, 1, "blob", &e), &e);
	gives(SS_BLOB_CAB, cab.p, cab.len, want, encoding);
	buf_free(&cab);
}

static void
cab_refused(const void *p, size_t n, const char *why)
{
	struct buf cab = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(lzx_raw_cab(&cab, p, n, 1, "blob", &e), &e);
	refused(SS_BLOB_CAB, cab.p, cab.len, E_FORMAT, why);
	buf_free(&cab);
}

/* --- text --- */

T_TEST(text_is_the_document_as_it_stands)
{
	static const struct {
		const char *text, *doc;
	} rows[] = {
	    {"<a/>", "<a/>"},
	    {"<a>\xc2\xa0\r\n</a>\n", "<a>\xc2\xa0\r\n</a>\n"},
	    {"\xef\xbb\xbf<a/>", "<a/>"},
	    {"<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n <a/>", "<a/>"},
	    {"\xef\xbb\xbf<?xml version='1.0'?><a/>", "<a/>"},
	    {"<?xml-stylesheet x?><a/>", "<?xml-stylesheet x?><a/>"},
	    {"<?xml ", "<?xml "},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		gives(SS_BLOB_PLAIN, rows[i].text, strlen(rows[i].text),
		    rows[i].doc, "utf-8");
}

T_TEST(no_document_is_refused)
{
	refused(SS_BLOB_NONE, NULL, 0, E_FORMAT, "no document, expected one");
	refused(SS_BLOB_PLAIN, "", 0, E_FORMAT, "the document is empty");
	refused(SS_BLOB_PLAIN, "\xef\xbb\xbf", 3, E_FORMAT, "is empty");
	refused(
	    SS_BLOB_PLAIN, "<?xml version='1.0'?>\n", 22, E_FORMAT, "is empty");
	refused(SS_BLOB_PLAIN, "x", SS_MAX_DOC + 1, E_LIMIT,
	    "document of 134217729 bytes, at most 134217728");
}

T_TEST(text_that_is_not_utf8_is_refused)
{
	refused(SS_BLOB_PLAIN, "<a\xff/>", 5, E_FORMAT,
	    "document: byte 0xff, expected UTF-8");
	refused(SS_BLOB_PLAIN, "<\xed\xa0\x80>", 5, E_FORMAT, "byte 0xed");
	cab_refused("<a\xe4/>", 5, "byte 0xe4, expected UTF-8");
}

/* --- cabinets --- */

T_TEST(a_cabinet_holds_utf16_or_8_bit_text)
{
	cab_gives(UTF16("<\0a\0/\0>\0"), "<a/>", "utf-16le");
	cab_gives(UTF16("\xff\xfe<\0a\0/\0>\0"), "<a/>", "utf-16le");
	cab_gives(UTF16("<a/>"), "<a/>", "utf-8");
	cab_gives(UTF16("<ab/>"), "<ab/>", "utf-8"); /* odd */
	cab_gives(UTF16("\xef\xbb\xbf<a/>"), "<a/>", "utf-8");
	cab_gives(UTF16("<\0?\0x\0m\0l\0 \0?\0>\0\n\0<\0a\0/\0>\0"), "<a/>",
	    "utf-16le");
}

T_TEST(every_kind_of_character_is_converted)
{
	cab_gives(UTF16("<\0\x7f\0\x80\0\xff\x07\x00\x08\xff\xd7\x00\xe0\xff"
			"\xff\x00\xd8\x00\xdc\xff\xdb\xff\xdf"),
	    "<\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80"
	    "\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	    "utf-16le");
}

T_TEST(unpaired_surrogates_are_refused)
{
	cab_refused(UTF16("<\0a\0\x00\xd8"),
	    "document: surrogate d800, expected a pair");
	cab_refused(UTF16("<\0a\0\xff\xdb"), "surrogate dbff");
	cab_refused(UTF16("<\0a\0\x00\xdc<\0"), "surrogate dc00");
	cab_refused(UTF16("<\0a\0\x01\xdc\x02\xdc"), "surrogate dc01");
	cab_refused(UTF16("<\0a\0\x00\xd8\x00\xd8"), "surrogate d800");
	cab_refused(UTF16("<\0a\0\x00\xd8\x00\xe0"), "surrogate d800");
	cab_refused(UTF16("<\0a\0\x01\xd8\x41\0\x00\xdc"), "surrogate d801");
}

T_TEST(other_encodings_are_refused)
{
	cab_refused(UTF16("\xfe\xff\0<\0a"),
	    "document in UTF-16BE, expected UTF-16LE or UTF-8");
	cab_refused(UTF16("\0<\0a\0/\0>"), "document in UTF-16BE");
	cab_refused(UTF16("<\0a\0>"), "5 bytes, expected UTF-16 of pairs");
	cab_refused(UTF16("\xff\xfe"), "the document is empty");
}

/* Several blocks, the last one short; n ASCII characters. */
static void
long_text(struct buf *utf16, struct buf *text, size_t n)
{
	struct err e = ERR_INIT;
	char pair[2] = {0};

	for (size_t i = 0; i < n; i++) {
		pair[0] = (char)('a' + i % 23);
		T_CALL(buf_put(utf16, pair, 2, &e), &e);
		T_CALL(buf_put(text, pair, 1, &e), &e);
	}
	T_OK(buf_str(text, &e) != NULL);
}

T_TEST(long_documents_fill_several_blocks)
{
	static const size_t sizes[] = {16383, 16384, 16385, 100000};
	struct buf utf16 = BUF_INIT, text = BUF_INIT;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		buf_reset(&utf16);
		buf_reset(&text);
		long_text(&utf16, &text, sizes[i]);
		cab_gives(utf16.p, utf16.len, (char *)text.p, "utf-16le");
	}
	buf_free(&utf16);
	buf_free(&text);
}

T_TEST(other_ways_of_packing_are_read)
{
	static const char text[] = "<\0a\0/\0>\0";
	const struct make_file file = {"..\\..\\name", 8, 0, 0};
	const struct make_folder folder = {text, 8, 3, CAB_NONE};
	const struct make_cab stored = {&folder, 1, &file, 1, 4, 0, 3};
	struct buf cab = BUF_INIT;

	make_cab(&cab, &stored);
	gives(SS_BLOB_CAB, cab.p, cab.len, "<a/>", "utf-16le");
	buf_free(&cab);
}

T_TEST(exactly_one_file_is_expected)
{
	struct buf cab = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(lzx_raw_cab(&cab, UTF16("<\0a\0/\0>\0"), 2, "blob", &e), &e);
	refused(SS_BLOB_CAB, cab.p, cab.len, E_FORMAT,
	    "XmlUpdateBlobCompressed: 2 files, expected one");
	buf_reset(&cab);
	T_CALL(lzx_raw_cab(&cab, UTF16("<\0a\0/\0>\0"), 65, "blob", &e), &e);
	refused(SS_BLOB_CAB, cab.p, cab.len, E_LIMIT, "65 files");
	buf_free(&cab);
}

/* With room for the heads of more blocks that hold nothing. */
static void
with_size(uint32_t size, uint32_t blocks, enum err_kind kind, const char *why)
{
	static const char none[8];
	struct buf cab = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(lzx_raw_cab(&cab, UTF16("<\0a\0/\0>\0"), 1, "blob", &e), &e);
	for (uint32_t i = 1; i < blocks && blocks >= 4096; i++)
		T_CALL(buf_put(&cab, none, sizeof(none), &e), &e);
	make_le32(cab.p + 8, (uint32_t)cab.len);
	make_le32(cab.p + LZX_RAW_SIZE, size);
	make_le16(cab.p + LZX_RAW_BLOCKS, blocks);
	refused(SS_BLOB_CAB, cab.p, cab.len, kind, why);
	buf_free(&cab);
}

T_TEST(the_declared_size_is_the_size)
{
	with_size(0, 1, E_FORMAT, "the document is empty");
	with_size(7, 1, E_FORMAT, "document: 7 bytes, expected UTF-16");
	with_size(9, 1, E_FORMAT,
	    "the blocks hold 8 bytes, 8 of them the last one, expected 9 ");
	with_size(8, 60, E_FORMAT, "XmlUpdateBlobCompressed: ");
	with_size(8, 0, E_FORMAT, "XmlUpdateBlobCompressed: ");
	with_size(UINT32_C(200) << 20, 7000, E_LIMIT,
	    "more than 134217728 bytes unpacked");
	with_size(SS_MAX_DOC, 4096, E_FORMAT,
	    "the blocks hold 8 bytes, 0 of them the last one, expected "
	    "134217728 ");
	with_size(UINT32_MAX, 7000, E_FORMAT, "XmlUpdateBlobCompressed: ");
}

/* Stored text of n bytes in blocks of `block` bytes, size of them the file's.
   want NULL: refused. */
static void
filled_up(size_t n, uint32_t block, uint32_t size, const char *want)
{
	static const char text[] = "<abcdefghijk/>  ";
	const struct make_file file = {"blob", size, 0, 0};
	const struct make_folder folder = {text, (uint32_t)n, block, CAB_NONE};
	const struct make_cab m = {&folder, 1, &file, 1, 0, 0, 0};
	struct buf cab = BUF_INIT;

	make_cab(&cab, &m);
	if (want != NULL)
		gives(SS_BLOB_CAB, cab.p, cab.len, want, "utf-8");
	else
		refused(SS_BLOB_CAB, cab.p, cab.len, E_FORMAT,
		    "that end in it, found them from 0");
	buf_free(&cab);
}

T_TEST(the_last_block_may_be_longer_than_the_text)
{
	filled_up(14, 8, 14, "<abcdefghijk/>");
	filled_up(16, 8, 14, "<abcdefghijk/>");
	filled_up(16, 8, 9, "<abcdefgh");
	filled_up(16, 16, 14, "<abcdefghijk/>");
	filled_up(16, 8, 17, NULL);
	filled_up(16, 8, 8, NULL);
	filled_up(16, 8, 7, NULL);
}

/* Not from byte 0: what stands before it would be lost. */
T_TEST(the_file_is_the_whole_folder)
{
	struct make_file file = {"blob", 4, 4, 0};
	const struct make_folder folder = {"<a><b/>", 8, 8, CAB_NONE};
	const struct make_cab m = {&folder, 1, &file, 1, 0, 0, 0};
	struct buf cab = BUF_INIT;

	make_cab(&cab, &m);
	refused(SS_BLOB_CAB, cab.p, cab.len, E_FORMAT,
	    "expected 4 from byte 0 that end in it, found them from 4");
	file.size = 8;
	buf_reset(&cab);
	make_cab(&cab, &m);
	refused(SS_BLOB_CAB, cab.p, cab.len, E_FORMAT,
	    "expected 8 from byte 0 that end in it, found them from 4");
	buf_free(&cab);
}

T_TEST(every_truncation_of_a_cabinet_is_an_error)
{
	struct buf cab = BUF_INIT, doc = BUF_INIT;
	struct err e = ERR_INIT;
	const char *encoding;
	size_t i;

	T_CALL(lzx_raw_cab(&cab, UTF16("<\0a\0/\0>\0"), 1, "blob", &e), &e);
	for (i = 0; i < cab.len; i++)
		T_FAILS(doc_of(SS_BLOB_CAB, cab.p, i, &doc, &encoding, &e), &e,
		    E_FORMAT, "XmlUpdateBlobCompressed: ");
	T_CALL(doc_of(SS_BLOB_CAB, cab.p, i, &doc, &encoding, &e), &e);
	buf_free(&cab);
	buf_free(&doc);
}

T_TEST(every_damaged_byte_of_a_cabinet_is_an_error_or_means_nothing)
{
	struct buf cab = BUF_INIT, doc = BUF_INIT;
	struct err e = ERR_INIT;
	const char *encoding;
	size_t i;

	T_CALL(lzx_raw_cab(&cab, UTF16("<\0a\0/\0>\0"), 1, "blob", &e), &e);
	for (i = 0; i < cab.len; i++) {
		cab.p[i] ^= 0xff;
		if (doc_of(SS_BLOB_CAB, cab.p, cab.len, &doc, &encoding, &e) ==
		    -1)
			T_OK(e.kind == E_FORMAT || e.kind == E_LIMIT);
		else
			T_STR(buf_str(&doc, &e), "<a/>");
		err_clear(&e);
		cab.p[i] ^= 0xff;
	}
	buf_free(&cab);
	buf_free(&doc);
}

T_TEST(what_is_no_cabinet_is_refused)
{
	refused(SS_BLOB_CAB, "", 0, E_FORMAT, "XmlUpdateBlobCompressed: ");
	refused(SS_BLOB_CAB, "<a/>", 4, E_FORMAT, "XmlUpdateBlobCompressed: ");
	refused(SS_BLOB_CAB, "MSCFMSCFMSCFMSCFMSCFMSCFMSCFMSCFMSCF", 36,
	    E_FORMAT, "XmlUpdateBlobCompressed: ");
}

T_TEST(a_document_is_appended)
{
	const struct ss_item it = {.blob = SS_BLOB_PLAIN, .p = "<a/>", .n = 4};
	struct buf doc = BUF_INIT;
	struct err e = ERR_INIT;
	const char *encoding;

	T_CALL(buf_puts(&doc, "before", &e), &e);
	T_CALL(serversync_doc(reader(), &it, &doc, &encoding, &e), &e);
	T_STR(buf_str(&doc, &e), "before<a/>");
	buf_free(&doc);
}

T_MAIN
