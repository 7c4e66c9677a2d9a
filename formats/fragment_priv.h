/* SPDX-License-Identifier: ISC */
/* Between the files of fragment_*.c: a document on its way. */
#ifndef WF_FRAGMENT_PRIV_H
#define WF_FRAGMENT_PRIV_H

#include "formats/fragment.h"
#include "formats/xml.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define FRAGMENT_UPDATE "http://schemas.microsoft.com/msus/2002/12/Update"
#define FRAGMENT_SPELLINGS 8

/* Parts of fragments, in the order in which these are put together. */
enum fragment_part {
	PART_IDENTITY,
	PART_PROPERTIES,
	PART_RELATIONSHIPS,
	PART_RULES,
	PART_EXTENDED, /* of Properties, too */
	PART_FILES,
	PART_HANDLER,
	PART_TEXTS,
	PART_EULAS,
	PART_COUNT
};
#define PART_BIT(p) (1u << (p))
#define PART_ALL (PART_BIT(PART_COUNT) - 1)
/* What stands before the long parts of a document. */
#define PART_EARLY                                                             \
	(PART_BIT(PART_IDENTITY) | PART_BIT(PART_PROPERTIES) |                 \
	    PART_BIT(PART_EXTENDED) | PART_BIT(PART_RELATIONSHIPS))
#define FRAGMENT_EXTENDED_ROOT "ExtendedProperties"

/* How elements of a namespace are spelled; known by the URI's pointer. */
struct fragment_spelling {
	const char *ns;
	const char *prefix; /* "b." */
	bool foreign; /* copied as it stands */
};

/* A text or licence that is held. */
struct fragment_note {
	enum fragment_part part;
	size_t off, len; /* in its part's buffer */
	size_t lang, geo; /* strings: offsets in names */
};

/* The element that is copied as it stands: bytes of the document. */
struct fragment_copy {
	unsigned depth; /* of its root; 0: none */
	uint64_t from, tag; /* of its '<', and where declarations may stand */
	size_t scope; /* declarations outside of it */
	const char **lacks; /* owned: prefix and URI in turn */
	uint32_t nlacks;
};

struct fragment_writer {
	struct fragment_limits lim;
	struct xml *x; /* owned */
	struct buf part[PART_COUNT]; /* owned */
	struct buf space; /* owned: white space that text may follow */
	struct buf lang, geo; /* owned: of the text or licence at hand */
	struct buf names; /* owned: languages of what is held */
	struct buf preferred; /* owned: DefaultPropertiesLanguage and a NUL */
	struct fragment_note *note; /* owned */
	size_t nnotes, cap_notes;
	struct fragment_copy copy;
	struct fragment_spelling spelling[FRAGMENT_SPELLINGS];
	unsigned nspellings, next_spelling;

	/* one document */
	const uint8_t *doc; /* borrowed */
	size_t len;
	const struct fragment_out *out; /* borrowed */
	struct fragment_odd odd;
	unsigned seen; /* bits of parts that it has */

	/* one pass */
	unsigned want; /* bits of the parts to write */
	bool direct; /* to the sink, and not held */
	bool spilt; /* stopped: too much to hold */
	bool enough; /* stopped: the part is written */
	unsigned met; /* bits of the parts that this pass came to */
	uint32_t ntexts, neulas;
	size_t before; /* bytes held in other parts */
	uint64_t sent; /* direct: bytes of the fragment at hand */

	/* one element of the document that is written, with all within */
	enum fragment_part at;
	struct buf *b; /* borrowed, a part's; NULL: nothing is written */
	unsigned depth; /* of it */
	size_t start; /* in b, where it begins */
	bool tag_open; /* its '>' is not written yet */
	bool in_text; /* since the last tag, there was more than white space */
	bool in_lang, in_texts; /* in LocalizedPropertiesCollection */
};

/* fragment_event.c */
extern const struct xml_handler fragment_events;
/* "<Name attributes" of an element within; the one before is closed. */
int fragment_put_tag(struct fragment_writer *w, const char *name,
    const struct xml_elem *el, struct err *e);
int fragment_put_attr(
    struct buf *b, const struct xml_elem *el, size_t i, struct err *e);
int fragment_put_end(struct fragment_writer *w, const char *name,
    const struct xml_elem *el, struct err *e);
int fragment_close_tag(struct fragment_writer *w, struct err *e);
const struct fragment_spelling *fragment_spell(
    struct fragment_writer *w, const char *ns);

/* fragment_props.c: Properties, into Core and Extended. */
int fragment_put_core(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e);
int fragment_put_extended(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e);

/* fragment_copy.c: the start and end of each element within, its own too. */
int fragment_copy_start(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e);
int fragment_copy_end(
    struct fragment_writer *w, const struct xml_elem *el, struct err *e);

/* fragment_write.c */
/* Bytes that are as they are to stand, as many as one likes. */
int fragment_put(
    struct fragment_writer *w, const void *p, size_t n, struct err *e);
/* After each event that wrote: on to the sink, or not too much of it. */
int fragment_settle(struct fragment_writer *w, struct err *e);
/* The LocalizedProperties or EulaFile at hand is whole. */
int fragment_text_done(struct fragment_writer *w, struct err *e);

#endif
