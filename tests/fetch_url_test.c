/* SPDX-License-Identifier: ISC */
/* Where payload may come from: bases, names, hosts. */
#include "lib/base/enc.h"
#include "lib/fetch/get.h"
#include "lib/fetch/fetch.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

T_TEST(content_is_where_the_service_is_or_where_the_specification_has_it)
{
	static const struct {
		const char *upstream, *first, *second; /* NULL: none */
	} rows[] = {
	    {"http://wsus:8530", "http://wsus:8530", "http://wsus:80"},
	    {"http://wsus", "http://wsus", NULL},
	    {"http://wsus:80", "http://wsus", NULL},
	    {"https://wsus", "https://wsus", "http://wsus:80"},
	    {"https://wsus:443", "https://wsus", "http://wsus:80"},
	    {"https://wsus:8531", "https://wsus:8531", "http://wsus:8530"},
	    {"https://wsus:1", "https://wsus:1", NULL},
	    {"http://[::1]:8530", "http://[::1]:8530", "http://[::1]:80"},
	    {"https://[::1]", "https://[::1]", "http://[::1]:80"},
	};
	const struct fetch_opts o = {.store = "s"};
	struct err e = ERR_INIT;
	struct get_sources s;

	for (size_t i = 0; i < N(rows); i++) {
		T_CALL(get_sources(&s, &o, rows[i].upstream, false, &e), &e);
		T_STR(s.bases[0], rows[i].first);
		T_EQ(s.nbases, rows[i].second == NULL ? 1 : 2);
		if (rows[i].second != NULL)
			T_STR(s.bases[1], rows[i].second);
		T_OK(!s.internet);
	}
}

T_TEST(tls_that_is_required_is_not_left)
{
	const struct fetch_opts o = {.require_tls = true};
	struct err e = ERR_INIT;
	struct get_sources s;

	T_CALL(get_sources(&s, &o, "https://wsus:8531", false, &e), &e);
	T_EQ(s.nbases, 1);
}

/* Microsoft's own URLs are plain, most of them. */
T_TEST(a_plain_url_is_passed_over_where_tls_is_required)
{
	const struct fetch_opts o = {.require_tls = true};
	struct err e = ERR_INIT;
	struct get g = {.ext = "cab"};
	struct get_sources s;

	T_CALL(get_sources(&s, &o, "https://wsus:8531", true, &e), &e);
	T_CALL(get_add_url(&g, &s, "http://download.microsoft.com/a", &e), &e);
	T_EQ(g.nurls, 0);
	T_OK(s.plain);
	T_CALL(get_add_url(&g, &s, "HTTPS://download.microsoft.com/a", &e), &e);
	T_EQ(g.nurls, 1);
	get_free(&g);
}

T_TEST(a_base_that_is_given_is_the_only_one)
{
	static const char *const bad[] = {"", "wsus", "ftp://wsus", "http://",
	    "http://a@wsus", "http://wsus/?x", "http://wsus/#x",
	    "http://wsus/a b"};
	struct fetch_opts o = {.content_base = "http://mirror:81/wsus//"};
	struct err e = ERR_INIT;
	struct get_sources s;
	struct get g = {.ext = "cab", .sha1 = {0x12, [19] = 0x0a}};

	T_CALL(get_sources(&s, &o, "https://wsus:8531", false, &e), &e);
	T_EQ(s.nbases, 1);
	T_STR(s.bases[0], "http://mirror:81/wsus");
	T_CALL(get_add_bases(&g, &s, &e), &e);
	T_STR(g.urls[0].url,
	    "http://mirror:81/wsus/Content/0A/"
	    "120000000000000000000000000000000000000A.cab");
	T_EQ(g.urls[0].whose, GET_ELSEWHERE);
	get_free(&g);
	for (size_t i = 0; i < N(bad); i++) {
		o.content_base = bad[i];
		T_FAILS(get_sources(&s, &o, "http://wsus", false, &e), &e,
		    E_USAGE, "no base of content");
	}
}

T_TEST(a_folder_has_two_digits_always)
{
	const struct fetch_opts o = {.store = "s"};
	struct err e = ERR_INIT;
	struct get_sources s;
	struct get g;
	char want[128], hex[2 * SHA1_LEN + 1];

	T_CALL(get_sources(&s, &o, "http://wsus:8530", false, &e), &e);
	for (unsigned i = 0; i < 16; i++) {
		g = (struct get){.ext = "", .sha1 = {0xab, [19] = (uint8_t)i}};
		hex_upper(hex, g.sha1, SHA1_LEN);
		snprintf(want, sizeof(want), "http://wsus:8530/Content/%02X/%s",
		    i, hex);
		T_CALL(get_add_bases(&g, &s, &e), &e);
		T_EQ(g.nurls, 2);
		T_STR(g.urls[0].url, want);
		T_EQ(g.urls[0].base, 0);
		T_EQ(g.urls[0].whose, GET_UPSTREAM);
		T_EQ(g.urls[1].base, 1);
		get_free(&g);
	}
}

