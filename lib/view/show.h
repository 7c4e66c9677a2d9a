/* SPDX-License-Identifier: ISC */
/* All that a store says of one update, as a page. */
#ifndef WF_SHOW_H
#define WF_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/enc.h"
#include "lib/store/store.h"

struct content;
struct err;
struct page;

struct show {
	struct store *store; /* borrowed, as all here; in a snapshot */
	struct content *content;
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
