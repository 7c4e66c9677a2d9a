/* SPDX-License-Identifier: ISC */
/*
 * Transfers on several media, and files that are cut: each way in which they
 * can fail to belong together, asked of verify and of import.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/path_remove.h"
#include "lib/import/import.h"
#include "lib/verify/verify.h"
#include "tests/stick.h"
#include "tests/stick_run.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define GOOD 10 /* the stick lacks a file that nobody has, and says so */
#define MEDIA 3
#define PLACES 6

static char places[PLACES][700]; /* where media stand */
static char store[700];

static void
begin(void)
{
	const struct stick_home *h = stick_home();

	for (unsigned i = 0; i < PLACES; i++)
		snprintf(places[i], sizeof(places[i]), "%s/m%u", h->dir, i);
	snprintf(store, sizeof(store), "%s/far", h->dir);
}

static void
end(void)
{
	struct err e = ERR_INIT;

	for (unsigned i = 0; i < PLACES; i++)
		T_CALL(path_remove(AT_FDCWD, places[i], &e), &e);
	T_CALL(path_remove(AT_FDCWD, store, &e), &e);
}

/* Medium k as it is, at that place. */
static void
put_medium(struct stick *s, unsigned k, unsigned place)
{
	stick_medium(s, k);
	stick_seal(s);
	stick_write(s, places[place]);
}

static void
put_all(struct stick *s)
{
	for (unsigned k = 1; k <= s->bags; k++)
		put_medium(s, k, k - 1);
}

static void
make(struct stick *s, unsigned media)
{
	begin();
	stick_make(s, &stick_home()->key);
	stick_spread(s, media);
}

/* Places by their digits: "201". */
static size_t
pick(const char *which, const char *paths[PLACES])
{
	size_t n = 0;

	for (; *which != '\0'; which++)
		paths[n++] = places[*which - '0'];
	return n;
}

static int
verify_all(const char *which, const char *with)
{
	const char *paths[PLACES];
	size_t n = pick(which, paths);
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	int status = 0, r;
	const struct verify_opts o = {.trusted_keys = stick_home()->pub,
	    .store = with,
	    .paths = paths,
	    .npaths = n,
	    .jobs = 1,
	    .log = &log};

	log.prog = "verify";
	stick_hush();
	for (size_t i = 0; i < n; i++) {
		r = verify_run(&o, paths[i], &e);
		if (r == -1)
			status = err_worst(
			    status, log_error(&log, paths[i], &e));
	}
	return err_worst(status, stick_speak(&log, 0, &e));
}

static int
import_all(const char *which, bool dry_run)
{
	const char *paths[PLACES];
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const struct import_opts o = {.store = store,
	    .paths = paths,
	    .npaths = pick(which, paths),
	    .trusted_keys = stick_home()->pub,
	    .dry_run = dry_run,
	    .jobs = 1,
	    .log = &log};

	log.prog = "import";
	stick_hush();
	return stick_speak(&log, import_run(&o, &e), &e);
}

static void
says(const char *who, const char *what, const char *text)
{
	const char *said = stick_said();

	if (text != NULL && strstr(said, text) == NULL)
		t_fail(__FILE__, __LINE__, "%s, %s: says '%s', not '%s'", what,
		    who, said, text);
}

/* The first file of some bytes in or beneath a folder gets another last
   byte. */
static int
find_file(void *arg, const struct path_entry *en, struct err *e)
{
	char *found = arg;

	(void)e;
	if (en->type == PATH_FILE && en->size > 0 && *found == '\0' &&
	    strstr(en->name, "WsusContent/") != NULL)
		snprintf(found, PATH_SAFE_MAX + 1, "%s", en->name);
	return 0;
}

