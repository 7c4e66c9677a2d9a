/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <time.h>

#include "lib/base/enc.h"

T_TEST(every_folder_name_has_two_upper_case_digits)
{
	char hex[3], want[3];
	uint8_t b, back;
	unsigned i;

	for (i = 0; i < 256; i++) {
		b = (uint8_t)i;
		hex_upper(hex, &b, 1);
		(void)snprintf(want, sizeof(want), "%02X", i);
		T_STR(hex, want);
		T_OK(hex_read(&back, 1, hex, 2) && back == b);
		hex_lower(hex, &b, 1);
		(void)snprintf(want, sizeof(want), "%02x", i);
		T_STR(hex, want);
		T_OK(hex_read(&back, 1, hex, 2) && back == b);
	}
}

T_TEST(hex_is_read_whole_or_not)
{
	static const char *const bad[] = {"", "0", "000", "00000", "0g00",
	    "g000", "00 0", "-000", "+000", "0x00", "00\n0", "00@0", "00G0",
	    "00`0", "00/0", "00:0", "00\xc3\x84"};
	uint8_t b[2] = {0};
	size_t i;

	T_OK(hex_read(b, 2, "0aF9", 4));
	T_EQ(b[0] << 8 | b[1], 0x0af9);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (hex_read(b, 2, bad[i], strlen(bad[i])))
			t_fail(__FILE__, __LINE__, "'%s' was read", bad[i]);
	T_OK(!hex_read(b, 2,
	    "00\0"
	    "0",
	    4));
	T_OK(hex_read(b, 0, "", 0));
}

/* RFC 4648 section 10. */
static const char *const base64s[][2] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

T_TEST(base64_is_that_of_the_rfc)
{
	char text[16];
	uint8_t back[8];
	size_t i, n;

	for (i = 0; i < sizeof(base64s) / sizeof(*base64s); i++) {
		n = strlen(base64s[i][0]);
		base64_write(text, (const uint8_t *)base64s[i][0], n);
		T_STR(text, base64s[i][1]);
		T_EQ(strlen(text), BASE64_LEN(n));
		T_OK(base64_read(back, n, text, strlen(text)));
		T_MEM(back, base64s[i][0], n);
	}
}

T_TEST(base64_that_is_not_canonical_is_refused)
{
	static const struct {
		size_t n;
		const char *s;
	} bad[] = {{1, "Zh=="}, {1, "Zg="}, {1, "Zg"}, {1, "Zg==="},
	    {1, "Zm8="}, {1, "Zm9v"}, {1, "Z==="}, {1, "===="}, {1, "=g=="},
	    {1, "Zg=a"}, {1, "Zga="}, {1, "Zg=\n"}, {2, "Zm9="}, {2, "Zm8"},
	    {2, "Zm8=="}, {2, "Zm8=\n"}, {2, "Zg=="}, {3, "Zm9"}, {3, "Zm9v\n"},
	    {3, "Zm9v===="}, {3, "Zm-v"}, {3, "Zm_v"}, {3, "Z m9v"},
	    {3, "Zm9="}, {3, ""}, {0, "===="}, {0, "AAAA"}, {4, "Zm9vYg="},
	    {4, "Zg==Zm9v"}};
	uint8_t b[8];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (base64_read(b, bad[i].n, bad[i].s, strlen(bad[i].s)))
			t_fail(__FILE__, __LINE__, "'%s' was read as %zu",
			    bad[i].s, bad[i].n);
	T_OK(!base64_read(b, 3, "Zm\0v", 4));
	T_OK(!base64_read(b, SIZE_MAX, "Zm9v", 4));
}

T_TEST(a_byte_that_is_no_digit_of_base64_is_seen_wherever_it_stands)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[] = "Zm9vYmFyZm8=";
	uint8_t b[8];
	size_t at;
	int c;

	for (at = 0; at < 8; at++) {
		char was = text[at];

		for (c = 0; c < 256; c++) {
			text[at] = (char)c;
			T_EQ(base64_read(b, 8, text, 12),
			    memchr(digits, c, sizeof(digits) - 1) != NULL);
		}
		text[at] = was;
	}
}

