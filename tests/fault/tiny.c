/* SPDX-License-Identifier: ISC */
#include "tests/fault/tiny.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/cab.h"
#include "formats/package.h"
#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/store/content.h"
#include "tests/t.h"

#define NS "http://schemas.microsoft.com/msus/2002/12/Update"
#define MADE 1700000000

static const struct {
	const char *name;
	size_t size;
} files[TINY_FILES] = {{"a.cab", 4000}, {"b.txt", 0}, {"c.exe", 70000}};
static size_t scale = 1;

static struct guid
id_of(unsigned n)
{
	struct guid g = {.b = {0x0d}};

	g.b[15] = (uint8_t)n;
	return g;
}

/* Its bytes, and what they hash to; free() it. */
static uint8_t *
content(unsigned n, struct digest *d)
{
	size_t i, size = files[n].size * scale;
	uint8_t *p = malloc(size + 1);
	struct err e = ERR_INIT;

	for (i = 0; p != NULL && i < size; i++)
		p[i] = (uint8_t)(i * 7 + i / 251 + n);
	T_OK(p != NULL);
	T_CALL(digest_mem(DIGEST_BOTH, p, size, d, &e), &e);
	return p;
}

static void
put_file(struct buf *b, unsigned n, struct err *e)
{
	char sha1[29], sha256[45];
	struct digest d;

	free(content(n, &d));
	base64_write(sha1, d.sha1, SHA1_LEN);
	base64_write(sha256, d.sha256, SHA256_LEN);
	T_CALL(buf_printf(b, e,
		   "<File Digest=\"%s\" DigestAlgorithm=\"SHA1\" FileName="
		   "\"%s\" Size=\"%llu\"><AdditionalDigest Algorithm="
		   "\"SHA256\">%s</AdditionalDigest></File>",
		   sha1, files[n].name, (unsigned long long)d.bytes, sha256),
	    e);
}

static void
put_ref(struct buf *b, const char *kind, unsigned id, uint32_t revision,
    struct err *e)
{
	char text[GUID_LEN + 1];
	struct guid g = id_of(id);

	guid_write(text, &g);
	T_CALL(
	    buf_printf(b, e, "<%s><UpdateIdentity UpdateID=\"%s\"", kind, text),
	    e);
	if (revision != 0)
		T_CALL(buf_printf(b, e, " RevisionNumber=\"%u\"", revision), e);
	T_CALL(buf_printf(b, e, " /></%s>", kind), e);
}

static void
put_doc(struct buf *b, const struct tiny_doc *d, struct err *e)
{
	char text[GUID_LEN + 1];
	struct guid id = id_of(d->id);
	unsigned i;

	guid_write(text, &id);
	T_CALL(buf_printf(b, e,
		   "<Update xmlns=\"" NS
		   "\"><UpdateIdentity UpdateID=\"%s\" RevisionNumber=\"%u\" "
		   "/><Properties UpdateType=\"%s\" /><Relationships>",
		   text, d->revision, d->needs == 0 ? "Category" : "Software"),
	    e);
	if (d->needs != 0)
		put_ref(b, "Prerequisites", d->needs, 0, e);
	if (d->bundles != 0)
		put_ref(
		    b, "BundledUpdates", d->bundles, d->bundles_revision, e);
	T_CALL(buf_puts(b, "</Relationships><Files>", e), e);
	for (i = 0; i < TINY_FILES; i++)
		if (d->files & 1u << i)
			put_file(b, i, e);
	T_CALL(buf_puts(b, "</Files></Update>", e), e);
}

static void
put_meta(struct buf *b, const struct tiny_doc *d, size_t n, struct err *e)
{
	char head[PACKAGE_META_HEAD + 1];
	struct buf doc = BUF_INIT;
	struct guid id;

	for (; n > 0; d++, n--) {
		buf_reset(&doc);
		put_doc(&doc, d, e);
		id = id_of(d->id);
		package_meta_head(head, &id, d->revision, (uint32_t)doc.len);
		T_CALL(buf_puts(b, head, e), e);
		T_CALL(buf_put(b, doc.p, doc.len, e), e);
		T_CALL(buf_puts(b, "\r\n", e), e);
	}
	buf_free(&doc);
}

