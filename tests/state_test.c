/* SPDX-License-Identifier: ISC */
#include "formats/state.h"

#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "tests/t.h"

#define SHA "F572D396FAE9206628714FB2CE00F72E94F2258F"
#define ID "00000000-0000-4000-8000-000000000001"
#define GROUP "a0a08746-4dbe-4a37-9adf-9e7652c0b421"
#define ABSENT "{\"t\":\"absent\",\"sha1\":\"" SHA "\",\"name\":\"a.cab\""
#define FILE_LINE                                                              \
	"{\"t\":\"file\",\"sha1\":\"" SHA "\",\"name\":\"a.cab\","             \
	"\"id\":\"" ID "\",\"revision\":100}"
#define URL_LINE "{\"t\":\"url\",\"sha1\":\"" SHA "\",\"url\":\"http://x/a\"}"
#define APPROVAL "{\"t\":\"approval\",\"id\":\"" ID "\""

/* What a writer of ours makes of each kind. */
static const char *const good[] = {
    ABSENT "}",
    ABSENT ",\"size\":0}",
    ABSENT ",\"size\":9223372036854775807,\"wanted\":false}",
    "{\"t\":\"absent\",\"sha1\":\"" SHA "\",\"name\":\"\"}",
    FILE_LINE,
    "{\"t\":\"file\",\"sha1\":\"" SHA "\",\"name\":\"\",\"id\":\"" ID
    "\",\"revision\":4294967295}",
    URL_LINE,
    APPROVAL ",\"revision\":100,\"action\":\"install\",\"group\":\"" GROUP
	     "\",\"deadline\":\"2026-01-31T06:07:08Z\"}",
    APPROVAL ",\"revision\":100,\"action\":\"block\",\"group\":\"" GROUP "\"}",
    APPROVAL ",\"revision\":100,\"action\":\"install\",\"group\":\"" GROUP
	     "\",\"deadline\":\"x\",\"assigned\":false}",
    APPROVAL ",\"revision\":1,\"action\":5,\"group\":\"" GROUP "\"}",
    APPROVAL ",\"action\":\"decline\"}",
    "{\"t\":\"approval\",\"group\":\"" GROUP "\",\"name\":\"All\"}",
    "{\"t\":\"withdrawn\",\"id\":\"" ID "\",\"revision\":7}",
};
#define NGOOD (sizeof(good) / sizeof(good[0]))

static int
read_line(struct state_line *s, const char *text, struct err *e)
{
	size_t n = strlen(text);
	char *copy = malloc(n + 1); /* no byte behind it, for the checker */
	int r;

	memcpy(copy, text, n);
	copy = realloc(copy, n == 0 ? 1 : n);
	r = state_read_line(s, copy, n, e);
	free(copy);
	return r;
}

T_TEST(each_kind_of_line_comes_out_as_it_went_in)
{
	struct err e = ERR_INIT;
	struct state_line s;

	for (size_t i = 0; i < NGOOD; i++) {
		struct buf b = BUF_INIT;
		struct sink to;

		sink_buf(&to, &b);
		T_CALL(read_line(&s, good[i], &e), &e);
		T_CALL(state_write(&s, &to, &e), &e);
		T_EQ(b.len, strlen(good[i]) + 1);
		if (b.len == strlen(good[i]) + 1) {
			T_EQ(b.p[b.len - 1], '\n');
			T_MEM(b.p, good[i], b.len - 1);
		}
		buf_free(&b);
		err_clear(&e);
	}
}

T_TEST(members_have_their_places)
{
	struct err e = ERR_INIT;
	struct state_line s;
	char text[GUID_LEN + 1];

	T_CALL(read_line(&s, good[2], &e), &e);
	T_EQ(s.type, STATE_ABSENT);
	T_EQ(s.sha1[0], 0xf5);
	T_EQ(s.sha1[19], 0x8f);
	T_STR(s.name, "a.cab");
	T_OK(s.has_size && s.unwanted);
	T_EQ(s.size, INT64_MAX);
	T_CALL(read_line(&s, good[0], &e), &e);
	T_OK(!s.has_size && !s.unwanted);
	T_CALL(read_line(&s, FILE_LINE, &e), &e);
	T_EQ(s.type, STATE_FILE);
	guid_write(text, &s.id);
	T_STR(text, ID);
	T_EQ(s.revision, 100);
	T_CALL(read_line(&s, URL_LINE, &e), &e);
	T_EQ(s.type, STATE_URL);
	T_STR(s.url, "http://x/a");
	T_CALL(read_line(&s, good[7], &e), &e);
	T_EQ(s.type, STATE_APPROVAL);
	T_STR(s.action, "install");
	T_STR(s.deadline, "2026-01-31T06:07:08Z");
	guid_write(text, &s.group);
	T_STR(text, GROUP);
}

