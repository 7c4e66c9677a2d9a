/* SPDX-License-Identifier: ISC */
/* The content tree keeps invariant 1 whichever call fails or is the last. */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/store/content.h"
#include "tests/fault/fault.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

#define MAX ((uint64_t)1 << 20)

/* Twelve files, two of them the same, in one settling. */
struct batch {
	int dirfd, staging;
};

static void
batch_setup(void *arg)
{
	struct batch *b = arg;

	b->dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	T_EQ(mkdirat(b->dirfd, "staging", 0755), 0);
	b->staging = openat(b->dirfd, "staging", O_RDONLY | O_DIRECTORY);
}

static int
batch_run(void *arg)
{
	struct batch *b = arg;
	struct content_staged st[12];
	struct err e = ERR_INIT;
	struct content c = CONTENT_INIT;
	char text[16];
	int fd, i, r = 4;

	if (content_clear_staging(b->dirfd, b->staging, &e) == -1 ||
	    content_open(&c, b->dirfd, b->staging, &e) == -1)
		goto out;
	for (i = 0; i < 12; i++) {
		snprintf(text, sizeof(text), "file %d", i % 11);
		snprintf(st[i].ext, sizeof(st[i].ext), "psf");
		fd = make_source(b->dirfd, "src", text);
		r = make_stage(&c, fd, -1, NULL, CONTENT_COPY, MAX, &st[i], &e);
		close(fd);
		if (r == -1) {
			r = 4;
			goto out;
		}
		make_name(&st[i], "psf");
	}
	r = content_settle(&c, st, 12, &e) == -1 ? 4 : 0;
out:
	if (r != 0)
		T_EQ(e.kind, E_SYS);
	content_close(&c);
	return r;
}

/* Invariant 1, whatever happened. */
static int
check_name(void *arg, const struct path_entry *en, struct err *e)
{
	const char *base = strrchr(en->name, '/');
	uint8_t sha1[SHA1_LEN];
	struct digest d;
	char text[64];
	ssize_t n;
	int fd;

	if (en->type != PATH_FILE || base == NULL)
		return 0;
	T_OK(content_parse(base + 1, sha1));
	fd = openat(*(int *)arg, en->name, O_RDONLY);
	n = read(fd, text, sizeof(text));
	close(fd);
	T_CALL(digest_mem(DIGEST_SHA1, text, (size_t)n, &d, e), e);
	T_MEM(sha1, d.sha1, SHA1_LEN);
	return 0;
}

static void
batch_check(void *arg, const struct fault_seen *seen)
{
	struct batch *b = arg;
	struct err e = ERR_INIT;
	int tree;

	(void)seen;
	if (faccessat(b->dirfd, "WsusContent", F_OK, 0) == 0) {
		tree = openat(b->dirfd, "WsusContent", O_RDONLY);
		T_CALL(path_walk(tree, 8, check_name, &tree, &e), &e);
		close(tree);
	}
	T_EQ(batch_run(b), 0);
	T_EQ(make_files_in(b->staging), 0);
	T_EQ(make_files_in(b->dirfd), 11 + 1 + 1); /* check file, source */
	close(b->staging);
	close(b->dirfd);
}

T_TEST(every_name_keeps_its_promise_whichever_call_fails_or_is_the_last)
{
	struct batch b;
	const struct fault_case c = {.setup = batch_setup,
	    .run = batch_run,
	    .check = batch_check,
	    .arg = &b};

	T_OK(fault_loop(fault_fail_at(1, EIO, false), &c) > 60);
	T_OK(fault_loop(fault_fail_at(1, ENOSPC, true), &c) > 60);
	T_OK(fault_loop(fault_kill_at(1), &c) > 60);
}

T_MAIN
