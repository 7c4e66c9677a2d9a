/* SPDX-License-Identifier: ISC */
/* The one reader of transfers and packages: genuine ones, and what a store
   knows of a transfer; for what is refused see tests/hostile.h. */
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

#define UPDATE(id, rev)                                                        \
	"<Update UpdateId=\"" ID(id) "\" RevisionNumber=\"" rev "\">"
#define PRODUCT "<Category Value=\"" ID("01") "\" />"
#define CLASS "<Classification Value=\"" ID("02") "\" />"
#define PLAIN "<Files /><Categories /><Classifications /></Update>"
#define FILED "<Categories>" PRODUCT "</Categories>"

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
	genuine("<Languages>", "<Languages>", 10, NULL);
	genuine(FILED, "<Categories />", 10,
	    "differs from the documents in 1 list, and they count; first: " ID(
		"0a") " revision 200: Categories");
	genuine(UPDATE("0a", "200") "<Files>",
	    UPDATE("0a", "200") "<Files /><X>", 3, NULL);
	genuine("</Files><Categories>",
	    "</Files><Categories><Category "
	    "Value=\"Some.Class\" />",
	    10, NULL);
	genuine(UPDATE("0a", "200") "<Files>",
	    "<Update UpdateId=\"" ID(
		"0a") "\" RevisionNumber=\"200\"><Files><File "
		      "Digest=\"AAAAAAAAAAAAAAAAAAAAAAAAAAA=\" />",
	    3, "the document knows no file 0000000000");
	genuine(UPDATE("01", "1"), UPDATE("01", "2"), 3, "record 1 is");
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

#define FAR "far" /* a store in the folder of sticks */
#define OTHER_ID "5b3a9f10-0000-4000-8000-00000000abcd"

static const char *
far_path(const char *name)
{
	return make_path(stick_home()->dir, name);
}

static void
number(struct stick *s, const char *sequence, const char *id, const char *base)
{
	stick_label(s, "Wsusferry-Sequence", sequence);
	stick_label(s, "Wsusferry-Transfer", id);
	stick_label(s, "Wsusferry-Base", base);
	if (*base == '0')
		return;
	stick_label(s, "Wsusferry-Requires", "base");
	stick_ledger(s, far_path(FAR), strtoull(sequence, NULL, 10),
	    strtoull(base, NULL, 10));
}

/* Numbers 3 and 5 of one origin are there. */
static void
make_far(void)
{
	static const char *const rows[][2] = {
	    {"3", "north-000003"}, {"5", "north-000005"}};
	const struct stick_home *h = stick_home();
	char store[1024];
	struct err e = ERR_INIT;
	struct stick s;

	snprintf(store, sizeof(store), "%s", far_path(FAR));
	for (size_t i = 0; i < 2; i++) {
		stick_make(&s, &h->key);
		number(&s, rows[i][0], rows[i][1], "0");
		stick_seal(&s);
		stick_write(&s, h->path);
		T_EQ(stick_import_into(h->path, store, h->pub, false), 10);
		T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
		stick_free(&s);
	}
	(void)stick_said();
}

/* Payload number n is carried no more, and no line calls it absent. */
static void
acknowledge(struct stick *s, unsigned n)
{
	stick_drop(s, stick_payload(s, n)->name);
	stick_label(s, "Wsusferry-Files", "3");
}

/* The one that is absent, and missed, gets no line. */
static void
no_line(struct stick *s)
{
	T_OK(stick_swap(&stick_find(s, STICK_STATE)->bytes, "\"size\":300}",
	    "\"size\":300,\"wanted\":false}"));
}

/* What verify says with the store, and then import into it. */
static void
both_for(struct stick *s, const char *what, int status, const char *says)
{
	const struct stick_home *h = stick_home();
	unsigned before = t_failures();
	struct err e = ERR_INIT;
	char store[1024];

	snprintf(store, sizeof(store), "%s", far_path(FAR));
	stick_seal(s);
	stick_write(s, h->path);
	T_EQ(stick_verify_for(h->path, store, h->pub), status);
	if (says != NULL)
		T_OK(strstr(stick_said(), says) != NULL);
	T_EQ(stick_import_into(h->path, store, h->pub, false), status);
	if (says != NULL)
		T_OK(strstr(stick_said(), says) != NULL);
	if (t_failures() != before)
		t_fail(__FILE__, __LINE__, "that was: %s", what);
	(void)stick_said();
	T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
	stick_free(s);
}