/* Any order, blanks, escapes, further members. */
T_TEST(one_meaning_has_many_spellings)
{
	static const char *const same[] = {
	    "{\"wanted\":false,\"size\":7,\"name\":\"a.cab\",\"sha1\":\"" SHA
	    "\",\"t\":\"absent\"}",
	    " { \"t\" : \"absent\" , \"sha1\" : \"" SHA
	    "\",\"name\":\"a.cab\",\"size\":7,\"wanted\":false } ",
	    "{\"\\u0074\":\"\\u0061bsent\",\"sha1\":\"" SHA
	    "\",\"name\":\"a\\u002ecab\",\"size\":7,\"wanted\":false}",
	    "{\"more\":{\"sha1\":5},\"t\":\"absent\",\"sha1\":\"" SHA
	    "\",\"name\":\"a.cab\",\"size\":7,\"wanted\":false,\"url\":[1],"
	    "\"id\":null}",
	};
	struct err e = ERR_INIT;
	struct state_line s;

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		T_CALL(read_line(&s, same[i], &e), &e);
		T_EQ(s.type, STATE_ABSENT);
		T_STR(s.name, "a.cab");
		T_EQ(s.size, 7);
		T_OK(s.unwanted && !s.has_id);
		T_STR(s.url, "");
		err_clear(&e);
	}
}

/* What an approval of another shape has is a further member. */
T_TEST(an_approval_has_one_of_its_shapes)
{
	struct err e = ERR_INIT;
	struct state_line s;

	T_CALL(read_line(&s,
		   APPROVAL ",\"revision\":1,\"action\":\"install\","
			    "\"group\":\"" GROUP "\",\"name\":\"x\"}",
		   &e),
	    &e);
	T_OK(s.has_id && s.has_revision);
	T_STR(s.name, "");
	T_CALL(read_line(&s,
		   "{\"t\":\"approval\",\"group\":\"" GROUP
		   "\",\"name\":\"All\",\"revision\":1,\"deadline\":\"x\","
		   "\"assigned\":false}",
		   &e),
	    &e);
	T_STR(s.name, "All");
	T_OK(!s.has_revision && !s.optional);
	T_STR(s.deadline, "");
}

T_TEST(of_an_unknown_line_only_its_word_counts)
{
	static const char *const rows[] = {"{\"t\":\"unheard-of\"}",
	    "{\"t\":\"unheard-of\",\"sha1\":5,\"id\":\"r\",\"size\":-1,"
	    "\"wanted\":true}"};
	struct err e = ERR_INIT;
	struct state_line s;
	struct sink null;

	sink_null(&null);
	for (size_t i = 0; i < 2; i++) {
		T_CALL(read_line(&s, rows[i], &e), &e);
		T_EQ(s.type, STATE_UNKNOWN);
		T_STR(s.t, "unheard-of");
		T_OK(!s.has_size && !s.has_id && !s.unwanted);
		T_FAILS(state_write(&s, &null, &e), &e, E_FORMAT,
		    "'unheard-of': a line that this wsusferry cannot write");
	}
}

