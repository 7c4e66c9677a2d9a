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
#include "lib/store/store.h"
#include "tests/fault/fault.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

struct job {
	char store[300], tree[300];
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
setup(void *arg)
{
	struct job *j = arg;

	snprintf(j->tree, sizeof(j->tree), "%s/tree", t_tmpdir());
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
	    strchr(x->name, '.') != NULL && x->size == strlen("payload of 11"))
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

static const struct fault_case fc = {setup, run, check, &job, 0, false, 0};

static void
make(void)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);

	make_fill(s);
	make_here(s, dir, "payload of 11", "cab");
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

T_MAIN
