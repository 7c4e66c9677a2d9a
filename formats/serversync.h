/* SPDX-License-Identifier: ISC */
/*
 * The server-server protocol of WSUS, MS-WSUSSS: what a downstream says, and
 * what an upstream answers.  Clause numbers are those of MS-WSUSSS 3.1.4 where
 * given.  Requests are appended to a buffer as whole envelopes, children in
 * the order of the WSDL; answers are read in any order, absent, empty and nil
 * told apart where it matters.
 *
 * serversync_ask.c requests, _read.c, _rows.c and _value.c answers, _doc.c
 * documents out of XmlUpdateBlob and XmlUpdateBlobCompressed, _missing.c the
 * lists in faults.
 */
#ifndef WF_SERVERSYNC_H
#define WF_SERVERSYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/soap.h"
#include "lib/base/digest.h"
#include "lib/base/enc.h"

struct buf;
struct err;
struct sink;

#define SS_NS "http://www.microsoft.com/SoftwareDistribution"
#define SS_AUTH_NS SS_NS "/Server/DssAuthWebService"
#define SS_PATH "/ServerSyncWebService/ServerSyncWebService.asmx"
#define SS_AUTH_PATH "/DssAuthWebService/DssAuthWebService.asmx"
#define SS_VERSION "1.20"

#define SS_COOKIE_MAX 16384 /* base64 bytes of a cookie */
#define SS_TIME_MAX 64
#define SS_ANCHOR_MAX 1024
#define SS_URL_MAX 2048
#define SS_WORD_MAX 256
#define SS_LANGS_MAX 256
#define SS_MAX_LIST 5000000 /* members of an array */
#define SS_MAX_DOC ((size_t)128 << 20) /* bytes of one document */
#define SS_MAX_IDS 1000 /* of one request, whatever the upstream allows */

enum ss_op {
	SS_GET_AUTH_CONFIG,
	SS_GET_AUTHORIZATION_COOKIE,
	SS_GET_COOKIE,
	SS_GET_CONFIG_DATA,
	SS_GET_REVISION_ID_LIST,
	SS_GET_UPDATE_DATA,
	SS_GET_UPDATE_DECRYPTION_DATA,
	SS_GET_RELATED_REVISIONS,
	SS_GET_DEPLOYMENTS,
	SS_DOWNLOAD_FILES,
	SS_NOPS
};
const char *serversync_op_name(enum ss_op op); /* "GetCookie" */
/* The value of the header SOAPAction, with its quotes. */
const char *serversync_op_action(enum ss_op op);

struct ss_rev {
	struct guid id;
	uint32_t revision;
};

/* Opaque; echoed as received. */
struct ss_cookie {
	char expiration[SS_TIME_MAX];
	char data[SS_COOKIE_MAX]; /* base64, white space taken out */
};

struct ss_auth {
	char plugin[SS_WORD_MAX]; /* PlugInId */
	char data[SS_COOKIE_MAX];
};

struct ss_filter_id {
	struct guid id;
	bool delta;
};

struct ss_filter {
	bool config; /* categories, classifications, detectoids */
	const char *anchor; /* NULL: none */
	const struct ss_filter_id *categories, *classifications;
	size_t ncategories, nclassifications; /* both or neither */
};

/*
 * Requests.  Errors: E_SYS memory, E_FORMAT what XML cannot hold, E_USAGE one
 * list of the filter without the other, no ids or more than SS_MAX_IDS.
 */
int serversync_ask_auth_config(struct buf *b, struct err *e);
int serversync_ask_authorization(
    struct buf *b, const char *fqdn, const struct guid *account, struct err *e);
int serversync_ask_cookie(
    struct buf *b, const struct ss_auth *a, const char *version, struct err *e);
int serversync_ask_config(struct buf *b, const struct ss_cookie *c,
    const char *anchor, struct err *e);
int serversync_ask_list(struct buf *b, const struct ss_cookie *c,
    const struct ss_filter *f, struct err *e);
/* GetUpdateData, GetUpdateDecryptionData. */
int serversync_ask_revs(struct buf *b, enum ss_op op, const struct ss_cookie *c,
    const struct ss_rev *ids, size_t n, struct err *e);
int serversync_ask_related(struct buf *b, const struct ss_cookie *c,
    const struct guid *ids, size_t n, struct err *e);
int serversync_ask_deployments(struct buf *b, const struct ss_cookie *c,
    const char *anchor, const char *sync_anchor, struct err *e);
int serversync_ask_download(struct buf *b, const struct ss_cookie *c,
    const uint8_t (*sha1)[SHA1_LEN], size_t n, struct err *e);

/* Answers --------------------------------------------------------------- */

struct ss_config {
	bool catalog_only, lazy, hosts_psf;
	bool has_max_updates; /* the element was there and a number */
	int64_t max_updates, max_decryption; /* as sent; 0 when absent */
	char anchor[SS_ANCHOR_MAX];
	char version[16]; /* ProtocolVersion, or "" */
	bool has_langs; /* LanguageUpdateList had members */
	struct {
		uint32_t id;
		char name[16];
		bool enabled;
	} langs[SS_LANGS_MAX];
	size_t nlangs;
};

