/* SPDX-License-Identifier: ISC */
/* Hostile rows: a file that is cut, and how its parts can fail to be it. */
#include <string.h>

#include "lib/base/err.h"
#include "tests/hostile.h"
#include "tests/t.h"

#define CUT(name, bend, status, says)                                          \
	{                                                                      \
		name, HOSTILE_MADE, bend, NULL, NULL, NULL, status, says, 0,   \
		    HOSTILE_SAME                                               \
	}

/* The first payload file, of 900 bytes, in two parts. */
static struct stick *
cut(struct hostile *h)
{
	stick_cut(&h->s, stick_payload(&h->s, 0), 100);
	return &h->s;
}

static void
good_parts(struct hostile *h)
{
	(void)cut(h);
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
with_a_gap(struct hostile *h)
{
	struct stick *s = cut(h);

	rename_part(s, ".part002", ".part003");
}

static void
from_two(struct hostile *h)
{
	struct stick *s = cut(h);

	rename_part(s, ".part002", ".part003");
	rename_part(s, ".part001", ".part002");
}

static void
from_zero(struct hostile *h)
{
	struct stick *s = cut(h);

	rename_part(s, ".part001", ".part000");
}

static void
short_name(struct hostile *h)
{
	struct stick *s = cut(h);

	rename_part(s, ".part002", ".part2");
}

static void
long_name(struct hostile *h)
{
	struct stick *s = cut(h);

	rename_part(s, ".part002", ".part0002");
}

static void
other_file(struct hostile *h)
{
	struct stick *s = cut(h);

	stick_put(s, "data/parts/readme.txt", "x", 1);
}

static void
overlap(struct hostile *h)
{
	struct stick *s = cut(h);
	struct err e = ERR_INIT;

	T_CALL(buf_put(&part(s, ".part001")->bytes, "x", 1, &e), &e);
}

static void
exchanged(struct hostile *h)
{
	struct stick *s = cut(h);
	struct buf b = part(s, ".part001")->bytes;

	part(s, ".part001")->bytes = part(s, ".part002")->bytes;
	part(s, ".part002")->bytes = b;
}

static void
other_bytes(struct hostile *h)
{
	struct stick *s = cut(h);

	part(s, ".part002")->bytes.p[3] ^= 1;
}

static void
one_empty(struct hostile *h)
{
	struct stick *s = cut(h);
	struct err e = ERR_INIT;
	struct buf *a = &part(s, ".part001")->bytes,
		   *b = &part(s, ".part002")->bytes;

	T_CALL(buf_put(a, b->p, b->len, &e), &e);
	b->len = 0;
}

static void
one_alone(struct hostile *h)
{
	struct stick *s = cut(h);
	struct err e = ERR_INIT;
	struct buf *a = &part(s, ".part001")->bytes,
		   *b = &part(s, ".part002")->bytes;

	T_CALL(buf_put(a, b->p, b->len, &e), &e);
	stick_drop(s, part(s, ".part002")->name);
}

static void
no_line(struct hostile *h)
{
	struct stick *s = cut(h);

	swap_line(s, "{\"t\":\"parts\"", "{\"t\":\"other\"");
}

static void
whole_too(struct hostile *h)
{
	struct stick *s = cut(h);
	struct buf *a = &part(s, ".part001")->bytes;
	char name[STICK_NAME];

	snprintf(name, sizeof(name), "data/WsusContent/%.2s/%.40s.cab",
	    part(s, ".part001")->name + 11 + 38,
	    part(s, ".part001")->name + 11);
	stick_put(s, name, a->p, a->len);
	stick_label(s, "Wsusferry-Files", "5");
}

static void
other_count(struct hostile *h)
{
	struct stick *s = cut(h);

	swap_line(s, "\"parts\":2", "\"parts\":3");
}

static void
other_size(struct hostile *h)
{
	struct stick *s = cut(h);

	swap_line(s, "\"size\":900,\"parts\"", "\"size\":901,\"parts\"");
}

static void
other_digest(struct hostile *h)
{
	struct stick *s = cut(h);
	struct buf *b = &stick_find(s, STICK_STATE)->bytes;
	char *at = memmem(b->p, b->len, "\"sha256\":\"", 10);

	at[10] = at[10] == '0' ? '1' : '0';
}

static void
other_name(struct hostile *h)
{
	struct stick *s = cut(h);

	swap_line(s, "\"data/WsusContent/", "\"data/wsuscontent/");
}

static void
no_word(struct hostile *h)
{
	struct stick *s = cut(h);

	stick_label(s, "Wsusferry-Requires", NULL);
}

static void
lines_twice(struct hostile *h)
{
	struct stick *s = cut(h);
	struct buf *b = &stick_find(s, STICK_STATE)->bytes, copy = BUF_INIT;
	struct err e = ERR_INIT;
	char *at = memmem(b->p, b->len, "{\"t\":\"parts\"", 12);
	size_t n = b->len - (size_t)(at - (char *)b->p);

	T_CALL(buf_put(&copy, at, n, &e), &e);
	T_CALL(buf_put(b, copy.p, n, &e), &e);
	buf_free(&copy);
}

static void
gone(struct hostile *h)
{
	struct stick *s = cut(h);

	part(s, ".part002")->absent = true;
}

static void
beyond_999(struct hostile *h)
{
	rename_part(cut(h), ".part002", ".part1000");
}

static void
twice_as_large(struct hostile *h)
{
	swap_line(cut(h), "\"size\":900,\"parts\"",
	    "\"size\":18446744073709551616,\"parts\"");
}

static void
counts_4294967298(struct hostile *h)
{
	swap_line(cut(h), "\"parts\":2", "\"parts\":4294967298");
}

static void
path_in_a_line(struct hostile *h)
{
	swap_line(cut(h), "\"data/WsusContent/", "\"../../WsusContent/");
}

static void
part_is_flipped(struct hostile *h)
{
	part(cut(h), ".part001")->bytes.p[0] ^= 1;
}

/* Two files, and each other's parts. */
static void
of_another_file(struct hostile *h)
{
	struct stick *s = cut(h);
	struct stick_file *one = NULL;
	struct buf b;

	stick_cut(s, stick_payload(s, 1), 150);
	for (size_t i = 0; i < s->n; i++) {
		struct stick_file *f = &s->f[i];

		if (strstr(f->name, ".part001") == NULL)
			continue;
		if (one == NULL) {
			one = f;
			continue;
		}
		b = one->bytes;
		one->bytes = f->bytes;
		f->bytes = b;
	}
}

const struct hostile_row hostile_parts[] = {
    {"parts-good", HOSTILE_MADE, good_parts, NULL, NULL, NULL, HOSTILE_GOOD,
	NULL, 0, HOSTILE_TAKEN},
    CUT("parts-with-a-gap", with_a_gap, 3,
	"expected parts numbered from 001 without a gap"),
    CUT("parts-from-2", from_two, 3, "numbered from 001 without a gap"),
    CUT("parts-from-0", from_zero, 3, "expected SHA1.ext.part001 behind"),
    CUT("parts-of-one-digit", short_name, 3,
	"expected SHA1.ext.part001 behind"),
    CUT("parts-of-four-digits", long_name, 3,
	"expected SHA1.ext.part001 behind"),
    CUT("parts-beyond-999", beyond_999, 3, "expected SHA1.ext.part001 behind"),
    CUT("parts-beside-another-file", other_file, 3,
	"expected SHA1.ext.part001 behind"),
    CUT("parts-that-overlap", overlap, 3, "bytes, media.tsv has "),
    CUT("parts-exchanged", exchanged, 1, "SHA-256 is "),
    CUT("parts-of-another-file", of_another_file, 3, "bytes, media.tsv has "),
    CUT("parts-damaged", other_bytes, 1, "SHA-256 is "),
    CUT("parts-damaged-at-the-begin", part_is_flipped, 1, "SHA-256 is "),
    CUT("parts-of-which-one-is-empty", one_empty, 3,
	"expected bytes in it, found none"),
    CUT("parts-of-which-there-is-one", one_alone, 3, "at least two parts"),
    CUT("parts-without-a-line", no_line, 3,
	"expected a parts line for data/parts/"),
    CUT("parts-with-two-lines", lines_twice, 3, "and it has one already"),
    CUT("parts-and-the-whole", whole_too, 3, "which is there whole"),
    CUT("parts-line-counts-3", other_count, 3,
	"a parts line says 3 parts, found 2"),
    CUT("parts-line-count-overflow", counts_4294967298, 3, STICK_STATE),
    CUT("parts-line-of-another-size", other_size, 3,
	"a parts line says 901 bytes, media.tsv has 900"),
    CUT("parts-line-size-overflow", twice_as_large, 3, STICK_STATE),
    CUT("parts-line-of-another-digest", other_digest, 1, "SHA-256 is "),
    CUT("parts-line-of-another-name", other_name, 3,
	"a parts line calls it 'data/wsuscontent/"),
    CUT("parts-line-escapes", path_in_a_line, 3,
	"a parts line calls it '../../"),
    CUT("parts-without-the-word", no_word, 3, "expected the word 'parts'"),
    CUT("parts-of-which-one-is-gone", gone, 1,
	"absent, though manifest-sha256.txt"),
};
const size_t hostile_parts_rows = sizeof(hostile_parts) /
    sizeof(hostile_parts[0]);
