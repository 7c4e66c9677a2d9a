/* SPDX-License-Identifier: ISC */
/*
 * An upstream that says nothing does not say "none": a whole list that is empty
 * takes nothing away, is told, and is asked for again.
 */
#include "tests/t.h"

#include <unistd.h>

#include "lib/base/err.h"
#include "lib/store/store.h"
#include "lib/store/sync.h"
#include "tests/fault/disk.h"
#include "tests/fault/plant.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

static int
see_absent(void *arg, const struct guid *id, uint32_t revision, int64_t since,
    struct err *e)
{
	(void)id, (void)revision, (void)since, (void)e;
	++*(unsigned *)arg;
	return 0;
}

/* How many revisions are taken for gone; anchor: is there one for a list? */
static unsigned
gone(enum sync_kind k, bool *anchored)
{
	struct sync_anchor a;
	struct err e = ERR_INIT;
	struct store *s = NULL;
	unsigned n = 0;

	T_CALL(store_open(&s, plant.store, STORE_READ, NULL, &e), &e);
	T_CALL(sync_each_absent(s, see_absent, &n, &e), &e);
	T_CALL(sync_anchor(s, 1, k, &a, &e), &e);
	*anchored = a.value[0] != '\0' || a.pending[0] != '\0';
	store_close(s);
	return n;
}

T_TEST(a_list_that_has_shrunk_to_nothing_takes_nothing_away)
{
	static const struct {
		const char *mode;
		enum sync_kind kind;
		const char *said;
	} rows[] = {
	    {"GetRevisionIdList#1 empty\n", SYNC_CONFIG,
		"whole list of categories is empty, and had 3 revisions"},
	    {"GetRevisionIdList#2 empty\n", SYNC_LIST,
		"whole list of updates is empty, and had "},
	};
	bool anchored;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plant_make();
		plant_fetch(0, plant.policy);
		T_EQ(gone(rows[i].kind, &anchored), 0);
		T_OK(anchored);
		plant.full = true;
		plant_write(plant.modes, rows[i].mode);
		plant_fetch(10, plant.policy);
		T_OK(house_said(rows[i].said));
		T_EQ(gone(rows[i].kind, &anchored), 0);
		T_OK(!anchored);
		plant.full = false;
		plant_write(plant.modes, "");
		plant_fetch(0, plant.policy);
		T_EQ(gone(rows[i].kind, &anchored), 0);
		T_OK(anchored);
	}
}

T_TEST(a_list_of_changes_may_be_empty)
{
	plant_make();
	plant_fetch(0, plant.policy);
	plant_fetch(0, plant.policy);
	T_OK(!house_said("is empty"));
}

T_TEST(an_upstream_that_has_nothing_yet_is_told)
{
	bool anchored;

	plant_make();
	plant_write(plant.modes, "GetRevisionIdList#2 empty\n");
	plant_fetch(0, plant.policy);
	T_OK(house_said("does it have what the policy names?"));
	T_EQ(gone(SYNC_LIST, &anchored), 0);
	T_OK(!anchored);
	plant_make();
	plant_write(plant.modes, "GetRevisionIdList empty\n");
	plant_fetch(10, NULL);
	T_OK(house_said("whole list of categories is empty; "));
	T_OK(house_said("whole list of updates is empty; "));
}

T_TEST(what_was_told_is_not_told_again_by_a_quiet_run)
{
	plant_make();
	plant_write(plant.modes, "GetRevisionIdList#2- empty\n");
	plant.quiet = true;
	plant_fetch(0, plant.policy);
	T_OK(house_said("whole list of updates is empty"));
	plant_write(plant.modes, "GetRevisionIdList#2 empty\n");
	plant_fetch(0, plant.policy);
	T_OK(!house_said("whole list of updates is empty"));
	plant.quiet = false;
	plant_write(plant.modes, "GetRevisionIdList#2- empty\n");
	plant_fetch(0, plant.policy);
	T_OK(house_said("whole list of updates is empty"));
}

static int
see_line(void *arg, const char *line, struct err *e)
{
	(void)e;
	*(uint64_t *)arg += strstr(line, "\"approval\"") != NULL;
	return 0;
}

static uint64_t
approvals(void)
{
	struct err e = ERR_INIT;
	struct store *s = NULL;
	uint64_t n = 0;

	T_CALL(store_open(&s, plant.store, STORE_READ, NULL, &e), &e);
	T_CALL(store_each_state(s, see_line, &n, &e), &e);
	store_close(s);
	return n;
}

T_TEST(approvals_that_are_not_told_of_are_kept)
{
	char id[GUID_LEN + 1], modes[128];
	struct guid g = make_guid(10);
	uint64_t groups;

	plant_make();
	plant.approvals = true;
	plant_fetch(0, plant.policy);
	groups = approvals();
	guid_write(id, &g);
	snprintf(modes, sizeof(modes), "GetDeployments decline %s.1\n", id);
	plant_write(plant.modes, modes);
	plant_fetch(0, plant.policy);
	T_EQ(approvals(), groups + 1);
	plant_write(plant.modes, "GetDeployments absent-arrays\n");
	plant_fetch(0, plant.policy);
	T_EQ(approvals(), groups + 1);
	T_OK(house_said("is kept as it is"));
	plant_write(plant.modes, "");
	plant_fetch(0, plant.policy);
	T_EQ(approvals(), groups);
}

/* The store's files, but for its log and what writers share. */
static char *
files_of(const char *store)
{
	static const char *const not [] = {
	    "fetch.log", "store.db-shm", "store.db-wal", "lock"};
	char *all = disk_list(store), *to = all, *from, *end;
	size_t i;

	for (from = all; *from != '\0'; from = end + 1) {
		end = strchr(from, '\n');
		for (i = 0; i < 4; i++)
			if (memmem(from, (size_t)(end - from), not [i],
				strlen(not [i])) != NULL)
				break;
		if (i == 4) {
			memmove(to, from, (size_t)(end + 1 - from));
			to += end + 1 - from;
		}
	}
	*to = '\0';
	return all;
}

T_TEST(an_upstream_that_cannot_be_reached_changes_nothing)
{
	const char *base;
	char *was, *is, *dump;

	plant_make();
	base = plant.base;
	plant.base = "http://127.0.0.1:1";
	plant_fetch(5, plant.policy);
	T_EQ(access(plant.store, F_OK), -1);
	plant.base = base;
	plant_fetch(0, plant.policy);
	was = files_of(plant.store);
	dump = house_dump(plant.store);
	plant.base = "http://127.0.0.1:1";
	plant_fetch(5, plant.policy);
	plant.base = base;
	plant_write(plant.modes, "GetCookie fault InternalServerError\n");
	plant_fetch(5, plant.policy);
	disk_same("files", is = files_of(plant.store), was);
	free(is);
	disk_same("rows", is = house_dump(plant.store), dump);
	free(is);
	free(was);
	free(dump);
	/* Nor does it make the next run ask for whole lists. */
	plant_write(plant.modes, "");
	plant_fetch(0, plant.policy);
	T_OK(house_said("list of updates, what changed"));
}

T_MAIN
