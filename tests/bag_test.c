/* SPDX-License-Identifier: ISC */
#include "formats/bag.h"

#include "lib/base/buf.h"
#include "tests/t.h"

#define Z "0000000000000000000000000000000000000000000000000000000000000000"
#define F "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define DIGITS                                                                 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct told {
	struct buf back; /* written again */
	uint64_t n;
	bool refuse;
};

static int
line(void *arg, const struct bag_line *l, struct err *e)
{
	struct told *t = arg;

	if (t->refuse)
		return err_set(e, E_MISSING, "not wanted");
	return bag_put_line(&t->back, l, e);
}

static int
medium(void *arg, const struct bag_medium_line *l, struct err *e)
{
	struct told *t = arg;

	if (t->refuse)
		return err_set(e, E_MISSING, "not wanted");
	return bag_put_medium(&t->back, l, e);
}

static int
push(struct sink *s, const char *text, size_t n, size_t step, struct err *e)
{
	for (size_t at = 0; at < n;) {
		size_t k = n - at < step ? n - at : step;
		char *p = malloc(k);
		int r;

		memcpy(p, text + at, k);
		r = sink_write(s, p, k, e);
		free(p);
		if (r == -1)
			return -1;
		at += k;
	}
	return 0;
}

static int
read_manifest(struct told *t, const char *prefix, const char *text, size_t n,
    size_t step, struct err *e)
{
	struct bag_manifest *m = NULL;
	int r = -1;

	buf_reset(&t->back);
	if (bag_manifest_open(&m, prefix, line, t, e) == 0 &&
	    push(bag_manifest_sink(m), text, n, step, e) == 0)
		r = bag_manifest_finish(m, &t->n, e);
	bag_manifest_close(m);
	return r;
}

static int
read_media(
    struct told *t, const char *text, size_t n, size_t step, struct err *e)
{
	struct bag_media *m = NULL;
	int r = -1;

	buf_reset(&t->back);
	if (bag_media_open(&m, medium, t, e) == 0 &&
	    push(bag_media_sink(m), text, n, step, e) == 0)
		r = bag_media_finish(m, &t->n, e);
	bag_media_close(m);
	return r;
}

static const char manifest[] = Z
    "  data/WsusContent/8F/F572D396FAE9206628714FB2CE00F72E94F2258F.cab\n" F
    "  data/state.jsonl\n" DIGITS "  data/wsusexport.cab\n";
static const char tags[] = Z "  README.txt\n" F "  bag-info.txt\n" DIGITS
			     "  bagit.txt\n";

T_TEST(a_manifest_is_read_and_written_back_in_portions_of_any_size)
{
	struct err e = ERR_INIT;
	struct told t = {.back = BUF_INIT};
	size_t n = strlen(manifest);

	for (size_t step = 1; step <= n; step++) {
		T_CALL(read_manifest(&t, "data/", manifest, n, step, &e), &e);
		T_EQ(t.n, 3);
		T_EQ(t.back.len, n);
		T_MEM(t.back.p, manifest, n);
	}
	T_CALL(read_manifest(&t, NULL, tags, strlen(tags), 7, &e), &e);
	T_EQ(t.n, 3);
	T_MEM(t.back.p, tags, strlen(tags));
	T_CALL(read_manifest(&t, "data/", "", 0, 1, &e), &e);
	T_EQ(t.n, 0);
	buf_free(&t.back);
}

T_TEST(every_truncation_of_a_manifest_but_at_a_line_end_is_an_error)
{
	struct err e = ERR_INIT;
	struct told t = {.back = BUF_INIT};

	for (size_t n = 1; n < strlen(manifest); n++) {
		int r = read_manifest(&t, "data/", manifest, n, n, &e);

		T_EQ(r, manifest[n - 1] == '\n' ? 0 : -1);
		if (r == -1) {
			T_EQ(e.kind, E_FORMAT);
			T_EQ(e.at, n);
			T_OK(strstr(e.msg, "cut short") != NULL);
		}
		err_clear(&e);
	}
	buf_free(&t.back);
}

