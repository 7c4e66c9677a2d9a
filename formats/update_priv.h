/* SPDX-License-Identifier: ISC */
/* Between the files of update_*.c: what a reader holds while it reads. */
#ifndef WF_UPDATE_PRIV_H
#define WF_UPDATE_PRIV_H

#include "formats/update.h"
#include "formats/xml.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define UPDATE_DEPTH 256 /* elements that may nest */

enum namespace { NS_UPDATE, NS_CATEGORY, NS_COUNT };

/* An element that we look into, or whose text we keep. */
enum place {
	AT_DOCUMENT,
	AT_UPDATE,
	AT_IDENTITY,
	AT_PROPERTIES,
	AT_LOCALIZED, /* LocalizedPropertiesCollection */
	AT_TITLES, /* LocalizedProperties */
	AT_EULA, /* EulaFile */
	AT_RELATIONSHIPS,
	AT_PREREQS,
	AT_PREREQS_ANY, /* AtLeastOne */
	AT_BUNDLED,
	AT_BUNDLED_ANY,
	AT_SUPERSEDED,
	AT_FILES,
	AT_FILE,
	AT_HANDLER, /* HandlerSpecificData */
	AT_LEAF, /* nothing of interest below */
	AT_COUNT
};

/* A list that grows; its memory is kept for the next document. */
struct list {
	void *p; /* owned */
	size_t n, cap; /* items */
	size_t met; /* words, with those that were there already */
};

struct update_reader;

struct element {
	enum place parent;
	enum namespace ns;
	const char *name;
	enum place place;
	int (*begin)(struct update_reader *r, const struct xml_elem *el,
	    struct err *e); /* or NULL */
	/* With the text between the tags; NULL: the text is not wanted. */
	int (*text)(
	    struct update_reader *r, const char *p, size_t n, struct err *e);
};

#define UPDATE_NELEMENTS 32
extern const struct element update_elements[UPDATE_NELEMENTS];
/* An attribute that we keep: of which element, and how. */
enum value_of { OF_PROPERTIES, OF_FILE };

struct value {
	enum value_of of;
	const char *name;
	int (*set)(struct update_reader *r, void *to, const struct xml_attr *a,
	    struct err *e);
	size_t off; /* of the member in the struct */
};
#define UPDATE_NVALUES 20
extern const struct value update_value_rows[UPDATE_NVALUES];
extern const char *const update_ns[NS_COUNT];

struct update_reader {
	struct xml *x; /* owned */
	struct update_limits lim;
	struct update *u; /* borrowed while reading */
	struct arena *a; /* borrowed while reading */
	/* The parser's own strings for what we look for, of one epoch. */
	unsigned epoch;
	const char *uri[NS_COUNT], *name[UPDATE_NELEMENTS]; /* borrowed */
	const char *value[UPDATE_NVALUES], *digest; /* borrowed */
	struct xml_rows rows[AT_COUNT]; /* of each parent */
	const struct element *open[UPDATE_DEPTH + 1]; /* of known elements */
	unsigned nopen;
	unsigned skipped; /* depth below the innermost known element */
	bool text_wanted;
	size_t
	    eula; /* the EulaFile at hand: its place in others, and 1; or 0 */
	struct buf text;
	unsigned nidentities, nproperties;
	uint32_t nprereq_groups, nbundled_groups;
	struct update_ref ref; /* of the list or group at hand */
	struct update_title title; /* of the LocalizedProperties at hand */
	const char *handler; /* HandlerSpecificData's type */
	struct list prereqs, bundled, superseded; /* struct update_ref, guid */
	struct list files, others; /* struct update_file */
	struct list titles; /* struct update_title */
	struct list kbs, bulletins, langs; /* const char * */
};

/* update_list.c.  NULL with e filled: over max, or no memory. */
void *update_list_add(
    struct list *l, size_t size, size_t max, const char *what, struct err *e);
int update_list_word(struct update_reader *r, struct list *l, const char *p,
    size_t n, const char *what, struct err *e);
/* Everything listed goes to the arena and into u. */
int update_list_keep(struct update_reader *r, struct err *e);

/* update_value.c: what an attribute says, and where it goes. */
int update_values(struct update_reader *r, enum value_of of, void *to,
    const struct xml_elem *el, struct err *e);
/* Passes over what is malformed. */
int update_values_lax(struct update_reader *r, enum value_of of, void *to,
    const struct xml_elem *el, struct err *e);

/* An attribute that must be there. */
const struct xml_attr *update_need(
    const struct xml_elem *el, const char *name, struct err *e);
int update_bad_value(
    const struct xml_attr *a, const char *expected, struct err *e);
int update_set_guid(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e);
int update_set_bool(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e);
int update_set_revision(
    struct update_reader *r, void *to, const struct xml_attr *a, struct err *e);
/* A copy in the arena. */
const char *update_keep(
    struct update_reader *r, const char *p, size_t n, struct err *e);
int update_no_room(const struct arena *a, size_t n, struct err *e);

/* update_file.c */
int update_file_begin(
    struct update_reader *r, const struct xml_elem *el, struct err *e);
int update_file_sha256_begin(
    struct update_reader *r, const struct xml_elem *el, struct err *e);
int update_file_sha256(
    struct update_reader *r, const char *p, size_t n, struct err *e);
/* Any other element with a Digest. */
int update_file_other(
    struct update_reader *r, const struct xml_elem *el, struct err *e);
/* One of these, whose AdditionalDigest is known. */
int update_file_eula_begin(
    struct update_reader *r, const struct xml_elem *el, struct err *e);
int update_file_eula_sha256_begin(
    struct update_reader *r, const struct xml_elem *el, struct err *e);
int update_file_eula_sha256(
    struct update_reader *r, const char *p, size_t n, struct err *e);
int update_file_keep(struct update_reader *r, struct err *e);

bool update_same_word(const char *a, const char *b); /* ASCII case ignored */
/* Without the blanks around it. */
void update_trim(const char **p, size_t *n);

#endif
