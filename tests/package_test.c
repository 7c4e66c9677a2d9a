/* SPDX-License-Identifier: ISC */
/* package.xml: the index, read and written. */
#include "formats/package.h"

#include "lib/base/buf.h"
#include "tests/t.h"

#define SERVER "5b3a9f10-0000-4000-8000-00000000abcd"
#define DIGEST "9XLTlvrpIGYocU+yzgD3LpTyJY8="
#define CLASS "0a000000-0000-4000-8000-000000000001"
#define PRODUCT "0b000000-0000-4000-8000-000000000002"
#define CHILD "0d000000-0000-4000-8000-000000000004"
#define LANG1033 "<Language Id=\"1033\" ShortName=\"en\" LongName=\"English\" "
#define ROOT                                                                   \
	"<ExportPackage ServerID=\"" SERVER                                    \
	"\" CreationTime=\"2026-01-31T06:07:08Z\" FormatVersion=\"1.0\" "      \
	"ProtocolVersion=\"1.20\">"
#define LANGUAGES                                                              \
	"<Languages><Language Id=\"0\" ShortName=\"all\" LongName=\"all\" "    \
	"Enabled=\"0\" />" LANG1033 "Enabled=\"1\" /></Languages>"
#define FILES                                                                  \
	"<Files><File Digest=\"" DIGEST                                        \
	"\" MUUrl=\"http://example.test/c/demo.cab?a=1&amp;b=2\" "             \
	"Name=\"demo.cab\" /></Files>"
#define PLAIN(id, rev)                                                         \
	"<Update UpdateId=\"" id "\" RevisionNumber=\"" rev                    \
	"\"><Files /><Categories /><Classifications /></Update>"
#define SORTED                                                                 \
	"<Categories><Category Value=\"" PRODUCT "\" /></Categories>"          \
	"<Classifications><Classification Value=\"" CLASS                      \
	"\" /></Classifications>"
#define UPDATES                                                                \
	"<Updates>" PLAIN(CLASS, "1") PLAIN(PRODUCT, "1") PLAIN(               \
	    "0c000000-0000-4000-8000-000000000003",                            \
	    "100") "<Update UpdateId=\"" CHILD                                 \
		   "\" RevisionNumber=\"200\"><Files><File Digest=\"" DIGEST   \
		   "\" /></Files>" SORTED "</Update>"                          \
		   "<Update "                                                  \
		   "UpdateId=\"0e000000-0000-4000-8000-000000000005\" "        \
		   "RevisionNumber=\"200\"><Files />" SORTED                   \
		   "</Update></Updates>"
#define DECLARATION "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
#define EXAMPLE DECLARATION ROOT LANGUAGES FILES UPDATES "</ExportPackage>"

/* What was told, written again as it came. */
struct told {
	struct buf langs, back;
	struct package_head head;
	struct package_enabled en;
	struct package_update last;
	uint64_t nfiles, nupdates, nlangs, nskipped;
	bool files_done;
	const char *refuse; /* the handler that fails */
};

static int
refused(const struct told *t, const char *what, struct err *e)
{
	if (t->refuse != NULL && strcmp(t->refuse, what) == 0)
		return err_set(e, E_MISSING, "not wanted");
	return 0;
}

static int
head(void *arg, const struct package_head *h, struct err *e)
{
	struct told *t = arg;

	t->head = *h;
	return refused(t, "head", e);
}

static int
lang(void *arg, uint32_t id, const char *name, bool enabled, struct err *e)
{
	struct told *t = arg;

	t->nlangs++;
	for (int i = 0; i < PACKAGE_NLANGS; i++)
		if (package_langs[i].id == id) {
			T_STR(name, package_langs[i].short_name);
			t->en.on[i] = enabled;
		}
	return refused(t, "lang", e);
}

static int
file(void *arg, const struct package_file *f, struct err *e)
{
	struct told *t = arg;

	if (t->nfiles == 0 &&
	    package_put_begin(&t->back, &t->head, &t->en, e) == -1)
		return -1;
	if (package_put_file(&t->back, t->nfiles++, f, e) == -1)
		return -1;
	return refused(t, "file", e);
}

