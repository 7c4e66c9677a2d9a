/* SPDX-License-Identifier: ISC */
/*
 * Each sentence of wsusferry-transfer(5) that a transfer can break, broken: what
 * verify and import make of it.  The first column says where the sentence
 * stands.  Not here: what a line of a tag file or of state.jsonl may be by
 * itself (bag_test, bag_info_test, state_test), packages (take_test), whose
 * turn it is (sequence_test), signatures (transfer_signature_test).
 */
#include <unistd.h>

#include "tests/stick.h"
#include "tests/stick_run.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define GOOD 10 /* the stick lacks a file that nobody has, and says so */
#define CHECK "data/WsusContent/anonymousCheckFile.txt"
#define SHA "F572D396FAE9206628714FB2CE00F72E94F2258F"

enum op { LABEL, PUT, STRAY, DROP, GONE, SWAP, MOVE };
enum when { SEALED, LISTED, BARE }; /* all anew; the tag manifest; nothing */

struct row {
	const char *rule;
	enum when when;
	enum op op;
	const char *a, *b, *c;
	int status;
	const char *says;
};

static void
bend(struct stick *s, const struct row *r)
{
	struct stick_file *f;

	switch (r->op) {
	case LABEL: /* a: b */
		stick_label(s, r->a, r->b);
		return;
	case PUT: /* a file of that content */
	case STRAY: /* and no manifest names it */
		f = stick_put(s, r->a, r->b, strlen(r->b));
		f->undeclared = r->op == STRAY;
		return;
	case DROP:
		stick_drop(s, r->a);
		return;
	case GONE: /* declared, and not there */
		stick_find(s, r->a)->absent = true;
		return;
	case SWAP: /* in a, b becomes c */
		T_OK(stick_swap(&stick_find(s, r->a)->bytes, r->b, r->c));
		return;
	case MOVE:
		f = stick_find(s, r->a);
		snprintf(f->name, sizeof(f->name), "%s", r->b);
		return;
	}
}

static void
run(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		struct stick s;

		stick_make(&s, &stick_home()->key);
		s.keep_oxum = r->op == LABEL && !strcmp(r->a, "Payload-Oxum");
		if (r->when != SEALED)
			stick_seal(&s);
		bend(&s, r);
		if (r->when == SEALED)
			stick_seal(&s);
		if (r->when == LISTED)
			stick_sign(&s);
		stick_both(&s, r->rule, r->status, r->says);
		stick_free(&s);
	}
}
#define RUN(rows) run(rows, sizeof(rows) / sizeof((rows)[0]))

T_TEST(labels_are_what_the_page_says)
{
	static const struct row rows[] = {
	    {"the good one", SEALED, LABEL, "Wsusferry-Base", "0", NULL, GOOD,
		"!not known to this"},
	    {"Format: a higher number is refused", SEALED, LABEL,
		"Wsusferry-Format", "2", NULL, 3,
		"bag-info.txt: Wsusferry-Format: 2 needs a newer wsusferry"},
	    {"Requires: refused by its name", SEALED, LABEL,
		"Wsusferry-Requires", "teleport", NULL, 3, "'teleport' needs"},
	    {"Requires: media", SEALED, LABEL, "Wsusferry-Requires", "media",
		NULL, 3, "'media', though Bag-Count is 1 of 1"},
	    {"Requires: parts", SEALED, LABEL, "Wsusferry-Requires", "parts",
		NULL, 3, "'parts', though nothing is in data/parts/"},
	    {"Requires: with", SEALED, LABEL, "Wsusferry-Requires", "with",
		NULL, 3, "'with', though nothing is in data/with/"},
	    {"Requires: origins", SEALED, LABEL, "Wsusferry-Requires",
		"origins", NULL, 3, "'origins', a transfer that relays"},
	    {"Requires: base, and only then", SEALED, LABEL,
		"Wsusferry-Requires", "base", NULL, 3,
		"'base', though Wsusferry-Base is 0"},
	    {"Requires: base stands there then", SEALED, LABEL,
		"Wsusferry-Base", "6", NULL, 3,
		"Wsusferry-Base: 6 needs the word 'base'"},
	    {"Revisions: not more", SEALED, LABEL, "Wsusferry-Revisions", "6",
		NULL, 3, "Wsusferry-Revisions is 6, found 7 in the packages"},
	    {"Revisions: not fewer", SEALED, LABEL, "Wsusferry-Revisions", "8",
		NULL, 3, "Wsusferry-Revisions is 8, found 7 in the packages"},
	    {"Files", SEALED, LABEL, "Wsusferry-Files", "3", NULL, 3,
		"Wsusferry-Files is 3, manifest-sha256.txt has 4"},
	    {"Files", SEALED, LABEL, "Wsusferry-Files", "5", NULL, 3,
		"Wsusferry-Files is 5, manifest-sha256.txt has 4"},
	    {"Absent", SEALED, LABEL, "Wsusferry-Absent", "1", NULL, 3,
		"Wsusferry-Absent is 1, found 2 absent lines"},
	    {"Absent", SEALED, LABEL, "Wsusferry-Absent", "3", NULL, 3,
		"Wsusferry-Absent is 3, found 2 absent lines"},
	    {"Payload-Oxum: bytes", SEALED, LABEL, "Payload-Oxum", "1.8", NULL,
		3, "Payload-Oxum is 1.8, media.tsv says "},
	    {"Other labels are ignored", SEALED, LABEL, "Contact-Name", "x",
		NULL, GOOD, NULL},
	    {"Requires: media stands there then", SEALED, LABEL, "Bag-Count",
		"1 of 3", NULL, 3, "Bag-Count: 1 of 3 needs the word 'media'"},
	    {"Sequence: each stands once", SEALED, LABEL, "Wsusferry-Sequence",
		NULL, NULL, 3, "no label Wsusferry-Sequence"},
	};

	RUN(rows);
}

