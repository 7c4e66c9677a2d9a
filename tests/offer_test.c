/* SPDX-License-Identifier: ISC */
#include "lib/offer/offer.h"

#include <unistd.h>

#include "lib/view/snap.h"
#include "tests/fault/disk.h"
#include "tests/offer_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

T_TEST(a_first_build_has_what_the_rings_say)
{
	struct snapshot s;
	struct offer_rig r;
	char *names;

	om_world(&r, OM_PILOT);
	om_builds(&r, "yes", 1);
	T_EQ(r.status, 10); /* 11 has no content */
	om_said(
	    &r, "pilot: 2 offered, 0 waiting, 1 without all of their content");
	om_current(&r, &s);
	T_EQ(s.generation, 1);
	T_EQ(s.epoch, 77);
	T_EQ(s.built, OM_NOW);
	T_STR(om_says(&s, "pilot", 10), "install");
	T_STR(om_says(&s, "pilot", 11), "watch absent");
	T_STR(om_says(&s, "pilot", 12), "install");
	T_STR(om_says(&s, "pilot", 13), "bundle");
	T_STR(om_says(&s, "pilot", OM_PRODUCT), "evaluate");
	T_STR(om_says(&s, "default", 10), "watch");
	T_STR(om_says(&s, "default", 13), "bundle");
	T_EQ(s.nfiles, 3);
	T_OK(s.nfragments > s.nrevisions);
	T_OK(s.nconfig > 100);
	names = om_files(&r, "");
	T_STR(names, "000001.snap current texts ");
	free(names);
	om_builds(&r, "check", 0);
	T_EQ(r.status, 0);
	snapshot_free(&s);
}

T_TEST(nothing_new_writes_nothing)
{
	struct offer_rig r;
	char *before, *after;

	om_world(&r, OM_PILOT);
	om_builds(&r, "yes", 1);
	before = disk_list(r.dir);
	om_at(&r, OM_NOW + 3600);
	om_builds(&r, "", 0);
	om_said(&r, "nothing has changed since snapshot 000001");
	after = disk_list(r.dir);
	disk_same("the store", after, before);
	free(before);
	free(after);
}

T_TEST(the_same_gives_the_same_bytes)
{
	struct offer_rig a, b;
	struct snapshot x, y;
	char *names, *again, path[400];

	om_world(&a, OM_PILOT "deadline = 3\n");
	b = a;
	snprintf(b.dir, sizeof(b.dir), "%.290s.copy", a.dir);
	b.o.store = b.dir;
	b.o.now = b.now;
	disk_copy(a.dir, b.dir);
	om_builds(&a, "yes", 1);
	b.o.jobs = 3;
	b.o.rings = a.rings;
	om_builds(&b, "yes", 1);
	om_current(&a, &x);
	om_current(&b, &y);
	T_MEM(x.id, y.id, SNAPSHOT_ID_LEN);
	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER, a.dir);
	names = disk_list(path);
	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER, b.dir);
	again = disk_list(path);
	disk_same("the offer", again, names);
	free(names);
	free(again);
	snapshot_free(&x);
	snapshot_free(&y);
}

T_TEST(ids_stay_and_what_changed_says_when)
{
	struct snapshot s, t;
	struct offer_rig r;

	om_world(&r, OM_PILOT);
	om_builds(&r, "yes", 1);
	om_current(&r, &s);
	om_one(&r, 11, 2, true);
	om_one(&r, 14, 1, true);
	om_at(&r, OM_NOW + OM_DAY);
	om_builds(&r, "", 1);
	T_EQ(r.status, 0);
	om_current(&r, &t);
	T_EQ(t.generation, 2);
	T_EQ(t.npast, 1);
	T_MEM(t.past[0].id, s.id, SNAPSHOT_ID_LEN);
	T_EQ(om_id(&t, 10), om_id(&s, 10));
	T_OK(om_id(&t, 11) != om_id(&s, 11));
	T_OK(om_id(&t, 14) > om_id(&s, 13));
	T_EQ(om_offer(&t, "pilot", 10)->changed, 1);
	T_EQ(om_offer(&t, "pilot", 11)->changed, 2);
	T_EQ(om_offer(&t, "pilot", 14)->changed, 2);
	T_STR(om_says(&t, "pilot", 11), "install");
	/* The texts of before stay where they are. */
	T_EQ(s.nsegments, 1);
	T_EQ(t.nsegments, 2);
	T_MEM(t.segments[0].hash, s.segments[0].hash, BLAKE_LEN);
	snapshot_free(&s);
	snapshot_free(&t);
}

T_TEST(two_are_kept_and_no_more)
{
	struct offer_rig r;
	char *names;

	om_world(&r, OM_PILOT);
	om_builds(&r, "yes", 1);
	for (unsigned id = 20; id < 23; id++) {
		om_one(&r, id, 1, true);
		om_builds(&r, "", 1);
	}
	names = om_files(&r, "");
	T_STR(names, "000003.snap 000004.snap current texts ");
	free(names);
	om_builds(&r, "check", 0);
	T_EQ(r.status, 0);
}

