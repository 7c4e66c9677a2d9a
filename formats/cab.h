/* SPDX-License-Identifier: ISC */
/*
 * Cabinet files ([MS-CAB] 2), single-volume.
 *
 * cab_read() reads the header, folder and file tables, bounded, by our own
 * code (cab_read.c).  Bodies (cab_body.c) are unpacked by libdeflate where they
 * are MSZIP (cab_unzip.c), and by libmspack where they are stored, Quantum or
 * LZX (cab_mspack.c).  cab_write.c writes MSZIP with history across blocks.
 */
#ifndef WF_CAB_H
#define WF_CAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct sink;
struct src;

#define CAB_BLOCK 32768 /* bytes of a full data block, unpacked */
#define CAB_MAX_BLOCKS 65535 /* CFDATA of a folder */
#define CAB_MAX_UNPACKED 2147450880u /* bytes of a folder: 65535 * 32768 */
#define CAB_VERSION 0x0103
#define CAB_NAME_MAX 255 /* bytes of a member's name */

enum cab_comp { CAB_NONE = 0, CAB_MSZIP = 1, CAB_QUANTUM = 2, CAB_LZX = 3 };

/* What we are willing to hold, not what the format allows. */
struct cab_limits {
	uint32_t max_files;
	uint32_t max_folders;
	uint32_t max_reserve; /* bytes of the header's reserved area */
	uint64_t max_unpacked; /* bytes of all members together */
};
/* What a body may decode in all, skipped bytes too, as a multiple of that. */
#define CAB_WORK 8
extern const struct cab_limits cab_default_limits;

struct cab_folder {
	uint32_t data_off; /* bytes from the start of the cabinet */
	uint16_t nblocks; /* CFDATA records */
	enum cab_comp comp;
	uint16_t comp_type; /* typeCompress as it stands, with window bits */
	uint32_t end; /* bytes of it, unpacked, that files need */
	uint16_t furthest; /* the file that ends there */
};

struct cab_file {
	const char *name; /* borrowed from head; data, not yet a path */
	uint32_t size; /* bytes, unpacked */
	uint32_t off; /* bytes into the unpacked folder */
	uint16_t folder; /* index into folders, always in range */
	uint16_t attrs;
	uint16_t date, time; /* DOS */
};

struct cab {
	uint32_t size; /* bytes of the cabinet, as its header says */
	uint16_t version; /* major and minor byte; readers do not care */
	uint16_t nfolders, nfiles;
	uint8_t data_reserve; /* reserved bytes in each CFDATA */
	uint16_t flags;
	struct cab_folder *folders; /* owned */
	struct cab_file *files; /* owned */
	uint32_t sig_len; /* bytes of a signature after the cabinet, or 0 */
	uint64_t max_unpacked; /* the limit it was read under */
	uint8_t *head; /* owned: header and tables, up to the first data */
	uint32_t head_len;
};

#define CAB_INIT                                                               \
	{                                                                      \
		.folders = NULL, .files = NULL, .head = NULL                   \
	}

/*
 * Parse the directory at the start of s.  Refuses sets of several volumes,
 * a size field that differs from the source's size (where that is known; an
 * Authenticode signature right behind may make up the difference), a file
 * table elsewhere than behind the folders, and files that reach past their
 * folder's blocks.
 * Owns: what c points to; cab_free(), also after a failure.
 * Errors: E_FORMAT with the offset, E_LIMIT, E_SYS.
 */
int cab_read(
    struct cab *c, struct src *s, const struct cab_limits *lim, struct err *e);
void cab_free(struct cab *c);
/* Index of the member of that name, ASCII case ignored, or -1. */
int cab_find(const struct cab *c, const char *name);
/* The next one of it. */
int cab_find_next(const struct cab *c, const char *name, int after);

/*
 * Unpack members.  Seekable sources unpack in any order; from a stream members
 * must be taken in the order of their data (E_USAGE).  Two members of one
 * folder taken in ascending order are unpacked in one pass.
 * *b: NULL, or a body that was opened before and is now used for this cabinet,
 * with the memory it has: for many cabinets one after the other.
 * Borrows: c and s until cab_body_leave() or cab_body_close().
 * Errors: E_FORMAT (damaged data, with the member's name), E_SYS, E_LIMIT when
 * the order taken decodes CAB_WORK times what the limits allow, and whatever
 * `to` fails with.
 */
struct cab_body;
int cab_body_open(
    struct cab_body **b, const struct cab *c, struct src *s, struct err *e);
int cab_body_extract(
    struct cab_body *b, unsigned file, struct sink *to, struct err *e);
void cab_body_leave(struct cab_body *b); /* until it is opened again */
void cab_body_close(struct cab_body *b);

/*
 * Read every CFDATA header and check the block checksums, the blocks' count
 * and sizes against the directory, and that nothing overlaps; one call of bad()
 * for each fault, so that all are listed.  Returns -1 only when reading failed
 * or bad() did.  A stream is left behind its last data.
 */
int cab_check(const struct cab *c, struct src *s,
    int (*bad)(void *arg, const struct err *fault, struct err *e), void *arg,
    struct err *e);

/*
 * Write one folder, MSZIP (cab_write.c).  Member sizes are known before, their
 * bytes are given one after the other in order.  The header's total size is
 * not known until the end: cab_writer_finish() tells which bytes to overwrite.
 * Blocks are packed by a pool of threads; the bytes do not depend on how many.
 */
struct cab_member {
	const char *name; /* borrowed until finish */
	uint32_t size; /* bytes */
};

struct cab_write_opts {
	const struct cab_member *members; /* borrowed */
	size_t nmembers;
	int64_t time; /* seconds since 1970, for the DOS date and time, UTC */
	bool small; /* zlib level 6 instead of isa-l level 2 */
	unsigned jobs; /* threads; 0: one for each processor */
};

struct cab_patch {
	uint64_t off;
	uint8_t bytes[4];
	uint32_t size; /* bytes of the cabinet */
};

struct cab_writer;
/* E_LIMIT when the members pass CAB_MAX_UNPACKED. */
int cab_writer_open(struct cab_writer **w, struct sink *to,
    const struct cab_write_opts *o, struct err *e);
int cab_writer_write(
    struct cab_writer *w, const void *p, size_t n, struct err *e);
int cab_writer_finish(struct cab_writer *w, struct cab_patch *p, struct err *e);
void cab_writer_close(struct cab_writer *w); /* also after finish */

/* How the writer packs, for bag-info: "MSZIP isa-l 2 2.30.0". */
const char *cab_writer_method(bool small);

#endif
