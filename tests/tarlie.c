/* SPDX-License-Identifier: ISC */
#include "tests/tarlie.h"

#include <string.h>

#include "tests/stick.h"
#include "tests/t.h"

static const char *
payload_name(struct stick *s, unsigned n)
{
	return stick_payload(s, n)->name;
}

/* One more member, at the end. */
static void
added(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	struct tarball_member *m = tarball_add(t, t->n, l->name);

	(void)s;
	m->type = l->type;
	m->link = l->text;
	m->mode = l->type == '5' ? 0755 : 0644;
}

static void
bare(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	added(t, s, l);
	t->v[t->n - 1].bare = true;
}

/* What is done to a good one. */
static void
swap_payload(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	size_t at = tarball_find(t, payload_name(s, 0));

	(void)l;
	tarball_move(t, at, at + 1);
}

static void
twice_payload(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	size_t at = tarball_find(t, payload_name(s, 0));

	(void)l;
	*tarball_add(t, at + 1, "x") = t->v[at];
}

static void
twice_tag(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	size_t at = tarball_find(t, "bagit.txt");

	(void)s, (void)l;
	*tarball_add(t, at + 1, "x") = t->v[at];
}

static void
twice_package(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	size_t at = tarball_find(t, STICK_CAB);

	(void)s, (void)l;
	*tarball_add(t, t->n, "x") = t->v[at];
}

static void
payload_first(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)l;
	tarball_move(t, tarball_find(t, payload_name(s, 0)), 0);
}

static void
payload_before_tags(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)l;
	tarball_move(t, tarball_find(t, payload_name(s, 0)), 2);
}

static void
payload_before_signature(
    struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)l;
	tarball_move(t, tarball_find(t, payload_name(s, 0)), 1);
}

static void
package_late(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	tarball_move(t, tarball_find(t, STICK_CAB), t->n - 1);
}

static void
state_first(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	tarball_move(
	    t, tarball_find(t, STICK_STATE), tarball_find(t, STICK_CAB));
}

static void
tags_swapped(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	tarball_move(t, tarball_find(t, "media.tsv"), 2);
}

static void
no_payload(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)l;
	tarball_drop(t, tarball_find(t, payload_name(s, 0)));
}

static void
no_last(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	tarball_drop(t, t->n - 1);
}

static void
no_tag(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	tarball_drop(t, tarball_find(t, "bag-info.txt"));
}

static void
no_package(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	tarball_drop(t, tarball_find(t, STICK_CAB));
}

static void
no_signature(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	tarball_drop(t, tarball_find(t, STICK_SIGNATURE));
}

static void
undeclared_tag(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	(void)tarball_add(t, 3, "autorun.inf");
}

static void
link_in_place(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	struct tarball_member *m = &t->v[tarball_find(t, payload_name(s, 0))];

	(void)l;
	m->type = '2';
	m->link = "a";
	m->n = m->size = 0;
}

static void
folder_first(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	struct tarball_member *m = tarball_add(t, 0, "");

	(void)s, (void)l;
	m->type = '5';
	m->mode = 0755;
}

static void
other_folder_tag(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	struct tarball_member *m = &t->v[tarball_find(t, payload_name(s, 0))];

	(void)l;
	m->bare = true;
}

static void
no_folder(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	for (size_t i = 0; i < t->n; i++)
		t->v[i].bare = true;
}

static void
unsafe_folder(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	for (size_t i = 0; i < t->n; i++) {
		char name[300];

		snprintf(name, sizeof(name), "../%.200s", t->v[i].name);
		memcpy(t->v[i].name, name, sizeof(name));
		t->v[i].bare = true;
	}
}

static struct tarball_member *
payload_of(struct tarball *t, struct stick *s)
{
	/* The first has no bytes. */
	return &t->v[tarball_find(t, payload_name(s, 1))];
}

/* With records before it. */
static void
paxed(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	payload_of(t, s)->pax = l->text;
}

static void
sparse_old(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)l;
	payload_of(t, s)->magic = "ustar  ";
	payload_of(t, s)->type = 'S';
}

static void
gnu_form(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	for (size_t i = 0; i < t->n; i++)
		t->v[i].magic = "ustar  ";
}

static void
old_form(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	t->v[t->n - 1].magic = "\0\0\0\0\0\0\0";
}

static void
long_name_gnu(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	struct tarball_member *m = tarball_add(t, t->n, "x");

	(void)s, (void)l;
	m->type = 'L';
	m->p = "data/zzz";
	m->n = m->size = 9;
	(void)tarball_add(t, t->n, "data/zzy");
}

static void
mode(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)l;
	payload_of(t, s)->mode = 0755;
}

static void
later(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)l;
	payload_of(t, s)->mtime++;
}

static void
all_later(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	for (size_t i = 0; i < t->n; i++)
		t->v[i].mtime++;
}

