/* SPDX-License-Identifier: ISC */
/* The server by TLS: OpenSSL on both ends. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/net/httpd_tls.h"
#include "tests/t.h"
#include "tests/wire_tls.h"

static void
hang_up(SSL *s)
{
	int fd = SSL_get_fd(s);

	SSL_free(s);
	close(fd);
}

/* A body of n bytes behind an answer's head. */
static void
take(SSL *s, size_t n, uint64_t off)
{
	static char in[WIRE_BIG + 4096];
	const char *body = NULL;
	size_t have = 0, i;
	int r;

	while (have < sizeof(in) - 1 &&
	    (body == NULL || have - (size_t)(body - in) < n)) {
		r = SSL_read(s, in + have, (int)(sizeof(in) - 1 - have));
		if (r <= 0)
			break;
		have += (size_t)r;
		in[have] = '\0';
		if (body == NULL && (body = strstr(in, "\r\n\r\n")) != NULL)
			body += 4;
	}
	T_OK(body != NULL);
	T_EQ(in + have - body, n);
	for (i = 0; i < n; i++)
		if ((uint8_t)body[i] != wire_byte(off + i))
			break;
	T_EQ(i, n);
}

static void
get(SSL *s, const char *path, size_t n, uint64_t off)
{
	char text[200];

	snprintf(text, sizeof(text),
	    "GET %s HTTP/1.1\r\nHost: a\r\nRange: bytes=%zu-\r\n\r\n", path,
	    (size_t)off);
	T_OK(SSL_write(s, text, (int)strlen(text)) > 0);
	take(s, n, off);
}

T_TEST(both_versions_serve_files_memory_and_ranges)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct wire_tls r;
	SSL_CTX *c;
	unsigned i;
	SSL *s;

	wire_tls_open(&r);
	wire_tls_start(&r);
	for (i = 0; i < 2; i++) {
		c = SSL_CTX_new(TLS_client_method());
		SSL_CTX_set_min_proto_version(c, versions[i]);
		SSL_CTX_set_max_proto_version(c, versions[i]);
		s = wire_tls_dial(&r, c);
		T_OK(s != NULL);
		T_EQ(SSL_version(s), versions[i]);
		get(s, "/warm", WIRE_FILE - 7, 7);
		/* Once more from the disk. */
		T_EQ(fsync(r.w.file), 0);
		T_EQ(posix_fadvise(r.w.file, 0, 0, POSIX_FADV_DONTNEED), 0);
		get(s, "/file", WIRE_FILE, 0);
		get(s, "/mem", WIRE_MEM, 0);
		get(s, "/big", WIRE_BIG, 0);
		get(s, "/warm", 1, WIRE_FILE - 1);
		hang_up(s);
		SSL_CTX_free(c);
	}
	c = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_security_level(c, 0);
	SSL_CTX_set_min_proto_version(c, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(c, TLS1_1_VERSION);
	T_OK(wire_tls_dial(&r, c) == NULL);
	SSL_CTX_free(c);
	wire_tls_stop(&r);
}

T_TEST(a_client_that_reads_slowly_gets_the_right_bytes)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());
	static const char ask[] = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n";
	struct wire_tls r;
	SSL *s, *other;
	int i;

	wire_tls_open(&r);
	wire_tls_start(&r);
	s = wire_tls_dial(&r, c);
	/* Beside another that takes nothing, and more than kernels hold. */
	other = wire_tls_dial(&r, c);
	T_OK(SSL_write(other, ask, sizeof(ask) - 1) > 0);
	for (i = 0; i < 3; i++) {
		T_OK(SSL_write(s, ask, sizeof(ask) - 1) > 0);
		usleep(100000);
		take(s, WIRE_BIG, 0);
	}
	get(s, "/warm", WIRE_FILE, 0);
	hang_up(other);
	hang_up(s);
	SSL_CTX_free(c);
	wire_tls_stop(&r);
}

T_TEST(a_handshake_that_stalls_or_is_none_is_cut_off)
{
	struct wire_tls r;
	int fd[3], i;

	wire_tls_open(&r);
	r.w.limits.handshake = 300;
	wire_tls_start(&r);
	for (i = 0; i < 3; i++)
		fd[i] = wire_dial(&r.w, 1);
	wire_say_bytes(fd[1], "\x16\x03\x01\x02\x00\x01", 6);
	wire_say(fd[2], "GET /warm HTTP/1.1\r\nHost: a\r\n\r\n");
	for (i = 0; i < 3; i++) {
		T_OK(wire_ends(fd[i], 3000));
		close(fd[i]);
	}
	T_OK(wire_await(wire_has_conns, &r.w, 0));
	wire_tls_stop(&r);
}

static void
name_of(SSL *s, char *to, size_t room)
{
	X509 *x = SSL_get1_peer_certificate(s);

	X509_NAME_get_text_by_NID(
	    X509_get_subject_name(x), NID_commonName, to, (int)room);
	X509_free(x);
}

T_TEST(a_new_certificate_is_for_newcomers)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());
	struct err e = ERR_INIT;
	struct wire_tls r;
	char name[64];
	SSL *s, *t;
	int fd;

	wire_tls_open(&r);
	wire_tls_start(&r);
	s = wire_tls_dial(&r, c);
	wire_tls_pair(&r, "second");
	T_CALL(httpd_tls_reload(r.tls, &e), &e);
	get(s, "/warm", WIRE_FILE, 0);
	t = wire_tls_dial(&r, c);
	name_of(t, name, sizeof(name));
	T_STR(name, "second");
	hang_up(t);
	/* A damaged one changes nothing. */
	fd = open(r.key, O_WRONLY | O_TRUNC);
	close(fd);
	T_FAILS(httpd_tls_reload(r.tls, &e), &e, E_USAGE, "k.pem");
	T_EQ(unlink(r.cert), 0);
	T_FAILS(httpd_tls_reload(r.tls, &e), &e, E_SYS, "c.pem");
	t = wire_tls_dial(&r, c);
	name_of(t, name, sizeof(name));
	T_STR(name, "second");
	hang_up(t);
	hang_up(s);
	SSL_CTX_free(c);
	wire_tls_stop(&r);
}

T_TEST(what_is_no_pair_is_refused)
{
	struct httpd_tls *t;
	struct err e = ERR_INIT;
	struct wire_tls r, other;

	wire_tls_open(&r);
	wire_tls_open(&other);
	T_FAILS(httpd_tls_open(&t, r.cert, other.key, &e), &e, E_USAGE,
	    "not the key of the certificate");
	T_FAILS(httpd_tls_open(&t, r.key, r.key, &e), &e, E_USAGE,
	    "expected a certificate");
	T_FAILS(httpd_tls_open(&t, r.cert, r.cert, &e), &e, E_USAGE,
	    "expected a private key");
	T_FAILS(httpd_tls_open(&t, "/nowhere/c", r.key, &e), &e, E_SYS,
	    "/nowhere/c");
	httpd_tls_close(r.tls);
	httpd_tls_close(other.tls);
	close(r.w.file);
	close(other.w.file);
}

T_MAIN
