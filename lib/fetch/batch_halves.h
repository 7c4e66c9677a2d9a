/* SPDX-License-Identifier: ISC */
/*
 * Inside lib/fetch only: ids that are asked for together, and in halves where
 * the upstream refuses them.  GetUpdateData and GetUpdateDecryptionData alike.
 */
#ifndef WF_BATCH_HALVES_H
#define WF_BATCH_HALVES_H

#include "lib/fetch/fetch_priv.h"

#define HALVES_SPANS 64

struct halves {
	struct sync_work ids[FETCH_BATCH_MAX];
	bool seen[FETCH_BATCH_MAX];
	unsigned nids;
	struct span {
		unsigned lo, n;
	} span, spans[HALVES_SPANS]; /* the one asked for; a stack */
	unsigned nspans;
	unsigned failures; /* calls for these ids that brought nothing */
	bool again; /* the span of one id was tried before */
	bool any; /* something came of them */
};

/* An id that a call brought nothing of; later: it is asked for once more. */
struct halves_lost {
	int (*lost)(void *arg, const struct sync_work *w, const char *why,
	    bool later, struct err *e);
	void *arg;
};

void batch_halves_begin(
    struct halves *h, unsigned n); /* ids[0] to ids[n - 1] */
void batch_halves_push(struct halves *h, unsigned lo, unsigned n);
/* The next span, of at most that many ids; those of it are put into to.  false:
   none is left. */
bool batch_halves_next(
    struct halves *h, unsigned most, struct ss_rev to[FETCH_BATCH_MAX]);
/* Nothing of the span was seen after all. */
void batch_halves_forget(struct halves *h);
/* What of the span was not seen is asked for again. */
void batch_halves_rest(struct halves *h);
/* Nothing came of the span: in halves; one id alone is lost. */
int batch_halves_split(struct halves *h, const char *why,
    const struct halves_lost *l, struct err *e);
/* It was refused by InternalServerError: Microsoft's endpoint names those that
   it lacks, and the rest is asked again; else in halves. */
int batch_halves_fault(struct halves *h, const struct soap_fault *fault,
    const struct halves_lost *l, struct err *e);

#endif