T_TEST(base64_of_random_bytes_comes_back)
{
	uint8_t in[100] = {0}, back[100];
	char text[BASE64_LEN(100) + 1];
	size_t i, n;

	for (n = 0; n <= 100; n++) {
		for (i = 0; i < n; i++)
			in[i] = (uint8_t)t_random();
		base64_write(text, in, n);
		T_OK(base64_read(back, n, text, strlen(text)));
		T_MEM(in, back, n);
	}
}

T_TEST(a_guid_is_read_in_either_case_and_written_lower)
{
	static const char up[] = "00112233-4455-6677-8899-AABBCCDDEEFF";
	static const char low[] = "00112233-4455-6677-8899-aabbccddeeff";
	char text[GUID_LEN + 1];
	struct guid g, h;
	unsigned i;

	T_OK(guid_read(&g, up, GUID_LEN));
	for (i = 0; i < 16; i++)
		T_EQ(g.b[i], i * 0x11);
	guid_write(text, &g);
	T_STR(text, low);
	T_OK(guid_read(&h, low, GUID_LEN));
	T_EQ(guid_cmp(&g, &h), 0);
	h.b[15]--;
	T_OK(guid_cmp(&g, &h) > 0);
	h.b[0]++;
	T_OK(guid_cmp(&g, &h) < 0);
}

T_TEST(every_damaged_guid_is_refused)
{
	static const char good[] = "00112233-4455-6677-8899-aabbccddeeff";
	static const char bad[] = "g-{} \n";
	char text[GUID_LEN + 2];
	struct guid g;
	size_t i, j;

	for (i = 0; i < GUID_LEN; i++) {
		T_OK(!guid_read(&g, good, i));
		for (j = 0; j < sizeof(bad); j++) {
			memcpy(text, good, sizeof(good));
			text[i] = bad[j];
			if (bad[j] != good[i] && guid_read(&g, text, GUID_LEN))
				t_fail(__FILE__, __LINE__, "'%s'", text);
		}
		memcpy(text, good, sizeof(good));
		if (good[i] == '-')
			text[i] = '0';
		else
			continue;
		T_OK(!guid_read(&g, text, GUID_LEN));
	}
	T_OK(!guid_read(&g, "{00112233-4455-6677-8899-aabbccddeeff}", 38));
	T_OK(!guid_read(&g, "00112233-4455-6677-8899-aabbccddeefff", 37));
}

T_TEST(random_guids_are_version_4_and_differ)
{
	struct err e = ERR_INIT;
	char text[GUID_LEN + 1];
	struct guid g[64];
	unsigned i, j;

	for (i = 0; i < 64; i++) {
		T_CALL(guid_random(&g[i], &e), &e);
		guid_write(text, &g[i]);
		T_EQ(text[14], '4');
		T_OK(strchr("89ab", text[19]) != NULL);
		for (j = 0; j < i; j++)
			T_OK(guid_cmp(&g[i], &g[j]) != 0);
	}
}

static const struct {
	const char *s;
	int64_t t;
} times[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1969-12-31T23:59:59Z", -1},
    {"2024-06-19T17:11:14Z", 1718817074},
    {"2000-02-29T12:00:00Z", 951825600},
    {"2000-03-01T00:00:00Z", 951868800},
    {"2038-01-19T03:14:08Z", INT64_C(2147483648)},
    {"1900-03-01T00:00:00Z", INT64_C(-2203891200)},
    {"1601-01-01T00:00:00Z", INT64_C(-11644473600)},
    {"0001-01-01T00:00:00Z", INT64_C(-62135596800)},
    {"9999-12-31T23:59:59Z", INT64_C(253402300799)},
};

