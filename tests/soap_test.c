/* SPDX-License-Identifier: ISC */
#include "formats/soap.h"

#include "lib/base/buf.h"
#include "tests/t.h"

#define ENV "<s:Envelope xmlns:s='" SOAP_NS "' xmlns:i='" SOAP_XSI "'>"
#define END "</s:Body></s:Envelope>"

static int
start(void *arg, const struct xml_elem *el, struct err *e)
{
	return buf_printf(arg, e, "(%u%s{%s}", el->depth, el->name,
	    el->ns != NULL ? el->ns : "");
}

static int
end(void *arg, const struct xml_elem *el, struct err *e)
{
	return buf_printf(arg, e, ")%u", el->depth);
}

static int
text(void *arg, const char *p, size_t n, struct err *e)
{
	return buf_put(arg, p, n, e);
}

static int
nil(void *arg, const struct xml_elem *el, struct err *e)
{
	return buf_printf(arg, e, "nil:%u%s", el->depth, el->name);
}

static const struct xml_handler tracer = {start, end, text};
static struct soap_fault fault;

static int
read_message(struct buf *b, const char *p, size_t n, struct err *e)
{
	struct soap *s;
	int r;

	xml_init();
	buf_reset(b);
	T_CALL(soap_open(&s, e), e);
	soap_on_nil(s, nil);
	r = soap_read(s, p, n, &tracer, b, &fault, e);
	soap_close(s);
	return r;
}

static void
gives(const char *message, const char *events)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(read_message(&b, message, strlen(message), &e), &e);
	T_STR(buf_str(&b, &e), events);
	T_EQ(fault.code, SOAP_OK);
	buf_free(&b);
}

static void
refused(const char *message, enum err_kind kind, const char *why)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_FAILS(read_message(&b, message, strlen(message), &e), &e, kind, why);
	buf_free(&b);
}

T_TEST(only_the_body_is_handed_on)
{
	gives(ENV "<s:Body><Op xmlns='urn:x'>a<b>c</b></Op>" END,
	    "(1Op{urn:x}a(2b{urn:x}c)2)1");
	gives("\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>\n" ENV
	      "\n<s:Header><h>x</h></s:Header>\n<s:Body>\n<Op/>\n" END "\n",
	    "(1Op{})1\n");
	gives("<Envelope xmlns='" SOAP_NS "'><x/><Body><o:Op xmlns:o='urn:o'>"
	      "</o:Op></Body><y>z</y></Envelope>",
	    "(1Op{urn:o})1");
}

T_TEST(what_is_nil_is_left_out_and_told_of)
{
	gives(ENV "<s:Body><a><b i:nil='true'>x<c/></b><d i:nil=' 1 '/>"
		  "<f i:nil='false'/><g i:nil='0'/><h nil='true'/></a>" END,
	    "(1a{}nil:2bnil:2d(2f{})2(2g{})2(2h{})2)1");
	gives(
	    ENV "<s:Body><a i:nil='true'><b i:nil='true'/></a>" END, "nil:1a");
	refused(ENV "<s:Body><a i:nil='yes'/>" END, E_FORMAT,
	    "a: nil is 'yes', expected true or false");
}

T_TEST(a_message_of_another_shape_is_refused)
{
	refused("<html><body>Log in</body></html>", E_FORMAT,
	    "root is html in '', expected Envelope");
	refused("<Envelope/>", E_FORMAT, "root is Envelope in ''");
	refused("<Envelope xmlns='http://www.w3.org/2003/05/soap-envelope'/>",
	    E_FORMAT, "2003/05/soap-envelope', expected Envelope");
	refused(ENV "</s:Envelope>", E_FORMAT, "Envelope: no Body");
	refused(ENV "<Body><a/></Body></s:Envelope>", E_FORMAT, "no Body");
	refused(ENV "<s:Body>" END, E_FORMAT, "Body: empty");
	refused(ENV "<s:Body>text" END, E_FORMAT, "Body: empty");
	refused(ENV "<s:Body><a/><b/>" END, E_FORMAT,
	    "a second element of Body is b in '', expected one");
	refused(ENV "<s:Body><a/></s:Body><s:Body/></s:Envelope>", E_FORMAT,
	    "a second Body");
	refused("", E_FORMAT, "no element");
	refused(
	    "<!DOCTYPE Envelope>" ENV "<s:Body><a/>" END, E_FORMAT, "DOCTYPE");
	refused("<!DOCTYPE html><html/>", E_FORMAT, "DOCTYPE");
	refused(ENV "<s:Body><a>&nbsp;</a>" END, E_FORMAT, "nbsp");
}

