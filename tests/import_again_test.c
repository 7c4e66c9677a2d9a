/* SPDX-License-Identifier: ISC */
/* An import of what the store holds already, in part or as a whole. */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/os.h"
#include "lib/base/path_remove.h"
#include "lib/base/stop.h"
#include "lib/store/lacking.h"
#include "lib/store/store.h"
#include "lib/store/store_db.h"
#include "tests/stick.h"
#include "tests/stick_run.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define HEAD "\" /><Properties"
#define LF "\"\n/><Properties" /* of the same length */
#define PSF "087f0d34c4eb9b3c6db73e149ba9001f05f72865"
#define HELD "held with sha256 "

/* The transfer of that number, in which every from is to. */
static int
import(const char *store, const char *number, const char *from, const char *to,
    bool keep_held)
{
	const struct stick_home *h = stick_home();
	struct err e = ERR_INIT;
	char name[32];
	struct stick s;
	int r;

	stick_make(&s, &h->key);
	snprintf(name, sizeof(name), "north-00000%s", number);
	stick_label(&s, "Wsusferry-Transfer", name);
	stick_label(&s, "Wsusferry-Sequence", number);
	if (from != NULL)
		T_OK(stick_swap(&s.meta, from, to));
	stick_pack(&s);
	stick_seal(&s);
	stick_write(&s, h->path);
	r = stick_import_into(h->path, store, h->pub, keep_held);
	T_CALL(path_remove(AT_FDCWD, h->path, &e), &e);
	stick_free(&s);
	return r;
}

T_TEST(other_line_ends_are_no_other_document)
{
	const char *dir = t_tmpdir();

	T_EQ(import(dir, "7", HEAD, LF, false), 10);
	(void)stick_said();
	T_EQ(import(dir, "8", HEAD, "\"\r/><Properties", false), 10);
	T_OK(strstr(stick_said(), HELD) == NULL);
}

T_TEST(another_document_is_told_and_refused_or_kept_out)
{
	const char *dir = t_tmpdir();
	char *before, *after;

	T_EQ(import(dir, "7", NULL, NULL, false), 10);
	before = rig_dump(dir);
	(void)stick_said();
	T_EQ(import(dir, "8", HEAD, LF, false), 1);
	T_OK(strstr(stick_said(), "--keep-held keeps the revisions") != NULL);
	T_STR(after = rig_dump(dir), before);
	free(after);
	/* What is held stays; the transfer counts as imported. */
	T_EQ(import(dir, "8", HEAD, LF, true), 10);
	T_OK(strstr(stick_said(), "; what is held is kept") != NULL);
	after = rig_dump(dir);
	*strstr(after, "\nledger ") = *strstr(before, "\nledger ") = '\0';
	T_STR(after, before);
	free(after);
	free(before);
	T_EQ(import(dir, "8", NULL, NULL, false), 9);
}

static unsigned
left_out(const char *dir)
{
	struct err e = ERR_INIT;
	struct lacking l;
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_CALL(lacking_count(s, NULL, &l, &e), &e);
	store_close(s);
	T_EQ(l.files, 2 - l.left_out); /* one is absent in any case */
	return (unsigned)l.left_out;
}

/* An older version did not keep what a policy had left out. */
T_TEST(the_last_transfer_again_tells_what_was_not_kept)
{
	const char *dir = t_tmpdir();
	char *a, *b;

	T_EQ(import(dir, "7", NULL, NULL, false), 10);
	T_EQ(left_out(dir), 1);
	a = rig_dump(dir);
	rig_sql(dir, "DELETE FROM left_out");
	T_EQ(left_out(dir), 0);
	T_EQ(import(dir, "7", NULL, NULL, false), 10);
	T_EQ(left_out(dir), 1);
	T_STR(b = rig_dump(dir), a);
	/* Of a file that only state.jsonl names the package's URL is the first. */
	T_OK(strstr(a,
		 "\"http://example.test/x.psf\" \"package\"\nurl " PSF
		 " \"http://example.test/second\" \"transfer\"\n") != NULL);
	free(a);
	free(b);
	/* An older one does not: a later one may have wanted it. */
	T_EQ(import(dir, "8", NULL, NULL, false), 10);
	rig_sql(dir, "DELETE FROM left_out");
	T_EQ(import(dir, "7", NULL, NULL, false), 10);
	T_EQ(left_out(dir), 0);
	(void)stick_said();
}

