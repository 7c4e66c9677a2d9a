/* SPDX-License-Identifier: ISC */
/* What is noted beside a download. */
#include "lib/base/buf.h"
#include "lib/net/http.h"
#include "lib/fetch/download.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define GOOD                                                                   \
	"wsusferry-part 1\nurl http://h:1/Content/a.cab\nsize 12\n"            \
	"etag \"x\"\nmodified Sun, 06 Nov 1994 08:49:37 GMT\nend\n"

static bool
reads(const char *s)
{
	struct download_info i;

	return download_info_read(&i, s, strlen(s));
}

T_TEST(a_note_says_what_a_part_is_of)
{
	struct download_info i;

	T_OK(download_info_read(&i, GOOD, strlen(GOOD)));
	T_STR(i.url, "http://h:1/Content/a.cab");
	T_EQ(i.size, 12);
	T_STR(i.etag, "\"x\"");
	T_STR(i.modified, "Sun, 06 Nov 1994 08:49:37 GMT");
	T_STR(download_validator(&i), "\"x\"");
	i.etag[0] = '\0';
	T_STR(download_validator(&i), i.modified);
	i.modified[0] = '\0';
	T_OK(download_validator(&i) == NULL);
	T_OK(reads("wsusferry-part 1\nurl http://h/\nsize -\nend\n"));
}

T_TEST(a_note_reads_back_as_it_was_written)
{
	struct download_info i, j;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	T_OK(download_info_read(&i, GOOD, strlen(GOOD)));
	T_CALL(download_info_write(&i, &b, &e), &e);
	T_EQ(b.len, strlen(GOOD));
	T_MEM(b.p, GOOD, strlen(GOOD));
	buf_reset(&b);
	i.size = DOWNLOAD_ANY;
	i.etag[0] = '\0';
	T_CALL(download_info_write(&i, &b, &e), &e);
	T_OK(download_info_read(&j, b.p, b.len));
	T_EQ(j.size == DOWNLOAD_ANY, 1);
	T_STR(j.etag, "");
	T_STR(j.modified, i.modified);
	buf_free(&b);
}

T_TEST(anything_else_is_no_note)
{
	static const char *const rows[] = {"",
	    "wsusferry-part 2\nurl http://h/\nsize 1\nend\n",
	    "wsusferry-part 1\nsize 1\nend\n",
	    "wsusferry-part 1\nurl \nsize 1\nend\n",
	    "wsusferry-part 1\nurl http://h/a b\nsize 1\nend\n",
	    "wsusferry-part 1\nurl http://h/\r\nsize 1\nend\n",
	    "wsusferry-part 1\nurl http://h/\xc3\xa4\nsize 1\nend\n",
	    "wsusferry-part 1\nurl http://h/\nsize -1\nend\n",
	    "wsusferry-part 1\nurl http://h/\nsize x\nend\n",
	    "wsusferry-part 1\nurl http://h/\nsize 9223372036854775808\nend\n",
	    "wsusferry-part 1\nurl http://h/\nsize 1\netag W/\"x\"\nend\n",
	    "wsusferry-part 1\nurl http://h/\nsize 1\netag \"\"\nend\n",
	    "wsusferry-part 1\nurl http://h/\nsize 1\netag x\nend\n",
	    "wsusferry-part 1\nurl http://h/\nsize 1\netag \"x\"y\"\nend\n",
	    "wsusferry-part 1\nurl http://h/\nsize 1\nmodified now\nend\n",
	    "wsusferry-part 1\nurl http://h/\nsize 1\nend\nend\n",
	    "wsusferry-part 1\nurl http://h/\nsize 1\nmore 1\nend\n",
	    "wsusferry-part 1\nurl http://h/\nsize 1\n"};
	static const char nul[] =
	    "wsusferry-part 1\nurl http://h/\nsize 1\netag \"x\"\0\nend\n";
	struct download_info i;

	for (size_t k = 0; k < N(rows); k++)
		if (reads(rows[k]))
			t_fail(__FILE__, __LINE__, "taken: %s", rows[k]);
	T_OK(!download_info_read(&i, nul, sizeof(nul) - 1));
}

T_TEST(every_truncation_of_a_note_is_none)
{
	struct download_info i;

	for (size_t n = 0; n < strlen(GOOD); n++) {
		char *cut = malloc(n + 1);

		memcpy(cut, GOOD, n);
		T_OK(!download_info_read(&i, cut, n));
		free(cut);
	}
}

T_TEST(a_url_has_a_limit)
{
	char url[DOWNLOAD_URL_MAX + 2], text[DOWNLOAD_URL_MAX + 100];

	memset(url, 'a', sizeof(url));
	url[DOWNLOAD_URL_MAX + 1] = '\0';
	snprintf(
	    text, sizeof(text), "wsusferry-part 1\nurl %s\nsize 1\nend\n", url);
	T_OK(!reads(text));
	url[DOWNLOAD_URL_MAX] = '\0';
	snprintf(
	    text, sizeof(text), "wsusferry-part 1\nurl %s\nsize 1\nend\n", url);
	T_OK(reads(text));
}

T_TEST(only_a_strong_validator_is_kept)
{
	static const struct {
		const char *etag, *modified;
		int64_t date;
		const char *validator; /* NULL: none */
	} rows[] = {
	    {"\"a\"", "", 0, "\"a\""},
	    {"W/\"a\"", "", 0, NULL},
	    {"a", "", 0, NULL},
	    {"\"a\nb\"", "", 0, NULL},
	    {"", "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 + 60,
		"Sun, 06 Nov 1994 08:49:37 GMT"},
	    {"", "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 + 59, NULL},
	    {"", "Sun, 06 Nov 1994 08:49:37 GMT", 0, NULL},
	    {"", "Sunday, 06-Nov-94 08:49:37 GMT", 1000000000, NULL},
	    {"", "yesterday", 1000000000, NULL},
	    {"", "", 1000000000, NULL},
	};
	struct http_head h;
	struct download_info i;

	for (size_t k = 0; k < N(rows); k++) {
		memset(&h, 0, sizeof(h));
		snprintf(h.etag, sizeof(h.etag), "%s", rows[k].etag);
		snprintf(
		    h.modified, sizeof(h.modified), "%s", rows[k].modified);
		h.date = rows[k].date;
		download_info_set(&i, "http://h/", &h, 5);
		if (rows[k].validator == NULL)
			T_OK(download_validator(&i) == NULL);
		else
			T_STR(download_validator(&i), rows[k].validator);
	}
}

T_MAIN
