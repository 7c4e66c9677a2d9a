/* SPDX-License-Identifier: ISC */
/* The payload that a policy wants, from a server of this process. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/stop.h"
#include "lib/fetch/fetch.h"
#include "lib/store/content.h"
#include "lib/store/store.h"
#include "lib/store/sync.h"
#include "tests/choose_make.h"
#include "tests/get_peer.h"
#include "tests/store_make.h"
#include "tests/t.h"

#define NFILES 5

static struct get_peer peer;
static char bytes[NFILES][3000];
static struct digest sums[NFILES];
static char hex[NFILES][2 * SHA1_LEN + 1];
static int missing = -1; /* file for which 404 is said */

struct site {
	char dir[256], store[300], policy[300], base[64];
	struct log log;
	struct fetch_opts o;
	char said[8192]; /* what the last run put out on stdout */
};

static const uint8_t *
find(const char *path, size_t *size)
{
	for (int i = 0; i < NFILES; i++)
		if (i != missing && strstr(path, hex[i]) != NULL) {
			*size = strlen(bytes[i]);
			return (const uint8_t *)bytes[i];
		}
	return NULL;
}

static void
make_payload(void)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < NFILES; i++) {
		memset(bytes[i], (int)('a' + i), 500 * (i + 1));
		bytes[i][500 * (i + 1)] = '\0';
		T_CALL(digest_mem(DIGEST_BOTH, bytes[i], strlen(bytes[i]),
			   &sums[i], &e),
		    &e);
		hex_upper(hex[i], sums[i].sha1, SHA1_LEN);
	}
	get_peer_open(&peer, NULL, 0);
	peer.find = find;
}

static void
write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

static void
fill(struct store *s)
{
	struct make m;

	for (unsigned i = 0; i < NFILES; i++) {
		choose_offer(
		    &m, CM_FIRST + i, "an update", CM_WIN10, CM_SECURITY);
		make_file(&m, bytes[i], i == 0 ? "a.exe" : "b.cab");
		if (i == 1)
			m.files[0].has_sha256 = false;
		make_put_ok(s, &m);
	}
	make_commit(s);
	store_close(s);
}

static void
site_open(struct site *t)
{
	if (peer.port == 0)
		make_payload();
	missing = -1;
	get_peer_script(&peer, PEER_GOOD, 0);
	memset(t, 0, sizeof(*t));
	snprintf(t->dir, sizeof(t->dir), "%s", t_tmpdir());
	snprintf(t->store, sizeof(t->store), "%s/store", t->dir);
	snprintf(t->policy, sizeof(t->policy), "%s/policy", t->dir);
	snprintf(t->base, sizeof(t->base), "http://127.0.0.1:%u", peer.port);
	T_EQ(mkdir(t->store, 0755), 0);
	write_text(t->policy, "# everything\n");
	fill(choose_store_in(t->store));
	t->log = (struct log)LOG_INIT;
	t->log.prog = "fetch_payload_test";
	t->o = (struct fetch_opts){.store = t->store,
	    .upstream = t->base,
	    .policy = t->policy,
	    .account = "here.example.org",
	    .proxy = "",
	    .content_only = true,
	    .tries = 2,
	    .retry_wait_ms = 1,
	    .connect_s = 2,
	    .log = &t->log};
}

