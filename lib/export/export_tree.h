/* SPDX-License-Identifier: ISC */
/* Inside export_tree*.c. */
#ifndef WF_EXPORT_TREE_H
#define WF_EXPORT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/store/content.h"
#include "lib/store/lacking.h"
#include "lib/store/row_set.h"

struct err;
struct export_opts;
struct store;
struct store_file;

#define EXPORT_TREE_MARK "wsusferry-tree.txt" /* stands in what we made */
#define EXPORT_TREE_PAYLOAD "Content"

struct export_tree {
	const struct export_opts *o; /* borrowed */
	struct store *store; /* owned; in a snapshot */
	struct content content; /* owned: of the store */
	int dirfd; /* owned: the tree */
	int content_to; /* owned: its Content */
	int bucket; /* owned: the folder in that of the file before */
	char bucket_name[3];
	bool no_links; /* the file system has none from there to here */
	struct row_set put; /* owned: files of the store that stand there now */
	struct lacking lacking;
	uint64_t files, bytes, linked, copied, kept, updates, pages;
	uint64_t replaced; /* of linked and copied: another stood there */
	uint64_t foreign; /* what is there and not ours, a folder as one */
};

/* Instead of a transfer: o->tree. */
int export_tree(const struct export_opts *o, struct err *e);
/* A small file of the tree, whole or not at all. */
int export_tree_file(struct export_tree *t, const char *name, const void *p,
    size_t n, struct err *e);
/* export_tree_payload.c: one file, so that what stands under its name is what
   the name says; arg is the tree. */
int export_tree_put(void *arg, const struct store_file *f, struct err *e);
/* export_tree_foreign.c: tells all that this run did not put there, which
   raises the log's exit status to 1. */
int export_tree_foreign(struct export_tree *t, struct err *e);
/* export_tree_pages.c: lists for scripts, then pages, the first one last; those
   of a longer list go. */
int export_tree_pages(struct export_tree *t, struct err *e);
/* "page-0007.html": its number; 0: another name. */
uint64_t export_tree_page(const char *name);

#endif
