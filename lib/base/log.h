/* SPDX-License-Identifier: ISC */
/*
 * What a program says.  Talk goes to stderr (and to a log file), data to
 * stdout.  With json everything is one object a line on stdout and stderr
 * stays for errors.  Used by the main thread only.
 */
#ifndef WF_LOG_H
#define WF_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct json;

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log {
	const char *prog; /* borrowed: the program's name */
	bool json, quiet; /* quiet: errors and warnings only */
	unsigned verbose; /* 0: up to LOG_INFO */
	int file_fd; /* owned; -1: no log file */
	bool progress_shown; /* a progress line stands on the terminal */
	uint64_t findings; /* how many log_finding() calls */
	int worst; /* exit status of the worst finding */
	int out_errno; /* why stdout could not be flushed, or 0 */
	char *last; /* owned: a summary in JSON, for log_end() */
};

#define LOG_INIT                                                               \
	{                                                                      \
		.file_fd = -1                                                  \
	}

/* Append to a log file; one event a line: UTC time, level, subject, message. */
int log_file(struct log *l, int dirfd, const char *path, struct err *e);
void log_close(struct log *l); /* log_end(), too */

/* subject: an update id, a path, or NULL. */
void log_event(struct log *l, enum log_level lv, const char *subject,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * What a command failed with: "program: subject: message (byte N)" on stderr
 * and in the log file, and in JSON mode {"type":"error","kind":...,
 * "subject":...,"offset":...,"message":...} on stdout.  Clears the error,
 * raises l->worst and returns the exit status of its kind.
 */
int log_error(struct log *l, const char *subject, struct err *e);

/*
 * A fault of the input, as data: "path: message (byte N)" on stdout, or
 * {"type":"finding","kind":...,"path":...,"offset":...,"message":...}.
 * Raises l->worst to the kind's exit status.  path may be NULL.
 */
void log_finding(struct log *l, enum err_kind k, const char *path, uint64_t at,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The same from a filled error, which is cleared. */
void log_finding_err(struct log *l, const char *path, struct err *e);

/* A line of data: text in text mode, the object in JSON mode; either NULL. */
void log_data(struct log *l, const char *text, const char *json);
/* The same for a sentence, which a terminal gets wrapped, as talk and
   findings. */
void log_verdict(struct log *l, const char *text, const char *json);

/*
 * The last line: fmt as talk on stderr (and in the log file) in text mode, the
 * object, begun by the caller with "type":"summary", in JSON mode: there it
 * waits for log_end(), so that it stands behind the error of a run that failed.
 */
void log_summary(struct log *l, struct json *j, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void log_end(struct log *l);

#endif
