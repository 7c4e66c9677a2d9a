/* SPDX-License-Identifier: ISC */
/*
 * The package of `wsusutil export`: package.xml (the index) and metadata.txt
 * (the documents), two members of a cabinet.  package_index.c, package_meta.c,
 * package_gz.c read; package_write.c writes.
 *
 * Readers are push-driven: each gives a sink to unpack the member into and
 * calls handlers as things become whole; memory does not grow with the input.
 */
#ifndef WF_PACKAGE_H
#define WF_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/base/sink.h"

struct buf;
struct err;
struct src;

#define PACKAGE_INDEX "package.xml"
#define PACKAGE_META "metadata.txt"
#define PACKAGE_FORMAT "1.0"
#define PACKAGE_PROTOCOL "1.20"
#define PACKAGE_META_HEAD 55 /* bytes before a record's document */
#define PACKAGE_NLANGS 39
#define PACKAGE_VERSION_MAX 15

struct package_limits {
	uint32_t max_units; /* UTF-16 units of one document */
	uint64_t max_records; /* of one package */
	uint64_t max_files; /* in the index's top-level Files */
	uint32_t max_values; /* File, Category, Classification of one Update */
	size_t max_string; /* bytes of a URL or name */
};
extern const struct package_limits package_default_limits;

struct package_lang {
	uint32_t id;
	const char *short_name, *long_name;
};
/* The 39 rows every server writes, ascending id; [0] is "all". */
extern const struct package_lang package_langs[PACKAGE_NLANGS];

struct package_head {
	struct guid server;
	int64_t created; /* seconds since 1970 */
	char format[PACKAGE_VERSION_MAX + 1];
	char protocol[PACKAGE_VERSION_MAX + 1];
};

struct package_file {
	uint8_t sha1[SHA1_LEN];
	const char *url, *name; /* borrowed; NULL: absent */
};

struct package_update {
	struct guid id;
	uint32_t revision;
	const uint8_t (*files)[SHA1_LEN]; /* borrowed */
	const struct guid *categories; /* borrowed */
	const struct guid *classifications; /* borrowed */
	size_t nfiles, ncategories, nclassifications;
};

/* A handler fails with e filled; NULL: not wanted. */
struct package_index_handler {
	int (*head)(void *arg, const struct package_head *h, struct err *e);
	int (*lang)(void *arg, uint32_t id, const char *short_name,
	    bool enabled, struct err *e);
	int (*file)(void *arg, const struct package_file *f, struct err *e);
	int (*update)(void *arg, const struct package_update *u, struct err *e);
};

/* package.xml.  The sink is the reader's own.  E_FORMAT, E_LIMIT. */
struct package_index;
int package_index_open(struct package_index **r,
    const struct package_index_handler *h, void *arg,
    const struct package_limits *lim, struct err *e);
struct sink *package_index_sink(struct package_index *r);
int package_index_finish(struct package_index *r, struct err *e);
/* Category and Classification values passed over because they are no GUID. */
uint64_t package_index_skipped(const struct package_index *r);
void package_index_close(struct package_index *r);

struct package_record {
	struct guid id;
	uint32_t revision;
	uint32_t units; /* UTF-16 code units of the document */
	uint64_t off; /* bytes: of the record in metadata.txt */
	const uint8_t *doc; /* borrowed until the handler returns */
	size_t len; /* bytes */
};

/*
 * metadata.txt.  Checks the header's shape, UTF-8, the length in UTF-16 units
 * and CR LF; a LF alone is accepted and counted in *lf_only by finish (which
 * may be NULL).  Does not parse the document.
 */
struct package_meta;
int package_meta_open(struct package_meta **r,
    int (*record)(void *arg, const struct package_record *rec, struct err *e),
    void *arg, const struct package_limits *lim, struct err *e);
struct sink *package_meta_sink(struct package_meta *r);
int package_meta_finish(struct package_meta *r, uint64_t *nrecords,
    uint64_t *lf_only, struct err *e);
void package_meta_close(struct package_meta *r);

/*
 * EXPERIMENTAL: the .xml.gz form, whose layout nobody has published.  One
 * document with root ExportPackage whose Update elements hold the document as
 * text (escaped, CDATA or base64) or as nested markup of a Metadata element;
 * names are matched without case.  For each Update: h->update, then record.
 */
int package_gz_read(struct src *gz, const struct package_index_handler *h,
    int (*record)(void *arg, const struct package_record *rec, struct err *e),
    void *arg, const struct package_limits *lim, struct err *e);

/* Writing package.xml: begin, each file, mid, each update, end; in one form. */
struct package_enabled {
	bool on[PACKAGE_NLANGS];
};
/* "all" or short names joined by commas.  E_USAGE naming the unknown one. */
int package_enabled_read(
    struct package_enabled *en, const char *text, struct err *e);
int package_put_begin(struct buf *b, const struct package_head *h,
    const struct package_enabled *en, struct err *e); /* up to <Files> */
/* Files is written as `<Files />` when none was put. */
int package_put_file(struct buf *b, uint64_t n, const struct package_file *f,
    struct err *e); /* n: how many were put before */
int package_put_updates(struct buf *b, uint64_t nfiles, struct err *e);
int package_put_update(
    struct buf *b, uint64_t n, const struct package_update *u, struct err *e);
int package_put_end(struct buf *b, uint64_t nupdates, struct err *e);
/* The 55 bytes before a document in metadata.txt; CR LF follows it. */
void package_meta_head(char out[PACKAGE_META_HEAD + 1], const struct guid *id,
    uint32_t revision, uint32_t units);

#endif
