/* SPDX-License-Identifier: ISC */
/*
 * The tag files of a transfer: a BagIt bag (RFC 8493, version 1.0) of which we
 * write exactly one form and read little more.  Readers are sinks, as in
 * package.h: bytes that were copied and compared with the tag manifest go in.
 */
#ifndef WF_BAG_H
#define WF_BAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/base/path.h"
#include "lib/base/sink.h"

struct buf;
struct err;

#define BAG_MAX_TAGMANIFEST ((size_t)64 << 10) /* bytes */
#define BAG_MAX_SIGNATURES 16
#define BAG_MAX_SIGNATURE ((size_t)4 << 10)
#define BAG_MAX_MANIFEST ((uint64_t)512 << 20) /* manifest, media.tsv */
#define BAG_MAX_TAG ((uint64_t)1 << 20) /* any other tag file */
#define BAG_MAX_LEDGER 10000 /* lines of ledger.tsv */
#define BAG_MAX_MEDIA 9999 /* media of one transfer */
#define BAG_MAX_NUMBER ((uint64_t)INT64_MAX) /* any number in a tag file */

#define BAG_DECLARATION "bagit.txt"
#define BAG_INFO "bag-info.txt"
#define BAG_MANIFEST "manifest-sha256.txt"
#define BAG_MEDIA "media.tsv"
#define BAG_TAGMANIFEST "tagmanifest-sha256.txt"
#define BAG_SIGNATURE "tagmanifest-sha256.txt.minisig"
#define BAG_LEDGER "ledger.tsv"
#define BAG_README "README.txt"
#define BAG_VERIFY "verify.sh"
#define BAG_POLICY "data/policy.conf"
#define BAG_KEY_DIGITS 16 /* of a key's id in a signature's name */
#define BAG_FORMAT 1 /* Wsusferry-Format that we write and read */

/*
 * bag_names.c.  Can the name, path_safe() already, stand on FAT, exFAT and
 * NTFS?  Is it BAG_SIGNATURE, or the same with a key's id in it?
 */
bool bag_name_fits(const char *name);
bool bag_is_signature(const char *name);
/* E_FORMAT where two names differ in letter case only, or a name is a file here
   and a folder there.  Sorts them. */
int bag_names_check(const char **names, size_t n, struct err *e);

/* "<64 lower-case hex><two spaces><name><LF>" */
struct bag_line {
	uint8_t sha256[SHA256_LEN];
	const char *name; /* borrowed; path_safe(), bag_name_fits() */
};

/*
 * A manifest: lines sorted by name in byte order, none twice.  prefix: what
 * every name must begin with ("data/"), or NULL: what none may ("data/" in the
 * tag manifest, which also names no fetch.txt and no other manifest).  E_FORMAT
 * with the line and the offset.
 */
struct bag_manifest;
int bag_manifest_open(struct bag_manifest **r, const char *prefix,
    int (*line)(void *arg, const struct bag_line *l, struct err *e), void *arg,
    struct err *e);
struct sink *bag_manifest_sink(struct bag_manifest *r);
int bag_manifest_finish(
    struct bag_manifest *r, uint64_t *nlines, struct err *e);
void bag_manifest_close(struct bag_manifest *r);
int bag_put_line(struct buf *b, const struct bag_line *l, struct err *e);

/* bagit.txt is these bytes and no others. */
extern const char bag_declaration[];

/* bag-info.txt: what a transfer says of itself. */
#define BAG_WORD 64
#define BAG_REASON 200 /* bytes */
struct bag_info {
	unsigned format; /* Wsusferry-Format */
	char requires[BAG_WORD]; /* Wsusferry-Requires: words, or "" */
	char id[BAG_WORD + 1]; /* Wsusferry-Transfer: site-000042 */
	struct guid origin; /* Wsusferry-Origin: the store's identity */
	char site[33]; /* Wsusferry-Site */
	char destination[BAG_WORD +
	    1]; /* Wsusferry-Destination: "any" or a GUID */
	uint64_t sequence; /* Wsusferry-Sequence, from 1 */
	uint64_t base; /* Wsusferry-Base; 0: full */
	char selection[65]; /* Wsusferry-Selection: SHA-256, hex */
	uint64_t revisions; /* Wsusferry-Revisions */
	uint64_t files; /* Wsusferry-Files: payload files carried */
	uint64_t absent; /* Wsusferry-Absent: named, held by nobody */
	char reason[BAG_REASON + 1]; /* Wsusferry-Reason: UTF-8, or "" */
	char plan[65]; /* Wsusferry-Plan: SHA-256, hex, or "" */
	char packer[BAG_WORD]; /* Wsusferry-Packer: method and version */
	uint64_t oxum_bytes, oxum_files; /* Payload-Oxum */
	uint32_t bag, bags; /* Bag-Count */
	int64_t time; /* Wsusferry-Created, UTC */
	char software[BAG_WORD]; /* Bag-Software-Agent */
};

/* May a value be that: UTF-8, not empty, no control characters, no blank at
   either end? */
bool bag_info_prose(const char *s, size_t n);
/* Does Wsusferry-Requires have that word? */
bool bag_info_requires(const struct bag_info *i, const char *word);
/* One word more, in its place; E_FORMAT: this version does not know it. */
int bag_info_require(struct bag_info *i, const char *word, struct err *e);
/* "site-000042": six digits or more. */
void bag_info_id(char out[BAG_WORD + 1], const char *site, uint64_t sequence);

/*
 * "Label: value" lines; each known label at most once and the mandatory ones
 * present; unknown labels are ignored.  E_FORMAT; a higher format or a
 * word in Requires that this version does not read is E_FORMAT naming what
 * would be needed.
 */
int bag_info_read(struct bag_info *i, const void *p, size_t n, struct err *e);
int bag_info_write(const struct bag_info *i, struct buf *b, struct err *e);
int bag_info_check(const struct bag_info *i, struct err *e);

/* media.tsv: "name<TAB>sha256<TAB>bytes<TAB>medium<LF>", sorted by name. */
struct bag_medium_line {
	const char *name; /* borrowed */
	uint8_t sha256[SHA256_LEN];
	uint64_t size; /* bytes */
	uint32_t medium; /* from 1 */
};
struct bag_media;
int bag_media_open(struct bag_media **r,
    int (*line)(void *arg, const struct bag_medium_line *l, struct err *e),
    void *arg, struct err *e);
struct sink *bag_media_sink(struct bag_media *r);
int bag_media_finish(struct bag_media *r, uint64_t *nlines, struct err *e);
void bag_media_close(struct bag_media *r);
int bag_put_medium(
    struct buf *b, const struct bag_medium_line *l, struct err *e);

/* ledger.tsv: "sequence<TAB>sha256<TAB>written|resumed<LF>", by rising
   sequence, BAG_MAX_LEDGER lines at most. */
struct bag_ledger_line {
	uint64_t sequence; /* from 1 */
	uint8_t sha256[SHA256_LEN]; /* identity of that transfer */
	bool resumed; /* the origin went on behind it by a receipt */
};
struct bag_ledger;
int bag_ledger_open(struct bag_ledger **r,
    int (*line)(void *arg, const struct bag_ledger_line *l, struct err *e),
    void *arg, struct err *e);
struct sink *bag_ledger_sink(struct bag_ledger *r);
int bag_ledger_finish(struct bag_ledger *r, uint64_t *nlines, struct err *e);
void bag_ledger_close(struct bag_ledger *r);
int bag_put_ledger(
    struct buf *b, const struct bag_ledger_line *l, struct err *e);

#endif
