/* SPDX-License-Identifier: ISC */
/* Documents: what modes change in their text, and the forms that they take. */
#include "formats/cab.h"
#include "lib/base/sink.h"
#include "tests/lzx_raw.h"
#include "tests/upstream/soap.h"

#define PLAIN_UNITS 2560 /* more UTF-16 code units make a cabinet */
#define BOMB ((size_t)160 << 5) /* frames of 32 KiB */

/* The value of an attribute of the first UpdateIdentity; its length in n. */
static char *
identity(struct buf *doc, const char *attribute, size_t *n)
{
	char *at = memmem(doc->p, doc->len, "UpdateIdentity", 14), *end;

	if (at == NULL ||
	    (at = memmem(at, doc->len - (size_t)(at - (char *)doc->p),
		 attribute, strlen(attribute))) == NULL)
		return NULL;
	at += strlen(attribute);
	end = memchr(at, '"', doc->len - (size_t)(at - (char *)doc->p));
	*n = end != NULL ? (size_t)(end - at) : 0;
	return at;
}

static void
insert(struct buf *doc, size_t at, size_t cut, const char *s, size_t n)
{
	struct buf rest = BUF_INIT;

	putn(&rest, doc->p + at + cut, doc->len - at - cut);
	doc->len = at;
	putn(doc, s, n);
	putn(doc, rest.p, rest.len);
	buf_free(&rest);
}

/* An unknown last child; at least so many bytes in all. */
static void
pad(struct buf *doc, size_t bytes)
{
	static const char head[] = "<pad xmlns=\"urn:example:pad\">";
	struct buf b = BUF_INIT;
	size_t at = doc->len;

	while (at > 0 && doc->p[at - 1] != '<')
		at--;
	put(&b, head);
	while (doc->len + b.len + 6 < bytes)
		putn(&b, "0123456789abcdef0123456789abcde\n", 32);
	put(&b, "</pad>");
	if (at > 0)
		insert(doc, at - 1, 0, (const char *)b.p, b.len);
	buf_free(&b);
}

/* other-bytes GUID.REV, big GUID.REV BYTES, doc identity [GUID.REV]. */
void
doc_edit(struct buf *doc, const char *name, bool low, const struct wishes *w)
{
	const char *form = doc_form(name, w);
	size_t i, n;
	char *at;

	if (low && (at = identity(doc, "RevisionNumber=\"", &n)) != NULL)
		insert(doc, (size_t)(at - (char *)doc->p), n, "1", 1);
	if (wish_for(w, "other-bytes", name))
		pad(doc, 0);
	for (i = 0; i < w->n; i++)
		if (strcmp(w->v[i].mode, "big") == 0 &&
		    strncmp(w->v[i].arg, name, strlen(name)) == 0)
			pad(doc, strtoul(w->v[i].arg + strlen(name), NULL, 10));
	if (form != NULL && strcmp(form, "identity") == 0 &&
	    (at = identity(doc, "UpdateID=\"", &n)) != NULL && n > 0)
		at[n - 1] = at[n - 1] == '0' ? '1' : '0';
}

/* doc FORM [GUID.REV] */
const char *
doc_form(const char *name, const struct wishes *w)
{
	static const char *const forms[] = {"escaped", "cab-truncated",
	    "cab-size", "cab-two", "cab-name", "cab-bomb", "cab-bom",
	    "cab-mszip", "cab8", "cab", "identity", "nested"};
	size_t i, k, n;

	for (i = 0; i < w->n; i++) {
		const char *arg = w->v[i].arg;

		if (strcmp(w->v[i].mode, "doc") != 0)
			continue;
		n = strcspn(arg, " ");
		if (arg[n] == ' ' && strcmp(arg + n + 1, name) != 0)
			continue;
		for (k = 0; k < sizeof(forms) / sizeof(forms[0]); k++)
			if (strlen(forms[k]) == n &&
			    strncmp(forms[k], arg, n) == 0)
				return forms[k];
	}
	return NULL;
}

static void
put_unit(uint8_t **to, uint32_t unit)
{
	*(*to)++ = (uint8_t)unit;
	*(*to)++ = (uint8_t)(unit >> 8);
}

