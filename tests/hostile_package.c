/* SPDX-License-Identifier: ISC */
/* Hostile rows: what is inside of packages, by one who has the key. */
#include "formats/package.h"
#include "lib/base/err.h"
#include "tests/hostile.h"
#include "tests/t.h"

#define ID(n) "0d000000-0000-0000-0000-0000000000" n
#define UPDATE(id, rev)                                                        \
	"<Update UpdateId=\"" ID(id) "\" RevisionNumber=\"" rev "\">"
#define PRODUCT "<Category Value=\"" ID("01") "\" />"
#define CLASS "<Classification Value=\"" ID("02") "\" />"
#define PLAIN "<Files /><Categories /><Classifications /></Update>"
#define FILED "<Categories>" PRODUCT "</Categories>"

/* The second reader sees that a file is absent, and nothing else. */
#define INDEX(name, from, to, says)                                            \
	{                                                                      \
		name, HOSTILE_MADE, in_index, from, to, NULL, 3, says,         \
		    HOSTILE_GOOD, HOSTILE_SAME                                 \
	}
#define DOCUMENT(name, from, to, status, says)                                 \
	{                                                                      \
		name, HOSTILE_MADE, in_documents, from, to, NULL, status,      \
		    says, HOSTILE_GOOD, HOSTILE_SAME                           \
	}
#define TAKEN(name, bend, a, b, says)                                          \
	{                                                                      \
		name, HOSTILE_MADE, bend, a, b, NULL, HOSTILE_GOOD, says, 0,   \
		    HOSTILE_TAKEN                                              \
	}
/* The files of an update: which of its digests, by number. */
#define FILES(name, update, which, says)                                       \
	{                                                                      \
		name, HOSTILE_MADE, files, update, which, NULL, 3, says,       \
		    HOSTILE_GOOD, HOSTILE_SAME                                 \
	}
#define TWICE(name, from, to, status)                                          \
	{                                                                      \
		name, HOSTILE_MADE, twice, from, to, NULL, status,             \
		    "data/wsusexport", HOSTILE_GOOD, HOSTILE_SAME              \
	}
#define CABINET(name, at, byte, says)                                          \
	{                                                                      \
		name, HOSTILE_MADE, in_cabinet, at, byte, NULL, 3, says,       \
		    HOSTILE_GOOD, HOSTILE_SAME                                 \
	}

static void
in_index(struct hostile *h)
{
	T_OK(stick_swap(&h->s.index, h->row->a, h->row->b));
	stick_pack(&h->s);
}

static void
in_documents(struct hostile *h)
{
	T_OK(stick_swap(&h->s.meta, h->row->a, h->row->b));
	stick_pack(&h->s);
}

/* The digests of one Update, each as it stands there. */
static char *
files_of(struct stick *s, const char *update)
{
	struct err e = ERR_INIT;
	const char *at, *end;

	T_CALL(buf_put(&s->index, "", 1, &e), &e);
	s->index.len--;
	at = strstr((const char *)s->index.p, update);
	T_OK(at != NULL);
	at = strstr(at, "<Files>");
	end = strstr(at, "</Files>");
	return strndup(at + 7, (size_t)(end - at - 7));
}

static void
files(struct hostile *h)
{
	char *old = files_of(&h->s, h->row->a), now[1024] = "";
	size_t at = 0;

	for (const char *which = h->row->b; *which != '\0'; which++) {
		const char *from = old;

		for (int n = *which - '0'; n > 0; n--)
			from = strchr(from, '>') + 1;
		at += (size_t)snprintf(now + at, sizeof(now) - at, "%.*s",
		    (int)(strchr(from, '>') + 1 - from), from);
	}
	T_OK(stick_swap(&h->s.index, old, now));
	stick_pack(&h->s);
	free(old);
}

/* A second package that repeats the first, but for one change. */
static void
twice(struct hostile *h)
{
	const struct stick_file *one = stick_find(&h->s, STICK_CAB);

	stick_put(&h->s, "data/wsusexport-2.cab", one->bytes.p, one->bytes.len);
	in_documents(h);
	one = stick_find(&h->s, STICK_CAB);
	/* What repeats is the second one. */
	T_OK(one->bytes.len > 0);
}

