/* SPDX-License-Identifier: ISC */
#include "lib/net/httpd_tls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/err.h"

#define FILE_MAX ((size_t)1 << 20)

/* A file, by its name in a folder that stays open. */
struct place {
	const char *path; /* borrowed; for messages */
	char *base; /* owned */
	int dirfd, linked; /* owned; linked: where it leads to, when opened */
};

struct httpd_tls {
	struct place cert, key;
	pthread_mutex_t lock; /* of ctx */
	SSL_CTX *ctx; /* owned */
	BIO_METHOD *socket; /* owned */
};

static int
open_parent(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int fd;

	snprintf(dir, sizeof(dir), "%.*s",
	    slash == NULL	? 1
		: slash == path ? 1
				: (int)(slash - path),
	    slash == NULL ? "." : path);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd == -1 ? err_sys(e, "%s: its folder", path) : fd;
}

static int
open_place(struct place *p, const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char real[PATH_MAX];

	p->path = path;
	if ((p->base = strdup(slash != NULL ? slash + 1 : path)) == NULL)
		return err_nomem(e);
	if ((p->dirfd = open_parent(path, e)) == -1)
		return -1;
	if (realpath(path, real) == NULL)
		return err_sys(e, "%s", path);
	return (p->linked = open_parent(real, e)) == -1 ? -1 : 0;
}

static void
close_place(struct place *p)
{
	free(p->base);
	if (p->dirfd != -1)
		(void)close(p->dirfd);
	if (p->linked != -1)
		(void)close(p->linked);
}

/* Its bytes as OpenSSL reads them, in memory; NULL. */
static BIO *
read_place(const struct place *p, struct err *e)
{
	char *text = malloc(FILE_MAX);
	BIO *b = NULL;
	ssize_t n = -1;
	int fd;

	if (text == NULL) {
		err_nomem(e);
		return NULL;
	}
	if ((fd = openat(p->dirfd, p->base, O_RDONLY | O_CLOEXEC)) != -1) {
		n = read(fd, text, FILE_MAX);
		(void)close(fd);
	}
	if (n == -1)
		err_sys(e, "%s", p->path);
	else if ((size_t)n == FILE_MAX)
		err_set(e, E_USAGE, "%s: larger than a mebibyte", p->path);
	else if ((b = BIO_new(BIO_s_mem())) == NULL ||
	    BIO_write(b, text, (int)n) != n)
		err_nomem(e);
	OPENSSL_cleanse(text, FILE_MAX);
	free(text);
	return b;
}

static int
refuse(const struct place *p, const char *why, struct err *e)
{
	char text[160];

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	ERR_clear_error();
	return err_set(e, E_USAGE, "%s: %s (%s)", p->path, why, text);
}

/* The first is ours, the others lead to its authority. */
static int
use_cert(SSL_CTX *ctx, const struct place *p, struct err *e)
{
	BIO *b = read_place(p, e);
	X509 *x = NULL;
	int r = -1;

	if (b == NULL)
		return -1;
	if ((x = PEM_read_bio_X509(b, NULL, NULL, NULL)) == NULL ||
	    SSL_CTX_use_certificate(ctx, x) != 1) {
		refuse(p, "expected a certificate in PEM", e);
		goto out;
	}
	X509_free(x);
	while ((x = PEM_read_bio_X509(b, NULL, NULL, NULL)) != NULL)
		if (SSL_CTX_add0_chain_cert(ctx, x) != 1) {
			refuse(p, "a certificate of the chain", e);
			goto out;
		}
	ERR_clear_error(); /* that was the end */
	r = 0;
out:
	X509_free(x);
	BIO_free(b);
	return r;
}

static int
no_password(char *to, int room, int writing, void *arg)
{
	(void)to;
	(void)room;
	(void)writing;
	(void)arg;
	return -1;
}

static int
use_key(SSL_CTX *ctx, const struct place *p, struct err *e)
{
	BIO *b = read_place(p, e);
	EVP_PKEY *k;
	int r = 0;

	if (b == NULL)
		return -1;
	k = PEM_read_bio_PrivateKey(b, NULL, no_password, NULL);
	if (k == NULL)
		r = refuse(p, "expected a private key in PEM, no password", e);
	else if (SSL_CTX_use_PrivateKey(ctx, k) != 1)
		r = refuse(p, "it is not the key of the certificate", e);
	EVP_PKEY_free(k);
	BIO_free(b);
	return r;
}

