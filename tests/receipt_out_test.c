/* SPDX-License-Identifier: ISC */
#include "lib/transfer/receipt_out.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/path.h"
#include "lib/base/sign.h"
#include "lib/store/buckets.h"
#include "lib/store/carried.h"
#include "lib/store/event.h"
#include "lib/store/ledger.h"
#include "lib/store/row_set.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/receipt_sign.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* A store with two updates, the first with a file that is here. */
struct far {
	const char *dir;
	struct store *s;
	struct guid origin;
	struct sign_sec key;
	struct sign_pub pub;
	struct err e;
};

static void
open_far(struct far *f)
{
	struct make m;

	memset(f, 0, sizeof(*f));
	f->e = (struct err)ERR_INIT;
	f->dir = t_tmpdir();
	f->s = make_begun(f->dir);
	f->origin = make_guid(500);
	T_CALL(sign_new(&f->key, &f->pub, &f->e), &f->e);
	make_update(&m, 1, 100);
	make_file(&m, "one", "a.cab");
	make_put_ok(f->s, &m);
	make_here(f->s, f->dir, "one", ".cab");
	make_update(&m, 2, 100);
	make_put_ok(f->s, &m);
}

/* Transfer n of the origin, which carried update n, and the file with 1. */
static void
import(struct far *f, uint64_t n)
{
	struct row_set revs = {.bits = NULL}, files = {.bits = NULL};
	struct ledger_row row = {.kind = LEDGER_IMPORT,
	    .state = LEDGER_IMPORTED,
	    .origin = f->origin,
	    .site = "north",
	    .sequence = n,
	    .tag = {(uint8_t)n},
	    .has_tag = true};
	struct guid id = make_guid((unsigned)n);

	T_CALL(ledger_add(f->s, &row, &f->e), &f->e);
	T_CALL(carried_revision(f->s, &id, 100, &revs, &f->e), &f->e);
	if (n == 1)
		T_CALL(row_set_add(&files, 1, &f->e), &f->e);
	T_CALL(
	    carried_put(f->s, row.row, CARRIED_REVISIONS, &revs, &f->e), &f->e);
	T_CALL(carried_put(f->s, row.row, CARRIED_FILES, &files, &f->e), &f->e);
	row_set_free(&revs);
	row_set_free(&files);
}

static struct receipts_row
make_one(struct far *f, bool *is_new)
{
	struct receipts_row v = {.row = 0};

	T_EQ(receipt_out_make(f->s, &f->origin, &f->key, 1800000000, NULL, &v,
		 is_new, &f->e),
	    1);
	return v;
}

T_TEST(a_receipt_says_what_is_imported_and_is_signed)
{
	struct keyring ring = {.purpose = KEYS_RECEIPTS};
	struct receipts_row v;
	struct sign_pub by;
	struct far f;
	bool is_new;

	open_far(&f);
	T_EQ(receipt_out_make(
		 f.s, &f.origin, &f.key, 1, NULL, &v, &is_new, &f.e),
	    0);
	import(&f, 1);
	v = make_one(&f, &is_new);
	T_OK(is_new);
	T_EQ(v.r.number, 1);
	T_EQ(v.r.sequence, 1);
	T_EQ(v.r.identity[0], 1);
	T_EQ(v.r.seen, 0);
	T_EQ(v.r.revisions, 1);
	T_EQ(v.r.files, 1);
	T_EQ(v.r.time_s, 1800000000);
	T_MEM(&v.r.store, store_id(f.s), sizeof(v.r.store));
	T_MEM(&v.r.origin, &f.origin, sizeof(f.origin));
	ring.v = &f.pub;
	ring.n = 1;
	T_CALL(receipt_sign_check(&ring, v.record, &by, &f.e), &f.e);
	T_MEM(&by, &f.pub, sizeof(by));
	/* Every byte of it is signed. */
	for (size_t i = 1; i < RECEIPT_BYTES; i++) {
		v.record[i] ^= 1;
		T_EQ(receipt_sign_check(&ring, v.record, &by, &f.e), -1);
		T_OK(f.e.kind == E_SIG || f.e.kind == E_FORMAT);
		err_clear(&f.e);
		v.record[i] ^= 1;
	}
	store_close(f.s);
}

/* Nothing new: the same receipt; else the next number. */
T_TEST(what_was_said_already_gets_no_new_number)
{
	struct receipts_row v, again;
	struct far f;
	bool is_new;

	open_far(&f);
	import(&f, 1);
	v = make_one(&f, &is_new);
	again = make_one(&f, &is_new);
	T_OK(!is_new);
	T_MEM(v.record, again.record, sizeof(v.record));
	import(&f, 2);
	v = make_one(&f, &is_new);
	T_OK(is_new);
	T_EQ(v.r.number, 2);
	T_EQ(v.r.sequence, 2);
	T_EQ(v.r.seen, 1);
	T_EQ(v.r.revisions, 2);
	T_CALL(sign_new(&f.key, &f.pub, &f.e), &f.e);
	v = make_one(&f, &is_new);
	T_OK(is_new);
	T_EQ(v.r.number, 3);
	f.origin = make_guid(501);
	import(&f, 2);
	v = make_one(&f, &is_new);
	T_EQ(v.r.number, 4);
	T_EQ(v.r.seen, 0);
	store_close(f.s);
}