static void
pads(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)l;
	payload_of(t, s)->pad = 1;
}

static void
says_less(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)l;
	payload_of(t, s)->size--;
}

static void
says_more(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)l;
	payload_of(t, s)->size++;
}

static void
says_block_more(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)l;
	payload_of(t, s)->size += 512;
}

static void
other_bytes(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	static const uint8_t none[4096];

	(void)l;
	payload_of(t, s)->p = none;
}

static void
other_tag_bytes(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	static const uint8_t none[4096];

	(void)s, (void)l;
	t->v[tarball_find(t, "media.tsv")].p = none;
}

static void
big_signature(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	static const uint8_t none[8192];
	struct tarball_member *m = &t->v[tarball_find(t, STICK_SIGNATURE)];

	(void)s, (void)l;
	m->p = none;
	m->n = m->size = 5000;
}

static void
big_tagmanifest(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	static const uint8_t none[70000];
	struct tarball_member *m = &t->v[0];

	(void)s, (void)l;
	m->p = none;
	m->n = m->size = sizeof(none);
}

static void
many_signatures(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	for (unsigned i = 0; i < 17; i++) {
		char name[100];

		snprintf(name, sizeof(name), STICK_TAGS ".%016X.minisig", i);
		(void)tarball_add(t, 1 + i, name);
	}
}

static void
signatures_swapped(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	(void)tarball_add(t, 2, STICK_TAGS ".0123456789ABCDEF.minisig");
}

static void
tagmanifest_link(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s, (void)l;
	t->v[0].type = '2';
	t->v[0].link = "a";
	t->v[0].n = t->v[0].size = 0;
}

/* So many blocks of zeros, and what is behind them. */
static void
ends(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)s;
	t->zeros = (size_t)l->type;
	t->behind = l->text;
}

static void
nothing(struct tarball *t, struct stick *s, const struct tarlie *l)
{
	(void)t, (void)s, (void)l;
}