T_TEST(files_are_declared_and_what_is_declared_is_there)
{
	static const struct row rows[] = {
	    {"Tree: only what is named", SEALED, STRAY, "autorun.inf", "x",
		NULL, 3, "autorun.inf: undeclared: no manifest names it"},
	    {"Tree: beneath data too", SEALED, STRAY, "data/x.bin", "x", NULL,
		3, "data/x.bin: undeclared"},
	    {"Tree: a signature by another name", SEALED, STRAY,
		STICK_TAGS ".north.minisig", "x", NULL, 3, "undeclared"},
	    {"Tree: a signature in a folder", SEALED, STRAY,
		"data/" STICK_SIGNATURE, "x", NULL, 3, "undeclared"},
	    {"How to verify: declared, not there", BARE, GONE,
		"data/inventory.csv", NULL, NULL, 1,
		"data/inventory.csv: absent, though manifest-sha256.txt"},
	    {"the same of a tag file", BARE, GONE, "README.txt", NULL, NULL, 1,
		"README.txt"},
	    {"Tree: needed", SEALED, DROP, "bagit.txt", NULL, NULL, 3,
		"tagmanifest-sha256.txt: bagit.txt is not in it"},
	    {"Tree: needed", LISTED, DROP, "bag-info.txt", NULL, NULL, 3,
		"bag-info.txt is not in it"},
	    {"Tree: needed", LISTED, DROP, "manifest-sha256.txt", NULL, NULL, 3,
		"manifest-sha256.txt is not in it"},
	    {"Tree: needed", LISTED, DROP, "media.tsv", NULL, NULL, 3,
		"media.tsv is not in it"},
	    {"Tree: does without", SEALED, DROP, "README.txt", NULL, NULL, GOOD,
		NULL},
	    {"Tree: does without", SEALED, DROP, "data/inventory.csv", NULL,
		NULL, GOOD, NULL},
	    {"Other files: told", SEALED, PUT, "data/newer.bin", "x", NULL,
		GOOD, "data/newer.bin: declared, and not known to this"},
	    {"Other files: a tag file in a folder", SEALED, PUT,
		"papers/delivery.txt", "x", NULL, GOOD,
		"papers/delivery.txt: declared, and not known"},
	    {"Other files: compared", BARE, SWAP, "README.txt", "me", "us", 1,
		"README.txt: its SHA-256 is not the one in tagmanifest"},
	    {"Other files: not where a word is", SEALED, PUT, "data/with/x/y",
		"x", NULL, 3, "expected the word 'with'"},
	    {"Requires: parts", SEALED, PUT, "data/parts/x.part001", "x", NULL,
		3, "expected the word 'parts'"},
	    {"Requires: origins", SEALED, PUT, "data/origins/x/y", "x", NULL, 3,
		"expected the word 'origins'"},
	    {"bagit.txt: exactly these bytes", SEALED, SWAP, "bagit.txt", "1.0",
		"0.97", 3, "not the declaration of a BagIt 1.0 bag"},
	};

	RUN(rows);
}

