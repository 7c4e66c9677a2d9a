/* SPDX-License-Identifier: ISC */
/* Answers that are refused: where, what was found, what was expected. */
#include "formats/serversync_priv.h"
#include "tests/serversync_note.h"
#include "tests/t.h"

#define G1 "7c6a2b54-51a1-4e0b-8a53-1f0f4d0b9c11"
#define D1 "3q2+7wABAgMEBQYHCAkKCwwNDg8="
#define ID(g, r)                                                               \
	"<UpdateID>" g "</UpdateID><RevisionNumber>" r "</RevisionNumber>"
#define REV(g, r) "<UpdateIdentity>" ID(g, r) "</UpdateIdentity>"
#define LIST(x) "<NewRevisions>" x "</NewRevisions>"
#define ITEM(x)                                                                \
	"<updates><ServerSyncUpdateData><Id>" ID(                              \
	    G1, "1") "</Id>" x "</ServerSyncUpdateData></updates>"
#define URL(x)                                                                 \
	"<fileUrls><ServerSyncUrlData>" x "</ServerSyncUrlData></fileUrls>"

struct row {
	enum ss_op op;
	const char *result, *why;
};

static void
refused(const struct row *row, enum err_kind kind)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;
	uint64_t at;

	note_open(&n);
	note_answer(&b, row->op, row->result);
	(void)note_read(&n, row->op, b.p, b.len, &e);
	at = e.at;
	if (e.kind != kind || strstr(e.msg, row->why) == NULL)
		t_fail(__FILE__, __LINE__, "%s: kind %d '%s', not '%s'",
		    row->result, (int)e.kind, e.msg, row->why);
	T_OK(at < b.len);
	note_close(&n);
	buf_free(&b);
}

T_TEST(values_that_are_none_are_refused)
{
	/* clang-format off */
	static const struct row rows[] = {
	    {SS_GET_REVISION_ID_LIST, LIST(REV("x", "1")),
		"UpdateIdentity/UpdateID: 'x', expected a GUID"},
	    {SS_GET_REVISION_ID_LIST, LIST(REV("", "1")),
		"UpdateIdentity/UpdateID: '', expected a GUID"},
	    {SS_GET_REVISION_ID_LIST, LIST(REV("{" G1 "}", "1")),
		"expected a GUID"},
	    {SS_GET_REVISION_ID_LIST, LIST(REV(G1, "-1")),
		"UpdateIdentity/RevisionNumber: '-1', expected a number that "
		"is not negative"},
	    {SS_GET_REVISION_ID_LIST, LIST(REV(G1, "2147483648")),
		"'2147483648', expected a number of 32 bits"},
	    {SS_GET_REVISION_ID_LIST, LIST(REV(G1, "1x")), "'1x', expected"},
	    {SS_GET_REVISION_ID_LIST, LIST(REV(G1, "")), "'', expected"},
	    {SS_GET_REVISION_ID_LIST, LIST(REV(G1, "+")), "'+', expected"},
	    {SS_GET_REVISION_ID_LIST, LIST(REV(G1, "--1")), "'--1', expected"},
	    {SS_GET_REVISION_ID_LIST, LIST(REV(G1, "1 2")), "'1 2', expected"},
	    {SS_GET_COOKIE, "<Expiration>soon</Expiration>",
		"GetCookie/Expiration: 'soon', expected a dateTime"},
	    {SS_GET_COOKIE, "<EncryptedData>AQI</EncryptedData>",
		"GetCookie/EncryptedData: 3 characters, expected base64"},
	    {SS_GET_COOKIE, "<EncryptedData>A=ID</EncryptedData>",
		"expected base64"},
	    {SS_GET_COOKIE, "<EncryptedData>====</EncryptedData>",
		"expected base64"},
	    {SS_GET_COOKIE, "<EncryptedData>AQID AQ</EncryptedData>",
		"6 characters, expected base64"},
	    {SS_GET_CONFIG_DATA, "<LazySync>yes</LazySync>",
		"GetConfigData/LazySync: 'yes', expected true, false, 1 or 0"},
	    {SS_GET_CONFIG_DATA, "<LazySync/>", "LazySync: '', expected"},
	    {SS_GET_CONFIG_DATA, "<LazySync>True</LazySync>", "'True'"},
	    {SS_GET_CONFIG_DATA, "<MaxNumberOfUpdatesPerRequest>many"
		"</MaxNumberOfUpdatesPerRequest>",
		"MaxNumberOfUpdatesPerRequest: 'many', expected a number"},
	    {SS_GET_UPDATE_DATA,
		ITEM("<XmlUpdateBlobCompressed>*</XmlUpdateBlobCompressed>"),
		"ServerSyncUpdateData/XmlUpdateBlobCompressed: 1 characters, "
		"expected base64"},
	    {SS_GET_UPDATE_DATA, ITEM("<FileDigestList><base64Binary>AQID"
		"</base64Binary></FileDigestList>"),
		"FileDigestList/base64Binary: base64 of 3 bytes, expected a "
		"SHA-1 of 20"},
	    {SS_GET_UPDATE_DATA, URL("<FileDigest/>"),
		"FileDigest: base64 of 0 bytes, expected a SHA-1 of 20"},
	    {SS_GET_UPDATE_DATA, URL("<DecryptionKey>x</DecryptionKey>"),
		"DecryptionKey: 1 characters, expected base64"},
	    {SS_GET_DEPLOYMENTS, "<HiddenUpdates><guid>x</guid>"
		"</HiddenUpdates>", "HiddenUpdates/guid: 'x', expected a GUID"},
	};
	/* clang-format on */
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		refused(&rows[i], E_FORMAT);
}

