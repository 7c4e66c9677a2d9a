/* SPDX-License-Identifier: ISC */
#include "formats/httpdate.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/enc.h"

static const char days[7][4] = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void
httpdate_write(char out[HTTPDATE_LEN + 1], int64_t t)
{
	char utc[UTC_LEN + 1];
	uint64_t month = 1;

	utc_write(utc, t);
	(void)num_read(&month, utc + 5, 2, 1, 12);
	snprintf(out, HTTPDATE_LEN + 1, "%s, %.2s %s %.4s %.8s GMT",
	    days[((t / 86400 + 4) % 7 + 7) % 7], utc + 8, months[month - 1],
	    utc, utc + 11);
}

/* The pieces of a date, as they stand in it. */
struct pieces {
	const char *day, *month, *year, *clock;
	bool short_year;
	bool asctime; /* has a blank in front of a day below 10 */
};

static bool
read_pieces(int64_t *t, const struct pieces *p)
{
	char utc[UTC_LEN + 1] = {0};
	uint64_t year, day;
	unsigned m, blank = p->asctime && p->day[0] == ' ';

	for (m = 0; m < 12 && memcmp(p->month, months[m], 3) != 0; m++)
		;
	if (m == 12 || !num_read(&day, p->day + blank, 2 - blank, 1, 31) ||
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
like(const char *s, size_t n, const char *pattern)
{
	size_t i;

	if (n != strlen(pattern))
		return false;
	for (i = 0; i < n; i++)
		if (pattern[i] != '*' && pattern[i] != s[i])
			return false;
	return true;
}

bool
httpdate_read(int64_t *t, const char *s, size_t n)
{
	struct pieces p = {.short_year = false};
	const char *comma;

	if (like(s, n, "***, ** *** **** **:**:** GMT")) {
		p = (struct pieces){s + 5, s + 8, s + 12, s + 17, false, false};
	} else if (like(s, n, "*** *** ** **:**:** ****")) {
		p = (struct pieces){s + 8, s + 4, s + 20, s + 11, false, true};
	} else {
		comma = n > 0 ? memchr(s, ',', n) : NULL;
		if (comma == NULL ||
		    !like(comma, n - (size_t)(comma - s),
			", **-***-** **:**:** GMT"))
			return false;
		p = (struct pieces){
		    comma + 2, comma + 5, comma + 9, comma + 12, true, false};
	}
	return read_pieces(t, &p);
}
