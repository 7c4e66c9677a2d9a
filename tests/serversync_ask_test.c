/* SPDX-License-Identifier: ISC */
/* What we ask, compared with what a real server was seen to accept. */
#include "formats/xml.h"
#include "tests/serversync_note.h"
#include "tests/t.h"

#define HEAD                                                                   \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope "            \
	"xmlns:soap=\"" SOAP_NS "\"><soap:Body>"
#define TAIL "</soap:Body></soap:Envelope>"
#define COOKIE                                                                 \
	"<cookie><Expiration>2026-10-04T20:33:26.65455Z</Expiration>"          \
	"<EncryptedData>AQIDBA==</EncryptedData></cookie>"

static const struct ss_cookie cookie = {
    "2026-10-04T20:33:26.65455Z", "AQIDBA=="};

static struct guid
guid(const char *text)
{
	struct guid g;

	T_OK(guid_read(&g, text, strlen(text)));
	return g;
}

static void
is(struct buf *b, const char *want)
{
	struct err e = ERR_INIT;

	T_STR(buf_str(b, &e), want);
	buf_reset(b);
}

T_TEST(every_operation_has_its_action)
{
	T_STR(serversync_op_name(SS_GET_RELATED_REVISIONS),
	    "GetRelatedRevisionsForUpdates");
	T_STR(serversync_op_action(SS_GET_COOKIE),
	    "\"http://www.microsoft.com/SoftwareDistribution/GetCookie\"");
	T_STR(serversync_op_action(SS_GET_AUTHORIZATION_COOKIE),
	    "\"http://www.microsoft.com/SoftwareDistribution/Server/"
	    "DssAuthWebService/GetAuthorizationCookie\"");
	for (int op = 0; op < SS_NOPS; op++)
		T_OK(strstr(serversync_op_action((enum ss_op)op),
			 serversync_op_name((enum ss_op)op)) != NULL);
}

T_TEST(a_session_is_asked_for)
{
	const struct guid id = guid("5D0C9A52-7d3e-4f0b-9a64-0c1b2f4e8a71");
	const struct ss_auth auth = {"DssTargeting", "q83vEjRWeJA="};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(serversync_ask_auth_config(&b, &e), &e);
	is(&b, HEAD "<GetAuthConfig xmlns=\"" SS_NS "\"></GetAuthConfig>" TAIL);
	T_CALL(serversync_ask_authorization(&b, "fetch01.example.net", &id, &e),
	    &e);
	is(&b,
	    HEAD "<GetAuthorizationCookie xmlns=\"" SS_AUTH_NS "\">"
		 "<accountName>fetch01.example.net</accountName><accountGuid>"
		 "5d0c9a52-7d3e-4f0b-9a64-0c1b2f4e8a71</accountGuid>"
		 "</GetAuthorizationCookie>" TAIL);
	T_CALL(serversync_ask_cookie(&b, &auth, "1.20", &e), &e);
	is(&b,
	    HEAD "<GetCookie xmlns=\"" SS_NS "\"><authCookies>"
		 "<AuthorizationCookie><PlugInId>DssTargeting</PlugInId>"
		 "<CookieData>q83vEjRWeJA=</CookieData></AuthorizationCookie>"
		 "</authCookies><protocolVersion>1.20</protocolVersion>"
		 "</GetCookie>" TAIL);
	T_CALL(serversync_ask_config(&b, &cookie, NULL, &e), &e);
	is(&b,
	    HEAD "<GetConfigData xmlns=\"" SS_NS "\">" COOKIE
		 "</GetConfigData>" TAIL);
	T_CALL(serversync_ask_config(&b, &cookie, "9438,<&>", &e), &e);
	is(&b,
	    HEAD "<GetConfigData xmlns=\"" SS_NS "\">" COOKIE
		 "<configAnchor>9438,&lt;&amp;&gt;</configAnchor>"
		 "</GetConfigData>" TAIL);
	buf_free(&b);
}