T_TEST(known_times_are_read_and_written)
{
	char text[UTC_LEN + 1];
	int64_t t;
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(*times); i++) {
		T_OK(utc_read(&t, times[i].s, UTC_LEN));
		T_EQ(t, times[i].t);
		utc_write(text, t);
		T_STR(text, times[i].s);
	}
	T_OK(utc_read(&t, "2024-06-19T17:11:14.9999999Z", 28));
	T_EQ(t, 1718817074);
	T_OK(utc_read(&t, "1969-12-31T23:59:59.5Z", 22));
	T_EQ(t, -1);
	utc_write(text, INT64_MIN);
	T_STR(text, "0001-01-01T00:00:00Z");
	utc_write(text, INT64_MAX);
	T_STR(text, "9999-12-31T23:59:59Z");
}

/* The C library counts years as we do: every day, and seconds at random. */
T_TEST(times_agree_with_the_library)
{
	char text[UTC_LEN + 1], want[UTC_LEN + 1];
	struct tm tm;
	time_t t = -62135596800;
	int64_t back;
	unsigned i;

	for (i = 0; i < 3652059; i += 1 + (unsigned)(t_random() % 60)) {
		t = -62135596800 + (time_t)i * 86400 +
		    (time_t)(t_random() % 86400);
		if (gmtime_r(&t, &tm) == NULL)
			break;
		(void)snprintf(want, sizeof(want),
		    "%04u-%02u-%02uT%02u:%02u:%02uZ",
		    (unsigned)(tm.tm_year + 1900) % 10000,
		    (unsigned)(tm.tm_mon + 1) % 100, (unsigned)tm.tm_mday % 100,
		    (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
		    (unsigned)tm.tm_sec % 100);
		utc_write(text, t);
		if (strcmp(text, want) != 0 ||
		    !utc_read(&back, want, UTC_LEN) || back != t) {
			t_fail(__FILE__, __LINE__, "%lld is '%s', not '%s'",
			    (long long)t, text, want);
			break;
		}
	}
}

T_TEST(what_is_no_time_is_refused)
{
	static const char *const bad[] = {"", "Z", "2024-06-19",
	    "2024-06-19T17:11:14", "2024-06-19T17:11:14z",
	    "2024-06-19 17:11:14Z", "2024-06-19t17:11:14Z",
	    "2024-06-19T17:11:14.Z", "2024-06-19T17:11:14,5Z",
	    "2024-06-19T17:11:14.5", "2024-06-19T17:11:14.5 Z",
	    "2024-06-19T17:11:14.-Z", "2024-06-19T17:11:14+00:00",
	    "2024-06-19T17:11:14ZZ", "2024-06-19T17:11:60Z",
	    "2024-06-19T17:60:14Z", "2024-06-19T24:00:00Z",
	    "2024-00-19T17:11:14Z", "2024-13-19T17:11:14Z",
	    "2024-06-00T17:11:14Z", "2024-06-31T17:11:14Z",
	    "2023-02-29T17:11:14Z", "1900-02-29T00:00:00Z",
	    "2024-02-30T17:11:14Z", "0000-01-01T00:00:00Z",
	    "-024-06-19T17:11:14Z", "2024/06-19T17:11:14Z",
	    "2024-06/19T17:11:14Z", "2024-06-19T17.11:14Z",
	    "2024-06-19T17:11.14Z", "2024-6-019T17:11:14Z",
	    "2024-06-19T 7:11:14Z", "12024-06-19T17:11:14Z"};
	int64_t t;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (utc_read(&t, bad[i], strlen(bad[i])))
			t_fail(__FILE__, __LINE__, "'%s' was read", bad[i]);
}

T_TEST(now_is_now_or_what_the_build_says)
{
	static const char *const bad[] = {"", " 1", "1 ", "-1", "+1", "0x1",
	    "1.0", "253402300800", "99999999999999999999"};
	struct err e = ERR_INIT;
	int64_t t = 0;
	size_t i;

	T_EQ(unsetenv("SOURCE_DATE_EPOCH"), 0);
	T_CALL(utc_now(&t, &e), &e);
	T_OK(t >= time(NULL) - 2 && t <= time(NULL) + 2);
	T_EQ(setenv("SOURCE_DATE_EPOCH", "1718817074", 1), 0);
	T_CALL(utc_now(&t, &e), &e);
	T_EQ(t, 1718817074);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		T_EQ(setenv("SOURCE_DATE_EPOCH", bad[i], 1), 0);
		T_FAILS(utc_now(&t, &e), &e, E_USAGE, "SOURCE_DATE_EPOCH");
	}
	T_EQ(unsetenv("SOURCE_DATE_EPOCH"), 0);
}