const struct tarlie tarlie_rows[] = {
    {"nothing is wrong", nothing, 10, NULL, 0, NULL, NULL},
    {"a last record that is filled", ends, 10, NULL, 15, NULL, NULL},
    {"payload out of order", swap_payload, 3, PLACE, 0, NULL, NULL},
    {"a payload file twice", twice_payload, 3, PLACE, 0, NULL, NULL},
    {"a tag file twice", twice_tag, 3, PLACE, 0, NULL, NULL},
    {"a package twice", twice_package, 3, PLACE, 0, NULL, NULL},
    {"payload before all", payload_first, 2, "no transfer in this tar", 0, NULL,
	NULL},
    {"payload before the tag files", payload_before_tags, 1,
	"README.txt: expected in the tar here, found data/", 0, NULL, NULL},
    {"payload before the signature", payload_before_signature, 8, "unsigned", 0,
	NULL, NULL},
    {"the package last", package_late, 3, PLACE, 0, NULL, NULL},
    {"state.jsonl before the package", state_first, 3, PLACE, 0, NULL, NULL},
    {"tag files out of order", tags_swapped, 3, PLACE, 0, NULL, NULL},
    {"no payload file", no_payload, 1, "absent, though", 0, NULL, NULL},
    {"not the last file", no_last, 1, "absent, though", 0, NULL, NULL},
    {"no bag-info.txt", no_tag, 1, "bag-info.txt", 0, NULL, NULL},
    {"no package", no_package, 1, STICK_CAB, 0, NULL, NULL},
    {"no signature", no_signature, 8, "unsigned", 0, NULL, NULL},
    {"an undeclared file", added, 3, "undeclared: no manifest names it", '0',
	"data/zzz", NULL},
    {"an undeclared tag file", undeclared_tag, 3, "autorun.inf: undeclared", 0,
	NULL, NULL},
    {"a hidden file", added, 3, ".hidden", '0', ".hidden", NULL},
    {"a hard link", added, 3, "found a hard link", '1', "data/zzz",
	TARBALL_FOLDER "bagit.txt"},
    {"a symbolic link", added, 3, "found a symbolic link", '2', "data/zzz",
	"/etc/passwd"},
    {"a character device", added, 3, "found a device, pipe or socket", '3',
	"data/zzz", NULL},
    {"a block device", added, 3, "found a device, pipe or socket", '4',
	"data/zzz", NULL},
    {"a folder", added, 3, "found a folder", '5', "data/zzz", NULL},
    {"a pipe", added, 3, "found a device, pipe or socket", '6', "data/zzz",
	NULL},
    {"a link in a file's place", link_in_place, 3, "found a symbolic link", 0,
	NULL, NULL},
    {"the folder itself", folder_first, 2, "no transfer in this tar", 0, NULL,
	NULL},
    {"an absolute name", bare, 3, "/etc/passwd: expected the name of", '0',
	"/etc/passwd", NULL},
    {"a name that leads out", bare, 3, "data/../../x: expected the name of",
	'0', TARBALL_FOLDER "data/../../x", NULL},
    {"a name with a dot", bare, 3, "data/zzz: expected the name of", '0',
	"./" TARBALL_FOLDER "data/zzz", NULL},
    {"another folder", bare, 3, "expected the name of a file in", '0',
	"wsusferry-north-000002/data/zzz", NULL},
    {"payload outside the folder", other_folder_tag, 3,
	"expected the name of a file in", 0, NULL, NULL},
    {"no folder", no_folder, 2, "no transfer in this tar", 0, NULL, NULL},
    {"a folder that leads out", unsafe_folder, 2, "no transfer in this tar", 0,
	NULL, NULL},
    {"a name with control bytes", added, 3, "expected the name of", '0',
	"data/a\033[2Jb", NULL},
    {"a name with a blank", added, 3, "expected the name of", '0', "data/a b",
	NULL},
    {"a sparse file by pax", paxed, 3, NULL, '0', NULL,
	"22 GNU.sparse.major=0\n22 GNU.sparse.minor=0\n"
	"26 GNU.sparse.size=100000\n"},
    {"a sparse file of GNU", sparse_old, 3, NULL, 0, NULL, NULL},
    {"the form of GNU", gnu_form, 3, "unpack it and name the", 0, NULL, NULL},
    {"the form of Unix V7", old_form, 3, "expected that of POSIX", 0, NULL,
	NULL},
    {"a long name as GNU has it", long_name_gnu, 3, NULL, 0, NULL, NULL},
    {"a size by pax that is too large", paxed, 3, NULL, '0', NULL,
	"13 size=9999\n"},
    {"a size by pax that is too small", paxed, 3, NULL, '0', NULL,
	"10 size=1\n"},
    {"a size by pax beyond all", paxed, 3, NULL, '0', NULL,
	"28 size=9223372036854775807\n"},
    {"a size by pax that is no number", paxed, 3, NULL, '0', NULL,
	"15 size=many..\n"},
    {"a name by pax that leads out", paxed, 3, "/etc/passwd", '0', NULL,
	"20 path=/etc/passwd\n"},
    {"a link by pax", paxed, 10, NULL, '0', NULL, "20 linkpath=/etc/sh\n"},
    {"an owner by pax", paxed, 3, "an owner that is not 0", '0', NULL,
	"12 uid=1000\n"},
    {"more times by pax", paxed, 3, "times beside one", '0', NULL,
	"20 atime=1769839628\n"},
    {"a record of pax that is none", paxed, 3, NULL, '0', NULL, "99 size=1\n"},
    {"extended attributes", paxed, 3, "found extended attributes", '0', NULL,
	"25 SCHILY.xattr.user.a=b\n"},
    {"another mode", mode, 3, "mode 0755, expected 0644", 0, NULL, NULL},
    {"another time", later, 3, "expected one time", 0, NULL, NULL},
    {"all of another time", all_later, 3, "Wsusferry-Created", 0, NULL, NULL},
    {"a size that is too small", says_less, 3, "expected 1700", 0, NULL, NULL},
    {"a size that is too large", says_more, 1, "expected 1700", 0, NULL, NULL},
    {"a size of a block more", says_block_more, 3, NULL, 0, NULL, NULL},
    {"bytes behind a member", pads, 3, "zeros behind a member", 0, NULL, NULL},
    {"other bytes of payload", other_bytes, 1, "SHA-256 is", 0, NULL, NULL},
    {"other bytes of a tag file", other_tag_bytes, 1, "media.tsv", 0, NULL,
	NULL},
    {"a signature that is too long", big_signature, 8, NULL, 0, NULL, NULL},
    {"a tag manifest that is too long", big_tagmanifest, 8, "65536", 0, NULL,
	NULL},
    {"17 signatures", many_signatures, 8, "more than 16", 0, NULL, NULL},
    {"signatures out of order", signatures_swapped, 3, "order of their names",
	0, NULL, NULL},
    {"a signature behind payload", added, 3, PLACE, '0',
	STICK_TAGS ".0123456789ABCDEF.minisig", NULL},
    {"a link for a tag manifest", tagmanifest_link, 8, NULL, 0, NULL, NULL},
    {"no end", ends, 3, "two blocks of zeros", 0, NULL, NULL},
    {"half an end", ends, 3, "two blocks of zeros", 1, NULL, NULL},
    {"a byte behind the end", ends, 3, "nothing but zeros", 2, NULL, "x"},
    {"a member behind the end", ends, 3, "nothing but zeros", 3, NULL,
	"data/zzz"},
    {"too many zeros", ends, 3, "fewer than 10240", 100, NULL, NULL},
};
const size_t tarlie_n = sizeof(tarlie_rows) / sizeof(tarlie_rows[0]);
