/* SPDX-License-Identifier: ISC */
/*
 * A download while it is not whole: staging/SHA1.part, beside it SHA1.part.info
 * that says what it is a part of, and SHA1.bad, what turned out to be something
 * else.  A part is hashed while it is written, and again when it is taken up by
 * a later run; nothing in an info file is believed but that a server may be
 * asked for the rest by it.
 */
#ifndef WF_DOWNLOAD_H
#define WF_DOWNLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/store/content.h"

struct buf;
struct err;
struct http_head;

#define DOWNLOAD_URL_MAX 2048
#define DOWNLOAD_FIELD_MAX 256
#define DOWNLOAD_INFO_MAX 8192 /* bytes of an info file */
#define DOWNLOAD_BLOCK ((size_t)256 << 10)
#define DOWNLOAD_ANY UINT64_MAX /* a size that is not known */

struct download_info {
	char url[DOWNLOAD_URL_MAX + 1];
	uint64_t size; /* of the whole; DOWNLOAD_ANY */
	char etag[DOWNLOAD_FIELD_MAX]; /* strong, with its quotes; "": none */
	char modified[DOWNLOAD_FIELD_MAX]; /* strong enough; "": none */
};

/* Strictly the form that download_info_write() has; false: anything else. */
bool download_info_read(struct download_info *i, const void *p, size_t n);
int download_info_write(
    const struct download_info *i, struct buf *to, struct err *e);
/* From an answer; a field that an If-Range may not have is left empty. */
void download_info_set(struct download_info *i, const char *url,
    const struct http_head *h, uint64_t size);
/* What an If-Range may say; NULL: nothing. */
const char *download_validator(const struct download_info *i);

struct download {
	int staging; /* borrowed */
	uint8_t sha1[SHA1_LEN];
	int fd; /* owned; -1: no file yet */
	uint64_t have; /* bytes taken; gathered ones among them */
	struct digest_ctx *ctx; /* borrowed: of the bytes that were written */
	uint8_t *gather; /* borrowed: DOWNLOAD_BLOCK bytes */
	size_t ngather;
	struct download_info info; /* url "": nothing can be asked for by it */
	bool noted; /* info is in its file */
	bool sealed; /* download_open(): it was thought to be whole */
};

#define DOWNLOAD_INIT                                                          \
	{                                                                      \
		.fd = -1                                                       \
	}

/*
 * Take up what is there: hashed anew, at most max bytes of it (a longer one is
 * moved aside).  stop() is asked between blocks.  Errors: E_SYS, E_STOP.
 */
int download_open(struct download *p, uint64_t max, bool (*stop)(void *arg),
    void *arg, struct err *e);
/* Only hash what fd has. */
int download_hash(
    struct download *p, bool (*stop)(void *arg), void *arg, struct err *e);
int download_put(struct download *p, const void *data, size_t n, struct err *e);
/* To the kernel, the info first where it is not there yet. */
int download_flush(struct download *p, struct err *e);
/* From the first byte again. */
int download_rewind(struct download *p, struct err *e);
/* Whole, as it seems: all of it written, and what it hashes to. */
int download_measure(struct download *p, struct digest *d, struct err *e);
/* It is what it should be: its mode final, closed. */
int download_seal(struct download *p, struct err *e);
/* What is there is something else: aside with it, and from the first byte. */
int download_aside(struct download *p, struct err *e);
void download_close(
    struct download *p); /* what is gathered is written if it can be */
/* After the part has got its name, or when nobody wants it: what is left. */
int download_forget(int staging, const uint8_t sha1[SHA1_LEN],
    enum content_part k, struct err *e);

#endif