static int
files_done(struct told *t, struct err *e)
{
	if (t->files_done)
		return 0;
	t->files_done = true;
	if (t->nfiles == 0 &&
	    package_put_begin(&t->back, &t->head, &t->en, e) == -1)
		return -1;
	return package_put_updates(&t->back, t->nfiles, e);
}

static int
update(void *arg, const struct package_update *u, struct err *e)
{
	struct told *t = arg;

	t->last = *u;
	if (files_done(t, e) == -1 ||
	    package_put_update(&t->back, t->nupdates++, u, e) == -1)
		return -1;
	return refused(t, "update", e);
}

static const struct package_index_handler handler = {
    .head = head, .lang = lang, .file = file, .update = update};

static void
told_init(struct told *t)
{
	const struct buf empty = BUF_INIT;

	memset(t, 0, sizeof(*t));
	t->back = empty;
}

static int
read_by(struct told *t, const void *text, size_t n, size_t step,
    const struct package_limits *lim, struct err *e)
{
	struct package_index *x = NULL;
	int r = -1;

	if (package_index_open(&x, &handler, t, lim, e) == -1)
		goto out;
	for (size_t at = 0; at < n;) {
		size_t k = n - at < step ? n - at : step;
		char *p = malloc(k);

		memcpy(p, (const char *)text + at, k);
		r = sink_write(package_index_sink(x), p, k, e);
		free(p);
		if (r == -1)
			goto out;
		at += k;
	}
	if ((r = package_index_finish(x, e)) == -1 ||
	    (r = files_done(t, e)) == -1)
		goto out;
	t->nskipped = package_index_skipped(x);
	r = package_put_end(&t->back, t->nupdates, e);
out:
	package_index_close(x);
	return r;
}

static int
read_text(struct told *t, const char *text, struct err *e)
{
	told_init(t);
	return read_by(t, text, strlen(text), 97, NULL, e);
}

T_TEST(the_example_is_read_with_a_mark_and_without_and_with_line_breaks)
{
	static const char *const texts[] = {EXAMPLE, "\xef\xbb\xbf" EXAMPLE,
	    DECLARATION ROOT "\n" LANGUAGES "\n" FILES "\r\n" UPDATES
			     "\n</ExportPackage>\n",
	    ROOT LANGUAGES FILES UPDATES "</ExportPackage>"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err e = ERR_INIT;
		struct told t;

		T_CALL(read_text(&t, texts[i], &e), &e);
		T_EQ(t.nlangs, 2);
		T_EQ(t.nfiles, 1);
		T_EQ(t.nupdates, 5);
		T_EQ(t.nskipped, 0);
		T_EQ(t.en.on[0], false);
		T_EQ(t.en.on[8], true);
		T_EQ(t.head.created, 1769839628);
		T_STR(t.head.format, "1.0");
		T_STR(t.head.protocol, "1.20");
		T_EQ(t.head.server.b[14], 0xab);
		T_EQ(t.last.revision, 200);
		T_EQ(t.last.nfiles, 0);
		T_EQ(t.last.ncategories, 1);
		T_EQ(t.last.nclassifications, 1);
		buf_free(&t.back);
	}
}

/* The example, with the 39 rows that a server writes. */
T_TEST(the_form_written_is_the_measured_one)
{
	struct err e = ERR_INIT;
	struct told t;
	static const char begin[] = "\xef\xbb\xbf" DECLARATION ROOT
				    "<Languages>";
	const char *text;

	T_CALL(read_text(&t, EXAMPLE, &e), &e);
	text = buf_str(&t.back, &e);
	T_OK(strncmp(text, begin, strlen(begin)) == 0);
	T_OK(strstr(text, "</Languages>" FILES UPDATES "</ExportPackage>"));
	T_OK(strstr(text, LANG1033 "Enabled=\"1\" />"));
	T_OK(strstr(text,
	    "<Language Id=\"66577\" ShortName=\"ja-nec\" LongName=\"Japanese "
	    "NEC\" Enabled=\"0\" /></Languages>"));
	T_OK(strchr(text, '\n') == NULL);
	buf_free(&t.back);
}

