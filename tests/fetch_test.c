/* SPDX-License-Identifier: ISC */
/* The parts of a fetch that need no upstream. */
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/fetch/fetch_priv.h"
#include "tests/t.h"

static struct err e = ERR_INIT;

T_TEST(the_upstream_is_an_origin_and_no_more)
{
	static const struct {
		const char *given, *base; /* NULL: refused */
	} rows[] = {
	    {"microsoft", FETCH_MICROSOFT},
	    {"http://wsus.example.org:8530", "http://wsus.example.org:8530"},
	    {"http://WSUS.example.org:8530/", "http://wsus.example.org:8530"},
	    {"https://wsus.example.org", "https://wsus.example.org"},
	    {"http://w:8530/serversyncwebservice/SERVERSYNCWEBSERVICE.asmx",
		"http://w:8530"},
	    {"http://w:8530/Content", NULL},
	    {"http://w:8530/?x", NULL},
	    {"http://user:secret@w:8530/", NULL},
	    {"ftp://w/", NULL},
	    {"w:8530", NULL},
	    {"", NULL},
	};
	char base[SYNC_URL_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].base == NULL) {
			T_FAILS(fetch_base(rows[i].given, base, &e), &e,
			    E_USAGE, "--upstream");
			continue;
		}
		T_CALL(fetch_base(rows[i].given, base, &e), &e);
		T_STR(base, rows[i].base);
	}
}

T_TEST(a_password_in_an_address_is_not_repeated)
{
	static const struct fetch_opts o = {.store = "s",
	    .upstream = "http://w",
	    .content_base = "http://user:secret@w:8530"};
	char base[SYNC_URL_MAX];

	T_EQ(fetch_base(o.content_base, base, &e), -1);
	T_OK(strstr(e.msg, "--upstream '(an address") != NULL);
	T_OK(strstr(e.msg, "secret") == NULL);
	err_clear(&e);
	T_EQ(fetch_given(&o, &e), -1);
	T_OK(strstr(e.msg, "--content-base '(an address") != NULL);
	T_OK(strstr(e.msg, "secret") == NULL);
	err_clear(&e);
}

T_TEST(a_service_url_stays_on_the_upstream)
{
	static const char base[] = "http://wsus.example.org:8530";
	static const struct {
		const char *service, *url; /* NULL: refused */
	} rows[] = {
	    {"DssAuthWebService/DssAuthWebService.asmx",
		"http://wsus.example.org:8530/DssAuthWebService/"
		"DssAuthWebService.asmx"},
	    {"//a.asmx", "http://wsus.example.org:8530/a.asmx"},
	    {"//evil.example.net/a.asmx",
		"http://wsus.example.org:8530/evil.example.net/a.asmx"},
	    {"https://WSUS.example.org/a.asmx",
		"http://wsus.example.org:8530/a.asmx"},
	    {"http://evil.example.net/a.asmx", NULL},
	    {"http://wsus.example.org@evil.example.net/a.asmx", NULL},
	    {"file://wsus.example.org/a.asmx", NULL},
	    {"http://wsus.example.org", NULL},
	    {"a b", NULL},
	    {"\\\\evil\\share", NULL},
	    {"///", NULL},
	    {"", NULL},
	};
	char url[SS_URL_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].url == NULL) {
			T_FAILS(session_join(base, rows[i].service, url, &e),
			    &e, E_FORMAT, "ServiceUrl");
			continue;
		}
		T_CALL(session_join(base, rows[i].service, url, &e), &e);
		T_STR(url, rows[i].url);
	}
}

T_TEST(a_redirect_says_where_to_and_what_to_change)
{
	static const struct {
		const char *location, *says;
	} rows[] = {
	    {"https://wsus.example.org:8531/Content/x.cab",
		"status 301, a redirect to https://wsus.example.org:8531/"
		"Content/x.cab, which is not followed; if it has moved there, "
		"give --upstream https://wsus.example.org:8531"},
	    {"http://wsus.example.org:8530/x",
		"status 301, a redirect to http://wsus.example.org:8530/x, "
		"which is not followed"},
	    {"/other",
		"status 301, a redirect to /other, which is not followed"},
	    {"",
		"status 301, a redirect to where it does not say, which is "
		"not followed"},
	};
	struct http_head h = {.status = 301};
	char text[SESSION_MOVED_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(
		    h.location, sizeof(h.location), "%s", rows[i].location);
		session_moved(
		    text, &h, "http://wsus.example.org:8530", "--upstream");
		T_STR(text, rows[i].says);
	}
}

