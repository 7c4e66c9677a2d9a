/* SPDX-License-Identifier: ISC */
#include "lib/base/json_read.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"

struct in {
	const char *p; /* borrowed: the whole input */
	size_t n, at;
	unsigned depth;
};

static int read_value(struct in *in, struct json_value *v, struct err *e);

static int
bad(const struct in *in, const char *expected, struct err *e)
{
	unsigned char c;

	if (in->at == in->n)
		return err_at(e, in->at,
		    "column %zu: expected %s, found the end", in->at + 1,
		    expected);
	c = (unsigned char)in->p[in->at];
	if (c > ' ' && c < 0x7f)
		return err_at(e, in->at, "column %zu: expected %s, found '%c'",
		    in->at + 1, expected, c);
	return err_at(e, in->at, "column %zu: expected %s, found byte %02x",
	    in->at + 1, expected, c);
}

static bool
next_is(const struct in *in, char c)
{
	return in->at < in->n && in->p[in->at] == c;
}

static void
skip_blanks(struct in *in)
{
	while (next_is(in, ' ') || next_is(in, '\t'))
		in->at++;
}

static int
expect(struct in *in, char c, const char *what, struct err *e)
{
	skip_blanks(in);
	if (!next_is(in, c))
		return bad(in, what, e);
	in->at++;
	return 0;
}

/* Four hex digits at p[0..n). */
static bool
hex4(const char *p, size_t n, unsigned *v)
{
	uint8_t b[2];

	if (n < 4 || !hex_read(b, sizeof(b), p, 4))
		return false;
	*v = (unsigned)b[0] << 8 | b[1];
	return true;
}

/*
 * The escape at p[0..n), behind its backslash: its length, and the character;
 * 0: malformed, a NUL, or half a pair of surrogates.
 */
static size_t
escape(const char *p, size_t n, unsigned *c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *short_ = n == 0 ? NULL : memchr(from, p[0], sizeof(to) - 1);
	unsigned low;

	if (short_ != NULL) {
		*c = (unsigned char)to[short_ - from];
		return 1;
	}
	if (n == 0 || p[0] != 'u' || !hex4(p + 1, n - 1, c) || *c == 0)
		return 0;
	if (*c < 0xd800 || *c > 0xdfff)
		return 5;
	if (*c > 0xdbff || n < 11 || p[5] != '\\' || p[6] != 'u' ||
	    !hex4(p + 7, n - 7, &low) || low < 0xdc00 || low > 0xdfff)
		return 0;
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return 11;
}

/* Behind the opening quote. */
static int
read_text(struct in *in, struct json_value *v, struct err *e)
{
	v->type = JSON_TEXT;
	v->p = in->p + in->at;
	v->off = in->at;
	while (!next_is(in, '"')) {
		const uint8_t *p = (const uint8_t *)in->p + in->at;
		size_t left = in->n - in->at, len;
		unsigned c;

		if (left == 0 || *p < ' ')
			return bad(in, "a text and its closing quote", e);
		if (*p == '\\') {
			if ((len = escape((const char *)p + 1, left - 1, &c)) ==
			    0)
				return bad(in,
				    "an escape of JSON without NUL or half a "
				    "pair of surrogates",
				    e);
			len++;
		} else if ((len = utf8_len(p, left)) == 0) {
			return bad(in, "UTF-8", e);
		}
		in->at += len;
	}
	v->len = (size_t)(in->p + in->at - v->p);
	in->at++;
	return 0;
}

static size_t
digits(struct in *in)
{
	size_t from = in->at;

	while (in->at < in->n && in->p[in->at] >= '0' && in->p[in->at] <= '9')
		in->at++;
	return in->at - from;
}

static int
read_number(struct in *in, struct json_value *v, struct err *e)
{
	size_t n;

	v->type = JSON_NUMBER;
	if (next_is(in, '-'))
		in->at++;
	n = next_is(in, '0');
	if (n == 1)
		in->at++;
	else
		n = digits(in);
	if (n != 0 && next_is(in, '.')) {
		in->at++;
		n = digits(in);
	}
	if (n != 0 && (next_is(in, 'e') || next_is(in, 'E'))) {
		in->at++;
		if (next_is(in, '+') || next_is(in, '-'))
			in->at++;
		n = digits(in);
	}
	return n != 0 ? 0 : bad(in, "a digit", e);
}

static int
read_word(struct in *in, struct json_value *v, struct err *e)
{
	static const struct {
		const char *word;
		enum json_type type;
	} words[] = {
	    {"true", JSON_TRUE}, {"false", JSON_FALSE}, {"null", JSON_NULL}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i].word);

		if (in->n - in->at < n ||
		    memcmp(in->p + in->at, words[i].word, n) != 0)
			continue;
		v->type = words[i].type;
		in->at += n;
		return 0;
	}
	return bad(in, "a value", e);
}

