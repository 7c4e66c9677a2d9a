/* SPDX-License-Identifier: ISC */
/* The client, proxies, and who it says it is. */
#include "lib/net/http_priv.h"
#include "tests/http_peer.h"
#include "tests/http_seen.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define WHO(status, field)                                                     \
	"HTTP/1.1 " status " Who?\r\n" field "\r\nContent-Length: "            \
	"4\r\n\r\nwho?"
#define PROXY_BASIC "Proxy-Authenticate: Basic realm=\"x\""
#define U_P "dXNlcjpzZWNyZXQ=" /* user:secret */

T_TEST(a_proxy_that_asks_is_told_once_and_never_again_asked)
{
	static const struct peer_answer a[] = {
	    {.text = WHO("407", PROXY_BASIC)}, {.text = HELLO}};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	char proxy[64];
	struct pair p;

	pair_open(&p, a, N(a), &o);
	http_close(p.http);
	snprintf(proxy, sizeof(proxy), "%s", peer_url(p.peer, ""));
	o.proxy = proxy;
	o.proxy_user = "user:secret";
	p.http = seen_open(&o);
	p.r.url = "http://wsus.example.org:8530/x";
	p.r.post = "<soap/>";
	p.r.npost = 7;
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_EQ(p.r.tried, 1);
	T_EQ(p.seen.heads, 1);
	T_STR(seen_body(&p.seen), "hello");
	T_OK(strstr(peer_request(p.peer, 0),
		 "POST http://wsus.example.org:8530/x HTTP/1.1\r\n") != NULL);
	T_OK(strcasestr(peer_request(p.peer, 0), "authorization") == NULL);
	T_OK(strstr(peer_request(p.peer, 1),
	    "\r\nProxy-Authorization: Basic " U_P "\r\n"));
	T_OK(strstr(peer_request(p.peer, 1), "\r\n\r\n<soap/>"));
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_EQ(peer_requests(p.peer), 3);
	T_OK(strstr(peer_request(p.peer, 2), "Basic " U_P));
	T_OK(strstr(peer_request(p.peer, 2), "\r\n\r\n<soap/>"));
	T_EQ(peer_conns(p.peer), 2);
	pair_close(&p);
}

T_TEST(a_proxy_that_lets_nobody_through_is_named)
{
	static const struct {
		const char *text, *url, *user, *says;
	} rows[] = {
	    {WHO("407", PROXY_BASIC), "http://h/", NULL, "--proxy-user-file"},
	    {WHO("407", PROXY_BASIC), "http://h/", "u:secret",
		"--proxy-user-file"},
	    {WHO("407", "X: y"), "http://h/", "u:secret", "--proxy-user-file"},
	    {WHO("407", PROXY_BASIC), "http://h/", ":", "--proxy-user-file"},
	    {WHO("407", PROXY_BASIC), "https://h/", NULL,
		"the proxy does not let us through to h:443"},
	    {WHO("407", PROXY_BASIC), "https://h/", "u:secret",
		"the proxy does not let us through to h:443"},
	    {WHO("403", "X: y"), "https://h/", NULL, "see --proxy"},
	};
	struct http_opts o = seen_opts;
	struct peer_answer a = {0};
	struct err e = ERR_INIT;
	char proxy[64];
	struct pair p;
	size_t i;

	o.tries = 2;
	for (i = 0; i < N(rows); i++) {
		a.text = rows[i].text;
		pair_open(&p, &a, 1, &seen_opts);
		http_close(p.http);
		snprintf(proxy, sizeof(proxy), "%s", peer_url(p.peer, ""));
		o.proxy = proxy;
		o.proxy_user = rows[i].user;
		p.http = seen_open(&o);
		p.r.url = rows[i].url;
		T_EQ(http_run(p.http, &p.r, &e), -1);
		T_OK(strstr(e.msg, "secret") == NULL);
		T_FAILS(-1, &e, E_REMOTE, rows[i].says);
		T_EQ(p.seen.heads, 0);
		pair_close(&p);
	}
}

T_TEST(a_proxy_out_of_reach_is_told_from_the_server)
{
	static const struct peer_answer a[] = {{.text = HELLO}};
	static const struct {
		const char *proxy, *says;
		enum err_kind kind;
	} rows[] = {
	    {"http://user:secret@127.0.0.1:1", "that is the proxy", E_REMOTE},
	    {"bogus://user:secret@127.0.0.1:1", "makes no sense", E_USAGE},
	    {"http://user:secret@[::1", "makes no sense", E_USAGE},
	};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct pair p;
	size_t i;

	o.tries = 1;
	for (i = 0; i < N(rows); i++) {
		o.proxy = rows[i].proxy;
		pair_open(&p, a, N(a), &o);
		p.r.url = "http://wsus.example.org:8530/";
		T_EQ(http_run(p.http, &p.r, &e), -1);
		T_OK(strstr(e.msg, "secret") == NULL);
		T_OK(strstr(e.msg, "wsus.example.org:8530") != NULL);
		T_FAILS(-1, &e, rows[i].kind, rows[i].says);
		pair_close(&p);
	}
}

T_TEST(hosts_without_a_proxy_are_asked_directly)
{
	static const struct peer_answer a[] = {{.text = HELLO}};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct pair p;

	o.proxy = "http://127.0.0.1:1";
	o.no_proxy = "localhost,127.0.0.1";
	pair_open(&p, a, N(a), &o);
	T_CALL(http_run(p.http, &p.r, &e), &e);
	pair_close(&p);
}

