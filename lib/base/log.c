/* SPDX-License-Identifier: ISC */
#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/json.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/term.h"

#define LOG_MAX_MSG 1024
#define COLUMNS_MIN 20 /* in fewer, the terminal wraps as it likes */
#define INDENT 2 /* of what goes on from the line before */

static const char *const words[] = {"error", "warning", "info", "debug"};

static void format(char out[LOG_MAX_MSG], const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
format(char out[LOG_MAX_MSG], const char *fmt, va_list ap)
{
	if (vsnprintf(out, LOG_MAX_MSG, fmt, ap) < 0)
		out[0] = '\0';
	utf8_clean(out);
}

static void
clear_progress(struct log *l)
{
	if (!l->progress_shown)
		return;
	fputs("\r\033[K", stderr);
	l->progress_shown = false;
}

/* Where the next line of a terminal begins: at a space; a word that is longer
   than a line stays whole. */
static size_t
break_at(const char *s, unsigned columns)
{
	size_t left = strlen(s), n, at;
	unsigned used;

	at = n = term_fit(s, left, columns, &used);
	if (n == left)
		return n;
	while (at > 0 && s[at] != ' ')
		at--;
	return at > 0 ? at : n + strcspn(s + n, " ");
}

/* A sentence for people: wrapped on a terminal, a line elsewhere. */
static void
sentence(FILE *to, const char *s)
{
	unsigned columns = term_columns(fileno(to)), indent = 0;
	struct buf shown = BUF_INIT;
	struct err e = ERR_INIT;
	size_t n;

	if (columns != 0 && term_text(&shown, s, strlen(s), &e) == 0)
		s = (const char *)shown.p;
	if (columns < COLUMNS_MIN)
		columns = UINT_MAX;
	for (;;) {
		n = break_at(s, columns - indent);
		fprintf(to, "%*s%.*s\n", (int)indent, "", (int)n, s);
		s += n + strspn(s + n, " ");
		if (*s == '\0')
			break;
		indent = INDENT;
	}
	buf_free(&shown);
}

/* A line of data, whole. */
static void
row(const char *s)
{
	struct buf shown = BUF_INIT;
	struct err e = ERR_INIT;

	if (term_columns(STDOUT_FILENO) != 0 &&
	    term_text(&shown, s, strlen(s), &e) == 0)
		s = (const char *)shown.p;
	puts(s);
	buf_free(&shown);
}

static void
emit_line(struct log *l, const char *line)
{
	clear_progress(l);
	if (line == NULL) {
		fprintf(
		    stderr, "%s: no memory for a line of output\n", l->prog);
		l->worst = err_worst(l->worst, err_status(E_SYS));
		return;
	}
	puts(line);
}

static void
emit(struct log *l, struct json *j)
{
	emit_line(l, json_end(j));
}

int
log_file(struct log *l, int dirfd, const char *path, struct err *e)
{
	int fd;

	fd = os.openat(dirfd, path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
	if (fd == -1)
		return err_sys(e, "log file '%s'", path);
	log_close(l);
	l->file_fd = fd;
	return 0;
}

void
log_close(struct log *l)
{
	log_end(l);
	if (l->file_fd != -1)
		os.close(l->file_fd);
	l->file_fd = -1;
}

/* One write for a line, so that lines of two programs don't mix. */
static void
append(struct log *l, const char *word, const char *subject, const char *msg)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char at[UTC_LEN + 1];
	int64_t now;

	if (l->file_fd == -1)
		return;
	if (utc_now(&now, &e) == -1)
		goto fail;
	utc_write(at, now);
	if (buf_printf(&b, &e, "%s\t%s\t%s\t%s\n", at, word, subject, msg) ==
		-1 ||
	    out_fd_write(l->file_fd, b.p, b.len, &e) == -1)
		goto fail;
	buf_free(&b);
	return;
fail:
	buf_free(&b);
	log_close(l);
	clear_progress(l);
	fprintf(stderr, "%s: log file: %s; it ends here\n", l->prog, e.msg);
	l->worst = err_worst(l->worst, err_status(e.kind));
}

static void
append_clean(
    struct log *l, const char *word, const char *subject, const char *msg)
{
	char s[LOG_MAX_MSG];

	snprintf(s, sizeof(s), "%s", subject != NULL ? subject : "-");
	utf8_clean(s);
	append(l, word, s, msg);
}

static void
say_line(struct log *l, enum log_level lv, const char *subject, const char *msg)
{
	char s[LOG_MAX_MSG], line[3 * LOG_MAX_MSG];

	snprintf(s, sizeof(s), "%s", subject != NULL ? subject : "");
	utf8_clean(s);
	clear_progress(l);
	snprintf(line, sizeof(line), "%s: %s%s%s%s%s", l->prog,
	    lv < LOG_INFO ? words[lv] : "", lv < LOG_INFO ? ": " : "", s,
	    subject != NULL ? ": " : "", msg);
	sentence(stderr, line);
}

static void
say_json(struct log *l, enum log_level lv, const char *subject, const char *msg)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "type", "event");
	json_str(&j, "level", words[lv]);
	if (subject != NULL)
		json_str(&j, "subject", subject);
	json_str(&j, "message", msg);
	emit(l, &j);
	json_free(&j);
}

