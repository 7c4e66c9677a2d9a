/* SPDX-License-Identifier: ISC */
/* What the clients of the server's benches share; they end when it fails. */
#ifndef WF_BENCH_CLIENT_H
#define WF_BENCH_CLIENT_H

/* "what: why" of errno. */
void client_die(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
double client_now(void); /* seconds */
/*
 * A connection to "PORT" of 127.0.0.1, or to "ADDRESS:PORT" (IPv4); from: of
 * 127.0.0.0/8, the number behind its 127.0.0.1; or -1: as it comes.
 */
int client_dial(const char *to, long from);

#endif