static const struct {
	const char *prefix, *text;
	uint64_t at;
	const char *why;
} bad_lines[] = {
    {"data/", "\n", 0, "line 1: expected 64 lower-case hex digits"},
    {"data/", DIGITS "\n", 64, "line 1: expected two spaces"},
    {"data/", "g" DIGITS "  data/a\n", 0, "64 lower-case hex"},
    {"data/",
	"A123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	"  data/a\n",
	0, "64 lower-case hex"},
    {"data/", DIGITS "0  data/a\n", 64, "two spaces"},
    {"data/", DIGITS " data/a\n", 64, "two spaces"},
    {"data/", DIGITS " *data/a\n", 64, "two spaces"},
    {"data/", DIGITS "\t data/a\n", 64, "two spaces"},
    {"data/", DIGITS "   data/a\n", 66, "unsafe name ' data/a'"},
    {"data/", DIGITS "  \n", 66, "unsafe name ''"},
    {"data/", DIGITS "  data/a\r\n", 66, "unsafe name 'data/a?'"},
    {"data/", DIGITS "  data/a \n", 66, "unsafe name"},
    {"data/", DIGITS "  data/a b\n", 66, "unsafe name"},
    {"data/", DIGITS "  /data/a\n", 66, "unsafe name"},
    {"data/", DIGITS "  ./data/a\n", 66, "unsafe name"},
    {"data/", DIGITS "  data/../a\n", 66, "unsafe name"},
    {"data/", DIGITS "  data//a\n", 66, "unsafe name"},
    {"data/", DIGITS "  data/\n", 66, "unsafe name"},
    {"data/", DIGITS "  data/.a\n", 66, "unsafe name"},
    {"data/", DIGITS "  data/a.\n", 66, "unsafe name"},
    {"data/", DIGITS "  data\\a\n", 66, "unsafe name"},
    {"data/", DIGITS "  data/%0A\n", 66, "unsafe name"},
    {"data/", DIGITS "  data/\xc3\xa9\n", 66, "unsafe name"},
    {"data/", DIGITS "  data\n", 66, "begins with 'data/', found 'data'"},
    {"data/", DIGITS "  Data/a\n", 66, "begins with 'data/'"},
    {"data/", DIGITS "  bagit.txt\n", 66, "begins with 'data/'"},
    {"data/", Z "  data/b\n" Z "  data/a\n", 139,
	"line 2: names not in byte order, 'data/a' after 'data/b'"},
    {"data/", Z "  data/a\n" Z "  data/B\n", 139, "not in byte order"},
    {"data/", Z "  data/a\n" Z "  data/a\n", 139,
	"line 2: 'data/a' a second time"},
    {"data/", Z "  data/a\n\n", 73, "line 2: expected 64"},
    {"data/", "\xef\xbb\xbf" Z "  data/a\n", 0, "line 1: expected 64"},
    {"data/", DIGITS "  data/con\n", 66,
	"line 1: 'data/con' has a part that is a device of Windows"},
    {"data/", DIGITS "  data/a/Aux.tar.gz\n", 66, "device of Windows"},
    {"data/", DIGITS "  data/com1.d/x\n", 66, "device of Windows"},
    {"data/", Z "  data/a\n" DIGITS "  data/LPT9.txt\n", 139, "device"},
    {NULL, Z "  NUL\n", 66, "device of Windows"},
    {NULL, Z "  data/a\n", 66, "'data/a': payload among the tag files"},
    {NULL, Z "  DATA/a\n", 66, "'DATA/a': payload among the tag files"},
    {NULL, Z "  TagManifest-md5.txt\n", 66, "in a tag manifest"},
    {NULL, Z "  fetch.txt\n", 66,
	"'fetch.txt': a transfer has all of its payload in it"},
    {NULL, Z "  Fetch.TXT\n", 66, "all of its payload in it"},
    {NULL, Z "  manifest-sha512.txt\n", 66,
	"'manifest-sha512.txt': a second manifest, expected manifest-sha256"},
    {NULL, Z "  manifest-md5.txt\n", 66, "a second manifest"},
    {NULL, Z "  MANIFEST-sha256.txt\n", 66, "a second manifest"},
    {NULL, Z "  tagmanifest-sha256.txt\n", 66, "in a tag manifest"},
    {NULL, Z "  tagmanifest-sha256.txt.minisig\n", 66, "in a tag manifest"},
};

