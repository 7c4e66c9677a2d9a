/* SPDX-License-Identifier: ISC */
/* Hostile rows: what stands in the folder, and the lists of it. */
#include "tests/hostile.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/bag.h"
#include "lib/base/err.h"
#include "tests/t.h"

#define MANIFEST "manifest-sha256.txt"
#define MEDIA "media.tsv"
#define CSV "data/inventory.csv"
#define EMPTY_SHA                                                              \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* One who has the key changes a list, and signs it. */
#define LIST(name, list, from, to, says)                                       \
	{                                                                      \
		name, HOSTILE_LISTED, hostile_swap, list, from, to, 3, says,   \
		    0, HOSTILE_SAME                                            \
	}
/* One who has the key declares a file. */
#define DECLARED(name, file, says)                                             \
	{                                                                      \
		name, HOSTILE_MADE, hostile_put, file, "x", NULL, 3, says, 0,  \
		    HOSTILE_SAME                                               \
	}
/* One who has not puts it there. */
#define STRAY(name, file, says)                                                \
	{                                                                      \
		name, HOSTILE_MADE, hostile_stray, file, "x", NULL, 3, says,   \
		    0, HOSTILE_SAME                                            \
	}
#define WRITTEN(name, bend, a, b, status, says)                                \
	{                                                                      \
		name, HOSTILE_WRITTEN, bend, a, b, NULL, status, says, 0,      \
		    HOSTILE_SAME                                               \
	}
/* It is not the form that is wrong but what is there. */
#define TAKEN(name, bend, a, b, says)                                          \
	{                                                                      \
		name, HOSTILE_MADE, bend, a, b, NULL, HOSTILE_GOOD, says, 0,   \
		    HOSTILE_TAKEN                                              \
	}

static struct buf *
list_of(struct hostile *h)
{
	return &stick_find(&h->s, h->row->a)->bytes;
}

/* Its first line goes behind its last one. */
static void
first_line_last(struct hostile *h)
{
	struct buf *b = list_of(h), copy = BUF_INIT;
	const char *lf = memchr(b->p, '\n', b->len);
	size_t n = (size_t)(lf + 1 - (const char *)b->p);
	struct err e = ERR_INIT;

	T_CALL(buf_put(&copy, b->p + n, b->len - n, &e), &e);
	T_CALL(buf_put(&copy, b->p, n, &e), &e);
	buf_free(b);
	*b = copy;
}

static void
first_line_twice(struct hostile *h)
{
	struct buf *b = list_of(h), copy = BUF_INIT;
	const char *lf = memchr(b->p, '\n', b->len);
	struct err e = ERR_INIT;

	T_CALL(buf_put(&copy, b->p, (size_t)(lf + 1 - (char *)b->p), &e), &e);
	T_CALL(buf_put(&copy, b->p, b->len, &e), &e);
	buf_free(b);
	*b = copy;
}

static void
last_line_goes(struct hostile *h)
{
	struct buf *b = list_of(h);
	size_t n = b->len - 1;

	while (n > 0 && b->p[n - 1] != '\n')
		n--;
	b->len = n;
}

static void
last_byte_goes(struct hostile *h)
{
	list_of(h)->len--;
}

static void
folder(struct hostile *h)
{
	T_EQ(mkdir(hostile_at(h, h->row->a), 0755), 0);
}

/* More names than path_walk() would follow. */
static void
deep(struct hostile *h)
{
	char path[2 * HOSTILE_PATH];
	size_t n;

	snprintf(path, sizeof(path), "%s/data", h->paths[0]);
	for (int i = 0; i < 12; i++) {
		n = strlen(path);
		snprintf(path + n, sizeof(path) - n, "/d");
		T_EQ(mkdir(path, 0755), 0);
	}
}

/* A file of one name and a link to it: two names of what is declared once. */
static void
hard_link(struct hostile *h)
{
	char to[HOSTILE_PATH + STICK_NAME + 2];

	snprintf(to, sizeof(to), "%s", hostile_at(h, h->row->a));
	T_EQ(link(to, hostile_at(h, h->row->b)), 0);
}

static void
many_lines(struct hostile *h)
{
	struct buf *b = list_of(h);
	struct err e = ERR_INIT;
	char line[128];

	for (int i = 0; b->len <= BAG_MAX_TAGMANIFEST; i++) {
		snprintf(line, sizeof(line), EMPTY_SHA "  z%06d\n", i);
		T_CALL(buf_puts(b, line, &e), &e);
	}
}

