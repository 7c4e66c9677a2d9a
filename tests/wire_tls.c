/* SPDX-License-Identifier: ISC */
#include "tests/wire_tls.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include "lib/net/httpd_tls.h"
#include "tests/t.h"

void
wire_tls_pair(const struct wire_tls *r, const char *name)
{
	EVP_PKEY *k = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	FILE *f;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -100);
	X509_gmtime_adj(X509_getm_notAfter(x), 10000);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, k);
	X509_sign(x, k, EVP_sha256());
	f = fopen(r->cert, "w");
	PEM_write_X509(f, x);
	fclose(f);
	f = fopen(r->key, "w");
	PEM_write_PrivateKey(f, k, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(k);
}

void
wire_tls_open(struct wire_tls *r)
{
	struct err e = ERR_INIT;
	const char *dir = t_tmpdir();

	wire_init(&r->w);
	snprintf(r->cert, sizeof(r->cert), "%s/c.pem", dir);
	snprintf(r->key, sizeof(r->key), "%s/k.pem", dir);
	wire_tls_pair(r, "first");
	T_CALL(httpd_tls_open(&r->tls, r->cert, r->key, &e), &e);
}

void
wire_tls_start(struct wire_tls *r)
{
	struct httpd_listen l = {.fd = -1, .tls = true};
	struct httpd_where where;
	struct err e = ERR_INIT;
	char url[HTTPD_URL_MAX];

	T_CALL(httpd_where_read(&where, "127.0.0.1:0", &e), &e);
	T_CALL(httpd_bind(&l, &where, &e), &e);
	T_CALL(httpd_url(url, &l, &e), &e);
	T_EQ(sscanf(url, "https://127.0.0.1:%u/", &r->w.port), 1);
	r->w.o.tls = r->tls;
	wire_start_on(&r->w, &l, 1);
}

void
wire_tls_stop(struct wire_tls *r)
{
	wire_stop(&r->w);
	httpd_tls_close(r->tls);
}

SSL *
wire_tls_dial(const struct wire_tls *r, SSL_CTX *c)
{
	int fd = wire_dial(&r->w, 1);
	SSL *s = SSL_new(c);

	SSL_set_fd(s, fd);
	if (SSL_connect(s) == 1)
		return s;
	SSL_free(s);
	close(fd);
	return NULL;
}
