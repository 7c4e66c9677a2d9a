/* SPDX-License-Identifier: ISC */
/*
 * Opening a transfer the only safe way (wsusferry-transfer(5)): signature over
 * the tag manifest first; then every other tag file is copied once, hashed,
 * compared, and only then parsed from the copy; then what stands there is
 * compared with what was declared.  Payload itself is not read here.
 */
#ifndef WF_TRANSFER_H
#define WF_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/bag.h"
#include "lib/base/arena.h"
#include "lib/base/path.h"

#define TRANSFER_STATE "data/state.jsonl"

struct container;
struct err;
struct intake;
struct keyring;
struct log;
struct sink;

/*
 * A file beneath data/: as manifest-sha256.txt declares it, or, of what is on
 * other media, media.tsv.
 */
struct transfer_file {
	const char *name; /* borrowed from the transfer: "data/..." */
	uint8_t sha256[SHA256_LEN];
	uint64_t declared; /* bytes, as media.tsv says */
	uint32_t medium; /* as media.tsv says */
	/* Where it is; neither: on a medium that is not here. */
	int dirfd; /* borrowed: the folder of its medium; -1 */
	struct container *box; /* borrowed: or that medium's container; NULL */
	bool present;
	bool in_media; /* media.tsv names it too */
	bool elsewhere; /* on another medium: media.tsv alone names it */
	bool waits; /* the medium is a copy that waits in the store */
};

struct transfer {
	int dirfd; /* owned: its folder; -1 */
	struct container *box; /* owned: or what it is in; NULL */
	struct arena arena; /* owned: names */
	struct bag_info info;
	uint8_t tag[SHA256_LEN]; /* SHA-256 of the tag manifest */
	char key[17]; /* id of the key that signed; "" when unsigned */
	char trusted_comment[1025];
	struct transfer_file *files; /* owned, sorted by name */
	size_t nfiles, capfiles;
	size_t nelsewhere; /* of them */
	uint64_t ncontent; /* payload files of the whole transfer */
	uint8_t media[SHA256_LEN]; /* of media.tsv: what media have in common */
	struct transfer_file *tags; /* owned, sorted: from the tag manifest */
	size_t ntags, captags;
	/* What its origin published before, by rising sequence; and the head of
	   that with this one: in a receipt. */
	struct bag_ledger_line *ledger; /* owned */
	size_t nledger, capledger;
	uint8_t head[SHA256_LEN];
	bool has_ledger;
	struct log *log; /* borrowed */
	int scratch; /* borrowed */
};

#define TRANSFER_INIT                                                          \
	{                                                                      \
		.dirfd = -1, .scratch = -1                                     \
	}

/*
 * Every fault is told through log_finding() with the exit status of
 * wsusferry-transfer(5); the caller looks at log->findings.  Where no key is
 * known, not even a revoked one, the signature cannot be checked: that is a
 * finding (E_SIG) and the rest is checked all the same.
 * Returns -1 when nothing further can be believed: the folder is no transfer
 * (E_USAGE), the signature does not hold (E_SIG), a tag file that is needed
 * is damaged (E_DIGEST, E_FORMAT, E_MISSING), or the system failed.
 */
int transfer_open(struct transfer *t, const char *path,
    const struct keyring *keys, int scratch, struct log *log, struct err *e);
/* The same of a folder, or of a container, that is open; it is t's then, also
   after a failure. */
int transfer_open_fd(struct transfer *t, int dirfd, const struct keyring *keys,
    int scratch, struct log *log, struct err *e);
int transfer_open_box(struct transfer *t, struct container *box,
    const struct keyring *keys, int scratch, struct log *log, struct err *e);
/* All that was to be read of it was: of a tar nothing ought to be left. */
int transfer_finish(const struct transfer *t, struct err *e);
void transfer_close(struct transfer *t);

/*
 * The SHA-256 of ledger.tsv followed by the line of the transfer that it lies
 * in: the head of its ledger.
 */
int transfer_head(uint8_t head[SHA256_LEN], const void *ledger, size_t n,
    uint64_t sequence, const uint8_t tag[SHA256_LEN], struct err *e);

/* The file of that name, or NULL. */
const struct transfer_file *transfer_find(
    const struct transfer *t, const char *name);
/*
 * transfer_supply.c, where its files come from.  A declared file, or a tag
 * file, as a copy that is hashed; of a tar only the one that is next.
 */
int transfer_intake(const struct transfer_file *f, uint64_t max, int scratch,
    struct intake *in, struct err *e);
/* The tag manifest, a signature, or a tag file, as it stands there. */
int transfer_tag_copy(const struct transfer *t, const char *name, uint64_t max,
    struct sink *to, struct err *e);
/* The names of the signatures that stand there. */
int transfer_each_signature(const struct transfer *t,
    int (*each)(void *arg, const char *name, struct err *e), void *arg,
    struct err *e);
/* A name of a file that this version reads, or writes for others to read. */
bool transfer_knows(const struct transfer *t, const char *name);
/* The payload file of that digest, of one that is cut the first part; NULL. */
const struct transfer_file *transfer_payload(
    const struct transfer *t, const uint8_t sha1[SHA1_LEN]);
/* The packages' files in number order: 1 found, 0 no such number. */
const struct transfer_file *transfer_package(
    const struct transfer *t, unsigned number);

/*
 * transfer_parts.c: data/parts/SHA1.ext.part001 and so on.  How many parts of
 * one file stand from the i-th file on; 0: that is not the first part of any.
 */
#define TRANSFER_PARTS "data/parts/"
unsigned transfer_parts(
    const struct transfer *t, size_t i, uint8_t sha1[SHA1_LEN]);
/* The place of the first part of that file, or t->nfiles. */
size_t transfer_parts_find(
    const struct transfer *t, const uint8_t sha1[SHA1_LEN]);

/*
 * transfer_with.c: data/with/NAME/..., folders of the site's own.  Their names,
 * each once, in order: how many files and bytes each has.
 */
#define TRANSFER_WITH "data/with/"
#define TRANSFER_WITH_NAMES 64
#define TRANSFER_WITH_FILES 100000
struct transfer_with {
	char name[PATH_SAFE_MAX + 1];
	uint64_t files, bytes;
};
int transfer_with_each(const struct transfer *t,
    int (*each)(void *arg, const struct transfer_with *w, struct err *e),
    void *arg, struct err *e);

#endif
