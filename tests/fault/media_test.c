/* SPDX-License-Identifier: ISC */
/*
 * Every call of an export to several media, and of the imports of these one
 * after the other, fails or is its last; the same again ends as if nothing had
 * happened (invariants 4 and 6).
 */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/export/export.h"
#include "lib/import/import.h"
#include "lib/store/event.h"
#include "lib/store/store.h"
#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/fault/house.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

#define NTO 3

struct job {
	char near[HOUSE_PATH], far[HOUSE_PATH]; /* stores */
	char half[HOUSE_PATH]; /* a store with which a medium waits */
	char to[NTO][HOUSE_PATH]; /* folders for media */
	char size[32]; /* of a medium: so that there are two or three */
	unsigned media;
	const char *path; /* the medium to import */
	char *old_dump, *new_dump; /* owned */
	int status;
	bool whole; /* on one */
	int64_t row; /* of the ledger: the transfer */
};

static void
name(char to[HOUSE_PATH], const char *base, unsigned n)
{
	snprintf(to, HOUSE_PATH, "%.300s/%s%u", house.dir, base, n);
}

/* The k-th medium where the export put it. */
static void
medium(const struct job *j, unsigned k, char path[HOUSE_PATH])
{
	snprintf(path, HOUSE_PATH, "%.300s/wsusferry-site-000001-%uof%u",
	    j->to[k - 1], k, j->media);
}

static int
finish(struct log *log, int r, struct err *e)
{
	int status = r == -1 ? log_error(log, NULL, e) : 0;

	status = err_worst(status, log->worst);
	log_close(log);
	return status;
}

static int export(void *arg)
{
	struct job *j = arg;
	const char *tos[NTO];
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const struct export_opts o = {.store = j->near,
	    .to = j->to[0],
	    .tos = tos,
	    .ntos = j->whole ? 1 : NTO,
	    .media_size = j->whole ? NULL : j->size,
	    .verify_medium = true,
	    .sign_key = house.key,
	    .jobs = 1,
	    .log = &log};
	int r;

	for (unsigned i = 0; i < NTO; i++)
		tos[i] = j->to[i];
	log.prog = "export";
	house_hush();
	r = export_run(&o, &e);
	r = finish(&log, r, &e);
	house_speak();
	return r;
}

static int
import(void *arg)
{
	struct job *j = arg;

	return house_import(j->far, j->path, NULL, house.pub);
}

static void
clean(struct job *j)
{
	house_forget();
	disk_remove(j->near);
	disk_copy(house.one, j->near);
	for (unsigned i = 0; i < NTO; i++) {
		disk_remove(j->to[i]);
		T_EQ(mkdir(j->to[i], 0755), 0);
	}
}

static unsigned
count_media(const struct job *j)
{
	unsigned n = 0;

	for (unsigned i = 0; i < NTO; i++) {
		char *names = disk_names(j->to[i]);

		n += names[0] != '\0';
		free(names);
	}
	return n;
}

/* A size that gives two or three. */
static void
begin(struct job *j)
{
	unsigned smallest = 0;

	house_make();
	name(j->near, "near", 0);
	name(j->far, "far", 0);
	name(j->half, "half", 0);
	for (unsigned i = 0; i < NTO; i++)
		name(j->to[i], "m", i);
	for (unsigned k = 100; k < 4000 && j->media < 2; k += 4) {
		clean(j);
		smallest = k;
		snprintf(j->size, sizeof(j->size), "%uK", k);
		if (export(j) == 0)
			j->media = count_media(j);
	}
	/* The next transfer has ledger.tsv besides, and is to fit, too. */
	clean(j);
	snprintf(j->size, sizeof(j->size), "%uK", smallest + 12);
	T_EQ(export(j), 0);
	j->media = count_media(j);
	T_OK(j->media >= 2);
}

static void
setup_export(void *arg)
{
	clean(arg);
}

/* The same command ends with media of one transfer, and none has a name that
   is not whole. */
static void
check_export(void *arg, const struct fault_seen *s)
{
	unsigned before = t_failures();
	struct job *j = arg;
	char staging[HOUSE_PATH + 16], *names;

	T_OK(s->status == 0 || s->status == 4 || s->status == FAULT_KILLED);
	T_EQ(export(j), 0);
	T_EQ(house_verify(j->near), 0);
	snprintf(staging, sizeof(staging), "%.300s/staging", j->near);
	names = disk_names(staging);
	T_STR(names, "");
	free(names);
	disk_remove(j->far);
	for (unsigned k = 1; k <= j->media; k++) {
		char path[HOUSE_PATH];

		medium(j, k, path);
		j->path = path;
		T_EQ(import(j), k == j->media ? 0 : 9);
	}
	T_EQ(house_verify(j->far), 0);
	if (t_failures() != before)
		house_told();
}

