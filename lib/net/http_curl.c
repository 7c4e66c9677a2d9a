/* SPDX-License-Identifier: ISC */
/* The only file that knows libcurl. */
#include "lib/net/http_priv.h"

#include <curl/curl.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define N(a) (sizeof(a) / sizeof(*(a)))
#define IDLE_MAX 64L /* connections kept */
#define COOKIE "Set-Cookie:"
#define SERVER_HELLO 2 /* the type of that message, RFC 8446, 4 */

_Static_assert(HTTP_CAUSE_MAX >= CURL_ERROR_SIZE, "room for libcurl's words");

int
http_init(struct err *e)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, E_SYS, "libcurl cannot begin");
	return 0;
}

void
http_cleanup(void)
{
	curl_global_cleanup();
}

int
http_curl_open(struct http *h, struct err *e)
{
	h->multi = curl_multi_init();
	h->share = curl_share_init();
	if (h->multi == NULL || h->share == NULL ||
	    curl_share_setopt(h->share, CURLSHOPT_SHARE,
		CURL_LOCK_DATA_COOKIE) != CURLSHE_OK ||
	    curl_share_setopt(h->share, CURLSHOPT_SHARE,
		CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK ||
	    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, IDLE_MAX) !=
		CURLM_OK)
		return err_nomem(e);
	return 0;
}

void
http_curl_close(struct http *h)
{
	if (h->multi != NULL)
		(void)curl_multi_cleanup(h->multi);
	if (h->share != NULL)
		(void)curl_share_cleanup(h->share);
}

void
http_curl_release(struct http *h, struct http_job *j)
{
	if (j->easy != NULL) {
		(void)curl_multi_remove_handle(h->multi, j->easy);
		curl_easy_cleanup(j->easy);
	}
	curl_slist_free_all(j->fields);
	j->easy = j->fields = NULL;
}

static size_t
on_line(char *p, size_t one, size_t n, void *arg)
{
	struct http_job *j = arg;

	(void)one;
	if (n > N(COOKIE) - 1 && strncasecmp(p, COOKIE, N(COOKIE) - 1) == 0)
		++*j->cookies;
	return http_job_line(j, p, n) == -1 ? 0 : n;
}

/* Of a handshake that OpenSSL ends, only this says what the other side speaks:
   a message's type and length, then the version. */
static int
on_debug(CURL *c, curl_infotype what, char *p, size_t n, void *arg)
{
	const uint8_t *b = (const uint8_t *)p;
	struct http_job *j = arg;

	(void)c;
	if (what == CURLINFO_SSL_DATA_IN && n >= 6 && b[0] == SERVER_HELLO)
		j->hello = (uint16_t)(b[4] << 8 | b[5]);
	return 0;
}

/* With a rate to keep, one portion at a time: else many are read in a row. */
static size_t
on_body(char *p, size_t one, size_t n, void *arg)
{
	struct http_job *j = arg;

	(void)one;
	if (http_job_body(j, p, n) == -1)
		return 0;
	if (j->o->rate != 0)
		j->held = curl_easy_pause(j->easy, CURLPAUSE_RECV) == CURLE_OK;
	return n;
}

/* A stranger's text may stand in a value, and must not end it. */
static bool
add_field(struct http_job *j, const char *name, const char *value)
{
	char line[HTTP_FIELD_MAX + 64];
	struct curl_slist *more;
	int n = snprintf(line, sizeof(line), "%s%s", name, value);

	if (n < 0 || (size_t)n >= sizeof(line) ||
	    strpbrk(value, "\r\n") != NULL)
		return err_set(&j->r->err, E_USAGE,
			   "%s: a header that cannot be sent: %s", j->at,
			   name) == 0;
	more = curl_slist_append(j->fields, line);
	if (more == NULL)
		return err_nomem(&j->r->err) == 0;
	j->fields = more;
	return true;
}