/* What fetch_run() says on stdout is kept. */
static int
go(struct site *t, struct err *e)
{
	int saved = dup(STDOUT_FILENO), fd, r;
	ssize_t n;

	fd = open(make_path(t->dir, "said"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	t->log.worst = 0;
	t->log.findings = 0;
	get_peer_script(&peer, peer.script[0].act, peer.script[0].arg);
	r = fetch_run(&t->o, e);
	log_end(&t->log);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	n = pread(fd, t->said, sizeof(t->said) - 1, 0);
	t->said[n > 0 ? n : 0] = '\0';
	close(fd);
	return r;
}

static struct store *
look(struct site *t)
{
	struct err e = ERR_INIT;
	struct store *s = NULL;

	T_CALL(store_open(&s, t->store, STORE_READ, NULL, &e), &e);
	return s;
}

/* The rows say present of exactly these; so does the tree. */
static void
expect_present(struct site *t, const char *want)
{
	struct store *s = look(t);
	struct content c = CONTENT_INIT;
	char rows[NFILES + 1] = "", tree[NFILES + 1] = "";
	struct err e = ERR_INIT;
	struct store_file f;
	uint64_t size;

	T_CALL(content_open(&c, store_dirfd(s), -1, &e), &e);
	for (int i = 0; i < NFILES; i++) {
		T_EQ(store_file(s, sums[i].sha1, &f, &e), 1);
		rows[i] = f.present ? 'y' : '-';
		size = 0;
		tree[i] = content_has(&c, sums[i].sha1, f.ext, &size, &e) == 1
		    ? 'y'
		    : '-';
		if (tree[i] == 'y')
			T_EQ(size, strlen(bytes[i]));
	}
	T_STR(rows, want);
	T_STR(tree, want);
	content_close(&c);
	store_close(s);
}

static int
note_outcome(void *arg, const struct sync_file *f, struct err *e)
{
	char *text = arg;

	(void)e;
	for (int i = 0; i < NFILES; i++)
		if (memcmp(f->sha1, sums[i].sha1, SHA1_LEN) == 0)
			text[i] = (char)('0' + (int)f->outcome);
	return 0;
}

static void
expect_outcomes(struct site *t, const char *want)
{
	char text[NFILES + 1] = "-----";
	struct err e = ERR_INIT;
	struct store *s = look(t);

	T_CALL(sync_each_file(s, note_outcome, text, &e), &e);
	T_STR(text, want);
	store_close(s);
}

/* How many files lie in staging. */
static unsigned
staged(struct site *t)
{
	char path[320];
	unsigned n;
	int fd;

	snprintf(path, sizeof(path), "%s/staging", t->store);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	n = make_files_in(fd);
	close(fd);
	return n;
}

T_TEST(what_is_wanted_comes_and_then_its_rows)
{
	struct err e = ERR_INIT;
	struct site t;

	site_open(&t);
	T_CALL(go(&t, &e), &e);
	T_EQ(t.log.worst, 0);
	expect_present(&t, "yyyyy");
	expect_outcomes(&t, "11111");
	T_EQ(peer.nseen, NFILES);
	T_EQ(staged(&t), 0);
	/* And nothing is left to do. */
	T_CALL(go(&t, &e), &e);
	T_EQ(peer.nseen, 0);
}

T_TEST(a_dry_run_lists_what_is_missing_and_changes_nothing)
{
	struct err e = ERR_INIT;
	char want[640];
	struct site t;

	site_open(&t);
	t.o.dry_run = true;
	T_CALL(go(&t, &e), &e);
	for (int i = 0; i < NFILES; i++) {
		char low[2 * SHA1_LEN + 1];

		hex_lower(low, sums[i].sha1, SHA1_LEN);
		snprintf(want, sizeof(want),
		    "%s/%s.%s %zu %s %s/Content/%s/%s.%s\n", hex[i] + 38,
		    hex[i], i == 0 ? "exe" : "cab", strlen(bytes[i]), low,
		    t.base, hex[i] + 38, hex[i], i == 0 ? "exe" : "cab");
		if (strstr(t.said, want) == NULL)
			T_STR(t.said, want);
	}
	T_EQ(peer.nseen, 0);
	expect_present(&t, "-----");
	expect_outcomes(&t, "-----");
}

T_TEST(what_cannot_be_had_is_told_and_the_rest_is_there)
{
	struct err e = ERR_INIT;
	struct site t;

	site_open(&t);
	missing = 2;
	T_CALL(go(&t, &e), &e);
	T_EQ(t.log.worst, 10);
	T_EQ(t.log.findings, 1);
	T_OK(strstr(t.said, hex[2]) != NULL);
	T_OK(strstr(t.said, "status 404") != NULL);
	expect_present(&t, "yy-yy");
	expect_outcomes(&t, "11211");
	missing = -1;
	T_CALL(go(&t, &e), &e);
	T_EQ(t.log.worst, 0);
	T_EQ(peer.nseen, 1);
	expect_present(&t, "yyyyy");
	expect_outcomes(&t, "11111");
}

T_TEST(damage_never_gets_a_name)
{
	struct err e = ERR_INIT;
	struct site t;

	site_open(&t);
	get_peer_script(&peer, PEER_SWAPPED, 7);
	T_CALL(go(&t, &e), &e);
	T_EQ(t.log.worst, 10);
	T_EQ(t.log.findings, NFILES);
	expect_present(&t, "-----");
	expect_outcomes(&t, "33333");
	T_EQ(staged(&t), NFILES); /* aside, for a look */
	get_peer_script(&peer, PEER_GOOD, 0);
	T_CALL(go(&t, &e), &e);
	expect_present(&t, "yyyyy");
	T_EQ(staged(&t), 0);
}

T_TEST(nobody_who_has_it_is_a_finding_of_its_own)
{
	struct err e = ERR_INIT;
	struct site t;

	site_open(&t);
	t.o.upstream = "http://127.0.0.1:1";
	t.o.content_base = "http://127.0.0.1:1";
	T_CALL(go(&t, &e), &e);
	T_EQ(t.log.worst, 10);
	expect_outcomes(&t, "44444");
}

static void *
stop_soon(void *arg)
{
	(void)arg;
	usleep(200000);
	stop_set(true);
	return NULL;
}

T_TEST(a_stop_ends_it_soon_and_the_next_run_goes_on)
{
	struct err e = ERR_INIT;
	pthread_t id;
	struct site t;

	site_open(&t);
	get_peer_script(&peer, PEER_SLOW, 5000);
	pthread_create(&id, NULL, stop_soon, NULL);
	T_FAILS(go(&t, &e), &e, E_STOP, "");
	pthread_join(id, NULL);
	stop_set(false);
	expect_present(&t, "yy---"); /* which ended before they stalled */
	T_EQ(staged(&t), 6); /* parts, and what they are of */
	get_peer_script(&peer, PEER_GOOD, 0);
	T_CALL(go(&t, &e), &e);
	expect_present(&t, "yyyyy");
	T_OK(strstr(peer.seen[0], "range=bytes=1000-") != NULL);
	T_EQ(staged(&t), 0);
}

T_TEST(what_was_removed_from_the_tree_is_fetched_again)
{
	struct err e = ERR_INIT;
	char path[512];
	struct site t;

	site_open(&t);
	T_CALL(go(&t, &e), &e);
	snprintf(path, sizeof(path), "%s/WsusContent/%s/%s.cab", t.store,
	    hex[3] + 38, hex[3]);
	T_EQ(unlink(path), 0);
	T_CALL(go(&t, &e), &e);
	T_EQ(peer.nseen, 1);
	expect_present(&t, "yyyyy");
	/* So is one that became shorter. */
	T_EQ(chmod(path, 0644), 0);
	T_EQ(truncate(path, 10), 0);
	T_CALL(go(&t, &e), &e);
	T_EQ(peer.nseen, 1);
	expect_present(&t, "yyyyy");
}

T_TEST(what_nobody_wants_any_more_leaves_staging)
{
	struct err e = ERR_INIT;
	char path[512];
	struct site t;

	site_open(&t);
	T_CALL(go(&t, &e), &e);
	snprintf(path, sizeof(path), "%s/staging/%040d.part", t.store, 0);
	write_text(path, "half of something");
	T_CALL(go(&t, &e), &e);
	T_EQ(staged(&t), 0);
}

T_TEST(where_it_cannot_fit_nothing_is_begun)
{
	struct err e = ERR_INIT;
	struct store *s;
	struct make m;
	struct site t;

	site_open(&t);
	T_CALL(store_open(&s, t.store, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	choose_offer(&m, CM_FIRST + 50, "huge", CM_WIN10, CM_SECURITY);
	make_file(&m, "x", "h.esd")->size = (uint64_t)1 << 60;
	make_put_ok(s, &m);
	make_commit(s);
	store_close(s);
	T_FAILS(go(&t, &e), &e, E_SYS, "make room");
	T_EQ(peer.nseen, 0);
	expect_present(&t, "-----");
	/* Unless it is not wanted. */
	write_text(t.policy, "title-exclude = huge\n");
	T_CALL(go(&t, &e), &e);
	expect_present(&t, "yyyyy");
}

/* As some file systems in user space do. */
static int
no_blocks(int fd, struct statvfs *fs)
{
	(void)fd;
	memset(fs, 0, sizeof(*fs));
	return 0;
}

static int
full(int fd, struct statvfs *fs)
{
	(void)fd;
	*fs = (struct statvfs){.f_frsize = 4096, .f_blocks = 100000};
	return 0;
}

T_TEST(who_does_not_say_how_much_is_free_is_not_full)
{
	struct err e = ERR_INIT;
	struct site t;

	site_open(&t);
	os.fstatvfs = full;
	T_FAILS(go(&t, &e), &e, E_SYS, "but only 0 bytes are");
	T_EQ(peer.nseen, 0);
	os.fstatvfs = no_blocks;
	T_CALL(go(&t, &e), &e);
	os = os_real;
	expect_present(&t, "yyyyy");
}

/* Of another size than it came with, a file is none that is here. */
T_TEST(what_is_damaged_needs_room_for_all_of_it)
{
	struct err e = ERR_INIT;
	char path[400];
	struct site t;

	site_open(&t);
	T_CALL(go(&t, &e), &e);
	snprintf(path, sizeof(path), "%s/WsusContent/%s/%s.cab", t.store,
	    hex[4] + 38, hex[4]);
	T_EQ(chmod(path, 0644) | truncate(path, 2499), 0);
	t.o.dry_run = t.log.json = true;
	T_CALL(go(&t, &e), &e);
	T_OK(strstr(t.said, "\"bytes\":2500,\"here\":0,") != NULL);
	t.o.dry_run = t.log.json = false;
	os.fstatvfs = full;
	T_FAILS(go(&t, &e), &e, E_SYS, "the payload needs 2.4 KiB more");
	os = os_real;
	T_CALL(go(&t, &e), &e);
	expect_present(&t, "yyyyy");
}

T_TEST(sizes_without_measure_are_not_taken_for_small)
{
	struct err e = ERR_INIT;
	struct store *s;
	struct make m;
	struct site t;

	site_open(&t);
	T_CALL(store_open(&s, t.store, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	choose_offer(&m, CM_FIRST + 50, "huge", CM_WIN10, CM_SECURITY);
	make_file(&m, "x", "h.esd")->size = INT64_MAX;
	make_file(&m, "y", "i.esd")->size = INT64_MAX;
	make_put_ok(s, &m);
	make_commit(s);
	store_close(s);
	T_FAILS(go(&t, &e), &e, E_SYS, "the payload needs 16.0 EiB more");
	T_FAILS(go(&t, &e), &e, E_SYS, ".esd alone is said to have 8.0 EiB");
	T_EQ(peer.nseen, 0);
}

T_TEST(many_downloads_at_a_time_end_the_same)
{
	struct err e = ERR_INIT;
	struct site t;

	for (unsigned n = 1; n <= 64; n *= 8) {
		site_open(&t);
		t.o.downloads = n;
		T_CALL(go(&t, &e), &e);
		expect_present(&t, "yyyyy");
	}
}

T_MAIN
