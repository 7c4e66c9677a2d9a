/* SPDX-License-Identifier: ISC */
/*
 * An upstream whose bundles lead on without end: a run goes after so many and
 * ends, with nothing of it to be seen and nothing of it lost.
 */
#include "tests/t.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch.h"
#include "lib/store/sync.h"
#include "tests/fault/disk.h"
#include "tests/fault/house.h"
#include "tests/fault/peer.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

#define MOST 8
#define DEEP 20 /* what the upstream has when it comes to its senses */

struct place {
	const char *base; /* of the upstream */
	char store[HOUSE_PATH], log[HOUSE_PATH], modes[HOUSE_PATH];
};

static void
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	T_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	T_EQ(close(fd), 0);
}

static int
run(const struct place *p, struct err *e)
{
	struct log log = LOG_INIT;
	const struct fetch_opts o = {.store = p->store,
	    .upstream = p->base,
	    .account = "down.example.org",
	    .tries = 1,
	    .retry_wait_ms = 1,
	    .follow_max = MOST,
	    .full = true,
	    .jobs = 1,
	    .log = &log};
	int r;

	log.prog = "fetch";
	house_hush();
	r = fetch_run(&o, e);
	log_close(&log);
	house_speak();
	return r;
}

/* What can be seen: the dump without what is unfinished. */
static char *
seen(const struct place *p)
{
	char *dump = house_dump(p->store), *from, *end;

	if ((from = strstr(dump, "\nunfinished ")) != NULL &&
	    (end = strchr(from + 1, '\n')) != NULL)
		memmove(from, end, strlen(end) + 1);
	return dump;
}

static uint64_t
waiting(const struct place *p)
{
	struct sync_counts n = {.inbox = 0};
	struct err e = ERR_INIT;
	struct store *s = NULL;

	T_CALL(store_open(&s, p->store, STORE_READ, NULL, &e), &e);
	T_CALL(sync_counts(s, 1, &n, &e), &e);
	store_close(s);
	return n.inbox;
}

static uint64_t
revisions(const struct place *p)
{
	struct store_counts n = {.revisions = 0};
	struct err e = ERR_INIT;
	struct store *s = NULL;

	T_CALL(store_open(&s, p->store, STORE_READ, NULL, &e), &e);
	T_CALL(store_counts(s, &n, &e), &e);
	store_close(s);
	return n.revisions;
}

static void
place_make(struct place *p)
{
	struct err e = ERR_INIT;

	house_make();
	snprintf(p->store, HOUSE_PATH, "%.300s/store", house.dir);
	snprintf(p->log, HOUSE_PATH, "%.300s/up.log", house.dir);
	snprintf(p->modes, HOUSE_PATH, "%.300s/up.modes", house.dir);
	write_text(p->log, "");
	write_text(p->modes, "");
	if ((p->base = peer_start(house.one, p->modes, p->log)) == NULL)
		t_skip("the upstream of the tests is not built");
	T_CALL(run(p, &e), &e);
}

T_TEST(a_run_ends_and_the_next_goes_on)
{
	struct err e = ERR_INIT;
	char modes[32], *before, *after;
	struct place p;
	uint64_t base, had = 0;

	place_make(&p);
	before = seen(&p);
	base = revisions(&p);
	write_text(p.modes, "* nest 100000\n");
	for (unsigned i = 0; i < 2; i++) {
		T_FAILS(run(&p, &e), &e, E_LIMIT, "no list names");
		after = seen(&p);
		disk_same("what is seen", after, before);
		free(after);
		T_OK(waiting(&p) > had);
		T_OK(waiting(&p) <= had + MOST);
		had = waiting(&p);
		T_EQ(house_verify(p.store), 10); /* payload lacks */
	}
	snprintf(modes, sizeof(modes), "* nest %d\n", DEEP);
	write_text(p.modes, modes);
	T_CALL(run(&p, &e), &e);
	T_EQ(revisions(&p), base + DEEP);
	T_EQ(house_verify(p.store), 10); /* payload lacks */
	free(before);
}

T_MAIN
