/* SPDX-License-Identifier: ISC */
/*
 * Payload through the workers: each file is opened beneath a folder and hashed
 * in one pass; in the same pass it is staged for WsusContent, or copied into
 * another folder, where that is wanted.
 */
#ifndef WF_PAYLOAD_H
#define WF_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/digest.h"
#include "lib/store/content.h"

struct err;
struct prog;

struct payload;
struct payload_flow;
struct payload_item;
struct src;

/*
 * What files come out of in an order of its own, one after the other; on the
 * thread that calls payload_run().
 */
struct payload_flow {
	/* Each of items, by payload_flow_take() or, in pieces, payload_flow_join(). */
	int (*run)(struct payload_flow *f, const struct payload *p,
	    struct payload_item *const *items, size_t n, struct err *e);
	/* The bytes of that one, for a piece. */
	int (*open)(struct payload_flow *f, const char *name, struct src *s,
	    struct err *e);
};

/* A part of a file that was cut. */
struct payload_piece {
	const char *name; /* borrowed */
	struct payload_flow *flow; /* borrowed: what it comes out of; or NULL */
	int dirfd; /* borrowed: else the folder that it is beneath */
	uint64_t size; /* bytes */
	uint8_t sha256[SHA256_LEN];
};

struct payload_item {
	uint8_t sha1[SHA1_LEN], sha256[SHA256_LEN]; /* SHA-1 first: sort.h */
	const char *name; /* borrowed: beneath the folder */
	const int *from; /* borrowed: that folder; NULL: the payload's */
	/* Borrowed: what it, or some piece of it, comes out of; NULL: all of it
	   is in folders. */
	struct payload_flow *flow;
	const int *to; /* borrowed: a folder to copy it into; NULL: as all */
	const struct payload_piece *pieces; /* borrowed: in their order */
	size_t npieces; /* 0: the file is there in one */
	uint64_t size; /* bytes expected */
	bool has_sha1, has_sha256; /* compare with what is measured */
	bool stage; /* where there is a content */
	bool link; /* by a link where that can be, whatever how says */
	bool replace; /* staged: what the content has of it is damaged */
	char ext[UPDATE_EXT_MAX + 1]; /* of the name in WsusContent */
};

struct payload {
	int dirfd; /* borrowed: where the files are; -1: nowhere */
	const struct content *content; /* borrowed; NULL: nothing is staged */
	int to; /* a folder to copy into, under the same names; -1: none */
	enum content_how how;
	unsigned which; /* digests to take of what is not staged */
	unsigned jobs;
	struct prog *prog; /* borrowed; may be NULL */
	/*
	 * On the caller's thread, for each item, largest first: what was
	 * measured, or a fault of the file (kind not E_NONE; E_SYS when it
	 * could not be read or copied).  st is set for an item that was
	 * staged without fault; done() owns it then.
	 */
	int (*done)(void *arg, const struct payload_item *it,
	    const struct digest *d, struct content_staged *st,
	    struct err *fault, struct err *e);
	void *arg;
};

/* Bytes of all items together. */
uint64_t payload_bytes(const struct payload_item *items, size_t n);
int payload_run(const struct payload *p, struct payload_item *items, size_t n,
    struct err *e);

/*
 * For who is a payload_flow, payload_flow.c: s gives the bytes of that item,
 * which is hashed, staged, compared and handed to done(); the same of one in
 * pieces; and of one that cannot be had.  fault: why it cannot.
 */
int payload_flow_take(const struct payload *p, const struct payload_item *it,
    struct src *s, struct err *e);
int payload_flow_join(
    const struct payload *p, const struct payload_item *it, struct err *e);

#endif
