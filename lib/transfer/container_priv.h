/* SPDX-License-Identifier: ISC */
/* Inside container*.c. */
#ifndef WF_CONTAINER_PRIV_H
#define WF_CONTAINER_PRIV_H

#include "formats/bag.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/child.h"
#include "lib/base/src.h"
#include "lib/store/payload.h"
#include "lib/transfer/container.h"
#include "lib/transfer/intake.h"
#include "lib/transfer/unpack.h"

struct container {
	struct payload_flow flow; /* first: of payload.h */
	struct child child; /* owned */
	int fd; /* owned; -1 */
	enum unpack_form form;
	struct log *log; /* borrowed */
	char base[UNPACK_NAME + 2]; /* the folder in it, "north/", or "" */
	/* What comes next. */
	struct unpack_member at;
	bool has; /* at is filled, and its bytes were not asked for */
	bool within; /* they were, and have not all come */
	uint32_t piece; /* bytes of a word that are still to be heard */
	bool ended, dead; /* nothing more comes, dead: for a fault */
	int64_t mtime; /* of all members of a tar */
	/* Of an image. */
	struct arena arena; /* owned: names */
	struct container_name {
		const char *name; /* beneath the base */
		uint64_t size;
		enum path_type type;
	} * names; /* owned, sorted */
	size_t nnames, capnames;
	/* Kept. */
	struct buf tag; /* owned: the tag manifest */
	bool has_tag;
	struct container_sig {
		char name[sizeof(BAG_SIGNATURE) + BAG_KEY_DIGITS + 1];
		struct buf text; /* owned */
	} sigs[BAG_MAX_SIGNATURES + 1];
	size_t nsigs;
	struct container_tag {
		const char *name; /* borrowed */
		struct intake in; /* owned */
		bool has, over; /* over: it passes its limit */
	} * tags; /* owned */
	size_t ntags;
	const struct transfer_file
	    *files; /* borrowed: declared beneath data/ */
	size_t nfiles;
};

/* The next member; it stays until its bytes are taken or container_pass().
   1, 0 there is none, -1. */
int container_next(struct container *c, struct err *e);
/* Its name beneath the base; one that is not there as it stands. */
const char *container_name(const struct container *c);
/* It is not wanted. */
void container_pass(struct container *c);
/* Its bytes, once; E_FORMAT, E_SYS, E_STOP. */
void container_src(struct container *c, struct src *s);
/* From the beginning again: an image. */
int container_again(struct container *c, struct err *e);
/* container_names.c: of an image, its names and its base. */
int container_read_names(struct container *c, struct err *e);
/* Is the file of that name what comes next?  Of an image it is looked for.  1,
   0, -1. */
int container_find(struct container *c, const char *name, struct err *e);
/* A fault of the member is told; false: it can be no file of a transfer. */
bool container_is_file(struct container *c);

/*
 * container_flow.c: the members of a tar, to its end or, tags, to its first
 * that is payload.  Each of names[0..n), which are sorted, is taken in its
 * place; any other one is told.  seen: n of them, which become true; or NULL.
 */
struct container_order {
	const char *const *names; /* borrowed */
	size_t n;
	bool tags;
	int (*take)(void *arg, size_t i, struct err *e);
	void *arg;
	bool *seen; /* borrowed */
};
int container_in_order(
    struct container *c, const struct container_order *o, struct err *e);

/* container_flow.c */
int container_run(struct payload_flow *f, const struct payload *p,
    struct payload_item *const *items, size_t n, struct err *e);
int container_seek(
    struct payload_flow *f, const char *name, struct src *s, struct err *e);

#endif
