/* SPDX-License-Identifier: ISC */
#include "lib/base/json.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"

static void
put_more(struct json *j, const void *p, size_t n)
{
	struct err e = ERR_INIT;

	if (!j->begun)
		j->bad = true;
	if (!j->bad && buf_put(&j->b, p, n, &e) == -1)
		j->bad = true;
}

/* Mostly there is room; a struct err to be emptied costs more than the rest. */
static void
put_bytes(struct json *j, const void *p, size_t n)
{
	struct buf *b = &j->b;

	if (!j->begun || j->bad || b->p == NULL || n > b->cap - b->len ||
	    n > b->max - b->len) {
		put_more(j, p, n);
		return;
	}
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

static void
puts_(struct json *j, const char *s)
{
	put_bytes(j, s, strlen(s));
}

static void
escape(struct json *j, uint8_t c)
{
	static const char shorts[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	char esc[8];
	size_t i;

	for (i = 0; i + 1 < sizeof(shorts); i += 2) {
		if ((uint8_t)shorts[i] == c) {
			esc[0] = '\\';
			esc[1] = shorts[i + 1];
			put_bytes(j, esc, 2);
			return;
		}
	}
	snprintf(esc, sizeof(esc), "\\u%04x", c);
	put_bytes(j, esc, 6);
}

static bool
plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
string(struct json *j, const char *v, size_t n)
{
	const uint8_t *p = (const uint8_t *)v;
	size_t i = 0, k;

	put_bytes(j, "\"", 1);
	while (i < n) {
		for (k = i; k < n && plain(p[k]); k++)
			;
		if (k > i)
			put_bytes(j, p + i, k - i);
		if ((i = k) == n)
			break;
		if (p[i] < 0x80) {
			escape(j, p[i++]);
		} else if ((k = utf8_len(p + i, n - i)) == 2 && p[i] == 0xc2 &&
		    p[i + 1] < 0xa0) {
			escape(j, p[i + 1]); /* a terminal acts on C1 */
			i += 2;
		} else if (k > 0) {
			put_bytes(j, p + i, k);
			i += k;
		} else {
			puts_(j, "\xef\xbf\xbd");
			i++;
		}
	}
	put_bytes(j, "\"", 1);
}

static void
comma(struct json *j)
{
	uint8_t last = j->b.len > 0 ? j->b.p[j->b.len - 1] : '{';

	if (last != '{' && last != '[')
		put_bytes(j, ",", 1);
}

static void
begin_member(struct json *j, const char *key)
{
	comma(j);
	string(j, key, strlen(key));
	put_bytes(j, ":", 1);
}

void
json_begin(struct json *j)
{
	buf_reset(&j->b);
	j->bad = false;
	j->begun = true;
	put_bytes(j, "{", 1);
}

void
json_strn(struct json *j, const char *key, const char *v, size_t n)
{
	begin_member(j, key);
	if (v == NULL)
		puts_(j, "null");
	else
		string(j, v, n);
}

void
json_str(struct json *j, const char *key, const char *v)
{
	json_strn(j, key, v, v != NULL ? strlen(v) : 0);
}

void
json_num(struct json *j, const char *key, uint64_t v)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, v);
	begin_member(j, key);
	puts_(j, digits);
}

void
json_bool(struct json *j, const char *key, bool v)
{
	begin_member(j, key);
	puts_(j, v ? "true" : "false");
}

void
json_list(struct json *j, const char *key)
{
	begin_member(j, key);
	put_bytes(j, "[", 1);
}

void
json_item(struct json *j, const char *v)
{
	comma(j);
	string(j, v, strlen(v));
}

void
json_list_end(struct json *j)
{
	put_bytes(j, "]", 1);
}

const char *
json_end(struct json *j)
{
	struct err e = ERR_INIT;

	put_bytes(j, "}", 1);
	j->begun = false;
	return j->bad ? NULL : buf_str(&j->b, &e);
}

void
json_free(struct json *j)
{
	buf_free(&j->b);
	j->bad = j->begun = false;
}
