/* SPDX-License-Identifier: ISC */
/* Folders of the site's own in a transfer: verify and import judge alike. */
#include "tests/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/os.h"
#include "lib/transfer/transfer.h"
#include "tests/stick.h"
#include "tests/stick_run.h"

#define GOOD 10 /* the stick lacks a file that nobody has, and says so */

static void
put(struct stick *s, const char *name)
{
	stick_put(s, name, "a tool\n", 7);
}

static void
good(struct stick *s)
{
	put(s, "data/with/tools/a-b/x.exe");
	put(s, "data/with/tools/a/x.exe");
	put(s, "data/with/tools-2/x.exe");
}
static void
no_word(struct stick *s)
{
	put(s, "data/with/tools/x.exe");
	stick_label(s, "Wsusferry-Requires", NULL);
}
static void
no_files(struct stick *s)
{
	(void)s;
}
static void
no_folder(struct stick *s)
{
	put(s, "data/with/x.exe");
}
static void
other_case(struct stick *s)
{
	put(s, "data/with/tools/x.exe");
	put(s, "data/with/Tools/y.exe");
}
static void
device(struct stick *s)
{
	put(s, "data/with/tools/aux.exe");
}
static void
changed(struct stick *s)
{
	put(s, "data/with/tools/x.exe");
	stick_seal(s);
	stick_find(s, "data/with/tools/x.exe")->bytes.p[0] = 'b';
}
static void
longer(struct stick *s)
{
	struct err e = ERR_INIT;

	put(s, "data/with/tools/x.exe");
	stick_seal(s);
	T_CALL(
	    buf_puts(&stick_find(s, "data/with/tools/x.exe")->bytes, "!", &e),
	    &e);
}
static void
gone(struct stick *s)
{
	put(s, "data/with/tools/x.exe");
	stick_find(s, "data/with/tools/x.exe")->absent = true;
}
static void
undeclared(struct stick *s)
{
	put(s, "data/with/tools/x.exe");
	put(s, "data/with/tools/y.exe");
	stick_find(s, "data/with/tools/y.exe")->undeclared = true;
}

T_TEST(folders_of_the_sites_own_are_what_the_page_says)
{
	static const struct {
		const char *what;
		void (*bend)(struct stick *s);
		int status;
		const char *says;
		bool sealed; /* by bend */
	} rows[] = {
	    {"good", good, GOOD,
		"data/with/tools: a folder of the site's own: 2 files", false},
	    {"its word is not there", no_word, 3, "expected the word 'with'",
		false},
	    {"the word alone", no_files, 3,
		"'with', though nothing is in data/with/", false},
	    {"a file in no folder", no_folder, 3,
		"data/with/x.exe: expected NAME/FILE behind data/with/", false},
	    {"names that are one for Windows", other_case, 3,
		"are one name where letter case", false},
	    {"a device of Windows", device, 3, "aux.exe", false},
	    {"changed", changed, 1, "data/with/tools/x.exe: SHA-256 is ", true},
	    {"of another length", longer, 1,
		"data/with/tools/x.exe: 8 bytes, expected 7", true},
	    {"not there", gone, 1, "data/with/tools/x.exe", false},
	    {"undeclared", undeclared, 3, "data/with/tools/y.exe", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stick s;

		stick_make(&s, &stick_home()->key);
		stick_label(&s, "Wsusferry-Requires", "with");
		rows[i].bend(&s);
		if (!rows[i].sealed)
			stick_seal(&s);
		stick_both(&s, rows[i].what, rows[i].status, rows[i].says);
		stick_free(&s);
	}
}

T_TEST(there_are_only_so_many_folders)
{
	struct stick s;
	char name[64];

	stick_make(&s, &stick_home()->key);
	stick_label(&s, "Wsusferry-Requires", "with");
	for (unsigned i = 0; i < TRANSFER_WITH_NAMES; i++) {
		snprintf(name, sizeof(name), "data/with/n%u/x", i);
		put(&s, name);
	}
	stick_seal(&s);
	stick_both(&s, "as many as may be", GOOD, "data/with/n63: a folder");
	put(&s, "data/with/m/x");
	stick_seal(&s);
	stick_both(&s, "one more", 3, "65 folders in data/with/, at most 64");
	stick_free(&s);
}

T_MAIN