T_TEST(a_manifest_of_another_form_is_refused)
{
	for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		const char *text = bad_lines[i].text;
		struct told t = {.back = BUF_INIT};
		struct err e = ERR_INIT;

		for (size_t step = 1; step < 1000; step += 998) {
			if (read_manifest(&t, bad_lines[i].prefix, text,
				strlen(text), step, &e) == 0)
				t_fail(
				    __FILE__, __LINE__, "row %zu accepted", i);
			if (e.kind != E_FORMAT || e.at != bad_lines[i].at ||
			    !strstr(e.msg, bad_lines[i].why))
				t_fail(__FILE__, __LINE__,
				    "row %zu: '%s' at %" PRIu64, i, e.msg,
				    e.at);
			err_clear(&e);
		}
		buf_free(&t.back);
	}
}

/* Any byte in place of any byte of a line is refused, or is another name. */
T_TEST(one_damaged_byte_in_a_manifest_line_is_noticed)
{
	static const char text[] = DIGITS "  data/a\n";
	struct told t = {.back = BUF_INIT};
	size_t n = strlen(text), same = 0;

	for (size_t at = 0; at < n; at++)
		for (unsigned c = 0; c < 256; c++) {
			struct err e = ERR_INIT;
			char copy[sizeof(text)];

			memcpy(copy, text, sizeof(text));
			copy[at] = (char)c;
			if (read_manifest(&t, "data/", copy, n, n, &e) == -1)
				continue;
			T_EQ(t.back.len, n);
			T_MEM(t.back.p, copy, n);
			same += memcmp(copy, text, n) == 0;
		}
	T_EQ(same, n);
	buf_free(&t.back);
}

T_TEST(a_name_of_255_bytes_is_the_longest)
{
	struct err e = ERR_INIT;
	struct told t = {.back = BUF_INIT};
	char text[700];

	snprintf(text, sizeof(text), "%s  data/%0250d\n", Z, 1);
	T_CALL(read_manifest(&t, "data/", text, strlen(text), 9, &e), &e);
	snprintf(text, sizeof(text), "%s  data/%0251d\n", Z, 1);
	T_FAILS(read_manifest(&t, "data/", text, strlen(text), 9, &e), &e,
	    E_FORMAT, "unsafe name");
	snprintf(text, sizeof(text), "%s  data/%0500d\n", Z, 1);
	T_FAILS(read_manifest(&t, "data/", text, strlen(text), 9, &e), &e,
	    E_FORMAT, "line 1: longer than 353 bytes");
	T_FAILS(read_manifest(&t, "data/", text, strlen(text), 600, &e), &e,
	    E_FORMAT, "line 1: longer than 353 bytes");
	buf_free(&t.back);
}

T_TEST(a_tag_manifest_is_64_kib_at_most)
{
	struct err e = ERR_INIT;
	struct told t = {.back = BUF_INIT};
	struct buf b = BUF_INIT;

	for (int i = 0; b.len + 72 <= BAG_MAX_TAGMANIFEST; i++)
		T_CALL(buf_printf(&b, &e, "%s  t%04d\n", Z, i), &e);
	T_CALL(read_manifest(&t, NULL, (char *)b.p, b.len, 1000, &e), &e);
	T_CALL(buf_printf(&b, &e, "%s  t9999\n", Z), &e);
	T_FAILS(read_manifest(&t, NULL, (char *)b.p, b.len, 1000, &e), &e,
	    E_LIMIT, "more than 65536 bytes");
	T_FAILS(read_manifest(&t, NULL, (char *)b.p, b.len, 1 << 20, &e), &e,
	    E_LIMIT, "more than 65536 bytes");
	buf_free(&b);
	buf_free(&t.back);
}

T_TEST(names_that_only_look_like_others_are_fine)
{
	static const char *const fine[] = {"constant", "data/con1/nulls",
	    "com10", "com", "lpt", "comx", "aux-1", "x.con", "data/lpta.txt"};

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		if (!bag_name_fits(fine[i]))
			t_fail(__FILE__, __LINE__, "refused: %s", fine[i]);
}

