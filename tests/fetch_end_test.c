/* SPDX-License-Identifier: ISC */
/* One download: from elsewhere, or to an end before its end. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "lib/base/stop.h"
#include "tests/get_rig.h"
#include "tests/t.h"

T_TEST(a_status_says_why)
{
	static const struct {
		uint64_t status;
		enum sync_outcome outcome;
		const char *why;
	} rows[] = {
	    {404, SYNC_NOT_UPSTREAM, "404, it is not there"},
	    {410, SYNC_NOT_UPSTREAM, "410, it is not there"},
	    {302, SYNC_FAILED, "302, a redirect to "},
	    {307, SYNC_FAILED, "307, a redirect to "},
	    {401, SYNC_FAILED, "401, it asks who we are"},
	    {403, SYNC_FAILED, "status 403"},
	    {500, SYNC_FAILED, "status 500"},
	    {503, SYNC_FAILED, "503"},
	};
	struct rig r;

	for (size_t i = 0; i < N(rows); i++) {
		rig_open(&r);
		get_peer_script(&rig_peer, PEER_STATUS, rows[i].status);
		rig_get(&r);
		rig_expect_not(&r, rows[i].outcome, rows[i].why);
		T_EQ(rig_peer.nseen, rows[i].status == 503 ? 3 : 1);
		T_OK(!rig_has(&r, CONTENT_PART, NULL, NULL));
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
		get_peer_script(&rig_peer, rows[i].act, rows[i].arg);
		if (rows[i].times == 2)
			get_peer_then(&rig_peer, rows[i].act, rows[i].arg);
		get_peer_then(&rig_peer, PEER_GOOD, 0);
		rig_fresh(&r);
		rig_url(&r, rig_peer.port, "/file", -1);
		rig_url(&r, rig_peer.port, "/other", -1);
		rig_go(&r);
		rig_expect_got(&r);
		T_STR(rig_peer.seen[rows[i].times], "/other range= if-range=");
		T_EQ(r.g.mended[0] != '\0', rows[i].times == 2);
		rig_close(&r);
	}
}

T_TEST(where_nobody_listens_the_file_fails_and_says_so)
{
	struct rig r;

	rig_open(&r);
	rig_fresh(&r);
	rig_url(&r, 1, "/file", -1);
	rig_go(&r);
	rig_expect_not(&r, SYNC_FAILED, "http://127.0.0.1:1/file: ");
	rig_close(&r);
}

T_TEST(a_server_that_never_answers_is_not_asked_for_ever)
{
	struct rig r;

	rig_open(&r);
	for (unsigned i = 0; i < GET_SILENT_MAX; i++) {
		rig_fresh(&r);
		rig_url(&r, 1, "/file", -1);
		rig_go(&r);
	}
	rig_fresh(&r);
	rig_url(&r, rig_peer.port, "/file", -1);
	rig_go(&r);
	rig_expect_not(&r, SYNC_FAILED, "not tried: nothing answered before");
	T_EQ(rig_peer.nseen, 0);
	rig_close(&r);
}

T_TEST(the_base_that_has_one_file_is_asked_for_all)
{
	struct rig r;

	rig_open(&r);
	get_peer_script(&rig_peer, PEER_MISSING, 0);
	get_peer_then(&rig_peer, PEER_GOOD, 0);
	rig_fresh(&r);
	rig_url(&r, rig_peer.port, "/file", 0);
	rig_url(&r, rig_peer.port, "/guess", 1);
	rig_go(&r);
	rig_expect_got(&r);
	T_EQ(rig_peer.nseen, 2);
	get_peer_script(&rig_peer, PEER_MISSING, 0);
	rig_fresh(&r);
	rig_url(&r, rig_peer.port, "/file", 0);
	rig_url(&r, rig_peer.port, "/guess", 1);
	rig_go(&r);
	T_EQ(rig_peer.nseen, 1);
	T_STR(rig_peer.seen[0], "/guess range= if-range=");
	rig_close(&r);
}

T_TEST(a_guessed_base_that_is_silent_is_asked_once_and_says_nothing)
{
	struct rig r;

	rig_open(&r);
	get_peer_script(&rig_peer, PEER_MISSING, 0);
	for (int i = 0; i < 2; i++) {
		rig_fresh(&r);
		rig_url(&r, rig_peer.port, "/file", 0);
		rig_url(&r, 1, "/guess", 1);
		rig_go(&r);
		rig_expect_not(&r, SYNC_NOT_UPSTREAM, "/file: status 404");
		T_OK(r.g.absent);
	}
	T_EQ(r.env.bases[1], GET_BASE_DEAD);
	rig_close(&r);
}

static void
get_held(struct rig *r)
{
	rig_fresh(r);
	r->g.held = true;
	rig_url(r, rig_peer.port, "/file", -1);
	rig_go(r);
}

static bool
is_byte(struct rig *r, const char *name, off_t at, uint8_t want)
{
	int fd = openat(r->content.dirfd, name, O_RDONLY);
	uint8_t is = (uint8_t)~want;

	T_EQ(pread(fd, &is, 1, at), 1);
	close(fd);
	return is == want;
}

T_TEST(a_file_that_has_its_name_already_is_hashed_in_its_place)
{
	struct err e = ERR_INIT;
	char name[CONTENT_NAME_MAX];
	uint64_t size;
	struct rig r;
	int fd;

	rig_open(&r);
	rig_get(&r);
	rig_expect_got(&r);
	get_peer_script(&rig_peer, PEER_GOOD, 0);
	get_held(&r);
	T_EQ(r.g.outcome, SYNC_GOT);
	T_STR(r.g.st.temp, "");
	T_EQ(r.g.st.digest.bytes, RIG_SIZE);
	T_EQ(rig_peer.nseen, 0);
	/* It has rotted: it stays until a new one takes its name. */
	content_name(name, rig_sums.sha1, "cab");
	T_EQ(fchmodat(r.content.dirfd, name, 0644, 0), 0);
	fd = openat(r.content.dirfd, name, O_WRONLY);
	T_EQ(pwrite(fd, "xyz", 3, 99), 3);
	close(fd);
	get_peer_script(&rig_peer, PEER_MISSING, 0);
	get_held(&r);
	T_EQ(r.g.outcome, SYNC_NOT_UPSTREAM);
	T_OK(is_byte(&r, name, 99, 'x'));
	get_peer_script(&rig_peer, PEER_GOOD, 0);
	get_held(&r);
	T_EQ(content_has(&r.content, rig_sums.sha1, "cab", &size, &e), 1);
	T_OK(strstr(r.g.mended, "damaged in the store") != NULL);
	rig_expect_got(&r);
	T_OK(is_byte(&r, name, 99, rig_file[99]));
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
	get_peer_script(&rig_peer, PEER_SLOW, 5000);
	began = now_ms();
	pthread_create(&t, NULL, stop_soon, &r.env.stop);
	rig_get(&r);
	T_OK(now_ms() - began < 1500);
	pthread_join(t, NULL);
	T_EQ(r.g.job.err.kind, E_STOP);
	T_OK(rig_has(&r, CONTENT_PART, &n, NULL));
	T_EQ(n, 1000);
	T_OK(rig_has(&r, CONTENT_PART_INFO, NULL, NULL));
	get_env_close(&r.env);
	rig_env(&r);
	get_peer_script(&rig_peer, PEER_GOOD, 0);
	rig_get(&r);
	rig_expect_got(&r);
	T_STR(rig_peer.seen[0], "/file range=bytes=1000- if-range=\"one\"");
	rig_close(&r);
}