T_TEST(who_is_stopped_learns_what_is_left)
{
	static const struct fetch_opts o = {.until = "06:00"};
	struct fetch f = {.o = &o, .until = 1};

	T_FAILS(fetch_check(&f, &e), &e, E_STOP, "it is 06:00, as --until");
	T_EQ(fetch_check(&f, &e), -1);
	f.n.files_left = 12;
	f.n.bytes_left = (uint64_t)3 << 30;
	fetch_say_left(&f, &e);
	T_STR(e.msg,
	    "it is 06:00, as --until says; the next run goes on with 12 "
	    "payload files, 3.0 GiB");
	err_clear(&e);
	err_set(&e, E_STOP, "stopped");
	f.n = (struct fetch_counts){.to_do = 1};
	fetch_say_left(&f, &e);
	T_STR(e.msg, "stopped; the next run goes on with 1 revision");
	err_clear(&e);
	err_set(&e, E_SYS, "no");
	fetch_say_left(&f, &e);
	T_STR(e.msg, "no");
	err_clear(&e);
}

T_TEST(a_service_url_without_end_is_refused)
{
	char text[SS_URL_MAX], url[SS_URL_MAX];

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	T_FAILS(session_join("http://w", text, url, &e), &e, E_LIMIT, "bytes");
}

/* 2026-11-22T12:00:00Z */
#define NOON INT64_C(1795348800)

T_TEST(until_is_the_next_time_that_a_clock_shows_it)
{
	static const struct {
		const char *text;
		int64_t s; /* after noon */
	} rows[] = {
	    {"12:01", 60},
	    {"12:00", 86400},
	    {"11:59", 86340},
	    {"00:00", 43200},
	    {"23:59", 43140},
	};
	int64_t until;

	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		T_CALL(fetch_until(rows[i].text, NOON, &until, &e), &e);
		T_EQ(until - NOON, rows[i].s);
	}
	setenv("TZ", "EAST-1", 1); /* an hour east: it is one o'clock */
	tzset();
	T_CALL(fetch_until("13:30", NOON, &until, &e), &e);
	T_EQ(until - NOON, 1800);
}

T_TEST(until_is_two_digits_a_colon_and_two_digits)
{
	static const char *const bad[] = {"", "7", "7:00", "24:00", "12:60",
	    "12.00", "12:0", "12:000", "-1:00", "ab:cd"};
	int64_t until;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		T_FAILS(fetch_until(bad[i], NOON, &until, &e), &e, E_USAGE,
		    "HH:MM");
}

T_TEST(a_limit_that_is_none_is_taken_for_fifty)
{
	T_EQ(session_clamp(true, 1), 1);
	T_EQ(session_clamp(true, 7), 7);
	T_EQ(session_clamp(true, 100), 100);
	T_EQ(session_clamp(true, 1000), 1000);
	T_EQ(session_clamp(true, 1001), 50);
	T_EQ(session_clamp(true, 0), 50);
	T_EQ(session_clamp(true, -1), 50);
	T_EQ(session_clamp(true, INT64_MAX), 50);
	T_EQ(session_clamp(false, 100), 50);
}