static void
damage_first(const char *dir)
{
	char found[PATH_SAFE_MAX + 1] = "", byte;
	struct err e = ERR_INIT;
	int top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	off_t at;

	T_CALL(path_walk(top, 9, find_file, found, &e), &e);
	T_EQ(fchmodat(top, found, 0644, 0), 0);
	fd = openat(top, found, O_RDWR | O_CLOEXEC);
	at = lseek(fd, -1, SEEK_END);
	T_EQ(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	T_EQ(pwrite(fd, &byte, 1, at), 1);
	T_EQ(close(fd), 0);
	T_EQ(close(top), 0);
}

/* The order of arrival, in a store that stays. */
static void
one_by_one(const char *order)
{
	unsigned n = (unsigned)strlen(order);
	char one[2] = "0";

	for (unsigned i = 0; i < n; i++) {
		one[0] = order[i];
		if (i + 1 == n)
			T_EQ(verify_all(one, store), GOOD);
		T_EQ(import_all(one, true), i + 1 < n ? 9 : GOOD);
		T_EQ(import_all(one, false), i + 1 < n ? 9 : GOOD);
		says("import", order,
		    i + 1 < n ? "nothing is imported before" : "imported 7");
	}
}

T_TEST(over_several_runs_nothing_is_seen_before_the_last)
{
	static const char *const orders[] = {
	    "012", "021", "102", "120", "201", "210"};
	struct err e = ERR_INIT;
	struct stick s;
	char left[800];

	make(&s, MEDIA);
	stick_cut(&s, stick_payload(&s, 0), 100);
	stick_find(&s, "data/inventory.csv")->medium = 0;
	put_all(&s);
	for (size_t i = 0; i < 6; i++) {
		one_by_one(orders[i]);
		snprintf(left, sizeof(left), "%s/staging", store);
		T_EQ(rmdir(left), 0); /* nothing waits any more */
		/* A store that brought it before says so. */
		T_EQ(import_all("012", false), GOOD);
		says("import", "again", "nothing to do, imported before");
		T_EQ(import_all("2", false), GOOD);
		says("import", "the last again", "nothing to do, imported");
		T_EQ(verify_all("2", store), 0);
		T_EQ(import_all("0", false), 9);
		says("import", "the first again", "is not needed any more");
		T_CALL(path_remove(AT_FDCWD, store, &e), &e);
	}
	end();
	stick_free(&s);
}

/* The one folder that waits in the store. */
static const char *
set_name(void)
{
	static char name[256];
	char path[800];
	struct dirent *de;
	DIR *d;

	snprintf(path, sizeof(path), "%s/staging", store);
	d = opendir(path);
	while (d != NULL && (de = readdir(d)) != NULL)
		if (strncmp(de->d_name, "set-", 4) == 0)
			snprintf(name, sizeof(name), "%.255s", de->d_name);
	closedir(d);
	return name;
}

T_TEST(what_waits_is_not_believed)
{
	struct err e = ERR_INIT;
	struct stick s;
	char path[1600];

	make(&s, MEDIA);
	put_all(&s);
	T_EQ(import_all("01", false), 9);
	(void)stick_said();
	/* A payload file of what waits is changed. */
	snprintf(path, sizeof(path), "%s/staging", store);
	damage_first(path);
	T_EQ(import_all("2", false), 1);
	says("import", "changed payload", "nothing was imported");
	/* What is given is read, whatever waits. */
	T_EQ(import_all("012", false), GOOD);
	(void)stick_said();
	T_CALL(path_remove(AT_FDCWD, store, &e), &e);
	T_EQ(import_all("01", false), 9);
	(void)stick_said();
	snprintf(path, sizeof(path), "%s/staging/%s/1of3/bag-info.txt", store,
	    set_name());
	T_EQ(unlink(path), 0);
	T_EQ(import_all("2", false), 9);
	says("import", "a tag file gone",
	    "what waits of it in the store is not");
	end();
	stick_free(&s);
}

T_TEST(a_medium_with_a_fault_is_not_kept)
{
	struct stick s;

	make(&s, MEDIA);
	put_all(&s);
	damage_first(places[0]);
	T_EQ(import_all("01", false), 9);
	says("import", "a fault", "1 fault; a medium that has any is not kept");
	T_EQ(import_all("2", false), 9);
	says("import", "then", "missing: north-000007-1of3\n");
	end();
	stick_free(&s);
}

T_TEST(paths_that_are_no_media_of_one_are_refused_at_once)
{
	struct err e = ERR_INIT;
	struct stick s;

	make(&s, MEDIA);
	put_all(&s);
	stick_label(&s, "Wsusferry-Transfer", "north-000008");
	stick_label(&s, "Wsusferry-Sequence", "8");
	put_medium(&s, 2, 3);
	T_EQ(verify_all("03", NULL), 9);
	T_EQ(import_all("03", false), 9);
	says("import", "media of two", "media of different transfers: ");
	stick_label(&s, "Wsusferry-Requires", NULL);
	stick_label(&s, "Bag-Count", "1 of 1");
	s.bags = 0;
	stick_seal(&s);
	T_CALL(path_remove(AT_FDCWD, places[1], &e), &e);
	stick_write(&s, places[1]);
	T_EQ(import_all("13", false), 9);
	says("import", "a medium and a whole one", "media of different");
	T_CALL(path_remove(AT_FDCWD, places[3], &e), &e);
	stick_write(&s, places[3]);
	T_EQ(import_all("13", false), 2);
	says("import", "two transfers", "one transfer at a time: ");
	end();
	stick_free(&s);
}

/* A higher sequence makes what waits of no use. */
T_TEST(a_later_transfer_takes_away_what_waits)
{
	struct stick s;
	char left[800];

	make(&s, MEDIA);
	put_medium(&s, 1, 0);
	T_EQ(import_all("0", false), 9);
	stick_label(&s, "Wsusferry-Transfer", "north-000008");
	stick_label(&s, "Wsusferry-Sequence", "8");
	stick_label(&s, "Wsusferry-Requires", NULL);
	stick_label(&s, "Bag-Count", "1 of 1");
	s.bags = 0;
	stick_seal(&s);
	stick_write(&s, places[1]);
	T_EQ(import_all("1", false), GOOD);
	(void)stick_said();
	snprintf(left, sizeof(left), "%s/staging", store);
	T_EQ(rmdir(left), 0);
	end();
	stick_free(&s);
}

T_MAIN