T_TEST(a_list_is_asked_for_with_both_lists_or_neither)
{
	const struct ss_filter_id product = {
	    guid("a3c2375d-0c8a-42f9-bce0-28333e198407"), false};
	const struct ss_filter_id kind = {
	    guid("0fa1201d-4330-4fa8-8ae9-b877473b6441"), true};
	struct ss_filter f = {.config = true};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(serversync_ask_list(&b, &cookie, &f, &e), &e);
	is(&b,
	    HEAD "<GetRevisionIdList xmlns=\"" SS_NS "\">" COOKIE
		 "<filter><GetConfig>true</GetConfig><Get63LanguageOnly>false"
		 "</Get63LanguageOnly></filter></GetRevisionIdList>" TAIL);
	f = (struct ss_filter){false, "a,b", &product, &kind, 1, 1};
	T_CALL(serversync_ask_list(&b, &cookie, &f, &e), &e);
	is(&b,
	    HEAD "<GetRevisionIdList xmlns=\"" SS_NS "\">" COOKIE
		 "<filter><Anchor>a,b</Anchor><GetConfig>false</GetConfig>"
		 "<Get63LanguageOnly>false</Get63LanguageOnly><Categories>"
		 "<IdAndDelta><Id>a3c2375d-0c8a-42f9-bce0-28333e198407</Id>"
		 "<Delta>false</Delta></IdAndDelta></Categories>"
		 "<Classifications><IdAndDelta>"
		 "<Id>0fa1201d-4330-4fa8-8ae9-b877473b6441</Id>"
		 "<Delta>true</Delta></IdAndDelta></Classifications></filter>"
		 "</GetRevisionIdList>" TAIL);
	f.nclassifications = 0;
	T_FAILS(serversync_ask_list(&b, &cookie, &f, &e), &e, E_USAGE,
	    "1 categories and 0 classifications: both or neither");
	buf_free(&b);
}

T_TEST(revisions_are_asked_for_within_bounds)
{
	const struct ss_rev rev = {
	    guid("7c6a2b54-51a1-4e0b-8a53-1f0f4d0b9c11"), 201};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(serversync_ask_revs(
		   &b, SS_GET_UPDATE_DECRYPTION_DATA, &cookie, &rev, 1, &e),
	    &e);
	is(&b,
	    HEAD
	    "<GetUpdateDecryptionData xmlns=\"" SS_NS "\">" COOKIE
	    "<updateIds><UpdateIdentity><UpdateID>"
	    "7c6a2b54-51a1-4e0b-8a53-1f0f4d0b9c11</UpdateID><RevisionNumber>"
	    "201</RevisionNumber></UpdateIdentity></updateIds>"
	    "</GetUpdateDecryptionData>" TAIL);
	T_FAILS(
	    serversync_ask_revs(&b, SS_GET_UPDATE_DATA, &cookie, &rev, 0, &e),
	    &e, E_USAGE, "0 ids in a request, 1 to 1000");
	T_FAILS(serversync_ask_revs(
		    &b, SS_GET_UPDATE_DATA, &cookie, &rev, 1001, &e),
	    &e, E_USAGE, "1001 ids");
	buf_free(&b);
}

