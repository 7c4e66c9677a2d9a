/* SPDX-License-Identifier: ISC */
#include "lib/store/buckets.h"

#include <unistd.h>

#include "lib/store/carried.h"
#include "lib/store/row_set.h"
#include "lib/store/store.h"
#include "tests/store_make.h"
#include "tests/t.h"

MAKE_IN_MEMORY

/* By another program. */
T_TEST(a_key_has_its_bucket)
{
	struct err e = ERR_INIT;
	struct guid id;
	uint8_t sha1[SHA1_LEN];
	unsigned k;
	uint32_t add;

	for (size_t i = 0; i < sizeof(id.b); i++)
		id.b[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(sha1); i++)
		sha1[i] = (uint8_t)(0x20 + i);
	T_CALL(buckets_of_rev(&id, 200, &k, &add, &e), &e);
	T_EQ(k, 11);
	T_EQ(add, 0xde87f388);
	T_CALL(buckets_of_file(sha1, &k, &add, &e), &e);
	T_EQ(k, 6);
	T_EQ(add, 0xa84b718d);
}

/* Updates 1 to n, each with a file of its own, of which the even ones are
   here; all of them in the sets. */
struct held {
	const char *dir;
	struct store *s;
	struct row_set revs, files;
};

static void
fill(struct held *h, unsigned n)
{
	struct err e = ERR_INIT;
	struct make m;
	char text[16];

	memset(h, 0, sizeof(*h));
	h->dir = t_tmpdir();
	h->s = make_begun(h->dir);
	for (unsigned i = 1; i <= n; i++) {
		snprintf(text, sizeof(text), "file %u", i);
		make_update(&m, i, 100);
		T_CALL(make_file(&m, text, "a.cab") == NULL ? -1 : 0, &e);
		make_put_ok(h->s, &m);
		if (i % 2 == 0)
			make_here(h->s, h->dir, text, ".cab");
		T_CALL(carried_revision(h->s, &m.u.id, 100, &h->revs, &e), &e);
		T_CALL(carried_file(h->s, m.files[0].sha1, &h->files, &e), &e);
	}
}

static void
done(struct held *h)
{
	row_set_free(&h->revs);
	row_set_free(&h->files);
	store_close(h->s);
}

static uint64_t
count(const struct row_set *s)
{
	uint64_t n = 0;

	for (int64_t i = 0; i < s->n; i++)
		n += row_set_has(s, i);
	return n;
}

T_TEST(files_that_are_not_here_do_not_count_as_held)
{
	const struct row_set none = {.bits = NULL};
	struct buckets all, here, zero;
	struct err e = ERR_INIT;
	struct held h;

	fill(&h, 40);
	T_CALL(buckets_count(h.s, &h.revs, &h.files, false, &all, &e), &e);
	T_EQ(all.nrevs, 40);
	T_EQ(all.nfiles, 40);
	T_CALL(buckets_count(h.s, &h.revs, &h.files, true, &here, &e), &e);
	T_EQ(here.nrevs, 40);
	T_EQ(here.nfiles, 20);
	T_MEM(all.rev, here.rev, sizeof(all.rev));
	T_OK(memcmp(all.file, here.file, sizeof(all.file)) != 0);
	T_CALL(buckets_count(h.s, &none, &none, false, &zero, &e), &e);
	T_EQ(zero.nrevs + zero.nfiles, 0);
	for (unsigned i = 0; i < BUCKETS; i++)
		T_EQ(zero.rev[i] | zero.file[i], 0);
	done(&h);
}

/* One key less at the other side: its bucket, and no other, is not held. */
T_TEST(a_bucket_that_differs_counts_as_not_held)
{
	struct row_set revs = {.bits = NULL}, files = {.bits = NULL};
	struct buckets mine, theirs;
	struct err e = ERR_INIT;
	struct guid id = make_guid(7);
	unsigned k;
	uint32_t add;
	struct held h;

	fill(&h, 60);
	T_CALL(buckets_count(h.s, &h.revs, &h.files, false, &mine, &e), &e);
	theirs = mine;
	T_CALL(buckets_agree(
		   h.s, &h.revs, &h.files, &mine, &theirs, &revs, &files, &e),
	    &e);
	T_EQ(count(&revs), 60);
	T_EQ(count(&files), 60);
	row_set_free(&revs);
	T_CALL(buckets_of_rev(&id, 100, &k, &add, &e), &e);
	theirs.rev[k] -= add;
	T_CALL(buckets_agree(
		   h.s, &h.revs, &h.files, &mine, &theirs, &revs, &files, &e),
	    &e);
	T_OK(count(&revs) < 60 && count(&revs) > 40);
	T_EQ(count(&files), 60);
	for (unsigned i = 1; i <= 60; i++) {
		struct row_set one = {.bits = NULL};
		unsigned at;

		id = make_guid(i);
		T_CALL(buckets_of_rev(&id, 100, &at, &add, &e), &e);
		T_CALL(carried_revision(h.s, &id, 100, &one, &e), &e);
		T_EQ(row_set_has(&revs, one.n > 0 ? (int64_t)i : 0), at != k);
		row_set_free(&one);
	}
	row_set_free(&revs);
	row_set_free(&files);
	done(&h);
}

/* What is asked for and not held is in no set. */
T_TEST(a_key_that_is_not_here_has_no_row)
{
	const struct guid id = make_guid(99);
	const uint8_t sha1[SHA1_LEN] = {1};
	struct err e = ERR_INIT;
	struct held h;

	fill(&h, 2);
	T_CALL(carried_revision(h.s, &id, 100, &h.revs, &e), &e);
	T_CALL(carried_file(h.s, sha1, &h.files, &e), &e);
	T_EQ(count(&h.revs), 2);
	T_EQ(count(&h.files), 2);
	done(&h);
}

T_MAIN
