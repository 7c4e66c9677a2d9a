/* SPDX-License-Identifier: ISC */
#include "lib/serve/serve_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/out.h"
#include "lib/base/words.h"
#include "lib/net/httpd.h"

#define FLAGS (O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC)
#define MODE 0640
#define WAKE_BYTES ((size_t)64 << 10) /* waiting: then at once */
#define WAKE_S 1 /* else after that */

void
serve_log_init(struct serve_log *g)
{
	*g = (struct serve_log){.dirfd = -1,
	    .fd = -1,
	    .wait = BUF_INIT_MAX(SERVE_LOG_MAX),
	    .line = JSON_INIT};
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->more, NULL);
}

int
serve_log_open(struct serve_log *g, const char *path, bool json, struct err *e)
{
	const char *slash;
	char folder[4096];

	if (path == NULL)
		return 0;
	g->json = json;
	if (strcmp(path, "-") == 0) {
		g->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	} else {
		slash = strrchr(path, '/');
		snprintf(g->name, sizeof(g->name), "%s",
		    slash != NULL ? slash + 1 : path);
		snprintf(folder, sizeof(folder), "%.*s",
		    slash == NULL	? 1
			: slash == path ? 1
					: (int)(slash - path),
		    slash == NULL ? "." : path);
		g->dirfd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (g->dirfd != -1)
			g->fd = openat(g->dirfd, g->name, FLAGS, MODE);
	}
	if (g->fd == -1)
		return err_sys(e, "--access-log: %s", path);
	g->on = true;
	return 0;
}

static int
put_time(char to[32], int64_t at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char utc[UTC_LEN + 1];
	uint64_t month = 1;

	utc_write(utc, at);
	(void)num_read(&month, utc + 5, 2, 1, 12);
	return snprintf(to, 32, "%.2s/%.3s/%.4s:%.8s +0000", utc + 8,
	    months + 3 * (month - 1), utc, utc + 11);
}

static int
combined(struct buf *to, const struct httpd_done *d, int64_t at, struct err *e)
{
	char when[32];

	(void)put_time(when, at);
	return buf_printf(to, e,
	    "%s - - [%s] \"%s %s HTTP/1.%u\" %u %" PRIu64 " \"%s\" \"%s\"",
	    d->peer, when, d->method, d->target, d->minor, d->status, d->bytes,
	    *d->referer != '\0' ? d->referer : "-",
	    *d->agent != '\0' ? d->agent : "-");
}

int
serve_log_line(struct buf *to, struct json *j, bool json,
    const struct httpd_done *d, int64_t at, struct err *e)
{
	char when[UTC_LEN + 1];
	const char *line;

	if (!json)
		return combined(to, d, at, e);
	utc_write(when, at);
	json_begin(j);
	json_str(j, "time", when);
	json_str(j, "peer", d->peer);
	json_str(j, "method", d->method);
	json_str(j, "target", d->target);
	json_num(j, "minor", d->minor);
	json_num(j, "status", d->status);
	json_num(j, "bytes", d->bytes);
	json_num(j, "ms", d->ms);
	json_bool(j, "whole", d->whole);
	json_bool(j, "tls", d->tls);
	json_str(j, "referer", *d->referer != '\0' ? d->referer : NULL);
	json_str(j, "agent", *d->agent != '\0' ? d->agent : NULL);
	if ((line = json_end(j)) == NULL)
		return err_nomem(e);
	return buf_puts(to, line, e);
}

void
serve_log_add(struct serve_log *g, const struct httpd_done *d, int64_t at)
{
	struct err ignored = ERR_INIT;
	size_t before;

	pthread_mutex_lock(&g->lock);
	before = g->wait.len;
	g->lines++;
	if (serve_log_line(&g->wait, &g->line, g->json, d, at, &ignored) ==
		-1 ||
	    buf_put(&g->wait, "\n", 1, &ignored) == -1) {
		g->wait.len = before;
		g->dropped++;
		snprintf(
		    g->why, sizeof(g->why), "more came than could be written");
	}
	if (g->wait.len >= WAKE_BYTES && !g->woken) {
		g->woken = true;
		pthread_cond_signal(&g->more);
	}
	pthread_mutex_unlock(&g->lock);
}

