/* SPDX-License-Identifier: ISC */
/* Updates made by hand, for the tests of lib/store. */
#ifndef WF_STORE_MAKE_H
#define WF_STORE_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/store/content.h"
#include "lib/store/store.h"

struct err;
struct store;

#define MAKE_MAX 16

struct make {
	struct update u;
	char text[128]; /* the document: any bytes will do for the store */
	struct update_ref prereqs[MAKE_MAX], bundled[MAKE_MAX];
	struct update_file files[MAKE_MAX];
	struct guid superseded[MAKE_MAX];
	const char *kbs[MAKE_MAX];
	struct update_title titles[MAKE_MAX];
};

/*
 * Folders of this program's tests lie in memory where that can be: fault loops
 * flush thousands of times, and a kill does not ask the disk.
 */
#define MAKE_IN_MEMORY                                                         \
	__attribute__((constructor)) static void in_memory(void)               \
	{                                                                      \
		if (access("/dev/shm", W_OK) == 0)                             \
			(void)setenv("TMPDIR", "/dev/shm", 0);                 \
	}

/* A name in a folder; the next three calls leave it. */
const char *make_path(const char *dir, const char *name);
bool make_is_there(const char *dir, const char *name);
/* A file with that text. */
void make_text(const char *path, const char *text);

/* The identity with that number. */
struct guid make_guid(unsigned n);
/* A software update, title "update N". */
void make_update(struct make *m, unsigned id, uint32_t revision);
void make_category(struct make *m, unsigned id, enum category_type type);
/* Same group: alternatives.  Group 0: a plain one, in a group of its own. */
void make_needs(struct make *m, unsigned group, unsigned id);
void make_bundles(struct make *m, unsigned id, uint32_t revision);
struct update_file *make_file(
    struct make *m, const char *content, const char *name);
/* A payload file in the WsusContent of a store whose row says present; then
   somebody lets it have so many bytes more, or removes it. */
void make_here(
    struct store *s, const char *dir, const char *content, const char *ext);
void make_damaged(
    const char *dir, const char *content, const char *ext, int more);
void make_lost(const char *dir, const char *content, const char *ext);
/* 0 new, 1 held, -1. */
int make_put(struct store *s, const struct make *m, struct err *e);
/* The same with checks, in a transaction of its own if none is open. */
void make_put_ok(struct store *s, const struct make *m);

/* A fresh store, open for writing. */
struct store *make_store(const char *dir);
/*
 * The same, in a transaction, with one ledger row, so that what is put comes
 * with a recorded import; make_commit() derives and commits.
 */
struct store *make_begun(const char *dir);
void make_commit(struct store *s);
/* A closed store becomes one of schema 1, before there were upstreams. */
void make_old(const char *dir);
/* Four rows: product 1, classification 2, 11, which bundle 10 holds. */
void make_fill(struct store *s);
/* n updates from a seed, which name each other and what nobody holds. */
void make_random(struct store *s, unsigned seed, unsigned n);
/* dump_store() as a text; free() it. */
char *make_dump(struct store *s);

/* What callbacks say, one after the other. */
struct make_notes {
	char text[1024];
};
void make_note(struct make_notes *g, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A file with that text, open at its beginning. */
int make_source(int dirfd, const char *name, const char *text);
/* content_stage_begin() to _end(): one file's bytes are hashed and staged. */
int make_stage(const struct content *c, int fd, int from_dirfd,
    const char *from_name, enum content_how how, uint64_t max,
    struct content_staged *st, struct err *e);
/* A staged file is to bear the name that its bytes give it. */
void make_name(struct content_staged *st, const char *ext);
/* How many files lie beneath a folder. */
unsigned make_files_in(int dirfd);

#endif
