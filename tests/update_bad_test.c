/* SPDX-License-Identifier: ISC */
/* Update documents that are refused, cut, or larger than memory likes. */
#include "formats/update.h"

#include <sys/resource.h>

#include "formats/xml.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "tests/t.h"

#define NS "http://schemas.microsoft.com/msus/2002/12/"
#define ID "0d000000-0000-4000-8000-000000000004"
#define IDENTITY "<UpdateIdentity UpdateID='" ID "' RevisionNumber='200'/>"
#define PROPERTIES "<Properties UpdateType='Software'/>"
#define HEAD "<Update xmlns='" NS "Update'>"
#define DOC(body) HEAD IDENTITY PROPERTIES body "</Update>"
#define AT (sizeof(HEAD IDENTITY PROPERTIES) - 1)
#define SHA1 "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="
#define SHA256 "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="

static struct update_reader *reader;
static struct arena arena = ARENA_INIT((size_t)64 << 20);

static int
read_doc(
    const struct update_limits *lim, const void *doc, size_t n, struct err *e)
{
	struct update u;
	int r;

	xml_init();
	T_CALL(update_reader_open(&reader, lim, e), e);
	r = update_read(reader, &u, &arena, doc, n, e);
	update_reader_close(reader);
	arena_free(&arena);
	return r;
}

struct bad {
	const char *doc;
	uint64_t at;
	const char *text;
};

#define PROPS(attrs) HEAD IDENTITY "<Properties " attrs "/></Update>"
#define PROPS_AT (sizeof(HEAD IDENTITY) - 1)
#define TYPED(attr) PROPS("UpdateType='Software' " attr)
#define FILES(attrs, body) DOC("<Files><File " attrs ">" body "</File></Files>")
#define PRE(body)                                                              \
	DOC("<Relationships><Prerequisites>" body                              \
	    "</Prerequisites></Relationships>")
#define BUN(body)                                                              \
	DOC("<Relationships><BundledUpdates>" body                             \
	    "</BundledUpdates></Relationships>")
#define SUP(body)                                                              \
	DOC("<Relationships><SupersededUpdates>" body                          \
	    "</SupersededUpdates></Relationships>")
#define IDENT(attrs) HEAD "<UpdateIdentity " attrs "/>" PROPERTIES "</Update>"
#define SECOND(c)                                                              \
	"<AdditionalDigest Algorithm='SHA256'>" c                              \
	"ngWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=</AdditionalDigest>"
#define REF_AT(list) (AT + sizeof("<Relationships><" list ">") - 1)
#define FILE_AT (AT + sizeof("<Files>") - 1)

