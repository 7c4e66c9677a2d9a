/* SPDX-License-Identifier: ISC */
/*
 * SOAP 1.1 envelopes, document/literal, as the server-sync protocol of WSUS
 * uses them: what is in the body, and faults.  Prefixes mean nothing, names
 * and namespaces do; order of children means nothing.
 */
#ifndef WF_SOAP_H
#define WF_SOAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/xml.h"

struct buf;
struct err;

#define SOAP_NS "http://schemas.xmlsoap.org/soap/envelope/"
#define SOAP_XSI "http://www.w3.org/2001/XMLSchema-instance"
#define SOAP_MAX_MESSAGE ((size_t)256 << 20) /* bytes */
#define SOAP_MAX_DEPTH 256

enum soap_code {
	SOAP_OK = 0,
	SOAP_INVALID_PARAMETERS,
	SOAP_INVALID_COOKIE,
	SOAP_INVALID_AUTH_COOKIE,
	SOAP_INCOMPATIBLE_VERSION,
	SOAP_INTERNAL,
	SOAP_DIGESTS_MISSING,
	SOAP_SERVER_CHANGED,
	SOAP_SERVER_BUSY,
	SOAP_TOO_MANY_IDS,
	SOAP_UNKNOWN /* another code, or none */
};

/* A list of 1000 revisions that the peer lacks fits. */
#define SOAP_TEXT_MAX 65536

/* NUL-terminated, cut where longer; data, for people and for the log. */
struct soap_fault {
	enum soap_code code; /* SOAP_OK: no fault */
	char word[64]; /* ErrorCode as it stands, or "" */
	char message[SOAP_TEXT_MAX];
	char id[64], method[192];
	char string[256]; /* faultstring's first line */
};
const char *soap_code_word(enum soap_code c); /* "InvalidCookie" */

/*
 * Append an envelope whose body holds the element op in the namespace ns:
 * begin, then the children by formats/xml.h, then end.
 */
int soap_begin(struct buf *b, const char *op, const char *ns, struct err *e);
int soap_end(struct buf *b, const char *op, struct err *e);
/* <name>text</name>, escaped.  NULL text: nothing. */
int soap_put(struct buf *b, const char *name, const char *text, struct err *e);
int soap_put_bool(struct buf *b, const char *name, bool v, struct err *e);
int soap_put_num(struct buf *b, const char *name, uint64_t v, struct err *e);

/*
 * Read a whole message.  The handler gets the elements of the body, that of the
 * operation first at depth 1, those with xsi:nil and what they hold left out;
 * a Fault in the body fills f and the handler gets nothing of it.  Elements
 * outside Envelope/Body are passed over; a body of another shape, a DOCTYPE,
 * more than SOAP_MAX_DEPTH: E_FORMAT or E_LIMIT.  Names and URIs are unique
 * strings within one message.
 */
struct soap;
int soap_open(struct soap **s, struct err *e);
/* Called for each element that is left out as nil, outermost; NULL: none. */
void soap_on_nil(struct soap *s,
    int (*nil)(void *arg, const struct xml_elem *el, struct err *e));
int soap_read(struct soap *s, const void *p, size_t n,
    const struct xml_handler *h, void *arg, struct soap_fault *f,
    struct err *e);
void soap_close(struct soap *s);

#endif
