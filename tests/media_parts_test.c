/* SPDX-License-Identifier: ISC */
/* Files that are cut: each way in which parts can fail to be the whole. */
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "tests/stick.h"
#include "tests/stick_run.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define GOOD 10 /* the stick lacks a file that nobody has, and says so */

/* A payload file in two parts, bent, alone on one medium. */
static void
cut_row(const char *what, void (*bend)(struct stick *s), int status,
    const char *text)
{
	struct stick s;

	stick_make(&s, &stick_home()->key);
	stick_cut(&s, stick_payload(&s, 0), 100);
	bend(&s);
	stick_seal(&s);
	stick_both(&s, what, status, text);
	stick_free(&s);
}

static struct stick_file *
part(struct stick *s, const char *suffix)
{
	for (size_t i = 0; i < s->n; i++)
		if (strstr(s->f[i].name, suffix) != NULL)
			return &s->f[i];
	T_OK(false);
	return &s->f[0];
}

static void
rename_part(struct stick *s, const char *from, const char *to)
{
	struct stick_file *f = part(s, from);
	char *at = strstr(f->name, from);

	snprintf(at, sizeof(f->name) - (size_t)(at - f->name), "%s", to);
}

static void
swap_line(struct stick *s, const char *from, const char *to)
{
	T_OK(stick_swap(&stick_find(s, STICK_STATE)->bytes, from, to));
}

static void
nothing(struct stick *s)
{
	(void)s;
}
static void
gap(struct stick *s)
{
	rename_part(s, ".part002", ".part003");
}
static void
from_two(struct stick *s)
{
	rename_part(s, ".part002", ".part003");
	rename_part(s, ".part001", ".part002");
}
static void
zero(struct stick *s)
{
	rename_part(s, ".part001", ".part000");
}
static void
short_name(struct stick *s)
{
	rename_part(s, ".part002", ".part2");
}
static void
long_name(struct stick *s)
{
	rename_part(s, ".part002", ".part0002");
}
static void
stranger(struct stick *s)
{
	stick_put(s, "data/parts/readme.txt", "x", 1);
}
static void
overlap(struct stick *s)
{
	struct err e = ERR_INIT;

	T_CALL(buf_put(&part(s, ".part001")->bytes, "x", 1, &e), &e);
}
static void
exchanged(struct stick *s)
{
	struct buf b = part(s, ".part001")->bytes;

	part(s, ".part001")->bytes = part(s, ".part002")->bytes;
	part(s, ".part002")->bytes = b;
}
static void
damaged(struct stick *s)
{
	part(s, ".part002")->bytes.p[3] ^= 1;
}
static void
empty(struct stick *s)
{
	struct err e = ERR_INIT;
	struct buf *a = &part(s, ".part001")->bytes,
		   *b = &part(s, ".part002")->bytes;

	T_CALL(buf_put(a, b->p, b->len, &e), &e);
	b->len = 0;
}
static void
single(struct stick *s)
{
	struct err e = ERR_INIT;
	struct buf *a = &part(s, ".part001")->bytes,
		   *b = &part(s, ".part002")->bytes;

	T_CALL(buf_put(a, b->p, b->len, &e), &e);
	stick_drop(s, part(s, ".part002")->name);
}
static void
no_line(struct stick *s)
{
	swap_line(s, "{\"t\":\"parts\"", "{\"t\":\"other\"");
}
static void
whole_too(struct stick *s)
{
	struct buf *a = &part(s, ".part001")->bytes;
	char name[STICK_NAME];

	snprintf(name, sizeof(name), "data/WsusContent/%.2s/%.40s.cab",
	    part(s, ".part001")->name + 11 + 38,
	    part(s, ".part001")->name + 11);
	stick_put(s, name, a->p, a->len);
	stick_label(s, "Wsusferry-Files", "5");
}
static void
count(struct stick *s)
{
	swap_line(s, "\"parts\":2", "\"parts\":3");
}
static void
size(struct stick *s)
{
	swap_line(s, "\"size\":900,\"parts\"", "\"size\":901,\"parts\"");
}
static void
digest(struct stick *s)
{
	struct buf *b = &stick_find(s, STICK_STATE)->bytes;
	char *at = memmem(b->p, b->len, "\"sha256\":\"", 10);

	at[10] = at[10] == '0' ? '1' : '0';
}
static void
called(struct stick *s)
{
	swap_line(s, "\"data/WsusContent/", "\"data/wsuscontent/");
}
static void
no_word(struct stick *s)
{
	stick_label(s, "Wsusferry-Requires", NULL);
}
static void
lines_twice(struct stick *s)
{
	struct buf *b = &stick_find(s, STICK_STATE)->bytes, copy = BUF_INIT;
	struct err e = ERR_INIT;
	char *at = memmem(b->p, b->len, "{\"t\":\"parts\"", 12);
	size_t n = b->len - (size_t)(at - (char *)b->p);

	T_CALL(buf_put(&copy, at, n, &e), &e);
	T_CALL(buf_put(b, copy.p, n, &e), &e);
	buf_free(&copy);
}
static void
gone(struct stick *s)
{
	part(s, ".part002")->absent = true;
}

T_TEST(parts_of_a_file_are_what_the_page_says)
{
	static const struct {
		const char *what;
		void (*bend)(struct stick *s);
		int status;
		const char *says;
	} rows[] = {{"the good one", nothing, GOOD, NULL},
	    {"a gap", gap, 3, "expected parts numbered from 001 without a gap"},
	    {"from 2", from_two, 3, "numbered from 001 without a gap"},
	    {"from 0", zero, 3, "expected SHA1.ext.part001 behind"},
	    {"one digit", short_name, 3, "expected SHA1.ext.part001 behind"},
	    {"four digits", long_name, 3, "expected SHA1.ext.part001 behind"},
	    {"another name", stranger, 3, "expected SHA1.ext.part001 behind"},
	    {"overlap", overlap, 3, "bytes, media.tsv has "},
	    {"exchanged", exchanged, 1, "SHA-256 is "},
	    {"damaged", damaged, 1, "SHA-256 is "},
	    {"empty", empty, 3, "expected bytes in it, found none"},
	    {"single", single, 3, "at least two parts"},
	    {"no line", no_line, 3, "expected a parts line for data/parts/"},
	    {"a line twice", lines_twice, 3, "and it has one already"},
	    {"there whole too", whole_too, 3, "which is there whole"},
	    {"parts: 3", count, 3, "a parts line says 3 parts, found 2"},
	    {"size", size, 3, "a parts line says 901 bytes, media.tsv has 900"},
	    {"sha256", digest, 1, "SHA-256 is "},
	    {"name", called, 3, "a parts line calls it 'data/wsuscontent/"},
	    {"the word", no_word, 3, "expected the word 'parts'"},
	    {"not there", gone, 1, "absent, though manifest-sha256.txt"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cut_row(
		    rows[i].what, rows[i].bend, rows[i].status, rows[i].says);
}

T_MAIN