static uint64_t
count_lines(const struct buf *b)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < b->len; i++)
		n += b->p[i] == '\n';
	return n;
}

/* The lock is held, but for the time of writing. */
static void
write_some(struct serve_log *g, struct buf *spare)
{
	struct err e = ERR_INIT;
	struct buf full = g->wait;
	int fd = g->fd, r;

	g->wait = *spare;
	g->woken = false;
	pthread_mutex_unlock(&g->lock);
	r = out_fd_write(fd, full.p, full.len, &e);
	pthread_mutex_lock(&g->lock);
	if (r == -1) {
		g->dropped += count_lines(&full);
		snprintf(g->why, sizeof(g->why), "%s", e.msg);
	}
	*spare = full;
	buf_reset(spare);
}

static void *
work(void *arg)
{
	struct buf spare = BUF_INIT_MAX(SERVE_LOG_MAX);
	struct serve_log *g = arg;
	struct timespec until;

	pthread_mutex_lock(&g->lock);
	while (!g->stop || g->wait.len > 0) {
		if (g->wait.len < WAKE_BYTES && !g->stop) {
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_sec += WAKE_S;
			(void)pthread_cond_timedwait(
			    &g->more, &g->lock, &until);
		}
		if (g->wait.len > 0)
			write_some(g, &spare);
	}
	pthread_mutex_unlock(&g->lock);
	buf_free(&spare);
	return NULL;
}

int
serve_log_start(struct serve_log *g, struct err *e)
{
	if (!g->on)
		return 0;
	if ((errno = pthread_create(&g->thread, NULL, work, g)) != 0)
		return err_sys(e, "a thread for the access log");
	g->running = true;
	return 0;
}

void
serve_log_close(struct serve_log *g)
{
	if (g->running) {
		pthread_mutex_lock(&g->lock);
		g->stop = true;
		pthread_cond_signal(&g->more);
		pthread_mutex_unlock(&g->lock);
		(void)pthread_join(g->thread, NULL);
		g->running = false;
	}
	if (g->fd != -1)
		(void)close(g->fd);
	if (g->dirfd != -1)
		(void)close(g->dirfd);
	g->fd = g->dirfd = -1;
	buf_free(&g->wait);
	json_free(&g->line);
	pthread_cond_destroy(&g->more);
	pthread_mutex_destroy(&g->lock);
}

void
serve_log_reopen(struct serve_log *g, struct log *l)
{
	int fd;

	if (g->dirfd == -1)
		return;
	if ((fd = openat(g->dirfd, g->name, FLAGS, MODE)) == -1) {
		log_event(l, LOG_ERROR, g->name,
		    "SIGHUP: %s; what was open stays so", strerror(errno));
		return;
	}
	/* In place, so that its thread may be writing to it. */
	if (dup3(fd, g->fd, O_CLOEXEC) == -1)
		log_event(l, LOG_ERROR, g->name, "SIGHUP: %s", strerror(errno));
	else
		log_event(
		    l, LOG_INFO, NULL, "SIGHUP: %s is open anew", g->name);
	(void)close(fd);
}

void
serve_log_tick(struct serve_log *g, struct log *l)
{
	char why[ERR_MSG_MAX];
	uint64_t n;

	pthread_mutex_lock(&g->lock);
	memcpy(why, g->why, sizeof(why));
	n = g->dropped - g->told;
	g->told = g->dropped;
	pthread_mutex_unlock(&g->lock);
	if (n > 0)
		log_event(l, LOG_ERROR, NULL, "%s of the access log lost: %s",
		    words_count(n, "line").s, why);
}

void
serve_log_counts(struct serve_log *g, uint64_t *lines, uint64_t *dropped)
{
	pthread_mutex_lock(&g->lock);
	*lines = g->lines;
	*dropped = g->dropped;
	pthread_mutex_unlock(&g->lock);
}
