/* SPDX-License-Identifier: ISC */
#include "tests/stick.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/bag.h"
#include "formats/cab.h"
#include "formats/package.h"
#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/store/content.h"
#include "tests/t.h"

#define MSUS "http://schemas.microsoft.com/msus/2002/12/"
#define MADE 1700000000
#define ORIGIN "5b3a9f10-0000-4000-8000-00000000abcd"

enum { CARRIED, ABSENT, LEFT_OUT, EXTRA };

static const struct {
	const char *name, *ext;
	size_t size;
	int how;
} payload[] = {{"a.cab", "cab", 900, CARRIED}, {"b.txt", "txt", 0, CARRIED},
    {"c.exe", "exe", 1700, CARRIED}, {"d.cab", "cab", 300, ABSENT},
    {"e.cab", "cab", 400, LEFT_OUT}, {"x.psf", "psf", 500, EXTRA}};
#define NPAYLOAD (sizeof(payload) / sizeof(payload[0]))
#define EXTRA_FILE 5u

static const struct doc {
	unsigned id;
	uint32_t revision;
	const char *category; /* CategoryType, or NULL */
	bool own; /* it names product 1 and classification 2 */
	unsigned bundles; /* id, of revision 200 */
	unsigned files; /* bit n: the n-th payload file */
} docs[] = {{1, 1, "Product", false, 0, 0},
    {2, 1, "UpdateClassification", false, 0, 0},
    {10, 200, NULL, true, 0, 1 | 2}, {12, 200, NULL, false, 0, 4},
    {13, 201, NULL, true, 12, 0}, {14, 100, NULL, true, 0, 8},
    {15, 100, NULL, true, 0, 16 | 1}};
#define NDOCS (sizeof(docs) / sizeof(docs[0]))

static struct guid
id_of(unsigned n)
{
	struct guid g = {.b = {0x0d}};

	g.b[15] = (uint8_t)n;
	return g;
}

/* The bytes of a payload file; free() it. */
static uint8_t *
content(unsigned n, struct digest *d)
{
	uint8_t *p = malloc(payload[n].size + 1);
	struct err e = ERR_INIT;

	for (size_t i = 0; p != NULL && i < payload[n].size; i++)
		p[i] = (uint8_t)(i * 7 + i / 251 + n);
	T_OK(p != NULL);
	T_CALL(digest_mem(DIGEST_BOTH, p, payload[n].size, d, &e), &e);
	return p;
}

static void
put_file(struct buf *b, unsigned n)
{
	char sha1[BASE64_LEN(SHA1_LEN) + 1], sha256[BASE64_LEN(SHA256_LEN) + 1];
	struct err e = ERR_INIT;
	struct digest d;

	free(content(n, &d));
	base64_write(sha1, d.sha1, SHA1_LEN);
	base64_write(sha256, d.sha256, SHA256_LEN);
	T_CALL(buf_printf(b, &e,
		   "<File Digest=\"%s\" FileName=\"%s\" Size=\"%llu\">"
		   "<AdditionalDigest Algorithm=\"SHA256\">%s"
		   "</AdditionalDigest></File>",
		   sha1, payload[n].name, (unsigned long long)d.bytes, sha256),
	    &e);
}

static void
put_need(struct buf *b, unsigned id)
{
	struct guid g = id_of(id);
	struct err e = ERR_INIT;
	char text[GUID_LEN + 1];

	guid_write(text, &g);
	T_CALL(buf_printf(b, &e,
		   "<AtLeastOne IsCategory=\"true\"><UpdateIdentity "
		   "UpdateID=\"%s\" /></AtLeastOne>",
		   text),
	    &e);
}

