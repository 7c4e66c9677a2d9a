/* SPDX-License-Identifier: ISC */
/* Inside serve*.c: what each worker has, and who answers what. */
#ifndef WF_SERVE_PRIV_H
#define WF_SERVE_PRIV_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/digest.h"
#include "lib/net/httpd.h"
#include "lib/serve/serve_gate.h"
#include "lib/serve/serve_log.h"
#include "lib/serve/serve_wanted.h"
#include "lib/store/store_show.h"
#include "lib/store/content.h"
#include "lib/store/lacking.h"
#include "lib/view/find.h"
#include "lib/view/index.h"
#include "lib/view/status.h"

struct err;
struct log;
struct store;

#define SERVE_SLOTS 4 /* states of the store of which there is an index.json */
#define SERVE_TOLD 256 /* of what is damaged, told once */
#define SERVE_INDEX_S 600 /* how long one may hold its snapshot */
#define SERVE_INDEX_SLOW_S 5 /* then the main thread goes on with it */
#define SERVE_LOST_S 60 /* how long what is lost is believed to be */
#define SERVE_CACHE_KIB 8192 /* pages of the database, for each reader */

/*
 * What pages show and search, and what the store lacks, made once for each
 * state of it: by the main thread where revisions came and no client asked
 * first.  Of a big store it takes so long that it is made by the main thread
 * alone, beside the one that is shown meanwhile, and at most a fifth of the
 * time: while one commit follows another, pages are some seconds behind.
 */
struct serve_seen {
	bool made;
	uint64_t now; /* serve_now() */
	int64_t good_s; /* until then */
	int64_t last; /* store_last() */
	uint64_t cost_ms; /* of a processor, to make it */
	uint64_t
	    next_ms; /* clock_ms(): not made anew before, where that is much */
	struct status status;
	struct find *find; /* owned; where it is made */
};
struct serve_view {
	/* A bit for files that were found to be gone or damaged: what was told
	   while they were here is none any more.  However often somebody asks
	   for one of them, it is made anew once. */
	atomic_ullong lost;
	atomic_bool stale; /* somebody was shown what is not of now */
	uint64_t small_ms; /* below that cost all is shown at once */
	pthread_mutex_t making; /* by one at a time; before the lock */
	pthread_rwlock_t lock; /* of what is; pages are made while it is read */
	struct serve_seen is;
};

/*
 * A file that was found is given out again for a moment without asking the
 * database, by whoever is asked for it: what a digest stands for does not
 * change.  Its descriptor stays open as long as anybody sends from it.
 */
#define SERVE_CACHED 256
#define SERVE_CACHED_MS 2000
#define SERVE_CHECK_MS 100 /* then its length is looked at again */

struct serve_open {
	atomic_uint users; /* the table, and who sends */
	uint8_t sha1[SHA1_LEN];
	char ext[UPDATE_EXT_MAX + 1];
	int fd; /* owned */
	uint64_t size;
	uint64_t until_ms;
	atomic_ullong checked_ms;
};
struct serve_files {
	pthread_mutex_t lock;
	struct serve_open *open[SERVE_CACHED]; /* owned, or NULL */
};

/* Used by one thread. */
struct serve_worker {
	struct serve_files *files; /* borrowed: all workers' */
	struct store *store; /* owned */
	struct content content; /* owned */
};

#define SERVE_WORKERS_MAX (2 * HTTPD_WORKERS_MAX)

/* The index of one state of the store: serve_index.c. */
enum serve_made {
	SERVE_FAILED, /* or nothing yet */
	SERVE_MAKING,
	SERVE_WHOLE
};
struct serve_slot {
	pthread_mutex_t lock; /* of all below */
	struct store *store; /* owned; begun while it is made */
	struct content content; /* owned */
	int fd; /* owned: what is made of it */
	uint64_t len; /* bytes there */
	enum serve_made made;
	enum index_kind kind;
	uint64_t now; /* serve_now() of the state */
	int64_t good_s; /* a whole one: until then */
	unsigned clients; /* who read fd */
	int64_t until_s; /* when making it ends, whole or not */
	char etag[HTTPD_ETAG_MAX]; /* of a whole one */
	struct index index;
};

