/* SPDX-License-Identifier: ISC */
/* Hostile rows: media that are no whole, or of no one transfer. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/hostile.h"
#include "tests/t.h"

#define MEDIA 3
#define CSV "data/inventory.csv"

/* Which media are given, by number, in that order; some of them are bent. */
#define GIVEN(name, bend, which, status, says, end)                            \
	{                                                                      \
		name, HOSTILE_MADE, bend, which, NULL, NULL, status, says, 9,  \
		    end                                                        \
	}
#define LACKS(name, which, says)                                               \
	GIVEN(name, given, which, 9, says, HOSTILE_KEPT)
#define REFUSED(name, bend, which, status, says)                               \
	{                                                                      \
		name, HOSTILE_MADE, bend, which, NULL, NULL, status, says,     \
		    HOSTILE_UNASKED, HOSTILE_SAME                              \
	}

static void
put(struct hostile *h, unsigned medium)
{
	stick_medium(&h->s, medium);
	stick_seal(&h->s);
	stick_write(&h->s, h->paths[h->npaths++]);
}

static void
begin(struct hostile *h, unsigned media)
{
	stick_spread(&h->s, media);
	h->npaths = 0;
	h->written = true;
}

/* The same medium twice is the same folder twice. */
static void
put_given(struct hostile *h, const char *which)
{
	for (; *which != '\0'; which++)
		put(h, (unsigned)(*which - '0'));
}

static void
given(struct hostile *h)
{
	begin(h, MEDIA);
	put_given(h, h->row->a);
}

static void
of_nine(struct hostile *h)
{
	begin(h, 9);
	put_given(h, h->row->a);
}

/* "1!2": behind the mark they are of another that was written later. */
static void
mixed(struct hostile *h, void (*other)(struct stick *s))
{
	const char *which = h->row->a;

	begin(h, MEDIA);
	for (; *which != '!'; which++)
		put(h, (unsigned)(*which - '0'));
	other(&h->s);
	put_given(h, which + 1);
}

static void
text_changed(struct stick *s)
{
	stick_find(s, CSV)->bytes.p[0] = 'x';
}

static void
readme_changed(struct stick *s)
{
	stick_find(s, "README.txt")->bytes.p[0] = 'x';
}

static void
other_destination(struct stick *s)
{
	stick_label(
	    s, "Wsusferry-Destination", "5b3a9f10-0000-4000-8000-00000000beef");
}

static void
other_absent(struct stick *s)
{
	stick_label(s, "Wsusferry-Absent", "1");
}

static void
other_selection(struct stick *s)
{
	stick_label(s, "Wsusferry-Selection",
	    "fedcba9876543210fedcba9876543210"
	    "fedcba9876543210fedcba9876543210");
}

static void
other_time(struct stick *s)
{
	stick_label(s, "Wsusferry-Created", "2026-01-31T06:07:09Z");
}

#define MIXED(what)                                                            \
	static void mixed_##what(struct hostile *h)                            \
	{                                                                      \
		mixed(h, what);                                                \
	}
MIXED(text_changed)
MIXED(readme_changed)
MIXED(other_destination)
MIXED(other_absent)
MIXED(other_selection)
MIXED(other_time)

static void
four_media(struct stick *s)
{
	s->bags = 4;
	stick_label(s, "Wsusferry-Reason", "one more");
}
MIXED(four_media)

static void
package_first(struct hostile *h)
{
	begin(h, MEDIA);
	stick_find(&h->s, STICK_CAB)->medium = 1;
	put_given(h, h->row->a);
}

static void
text_before(struct hostile *h)
{
	begin(h, MEDIA);
	stick_find(&h->s, CSV)->medium = 2;
	put_given(h, h->row->a);
}

static void
on_a_fourth(struct hostile *h)
{
	begin(h, MEDIA);
	stick_payload(&h->s, 0)->medium = 4;
	put_given(h, h->row->a);
}

/* A file of the first medium lies on the second, too. */
static void
elsewhere(struct hostile *h)
{
	char path[HOSTILE_PATH + STICK_NAME + 2], name[STICK_NAME] = "";

	given(h);
	for (size_t i = 0; i < h->s.n; i++)
		if (h->s.f[i].medium == 1)
			snprintf(name, sizeof(name), "%s", h->s.f[i].name);
	snprintf(path, sizeof(path), "%s/%s", h->paths[1], name);
	*strrchr(path, '/') = '\0';
	(void)mkdir(path, 0755);
	path[strlen(path)] = '/';
	T_EQ(close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)), 0);
}

/* A medium says that it is another one. */
static void
renumbered(struct hostile *h)
{
	begin(h, MEDIA);
	stick_medium(&h->s, 2);
	stick_seal(&h->s);
	stick_label(&h->s, "Bag-Count", "1 of 3");
	stick_sign(&h->s);
	stick_write(&h->s, h->paths[h->npaths++]);
	put(h, 3);
}

/* By one who has no key: the first file of payload on it. */
static void
damaged(struct hostile *h)
{
	char path[HOSTILE_PATH + STICK_NAME + 2];

	given(h);
	for (size_t i = 0; i < h->npaths; i++)
		for (unsigned k = 0; k < 4; k++) {
			snprintf(path, sizeof(path), "%s/%s", h->paths[i],
			    stick_payload(&h->s, k)->name);
			if (access(path, F_OK) == 0) {
				T_EQ(truncate(path, 3), 0);
				return;
			}
		}
}

