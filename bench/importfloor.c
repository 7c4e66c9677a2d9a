/* SPDX-License-Identifier: ISC */
/*
 * importfloor STORE.DB OUT.DB CAB...: what an import of packages cannot do
 * without, and nothing more, in one thread: blocks of metadata.txt inflated by
 * libdeflate, every document parsed by libxml2's SAX2 with callbacks that
 * count, its SHA-256 taken by OpenSSL, packed by zstd at level 1 with the
 * store's dictionary, and our rows, copied from a store that has them.  No
 * checks of anything: a damaged package may end it in any way.  Prints what it
 * counted.
 *
 * A package as our exports and gencatalogue write them: MSZIP.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libdeflate.h>
#include <libxml/parser.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define BLOCK 32768u
#define HEAD 55u /* bytes before a document: "GUID,REVISION,UNITS," */
#define UNITS 46u /* where the units stand in it, eight hex digits */
#define ROOM (96u << 20)

static uint64_t documents, bytes, packed, elements;

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("importfloor: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static uint32_t
le(const uint8_t *p, unsigned n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

/* The blocks of a cabinet, one after the other. */
struct blocks {
	struct libdeflate_decompressor *d;
	const uint8_t *at;
	unsigned left;
	uint64_t skip; /* bytes before metadata.txt */
	size_t hist;
	unsigned reserve;
	uint8_t *in; /* a stored block with the history, then the block */
};

/* Of the folder that metadata.txt stands in. */
static void
begin(struct blocks *b, const uint8_t *cab)
{
	const uint8_t *file = cab + le(cab + 16, 4), *folder = cab + 36;
	unsigned i, n = le(cab + 28, 2), size = 8;

	if ((le(cab + 30, 2) & 4) != 0) {
		size += cab[38];
		b->reserve = cab[39];
		folder += 4 + le(cab + 36, 2);
	}
	for (i = 0; i < n; i++) {
		if (strcmp((const char *)file + 16, "metadata.txt") == 0)
			break;
		file += 16 + strlen((const char *)file + 16) + 1;
	}
	folder += size * le(file + 8, 2);
	if (i == n || (le(folder + 6, 2) & 0xf) != 1)
		die("no metadata.txt in a folder of MSZIP");
	b->skip = le(file + 4, 4);
	b->at = cab + le(folder, 4);
	b->left = le(folder + 4, 2);
	b->hist = 0;
}

/* The next block behind out, whose hist bytes before it are the last ones. */
static size_t
next_block(struct blocks *b, uint8_t *out)
{
	size_t n = le(b->at + 4, 2), len = le(b->at + 6, 2), used, got;
	uint8_t *in = b->in;
	uint8_t *to = out - b->hist;

	in[0] = 0; /* stored, not the last */
	in[1] = (uint8_t)b->hist, in[2] = (uint8_t)(b->hist >> 8);
	in[3] = (uint8_t)~in[1], in[4] = (uint8_t)~in[2];
	memcpy(in + 5, to, b->hist);
	memcpy(in + 5 + b->hist, b->at + 8 + b->reserve + 2, n - 2);
	if (libdeflate_deflate_decompress_ex(b->d, in, 5 + b->hist + n - 2, to,
		b->hist + len, &used, &got) != LIBDEFLATE_SUCCESS)
		die("a block that libdeflate does not take");
	b->at += 8 + b->reserve + n;
	b->left--;
	b->hist = len;
	return len;
}

static void
count(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
    int nns, const xmlChar **ns, int nattrs, int ndefault,
    const xmlChar **attrs)
{
	(void)arg, (void)name, (void)prefix, (void)uri, (void)nns, (void)ns;
	(void)ndefault, (void)attrs;
	elements += 1 + (uint64_t)nattrs;
}

struct out {
	sqlite3 *db;
	sqlite3_stmt *put;
	ZSTD_CCtx *z;
	ZSTD_CDict *dict;
	xmlParserCtxtPtr xml;
	char *buf;
};

static void
take(struct out *o, const char *doc, size_t n)
{
	uint8_t digest[32];
	size_t len;

	/* As a reader does that is used again. */
	xmlCtxtResetPush(o->xml, NULL, 0, NULL, "UTF-8");
	if (xmlParseChunk(o->xml, doc, (int)n, 1) != 0)
		die("document %" PRIu64 ": not well-formed", documents);
	EVP_Digest(doc, n, digest, NULL, EVP_sha256(), NULL);
	len = ZSTD_compress_usingCDict(
	    o->z, o->buf, ZSTD_compressBound(n), doc, n, o->dict);
	if (ZSTD_isError(len))
		die("%s", ZSTD_getErrorName(len));
	sqlite3_bind_int64(o->put, 1, (int64_t)++documents);
	sqlite3_bind_blob(o->put, 2, o->buf, (int)len, SQLITE_STATIC);
	if (sqlite3_step(o->put) != SQLITE_DONE)
		die("%s", sqlite3_errmsg(o->db));
	sqlite3_reset(o->put);
	bytes += n;
	packed += len;
}

/* Bytes of so many UTF-16 units, or 0 where they are not all here. */
static size_t
bytes_of(const uint8_t *p, const uint8_t *end, uint32_t units)
{
	const uint8_t *at = p;

	for (; units > 0 && at < end; units--) {
		if (*at >= 0xf0)
			units--;
		at += *at < 0x80 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
	}
	return units == 0 && at <= end ? (size_t)(at - p) : 0;
}

/* Whole records; how many bytes they were. */
static size_t
records(struct out *o, const uint8_t *p, size_t n)
{
	const uint8_t *at = p, *end = p + n;
	char units[9] = "";
	size_t len;

	while ((size_t)(end - at) > HEAD) {
		memcpy(units, at + UNITS, 8);
		len = bytes_of(
		    at + HEAD, end, (uint32_t)strtoul(units, NULL, 16));
		if (len == 0 || (size_t)(end - at) < HEAD + len + 2)
			break;
		take(o, (const char *)at + HEAD, len);
		at += HEAD + len + 2;
	}
	return (size_t)(at - p);
}

static void
package(struct out *o, struct blocks *b, const char *path, uint8_t *room)
{
	uint8_t *start = room + BLOCK, *end = start;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *cab;
	size_t n;

	if (fd == -1 || fstat(fd, &st) == -1)
		die("%s: %s", path, strerror(errno));
	cab = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (cab == MAP_FAILED)
		die("%s: %s", path, strerror(errno));
	begin(b, cab);
	while (b->left > 0) {
		n = next_block(b, end);
		end += n;
		if (b->skip > 0) {
			n = b->skip < n ? (size_t)b->skip : n;
			b->skip -= n;
			start += n;
		}
		if (end - room < (ptrdiff_t)(ROOM - 2 * BLOCK) && b->left > 0)
			continue;
		if (b->skip == 0)
			start += records(o, start, (size_t)(end - start));
		/* With what the next block may refer to. */
		n = (size_t)(end - start);
		n = n < BLOCK ? BLOCK : n;
		memmove(room, end - n, n);
		start = room + n - (size_t)(end - start);
		end = room + n;
	}
	munmap(cab, (size_t)st.st_size);
	close(fd);
}

static void
run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		die("%s: %s", sql, sqlite3_errmsg(db));
	return st;
}

static void
open_out(struct out *o, const char *store, const char *path)
{
	static xmlSAXHandler sax = {
	    .initialized = XML_SAX2_MAGIC, .startElementNs = count};
	char sql[1200];
	sqlite3_stmt *st;

	if (sqlite3_open(path, &o->db) != SQLITE_OK)
		die("%s: %s", path, sqlite3_errmsg(o->db));
	run(o->db,
	    "PRAGMA page_size = 32768; PRAGMA journal_mode = WAL;"
	    " PRAGMA synchronous = FULL");
	snprintf(sql, sizeof(sql), "ATTACH '%s' AS old", store);
	run(o->db, sql);
	run(o->db,
	    "BEGIN; CREATE TABLE document (row INTEGER PRIMARY KEY,"
	    " dict INTEGER NOT NULL, packed BLOB NOT NULL)");
	o->put = prepare(o->db, "INSERT INTO document VALUES (?1, 1, ?2)");
	st = prepare(
	    o->db, "SELECT bytes FROM old.dict ORDER BY id DESC LIMIT 1");
	if (sqlite3_step(st) == SQLITE_ROW)
		o->dict = ZSTD_createCDict(sqlite3_column_blob(st, 0),
		    (size_t)sqlite3_column_bytes(st, 0), 1);
	sqlite3_finalize(st);
	o->z = ZSTD_createCCtx();
	o->xml = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);
	o->buf = malloc(ZSTD_compressBound(ROOM));
	if (o->dict == NULL || o->z == NULL || o->xml == NULL || o->buf == NULL)
		die("no memory, or no dictionary in %s", store);
}

