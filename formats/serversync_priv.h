/* SPDX-License-Identifier: ISC */
/* Between the files of serversync_*.c: what a reader holds while it reads. */
#ifndef WF_SERVERSYNC_PRIV_H
#define WF_SERVERSYNC_PRIV_H

#include "formats/serversync.h"
#include "formats/xml.h"
#include "lib/base/buf.h"

struct ss_operation {
	const char *name, *ns;
};
extern const struct ss_operation serversync_operations[SS_NOPS];

/* An element that we look into, or whose text we keep. */
enum ss_place {
	AT_RESPONSE,
	AT_RESULT, /* of the first operation; one for each */
	AT_AUTH_INFO = AT_RESULT + SS_NOPS,
	AT_PLUGIN,
	AT_LANGS,
	AT_LANG,
	AT_REVS,
	AT_REV,
	AT_ITEMS,
	AT_ITEM,
	AT_DIGESTS,
	AT_URLS,
	AT_URL,
	AT_KEY_UPDATES,
	AT_KEY_UPDATE,
	AT_KEY_FILES,
	AT_KEY_FILE,
	AT_GROUPS,
	AT_GROUP,
	AT_DEPLOYMENTS,
	AT_DEPLOYMENT,
	AT_DEAD,
	AT_HIDDEN,
	AT_IDENTITY, /* of an item or of keys */
	AT_LEAF,
	AT_COUNT
};

/* What has been told of the member at hand. */
enum {
	GOT_ID = 1 << 0,
	GOT_REVISION = 1 << 1,
	GOT_REV = GOT_ID | GOT_REVISION,
	GOT_SHA1 = 1 << 2,
	GOT_KEY = 1 << 3,
	GOT_URL = 1 << 4,
	GOT_GROUP = 1 << 5,
	GOT_PARENT = 1 << 6,
	GOT_ACTION = 1 << 7,
	GOT_DEPLOYMENT = 1 << 8,
	GOT_NAME = 1 << 9,
	GOT_DEADLINE = 1 << 10,
	GOT_LANG = 1 << 11,
	GOT_PLUGIN = 1 << 12,
	GOT_COOKIE = 1 << 13,
	GOT_TIME = 1 << 14,
	GOT_ASSIGNED = 1 << 15,
	GOT_ALL = (1 << 16) - 1,
	GOT_LIMIT = 1 << 16, /* from here on not of a member */
	GOT_DEPLOYMENTS = 1 << 17,
	GOT_HIDDEN = 1 << 18
};

struct ss_row {
	enum ss_place parent;
	const char *name;
	enum ss_place place;
	bool many; /* a member of an array */
	unsigned gives; /* when it ends well */
	unsigned clears, needs; /* of a member, when it begins and ends */
	/* With the text between the tags, which it may change. */
	int (*text)(struct ss_reader *r, const struct ss_row *row, char *p,
	    size_t n, struct err *e);
	size_t off, size; /* where text() puts it: in now or the reply */
	bool in_reply;
	int (*end)(struct ss_reader *r, struct err *e); /* a whole member */
};

#define SS_NROWS 67
extern const struct ss_row serversync_rows[SS_NROWS];

/* The member at hand. */
struct ss_now {
	struct ss_rev rev;
	uint8_t sha1[SHA1_LEN];
	struct guid group, parent, deployment;
	uint32_t action, lang;
	bool enabled, assigned;
	char url[SS_URL_MAX], name[SS_WORD_MAX], deadline[SS_TIME_MAX];
	char lang_name[16];
};

struct ss_key_at {
	uint8_t sha1[SHA1_LEN];
	bool has_key;
	size_t off, n; /* in reader.key */
};

struct ss_reader {
	struct soap *soap; /* owned */
	uint64_t max_list; /* SS_MAX_LIST; tests lower it */
	struct xml_rows rows[AT_COUNT]; /* of each parent */

	enum ss_op op;
	const struct ss_each *each; /* borrowed while reading */
	void *arg; /* borrowed while reading */
	struct ss_reply *reply; /* borrowed while reading */
	const char *ns; /* borrowed: the parser's string */
	struct {
		const struct ss_row *row;
		uint32_t seen; /* bits: rows of its children */
	} open[SOAP_MAX_DEPTH + 1];
	unsigned nopen;
	unsigned skipped; /* depth below the innermost known element */
	bool had_result;
	uint64_t nlisted; /* members of all arrays */

	struct ss_now now;
	unsigned got;
	struct buf text; /* of the leaf that is open */
	enum ss_blob blob;
	struct buf doc; /* the blob's bytes */
	struct buf digests; /* SHA1_LEN bytes each */
	struct buf key; /* bytes of keys */
	size_t key_off; /* of the one at hand */
	struct buf keys; /* struct ss_key_at each */

	struct cab_body *body; /* owned: of documents, or NULL */
	struct buf unpacked; /* one of them */
};

/* serversync_value.c */
int serversync_set_bool(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e);
int serversync_set_int(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e); /* int64_t */
int serversync_set_num(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e); /* uint32_t, not negative */
int serversync_set_guid(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e);
int serversync_set_word(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e); /* char array */
int serversync_set_time(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e); /* the same, of a dateTime */
int serversync_set_base64(struct ss_reader *r, const struct ss_row *row,
    char *p, size_t n, struct err *e); /* the same, of base64 */
int serversync_set_sha1(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e);
int serversync_set_digest(struct ss_reader *r, const struct ss_row *row,
    char *p, size_t n, struct err *e);
int serversync_set_key(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e);
int serversync_set_plain(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e);
int serversync_set_cab(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e);

/* Without the blanks around it. */
void serversync_trim(char **p, size_t *n);

#endif
