/* SPDX-License-Identifier: ISC */
/* TLS 1.2 and 1.3 for the server, by OpenSSL. */
#ifndef WF_HTTPD_TLS_H
#define WF_HTTPD_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct httpd_tls;
struct ssl_st;

/*
 * A certificate with what leads to its authority, and its key, both PEM.  The
 * folders in which they lie stay open, and are opened in once more by
 * httpd_tls_reload(), also after privileges were given up and by Landlock.
 * Errors: E_USAGE a file that is no certificate or key, or a key of another
 * one; E_SYS.
 */
int httpd_tls_open(
    struct httpd_tls **t, const char *cert, const char *key, struct err *e);
void httpd_tls_close(struct httpd_tls *t);
/* Those who connect from now on get the new one; after a failure the old. */
int httpd_tls_reload(struct httpd_tls *t, struct err *e);
/* When the certificate that is used begins and ends, UTC; false: it cannot be
   told.  By the thread that reloads. */
bool httpd_tls_span(const struct httpd_tls *t, int64_t *from, int64_t *to);
/* The folders, for the sandbox: how many. */
#define HTTPD_TLS_DIRS 4
size_t httpd_tls_dirs(const struct httpd_tls *t, int dirs[HTTPD_TLS_DIRS]);

/* One connection.  NULL: no memory. */
struct ssl_st *httpd_tls_accept(struct httpd_tls *t, int fd);
/* All of these: 0 the end, -1 not now, -2 it is broken.  1: done. */
ssize_t httpd_tls_handshake(struct ssl_st *s);
/* Bytes. */
ssize_t httpd_tls_read(struct ssl_st *s, char *p, size_t room);
/* The same; after -1 the same bytes, or these and more, are to be given.  A
   record at most; more: another write follows at once. */
ssize_t httpd_tls_write(struct ssl_st *s, const char *p, size_t n, bool more);
void httpd_tls_end(struct ssl_st *s); /* tells the other side */
void httpd_tls_free(struct ssl_st *s);

#endif
