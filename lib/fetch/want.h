/* SPDX-License-Identifier: ISC */
/* Inside want_fetch.c, want.c and want_ask.c only. */
#ifndef WF_WANT_H
#define WF_WANT_H

#include "lib/fetch/fetch_priv.h"
#include "lib/fetch/get.h"

/* A file that is to be had. */
struct want {
	const struct choose_file *file; /* borrowed */
	uint64_t here; /* bytes that are here already: of the size, or a part */
	bool held; /* something has its name, but no row that says so */
	bool absent; /* the upstream does not have it, or not yet */
	enum sync_outcome outcome; /* 0: not tried */
	char *why; /* owned: tried, and not SYNC_GOT */
	size_t newest; /* of its further URLs; WANT_NONE */
};
#define WANT_NONE SIZE_MAX

struct want_url {
	char *url; /* owned */
	size_t older; /* or WANT_NONE */
};

struct wants {
	struct fetch *f; /* borrowed */
	struct choose choose; /* owned */
	struct choose_files files; /* owned */
	struct want *v; /* owned */
	size_t n;
	struct want **by_sha1; /* owned; into v */
	struct want_url *urls; /* owned */
	size_t nurls, capurls;
	struct get_sources from;
	uint64_t bytes, here; /* declared; of them here already */
};

#define WANTS_INIT                                                             \
	{                                                                      \
		.v = NULL                                                      \
	}

/* What the policy wants and the store lacks, largest first, and where it may
   come from.  Errors: E_USAGE, E_SYS. */
int want_open(struct wants *w, struct fetch *f, struct err *e);
void want_close(struct wants *w);
/* Was it to be had?  arg: struct wants. */
bool want_has(const void *wants, const uint8_t sha1[SHA1_LEN]);
/* Lines for --dry-run. */
int want_print(struct wants *w, struct err *e);
/* What is here of each by now, as far as that can be seen. */
void want_measure(struct wants *w);
/* Parts that nobody wants any more go. */
int want_sweep(struct wants *w, struct err *e);
/* Is there room for all of it?  E_SYS. */
int want_room(const struct wants *w, struct err *e);
/* Fill g for one of them; get_free() it. */
int want_get(
    struct wants *w, const struct want *want, struct get *g, struct err *e);

/*
 * want_fetch.c: one pass over those that which() says.  What came is in
 * the store, also after a failure.  E_STOP, E_SYS.
 */
int want_fetch(
    struct wants *w, bool (*which)(const struct want *t), struct err *e);

/* want_ask.c: have the upstream get what it lacks, and wait for it. */
int want_ask(struct wants *w, struct err *e);

#endif