/* The byte at a becomes b. */
static void
in_cabinet(struct hostile *h)
{
	stick_find(&h->s, STICK_CAB)->bytes.p[(int)hostile_number(h->row->a)] =
	    (uint8_t)hostile_number(h->row->b);
}

static void
cabinet_cut(struct hostile *h)
{
	stick_find(&h->s, STICK_CAB)->bytes.len -= (size_t)hostile_number(
	    h->row->a);
}

static void
cabinet_longer(struct hostile *h)
{
	struct err e = ERR_INIT;

	T_CALL(
	    buf_put(&stick_find(&h->s, STICK_CAB)->bytes, "more", 4, &e), &e);
}

/* Megabytes of blanks, which pack a thousand to one. */
static void
inflate(struct buf *b, const char *behind, size_t n)
{
	char *blanks = malloc(n + strlen(behind) + 1);

	T_OK(blanks != NULL);
	snprintf(blanks, n + 1, "%s", behind);
	memset(blanks + strlen(behind), ' ', n);
	blanks[n + strlen(behind)] = '\0';
	T_OK(stick_swap(b, behind, blanks));
	free(blanks);
}

/* A tag that does not end. */
static void
bomb_in_index(struct hostile *h)
{
	inflate(&h->s.index, "<Update UpdateId=\"", 48u << 20);
	stick_pack(&h->s);
}

static void
bomb_in_documents(struct hostile *h)
{
	inflate(&h->s.meta, "<Properties UpdateType=\"", 48u << 20);
	stick_pack(&h->s);
}

/* A billion laughs. */
static void
laughs(struct hostile *h)
{
	T_OK(stick_swap(&h->s.index, "?>",
	    "?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
	    "\"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>"));
	stick_pack(&h->s);
}

