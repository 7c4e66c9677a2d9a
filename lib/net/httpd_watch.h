/* SPDX-License-Identifier: ISC */
/*
 * Limits on clients that drip: a request head that does not come to an end, an
 * answer that is taken by the byte.  The library's own time-out knows idle
 * connections only.  Workers say where each connection is; one thread sweeps.
 */
#ifndef WF_HTTPD_WATCH_H
#define WF_HTTPD_WATCH_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct watch;
struct watch_conn;

#define WATCH_HEAD_MS 30000 /* a request's head, from its first byte */
#define WATCH_SLOW_MS 60000 /* in each such span of an answer ... */
#define WATCH_SLOW_BYTES 4096 /* ... as many must be taken */

int httpd_watch_open(struct watch **w, unsigned max, struct err *e);
void httpd_watch_close(struct watch *w);
/* NULL: all are taken. */
struct watch_conn *httpd_watch_add(struct watch *w, int fd);
void httpd_watch_remove(struct watch *w, struct watch_conn *c);
void httpd_watch_answering(struct watch_conn *c);
void httpd_watch_waiting(struct watch_conn *c);
/* How many answers are under way. */
size_t httpd_watch_busy(struct watch *w);
/* Shuts down those that drip; returns how many. */
size_t httpd_watch_sweep(struct watch *w, uint64_t now_ms);

#endif