/* "Name:" without a value keeps libcurl from adding its own. */
static bool
add_fields(struct http_job *j)
{
	const struct http_req *r = j->r;
	char range[32];

	if (!add_field(j, "Accept-Encoding: identity", "") ||
	    !add_field(j, "Accept:", ""))
		return false;
	if (r->post != NULL &&
	    (!add_field(j, "Expect:", "") ||
		!add_field(j, "Content-Type: ",
		    r->type == NULL ? "application/octet-stream" : r->type)))
		return false;
	if (r->soap_action != NULL &&
	    !add_field(j, "SOAPAction: ", r->soap_action))
		return false;
	if (r->from == 0)
		return true;
	(void)snprintf(range, sizeof(range), "bytes=%" PRIu64 "-", r->from);
	return add_field(j, "Range: ", range) &&
	    (r->if_range == NULL || add_field(j, "If-Range: ", r->if_range));
}

static bool
is_home(const struct http *h, const struct http_job *j)
{
	const char *home = h->o.home;

	return home != NULL && strlen(home) == j->where.nhost &&
	    strncasecmp(home, j->where.host, j->where.nhost) == 0;
}

/* Who we are and whom we trust.  Nonzero: libcurl has no memory. */
static unsigned
set_trust(struct http *h, struct http_job *j, bool home)
{
	const struct http_opts *o = &h->o;
	CURL *c = j->easy;
	unsigned bad = 0;

	j->shy = home && o->user != NULL && h->auth == 0;
	j->auth = home && o->user != NULL ? h->auth : 0;
	j->proxy_auth = o->proxy_user != NULL ? h->proxy_auth : 0;
	/* Basic over plain HTTP is a password for everybody. */
	if (j->auth == (long)CURLAUTH_BASIC && !j->where.tls)
		j->auth = 0;
	if (j->auth != 0) {
		bad |= curl_easy_setopt(c, CURLOPT_HTTPAUTH, j->auth);
		bad |= curl_easy_setopt(c, CURLOPT_USERPWD, o->user);
	}
	if (j->proxy_auth != 0) {
		bad |= curl_easy_setopt(c, CURLOPT_PROXYAUTH, j->proxy_auth);
		bad |= curl_easy_setopt(c, CURLOPT_PROXYUSERPWD, o->proxy_user);
	}
	if (o->proxy != NULL)
		bad |= curl_easy_setopt(c, CURLOPT_PROXY, o->proxy);
	if (o->no_proxy != NULL)
		bad |= curl_easy_setopt(c, CURLOPT_NOPROXY, o->no_proxy);
	if (o->ca_file != NULL) {
		bad |= curl_easy_setopt(c, CURLOPT_CAINFO, o->ca_file);
		bad |= curl_easy_setopt(c, CURLOPT_PROXY_CAINFO, o->ca_file);
	}
	/* The folder of the system's authorities is the rest of the world's. */
	if (o->ca_file != NULL && (home || o->home == NULL))
		bad |= curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	if (home && o->cert != NULL) {
		bad |= curl_easy_setopt(c, CURLOPT_SSLCERT, o->cert);
		bad |= curl_easy_setopt(c, CURLOPT_SSLKEY,
		    o->cert_key != NULL ? o->cert_key : o->cert);
	}
	return bad;
}