static void
put_doc(struct buf *b, const struct doc *d)
{
	struct guid id = id_of(d->id), child = id_of(d->bundles);
	struct err e = ERR_INIT;
	char text[GUID_LEN + 1];

	guid_write(text, &id);
	T_CALL(buf_printf(b, &e,
		   "<Update xmlns=\"" MSUS "Update\"><UpdateIdentity "
		   "UpdateID=\"%s\" RevisionNumber=\"%u\" /><Properties "
		   "UpdateType=\"%s\" />",
		   text, d->revision,
		   d->category != NULL ? "Category" : "Software"),
	    &e);
	T_CALL(buf_puts(b, "<Relationships>", &e), &e);
	if (d->own) {
		T_CALL(buf_puts(b, "<Prerequisites>", &e), &e);
		put_need(b, 1);
		put_need(b, 2);
		T_CALL(buf_puts(b, "</Prerequisites>", &e), &e);
	}
	guid_write(text, &child);
	if (d->bundles != 0)
		T_CALL(buf_printf(b, &e,
			   "<BundledUpdates><UpdateIdentity UpdateID=\"%s\" "
			   "RevisionNumber=\"200\" /></BundledUpdates>",
			   text),
		    &e);
	T_CALL(buf_puts(b, "</Relationships><Files>", &e), &e);
	for (unsigned i = 0; i < NPAYLOAD; i++)
		if ((d->files & 1u << i) != 0)
			put_file(b, i);
	T_CALL(buf_puts(b, "</Files>", &e), &e);
	if (d->category != NULL)
		T_CALL(buf_printf(b, &e,
			   "<HandlerSpecificData><CategoryInformation xmlns="
			   "\"" MSUS "UpdateHandlers/Category\" CategoryType="
			   "\"%s\" /></HandlerSpecificData>",
			   d->category),
		    &e);
	T_CALL(buf_puts(b, "</Update>", &e), &e);
}

static void
make_meta(struct buf *b)
{
	char head[PACKAGE_META_HEAD + 1];
	struct buf doc = BUF_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < NDOCS; i++) {
		struct guid id = id_of(docs[i].id);

		buf_reset(&doc);
		put_doc(&doc, &docs[i]);
		package_meta_head(
		    head, &id, docs[i].revision, (uint32_t)doc.len);
		T_CALL(buf_puts(b, head, &e), &e);
		T_CALL(buf_put(b, doc.p, doc.len, &e), &e);
		T_CALL(buf_puts(b, "\r\n", &e), &e);
	}
	buf_free(&doc);
}

static void
index_update(struct buf *b, size_t n, bool extra)
{
	const struct doc *d = &docs[n];
	struct guid product = id_of(1), class = id_of(2);
	bool filed = d->own || d->id == 12; /* 12 has its bundle's */
	uint8_t of[NPAYLOAD][SHA1_LEN];
	struct package_update u = {.id = id_of(d->id),
	    .revision = d->revision,
	    .files = (const uint8_t(*)[SHA1_LEN])of,
	    .categories = &product,
	    .classifications = &class,
	    .ncategories = filed,
	    .nclassifications = filed};
	unsigned files = d->files |
	    (extra && d->id == 14 ? 1u << EXTRA_FILE : 0);
	struct err e = ERR_INIT;
	struct digest sum;

	for (unsigned i = 0; i < NPAYLOAD; i++) {
		if ((files & 1u << i) == 0)
			continue;
		free(content(i, &sum));
		memcpy(of[u.nfiles++], sum.sha1, SHA1_LEN);
	}
	T_CALL(package_put_update(b, n, &u, &e), &e);
}

static void
make_index(struct buf *b, bool extra)
{
	struct package_head head = {
	    .created = MADE, .format = PACKAGE_FORMAT, .protocol = "1.20"};
	struct package_enabled en;
	struct err e = ERR_INIT;
	uint64_t nput = 0;

	T_CALL(package_enabled_read(&en, "all", &e), &e);
	T_CALL(package_put_begin(b, &head, &en, &e), &e);
	for (unsigned i = 0; i < NPAYLOAD - !extra; i++) {
		char url[64];
		struct package_file f = {.url = url, .name = payload[i].name};
		struct digest d;

		free(content(i, &d));
		memcpy(f.sha1, d.sha1, SHA1_LEN);
		snprintf(url, sizeof(url), "http://example.test/%s", f.name);
		T_CALL(package_put_file(b, nput++, &f, &e), &e);
	}
	T_CALL(package_put_updates(b, nput, &e), &e);
	for (size_t i = 0; i < NDOCS; i++)
		index_update(b, i, extra);
	T_CALL(package_put_end(b, NDOCS, &e), &e);
}