T_TEST(names_and_lists_have_one_form)
{
	static const struct row rows[] = {
	    {"tag manifest: none is fetch.txt", SEALED, PUT, "fetch.txt", "x",
		NULL, 3, "'fetch.txt': a transfer has all of its payload"},
	    {"tag manifest: one manifest", SEALED, PUT, "manifest-md5.txt", "",
		NULL, 3, "'manifest-md5.txt': a second manifest"},
	    {"Notation: letter case", SEALED, PUT, "data/Inventory.csv", "x",
		NULL, 3,
		"data/Inventory.csv and data/inventory.csv are one name"},
	    {"Notation: or folders", SEALED, PUT, "Data/x", "x", NULL, 3,
		"'Data/x': payload among the tag files"},
	    {"Notation: or folders", SEALED, PUT, "data/wsuscontent/x", "x",
		NULL, 3, "are one name where letter case does not count"},
	    {"Notation: those outside count", SEALED, PUT, "README.TXT", "x",
		NULL, 3, "README.TXT and README.txt are one name"},
	    {"Notation: no device", SEALED, PUT, "data/aux.txt", "x", NULL, 3,
		"'data/aux.txt' has a part that is a device of Windows"},
	    {"Notation: components", SEALED, PUT, "data/a b", "x", NULL, 3,
		"unsafe name 'data/a b'"},
	    {"media.tsv: each file is there", LISTED, SWAP, "media.tsv",
		"data/inventory.csv\t", "data/inventory.csx\t", 3,
		"data/inventory.csv is missing in it"},
	    {"media.tsv: and no other", LISTED, SWAP, "media.tsv",
		"data/inventory.csv\t", "data/inventory.csx\t", 3,
		"data/inventory.csx is not in manifest-sha256.txt"},
	    {"media.tsv: the medium", LISTED, SWAP, "media.tsv", "\t7\t1\n",
		"\t7\t2\n", 3,
		"data/inventory.csv is on medium 2 there, and Bag-Count is 1"},
	    {"Payload-Oxum: as media.tsv has it", LISTED, SWAP, "media.tsv",
		"\t7\t1\n", "\t8\t1\n", 3, "Payload-Oxum is "},
	    {"manifest: sorted", LISTED, SWAP, "manifest-sha256.txt",
		"data/inventory.csv", "data/xnventory.csv", 3,
		"names not in byte order"},
	};

	RUN(rows);
}

/* media.tsv says n bytes of a file more, and Payload-Oxum goes with it. */
static void
more_bytes(const char *name, int status, const char *says)
{
	char old[96], now[96], *at;
	struct err e = ERR_INIT;
	struct stick s;
	unsigned long long bytes, files;
	size_t size;
	struct buf *media;

	stick_make(&s, &stick_home()->key);
	stick_seal(&s);
	size = stick_find(&s, name)->bytes.len;
	snprintf(old, sizeof(old), "\t%zu\t1\n", size);
	snprintf(now, sizeof(now), "\t%zu\t1\n", size + 1);
	media = &stick_find(&s, "media.tsv")->bytes;
	T_OK(stick_swap(media, old, now));
	T_CALL(buf_put(&stick_find(&s, STICK_INFO)->bytes, "", 1, &e), &e);
	at = strstr(
	    (char *)stick_find(&s, STICK_INFO)->bytes.p, "Payload-Oxum: ");
	stick_find(&s, STICK_INFO)->bytes.len--;
	T_OK(at != NULL);
	bytes = strtoull(at + 14, &at, 10);
	files = strtoull(at + 1, NULL, 10);
	snprintf(now, sizeof(now), "%llu.%llu", bytes + 1, files);
	stick_label(&s, "Payload-Oxum", now);
	stick_sign(&s);
	stick_both(&s, name, status, says);
	stick_free(&s);
}

T_TEST(sizes_of_media_tsv_are_the_files)
{
	more_bytes(STICK_CAB, 3, "data/wsusexport.cab: media.tsv says ");
	more_bytes(STICK_STATE, 3, "data/state.jsonl: media.tsv says ");
	more_bytes("data/inventory.csv", 1, "data/inventory.csv");
}