T_TEST(a_transfer_that_did_not_come_has_no_bit)
{
	static const uint64_t came[] = {1, 2, 10, 11, 33, 34, 40, 43};
	struct receipts_row v;
	struct far f;
	bool is_new;

	open_far(&f);
	for (size_t i = 0; i < sizeof(came) / sizeof(came[0]); i++)
		import(&f, came[i]);
	v = make_one(&f, &is_new);
	T_EQ(v.r.sequence, 43);
	T_EQ(v.r.seen, 1U << 31 | 1 << 9 | 1 << 8 | 1 << 2);
	store_close(f.s);
}

/* What came before it is of another history, which its origin cannot count. */
T_TEST(after_a_fork_only_what_came_since_is_counted)
{
	struct receipts_row v;
	struct event fork = {.kind = EVENT_FORK, .text = ""};
	struct ledger_row last;
	struct far f;
	bool is_new;

	open_far(&f);
	import(&f, 1);
	import(&f, 2);
	T_EQ(ledger_last_import(f.s, &f.origin, &last, &f.e), 1);
	fork.ledger = last.row;
	fork.origin = f.origin;
	T_CALL(event_add(f.s, &fork, &f.e), &f.e);
	v = make_one(&f, &is_new);
	T_EQ(v.r.sequence, 2);
	T_EQ(v.r.seen, 0);
	T_EQ(v.r.revisions, 1);
	T_EQ(v.r.files, 0);
	store_close(f.s);
}

T_TEST(failures_are_told_and_remembered)
{
	struct buf list = BUF_INIT;
	struct receipt_failures fail = {.n = 70000, .list = &list};
	struct receipts_row v;
	struct far f;
	bool is_new;

	open_far(&f);
	import(&f, 1);
	T_CALL(buf_puts(&list, "a line\n", &f.e), &f.e);
	T_EQ(receipt_out_make(
		 f.s, &f.origin, &f.key, 5, &fail, &v, &is_new, &f.e),
	    1);
	T_EQ(v.r.failures, UINT16_MAX);
	v = make_one(&f, &is_new);
	T_OK(!is_new);
	T_EQ(v.r.failures, UINT16_MAX);
	buf_free(&list);
	store_close(f.s);
}

T_TEST(numbers_beyond_a_receipts_are_no_receipt)
{
	struct receipts_row v;
	struct far f;
	bool is_new;

	open_far(&f);
	import(&f, 1);
	import(&f, (uint64_t)UINT32_MAX + 1);
	T_FAILS(receipt_out_make(
		    f.s, &f.origin, &f.key, 5, NULL, &v, &is_new, &f.e),
	    &f.e, E_LIMIT, "sequence 4294967296");
	store_close(f.s);
}

static void
file_is(int at, const char *name, const char *begins)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(path_read(at, name, 4096, &b, &e), &e);
	T_OK(b.len >= strlen(begins) &&
	    memcmp(b.p, begins, strlen(begins)) == 0);
	buf_free(&b);
}

static void
put_text(int at, const char *name, const char *text)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	T_OK(fd != -1);
	T_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

T_TEST(its_file_is_written_once_and_again_where_it_lacks)
{
	struct receipts_row v;
	char name[RECEIPT_OUT_NAME];
	struct stat st, st2;
	struct far f;
	bool is_new;
	int at;

	open_far(&f);
	import(&f, 1);
	v = make_one(&f, &is_new);
	receipt_out_name(name, &v.r, "north");
	T_STR(name, "receipt-000001-north-000001.txt");
	T_CALL(receipt_out_keep(f.s, name, &v, NULL, &f.e), &f.e);
	T_CALL(
	    path_opendir(store_dirfd(f.s), RECEIPT_OUT_DIR, &at, &f.e), &f.e);
	file_is(at, name, RECEIPT_TITLE "\n");
	T_EQ(fstatat(at, name, &st, 0), 0);
	T_EQ(st.st_size, RECEIPT_CHARS + 1);
	T_EQ(st.st_mode & 07777, 0644);
	T_CALL(receipt_out_keep(f.s, name, &v, NULL, &f.e), &f.e);
	T_EQ(fstatat(at, name, &st2, 0), 0);
	T_EQ(st2.st_ino, st.st_ino);
	/* Cut short, or gone: written again. */
	T_EQ(truncate(make_path(f.dir,
			  "receipts/"
			  "receipt-000001-north-000001.txt"),
		 100),
	    0);
	T_CALL(receipt_out_keep(f.s, name, &v, NULL, &f.e), &f.e);
	T_EQ(fstatat(at, name, &st, 0), 0);
	T_EQ(st.st_size, RECEIPT_CHARS + 1);
	T_EQ(unlinkat(at, name, 0), 0);
	T_CALL(receipt_out_put(at, name, &v, NULL, &f.e), &f.e);
	file_is(at, name, RECEIPT_TITLE "\n");
	store_close(f.s);
	close(at);
}

