/* SPDX-License-Identifier: ISC */
/*
 * Invariant 16: verify of a transfer says 0 or 10 exactly when an import of it
 * into a fresh store does, and, where it is given a store, into that; where
 * neither does, both say the same.  Transfers are damaged at random and sealed
 * again with a valid signature.  WF_SEED gives the seed, WF_LONG ten times as
 * many rounds, of which a second reader is asked as well.
 */
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/path_remove.h"
#include "lib/key/key.h"
#include "lib/transfer/keyring.h"
#include "tests/second.h"
#include "tests/stick.h"
#include "tests/stick_run.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define ROUNDS 200
#define PATH_SIZE 512

static char dir[256], pub[PATH_SIZE], path[PATH_SIZE];
static struct sign_sec key;

static void
begin(void)
{
	char sec[PATH_SIZE];
	struct err e = ERR_INIT;
	struct sign_pub p;
	bool old;

	if (dir[0] != '\0')
		return;
	snprintf(dir, sizeof(dir), "%.200s", t_tmpdir());
	snprintf(sec, sizeof(sec), "%s/one.key", dir);
	snprintf(pub, sizeof(pub), "%s/one.pub", dir);
	snprintf(path, sizeof(path), "%s/stick", dir);
	T_CALL(key_new(sec, false, &p, &old, &e), &e);
	T_CALL(keyring_read_sec(sec, &key, &e), &e);
}

static uint64_t
below(uint64_t n)
{
	return n == 0 ? 0 : t_random() % n;
}

static void
flip(struct buf *b)
{
	if (b->len != 0)
		((uint8_t *)b->p)[below(b->len)] ^= (uint8_t)(1 << below(8));
}

/* A text that is there, anywhere, and what comes in its place. */
static void
swap_text(struct buf *b, const char *const rows[][2], size_t n)
{
	for (size_t i = below(n), tries = 0; tries < n;
	     i = (i + 1) % n, tries++)
		if (stick_swap(b, rows[i][0], rows[i][1]))
			return;
}
#define SWAP(b, rows) swap_text(b, rows, sizeof(rows) / sizeof(rows[0]))

static struct stick_file *
some_payload(struct stick *s)
{
	struct stick_file *f;

	/* One may have been taken out already. */
	while ((f = stick_payload(s, (unsigned)below(4))) == NULL)
		continue;
	return f;
}

static void
nothing(struct stick *s)
{
	(void)s;
}

static void
other_bytes(struct stick *s)
{
	flip(&some_payload(s)->bytes);
}

static void
shorter(struct stick *s)
{
	struct buf *b = &some_payload(s)->bytes;

	b->len -= b->len == 0 ? 0 : 1 + below(b->len);
}

static void
lost(struct stick *s)
{
	some_payload(s)->absent = true;
}

/* As one that was never carried, with or without its line. */
static void
not_carried(struct stick *s)
{
	struct stick_file *f = some_payload(s);
	char line[256];
	struct err e = ERR_INIT;

	snprintf(line, sizeof(line),
	    "{\"t\":\"absent\",\"sha1\":\"%.40s\",\"name\":\"\"%s}\n",
	    strrchr(f->name, '/') + 1, below(2) ? "" : ",\"wanted\":false");
	stick_drop(s, f->name);
	stick_label(s, "Wsusferry-Files", "3");
	if (below(8) == 0)
		return;
	stick_label(s, "Wsusferry-Absent", "3");
	T_CALL(buf_puts(&stick_find(s, STICK_STATE)->bytes, line, &e), &e);
}

static void
rename_payload(struct stick *s)
{
	struct stick_file *f = some_payload(s);
	char *base = strrchr(f->name, '/') + 1;

	switch (below(4)) {
	case 0:
		base[-2] = base[-2] == '0' ? '1' : '0';
		break;
	case 1:
		for (; *base != '\0'; base++)
			if (*base >= 'A' && *base <= 'F')
				*base += 'a' - 'A';
		break;
	case 2:
		base[below(38)] = '0';
		break;
	default:
		snprintf(base + 40, 8, ".zip");
	}
}

static void
label(struct stick *s)
{
	static const char *const rows[][2] = {{"Wsusferry-Format", "2"},
	    {"Wsusferry-Requires", "patience"}, {"Wsusferry-Site", "North"},
	    {"Wsusferry-Transfer", "north-000008"},
	    {"Wsusferry-Origin", "none"}, {"Wsusferry-Sequence", "0"},
	    {"Wsusferry-Revisions", "6"}, {"Wsusferry-Revisions", "8"},
	    {"Wsusferry-Files", "5"}, {"Wsusferry-Absent", "1"},
	    {"Wsusferry-Created", "yesterday"}, {"Bag-Count", "0 of 1"},
	    {"Wsusferry-Origin", NULL}, {"Payload-Oxum", "1.1"},
	    {"X-Note", "harmless"}, {"Wsusferry-Packer", "some other"}};
	size_t n = below(sizeof(rows) / sizeof(rows[0]));

	stick_label(s, rows[n][0], rows[n][1]);
	s->keep_oxum = strcmp(rows[n][0], "Payload-Oxum") == 0;
}