/* Well-formed UTF-8, as the store has it. */
static void
utf16le(struct buf *to, const uint8_t *p, size_t n)
{
	struct err e = ERR_INIT;
	uint8_t *out = buf_reserve(to, 2 * n, &e), *at = out;
	const uint8_t *end = p + n;

	if (out == NULL)
		die(4, "%s", e.msg);
	while (p < end) {
		uint32_t c = *p++;
		int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

		if (more != 0)
			c &= 0x3fu >> more;
		for (; more > 0 && p < end; more--)
			c = c << 6 | (*p++ & 0x3f);
		if (c >= 0x10000) {
			put_unit(&at, 0xd800 + ((c - 0x10000) >> 10));
			put_unit(&at, 0xdc00 + ((c - 0x10000) & 0x3ff));
		} else {
			put_unit(&at, c);
		}
	}
	to->len += (size_t)(at - out);
}

/* As small documents' cabinets are packed by other servers. */
static int
mszip_cab(struct buf *cab, const struct buf *text, struct err *e)
{
	struct cab_member m = {"blob", (uint32_t)text->len};
	struct cab_write_opts o = {.members = &m, .nmembers = 1, .jobs = 1};
	struct cab_writer *w = NULL;
	struct sink to = SINK_INIT;
	struct cab_patch p;
	int r = -1;

	sink_buf(&to, cab);
	if (cab_writer_open(&w, &to, &o, e) == 0 &&
	    cab_writer_write(w, text->p, text->len, e) == 0 &&
	    cab_writer_finish(w, &p, e) == 0) {
		memcpy(cab->p + p.off, p.bytes, sizeof(p.bytes));
		r = 0;
	}
	cab_writer_close(w);
	return r;
}

static void
make_cabinet(
    struct buf *cab, const void *doc, size_t n, const char *form, struct err *e)
{
	bool two = strcmp(form, "cab-two") == 0;
	struct buf text = BUF_INIT;
	size_t i;

	if (strcmp(form, "cab-bom") == 0)
		putn(&text, "\xff\xfe", 2);
	if (strcmp(form, "cab8") == 0)
		putn(&text, doc, n);
	else
		utf16le(&text, doc, n);
	if (strcmp(form, "cab-mszip") == 0
		? mszip_cab(cab, &text, e) == -1
		: lzx_raw_cab(cab, text.p, text.len, two ? 2 : 1,
		      strcmp(form, "cab-name") == 0 ? "..\\..\\etc\\passwd"
						    : "blob",
		      e) == -1)
		die(4, "%s", e->msg);
	if (strcmp(form, "cab-size") == 0)
		for (i = 0, n = text.len + 100000; i < 4; i++)
			cab->p[LZX_RAW_SIZE + i] = (uint8_t)(n >> 8 * i);
	if (strcmp(form, "cab-truncated") == 0)
		cab->len -= cab->len / 3;
	buf_free(&text);
}

static void
put_cabinet(struct buf *b, const void *doc, size_t n, const char *form)
{
	struct buf cab = BUF_INIT;
	struct err e = ERR_INIT;

	if (strcmp(form, "cab-bomb") != 0)
		make_cabinet(&cab, doc, n, form, &e);
	else if (cab_bomb(&cab, BOMB, &e) == -1)
		die(4, "%s", e.msg);
	put(b, "<XmlUpdateBlobCompressed>");
	put_base64(b, cab.p, cab.len);
	put(b, "</XmlUpdateBlobCompressed>");
	buf_free(&cab);
}

void
blob_put(struct buf *b, const void *doc, size_t n, const char *form)
{
	if (form == NULL || strcmp(form, "identity") == 0)
		form = utf8_units(doc, n) > PLAIN_UNITS ? "cab" : "escaped";
	if (strcmp(form, "escaped") != 0 && strcmp(form, "nested") != 0) {
		put_cabinet(b, doc, n, form);
		return;
	}
	put(b, "<XmlUpdateBlob>");
	if (strcmp(form, "nested") == 0)
		putn(b, doc, n);
	else
		put_text(b, doc, n);
	put(b, "</XmlUpdateBlob>");
}