struct serve {
	const char *dir; /* borrowed */
	struct serve_files files;
	struct serve_worker workers[SERVE_WORKERS_MAX];
	unsigned nloops, nslow; /* a worker of files for each loop; of pages */
	pthread_mutex_t slots_lock; /* of who takes one; before theirs */
	struct serve_slot slots[SERVE_SLOTS];
	struct serve_view view;
	struct store *store; /* owned: the main thread's, to prepare the view */
	/* The latest failure of a worker, for the log of the main thread. */
	atomic_int failure; /* FAILURE_NONE and so on, serve.c */
	struct err *failed;
	uint64_t told[SERVE_TOLD]; /* hashes of damage that was */
	unsigned ntold;
	struct serve_wanted wanted;
	struct serve_gate gate;
	struct serve_log log;
	_Atomic(struct httpd *) httpd; /* borrowed: where it has started */
	struct {
		int dirfd; /* owned; -1: none is served */
		char name[NAME_MAX + 1];
	} scan; /* wsusscn2.cab */
	int self_update; /* owned: its folder; -1 */
	atomic_ullong absent, damaged; /* requests for such payload */
};

/*
 * "/content/8F/f572...228f.CAB" in any case of letters: its digest and the
 * extension as it was asked for, without the dot.
 */
bool serve_name(
    const char *path, uint8_t sha1[SHA1_LEN], char ext[UPDATE_EXT_MAX + 1]);

/* The same of a path of Microsoft's own: the digest ends the name. */
bool serve_download(const char *path, uint8_t sha1[SHA1_LEN]);

void serve_files_open(struct serve_files *f);
void serve_files_close(struct serve_files *f);
void serve_worker_open(struct serve_worker *w, struct serve_files *f);
void serve_worker_close(struct serve_worker *w);
/*
 * Fills rs, all but a failure, which the caller makes 500, and 404 where it is
 * E_MISSING: a row calls the file present, and it is not there.
 */
int serve_file(struct serve_worker *w, const uint8_t sha1[SHA1_LEN],
    const char *ext, struct httpd_res *rs, struct err *e); /* NULL: any ext */
/* 404 with a line that says why: 1 the store knows the file, 0 not, -1. */
int serve_absent(struct serve_worker *w, const uint8_t sha1[SHA1_LEN],
    struct httpd_res *rs, struct err *e);

/* A file that may be another one under its name; extra as in httpd_res.  fd is
   taken, also by a failure. */
int serve_send_file(
    int fd, const char *extra, struct httpd_res *rs, struct err *e);
/* A name beneath a folder; cases: in any case of letters.  1, 0 none, -1. */
int serve_folder_file(
    int dirfd, const char *name, bool cases, int *fd, struct err *e);
int serve_scan_cab(struct serve *s, struct httpd_res *rs, struct err *e);
/* What the operator names, each or NULL. */
int serve_folders_open(struct serve *s, const char *scan_cab,
    const char *self_update, struct err *e);
void serve_folders_close(struct serve *s);
/* STORE/with: a file of it, 1, 0 none, -1; what is beneath a folder of it, ""
   for all, as a list. */
int serve_with_file(struct serve_worker *w, const char *name,
    struct httpd_res *rs, struct err *e);
struct page;
struct stat;
/* Is there something of that name? */
bool serve_with_is(struct store *s, const char *name, struct stat *st);
int serve_with_list(
    struct page *p, struct store *s, const char *name, struct err *e);
/* The same where it is known already, and without waiting; or false. */
bool serve_file_known(struct serve_files *files, const uint8_t sha1[SHA1_LEN],
    const char *ext, uint64_t now_ms, struct httpd_res *rs);

/* For httpd: every request, on a worker; what can be answered on a loop; what
   can wait for the database; an answer that has ended. */