T_TEST(what_is_empty_is_one_tag_with_a_space)
{
	struct err e = ERR_INIT;
	struct told t;

	T_CALL(
	    read_text(&t,
		ROOT "<Languages /><Files /><Updates /></ExportPackage>", &e),
	    &e);
	T_OK(strstr(buf_str(&t.back, &e),
	    "</Languages><Files /><Updates /></ExportPackage>"));
	buf_free(&t.back);
}

T_TEST(what_was_written_is_read_and_written_alike_in_any_portions)
{
	struct err e = ERR_INIT;
	struct told t, again;

	T_CALL(read_text(&t, EXAMPLE, &e), &e);
	for (size_t step = 1; step < t.back.len; step += step < 9 ? 1 : 501) {
		told_init(&again);
		T_CALL(
		    read_by(&again, t.back.p, t.back.len, step, NULL, &e), &e);
		T_EQ(again.back.len, t.back.len);
		T_MEM(again.back.p, t.back.p, t.back.len);
		buf_free(&again.back);
	}
	buf_free(&t.back);
}

T_TEST(every_truncation_is_an_error)
{
	struct err e = ERR_INIT;
	size_t n = strlen(EXAMPLE);

	for (size_t len = 0; len < n; len++) {
		struct told t;

		told_init(&t);
		T_EQ(read_by(&t, EXAMPLE, len, len + 1, NULL, &e), -1);
		T_EQ(e.kind, E_FORMAT);
		err_clear(&e);
		buf_free(&t.back);
	}
}

/* The example with one piece of it replaced. */
static const struct {
	const char *from, *to, *why;
} rows[] = {
    {"<ExportPackage ", "<ImportPackage ",
	"expected the element ExportPackage, found 'ImportPackage'"},
    {"<ExportPackage ", "<ExportPackage xmlns=\"urn:x\" ",
	"expected the element ExportPackage"},
    {" ServerID=", " ServerId=", "ExportPackage has no attribute ServerID"},
    {SERVER, "5b3a9f10", "ServerID: expected a GUID, found '5b3a9f10'"},
    {" CreationTime=", " creationTime=", "no attribute CreationTime"},
    {"2026-01-31T", "2026-02-31T", "CreationTime: expected a time as"},
    {" FormatVersion=", " Version=", "no attribute FormatVersion"},
    {" FormatVersion=\"1.0\"", " FormatVersion=\"2.0\"",
	"FormatVersion 2.0: expected 1.0"},
    {" FormatVersion=\"1.0\"", " FormatVersion=\"10\"",
	"FormatVersion 10: expected 1.0"},
    {" FormatVersion=\"1.0\"", " FormatVersion=\"1.\"",
	"FormatVersion: expected numbers joined by dots"},
    {" FormatVersion=\"1.0\"", " FormatVersion=\"\"",
	"FormatVersion: expected numbers"},
    {" FormatVersion=\"1.0\"", " FormatVersion=\"1.0a\"",
	"FormatVersion: expected numbers"},
    {" ProtocolVersion=", " Protocol=", "no attribute ProtocolVersion"},
    {"\"1.20\"", "\"1..20\"", "ProtocolVersion: expected numbers"},
    {"Id=\"1033\"", "Id=\"x\"", "language 2: Id: expected a number"},
    {"Id=\"1033\"", "Id=\"4294967296\"", "language 2: Id: expected a num"},
    {"Id=\"1033\"", "", "language 2: Language has no attribute Id"},
    {"ShortName=\"en\"", "", "Language has no attribute ShortName"},
    {"Enabled=\"1\"", "", "Language has no attribute Enabled"},
    {"Enabled=\"1\"", "Enabled=\"yes\"", "Enabled: expected 0 or 1, found"},
    {"<File Digest", "<File Hash", "file 1: File has no attribute Digest"},
    {DIGEST, "9XLTlvrpIGYocU+yzgD3LpTyJY9=", "Digest: expected 28 char"},
    {DIGEST, "9XLTlvrpIGYocU-yzgD3LpTyJY8=", "Digest: expected 28 char"},
    {DIGEST, "9XLTlvrpIGYocU+yzgD3LpTyJY8", "file 1: Digest: expected 28"},
    {"UpdateId=", "UpdateID=", "update 1: Update has no attribute UpdateId"},
    {CHILD, "{" CHILD "}", "update 4: UpdateId: expected a GUID"},
    {" RevisionNumber=\"100\"", "", "update 3: Update has no attribute Rev"},
    {"\"100\"", "\"0x64\"", "update 3: RevisionNumber: expected a number"},
    {"\"100\"", "\"-1\"", "RevisionNumber: expected a number"},
    {"<Files><File Digest=\"" DIGEST "\" /></Files><Cat",
	"<Files><File Digest=\"x\" /></Files><Cat",
	"update 4: Digest: expected 28 characters"},
    {"<Category Value=", "<Category value=",
	"update 4: Category has no attribute Value"},
    {"<Classification Value=", "<Classification ID=",
	"update 4: Classification has no attribute Value"},
    {"<Files /><Categories />", "<Categories /><Categories />",
	"update 1: a second Categories"},
    {LANGUAGES, LANGUAGES "<Languages />", "misplaced Languages"},
    {FILES, FILES FILES, "misplaced Files"},
    {LANGUAGES FILES, FILES LANGUAGES, "misplaced Languages"},
    {FILES, "<Updates />" FILES, "misplaced Files"},
    {UPDATES, "", "ExportPackage has no element Updates"},
    {"</Updates>", "</Update>", "line 1: "},
    {"<Updates>", "<Updates>&unknown;", "line 1: "},
    {DECLARATION, "<!DOCTYPE a [<!ENTITY b \"c\">]>", "DOCTYPE"},
    {"</ExportPackage>", "</ExportPackage><a />", "line 1: "},
};