T_TEST(what_is_somebody_elses_in_a_folder_stays)
{
	struct receipts_row v, other;
	char name[RECEIPT_OUT_NAME], usual[RECEIPT_OUT_NAME];
	struct far f, g;
	bool is_new;
	int at;

	open_far(&f);
	import(&f, 1);
	v = make_one(&f, &is_new);
	receipt_out_name(name, &v.r, "north");
	at = open(t_tmpdir(), O_RDONLY | O_DIRECTORY);
	T_CALL(receipt_out_put(at, name, &v, NULL, &f.e), &f.e);
	open_far(&g);
	import(&g, 1);
	other = make_one(&g, &is_new);
	T_CALL(receipt_out_put(at, name, &other, NULL, &f.e), &f.e);
	T_OK(strcmp(name, "receipt-000001-north-000001.txt") != 0);
	T_EQ(strlen(name), strlen("receipt-000001-north-000001-0123abcd.txt"));
	file_is(at, name, RECEIPT_TITLE "\n");
	/* Nor what is no receipt at all; the first is where it was. */
	snprintf(name, sizeof(name), "%s", "receipt-000001-north-000001.txt");
	T_CALL(receipt_out_put(at, name, &v, NULL, &f.e), &f.e);
	T_STR(name, "receipt-000001-north-000001.txt");
	put_text(at, name, "a letter\n");
	T_CALL(receipt_out_put(at, name, &v, NULL, &f.e), &f.e);
	file_is(at, "receipt-000001-north-000001.txt", "a letter\n");
	file_is(at, name, RECEIPT_TITLE "\n");
	put_text(at, name, "another letter\n");
	snprintf(usual, sizeof(usual), "%s", "receipt-000001-north-000001.txt");
	T_FAILS(receipt_out_put(at, usual, &v, NULL, &f.e), &f.e, E_USAGE,
	    "what has this name here, or that of its list, is no receipt of");
	file_is(at, name, "another letter\n");
	store_close(g.s);
	store_close(f.s);
	close(at);
}

T_TEST(nor_does_the_list_beside_it_take_somebody_elses_place)
{
	static const char usual[] = "receipt-000001-north-000001.txt",
			  list[] = "receipt-000001-north-000001-failures.txt";
	struct buf text = BUF_INIT;
	struct receipt_failures of = {.n = 1, .list = &text};
	char name[RECEIPT_OUT_NAME], beside[RECEIPT_OUT_NAME + 16];
	struct receipts_row v;
	struct far f;
	bool is_new;
	int at;

	open_far(&f);
	import(&f, 1);
	T_CALL(buf_printf(&text, &f.e, "an update\n"), &f.e);
	T_EQ(receipt_out_make(
		 f.s, &f.origin, &f.key, 1700000000, &of, &v, &is_new, &f.e),
	    1);
	at = open(t_tmpdir(), O_RDONLY | O_DIRECTORY);
	put_text(at, list, "a letter\n");
	snprintf(name, sizeof(name), "%s", usual);
	T_CALL(receipt_out_put(at, name, &v, &text, &f.e), &f.e);
	file_is(at, list, "a letter\n");
	T_OK(strcmp(name, usual) != 0);
	file_is(at, name, RECEIPT_TITLE "\n");
	snprintf(beside, sizeof(beside), "%.*s-failures.txt",
	    (int)strlen(name) - 4, name);
	file_is(at, beside, "an update\n");
	/* The receipt is gone, its list is still ours. */
	T_EQ(unlinkat(at, name, 0), 0);
	snprintf(name, sizeof(name), "%s", usual);
	T_CALL(receipt_out_put(at, name, &v, &text, &f.e), &f.e);
	T_OK(strcmp(name, usual) != 0);
	file_is(at, beside, "an update\n");
	put_text(at, beside, "another letter\n");
	T_EQ(unlinkat(at, name, 0), 0);
	snprintf(name, sizeof(name), "%s", usual);
	T_FAILS(receipt_out_put(at, name, &v, &text, &f.e), &f.e, E_USAGE,
	    "or that of its list");
	file_is(at, beside, "another letter\n");
	buf_free(&text);
	store_close(f.s);
	close(at);
}

T_MAIN