T_TEST(a_signal_ends_it_too)
{
	struct rig r;

	rig_open(&r);
	stop_set(true);
	rig_get(&r);
	stop_set(false);
	T_EQ(r.g.job.err.kind, E_STOP);
	rig_close(&r);
}

T_TEST(a_file_that_cannot_fit_is_not_begun)
{
	struct rig r;

	rig_open(&r);
	rig_fresh(&r);
	r.g.size = (uint64_t)1 << 60;
	rig_url(&r, rig_peer.port, "/file", -1);
	rig_go(&r);
	T_EQ(r.g.job.err.kind, E_SYS);
	T_EQ(r.g.job.err.sys, ENOSPC);
	T_OK(strstr(r.g.job.err.msg, "make room") != NULL);
	T_EQ(rig_peer.nseen, 0);
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
	rig_get(&r);
	os = os_real;
	T_EQ(r.g.job.err.kind, E_SYS);
	T_EQ(r.g.job.err.sys, ENOSPC);
	T_OK(rig_has(&r, CONTENT_PART, &n, NULL));
	T_EQ(n, 262144);
	get_peer_script(&rig_peer, PEER_GOOD, 0);
	rig_get(&r);
	rig_expect_got(&r);
	T_STR(rig_peer.seen[0], "/file range=bytes=262144- if-range=\"one\"");
	rig_close(&r);
}

T_TEST(an_empty_file_needs_no_request)
{
	struct err e = ERR_INIT;
	struct digest d;
	struct rig r;

	rig_open(&r);
	T_CALL(digest_mem(DIGEST_BOTH, "", 0, &d, &e), &e);
	rig_fresh(&r);
	memcpy(r.g.sha1, d.sha1, SHA1_LEN);
	memcpy(r.g.sha256, d.sha256, SHA256_LEN);
	r.g.size = 0;
	rig_url(&r, rig_peer.port, "/file", -1);
	rig_go(&r);
	T_EQ(r.g.outcome, SYNC_GOT);
	T_EQ(rig_peer.nseen, 0);
	T_CALL(content_settle(&r.content, &r.g.st, 1, &e), &e);
	rig_close(&r);
}

T_MAIN