/* A key and its colon. */
static int
read_key(struct in *in, struct json_value *key, struct err *e)
{
	if (expect(in, '"', "a key in quotes", e) == -1 ||
	    read_text(in, key, e) == -1)
		return -1;
	return expect(in, ':', "a colon", e);
}

/* Behind the opening bracket. */
static int
read_items(struct in *in, char close, struct err *e)
{
	struct json_value v;

	skip_blanks(in);
	if (next_is(in, close)) {
		in->at++;
		return 0;
	}
	for (;;) {
		if ((close == '}' && read_key(in, &v, e) == -1) ||
		    read_value(in, &v, e) == -1)
			return -1;
		skip_blanks(in);
		if (next_is(in, close)) {
			in->at++;
			return 0;
		}
		if (expect(in, ',',
			close == '}' ? "a comma or a closing brace"
				     : "a comma or a closing bracket",
			e) == -1)
			return -1;
	}
}

static int
read_nested(struct in *in, struct json_value *v, struct err *e)
{
	bool object = next_is(in, '{');

	if (in->depth == JSON_MAX_DEPTH)
		return err_set(e, E_LIMIT,
		    "column %zu: more than %d objects and arrays within each "
		    "other",
		    in->at + 1, JSON_MAX_DEPTH);
	v->type = object ? JSON_OBJECT : JSON_ARRAY;
	in->depth++;
	in->at++;
	if (read_items(in, object ? '}' : ']', e) == -1)
		return -1;
	in->depth--;
	return 0;
}

static int
read_value(struct in *in, struct json_value *v, struct err *e)
{
	int r;

	skip_blanks(in);
	if (next_is(in, '"')) {
		in->at++;
		return read_text(in, v, e);
	}
	v->p = in->p + in->at;
	v->off = in->at;
	if (next_is(in, '{') || next_is(in, '['))
		r = read_nested(in, v, e);
	else if (next_is(in, '-') ||
	    (in->at < in->n && in->p[in->at] >= '0' && in->p[in->at] <= '9'))
		r = read_number(in, v, e);
	else
		r = read_word(in, v, e);
	v->len = (size_t)(in->p + in->at - v->p);
	return r;
}

static int
read_member(struct in *in,
    int (*member)(
	void *arg, const char *key, const struct json_value *v, struct err *e),
    void *arg, struct err *e)
{
	char key[JSON_MAX_KEY + 1] = "";
	struct json_value k, v;

	if (read_key(in, &k, e) == -1 || read_value(in, &v, e) == -1)
		return -1;
	/* An escape takes more bytes than what it stands for. */
	if (k.len <= JSON_MAX_KEY && json_text(&k, key, sizeof(key), e) == -1)
		return -1;
	return member(arg, key, &v, e);
}

int
json_read(const char *p, size_t n,
    int (*member)(
	void *arg, const char *key, const struct json_value *v, struct err *e),
    void *arg, struct err *e)
{
	struct in in = {.p = p, .n = n, .depth = 1};

	if (expect(&in, '{', "a JSON object", e) == -1)
		return -1;
	skip_blanks(&in);
	if (!next_is(&in, '}')) {
		do {
			if (read_member(&in, member, arg, e) == -1)
				return -1;
			skip_blanks(&in);
		} while (next_is(&in, ',') && ++in.at);
	}
	if (expect(&in, '}', "a comma or a closing brace", e) == -1)
		return -1;
	skip_blanks(&in);
	return in.at == n ? 0 : bad(&in, "nothing behind the object", e);
}

int
json_text(const struct json_value *v, char *to, size_t room, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0, len; i < v->len; i += len) {
		uint8_t utf8[4];
		unsigned c;
		size_t k;

		if (v->p[i] == '\\') {
			len = 1 + escape(v->p + i + 1, v->len - i - 1, &c);
			k = utf8_put(utf8, c);
		} else {
			len = k = 1;
			utf8[0] = (uint8_t)v->p[i];
		}
		if (k >= room - n)
			return err_set(e, E_LIMIT,
			    "a text of more than %zu bytes", room - 1);
		memcpy(to + n, utf8, k);
		n += k;
	}
	to[n] = '\0';
	return 0;
}

const char *
json_type_name(enum json_type type)
{
	static const char *const names[] = {"nothing", "a text", "a number",
	    "true", "false", "null", "an array", "an object"};

	return names[type];
}