T_TEST(depth_is_bounded)
{
	struct buf m = BUF_INIT, b = BUF_INIT;
	struct err e = ERR_INIT;
	unsigned over, i, n;

	for (over = 0; over < 2; over++) {
		n = SOAP_MAX_DEPTH - 2 + over;
		buf_reset(&m);
		T_CALL(buf_puts(&m, ENV "<s:Body>", &e), &e);
		for (i = 0; i < n; i++)
			T_CALL(buf_puts(&m, "<a>", &e), &e);
		for (i = 0; i < n; i++)
			T_CALL(buf_puts(&m, "</a>", &e), &e);
		T_CALL(buf_puts(&m, END, &e), &e);
		if (over == 0)
			T_CALL(read_message(&b, (char *)m.p, m.len, &e), &e);
		else
			T_FAILS(read_message(&b, (char *)m.p, m.len, &e), &e,
			    E_LIMIT, "deeper than 256");
	}
	buf_free(&m);
	buf_free(&b);
}

T_TEST(size_is_bounded_before_the_bytes_are_looked_at)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_FAILS(read_message(&b, "<", SOAP_MAX_MESSAGE + 1, &e), &e, E_LIMIT,
	    "message of 268435457 bytes, at most 268435456");
	buf_free(&b);
}

/* --- faults --- */

static void
read_fault(const char *message)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(read_message(&b, message, strlen(message), &e), &e);
	T_EQ(b.len, 0); /* the handler got nothing */
	buf_free(&b);
}

T_TEST(a_fault_says_what_and_where)
{
	read_fault(
	    ENV "<s:Body><s:Fault><faultcode>s:Client</faultcode>"
		"<faultstring>\n Fault occurred \r\n at Stack.Trace()\n"
		"</faultstring><faultactor>http://x/</faultactor><detail>"
		"<ErrorCode> InvalidCookie </ErrorCode><Message>a &amp; b"
		"</Message><ID>0d5c</ID><Method>\"urn:m\"</Method></detail>"
		"</s:Fault>" END);
	T_EQ(fault.code, SOAP_INVALID_COOKIE);
	T_STR(fault.word, "InvalidCookie");
	T_STR(fault.message, "a & b");
	T_STR(fault.id, "0d5c");
	T_STR(fault.method, "\"urn:m\"");
	T_STR(fault.string, "Fault occurred ");
}

T_TEST(a_fault_is_read_at_any_depth_in_any_namespace)
{
	read_fault(ENV "<s:Body><s:Fault><Reason/><Detail xmlns='urn:d'>"
		       "<detail><ErrorCode>ServerBusy</ErrorCode>"
		       "<Message></Message></detail></Detail></s:Fault>" END);
	T_EQ(fault.code, SOAP_SERVER_BUSY);
	T_STR(fault.message, "");
	T_STR(fault.string, "");
	read_fault(ENV "<s:Body><s:Fault><ErrorCode/><ErrorCode>ServerBusy"
		       "</ErrorCode><ErrorCode>InvalidCookie</ErrorCode>"
		       "</s:Fault>" END);
	T_EQ(fault.code, SOAP_SERVER_BUSY); /* the first that says anything */
}

T_TEST(every_error_code_has_its_word)
{
	static const char *const words[] = {"InvalidParameters",
	    "InvalidCookie", "InvalidAuthorizationCookie",
	    "IncompatibleProtocolVersion", "InternalServerError",
	    "FileDigestsMissing", "ServerChanged", "ServerBusy", "TooManyIds"};
	char m[1024];
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		(void)snprintf(m, sizeof(m),
		    ENV "<s:Body><s:Fault><detail><ErrorCode>%s</ErrorCode>"
			"</detail></s:Fault>" END,
		    words[i]);
		read_fault(m);
		T_EQ(fault.code, SOAP_INVALID_PARAMETERS + i);
		T_STR(soap_code_word(fault.code), words[i]);
	}
}

