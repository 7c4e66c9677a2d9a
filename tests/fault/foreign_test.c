/* SPDX-License-Identifier: ISC */
/*
 * Imports among things that are not theirs: a store that lost its database, an
 * older schema, files that others left in its folders, a disk with too little
 * room.  Whatever ends an import before its commit, those stay as they were.
 */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/words.h"
#include "lib/import/import.h"
#include "tests/fault/disk.h"
#include "tests/fault/house.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

#define PATH (2 * HOUSE_PATH)

static char store[HOUSE_PATH]; /* where this test has it */

/* All beneath the store, but what any writer makes of SQLite's side files. */
static char *
listed(void)
{
	char *all = disk_list(store), *side, *end;

	while ((side = strstr(all, "store.db-")) != NULL) {
		end = strchr(side, '\n');
		memmove(side, end + 1, strlen(end));
	}
	return all;
}

/* A fresh place; from: the store that is there already, or NULL. */
static void
place(const char *from)
{
	house_make();
	house_forget();
	snprintf(store, sizeof(store), "%.300s/store", t_tmpdir());
	if (from != NULL)
		disk_copy(from, store);
}

static int
import(struct import_opts o, const char *path)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	int r;

	log.prog = "import";
	o.store = store;
	o.paths = &path;
	o.npaths = 1;
	o.jobs = 1;
	o.log = &log;
	house_hush();
	r = import_run(&o, &e) == -1 ? log_error(&log, NULL, &e) : 0;
	r = err_worst(r, log.worst);
	log_close(&log);
	house_speak();
	return r;
}

static int
import_transfer(struct import_opts o)
{
	if (o.trusted_keys == NULL)
		o.trusted_keys = house.pub;
	return import(o, house.transfer);
}

static int
import_package(struct import_opts o)
{
	o.is_unsigned = true;
	o.content = house.content;
	return import(o, house.package);
}

static const struct import_opts plain, dry = {.dry_run = true};

T_TEST(a_store_that_lost_its_database_is_refused_and_not_touched)
{
	const struct import_opts stranger = {
	    .trusted_keys = make_path(t_tmpdir(), "nobody.pub")};
	char *before, *after;
	const char *log = make_path(t_tmpdir(), "elsewhere.log");

	place(house.one);
	T_EQ(unlink(make_path(store, "store.db")), 0);
	T_EQ(unlink(make_path(store, "store.db-wal")), 0);
	T_EQ(unlink(make_path(store, "store.db-shm")), 0);
	before = disk_list(store);
	T_EQ(import_transfer(dry), 2);
	T_EQ(import_transfer(plain), 2);
	T_EQ(import_transfer(stranger), 2);
	T_EQ(import_package(dry), 2);
	T_EQ(import_package((struct import_opts){.log_path = log}), 2);
	T_EQ(house_fetch(store, "http://127.0.0.1:9", NULL), 2);
	T_OK(house_said("lost its database"));
	house_forget();
	T_EQ(house_verify(store), 2);
	T_OK(house_said("lost its database"));
	after = disk_list(store);
	disk_same("files", after, before);
	free(before);
	free(after);
}

/* An older store, with what others left in it. */
static void
place_old(void)
{
	place(house.earlier);
	make_old(store);
	make_text(make_path(store, "staging/letter"), "not an import's");
	make_text(make_path(store, "letter"), "not an import's");
	T_EQ(mkdir(make_path(store, "WsusContent/EF"), 0755), 0);
}

T_TEST(a_dry_run_changes_no_byte)
{
	char *before, *after;

	place_old();
	before = disk_list(store);
	T_EQ(import_transfer(dry), 0);
	T_EQ(import_package(dry), 0);
	after = disk_list(store);
	disk_same("files", after, before);
	free(before);
	free(after);
	T_OK(house_said("would import"));
	place(NULL);
	T_EQ(import_transfer(dry), 0);
	T_EQ(import_package(dry), 0);
	T_EQ(access(store, F_OK), -1);
	T_EQ(mkdir(store, 0755), 0);
	T_EQ(import_transfer(dry), 0);
	after = disk_names(store);
	T_STR(after, "");
	free(after);
	after = disk_names(house.tmp);
	T_STR(after, "");
	free(after);
}

