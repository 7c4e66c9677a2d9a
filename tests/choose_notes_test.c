/* SPDX-License-Identifier: ISC */
#include "lib/choose/choose_notes.h"

#include <string.h>
#include <unistd.h>

#include "lib/choose/choose.h"
#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* Windows 11: KB5000001, for x64, in German; Windows 10: KB5000002. */
static struct store *
two_updates(void)
{
	static const char *langs[] = {"de"};
	struct store *s = choose_store();
	struct make m;

	choose_offer(
	    &m, 100, "Cumulative for x64 (KB5000001)", CM_WIN11, CM_SECURITY);
	m.kbs[0] = "5000001";
	m.u.nkbs = 1;
	m.u.langs = langs;
	m.u.nlangs = 1;
	make_put_ok(s, &m);
	choose_offer(&m, 101, "Monthly", CM_WIN10, CM_SECURITY);
	m.kbs[0] = "KB5000002";
	m.u.nkbs = 1;
	make_put_ok(s, &m);
	make_commit(s);
	return s;
}

/* All that is said of a policy's lines. */
static const char *
said(struct store *s, const char *policy)
{
	struct applied a;

	T_EQ(choose_apply(&a, s, policy), 0);
	choose_done(&a);
	return choose_said;
}

static void
says(struct store *s, const char *policy, const char *what)
{
	if (strstr(said(s, policy), what) == NULL)
		T_STR(choose_said, what);
}

T_TEST(lines_that_name_what_is_held_say_nothing)
{
	struct store *s = two_updates();

	T_STR(said(s, ""), "");
	T_STR(said(s,
		  "product = Windows 11\nproduct-exclude = Windows 10\n"
		  "classification = security updates\nlanguage = DE\n"
		  "architecture = x64\ntitle = cumul*\nkb = 5000001\n"
		  "approve = KB5000001\n"),
	    "");
	T_STR(said(s,
		  "title-exclude = MONTH*\nkb-exclude = KB5000002\n"
		  "decline = KB5000002\nfamily = Windows\n"),
	    "");
	/* The same number twice is held twice. */
	T_STR(said(s, "kb = 5000001\nkb = KB5000001\nkb = 5000002\n"), "");
	store_close(s);
}

T_TEST(a_line_of_any_key_that_names_nothing_held_is_told)
{
	struct store *s = two_updates();
	static const struct {
		const char *line, *said;
	} rows[] = {
	    {"kb = KB7299999", "kb: no update held has KB7299999"},
	    {"kb-exclude = 729", "kb-exclude: no update held has KB729"},
	    {"approve = 7299999", "approve: no update held has KB7299999"},
	    {"decline = 7299999", "decline: no update held has KB7299999"},
	    {"approve = 0F1e2d3c-0000-4000-8000-000000000001",
		"approve: no update held has the id "
		"0f1e2d3c-0000-4000-8000-000000000001"},
	    {"decline = 0f1e2d3c-0000-4000-8000-000000000001",
		"decline: no update held has the id 0f1e2d3c"},
	    /* That of a category is no update's. */
	    {"approve = ab940000-0000-0000-0000-000000000004",
		"approve: no update held has the id ab940000"},
	    {"title = *roll-up*",
		"title: no update held has a title like *roll-up*"},
	    {"title = Month", "title: no update held has a title like Month"},
	    {"title-exclude = *preview*",
		"title-exclude: no update held has a title like *preview*"},
	    {"language = fr",
		"language: no update held has payload in the language fr"},
	    {"architecture = arm64",
		"architecture: no update held names in its title arm64"},
	    {"product = No", "no product 'No' is held"},
	    {"product-exclude = No", "no product 'No' is held"},
	    {"family = No", "no family 'No' is held"},
	    {"classification = No", "no classification 'No' is held"},
	};
	char policy[200], want[200];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(policy, sizeof(policy), "# a\n%s\nsuperseded = yes\n",
		    rows[i].line);
		snprintf(want, sizeof(want), "t: warning: policy: line 2: %s",
		    rows[i].said);
		says(s, policy, want);
	}
	store_close(s);
}