T_TEST(with_a_store_its_ledger_judges_as_for_import)
{
	static const struct {
		const char *what, *sequence, *id, *base, *to;
		int status;
		const char *says;
	} rows[] = {
	    {"a replay", "5", "north-000005", "0", "any", 9,
		"another north-000005 was imported"},
	    {"a rollback", "4", "north-000004", "0", "any", 9,
		"north-000004 is older than north-000005"},
	    {"no base", "6", "north-000006", "4", "any", 9,
		"north-000006 builds on north-000004, which was not imported"},
	    {"another's", "6", "north-000006", "5", OTHER_ID, 9,
		"made for store " OTHER_ID},
	    {"the next", "6", "north-000006", "5", "any", 10, "1 payload file"},
	    {"a later one", "9", "north-000009", "3", "any", 10, NULL},
	};

	make_far();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stick s;

		stick_make(&s, &stick_home()->key);
		number(&s, rows[i].sequence, rows[i].id, rows[i].base);
		stick_label(&s, "Wsusferry-Destination", rows[i].to);
		stick_label(&s, "X-Note", "not the first of this number");
		both_for(&s, rows[i].what, rows[i].status, rows[i].says);
	}
}

T_TEST(with_a_store_complete_is_what_it_would_be)
{
	struct err e = ERR_INIT;
	struct stick s;

	stick_make(&s, &stick_home()->key);
	number(&s, "10", "north-000010", "5");
	acknowledge(&s, 0);
	both_for(&s, "one that is still absent", 10, "1 payload file");
	stick_make(&s, &stick_home()->key);
	number(&s, "11", "north-000011", "5");
	acknowledge(&s, 1);
	no_line(&s);
	both_for(&s, "all held or left out", 0, NULL);
	/* Other bytes of a document that is held there. */
	stick_make(&s, &stick_home()->key);
	number(&s, "12", "north-000012", "5");
	T_OK(stick_swap(&s.meta, "IsCategory=\"true\"", "IsCategory=\"True\""));
	stick_pack(&s);
	both_for(&s, "another document", 1, "revision 200: held with sha256");
	T_CALL(path_remove(AT_FDCWD, far_path(FAR), &e), &e);
}

/* What it cannot know it does not call lacking; what is said it does. */
T_TEST(without_its_store_a_transfer_that_builds_on_another_lacks_what_it_says)
{
	const struct stick_home *h = stick_home();
	struct err e = ERR_INIT;
	struct stick s;

	for (int said = 0; said < 2; said++) {
		stick_make(&s, &h->key);
		number(&s, "7", "north-000007", "3");
		acknowledge(&s, 0);
		if (!said)
			no_line(&s);
		stick_seal(&s);
		stick_write(&s, h->path);
		T_EQ(stick_verify(h->path, h->pub), said ? 10 : 0);
		T_OK(strstr(stick_said(),
			 "builds on north-000003, which was not looked at") !=
		    NULL);
		T_EQ(stick_import(h->path, h->pub), 9);
		T_OK(strstr(stick_said(),
			 "builds on north-000003, which was not imported") !=
		    NULL);
		T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
		stick_free(&s);
	}
}

T_TEST(a_store_that_is_not_there_is_a_new_one)
{
	const struct stick_home *h = stick_home();
	struct err e = ERR_INIT;
	struct stick s;

	stick_make(&s, &h->key);
	stick_seal(&s);
	stick_write(&s, h->path);
	T_EQ(stick_verify_for(h->path, far_path("none"), h->pub), 10);
	T_OK(strstr(stick_said(), "judged as for a new one") != NULL);
	T_EQ(stick_verify_for(h->path, far_path("none"), NULL), 2);
	T_OK(!make_is_there(h->dir, "none"));
	number(&s, "7", "north-000007", "3");
	stick_seal(&s);
	T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
	stick_write(&s, h->path);
	T_EQ(stick_verify_for(h->path, far_path("none"), h->pub), 9);
	(void)stick_said();
	T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
	stick_free(&s);
}

T_MAIN
