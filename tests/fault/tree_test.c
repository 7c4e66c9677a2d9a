/* SPDX-License-Identifier: ISC */
/* Every call of writing a tree fails, or is the last: what stands there has the
   bytes that its name says, and the next run ends it. */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/export/export.h"
#include "lib/store/content.h"
#include "lib/store/store.h"
#include "tests/fault/fault.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

#define PAYLOAD "payload of 11"
#define OTHER "PAYLOAD OF 11" /* of the same size */

struct job {
	char store[300], tree[300];
	char payload[400], own[400]; /* in the tree, in the store */
};
static struct job job;

static int
run(void *arg)
{
	struct job *j = arg;
	struct log log = LOG_INIT;
	struct export_opts o = {
	    .store = j->store, .tree = j->tree, .log = &log};
	struct err e = ERR_INIT;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)dup2(null, STDERR_FILENO);
	log.quiet = true;
	return export_run(&o, &e) == -1 ? err_status(e.kind) : 0;
}

static void
put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	T_OK(
	    fd != -1 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fd);
}

static const char *
foreign(const struct job *j)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/Content/mine.txt", j->tree);
	return path;
}

static void
setup(void *arg)
{
	struct job *j = arg;

	snprintf(j->tree, sizeof(j->tree), "%s/tree", t_tmpdir());
}

/* The same run before, and then somebody was there. */
static void
setup_spoilt(void *arg)
{
	struct job *j = arg;
	struct fault_seen f;
	char name[CONTENT_NAME_MAX];
	struct err e = ERR_INIT;
	struct digest d;

	setup(arg);
	T_EQ(fault_run(fault_count(), run, j, &f), 0);
	T_CALL(digest_mem(DIGEST_SHA1, PAYLOAD, strlen(PAYLOAD), &d, &e), &e);
	content_name(name, d.sha1, "cab");
	snprintf(
	    j->payload, sizeof(j->payload), "%s/Content/%s", j->tree, name);
	snprintf(
	    j->own, sizeof(j->own), "%s/" CONTENT_DIR "/%s", j->store, name);
	T_EQ(unlink(j->payload), 0);
	put_text(j->payload, OTHER);
	put_text(foreign(j), "mine");
}

static void
is_text(const char *path, const char *text)
{
	char b[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	T_OK(fd != -1 && read(fd, b, sizeof(b) - 1) == (ssize_t)strlen(text));
	T_STR(b, text);
	(void)close(fd);
}

struct seen {
	unsigned payload;
	bool index;
};

static int
see(void *arg, const struct path_entry *x, struct err *e)
{
	struct seen *s = arg;

	(void)e;
	if (x->type != PATH_FILE)
		return 0;
	if (strncmp(x->name, "Content/", 8) == 0 &&
	    strchr(x->name, '.') != NULL && x->size == strlen(PAYLOAD))
		s->payload++;
	if (strcmp(x->name, "index.html") == 0)
		s->index = x->size > 1000;
	return 0;
}

static void
look(const char *tree, struct seen *s)
{
	struct err e = ERR_INIT;
	int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*s = (struct seen){.payload = 0};
	if (fd == -1)
		return;
	T_CALL(path_walk(fd, 8, see, s, &e), &e);
	(void)close(fd);
}

static void
check(void *arg, const struct fault_seen *f)
{
	struct job *j = arg;
	struct fault_seen again;
	struct seen s;

	look(j->tree, &s);
	/* The first page stands only where all that it leads to does. */
	if (s.index)
		T_EQ(s.payload, 1);
	if (f->status == 0)
		T_OK(s.index);
	T_EQ(fault_run(fault_count(), run, j, &again), 0);
	look(j->tree, &s);
	T_OK(s.index && s.payload == 1);
}

/* Payload stands there at every moment, the other's or ours; what is not ours
   stays; and the store's own file is what it was. */
static void
check_spoilt(void *arg, const struct fault_seen *f)
{
	struct job *j = arg;
	struct fault_seen again;
	char b[64] = "";
	int fd = open(j->payload, O_RDONLY | O_CLOEXEC);

	T_OK(fd != -1 && read(fd, b, sizeof(b) - 1) == (ssize_t)strlen(OTHER));
	(void)close(fd);
	T_OK(strcmp(b, PAYLOAD) == 0 ||
	    (f->status != 0 && strcmp(b, OTHER) == 0));
	T_EQ(fault_run(fault_count(), run, j, &again), 0);
	is_text(j->payload, PAYLOAD);
	is_text(foreign(j), "mine");
	is_text(job.own, PAYLOAD);
}

static const struct fault_case spoilt = {
    setup_spoilt, run, check_spoilt, &job, 0, false, 0};
static const struct fault_case fc = {setup, run, check, &job, 0, false, 0};

static void
make(void)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);

	make_fill(s);
	make_here(s, dir, PAYLOAD, "cab");
	make_commit(s);
	store_close(s);
	snprintf(job.store, sizeof(job.store), "%s", dir);
}

T_TEST(any_call_may_fail)
{
	make();
	T_OK(fault_loop(fault_fail_at(1, EIO, false), &fc) > 20);
}

T_TEST(it_may_be_killed_at_any_call)
{
	make();
	T_OK(fault_loop(fault_kill_at(1), &fc) > 20);
}

T_TEST(the_disk_may_be_full)
{
	make();
	T_OK(fault_loop(fault_full_at(1), &fc) > 10);
}

T_TEST(so_it_is_where_another_stood_there)
{
	make();
	T_OK(fault_loop(fault_fail_at(1, EIO, false), &spoilt) > 20);
	T_OK(fault_loop(fault_kill_at(1), &spoilt) > 20);
	T_OK(fault_loop(fault_full_at(1), &spoilt) > 10);
}

T_MAIN
