/* SPDX-License-Identifier: ISC */
/* GetUpdateData and GetUpdateDecryptionData. */
#include "tests/upstream/soap.h"

#include "lib/store/store_db.h"

#define IDS_MAX 1000
#define LIMIT 100
#define ENOUGH 2000000 /* bytes: no further item */
#define NAME_LEN (GUID_LEN + 16) /* "guid.revision" */
#define VAST 300000000 /* bytes that nobody reads */

struct wanted {
	struct guid id;
	uint32_t revision;
	int64_t row; /* 0: invented */
	bool low, bad; /* a bootstrap revision; unknown or poisoned */
	char name[NAME_LEN];
};

struct batch {
	struct wanted v[IDS_MAX];
	size_t n, nbad, done;
	uint8_t (*sha1)[SHA1_LEN]; /* owned: files of the items */
	char (*ext)[UPDATE_EXT_MAX + 1]; /* owned: theirs */
	bool *mu; /* owned: has a MUUrl */
	size_t nfiles, cap;
	size_t first; /* of the present item, in sha1 */
	struct answer *a;
};

static void
resolve(const struct catalogue *c, const struct wishes *w, struct wanted *x)
{
	const struct rev *r = catalogue_find(c, &x->id, x->revision);

	guid_write(x->name, &x->id);
	snprintf(x->name + GUID_LEN, NAME_LEN - GUID_LEN, ".%u",
	    (unsigned)x->revision);
	if (r == NULL && x->revision == 1 && modes_any("repeat") != NULL &&
	    (r = catalogue_newest(c, &x->id)) != NULL)
		x->low = true;
	x->row = r != NULL ? r->row : 0;
	x->bad = (r == NULL && !invented(&x->id)) ||
	    wish_for(w, "poison", x->name) || wish_for(w, "poison-mu", x->name);
}

static bool
read_batch(const struct ask *q, struct answer *a, struct batch *b)
{
	const struct catalogue *c = catalogue_get();
	unsigned said = atomic_load(&up.limit);
	int64_t limit = wish_num(&a->w, "limit", said != 0 ? said : LIMIT);
	struct _xmlNode *n;

	b->a = a;
	for (n = ask_child(ask_child(q->op, "updateIds"), "UpdateIdentity");
	     n != NULL; n = ask_follow(n, "UpdateIdentity")) {
		struct wanted *x = &b->v[b->n];

		if ((int64_t)b->n >= limit || b->n == IDS_MAX ||
		    !ask_rev(n, &x->id, &x->revision))
			return false;
		resolve(c, &a->w, x);
		b->nbad += x->bad;
		b->n++;
	}
	return b->n > 0;
}

/* As Microsoft's own endpoint says it. */
static void
fault_unknown(struct answer *a, const struct batch *b)
{
	struct buf m = BUF_INIT;
	size_t i;

	if (wish(&a->w, "poison-mu") == NULL) {
		soap_fault(a, "InternalServerError", "");
		return;
	}
	putf(&m,
	    "GetUpdateData: requested %zu updates, returned %zu"
	    " (duplicates removed: 0). Missing revisions: ",
	    b->n, b->n - b->nbad);
	for (i = 0; i < b->n; i++)
		if (b->v[i].bad)
			putf(&m, "%s%s", m.p[m.len - 1] == ' ' ? "" : ",",
			    b->v[i].name);
	putn(&m, "", 1);
	soap_fault(a, "InternalServerError", (const char *)m.p);
	buf_free(&m);
}

static void
note_ids(struct answer *a, const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		putf(&a->note, " %s%s", i < b->done ? "" : "!", b->v[i].name);
}

static void
read_doc(struct store *s, const struct wanted *x, struct buf *doc)
{
	struct err e = ERR_INIT;

	buf_reset(doc);
	if (x->row == 0)
		invent_doc(doc, &x->id, x->revision);
	else if (store_doc_read(s, x->row, doc, &e) == -1)
		die(4, "%s: %s", x->name, e.msg);
}

