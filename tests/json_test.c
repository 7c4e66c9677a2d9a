/* SPDX-License-Identifier: ISC */
#include "lib/base/json.h"

#include "tests/t.h"

static void
string_is(const char *v, size_t n, const char *expected)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_strn(&j, "k", v, n);
	T_STR(json_end(&j), expected);
	json_free(&j);
}

T_TEST(an_empty_object)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	T_STR(json_end(&j), "{}");
	json_free(&j);
	json_free(&j);
}

T_TEST(every_kind_of_member)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "s", "text");
	json_str(&j, "nothing", NULL);
	json_num(&j, "n", UINT64_MAX);
	json_num(&j, "zero", 0);
	json_bool(&j, "yes", true);
	json_bool(&j, "no", false);
	json_list(&j, "empty");
	json_list_end(&j);
	json_list(&j, "l");
	json_item(&j, "a");
	json_item(&j, "b\"");
	json_list_end(&j);
	json_str(&j, "last", "");
	T_STR(json_end(&j),
	    "{\"s\":\"text\",\"nothing\":null,\"n\":18446744073709551615,"
	    "\"zero\":0,\"yes\":true,\"no\":false,\"empty\":[],"
	    "\"l\":[\"a\",\"b\\\"\"],\"last\":\"\"}");
	json_free(&j);
}

T_TEST(control_characters_quotes_and_backslashes_are_escaped)
{
	static const char all[] = "\x01\x1f\b\t\n\f\r\"\\/\x7f";

	string_is(all, sizeof(all) - 1,
	    "{\"k\":\"\\u0001\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\\u007f\"}");
	string_is("a\0b", 3, "{\"k\":\"a\\u0000b\"}");
	string_is("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", 8,
	    "{\"k\":\"\\u0080\\u009b\\u009f\xc2\xa0\"}");
}

T_TEST(good_utf8_stays)
{
	string_is("\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xa2z", 10,
	    "{\"k\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xa2z\"}");
}

#define BAD "\xef\xbf\xbd"

T_TEST(invalid_utf8_becomes_replacement_characters)
{
	string_is("a\xff"
		  "b",
	    3, "{\"k\":\"a" BAD "b\"}");
	string_is("\xc3", 1, "{\"k\":\"" BAD "\"}");
	string_is("\xe2\x82", 2, "{\"k\":\"" BAD BAD "\"}");
	string_is("\xed\xa0\x80", 3, "{\"k\":\"" BAD BAD BAD "\"}");
	string_is("\xc0\xaf", 2, "{\"k\":\"" BAD BAD "\"}");
	string_is("\xf4\x90\x80\x80", 4, "{\"k\":\"" BAD BAD BAD BAD "\"}");
	string_is("\x80\"", 2, "{\"k\":\"" BAD "\\\"\"}");
}

T_TEST(a_key_is_escaped_too)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_num(&j, "a\"\n", 1);
	T_STR(json_end(&j), "{\"a\\\"\\n\":1}");
	json_free(&j);
}

T_TEST(begin_starts_afresh)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "old", "value");
	json_begin(&j);
	json_num(&j, "new", 1);
	T_STR(json_end(&j), "{\"new\":1}");
	json_free(&j);
}

T_TEST(a_failure_on_the_way_is_told_at_the_end)
{
	struct json j = JSON_INIT;

	j.b.max = 16;
	json_begin(&j);
	json_str(&j, "k", "more than sixteen bytes of text");
	json_num(&j, "n", 1);
	T_OK(json_end(&j) == NULL);
	json_free(&j);
}

T_TEST(members_without_begin_are_a_failure)
{
	struct json j = JSON_INIT;

	json_num(&j, "n", 1);
	T_OK(json_end(&j) == NULL);
	json_free(&j);
}

T_MAIN
