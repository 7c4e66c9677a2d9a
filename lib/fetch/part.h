/* SPDX-License-Identifier: ISC */
/*
 * A download while it is not whole: staging/SHA1.part, beside it SHA1.part.info
 * that says what it is a part of, and SHA1.bad, what turned out to be something
 * else.  A part is hashed while it is written, and again when it is taken up by
 * a later run; nothing in an info file is believed but that a server may be
 * asked for the rest by it.
 */
#ifndef WF_PART_H
#define WF_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/store/content.h"

struct buf;
struct err;
struct http_head;

#define PART_URL_MAX 2048
#define PART_FIELD_MAX 256
#define PART_INFO_MAX 8192 /* bytes of an info file */
#define PART_BLOCK ((size_t)256 << 10)
#define PART_ANY UINT64_MAX /* a size that is not known */

struct part_info {
	char url[PART_URL_MAX + 1];
	uint64_t size; /* of the whole; PART_ANY */
	char etag[PART_FIELD_MAX]; /* strong, with its quotes; "": none */
	char modified[PART_FIELD_MAX]; /* strong enough; "": none */
};

/* Strictly the form that part_info_write() has; false: anything else. */
bool part_info_read(struct part_info *i, const void *p, size_t n);
int part_info_write(const struct part_info *i, struct buf *to, struct err *e);
/* From an answer; a field that an If-Range may not have is left empty. */
void part_info_set(struct part_info *i, const char *url,
    const struct http_head *h, uint64_t size);
/* What an If-Range may say; NULL: nothing. */
const char *part_validator(const struct part_info *i);

struct part {
	int staging; /* borrowed */
	uint8_t sha1[SHA1_LEN];
	int fd; /* owned; -1: no file yet */
	uint64_t have; /* bytes taken; gathered ones among them */
	struct digest_ctx *ctx; /* borrowed: of the bytes that were written */
	uint8_t *gather; /* borrowed: PART_BLOCK bytes */
	size_t ngather;
	struct part_info info; /* url "": nothing can be asked for by it */
	bool noted; /* info is in its file */
	bool sealed; /* part_open(): it was thought to be whole */
};

#define PART_INIT                                                              \
	{                                                                      \
		.fd = -1                                                       \
	}

/*
 * Take up what is there: hashed anew, at most max bytes of it (a longer one is
 * moved aside).  stop() is asked between blocks.  Errors: E_SYS, E_STOP.
 */
int part_open(struct part *p, uint64_t max, bool (*stop)(void *arg), void *arg,
    struct err *e);
/* Only hash what fd has. */
int part_hash(
    struct part *p, bool (*stop)(void *arg), void *arg, struct err *e);
int part_put(struct part *p, const void *data, size_t n, struct err *e);
/* To the kernel, the info first where it is not there yet. */
int part_flush(struct part *p, struct err *e);
/* From the first byte again. */
int part_rewind(struct part *p, struct err *e);
/* Whole, as it seems: all of it written, and what it hashes to. */
int part_measure(struct part *p, struct digest *d, struct err *e);
/* It is what it should be: its mode final, closed. */
int part_seal(struct part *p, struct err *e);
/* What is there is something else: aside with it, and from the first byte. */
int part_aside(struct part *p, struct err *e);
void part_close(struct part *p); /* what is gathered is written if it can be */
/* After the part has got its name, or when nobody wants it: what is left. */
int part_forget(int staging, const uint8_t sha1[SHA1_LEN], enum content_part k,
    struct err *e);

#endif