/* A file that is carried: its row no longer says present, or is it gone? */
static void
lose(const char *dir, bool gone)
{
	const struct stick_home *h = stick_home();
	char path[512], text[128];
	const char *name;
	struct stick s;

	stick_make(&s, &h->key);
	name = stick_payload(&s, 0)->name;
	snprintf(path, sizeof(path), "%s/%s", dir, name + strlen("data/"));
	if (gone)
		T_EQ(unlink(path), 0);
	snprintf(text, sizeof(text),
	    "UPDATE file SET present = 0 WHERE hex(sha1) = '%.40s'",
	    strrchr(name, '/') + 1);
	rig_sql(dir, text);
	stick_free(&s);
}

static bool
said(const char *words)
{
	const char *text = stick_said();
	bool found = strstr(text, words) != NULL;

	if (!found)
		printf("expected '%s', found:\n%s", words, text);
	return found;
}

/* Its document is held, and the rows of it are not what it says. */
T_TEST(damage_of_the_store_is_no_fault_of_a_transfer)
{
	const char *dir = t_tmpdir();

	T_EQ(import(dir, "7", NULL, NULL, false), 10);
	rig_sql(dir, "DELETE FROM rev_file WHERE n = 0");
	(void)stick_said();
	T_EQ(import(dir, "8", NULL, NULL, false), 10);
	T_OK(said("is damaged in the store: it has 0 of the document's 1 "
		  "file; wsusferry-verify tells more"));
}

T_TEST(an_older_transfer_brings_back_what_was_lost_since)
{
	const char *dir = t_tmpdir();
	char *before, *after;

	T_EQ(import(dir, "7", NULL, NULL, false), 10);
	T_EQ(import(dir, "8", NULL, NULL, false), 10);
	before = rig_dump(dir);
	for (int gone = 0; gone < 2; gone++) {
		lose(dir, gone == 1);
		(void)stick_said();
		T_EQ(import(dir, "7", NULL, NULL, false), 10);
		T_OK(said("lost payload taken again"));
		T_STR(after = rig_dump(dir), before);
		free(after);
		T_EQ(import(dir, "7", NULL, NULL, false), 10);
		T_OK(said("nothing to do"));
	}
	free(before);
}

T_TEST(what_an_interrupted_run_has_settled_is_counted_once)
{
	const char *dir = t_tmpdir();

	T_EQ(import(dir, "7", NULL, NULL, false), 10);
	lose(dir, false);
	(void)stick_said();
	T_EQ(import(dir, "7", NULL, NULL, false), 10);
	T_OK(said("(3 held, 1 new"));
}

T_MAIN

/* It says that the schema becomes another with what is written now. */
T_TEST(what_brings_nothing_new_brings_an_older_store_up)
{
	const char *dir = t_tmpdir();

	T_EQ(import(dir, "7", NULL, NULL, false), 10);
	T_EQ(import(dir, "8", NULL, NULL, false), 10);
	make_old(dir);
	T_EQ(rig_number(dir, "PRAGMA user_version"), 1);
	T_EQ(import(dir, "7", NULL, NULL, false), 10);
	T_EQ(rig_number(dir, "PRAGMA user_version"), STORE_SCHEMA);
}

static unsigned nsealed;

/* The check file is the first that is sealed, then payload. */
static int
stop_at_third(int fd, mode_t mode)
{
	if (mode == 0444 && ++nsealed == 3)
		stop_set(true);
	return os_real.fchmod(fd, mode);
}

static unsigned
files_in(const char *dir, const char *name)
{
	int fd = open(make_path(dir, name), O_RDONLY | O_DIRECTORY);
	unsigned n = make_files_in(fd);

	close(fd);
	return n;
}

T_TEST(what_is_staged_at_a_stop_has_its_name_and_is_found_again)
{
	const char *dir = t_tmpdir();
	unsigned n;

	os.fchmod = stop_at_third;
	T_EQ(import(dir, "7", NULL, NULL, false), 7);
	os = os_real;
	stop_set(false);
	n = files_in(dir, "WsusContent");
	T_OK(n > 1); /* the check file, and more */
	T_EQ(rmdir(make_path(dir, "staging")), 0); /* nothing is in it */
	T_EQ(mkdir(make_path(dir, "staging"), 0755), 0);
	T_EQ(import(dir, "7", NULL, NULL, false), 10);
	T_OK(files_in(dir, "WsusContent") > n);
}