static const struct {
	const char *line;
	enum err_kind kind;
	const char *msg;
} refused[] = {
    {"", E_FORMAT, "expected a JSON object, found the end"},
    {"[\"t\"]", E_FORMAT, "expected a JSON object, found '['"},
    {"{\"t\":\"absent\",}", E_FORMAT, "expected a key in quotes"},
    {"{\"t\":\"x\",\"name\":\"M\xfcnchen\"}", E_FORMAT, "UTF-8"},
    {"{}", E_FORMAT, "expected a member 't', found none"},
    {"{\"t\":\"\"}", E_FORMAT, "'t': expected a word, found ''"},
    {"{\"t\":1}", E_FORMAT, "'t': expected a text, found a number '1'"},
    {"{\"t\":\"12345678901234567890123456789012\"}", E_LIMIT,
	"'t': a text of more than 31 bytes"},
    {"{\"t\":\"x\",\"t\":\"x\"}", E_FORMAT, "'t' stands there a second time"},
    {ABSENT ",\"sha1\":\"" SHA "\"}", E_FORMAT,
	"'sha1' stands there a second time"},
    {"{\"t\":\"absent\",\"name\":\"x.cab\"}", E_FORMAT,
	"'absent': expected a member 'sha1', found none"},
    {"{\"t\":\"absent\",\"sha1\":\"" SHA "\"}", E_FORMAT,
	"'absent': expected a member 'name', found none"},
    {"{\"t\":\"absent\",\"sha1\":\"f572\",\"name\":\"\"}", E_FORMAT,
	"'absent': 'sha1': expected 40 upper-case hex digits, found a "
	"text 'f572'"},
    {"{\"t\":\"absent\",\"sha1\":\"f572D396FAE9206628714FB2CE00F72E94F2"
     "258F\",\"name\":\"\"}",
	E_FORMAT, "expected 40 upper-case hex digits"},
    {"{\"t\":\"absent\",\"sha1\":\"" SHA "0\",\"name\":\"\"}", E_FORMAT,
	"expected 40 upper-case hex digits"},
    {"{\"t\":\"absent\",\"sha1\":null,\"name\":\"\"}", E_FORMAT,
	"expected 40 upper-case hex digits, found null"},
    {"{\"t\":\"absent\",\"sha1\":\"" SHA "\",\"name\":null}", E_FORMAT,
	"'name': expected a text, found null"},
    {ABSENT ",\"size\":-1}", E_FORMAT,
	"'size': expected a whole number from 0 to "
	"9223372036854775807, found a number '-1'"},
    {ABSENT ",\"size\":1.5}", E_FORMAT, "'size': expected a whole"},
    {ABSENT ",\"size\":\"7\"}", E_FORMAT, "'size': expected a whole"},
    {ABSENT ",\"size\":9223372036854775808}", E_FORMAT, "'size'"},
    {ABSENT ",\"wanted\":true}", E_FORMAT,
	"'wanted': expected false, or no such member, found true"},
    {ABSENT ",\"wanted\":0}", E_FORMAT, "'wanted': expected false"},
    {"{\"t\":\"url\",\"sha1\":\"" SHA "\"}", E_FORMAT,
	"'url': expected a member 'url', found none"},
    {"{\"t\":\"url\",\"sha1\":\"" SHA "\",\"url\":\"\"}", E_FORMAT,
	"'url': expected a URL, found ''"},
    {"{\"t\":\"url\",\"url\":\"http://x/\"}", E_FORMAT,
	"expected a member 'sha1'"},
    {"{\"t\":\"file\",\"sha1\":\"" SHA "\",\"name\":\"a\",\"id\":\"" ID "\"}",
	E_FORMAT, "'file': expected a member 'revision', found none"},
    {"{\"t\":\"file\",\"sha1\":\"" SHA "\",\"name\":\"a\","
     "\"revision\":1}",
	E_FORMAT, "'file': expected a member 'id', found none"},
    {"{\"t\":\"file\",\"sha1\":\"" SHA "\",\"id\":\"" ID "\",\"revision\":1}",
	E_FORMAT, "'file': expected a member 'name', found none"},
    {"{\"t\":\"file\",\"sha1\":\"" SHA "\",\"name\":\"a\",\"id\":"
     "\"A0A08746-4dbe-4a37-9adf-9e7652c0b421\",\"revision\":1}",
	E_FORMAT, "'id': expected a GUID in lower case, found a text"},
    {"{\"t\":\"file\",\"sha1\":\"" SHA "\",\"name\":\"a\",\"id\":\"" ID
     "\",\"revision\":4294967296}",
	E_FORMAT, "'revision': expected a whole number from 0 to 4294967295"},
    {"{\"t\":\"approval\"}", E_FORMAT, "expected the 'id'"},
    {"{\"t\":\"approval\",\"name\":\"All\"}", E_FORMAT, "expected the 'id'"},
    {APPROVAL ",\"revision\":1,\"group\":\"" GROUP "\"}", E_FORMAT,
	"expected install, uninstall, scan, block, decline or a "
	"number, found ''"},
    {APPROVAL ",\"revision\":1,\"action\":\"eat\",\"group\":\"" GROUP "\"}",
	E_FORMAT, "found 'eat'"},
    {APPROVAL ",\"revision\":1,\"action\":\"install\"}", E_FORMAT,
	"expected a 'revision' and a 'group' with action 'install'"},
    {APPROVAL ",\"action\":\"install\",\"group\":\"" GROUP "\"}", E_FORMAT,
	"expected a 'revision' and a 'group'"},
    {APPROVAL ",\"revision\":1,\"action\":\"install\",\"group\":\"" GROUP
	      "\",\"assigned\":true}",
	E_FORMAT, "'assigned': expected false, or no such member"},
    {APPROVAL ",\"action\":-1}", E_FORMAT, "'action': expected a text"},
};

T_TEST(a_line_that_breaks_its_form_is_refused)
{
	struct err e = ERR_INIT;
	struct state_line s;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		err_clear(&e);
		T_FAILS(read_line(&s, refused[i].line, &e), &e, refused[i].kind,
		    refused[i].msg);
	}
}

T_TEST(every_truncation_of_a_line_is_an_error)
{
	struct state_line s;

	for (size_t i = 0; i < NGOOD; i++)
		for (size_t n = 0; n < strlen(good[i]); n++) {
			struct err e = ERR_INIT;

			T_EQ(state_read_line(&s, good[i], n, &e), -1);
		}
}

