/* SPDX-License-Identifier: ISC */
/* Hostile rows: payload, packages by their names, and state.jsonl. */
#include "tests/hostile.h"

#include "lib/base/err.h"
#include "tests/t.h"

#define CHECK "data/WsusContent/anonymousCheckFile.txt"
#define SHA "F572D396FAE9206628714FB2CE00F72E94F2258F" /* "hello\n" */
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LATER "{\"t\":\"later\",\"what\":[1,2]}"

#define CHANGED(name, bend, a, b, status, says)                                \
	{                                                                      \
		name, HOSTILE_WRITTEN, bend, a, b, NULL, status, says, 0,      \
		    HOSTILE_SAME                                               \
	}
#define DECLARED(name, file, text, says)                                       \
	{                                                                      \
		name, HOSTILE_MADE, hostile_put, file, text, NULL, 3, says, 0, \
		    HOSTILE_SAME                                               \
	}
/* One who has the key calls the first payload file otherwise. */
#define CALLED(name, to, says)                                                 \
	{                                                                      \
		name, HOSTILE_MADE, called, to, NULL, NULL, 3, says, 0,        \
		    HOSTILE_SAME                                               \
	}
#define STATE(name, from, to, says)                                            \
	{                                                                      \
		name, HOSTILE_MADE, hostile_swap, STICK_STATE, from, to, 3,    \
		    says, 0, HOSTILE_SAME                                      \
	}

/* a: XX/SHA1.ext, where "XX" is as it ought to be and "SHA1" is the digest, in
   lower case if the row says so. */
static void
called(struct hostile *h)
{
	struct stick_file *f = stick_payload(&h->s, 0);
	const char *to = h->row->a;
	char sha1[41];

	snprintf(sha1, sizeof(sha1), "%.40s", f->name + 20);
	for (char *p = sha1; strstr(to, "sha1") != NULL && *p != '\0'; p++)
		*p = (char)(*p >= 'A' && *p <= 'F' ? *p - 'A' + 'a' : *p);
	snprintf(f->name, sizeof(f->name), "data/WsusContent/%.2s/%s%s",
	    *to == 'X' ? sha1 + 38 : to, sha1, strchr(to, '.'));
}

static void
two_extensions(struct hostile *h)
{
	struct stick_file *f = stick_payload(&h->s, 0);
	char name[STICK_NAME];

	snprintf(name, sizeof(name), "%.60s.zzz", f->name);
	stick_put(&h->s, name, f->bytes.p, f->bytes.len);
	stick_label(&h->s, "Wsusferry-Files", "5");
}

static void
of_no_update(struct hostile *h)
{
	stick_put(&h->s, "data/WsusContent/8F/" SHA ".cab", "hello\n", 6);
	stick_label(&h->s, "Wsusferry-Files", "5");
}

/* Sealed, so that the manifest holds, and the name does not. */
static void
other_bytes(struct hostile *h)
{
	stick_payload(&h->s, 0)->bytes.p[0] ^= 1;
}

static void
exchanged(struct hostile *h)
{
	struct stick_file *one = stick_payload(&h->s, 0), *two = one;
	struct buf b;

	for (unsigned i = 1; two->bytes.len == one->bytes.len; i++)
		two = stick_payload(&h->s, i);
	b = one->bytes;
	one->bytes = two->bytes;
	two->bytes = b;
}

/* The first absent line, once more; or about a file that is carried. */
static void
absent_line(struct hostile *h, bool carried)
{
	struct buf *b = &stick_find(&h->s, STICK_STATE)->bytes;
	struct err e = ERR_INIT;
	char line[256], sha1[41];
	const char *at;

	T_CALL(buf_put(b, "", 1, &e), &e);
	at = strstr((char *)b->p, "\"sha1\":\"");
	b->len--;
	snprintf(sha1, sizeof(sha1), "%.40s",
	    carried ? stick_payload(&h->s, 0)->name + 20 : at + 8);
	snprintf(line, sizeof(line),
	    "{\"t\":\"absent\",\"sha1\":\"%s\",\"name\":\"\"}\n", sha1);
	T_CALL(buf_puts(b, line, &e), &e);
	stick_label(&h->s, "Wsusferry-Absent", "3");
}

static void
absent_twice(struct hostile *h)
{
	absent_line(h, false);
}

