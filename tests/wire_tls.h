/* SPDX-License-Identifier: ISC */
/* The server of tests/wire.h by TLS, and clients of it. */
#ifndef WF_TESTS_WIRE_TLS_H
#define WF_TESTS_WIRE_TLS_H

#include <openssl/ssl.h>

#include "tests/wire.h"

struct httpd_tls;

struct wire_tls {
	struct wire w;
	struct httpd_tls *tls;
	char cert[200], key[200];
};

/* A certificate of that name and its key, signed by itself, as files. */
void wire_tls_pair(const struct wire_tls *r, const char *name);
void wire_tls_open(struct wire_tls *r); /* w may be changed then */
void wire_tls_start(struct wire_tls *r);
void wire_tls_stop(struct wire_tls *r);
/* Connected, its handshake done; NULL where that fails. */
SSL *wire_tls_dial(const struct wire_tls *r, SSL_CTX *c);

#endif