T_TEST(the_user_is_told_to_the_home_host_only_and_only_when_asked)
{
	static const struct peer_answer a[] = {
	    {.text = WHO("401", "WWW-Authenticate: NTLM")}, {.text = HELLO}};
	static const char *const homes[] = {"127.0.0.1", "localhost", "127"};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct pair p;
	size_t i;

	o.user = "user:secret";
	for (i = 0; i < N(homes); i++) {
		o.home = homes[i];
		pair_open(&p, a, N(a), &o);
		p.r.post = "<soap/>";
		p.r.npost = 7;
		T_CALL(http_run(p.http, &p.r, &e), &e);
		T_OK(strstr(peer_request(p.peer, 0), "\r\n\r\n<soap/>"));
		T_OK(strcasestr(peer_request(p.peer, 0), "authoriz") == NULL);
		T_EQ(p.r.got.status, i == 0 ? 200 : 401);
		T_EQ(p.seen.heads, 1);
		T_EQ(p.r.tried, 1);
		if (i == 0) {
			T_OK(strstr(peer_request(p.peer, 1),
			    "\r\nAuthorization: NTLM TlRMTVNTUAAB"));
			T_OK(strstr(peer_request(p.peer, 1),
			    "\r\nContent-Length: 0\r\n"));
		}
		pair_close(&p);
	}
}

T_TEST(a_password_is_not_sent_in_the_clear)
{
	static const struct peer_answer a[] = {
	    {.text = WHO("401", "WWW-Authenticate: Basic realm=\"x\"")}};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct pair p;

	o.user = "user:secret";
	o.home = "127.0.0.1";
	pair_open(&p, a, N(a), &o);
	T_FAILS(http_run(p.http, &p.r, &e), &e, E_REMOTE, "--user-file");
	T_EQ(p.seen.heads, 0);
	T_EQ(peer_requests(p.peer), 1);
	T_OK(strcasestr(peer_request(p.peer, 0), "authorization") == NULL);
	pair_close(&p);
}

/* What libcurl says for what, and what becomes of it. */
static const struct {
	enum http_fail fail;
	const char *cause, *says;
	enum err_kind kind;
	bool passing;
} words[] = {
    {HTTP_FAIL_TRUST, "SSL certificate problem: self-signed certificate",
	"--ca-file", E_REMOTE, false},
    {HTTP_FAIL_TRUST,
	"SSL: no alternative certificate subject name matches target "
	"host name 'wsus'",
	"use a name that its certificate has", E_REMOTE, false},
    {HTTP_FAIL_CA_FILE, "error setting certificate file: x", "--ca-file",
	E_USAGE, false},
    {HTTP_FAIL_CERT, "could not load PEM client certificate", "--client-cert",
	E_USAGE, false},
    {HTTP_FAIL_RECV,
	"OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert "
	"certificate required, errno 0",
	"see --client-cert", E_REMOTE, false},
    {HTTP_FAIL_TLS,
	"error:0A000410:SSL routines::sslv3 alert handshake failure",
	"see --client-cert", E_REMOTE, false},
    {HTTP_FAIL_TLS, "error:0A00042E:SSL routines::tlsv1 alert protocol version",
	"TLS 1.2 or 1.3 is needed", E_REMOTE, false},
    {HTTP_FAIL_RECV,
	"OpenSSL SSL_read: error:0A000418:SSL routines::tlsv1 alert "
	"unknown ca, errno 0",
	"see --client-cert", E_REMOTE, false},
    {HTTP_FAIL_RECV, "Send failure: Broken pipe", "see --client-cert", E_REMOTE,
	true},
    {HTTP_FAIL_TIME, "SSL connection timeout", "speak TLS?", E_REMOTE, true},
    {HTTP_FAIL_CONNECT,
	"Failed to connect to wsus port 8531 after 0 ms: Couldn't",
	"is the port right?", E_REMOTE, true},
    {HTTP_FAIL_CONNECT,
	"Failed to connect to wsus port 3128 after 0 ms: Couldn't",
	"that is the proxy", E_REMOTE, true},
    {HTTP_FAIL_TLS, "Connection reset by peer", "speak TLS", E_REMOTE, true},
    {HTTP_FAIL_NAME, "Could not resolve host: wsus", "is the name right?",
	E_REMOTE, true},
    {HTTP_FAIL_MEMORY, "Out of memory", "no memory", E_SYS, false},
};

T_TEST(words_for_tls_name_the_option_that_helps)
{
	struct http_req r = {.tried = 1};
	struct http_job j = {.r = &r, .at = "wsus:8531"};
	struct http_fault f = {0};
	size_t i;

	j.where.host = "wsus";
	j.where.nhost = 4;
	j.where.tls = true;
	j.where.port = 8531;
	for (i = 0; i < N(words); i++) {
		snprintf(j.cause, sizeof(j.cause), "%s", words[i].cause);
		f.fail = words[i].fail;
		r.err = (struct err)ERR_INIT;
		T_EQ(http_why(&j, &f), words[i].passing);
		T_OK(strstr(r.err.msg, "wsus:8531") != NULL);
		T_FAILS(-1, &r.err, words[i].kind, words[i].says);
	}
}

int
main(int argc, char *argv[])
{
	return seen_main(argc, argv);
}