static void
absent_and_carried(struct hostile *h)
{
	absent_line(h, true);
}

static void
repeated_package(struct hostile *h)
{
	const struct stick_file *cab = stick_find(&h->s, STICK_CAB);

	stick_put(&h->s, "data/wsusexport-2.cab", cab->bytes.p, cab->bytes.len);
}

/* One line of more than a reader takes. */
static void
long_line(struct hostile *h)
{
	struct buf *b = &stick_find(&h->s, STICK_STATE)->bytes;
	struct err e = ERR_INIT;

	T_CALL(buf_puts(b, "{\"t\":\"x\",\"v\":\"", &e), &e);
	memset(buf_reserve(b, 1 << 17, &e), 'a', 1 << 17);
	b->len += 1 << 17;
	T_CALL(buf_puts(b, "\"}\n", &e), &e);
}

static void
deep_line(struct hostile *h)
{
	struct buf *b = &stick_find(&h->s, STICK_STATE)->bytes;
	struct err e = ERR_INIT;

	T_CALL(buf_puts(b, "{\"t\":\"x\",\"v\":", &e), &e);
	memset(buf_reserve(b, 30000, &e), '[', 30000);
	b->len += 30000;
	memset(buf_reserve(b, 30000, &e), ']', 30000);
	b->len += 30000;
	T_CALL(buf_puts(b, "}\n", &e), &e);
}

