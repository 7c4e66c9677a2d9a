/* SPDX-License-Identifier: ISC */
#include "lib/offer/facts.h"

#include <unistd.h>

#include "lib/store/ledger.h"
#include "lib/store/store.h"
#include "tests/choose_make.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static uint32_t
update(const struct facts *f, unsigned n)
{
	struct guid id = make_guid(n);

	return facts_find(f, &id);
}

static uint32_t
newest(const struct facts *f, unsigned n)
{
	uint32_t u = update(f, n);

	return u == FACTS_NONE ? FACTS_NONE : facts_newest(f, u);
}

/* The number in the identity that make_guid() made. */
static unsigned
number(const struct facts *f, uint32_t u)
{
	unsigned n;

	for (n = 0; n < 2000; n++)
		if (update(f, n) == u)
			return n;
	return n;
}

/* What a revision names: "2 6 | 5 ", a bar behind each clause. */
static const char *
needs(const struct facts *f, uint32_t rev)
{
	static char to[256];
	uint32_t c, a;
	size_t n = 0;

	to[0] = '\0';
	for (c = f->revs[rev].clauses; c < f->revs[rev + 1].clauses; c++) {
		for (a = f->clauses[c].first; a < f->clauses[c + 1].first; a++)
			n += (size_t)snprintf(to + n, sizeof(to) - n, "%u ",
			    number(f, f->alternatives[a]));
		n += (size_t)snprintf(to + n, sizeof(to) - n, "| ");
	}
	return to;
}

static void
load(struct facts *f, struct store *s)
{
	struct err e = ERR_INIT;

	T_CALL(store_begin(s, &e), &e);
	T_CALL(facts_load(f, s, &e), &e);
	store_rollback(s);
}

T_TEST(an_empty_store_has_none)
{
	struct facts f = FACTS_INIT;
	struct store *s = make_store(t_tmpdir());
	struct guid id = make_guid(1);

	load(&f, s);
	T_EQ(f.nrevs + f.nupdates + f.nfiles + f.nclauses, 0);
	T_EQ(facts_find(&f, &id), FACTS_NONE);
	T_EQ(facts_row(&f, 1), FACTS_NONE);
	facts_free(&f);
	store_close(s);
}

T_TEST(revisions_stand_by_identity_whatever_order_they_came_in)
{
	struct facts f = FACTS_INIT;
	struct store *s = make_begun(t_tmpdir());
	struct make m;
	uint32_t u, rev;

	make_update(&m, 30, 2);
	m.u.deployable = true;
	make_put_ok(s, &m);
	make_update(&m, 20, 7);
	make_put_ok(s, &m);
	make_update(&m, 30, 1);
	m.u.expired = true;
	make_put_ok(s, &m);
	make_commit(s);
	load(&f, s);
	T_EQ(f.nrevs, 3);
	T_EQ(f.nupdates, 2);
	u = update(&f, 30);
	T_EQ(f.updates[u + 1].first - f.updates[u].first, 2);
	rev = facts_newest(&f, u);
	T_EQ(f.revs[rev].revision, 2);
	T_OK(f.revs[rev].deployable && !f.revs[rev].expired);
	T_EQ(facts_exact(&f, u, 1), rev - 1);
	T_OK(f.revs[rev - 1].expired && !f.revs[rev - 1].deployable);
	T_EQ(facts_exact(&f, u, 3), FACTS_NONE);
	T_EQ(facts_row(&f, 1), rev);
	T_EQ(facts_row(&f, 2), newest(&f, 20));
	T_EQ(facts_row(&f, 3), rev - 1);
	T_EQ(facts_row(&f, 4), FACTS_NONE);
	T_STR(f.text + f.revs[newest(&f, 20)].title, "update 20");
	facts_free(&f);
	store_close(s);
}