T_TEST(names_of_signatures_are_two)
{
	static const struct {
		const char *name;
		bool is;
	} names[] = {
	    {"tagmanifest-sha256.txt.minisig", true},
	    {"tagmanifest-sha256.txt.0123456789ABCDEF.minisig", true},
	    {"tagmanifest-sha256.txt.0123456789abcdef.minisig", false},
	    {"tagmanifest-sha256.txt.0123456789ABCDE.minisig", false},
	    {"tagmanifest-sha256.txt.0123456789ABCDEF0.minisig", false},
	    {"tagmanifest-sha256.txt.north.minisig", false},
	    {"tagmanifest-sha256.txt.0123456789ABCDEF", false},
	    {"tagmanifest-sha256.txt..minisig", false},
	    {"tagmanifest-sha256.txt.minisig2", false},
	    {"tagmanifest-sha256.txt", false},
	    {"a/tagmanifest-sha256.txt.minisig", false},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (bag_is_signature(names[i].name) != names[i].is)
			t_fail(__FILE__, __LINE__, "%s", names[i].name);
}

T_TEST(names_that_letter_case_alone_tells_apart_are_refused)
{
	static const struct {
		const char *names[4];
		const char *why; /* NULL: they are fine */
	} sets[] = {
	    {{"data/a", "data/b", "README.txt", "data/c/a"}, NULL},
	    {{"data/a-b", "data/a", "data/a.b", "data/ab"}, NULL},
	    {{"data/a/b", "data/a/c", "data/A-b", "data/ba/c"}, NULL},
	    {{"data/notes.txt", "x", "data/Notes.txt", "y"},
		"are one name where letter case does not count"},
	    {{"Data/a", "x", "data/b", "y"}, "Data/a and data/b are one"},
	    {{"data/x/A/b", "data/x/a-b", "data/x/a/c", "data/x/b"},
		"data/x/A/b and data/x/a/c are one name"},
	    {{"data/x", "data/x-y", "data/x.y", "data/x/y"},
		"data/x and data/x/y are one name"},
	    {{"data/x", "data/x-y", "data/x.y", "data/X/y"},
		"data/x and data/X/y are one name"},
	    {{"a", "a", "b", "c"}, "a and a are one name"},
	};

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		const char *names[4];
		struct err e = ERR_INIT;

		memcpy(names, sets[i].names, sizeof(names));
		if (sets[i].why == NULL)
			T_CALL(bag_names_check(names, 4, &e), &e);
		else
			T_FAILS(bag_names_check(names, 4, &e), &e, E_FORMAT,
			    sets[i].why);
	}
}

T_TEST(the_writer_refuses_what_the_reader_would)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct bag_line l = {.name = "a/../b"};
	struct bag_medium_line m = {.name = "data/x\ty", .medium = 1};

	T_FAILS(bag_put_line(&b, &l, &e), &e, E_FORMAT, "unsafe name");
	T_FAILS(bag_put_medium(&b, &m, &e), &e, E_FORMAT, "safe name in data/");
	l.name = "data/nul";
	T_FAILS(bag_put_line(&b, &l, &e), &e, E_FORMAT, "unsafe name");
	m.name = "data/prn.txt";
	T_FAILS(bag_put_medium(&b, &m, &e), &e, E_FORMAT, "safe name in data/");
	m.name = "bagit.txt";
	T_FAILS(bag_put_medium(&b, &m, &e), &e, E_FORMAT, "safe name in data/");
	m.name = "data/x";
	m.medium = 0;
	T_FAILS(bag_put_medium(&b, &m, &e), &e, E_FORMAT, "on medium 0");
	m.medium = 10000;
	T_FAILS(bag_put_medium(&b, &m, &e), &e, E_FORMAT, "medium 10000");
	m.medium = 1;
	m.size = UINT64_MAX;
	T_FAILS(bag_put_medium(&b, &m, &e), &e, E_FORMAT, "bytes");
	T_EQ(b.len, 0);
	buf_free(&b);
}