static unsigned
set_request(struct http *h, struct http_job *j, uint64_t now)
{
	struct http_req *r = j->r;
	CURL *c = j->easy;
	const struct {
		CURLoption option;
		long value;
	} longs[] = {
	    {CURLOPT_NOSIGNAL, 1},
	    {CURLOPT_NOPROGRESS, 1},
	    {CURLOPT_QUICK_EXIT, 1}, /* not waiting for a name server */
	    {CURLOPT_FOLLOWLOCATION, 0},
	    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
	    {CURLOPT_HTTP_CONTENT_DECODING, 0},
	    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
	    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
	    {CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
	    {CURLOPT_SSL_VERIFYPEER, 1},
	    {CURLOPT_SSL_VERIFYHOST, 2},
	    {CURLOPT_TCP_KEEPALIVE, 1},
	    {CURLOPT_BUFFERSIZE, http_opts_portion(&h->o)},
	    {CURLOPT_TIMEOUT, (long)h->o.total_s},
	    {CURLOPT_CONNECTTIMEOUT_MS,
		(long)http_job_connect_ms(j, !h->answered, now)},
	};
	unsigned bad = 0;
	size_t i;

	for (i = 0; i < N(longs); i++)
		bad |= curl_easy_setopt(c, longs[i].option, longs[i].value);
	bad |= curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(c, CURLOPT_URL, r->url);
	bad |= curl_easy_setopt(c, CURLOPT_USERAGENT, h->o.agent);
	bad |= curl_easy_setopt(c, CURLOPT_SHARE, h->share);
	bad |= curl_easy_setopt(c, CURLOPT_COOKIEFILE, "");
	bad |= curl_easy_setopt(c, CURLOPT_PRIVATE, j);
	bad |= curl_easy_setopt(c, CURLOPT_ERRORBUFFER, j->cause);
	if (j->where.tls) {
		bad |= curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);
		bad |= curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, on_debug);
		bad |= curl_easy_setopt(c, CURLOPT_DEBUGDATA, j);
	}
	bad |= curl_easy_setopt(c, CURLOPT_HTTPHEADER, j->fields);
	bad |= curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_line);
	bad |= curl_easy_setopt(c, CURLOPT_HEADERDATA, j);
	bad |= curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	bad |= curl_easy_setopt(c, CURLOPT_WRITEDATA, j);
	if (r->post == NULL)
		return bad;
	bad |= curl_easy_setopt(c, CURLOPT_POST, 1L);
	bad |= curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->post);
	bad |= curl_easy_setopt(
	    c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->npost);
	return bad;
}

/* libcurl bounds what one answer sets, not what many do. */
static void
bound_cookies(struct http *h, CURL *c)
{
	struct curl_slist *all = NULL, *one;
	unsigned n = 0;

	if (h->cookies <= HTTP_COOKIES_MAX)
		return;
	h->cookies = 0;
	(void)curl_easy_getinfo(c, CURLINFO_COOKIELIST, &all);
	for (one = all; one != NULL; one = one->next)
		n++;
	curl_slist_free_all(all);
	if (n > HTTP_COOKIES_MAX)
		(void)curl_easy_setopt(c, CURLOPT_COOKIELIST, "ALL");
}

int
http_curl_begin(struct http *h, struct http_job *j, uint64_t now)
{
	struct err *e = &j->r->err;

	if (!add_fields(j))
		return -1;
	j->easy = curl_easy_init();
	if (j->easy == NULL)
		return err_nomem(e);
	if (set_request(h, j, now) != 0 || set_trust(h, j, is_home(h, j)) != 0)
		return err_set(
		    e, E_SYS, "%s: libcurl refuses an option", j->at);
	bound_cookies(h, j->easy);
	if (curl_multi_add_handle(h->multi, j->easy) != CURLM_OK)
		return err_nomem(e);
	return 0;
}

/* Sets *way to one of those offered and meant; false: there is none. */
static bool
choose(
    long *way, const char *user, unsigned long meant, CURL *c, CURLINFO which)
{
	static const unsigned long ways[] = {
	    CURLAUTH_NEGOTIATE, CURLAUTH_NTLM, CURLAUTH_DIGEST, CURLAUTH_BASIC};
	long offered = 0;
	size_t i;

	if (strcmp(user, ":") == 0)
		meant = CURLAUTH_NEGOTIATE;
	(void)curl_easy_getinfo(c, which, &offered);
	for (i = 0; i < N(ways); i++)
		if (((unsigned long)offered & meant & ways[i]) != 0) {
			*way = (long)ways[i];
			return true;
		}
	return false;
}

/*
 * libcurl, told to choose by itself, sends each POST without its body first
 * and takes a fault that the server answers to that for the answer.  So a way
 * is chosen once, when it is asked for, and used from then on.
 */
bool
http_curl_way(struct http *h, struct http_job *j)
{
	const struct http_opts *o = &h->o;
	long connect = 0, status = j->r->got.status;

	(void)curl_easy_getinfo(j->easy, CURLINFO_HTTP_CONNECTCODE, &connect);
	if ((connect == 407 || status == 407) && o->proxy_user != NULL &&
	    j->proxy_auth == 0)
		return choose(&h->proxy_auth, o->proxy_user,
		    CURLAUTH_NTLM | CURLAUTH_DIGEST | CURLAUTH_BASIC, j->easy,
		    CURLINFO_PROXYAUTH_AVAIL);
	return status == 401 && j->shy &&
	    choose(&h->auth, o->user,
		CURLAUTH_NTLM | (j->where.tls ? CURLAUTH_BASIC : 0UL), j->easy,
		CURLINFO_HTTPAUTH_AVAIL);
}

