/* SPDX-License-Identifier: ISC */
/*
 * A genuine package, or a transfer's, from its copy: the cabinet with
 * package.xml and metadata.txt, or the experimental .xml.gz form.
 */
#ifndef WF_PACKAGE_IN_H
#define WF_PACKAGE_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/cab.h"
#include "formats/package.h"
#include "lib/base/src.h"

struct buf;
struct docs;
struct err;
struct log;

struct package_in {
	struct src src; /* over the copy's descriptor, which is borrowed */
	struct cab cab;
	struct cab_body *body;
	bool is_gz;
	int index, meta; /* members of the cabinet */
	struct package_head head;
	/* What the index names, in its order; each with a range of the two
	   arrays: digests of files, and products before classifications. */
	struct package_key {
		struct guid id;
		uint32_t revision;
		uint32_t file, value; /* where the ranges begin */
		uint32_t nfiles, nproducts, nclasses;
	} * keys; /* owned */
	size_t nkeys, capkeys;
	uint8_t (*files)[SHA1_LEN]; /* owned */
	size_t nfiles, capfiles;
	struct guid *values; /* owned */
	size_t nvalues, capvalues;
	uint64_t skipped; /* values that are no GUID */
	uint64_t records;
};

/*
 * Opens the package and reads its index, in which no revision stands twice.
 * Errors: E_FORMAT, E_LIMIT, E_SYS.  package_in_close() also after a failure.
 */
int package_in_open(struct package_in *p, int fd, struct err *e);
void package_in_close(struct package_in *p);
/* The i-th Update of the index; borrowed from p. */
struct package_update package_in_update(const struct package_in *p, size_t i);

/*
 * Every document goes to docs_put(), in the order of the index: records and
 * Updates are the same, one to one.  What came before a fault goes through all
 * the same.  warn may be NULL: line ends that are not CR LF are told there.
 */
int package_in_docs(
    struct package_in *p, struct docs *d, struct log *warn, struct err *e);
/* Every File of the index with its URL, after the documents. */
int package_in_urls(struct package_in *p,
    int (*file)(void *arg, const struct package_file *f, struct err *e),
    void *arg, struct err *e);
/*
 * The first documents laid end to end, at most max bytes and n of them; *n
 * becomes how many: what a dictionary is trained from.
 */
int package_in_sample(struct package_in *p, struct buf *text, size_t *lens,
    unsigned *n, size_t max, struct err *e);

#endif
