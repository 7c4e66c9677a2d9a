/* SPDX-License-Identifier: ISC */
/* What answers are made of. */
#include "tests/upstream/soap.h"

#include <stdarg.h>

#define ENVELOPE                                                               \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope"             \
	" xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\""            \
	" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""             \
	" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"><soap:Body>"
#define ENVELOPE_END "</soap:Body></soap:Envelope>"

void
putn(struct buf *b, const void *p, size_t n)
{
	struct err e = ERR_INIT;

	if (buf_put(b, p, n, &e) == -1)
		die(4, "%s", e.msg);
}

void
put(struct buf *b, const char *s)
{
	putn(b, s, strlen(s));
}

void
putf(struct buf *b, const char *fmt, ...)
{
	char s[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	put(b, s);
}

void
put_text(struct buf *b, const void *p, size_t n)
{
	const char *s = p;
	size_t i, from = 0;

	for (i = 0; i < n; i++) {
		const char *as = s[i] == '&' ? "&amp;"
		    : s[i] == '<'	     ? "&lt;"
		    : s[i] == '>'	     ? "&gt;"
		    : s[i] == '\r'	     ? "&#13;"
					     : NULL;

		if (as == NULL)
			continue;
		putn(b, s + from, i - from);
		put(b, as);
		from = i + 1;
	}
	putn(b, s + from, n - from);
}

void
put_base64(struct buf *b, const void *p, size_t n)
{
	struct err e = ERR_INIT;
	uint8_t *to = buf_reserve(b, BASE64_LEN(n) + 1, &e);

	if (to == NULL)
		die(4, "%s", e.msg);
	base64_write((char *)to, p, n);
	b->len += BASE64_LEN(n);
}

void
put_guid(struct buf *b, const struct guid *g)
{
	char s[GUID_LEN + 1];

	guid_write(s, g);
	putn(b, s, GUID_LEN);
}

void
put_rev(struct buf *b, const char *tag, const struct guid *g, uint32_t revision)
{
	char s[GUID_LEN + 1];

	guid_write(s, g);
	putf(b,
	    "<%s><UpdateID>%s</UpdateID>"
	    "<RevisionNumber>%u</RevisionNumber></%s>",
	    tag, s, (unsigned)revision, tag);
}

void
soap_open(struct buf *b, const char *ns, const char *op)
{
	put(b, ENVELOPE);
	putf(b, "<%sResponse xmlns=\"%s\">", op, ns);
}

void
soap_close(struct buf *b, const char *op)
{
	putf(b, "</%sResponse>" ENVELOPE_END, op);
}

void
soap_fault(struct answer *a, const char *code, const char *message)
{
	struct err e = ERR_INIT;
	struct guid id = {{0}};
	char s[GUID_LEN + 1];
	bool server = strcmp(code, "InvalidParameters") != 0 &&
	    strcmp(code, "InvalidCookie") != 0;

	(void)guid_random(&id, &e);
	guid_write(s, &id);
	a->status = 500;
	buf_reset(&a->body);
	put(&a->body, ENVELOPE "<soap:Fault>");
	putf(&a->body,
	    "<faultcode>soap:%s</faultcode>"
	    "<faultstring>Fault occurred</faultstring><faultactor>"
	    "%s/ServerSyncWebService/ServerSyncWebService.asmx</faultactor>"
	    "<detail>",
	    server ? "Server" : "Client", up.base);
	if (*code != '\0')
		putf(&a->body, "<ErrorCode>%s</ErrorCode>", code);
	put(&a->body, "<Message>");
	put_text(&a->body, message, strlen(message));
	putf(&a->body,
	    "</Message><ID>%s</ID><Method>\"" SD_NS "/%s\"</Method>"
	    "</detail></soap:Fault>" ENVELOPE_END,
	    s, a->op);
	putf(&a->note, " %s", *code != '\0' ? code : "fault");
}