static int
add_file(void *arg, const struct store_file *f, struct err *e)
{
	struct batch *b = arg;
	size_t i = b->nfiles;

	(void)e;
	if (b->nfiles == b->cap) {
		b->cap = b->cap != 0 ? 2 * b->cap : 256;
		b->sha1 = realloc(b->sha1, b->cap * sizeof(*b->sha1));
		b->ext = realloc(b->ext, b->cap * sizeof(*b->ext));
		b->mu = realloc(b->mu, b->cap * sizeof(*b->mu));
		if (b->sha1 == NULL || b->ext == NULL || b->mu == NULL)
			die(4, "out of memory");
	}
	memcpy(b->sha1[i], f->sha1, SHA1_LEN);
	memcpy(b->ext[i], f->ext, sizeof(b->ext[i]));
	b->mu[i] = f->url != NULL || up.catalog_only;
	b->nfiles++;
	return 0;
}

static void
put_item(
    struct batch *b, struct store *s, const struct wanted *x, struct buf *doc)
{
	struct buf *to = &b->a->body;
	struct err e = ERR_INIT;
	size_t i, first = b->nfiles;

	read_doc(s, x, doc);
	if (x->row != 0 && store_each_file_of(s, x->row, add_file, b, &e) == -1)
		die(4, "%s", e.msg);
	put(to, "<ServerSyncUpdateData>");
	put_rev(to, "Id", &x->id, x->revision);
	if (first < b->nfiles) {
		put(to, "<FileDigestList>");
		for (i = first; i < b->nfiles; i++) {
			put(to, "<base64Binary>");
			put_base64(to, b->sha1[i], SHA1_LEN);
			put(to, "</base64Binary>");
		}
		put(to, "</FileDigestList>");
	}
	if (wish_for(&b->a->w, "vast", x->name))
		b->a->length = VAST;
	doc_edit(doc, x->name, x->low, &b->a->w);
	blob_put(to, doc->p, doc->len, doc_form(x->name, &b->a->w));
	put(to, "</ServerSyncUpdateData>");
}

static void
put_urls(struct batch *b)
{
	struct buf *to = &b->a->body;
	char hex[2 * SHA1_LEN + 1];
	size_t i, k;

	put(to, b->nfiles != 0 ? "<fileUrls>" : "<fileUrls />");
	for (i = 0; i < b->nfiles; i++) {
		for (k = 0; k < i; k++)
			if (memcmp(b->sha1[i], b->sha1[k], SHA1_LEN) == 0)
				break;
		if (k < i)
			continue;
		put(to, "<ServerSyncUrlData><FileDigest>");
		put_base64(to, b->sha1[i], SHA1_LEN);
		put(to, "</FileDigest>");
		hex_upper(hex, b->sha1[i], SHA1_LEN);
		if (b->mu[i])
			putf(to, "<MUUrl>%s/mu/%s%s%s</MUUrl>", up.base, hex,
			    *b->ext[i] != '\0' ? "." : "", b->ext[i]);
		put(to, "<UssUrl /></ServerSyncUrlData>");
	}
	if (b->nfiles != 0)
		put(to, "</fileUrls>");
}

/* twice [other]: the first item once more, with the same bytes or not. */
static void
put_twice(struct batch *b, struct store *s, struct buf *doc)
{
	const char *how = wish(&b->a->w, "twice");
	struct wishes *w = &b->a->w;

	if (how == NULL || b->done == 0)
		return;
	if (strcmp(how, "other") == 0 && w->n < WISHES_MAX)
		w->v[w->n++] = (struct wish){"other-bytes", b->v[0].name};
	put_item(b, s, &b->v[0], doc);
	if (strcmp(how, "other") == 0)
		w->n--;
}

/* A revision that nobody asked for: the first that is not in the batch. */
static void
put_unasked(struct batch *b, struct store *s, struct buf *doc)
{
	const struct catalogue *c = catalogue_get();
	struct wanted x = {.low = false};
	size_t i, k;

	for (k = 0; k < c->n; k++) {
		for (i = 0; i < b->n; i++)
			if (b->v[i].row == c->revs[k].row)
				break;
		if (i < b->n)
			continue;
		x.id = c->revs[k].id;
		x.revision = c->revs[k].revision;
		resolve(c, &b->a->w, &x);
		put_item(b, s, &x, doc);
		return;
	}
}