const struct hostile_row hostile_payload[] = {
    /* By one who has no key. */
    CHANGED("payload-first-byte", hostile_flip, "payload", "0", 1,
	"data/WsusContent/"),
    CHANGED("payload-byte-in-the-middle", hostile_flip, "payload", "250", 1,
	"data/WsusContent/"),
    CHANGED("payload-last-byte", hostile_flip, "payload", "-1", 1,
	"data/WsusContent/"),
    CHANGED("payload-truncated", hostile_length, "payload", "100", 1,
	"data/WsusContent/"),
    CHANGED("payload-emptied", hostile_length, "payload", "0", 1,
	"data/WsusContent/"),
    CHANGED("payload-extended", hostile_grow, "payload", "more", 1,
	"data/WsusContent/"),
    CHANGED("check-file-extended", hostile_grow, CHECK, "x", 1, CHECK),
    CHANGED("package-first-byte", hostile_flip, STICK_CAB, "0", 1, STICK_CAB),
    CHANGED("package-byte-in-its-data", hostile_flip, STICK_CAB, "200", 1,
	STICK_CAB),
    CHANGED("package-last-byte", hostile_flip, STICK_CAB, "-1", 1, STICK_CAB),
    CHANGED(
	"package-truncated", hostile_length, STICK_CAB, "200", 1, STICK_CAB),
    CHANGED("package-emptied", hostile_length, STICK_CAB, "0", 1, STICK_CAB),
    CHANGED("package-extended", hostile_grow, STICK_CAB, "more", 1, STICK_CAB),
    CHANGED("state-first-byte", hostile_flip, STICK_STATE, "0", 1, STICK_STATE),
    CHANGED("state-last-byte", hostile_flip, STICK_STATE, "-1", 1, STICK_STATE),
    CHANGED(
	"state-truncated", hostile_length, STICK_STATE, "100", 1, STICK_STATE),
    CHANGED("state-extended", hostile_grow, STICK_STATE, LATER "\n", 1,
	STICK_STATE),
    CHANGED("inventory-byte", hostile_flip, "data/inventory.csv", "3", 1,
	"data/inventory.csv"),
    CHANGED("readme-byte", hostile_flip, "README.txt", "3", 1, "README.txt"),
    CHANGED("bagit-byte", hostile_flip, "bagit.txt", "3", 1, "bagit.txt"),
    CHANGED("bag-info-byte", hostile_flip, STICK_INFO, "30", 1, STICK_INFO),
    CHANGED("manifest-byte", hostile_flip, "manifest-sha256.txt", "3", 1,
	"manifest-sha256.txt"),
    CHANGED("media-list-byte", hostile_flip, "media.tsv", "3", 1, "media.tsv"),
    CHANGED("bag-info-extended", hostile_grow, STICK_INFO, "Contact-Name: me\n",
	1, STICK_INFO),
    CHANGED("manifest-truncated", hostile_length, "manifest-sha256.txt", "100",
	1, "manifest-sha256.txt"),
    CHANGED(
	"media-list-emptied", hostile_length, "media.tsv", "0", 1, "media.tsv"),
    /* Payload, by one who has the key. */
    {"payload-of-other-bytes", HOSTILE_MADE, other_bytes, NULL, NULL, NULL, 1,
	"data/WsusContent/", 0, HOSTILE_SAME},
    {"payload-swapped", HOSTILE_MADE, exchanged, NULL, NULL, NULL, 1,
	"data/WsusContent/", 0, HOSTILE_SAME},
    {"payload-swapped-behind-the-lists", HOSTILE_SEALED, exchanged, NULL, NULL,
	NULL, 1, "data/WsusContent/", 0, HOSTILE_SAME},
    {"payload-of-no-update", HOSTILE_MADE, of_no_update, NULL, NULL, NULL,
	HOSTILE_GOOD, "1 file belongs to no update and is left", 0,
	HOSTILE_TAKEN},
    {"payload-by-another-extension", HOSTILE_MADE, called, "XX/SHA1.zzz", NULL,
	NULL, HOSTILE_GOOD, "a WSUS server does not look for it", 0,
	HOSTILE_TAKEN},
    {"payload-by-two-extensions", HOSTILE_MADE, two_extensions, NULL, NULL,
	NULL, 3, "a second name of one payload file, by another extension", 0,
	HOSTILE_SAME},
    CALLED("payload-in-another-folder", "00/SHA1.cab", "expected XX/SHA1.ext"),
    CALLED("payload-in-lower-case", "XX/sha1.cab", "expected XX/SHA1.ext"),
    CALLED("payload-with-two-dots", "XX/SHA1.tar.gz", "expected XX/SHA1.ext"),
    CALLED("payload-with-a-long-extension", "XX/SHA1.toolongext",
	"expected XX/SHA1.ext"),
    CALLED("payload-with-a-hyphen", "XX/SHA1.a-b", "expected XX/SHA1.ext"),
    DECLARED("check-file-is-not-empty", CHECK, "x",
	CHECK ": expected no byte in it, found 1"),
    DECLARED("payload-by-a-name-of-its-own", "data/WsusContent/x.cab", "x",
	"data/WsusContent/x.cab: expected XX/SHA1.ext"),
    DECLARED("payload-deeper", "data/WsusContent/8F/8F/" SHA ".cab", "x",
	"expected XX/SHA1.ext"),
    DECLARED("payload-shorter", "data/WsusContent/8F/8F.cab", "x",
	"expected XX/SHA1.ext"),
    DECLARED("payload-that-is-not-counted", "data/WsusContent/8F/" SHA ".cab",
	"x", "Wsusferry-Files is 4, manifest-sha256.txt has 5"),
    /* Packages by their names. */
    {"no-package", HOSTILE_MADE, hostile_drop, STICK_CAB, NULL, NULL, 3,
	"expected data/wsusexport.cab in it, found none", 0, HOSTILE_SAME},
    DECLARED("package-3-behind-1", "data/wsusexport-3.cab", "x",
	"data/wsusexport-3.cab: expected packages"),
    DECLARED("package-1-twice", "data/wsusexport-1.cab", "x",
	"data/wsusexport-1.cab: expected packages"),
    DECLARED("package-02", "data/wsusexport-02.cab", "x",
	"without a gap, found this behind 1 of them"),
    DECLARED("package-number-overflow", "data/wsusexport-4294967298.cab", "x",
	"expected packages"),
    DECLARED("package-of-another-kind", "data/wsusexport.xml.gz", "x",
	"data/wsusexport.xml.gz: expected packages"),
    {"package-2-of-no-cabinet", HOSTILE_MADE, hostile_put,
	"data/wsusexport-2.cab", "x", NULL, 3, "data/wsusexport-2.cab",
	HOSTILE_GOOD, HOSTILE_SAME},
    {"package-repeated", HOSTILE_MADE, repeated_package, NULL, NULL, NULL,
	HOSTILE_GOOD, NULL, 0, HOSTILE_TAKEN},
    /* state.jsonl. */
    {"state-of-another-t", HOSTILE_MADE, hostile_swap, STICK_STATE, "\"later\"",
	"\"unheard-of\"", HOSTILE_GOOD, NULL, 0, HOSTILE_TAKEN},
    STATE("absent-of-what-nobody-names", LATER,
	"{\"t\":\"absent\",\"sha1\":\"" SHA "\",\"name\":\"\"}\n" LATER,
	SHA ", and no revision in the packages names it"),
    STATE("parts-line-without-its-word", LATER,
	"{\"t\":\"parts\",\"sha1\":\"" SHA "\",\"name\":\"\",\"sha256\":\"" HEX
	"\",\"size\":2,\"parts\":2}",
	"does not say 'parts'"),
    STATE("withdrawn-without-a-revision", LATER,
	"{\"t\":\"withdrawn\",\"id\":"
	"\"5b3a9f10-0000-4000-8000-00000000abcd\"}",
	"'withdrawn': expected a member 'revision'"),
    STATE("file-behind-a-url", "{\"t\":\"file\"",
	"{\"t\":\"url\",\"sha1\":\"" SHA "\",\"url\":\"x\"}\n{\"t\":\"file\"",
	"expected before the first 'url'"),
    STATE("absent-wanted", "\"wanted\":false", "\"wanted\":true", "wanted"),
    STATE("absent-size-negative", "\"size\":300", "\"size\":-300", STICK_STATE),
    STATE("absent-size-number-overflow", "\"size\":300",
	"\"size\":9223372036854775808", STICK_STATE),
    STATE("absent-size-of-64-bits-overflows", "\"size\":300",
	"\"size\":18446744073709551916", STICK_STATE),
    STATE("absent-size-in-quotes", "\"size\":300", "\"size\":\"300\"",
	STICK_STATE),
    STATE("absent-size-with-a-fraction", "\"size\":300", "\"size\":300.5",
	STICK_STATE),
    STATE("absent-size-with-an-exponent", "\"size\":300", "\"size\":3e2",
	STICK_STATE),
    STATE("absent-digest-too-short", "\"sha1\":\"", "\"sha1\":\"F", "sha1"),
    STATE("member-twice", "\"size\":300", "\"size\":300,\"size\":300",
	STICK_STATE),
    STATE("file-revision-negative", "\"revision\":100", "\"revision\":-1",
	STICK_STATE),
    STATE("file-id-is-no-guid", "\"id\":\"0d", "\"id\":\"zz", STICK_STATE),
    STATE("state-of-windows-lines", LATER "\n", LATER "\r\n", STICK_STATE),
    STATE("state-with-an-empty-line", LATER "\n", "\n" LATER "\n", STICK_STATE),
    STATE("state-with-a-byte-order-mark", "{\"t\":\"absent\"",
	"\xef\xbb\xbf{\"t\":\"absent\"", STICK_STATE),
    STATE("state-that-is-no-utf-8", "later", "lat\xe9r", STICK_STATE),
    STATE("state-with-a-nul", "later", "lat\\u0000er", STICK_STATE),
    STATE("state-with-half-a-pair", "later", "lat\\ud800er", STICK_STATE),
    DECLARED("state-of-an-array", STICK_STATE, "[1]\n",
	"data/state.jsonl: line 1: column 1: expected a JSON object"),
    DECLARED(
	"state-cut-short", STICK_STATE, "{\"t\":\"x\"}", "no LF at its end"),
    {"absent-in-a-full-transfer", HOSTILE_MADE, hostile_swap, STICK_STATE,
	"{\"t\":\"absent\"", "{\"t\":\"gone\"", 3,
	"expected an absent line for ", 0, HOSTILE_SAME},
    {"absent-twice", HOSTILE_MADE, absent_twice, NULL, NULL, NULL, 3,
	", and it has an absent line already", 0, HOSTILE_SAME},
    {"absent-and-carried", HOSTILE_MADE, absent_and_carried, NULL, NULL, NULL,
	3, ", and it is carried", 0, HOSTILE_SAME},
    {"state-line-oversize", HOSTILE_MADE, long_line, NULL, NULL, NULL, 3,
	STICK_STATE, 0, HOSTILE_SAME},
    {"state-line-of-30000-arrays", HOSTILE_MADE, deep_line, NULL, NULL, NULL, 3,
	STICK_STATE, 0, HOSTILE_SAME},
};
const size_t hostile_payload_rows = sizeof(hostile_payload) /
    sizeof(hostile_payload[0]);
