/* SPDX-License-Identifier: ISC */
#include "lib/base/blake.h"

#include "lib/base/enc.h"
#include "tests/t.h"

/* RFC 7693, appendix A; the shorter one by b2sum -l 256. */
T_TEST(abc)
{
	uint8_t digest[64];
	char hex[129];

	blake_of(digest, 64, "abc", 3);
	hex_lower(hex, digest, 64);
	T_STR(hex,
	    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
	    "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
	blake_of(digest, BLAKE_LEN, "abc", 3);
	hex_lower(hex, digest, BLAKE_LEN);
	T_STR(hex,
	    "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

T_TEST(in_parts_the_same)
{
	uint8_t text[1000], whole[BLAKE_LEN], parts[BLAKE_LEN];
	struct blake b;
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)i;
	blake_of(whole, sizeof(whole), text, sizeof(text));
	blake_begin(&b, sizeof(parts));
	for (i = 0; i < sizeof(text); i += 125)
		blake_add(&b, text + i, 125);
	blake_end(&b, parts, sizeof(parts));
	T_MEM(parts, whole, sizeof(whole));
}

T_MAIN