struct utf8_row {
	const char *s;
	unsigned len; /* of the first sequence; 0: malformed */
};

static const struct utf8_row utf8s[] = {
    {"\x7f", 1},
    {"\xc2\x80", 2},
    {"\xdf\xbf", 2},
    {"\xe0\xa0\x80", 3},
    {"\xe1\x80\x80", 3},
    {"\xed\x9f\xbf", 3},
    {"\xee\x80\x80", 3},
    {"\xef\xbf\xbf", 3},
    {"\xf0\x90\x80\x80", 4},
    {"\xf3\xbf\xbf\xbf", 4},
    {"\xf4\x8f\xbf\xbf", 4},
    /* a continuation alone */
    {"\x80", 0},
    {"\xbf", 0},
    /* overlong */
    {"\xc0\x80", 0},
    {"\xc1\xbf", 0},
    {"\xe0\x80\x80", 0},
    {"\xe0\x9f\xbf", 0},
    {"\xf0\x80\x80\x80", 0},
    {"\xf0\x8f\xbf\xbf", 0},
    {"\xf8\x88\x80\x80\x80", 0},
    /* surrogates, single and paired */
    {"\xed\xa0\x80", 0},
    {"\xed\xbf\xbf", 0},
    {"\xed\xa0\xbd\xed\xb8\x80", 0},
    /* above U+10FFFF */
    {"\xf4\x90\x80\x80", 0},
    {"\xf5\x80\x80\x80", 0},
    {"\xf7\xbf\xbf\xbf", 0},
    {"\xfb\xbf\xbf\xbf\xbf", 0},
    {"\xfe", 0},
    {"\xff", 0},
    /* cut short */
    {"\xc2", 0},
    {"\xe2", 0},
    {"\xe2\x82", 0},
    {"\xf0", 0},
    {"\xf0\x9f", 0},
    {"\xf0\x9f\x98", 0},
    /* interrupted */
    {"\xc2\x41", 0},
    {"\xe2\x41\x80", 0},
    {"\xe2\x82\x41", 0},
    {"\xe2\x82\xc2", 0},
    {"\xf0\x9f\x98\x41", 0},
    {"\xf0\x9f\x41\x80", 0},
    {"\xf0\x41\x98\x80", 0},
};

T_TEST(malformed_utf8_is_malformed)
{
	char padded[64];
	const uint8_t *p;
	size_t i, n, pad;

	for (i = 0; i < sizeof(utf8s) / sizeof(*utf8s); i++) {
		p = (const uint8_t *)utf8s[i].s;
		n = strlen(utf8s[i].s);
		if (utf8_len(p, n) != utf8s[i].len)
			t_fail(__FILE__, __LINE__, "row %zu: %u, not %u", i,
			    utf8_len(p, n), utf8s[i].len);
		/* Around the steps of eight bytes. */
		for (pad = 0; pad < 20; pad++) {
			memset(padded, 'a', sizeof(padded));
			memcpy(padded + pad, p, n);
			T_EQ(utf8_valid((const uint8_t *)padded, pad + n),
			    utf8s[i].len == n);
			T_EQ(utf8_valid((const uint8_t *)padded, 40),
			    utf8s[i].len == n);
		}
	}
	T_EQ(utf8_len((const uint8_t *)"a", 0), 0);
	T_EQ(utf8_len((const uint8_t *)"", 1), 1);
	T_EQ(utf8_valid((const uint8_t *)"", 0), true);
}