static const struct bad bads[] = {
    {"", 0, "does not begin with the element Update"},
    {" " DOC(""), 0, "does not begin with"},
    {"\xef\xbb\xbf" DOC(""), 0, "does not begin with"},
    {"<?xml version='1.0'?>" DOC(""), 0, "does not begin with"},
    {"<!-- -->" DOC(""), 0, "does not begin with"},
    {"<!DOCTYPE Update>" DOC(""), 0, "does not begin with"},
    {"<Update/>", 0, "root is Update in '', expected Update in '" NS},
    {"<u:Update xmlns:u='urn:x'/>", 0, "root is Update in 'urn:x'"},
    {"<Updates xmlns='" NS "Update'/>", 0, "root is Updates in"},
    {HEAD PROPERTIES "</Update>", sizeof(HEAD PROPERTIES "</Update>") - 1,
	"no UpdateIdentity"},
    {HEAD IDENTITY "</Update>", sizeof(HEAD IDENTITY "</Update>") - 1,
	"no Properties"},
    {DOC(IDENTITY), AT, "UpdateIdentity: a second one"},
    {DOC(PROPERTIES), AT, "Properties: a second one"},
    {IDENT("RevisionNumber='1'"), sizeof(HEAD) - 1,
	"UpdateIdentity: no UpdateID"},
    {IDENT("UpdateID='" ID "'"), sizeof(HEAD) - 1,
	"UpdateIdentity: no RevisionNumber"},
    {IDENT("UpdateID='{" ID "}' RevisionNumber='1'"), sizeof(HEAD) - 1,
	"UpdateID: found '{" ID "}', expected a GUID"},
    {IDENT("UpdateID='' RevisionNumber='1'"), sizeof(HEAD) - 1,
	"UpdateID: found '', expected a GUID"},
    {IDENT("UpdateID='" ID "' RevisionNumber='2147483648'"), sizeof(HEAD) - 1,
	"RevisionNumber: found '2147483648', expected 0 to 2147483647"},
    {IDENT("UpdateID='" ID "' RevisionNumber='-1'"), sizeof(HEAD) - 1,
	"RevisionNumber: found '-1'"},
    {IDENT("UpdateID='" ID "' RevisionNumber=''"), sizeof(HEAD) - 1,
	"RevisionNumber: found ''"},
    {PROPS(""), PROPS_AT, "Properties: no UpdateType"},
    {PROPS("UpdateType='software'"), PROPS_AT,
	"UpdateType: found 'software', expected Software, Driver"},
    {TYPED("IsBeta='yes'"), PROPS_AT, "IsBeta: found 'yes', expected true"},
    {TYPED("IsMandatory=''"), PROPS_AT, "IsMandatory: found ''"},
    {TYPED("ExplicitlyDeployable='2'"), PROPS_AT, "found '2'"},
    {TYPED("EulaID='x'"), PROPS_AT, "EulaID: found 'x', expected a GUID"},
    {TYPED("MaxDownloadSize='1.5'"), PROPS_AT,
	"MaxDownloadSize: found '1.5', expected a number of bytes"},
    {TYPED("MaxDownloadSize='9223372036854775808'"), PROPS_AT,
	"MaxDownloadSize: found '9223372036854775808'"},
    {FILES("Size='1'", ""), FILE_AT, "File: no Digest"},
    {FILES("Digest='AAAA'", ""), FILE_AT,
	"File: Digest: found 'AAAA', expected 20 bytes in base64"},
    {FILES("Digest='qZk+NkcGgWq6PiVxeFDCbJzQ2J1='", ""), FILE_AT,
	"expected 20 bytes in base64"},
    {FILES("Digest='" SHA1 "' DigestAlgorithm='SHA256'", ""), FILE_AT,
	"DigestAlgorithm: found 'SHA256', expected SHA1"},
    {FILES("Digest='" SHA1 "' Size='0x10'", ""), FILE_AT, "Size: found '0x10'"},
    {FILES("Digest='" SHA1 "' IsEncrypted='no'", ""), FILE_AT,
	"IsEncrypted: found 'no'"},
    {FILES("Digest='" SHA1 "'",
	 "<AdditionalDigest Algorithm='SHA256'>AAAA</AdditionalDigest>"),
	FILE_AT +
	    sizeof("<File Digest='" SHA1 "'><AdditionalDigest "
		   "Algorithm='SHA256'>AAAA") -
	    1,
	"AdditionalDigest: found 'AAAA', expected 32 bytes in base64"},
    {FILES("Digest='" SHA1 "'", SECOND("A") SECOND("B")),
	FILE_AT + sizeof("<File Digest='" SHA1 "'>" SECOND("A") SECOND("B")) -
	    sizeof("</AdditionalDigest>"),
	"AdditionalDigest: a second one of SHA256 that differs"},
    {FILES("Digest='" SHA1 "'", "<AdditionalDigest Algorithm='SHA256'/>"),
	FILE_AT + sizeof("<File Digest='" SHA1 "'>") - 1,
	"AdditionalDigest: found '', expected 32 bytes"},
    {PRE("<UpdateIdentity/>"), REF_AT("Prerequisites"),
	"UpdateIdentity: no UpdateID"},
    {PRE("<UpdateIdentity UpdateID='1'/>"), REF_AT("Prerequisites"),
	"UpdateID: found '1', expected a GUID"},
    {PRE("<AtLeastOne IsCategory='maybe'/>"), REF_AT("Prerequisites"),
	"AtLeastOne: IsCategory: found 'maybe'"},
    {BUN("<UpdateIdentity UpdateID='" ID "'/>"), REF_AT("BundledUpdates"),
	"UpdateIdentity: no RevisionNumber"},
    {BUN("<UpdateIdentity UpdateID='" ID "' RevisionNumber='x'/>"),
	REF_AT("BundledUpdates"), "RevisionNumber: found 'x'"},
    {BUN("<UpdateIdentity UpdateID='x' RevisionNumber='1'/>"),
	REF_AT("BundledUpdates"), "UpdateID: found 'x'"},
    {SUP("<UpdateIdentity/>"), REF_AT("SupersededUpdates"), "no UpdateID"},
    {SUP("<UpdateIdentity UpdateID='x'/>"), REF_AT("SupersededUpdates"),
	"UpdateID: found 'x'"},
    {DOC("<a></b>"), AT + sizeof("<a></b>") - 1, "tag mismatch"},
    {DOC("&x;"), AT + 3, "Entity 'x' not defined"},
    {DOC("\xff"), AT, "byte 0xff: not UTF-8"},
    {DOC("") "<x/>", AT + 9, "Extra content"},
};

