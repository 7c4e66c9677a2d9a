/* SPDX-License-Identifier: ISC */
/*
 * Inside want*.c and get*.c only: one
 * download as a job for a worker.
 */
#ifndef WF_GET_H
#define WF_GET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/pool.h"
#include "lib/net/http.h"
#include "lib/fetch/download.h"
#include "lib/store/content.h"
#include "lib/store/sync.h"

struct fetch_opts;

#define GET_WORKERS_MAX 64 /* downloads at a time */
#define GET_URLS_MAX 6 /* of one file */
#define GET_WHY_MAX 400
#define GET_UNKNOWN_MAX                                                        \
	((uint64_t)4 << 30) /* bytes, where no size is declared */
#define GET_SILENT_MAX 8 /* downloads in a row that nobody answered */

/* Whose server a URL names. */
enum get_whose { GET_UPSTREAM, GET_ELSEWHERE, GET_NWHOSE };

/* What a worker keeps from one download to the next. */
struct get_slot {
	atomic_flag busy;
	struct http *http; /* owned */
	struct digest_ctx ctx; /* owned */
	uint8_t *gather; /* owned */
};

/* Where the upstream may have its content, in the order to try. */
enum get_base { GET_BASE_UNTRIED, GET_BASE_RIGHT, GET_BASE_DEAD };
#define GET_BASES_MAX 2

/* What all downloads of a run share. */
struct get_env {
	const struct content *content; /* borrowed */
	struct http_opts net; /* its strings are borrowed */
	struct get_slot slots[GET_WORKERS_MAX];
	unsigned nslots;
	uint64_t max_unknown; /* bytes */
	atomic_bool stop;
	atomic_llong bytes; /* taken; less where a part begins again */
	atomic_uint silent[GET_NWHOSE];
	atomic_int bases[GET_BASES_MAX]; /* enum get_base */
};

struct get_url {
	char *url; /* owned */
	enum get_whose whose;
	int base; /* which of the bases it is under; -1: none */
};

struct get {
	struct job job; /* first: the pool's; err: what ends the run */
	struct get_env *env; /* borrowed */
	void *of; /* the caller's */
	uint8_t sha1[SHA1_LEN], sha256[SHA256_LEN];
	bool has_sha256, has_size;
	bool held; /* has its name already, but no row that says so */
	uint64_t size;
	char ext[UPDATE_EXT_MAX + 1];
	struct get_url urls[GET_URLS_MAX];
	unsigned nurls;

	/* The outcome; st is to be settled when it is SYNC_GOT. */
	enum sync_outcome outcome;
	struct content_staged st;
	bool absent; /* the upstream does not have it, or not yet */
	char why[GET_WHY_MAX]; /* not SYNC_GOT: cause and URL */
	char
	    mended[GET_WHY_MAX]; /* damage that a second try made good; or "" */
	uint64_t received; /* bytes of bodies */
	uint64_t counted; /* of it in env->bytes */
};

int get_env_open(struct get_env *env, const struct content *c,
    const struct http_opts *net, unsigned downloads, uint64_t rate,
    struct err *e);
void get_env_close(struct get_env *env); /* when no job runs */
void get_run(struct job *j);
bool get_stopped(void *env); /* struct get_env */
void get_free(struct get *g); /* its URLs */

/* get.c, get_try.c ------------------------------------- */

/* What came of one URL. */
enum get_said {
	GET_SAID_NOTHING, /* no answer, or none that helps */
	GET_SAID_WHOLE, /* as many bytes as there should be */
	GET_SAID_ABSENT, /* 404 */
	GET_SAID_WRONG /* it cannot be this file */
};
struct get_try {
	struct http_req req;
	struct get *g; /* borrowed */
	struct download *download; /* borrowed */
	const struct get_url *u; /* borrowed */
	enum get_said said;
	bool answered; /* a head came */
	bool take; /* the body is the file's */
	bool enough; /* nothing is left to ask for */
	bool anew; /* what is there may be right, but cannot be added to */
	char why[GET_WHY_MAX];
};
/* Ask once, and again where a cut brought it on.  E_SYS, E_STOP. */
int get_try(struct get_try *t, struct get_slot *s, struct err *e);
/* Count what the part has, or has lost, since it was counted. */
void get_count(struct get *g, const struct download *p);

/* get_url.c -------------------------------------------------------- */

struct get_sources {
	char bases[GET_BASES_MAX][SYNC_URL_MAX]; /* no slash at the end */
	unsigned nbases;
	bool internet; /* MUUrls may be used */
	bool require_tls; /* but no plain ones */
	char host[HTTP_FIELD_MAX]; /* the upstream's */
	const char *const *hosts; /* borrowed: suffixes MUUrls may have */
	size_t nhosts;
	bool refused; /* get_add_url() saw a host that is not among them, */
	bool plain; /* or a URL without TLS */
};

/* From the options, the upstream and what it said of itself.  E_USAGE. */
int get_sources(struct get_sources *s, const struct fetch_opts *o,
    const char *upstream, bool catalog_only, struct err *e);
/* Is host one of these suffixes, or beneath one? */
bool get_host_in(const char *host, const char *const *hosts, size_t n);
/* The URLs under the bases. */
int get_add_bases(struct get *g, const struct get_sources *s, struct err *e);
/* An MUUrl; one that may not be used is passed over. */
int get_add_url(
    struct get *g, struct get_sources *s, const char *url, struct err *e);

#endif
