/* SPDX-License-Identifier: ISC */
/* What is asked for by one word, and what is said of it. */
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/list/list.h"
#include "lib/store/ledger.h"
#include "lib/store/store.h"
#include "lib/view/show.h"
#include "tests/list_say.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define SHA1 "8FF572D396FAE9206628714FB2CE00F72E94F258"

T_TEST(a_word_stands_for_one_thing)
{
	static const struct {
		const char *word;
		enum show_key key;
	} rows[] = {
	    {"ab740000-0000-0000-0000-000000000064", SHOW_ID},
	    {"AB740000-0000-0000-0000-000000000064", SHOW_ID},
	    {"KB5000001", SHOW_KB},
	    {"kb5000001", SHOW_KB},
	    {"5000001", SHOW_KB},
	    {SHA1, SHOW_SHA1},
	    {SHA1 ".cab", SHOW_SHA1},
	    {"WsusContent/58/" SHA1 ".cab", SHOW_SHA1},
	    {"windows10.0-kb1-x64_" SHA1 ".msu", SHOW_SHA1},
	    {"x" SHA1 ".msu", SHOW_FILE},
	    {SHA1 SHA1, SHOW_FILE},
	    {SHA1 "000000000000000000000000", SHOW_SHA256},
	    {"a.cab", SHOW_FILE},
	    {"/srv/a.cab", SHOW_FILE},
	    {"KB", SHOW_FILE},
	    {"KB500000x", SHOW_FILE},
	    {"12345678901", SHOW_FILE},
	};
	struct show_asked a;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		T_CALL(show_ask(&a, rows[i].word, &e), &e);
		if (a.key != rows[i].key)
			t_fail(__FILE__, __LINE__, "%s: %d", rows[i].word,
			    (int)a.key);
	}
	T_EQ(show_ask(&a, "CVE-2026-1234", &e), -1);
	T_EQ(e.kind, E_USAGE);
	T_OK(strstr(e.msg, "no document names a CVE") != NULL);
	err_clear(&e);
	T_EQ(show_ask(&a, "a/", &e), -1);
	T_EQ(e.kind, E_USAGE);
}

/* make_fill(), and 12, which supersedes 10; 11 is here. */
static const char *
filled(void)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct make m;

	make_fill(s);
	make_update(&m, 12, 1);
	make_needs(&m, 1, 1);
	make_needs(&m, 0, 77);
	m.superseded[m.u.nsuperseded++] = make_guid(10);
	m.superseded[m.u.nsuperseded++] = make_guid(10); /* as some say it */
	make_file(&m, "absent", "Absent.cab");
	make_put_ok(s, &m);
	make_here(s, dir, "payload of 11", "cab");
	make_commit(s);
	store_close(s);
	return dir;
}

static int
says(const char *dir, const char *word, bool json, const char *const *want)
{
	struct log log = {
	    .prog = "t", .quiet = true, .file_fd = -1, .json = json};
	struct list_opts o = {
	    .store = dir, .what = "show", .of = word, .log = &log};
	char *out = list_say(&o);

	for (; *want != NULL; want++)
		if (strstr(out, *want) == NULL)
			t_fail(__FILE__, __LINE__, "%s: no '%s' in:\n%s", word,
			    *want, out);
	free(out);
	return log.worst;
}

T_TEST(of_an_update_all_is_said)
{
	static const char *const by_kb[] = {"update 10\n",
	    "    state            superseded\n",
	    "    KB               5000001 5000002\n",
	    "    came             1970-01-01T00:00:00Z with a package, "
	    "unsigned\n",
	    "    payload          1 file, all here\n", " present  eleven.cab\n",
	    "    superseded by    ", "    bundles          ", "update 11\n",
	    NULL};
	static const char *const by_name[] = {" absent   Absent.cab\n",
	    "update 12\n", "    payload          1 file, 0 here, 1 absent\n",
	    "    supersedes       ", "  update 10\n", "  (not held)\n", NULL};
	static const char *const by_digest[] = {
	    "update 11\n", "    part of          ", NULL};
	static const char *const json[] = {"\"type\":\"show\",",
	    "\"kb\":[\"5000001\",\"5000002\"]", "\"files\":1,\"absent\":0",
	    "\"state\":\"superseded\"",
	    "\"superseded_by\":[\"abbc0000-0000-0000-0000-00000000000c\"]",
	    "\"with\":\"package\"", "\n{\"type\":\"file\",",
	    "\"state\":\"present\"", NULL};
	const char *dir = filled();
	char text[2 * SHA256_LEN + 1];
	struct err e = ERR_INIT;
	struct digest d;

	T_EQ(says(dir, "kb5000002", false, by_kb), 0);
	T_EQ(says(dir, "KB5000001", true, json), 0);
	T_EQ(says(dir, "somewhere/ABSENT.CAB", false, by_name), 10);
	T_CALL(digest_mem(DIGEST_BOTH, "payload of 11", 13, &d, &e), &e);
	hex_lower(text, d.sha1, SHA1_LEN);
	T_EQ(says(dir, text, false, by_digest), 0);
	hex_lower(text, d.sha256, SHA256_LEN);
	T_EQ(says(dir, text, false, by_digest), 0);
	make_lost(dir, "payload of 11", "cab");
	T_EQ(says(dir, text, false, by_digest), 1);
}

T_TEST(what_is_not_there_is_said_so)
{
	static const struct {
		const char *word, *says;
		enum err_kind kind;
	} rows[] = {
	    {"KB1", "'KB1': no update of this store has that KB number",
		E_MISSING},
	    {"00000000-0000-0000-0000-000000000001",
		"no update of this store has that GUID", E_MISSING},
	    {"none.cab", "no update of this store names such a file",
		E_MISSING},
	    {SHA1, "no update of this store names such a file", E_MISSING},
	    {NULL, "show what?", E_USAGE},
	};
	const char *dir = filled();
	struct log log = {.prog = "t", .quiet = true, .file_fd = -1};
	struct list_opts o = {.store = dir, .what = "show", .log = &log};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		o.of = rows[i].word;
		T_EQ(list_run(&o, &e), -1);
		T_EQ(e.kind, rows[i].kind);
		if (strstr(e.msg, rows[i].says) == NULL)
			t_fail(__FILE__, __LINE__, "%s", e.msg);
		err_clear(&e);
	}
}

T_MAIN
