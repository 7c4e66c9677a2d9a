/* SPDX-License-Identifier: ISC */
/* Why a try failed, in words for whoever reads cron's mail. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/net/http_priv.h"

#define NEEDED                                                                 \
	"TLS 1.2 or 1.3 is needed: enable it there (on Windows in Schannel), " \
	"or have a proxy of yours before it"

struct why {
	bool passing;
	enum err_kind kind;
	const char *what, *next; /* what failed; what to look at, or NULL */
};

static const struct why whys[HTTP_NFAILS] = {
    [HTTP_FAIL_OTHER] = {false, E_REMOTE, "no answer from", NULL},
    [HTTP_FAIL_NAME] = {true, E_REMOTE, "cannot find", "is the name right?"},
    [HTTP_FAIL_PROXY] = {true, E_REMOTE, "cannot find the proxy on the way to",
	"see --proxy"},
    [HTTP_FAIL_CONNECT] = {true, E_REMOTE, "cannot connect to",
	"is the port right?"},
    [HTTP_FAIL_TIME] = {true, E_REMOTE, "no whole answer from", NULL},
    [HTTP_FAIL_NOTHING] = {true, E_REMOTE, "no answer from", NULL},
    [HTTP_FAIL_SHORT] = {true, E_REMOTE, "an answer cut short by", NULL},
    [HTTP_FAIL_SEND] = {true, E_REMOTE, "cannot send to", NULL},
    [HTTP_FAIL_RECV] = {true, E_REMOTE, "cannot receive from", NULL},
    [HTTP_FAIL_TLS] = {true, E_REMOTE, "no TLS with", "does it speak TLS?"},
    [HTTP_FAIL_TRUST] = {false, E_REMOTE, "no trust in",
	"its authority's certificate belongs into --ca-file"},
    [HTTP_FAIL_CA_FILE] = {false, E_USAGE, "cannot use --ca-file for", NULL},
    [HTTP_FAIL_CERT] = {false, E_USAGE,
	"cannot use --client-cert and --client-key for", NULL},
    [HTTP_FAIL_PROTOCOL] = {false, E_REMOTE, "no HTTP from",
	"is it https, or is the port another?"},
    [HTTP_FAIL_MEMORY] = {false, E_SYS, "no memory for", NULL},
};

static bool
has(const struct http_job *j, const char *text)
{
	return strstr(j->cause, text) != NULL;
}

/* libcurl names whom it tried; that may be a proxy. */
static bool
through_proxy(const struct http_job *j)
{
	char direct[HTTP_ORIGIN_MAX + 64];

	(void)snprintf(direct, sizeof(direct),
	    "Failed to connect to %.*s port %u ", (int)j->where.nhost,
	    j->where.host, (unsigned)j->where.port);
	return has(j, "Failed to connect to ") &&
	    strncasecmp(j->cause, direct, strlen(direct)) != 0;
}

/* The other side's words, of what we showed it. */
static bool
not_let_in(const struct http_job *j)
{
	return has(j, "alert") &&
	    (has(j, "certificate") || has(j, "handshake") ||
		has(j, "unknown ca"));
}

/* Versions that OpenSSL has and does not speak to, by what came of them. */
static bool
too_old(struct why *w, const struct http_job *j)
{
	static const char *const next[] = {
	    "it speaks SSL 3.0 at most; " NEEDED,
	    "it speaks TLS 1.0 at most; " NEEDED,
	    "it speaks TLS 1.1 at most; " NEEDED,
	};

	if (j->hello >= 0x0300 && j->hello < 0x0303)
		w->next = next[j->hello - 0x0300];
	else if (has(j, "alert protocol version"))
		w->next = "it speaks none of the versions that we do; " NEEDED;
	else
		return false;
	w->passing = false;
	return true;
}

static void
look_closer(struct why *w, const struct http_job *j, const struct http_fault *f)
{
	if (f->fail == HTTP_FAIL_TIME && !f->connected)
		w->what = "cannot connect to";
	if (has(j, "SSL connection timeout"))
		*w = whys[HTTP_FAIL_TLS];
	if (f->fail == HTTP_FAIL_MEMORY && f->begun && !j->lines.whole)
		*w = (struct why){false, E_LIMIT,
		    "too long a line in the head of the answer of", NULL};
	if (f->connect == 407)
		*w = (struct why){false, E_REMOTE,
		    "the proxy does not let us through to",
		    "see --proxy-user-file"};
	else if (f->connect >= 300)
		w->next = "the proxy says so; see --proxy";
	else if (through_proxy(j))
		w->next = "that is the proxy; see --proxy";
	else if (f->fail == HTTP_FAIL_TLS && too_old(w, j))
		return;
	else if (not_let_in(j))
		*w = (struct why){false, E_REMOTE, "not let in by",
		    "does it want a certificate of ours? see --client-cert"};
	else if (j->where.tls && !f->begun &&
	    (f->fail == HTTP_FAIL_SEND || f->fail == HTTP_FAIL_RECV))
		/* TLS 1.3 has shaken hands before it says that. */
		w->next = "does it want a certificate of ours? "
			  "see --client-cert";
	else if (has(j, "subject name"))
		w->next = "use a name that its certificate has";
	/* These words of libcurl's hold the proxy's password. */
	if (has(j, "Unsupported proxy"))
		*w = (struct why){false, E_USAGE, "no way to",
		    "the proxy's address makes no sense; see --proxy"};
}

bool
http_why(struct http_job *j, const struct http_fault *f)
{
	struct why w = whys[f->fail];
	const char *text = j->cause, *sys = NULL;
	char tries[24] = "";

	look_closer(&w, j, f);
	if (f->fail == HTTP_FAIL_CONNECT && f->sys > 0 && !through_proxy(j))
		sys = strerrordesc_np((int)f->sys);
	if (sys != NULL)
		text = sys;
	if (has(j, "Unsupported proxy"))
		text = "";
	if (j->r->tried > 1)
		(void)snprintf(
		    tries, sizeof(tries), " (%u tries)", j->r->tried);
	err_set(&j->r->err, w.kind, "%s %s%s%s%s%s%s", w.what, j->at,
	    text[0] != '\0' ? ": " : "", text, w.next != NULL ? "; " : "",
	    w.next != NULL ? w.next : "", tries);
	return w.passing;
}

bool
http_why_dropped(struct http_job *j)
{
	long status = j->r->got.status;

	if (status != 401 && status != 407)
		return true;
	if (status == 407)
		err_set(&j->r->err, E_REMOTE,
		    "the proxy does not let us through to %s: status 407; "
		    "see --proxy-user-file",
		    j->at);
	else
		err_set(&j->r->err, E_REMOTE,
		    "%s wants to know who we are, in no way that --user-file "
		    "may be used for",
		    j->at);
	return false;
}
