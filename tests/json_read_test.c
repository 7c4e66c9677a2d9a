/* SPDX-License-Identifier: ISC */
#include "lib/base/json_read.h"

#include "tests/t.h"

#define KEY "0123456789012345678901234567890123456789012345678901234567890123"

struct seen {
	char text[512];
};

/* "key type value|" for each member; a text decoded. */
static int
note(void *arg, const char *key, const struct json_value *v, struct err *e)
{
	struct seen *s = arg;
	char text[64] = "";
	size_t n = strlen(s->text);

	if (v->type == JSON_TEXT) {
		if (json_text(v, text, sizeof(text), e) == -1)
			return -1;
	} else {
		snprintf(text, sizeof(text), "%.*s", (int)v->len, v->p);
	}
	snprintf(s->text + n, sizeof(s->text) - n, "%s %s %s|", key,
	    json_type_name(v->type), text);
	return 0;
}

static int
read_from(const char *p, size_t n, struct seen *s, struct err *e)
{
	char *copy = malloc(n + 1); /* no byte behind it, for the checker */
	int r;

	s->text[0] = '\0';
	memcpy(copy, p, n);
	copy = realloc(copy, n == 0 ? 1 : n);
	r = json_read(copy, n, note, s, e);
	free(copy);
	return r;
}

T_TEST(members_are_told_as_they_stand)
{
	static const struct {
		const char *text, *seen;
	} rows[] = {
	    {"{}", ""},
	    {" {\t} ", ""},
	    {"{\"a\":\"b\"}", "a a text b|"},
	    {"{ \"a\" : 1 , \"b\" : -0.5e+3 }",
		"a a number 1|b a number -0.5e+3|"},
	    {"{\"a\":true,\"b\":false,\"c\":null}",
		"a true true|b false false|c null null|"},
	    {"{\"a\":[],\"b\":{}}", "a an array []|b an object {}|"},
	    {"{\"a\":[1,[\"x\",{\"y\":[]}]],\"b\":0}",
		"a an array [1,[\"x\",{\"y\":[]}]]|b a number 0|"},
	    {"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
		"a a text \"\\/\b\f\n\r\t|"},
	    {"{\"\\u0074\":\"\\u00e4\\u20AC\\uD83D\\ude00\"}",
		"t a text \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80|"},
	    {"{\"\":\"\xc3\xa4\x7f\"}", " a text \xc3\xa4\x7f|"},
	    {"{\"a\":1,\"a\":2}", "a a number 1|a a number 2|"},
	    {"{\"" KEY "\":1}", KEY " a number 1|"},
	    {"{\"" KEY "x\":1}", " a number 1|"},
	};
	struct err e = ERR_INIT;
	struct seen s;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		T_CALL(
		    read_from(rows[i].text, strlen(rows[i].text), &s, &e), &e);
		err_clear(&e);
		T_STR(s.text, rows[i].seen);
	}
}

T_TEST(what_is_no_object_is_refused_with_its_place)
{
	static const struct {
		const char *text;
		uint64_t at;
		const char *msg;
	} rows[] = {
	    {"", 0, "column 1: expected a JSON object, found the end"},
	    {"[1]", 0, "column 1: expected a JSON object, found '['"},
	    {"{", 1, "expected a key in quotes, found the end"},
	    {"{a:1}", 1, "expected a key in quotes, found 'a'"},
	    {"{\"a\"}", 4, "expected a colon, found '}'"},
	    {"{\"a\":}", 5, "column 6: expected a value, found '}'"},
	    {"{\"a\":1,}", 7, "expected a key in quotes, found '}'"},
	    {"{\"a\":1 \"b\":2}", 7, "expected a comma or a closing brace"},
	    {"{\"a\":1]", 6, "expected a comma or a closing brace"},
	    {"{\"a\":[1}", 7, "expected a comma or a closing bracket"},
	    {"{\"a\":[1,]}", 8, "expected a value, found ']'"},
	    {"{\"a\":{\"b\"}}", 9, "expected a colon"},
	    {"{\"a\":1} {}", 8, "expected nothing behind the object"},
	    {"{\"a\":1}\r", 7, "found byte 0d"},
	    {"{\"a\":tru}", 5, "expected a value, found 't'"},
	    {"{\"a\":01}", 6, "expected a comma or a closing brace"},
	    {"{\"a\":-}", 6, "expected a digit"},
	    {"{\"a\":1.}", 7, "expected a digit"},
	    {"{\"a\":1e}", 7, "expected a digit"},
	    {"{\"a\":+1}", 5, "expected a value, found '+'"},
	    {"{\"a\":\"b}", 8, "expected a text and its closing quote"},
	    {"{\"a\":\"b\tc\"}", 7, "found byte 09"},
	    {"{\"a\":\"\\x\"}", 6, "expected an escape of JSON"},
	    {"{\"a\":\"\\u0000\"}", 6, "without NUL"},
	    {"{\"a\":\"\\ud800\"}", 6, "half a pair of surrogates"},
	    {"{\"a\":\"\\ud800\\u0041\"}", 6, "surrogates"},
	    {"{\"a\":\"\\udc00\\ud800\"}", 6, "surrogates"},
	    {"{\"a\":\"\\u12g4\"}", 6, "expected an escape"},
	    {"{\"a\":\"M\xfcnchen\"}", 7, "expected UTF-8, found byte fc"},
	    {"{\"a\xff\":1}", 3, "expected UTF-8, found byte ff"},
	    {"{\"a\":[\"\xff\"]}", 7, "expected UTF-8"},
	};
	struct err e = ERR_INIT;
	struct seen s;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = read_from(rows[i].text, strlen(rows[i].text), &s, &e);

		T_EQ(e.at, rows[i].at);
		T_FAILS(r, &e, E_FORMAT, rows[i].msg);
	}
	T_FAILS(read_from("{\"a\":\"\0\"}", 9, &s, &e), &e, E_FORMAT,
	    "found byte 00");
}

T_TEST(depth_is_limited)
{
	char text[128];
	struct err e = ERR_INIT;
	struct seen s;

	for (int deep = 14; deep < 20; deep++) {
		int n = snprintf(text, sizeof(text), "{\"a\":%.*s%.*s}", deep,
		    "[[[[[[[[[[[[[[[[[[[[", deep, "]]]]]]]]]]]]]]]]]]]]");

		if (deep < JSON_MAX_DEPTH)
			T_CALL(read_from(text, (size_t)n, &s, &e), &e);
		else
			T_FAILS(read_from(text, (size_t)n, &s, &e), &e, E_LIMIT,
			    "more than 16 objects and arrays");
	}
}

T_TEST(a_text_that_does_not_fit_is_refused)
{
	struct json_value v = {.type = JSON_TEXT, .p = "\\u20acab", .len = 8};
	struct err e = ERR_INIT;
	char to[6];

	T_CALL(json_text(&v, to, 6, &e), &e);
	T_STR(to,
	    "\xe2\x82\xac"
	    "ab");
	T_FAILS(json_text(&v, to, 5, &e), &e, E_LIMIT, "more than 4 bytes");
}

T_TEST(every_truncation_is_an_error)
{
	static const char text[] = "{\"a\":[1,{\"b\":\"\\u20ac\\n\"}],"
				   "\"c\":-1.5e3,\"d\":true}";
	struct seen s;

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		struct err e = ERR_INIT;

		T_EQ(read_from(text, n, &s, &e), -1);
		T_EQ(e.kind, E_FORMAT);
	}
}

T_MAIN