T_TEST(a_suffix_holds_at_a_label)
{
	static const char *const hosts[] = {
	    "windowsupdate.com", ".example.org", ""};
	static const struct {
		const char *host;
		bool in;
	} rows[] = {
	    {"windowsupdate.com", true},
	    {"download.windowsupdate.com", true},
	    {"a.b.windowsupdate.com", true},
	    {"DOWNLOAD.WindowsUpdate.COM", true},
	    {"evilwindowsupdate.com", false},
	    {"windowsupdate.com.evil.org", false},
	    {"windowsupdate.com.", false},
	    {"update.com", false},
	    {"com", false},
	    {"", false},
	    {"x.example.org", true},
	    {"example.org", true},
	    {"xexample.org", false},
	};

	for (size_t i = 0; i < N(rows); i++)
		T_EQ(get_host_in(rows[i].host, hosts, N(hosts)), rows[i].in);
}

T_TEST(only_urls_of_allowed_hosts_are_taken)
{
	static const struct {
		const char *url;
		bool taken;
	} rows[] = {
	    {"http://download.windowsupdate.com/c/a.cab", true},
	    {"https://dl.delivery.mp.microsoft.com/filestreaming/a", true},
	    {"http://download.microsoft.com:8080/a", true},
	    {"http://evil.org/download.windowsupdate.com", false},
	    {"http://evil.org#.windowsupdate.com/", false},
	    {"http://evil.org?.windowsupdate.com/", false},
	    {"http://download.windowsupdate.com@evil.org/", false},
	    {"http://u:p@download.windowsupdate.com/", false},
	    {"http://evil.org\\.windowsupdate.com/", false},
	    {"http://evil.org/\r\nHost: x", false},
	    {"ftp://download.windowsupdate.com/a", false},
	    {"file:///etc/passwd", false},
	    {"download.windowsupdate.com/a", false},
	    {"", false},
	};
	const struct fetch_opts o = {.store = "s"};
	struct err e = ERR_INIT;
	struct get_sources s;
	struct get g = {.ext = "cab"};

	T_CALL(get_sources(&s, &o, FETCH_MICROSOFT, true, &e), &e);
	T_OK(s.internet);
	T_EQ(s.nbases, 0);
	for (size_t i = 0; i < N(rows); i++) {
		s.refused = false;
		T_CALL(get_add_url(&g, &s, rows[i].url, &e), &e);
		if (g.nurls != (rows[i].taken ? 1 : 0))
			T_STR(rows[i].url, rows[i].taken ? "taken" : "not");
		T_EQ(s.refused, !rows[i].taken);
		if (g.nurls == 1) {
			T_STR(g.urls[0].url, rows[i].url);
			T_EQ(g.urls[0].base, -1);
			T_EQ(g.urls[0].whose, GET_ELSEWHERE);
		}
		get_free(&g);
	}
}

T_TEST(hosts_that_are_given_take_the_place_of_microsofts)
{
	static const char *const hosts[] = {"mirror.example.org"};
	const struct fetch_opts o = {.content_hosts = hosts,
	    .ncontent_hosts = 1,
	    .internet_content = true};
	struct err e = ERR_INIT;
	struct get_sources s;
	struct get g = {.ext = "cab"};

	T_CALL(get_sources(&s, &o, "http://wsus:8530", false, &e), &e);
	T_CALL(get_add_url(&g, &s, "http://download.microsoft.com/a", &e), &e);
	T_EQ(g.nurls, 0);
	T_CALL(get_add_url(&g, &s, "http://mirror.example.org/a", &e), &e);
	T_EQ(g.nurls, 1);
	/* The same once, and never too many. */
	T_CALL(get_add_url(&g, &s, "http://mirror.example.org/a", &e), &e);
	T_EQ(g.nurls, 1);
	for (unsigned i = 0; i < 2 * GET_URLS_MAX; i++) {
		char url[64];

		snprintf(url, sizeof(url), "http://mirror.example.org/%u", i);
		T_CALL(get_add_url(&g, &s, url, &e), &e);
	}
	T_EQ(g.nurls, GET_URLS_MAX);
	get_free(&g);
}

T_TEST(an_upstream_with_content_is_not_passed_by_unless_asked)
{
	const struct fetch_opts o = {.store = "s"};
	struct err e = ERR_INIT;
	struct get_sources s;
	struct get g = {.ext = "cab"};

	T_CALL(get_sources(&s, &o, "http://wsus:8530", false, &e), &e);
	T_CALL(get_add_url(&g, &s, "http://download.microsoft.com/a", &e), &e);
	T_EQ(g.nurls, 0);
	T_OK(!s.refused);
}

T_MAIN