const struct hostile_row hostile_package[] = {
    INDEX("index-names-one-twice", UPDATE("01", "1"), UPDATE("02", "1"),
	"names " ID("02") " revision 1 twice"),
    INDEX("index-of-another-revision", UPDATE("01", "1"), UPDATE("01", "2"),
	"record 1 is " ID("01") " revision 1, expected " ID("01")),
    INDEX("index-of-another-order", UPDATE("01", "1") PLAIN UPDATE("02", "1"),
	UPDATE("02", "1") PLAIN UPDATE("01", "1"),
	"record 1 is " ID("01") " revision 1, expected " ID("02")),
    INDEX("index-lacks-one", UPDATE("01", "1") PLAIN, "", "expected " ID("02")),
    INDEX("index-has-one-more", "</Updates>",
	UPDATE("0a", "201") PLAIN "</Updates>",
	"which metadata.txt lacks: it ends after 7 of 8"),
    INDEX("index-files-a-category", PLAIN,
	"<Files /><Categories>" PRODUCT
	"</Categories><Classifications /></Update>",
	"Categories: " ID("01") " of a category or detectoid"),
    INDEX("index-lacks-a-category", FILED, "<Categories />",
	"Categories: " ID("01") " is lacking, though its document"),
    INDEX("index-has-a-category-twice", FILED,
	"<Categories>" PRODUCT PRODUCT "</Categories>", "stands twice"),
    INDEX("index-has-a-category-more", FILED,
	"<Categories>" PRODUCT "<Category Value=\"" ID("07") "\" />"
							     "</Categories>",
	"Categories: " ID("07") " does not stand there"),
    INDEX("index-has-a-category-of-another-kind", FILED,
	"<Categories><Category Value=\"" ID("02") "\" /></Categories>",
	"Categories: " ID("02") " is of another kind"),
    INDEX("index-lacks-a-classification", "<Classifications>" CLASS,
	"<Classifications>", "Classifications: " ID("02") " is lacking"),
    INDEX("index-is-no-xml", "</Updates>", "</Upd", "package.xml"),
    INDEX("index-revision-overflow", UPDATE("01", "1"),
	UPDATE("01", "4294967297"), "package.xml"),
    INDEX("index-revision-negative", UPDATE("01", "1"), UPDATE("01", "-1"),
	"package.xml"),
    INDEX("index-with-an-entity", UPDATE("01", "1"), UPDATE("01", "&one;"),
	"package.xml"),
    {"index-with-a-document-type", HOSTILE_MADE, laughs, NULL, NULL, NULL, 3,
	"package.xml", HOSTILE_GOOD, HOSTILE_SAME},
    {"bomb-in-the-index", HOSTILE_MADE, bomb_in_index, NULL, NULL, NULL, 3,
	"package.xml", HOSTILE_GOOD, HOSTILE_SAME},
    {"bomb-in-a-document", HOSTILE_MADE, bomb_in_documents, NULL, NULL, NULL, 3,
	"metadata.txt", HOSTILE_GOOD, HOSTILE_SAME},
    DOCUMENT(
	"document-says-another-size", "Size=\"900\"", "Size=\"901\"", 1, "901"),
    DOCUMENT(
	"document-size-negative", "Size=\"900\"", "Size=\"-90\"", 3, "Size"),
    DOCUMENT("document-digest-of-no-base64", "=</Additional", "!</Additional",
	3, "32 bytes in base64"),
    DOCUMENT("document-of-an-unknown-type", "\"Software\"", "\"Softwear\"", 3,
	"UpdateType"),
    DOCUMENT("record-longer-than-its-document", "000000c8,", "000000c9,", 3,
	"metadata.txt: record 3"),
    DOCUMENT("record-of-another-update",
	"</Update>\r\n0d000000-0000-0000-0000-000000000002,",
	"</Update>\r\n0d000000-0000-0000-0000-000000000003,", 3,
	"expected " ID("02")),
    DOCUMENT("document-of-another-update", "UpdateID=\"" ID("02"),
	"UpdateID=\"" ID("05"), 3, "UpdateIdentity differs"),
    TAKEN("document-calls-a-file-in-capitals", in_documents,
	"FileName=\"a.cab\"", "FileName=\"a.CAB\"", NULL),
    TAKEN("document-calls-a-file-otherwise", in_documents, "FileName=\"a.cab\"",
	"FileName=\"a.exe\"", "the documents call it 'a.exe'"),
    TAKEN("files-as-they-are", files, UPDATE("0a", "200"), "01", NULL),
    FILES("files-exchanged", UPDATE("0a", "200"), "10", "file 1 is "),
    FILES("files-lack-one", UPDATE("0a", "200"), "0", "no file "),
    FILES("files-name-one-twice", UPDATE("0a", "200"), "011",
	"is neither in the document nor in state.jsonl"),
    FILES("files-lack-one-of-state", UPDATE("0e", "100"), "0",
	"is not in package.xml"),
    FILES("files-lack-one-of-the-document", UPDATE("0e", "100"), "1",
	"file 1 is "),
    TWICE(
	"repeated-with-a-line-end", "\" /><Properties", "\"\n/><Properties", 1),
    TWICE("repeated-of-another-type", "Software", "Hardware", 3),
    TWICE("repeated-with-a-word-in-capitals", "IsCategory=\"true\"",
	"IsCategory=\"True\"", 1),
    CABINET("cabinet-of-another-signature", "0", "0", STICK_CAB),
    CABINET("cabinet-of-another-version", "25", "9", STICK_CAB),
    CABINET("cabinet-of-two-folders", "26", "2", STICK_CAB),
    CABINET("cabinet-of-255-files", "28", "255", STICK_CAB),
    CABINET("cabinet-that-goes-on", "30", "2", STICK_CAB),
    CABINET("cabinet-of-an-unknown-method", "42", "9", STICK_CAB),
    CABINET("cabinet-without-blocks", "40", "0", STICK_CAB),
    CABINET("cabinet-data-before-its-begin", "36", "0", STICK_CAB),
    CABINET("cabinet-size-overflow", "11", "255", STICK_CAB),
    {"cabinet-truncated-by-a-byte", HOSTILE_MADE, cabinet_cut, "1", NULL, NULL,
	3, STICK_CAB, HOSTILE_GOOD, HOSTILE_SAME},
    {"cabinet-truncated-by-half", HOSTILE_MADE, cabinet_cut, "500", NULL, NULL,
	3, STICK_CAB, HOSTILE_GOOD, HOSTILE_SAME},
    {"cabinet-extended", HOSTILE_MADE, cabinet_longer, NULL, NULL, NULL, 3,
	STICK_CAB, HOSTILE_GOOD, HOSTILE_SAME},
};
const size_t hostile_package_rows = sizeof(hostile_package) /
    sizeof(hostile_package[0]);