T_TEST(what_a_changed_ring_file_does_needs_a_yes)
{
	static const struct {
		const char *rings, *why;
	} rows[] = {
	    {OM_PILOT "decline = KB5000010\n", "takes 1 offer away"},
	    {OM_PILOT "deadline = 7\n", "2 deadlines that are new or earlier"},
	    {OM_PILOT "approve = KB5000010 uninstall\n", "1 removal"},
	    {OM_PILOT "ring = other\ninherit = pilot\n", "2 new offers"},
	    {"", "takes 2 offers away"},
	};
	struct offer_rig r;
	char *before, *after;

	om_world(&r, OM_PILOT);
	om_builds(&r, "", 1); /* no more new offers than are allowed */
	before = disk_list(r.dir);
	r.o.max_offers = 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		om_rings(&r, rows[i].rings);
		om_builds(&r, "", -1);
		T_EQ(r.status, 2);
		om_said(&r, "the ring file has changed: it brings ");
		om_said(&r, rows[i].why);
		om_builds(&r, "dry", 1);
		om_said(&r, "that takes --yes");
	}
	after = disk_list(r.dir);
	disk_same("the store", after, before);
	om_builds(&r, "yes", 1);
	om_builds(&r, "", 0); /* the file is that of the snapshot now */
	free(before);
	free(after);
}

T_TEST(passing_days_and_imports_need_none)
{
	struct snapshot s;
	struct offer_rig r;

	om_world(&r, OM_PILOT "delay = 5\ndeadline = 2 03:00\n");
	om_one(&r, 30, 1, true);
	om_builds(&r, "yes", 1);
	om_current(&r, &s);
	T_STR(om_says(&s, "pilot", 30), "install");
	snapshot_free(&s);
	r.o.max_offers = 0;
	om_one(&r, 31, 1, true);
	om_at(&r, OM_NOW + OM_DAY);
	om_builds(&r, "", 1);
	om_current(&r, &s);
	T_STR(om_says(&s, "pilot", 31), "watch delay");
	snapshot_free(&s);
	om_at(&r, OM_NOW + 6 * OM_DAY);
	om_builds(&r, "", 1);
	om_current(&r, &s);
	T_STR(om_says(&s, "pilot", 31), "install");
	T_EQ(om_offer(&s, "pilot", 31)->deadline,
	    OM_NOW + 8 * OM_DAY + 3 * 3600);
	snapshot_free(&s);
}

T_TEST(a_dry_run_writes_nothing_and_lists_what_can_hurt)
{
	struct offer_rig r;
	char *before, *after;

	om_world(&r, OM_PILOT "deadline = 2\napprove = KB5000012 uninstall\n");
	before = disk_list(r.dir);
	om_builds(&r, "dry", 1);
	om_said(&r, "pilot: gains KB5000010: install by 2024-10-06T00:00:00Z");
	om_said(&r, "pilot: gains KB5000012: uninstall; update 12");
	om_said(&r, "would be snapshot 000001");
	after = disk_list(r.dir);
	disk_same("the store", after, before);
	free(before);
	free(after);
}

T_TEST(a_diff_tells_what_would_be_and_what_was)
{
	struct offer_rig r;

	om_world(&r, OM_PILOT);
	om_builds(&r, "diff", 0);
	om_said(&r, "pilot: gains KB5000010: install; update 10\n");
	om_said(&r, "pilot: waits KB5000011: nothing -> waiting: absent");
	om_said(&r, "2 gained, 0 lost, 0 changed, 1 waiting anew, 0 given up");
	om_builds(&r, "yes", 1);
	om_builds(&r, "diff", 0);
	om_said(&r, "0 gained, 0 lost, 0 changed, 0 waiting anew, 0 given up");
	om_rings(&r, OM_PILOT "decline = KB5000010\n");
	om_one(&r, 11, 2, true);
	om_one(&r, 12, 2, true);
	om_builds(&r, "diff", 0);
	om_said(&r, "pilot: loses KB5000010: install -> nothing; update 10\n");
	om_said(&r, "pilot: gains KB5000011: install; update 11\n");
	om_said(&r,
	    "pilot: changes KB5000012: install -> install, revision 1 -> 2");
	om_builds(&r, "yes", 1);
	r.o.rings = NULL;
	om_builds(&r, "diff", 0);
	om_said(&r, "pilot: loses KB5000010: install -> nothing; update 10\n");
	om_said(&r, "1 gained, 1 lost, 1 changed");
}