T_TEST(answers_of_another_shape_are_refused)
{
	/* clang-format off */
	static const struct row rows[] = {
	    {SS_GET_AUTHORIZATION_COOKIE, "<PlugInId>x</PlugInId>",
		"GetAuthorizationCookieResult: no CookieData"},
	    {SS_GET_AUTHORIZATION_COOKIE, "<CookieData/>",
		"GetAuthorizationCookieResult: no PlugInId"},
	    {SS_GET_COOKIE, "<EncryptedData/>",
		"GetCookieResult: no Expiration"},
	    {SS_GET_COOKIE, "<EncryptedData i:nil='true'/>"
		"<Expiration>2026-10-04T20:33:26Z</Expiration>",
		"GetCookieResult: no EncryptedData"},
	    {SS_GET_REVISION_ID_LIST, "<Anchor/><Anchor/>",
		"GetRevisionIdList/Anchor: stands twice, expected once"},
	    {SS_GET_REVISION_ID_LIST, LIST("") LIST(""),
		"NewRevisions: stands twice"},
	    {SS_GET_REVISION_ID_LIST, LIST("<UpdateIdentity>" ID(G1, "1")
		ID(G1, "2") "</UpdateIdentity>"),
		"UpdateIdentity/UpdateID: stands twice"},
	    {SS_GET_UPDATE_DATA, ITEM("<XmlUpdateBlob>x</XmlUpdateBlob>"
		"<XmlUpdateBlobCompressed>TVND</XmlUpdateBlobCompressed>"),
		"XmlUpdateBlobCompressed: a second document in the item"},
	    {SS_GET_UPDATE_DATA, ITEM("<XmlUpdateBlobCompressed>TVND"
		"</XmlUpdateBlobCompressed><XmlUpdateBlob>x</XmlUpdateBlob>"),
		"XmlUpdateBlob: a second document in the item"},
	    {SS_GET_UPDATE_DATA, ITEM("<XmlUpdateBlob><Update/>"
		"</XmlUpdateBlob>"),
		"ServerSyncUpdateData/XmlUpdateBlob: element Update, "
		"expected escaped text"},
	    {SS_GET_UPDATE_DATA, ITEM("<XmlUpdateBlob>x<!-- c --><o:y "
		"xmlns:o='urn:o'/></XmlUpdateBlob>"),
		"ServerSyncUpdateData/XmlUpdateBlob: element y, expected "
		"escaped text"},
	    {SS_GET_UPDATE_DATA, ITEM("<Id/>"),
		"ServerSyncUpdateData/Id: stands twice"},
	    {SS_GET_REVISION_ID_LIST, "<Anchor i:nil='maybe'/>",
		"Anchor: nil is 'maybe', expected true or false"},
	};
	/* clang-format on */
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		refused(&rows[i], E_FORMAT);
}