T_TEST(what_the_handlers_fail_with_is_kept)
{
	struct err e = ERR_INIT;
	struct told t = {.back = BUF_INIT, .refuse = true};

	T_FAILS(read_manifest(&t, "data/", manifest, strlen(manifest), 99, &e),
	    &e, E_MISSING, "not wanted");
	T_FAILS(read_media(&t, "data/a\t" Z "\t1\t1\n", 76, 99, &e), &e,
	    E_MISSING, "not wanted");
	bag_manifest_close(NULL);
	bag_media_close(NULL);
}

T_TEST(the_declaration_is_that_of_rfc_8493)
{
	T_STR(bag_declaration,
	    "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
}

static const char media[] =
    "data/WsusContent/8F/F572D396FAE9206628714FB2CE00F72E94F2258F.cab\t" Z
    "\t6\t1\n"
    "data/a\t" F "\t9223372036854775807\t9999\n"
    "data/b\t" DIGITS "\t0\t2\n";

T_TEST(media_are_read_and_written_back_in_portions_of_any_size)
{
	struct err e = ERR_INIT;
	struct told t = {.back = BUF_INIT};
	size_t n = strlen(media);

	for (size_t step = 1; step <= n; step++) {
		T_CALL(read_media(&t, media, n, step, &e), &e);
		T_EQ(t.n, 3);
		T_EQ(t.back.len, n);
		T_MEM(t.back.p, media, n);
	}
	for (size_t len = 1; len < n; len++) {
		int r = read_media(&t, media, len, len, &e);

		T_EQ(r, media[len - 1] == '\n' ? 0 : -1);
		err_clear(&e);
	}
	buf_free(&t.back);
}

static const struct {
	const char *text;
	uint64_t at;
	const char *why;
} bad_media[] = {
    {"data/a\t" Z "\t1\t1\t1\n", 74, "line 1: expected four fields"},
    {"data/a\t" Z "\t1\n", 73, "line 1: expected four fields"},
    {"data/a " Z " 1 1\n", 75, "expected four fields"},
    {"\n", 0, "expected four fields"},
    {"a\t" Z "\t1\t1\n", 0, "begins with 'data/', found 'a'"},
    {"data/a \t" Z "\t1\t1\n", 0, "unsafe name"},
    {"\t" Z "\t1\t1\n", 0, "unsafe name"},
    {"data/b\t" Z "\t1\t1\ndata/a\t" Z "\t1\t1\n", 76, "byte order"},
    {"data/a\t" Z "\t1\t1\ndata/a\t" Z "\t1\t2\n", 76, "a second time"},
    {"data/a\tx" DIGITS "\t1\t1\n", 7, "64 lower-case hex digits"},
    {"data/a\t\t1\t1\n", 7, "64 lower-case hex digits"},
    {"data/a\t" Z "\t\t1\n", 72, "a number of bytes"},
    {"data/a\t" Z "\t01\t1\n", 72, "a number of bytes"},
    {"data/a\t" Z "\t-1\t1\n", 72, "a number of bytes"},
    {"data/a\t" Z "\t1k\t1\n", 72, "a number of bytes"},
    {"data/a\t" Z "\t9223372036854775808\t1\n", 72, "a number of bytes"},
    {"data/a\t" Z "\t1\t0\n", 74, "a medium from 1 to 9999"},
    {"data/a\t" Z "\t1\t10000\n", 74, "a medium"},
    {"data/a\t" Z "\t1\t\n", 74, "a medium"},
    {"data/a\t" Z "\t1\t1\r\n", 74, "a medium"},
};

T_TEST(media_of_another_form_are_refused)
{
	for (size_t i = 0; i < sizeof(bad_media) / sizeof(bad_media[0]); i++) {
		const char *text = bad_media[i].text;
		struct told t = {.back = BUF_INIT};
		struct err e = ERR_INIT;

		if (read_media(&t, text, strlen(text), 1 + i * 9, &e) == 0)
			t_fail(__FILE__, __LINE__, "row %zu accepted", i);
		if (e.kind != E_FORMAT || e.at != bad_media[i].at ||
		    !strstr(e.msg, bad_media[i].why))
			t_fail(__FILE__, __LINE__, "row %zu: '%s' at %" PRIu64,
			    i, e.msg, e.at);
		buf_free(&t.back);
	}
}

T_MAIN
