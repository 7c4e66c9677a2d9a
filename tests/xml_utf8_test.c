/* SPDX-License-Identifier: ISC */
/* The check of UTF-8 in blocks, against the one by sequence of enc.h. */
#include "formats/xml.h"

#include "lib/base/enc.h"
#include "tests/t.h"

static struct xml *x;

/* Where the first malformed sequence begins, or n. */
static size_t
plain(const uint8_t *p, size_t n)
{
	size_t i = 0;
	unsigned len;

	for (; i < n && (len = utf8_len(p + i, n - i)) > 0; i += len)
		;
	return i;
}

static void
compare(const uint8_t *doc, size_t n, size_t step)
{
	struct err e = ERR_INIT;
	size_t want = plain(doc, n), i, len;
	int r = 0;
	bool refused;

	xml_reset(x, NULL);
	for (i = 0; step > 0 && i < n && r == 0; i += len) {
		len = n - i < step ? n - i : step;
		r = xml_push(x, doc + i, len, &e);
	}
	if (r == 0)
		r = step > 0 ? xml_finish(x, &e) : xml_parse(x, doc, n, &e);
	refused = r == -1 && strstr(e.msg, "not UTF-8") != NULL;
	if (refused != (want < n) || (refused && e.at != want))
		t_fail(__FILE__, __LINE__,
		    "bytes %02x %02x in steps of %zu: '%s' at %" PRIu64
		    ", expected %zu of %zu",
		    doc[want < n ? want : 0], doc[want + 1 < n ? want + 1 : 0],
		    step, e.msg, e.at, want, n);
}

static void
open_parser(void)
{
	static const struct xml_handler none = {NULL, NULL, NULL};
	struct err e = ERR_INIT;

	xml_init();
	T_CALL(xml_open(&x, &none, NULL, NULL, &e), &e);
}

/* Every pair of bytes, before the edge of a block, over it and behind it. */
T_TEST(every_pair_of_bytes_at_the_edges_of_blocks)
{
	static const size_t at[] = {3, 62, 63, 64, 65, 66, 130};
	uint8_t doc[200];
	unsigned pair;
	size_t i;

	open_parser();
	for (pair = 0x8080; pair <= 0xffff; pair++)
		for (i = 0; i < sizeof(at) / sizeof(*at); i++) {
			memset(doc, 'x', sizeof(doc));
			memcpy(doc, "<a>", 3);
			memcpy(doc + sizeof(doc) - 4, "</a>", 4);
			doc[at[i]] = (uint8_t)(pair >> 8);
			doc[at[i] + 1] = (uint8_t)pair;
			if (pair >= 0xe000)
				doc[at[i] + 2] = 0x80;
			if (pair >= 0xf000)
				doc[at[i] + 3] = 0xbf;
			compare(doc, sizeof(doc), 0);
		}
	xml_close(x);
}

static size_t
random_text(uint8_t *p, size_t n)
{
	static const char *const kinds[] = {"x", "y\n", "\xc3\xa9", "\xdf\xbf",
	    "\xe0\xa4\x85", "\xe2\x82\xac", "\xed\x9f\xbf", "\xef\xbf\xbd",
	    "\xf0\x90\x80\x80", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbd"};
	size_t at = 0, len;
	const char *s;
	unsigned ascii = (unsigned)(t_random() % 100);

	while (n - at >= 4) {
		s = kinds[t_random() % 100 < ascii ? 0 : t_random() % 11];
		len = strlen(s);
		memcpy(p + at, s, len);
		at += len;
	}
	return at;
}

T_TEST(random_text_with_a_random_byte)
{
	static const size_t steps[] = {0, 1, 5, 64, 100};
	uint8_t doc[400];
	unsigned round;
	size_t n;

	open_parser();
	for (round = 0; round < 40000; round++) {
		memcpy(doc, "<a>", 3);
		n = 3 + random_text(doc + 3, t_random() % 350);
		memcpy(doc + n, "</a>", 4);
		if (n > 3 && round % 4 != 0)
			doc[3 + t_random() % (n - 3)] = (uint8_t)(0x80 |
			    (t_random() & 0x7f));
		compare(doc, n + 4, steps[round % 5]);
	}
	xml_close(x);
}

T_MAIN
