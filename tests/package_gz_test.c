/* SPDX-License-Identifier: ISC */
/* The experimental form, in the layouts that we are willing to guess. */
#include "formats/package.h"

#include <zlib.h>

#include "lib/base/buf.h"
#include "lib/base/src.h"
#include "tests/t.h"

#define ID "0d000000-0000-4000-8000-000000000004"
#define ROOT                                                                   \
	"<ExportPackage ServerID=\"" ID                                        \
	"\" CreationTime=\"2026-01-31T06:07:08Z\" FormatVersion=\"1.0\" "      \
	"ProtocolVersion=\"1.20\"><Languages /><Files /><Updates>"
#define END "</Updates></ExportPackage>"
#define BEGIN                                                                  \
	"<Update UpdateId=\"" ID                                               \
	"\" RevisionNumber=\"200\"><Files /><Categories /><Classifications />"
#define UPDATE(metadata) BEGIN metadata "</Update>"
#define DOC "<u:Update xmlns:u=\"x\">\r\n A\xc3\xa9</u:Update>"
#define ESCAPED                                                                \
	"&lt;u:Update xmlns:u=&quot;x&quot;&gt;&#xD;\n A\xc3\xa9"              \
	"&lt;/u:Update&gt;"
#define BASE64 "PHU6VXBkYXRlIHhtbG5zOnU9IngiPg0KIEHDqTwvdTpVcGRhdGU+"

struct told {
	struct buf docs; /* each with a LF behind it */
	uint64_t nupdates, nrecords;
	struct package_record last;
};

static int
update(void *arg, const struct package_update *u, struct err *e)
{
	struct told *t = arg;

	(void)u, (void)e;
	T_EQ(t->nupdates, t->nrecords);
	t->nupdates++;
	return 0;
}

static int
record(void *arg, const struct package_record *rec, struct err *e)
{
	struct told *t = arg;

	t->nrecords++;
	T_EQ(t->nupdates, t->nrecords);
	t->last = *rec;
	if (buf_put(&t->docs, rec->doc, rec->len, e) == -1)
		return -1;
	return buf_puts(&t->docs, "\n", e);
}

static size_t
pack(void *out, size_t max, const void *p, size_t n)
{
	z_stream z = {.avail_in = (uInt)n, .avail_out = (uInt)max};
	void *in = malloc(n + 1);

	memcpy(in, p, n);
	z.next_in = in;
	z.next_out = out;
	T_EQ(deflateInit2(&z, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	T_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
	T_EQ(deflateEnd(&z), Z_OK);
	free(in);
	return max - z.avail_out;
}

static int
read_gz(struct told *t, const void *gz, size_t n,
    const struct package_limits *lim, struct err *e)
{
	static const struct package_index_handler h = {.update = update};
	const struct buf empty = BUF_INIT;
	struct src s = SRC_INIT;

	memset(t, 0, sizeof(*t));
	t->docs = empty;
	src_mem(&s, gz, n);
	return package_gz_read(&s, &h, record, t, lim, e);
}

static int
read_text(struct told *t, const char *text, const struct package_limits *lim,
    struct err *e)
{
	char gz[4096];

	return read_gz(t, gz, pack(gz, sizeof(gz), text, strlen(text)), lim, e);
}

T_TEST(a_document_is_found_in_each_form)
{
	static const char *const forms[] = {
	    "<Metadata>" ESCAPED "</Metadata>",
	    "<metadata>\n  " ESCAPED "\n</metadata>",
	    "<Metadata>\xef\xbb\xbf" ESCAPED "</Metadata>",
	    "<Metadata>&lt;u:Update xmlns:u=\"x\">&#13;<![CDATA[\n A\xc3\xa9"
	    "</u:Update>]]></Metadata>",
	    "<Metadata>" BASE64 "</Metadata>",
	    "<Metadata>\n" BASE64 "\n</Metadata>",
	    "<Metadata>PHU6VXBkYXRlIHhtbG5zOnU9\r\n  "
	    "IngiPg0KIEHDqTwvdTpVcGRhdGU+</Metadata>",
	    "<Metadata>" DOC "</Metadata>",
	    "<METADATA a=\"b\">\n" DOC "\n</METADATA >",
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct err e = ERR_INIT;
		struct told t;
		char text[4096];

		snprintf(text, sizeof(text), "%s%s%s</Update>%s", ROOT, BEGIN,
		    forms[i], END);
		T_CALL(read_text(&t, text, NULL, &e), &e);
		T_EQ(t.nrecords, 1);
		T_EQ(t.last.revision, 200);
		T_EQ(t.last.len, strlen(DOC));
		T_EQ(t.last.units, strlen(DOC) - 1);
		T_STR(buf_str(&t.docs, &e), DOC "\n");
		buf_free(&t.docs);
	}
}

T_TEST(names_are_matched_without_case)
{
	struct err e = ERR_INIT;
	struct told t;

	T_CALL(
	    read_text(&t,
		"<exportpackage serverid=\"" ID
		"\" CREATIONTIME=\"2026-01-31T06:07:08Z\" formatversion=\"1.0\""
		" protocolversion=\"1.20\"><languages/><updates><update "
		"updateid=\"" ID "\" revisionnumber=\"1\"><metadata>&lt;a/>"
		"</metadata></update></updates></exportpackage>",
		NULL, &e),
	    &e);
	T_EQ(t.nrecords, 1);
	T_STR(buf_str(&t.docs, &e), "<a/>\n");
	buf_free(&t.docs);
}

static const struct {
	const char *text, *why;
} rows[] = {
    {ROOT UPDATE("") END, "update 1: no element Metadata"},
    {ROOT UPDATE("<Metadata />") END, "update 1: an empty document"},
    {ROOT UPDATE("<Metadata>  </Metadata>") END, "update 1: an empty doc"},
    {ROOT UPDATE("<Metadata>no document</Metadata>") END,
	"update 1: expected a document as text, base64"},
    {ROOT UPDATE("<Metadata>bm8gZG9jdW1lbnQ=</Metadata>") END,
	"update 1: expected a document as text, base64"},
    {ROOT UPDATE("<Metadata>PGE+/zwvYT4=</Metadata>") END,
	"update 1: expected a document as text, base64"},
    {ROOT UPDATE("<Metadata>PGE+</Metadata><Metadata />") END,
	"update 1: a second Metadata"},
    {ROOT UPDATE("<Metadata><a /><b /></Metadata>") END,
	"update 1: a second document in Metadata"},
    {ROOT UPDATE("<Metadata>x<b /></Metadata>") END,
	"update 1: text and markup in Metadata"},
    {ROOT UPDATE("<Metadata><a /></Metadata>") "<Update />" END,
	"update 2: Update has no attribute UpdateId"},
    {ROOT UPDATE("<Metadata><a /></Metadata>") UPDATE("") END,
	"update 2: no element Metadata"},
    {"<Package />", "expected the element ExportPackage"},
    {"", "no element in it"},
};

T_TEST(what_is_no_such_form_is_refused)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		struct told t;

		T_FAILS(read_text(&t, rows[i].text, NULL, &e), &e, E_FORMAT,
		    rows[i].why);
		buf_free(&t.docs);
	}
}