T_TEST(one_fault_in_each_field_is_named)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = strstr(EXAMPLE, rows[i].from);
		struct err e = ERR_INIT;
		struct told t;
		char text[8192];

		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - EXAMPLE),
		    EXAMPLE, rows[i].to, at + strlen(rows[i].from));
		T_FAILS(read_text(&t, text, &e), &e, E_FORMAT, rows[i].why);
		buf_free(&t.back);
	}
}

T_TEST(a_fault_has_the_offset_of_its_tag)
{
	struct err e = ERR_INIT;
	struct told t;

	T_EQ(read_text(&t,
		 ROOT "<Updates><Update UpdateId=\"x\"/></Updates>"
		      "</ExportPackage>",
		 &e),
	    -1);
	T_EQ(e.at, strlen(ROOT "<Updates>"));
	buf_free(&t.back);
}

T_TEST(what_is_unknown_is_ignored_with_all_within)
{
	struct err e = ERR_INIT;
	struct told t;
	static const char text[] = ROOT
	    "<Extra><Updates><Update /></Updates></Extra>" LANGUAGES
	    "<Extra><Language Id=\"x\" /></Extra>"
	    "<Files><Extra /><File Digest=\"" DIGEST
	    "\" Size=\"6\"><File Digest=\"x\" /></File></Files>"
	    "<Updates xmlns:x=\"urn:x\" x:a=\"b\"><x:Update />"
	    "<Update RevisionNumber=\"007\" x:UpdateId=\"y\" UpdateId=\"" CHILD
	    "\"><!-- none --><Metadata><Files /></Metadata><Metadata "
	    "/><Categories>text"
	    "<Classification /></Categories><Files /></Update>"
	    "</Updates></ExportPackage>";

	T_CALL(read_text(&t, text, &e), &e);
	T_EQ(t.nfiles, 1);
	T_EQ(t.nupdates, 1);
	T_EQ(t.last.revision, 7);
	T_EQ(t.last.ncategories, 0);
	T_OK(strstr(buf_str(&t.back, &e),
	    "<Files><File Digest=\"" DIGEST "\" /></Files><Updates>"));
	buf_free(&t.back);
}

