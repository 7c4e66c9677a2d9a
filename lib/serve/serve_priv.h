/* SPDX-License-Identifier: ISC */
/* Inside serve_run*.c: what each worker has, and who answers what. */
#ifndef WF_SERVE_PRIV_H
#define WF_SERVE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/digest.h"
#include "lib/net/httpd.h"
#include "lib/store/store_show.h"
#include "lib/store/content.h"
#include "lib/store/lacking.h"

struct err;
struct store;

#define SERVE_PAGE 200 /* updates a page */
#define SERVE_PAGE_FILES 50 /* files shown of one update */
#define SERVE_PAGE_BYTES ((size_t)32 << 20)
#define SERVE_INDEXES 4 /* of index.json under way at a time */
#define SERVE_INDEX_S 600 /* how long one may hold its snapshot */
#define SERVE_CACHE_KIB 8192 /* pages of the database, for each reader */

/*
 * The order of the pages and what is superseded, worked out once for each state
 * of the store, by the main thread where no client came first.
 */
struct serve_view {
	pthread_mutex_t lock; /* of all below; no page is made under it */
	bool made;
	int64_t version;
	int64_t *rows; /* owned */
	size_t n, cap;
	struct row_set superseded;
	struct lacking lacking;
};

/*
 * A file that was found is given out again for a moment without asking the
 * database: what a digest stands for does not change.  Its descriptor is kept.
 */
#define SERVE_CACHED 64
#define SERVE_CACHED_S 2

struct serve_cached {
	uint8_t sha1[SHA1_LEN];
	char ext[UPDATE_EXT_MAX + 1];
	int fd; /* owned; -1: nothing here */
	uint64_t size;
	int64_t until_s;
};

/* Used by one thread. */
struct serve_worker {
	struct serve_cached cached[SERVE_CACHED];
	struct store *store; /* owned */
	struct content content; /* owned */
};

/* A reader for one index at a time, on whichever thread. */
struct serve_reader {
	struct store *store; /* owned */
	struct content content; /* owned */
	atomic_flag taken;
};

struct serve {
	const char *dir; /* borrowed */
	struct serve_worker workers[HTTPD_WORKERS_MAX];
	unsigned nworkers;
	struct serve_reader readers[SERVE_INDEXES];
	struct serve_view view;
	struct store *store; /* owned: the main thread's, to prepare the view */
	/* The latest failure of a worker, for the log of the main thread. */
	atomic_int failure; /* FAILURE_NONE and so on, serve.c */
	struct err *failed;
};

/*
 * "/content/8F/f572...228f.CAB" in any case of letters: its digest and the
 * extension as it was asked for, without the dot.
 */
bool serve_name(
    const char *path, uint8_t sha1[SHA1_LEN], char ext[UPDATE_EXT_MAX + 1]);

void serve_files_open(struct serve_worker *w);
void serve_files_close(struct serve_worker *w);
/*
 * Fills rs, all but a failure, which the caller makes 500, and 404 where it is
 * E_MISSING: a row calls the file present, and it is not there.
 */
int serve_file(struct serve_worker *w, const uint8_t sha1[SHA1_LEN],
    const char *ext, struct httpd_res *rs, struct err *e);

/*
 * Can this file be given out?  present: its row says so, and it is there with
 * the size that the row has.
 */
int serve_look(struct content *c, struct store *s, const struct store_file *f,
    bool *present, struct err *e);

/* "/", with its query. */
int serve_page(struct serve *s, struct serve_worker *w,
    const struct httpd_req *rq, struct httpd_res *rs, struct err *e);

/* The view of the snapshot that store is in; unlock it, but after -1. */
int serve_view_lock(struct serve_view *v, struct store *store, struct err *e);
void serve_view_unlock(struct serve_view *v);
/* For the snapshot of now, so that no client waits for it. */
void serve_view_prepare(struct serve_view *v, struct store *store);
/* What the store lacks, once for each state of it: false when that was given. */
bool serve_view_lacking(struct serve_view *v, int64_t *told, struct lacking *l);
void serve_view_init(struct serve_view *v);
void serve_view_free(struct serve_view *v);

/* "/index.json", made as it is sent. */
int serve_index(struct serve *s, struct httpd_res *rs, struct err *e);

#endif