static void
big_tag_file(struct hostile *h)
{
	struct err e = ERR_INIT;
	struct buf *b = &stick_find(&h->s, "README.txt")->bytes;

	memset(buf_reserve(b, BAG_MAX_TAG, &e), 'a', BAG_MAX_TAG);
	b->len += BAG_MAX_TAG;
}

static void
two_files_exchanged(struct hostile *h)
{
	char one[HOSTILE_PATH + STICK_NAME + 2], two[sizeof(one)];

	snprintf(one, sizeof(one), "%s", hostile_at(h, h->row->a));
	snprintf(two, sizeof(two), "%s", hostile_at(h, h->row->b));
	T_EQ(rename(one, hostile_at(h, "x")), 0);
	T_EQ(rename(two, one), 0);
	T_EQ(rename(hostile_at(h, "x"), two), 0);
}

/* media.tsv says a byte more of a file than it has, and Payload-Oxum too. */
static void
more_bytes(struct hostile *h)
{
	struct buf *info = &stick_find(&h->s, STICK_INFO)->bytes;
	struct err e = ERR_INIT;
	unsigned long long bytes, files;
	char old[96], now[96], *at;
	size_t size = stick_find(&h->s, h->row->a)->bytes.len;

	snprintf(old, sizeof(old), "\t%zu\t1\n", size);
	snprintf(now, sizeof(now), "\t%zu\t1\n", size + 1);
	T_OK(stick_swap(&stick_find(&h->s, MEDIA)->bytes, old, now));
	T_OK(buf_str(info, &e) != NULL);
	at = strstr((char *)info->p, "Payload-Oxum: ");
	bytes = strtoull(at + 14, &at, 10);
	files = strtoull(at + 1, NULL, 10);
	snprintf(now, sizeof(now), "%llu.%llu", bytes + 1, files);
	stick_label(&h->s, "Payload-Oxum", now);
}

