/* SPDX-License-Identifier: ISC */
/* The form is the one that real servers write: measured, not invented. */
#include "formats/package.h"

#include <inttypes.h>
#include <string.h>

#include "formats/xml.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define MARK "\xef\xbb\xbf"
#define DECLARATION "<?xml version=\"1.0\" encoding=\"utf-8\"?>"

static int
put_attr(struct buf *b, const char *name, const char *v, struct err *e)
{
	return xml_put_attr(b, name, v, strlen(v), e);
}

static int
put_guid(struct buf *b, const char *name, const struct guid *g, struct err *e)
{
	char text[GUID_LEN + 1];

	guid_write(text, g);
	return put_attr(b, name, text, e);
}

static int
put_sha1(struct buf *b, const uint8_t sha1[SHA1_LEN], struct err *e)
{
	char text[BASE64_LEN(SHA1_LEN) + 1];

	base64_write(text, sha1, SHA1_LEN);
	return put_attr(b, "Digest", text, e);
}

static int
put_lang(struct buf *b, const struct package_lang *l, bool on, struct err *e)
{
	if (buf_printf(b, e, "<Language Id=\"%" PRIu32 "\"", l->id) == -1 ||
	    put_attr(b, "ShortName", l->short_name, e) == -1 ||
	    put_attr(b, "LongName", l->long_name, e) == -1)
		return -1;
	return buf_puts(b, on ? " Enabled=\"1\" />" : " Enabled=\"0\" />", e);
}

int
package_put_begin(struct buf *b, const struct package_head *h,
    const struct package_enabled *en, struct err *e)
{
	char time[UTC_LEN + 1];

	utc_write(time, h->created);
	if (buf_puts(b, MARK DECLARATION "<ExportPackage", e) == -1 ||
	    put_guid(b, "ServerID", &h->server, e) == -1 ||
	    put_attr(b, "CreationTime", time, e) == -1 ||
	    put_attr(b, "FormatVersion", h->format, e) == -1 ||
	    put_attr(b, "ProtocolVersion", h->protocol, e) == -1 ||
	    buf_puts(b, "><Languages>", e) == -1)
		return -1;
	for (int i = 0; i < PACKAGE_NLANGS; i++)
		if (put_lang(b, &package_langs[i], en->on[i], e) == -1)
			return -1;
	return buf_puts(b, "</Languages>", e);
}

int
package_put_file(
    struct buf *b, uint64_t n, const struct package_file *f, struct err *e)
{
	if (buf_puts(b, n == 0 ? "<Files><File" : "<File", e) == -1 ||
	    put_sha1(b, f->sha1, e) == -1)
		return -1;
	if (f->url != NULL && put_attr(b, "MUUrl", f->url, e) == -1)
		return -1;
	if (f->name != NULL && put_attr(b, "Name", f->name, e) == -1)
		return -1;
	return buf_puts(b, " />", e);
}

int
package_put_updates(struct buf *b, uint64_t nfiles, struct err *e)
{
	return buf_puts(b, nfiles == 0 ? "<Files />" : "</Files>", e);
}

static int
put_files(struct buf *b, const struct package_update *u, struct err *e)
{
	if (u->nfiles == 0)
		return buf_puts(b, "<Files />", e);
	if (buf_puts(b, "<Files>", e) == -1)
		return -1;
	for (size_t i = 0; i < u->nfiles; i++)
		if (buf_puts(b, "<File", e) == -1 ||
		    put_sha1(b, u->files[i], e) == -1 ||
		    buf_puts(b, " />", e) == -1)
			return -1;
	return buf_puts(b, "</Files>", e);
}

static int
put_values(struct buf *b, const char *list, const char *item,
    const struct guid *g, size_t n, struct err *e)
{
	if (n == 0)
		return buf_printf(b, e, "<%s />", list);
	if (buf_printf(b, e, "<%s>", list) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (buf_printf(b, e, "<%s", item) == -1 ||
		    put_guid(b, "Value", &g[i], e) == -1 ||
		    buf_puts(b, " />", e) == -1)
			return -1;
	return buf_printf(b, e, "</%s>", list);
}

int
package_put_update(
    struct buf *b, uint64_t n, const struct package_update *u, struct err *e)
{
	if (buf_puts(b, n == 0 ? "<Updates><Update" : "<Update", e) == -1 ||
	    put_guid(b, "UpdateId", &u->id, e) == -1 ||
	    buf_printf(b, e, " RevisionNumber=\"%" PRIu32 "\">", u->revision) ==
		-1 ||
	    put_files(b, u, e) == -1 ||
	    put_values(b, "Categories", "Category", u->categories,
		u->ncategories, e) == -1 ||
	    put_values(b, "Classifications", "Classification",
		u->classifications, u->nclassifications, e) == -1)
		return -1;
	return buf_puts(b, "</Update>", e);
}

int
package_put_end(struct buf *b, uint64_t nupdates, struct err *e)
{
	return buf_puts(b,
	    nupdates == 0 ? "<Updates /></ExportPackage>"
			  : "</Updates></ExportPackage>",
	    e);
}
