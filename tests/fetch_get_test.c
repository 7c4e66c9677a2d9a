/* SPDX-License-Identifier: ISC */
/* One download against a server that lies, cuts and stalls. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/os.h"
#include "lib/base/stop.h"
#include "lib/op/get.h"
#include "tests/get_peer.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define SIZE 3000001

static uint8_t file[SIZE];
static struct digest sums;
static struct get_peer peer;

struct rig {
	int dirfd, staging;
	struct content content;
	struct get_env env;
	struct get g;
};

static void
make_file_once(void)
{
	struct err e = ERR_INIT;

	if (sums.bytes != 0)
		return;
	for (size_t i = 0; i < SIZE; i++)
		file[i] = (uint8_t)(t_random() >> 24);
	T_CALL(digest_mem(DIGEST_BOTH, file, SIZE, &sums, &e), &e);
	T_CALL(http_init(&e), &e);
	get_peer_open(&peer, file, SIZE);
}

static void
new_env(struct rig *r)
{
	const struct http_opts net = {
	    .proxy = "", .tries = 3, .wait_ms = 1, .connect_s = 2};
	struct err e = ERR_INIT;

	T_CALL(get_env_open(&r->env, &r->content, &net, 1, 0, &e), &e);
}

static void
rig_open(struct rig *r)
{
	struct err e = ERR_INIT;

	make_file_once();
	get_peer_script(&peer, PEER_GOOD, 0);
	peer.tag = PEER_STRONG;
	memset(r, 0, sizeof(*r));
	r->dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY);
	T_EQ(mkdirat(r->dirfd, "staging", 0755), 0);
	r->staging = openat(r->dirfd, "staging", O_RDONLY | O_DIRECTORY);
	T_CALL(content_open(&r->content, r->dirfd, r->staging, &e), &e);
	new_env(r);
}

static void
rig_close(struct rig *r)
{
	get_env_close(&r->env);
	content_close(&r->content);
	close(r->staging);
	close(r->dirfd);
}

static void
fresh(struct rig *r)
{
	r->g = (struct get){.job = {.run = get_run, .err = ERR_INIT},
	    .env = &r->env,
	    .has_sha256 = true,
	    .has_size = true,
	    .size = SIZE,
	    .ext = "cab"};
	memcpy(r->g.sha1, sums.sha1, SHA1_LEN);
	memcpy(r->g.sha256, sums.sha256, SHA256_LEN);
}

static void
add_url(struct rig *r, unsigned port, const char *path, int base)
{
	char url[128];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, path);
	r->g.urls[r->g.nurls++] = (struct get_url){.url = strdup(url),
	    .base = base,
	    .whose = base == -1 ? GET_ELSEWHERE : GET_UPSTREAM};
}

static void
go(struct rig *r)
{
	r->g.job.run(&r->g.job);
	get_free(&r->g);
}

/* One URL, with what is there of the file. */
static void
get(struct rig *r)
{
	fresh(r);
	add_url(r, peer.port, "/file", -1);
	go(r);
}

static bool
is_there(struct rig *r, enum content_part k, off_t *size, mode_t *mode)
{
	char name[CONTENT_PART_MAX];
	struct stat st;

	content_part_name(name, sums.sha1, k);
	if (fstatat(r->staging, name, &st, 0) == -1)
		return false;
	if (size != NULL)
		*size = st.st_size;
	if (mode != NULL)
		*mode = st.st_mode & 0777;
	return true;
}

/* Staged under the right name, whole and sealed, and settles. */
static void
expect_got(struct rig *r)
{
	struct err e = ERR_INIT;
	uint64_t size;
	mode_t mode = 0;
	off_t n = 0;

	T_EQ(r->g.job.err.kind, E_NONE);
	T_STR(r->g.job.err.msg, "");
	T_EQ(r->g.outcome, SYNC_GOT);
	if (r->g.outcome != SYNC_GOT) {
		T_STR(r->g.why, "");
		return;
	}
	T_OK(is_there(r, CONTENT_PART, &n, &mode));
	T_EQ(n, SIZE);
	T_EQ(mode, 0444);
	T_MEM(r->g.st.digest.sha256, sums.sha256, SHA256_LEN);
	T_CALL(content_settle(&r->content, &r->g.st, 1, &e), &e);
	T_EQ(content_has(&r->content, sums.sha1, "cab", &size, &e), 1);
	T_EQ(size, SIZE);
}

