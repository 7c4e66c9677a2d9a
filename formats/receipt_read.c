/* SPDX-License-Identifier: ISC */
/* What a person typed, as characters of a receipt. */
#include <string.h>

#include "formats/receipt_priv.h"
#include "formats/receipt_typed.h"
#include "lib/base/err.h"

/* Where we are in the text, as its reader counts. */
struct text {
	const char *p; /* borrowed */
	size_t len, at;
	unsigned line, column; /* from 1 */
	size_t begins; /* characters of the receipt before this line */
	bool labelled; /* it began with its number */
};

static int
value_of(char c)
{
	const char *found;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	if (c == 'U')
		c = 'V';
	if (c == '\0' || (found = strchr(receipt_alphabet, c)) == NULL)
		return -1;
	return (int)(found - receipt_alphabet);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '-';
}

static void
step(struct text *t)
{
	if (t->p[t->at++] == '\n') {
		t->line++;
		t->column = 1;
	} else {
		t->column++;
	}
}

static int
refuse(const struct text *t, const char *what, struct err *e)
{
	unsigned char c = (unsigned char)t->p[t->at];

	if (c > 0x20 && c < 0x7f)
		return err_at(e, t->at,
		    "line %u, column %u of the text: '%c' %s", t->line,
		    t->column, c, what);
	return err_at(e, t->at,
	    "line %u, column %u of the text: byte 0x%02x %s", t->line,
	    t->column, c, what);
}

/* The words that every receipt begins with, in whatever spacing. */
static int
read_title(struct text *t, struct err *e)
{
	const char *want = RECEIPT_TITLE;

	while (*want != '\0') {
		if (*want == ' ') {
			want++;
			continue;
		}
		if (t->at == t->len)
			return err_at(e, t->at,
			    "expected a receipt, which begins with the words "
			    "'" RECEIPT_TITLE "', found %s",
			    t->len == 0 ? "nothing" : "other text");
		if (is_blank(t->p[t->at])) {
			step(t);
			continue;
		}
		if ((t->p[t->at] & ~0x20) != *want)
			return refuse(t,
			    "stands where the words '" RECEIPT_TITLE
			    "' begin a receipt: give the receipt alone, "
			    "without other text",
			    e);
		step(t);
		want++;
	}
	return 0;
}

/* "3:" before what stands in a line is for people. */
static bool
is_label(const struct text *t, const struct receipt_typed *y)
{
	size_t i, n = y->n - t->begins;

	for (i = t->begins; i < y->n; i++)
		if (y->v[i] > 9)
			return false;
	return !t->labelled && (n == 1 || n == 2);
}

static int
read_character(struct text *t, struct receipt_typed *y, struct err *e)
{
	char c = t->p[t->at];
	int v = value_of(c);

	if (c == ':' && is_label(t, y)) {
		y->n = t->begins;
		t->labelled = true;
	} else if (v != -1) {
		if (y->n == RECEIPT_TYPED_MAX)
			return refuse(t,
			    "is beyond the end of a receipt: give one receipt "
			    "alone, without other text",
			    e);
		y->v[y->n++] = (uint8_t)v;
	} else if (!is_blank(c)) {
		return refuse(t,
		    "is no character of a receipt: give the receipt alone, "
		    "without other text",
		    e);
	}
	step(t);
	if (c == '\n') {
		t->begins = y->n;
		t->labelled = false;
	}
	return 0;
}

static void
join(const uint8_t line[RECEIPT_LINE], uint8_t *to)
{
	unsigned held = 0, nbits = 0;
	size_t i;

	for (i = 0; i < RECEIPT_LINE - RECEIPT_CHECK; i++) {
		held = (held << 5 | line[i]) & 0xfff;
		if ((nbits += 5) >= 8)
			*to++ = (uint8_t)(held >> (nbits -= 8));
	}
}

int
receipt_read(
    uint8_t raw[RECEIPT_BYTES], const char *text, size_t len, struct err *e)
{
	struct text t = {.p = text, .len = len, .line = 1, .column = 1};
	struct receipt_typed y = {.n = 0};
	unsigned i;

	if (len > RECEIPT_MAX_TEXT)
		return err_set(e, E_LIMIT,
		    "%zu bytes, at most %zu: a receipt has %d characters", len,
		    RECEIPT_MAX_TEXT, RECEIPT_CHARS);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		t.at = 3;
	if (read_title(&t, e) == -1)
		return -1;
	while (t.at < t.len)
		if (read_character(&t, &y, e) == -1)
			return -1;
	if (receipt_typed_check(&y, e) == -1)
		return -1;
	for (i = 0; i < RECEIPT_LINES; i++)
		join(y.v + i * RECEIPT_LINE, raw + i * RECEIPT_LINE_BYTES);
	return 0;
}