T_TEST(every_truncation_is_an_error)
{
	static const char text[] = ROOT UPDATE(
	    "<Metadata>" ESCAPED "</Metadata>")
	    UPDATE("<Metadata>" DOC "</Metadata>") END;
	struct err e = ERR_INIT;
	struct told t;
	char gz[4096];
	size_t n = pack(gz, sizeof(gz), text, strlen(text));

	T_CALL(read_gz(&t, gz, n, NULL, &e), &e);
	T_EQ(t.nrecords, 2);
	buf_free(&t.docs);
	for (size_t len = 0; len < n; len++) {
		T_EQ(read_gz(&t, gz, len, NULL, &e), -1);
		T_EQ(e.kind, E_FORMAT);
		err_clear(&e);
		buf_free(&t.docs);
	}
	for (size_t len = 0; len < strlen(text); len++) {
		n = pack(gz, sizeof(gz), text, len);
		T_EQ(read_gz(&t, gz, n, NULL, &e), -1);
		T_EQ(e.kind, E_FORMAT);
		err_clear(&e);
		buf_free(&t.docs);
	}
}

/* Documents as markup that lie across the portions that are read. */
T_TEST(many_documents_are_given_to_the_byte)
{
	struct buf text = BUF_INIT, want = BUF_INIT;
	struct err e = ERR_INIT;
	struct told t;
	char *gz;
	size_t n;

	T_CALL(buf_puts(&text, ROOT, &e), &e);
	for (unsigned i = 0; i < 400; i++) {
		unsigned k = (unsigned)(t_random() % (i % 50 ? 9000 : 4000000));
		size_t from;

		T_CALL(buf_puts(&text, BEGIN "<Metadata>\n", &e), &e);
		from = text.len;
		T_CALL(buf_printf(&text, &e,
			   "<a n='%u'><!-- </Metadata> -->"
			   "<b\t/>%0*u\r\n</a >",
			   i, (int)k + 1, i),
		    &e);
		T_CALL(buf_put(&want, text.p + from, text.len - from, &e), &e);
		T_CALL(buf_puts(&want, "\n", &e), &e);
		T_CALL(buf_puts(&text, " </Metadata></Update>", &e), &e);
	}
	T_CALL(buf_puts(&text, END, &e), &e);
	gz = malloc(text.len);
	n = pack(gz, text.len, text.p, text.len);
	T_CALL(read_gz(&t, gz, n, NULL, &e), &e);
	T_EQ(t.nrecords, 400);
	T_EQ(t.docs.len, want.len);
	T_OK(t.docs.len == want.len && memcmp(t.docs.p, want.p, want.len) == 0);
	free(gz);
	buf_free(&text);
	buf_free(&want);
	buf_free(&t.docs);
}

T_TEST(limits_are_kept)
{
	struct package_limits lim = package_default_limits;
	struct err e = ERR_INIT;
	struct told t;

	lim.max_units = 3;
	T_FAILS(read_text(&t, ROOT UPDATE("<Metadata>&lt;a/></Metadata>") END,
		    &lim, &e),
	    &e, E_LIMIT, "update 1: length: 4 UTF-16 units, at most 3");
	buf_free(&t.docs);
	T_FAILS(read_text(&t, ROOT UPDATE("<Metadata><a /></Metadata>") END,
		    &lim, &e),
	    &e, E_LIMIT, "update 1: length: 5 UTF-16 units, at most 3");
	buf_free(&t.docs);
	T_FAILS(read_text(&t,
		    ROOT UPDATE("<Metadata>PGFiYy8+PGFiYy8+</Metadata>") END,
		    &lim, &e),
	    &e, E_LIMIT, "at most 9");
	buf_free(&t.docs);
}

T_MAIN
