/* SPDX-License-Identifier: ISC */
/* Dates of HTTP, RFC 9110, 5.6.7. */
#include "lib/net/httpd_parse.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/enc.h"

static const char days[7][4] = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void
httpd_date_write(char out[HTTPD_DATE_LEN + 1], int64_t t)
{
	char utc[UTC_LEN + 1];
	uint64_t month = 1;

	utc_write(utc, t);
	(void)num_read(&month, utc + 5, 2, 1, 12);
	snprintf(out, HTTPD_DATE_LEN + 1, "%s, %.2s %s %.4s %.8s GMT",
	    days[((t / 86400 + 4) % 7 + 7) % 7], utc + 8, months[month - 1],
	    utc, utc + 11);
}

/* The pieces of a date, as they stand in it. */
struct pieces {
	const char *day, *month, *year, *clock;
	bool short_year;
};

static bool
read_pieces(int64_t *t, const struct pieces *p)
{
	char utc[UTC_LEN + 1];
	uint64_t year, day;
	unsigned m;

	for (m = 0; m < 12 && memcmp(p->month, months[m], 3) != 0; m++)
		;
	/* asctime() has a space in front of a day below 10. */
	if (m == 12 ||
	    !num_read(&day, p->day + (p->day[0] == ' '),
		p->day[0] == ' ' ? 1 : 2, 1, 31) ||
	    !num_read(&year, p->year, p->short_year ? 2 : 4, 0, 9999))
		return false;
	/* Two digits mean the century in which they lie nearest to now. */
	if (p->short_year)
		year += year < 70 ? 2000 : 1900;
	snprintf(utc, sizeof(utc), "%04" PRIu64 "-%02u-%02" PRIu64 "T%.8sZ",
	    year, m + 1, day, p->clock);
	return utc_read(t, utc, UTC_LEN);
}

/* The punctuation is where the pattern has it; "*" stands for anything. */
static bool
like(const char *s, const char *pattern)
{
	if (strlen(s) != strlen(pattern))
		return false;
	for (; *pattern != '\0'; s++, pattern++)
		if (*pattern != '*' && *pattern != *s)
			return false;
	return true;
}

bool
httpd_date_read(int64_t *t, const char *s)
{
	struct pieces p = {.short_year = false};
	const char *comma;

	if (like(s, "***, ** *** **** **:**:** GMT")) {
		p = (struct pieces){s + 5, s + 8, s + 12, s + 17, false};
	} else if (like(s, "*** *** ** **:**:** ****")) {
		p = (struct pieces){s + 8, s + 4, s + 20, s + 11, false};
	} else {
		comma = strchr(s, ',');
		if (comma == NULL || !like(comma, ", **-***-** **:**:** GMT"))
			return false;
		p = (struct pieces){
		    comma + 2, comma + 5, comma + 9, comma + 12, true};
	}
	return read_pieces(t, &p);
}
