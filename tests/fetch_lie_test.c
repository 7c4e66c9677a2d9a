/* SPDX-License-Identifier: ISC */
/* One download: from a server that lies. */
#include <unistd.h>

#include "tests/get_rig.h"
#include "tests/t.h"

T_TEST(an_answer_that_is_not_the_rest_is_not_added)
{
	static const struct {
		enum get_peer_act act;
		uint64_t arg;
		const char *why;
	} rows[] = {
	    {PEER_SHIFTED, 1, "bytes 300001-3000000 came, expected 300000-"},
	    {PEER_PART, 0, "bytes 0-3000000 came, expected 300000-3000000"},
	    {PEER_ODD_TOTAL, 1, "came, expected"},
	    {PEER_ODD_FROM, 1, "bytes 300001-3000000 came, expected 300000-"},
	    {PEER_ODD_TO, 1, "bytes 300000-2999999 came, expected 300000-"},
	    {PEER_REST_LONG, 1000, "more than 3000001 bytes came"},
	    {PEER_NO_RANGE, 0, "expected a Content-Range"},
	    {PEER_BEYOND, 0, "the rest from byte 300000 was refused"},
	};
	struct rig r;

	for (size_t i = 0; i < N(rows); i++) {
		rig_open(&r);
		rig_have(&r, 300000, "\"one\"");
		get_peer_script(&rig_peer, rows[i].act, rows[i].arg);
		get_peer_then(&rig_peer, PEER_GOOD, 0);
		rig_get(&r);
		rig_expect_got(&r);
		T_EQ(rig_peer.nseen, 2);
		T_STR(rig_peer.seen[1], "/file range= if-range=");
		if (strstr(r.g.mended, rows[i].why) == NULL)
			T_STR(r.g.mended, rows[i].why);
		rig_close(&r);
	}
}

T_TEST(the_whole_in_answer_to_a_range_begins_again)
{
	struct rig r;

	rig_open(&r);
	rig_have(&r, 300000, "\"one\"");
	get_peer_script(&rig_peer, PEER_WHOLE, 0);
	rig_get(&r);
	rig_expect_got(&r);
	T_EQ(rig_peer.nseen, 1);
	T_EQ(rig_peer.sent, RIG_SIZE);
	T_STR(r.g.mended, "");
	rig_close(&r);
}

T_TEST(a_changed_file_begins_again)
{
	struct rig r;

	rig_open(&r);
	rig_have(&r, 300000, "\"two\"");
	rig_get(&r);
	rig_expect_got(&r);
	T_STR(rig_peer.seen[0], "/file range=bytes=300000- if-range=\"two\"");
	T_EQ(rig_peer.sent, RIG_SIZE);
	rig_close(&r);
}

T_TEST(what_is_not_the_file_is_asked_for_twice_and_then_given_up)
{
	static const struct {
		enum get_peer_act act;
		uint64_t arg;
		const char *why;
		bool bad; /* something is moved aside */
	} rows[] = {
	    {PEER_SWAPPED, 0, "SHA-1 is", true},
	    {PEER_SWAPPED, RIG_SIZE - 1, "SHA-1 is", true},
	    {PEER_SHORT, 1, "3000000 bytes announced, expected 3000001", false},
	    {PEER_LONG, 1, "3000002 bytes announced, expected 3000001", false},
	    {PEER_CHUNKED_SHORT, 1, "3000000 bytes came, expected 3000001",
		true},
	    {PEER_CHUNKED_LONG, 0, "more than 3000001 bytes came", true},
	    {PEER_ENCODED, 0, "encoded as 'gzip'", false},
	    {PEER_PART, 0, "a part came, expected the whole", false},
	};
	struct rig r;
	off_t n = 0;

	for (size_t i = 0; i < N(rows); i++) {
		rig_open(&r);
		get_peer_script(&rig_peer, rows[i].act, rows[i].arg);
		rig_get(&r);
		rig_expect_not(&r, SYNC_DAMAGED, rows[i].why);
		T_OK(strstr(r.g.why, "/file: ") != NULL);
		T_EQ(rig_peer.nseen, 2);
		T_OK(!rig_has(&r, CONTENT_PART, &n, NULL) || n == 0);
		T_EQ(rig_has(&r, CONTENT_PART_BAD, &n, NULL), rows[i].bad);
		/* The second time it is right. */
		get_peer_script(&rig_peer, rows[i].act, rows[i].arg);
		get_peer_then(&rig_peer, PEER_GOOD, 0);
		rig_get(&r);
		rig_expect_got(&r);
		if (strstr(r.g.mended, rows[i].why) == NULL)
			T_STR(r.g.mended, rows[i].why);
		rig_close(&r);
	}
}

T_TEST(never_more_than_the_size_is_written)
{
	off_t n = 0;
	struct rig r;

	rig_open(&r);
	get_peer_script(&rig_peer, PEER_CHUNKED_LONG, 0);
	rig_get(&r);
	T_OK(rig_has(&r, CONTENT_PART_BAD, &n, NULL));
	T_OK(n <= RIG_SIZE);
	rig_close(&r);
}

T_TEST(a_file_is_judged_by_both_digests)
{
	struct rig r;

	rig_open(&r);
	rig_fresh(&r);
	r.g.sha256[31] ^= 1;
	rig_url(&r, rig_peer.port, "/file", -1);
	rig_go(&r);
	rig_expect_not(&r, SYNC_DAMAGED, "SHA-256 is");
	rig_fresh(&r);
	r.g.has_sha256 = false;
	r.g.sha256[31] ^= 1;
	rig_url(&r, rig_peer.port, "/file", -1);
	rig_go(&r);
	rig_expect_got(&r);
	rig_close(&r);
}

T_TEST(a_file_without_a_size_has_a_limit_of_ours)
{
	static const enum get_peer_act acts[] = {PEER_GOOD, PEER_CHUNKED};
	struct rig r;

	for (size_t i = 0; i < N(acts); i++) {
		rig_open(&r);
		get_peer_script(&rig_peer, acts[i], 0);
		rig_fresh(&r);
		r.g.has_size = false;
		r.g.size = 0;
		rig_url(&r, rig_peer.port, "/file", -1);
		rig_go(&r);
		rig_expect_got(&r);
		rig_close(&r);
		rig_open(&r);
		get_peer_script(&rig_peer, acts[i], 0);
		r.env.max_unknown = RIG_SIZE - 1;
		rig_fresh(&r);
		r.g.has_size = false;
		rig_url(&r, rig_peer.port, "/file", -1);
		rig_go(&r);
		rig_expect_not(&r, SYNC_DAMAGED, "3000000");
		rig_close(&r);
	}
}

T_TEST(a_whole_part_without_a_size_is_told_so_by_416)
{
	struct rig r;

	rig_open(&r);
	rig_have(&r, RIG_SIZE, "\"one\"");
	get_peer_script(&rig_peer, PEER_BEYOND, 0);
	rig_fresh(&r);
	r.g.has_size = false;
	rig_url(&r, rig_peer.port, "/file", -1);
	rig_go(&r);
	rig_expect_got(&r);
	T_EQ(rig_peer.sent, 0);
	rig_close(&r);
}

T_MAIN