/* How the document of an item came. */
enum ss_blob { SS_BLOB_NONE, SS_BLOB_PLAIN, SS_BLOB_CAB };

/* One ServerSyncUpdateData.  Pointers are borrowed until item() returns. */
struct ss_item {
	struct ss_rev rev;
	enum ss_blob blob;
	/* PLAIN: the document's text, UTF-8; CAB: the cabinet's bytes. */
	const void *p;
	size_t n;
	const uint8_t (*sha1)[SHA1_LEN]; /* FileDigestList */
	size_t nsha1;
};

struct ss_url {
	uint8_t sha1[SHA1_LEN];
	const char *url; /* MUUrl; NULL: absent or empty */
	const uint8_t *key; /* DecryptionKey, or NULL */
	size_t nkey;
};

struct ss_key { /* of GetUpdateDecryptionData */
	struct ss_rev rev;
	uint8_t sha1[SHA1_LEN];
	const uint8_t *key; /* NULL: none */
	size_t nkey;
};

enum ss_action { SS_INSTALL, SS_UNINSTALL, SS_SCAN, SS_BLOCK };

struct ss_deployment {
	struct ss_rev rev;
	uint32_t action; /* enum ss_action, or a number we do not know */
	bool optional; /* IsAssigned is false */
	struct guid deployment, group;
	const char *deadline, *admin; /* NULL: absent */
};

struct ss_group {
	struct guid id, parent;
	bool has_parent;
	const char *name;
};

/*
 * What the lists of an answer are given to; NULL: passed over.  In document
 * order.  Members that are nil, or lack what identifies them, are skipped and
 * counted in ss_reply.skipped; ss_reply.members counts those that are given, a
 * call wanted or not.
 */
struct ss_each {
	int (*rev)(void *arg, const struct ss_rev *r, struct err *e);
	int (*item)(void *arg, const struct ss_item *it, struct err *e);
	int (*url)(void *arg, const struct ss_url *u, struct err *e);
	int (*key)(void *arg, const struct ss_key *k, struct err *e);
	int (*deployment)(
	    void *arg, const struct ss_deployment *d, struct err *e);
	int (*group)(void *arg, const struct ss_group *g, struct err *e);
	int (*dead)(void *arg, const struct guid *id, struct err *e);
	int (*hidden)(void *arg, const struct guid *id, struct err *e);
};

/* Large: on the heap.  Only what belongs to the operation is filled. */
struct ss_reply {
	struct soap_fault fault; /* code SOAP_OK: none */
	char plugin_id[SS_WORD_MAX], service_url[SS_URL_MAX];
	unsigned nplugins;
	struct ss_auth auth;
	struct ss_cookie cookie;
	struct ss_config config;
	char anchor[SS_ANCHOR_MAX]; /* of lists and deployments */
	bool has_deployments, has_hidden; /* those lists, if with nothing */
	uint64_t members, skipped;
};

/*
 * A reader is used by one thread at a time and for any number of answers.
 * Errors: E_FORMAT (not XML, not this operation's answer, a value that is
 * none), E_LIMIT, E_SYS, what a callback failed with.  A fault of the peer is
 * no error.
 */
struct ss_reader;
int serversync_reader_open(struct ss_reader **r, struct err *e);
int serversync_read(struct ss_reader *r, enum ss_op op, const void *p, size_t n,
    const struct ss_each *each, void *arg, struct ss_reply *reply,
    struct err *e);
void serversync_reader_close(struct ss_reader *r);

/*
 * The document of an item, in the canonical form (UTF-8, no byte order mark,
 * no declaration, as it stands else), appended to doc: out of the text, or out
 * of a cabinet of exactly one file in UTF-16LE or 8-bit, with a mark or not.
 * encoding: "utf-8" or "utf-16le", static.
 * r: whose memory it uses, again for each; also while it reads.
 * Errors: E_FORMAT (no document, a broken cabinet, several files, unpaired
 * surrogates, bytes that are not UTF-8), E_LIMIT past SS_MAX_DOC, E_SYS.
 */
int serversync_doc(struct ss_reader *r, const struct ss_item *it,
    struct buf *doc, const char **encoding, struct err *e);

/*
 * Seconds since 1970, of a dateTime as servers write it: 0 to 9 digits of a
 * fraction, "Z", an offset, or neither, which is UTC.
 */
bool serversync_time(int64_t *t, const char *s);

/* The "guid.revision" pairs that a fault's message of Microsoft's endpoint
   lists as missing; returns how many were found, at most max. */
size_t serversync_missing(const char *message, struct ss_rev *to, size_t max);
/* The base64 digests joined by '|' of FileDigestsMissing. */
size_t serversync_missing_files(
    const char *message, uint8_t (*to)[SHA1_LEN], size_t max);

#endif