static const struct {
	CURLcode code;
	enum http_fail fail;
} fails[] = {
    {CURLE_COULDNT_RESOLVE_HOST, HTTP_FAIL_NAME},
    {CURLE_COULDNT_RESOLVE_PROXY, HTTP_FAIL_PROXY},
    {CURLE_COULDNT_CONNECT, HTTP_FAIL_CONNECT},
    {CURLE_OPERATION_TIMEDOUT, HTTP_FAIL_TIME},
    {CURLE_GOT_NOTHING, HTTP_FAIL_NOTHING},
    {CURLE_PARTIAL_FILE, HTTP_FAIL_SHORT},
    {CURLE_SEND_ERROR, HTTP_FAIL_SEND},
    {CURLE_RECV_ERROR, HTTP_FAIL_RECV},
    {CURLE_SSL_CONNECT_ERROR, HTTP_FAIL_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, HTTP_FAIL_TRUST},
    {CURLE_SSL_CACERT_BADFILE, HTTP_FAIL_CA_FILE},
    {CURLE_SSL_CERTPROBLEM, HTTP_FAIL_CERT},
    {CURLE_UNSUPPORTED_PROTOCOL, HTTP_FAIL_PROTOCOL},
    {CURLE_WEIRD_SERVER_REPLY, HTTP_FAIL_PROTOCOL},
    {CURLE_OUT_OF_MEMORY, HTTP_FAIL_MEMORY},
};

bool
http_curl_why(struct http_job *j, int code)
{
	struct http_fault f = {.fail = HTTP_FAIL_OTHER};
	curl_off_t connected = 0, begun = 0;
	size_t i;

	for (i = 0; i < N(fails); i++)
		if ((int)fails[i].code == code)
			f.fail = fails[i].fail;
	(void)curl_easy_getinfo(j->easy, CURLINFO_CONNECT_TIME_T, &connected);
	(void)curl_easy_getinfo(j->easy, CURLINFO_STARTTRANSFER_TIME_T, &begun);
	(void)curl_easy_getinfo(j->easy, CURLINFO_OS_ERRNO, &f.sys);
	(void)curl_easy_getinfo(j->easy, CURLINFO_HTTP_CONNECTCODE, &f.connect);
	f.connected = connected != 0;
	f.begun = begun != 0;
	if (j->cause[0] == '\0')
		(void)snprintf(j->cause, sizeof(j->cause), "%s",
		    curl_easy_strerror((CURLcode)code));
	return http_why(j, &f);
}

static int
multi(CURLMcode c, struct err *e)
{
	if (c == CURLM_OK)
		return 0;
	return err_set(e, E_SYS, "libcurl: %s", curl_multi_strerror(c));
}

int
http_curl_perform(struct http *h, struct err *e)
{
	struct http_job *j;
	int running;

	for (j = h->active.head; j != NULL; j = j->next)
		if (j->held) {
			j->held = false;
			(void)curl_easy_pause(j->easy, CURLPAUSE_CONT);
		}
	return multi(curl_multi_perform(h->multi, &running), e);
}

int
http_curl_poll(struct http *h, int wait_ms, struct err *e)
{
	return multi(curl_multi_poll(h->multi, NULL, 0, wait_ms, NULL), e);
}

void
http_curl_wake(struct http *h)
{
	(void)curl_multi_wakeup(h->multi);
}

struct http_job *
http_curl_ended(struct http *h, int *code)
{
	CURLMsg *m;
	char *mine = NULL;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE) {
			*code = (int)m->data.result;
			(void)curl_easy_getinfo(
			    m->easy_handle, CURLINFO_PRIVATE, &mine);
			return (struct http_job *)(void *)mine;
		}
	return NULL;
}