T_TEST(every_rejection_has_a_place_and_a_message)
{
	const struct bad *b = bads;
	struct err e = ERR_INIT;

	for (; b < bads + sizeof(bads) / sizeof(*bads); b++) {
		T_EQ(read_doc(NULL, b->doc, strlen(b->doc), &e), -1);
		if (e.kind != E_FORMAT || strstr(e.msg, b->text) == NULL ||
		    e.at != b->at)
			t_fail(__FILE__, __LINE__,
			    "%s: at %" PRIu64 " '%s', not at %" PRIu64 " '%s'",
			    b->doc, e.at, e.msg, b->at, b->text);
		err_clear(&e);
	}
}

static const char whole[] = FILES("Digest='" SHA1 "' Size='3'",
    "<AdditionalDigest Algorithm='SHA256'>" SHA256
    "</AdditionalDigest><AdditionalDigest Algorithm='SHA256'>" SHA256
    "</AdditionalDigest>");

T_TEST(every_truncation_is_an_error)
{
	struct err e = ERR_INIT;
	size_t n;

	T_CALL(read_doc(NULL, whole, sizeof(whole) - 1, &e), &e);
	for (n = 0; n < sizeof(whole) - 1; n++) {
		T_EQ(read_doc(NULL, whole, n, &e), -1);
		T_EQ(e.kind, E_FORMAT);
		T_OK(e.at <= n);
		err_clear(&e);
	}
}

/* Some damage is harmless, in a name that nobody asks for; none crashes. */
T_TEST(every_damaged_byte_is_an_error_or_harmless)
{
	struct err e = ERR_INIT;
	char doc[sizeof(whole)];
	size_t i, refused = 0;

	memcpy(doc, whole, sizeof(doc));
	for (i = 0; i < sizeof(doc) - 1; i++) {
		doc[i] ^= 0x55;
		if (read_doc(NULL, doc, sizeof(doc) - 1, &e) == -1)
			refused++;
		err_clear(&e);
		doc[i] ^= 0x55;
	}
	T_OK(refused > sizeof(doc) / 2);
}

static void
limited(const struct update_limits *lim, const char *doc, const char *message)
{
	struct err e = ERR_INIT;

	if (message == NULL)
		T_CALL(read_doc(lim, doc, strlen(doc), &e), &e);
	else
		T_FAILS(
		    read_doc(lim, doc, strlen(doc), &e), &e, E_LIMIT, message);
}

#define R "<UpdateIdentity UpdateID='" ID "' RevisionNumber='1'/>"
#define LP(title)                                                              \
	"<LocalizedProperties><Title>" title "</Title></LocalizedProperties>"
#define LPC(body)                                                              \
	DOC("<LocalizedPropertiesCollection>" body                             \
	    "</LocalizedPropertiesCollection>")
#define KB(body)                                                               \
	HEAD IDENTITY "<Properties UpdateType='Software'>" body                \
		      "</Properties></Update>"
#define K2 "<KBArticleID>1</KBArticleID><KBArticleID>2</KBArticleID>"
#define K8 K2 K2 K2 K2

T_TEST(limits_hold_at_their_edge)
{
	struct update_limits l = update_default_limits;

	l.max_prereqs = l.max_bundled = l.max_superseded = 2;
	l.max_files = l.max_titles = l.max_words = 2;
	limited(&l, PRE(R R), NULL);
	limited(&l, PRE(R R R), "more than 2 prerequisites");
	limited(&l, BUN(R R), NULL);
	limited(&l, BUN(R "<AtLeastOne>" R R "</AtLeastOne>"),
	    "more than 2 bundled updates");
	limited(&l, SUP(R R), NULL);
	limited(&l, SUP(R R R), "more than 2 superseded updates");
	limited(&l, FILES("Digest='" SHA1 "'", "<x Digest='" SHA1 "'/>"), NULL);
	limited(&l,
	    FILES("Digest='" SHA1 "'",
		"<x Digest='" SHA1 "'/><y Digest='" SHA1 "'/>"),
	    "more than 2 files");
	limited(&l, LPC(LP("a") LP("b")), NULL);
	limited(&l, LPC(LP("a") LP("b") LP("c")), "more than 2 titles");
	limited(&l,
	    KB("<KBArticleID>1</KBArticleID>"
	       "<KBArticleID>2</KBArticleID>"
	       "<KBArticleID>1</KBArticleID>"),
	    NULL);
	limited(&l,
	    KB("<KBArticleID>1</KBArticleID>"
	       "<KBArticleID>2</KBArticleID>"
	       "<KBArticleID>3</KBArticleID>"),
	    "more than 2 KB articles");
	limited(&l, KB(K8 K8 K8 K8), NULL);
	limited(&l, KB(K8 K8 K8 K8 "<KBArticleID>1</KBArticleID>"),
	    "more than 32 KB articles, many of them twice");
	l = update_default_limits;
	l.max_string = 28;
	limited(&l, LPC(LP("1234567890123456789012345678")), NULL);
	limited(&l, LPC(LP("12345678901234567890123456789")),
	    "Title: more than 28 bytes");
	limited(&l, TYPED("Unknown='12345678901234567890123456789'"), NULL);
	limited(&l, TYPED("Handler='12345678901234567890123456789'"),
	    "Properties: Handler: 29 bytes, at most 28");
	l.max_doc = sizeof(DOC("")) - 1;
	limited(&l, DOC(""), NULL);
	limited(&l, DOC(" "), "at most");
}