/* Payload, and what is said of the rest of it. */
static void
make_payload(struct stick *s, struct buf *state)
{
	char name[STICK_NAME], hex[2 * SHA1_LEN + 1], id[GUID_LEN + 1];
	struct guid of = id_of(14);
	struct err e = ERR_INIT;

	guid_write(id, &of);
	for (unsigned i = 0; i < NPAYLOAD; i++) {
		struct digest d;
		uint8_t *p = content(i, &d);
		int how = payload[i].how;

		hex_upper(hex, d.sha1, SHA1_LEN);
		if (how == ABSENT || how == LEFT_OUT)
			T_CALL(buf_printf(state, &e,
				   "{\"t\":\"absent\",\"sha1\":\"%s\",\"name\":"
				   "\"%s\",\"size\":%zu%s}\n",
				   hex, payload[i].name, payload[i].size,
				   how == ABSENT ? "" : ",\"wanted\":false"),
			    &e);
		if (how == EXTRA)
			T_CALL(buf_printf(state, &e,
				   "{\"t\":\"file\",\"sha1\":\"%s\",\"name\":"
				   "\"%s\",\"id\":\"%s\",\"revision\":100}\n",
				   hex, payload[i].name, id),
			    &e);
		snprintf(name, sizeof(name), "data/%s/%s/%s.%s", CONTENT_DIR,
		    hex + 38, hex, payload[i].ext);
		if (how == CARRIED || how == EXTRA)
			stick_put(s, name, p, payload[i].size);
		free(p);
	}
	T_CALL(buf_printf(state, &e,
		   "{\"t\":\"url\",\"sha1\":\"%s\",\"url\":"
		   "\"http://example.test/second\"}\n"
		   "{\"t\":\"later\",\"what\":[1,2]}\n",
		   hex),
	    &e);
}

void
stick_make(struct stick *s, const struct sign_sec *key)
{
	struct buf state = BUF_INIT;

	memset(s, 0, sizeof(*s));
	s->key = *key;
	s->index = s->meta = (struct buf)BUF_INIT;
	make_meta(&s->meta);
	make_index(&s->index, true);
	make_payload(s, &state);
	stick_put(s, STICK_STATE, state.p, state.len);
	stick_put(s, "data/" CONTENT_DIR "/" CONTENT_CHECK_FILE, "", 0);
	stick_put(s, "data/inventory.csv", "\xef\xbb\xbfkb\r\n", 7);
	stick_put(s, "README.txt", "read me\n", 8);
	stick_put(s, BAG_DECLARATION, bag_declaration, strlen(bag_declaration));
	stick_put(s, STICK_INFO, "", 0);
	stick_label(s, "Wsusferry-Format", "1");
	stick_label(s, "Wsusferry-Transfer", "north-000007");
	stick_label(s, "Wsusferry-Origin", ORIGIN);
	stick_label(s, "Wsusferry-Site", "north");
	stick_label(s, "Wsusferry-Destination", "any");
	stick_label(s, "Wsusferry-Sequence", "7");
	stick_label(s, "Wsusferry-Base", "0");
	stick_label(s, "Wsusferry-Selection",
	    "0123456789abcdef0123456789abcdef"
	    "0123456789abcdef0123456789abcdef");
	stick_label(s, "Wsusferry-Revisions", "7");
	stick_label(s, "Wsusferry-Files", "4");
	stick_label(s, "Wsusferry-Absent", "2");
	stick_label(s, "Wsusferry-Created", "2026-01-31T06:07:08Z");
	stick_label(s, "Bag-Count", "1 of 1");
	buf_free(&state);
	stick_pack(s);
}

void
stick_plain(struct stick *s)
{
	buf_reset(&s->index);
	make_index(&s->index, false);
	stick_pack(s);
}