T_TEST(clauses_and_parts_keep_their_alternatives)
{
	struct facts f = FACTS_INIT;
	struct store *s = make_begun(t_tmpdir());
	struct make m;
	uint32_t rev, i;

	make_update(&m, 11, 5);
	make_put_ok(s, &m);
	make_update(&m, 10, 1);
	make_needs(&m, 1, 2);
	make_needs(&m, 1, 90);
	m.prereqs[0].is_category = true;
	make_needs(&m, 0, 11);
	make_needs(&m, 0, 2);
	make_needs(&m, 2, 3);
	make_bundles(&m, 11, 5);
	make_bundles(&m, 11, 6);
	make_bundles(&m, 91, 1);
	m.bundled[1].group = m.bundled[2].group = 9;
	m.bundled[1].any = m.bundled[2].any = true;
	make_put_ok(s, &m);
	make_update(&m, 9, 1);
	make_needs(&m, 0, 10);
	make_put_ok(s, &m);
	make_commit(s);
	load(&f, s);
	rev = newest(&f, 10);
	T_STR(needs(&f, rev), "2 90 | 11 | 2 | 3 | ");
	T_OK(f.clauses[f.revs[rev].clauses].category);
	T_OK(!f.clauses[f.revs[rev].clauses + 1].category);
	T_STR(needs(&f, newest(&f, 9)), "10 | ");
	T_STR(needs(&f, newest(&f, 11)), "");
	/* Named, held or not. */
	T_OK(f.updates[update(&f, 10)].needed);
	T_OK(f.updates[update(&f, 90)].needed);
	T_OK(!f.updates[update(&f, 9)].needed);
	T_OK(!f.updates[update(&f, 91)].needed);
	T_EQ(newest(&f, 90), FACTS_NONE);
	i = f.revs[rev].parts;
	T_EQ(f.revs[rev + 1].parts - i, 2);
	T_EQ(f.parts[i + 1].first - f.parts[i].first, 1);
	T_EQ(f.parts[i + 2].first - f.parts[i + 1].first, 2);
	i = f.parts[i].first;
	T_EQ(f.members[i].rev, newest(&f, 11));
	T_EQ(f.members[i + 1].rev, FACTS_NONE);
	T_EQ(f.members[i + 1].update, update(&f, 11));
	T_EQ(f.members[i + 1].revision, 6);
	T_EQ(f.members[i + 2].rev, FACTS_NONE);
	facts_free(&f);
	store_close(s);
}

T_TEST(what_else_is_known_of_a_revision)
{
	struct facts f = FACTS_INIT;
	struct err e = ERR_INIT;
	struct ledger_row row = {.row = 1,
	    .kind = LEDGER_PACKAGE,
	    .state = LEDGER_IMPORTED,
	    .time = 20000 * 86400LL + 5};
	struct store *s = choose_store();
	struct guid licence = make_guid(77);
	struct make m;
	uint32_t rev, i;

	T_CALL(ledger_update(s, &row, &e), &e);
	choose_part(&m, 101, "p");
	m.u.has_eula = true;
	m.u.eula = licence;
	make_put_ok(s, &m);
	choose_offer(&m, 100, "a title", CM_WIN11, CM_SECURITY);
	make_bundles(&m, 101, 1);
	m.kbs[m.u.nkbs++] = "KB5000001";
	m.kbs[m.u.nkbs++] = "5000002";
	m.superseded[m.u.nsuperseded++] = make_guid(55);
	make_put_ok(s, &m);
	make_commit(s);
	load(&f, s);
	rev = newest(&f, 100);
	T_STR(f.text + f.revs[rev].title, "a title");
	T_EQ(f.revs[rev].bytes, strlen(m.text));
	i = f.revs[rev].kbs;
	T_EQ(f.revs[rev + 1].kbs - i, 2);
	T_STR(f.text + f.kbs[i], "5000001");
	T_STR(f.text + f.kbs[i + 1], "5000002");
	i = f.revs[rev].supersedes;
	T_EQ(f.revs[rev + 1].supersedes - i, 1);
	T_EQ(f.supersedes[i], update(&f, 55));
	/* Of its bundle, where it has none of its own. */
	rev = newest(&f, 101);
	i = f.revs[rev].filed;
	T_EQ(f.revs[rev + 1].filed - i, 2);
	T_EQ(f.filed[i].kind, CATEGORY_CLASSIFICATION);
	T_EQ(f.filed[i].update, update(&f, CM_SECURITY));
	T_EQ(f.filed[i + 1].kind, CATEGORY_PRODUCT);
	T_EQ(f.filed[i + 1].update, update(&f, CM_WIN11));
	T_EQ(f.revs[rev].arrived, 20000);
	T_OK(f.revs[rev].has_eula);
	T_OK(guid_cmp(&f.revs[rev].eula, &licence) == 0);
	T_EQ(f.revs[newest(&f, CM_WIN11)].category, CATEGORY_PRODUCT);
	facts_free(&f);
	store_close(s);
}