/* A copy of the transfer, of which one file loses its last byte. */
static const char *
spoiled(const char *name)
{
	static char stick[HOUSE_PATH];
	struct stat st;

	snprintf(stick, sizeof(stick), "%.300s/stick", t_tmpdir());
	disk_copy(house.transfer, stick);
	T_EQ(stat(make_path(stick, name), &st), 0);
	T_EQ(chmod(make_path(stick, name), 0644), 0);
	T_EQ(truncate(make_path(stick, name), st.st_size - 1), 0);
	return stick;
}

/* Refused before anything is accepted: all stays, but the log. */
static void
refused(const char *path, int status)
{
	char *before, *after;

	place_old();
	make_text(make_path(store, "import.log"), "");
	before = listed();
	T_EQ(import((struct import_opts){.trusted_keys = house.pub,
			.log_path = make_path(t_tmpdir(), "other.log")},
		 path),
	    status);
	after = listed();
	disk_same("files", after, before);
	free(before);
	free(after);
	/* And where there was no store, there is none. */
	place(NULL);
	T_EQ(import((struct import_opts){.trusted_keys = house.pub}, path),
	    status);
	T_EQ(access(store, F_OK), -1);
	T_OK(!house_said("new store"));
}

T_TEST(what_is_not_accepted_changes_nothing)
{
	refused(spoiled("tagmanifest-sha256.txt"), 8);
	refused(spoiled("tagmanifest-sha256.txt.minisig"), 8);
	refused(spoiled("bag-info.txt"), 1);
	refused(spoiled("manifest-sha256.txt"), 1);
}

T_TEST(a_package_without_an_index_changes_nothing)
{
	char cab[PATH], *before, *after;

	snprintf(cab, sizeof(cab), "%s/w.cab", t_tmpdir());
	make_text(cab, "MSCF, and no more than that, is no cabinet at all");
	place_old();
	before = listed();
	T_EQ(import((struct import_opts){.is_unsigned = true,
			.log_path = make_path(t_tmpdir(), "other.log")},
		 cab),
	    3);
	after = listed();
	disk_same("files", after, before);
	free(before);
	free(after);
	place(NULL);
	T_EQ(import((struct import_opts){.is_unsigned = true}, cab), 3);
	T_EQ(access(store, F_OK), -1);
}

