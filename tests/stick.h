/* SPDX-License-Identifier: ISC */
/*
 * A small transfer in memory, to be bent and sealed again: by the page
 * wsusferry-transfer(5), not by our own export.  Two categories, a bundle and
 * its child, three more updates; payload that is carried, one file absent, one
 * left out by a policy, one that only state.jsonl names.
 */
#ifndef WF_STICK_H
#define WF_STICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/sign.h"

#define STICK_FILES 120
#define STICK_NAME 200
#define STICK_CAB "data/wsusexport.cab"
#define STICK_STATE "data/state.jsonl"
#define STICK_INFO "bag-info.txt"
#define STICK_TAGS "tagmanifest-sha256.txt"
#define STICK_SIGNATURE STICK_TAGS ".minisig"

struct stick {
	struct stick_file {
		char name[STICK_NAME];
		struct buf bytes; /* owned */
		bool undeclared; /* stands there, and no manifest names it */
		bool absent; /* named, and does not stand there */
		unsigned medium; /* from 1; 0: the last one */
	} f[STICK_FILES];
	size_t n;
	struct buf index, meta; /* owned: members of the package */
	struct sign_sec key;
	bool keep_oxum; /* Payload-Oxum stays as it is */
	unsigned bag, bags; /* which medium is sealed and written; 0: one */
};

void stick_make(struct stick *s, const struct sign_sec *key);
/* A package as by itself: its index names no file beyond the documents'. */
void stick_plain(struct stick *s);
void stick_free(struct stick *s);

struct stick_file *stick_find(struct stick *s, const char *name);
struct stick_file *stick_put(
    struct stick *s, const char *name, const void *p, size_t n);
void stick_drop(struct stick *s, const char *name);
/* The n-th payload file that is carried, or NULL. */
struct stick_file *stick_payload(struct stick *s, unsigned n);
/* On that many media: payload by turns, everything else on the last. */
void stick_spread(struct stick *s, unsigned media);
/* That medium is the one to seal and to write now. */
void stick_medium(struct stick *s, unsigned number);
/* A payload file in two parts, with its line; the first has that many bytes. */
void stick_cut(struct stick *s, struct stick_file *f, size_t at);
/* In a text: the first from becomes to; false where there is none. */
bool stick_swap(struct buf *b, const char *from, const char *to);
/* A label of bag-info.txt gets that value; NULL: its line goes. */
void stick_label(struct stick *s, const char *label, const char *value);

/* The package out of its members; then manifests, sums and the signature. */
void stick_pack(struct stick *s);
void stick_seal(struct stick *s);
/* The tag manifest and its signature alone. */
void stick_sign(struct stick *s);
void stick_write(struct stick *s, const char *dir);

#endif