T_TEST(packages_are_numbered_without_a_gap)
{
	static const struct row rows[] = {
	    {"wsusexport.cab: needed", SEALED, DROP, STICK_CAB, NULL, NULL, 3,
		"expected data/wsusexport.cab in it, found none"},
	    {"without a gap", SEALED, PUT, "data/wsusexport-3.cab", "x", NULL,
		3, "data/wsusexport-3.cab: expected packages"},
	    {"from 2", SEALED, PUT, "data/wsusexport-1.cab", "x", NULL, 3,
		"data/wsusexport-1.cab: expected packages"},
	    {"no leading zero", SEALED, PUT, "data/wsusexport-02.cab", "x",
		NULL, 3, "without a gap, found this behind 1 of them"},
	    {"no other name", SEALED, PUT, "data/wsusexport.xml.gz", "x", NULL,
		3, "data/wsusexport.xml.gz: expected packages"},
	    {"each is a package", SEALED, PUT, "data/wsusexport-2.cab", "x",
		NULL, 3, "data/wsusexport-2.cab"},
	};

	RUN(rows);
}

/* A second package that repeats the first: each revision counts once. */
T_TEST(what_a_package_repeats_counts_once)
{
	const struct stick_file *cab;
	struct stick s;

	stick_make(&s, &stick_home()->key);
	cab = stick_find(&s, STICK_CAB);
	stick_put(&s, "data/wsusexport-2.cab", cab->bytes.p, cab->bytes.len);
	stick_seal(&s);
	stick_both(&s, "a package repeated", GOOD, NULL);
	stick_free(&s);
}

/* to: of the payload file's name XX/SHA1.ext; "%s" is SHA1. */
static void
payload_as(const char *to, int status, const char *says)
{
	char sha1[41], name[128];
	struct stick_file *f;
	struct stick s;

	stick_make(&s, &stick_home()->key);
	f = stick_payload(&s, 0);
	snprintf(sha1, sizeof(sha1), "%.40s",
	    f->name + strlen("data/WsusContent/XX/"));
	for (char *p = sha1; strstr(to, "%lower") != NULL && *p != '\0'; p++)
		*p = (char)(*p >= 'A' && *p <= 'F' ? *p - 'A' + 'a' : *p);
	snprintf(name, sizeof(name), "data/WsusContent/%.2s/%s%s",
	    *to == '0' ? "00" : sha1 + 38, sha1, strchr(to, '.'));
	snprintf(f->name, sizeof(f->name), "%s", name);
	stick_seal(&s);
	stick_both(&s, to, status, says);
	stick_free(&s);
}

T_TEST(payload_is_at_the_place_of_its_digest)
{
	static const struct row rows[] = {
	    {"anonymousCheckFile.txt is empty", SEALED, PUT, CHECK, "x", NULL,
		3, CHECK ": expected no byte in it, found 1"},
	    {"Nothing else is in this folder", SEALED, PUT,
		"data/WsusContent/x.cab", "x", NULL, 3,
		"data/WsusContent/x.cab: expected XX/SHA1.ext"},
	    {"nor deeper", SEALED, PUT, "data/WsusContent/8F/8F/" SHA ".cab",
		"x", NULL, 3, "expected XX/SHA1.ext"},
	    {"nor shorter", SEALED, PUT, "data/WsusContent/8F/8F.cab", "x",
		NULL, 3, "expected XX/SHA1.ext"},
	    {"SHA1 of the file's bytes", SEALED, PUT,
		"data/WsusContent/8F/" SHA ".cab", "x", NULL, 3,
		"Wsusferry-Files is 4, manifest-sha256.txt has 5"},
	};

	RUN(rows);
	payload_as("XX/%s.cab", GOOD, NULL);
	payload_as("XX/%s.zzz", GOOD, "a WSUS server does not look for it");
	payload_as("00/%s.cab", 3, "expected XX/SHA1.ext");
	payload_as("XX/%lower.cab", 3, "expected XX/SHA1.ext");
	payload_as("XX/%s.tar.gz", 3, "expected XX/SHA1.ext");
	payload_as("XX/%s.toolongext", 3, "expected XX/SHA1.ext");
	payload_as("XX/%s.a-b", 3, "expected XX/SHA1.ext");
}

T_TEST(a_payload_file_has_one_extension)
{
	struct stick_file *f;
	char name[128];
	struct stick s;

	stick_make(&s, &stick_home()->key);
	f = stick_payload(&s, 0);
	snprintf(name, sizeof(name), "%.60s.zzz", f->name);
	stick_put(&s, name, f->bytes.p, f->bytes.len);
	stick_label(&s, "Wsusferry-Files", "5");
	stick_seal(&s);
	stick_both(&s, name, 3,
	    "a second name of one payload file, by another extension");
	stick_free(&s);
}