void
log_event(
    struct log *l, enum log_level lv, const char *subject, const char *fmt, ...)
{
	char msg[LOG_MAX_MSG];
	va_list ap;

	if (lv == LOG_DEBUG && l->verbose == 0)
		return;
	va_start(ap, fmt);
	format(msg, fmt, ap);
	va_end(ap);
	append_clean(l, words[lv], subject, msg);
	if (lv >= LOG_INFO && l->quiet)
		return;
	if (l->json)
		say_json(l, lv, subject, msg);
	if (!l->json || lv == LOG_ERROR)
		say_line(l, lv, subject, msg);
}

/* A finding or an error as an object; name: what path is called in it. */
static void
fault_json(struct log *l, const char *type, enum err_kind k, const char *name,
    const char *path, uint64_t at, const char *msg)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "type", type);
	json_str(&j, "kind", err_word(k));
	json_str(&j, name, path);
	if (at != E_NO_OFFSET)
		json_num(&j, "offset", at);
	json_str(&j, "message", msg);
	emit(l, &j);
	json_free(&j);
}

/* "path: message (byte N)", fit for a terminal. */
static void
fault_text(
    char out[2 * LOG_MAX_MSG], const char *path, uint64_t at, const char *msg)
{
	char s[LOG_MAX_MSG], where[40] = "";

	if (at != E_NO_OFFSET)
		snprintf(where, sizeof(where), " (byte %" PRIu64 ")", at);
	snprintf(s, sizeof(s), "%s", path != NULL ? path : "");
	utf8_clean(s);
	snprintf(out, 2 * LOG_MAX_MSG, "%s%s%s%s", s, path != NULL ? ": " : "",
	    msg, where);
}

/* Who was asked may have said the name already: once is enough. */
static const char *
said_once(const char *subject, const char *msg)
{
	size_t n = subject != NULL ? strlen(subject) : 0;

	return n != 0 && strncmp(msg, subject, n) == 0 &&
		strncmp(msg + n, ": ", 2) == 0
	    ? msg + n + 2
	    : msg;
}

int
log_error(struct log *l, const char *subject, struct err *e)
{
	char line[2 * LOG_MAX_MSG], alone[2 * LOG_MAX_MSG];
	char said[3 * LOG_MAX_MSG];
	const char *msg = said_once(subject, e->msg);
	int status = err_status(e->kind);

	l->worst = err_worst(l->worst, status);
	fault_text(line, subject, e->at, msg);
	fault_text(alone, NULL, e->at, msg);
	append_clean(l, words[LOG_ERROR], subject, alone);
	if (l->json)
		fault_json(l, "error", e->kind, "subject", subject, e->at, msg);
	clear_progress(l);
	snprintf(said, sizeof(said), "%s: %s", l->prog, line);
	sentence(stderr, said);
	err_clear(e);
	return status;
}

static void
finding(struct log *l, enum err_kind k, const char *path, uint64_t at,
    const char *msg)
{
	char line[2 * LOG_MAX_MSG];

	l->findings++;
	l->worst = err_worst(l->worst, err_status(k));
	fault_text(line, NULL, at, msg);
	append_clean(l, "finding", path, line);
	if (l->json) {
		fault_json(l, "finding", k, "path", path, at, msg);
		return;
	}
	fault_text(line, path, at, msg);
	clear_progress(l);
	sentence(stdout, line);
	fflush(stdout); /* in its place among the talk */
}

void
log_finding(struct log *l, enum err_kind k, const char *path, uint64_t at,
    const char *fmt, ...)
{
	char msg[LOG_MAX_MSG];
	va_list ap;

	va_start(ap, fmt);
	format(msg, fmt, ap);
	va_end(ap);
	finding(l, k, path, at, said_once(path, msg));
}

void
log_finding_err(struct log *l, const char *path, struct err *e)
{
	log_finding(l, e->kind, path, e->at, "%s", e->msg);
	err_clear(e);
}

void
log_data(struct log *l, const char *text, const char *json)
{
	const char *line = l->json ? json : text;

	if (line == NULL)
		return;
	clear_progress(l);
	if (l->json)
		puts(line);
	else
		row(line);
}

void
log_verdict(struct log *l, const char *text, const char *json)
{
	if (l->json) {
		log_data(l, NULL, json);
		return;
	}
	clear_progress(l);
	sentence(stdout, text);
}

static void
keep_last(struct log *l, struct json *j)
{
	const char *line = json_end(j);

	if (line == NULL || (l->last = strdup(line)) == NULL)
		emit_line(l, line);
}

void
log_end(struct log *l)
{
	if (l->last == NULL)
		return;
	emit_line(l, l->last);
	free(l->last);
	l->last = NULL;
}

void
log_summary(struct log *l, struct json *j, const char *fmt, ...)
{
	char msg[LOG_MAX_MSG];
	va_list ap;

	va_start(ap, fmt);
	format(msg, fmt, ap);
	va_end(ap);
	append_clean(l, words[LOG_INFO], NULL, msg);
	/* What it sums up stands before it, in a pipe too. */
	errno = 0;
	if (fflush(stdout) == EOF)
		l->out_errno = errno;
	if (!l->json) {
		if (!l->quiet)
			say_line(l, LOG_INFO, NULL, msg);
	} else if (j != NULL) {
		log_end(l);
		keep_last(l, j);
	}
}
