/* SPDX-License-Identifier: ISC */
/* Outcomes of downloads, keys, approvals. */
#include "tests/t.h"

#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "tests/sync_make.h"

MAKE_IN_MEMORY

static int
note_file(void *arg, const struct sync_file *f, struct err *e)
{
	(void)e;
	make_note(arg, "%02x %d at %d tries %u '%s';", f->sha1[0],
	    (int)f->outcome, (int)f->at, f->tries, f->why);
	return 0;
}

T_TEST(of_each_file_the_latest_outcome_is_kept)
{
	struct sync_file f = {
	    .outcome = SYNC_NOT_UPSTREAM, .at = 5, .tries = 1, .why = "404\n"};
	struct make_notes g = {""};
	struct err e = ERR_INIT;
	struct store *s;
	int64_t up;

	s = sync_store(t_tmpdir(), &up);
	memset(f.sha1, 0xbb, SHA1_LEN);
	T_CALL(sync_file_put(s, &f, &e), &e);
	memset(f.sha1, 0xaa, SHA1_LEN);
	T_CALL(sync_file_put(s, &f, &e), &e);
	f.outcome = SYNC_GOT;
	f.at = 9;
	f.tries = 2;
	f.why = NULL;
	T_CALL(sync_file_put(s, &f, &e), &e);
	T_CALL(sync_each_file(s, note_file, &g, &e), &e);
	T_STR(g.text, "aa 1 at 9 tries 2 '';bb 2 at 5 tries 1 '404?';");
	store_close(s);
}

static int
note_rev(void *arg, const struct guid *id, uint32_t revision, struct err *e)
{
	(void)e;
	make_note(arg, "%u.%" PRIu32 " ", sync_number(id), revision);
	return 0;
}

static const char *
keyless(struct store *s)
{
	static struct make_notes g;
	struct err e = ERR_INIT;

	g.text[0] = '\0';
	T_CALL(sync_each_keyless(s, note_rev, &g, &e), &e);
	return g.text;
}

T_TEST(secured_or_encrypted_files_without_keys_are_told)
{
	struct update_file *f;
	struct err e = ERR_INIT;
	uint8_t one[SHA1_LEN], two[SHA1_LEN], three[SHA1_LEN];
	struct store *s;
	uint64_t absent;
	struct make m;
	int64_t up;

	s = sync_store(t_tmpdir(), &up);
	make_update(&m, 1, 1); /* nothing to decrypt */
	make_file(&m, "plain", "a.cab");
	make_put_ok(s, &m);
	make_update(&m, 2, 1); /* nothing at all */
	m.u.secured = true;
	make_put_ok(s, &m);
	make_update(&m, 4, 1);
	m.u.secured = true;
	memcpy(one, make_file(&m, "one", "a.cab")->sha1, SHA1_LEN);
	memcpy(two, make_file(&m, "two", "a.cab")->sha1, SHA1_LEN);
	make_put_ok(s, &m);
	make_update(&m, 3, 1);
	f = make_file(&m, "three", "a.cab");
	f->encrypted = true;
	memcpy(three, f->sha1, SHA1_LEN);
	make_file(&m, "plain", "a.cab");
	make_put_ok(s, &m);
	T_STR(keyless(s), "4.1 3.1 ");
	T_CALL(sync_key_put(s, one, "key", 3, &e), &e);
	T_STR(keyless(s), "4.1 3.1 ");
	T_CALL(sync_key_put(s, two, "key", 3, &e), &e);
	T_STR(keyless(s), "3.1 ");
	/* There is none: until the next full list. */
	T_CALL(sync_key_put(s, three, NULL, 0, &e), &e);
	T_STR(keyless(s), "");
	T_CALL(sync_listed_begin(s, up, SYNC_CONFIG, true, &e), &e);
	T_CALL(sync_listed_end(s, up, SYNC_CONFIG, 100, &absent, &e), &e);
	T_STR(keyless(s), "");
	T_CALL(sync_listed_begin(s, up, SYNC_LIST, true, &e), &e);
	T_CALL(sync_listed_end(s, up, SYNC_LIST, 100, &absent, &e), &e);
	T_STR(keyless(s), "3.1 ");
	store_close(s);
}