T_TEST(payload_that_no_revision_names_is_told_and_left)
{
	const char *name = "data/WsusContent/8F/"
			   "F572D396FAE9206628714FB2CE00F72E94F2258F.cab";
	struct stick s;

	stick_make(&s, &stick_home()->key);
	stick_put(&s, name, "hello\n", 6);
	stick_label(&s, "Wsusferry-Files", "5");
	stick_seal(&s);
	stick_both(&s, name, GOOD, "1 file belongs to no update and is left");
	stick_free(&s);
}

T_TEST(payload_has_the_digest_of_its_name)
{
	struct stick s;

	stick_make(&s, &stick_home()->key);
	stick_payload(&s, 0)->bytes.p[0] ^= 1;
	stick_seal(&s);
	stick_both(&s, "SHA1 of the file's bytes", 1, "data/WsusContent/");
	stick_free(&s);
}

T_TEST(state_lines_account_for_what_is_not_carried)
{
	static const struct row rows[] = {
	    {"absent: none that nobody names", SEALED, SWAP, STICK_STATE,
		"{\"t\":\"later\"",
		"{\"t\":\"absent\",\"sha1\":\"" SHA
		"\",\"name\":\"\"}\n{\"t\":\"later\"",
		3, "Wsusferry-Absent is 2, found 3 absent lines"},
	    {"the same", SEALED, SWAP, STICK_STATE, "{\"t\":\"later\"",
		"{\"t\":\"absent\",\"sha1\":\"" SHA
		"\",\"name\":\"\"}\n{\"t\":\"later\"",
		3, SHA ", and no revision in the packages names it"},
	    {"absent: in a full transfer", SEALED, SWAP, STICK_STATE,
		"{\"t\":\"absent\"", "{\"t\":\"gone\"", 3,
		"expected an absent line for "},
	    {"parts, without its word", SEALED, SWAP, STICK_STATE,
		"{\"t\":\"later\",\"what\":[1,2]}",
		"{\"t\":\"parts\",\"sha1\":\"" SHA
		"\",\"name\":\"\",\"sha256\":"
		"\"0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef\",\"size\":2,\"parts\":2}",
		3, "does not say 'parts'"},
	    {"another t is kept", SEALED, SWAP, STICK_STATE, "\"later\"",
		"\"unheard-of\"", GOOD, NULL},
	    {"withdrawn: a revision is needed", SEALED, SWAP, STICK_STATE,
		"{\"t\":\"later\",\"what\":[1,2]}",
		"{\"t\":\"withdrawn\",\"id\":"
		"\"5b3a9f10-0000-4000-8000-00000000abcd\"}",
		3, "'withdrawn': expected a member 'revision'"},
	    {"file: before the first url", SEALED, SWAP, STICK_STATE,
		"{\"t\":\"file\"",
		"{\"t\":\"url\",\"sha1\":\"" SHA
		"\",\"url\":\"x\"}\n{\"t\":\"file\"",
		3, "expected before the first 'url'"},
	    {"JSON", SEALED, PUT, STICK_STATE, "[1]\n", NULL, 3,
		"data/state.jsonl: line 1: column 1: expected a JSON object"},
	    {"each line ends in one LF", SEALED, PUT, STICK_STATE,
		"{\"t\":\"x\"}", NULL, 3, "no LF at its end"},
	};

	RUN(rows);
}

/* The first absent line, once more; or about a file that is carried. */
static void
absent_line(bool carried, const char *says)
{
	char line[256], sha1[41];
	struct err e = ERR_INIT;
	struct stick s;
	const char *at;
	struct buf *b;

	stick_make(&s, &stick_home()->key);
	b = &stick_find(&s, STICK_STATE)->bytes;
	T_CALL(buf_put(b, "", 1, &e), &e);
	at = strstr((char *)b->p, "\"sha1\":\"");
	b->len--;
	snprintf(sha1, sizeof(sha1), "%.40s",
	    carried ? stick_payload(&s, 0)->name + 20 : at + 8);
	snprintf(line, sizeof(line),
	    "{\"t\":\"absent\",\"sha1\":\"%s\",\"name\":\"\"}\n", sha1);
	T_CALL(buf_puts(b, line, &e), &e);
	stick_label(&s, "Wsusferry-Absent", "3");
	stick_seal(&s);
	stick_both(&s, says, 3, says);
	stick_free(&s);
}

T_TEST(an_absent_line_stands_once_and_not_for_what_is_carried)
{
	absent_line(false, ", and it has an absent line already");
	absent_line(true, ", and it is carried");
}

T_MAIN
