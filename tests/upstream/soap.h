/* SPDX-License-Identifier: ISC */
/* What a request says, and what answers are made of. */
#ifndef WF_UPSTREAM_SOAP_H
#define WF_UPSTREAM_SOAP_H

#include "tests/upstream/upstream.h"

struct _xmlNode;
struct _xmlDoc;

struct ask {
	struct _xmlDoc *doc; /* owned */
	struct _xmlNode *op; /* borrowed from doc */
	char name[64];
};

#define ASK_INIT                                                               \
	{                                                                      \
		.doc = NULL, .op = NULL                                        \
	}

/* Any prefix, any order; -1: not an envelope with an operation. */
int ask_read(struct ask *q, const void *p, size_t n);
void ask_free(struct ask *q);
/* By local name; NULL: absent.  of NULL: absent. */
struct _xmlNode *ask_child(struct _xmlNode *of, const char *name);
struct _xmlNode *ask_follow(struct _xmlNode *n, const char *name); /* next */
/* All text beneath, cut off; "" when absent. */
void ask_text(struct _xmlNode *n, char *to, size_t size);
bool ask_guid(struct _xmlNode *n, struct guid *g);
bool ask_true(struct _xmlNode *n);
/* An UpdateIdentity. */
bool ask_rev(struct _xmlNode *n, struct guid *g, uint32_t *revision);
bool ask_sha1(struct _xmlNode *n, uint8_t sha1[SHA1_LEN]);

/* Writing.  Memory that is not there ends the program. */
void put(struct buf *b, const char *s);
void putn(struct buf *b, const void *p, size_t n);
void putf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void put_text(struct buf *b, const void *p, size_t n); /* escaped */
void put_base64(struct buf *b, const void *p, size_t n);
void put_guid(struct buf *b, const struct guid *g);
/* <tag><UpdateID>..</UpdateID><RevisionNumber>..</RevisionNumber></tag> */
void put_rev(
    struct buf *b, const char *tag, const struct guid *g, uint32_t revision);
void soap_open(struct buf *b, const char *ns, const char *op);
void soap_close(struct buf *b, const char *op);
/* code "": without ErrorCode. */
void soap_fault(struct answer *a, const char *code, const char *message);

/* Cookies (answer_session.c) */
enum cookie_kind { COOKIE_AUTH = 'A', COOKIE_SYNC = 'S' };
bool cookie_use(enum cookie_kind k, const char *text);

/* The operations */
void answer_soap(const struct request *r, struct answer *a);
void answer_auth_config(const struct ask *q, struct answer *a);
void answer_authorization(const struct ask *q, struct answer *a);
void answer_cookie(const struct ask *q, struct answer *a);
void answer_config(const struct ask *q, struct answer *a);
void answer_list(const struct ask *q, struct answer *a);
void answer_related(const struct ask *q, struct answer *a);
void answer_data(const struct ask *q, struct answer *a);
void answer_decryption(const struct ask *q, struct answer *a);
void answer_deployments(const struct ask *q, struct answer *a);
void answer_download(const struct ask *q, struct answer *a);
void answer_drivers(const struct ask *q, struct answer *a);
void answer_driver_sets(const struct ask *q, struct answer *a);
void answer_ping(const struct ask *q, struct answer *a);
void anchor_escaped(char *to, size_t size, const struct wishes *w);

/* Revisions that are in no store (invent.c). */
void invent(struct guid *g, unsigned n);
bool invented(const struct guid *g);
unsigned invent_listed(const struct wishes *w, bool config);
void invent_doc(struct buf *doc, const struct guid *id, uint32_t revision);

/* Documents (blob.c).  name: "guid.revision". */
void doc_edit(
    struct buf *doc, const char *name, bool low, const struct wishes *w);
const char *doc_form(const char *name, const struct wishes *w); /* or NULL */
/* The elements of an item; form NULL: as a WSUS chooses. */
void blob_put(struct buf *b, const void *doc, size_t n, const char *form);

#endif