T_TEST(answers_of_another_operation_are_refused)
{
	static const struct {
		const char *body, *why;
	} rows[] = {
	    {"<GetCookieResponse xmlns='" SS_NS "'/>",
		"answer is GetCookieResponse in '" SS_NS
		"', expected GetConfigDataResponse in '" SS_NS "'"},
	    {"<GetConfigDataResponse/>",
		"answer is GetConfigDataResponse in '', expected"},
	    {"<GetConfigDataResponse xmlns='" SS_NS "/'/>", "expected"},
	    {"<GetConfigData xmlns='" SS_NS "'/>", "answer is GetConfigData "},
	    {"<GetConfigDataResponseX xmlns='" SS_NS "'/>", "ResponseX in"},
	    {"<GetConfigDataResponse xmlns='" SS_NS "'/>",
		"GetConfigDataResponse: no GetConfigDataResult"},
	    {"<GetConfigDataResponse xmlns='" SS_NS
	     "'><GetConfigDataResult xmlns=''/></GetConfigDataResponse>",
		"GetConfigDataResponse: no GetConfigDataResult"},
	    {"<x i:nil='true' xmlns:i='" SOAP_XSI "'/>",
		"GetConfigDataResponse: no GetConfigDataResult"},
	    {"<GetConfigDataResponse xmlns='" SS_NS
	     "'><GetConfigDataResult/><GetConfigDataResult/>"
	     "</GetConfigDataResponse>",
		"GetConfigData: stands twice"},
	    {"<GetConfigDataResponse xmlns='" SS_NS
	     "'><GetConfigDataResult xmlns:i='" SOAP_XSI
	     "' i:nil='true'/></GetConfigDataResponse>",
		"GetConfigDataResponse: no GetConfigDataResult"},
	};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;

	note_open(&n);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		note_wrap(&b, rows[i].body);
		T_FAILS(note_read(&n, SS_GET_CONFIG_DATA, b.p, b.len, &e), &e,
		    E_FORMAT, rows[i].why);
	}
	note_close(&n);
	buf_free(&b);
}

/* --- limits --- */

/* An element with so many letters of base64 in an answer. */
static void
long_value(enum ss_op op, const char *before, const char *name,
    const char *after, size_t len, const char *why)
{
	struct buf b = BUF_INIT, r = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;
	size_t i;

	note_open(&n);
	T_CALL(buf_printf(&r, &e, "%s<%s>", before, name), &e);
	for (i = 0; i < len; i++)
		T_CALL(buf_put(&r, "A", 1, &e), &e);
	T_CALL(buf_printf(&r, &e, "</%s>%s", name, after), &e);
	note_answer(&b, op, buf_str(&r, &e));
	if (why != NULL)
		T_FAILS(note_read(&n, op, b.p, b.len, &e), &e, E_LIMIT, why);
	else
		T_CALL(note_read(&n, op, b.p, b.len, &e), &e);
	note_close(&n);
	buf_free(&b);
	buf_free(&r);
}

#define TIME "<Expiration>2026-10-04T20:33:26Z</Expiration>"
#define LANG "<LanguageUpdateList><ServerSyncLanguageData>"

