/* SPDX-License-Identifier: ISC */
/* Hostile rows: folders of the site's own, data/with/NAME. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/transfer/transfer.h"
#include "tests/hostile.h"
#include "tests/t.h"

#define TOOL "data/with/tools/x.exe"

#define WITH(name, file, bend, status, says)                                   \
	{                                                                      \
		name, HOSTILE_MADE, bend, file, NULL, NULL, status, says, 0,   \
		    HOSTILE_SAME                                               \
	}

static struct stick *
with(struct hostile *h, const char *name)
{
	stick_label(&h->s, "Wsusferry-Requires", "with");
	if (name != NULL)
		stick_put(&h->s, name, "a tool\n", 7);
	return &h->s;
}

static void
file(struct hostile *h)
{
	(void)with(h, h->row->a);
}

static void
two_folders(struct hostile *h)
{
	(void)with(h, "data/with/tools/a-b/x.exe");
	(void)with(h, "data/with/tools/a/x.exe");
	(void)with(h, "data/with/tools-2/x.exe");
}

static void
without_its_word(struct hostile *h)
{
	stick_label(with(h, TOOL), "Wsusferry-Requires", NULL);
}

static void
one_name_for_windows(struct hostile *h)
{
	(void)with(h, TOOL);
	(void)with(h, "data/with/Tools/y.exe");
}

static void
changed(struct hostile *h)
{
	stick_seal(with(h, TOOL));
	stick_find(&h->s, TOOL)->bytes.p[0] = 'b';
	stick_write(&h->s, h->paths[0]);
	h->written = true;
}

static void
longer(struct hostile *h)
{
	struct err e = ERR_INIT;

	stick_seal(with(h, TOOL));
	T_CALL(buf_puts(&stick_find(&h->s, TOOL)->bytes, "!", &e), &e);
	stick_write(&h->s, h->paths[0]);
	h->written = true;
}

static void
gone(struct hostile *h)
{
	stick_find(with(h, TOOL), TOOL)->absent = true;
}

static void
undeclared(struct hostile *h)
{
	(void)with(h, TOOL);
	stick_find(with(h, h->row->a), h->row->a)->undeclared = true;
}

static void
folders(struct hostile *h, unsigned n)
{
	char name[64];

	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "data/with/n%u/x", i);
		(void)with(h, name);
	}
}

static void
as_many_as_may_be(struct hostile *h)
{
	folders(h, TRANSFER_WITH_NAMES);
}

static void
one_more(struct hostile *h)
{
	folders(h, TRANSFER_WITH_NAMES + 1);
}

const struct hostile_row hostile_with[] = {
    {"with-two-folders", HOSTILE_MADE, two_folders, NULL, NULL, NULL,
	HOSTILE_GOOD, "data/with/tools: a folder of the site's own: 2 files", 0,
	HOSTILE_TAKEN},
    {"with-64-folders", HOSTILE_MADE, as_many_as_may_be, NULL, NULL, NULL,
	HOSTILE_GOOD, "data/with/n63: a folder", 0, HOSTILE_TAKEN},
    WITH("with-65-folders", NULL, one_more, 3,
	"65 folders in data/with/, at most 64"),
    WITH("with-and-no-word", NULL, without_its_word, 3,
	"expected the word 'with'"),
    WITH("with-the-word-alone", NULL, file, 3,
	"'with', though nothing is in data/with/"),
    WITH("with-a-file-in-no-folder", "data/with/x.exe", file, 3,
	"data/with/x.exe: expected NAME/FILE behind data/with/"),
    WITH("with-names-that-are-one", NULL, one_name_for_windows, 3,
	"are one name where letter case"),
    WITH("with-a-device-of-windows", "data/with/tools/aux.exe", file, 3,
	"aux.exe"),
    WITH("with-a-file-that-changed", NULL, changed, 1, TOOL ": SHA-256 is "),
    WITH(
	"with-a-file-that-grew", NULL, longer, 1, TOOL ": 8 bytes, expected 7"),
    WITH("with-a-file-that-is-gone", NULL, gone, 1, TOOL),
    WITH("with-a-file-that-is-undeclared", "data/with/tools/y.exe", undeclared,
	3, "data/with/tools/y.exe"),
};
const size_t hostile_with_rows = sizeof(hostile_with) / sizeof(hostile_with[0]);
