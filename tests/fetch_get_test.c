/* SPDX-License-Identifier: ISC */
/* One download: cut off, and gone on with. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/get_rig.h"
#include "tests/t.h"

static int no_fstat = -1; /* this descriptor cannot be looked at */

int look(int fd, struct stat *st) __asm__("fstat64");

/* In the place of the C library's own. */
int
look(int fd, struct stat *st)
{
	static int (*next)(int fd, struct stat *st);
	void *p;

	if (next == NULL) {
		if ((p = dlsym(RTLD_NEXT, "fstat64")) == NULL)
			abort();
		memcpy(&next, &p, sizeof(next));
	}
	if (fd != -1 && fd == no_fstat) {
		errno = EIO;
		return -1;
	}
	return next(fd, st);
}

T_TEST(a_file_comes_whole_and_is_sealed)
{
	struct rig r;

	rig_open(&r);
	rig_get(&r);
	rig_expect_got(&r);
	T_STR(r.g.mended, "");
	T_EQ(r.g.received, RIG_SIZE);
	T_EQ(rig_peer.nseen, 1);
	T_STR(rig_peer.seen[0], "/file range= if-range=");
	rig_close(&r);
}

T_TEST(a_cut_goes_on_where_it_was_in_the_same_run)
{
	static const unsigned cuts[] = {
	    0, 1, 4095, 4096, 262143, 262144, 262145, 524288, RIG_SIZE - 1};
	char want[64];
	struct rig r;

	for (size_t i = 0; i < N(cuts); i++) {
		rig_open(&r);
		get_peer_script(&rig_peer, PEER_CUT, cuts[i]);
		get_peer_then(&rig_peer, PEER_GOOD, 0);
		rig_get(&r);
		rig_expect_got(&r);
		T_EQ(rig_peer.nseen, 2);
		snprintf(want, sizeof(want),
		    "/file range=bytes=%u- if-range=\"one\"", cuts[i]);
		T_STR(rig_peer.seen[1],
		    cuts[i] == 0 ? "/file range= if-range=" : want);
		T_EQ(rig_peer.sent, RIG_SIZE);
		rig_close(&r);
	}
}

T_TEST(cuts_are_no_failures_while_there_is_progress)
{
	struct rig r;

	rig_open(&r);
	r.env.net.tries = 1;
	get_peer_script(&rig_peer, PEER_CUT, 1200000);
	get_peer_then(&rig_peer, PEER_CUT, 1200000);
	get_peer_then(&rig_peer, PEER_GOOD, 0);
	rig_get(&r);
	rig_expect_got(&r);
	T_EQ(rig_peer.nseen, 3);
	T_EQ(rig_peer.sent, RIG_SIZE);
	rig_close(&r);
}

T_TEST(a_part_of_an_earlier_run_is_gone_on_with)
{
	static const unsigned had[] = {1, 4096, 262144, 300000, RIG_SIZE - 1};
	struct rig r;

	for (size_t i = 0; i < N(had); i++) {
		rig_open(&r);
		rig_have(&r, had[i], "\"one\"");
		rig_get(&r);
		rig_expect_got(&r);
		T_EQ(rig_peer.nseen, 1);
		T_EQ(rig_peer.sent, RIG_SIZE - had[i]);
		T_EQ(r.g.received, RIG_SIZE - had[i]);
		rig_close(&r);
	}
}

T_TEST(a_run_that_fails_leaves_what_came_for_the_next)
{
	off_t n = 0;
	struct rig r;

	rig_open(&r);
	get_peer_script(&rig_peer, PEER_CUT, 300000);
	get_peer_then(&rig_peer, PEER_STATUS, 500);
	rig_get(&r);
	rig_expect_not(&r, SYNC_FAILED, "500");
	T_OK(rig_has(&r, CONTENT_PART, &n, NULL));
	T_EQ(n, 300000);
	T_OK(rig_has(&r, CONTENT_PART_INFO, NULL, NULL));
	get_peer_script(&rig_peer, PEER_GOOD, 0);
	rig_get(&r);
	rig_expect_got(&r);
	T_STR(rig_peer.seen[0], "/file range=bytes=300000- if-range=\"one\"");
	T_EQ(rig_peer.sent, RIG_SIZE - 300000);
	rig_close(&r);
}

