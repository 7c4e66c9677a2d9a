/* SPDX-License-Identifier: ISC */
#include "lib/transfer/unwanted.h"

#include "tests/t.h"

#define SHA "F572D396FAE9206628714FB2CE00F72E94F2258F"
#define LINE                                                                   \
	"{\"t\":\"absent\",\"sha1\":\"" SHA "\",\"name\":\"a.cab\","           \
	"\"size\":7,\"wanted\":false}"

/* How many digests the line adds. */
static size_t
adds(const char *line, size_t len)
{
	struct unwanted u = {.v = NULL};
	struct err e = ERR_INIT;
	size_t n;

	T_CALL(unwanted_line(&u, line, len, &e), &e);
	n = u.n;
	unwanted_free(&u);
	return n;
}

T_TEST(a_line_in_its_one_spelling_counts)
{
	static const char *const others[] = {
	    "",
	    "{}",
	    "{\"t\":\"absent\",\"sha1\":\"" SHA "\",\"name\":\"a\"}",
	    "{\"t\":\"absent\",\"sha1\":\"" SHA "\",\"wanted\":true}",
	    "{\"t\":\"absent\",\"sha1\":\"" SHA "\",\"wanted\": false}",
	    "{\"t\": \"absent\",\"sha1\":\"" SHA "\",\"wanted\":false}",
	    "{\"t\":\"absent\",\"sha1\":\"" SHA "0\",\"wanted\":false}",
	    "{\"t\":\"absent\",\"sha1\":\"G572D396FAE9206628714FB2CE00F72E94F2"
	    "258F\",\"wanted\":false}",
	    "{\"t\":\"absent\",\"sha1\":\"" SHA
	    "\",\"name\":\"x,\\\"wanted\\\":false}\"}",
	    "{\"t\":\"url\",\"sha1\":\"" SHA "\",\"wanted\":false}",
	};
	size_t i;

	T_EQ(adds(LINE, strlen(LINE)), 1);
	T_EQ(adds("{\"t\":\"absent\",\"sha1\":\"" SHA "\",\"wanted\":false}",
		 79),
	    1);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (adds(others[i], strlen(others[i])) != 0)
			t_fail(__FILE__, __LINE__, "taken: %s", others[i]);
}

T_TEST(no_beginning_of_a_line_counts)
{
	size_t i;
	char *p;

	for (i = 0; i < strlen(LINE); i++) {
		p = malloc(i + 1); /* no byte behind it, for the checker */
		memcpy(p, LINE, i);
		T_EQ(adds(p, i), 0);
		free(p);
	}
}

T_TEST(what_was_added_is_found)
{
	struct unwanted u = {.v = NULL};
	uint8_t sha1[SHA1_LEN] = {0};
	char line[128];
	struct err e = ERR_INIT;
	unsigned i;

	T_OK(!unwanted_has(&u, sha1));
	for (i = 0; i < 600; i++) {
		snprintf(line, sizeof(line),
		    "{\"t\":\"absent\",\"sha1\":\"%040X\",\"wanted\":false}",
		    (i * 7919) % 65536);
		T_CALL(unwanted_line(&u, line, strlen(line), &e), &e);
		sha1[SHA1_LEN - 2] = (uint8_t)((i * 7919) % 65536 >> 8);
		sha1[SHA1_LEN - 1] = (uint8_t)((i * 7919) % 65536);
		if (i % 100 == 0)
			T_OK(unwanted_has(&u, sha1));
	}
	T_EQ(u.n, 600);
	T_OK(unwanted_has(&u, sha1));
	sha1[0] = 1;
	T_OK(!unwanted_has(&u, sha1));
	unwanted_free(&u);
	unwanted_free(&u);
}

T_MAIN