/* As Microsoft's published exporter writes: more enabled, names of classes. */
T_TEST(the_variant_of_the_published_library_is_read)
{
	struct err e = ERR_INIT;
	struct told t;
	static const char text[] = DECLARATION ROOT
	    "<Languages><Language Id=\"1033\" ShortName=\"en\" LongName="
	    "\"English\" Enabled=\"1\" /><Language Id=\"1031\" ShortName="
	    "\"de\" LongName=\"German\" Enabled=\"1\" /></Languages>" FILES
	    "<Updates><Update UpdateId=\"" CHILD
	    "\" RevisionNumber=\"200\"><Files /><Categories>"
	    "<Category Value=\"Microsoft.PackageGraph.ProductCategory\" />"
	    "<Category Value=\"" PRODUCT "\" /><Category Value=\"\" />"
	    "</Categories><Classifications><Classification "
	    "Value=\"Microsoft.PackageGraph.ClassificationCategory\" />"
	    "</Classifications></Update></Updates></ExportPackage>";

	T_CALL(read_text(&t, text, &e), &e);
	T_EQ(t.nskipped, 3);
	T_EQ(t.last.ncategories, 1);
	T_EQ(t.last.nclassifications, 0);
	T_EQ(t.en.on[6], true);
	T_EQ(t.en.on[8], true);
	buf_free(&t.back);
}

T_TEST(limits_are_kept)
{
	static const struct {
		size_t off, size;
		uint64_t max;
		const char *why;
	} lims[] = {
#define LIM(m, v, why)                                                         \
	{offsetof(struct package_limits, m),                                   \
	    sizeof(((struct package_limits *)0)->m), v, why}
	    LIM(max_records, 4, "update 4: more than 4 updates"),
	    LIM(max_files, 0, "file 0: more than 0 files"),
	    LIM(max_values, 0, "update 4: more than 0 in one list"),
	    LIM(max_string, 7, "file 1: MUUrl: 38 bytes, at most 7"),
	};

	for (size_t i = 0; i < sizeof(lims) / sizeof(lims[0]); i++) {
		struct package_limits lim = package_default_limits;
		struct err e = ERR_INIT;
		struct told t;

		told_init(&t);
		memcpy((char *)&lim + lims[i].off, &lims[i].max, lims[i].size);
		T_EQ(read_by(&t, EXAMPLE, strlen(EXAMPLE), 99, &lim, &e), -1);
		T_EQ(e.kind, E_LIMIT);
		T_STR(e.msg, lims[i].why);
		buf_free(&t.back);
	}
}

T_TEST(rows_of_languages_are_1024_at_most)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct told t;

	T_CALL(buf_puts(&b, ROOT "<Languages>", &e), &e);
	for (int i = 0; i < 1025; i++)
		T_CALL(buf_puts(&b, LANG1033 "Enabled=\"0\" />", &e), &e);
	T_FAILS(read_text(&t, buf_str(&b, &e), &e), &e, E_LIMIT,
	    "more than 1024 languages");
	buf_free(&b);
	buf_free(&t.back);
}

T_TEST(what_a_handler_fails_with_is_kept)
{
	static const char *const names[] = {"head", "lang", "file", "update"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct err e = ERR_INIT;
		struct told t;

		told_init(&t);
		t.refuse = names[i];
		T_FAILS(read_by(&t, EXAMPLE, strlen(EXAMPLE), 99, NULL, &e), &e,
		    E_MISSING, "not wanted");
		buf_free(&t.back);
	}
}

T_TEST(no_handler_need_be_there)
{
	static const struct package_index_handler none = {.head = NULL};
	struct package_index *x;
	struct err e = ERR_INIT;

	T_CALL(package_index_open(&x, &none, NULL, NULL, &e), &e);
	T_CALL(sink_puts(package_index_sink(x), EXAMPLE, &e), &e);
	T_CALL(package_index_finish(x, &e), &e);
	package_index_close(x);
	package_index_close(NULL);
}

T_TEST(attributes_are_escaped)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct package_file f = {.url = "a?b=1&c=<\">'", .name = NULL};

	T_CALL(package_put_file(&b, 1, &f, &e), &e);
	T_STR(buf_str(&b, &e),
	    "<File Digest=\"AAAAAAAAAAAAAAAAAAAAAAAAAAA=\" "
	    "MUUrl=\"a?b=1&amp;c=&lt;&quot;&gt;'\" />");
	buf_free(&b);
}

T_MAIN