static void
media(struct stick *s)
{
	static const char *const rows[] = {"1 of 2", "2 of 2", "3 of 7"};

	stick_label(s, "Bag-Count", rows[below(3)]);
	stick_label(s, "Wsusferry-Requires", "media");
}

static void
state_text(struct stick *s)
{
	static const char *const rows[][2] = {{"\"t\":\"absent\"", "\"t\":1"},
	    {"\"wanted\":false", "\"wanted\":true"}, {",\"wanted\":false", ""},
	    {"\"revision\":100", "\"revision\":99"},
	    {"\"t\":\"later\"", "\"t\":\"url\""}, {"}\n", "}"},
	    {"{\"t\":\"later\"", "[\"t\""}, {"\"sha1\":\"", "\"sha1\":\"0"},
	    {"\"size\":", "\"size\":-"}, {"\"t\":\"file\"", "\"t\":\"new\""},
	    {"\"name\":\"", "\"name\":\"\xff"},
	    {"\"t\":\"url\"", "\"t\":\"u\""},
	    {"\"t\":\"later\"", "\"t\":\"parts\""}};

	SWAP(&stick_find(s, STICK_STATE)->bytes, rows);
}

static void
state_flip(struct stick *s)
{
	flip(&stick_find(s, STICK_STATE)->bytes);
}

static void
index_text(struct stick *s)
{
	static const char *const rows[][2] = {{"<Files><File D", "<Files><X D"},
	    {"RevisionNumber=\"200\"", "RevisionNumber=\"201\""},
	    {"00000000000a\"", "00000000000f\""}, {"UpdateId=", "UpdateID="},
	    {"Category Value=\"0d", "Category Value=\"0e"},
	    {"<Classifications><Classification Value=\"0d000000-0000-0000-"
	     "0000-000000000002\" /></Classifications>",
		"<Classifications />"},
	    {"FormatVersion=\"1.0\"", "FormatVersion=\"2.0\""},
	    {"000000000001\" /></Categories>",
		"000000000002\" /></Categories>"},
	    {"</Updates>", ""}, {"<Languages>", "<Languages><Odd />"},
	    {"Name=\"a.cab\"", ""}};

	SWAP(&s->index, rows);
	stick_pack(s);
}

static void
doc_text(struct stick *s)
{
	static const char *const rows[][2] = {{"Size=\"900\"", "Size=\"901\""},
	    {"Digest=\"", "Digest=\"A"}, {"\"SHA256\">", "\"SHA256\">A"},
	    {"0d000000", "0d00000a"},
	    {"RevisionNumber=\"200\"", "RevisionNumber=\"300\""},
	    {"UpdateType=\"Software\"", "UpdateType=\"Detector\""},
	    {"FileName=\"c.exe\"", "FileName=\"c.EXE\""},
	    {"CategoryType=\"Product\"", "CategoryType=\"Company\""},
	    {"</Update>\r\n", "</Update>\n\r"}, {"\r\n", "\n"},
	    {",000000c8,", ",000000c9,"}, {"<Files>", "<Files><Odd />"}};

	SWAP(&s->meta, rows);
	stick_pack(s);
}

static void
doc_flip(struct stick *s)
{
	flip(&s->meta);
	stick_pack(s);
}

static void
cab_flip(struct stick *s)
{
	flip(&stick_find(s, STICK_CAB)->bytes);
}

static void
another_file(struct stick *s)
{
	static const char *const names[] = {"data/notes.txt", "NOTES.txt",
	    "data/Inventory.csv", "data/wsusexport-3.cab", "data/con.txt",
	    "data/origins/x", "readme.txt", "data/.hidden"};
	struct stick_file *f = stick_put(s, names[below(8)], "text\n", 5);

	f->undeclared = below(3) == 0;
}

static void
sealed(struct stick *s)
{
	static const char *const names[] = {STICK_STATE, STICK_CAB,
	    "data/inventory.csv", "README.txt", STICK_INFO, STICK_TAGS,
	    STICK_SIGNATURE, "media.tsv", "manifest-sha256.txt"};
	struct stick_file *f = stick_find(s, names[below(9)]);

	if (below(3) == 0)
		f->absent = true;
	else
		flip(&f->bytes);
}

/* What most of them come to: a good transfer, 1, 9; or what it may be. */
enum kind { GOOD, DIGEST, MEDIUM, ANY };

static const struct damage {
	const char *name;
	enum kind kind;
	void (*before)(struct stick *s); /* it is sealed */
	void (*after)(struct stick *s); /* or NULL */
} damages[] = {
    {"nothing", GOOD, nothing, NULL},
    {"not carried", GOOD, not_carried, NULL},
    {"other bytes", DIGEST, other_bytes, NULL},
    {"shorter", DIGEST, shorter, NULL},
    {"lost", DIGEST, lost, NULL},
    {"media", MEDIUM, media, NULL},
    {"renamed", ANY, rename_payload, NULL},
    {"label", ANY, label, NULL},
    {"state text", ANY, state_text, NULL},
    {"state flip", ANY, state_flip, NULL},
    {"index text", ANY, index_text, NULL},
    {"document text", ANY, doc_text, NULL},
    {"document flip", ANY, doc_flip, NULL},
    {"cabinet flip", ANY, cab_flip, NULL},
    {"another file", ANY, another_file, NULL},
    {"after the seal", ANY, nothing, sealed},
};
#define NDAMAGES (sizeof(damages) / sizeof(damages[0]))