T_TEST(values_are_bounded)
{
	static const struct {
		enum ss_op op;
		const char *before, *name, *after;
		size_t good, bad;
		const char *why;
	} rows[] = {
	    {SS_GET_COOKIE, TIME, "EncryptedData", "", SS_COOKIE_MAX - 4,
		SS_COOKIE_MAX, "EncryptedData: 16384 bytes, at most 16383"},
	    {SS_GET_COOKIE, TIME, "EncryptedData", "", SS_COOKIE_MAX - 4,
		SS_COOKIE_MAX + 4, "EncryptedData: more than 16384 bytes"},
	    {SS_GET_REVISION_ID_LIST, "", "Anchor", "", SS_ANCHOR_MAX - 1,
		SS_ANCHOR_MAX, "Anchor: 1024 bytes, at most 1023"},
	    {SS_GET_REVISION_ID_LIST, "", "Anchor", "", 0, 5000,
		"Anchor: more than 4096 bytes"},
	    {SS_GET_CONFIG_DATA, "", "NewConfigAnchor", "", SS_ANCHOR_MAX - 1,
		SS_ANCHOR_MAX, "NewConfigAnchor: 1024 bytes"},
	    {SS_GET_CONFIG_DATA, "", "ProtocolVersion", "", 15, 16,
		"ProtocolVersion: 16 bytes, at most 15"},
	    {SS_GET_CONFIG_DATA, LANG, "ShortLanguage",
		"</ServerSyncLanguageData></LanguageUpdateList>", 15, 16,
		"ShortLanguage: 16 bytes, at most 15"},
	    {SS_GET_UPDATE_DATA, "<fileUrls><ServerSyncUrlData>", "MUUrl",
		"</ServerSyncUrlData></fileUrls>", SS_URL_MAX - 1, SS_URL_MAX,
		"MUUrl: 2048 bytes, at most 2047"},
	    {SS_GET_UPDATE_DATA, "<fileUrls><ServerSyncUrlData>",
		"DecryptionKey", "</ServerSyncUrlData></fileUrls>", 4096, 4100,
		"DecryptionKey: more than 4096 bytes"},
	    {SS_GET_AUTH_CONFIG, "<AuthInfo><AuthPlugInInfo>", "PlugInID",
		"</AuthPlugInInfo></AuthInfo>", SS_WORD_MAX - 1, SS_WORD_MAX,
		"PlugInID: 256 bytes, at most 255"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		long_value(rows[i].op, rows[i].before, rows[i].name,
		    rows[i].after, rows[i].good, NULL);
		long_value(rows[i].op, rows[i].before, rows[i].name,
		    rows[i].after, rows[i].bad, rows[i].why);
	}
}

T_TEST(members_are_counted_nil_ones_and_those_within_too)
{
	static const struct {
		enum ss_op op;
		const char *four;
	} rows[] = {
	    {SS_GET_REVISION_ID_LIST,
		LIST(REV(G1, "1") REV(G1, "2") REV(G1, "3") REV(G1, "4"))},
	    {SS_GET_REVISION_ID_LIST,
		LIST("<UpdateIdentity/><UpdateIdentity i:nil='1'/>"
		     "<UpdateIdentity i:nil='1'/><UpdateIdentity/>")},
	    {SS_GET_UPDATE_DATA,
		ITEM("<FileDigestList><base64Binary>" D1
		     "</base64Binary><base64Binary i:nil='1'/><base64Binary>" D1
		     "</base64Binary></FileDigestList>")},
	    {SS_GET_DEPLOYMENTS,
		"<DeadDeployments><guid>" G1 "</guid><guid>" G1
		"</guid></DeadDeployments><HiddenUpdates><guid>" G1
		"</guid><guid>" G1 "</guid></HiddenUpdates>"},
	};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;

	note_open(&n);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		note_answer(&b, rows[i].op, rows[i].four);
		n.r->max_list = 3;
		T_FAILS(note_read(&n, rows[i].op, b.p, b.len, &e), &e, E_LIMIT,
		    "more than 3 members");
		n.r->max_list = 4;
		T_CALL(note_read(&n, rows[i].op, b.p, b.len, &e), &e);
	}
	note_close(&n);
	buf_free(&b);
}

T_TEST(languages_are_bounded)
{
	struct buf b = BUF_INIT, r = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;
	int i;

	note_open(&n);
	T_CALL(buf_puts(&r, "<LanguageUpdateList>", &e), &e);
	for (i = 0; i <= SS_LANGS_MAX; i++)
		T_CALL(buf_puts(&r,
			   "<ServerSyncLanguageData><LanguageID>1</LanguageID>"
			   "</ServerSyncLanguageData>",
			   &e),
		    &e);
	T_CALL(buf_puts(&r, "</LanguageUpdateList>", &e), &e);
	note_answer(&b, SS_GET_CONFIG_DATA, buf_str(&r, &e));
	T_FAILS(note_read(&n, SS_GET_CONFIG_DATA, b.p, b.len, &e), &e, E_LIMIT,
	    "more than 256 languages");
	note_close(&n);
	buf_free(&b);
	buf_free(&r);
}