/* RFC 7301: of what a client offers we speak one. */
static int
choose_alpn(SSL *s, const unsigned char **out, unsigned char *n,
    const unsigned char *in, unsigned in_len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *found;

	(void)s;
	(void)arg;
	if (SSL_select_next_proto(&found, n, ours, sizeof(ours) - 1, in,
		in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = found;
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *
make_ctx(const struct httpd_tls *t, struct err *e)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());

	if (c == NULL) {
		err_nomem(e);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
	SSL_CTX_set_options(c,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
		SSL_OP_NO_COMPRESSION);
	/* Buffers only while there is something in them. */
	SSL_CTX_set_mode(c,
	    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_id_context(
	    c, (const unsigned char *)"wsusferry", sizeof("wsusferry") - 1);
	SSL_CTX_set_alpn_select_cb(c, choose_alpn, NULL);
	if (use_cert(c, &t->cert, e) == -1 || use_key(c, &t->key, e) == -1) {
		SSL_CTX_free(c);
		return NULL;
	}
	return c;
}

/*
 * A socket as OpenSSL's own BIO of one, but that it is told of bytes that
 * follow, so that they go in one packet.  What it holds is both.
 */
static void
set_socket(BIO *b, int fd, bool more)
{
	BIO_set_data(b, (void *)((intptr_t)fd << 1 | more));
}

static int
get_socket(BIO *b, bool *more)
{
	intptr_t v = (intptr_t)BIO_get_data(b);

	*more = (v & 1) != 0;
	return (int)(v >> 1);
}

static int
read_socket(BIO *b, char *p, int room)
{
	bool more;
	ssize_t n = recv(get_socket(b, &more), p, (size_t)room, 0);

	BIO_clear_retry_flags(b);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(b);
	return (int)n;
}

static int
write_socket(BIO *b, const char *p, int n)
{
	bool more;
	int fd = get_socket(b, &more);
	ssize_t r = send(
	    fd, p, (size_t)n, MSG_NOSIGNAL | (more ? MSG_MORE : 0));

	BIO_clear_retry_flags(b);
	if (r == -1 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(b);
	return (int)r;
}

static long
control_socket(BIO *b, int what, long n, void *p)
{
	(void)b;
	(void)n;
	(void)p;
	return what == BIO_CTRL_FLUSH; /* nothing is held back */
}

static BIO_METHOD *
make_socket(struct err *e)
{
	BIO_METHOD *m = BIO_meth_new(
	    BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");

	if (m == NULL || BIO_meth_set_read(m, read_socket) != 1 ||
	    BIO_meth_set_write(m, write_socket) != 1 ||
	    BIO_meth_set_ctrl(m, control_socket) != 1)
		err_nomem(e);
	return m;
}

int
httpd_tls_open(
    struct httpd_tls **out, const char *cert, const char *key, struct err *e)
{
	struct httpd_tls *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (t == NULL)
		return err_nomem(e);
	t->cert.dirfd = t->cert.linked = t->key.dirfd = t->key.linked = -1;
	pthread_mutex_init(&t->lock, NULL);
	if ((t->socket = make_socket(e)) == NULL ||
	    open_place(&t->cert, cert, e) == -1 ||
	    open_place(&t->key, key, e) == -1 ||
	    (t->ctx = make_ctx(t, e)) == NULL) {
		httpd_tls_close(t);
		return -1;
	}
	*out = t;
	return 0;
}

void
httpd_tls_close(struct httpd_tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->socket);
	close_place(&t->cert);
	close_place(&t->key);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

int
httpd_tls_reload(struct httpd_tls *t, struct err *e)
{
	SSL_CTX *c = make_ctx(t, e), *was;

	if (c == NULL)
		return err_ctx(e, "the certificate of before stays");
	pthread_mutex_lock(&t->lock);
	was = t->ctx;
	t->ctx = c;
	pthread_mutex_unlock(&t->lock);
	SSL_CTX_free(was); /* connections hold it as long as they need it */
	return 0;
}

bool
httpd_tls_span(const struct httpd_tls *t, int64_t *from, int64_t *to)
{
	const X509 *x = SSL_CTX_get0_certificate(t->ctx);
	struct tm a, b;

	if (x == NULL || ASN1_TIME_to_tm(X509_get0_notBefore(x), &a) != 1 ||
	    ASN1_TIME_to_tm(X509_get0_notAfter(x), &b) != 1)
		return false;
	*from = timegm(&a);
	*to = timegm(&b);
	return true;
}

size_t
httpd_tls_dirs(const struct httpd_tls *t, int dirs[HTTPD_TLS_DIRS])
{
	dirs[0] = t->cert.dirfd;
	dirs[1] = t->cert.linked;
	dirs[2] = t->key.dirfd;
	dirs[3] = t->key.linked;
	return HTTPD_TLS_DIRS;
}

SSL *
httpd_tls_accept(struct httpd_tls *t, int fd)
{
	BIO *b = BIO_new(t->socket);
	SSL *s;

	pthread_mutex_lock(&t->lock);
	s = SSL_new(t->ctx);
	pthread_mutex_unlock(&t->lock);
	if (s == NULL || b == NULL) {
		SSL_free(s);
		BIO_free(b);
		return NULL;
	}
	set_socket(b, fd, false);
	BIO_set_init(b, 1);
	SSL_set_bio(s, b, b);
	SSL_set_accept_state(s);
	return s;
}

static ssize_t
outcome(SSL *s, int r)
{
	int code = r > 0 ? SSL_ERROR_NONE : SSL_get_error(s, r);

	if (code == SSL_ERROR_NONE)
		return r;
	if (code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE)
		return -1;
	ERR_clear_error();
	return code == SSL_ERROR_ZERO_RETURN ? 0 : -2;
}

ssize_t
httpd_tls_handshake(SSL *s)
{
	ERR_clear_error();
	return outcome(s, SSL_do_handshake(s));
}

ssize_t
httpd_tls_read(SSL *s, char *p, size_t room)
{
	ERR_clear_error();
	return outcome(s, SSL_read(s, p, (int)room));
}

ssize_t
httpd_tls_write(SSL *s, const char *p, size_t n, bool more)
{
	BIO *b = SSL_get_wbio(s);
	bool before;

	set_socket(b, get_socket(b, &before), more);
	ERR_clear_error();
	return outcome(s, SSL_write(s, p, (int)n));
}

void
httpd_tls_end(SSL *s)
{
	ERR_clear_error();
	(void)SSL_shutdown(s);
	ERR_clear_error();
}

void
httpd_tls_free(SSL *s)
{
	SSL_free(s);
}