T_TEST(an_expired_cookie_is_an_invalid_one)
{
	read_fault(ENV "<s:Body><s:Fault><detail><ErrorCode>CookieExpired"
		       "</ErrorCode></detail></s:Fault>" END);
	T_EQ(fault.code, SOAP_INVALID_COOKIE);
	T_STR(fault.word, "CookieExpired");
}

T_TEST(another_code_or_none_is_unknown)
{
	read_fault(ENV "<s:Body><s:Fault><detail><ErrorCode>invalidcookie"
		       "</ErrorCode></detail></s:Fault>" END);
	T_EQ(fault.code, SOAP_UNKNOWN);
	T_STR(fault.word, "invalidcookie");
	read_fault(ENV "<s:Body><s:Fault/>" END);
	T_EQ(fault.code, SOAP_UNKNOWN);
	T_STR(fault.word, "");
	read_fault(ENV "<s:Body><s:Fault><ErrorCode>unknown</ErrorCode>"
		       "</s:Fault>" END);
	T_EQ(fault.code, SOAP_UNKNOWN);
}

T_TEST(a_fault_in_another_namespace_is_no_fault)
{
	gives(ENV "<s:Body><Fault/>" END, "(1Fault{})1");
}

T_TEST(long_texts_of_a_fault_are_cut_between_characters)
{
	struct buf m = BUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	T_CALL(buf_puts(&m, ENV "<s:Body><s:Fault><ID>x", &e), &e);
	for (i = 0; i < 100; i++)
		T_CALL(buf_puts(&m, "\xc3\xa4", &e), &e);
	T_CALL(buf_puts(&m, "</ID><Message>", &e), &e);
	for (i = 0; i < SOAP_TEXT_MAX; i++)
		T_CALL(buf_puts(&m, "\xc3\xa4", &e), &e);
	T_CALL(buf_puts(&m, "</Message></s:Fault>" END, &e), &e);
	read_fault(buf_str(&m, &e));
	T_EQ(strlen(fault.id), 63);
	T_EQ(strlen(fault.message), SOAP_TEXT_MAX - 2);
	T_EQ(fault.message[SOAP_TEXT_MAX - 3] & 0xff, 0xa4);
	buf_free(&m);
}

/* --- written --- */

T_TEST(what_is_written_is_read)
{
	struct buf m = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(soap_begin(&m, "Op", "urn:x", &e), &e);
	T_CALL(soap_put(&m, "a", "<&>\r", &e), &e);
	T_CALL(soap_put(&m, "b", NULL, &e), &e);
	T_CALL(soap_put(&m, "c", "", &e), &e);
	T_CALL(soap_put_bool(&m, "d", true, &e), &e);
	T_CALL(soap_put_bool(&m, "d", false, &e), &e);
	T_CALL(soap_put_num(&m, "f", UINT64_MAX, &e), &e);
	T_CALL(soap_end(&m, "Op", &e), &e);
	gives(buf_str(&m, &e),
	    "(1Op{urn:x}(2a{urn:x}<&>\r)2(2c{urn:x})2(2d{urn:x}true)2"
	    "(2d{urn:x}false)2(2f{urn:x}18446744073709551615)2)1");
	T_FAILS(soap_put(&m, "g", "\x01", &e), &e, E_FORMAT,
	    "g: byte 0x01: not a character of XML");
	buf_free(&m);
}

T_TEST(every_truncation_is_an_error)
{
	static const char m[] = ENV "<s:Header/><s:Body><Op xmlns='urn:x'>a"
				    "<b i:nil='1'/>&amp;</Op>" END;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(m) - 1; i++)
		T_FAILS(read_message(&b, m, i, &e), &e, E_FORMAT, "");
	T_CALL(read_message(&b, m, i, &e), &e);
	buf_free(&b);
}

T_TEST(a_handler_that_fails_ends_it)
{
	static const char m[] = ENV "<s:Body><Op>x</Op>" END;
	struct buf b = BUF_INIT_MAX(4);
	struct err e = ERR_INIT;

	T_FAILS(
	    read_message(&b, m, sizeof(m) - 1, &e), &e, E_LIMIT, "at most 4");
	buf_free(&b);
}

T_MAIN