T_TEST(a_cookie_lives_by_the_clock_of_the_upstream)
{
	static const char noon[] = "2026-11-22T12:00:00.65455Z";

	T_EQ(session_cookie_life(noon, NOON - 3600), 3600);
	T_EQ(session_cookie_life(noon, NOON - 14400), 14400);
	T_EQ(session_cookie_life("2026-11-22T14:00:00+02:00", NOON - 60), 60);
	T_EQ(session_cookie_life("2026-11-22T12:00:00", NOON - 60), 60);
	/* No date, no time, over already: what Windows gives. */
	T_EQ(session_cookie_life(noon, 0), FETCH_COOKIE_LIFE_S);
	T_EQ(session_cookie_life("soon", NOON), FETCH_COOKIE_LIFE_S);
	T_EQ(session_cookie_life("", NOON), FETCH_COOKIE_LIFE_S);
	T_EQ(session_cookie_life(noon, NOON + 86400), FETCH_COOKIE_LIFE_S);
	/* For ever: five days. */
	T_EQ(session_cookie_life("9999-12-31T23:59:59.9999999Z", NOON),
	    5 * 86400);
}

static enum session_react
react(struct fetch *f, enum ss_op op, enum soap_code code, const char *message,
    struct fetch_tries *t, uint64_t *wait_ms)
{
	static struct soap_fault fault;

	fault.code = code;
	snprintf(fault.message, sizeof(fault.message), "%s", message);
	return session_react(f, op, &fault, t, 0, wait_ms);
}

T_TEST(each_fault_has_its_reaction)
{
	static const struct {
		enum ss_op op;
		enum soap_code code;
		const char *message;
		enum session_react react;
	} rows[] = {
	    {SS_GET_UPDATE_DATA, SOAP_INVALID_COOKIE, "", FETCH_RESTART},
	    {SS_GET_COOKIE, SOAP_INVALID_AUTH_COOKIE, "", FETCH_RESTART},
	    {SS_GET_UPDATE_DATA, SOAP_INTERNAL, "", FETCH_BISECT},
	    {SS_GET_REVISION_ID_LIST, SOAP_INTERNAL, "", FETCH_AGAIN},
	    {SS_GET_CONFIG_DATA, SOAP_SERVER_BUSY, "", FETCH_AGAIN},
	    {SS_GET_UPDATE_DATA, SOAP_SERVER_CHANGED, "", FETCH_FORGET},
	    {SS_GET_UPDATE_DATA, SOAP_INVALID_PARAMETERS, "updateIds",
		FETCH_SMALLER},
	    {SS_GET_UPDATE_DATA, SOAP_INVALID_PARAMETERS, "cookie",
		FETCH_GIVE_UP},
	    {SS_GET_CONFIG_DATA, SOAP_INVALID_PARAMETERS, "updateIds",
		FETCH_GIVE_UP},
	    {SS_GET_COOKIE, SOAP_INCOMPATIBLE_VERSION, "", FETCH_GIVE_UP},
	    {SS_DOWNLOAD_FILES, SOAP_DIGESTS_MISSING, "", FETCH_GIVE_UP},
	    {SS_GET_UPDATE_DATA, SOAP_TOO_MANY_IDS, "", FETCH_GIVE_UP},
	    {SS_GET_UPDATE_DATA, SOAP_UNKNOWN, "", FETCH_GIVE_UP},
	};
	struct fetch_opts o = {.store = NULL};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fetch f = {.o = &o};
		struct fetch_tries t = {.busy = 0};
		uint64_t ms;

		T_EQ(react(&f, rows[i].op, rows[i].code, rows[i].message, &t,
			 &ms),
		    rows[i].react);
	}
}

T_TEST(new_sessions_are_two_for_a_call_and_ten_for_a_run)
{
	struct fetch_opts o = {.store = NULL};
	struct fetch f = {.o = &o};
	uint64_t ms;

	for (int call = 0; call < 5; call++) {
		struct fetch_tries t = {.busy = 0};

		for (int n = 0; n < 3; n++)
			T_EQ(react(&f, SS_GET_UPDATE_DATA, SOAP_INVALID_COOKIE,
				 "", &t, &ms),
			    n < 2 ? FETCH_RESTART : FETCH_GIVE_UP);
	}
	T_EQ(f.session.restarts, 10);
	T_EQ(react(&f, SS_GET_UPDATE_DATA, SOAP_INVALID_COOKIE, "",
		 &(struct fetch_tries){.busy = 0}, &ms),
	    FETCH_GIVE_UP);
}