T_TEST(the_others_are_asked_for)
{
	const struct guid id = guid("7c6a2b54-51a1-4e0b-8a53-1f0f4d0b9c11");
	static const uint8_t sha1[1][SHA1_LEN] = {{0xde, 0xad, 0xbe, 0xef, 0, 1,
	    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(serversync_ask_related(&b, &cookie, &id, 1, &e), &e);
	is(&b,
	    HEAD "<GetRelatedRevisionsForUpdates xmlns=\"" SS_NS "\">" COOKIE
		 "<updateIDs><guid>7c6a2b54-51a1-4e0b-8a53-1f0f4d0b9c11"
		 "</guid></updateIDs></GetRelatedRevisionsForUpdates>" TAIL);
	T_CALL(serversync_ask_deployments(&b, &cookie, NULL, "9438,x", &e), &e);
	is(&b,
	    HEAD "<GetDeployments xmlns=\"" SS_NS "\">" COOKIE
		 "<syncAnchor>9438,x</syncAnchor></GetDeployments>" TAIL);
	T_CALL(serversync_ask_deployments(&b, &cookie, "d", "s", &e), &e);
	is(&b,
	    HEAD "<GetDeployments xmlns=\"" SS_NS "\">" COOKIE
		 "<deploymentAnchor>d</deploymentAnchor>"
		 "<syncAnchor>s</syncAnchor></GetDeployments>" TAIL);
	T_CALL(serversync_ask_download(&b, &cookie, sha1, 1, &e), &e);
	is(&b,
	    HEAD "<DownloadFiles xmlns=\"" SS_NS "\">" COOKIE
		 "<fileDigestList><base64Binary>3q2+7wABAgMEBQYHCAkKCwwNDg8="
		 "</base64Binary></fileDigestList></DownloadFiles>" TAIL);
	T_FAILS(serversync_ask_related(&b, &cookie, &id, 0, &e), &e, E_USAGE,
	    "0 ids");
	T_FAILS(serversync_ask_download(&b, &cookie, sha1, 1001, &e), &e,
	    E_USAGE, "1001 ids");
	buf_free(&b);
}

T_TEST(what_xml_cannot_hold_is_not_asked)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_FAILS(serversync_ask_config(&b, &cookie, "a\x01", &e), &e, E_FORMAT,
	    "configAnchor: byte 0x01: not a character of XML");
	buf_free(&b);
}

/* --- the recorded requests --- */

/*
 * Elements and text, one a line, prefixes and blanks gone; and without what the
 * recorded client left out though the schema wants it, Get63LanguageOnly.
 */
struct trace {
	struct buf b;
	bool skip;
};

static int
start(void *arg, const struct xml_elem *el, struct err *e)
{
	struct trace *t = arg;

	t->skip = strcmp(el->name, "Get63LanguageOnly") == 0;
	return t->skip ? 0 : buf_printf(&t->b, e, "(%s %s\n", el->name, el->ns);
}

static int
end(void *arg, const struct xml_elem *el, struct err *e)
{
	struct trace *t = arg;

	(void)el;
	if (t->skip) {
		t->skip = false;
		return 0;
	}
	return buf_puts(&t->b, ")\n", e);
}

static int
text(void *arg, const char *p, size_t n, struct err *e)
{
	struct trace *t = arg;

	return t->skip ? 0 : buf_put(&t->b, p, n, e);
}

static void
trace(struct trace *t, const struct buf *m)
{
	static const struct xml_handler h = {start, end, text};
	struct xml *x;
	struct err e = ERR_INIT;

	xml_init();
	T_CALL(xml_open(&x, &h, t, NULL, &e), &e);
	T_CALL(xml_parse(x, m->p, m->len, &e), &e);
	T_OK(buf_str(&t->b, &e) != NULL);
	xml_close(x);
}

/* Ours, and the one that was recorded under that number. */
static void
same(struct buf *ours, unsigned number)
{
	struct trace a = {.b = BUF_INIT}, b = {.b = BUF_INIT};
	struct buf theirs = BUF_INIT;
	char name[64];

	(void)snprintf(name, sizeof(name),
	    "server-sync/exchanges/%06u/request.body", number);
	note_sample(&theirs, name);
	trace(&a, ours);
	trace(&b, &theirs);
	T_STR((char *)a.b.p, (char *)b.b.p);
	buf_reset(ours);
	buf_free(&theirs);
	buf_free(&a.b);
	buf_free(&b.b);
}

/* Cookies were blanked to As by those who recorded. */
static void
blank(char *to, size_t n, const char *tail)
{
	memset(to, 'A', n);
	memcpy(to + n, tail, strlen(tail) + 1);
}

T_TEST(recorded_requests_of_a_session_are_ours)
{
	const struct guid id = guid("6f1c2f6e-3f0b-4d3a-9b1e-0d2f6a1c5e12");
	static struct ss_auth auth;
	static struct ss_cookie c;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	note_need_samples();
	(void)snprintf(auth.plugin, sizeof(auth.plugin), "DssTargeting");
	blank(auth.data, 576, "");
	(void)snprintf(
	    c.expiration, sizeof(c.expiration), "%s", cookie.expiration);
	blank(c.data, 278, "==");
	T_CALL(serversync_ask_auth_config(&b, &e), &e);
	same(&b, 1);
	T_CALL(
	    serversync_ask_authorization(&b, "probe.lab.invalid", &id, &e), &e);
	same(&b, 2);
	T_CALL(serversync_ask_cookie(&b, &auth, "1.20", &e), &e);
	same(&b, 3);
	T_CALL(
	    serversync_ask_config(&b, &c, "9438,2026-10-04 16:09:27.167", &e),
	    &e);
	same(&b, 4);
	T_CALL(serversync_ask_config(&b, &c, NULL, &e), &e);
	same(&b, 5);
	buf_free(&b);
}

T_TEST(recorded_requests_of_lists_are_ours)
{
	struct ss_filter_id product = {
	    guid("8c3fcc84-7410-4a95-8b89-a166a0190486"), false};
	struct ss_filter_id critical = {
	    guid("0fa1201d-4330-4fa8-8ae9-b877473b6441"), false};
	struct ss_filter_id definitions = {
	    guid("e0789628-ce08-4437-be74-2495b842f43b"), false};
	static const char anchor[] = "9438,2026-10-04 16:09:27.371";
	struct ss_filter f = {.config = true};
	static struct ss_cookie c;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	note_need_samples();
	(void)snprintf(
	    c.expiration, sizeof(c.expiration), "%s", cookie.expiration);
	blank(c.data, 278, "==");
	T_CALL(serversync_ask_list(&b, &c, &f, &e), &e);
	same(&b, 6);
	f = (struct ss_filter){false, NULL, &product, &critical, 1, 1};
	T_CALL(serversync_ask_list(&b, &c, &f, &e), &e);
	same(&b, 8);
	f.classifications = &definitions;
	T_CALL(serversync_ask_list(&b, &c, &f, &e), &e);
	same(&b, 9);
	f.anchor = anchor;
	T_CALL(serversync_ask_list(&b, &c, &f, &e), &e);
	same(&b, 10);
	product.delta = definitions.delta = true;
	T_CALL(serversync_ask_list(&b, &c, &f, &e), &e);
	same(&b, 11);
	f = (struct ss_filter){.anchor = anchor};
	T_CALL(serversync_ask_list(&b, &c, &f, &e), &e);
	same(&b, 12);
	f.anchor = "garbage";
	T_CALL(serversync_ask_list(&b, &c, &f, &e), &e);
	same(&b, 18);
	buf_free(&b);
}

T_TEST(recorded_requests_of_updates_are_ours)
{
	static const struct {
		unsigned number;
		const char *id;
		uint32_t revision;
	} rows[] = {{13, "a2fef9b0-7951-4c2c-a42b-9e351dd1c1fe", 200},
	    {14, "266f6222-c89d-43f2-9f8a-69340271e677", 200},
	    {15, "ccb78947-6453-4ecc-9de8-bc0305c98f2d", 200},
	    {16, "56309036-4c77-4dd9-951a-99ee9c246a94", 101},
	    {17, "00000000-0000-0000-0000-000000000001", 1}};
	static struct ss_cookie c;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct ss_rev rev;

	note_need_samples();
	(void)snprintf(
	    c.expiration, sizeof(c.expiration), "%s", cookie.expiration);
	blank(c.data, 278, "==");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rev = (struct ss_rev){guid(rows[i].id), rows[i].revision};
		T_CALL(serversync_ask_revs(
			   &b, SS_GET_UPDATE_DATA, &c, &rev, 1, &e),
		    &e);
		same(&b, rows[i].number);
	}
	buf_free(&b);
}

T_MAIN
