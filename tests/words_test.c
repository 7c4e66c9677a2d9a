/* SPDX-License-Identifier: ISC */
#include "lib/base/words.h"

#include <string.h>

#include "tests/t.h"

T_TEST(sizes_are_read_by_people)
{
	static const struct {
		uint64_t n;
		const char *text;
	} rows[] = {
	    {0, "0 bytes"},
	    {1, "1 byte"},
	    {1023, "1023 bytes"},
	    {1024, "1.0 KiB"},
	    {1024 + 51, "1.0 KiB"},
	    {1024 + 52, "1.1 KiB"},
	    {1048576 - 52, "1023.9 KiB"},
	    {1048576 - 51, "1.0 MiB"},
	    {24736874496, "23.0 GiB"},
	    {(uint64_t)5 << 40, "5.0 TiB"},
	    {(uint64_t)1 << 50, "1.0 PiB"},
	    {UINT64_MAX, "16.0 EiB"},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		T_STR(words_size(rows[i].n).s, rows[i].text);
}

T_TEST(the_last_word_takes_the_plural)
{
	static const struct {
		uint64_t n;
		const char *one, *text;
	} rows[] = {
	    {1, "update", "1 update"},
	    {0, "update", "0 updates"},
	    {2, "payload file", "2 payload files"},
	    {3, "entry", "3 entries"},
	    {3, "key", "3 keys"},
	    {3, "y", "3 ys"},
	    {2, "prefix", "2 prefixes"},
	    {2, "alias", "2 aliases"},
	    {2, "batch", "2 batches"},
	    {2, "hash", "2 hashes"},
	    {1, "alias", "1 alias"},
	    {1, "entry", "1 entry"},
	    {UINT64_MAX, "file", "18446744073709551615 files"},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		T_STR(words_count(rows[i].n, rows[i].one).s, rows[i].text);
	T_STR(words_pick(1, "is", "are"), "is");
	T_STR(words_pick(0, "is", "are"), "are");
}

T_TEST(a_word_that_is_too_long_is_cut)
{
	static const char word[] =
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

	T_EQ(strlen(words_count(2, word).s), sizeof(struct words) - 1);
}

T_MAIN