static void
unsigned_medium(struct hostile *h)
{
	char path[HOSTILE_PATH + STICK_NAME + 2];

	given(h);
	snprintf(path, sizeof(path), "%s/" STICK_SIGNATURE, h->paths[1]);
	T_EQ(unlink(path), 0);
}

static void
signed_by_a_stranger(struct hostile *h)
{
	struct sign_sec mine = h->s.key;

	begin(h, MEDIA);
	put(h, 1);
	h->s.key = hostile_home()->stranger;
	put(h, 2);
	h->s.key = mine;
	put(h, 3);
}

/* Payload that is cut over three media, and one part goes. */
static void
part_gone(struct hostile *h)
{
	char path[HOSTILE_PATH + STICK_NAME + 2];
	struct stick_file *f = NULL;

	stick_spread(&h->s, MEDIA);
	stick_cut(&h->s, stick_payload(&h->s, 0), 100);
	h->npaths = 0;
	h->written = true;
	for (size_t i = 0; i < h->s.n; i++)
		if (strstr(h->s.f[i].name, ".part001") != NULL)
			h->s.f[i].medium = 1;
		else if (strstr(h->s.f[i].name, ".part002") != NULL)
			h->s.f[i].medium = 2;
	put_given(h, h->row->a);
	for (size_t i = 0; i < h->s.n; i++)
		if (strstr(h->s.f[i].name, ".part002") != NULL)
			f = &h->s.f[i];
	snprintf(path, sizeof(path), "%s/%s", h->paths[1], f->name);
	T_EQ(unlink(path), 0);
}

#define GOOD(name, bend, which)                                                \
	GIVEN(name, bend, which, HOSTILE_GOOD, NULL, HOSTILE_TAKEN)

const struct hostile_row hostile_media[] = {
    GOOD("media-in-order", given, "123"),
    GOOD("media-the-other-way-round", given, "321"),
    GOOD("media-one-twice", given, "1232"),
    GOOD("media-with-another-readme", mixed_readme_changed, "12!3"),
    LACKS("media-lack-2-and-3", "1",
	"missing: north-000007-2of3, north-000007-3of3"),
    LACKS("media-lack-1-and-3", "2",
	"missing: north-000007-1of3, north-000007-3of3"),
    LACKS("media-lack-1-and-2", "3",
	"missing: north-000007-1of3, north-000007-2of3"),
    LACKS("media-lack-1", "23", "missing: north-000007-1of3"),
    LACKS("media-lack-2", "31", "missing: north-000007-2of3"),
    LACKS("media-lack-3", "12", "missing: north-000007-3of3"),
    LACKS("media-lack-2-and-1-is-there-twice", "113",
	"missing: north-000007-2of3"),
    GIVEN("media-lack-eight-of-nine", of_nine, "2", 9,
	"missing: north-000007-1of9, north-000007-3of9, north-000007-4of9, "
	"north-000007-5of9 and 4 more",
	HOSTILE_KEPT),
    REFUSED("media-mixed-written-twice", mixed_text_changed, "1!23", 9,
	"north-000007, written another time"),
    REFUSED("media-mixed-of-two-numbers", mixed_readme_changed, "12!23", 9,
	"as well, and another: expected one of that number"),
    REFUSED("media-mixed-of-two-destinations", mixed_other_destination, "1!23",
	9, "media of different transfers"),
    REFUSED("media-mixed-of-two-counts", mixed_other_absent, "12!3", 9,
	"media of different transfers"),
    REFUSED("media-mixed-of-two-selections", mixed_other_selection, "12!3", 9,
	"media of different transfers"),
    REFUSED("media-mixed-of-two-times", mixed_other_time, "1!23", 9,
	"media of different transfers"),
    REFUSED("media-mixed-of-three-and-four", mixed_four_media, "12!4", 9,
	"media of different transfers"),
    REFUSED("media-with-the-package-first", package_first, "123", 3,
	"data/wsusexport.cab: expected on the last medium, 3, found on 1"),
    REFUSED("media-with-a-text-before", text_before, "123", 3,
	"data/inventory.csv: expected on the last medium"),
    REFUSED("media-with-a-file-on-a-fourth", on_a_fourth, "123", 3,
	"is on medium 4 there, and Bag-Count is "),
    REFUSED("media-with-a-file-of-another", elsewhere, "123", 3,
	"undeclared: it belongs on"),
    REFUSED("media-renumbered", renumbered, "123", 9,
	"is on medium 2 there, and Bag-Count is 1 of 3"),
    REFUSED("media-of-which-one-is-damaged", damaged, "123", 1,
	"data/WsusContent/"),
    REFUSED("media-of-which-one-is-unsigned", unsigned_medium, "123", 8,
	"unsigned"),
    REFUSED("media-of-which-one-is-a-strangers", signed_by_a_stranger, "123", 8,
	"trusted"),
    REFUSED("media-of-which-a-part-is-gone", part_gone, "123", 1,
	"absent, though manifest-sha256.txt"),
};
const size_t hostile_media_rows = sizeof(hostile_media) /
    sizeof(hostile_media[0]);