T_TEST(a_part_that_is_whole_needs_no_request)
{
	struct rig r;

	rig_open(&r);
	rig_have(&r, RIG_SIZE, "\"one\"");
	rig_get(&r);
	rig_expect_got(&r);
	T_EQ(rig_peer.nseen, 0);
	rig_close(&r);
}

T_TEST(a_damaged_part_is_moved_aside_and_the_file_fetched_anew)
{
	static const size_t had[] = {300000, RIG_SIZE};
	uint8_t other;
	char name[CONTENT_PART_MAX];
	off_t n = 0;
	struct rig r;
	int fd;

	for (size_t i = 0; i < N(had); i++) {
		rig_open(&r);
		rig_have(&r, had[i], "\"one\"");
		other = rig_file[1000] ^ 1;
		content_part_name(name, rig_sums.sha1, CONTENT_PART);
		fd = openat(r.staging, name, O_WRONLY);
		T_EQ(pwrite(fd, &other, 1, 1000), 1);
		close(fd);
		rig_get(&r);
		rig_expect_got(&r);
		T_OK(strstr(r.g.mended, "SHA-1") != NULL);
		T_OK(rig_has(&r, CONTENT_PART_BAD, &n, NULL));
		T_EQ(n, RIG_SIZE);
		T_EQ(rig_peer.nseen, had[i] == RIG_SIZE ? 1 : 2);
		rig_close(&r);
	}
}

T_TEST(a_part_longer_than_the_file_is_moved_aside)
{
	char name[CONTENT_PART_MAX];
	off_t n = 0;
	struct rig r;
	int fd;

	rig_open(&r);
	rig_have(&r, RIG_SIZE, "\"one\"");
	content_part_name(name, rig_sums.sha1, CONTENT_PART);
	fd = openat(r.staging, name, O_WRONLY | O_APPEND);
	T_EQ(write(fd, "x", 1), 1);
	close(fd);
	rig_get(&r);
	rig_expect_got(&r);
	T_OK(rig_has(&r, CONTENT_PART_BAD, &n, NULL));
	T_EQ(n, RIG_SIZE + 1);
	T_EQ(rig_peer.sent, RIG_SIZE);
	rig_close(&r);
}

/* Who put it there could change it when it has its name. */
T_TEST(what_has_another_name_is_no_part)
{
	char name[CONTENT_PART_MAX];
	struct stat st;
	struct rig r;

	for (int k = CONTENT_PART; k <= CONTENT_PART_INFO; k++) {
		rig_open(&r);
		rig_have(&r, k == CONTENT_PART ? RIG_SIZE : 300000, "\"one\"");
		content_part_name(name, rig_sums.sha1, (enum content_part)k);
		T_EQ(linkat(r.staging, name, r.dirfd, "other", 0), 0);
		if (k == CONTENT_PART_INFO)
			get_peer_script(&rig_peer, PEER_WHOLE, 0);
		rig_get(&r);
		rig_expect_got(&r);
		T_EQ(rig_peer.sent, RIG_SIZE);
		T_EQ(fstatat(r.dirfd, "other", &st, 0), 0);
		T_EQ(st.st_nlink, 1);
		T_OK(st.st_size > 0);
		T_EQ(unlinkat(r.dirfd, "other", 0), 0);
		rig_close(&r);
	}
}