/* All tables of ours but the documents: made as they were, and filled. */
static void
copy_rows(sqlite3 *db)
{
	static const char tables[] =
	    "SELECT 1, sql, 'INSERT INTO main.' || name || ' SELECT * FROM"
	    " old.' || name FROM old.sqlite_schema WHERE type = 'table'"
	    " AND name <> 'document' AND name NOT LIKE 'sqlite%' UNION ALL"
	    " SELECT 2, sql, 'SELECT 1' FROM old.sqlite_schema WHERE type ="
	    " 'index' AND sql IS NOT NULL ORDER BY 1 DESC";
	char *sql[2][128], *fill[2][128];
	sqlite3_stmt *st = prepare(db, tables);
	size_t n[2] = {0, 0}, i;
	int k;

	while (sqlite3_step(st) == SQLITE_ROW) {
		k = sqlite3_column_int(st, 0) - 1;
		if (n[k] == 128)
			die("more tables than are expected");
		sql[k][n[k]] = strdup((const char *)sqlite3_column_text(st, 1));
		fill[k][n[k]++] = strdup(
		    (const char *)sqlite3_column_text(st, 2));
	}
	sqlite3_finalize(st);
	for (k = 0; k < 2; k++)
		for (i = 0; i < n[k]; i++)
			run(db, sql[k][i]);
	for (i = 0; i < n[0]; i++)
		run(db, fill[0][i]);
}

int
main(int argc, char *argv[])
{
	struct blocks b = {.d = libdeflate_alloc_decompressor()};
	uint8_t *room = malloc(ROOM);
	struct out o = {0};
	int i;

	if (argc < 4)
		die("usage: importfloor STORE.DB OUT.DB CAB...");
	b.in = malloc(5 + BLOCK + 65536);
	if (b.d == NULL || b.in == NULL || room == NULL)
		die("no memory");
	xmlInitParser();
	open_out(&o, argv[1], argv[2]);
	for (i = 3; i < argc; i++)
		package(&o, &b, argv[i], room);
	copy_rows(o.db);
	run(o.db, "COMMIT");
	sqlite3_finalize(o.put);
	sqlite3_close(o.db);
	printf("%" PRIu64 " documents, %" PRIu64 " bytes, %" PRIu64
	       " packed, %" PRIu64 " elements and attributes\n",
	    documents, bytes, packed, elements);
	return 0;
}