T_TEST(texts_have_limits)
{
	struct state_line s = {.type = STATE_URL}, again;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct sink to;
	char name[STATE_MAX_TEXT + 8];

	memset(s.url, 'u', STATE_MAX_TEXT);
	sink_buf(&to, &b);
	T_CALL(state_write(&s, &to, &e), &e);
	T_CALL(state_read_line(&again, (char *)b.p, b.len - 1, &e), &e);
	T_STR(again.url, s.url);
	b.p[b.len - 3] = 'u'; /* one more, and no quote */
	b.p[b.len - 2] = '"';
	b.p[b.len - 1] = '}';
	T_FAILS(state_read_line(&again, (char *)b.p, b.len, &e), &e, E_LIMIT,
	    "'url': 'url': a text of more than 2047 bytes");
	buf_free(&b);

	memset(name, 'n', sizeof(name));
	memcpy(name, "\xc3\xa4", 2);
	snprintf(name + sizeof(name) - 5, 5, ".cab");
	state_name(&s, name);
	T_EQ(strlen(s.name), STATE_MAX_TEXT);
	T_STR(s.name + STATE_MAX_TEXT - 5, "n.cab");
	/* The cut would fall into a character. */
	memcpy(name + 5, "\xe2\x82\xac", 3);
	state_name(&s, name);
	T_EQ(strlen(s.name), STATE_MAX_TEXT - 1);
	T_EQ(s.name[0], 'n');
	state_name(&s, "");
	T_STR(s.name, "");
}

static int
count(void *arg, const struct state_line *s, const char *text, size_t len,
    struct err *e)
{
	unsigned *n = arg;

	(void)e;
	T_OK(len > 0 && text[0] == '{' && text[len - 1] == '}');
	n[s->type]++;
	return 0;
}

static int
read_all(
    const char *text, size_t n, size_t step, unsigned counts[5], struct err *e)
{
	struct state *r = NULL;
	int ret = -1;

	memset(counts, 0, 5 * sizeof(*counts));
	if (state_open(&r, count, counts, e) == 0) {
		ret = 0;
		for (size_t at = 0; at < n && ret == 0; at += step)
			ret = sink_write(state_sink(r), text + at,
			    n - at < step ? n - at : step, e);
		if (ret == 0)
			ret = state_finish(r, e);
	}
	state_close(r);
	return ret;
}

T_TEST(a_file_is_read_in_any_portions)
{
	static const char text[] = ABSENT "}\n" FILE_LINE "\n" URL_LINE
					  "\n{\"t\":\"new\"}\n" URL_LINE "\n";
	const size_t n = sizeof(text) - 1;
	struct err e = ERR_INIT;
	unsigned counts[5];

	for (size_t step = 1; step <= n; step += step < 4 ? 1 : 37) {
		T_CALL(read_all(text, n, step, counts, &e), &e);
		T_EQ(counts[STATE_ABSENT], 1);
		T_EQ(counts[STATE_FILE], 1);
		T_EQ(counts[STATE_URL], 2);
		T_EQ(counts[STATE_UNKNOWN], 1);
	}
	T_CALL(read_all("", 0, 1, counts, &e), &e);
}

T_TEST(a_fault_of_a_file_has_its_line)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
	    {URL_LINE, "line 1: cut short, no LF at its end"},
	    {URL_LINE "\n\n", "line 2: column 1: expected a JSON object"},
	    {URL_LINE "\r\n", "line 1: column"},
	    {URL_LINE "\n" FILE_LINE "\n",
		"line 2: 'file': expected before the first 'url'"},
	    {ABSENT "}\n{\"t\":\"absent\"}\n",
		"line 2: 'absent': expected a member 'sha1', found none"},
	};
	struct err e = ERR_INIT;
	unsigned counts[5];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		T_FAILS(read_all(rows[i].text, strlen(rows[i].text), 4096,
			    counts, &e),
		    &e, E_FORMAT, rows[i].msg);
}

T_TEST(a_line_has_a_limit)
{
	const size_t room = STATE_MAX_LINE + 2;
	char *line = malloc(room);
	struct err e = ERR_INIT;
	unsigned counts[5];

	memset(line, ' ', room);
	memcpy(line, "{\"t\":\"x\"", 8);
	line[STATE_MAX_LINE - 1] = '}';
	line[STATE_MAX_LINE] = '\n';
	T_CALL(read_all(line, STATE_MAX_LINE + 1, room, counts, &e), &e);
	line[STATE_MAX_LINE - 1] = ' ';
	line[STATE_MAX_LINE] = '}';
	line[STATE_MAX_LINE + 1] = '\n';
	T_FAILS(
	    read_all(line, room, room, counts, &e), &e, E_LIMIT, "line 1: ");
	T_FAILS(read_all(line, room, 5, counts, &e), &e, E_LIMIT, "line 1: ");
	free(line);
}

T_MAIN