T_TEST(an_internal_error_is_waited_for_twice)
{
	struct fetch_opts o = {.store = NULL};
	struct fetch f = {.o = &o};
	struct fetch_tries t = {.busy = 0};
	uint64_t ms;

	T_EQ(react(&f, SS_GET_COOKIE, SOAP_INTERNAL, "", &t, &ms), FETCH_AGAIN);
	T_EQ(ms, 5000);
	T_EQ(react(&f, SS_GET_COOKIE, SOAP_INTERNAL, "", &t, &ms), FETCH_AGAIN);
	T_EQ(ms, 30000);
	T_EQ(react(&f, SS_GET_COOKIE, SOAP_INTERNAL, "", &t, &ms),
	    FETCH_GIVE_UP);
}

T_TEST(a_busy_server_is_waited_for_longer_each_time)
{
	struct fetch_opts o = {.store = NULL};
	struct fetch f = {.o = &o};
	struct fetch_tries t = {.busy = 0};
	struct soap_fault *fault = calloc(1, sizeof(*fault));
	uint64_t ms;

	fault->code = SOAP_SERVER_BUSY;
	for (uint64_t n = 1; n <= 5; n++) {
		T_EQ(session_react(&f, SS_GET_COOKIE, fault, &t, 0, &ms),
		    FETCH_AGAIN);
		T_OK(ms >= n * 5000 && ms <= n * 6250);
	}
	T_EQ(
	    session_react(&f, SS_GET_COOKIE, fault, &t, 0, &ms), FETCH_GIVE_UP);
	t = (struct fetch_tries){.busy = 0};
	T_EQ(session_react(&f, SS_GET_COOKIE, fault, &t, 90, &ms), FETCH_AGAIN);
	T_EQ(ms, 90000);
	T_EQ(session_react(
		 &f, SS_GET_COOKIE, fault, &t, HTTP_RETRY_AFTER_MAX_S + 1, &ms),
	    FETCH_GIVE_UP);
	free(fault);
}

T_TEST(a_server_may_say_once_that_it_was_changed)
{
	struct fetch_opts o = {.store = NULL};
	struct fetch f = {.o = &o, .way = {.server_changed = true}};
	struct fetch_tries t = {.busy = 0};
	uint64_t ms;

	T_EQ(react(&f, SS_GET_UPDATE_DATA, SOAP_SERVER_CHANGED, "", &t, &ms),
	    FETCH_GIVE_UP);
}

static const char *
secret(const char *text, mode_t mode)
{
	static char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/secret", t_tmpdir());
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd == -1 || write(fd, text, strlen(text)) < 0 ||
	    fchmod(fd, mode) == -1)
		t_fail(__FILE__, __LINE__, "cannot make '%s'", path);
	close(fd);
	return path;
}

T_TEST(a_secret_is_a_line_that_nobody_else_may_read)
{
	char *text;

	T_CALL(fetch_secret(secret("me:word\n", 0600), &text, &e), &e);
	T_STR(text, "me:word");
	free(text);
	T_CALL(fetch_secret(secret("d\\me:w:d\r\n", 0400), &text, &e), &e);
	T_STR(text, "d\\me:w:d");
	free(text);
	T_FAILS(fetch_secret(secret("me:word\n", 0640), &text, &e), &e, E_USAGE,
	    "0640");
	free(text);
	T_FAILS(fetch_secret(secret("word\n", 0600), &text, &e), &e, E_USAGE,
	    "user:password");
	free(text);
	T_FAILS(fetch_secret(secret("", 0600), &text, &e), &e, E_USAGE,
	    "user:password");
	free(text);
	T_FAILS(fetch_secret("nowhere/at/all", &text, &e), &e, E_USAGE,
	    "not there");
	free(text);
}