T_TEST(a_part_of_somebody_else_is_none)
{
	char name[CONTENT_PART_MAX];
	struct rig r;

	if (geteuid() != 0)
		t_skip("only root can give files away");
	content_part_name(name, rig_sums.sha1, CONTENT_PART);
	for (int ours = 0; ours < 2; ours++) {
		rig_open(&r);
		rig_have(&r, RIG_SIZE, "\"one\"");
		T_EQ(fchownat(r.staging, name, 1, (gid_t)-1, 0), 0);
		/* Whose folder it is, is trusted. */
		if (ours)
			T_EQ(fchown(r.staging, 1, (gid_t)-1), 0);
		rig_get(&r);
		rig_expect_got(&r);
		T_EQ(rig_peer.sent, ours ? 0 : RIG_SIZE);
		rig_close(&r);
	}
}

/* A device that fails is no reason to throw a download away. */
T_TEST(whose_a_part_is_may_be_what_cannot_be_told)
{
	char name[CONTENT_PART_MAX];
	struct rig r;

	if (geteuid() != 0)
		t_skip("only root can give files away");
	content_part_name(name, rig_sums.sha1, CONTENT_PART);
	rig_open(&r);
	rig_have(&r, RIG_SIZE, "\"one\"");
	T_EQ(fchownat(r.staging, name, 1, (gid_t)-1, 0), 0);
	no_fstat = r.staging;
	rig_get(&r);
	no_fstat = -1;
	T_EQ(r.g.job.err.kind, E_SYS);
	T_OK(strstr(r.g.job.err.msg, "looking at staging") != NULL);
	T_OK(rig_has(&r, CONTENT_PART, NULL, NULL));
	rig_close(&r);
}

T_TEST(a_part_that_nothing_vouches_for_begins_again)
{
	static const enum get_peer_tag tags[] = {
	    PEER_WEAK, PEER_NEW, PEER_BARE};
	struct rig r;

	for (size_t i = 0; i < N(tags); i++) {
		rig_open(&r);
		rig_peer.tag = tags[i];
		get_peer_script(&rig_peer, PEER_CUT, 300000);
		get_peer_then(&rig_peer, PEER_GOOD, 0);
		rig_get(&r);
		rig_expect_got(&r);
		T_EQ(rig_peer.sent, RIG_SIZE + 300000);
		T_STR(r.g.mended, "");
		rig_close(&r);
	}
}

T_TEST(a_date_that_is_old_enough_vouches_too)
{
	struct rig r;

	rig_open(&r);
	rig_peer.tag = PEER_DATED;
	get_peer_script(&rig_peer, PEER_CUT, 300000);
	get_peer_then(&rig_peer, PEER_GOOD, 0);
	rig_get(&r);
	rig_expect_got(&r);
	T_EQ(rig_peer.sent, RIG_SIZE);
	T_STR(rig_peer.seen[1],
	    "/file range=bytes=300000- if-range=Sat, 31 Oct 2026 12:00:00 "
	    "GMT");
	rig_close(&r);
}

T_TEST(a_part_of_another_url_is_not_asked_for_by_this_one)
{
	struct rig r;

	rig_open(&r);
	rig_have(&r, 300000, "\"one\"");
	rig_fresh(&r);
	rig_url(&r, rig_peer.port, "/other", -1);
	rig_go(&r);
	rig_expect_got(&r);
	T_STR(rig_peer.seen[0], "/other range= if-range=");
	rig_close(&r);
}

T_TEST(the_url_that_a_part_is_of_comes_first)
{
	struct rig r;

	rig_open(&r);
	rig_have(&r, 300000, "\"one\"");
	rig_fresh(&r);
	rig_url(&r, rig_peer.port, "/other", -1);
	rig_url(&r, rig_peer.port, "/file", -1);
	rig_go(&r);
	rig_expect_got(&r);
	T_STR(rig_peer.seen[0], "/file range=bytes=300000- if-range=\"one\"");
	T_EQ(rig_peer.nseen, 1);
	rig_close(&r);
}

T_MAIN
