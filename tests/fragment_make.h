/* SPDX-License-Identifier: ISC */
/* Fragments of a document as one text, for tests that compare. */
#ifndef WF_FRAGMENT_MAKE_H
#define WF_FRAGMENT_MAKE_H

#include "formats/fragment.h"
#include "formats/package.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define MADE_MAX 200

struct made {
	struct buf b; /* owned: all of them, one after the other */
	struct {
		struct fragment f; /* but lang and geo */
		char lang[64], geo[64];
		size_t off;
	} of[MADE_MAX];
	size_t n;
	struct fragment_odd odd;
};

#define MADE_INIT                                                              \
	{                                                                      \
		.b = BUF_INIT, .n = 0                                          \
	}

/* What was made before is forgotten. */
int made_write(struct made *m, struct fragment_writer *w, const void *doc,
    size_t len, struct err *e);
/* The fragment of that type and language ("" for the first), or NULL. */
const char *made_text(
    const struct made *m, enum fragment_type t, const char *lang, size_t *len);
void made_free(struct made *m);

/* A writer and what it made. */
struct made_rig {
	struct fragment_writer *w;
	struct made m;
	struct err e;
};
void made_setup(struct made_rig *f, const struct fragment_limits *lim);
void made_teardown(struct made_rig *f);
int made_doc(struct made_rig *f, const char *doc);
void made_is(struct made_rig *f, enum fragment_type t, const char *lang,
    const char *want);

/* Each document of a sample package: a cabinet, or metadata.txt; or the test
   is skipped. */
void made_package(const char *sample, bool cabinet,
    int (*each)(void *arg, const struct package_record *rec, struct err *e),
    void *arg);

/* One of everything; other prefixes than usual, another order of parts. */
extern const char made_full[];

#define MSUS "http://schemas.microsoft.com/msus/2002/12/"
#define MADE_XSI "http://www.w3.org/2001/XMLSchema-instance"
#define ASM "urn:schemas-microsoft-com:asm.v3"
#define HEAD "<u:Update xmlns:u='" MSUS "Update'>"
#define IDENTITY "<u:UpdateIdentity UpdateID='A' RevisionNumber='1'/>"
#define PROPS "<u:Properties UpdateType='Software'/>"
#define DOC(body) HEAD IDENTITY PROPS body "</u:Update>"
#define CORE_ID "<UpdateIdentity UpdateID=\"A\" RevisionNumber=\"1\" />"
#define CORE_HEAD CORE_ID "<Properties UpdateType=\"Software\" />"
#define RULES(body) DOC("<u:ApplicabilityRules>" body "</u:ApplicabilityRules>")
#define CORE_RULES(body)                                                       \
	CORE_HEAD "<ApplicabilityRules>" body "</ApplicabilityRules>"

#endif
