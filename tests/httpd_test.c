/* SPDX-License-Identifier: ISC */
/* The server's words: targets, names, conditions, ranges. */
#include "lib/base/enc.h"
#include "lib/net/httpd.h"
#include "lib/store/store_show.h"
#include "lib/serve/serve_priv.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
/* 110 bytes of path; a socket's has room for 107. */
#define LONG_LOCAL                                                             \
	"unix:/234567890123456789012345678901234567890123456789012345678901"   \
	"2345678901234567890123456789012345678901234567890"
#define SHA "307239632577DD22E1977183F77462919DDFAD83"

T_TEST(a_place_to_listen_is_a_host_and_a_port)
{
	static const struct {
		const char *text, *host;
		unsigned port;
		bool v6, local;
	} good[] = {
	    {"127.0.0.1:8530", "127.0.0.1", 8530, false, false},
	    {"[::1]:0", "::1", 0, true, false},
	    {"[::]:65535", "::", 65535, true, false},
	    {"localhost:80", "localhost", 80, false, false},
	    {"unix:/run/s:1", "/run/s:1", 0, false, true},
	};
	static const char *const bad[] = {"", ":", "8530", "a:", ":80", "a:b",
	    "a:65536", "a:-1", "a:+1", "a: 1", "::1:80", "[::1]", "[::1]80",
	    "[]:80", "[::1:80", "a:1:2", "a:99999999999999999999",
	    "unix:", LONG_LOCAL};
	struct err e = ERR_INIT;
	struct httpd_where w;
	size_t i;

	for (i = 0; i < N(good); i++) {
		T_CALL(httpd_where_read(&w, good[i].text, &e), &e);
		T_STR(w.host, good[i].host);
		T_EQ(w.port, good[i].port);
		T_EQ(w.v6, good[i].v6);
		T_EQ(w.local, good[i].local);
	}
	for (i = 0; i < N(bad); i++)
		T_FAILS(
		    httpd_where_read(&w, bad[i], &e), &e, E_USAGE, "expected");
}

T_TEST(a_name_of_payload_is_its_digest)
{
	static const struct {
		const char *path, *ext;
	} rows[] = {
	    {"/Content/83/" SHA ".psf", "psf"},
	    {"/cOnTeNt/83/"
	     "307239632577dd22e1977183f77462919ddfad83.PSF",
		"PSF"},
	    {"/Content/83/" SHA, ""},
	    {"/Content/83/" SHA ".12345678", "12345678"},
	    {"/Content/83/" SHA ".123456789", NULL},
	    {"/Content/83/" SHA ".", NULL},
	    {"/Content/82/" SHA ".psf", NULL},
	    {"/Content/3/" SHA ".psf", NULL},
	    {"/Content/083/" SHA ".psf", NULL},
	    {"/Content/83/0" SHA ".psf", NULL},
	    {"/Content/83/"
	     "307239632577DD22E1977183F77462919DDFAD8.psf",
		NULL},
	    {"/Content/83/" SHA "/x", NULL},
	    {"/Content/83//" SHA, NULL},
	    {"/Content//83/" SHA, NULL},
	    {"/Content/83/"
	     "G07239632577DD22E1977183F77462919DDFAD83",
		NULL},
	    {"/Content/83", NULL},
	    {"/Content/8", NULL},
	    {"/Content/", NULL},
	    {"/Content", NULL},
	    {"/Contents/83/" SHA, NULL},
	    {"/", NULL},
	    {"", NULL},
	};
	char ext[UPDATE_EXT_MAX + 1], hex[2 * SHA1_LEN + 1];
	uint8_t sha1[SHA1_LEN];
	size_t i;

	for (i = 0; i < N(rows); i++) {
		T_EQ(serve_name(rows[i].path, sha1, ext), rows[i].ext != NULL);
		if (rows[i].ext == NULL)
			continue;
		hex_upper(hex, sha1, SHA1_LEN);
		T_STR(hex, SHA);
		T_STR(ext, rows[i].ext);
	}
}

T_MAIN
