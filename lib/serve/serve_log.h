/* SPDX-License-Identifier: ISC */
/*
 * The access log: one line for each answer, gathered by the loops, which must
 * not wait, and written by a thread of its own.  What does not fit while the
 * disk is too slow is dropped, counted and told.
 */
#ifndef WF_SERVE_LOG_H
#define WF_SERVE_LOG_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/json.h"

struct httpd_done;
struct log;

#define SERVE_LOG_MAX ((size_t)8 << 20) /* bytes that wait */

struct serve_log {
	bool json; /* else the combined format */
	bool on;
	int dirfd; /* owned; -1: standard output */
	char name[NAME_MAX + 1];
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t more;
	int fd; /* owned */
	struct buf wait; /* what is to be written */
	struct json line;
	bool stop, woken;
	uint64_t lines, dropped,
	    told; /* dropped: not written; told: of these */
	char why[ERR_MSG_MAX]; /* of the last that could not be written */
};

void serve_log_init(struct serve_log *g);
/* A file, made where it is absent, or "-": standard output.  NULL: none. */
int serve_log_open(
    struct serve_log *g, const char *path, bool json, struct err *e);
/* Its thread; once the sandbox is entered. */
int serve_log_start(struct serve_log *g, struct err *e);
/* What waits is written. */
void serve_log_close(struct serve_log *g);
/* By a loop, when an answer has ended; at: UTC, seconds since 1970. */
void serve_log_add(struct serve_log *g, const struct httpd_done *d, int64_t at);
/* One line by itself, without its end: for tests, too. */
int serve_log_line(struct buf *to, struct json *j, bool json,
    const struct httpd_done *d, int64_t at, struct err *e);
/* The main thread: another file has its name, after SIGHUP; what was
   dropped. */
void serve_log_reopen(struct serve_log *g, struct log *l);
void serve_log_tick(struct serve_log *g, struct log *l);
/* Lines, and those dropped of them. */
void serve_log_counts(struct serve_log *g, uint64_t *lines, uint64_t *dropped);

#endif