void serve_answer(void *arg, const struct httpd_req *rq, struct httpd_res *rs);
bool serve_quick(void *arg, const struct httpd_req *rq, struct httpd_res *rs);
unsigned serve_kind(void *arg, const char *path);
void serve_done(void *arg, const struct httpd_done *d);

/* "/metrics", "/healthz", on an address of their own. */
int serve_admin(struct serve *s, struct serve_worker *w,
    const struct httpd_req *rq, struct httpd_res *rs, struct err *e);

/* Is a page there, or could be? */
bool serve_page_is(const char *path);
/* Everything that is no file and no list for scripts; what is nothing, too. */
int serve_page(struct serve *s, struct serve_worker *w,
    const struct httpd_req *rq, struct httpd_res *rs, struct err *e);

/* NULL, or why it cannot be answered. */
const char *serve_ask_read(
    const struct httpd_req *rq, struct find_ask *ask, uint64_t *number);
/* Weights of Accept-Encoding in thousandths; -1: it is in no line. */
struct serve_coding {
	int gzip, identity, others;
};
#define SERVE_CODING_INIT                                                      \
	{                                                                      \
		.gzip = -1, .identity = -1, .others = -1                       \
	}
/* One line of that header; of what is said twice the highest counts. */
void serve_coding_add(struct serve_coding *c, const char *line, size_t n);
/* Is gzip taken, and not less than what is not packed? */
bool serve_coding_gzip(const struct serve_coding *c);
/* HTML; bytes are taken. */
int serve_send_page(const struct httpd_req *rq, struct httpd_res *rs,
    unsigned status, struct buf *bytes, struct err *e);

/* A number for each state of the store, and of what is known of its files. */
int serve_now(
    struct serve_view *v, struct store *store, uint64_t *now, struct err *e);
/* Until when may be told what was found now?  What is lost may come back while
   nothing is written to the store. */
int64_t serve_good_s(bool lost);
/* v->is, to be read until released: of the snapshot that store is in, or of a
   big store of one before (*late, which may be NULL), for which store may be
   begun anew.  E_BUSY: others want
   other states all the time. */
int serve_view_hold(
    struct serve_view *v, struct store *store, bool *late, struct err *e);
void serve_view_release(struct serve_view *v);
/* Of the snapshot that store is in. */
int serve_view_lacking(struct serve_view *v, struct store *store,
    struct lacking *l, struct err *e);
/* For the snapshot of now, so that no client waits for it. */
int serve_view_prepare(
    struct serve_view *v, struct store *store, struct err *e);
/* Nobody but the caller of that makes it. */
bool serve_view_is_big(struct serve_view *v);
/* What the store lacks, once after revisions came: false when that was
   given. */
bool serve_view_news(struct serve_view *v, int64_t *told, struct lacking *l);
void serve_view_init(struct serve_view *v);
void serve_view_free(struct serve_view *v);

/* "/index.json", "/updates.csv". */
int serve_index(struct serve *s, struct serve_worker *w, enum index_kind k,
    struct httpd_res *rs, struct err *e);
/* By the main thread: what clients take slowly is made whole. */
void serve_index_tick(struct serve *s);
void serve_index_init(struct serve *s);
/* The files; the stores are the caller's to open.  Before the sandbox. */
int serve_index_open(struct serve *s, struct log *l, struct err *e);
void serve_index_close(struct serve *s); /* the stores, too */

/* A failure on whichever thread, for the log of the main thread. */
void serve_note(struct serve *s, struct err *e);
/* By the main thread. */
void serve_tell_failure(struct serve *s, struct log *l);

/* serve_sockets.c: where it listens; n sockets, their owner is the caller. */
struct serve_opts;
struct serve_listens {
	struct httpd_listen v[HTTPD_LISTEN_MAX];
	size_t n;
};
int serve_listen(
    struct serve_listens *l, const struct serve_opts *o, struct err *e);
void serve_listen_close(struct serve_listens *l);

/* serve_life.c: from the sockets to a signal; they are its from now on. */
int serve_live(struct serve *s, const struct serve_opts *o,
    struct serve_listens *l, const struct httpd_opts *ho, struct err *e);

#endif
