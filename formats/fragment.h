/* SPDX-License-Identifier: ISC */
/*
 * Fragments: what a server tells its Windows clients of an update, byte for
 * byte as WSUS takes it from the update document ([MS-WUSP] 2.2.2.2.4 and
 * 3.1.1.1, and what real servers sent).  wsusferry-formats(5) has the rules.
 */
#ifndef WF_FRAGMENT_H
#define WF_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct sink;

struct fragment_limits {
	size_t max_doc; /* bytes of a document */
	size_t max_held; /* bytes written in one pass, else one a part */
	size_t max_space; /* bytes of white space on end */
	size_t max_lang; /* bytes of a language or GeoId */
	uint32_t max_texts; /* LocalizedProperties and EulaFiles: each */
	uint32_t max_declared; /* declarations that a copy is given */
};
extern const struct fragment_limits fragment_default_limits;

/* Stored as numbers: never renumber. */
enum fragment_type {
	FRAGMENT_CORE = 1,
	FRAGMENT_EXTENDED = 2,
	FRAGMENT_LOCALIZED = 3, /* one for each language */
	FRAGMENT_EULA = 4 /* one for each EulaFile */
};

struct fragment {
	enum fragment_type type;
	uint64_t len; /* bytes */
	const char *lang; /* borrowed; as it stands there; "" where none does */
	const char *geo; /* borrowed; GeoId of an EulaFile, or "" */
	/* Borrowed: DefaultPropertiesLanguage, or ""; known after Core. */
	const char *preferred;
};

/* What is to be told of a document. */
struct fragment_odd {
	bool per_user; /* PerUser is true, and no fragment says so */
	uint32_t ndeclared; /* declarations that copies had to be given */
};

/* Where fragments go, one after the other. */
struct fragment_out {
	struct sink *to; /* borrowed */
	/* After the bytes of each; f is borrowed until it returns.  Or NULL. */
	int (*done)(void *arg, const struct fragment *f, struct err *e);
	void *arg; /* borrowed */
};

/* What writing needs, kept between documents; one for each thread. */
struct fragment_writer;
int fragment_writer_open(struct fragment_writer **w,
    const struct fragment_limits *lim, struct err *e);
void fragment_writer_close(struct fragment_writer *w);

/*
 * All fragments of a document: Core, Extended, then the texts and the licences
 * in its order.  A document whose fragments are more than max_held is read
 * several times, so that memory stays within it and some 16 MiB.
 * Borrows: doc, which must be what update_read() takes.
 * Errors: E_FORMAT with the offset, E_LIMIT, E_SYS, what the sink or done()
 * failed with; what was written by then is of no use.
 */
int fragment_write(struct fragment_writer *w, const void *doc, size_t len,
    const struct fragment_out *out, struct fragment_odd *odd, struct err *e);

const char *fragment_word(enum fragment_type t); /* "Core" */

#endif
