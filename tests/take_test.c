/* SPDX-License-Identifier: ISC */
/* What the one reader of transfers and packages refuses, and in which words. */
#include <fcntl.h>
#include <unistd.h>

#include "formats/package.h"
#include "lib/base/path_remove.h"
#include "lib/base/stop.h"
#include "tests/stick.h"
#include "tests/stick_run.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define ID(n) "0d000000-0000-0000-0000-0000000000" n

static void
both(struct stick *s, const char *what, int status, const char *says)
{
	stick_seal(s);
	stick_both(s, what, status, says);
}

struct row {
	const char *from, *to; /* in a member of the package */
	int status;
	const char *says;
};

static void
bend(const struct row *rows, size_t n, bool index)
{
	for (size_t i = 0; i < n; i++) {
		struct stick s;

		stick_make(&s, &stick_home()->key);
		T_OK(stick_swap(
		    index ? &s.index : &s.meta, rows[i].from, rows[i].to));
		stick_pack(&s);
		both(&s, rows[i].to, rows[i].status, rows[i].says);
		stick_free(&s);
	}
}

#define UPDATE(id, rev)                                                        \
	"<Update UpdateId=\"" ID(id) "\" RevisionNumber=\"" rev "\">"
#define PRODUCT "<Category Value=\"" ID("01") "\" />"
#define CLASS "<Classification Value=\"" ID("02") "\" />"
#define PLAIN "<Files /><Categories /><Classifications /></Update>"
#define FILED "<Categories>" PRODUCT "</Categories>"

T_TEST(the_index_is_what_the_documents_say)
{
	static const struct row rows[] = {
	    {UPDATE("01", "1"), UPDATE("02", "1"), 3,
		"names " ID("02") " revision 1 twice"},
	    {UPDATE("01", "1"), UPDATE("01", "2"), 3,
		"record 1 is " ID("01") " revision 1, expected " ID(
		    "01") " revision 2"},
	    {UPDATE("01", "1") PLAIN UPDATE("02", "1"),
		UPDATE("02", "1") PLAIN UPDATE("01", "1"), 3,
		"record 1 is " ID("01") " revision 1, expected " ID("02")},
	    {UPDATE("01", "1") PLAIN, "", 3, "expected " ID("02")},
	    {"</Updates>", UPDATE("0a", "201") PLAIN "</Updates>", 3,
		"which metadata.txt lacks: it ends after 7 of 8"},
	    {PLAIN,
		"<Files /><Categories>" PRODUCT
		"</Categories><Classifications /></Update>",
		3, "Categories: " ID("01") " of a category or detectoid"},
	    {FILED, "<Categories />", 3,
		"Categories: " ID("01") " is lacking, though its document"},
	    {FILED, "<Categories>" PRODUCT PRODUCT "</Categories>", 3,
		"stands twice"},
	    {FILED,
		"<Categories>" PRODUCT
		"<Category Value=\"" ID("07") "\" /></Categories>",
		3, "Categories: " ID("07") " does not stand there"},
	    {FILED,
		"<Categories><Category Value=\"" ID("02") "\" /></Categories>",
		3, "Categories: " ID("02") " is of another kind"},
	    {"<Classifications>" CLASS, "<Classifications>", 3,
		"Classifications: " ID("02") " is lacking"},
	};

	bend(rows, sizeof(rows) / sizeof(rows[0]), true);
}

T_TEST(the_documents_are_what_the_index_and_the_payload_say)
{
	static const struct row rows[] = {
	    {"Size=\"900\"", "Size=\"901\"", 1, "901"},
	    {"FileName=\"a.cab\"", "FileName=\"a.CAB\"", 10, NULL},
	    {"FileName=\"a.cab\"", "FileName=\"a.exe\"", 10,
		"the documents call it 'a.exe'"},
	    {"=</Additional", "!</Additional", 3, "32 bytes in base64"},
	    {"\"Software\"", "\"Softwear\"", 3, "UpdateType"},
	    {"000000c8,", "000000c9,", 3, "metadata.txt: record 3"},
	    {"</Update>\r\n0d000000-0000-0000-0000-000000000002,",
		"</Update>\r\n0d000000-0000-0000-0000-000000000003,", 3,
		"expected " ID("02")},
	    {"UpdateID=\"" ID("02"), "UpdateID=\"" ID("05"), 3,
		"UpdateIdentity differs"},
	};

	bend(rows, sizeof(rows) / sizeof(rows[0]), false);
}

/* The digests of one Update, each as it stands there. */
static char *
files_of(struct stick *s, const char *update)
{
	struct err e = ERR_INIT;
	const char *at, *end;

	T_CALL(buf_put(&s->index, "", 1, &e), &e);
	s->index.len--;
	at = strstr((const char *)s->index.p, update);
	T_OK(at != NULL);
	at = strstr(at, "<Files>");
	end = strstr(at, "</Files>");
	return strndup(at + 7, (size_t)(end - at - 7));
}

/* The Files of one Update: which of its digests, by number, '-' for none. */
static void
bend_files(const char *update, const char *which, int status, const char *says)
{
	char *old, now[1024] = "";
	struct stick s;
	size_t at = 0;

	stick_make(&s, &stick_home()->key);
	old = files_of(&s, update);
	for (; *which != '\0'; which++) {
		const char *from = old;

		for (int n = *which - '0'; n > 0; n--)
			from = strchr(from, '>') + 1;
		at += (size_t)snprintf(now + at, sizeof(now) - at, "%.*s",
		    (int)(strchr(from, '>') + 1 - from), from);
	}
	T_OK(stick_swap(&s.index, old, now));
	stick_pack(&s);
	both(&s, now, status, says);
	stick_free(&s);
	free(old);
}

