/* SPDX-License-Identifier: ISC */
/* What somebody damages, removes or exchanges in a folder of offers. */
#include "lib/offer/offer.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/list/list.h"
#include "lib/offer/texts.h"
#include "lib/view/snap.h"
#include "tests/fault/disk.h"
#include "tests/offer_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* A byte of a file is another one. */
static void
damage(const struct offer_rig *r, const char *name, off_t at, int cut)
{
	char path[500];
	uint8_t b;
	int fd;

	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER "/%s", r->dir, name);
	T_EQ(chmod(path, 0644), 0);
	fd = open(path, O_RDWR);
	T_OK(fd != -1);
	if (cut) {
		T_EQ(ftruncate(fd, at), 0);
	} else {
		T_EQ(pread(fd, &b, 1, at), 1);
		b ^= 0x10;
		T_EQ(pwrite(fd, &b, 1, at), 1);
	}
	(void)close(fd);
}

static int
lists(const struct offer_rig *r, struct err *e)
{
	struct log log = LOG_INIT;
	struct list_opts o = {.store = r->dir, .what = "offers", .log = &log};

	log.quiet = true;
	return list_run(&o, e);
}

static void
files(const struct offer_rig *r, const char *want)
{
	char *got = om_files(r, "");

	T_STR(got, want);
	free(got);
}

/* What a's newest names is in b's folder. */
static void
texts_are_there(const struct offer_rig *a, const struct offer_rig *b)
{
	char name[SNAPSHOT_SEGMENT_NAME], path[500];
	struct snapshot s;

	om_current(a, &s);
	T_OK(s.nsegments > 0);
	for (size_t i = 0; i < s.nsegments; i++) {
		snapshot_segment_name(name, s.segments[i].hash);
		snprintf(path, sizeof(path),
		    "%s/" SNAP_FOLDER "/" TEXTS_FOLDER "/%s", b->dir, name);
		T_EQ(access(path, F_OK), 0);
	}
	snapshot_free(&s);
}

T_TEST(an_unsound_one_is_told_and_passed_over)
{
	struct snapshot s;
	struct offer_rig r;

	om_world(&r, OM_PILOT);
	om_builds(&r, "yes", 1);
	om_one(&r, 14, 1, true);
	om_builds(&r, "", 1);
	damage(&r, "000002.snap", 700, 0);
	om_builds(&r, "check", 0);
	T_EQ(r.status, 1);
	om_said(&r, "000002.snap");
	om_builds(&r, "", 1);
	om_said(&r, "offer/000002.snap");
	om_said(&r, "passed over");
	om_current(&r, &s);
	/* Its number is not given again, and its cookies are of no lineage. */
	T_EQ(s.generation, 3);
	T_EQ(s.npast, 1);
	T_EQ(s.past[0].generation, 1);
	snapshot_free(&s);
	/* Without news too the number rises above it. */
	damage(&r, "000003.snap", 90, 1);
	om_builds(&r, "", 1);
	T_EQ(om_generation(&r), 4);
}

T_TEST(damaged_texts_are_made_anew)
{
	struct snapshot s;
	struct offer_rig r;
	char name[SNAPSHOT_SEGMENT_NAME], path[100];

	om_world(&r, OM_PILOT);
	om_builds(&r, "yes", 1);
	om_current(&r, &s);
	snapshot_segment_name(name, s.segments[0].hash);
	snprintf(path, sizeof(path), TEXTS_FOLDER "/%s", name);
	damage(&r, path, 1000, 0);
	om_builds(&r, "check", 0);
	T_EQ(r.status, 1);
	om_said(&r, path);
	/* Of the same documents, they are the same file. */
	om_builds(&r, "", 0);
	om_said(&r, "made anew");
	om_builds(&r, "check", 0);
	T_EQ(r.status, 0);
	snapshot_free(&s);
	damage(&r, path, 1000, 1);
	om_one(&r, 14, 1, true);
	om_builds(&r, "", 1);
	om_current(&r, &s);
	T_EQ(s.nsegments, 1);
	om_builds(&r, "check", 0);
	T_EQ(r.status, 3); /* that of the one before is as it was */
	snapshot_free(&s);
}