static void
put_items(struct batch *b)
{
	struct store *s = store_lend();
	struct buf doc = BUF_INIT;
	int64_t most = wish_num(&b->a->w, "short", (int64_t)b->n);
	size_t empty;

	soap_open(&b->a->body, SD_NS, b->a->op);
	put(&b->a->body, "<GetUpdateDataResult><updates>");
	empty = b->a->body.len;
	while (b->done < b->n && (int64_t)b->done < most) {
		put_item(b, s, &b->v[b->done], &doc);
		b->done++;
		if (b->a->body.len >= ENOUGH)
			break;
	}
	put_twice(b, s, &doc);
	if (wish(&b->a->w, "unasked") != NULL)
		put_unasked(b, s, &doc);
	if (b->a->body.len == empty) {
		b->a->body.len = empty - 1;
		put(&b->a->body, " />");
	} else {
		put(&b->a->body, "</updates>");
	}
	put_urls(b);
	put(&b->a->body, "</GetUpdateDataResult>");
	soap_close(&b->a->body, b->a->op);
	buf_free(&doc);
	store_return(s);
}

void
answer_data(const struct ask *q, struct answer *a)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b == NULL)
		die(4, "out of memory");
	if (!read_batch(q, a, b))
		soap_fault(a, "InvalidParameters", "updateIds");
	else if (b->nbad != 0)
		fault_unknown(a, b);
	else
		put_items(b);
	note_ids(a, b);
	free(b->sha1);
	free(b->ext);
	free(b->mu);
	free(b);
}

/* A key for every file that is marked as encrypted: drawn from its digest. */
static void
put_keys(struct buf *to, struct store *s, const struct wanted *x)
{
	struct err e = ERR_INIT;
	struct query q;
	struct digest d;
	uint8_t sha1[SHA1_LEN];

	put_rev(to, "UpdateId", &x->id, x->revision);
	put(to, "<FileDecryptionData>");
	if (query_text(&q, s,
		"SELECT f.sha1 FROM rev_file l JOIN file f ON f.row = l.file"
		" WHERE l.rev = ? AND l.encrypted ORDER BY l.n",
		&e) == -1)
		die(4, "%s", e.msg);
	query_int(&q, x->row);
	while (query_step(&q, &e) == 1) {
		(void)query_get_blob(&q, 0, sha1, sizeof(sha1));
		if (digest_mem(DIGEST_SHA256, sha1, SHA1_LEN, &d, &e) == -1)
			die(4, "%s", e.msg);
		put(to, "<ServerSyncFileDecryption><FileDigest>");
		put_base64(to, sha1, SHA1_LEN);
		put(to, "</FileDigest><DecryptionKey>");
		put_base64(to, d.sha256, SHA256_LEN);
		put(to, "</DecryptionKey></ServerSyncFileDecryption>");
	}
	query_close(&q);
	put(to, "</FileDecryptionData>");
}

void
answer_decryption(const struct ask *q, struct answer *a)
{
	struct batch *b = calloc(1, sizeof(*b));
	struct store *s;

	if (b == NULL)
		die(4, "out of memory");
	if (!read_batch(q, a, b)) {
		soap_fault(a, "InvalidParameters", "updateIds");
	} else if (b->nbad != 0) {
		soap_fault(a, "InternalServerError", "");
	} else {
		s = store_lend();
		soap_open(&a->body, SD_NS, a->op);
		put(&a->body,
		    "<GetUpdateDecryptionDataResult>"
		    "<UpdateFileDecryptionData>");
		for (; b->done < b->n; b->done++) {
			put(&a->body, "<ServerSyncUpdateFileDecryption>");
			put_keys(&a->body, s, &b->v[b->done]);
			put(&a->body, "</ServerSyncUpdateFileDecryption>");
		}
		put(&a->body,
		    "</UpdateFileDecryptionData>"
		    "</GetUpdateDecryptionDataResult>");
		soap_close(&a->body, a->op);
		store_return(s);
	}
	note_ids(a, b);
	free(b);
}