T_TEST(facts_that_pass_the_arena_meet_a_limit)
{
	struct arena small = ARENA_INIT(50);
	struct err e = ERR_INIT;
	struct update u;

	xml_init();
	T_CALL(update_reader_open(&reader, NULL, &e), &e);
	T_FAILS(update_read(reader, &u, &small, whole, sizeof(whole) - 1, &e),
	    &e, E_LIMIT, "facts of more than 50 bytes");
	update_reader_close(reader);
	arena_free(&small);
}

T_TEST(a_reader_goes_on_after_a_failure)
{
	struct err e = ERR_INIT;
	struct update u;
	size_t i;

	xml_init();
	T_CALL(update_reader_open(&reader, NULL, &e), &e);
	for (i = 0; i < sizeof(bads) / sizeof(*bads); i++) {
		T_EQ(update_read(reader, &u, &arena, bads[i].doc,
			 strlen(bads[i].doc), &e),
		    -1);
		err_clear(&e);
		T_CALL(update_read(
			   reader, &u, &arena, whole, sizeof(whole) - 1, &e),
		    &e);
		T_EQ(u.nfiles, 1);
		T_EQ(u.nprereqs + u.nbundled + u.nsuperseded + u.ntitles, 0);
	}
	update_reader_close(reader);
	update_reader_close(NULL);
	arena_free(&arena);
}

/* The parser forgets its names after so many, and learns ours again. */
T_TEST(a_reader_goes_on_after_a_document_of_many_names)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct update u;
	int i, round;

	xml_init();
	T_CALL(buf_puts(&b, HEAD IDENTITY PROPERTIES, &e), &e);
	for (i = 0; i < 20000; i++)
		T_CALL(buf_printf(&b, &e, "<n%d/>", i), &e);
	T_CALL(buf_puts(&b, "</Update>", &e), &e);
	T_CALL(update_reader_open(&reader, NULL, &e), &e);
	for (round = 0; round < 3; round++) {
		T_CALL(update_read(reader, &u, &arena, b.p, b.len, &e), &e);
		T_EQ(u.nfiles, 0);
		T_CALL(update_read(
			   reader, &u, &arena, whole, sizeof(whole) - 1, &e),
		    &e);
		T_EQ(u.nfiles, 1);
		T_OK(u.files[0].has_sha256 && u.files[0].has_size);
	}
	update_reader_close(reader);
	arena_free(&arena);
	buf_free(&b);
}

/* AddressSanitizer keeps up to 256 MB that was freed. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define SLACK_KIB 327680
#else
#define SLACK_KIB 4096
#endif

static long
peak_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* The document itself is the caller's; reading adds little. */
T_TEST(a_document_of_40_mb_needs_little_memory)
{
	static const char part[] =
	    "<m:assembly xmlns:m='urn:m' name='x'><m:file n='1'>text</m:file>"
	    "</m:assembly>";
	const size_t n = ((size_t)40 << 20) / (sizeof(part) - 1);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct update u;
	long before;
	size_t i;

	xml_init();
	if (buf_reserve(&b, (size_t)41 << 20, &e) == NULL)
		t_fail(__FILE__, __LINE__, "%s", e.msg);
	T_CALL(buf_puts(&b,
		   HEAD IDENTITY PROPERTIES "<ApplicabilityRules>"
					    "<Metadata>",
		   &e),
	    &e);
	for (i = 0; i < n; i++)
		T_CALL(buf_put(&b, part, sizeof(part) - 1, &e), &e);
	T_CALL(buf_puts(&b,
		   "</Metadata></ApplicabilityRules><Files><File "
		   "Digest='" SHA1 "'/></Files></Update>",
		   &e),
	    &e);
	before = peak_kib();
	T_CALL(update_reader_open(&reader, NULL, &e), &e);
	T_CALL(update_read(reader, &u, &arena, b.p, b.len, &e), &e);
	T_EQ(u.nfiles, 1);
	T_OK(peak_kib() - before < SLACK_KIB);
	update_reader_close(reader);
	arena_free(&arena);
	buf_free(&b);
}

T_MAIN
