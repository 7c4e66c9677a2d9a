/* SPDX-License-Identifier: ISC */
/*
 * gencatalogue: a synthetic catalogue, deterministic from a seed, of any size.
 *
 * An independent producer: nothing here uses the project's library, so what
 * it writes and what it expects back prove something about ours.
 *
 * plan.c     who needs whom: every revision, in order of arrival
 * files.c    which documents name which payload
 * payload.c  the payload's bytes, digests and the WsusContent folder
 * doc.c      a document, a pure function of the seed and its number; props.c
 *            its texts, rules.c its rules, handler.c what installs it
 * split.c    which revisions stand in which package
 * index.c    package.xml;  cabinet.c  MSZIP;  write.c  the packages
 */
#ifndef WF_GEN_H
#define WF_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NLANGS 39 /* rows of package.xml; [0] is "all" */
#define NONE UINT32_MAX
#define CAB_MAX 2147450880u /* bytes of the two members of a cabinet */
#define RECORD_HEAD 55 /* bytes before a document */

/* Text that grows. */
struct str {
	char *p; /* owned */
	size_t len, cap;
};
void str_add(struct str *s, const char *text);
void str_mem(struct str *s, const void *p, size_t n);
void str_fmt(struct str *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void str_esc(struct str *s, const char *text); /* & < > " */
void str_free(struct str *s);

void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
void *need(void *p); /* p, or die */
char *path_in(const char *dir, const char *name); /* owned by the caller */
void make_dir(const char *path); /* no complaint when it is there */
void hex_of(char *out, const uint8_t *p, size_t n, bool upper);
void base64_of(char *out, const uint8_t *p, size_t n);

/* Pseudo-random numbers; a stream of its own for each purpose and item. */
struct rng {
	uint64_t s;
};
enum stream {
	S_PLAN = 1,
	S_GUID,
	S_DOC,
	S_PAYLOAD,
	S_NAME,
	S_SIZE,
	S_USE,
	S_URL,
	S_SAMPLE
};
struct rng rng_for(uint64_t seed, enum stream stream, uint64_t n);
uint64_t rng_next(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n); /* 0 .. n - 1 */
bool rng_hit(struct rng *r, uint32_t per_mille);
/* n raw numbers: arguments of one call are drawn in no certain order. */
void rng_draw(struct rng *r, uint32_t *v, int n);

/* Run job(arg, i) for i below n on the processors at hand. */
void par(uint32_t n, void (*job)(void *arg, uint32_t i), void *arg);

struct opts {
	uint64_t seed;
	uint32_t revisions;
	uint32_t doc_bytes; /* mean of a document */
	uint32_t payload_files, missing_files, extra_files;
	uint32_t big_files; /* of the payload: these hold 19 of 20 bytes */
	uint64_t payload_bytes; /* of all payload together */
	uint64_t split_bytes; /* of the two members of a package */
	bool enabled[NLANGS];
	char server_id[37];
	char creation_time[21];
	char protocol[16];
	const char *out; /* borrowed */
};

struct lang {
	uint32_t id;
	const char *name, *long_name; /* as package.xml has them */
	const char *update, *security; /* words of titles */
	const char *sentence; /* a description */
};
extern const struct lang langs[NLANGS];

enum kind {
	K_COMPANY,
	K_FAMILY,
	K_PRODUCT,
	K_CLASSIFICATION,
	K_OTHER,
	K_DETECTOID,
	K_LEAF,
	K_BUNDLE,
	K_COUNT
};

struct ref {
	uint32_t to; /* prerequisites: an update; bundles: a revision */
	uint16_t group; /* same number: one AtLeastOne */
	bool any, category; /* in an AtLeastOne; marked IsCategory */
};

struct use {
	uint32_t file;
	bool alias; /* under another FileName */
	bool eula; /* an EulaFile instead of a File */
};

struct list {
	uint32_t *v; /* owned */
	uint32_t n, cap;
};
void list_add(struct list *l, uint32_t x);
bool list_has(const struct list *l, uint32_t x);

/* A revision; its number is its place in the order of arrival. */
struct rev {
	uint32_t update, revision;
	enum kind kind;
	bool hidden, expired, driver;
	uint32_t nprereqs, nbundled, nsuperseded, nuses;
	struct ref *prereqs, *bundled; /* owned */
	uint32_t *superseded; /* owned; updates, maybe none of ours */
	struct use *uses; /* owned */
	struct list products, classes; /* updates: own or inherited */
	uint32_t len, units; /* of the document: bytes, UTF-16 units */
	bool lf, cr, astral, upper; /* what the document holds */
};

struct update {
	enum kind kind;
	uint32_t first, last; /* revisions, or NONE */
	uint32_t low, high; /* revision numbers */
};

struct payload {
	uint8_t sha1[20], sha256[32];
	uint64_t size;
	bool eula, missing;
	bool alias; /* the first document that names it uses the alias */
};

struct package {
	uint32_t from, to; /* new here: revisions from .. to - 1 */
	struct list revs; /* everything in it, ascending */
	uint64_t index_len, meta_len; /* bytes of the members */
};

struct gen {
	struct opts o;
	struct rev *revs; /* owned */
	uint32_t nrevs;
	struct update *updates; /* owned */
	uint32_t nupdates, cap_updates;
	struct payload *files; /* owned */
	uint32_t nfiles; /* without the extra ones */
	uint32_t scale; /* per mille: what makes the mean come out */
	struct package *packages; /* owned */
	uint32_t npackages;
};

void plan_make(struct gen *g); /* plan.c */
void inherit_make(struct gen *g); /* inherit.c */
void files_assign(struct gen *g); /* files.c */
void file_name(const struct gen *g, uint32_t file, bool alias, struct str *s);
void file_ext(const struct gen *g, uint32_t file, char out[10]);
void file_url(const struct gen *g, uint32_t file, struct str *s);
void payload_make(struct gen *g); /* payload.c */
void guid_of(const struct gen *g, uint32_t update, bool upper, char out[37]);
void doc_make(const struct gen *g, uint32_t rev, struct str *s); /* doc.c */
void eula_files(const struct gen *g, const struct rev *v, struct str *s);
void props_make(const struct gen *g, uint32_t rev, struct rng *r,
    uint32_t target, struct str *s); /* props.c */
void rules_make(const struct gen *g, const struct rev *v, struct rng *r,
    size_t upto, struct str *s); /* rules.c */
/* handler.c: what installs it, by its files; the attribute, the data at the
   end, and what the rules hold for it (false: nothing). */
enum handler {
	H_NONE,
	H_CATEGORY,
	H_DRIVER,
	H_COMMAND,
	H_CBS,
	H_PATCH,
	H_COUNT
};
enum handler handler_of(const struct gen *g, const struct rev *v);
const char *handler_uri(enum handler h);
void handler_data(const struct gen *g, const struct rev *v, struct str *s);
bool handler_metadata(const struct gen *g, const struct rev *v, struct str *s);
void doc_scale(struct gen *g); /* measure.c */
void doc_measure(struct gen *g);
/* What stands in package.xml, piece by piece; the whole of it. */
void index_begin(const struct gen *g, struct str *s); /* index.c */
void index_file(const struct gen *g, uint32_t file, struct str *s);
void index_update(const struct gen *g, uint32_t rev, struct str *s);
void index_make(const struct gen *g, const struct package *k, struct str *s);
/* Bytes of package.xml beside index_begin(), the File and Update rows. */
uint64_t index_frame(bool any_files);
void split_make(struct gen *g); /* split.c */
void write_packages(struct gen *g); /* write.c */
void write_counts(const struct gen *g); /* counts.c */

/* A cabinet of two members, MSZIP, 6144 reserved bytes, as servers write. */
struct cabinet;
struct cabinet *cabinet_open(const char *path, const char *creation_time,
    uint32_t index_len, uint32_t meta_len);
void cabinet_add(struct cabinet *c, const void *p, size_t n);
void cabinet_close(struct cabinet *c);

#endif