T_TEST(a_file_is_present_only_where_it_is_there_whole)
{
	static const char *const names[] = {
	    "here", "damaged", "lost", "absent", "left out"};
	struct facts f = FACTS_INIT;
	struct err e = ERR_INIT;
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct make m;
	uint8_t left[SHA1_LEN];
	uint32_t rev, i, present = 0, out = 0;
	size_t k;

	make_update(&m, 10, 1);
	for (k = 0; k < sizeof(names) / sizeof(*names); k++)
		make_file(&m, names[k], k == 1 ? "File.Cab" : "file.exe");
	memcpy(left, m.files[4].sha1, SHA1_LEN);
	m.files[3].has_sha256 = false;
	make_put_ok(s, &m);
	make_here(s, dir, "here", "exe");
	make_here(s, dir, "damaged", "Cab");
	make_here(s, dir, "lost", "exe");
	T_CALL(store_file_left_out(s, left, true, &e), &e);
	make_commit(s);
	make_damaged(dir, "damaged", "Cab", 1);
	make_lost(dir, "lost", "exe");
	load(&f, s);
	rev = newest(&f, 10);
	i = f.revs[rev].uses;
	T_EQ(f.nfiles, 5);
	T_EQ(f.revs[rev + 1].uses - i, 5);
	T_STR(f.uses[i + 1].ext, "Cab");
	for (k = 0; k < 5; k++) {
		present |= (uint32_t)f.files[f.uses[i + k].file].present << k;
		out |= (uint32_t)f.files[f.uses[i + k].file].left_out << k;
		T_EQ(f.files[f.uses[i + k].file].has_sha256, k != 3);
		T_MEM(f.files[f.uses[i + k].file].sha1, m.files[k].sha1,
		    SHA1_LEN);
	}
	T_EQ(present, 1);
	T_EQ(out, 16);
	for (k = 1; k < 5; k++)
		T_OK(
		    memcmp(f.files[k - 1].sha1, f.files[k].sha1, SHA1_LEN) < 0);
	facts_free(&f);
	store_close(s);
}

T_TEST(thousands_of_links_are_those_of_the_store)
{
	struct facts f = FACTS_INIT, again = FACTS_INIT;
	struct store *s = make_begun(t_tmpdir());
	size_t i;

	make_random(s, 11, 1500);
	make_commit(s);
	load(&f, s);
	load(&again, s);
	T_OK(f.nrevs > 1000 && f.nalternatives > f.nclauses);
	T_EQ(f.revs[f.nrevs].clauses, f.nclauses);
	T_EQ(f.clauses[f.nclauses].first, f.nalternatives);
	T_EQ(f.parts[f.nparts].first, f.nmembers);
	for (i = 0; i < f.nrevs; i++) {
		T_EQ(facts_exact(&f, f.revs[i].update, f.revs[i].revision), i);
		T_EQ(facts_row(&f, f.revs[i].row), i);
	}
	for (i = 1; i < f.nupdates; i++)
		T_OK(guid_cmp(&f.updates[i - 1].id, &f.updates[i].id) < 0);
	T_EQ(f.nalternatives, again.nalternatives);
	T_MEM(f.alternatives, again.alternatives,
	    f.nalternatives * sizeof(*f.alternatives));
	facts_free(&f);
	facts_free(&again);
	store_close(s);
}

T_MAIN