static void
expect_not(struct rig *r, enum sync_outcome o, const char *why)
{
	struct err e = ERR_INIT;
	uint64_t size;

	T_EQ(r->g.job.err.kind, E_NONE);
	T_EQ(r->g.outcome, o);
	if (strstr(r->g.why, why) == NULL)
		T_STR(r->g.why, why);
	T_STR(r->g.st.temp, "");
	T_EQ(content_has(&r->content, sums.sha1, "cab", &size, &e), 0);
}

/* The first bytes are here, from the peer's file with that tag. */
static void
have(struct rig *r, size_t n, const char *etag)
{
	char name[CONTENT_PART_MAX], text[512];
	int fd;

	content_part_name(name, sums.sha1, CONTENT_PART);
	fd = openat(r->staging, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	T_EQ(write(fd, file, n), n);
	close(fd);
	content_part_name(name, sums.sha1, CONTENT_PART_INFO);
	snprintf(text, sizeof(text),
	    "wsusferry-part 1\nurl http://127.0.0.1:%u/file\nsize %u\n"
	    "etag %s\nend\n",
	    peer.port, SIZE, etag);
	fd = openat(r->staging, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	T_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

T_TEST(a_file_comes_whole_and_is_sealed)
{
	struct rig r;

	rig_open(&r);
	get(&r);
	expect_got(&r);
	T_STR(r.g.mended, "");
	T_EQ(r.g.received, SIZE);
	T_EQ(peer.nseen, 1);
	T_STR(peer.seen[0], "/file range= if-range=");
	rig_close(&r);
}

T_TEST(a_cut_goes_on_where_it_was_in_the_same_run)
{
	static const unsigned cuts[] = {
	    0, 1, 4095, 4096, 262143, 262144, 262145, 524288, SIZE - 1};
	char want[64];
	struct rig r;

	for (size_t i = 0; i < N(cuts); i++) {
		rig_open(&r);
		get_peer_script(&peer, PEER_CUT, cuts[i]);
		get_peer_then(&peer, PEER_GOOD, 0);
		get(&r);
		expect_got(&r);
		T_EQ(peer.nseen, 2);
		snprintf(want, sizeof(want),
		    "/file range=bytes=%u- if-range=\"one\"", cuts[i]);
		T_STR(peer.seen[1],
		    cuts[i] == 0 ? "/file range= if-range=" : want);
		T_EQ(peer.sent, SIZE);
		rig_close(&r);
	}
}

T_TEST(cuts_are_no_failures_while_there_is_progress)
{
	struct rig r;

	rig_open(&r);
	r.env.net.tries = 1;
	get_peer_script(&peer, PEER_CUT, 1200000);
	get_peer_then(&peer, PEER_CUT, 1200000);
	get_peer_then(&peer, PEER_GOOD, 0);
	get(&r);
	expect_got(&r);
	T_EQ(peer.nseen, 3);
	T_EQ(peer.sent, SIZE);
	rig_close(&r);
}

T_TEST(a_part_of_an_earlier_run_is_gone_on_with)
{
	static const unsigned had[] = {1, 4096, 262144, 300000, SIZE - 1};
	struct rig r;

	for (size_t i = 0; i < N(had); i++) {
		rig_open(&r);
		have(&r, had[i], "\"one\"");
		get(&r);
		expect_got(&r);
		T_EQ(peer.nseen, 1);
		T_EQ(peer.sent, SIZE - had[i]);
		T_EQ(r.g.received, SIZE - had[i]);
		rig_close(&r);
	}
}

T_TEST(a_run_that_fails_leaves_what_came_for_the_next)
{
	off_t n = 0;
	struct rig r;

	rig_open(&r);
	get_peer_script(&peer, PEER_CUT, 300000);
	get_peer_then(&peer, PEER_STATUS, 500);
	get(&r);
	expect_not(&r, SYNC_FAILED, "500");
	T_OK(is_there(&r, CONTENT_PART, &n, NULL));
	T_EQ(n, 300000);
	T_OK(is_there(&r, CONTENT_PART_INFO, NULL, NULL));
	get_peer_script(&peer, PEER_GOOD, 0);
	get(&r);
	expect_got(&r);
	T_STR(peer.seen[0], "/file range=bytes=300000- if-range=\"one\"");
	T_EQ(peer.sent, SIZE - 300000);
	rig_close(&r);
}

T_TEST(a_part_that_is_whole_needs_no_request)
{
	struct rig r;

	rig_open(&r);
	have(&r, SIZE, "\"one\"");
	get(&r);
	expect_got(&r);
	T_EQ(peer.nseen, 0);
	rig_close(&r);
}

T_TEST(a_damaged_part_is_moved_aside_and_the_file_fetched_anew)
{
	static const size_t had[] = {300000, SIZE};
	uint8_t was = file[1000];
	off_t n = 0;
	struct rig r;

	for (size_t i = 0; i < N(had); i++) {
		rig_open(&r);
		file[1000] ^= 1;
		have(&r, had[i], "\"one\"");
		file[1000] = was;
		get(&r);
		expect_got(&r);
		T_OK(strstr(r.g.mended, "SHA-1") != NULL);
		T_OK(is_there(&r, CONTENT_PART_BAD, &n, NULL));
		T_EQ(n, SIZE);
		T_EQ(peer.nseen, had[i] == SIZE ? 1 : 2);
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
	have(&r, SIZE, "\"one\"");
	content_part_name(name, sums.sha1, CONTENT_PART);
	fd = openat(r.staging, name, O_WRONLY | O_APPEND);
	T_EQ(write(fd, "x", 1), 1);
	close(fd);
	get(&r);
	expect_got(&r);
	T_OK(is_there(&r, CONTENT_PART_BAD, &n, NULL));
	T_EQ(n, SIZE + 1);
	T_EQ(peer.sent, SIZE);
	rig_close(&r);
}

T_TEST(a_part_that_nothing_vouches_for_begins_again)
{
	static const enum get_peer_tag tags[] = {
	    PEER_WEAK, PEER_NEW, PEER_BARE};
	struct rig r;

	for (size_t i = 0; i < N(tags); i++) {
		rig_open(&r);
		peer.tag = tags[i];
		get_peer_script(&peer, PEER_CUT, 300000);
		get_peer_then(&peer, PEER_GOOD, 0);
		get(&r);
		expect_got(&r);
		T_EQ(peer.sent, SIZE + 300000);
		T_STR(r.g.mended, "");
		rig_close(&r);
	}
}

T_TEST(a_date_that_is_old_enough_vouches_too)
{
	struct rig r;

	rig_open(&r);
	peer.tag = PEER_DATED;
	get_peer_script(&peer, PEER_CUT, 300000);
	get_peer_then(&peer, PEER_GOOD, 0);
	get(&r);
	expect_got(&r);
	T_EQ(peer.sent, SIZE);
	T_STR(peer.seen[1],
	    "/file range=bytes=300000- if-range=Sat, 31 Oct 2026 12:00:00 "
	    "GMT");
	rig_close(&r);
}

T_TEST(a_part_of_another_url_is_not_asked_for_by_this_one)
{
	struct rig r;

	rig_open(&r);
	have(&r, 300000, "\"one\"");
	fresh(&r);
	add_url(&r, peer.port, "/other", -1);
	go(&r);
	expect_got(&r);
	T_STR(peer.seen[0], "/other range= if-range=");
	rig_close(&r);
}

T_TEST(the_url_that_a_part_is_of_comes_first)
{
	struct rig r;

	rig_open(&r);
	have(&r, 300000, "\"one\"");
	fresh(&r);
	add_url(&r, peer.port, "/other", -1);
	add_url(&r, peer.port, "/file", -1);
	go(&r);
	expect_got(&r);
	T_STR(peer.seen[0], "/file range=bytes=300000- if-range=\"one\"");
	T_EQ(peer.nseen, 1);
	rig_close(&r);
}

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
	    {PEER_REST_LONG, 0, "more than 3000001 bytes came"},
	    {PEER_NO_RANGE, 0, "expected a Content-Range"},
	    {PEER_BEYOND, 0, "the rest from byte 300000 was refused"},
	};
	struct rig r;

	for (size_t i = 0; i < N(rows); i++) {
		rig_open(&r);
		have(&r, 300000, "\"one\"");
		get_peer_script(&peer, rows[i].act, rows[i].arg);
		get_peer_then(&peer, PEER_GOOD, 0);
		get(&r);
		expect_got(&r);
		T_EQ(peer.nseen, 2);
		T_STR(peer.seen[1], "/file range= if-range=");
		if (strstr(r.g.mended, rows[i].why) == NULL)
			T_STR(r.g.mended, rows[i].why);
		rig_close(&r);
	}
}

T_TEST(the_whole_in_answer_to_a_range_begins_again)
{
	struct rig r;

	rig_open(&r);
	have(&r, 300000, "\"one\"");
	get_peer_script(&peer, PEER_WHOLE, 0);
	get(&r);
	expect_got(&r);
	T_EQ(peer.nseen, 1);
	T_EQ(peer.sent, SIZE);
	T_STR(r.g.mended, "");
	rig_close(&r);
}

T_TEST(a_changed_file_begins_again)
{
	struct rig r;

	rig_open(&r);
	have(&r, 300000, "\"two\"");
	get(&r);
	expect_got(&r);
	T_STR(peer.seen[0], "/file range=bytes=300000- if-range=\"two\"");
	T_EQ(peer.sent, SIZE);
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
	    {PEER_SWAPPED, SIZE - 1, "SHA-1 is", true},
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
		get_peer_script(&peer, rows[i].act, rows[i].arg);
		get(&r);
		expect_not(&r, SYNC_DAMAGED, rows[i].why);
		T_OK(strstr(r.g.why, "/file: ") != NULL);
		T_EQ(peer.nseen, 2);
		T_OK(!is_there(&r, CONTENT_PART, &n, NULL) || n == 0);
		T_EQ(is_there(&r, CONTENT_PART_BAD, &n, NULL), rows[i].bad);
		/* The second time it is right. */
		get_peer_script(&peer, rows[i].act, rows[i].arg);
		get_peer_then(&peer, PEER_GOOD, 0);
		get(&r);
		expect_got(&r);
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
	get_peer_script(&peer, PEER_CHUNKED_LONG, 0);
	get(&r);
	T_OK(is_there(&r, CONTENT_PART_BAD, &n, NULL));
	T_OK(n <= SIZE);
	rig_close(&r);
}

T_TEST(a_file_is_judged_by_both_digests)
{
	struct rig r;

	rig_open(&r);
	fresh(&r);
	r.g.sha256[31] ^= 1;
	add_url(&r, peer.port, "/file", -1);
	go(&r);
	expect_not(&r, SYNC_DAMAGED, "SHA-256 is");
	fresh(&r);
	r.g.has_sha256 = false;
	r.g.sha256[31] ^= 1;
	add_url(&r, peer.port, "/file", -1);
	go(&r);
	expect_got(&r);
	rig_close(&r);
}

T_TEST(a_file_without_a_size_has_a_limit_of_ours)
{
	static const enum get_peer_act acts[] = {PEER_GOOD, PEER_CHUNKED};
	struct rig r;

	for (size_t i = 0; i < N(acts); i++) {
		rig_open(&r);
		get_peer_script(&peer, acts[i], 0);
		fresh(&r);
		r.g.has_size = false;
		r.g.size = 0;
		add_url(&r, peer.port, "/file", -1);
		go(&r);
		expect_got(&r);
		rig_close(&r);
		rig_open(&r);
		get_peer_script(&peer, acts[i], 0);
		r.env.max_unknown = SIZE - 1;
		fresh(&r);
		r.g.has_size = false;
		add_url(&r, peer.port, "/file", -1);
		go(&r);
		expect_not(&r, SYNC_DAMAGED, "3000000");
		rig_close(&r);
	}
}

T_TEST(a_whole_part_without_a_size_is_told_so_by_416)
{
	struct rig r;

	rig_open(&r);
	have(&r, SIZE, "\"one\"");
	get_peer_script(&peer, PEER_BEYOND, 0);
	fresh(&r);
	r.g.has_size = false;
	add_url(&r, peer.port, "/file", -1);
	go(&r);
	expect_got(&r);
	T_EQ(peer.sent, 0);
	rig_close(&r);
}

T_TEST(a_status_says_why)
{
	static const struct {
		uint64_t status;
		enum sync_outcome outcome;
		const char *why;
	} rows[] = {
	    {404, SYNC_NOT_UPSTREAM, "404, it is not there"},
	    {410, SYNC_NOT_UPSTREAM, "410, it is not there"},
	    {302, SYNC_FAILED, "302, a redirect, which is not followed"},
	    {307, SYNC_FAILED, "307, a redirect, which is not followed"},
	    {401, SYNC_FAILED, "401, it asks who we are"},
	    {403, SYNC_FAILED, "status 403"},
	    {500, SYNC_FAILED, "status 500"},
	    {503, SYNC_FAILED, "503"},
	};
	struct rig r;

	for (size_t i = 0; i < N(rows); i++) {
		rig_open(&r);
		get_peer_script(&peer, PEER_STATUS, rows[i].status);
		get(&r);
		expect_not(&r, rows[i].outcome, rows[i].why);
		T_EQ(peer.nseen, rows[i].status == 503 ? 3 : 1);
		T_OK(!is_there(&r, CONTENT_PART, NULL, NULL));
		rig_close(&r);
	}
}

T_TEST(a_file_is_had_from_the_next_url)
{
	static const struct {
		enum get_peer_act act;
		uint64_t arg;
		unsigned times;
	} rows[] = {{PEER_MISSING, 0, 1}, {PEER_SWAPPED, 5, 2},
	    {PEER_SHORT, 5, 2}, {PEER_STATUS, 403, 1}};
	struct rig r;

	for (size_t i = 0; i < N(rows); i++) {
		rig_open(&r);
		get_peer_script(&peer, rows[i].act, rows[i].arg);
		if (rows[i].times == 2)
			get_peer_then(&peer, rows[i].act, rows[i].arg);
		get_peer_then(&peer, PEER_GOOD, 0);
		fresh(&r);
		add_url(&r, peer.port, "/file", -1);
		add_url(&r, peer.port, "/other", -1);
		go(&r);
		expect_got(&r);
		T_STR(peer.seen[rows[i].times], "/other range= if-range=");
		T_EQ(r.g.mended[0] != '\0', rows[i].times == 2);
		rig_close(&r);
	}
}

T_TEST(where_nobody_listens_the_file_fails_and_says_so)
{
	struct rig r;

	rig_open(&r);
	fresh(&r);
	add_url(&r, 1, "/file", -1);
	go(&r);
	expect_not(&r, SYNC_FAILED, "http://127.0.0.1:1/file: ");
	rig_close(&r);
}

T_TEST(a_server_that_never_answers_is_not_asked_for_ever)
{
	struct rig r;

	rig_open(&r);
	for (unsigned i = 0; i < GET_SILENT_MAX; i++) {
		fresh(&r);
		add_url(&r, 1, "/file", -1);
		go(&r);
	}
	fresh(&r);
	add_url(&r, peer.port, "/file", -1);
	go(&r);
	expect_not(&r, SYNC_FAILED, "not tried: nothing answered before");
	T_EQ(peer.nseen, 0);
	rig_close(&r);
}

T_TEST(the_base_that_has_one_file_is_asked_for_all)
{
	struct rig r;

	rig_open(&r);
	get_peer_script(&peer, PEER_MISSING, 0);
	get_peer_then(&peer, PEER_GOOD, 0);
	fresh(&r);
	add_url(&r, peer.port, "/file", 0);
	add_url(&r, peer.port, "/guess", 1);
	go(&r);
	expect_got(&r);
	T_EQ(peer.nseen, 2);
	get_peer_script(&peer, PEER_MISSING, 0);
	fresh(&r);
	add_url(&r, peer.port, "/file", 0);
	add_url(&r, peer.port, "/guess", 1);
	go(&r);
	T_EQ(peer.nseen, 1);
	T_STR(peer.seen[0], "/guess range= if-range=");
	rig_close(&r);
}

T_TEST(a_guessed_base_that_is_silent_is_asked_once_and_says_nothing)
{
	struct rig r;

	rig_open(&r);
	get_peer_script(&peer, PEER_MISSING, 0);
	for (int i = 0; i < 2; i++) {
		fresh(&r);
		add_url(&r, peer.port, "/file", 0);
		add_url(&r, 1, "/guess", 1);
		go(&r);
		expect_not(&r, SYNC_NOT_UPSTREAM, "/file: status 404");
		T_OK(r.g.absent);
	}
	T_EQ(r.env.bases[1], GET_BASE_DEAD);
	rig_close(&r);
}

T_TEST(a_file_that_has_its_name_already_is_hashed_in_its_place)
{
	struct err e = ERR_INIT;
	char name[CONTENT_NAME_MAX];
	uint64_t size;
	struct rig r;
	int fd;

	rig_open(&r);
	get(&r);
	expect_got(&r);
	get_peer_script(&peer, PEER_GOOD, 0);
	fresh(&r);
	r.g.held = true;
	add_url(&r, peer.port, "/file", -1);
	go(&r);
	T_EQ(r.g.outcome, SYNC_GOT);
	T_STR(r.g.st.temp, "");
	T_EQ(r.g.st.digest.bytes, SIZE);
	T_EQ(peer.nseen, 0);
	/* It has rotted: away with it, and a new one. */
	content_name(name, sums.sha1, "cab");
	T_EQ(fchmodat(r.content.dirfd, name, 0644, 0), 0);
	fd = openat(r.content.dirfd, name, O_WRONLY);
	T_EQ(pwrite(fd, "xyz", 3, 99), 3);
	close(fd);
	fresh(&r);
	r.g.held = true;
	add_url(&r, peer.port, "/file", -1);
	go(&r);
	T_EQ(content_has(&r.content, sums.sha1, "cab", &size, &e), 0);
	expect_got(&r);
	T_OK(strstr(r.g.mended, "damaged in the store") != NULL);
	rig_close(&r);
}

static void *
stop_soon(void *arg)
{
	usleep(150000);
	atomic_store((atomic_bool *)arg, true);
	return NULL;
}

static uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

T_TEST(a_stop_ends_a_stalled_download_and_keeps_what_came)
{
	uint64_t began;
	pthread_t t;
	off_t n = 0;
	struct rig r;

	rig_open(&r);
	get_peer_script(&peer, PEER_SLOW, 5000);
	began = now_ms();
	pthread_create(&t, NULL, stop_soon, &r.env.stop);
	get(&r);
	T_OK(now_ms() - began < 1500);
	pthread_join(t, NULL);
	T_EQ(r.g.job.err.kind, E_STOP);
	T_OK(is_there(&r, CONTENT_PART, &n, NULL));
	T_EQ(n, 1000);
	T_OK(is_there(&r, CONTENT_PART_INFO, NULL, NULL));
	get_env_close(&r.env);
	new_env(&r);
	get_peer_script(&peer, PEER_GOOD, 0);
	get(&r);
	expect_got(&r);
	T_STR(peer.seen[0], "/file range=bytes=1000- if-range=\"one\"");
	rig_close(&r);
}

T_TEST(a_signal_ends_it_too)
{
	struct rig r;

	rig_open(&r);
	stop_set(true);
	get(&r);
	stop_set(false);
	T_EQ(r.g.job.err.kind, E_STOP);
	rig_close(&r);
}

T_TEST(a_file_that_cannot_fit_is_not_begun)
{
	struct rig r;

	rig_open(&r);
	fresh(&r);
	r.g.size = (uint64_t)1 << 60;
	add_url(&r, peer.port, "/file", -1);
	go(&r);
	T_EQ(r.g.job.err.kind, E_SYS);
	T_EQ(r.g.job.err.sys, ENOSPC);
	T_OK(strstr(r.g.job.err.msg, "make room") != NULL);
	T_EQ(peer.nseen, 0);
	rig_close(&r);
}

static ssize_t
full_pwrite(int fd, const void *p, size_t n, off_t off)
{
	if (off >= 262144) {
		errno = ENOSPC;
		return -1;
	}
	return pwrite(fd, p, n, off);
}

T_TEST(a_disk_that_fills_up_ends_it_and_keeps_what_is_there)
{
	off_t n = 0;
	struct rig r;

	rig_open(&r);
	os.pwrite = full_pwrite;
	get(&r);
	os = os_real;
	T_EQ(r.g.job.err.kind, E_SYS);
	T_EQ(r.g.job.err.sys, ENOSPC);
	T_OK(is_there(&r, CONTENT_PART, &n, NULL));
	T_EQ(n, 262144);
	get_peer_script(&peer, PEER_GOOD, 0);
	get(&r);
	expect_got(&r);
	T_STR(peer.seen[0], "/file range=bytes=262144- if-range=\"one\"");
	rig_close(&r);
}

T_TEST(an_empty_file_needs_no_request)
{
	struct err e = ERR_INIT;
	struct digest d;
	struct rig r;

	rig_open(&r);
	T_CALL(digest_mem(DIGEST_BOTH, "", 0, &d, &e), &e);
	fresh(&r);
	memcpy(r.g.sha1, d.sha1, SHA1_LEN);
	memcpy(r.g.sha256, d.sha256, SHA256_LEN);
	r.g.size = 0;
	add_url(&r, peer.port, "/file", -1);
	go(&r);
	T_EQ(r.g.outcome, SYNC_GOT);
	T_EQ(peer.nseen, 0);
	T_CALL(content_settle(&r.content, &r.g.st, 1, &e), &e);
	rig_close(&r);
}

T_MAIN
