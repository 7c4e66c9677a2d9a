/* SPDX-License-Identifier: ISC */
#include "lib/base/enc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/err.h"

#define UTC_MIN INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define UTC_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* Days since 1970-01-01; a year that begins in March has its leap day last. */
static int64_t
days_from(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	m = (m + 9) % 12;
	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + d - 1 -
	    719468;
}

static int64_t
month_days(int64_t y, int64_t m)
{
	static const uint8_t days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return days[m - 1];
}

/* The fixed part "yyyy-MM-ddTHH:mm:ss" into its six numbers. */
static bool
fields(uint64_t v[6], const char *s)
{
	static const struct {
		uint8_t off, len;
		char after;
		uint16_t min, max;
	} f[] = {
	    {0, 4, '-', 1, 9999},
	    {5, 2, '-', 1, 12},
	    {8, 2, 'T', 1, 31},
	    {11, 2, ':', 0, 23},
	    {14, 2, ':', 0, 59},
	    {17, 2, '\0', 0, 59},
	};
	size_t i;

	for (i = 0; i < 6; i++)
		if (!num_read(
			&v[i], s + f[i].off, f[i].len, f[i].min, f[i].max) ||
		    (i < 5 && s[f[i].off + f[i].len] != f[i].after))
			return false;
	return true;
}

bool
utc_read(int64_t *t, const char *s, size_t len)
{
	uint64_t v[6];
	size_t i;

	if (len < UTC_LEN || s[len - 1] != 'Z' || !fields(v, s) ||
	    (int64_t)v[2] > month_days((int64_t)v[0], (int64_t)v[1]))
		return false;
	if (len > UTC_LEN) {
		if (s[19] != '.' || len == UTC_LEN + 1)
			return false;
		for (i = 20; i < len - 1; i++)
			if (s[i] < '0' || s[i] > '9')
				return false;
	}
	*t = days_from((int64_t)v[0], (int64_t)v[1], (int64_t)v[2]) * 86400 +
	    (int64_t)(v[3] * 3600 + v[4] * 60 + v[5]);
	return true;
}

static void
put_digits(char *to, int64_t v, size_t n, char after)
{
	to[n] = after;
	while (n-- > 0) {
		to[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

/* What no four-digit year can say becomes the nearest that can be said. */
void
utc_write(char out[UTC_LEN + 1], int64_t t)
{
	int64_t days, s, y, m;

	if (t < UTC_MIN)
		t = UTC_MIN;
	if (t > UTC_MAX)
		t = UTC_MAX;
	days = (t - UTC_MIN) / 86400 + days_from(1, 1, 1);
	s = (t - UTC_MIN) % 86400;
	y = days < 0 ? 1970 + days / 365 - 1 : 1970 + days / 366;
	if (y < 1)
		y = 1;
	while (y < 9999 && days_from(y + 1, 1, 1) <= days)
		y++;
	days -= days_from(y, 1, 1);
	for (m = 1; days >= month_days(y, m); m++)
		days -= month_days(y, m);
	put_digits(out, y, 4, '-');
	put_digits(out + 5, m, 2, '-');
	put_digits(out + 8, days + 1, 2, 'T');
	put_digits(out + 11, s / 3600, 2, ':');
	put_digits(out + 14, s / 60 % 60, 2, ':');
	put_digits(out + 17, s % 60, 2, 'Z');
	out[UTC_LEN] = '\0';
}

int
utc_now(int64_t *t, struct err *e)
{
	const char *set = getenv("SOURCE_DATE_EPOCH");
	struct timespec ts;
	uint64_t v;

	if (set != NULL) {
		if (!num_read(&v, set, strlen(set), 0, UTC_MAX))
			return err_set(e, E_USAGE,
			    "SOURCE_DATE_EPOCH takes seconds since 1970, not "
			    "'%s'",
			    set);
		*t = (int64_t)v;
		return 0;
	}
	if (clock_gettime(CLOCK_REALTIME, &ts) == -1)
		return err_sys(e, "clock_gettime");
	*t = ts.tv_sec;
	return 0;
}