/* A medium that gives back something else than was written to it. */
static int
bent_syncfs(int fd)
{
	int file;

	file = openat(fd, "bag-info.txt", O_WRONLY | O_CLOEXEC);
	if (file != -1) {
		T_EQ(pwrite(file, "?", 1, 3), 1);
		(void)close(file);
	}
	return os_real.syncfs(fd);
}

/* What the ledger says of read-backs of its last row, free() it. */
static char *
read_back(const struct job *j)
{
	struct store *s = NULL;
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(store_open(&s, j->near, STORE_READ, NULL, &e), &e);
	T_CALL(event_texts(s, EVENT_READ_BACK, j->row, &text, &e), &e);
	store_close(s);
	return text.p != NULL ? (char *)text.p : strdup("");
}

/* With a size for media, or without. */
static void
is_noted(struct job *j)
{
	char *said;

	clean(j);
	os.syncfs = bent_syncfs;
	T_EQ(export(j), 1);
	os.syncfs = os_real.syncfs;
	T_OK(house_said("does not give back"));
	T_EQ(count_media(j), 0);
	said = read_back(j);
	T_OK(strstr(said, "/s: 1 fault") != NULL && strstr(said, " files, "));
	free(said);
	T_EQ(export(j), 0);
	said = read_back(j);
	T_OK(strstr(said, "/s: 1 fault; wsusferry-") != NULL &&
	    strstr(said, "/s: good") != NULL);
	free(said);
}

T_TEST(what_a_medium_gave_back_stands_in_the_ledger)
{
	static struct job j;

	begin(&j);
	j.row = 2; /* behind that of the package */
	is_noted(&j);
	j.whole = true;
	is_noted(&j);
}

T_TEST(an_export_to_media_can_be_run_again)
{
	static struct job j;
	struct fault_case c = {
	    .setup = setup_export, .run = export, .check = check_export};

	begin(&j);
	c.arg = &j;
	house_strike(&c, house_step(13), fault_fail_at(1, EIO, false));
	house_strike(&c, house_step(13), fault_kill_at(3));
	house_strike(&c, house_step(37), fault_full_at(1));
}

static void
setup_import(void *arg)
{
	struct job *j = arg;

	house_forget();
	disk_remove(j->far);
	if (access(j->half, F_OK) == 0)
		disk_copy(j->half, j->far);
}

/* Rows are the old or the new ones, and running it again makes them new. */
static void
check_import(void *arg, const struct fault_seen *s)
{
	unsigned before = t_failures();
	struct job *j = arg;
	char *dump;

	T_OK(s->status == j->status || s->status == 4 ||
	    s->status == FAULT_KILLED);
	dump = house_dump(j->far);
	if (strcmp(dump, j->new_dump) != 0)
		disk_same("rows", dump, j->old_dump);
	free(dump);
	T_EQ(import(j), j->status);
	dump = house_dump(j->far);
	disk_same("rows after the rerun", dump, j->new_dump);
	free(dump);
	T_EQ(house_verify(j->far), 0);
	if (t_failures() != before)
		house_told();
}

static void
loop_import(struct job *j, int status)
{
	struct fault_case c = {.setup = setup_import,
	    .run = import,
	    .check = check_import,
	    .status = status,
	    .arg = j};

	j->status = status;
	setup_import(j);
	j->old_dump = house_dump(j->far);
	T_EQ(import(j), status);
	j->new_dump = house_dump(j->far);
	house_strike(&c, house_step(9), fault_fail_at(1, EIO, false));
	house_strike(&c, house_step(9), fault_kill_at(2));
	house_strike(&c, house_step(29), fault_full_at(1));
	free(j->old_dump);
	free(j->new_dump);
}

T_TEST(imports_of_media_can_be_run_again)
{
	static struct job j;
	char path[HOUSE_PATH];

	begin(&j);
	j.path = path;
	medium(&j, 1, path);
	disk_remove(j.half);
	loop_import(&j, 9);
	/* All but the last wait: it makes the rest visible. */
	disk_remove(j.far);
	for (unsigned k = 1; k < j.media; k++) {
		medium(&j, k, path);
		T_EQ(import(&j), 9);
	}
	disk_copy(j.far, j.half);
	medium(&j, j.media, path);
	loop_import(&j, 0);
}

T_MAIN