/* The top-level list; true for the files that some revision names. */
static uint64_t
put_files(struct buf *b, unsigned named, struct err *e)
{
	struct package_file f;
	struct digest d;
	char url[64];
	uint64_t nput = 0;
	unsigned i;

	for (i = 0; i < TINY_FILES; i++) {
		if ((named & 1u << i) == 0)
			continue;
		free(content(i, &d));
		memcpy(f.sha1, d.sha1, SHA1_LEN);
		snprintf(
		    url, sizeof(url), "http://example.test/%s", files[i].name);
		f.url = url;
		f.name = files[i].name;
		T_CALL(package_put_file(b, nput++, &f, e), e);
	}
	return nput;
}

static void
put_update(struct buf *b, uint64_t n, const struct tiny_doc *d, struct err *e)
{
	uint8_t of[TINY_FILES][SHA1_LEN];
	struct package_update u = {.revision = d->revision};
	struct digest sum;
	unsigned i;

	u.id = id_of(d->id);
	for (i = 0; i < TINY_FILES; i++) {
		if ((d->files & 1u << i) == 0)
			continue;
		free(content(i, &sum));
		memcpy(of[u.nfiles++], sum.sha1, SHA1_LEN);
	}
	u.files = (const uint8_t(*)[SHA1_LEN])of;
	T_CALL(package_put_update(b, n, &u, e), e);
}

static void
put_index(struct buf *b, const struct tiny_doc *d, size_t n, struct err *e)
{
	struct package_head head = {
	    .created = MADE, .format = PACKAGE_FORMAT, .protocol = "1.20"};
	struct package_enabled en;
	unsigned named = 0;
	uint64_t nput;
	size_t i;

	for (i = 0; i < n; i++)
		named |= d[i].files;
	T_CALL(package_enabled_read(&en, "all", e), e);
	T_CALL(package_put_begin(b, &head, &en, e), e);
	nput = put_files(b, named, e);
	T_CALL(package_put_updates(b, nput, e), e);
	for (i = 0; i < n; i++)
		put_update(b, i, &d[i], e);
	T_CALL(package_put_end(b, n, e), e);
}

static void
put_cab(struct buf *cab, const struct buf *index, const struct buf *meta,
    struct err *e)
{
	const struct cab_member members[] = {
	    {PACKAGE_INDEX, (uint32_t)index->len},
	    {PACKAGE_META, (uint32_t)meta->len}};
	const struct cab_write_opts o = {
	    .members = members, .nmembers = 2, .time = MADE, .jobs = 1};
	struct cab_writer *w = NULL;
	struct cab_patch patch;
	struct sink to;

	sink_buf(&to, cab);
	T_CALL(cab_writer_open(&w, &to, &o, e), e);
	T_CALL(cab_writer_write(w, index->p, index->len, e), e);
	T_CALL(cab_writer_write(w, meta->p, meta->len, e), e);
	T_CALL(cab_writer_finish(w, &patch, e), e);
	memcpy(cab->p + patch.off, patch.bytes, sizeof(patch.bytes));
	cab_writer_close(w);
}

static void
save(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	T_OK(fd != -1);
	T_EQ(write(fd, p, n), (ssize_t)n);
	T_EQ(close(fd), 0);
}

void
tiny_package(const char *path, const struct tiny_doc *d, size_t n)
{
	struct buf index = BUF_INIT, meta = BUF_INIT, cab = BUF_INIT;
	struct err e = ERR_INIT;

	put_index(&index, d, n, &e);
	put_meta(&meta, d, n, &e);
	put_cab(&cab, &index, &meta, &e);
	save(path, cab.p, cab.len);
	buf_free(&index);
	buf_free(&meta);
	buf_free(&cab);
}

void
tiny_scale(size_t times)
{
	scale = times;
}

void
tiny_content(const char *path)
{
	char name[CONTENT_NAME_MAX], full[1024];
	struct digest d;
	uint8_t *p;
	unsigned i;

	T_EQ(mkdir(path, 0755), 0);
	for (i = 0; i < TINY_FILES; i++) {
		p = content(i, &d);
		content_name(name, d.sha1, strchr(files[i].name, '.') + 1);
		snprintf(full, sizeof(full), "%s/%.2s", path, name);
		T_EQ(mkdir(full, 0755), 0);
		snprintf(full, sizeof(full), "%s/%s", path, name);
		save(full, p, (size_t)d.bytes);
		free(p);
	}
}