T_TEST(going_back_is_a_new_snapshot)
{
	struct snapshot one, two, s;
	struct offer_rig r;

	om_world(&r, OM_PILOT);
	om_builds(&r, "rollback", -1);
	om_said(&r, "there is no snapshot before the newest one");
	om_builds(&r, "yes", 1);
	om_current(&r, &one);
	om_builds(&r, "rollback", -1);
	om_rings(&r, OM_PILOT "approve = KB5000010 uninstall\n");
	om_one(&r, 14, 1, true);
	om_builds(&r, "yes", 1);
	om_current(&r, &two);
	T_STR(om_says(&two, "pilot", 10), "uninstall");
	om_builds(&r, "rollback", 1);
	om_current(&r, &s);
	T_EQ(s.generation, 3);
	T_OK(s.undone);
	T_EQ(s.npast, 2);
	T_STR(om_says(&s, "pilot", 10), "install");
	T_STR(om_says(&s, "pilot", 14), "-");
	T_EQ(om_id(&s, 10), om_id(&one, 10));
	T_EQ(s.nids, two.nids);
	T_EQ(om_offer(&s, "pilot", 10)->changed, 3);
	T_EQ(om_offer(&s, "pilot", 12)->changed, 1);
	T_MEM(s.rings_hash, two.rings_hash, BLAKE_LEN);
	snapshot_free(&s);
	/* A timer does not bring back what was taken away. */
	om_builds(&r, "", -1);
	T_EQ(r.status, 2);
	om_said(&r, "was rolled back by snapshot 000003");
	om_rings(&r, OM_PILOT "# mended\n");
	om_builds(&r, "", 1);
	om_current(&r, &s);
	T_OK(!s.undone);
	T_STR(om_says(&s, "pilot", 10), "install");
	snapshot_free(&s);
	snapshot_free(&one);
	snapshot_free(&two);
}

T_TEST(going_back_twice_is_where_it_was)
{
	struct snapshot two, s;
	struct offer_rig r;

	om_world(&r, OM_PILOT);
	om_builds(&r, "yes", 1);
	om_rings(&r, OM_PILOT "decline = KB5000010\n");
	om_builds(&r, "yes", 1);
	om_current(&r, &two);
	om_builds(&r, "rollback", 1);
	om_builds(&r, "rollback", 1);
	om_current(&r, &s);
	T_EQ(s.generation, 4);
	T_OK(!s.undone);
	T_STR(om_says(&s, "pilot", 10), "-");
	T_MEM(s.rings_hash, two.rings_hash, BLAKE_LEN);
	om_builds(&r, "", 0);
	snapshot_free(&s);
	snapshot_free(&two);
}

T_TEST(without_a_ring_file_there_is_the_built_in_ring_alone)
{
	struct snapshot s;
	struct offer_rig r;

	om_world(&r, NULL);
	om_builds(&r, "", 1);
	om_current(&r, &s);
	T_EQ(s.nrings, 1);
	T_STR((const char *)s.rings[0].name, "default");
	T_STR(om_says(&s, "default", 10), "watch");
	snapshot_free(&s);
}

T_TEST(an_explanation_names_the_ring_of_a_client)
{
	struct offer_rig r;

	om_world(&r,
	    OM_PILOT "network = 10.1.9.0/24\nring = line\ninherit = pilot\n"
		     "client = plc*\ndelay = 40\n");
	r.o.explain = "KB5000010";
	T_EQ(om_run(&r), 0);
	om_said(&r, "pilot: ");
	om_said(&r, "line: ");
	om_said(&r, "default: ");
	om_said(&r, "withheld, delay");
	om_said(&r, "     selected: product Windows 11 (line ");
	om_said(&r, "     not selected: the ring has no product");
	r.o.client = "PLC7.plant.example";
	T_EQ(om_run(&r), 0);
	om_said(&r, "is in ring 'line'");
	T_OK(strstr(r.said, "pilot: ") == NULL);
	r.o.client = "10.1.9.77";
	T_EQ(om_run(&r), 0);
	om_said(&r, "is in ring 'pilot'");
	r.o.client = "10.1.8.77";
	T_EQ(om_run(&r), 0);
	om_said(&r, "is in ring 'default'");
	r.o.explain = "KB1";
	T_EQ(om_run(&r), -1);
	om_said(&r, "no update held has that KB number");
	T_EQ(r.status, 1);
}

T_TEST(what_makes_no_sense_together_is_refused)
{
	struct offer_rig r;

	om_world(&r, OM_PILOT);
	om_builds(&r, "check diff", -1);
	T_EQ(r.status, 2);
	r.o.check = true;
	T_EQ(om_run(&r), -1);
	om_said(&r, "--check reads no ring file");
	r.o.check = false;
	r.o.client = "x";
	T_EQ(om_run(&r), -1);
	om_said(&r, "--client goes with --explain");
	r.o.client = NULL;
	r.o.now = "yesterday";
	T_EQ(om_run(&r), -1);
	om_said(&r, "--now takes a time as");
	om_at(&r, OM_NOW);
	om_rings(&r, "ring = a\nbogus = 1\n");
	T_EQ(om_run(&r), -1);
	T_EQ(r.status, 3);
	om_said(&r, "line 2");
	T_OK(access(r.dir, F_OK) == 0);
}

/* Not with each build anew, to be thrown away. */
T_TEST(an_older_store_is_brought_up_once)
{
	struct offer_rig r;

	om_world(&r, OM_PILOT);
	make_old(r.dir);
	om_builds(&r, "dry", 1);
	T_OK(strstr(r.said, "schema 1") == NULL);
	om_builds(&r, "yes", 1);
	om_said(&r, "schema 1 of store.db becomes");
	om_builds(&r, "yes", 0);
	T_OK(strstr(r.said, "schema") == NULL);
}

T_MAIN