T_TEST(a_revision_whose_keys_cannot_be_had_keeps_those_that_it_has)
{
	struct err e = ERR_INIT;
	uint8_t one[SHA1_LEN], two[SHA1_LEN];
	struct store *s;
	uint64_t absent;
	struct make m;
	int64_t up;

	s = sync_store(t_tmpdir(), &up);
	make_update(&m, 4, 1);
	m.u.secured = true;
	memcpy(one, make_file(&m, "one", "a.cab")->sha1, SHA1_LEN);
	memcpy(two, make_file(&m, "two", "a.cab")->sha1, SHA1_LEN);
	make_put_ok(s, &m);
	make_update(&m, 5, 1);
	make_file(&m, "three", "a.cab")->encrypted = true;
	make_file(&m, "four", "a.cab")->encrypted = true;
	make_put_ok(s, &m);
	T_CALL(sync_key_put(s, one, "key", 3, &e), &e);
	T_CALL(sync_key_none(s, &m.u.id, 2, &e), &e); /* nobody's */
	T_STR(keyless(s), "4.1 5.1 ");
	T_CALL(sync_key_none(s, &m.u.id, 1, &e), &e);
	T_STR(keyless(s), "4.1 ");
	make_update(&m, 4, 1);
	T_CALL(sync_key_none(s, &m.u.id, 1, &e), &e);
	T_STR(keyless(s), "");
	T_CALL(sync_listed_begin(s, up, SYNC_LIST, true, &e), &e);
	T_CALL(sync_listed_end(s, up, SYNC_LIST, 100, &absent, &e), &e);
	T_STR(keyless(s), "4.1 5.1 ");
	T_CALL(sync_key_put(s, two, "key", 3, &e), &e);
	T_STR(keyless(s), "5.1 ");
	store_close(s);
}

T_TEST(a_key_has_a_length_and_is_in_no_dump)
{
	uint8_t sha1[SHA1_LEN] = {1}, key[SYNC_KEY_MAX + 1];
	struct err e = ERR_INIT;
	struct store *s;
	char *a, *b;
	int64_t up;

	s = sync_store(t_tmpdir(), &up);
	memset(key, 0x5a, sizeof(key));
	a = make_dump(s);
	T_FAILS(sync_key_put(s, sha1, key, sizeof(key), &e), &e, E_LIMIT,
	    "decryption key of 4097 bytes, at most 4096");
	T_CALL(sync_key_put(s, sha1, key, SYNC_KEY_MAX, &e), &e);
	T_STR(b = make_dump(s), a);
	free(a);
	free(b);
	store_close(s);
}

static int
note_line(void *arg, const char *line, struct err *e)
{
	(void)e;
	make_note(arg, "%s;", line);
	return 0;
}

T_TEST(approvals_are_dropped_and_other_lines_stay)
{
	static const char *const lines[] = {
	    "{\"t\":\"approval\",\"update\":\"1\"}",
	    "{\"t\":\"approvals\"}",
	    "{\"u\":\"approval\"}",
	    "{\"update\":\"2\", \"t\" : \"approval\"}",
	    "no JSON",
	};
	struct make_notes g = {""};
	struct err e = ERR_INIT;
	struct store *s;
	int64_t up;
	size_t i;

	s = sync_store(t_tmpdir(), &up);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		T_CALL(store_put_state(s, lines[i], strlen(lines[i]), &e), &e);
	T_CALL(store_drop_approvals(s, &e), &e);
	T_CALL(store_each_state(s, note_line, &g, &e), &e);
	T_STR(g.text, "no JSON;{\"t\":\"approvals\"};{\"u\":\"approval\"};");
	store_close(s);
}

T_MAIN