static unsigned
encode(uint8_t p[4], uint32_t c)
{
	if (c < 0x80) {
		p[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (uint8_t)(0xc0 | c >> 6);
		p[1] = (uint8_t)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (uint8_t)(0xe0 | c >> 12);
		p[1] = (uint8_t)(0x80 | (c >> 6 & 63));
		p[2] = (uint8_t)(0x80 | (c & 63));
		return 3;
	}
	p[0] = (uint8_t)(0xf0 | c >> 18);
	p[1] = (uint8_t)(0x80 | (c >> 12 & 63));
	p[2] = (uint8_t)(0x80 | (c >> 6 & 63));
	p[3] = (uint8_t)(0x80 | (c & 63));
	return 4;
}

T_TEST(every_character_is_well_formed_and_nothing_else)
{
	uint8_t p[4];
	uint32_t c, ngood = 0;
	unsigned n, k;

	for (c = 0; c < 0x110000; c++) {
		n = encode(p, c);
		if (c >= 0xd800 && c < 0xe000) {
			T_EQ(utf8_len(p, n), 0);
			continue;
		}
		if (utf8_len(p, n) != n || utf8_units(p, n) != 1u + (n == 4))
			t_fail(__FILE__, __LINE__, "U+%04X", c);
		for (k = 0; k < n; k++)
			if (utf8_len(p, k) != 0)
				t_fail(__FILE__, __LINE__, "U+%04X cut", c);
	}
	for (c = 0; c < 0x1000000; c++) {
		p[0] = (uint8_t)(c >> 16);
		p[1] = (uint8_t)(c >> 8);
		p[2] = (uint8_t)c;
		ngood += utf8_len(p, 3) == 3;
	}
	T_EQ(ngood, 0x10000 - 0x800 - 0x800);
}

T_TEST(units_are_those_of_utf16)
{
	static const uint8_t text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z";

	T_EQ(utf8_units(text, sizeof(text) - 1), 6);
	T_EQ(utf8_units(text, 0), 0);
}

/* Eight bytes are looked at together: a sequence at every place in them. */
T_TEST(units_are_the_same_wherever_a_sequence_stands)
{
	static const char *const rows[] = {"\x7f", "\xc2\x80", "\xdf\xbf",
	    "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
	uint8_t text[32];

	for (size_t i = 0; i < 6 * 20; i++) {
		size_t at = i / 6, len = strlen(rows[i % 6]);

		memset(text, 'a', sizeof(text));
		memcpy(text + at, rows[i % 6], len);
		T_EQ(utf8_units(text, at + len), at + 1 + (len == 4));
		T_EQ(utf8_units(text, 32), 32 - len + 1 + (len == 4));
	}
}

T_TEST(numbers_are_read_whole_and_within_their_range)
{
	static const char *const bad[] = {
	    "", " 1", "1 ", "+1", "-1", "1a", "a", "0x1", "1.0", "1\n"};
	uint64_t v = 7;
	size_t i;

	T_OK(num_read(&v, "18446744073709551615", 20, 0, UINT64_MAX));
	T_OK(v == UINT64_MAX);
	T_OK(!num_read(&v, "18446744073709551616", 20, 0, UINT64_MAX));
	T_OK(!num_read(&v, "99999999999999999999", 20, 0, UINT64_MAX));
	T_OK(!num_read(&v, "184467440737095516150", 21, 0, UINT64_MAX));
	T_OK(num_read(&v, "007", 3, 7, 7) && v == 7);
	T_OK(num_read(&v, "123", 2, 0, 99) && v == 12);
	T_OK(!num_read(&v, "6", 1, 7, 9));
	T_OK(!num_read(&v, "10", 2, 7, 9));
	T_OK(hex_number(&v, "fFfFffffFFFFffff", 16) && v == UINT64_MAX);
	T_OK(hex_number(&v, "00000000000000000a", 18) && v == 10);
	T_OK(!hex_number(&v, "10000000000000000", 17));
	T_OK(!hex_number(&v, "0x1", 3));
	T_OK(!hex_number(&v, "g", 1));
	T_OK(!hex_number(&v, "", 0));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		T_OK(!num_read(&v, bad[i], strlen(bad[i]), 0, 99));
	T_EQ(v, 10);
}

T_MAIN
