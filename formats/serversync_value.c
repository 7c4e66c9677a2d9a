/* SPDX-License-Identifier: ISC */
/* What the text of an element says, and where it goes. */
#include <string.h>

#include "formats/serversync_priv.h"
#include "lib/base/err.h"

#define SHOWN 64 /* bytes of a bad value */

static void *
place_of(struct ss_reader *r, const struct ss_row *row)
{
	char *base = row->in_reply ? (char *)r->reply : (char *)&r->now;

	return base + row->off;
}

static int
bad(const char *p, size_t n, const char *expected, struct err *e)
{
	return err_set(e, E_FORMAT, "'%.*s', expected %s",
	    n < SHOWN ? (int)n : SHOWN, p, expected);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void
serversync_trim(char **p, size_t *n)
{
	while (*n > 0 && is_blank(**p))
		++*p, --*n;
	while (*n > 0 && is_blank((*p)[*n - 1]))
		--*n;
}

int
serversync_set_bool(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	static const char *const words[] = {"false", "true", "0", "1"};
	bool *to = place_of(r, row);
	unsigned i;

	serversync_trim(&p, &n);
	for (i = 0; i < 4; i++)
		if (strlen(words[i]) == n && memcmp(words[i], p, n) == 0) {
			*to = i % 2 == 1;
			return 0;
		}
	return bad(p, n, "true, false, 1 or 0", e);
}

/* An optional sign, leading zeros. */
static int
read_int(int64_t *v, char *p, size_t n, int64_t min, struct err *e)
{
	const char *s = p;
	size_t len = n;
	uint64_t u;
	bool minus = false;

	if (len > 0 && (*s == '-' || *s == '+')) {
		minus = *s == '-';
		s++;
		len--;
	}
	while (len > 1 && *s == '0')
		s++, len--;
	if (!num_read(&u, s, len, 0, INT32_MAX))
		return bad(p, n, "a number of 32 bits", e);
	*v = minus ? -(int64_t)u : (int64_t)u;
	if (*v < min)
		return bad(p, n, "a number that is not negative", e);
	return 0;
}

int
serversync_set_int(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	serversync_trim(&p, &n);
	return read_int(place_of(r, row), p, n, INT32_MIN, e);
}

int
serversync_set_num(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	uint32_t *to = place_of(r, row);
	int64_t v;

	serversync_trim(&p, &n);
	if (read_int(&v, p, n, 0, e) == -1)
		return -1;
	*to = (uint32_t)v;
	return 0;
}

int
serversync_set_guid(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	serversync_trim(&p, &n);
	if (!guid_read(place_of(r, row), p, n))
		return bad(p, n, "a GUID", e);
	return 0;
}

int
serversync_set_word(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	char *to = place_of(r, row);

	if (n >= row->size)
		return err_set(
		    e, E_LIMIT, "%zu bytes, at most %zu", n, row->size - 1);
	memcpy(to, p, n);
	to[n] = '\0';
	return 0;
}

static bool
all_digits(const char *p, size_t n)
{
	for (; n > 0; n--, p++)
		if (*p < '0' || *p > '9')
			return false;
	return true;
}

/* "Z", "+hh:mm", "-hh:mm" or nothing, which is UTC. */
static bool
read_zone(int64_t *seconds, const char *p)
{
	int h, m;

	*seconds = 0;
	if (*p == '\0' || strcmp(p, "Z") == 0)
		return true;
	if ((*p != '+' && *p != '-') || strlen(p) != 6 || p[3] != ':' ||
	    !all_digits(p + 1, 2) || !all_digits(p + 4, 2))
		return false;
	h = (p[1] - '0') * 10 + p[2] - '0';
	m = (p[4] - '0') * 10 + p[5] - '0';
	if (h > 14 || m > 59)
		return false;
	*seconds = (h * 60 + m) * (*p == '-' ? -60 : 60);
	return true;
}

bool
serversync_time(int64_t *t, const char *s)
{
	char text[UTC_LEN + 1];
	int64_t zone;
	size_t n = UTC_LEN - 1;

	if (strlen(s) < n)
		return false;
	memcpy(text, s, n);
	memcpy(text + n, "Z", 2);
	s += n;
	if (*s == '.') {
		n = strspn(++s, "0123456789");
		if (n == 0 || n > 9)
			return false;
		s += n;
	}
	if (!read_zone(&zone, s) || !utc_read(t, text, UTC_LEN))
		return false;
	*t -= zone;
	return true;
}

int
serversync_set_time(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	char *to = place_of(r, row);
	int64_t t;

	serversync_trim(&p, &n);
	if (serversync_set_word(r, row, p, n, e) == -1)
		return -1;
	return serversync_time(&t, to) ? 0 : bad(p, n, "a dateTime", e);
}

/* --- base64; what it says may be a secret, and is not shown --- */

static size_t
squeeze(char *p, size_t n)
{
	static const char blanks[] = " \t\r\n";
	size_t i, to = 0;

	for (i = 0; blanks[i] != '\0'; i++)
		if (memchr(p, blanks[i], n) != NULL)
			break;
	if (blanks[i] == '\0')
		return n;
	for (i = 0; i < n; i++)
		if (!is_blank(p[i]))
			p[to++] = p[i];
	return to;
}

/* In place: three bytes out are never ahead of four characters in. */
static int
decode(char *p, size_t *n, struct err *e)
{
	size_t len = squeeze(p, *n), out = len / 4 * 3;

	if (len >= 4)
		out -= (size_t)(p[len - 1] == '=') + (p[len - 2] == '=');
	if (!base64_read((uint8_t *)p, out, p, len))
		return err_set(
		    e, E_FORMAT, "%zu characters, expected base64", len);
	*n = out;
	return 0;
}

int
serversync_set_base64(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	n = squeeze(p, n);
	if (serversync_set_word(r, row, p, n, e) == -1)
		return -1;
	return decode(p, &n, e);
}

static int
decode_sha1(char *p, size_t n, struct err *e)
{
	if (decode(p, &n, e) == -1)
		return -1;
	if (n != SHA1_LEN)
		return err_set(e, E_FORMAT,
		    "base64 of %zu bytes, expected a SHA-1 of %d", n, SHA1_LEN);
	return 0;
}

int
serversync_set_sha1(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	if (decode_sha1(p, n, e) == -1)
		return -1;
	memcpy(place_of(r, row), p, SHA1_LEN);
	return 0;
}

int
serversync_set_digest(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	(void)row;
	if (decode_sha1(p, n, e) == -1)
		return -1;
	return buf_put(&r->digests, p, SHA1_LEN, e);
}

int
serversync_set_key(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	if (decode(p, &n, e) == -1)
		return -1;
	if (n > row->size)
		return err_set(
		    e, E_LIMIT, "%zu bytes, at most %zu", n, row->size);
	return buf_put(&r->key, p, n, e);
}

/* The text's memory becomes the blob's, and the other way round. */
static int
set_blob(struct ss_reader *r, enum ss_blob blob, size_t n, struct err *e)
{
	struct buf old = r->doc;

	if (n == 0 && r->blob != SS_BLOB_NONE)
		return 0;
	if (r->doc.len > 0)
		return err_set(e, E_FORMAT, "a second document in the item");
	r->doc = r->text;
	r->doc.len = n;
	r->text = old;
	r->blob = blob;
	return 0;
}

int
serversync_set_plain(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	(void)row, (void)p;
	return set_blob(r, SS_BLOB_PLAIN, n, e);
}

int
serversync_set_cab(struct ss_reader *r, const struct ss_row *row, char *p,
    size_t n, struct err *e)
{
	(void)row;
	if (decode(p, &n, e) == -1)
		return -1;
	return set_blob(r, SS_BLOB_CAB, n, e);
}