T_TEST(the_languages_are_those_enabled_and_none_told_changes_none)
{
	static const struct ss_config rows[] = {
	    {.has_langs = true,
		.nlangs = 3,
		.langs = {{1031, "de", true}, {1036, "fr", false},
		    {1033, "en", true}}},
	    {.has_langs = false},
	    {.has_langs = true,
		.nlangs = 3,
		.langs = {{1, "E N", true}, {2, "", true}, {3, "nl", true}}},
	    {.has_langs = true,
		.nlangs = 2,
		.langs = {{1033, "en", true}, {0, "all", true}}},
	    {.has_langs = true, .nlangs = 1, .langs = {{0, "all", false}}},
	};
	static const char *const says[] = {"de en", "de en", "nl", "all", ""};
	struct sync_upstream u = {.row = 1};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		session_langs(&u, &rows[i]);
		T_STR(u.languages, says[i]);
	}
}

T_TEST(no_number_of_languages_is_too_many_to_be_kept)
{
	static struct ss_config c = {.has_langs = true, .nlangs = SS_LANGS_MAX};
	struct sync_upstream u = {.row = 1};

	for (size_t i = 0; i < SS_LANGS_MAX; i++) {
		c.langs[i].id = 1;
		c.langs[i].enabled = true;
		memset(c.langs[i].name, 'a', sizeof(c.langs[i].name) - 1);
	}
	session_langs(&u, &c);
	T_EQ(strlen(u.languages), SS_LANGS_MAX * sizeof(c.langs[0].name) - 1);
}

T_TEST(an_account_is_the_name_of_a_host)
{
	char name[256];

	T_CALL(fetch_account("fetch01.example.net", name, &e), &e);
	T_STR(name, "fetch01.example.net");
	T_FAILS(fetch_account("a b", name, &e), &e, E_USAGE, "host's name");
	T_FAILS(fetch_account("", name, &e), &e, E_USAGE, "host's name");
	T_FAILS(fetch_account("-x", name, &e), &e, E_USAGE, "host's name");
	T_FAILS(fetch_account("a\nb", name, &e), &e, E_USAGE, "host's name");
}

T_TEST(what_makes_no_sense_is_said_before_anything_is_made)
{
	static const struct fetch_opts good = {
	    .store = "s", .upstream = "http://w"};
	static const struct {
		struct fetch_opts o;
		const char *says; /* NULL: nothing */
	} rows[] = {
	    {{.store = "s", .upstream = "http://w"}, NULL},
	    {{.upstream = "http://w"}, "--store"},
	    {{.store = "s"}, "--upstream"},
	    {{.store = "s", .upstream = "http://w", .require_tls = true},
		"plain HTTP"},
	    {{.store = "s", .upstream = "http://w", .protocol = "2.0"}, "1.N"},
	    {{.store = "s", .upstream = "http://w", .protocol = "1."}, "1.N"},
	    {{.store = "s", .upstream = "http://w", .protocol = "120"}, "1.N"},
	    {{.store = "s", .upstream = "http://w", .protocol = "1.21"}, NULL},
	    {{.store = "s",
		 .upstream = "http://w",
		 .policy = "p",
		 .metadata_only = true,
		 .content_only = true},
		"one of them"},
	    {{.store = "s", .upstream = "http://w", .content_only = true},
		"--policy"},
	    {{.store = "s", .explain = "KB1"}, "--policy"},
	    {{.store = "s", .explain = "KB1", .policy = "p"}, NULL},
	    {{.store = "s", .upstream = "http://w", .cert_key = "k"},
		"--client-cert"},
	    {{.store = "s", .upstream = "http://w", .content_base = "x"},
		"--content-base"},
	    {{.store = "s",
		 .upstream = "https://w",
		 .require_tls = true,
		 .content_base = "http://c"},
		"--content-base http://c is plain HTTP"},
	    {{.store = "s",
		 .upstream = "https://w",
		 .require_tls = true,
		 .content_base = "HTTPS://c"},
		NULL},
	};

	T_CALL(fetch_given(&good, &e), &e);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].says == NULL)
			T_CALL(fetch_given(&rows[i].o, &e), &e);
		else
			T_FAILS(fetch_given(&rows[i].o, &e), &e, E_USAGE,
			    rows[i].says);
	}
}

T_MAIN
