/* SPDX-License-Identifier: ISC */
/* All that a store says of one update, for a page and for lists. */
#ifndef WF_SHOW_H
#define WF_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/store/store.h"
#include "lib/store/store_related.h"

struct content;
struct err;
struct find;
struct page;

struct show {
	struct store *store; /* borrowed, as all here; in a snapshot */
	struct content *content;
	const struct find *find; /* of that snapshot; NULL: tables are read */
	const char *url; /* where the server is, "http://host:8530/", checked
			    by the caller; NULL: not known */
	struct store_rev rev; /* title and so on: owned */
	char *title, *severity, *created, *description; /* owned; or NULL */
	bool shown, superseded, inner;
};

/*
 * The newest revision of that id.  1, 0 none is held, -1.  show_free()
 * afterwards, also after a failure.
 */
int show_open(struct show *x, struct store *s, struct content *c,
    const struct guid *id, struct err *e);
void show_free(struct show *x);
/* With what it came: 1, 0 an upstream sent it in versions that kept no record
   of that, -1. */
struct ledger_row;
int show_came(struct show *x, struct ledger_row *r, struct err *e);

/*
 * What a person asks for by one word: a GUID, a KB number, the SHA-1 or SHA-256
 * of a file, or its name, of which the last component counts; a name that ends
 * in a digest stands for the digest.
 */
enum show_key { SHOW_ID, SHOW_KB, SHOW_SHA1, SHOW_SHA256, SHOW_FILE };
struct show_asked {
	enum show_key key;
	struct guid id;
	uint8_t digest[SHA256_LEN];
	const char *text; /* borrowed: of a KB number, a name */
};
/* E_USAGE: it can be none of these. */
int show_ask(struct show_asked *a, const char *text, struct err *e);
/* Files that it stands for. */
int show_each_file(const struct show_asked *a, struct store *s,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e);
/* Updates that it stands for, or that name such a file: each once. */
int show_each_update(const struct show_asked *a, struct store *s,
    int (*each)(void *arg, const struct guid *id, struct err *e), void *arg,
    struct err *e);

/* store_each_related() of it, by x->find where that can help. */
int show_each_related(struct show *x, enum store_relation k,
    int (*each)(void *arg, const struct store_related *r, struct err *e),
    void *arg, struct err *e);

/* From the heading on. */
void show_page(struct page *p, struct show *x);

/*
 * The name under which a command may save a file: its own where it consists of
 * letters, digits, ".", "_" and "-" alone, else that in WsusContent; so no name
 * can be more than a name to a shell.
 */
#define SHOW_NAME_MAX 128
void show_name(char to[SHOW_NAME_MAX], const struct store_file *f);

#endif