/* Where current leads to nothing, a build mends it. */
T_TEST(current_is_mended)
{
	struct offer_rig r;
	char path[400];

	om_world(&r, OM_PILOT);
	om_builds(&r, "yes", 1);
	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER "/" SNAP_CURRENT, r.dir);
	T_EQ(unlink(path), 0);
	om_builds(&r, "check", 0);
	T_EQ(r.status, 1);
	om_builds(&r, "", 0);
	T_EQ(om_generation(&r), 1);
	T_EQ(unlink(path), 0);
	make_text(path, "000009.snap\n");
	om_builds(&r, "check", 0);
	om_said(&r, "names 000009.snap, which is not there");
	om_builds(&r, "", 0);
	T_EQ(om_generation(&r), 1);
	T_EQ(unlink(path), 0);
	make_text(path, "rubbish");
	om_builds(&r, "", 0);
	T_EQ(om_generation(&r), 1);
}

T_TEST(every_byte_of_an_index_that_is_another_is_found)
{
	struct offer_rig r;
	struct stat st;
	char path[400];
	off_t at;

	om_world(&r, OM_PILOT);
	om_builds(&r, "yes", 1);
	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER "/000001.snap", r.dir);
	T_EQ(stat(path, &st), 0);
	T_EQ(st.st_mode & 0777, 0444);
	for (at = 0; at < st.st_size; at += 1 + (off_t)(t_random() % 97)) {
		damage(&r, "000001.snap", at, 0);
		om_builds(&r, "check", 0);
		T_OK(r.status == 1 || r.status == 3);
		damage(&r, "000001.snap", at, 0);
	}
	om_builds(&r, "check", 0);
	T_EQ(r.status, 0);
	damage(&r, "000001.snap", st.st_size - 1, 1);
	om_builds(&r, "check", 0);
	T_EQ(r.status, 1);
}

T_TEST(a_folder_of_another_store_is_passed_over)
{
	struct err e = ERR_INIT;
	struct offer_rig a, b;
	struct snapshot s;
	char from[400], to[400];

	om_world(&a, OM_PILOT);
	om_world(&b, OM_PILOT);
	om_builds(&a, "yes", 1);
	om_one(&b, 14, 1, true);
	snprintf(from, sizeof(from), "%s/" SNAP_FOLDER, a.dir);
	snprintf(to, sizeof(to), "%s/" SNAP_FOLDER, b.dir);
	disk_copy(from, to);
	/* Whoever reads it says the same of it. */
	T_FAILS(lists(&b, &e), &e, E_FORMAT, "000001.snap: of store ");
	err_clear(&e);
	om_builds(&b, "check", 0);
	T_EQ(b.status, 3);
	om_said(&b, "of store ");
	b.o.epoch = 5;
	om_builds(&b, "yes", 1);
	om_said(&b, "of store ");
	om_current(&b, &s);
	T_EQ(s.generation, 2);
	T_EQ(s.npast, 0);
	T_EQ(s.epoch, 5);
	snapshot_free(&s);
	/* However many are built, it stays, and what it names. */
	om_one(&b, 15, 1, true);
	om_builds(&b, "", 1);
	om_one(&b, 16, 1, true);
	om_builds(&b, "", 1);
	om_said(&b, "000001.snap: of store ");
	om_said(&b, "it stays, and so do all texts");
	files(&b, "000001.snap 000003.snap 000004.snap current texts ");
	texts_are_there(&a, &b);
	/* Without it what nobody names goes. */
	snprintf(to, sizeof(to), "%s/" SNAP_FOLDER "/000001.snap", b.dir);
	T_EQ(unlink(to), 0);
	om_builds(&b, "", 0);
	om_builds(&b, "check", 0);
	T_EQ(b.status, 0);
}

/* What a later version wrote is not known here, and is not taken away. */
T_TEST(one_that_is_not_understood_stays)
{
	struct offer_rig r;
	char path[400];

	om_world(&r, OM_PILOT);
	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER, r.dir);
	T_EQ(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER "/000003.snap", r.dir);
	make_text(path, "WFOFFER2 of a later version");
	om_builds(&r, "yes", 1);
	om_said(&r, "offer/000003.snap");
	T_EQ(om_generation(&r), 4);
	om_builds(&r, "", 0);
	om_one(&r, 14, 1, true);
	om_builds(&r, "", 1);
	om_said(&r, "offer/000003.snap");
	files(&r, "000003.snap 000004.snap 000005.snap current texts ");
}

T_MAIN