T_TEST(a_policy_that_chooses_nothing_is_told)
{
	struct store *s = two_updates();

	says(s, "title = nothing of the kind\n", "it chooses none");
	T_STR(said(s, "max-age = 1\n"),
	    "t: warning: policy: it chooses none of the updates that are "
	    "held\n");
	/* That is how a site wants nothing on purpose. */
	T_STR(said(s, "only-approved = yes\n"), "");
	says(s, "only-approved = yes\napprove = KB1\n",
	    "line 2: approve: no update held has KB1\n");
	says(s, "only-approved = yes\napprove = KB1\n", "it chooses none");
	T_STR(said(s, "only-approved = yes\napprove = KB5000002\n"), "");
	store_close(s);
}

T_TEST(drivers_that_one_line_takes_from_another_are_told)
{
	struct store *s = choose_store();
	struct make m;

	make_category(&m, 80, CATEGORY_CLASSIFICATION);
	T_OK(guid_read(
	    &m.u.id, "ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0", GUID_LEN));
	m.u.title = "Drivers";
	make_put_ok(s, &m);
	make_commit(s);
	says(s, "classification = Drivers\n",
	    "line 1: drivers are left out without 'drivers = yes'\n");
	says(s, "classification = Security Updates\ndrivers = yes\n",
	    "policy: 'drivers = yes', but no line names the classification");
	(void)said(s, "classification = Drivers\ndrivers = yes\n");
	T_OK(strstr(choose_said, "drivers") == NULL);
	store_close(s);
}

T_TEST(many_lines_that_name_nothing_are_told_as_one)
{
	struct store *s = two_updates();
	char policy[1000] = "";
	size_t at = 0;
	unsigned i;

	for (i = 1; i <= 5; i++)
		at += (size_t)snprintf(policy + at, sizeof(policy) - at,
		    "kb = 900%u\ndecline = 900%u\n", i, i);
	says(s, policy, "line 9: kb: no update held has KB9005\n");
	T_OK(strstr(choose_said, "more of") == NULL);
	/* A sixth takes no more room by itself. */
	(void)snprintf(policy + at, sizeof(policy) - at, "kb = 9006\n");
	says(s, policy, "line 11: kb: no update held has KB9006\n");
	(void)snprintf(
	    policy + at, sizeof(policy) - at, "kb = 9006\n\nkb = 9007\n");
	says(s, policy,
	    "line 11 and 1 line more of 'kb', the last of them line 13, name "
	    "nothing that is held; -v tells them all\n");
	T_OK(strstr(choose_said, "KB9006") == NULL);
	T_OK(strstr(choose_said, "KB9007") == NULL);
	T_OK(strstr(choose_said, "line 10: decline: no update") != NULL);
	store_close(s);
}

static void
hash(struct store *s, const char *policy, uint8_t sha256[SHA256_LEN])
{
	struct err e = ERR_INIT;
	struct applied a;

	T_EQ(choose_apply(&a, s, policy), 0);
	T_CALL(choose_hash(&a.c, sha256, &e), &e);
	choose_done(&a);
}

T_TEST(the_digest_is_another_one_when_something_else_is_told)
{
	uint8_t none[SHA256_LEN], kb[SHA256_LEN], other[SHA256_LEN];
	struct store *s = two_updates();

	hash(s, "", none);
	hash(s, "kb = KB5000001\n", other);
	T_MEM(none, other, SHA256_LEN);
	hash(s, "kb-exclude = KB7299999\n", kb);
	T_OK(memcmp(none, kb, SHA256_LEN) != 0);
	/* Where it stands in the file is nothing new. */
	hash(s, "\n\nkb-exclude = KB7299999\n", other);
	T_MEM(kb, other, SHA256_LEN);
	hash(s, "kb-exclude = KB7299998\n", other);
	T_OK(memcmp(kb, other, SHA256_LEN) != 0);
	store_close(s);
}

T_MAIN