const struct hostile_row hostile_files[] = {
    /* Undeclared. */
    STRAY("autorun", "autorun.inf", "autorun.inf: undeclared: no manifest"),
    STRAY("undeclared-in-data", "data/x.bin", "data/x.bin: undeclared"),
    STRAY("undeclared-payload", "data/WsusContent/00/x.cab",
	"data/WsusContent/00/x.cab: undeclared"),
    STRAY("undeclared-package", "data/wsusexport-2.cab",
	"data/wsusexport-2.cab: undeclared"),
    STRAY("undeclared-script", "data/wsus-import.cmd", "undeclared"),
    STRAY("undeclared-part", "data/parts/x.part001", "undeclared"),
    STRAY("undeclared-folder-of-the-sites", "data/with/tool/x", "undeclared"),
    STRAY("hidden", ".hidden", ".hidden"),
    STRAY("name-of-a-blank", "data/a b", "data/a b"),
    STRAY("name-of-a-line-end", "data/a\nb", "undeclared"),
    STRAY("name-of-a-percent-sign", "data/a%0Ab", "undeclared"),
    STRAY("name-that-is-no-utf-8", "data/\xff", "undeclared"),
    STRAY("name-of-a-backslash", "data\\x", "undeclared"),
    STRAY("fetch-txt-undeclared", "fetch.txt", "undeclared"),
    WRITTEN("undeclared-empty-folder", folder, "data/empty", NULL, 3,
	"data/empty: a folder that no manifest"),
    WRITTEN("undeclared-folders-12-deep", deep, NULL, NULL, 3, "data/d"),
    WRITTEN("undeclared-hard-link", hard_link, "README.txt", "COPY.txt", 3,
	"COPY.txt: undeclared"),
    WRITTEN("undeclared-link", hostile_link, "data/more", "/etc/passwd", 3,
	"data/more"),
    WRITTEN(
	"undeclared-fifo", hostile_node, "data/more", "fifo", 3, "data/more"),
    WRITTEN("undeclared-socket", hostile_node, "data/more", "socket", 3,
	"data/more"),
    WRITTEN("undeclared-device", hostile_node, "data/more", "device", 3,
	"data/more"),
    /* Declared, and something else. */
    WRITTEN("link-in-place-of-a-text", hostile_link, CSV, "../README.txt", 3,
	CSV ": not a regular file"),
    WRITTEN(
	"link-in-place-of-a-list", hostile_link, MEDIA, "bagit.txt", 3, MEDIA),
    WRITTEN("link-in-place-of-bag-info", hostile_link, STICK_INFO, "/dev/zero",
	3, STICK_INFO),
    WRITTEN("link-in-place-of-the-package", hostile_link, STICK_CAB,
	"/dev/zero", 3, STICK_CAB ": not a regular file"),
    WRITTEN("link-in-place-of-payload", hostile_link, "payload", "/etc/passwd",
	3, "not a regular file"),
    WRITTEN("fifo-in-place-of-payload", hostile_node, "payload", "fifo", 3,
	"not a regular file"),
    WRITTEN("socket-in-place-of-payload", hostile_node, "payload", "socket", 3,
	"not a regular file"),
    WRITTEN("device-in-place-of-payload", hostile_node, "payload", "device", 3,
	"not a regular file"),
    WRITTEN("folder-in-place-of-payload", hostile_node, "payload", "folder", 3,
	"data/WsusContent/"),
    WRITTEN("fifo-in-place-of-a-list", hostile_node, MEDIA, "fifo", 3, MEDIA),
    WRITTEN("folder-in-place-of-a-text", hostile_node, "README.txt", "folder",
	3, "README.txt"),
    WRITTEN("texts-exchanged", two_files_exchanged, CSV, "README.txt", 1, CSV),
    {"sparse-payload-of-a-terabyte", HOSTILE_WRITTEN, hostile_length, "payload",
	"1099511627776", NULL, 1, "data/WsusContent/", HOSTILE_UNASKED,
	HOSTILE_SAME},
    {"sparse-package-of-a-terabyte", HOSTILE_WRITTEN, hostile_length, STICK_CAB,
	"1099511627776", NULL, 3, STICK_CAB, HOSTILE_UNASKED, HOSTILE_SAME},
    {"sparse-text-of-a-terabyte", HOSTILE_WRITTEN, hostile_length, CSV,
	"1099511627776", NULL, 1, CSV, HOSTILE_UNASKED, HOSTILE_SAME},
    WRITTEN("sparse-readme-of-a-terabyte", hostile_length, "README.txt",
	"1099511627776", 3, "README.txt"),
    WRITTEN("sparse-list-of-a-terabyte", hostile_length, MEDIA, "1099511627776",
	3, MEDIA),
    WRITTEN("sparse-tag-manifest-of-a-terabyte", hostile_length, STICK_TAGS,
	"1099511627776", 8, STICK_TAGS),
    WRITTEN("sparse-signature-of-a-terabyte", hostile_length, STICK_SIGNATURE,
	"1099511627776", 8, STICK_SIGNATURE),
    {"tag-file-of-a-megabyte", HOSTILE_MADE, big_tag_file, NULL, NULL, NULL, 3,
	"README.txt", 0, HOSTILE_SAME},
    {"gone-text", HOSTILE_SEALED, hostile_gone, CSV, NULL, NULL, 1,
	CSV ": absent, though manifest-sha256.txt", 0, HOSTILE_SAME},
    {"gone-readme", HOSTILE_SEALED, hostile_gone, "README.txt", NULL, NULL, 1,
	"README.txt", 0, HOSTILE_SAME},
    {"gone-package", HOSTILE_SEALED, hostile_gone, STICK_CAB, NULL, NULL, 1,
	STICK_CAB ": absent", 0, HOSTILE_SAME},
    {"gone-payload", HOSTILE_SEALED, hostile_gone, "payload", NULL, NULL, 1,
	"absent, though manifest-sha256.txt", 0, HOSTILE_SAME},
    {"gone-list", HOSTILE_SEALED, hostile_gone, MANIFEST, NULL, NULL, 1,
	MANIFEST, 0, HOSTILE_SAME},
    {"gone-bag-info", HOSTILE_SEALED, hostile_gone, STICK_INFO, NULL, NULL, 1,
	STICK_INFO, 0, HOSTILE_SAME},
    /* Needed in the tag manifest. */
    {"no-bagit", HOSTILE_MADE, hostile_drop, "bagit.txt", NULL, NULL, 3,
	STICK_TAGS ": bagit.txt is not in it", 0, HOSTILE_SAME},
    {"no-bag-info", HOSTILE_LISTED, hostile_drop, STICK_INFO, NULL, NULL, 3,
	"bag-info.txt is not in it", 0, HOSTILE_SAME},
    {"no-manifest", HOSTILE_LISTED, hostile_drop, MANIFEST, NULL, NULL, 3,
	MANIFEST " is not in it", 0, HOSTILE_SAME},
    {"no-media-list", HOSTILE_LISTED, hostile_drop, MEDIA, NULL, NULL, 3,
	"media.tsv is not in it", 0, HOSTILE_SAME},
    TAKEN("without-a-readme", hostile_drop, "README.txt", NULL, NULL),
    TAKEN("without-an-inventory", hostile_drop, CSV, NULL, NULL),
    TAKEN("a-newer-text", hostile_put, "data/newer.bin", "x",
	"data/newer.bin: declared, and not known to this"),
    TAKEN("a-newer-tag-file", hostile_put, "papers/delivery.txt", "x",
	"papers/delivery.txt: declared, and not known"),
    /* Names that are declared. */
    DECLARED("fetch-txt", "fetch.txt", "a transfer has all of its payload"),
    DECLARED("fetch-txt-in-capitals", "FETCH.TXT",
	"a transfer has all of its payload"),
    DECLARED("second-manifest", "manifest-md5.txt",
	"'manifest-md5.txt': a second manifest"),
    DECLARED("second-tag-manifest", "tagmanifest-md5.txt",
	"a tag manifest in a tag manifest"),
    DECLARED("collision-by-case", "data/Inventory.csv",
	"data/Inventory.csv and data/inventory.csv are one name"),
    DECLARED("collision-by-case-of-a-tag-file", "README.TXT",
	"README.TXT and README.txt are one name"),
    DECLARED("collision-of-folders", "data/wsuscontent/x",
	"are one name where letter case does not count"),
    DECLARED("data-in-capitals", "Data/x", "'Data/x': payload among the tag"),
    DECLARED("device-of-windows", "data/aux.txt",
	"'data/aux.txt' has a part that is a device of Windows"),
    DECLARED("device-of-windows-as-a-folder", "con/x", "a device of Windows"),
    DECLARED(
	"device-of-windows-in-capitals", "data/LPT1", "a device of Windows"),
    DECLARED("name-with-a-blank", "data/a b", "unsafe name 'data/a b'"),
    DECLARED("name-with-a-colon", "data/a:b", "unsafe name 'data/a:b'"),
    DECLARED("name-with-a-backslash", "data/a\\b", "unsafe name"),
    DECLARED("name-with-a-percent-sign", "data/a%25", "unsafe name"),
    DECLARED("name-with-an-umlaut", "data/\xc3\xa4", "unsafe name"),
    DECLARED("name-that-ends-in-a-dot", "data/a.", "unsafe name 'data/a.'"),
    DECLARED("name-that-begins-with-a-dot", "data/.a", "unsafe name 'data/.a'"),
    DECLARED("name-of-nine-parts", "data/1/2/3/4/5/6/7/8", "unsafe name"),
    DECLARED(
	"with-without-its-word", "data/with/x/y", "expected the word 'with'"),
    DECLARED("parts-without-their-word", "data/parts/x.part001",
	"expected the word 'parts'"),
    DECLARED("origins-without-their-word", "data/origins/x/y",
	"expected the word 'origins'"),
    /* Lists. */
    LIST("path-escapes-upward", MANIFEST, "  " CSV, "  data/../x.csv",
	"unsafe name 'data/../x.csv'"),
    LIST("path-escapes-in-the-middle", MANIFEST, "  " CSV, "  data/x/../../y",
	"unsafe name"),
    LIST("path-is-absolute", MANIFEST, "  " CSV, "  /data/x.csv",
	"unsafe name '/data/x.csv'"),
    LIST("path-of-windows", MANIFEST, "  " CSV, "  C:\\data\\x", "unsafe name"),
    LIST("path-with-two-slashes", MANIFEST, "  " CSV, "  data//x.csv",
	"unsafe name"),
    LIST("path-that-is-the-folder", MANIFEST, "  " CSV, "  data/", MANIFEST),
    LIST("path-with-a-dot", MANIFEST, "  " CSV, "  ./" CSV, "unsafe name"),
    LIST("path-beside-data", MANIFEST, "  " CSV, "  date/inventory.csv",
	"expected a name that begins with 'data/'"),
    LIST("path-escapes-in-media-list", MEDIA, CSV "\t", "data/../x.csv\t",
	MEDIA),
    LIST("manifest-of-tabs", MANIFEST, "  data/", "\tdata/", MANIFEST),
    LIST("manifest-of-binary-marks", MANIFEST, "  data/", " *data/", MANIFEST),
    LIST("manifest-of-windows-lines", MANIFEST, "inventory.csv\n",
	"inventory.csv\r\n", "unsafe name"),
    LIST("manifest-digest-in-capitals", MANIFEST, "a", "A", MANIFEST),
    LIST("manifest-of-another-order", MANIFEST, CSV, "data/xnventory.csv",
	"names not in byte order"),
    LIST("media-list-has-another-name", MEDIA, CSV "\t", "data/inventory.csx\t",
	CSV " is missing in it"),
    LIST("media-list-has-another-medium", MEDIA, "\t7\t1\n", "\t7\t2\n",
	CSV " is on medium 2 there, and Bag-Count is 1"),
    LIST("media-list-has-medium-0", MEDIA, "\t7\t1\n", "\t7\t0\n", MEDIA),
    LIST("media-list-has-another-size", MEDIA, "\t7\t1\n", "\t8\t1\n",
	"Payload-Oxum is "),
    LIST("media-list-number-overflow", MEDIA, "\t7\t1\n",
	"\t9223372036854775808\t1\n", MEDIA),
    LIST("media-list-number-of-64-bits-overflows", MEDIA, "\t7\t1\n",
	"\t18446744073709551623\t1\n", MEDIA),
    LIST("media-list-medium-overflow", MEDIA, "\t7\t1\n", "\t7\t4294967297\n",
	MEDIA),
    LIST("media-list-number-negative", MEDIA, "\t7\t1\n", "\t-7\t1\n", MEDIA),
    LIST("media-list-number-padded", MEDIA, "\t7\t1\n", "\t07\t1\n", MEDIA),
    LIST("media-list-with-one-field-more", MEDIA, "\t7\t1\n", "\t7\t1\t\n",
	MEDIA),
    {"manifest-out-of-order", HOSTILE_LISTED, first_line_last, MANIFEST, NULL,
	NULL, 3, "names not in byte order", 0, HOSTILE_SAME},
    {"manifest-line-duplicated", HOSTILE_LISTED, first_line_twice, MANIFEST,
	NULL, NULL, 3, "a second time", 0, HOSTILE_SAME},
    {"manifest-truncated-by-a-line", HOSTILE_LISTED, last_line_goes, MANIFEST,
	NULL, NULL, 3, "is not in manifest-sha256.txt", 0, HOSTILE_SAME},
    {"manifest-truncated-by-a-byte", HOSTILE_LISTED, last_byte_goes, MANIFEST,
	NULL, NULL, 3, "cut short, expected a LF", 0, HOSTILE_SAME},
    {"manifest-empty", HOSTILE_LISTED, hostile_put, MANIFEST, "", NULL, 3,
	MANIFEST, 0, HOSTILE_SAME},
    {"bag-info-cut-short", HOSTILE_LISTED, last_byte_goes, STICK_INFO, NULL,
	NULL, 3, "cut short, expected a LF", 0, HOSTILE_SAME},
    {"media-list-out-of-order", HOSTILE_LISTED, first_line_last, MEDIA, NULL,
	NULL, 3, "names not in byte order", 0, HOSTILE_SAME},
    {"media-list-has-another-size-of-the-package", HOSTILE_LISTED, more_bytes,
	STICK_CAB, NULL, NULL, 1, "data/wsusexport.cab: ", 0, HOSTILE_SAME},
    {"media-list-has-another-size-of-state", HOSTILE_LISTED, more_bytes,
	STICK_STATE, NULL, NULL, 1, "data/state.jsonl: ", 0, HOSTILE_SAME},
    {"media-list-has-another-size-of-a-text", HOSTILE_LISTED, more_bytes, CSV,
	NULL, NULL, 1, CSV, 0, HOSTILE_SAME},
    {"media-list-line-duplicated", HOSTILE_LISTED, first_line_twice, MEDIA,
	NULL, NULL, 3, "a second time", 0, HOSTILE_SAME},
    {"media-list-truncated-by-a-line", HOSTILE_LISTED, last_line_goes, MEDIA,
	NULL, NULL, 3, "media.tsv", 0, HOSTILE_SAME},
    {"media-list-truncated-by-a-byte", HOSTILE_LISTED, last_byte_goes, MEDIA,
	NULL, NULL, 3, "cut short, expected a LF", 0, HOSTILE_SAME},
    {"media-list-empty", HOSTILE_LISTED, hostile_put, MEDIA, "", NULL, 3,
	"media.tsv", 0, HOSTILE_SAME},
    {"tag-manifest-oversize", HOSTILE_SEALED, many_lines, STICK_TAGS, NULL,
	NULL, 8, "65536", 0, HOSTILE_SAME},
};
const size_t hostile_files_rows = sizeof(hostile_files) /
    sizeof(hostile_files[0]);