T_TEST(files_of_the_index_are_the_documents_and_those_of_state)
{
	/* 10 has two of its document, 14 one and one of state.jsonl. */
	bend_files(UPDATE("0a", "200"), "01", 10, NULL);
	bend_files(UPDATE("0a", "200"), "10", 3, "file 1 is ");
	bend_files(UPDATE("0a", "200"), "0", 3, "no file ");
	bend_files(UPDATE("0a", "200"), "011", 3,
	    "is neither in the document nor in state.jsonl");
	bend_files(UPDATE("0e", "100"), "01", 10, NULL);
	bend_files(UPDATE("0e", "100"), "0", 3, "is not in package.xml");
	bend_files(UPDATE("0e", "100"), "1", 3, "file 1 is ");
}

/* The package by itself. */
static void
genuine(const char *from, const char *to, int status, const char *says)
{
	const char *path = stick_home()->path;
	char cab[600];
	struct err e = ERR_INIT;
	struct stick s;
	const char *said;

	stick_make(&s, &stick_home()->key);
	stick_plain(&s);
	T_OK(stick_swap(&s.index, from, to));
	stick_pack(&s);
	stick_write(&s, path);
	snprintf(cab, sizeof(cab), "%s/" STICK_CAB, path);
	T_EQ(stick_verify(cab, NULL), status);
	said = stick_said();
	if (says != NULL && strstr(said, says) == NULL)
		t_fail(__FILE__, __LINE__, "'%s', not '%s'", said, says);
	if (says == NULL && strstr(said, "differs") != NULL)
		t_fail(__FILE__, __LINE__, "told: '%s'", said);
	T_CALL(path_remove(AT_FDCWD, path, &e), &e);
	stick_free(&s);
}

T_TEST(of_a_genuine_package_the_documents_count)
{
	genuine("<Languages>", "<Languages>", 0, NULL);
	genuine(FILED, "<Categories />", 0,
	    "differs from the documents in 1 list, and they count; first: " ID(
		"0a") " revision 200: Categories");
	genuine(UPDATE("0a", "200") "<Files>",
	    UPDATE("0a", "200") "<Files /><X>", 3, NULL);
	genuine("</Files><Categories>",
	    "</Files><Categories><Category "
	    "Value=\"Some.Class\" />",
	    0, NULL);
	genuine(UPDATE("0a", "200") "<Files>",
	    "<Update UpdateId=\"" ID(
		"0a") "\" RevisionNumber=\"200\"><Files><File "
		      "Digest=\"AAAAAAAAAAAAAAAAAAAAAAAAAAA=\" />",
	    3, "the document knows no file 0000000000");
	genuine(UPDATE("01", "1"), UPDATE("01", "2"), 3, "record 1 is");
}

/* A second package that repeats the first, but for one change. */
static void
twice(const char *from, const char *to, int status, const char *says)
{
	struct stick_file *one;
	struct stick s;

	stick_make(&s, &stick_home()->key);
	one = stick_find(&s, STICK_CAB);
	stick_put(&s, "data/wsusexport-2.cab", one->bytes.p, one->bytes.len);
	T_OK(stick_swap(&s.meta, from, to));
	stick_pack(&s);
	both(&s, to, status, says);
	stick_free(&s);
}

T_TEST(what_a_transfer_repeats_is_the_same_to_the_byte)
{
	twice("Software", "Software", 10, NULL);
	/* The first has a blank as a line end, a new type, a word in capitals. */
	twice("\" /><Properties", "\"\n/><Properties", 1, "it came before");
	twice("Software", "Hardware", 3, NULL);
	twice("IsCategory=\"true\"", "IsCategory=\"True\"", 1, "");
}

T_TEST(a_verify_that_is_stopped_calls_nothing_bad)
{
	const struct stick_home *h = stick_home();
	struct err e = ERR_INIT;
	struct stick s;

	stick_make(&s, &h->key);
	stick_seal(&s);
	stick_write(&s, h->path);
	stop_set(true);
	T_EQ(stick_verify(h->path, h->pub), 7);
	stop_set(false);
	T_OK(strstr(stick_said(),
		 "stopped after 0 files; nothing bad so far") != NULL);
	T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
	stick_free(&s);
}

/* For a store that has what it builds on, and only there. */
T_TEST(what_builds_on_another_is_told_and_needs_it)
{
	const struct stick_home *h = stick_home();
	struct err e = ERR_INIT;
	struct stick s;

	stick_make(&s, &h->key);
	stick_label(&s, "Wsusferry-Base", "3");
	stick_label(&s, "Wsusferry-Requires", "base");
	stick_seal(&s);
	stick_write(&s, h->path);
	T_EQ(stick_verify(h->path, h->pub), 10);
	T_OK(strstr(stick_said(), "builds on north-000003") != NULL);
	T_EQ(stick_import(h->path, h->pub), 9);
	T_OK(strstr(stick_said(), "builds on north-000003, which was not") !=
	    NULL);
	T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
	stick_free(&s);
}

T_MAIN
