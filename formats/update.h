/* SPDX-License-Identifier: ISC */
/*
 * The update document ([MS-WSUSSS] "Update" metadata, namespace
 * http://schemas.microsoft.com/msus/2002/12/Update): facts out of the text.
 * The text itself is kept as it is; nothing here rewrites it.
 */
#ifndef WF_UPDATE_H
#define WF_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"

struct arena;
struct err;
struct sink;

struct update_limits {
	size_t max_doc; /* bytes of a document */
	uint32_t max_prereqs; /* of one document, in all groups */
	uint32_t max_bundled;
	uint32_t max_superseded;
	uint32_t max_files;
	uint32_t max_titles;
	uint32_t max_words; /* KB articles, bulletins, languages: each */
	size_t max_string; /* bytes of any single string kept */
};
extern const struct update_limits update_default_limits;

/* Stored as numbers: never renumber. */
enum update_type {
	UPDATE_SOFTWARE = 1,
	UPDATE_DRIVER = 2,
	UPDATE_CATEGORY = 3,
	UPDATE_DETECTOID = 4
};

enum category_type {
	CATEGORY_NONE = 0, /* not a category, or without CategoryType */
	CATEGORY_CLASSIFICATION = 1,
	CATEGORY_COMPANY = 2,
	CATEGORY_FAMILY = 3,
	CATEGORY_PRODUCT = 4,
	CATEGORY_OTHER = 5 /* a CategoryType that we do not know */
};

/* A member of a conjunction of disjunctions. */
struct update_ref {
	uint32_t group; /* from 0, ascending; one for each AtLeastOne */
	bool any; /* stood in an AtLeastOne */
	bool is_category;
	struct guid id;
	uint32_t revision; /* bundles only, else 0 */
};

struct update_file {
	uint8_t sha1[SHA1_LEN];
	uint8_t sha256[SHA256_LEN]; /* declared; see has_sha256 */
	bool has_sha256, has_size, encrypted;
	uint64_t size; /* bytes */
	const char *name; /* FileName: data, never a path; "" when absent */
	const char *patching; /* PatchingType, or NULL */
	const char *modified; /* or NULL */
};

struct update_title {
	const char *lang, *title; /* "" when absent */
	const char *description; /* or NULL */
};

/* All strings borrowed from the arena; NULL: absent. */
struct update {
	struct guid id;
	uint32_t revision;
	enum update_type type;
	enum category_type category;
	bool expired, deployable, secured, mandatory, beta;
	const char *created; /* CreationDate as it stands */
	const char *lang; /* DefaultPropertiesLanguage */
	const char *title; /* for display: lang, else en, else first */
	const char *severity; /* MsrcSeverity */
	const char *protocol; /* CompatibleProtocolVersion */
	const char *handler; /* Handler, else the URI of xsi:type's prefix */
	bool has_eula, has_max_download;
	struct guid eula;
	uint64_t max_download; /* bytes */
	struct update_ref *prereqs, *bundled;
	size_t nprereqs, nbundled;
	struct guid *superseded;
	size_t nsuperseded;
	struct update_file *files; /* Files/File, then every other Digest */
	size_t nfiles;
	struct update_title *titles;
	size_t ntitles;
	const char **kbs, **bulletins, **langs; /* langs: payload's languages */
	size_t nkbs, nbulletins, nlangs;
};

/* What parsing needs, kept between documents; one for each thread. */
struct update_reader;
int update_reader_open(
    struct update_reader **r, const struct update_limits *lim, struct err *e);
void update_reader_close(struct update_reader *r);

/*
 * Read a document of len bytes of UTF-8, as it stands in metadata.txt (no byte
 * order mark, no declaration, root Update).  Duplicate digests within a
 * document are one file; what the first does not say the next may.
 * Owns: nothing; everything is in the arena.
 * Errors: E_FORMAT with the offset, E_LIMIT, E_SYS.
 */
int update_read(struct update_reader *r, struct update *u, struct arena *a,
    const void *doc, size_t len, struct err *e);

const char *update_type_word(enum update_type t); /* "Software" */
const char *update_category_word(enum category_type t); /* "Product", or "" */
/* The extension of a FileName: [A-Za-z0-9]{1,8} without the dot, else "". */
#define UPDATE_EXT_MAX 8
void update_file_ext(char out[UPDATE_EXT_MAX + 1], const char *name);

#endif