/* The first payload file of the transfer, by name; its place in a store. */
static void
first_payload(char name[PATH])
{
	char path[PATH], found[80], *list, *line, *rest;
	unsigned long long size;

	snprintf(path, sizeof(path), "%s/data/WsusContent", house.transfer);
	list = disk_list(path);
	for (line = strtok_r(list, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		if (sscanf(line, "%*2c/%79s %*s %llu", found, &size) == 2 &&
		    strlen(found) >= 40 && size > 0)
			break;
	T_OK(line != NULL);
	snprintf(name, PATH, "WsusContent/%.*s",
	    line == NULL ? 0 : (int)strcspn(line, " "), line);
	free(list);
}

T_TEST(a_refused_import_takes_back_its_own_and_no_more)
{
	char name[PATH], in_bag[PATH + 8], *before, *after;

	place(NULL);
	first_payload(name);
	snprintf(in_bag, sizeof(in_bag), "data/%.700s", name);
	place(house.earlier);
	T_EQ(mkdir(make_path(store, "WsusContent/EF"), 0755), 0);
	/* As an import that was killed would leave it: no row knows it. */
	before = disk_list(make_path(store, "WsusContent"));
	T_EQ(import((struct import_opts){.trusted_keys = house.pub},
		 spoiled(in_bag)),
	    1);
	after = disk_list(make_path(store, "WsusContent"));
	disk_same("payload", after, before);
	free(before);
	free(after);
	after = disk_names(make_path(store, "staging"));
	T_STR(after, "");
	free(after);
}

/* As a disk may leave what an import that was killed had begun. */
T_TEST(a_damaged_file_that_no_row_knows_stays_until_a_good_one_comes)
{
	char name[PATH], in_bag[PATH + 8], other[PATH], *before, *after;

	place(NULL);
	first_payload(name);
	place(house.earlier);
	snprintf(other, sizeof(other), "%.11s/%.2s", name, name + 12);
	(void)mkdir(make_path(store, other), 0755);
	make_text(make_path(store, name), "half of it");
	before = disk_list(make_path(store, "WsusContent"));
	snprintf(in_bag, sizeof(in_bag), "data/%.700s", name);
	T_EQ(import((struct import_opts){.trusted_keys = house.pub},
		 spoiled(in_bag)),
	    1);
	after = disk_list(make_path(store, "WsusContent"));
	disk_same("payload", after, before);
	free(before);
	free(after);
	house_forget();
	T_EQ(import_transfer(plain), 0);
	T_OK(house_said("damaged in the store"));
	after = disk_list(make_path(store, "WsusContent"));
	before = disk_list(make_path(house.one, "WsusContent"));
	T_OK(disk_within(before, after));
	free(before);
	free(after);
}

T_TEST(a_refused_first_import_tells_the_cause_alone)
{
	char name[PATH], in_bag[PATH + 8];

	place(NULL);
	first_payload(name);
	snprintf(in_bag, sizeof(in_bag), "data/%.700s", name);
	T_EQ(import((struct import_opts){.trusted_keys = house.pub},
		 spoiled(in_bag)),
	    1);
	T_EQ(access(store, F_OK), -1);
	T_OK(house_said("bytes, expected") && !house_said("new store"));
	house_forget();
	T_EQ(import_transfer(plain), 0);
	T_OK(house_said("made a new store"));
}

T_TEST(a_log_that_cannot_be_written_leaves_no_store)
{
	char *names;

	place(NULL);
	T_EQ(import_transfer((struct import_opts){
		 .log_path = make_path(t_tmpdir(), "nowhere/import.log")}),
	    4);
	T_EQ(access(store, F_OK), -1);
	T_EQ(mkdir(store, 0755), 0);
	T_EQ(import_package((struct import_opts){
		 .log_path = make_path(t_tmpdir(), "nowhere/import.log")}),
	    4);
	names = disk_names(store);
	T_STR(names, "");
	free(names);
}

T_TEST(a_log_may_lie_in_the_store_that_is_to_be_made)
{
	const char *bad;

	place(NULL);
	T_EQ(import_transfer(
		 (struct import_opts){.log_path = make_path(store, "own.log")}),
	    0);
	T_OK(make_is_there(store, "own.log") &&
	    !make_is_there(store, "import.log"));
	place(NULL);
	bad = spoiled("data/wsusexport.cab");
	T_EQ(mkdir(store, 0755), 0);
	T_EQ(import((struct import_opts){.trusted_keys = house.pub,
			.log_path = make_path(store, "own.log")},
		 bad),
	    1);
	T_OK(!make_is_there(store, "own.log") && !make_is_there(store, "lock"));
	/* Elsewhere it is written, whatever comes of the store. */
	T_EQ(import((struct import_opts){.trusted_keys = house.pub,
			.log_path = make_path(house.tmp, "own.log")},
		 bad),
	    1);
	T_EQ(unlink(make_path(house.tmp, "own.log")), 0);
}

/* What fstatvfs() says is free: blocks of 4096 bytes, files. */
static struct statvfs room;

static int
told_room(int fd, struct statvfs *fs)
{
	(void)fd;
	*fs = room;
	return 0;
}

static void
say_room(uint64_t blocks, uint64_t files)
{
	room = (struct statvfs){.f_frsize = 4096,
	    .f_blocks = 1000,
	    .f_bavail = blocks,
	    .f_files = 1000,
	    .f_favail = files};
	os.fstatvfs = told_room;
}

/* What the package brings that the earlier one has not: blocks, files. */
static void
measure(uint64_t *blocks, uint64_t *files)
{
	char *had = disk_list(make_path(house.earlier, "WsusContent"));
	char *list = disk_list(make_path(house.one, "WsusContent")), *line,
	     *rest;
	unsigned long long size;

	*blocks = *files = 0;
	for (line = strtok_r(list, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (line[2] != '/' || strstr(had, line) != NULL)
			continue;
		T_EQ(sscanf(line, "%*s %*s %llu", &size), 1);
		*blocks += (size + 4095) / 4096;
		++*files;
	}
	free(list);
	free(had);
	T_OK(*blocks > 1 && *files > 1);
}

static void
needs_room(int (*import_it)(struct import_opts o))
{
	char *before, *after, words[256];
	uint64_t blocks, files;

	place(house.earlier);
	measure(&blocks, &files);
	before = disk_list(make_path(store, "WsusContent"));
	say_room(blocks - 1, files);
	make_text(make_path(store, "staging/letter"), "somebody's");
	T_EQ(import_it(plain), 4);
	/* Of a transfer it is known before anything is accepted. */
	T_EQ(make_is_there(store, "staging/letter"),
	    import_it == import_transfer);
	(void)unlink(make_path(store, "staging/letter"));
	snprintf(words, sizeof(words),
	    "nothing was copied: needs %s, %s free at ",
	    words_size(4096 * blocks).s, words_size(4096 * (blocks - 1)).s);
	T_OK(house_said(words));
	say_room(blocks, files - 1);
	T_EQ(import_it(plain), 4);
	T_OK(house_said(" new files, and room for "));
	T_EQ(import_it(dry), 4);
	after = disk_list(make_path(store, "WsusContent"));
	disk_same("payload", after, before);
	free(before);
	free(after);
	after = disk_names(make_path(store, "staging"));
	T_STR(after, "");
	free(after);
	/* As much as is needed is enough; and who says nothing is not full. */
	say_room(blocks, files);
	T_EQ(import_it(plain), 0);
	place(house.earlier);
	say_room(0, 0);
	room.f_blocks = 0;
	T_EQ(import_it(plain), 0);
	/* What is held already needs none. */
	say_room(0, 0);
	T_EQ(import_it(plain), 0);
	place(NULL);
	T_EQ(import_it(plain), 4);
	T_EQ(access(store, F_OK), -1);
	os = os_real;
}

T_TEST(too_little_room_is_told_before_anything_is_copied)
{
	needs_room(import_transfer);
	needs_room(import_package);
}

/* The disk fills up while payload is taken, whoever used the rest of it. */
static uint64_t written;

static ssize_t
full_write(int fd, const void *p, size_t n)
{
	written += n;
	if (written > 2000) {
		errno = ENOSPC;
		return -1;
	}
	return os_real.write(fd, p, n);
}

T_TEST(what_a_full_disk_interrupted_is_cleared_away)
{
	char *before, *after, *dump;

	place(house.earlier);
	before = disk_list(make_path(store, "WsusContent"));
	dump = house_dump(store);
	written = 0;
	os.write = full_write;
	T_EQ(import_transfer((struct import_opts){
		 .log_path = make_path(t_tmpdir(), "other.log")}),
	    4);
	os = os_real;
	after = disk_list(make_path(store, "WsusContent"));
	disk_same("payload", after, before);
	free(before);
	free(after);
	after = disk_names(make_path(store, "staging"));
	T_STR(after, "");
	free(after);
	after = house_dump(store);
	T_STR(after, dump);
	free(after);
	free(dump);
}

T_MAIN