/* Of a kind, or any at all. */
static const struct damage *
choose(enum kind kind)
{
	const struct damage *d;

	do
		d = &damages[below(NDAMAGES)];
	while (kind != ANY && d->kind != kind);
	return d;
}

/* A store that holds number 3 of the same origin. */
static void
make_base(const char *store)
{
	struct err e = ERR_INIT;
	struct stick s;

	stick_make(&s, &key);
	stick_label(&s, "Wsusferry-Sequence", "3");
	stick_label(&s, "Wsusferry-Transfer", "north-000003");
	stick_seal(&s);
	stick_write(&s, path);
	T_EQ(stick_import_into(path, store, pub, false), 10);
	T_CALL(path_remove(AT_FDCWD, path, &e), &e);
	stick_free(&s);
}

/* It builds on that one, and need not carry what that one did. */
static void
build_on(struct stick *s, const char *store)
{
	bool lacks = below(4) == 0;

	/* Mostly on the one that is there. */
	stick_label(s, "Wsusferry-Base", lacks ? "4" : "3");
	stick_ledger(s, store, 5, lacks ? 4 : 3);
	stick_label(s, "Wsusferry-Requires", "base");
	if (below(2) == 0)
		return;
	stick_drop(s, some_payload(s)->name);
	stick_label(s, "Wsusferry-Files", "3");
}

static int
ask_both(const char *store, int *import)
{
	int v = store == NULL ? stick_verify(path, pub)
			      : stick_verify_for(path, store, pub);

	*import = store == NULL ? stick_import(path, pub)
				: stick_import_into(path, store, pub, false);
	return v;
}

/* One transfer, damaged once or twice: what both say of it. */
static int
try_one(unsigned round, const char *store)
{
	/* So that each end is seen often enough, whatever the seed. */
	static const enum kind turns[] = {GOOD, DIGEST, MEDIUM, ANY, ANY, ANY};
	enum kind kind = turns[round % (sizeof(turns) / sizeof(turns[0]))];
	const struct damage *a = choose(kind), *b = NULL;
	struct err e = ERR_INIT;
	const char *said;
	struct stick s;
	int v, i;

	if (kind == ANY && below(3) == 0)
		b = choose(ANY);
	if (store != NULL)
		make_base(store);
	stick_make(&s, &key);
	if (store != NULL)
		build_on(&s, store);
	if (below(2) == 0) /* nothing is missed */
		T_OK(stick_swap(&stick_find(&s, STICK_STATE)->bytes,
		    "\"size\":300}", "\"size\":300,\"wanted\":false}"));
	a->before(&s);
	if (b != NULL)
		b->before(&s);
	stick_seal(&s);
	if (a->after != NULL)
		a->after(&s);
	stick_write(&s, path);
	v = ask_both(store, &i);
	said = stick_said();
	if (store == NULL && getenv("WF_LONG") != NULL)
		second_agrees(path, pub, v, said);
	if (v != i) {
		printf("%s\n", said);
		t_fail(__FILE__, __LINE__,
		    "round %u: %s%s%s: verify says %d, import %d", round,
		    a->name, b != NULL ? ", " : "", b != NULL ? b->name : "", v,
		    i);
	}
	T_CALL(path_remove(AT_FDCWD, path, &e), &e);
	if (store != NULL)
		T_CALL(path_remove(AT_FDCWD, store, &e), &e);
	stick_free(&s);
	return i;
}

static void
try_all(const char *store, unsigned rounds)
{
	const char *more = getenv("WF_LONG");
	unsigned n = more != NULL && *more != '\0' ? 10 * rounds : rounds;
	unsigned counts[16] = {0};

	begin();
	for (unsigned i = 0; i < n; i++)
		counts[try_one(i, store) % 16]++;
	printf("%u rounds: 0: %u, 10: %u, 1: %u, 3: %u, 8: %u, 9: %u\n", n,
	    counts[0], counts[10], counts[1], counts[3], counts[8], counts[9]);
	T_OK(counts[0] + counts[10] >= n / 10);
	T_OK(counts[1] >= n / 10);
	T_OK(counts[3] >= n / 10);
	T_OK(counts[9] >= n / 25);
}

T_TEST(what_verify_accepts_import_accepts_and_the_reverse)
{
	try_all(NULL, ROUNDS);
}

T_TEST(with_a_store_of_what_an_import_into_it_accepts)
{
	char store[PATH_SIZE];

	begin();
	snprintf(store, sizeof(store), "%.200s/far", dir);
	try_all(store, ROUNDS / 2);
}

T_MAIN