T_TEST(a_doctype_is_refused)
{
	static const char bad[] =
	    "<!DOCTYPE x [<!ENTITY a 'b'>]><s:Envelope xmlns:s='" SOAP_NS "'>";
	struct err e = ERR_INIT;
	struct note n;

	note_open(&n);
	T_FAILS(note_read(&n, SS_GET_COOKIE, bad, sizeof(bad) - 1, &e), &e,
	    E_FORMAT, "DOCTYPE: not allowed here");
	note_close(&n);
}

/* --- damage --- */

static const char small[] = ITEM(
    "<FileDigestList><base64Binary>" D1 "</base64Binary></FileDigestList>"
    "<XmlUpdateBlob>&lt;a/&gt;</XmlUpdateBlob>")
    URL("<FileDigest>" D1 "</FileDigest><MUUrl>http://x/</MUUrl><UssUrl/>");

T_TEST(every_truncation_is_an_error)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;
	size_t i;

	note_open(&n);
	note_answer(&b, SS_GET_UPDATE_DATA, small);
	for (i = 0; i < b.len; i++)
		T_FAILS(note_read(&n, SS_GET_UPDATE_DATA, b.p, i, &e), &e,
		    E_FORMAT, "");
	T_CALL(note_read(&n, SS_GET_UPDATE_DATA, b.p, i, &e), &e);
	note_close(&n);
	buf_free(&b);
}

T_TEST(every_damaged_byte_is_an_error_or_an_answer)
{
	static const uint8_t masks[] = {0x01, 0x20, 0x80, 0xff};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;
	size_t i, k, refusals = 0;

	note_open(&n);
	note_answer(&b, SS_GET_UPDATE_DATA, small);
	for (i = 0; i < b.len; i++)
		for (k = 0; k < sizeof(masks); k++) {
			b.p[i] ^= masks[k];
			if (note_read(&n, SS_GET_UPDATE_DATA, b.p, b.len, &e) ==
			    -1) {
				T_OK(e.kind == E_FORMAT);
				refusals++;
			}
			err_clear(&e);
			b.p[i] ^= masks[k];
		}
	T_OK(refusals > b.len * 2);
	note_close(&n);
	buf_free(&b);
}

T_TEST(a_call_that_fails_ends_the_reading)
{
	static const struct {
		enum ss_op op;
		const char *call, *result;
	} rows[] = {
	    {SS_GET_REVISION_ID_LIST, "rev", LIST(REV(G1, "1"))},
	    {SS_GET_UPDATE_DATA, "item", ITEM("")},
	    {SS_GET_UPDATE_DATA, "url", URL("<FileDigest>" D1 "</FileDigest>")},
	    {SS_GET_DEPLOYMENTS, "hidden",
		"<HiddenUpdates><guid>" G1 "</guid></HiddenUpdates>"},
	};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;

	note_open(&n);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		note_answer(&b, rows[i].op, rows[i].result);
		n.fail = rows[i].call;
		T_FAILS(note_read(&n, rows[i].op, b.p, b.len, &e), &e, E_STOP,
		    "is not wanted");
		n.fail = NULL; /* and the reader goes on */
		T_CALL(note_read(&n, rows[i].op, b.p, b.len, &e), &e);
	}
	note_close(&n);
	buf_free(&b);
}

T_TEST(a_reader_may_have_nobody_to_tell)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct note n;

	note_open(&n);
	note_answer(&b, SS_GET_REVISION_ID_LIST,
	    "<NewRevisions>" REV(G1, "1") "</NewRevisions>");
	T_CALL(serversync_read(n.r, SS_GET_REVISION_ID_LIST, b.p, b.len, NULL,
		   NULL, n.reply, &e),
	    &e);
	T_EQ(n.reply->members, 1);
	note_close(&n);
	buf_free(&b);
}

T_MAIN
