/* SPDX-License-Identifier: ISC */
/* Dates of HTTP. */
#include "formats/httpdate.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

T_TEST(a_date_is_read_in_all_its_three_forms)
{
	static const char *const same[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
	    "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
	static const char *const bad[] = {"", "x", "Sun, 06 Nov 1994 08:49:37",
	    "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 6 Nov 1994 08:49:37 GMT",
	    "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
	    "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
	    "Sun, 06 Nov 1994 0x:49:37 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
	    "Sunday, 06-Nov-94 08:49:37 GMTx", ",", "Sun Nov  6 08:49:37 19"};
	char text[HTTPDATE_LEN + 1];
	int64_t t;
	size_t i;

	for (i = 0; i < N(same); i++) {
		T_OK(httpdate_read(&t, same[i], strlen(same[i])));
		T_EQ(t, 784111777);
	}
	for (i = 0; i < N(bad); i++)
		if (httpdate_read(&t, bad[i], strlen(bad[i])))
			t_fail(__FILE__, __LINE__, "'%s' was read", bad[i]);
	for (t = 0; t < 4000000000; t += 86399 * 17) {
		int64_t again = -1;

		httpdate_write(text, t);
		T_OK(httpdate_read(&again, text, strlen(text)));
		T_EQ(again, t);
	}
	httpdate_write(text, 784111777);
	T_STR(text, same[0]);
}

/* Each in memory of its own length. */
T_TEST(a_date_that_is_cut_short_is_none)
{
	static const char *const dates[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
	    "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
	size_t i, n;
	int64_t t;
	char *p;

	for (i = 0; i < N(dates); i++)
		for (n = 0; n < strlen(dates[i]); n++) {
			p = malloc(n + 1);
			memcpy(p, dates[i], n);
			T_OK(!httpdate_read(&t, p, n));
			free(p);
		}
}

T_TEST(a_damaged_byte_of_a_date_is_seen_or_is_another_date)
{
	static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";
	char d[sizeof(date)];
	unsigned k, v;
	int64_t t;

	for (k = 0; k < sizeof(date) - 1; k++)
		for (v = 0; v < 256; v++) {
			memcpy(d, date, sizeof(d));
			d[k] = (char)v;
			if (k < 3 || v == (unsigned char)date[k])
				T_OK(httpdate_read(&t, d, sizeof(d) - 1));
			else if (httpdate_read(&t, d, sizeof(d) - 1))
				T_OK(t != 784111777);
		}
}

T_MAIN
