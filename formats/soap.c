/* SPDX-License-Identifier: ISC */
#include "formats/soap.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

static const char *const code_words[] = {
    [SOAP_OK] = "",
    [SOAP_INVALID_PARAMETERS] = "InvalidParameters",
    [SOAP_INVALID_COOKIE] = "InvalidCookie",
    [SOAP_INVALID_AUTH_COOKIE] = "InvalidAuthorizationCookie",
    [SOAP_INCOMPATIBLE_VERSION] = "IncompatibleProtocolVersion",
    [SOAP_INTERNAL] = "InternalServerError",
    [SOAP_DIGESTS_MISSING] = "FileDigestsMissing",
    [SOAP_SERVER_CHANGED] = "ServerChanged",
    [SOAP_SERVER_BUSY] = "ServerBusy",
    [SOAP_TOO_MANY_IDS] = "TooManyIds",
    [SOAP_UNKNOWN] = "unknown",
};

const char *
soap_code_word(enum soap_code c)
{
	return (unsigned)c <= SOAP_UNKNOWN ? code_words[c] : "unknown";
}

int
soap_begin(struct buf *b, const char *op, const char *ns, struct err *e)
{
	if (buf_puts(b,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>"
		"<soap:Envelope xmlns:soap=\"" SOAP_NS "\"><soap:Body><",
		e) == -1 ||
	    buf_puts(b, op, e) == -1 ||
	    xml_put_attr(b, "xmlns", ns, strlen(ns), e) == -1)
		return -1;
	return buf_puts(b, ">", e);
}

int
soap_end(struct buf *b, const char *op, struct err *e)
{
	return buf_printf(b, e, "</%s></soap:Body></soap:Envelope>", op);
}

int
soap_put(struct buf *b, const char *name, const char *text, struct err *e)
{
	if (text == NULL)
		return 0;
	if (buf_printf(b, e, "<%s>", name) == -1)
		return -1;
	if (xml_put_text(b, text, strlen(text), e) == -1)
		return err_ctx(e, "%s", name);
	return buf_printf(b, e, "</%s>", name);
}

int
soap_put_bool(struct buf *b, const char *name, bool v, struct err *e)
{
	return soap_put(b, name, v ? "true" : "false", e);
}

int
soap_put_num(struct buf *b, const char *name, uint64_t v, struct err *e)
{
	return buf_printf(b, e, "<%s>%" PRIu64 "</%s>", name, v, name);
}
