/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "tests/fault/fault.h"
#include "tests/nameless.h"

#define BIG ((size_t)100000)

struct job {
	int dirfd; /* fresh for every run */
	bool old; /* a file of that name is there already */
	bool replace; /* and may be replaced */
	bool give_up; /* abort instead of commit */
	bool no_nameless; /* openat() knows no O_TMPFILE */
	int rename_answer; /* errno of renameat2(): other file systems */
	bool no_links; /* linkat() says EPERM: FAT */
	char big[BIG];
};

static struct job job;

/* Between the fault table, which counts, and the kernel. */
static int (*counted_rename)(int, const char *, int, const char *, unsigned);
static int (*counted_link)(int, const char *, int, const char *, int);

static int
no_noreplace(
    int odir, const char *from, int ndir, const char *to, unsigned flags)
{
	if (flags != 0) {
		errno = job.rename_answer;
		return -1;
	}
	return counted_rename(odir, from, ndir, to, flags);
}

static int
no_links(int odir, const char *from, int ndir, const char *to, int flags)
{
	if (job.no_links) {
		errno = EPERM;
		return -1;
	}
	return counted_link(odir, from, ndir, to, flags);
}

static void
fresh(void *arg)
{
	struct job *j = arg;
	int fd;

	if (j->dirfd > 0)
		(void)close(j->dirfd);
	j->dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	memset(j->big, 'b', sizeof(j->big));
	if (!j->old)
		return;
	fd = openat(j->dirfd, "file", O_WRONLY | O_CREAT, 0600);
	T_EQ(write(fd, "old", 3), 3);
	T_EQ(close(fd), 0);
}

/* Small writes, a block, and a mode: every call. */
static int
write_file(struct job *j, struct err *e)
{
	struct out o = OUT_INIT;
	int r = -1;

	o.replace = j->replace;
	if (out_open(&o, j->dirfd, "file", 0644, e) == -1 ||
	    out_write(&o, "head", 4, e) == -1 ||
	    out_write(&o, j->big, sizeof(j->big), e) == -1 ||
	    out_write(&o, "tail", 4, e) == -1)
		goto out;
	r = j->give_up ? 0 : out_commit(&o, e);
out:
	out_abort(&o);
	return r;
}

static int
run(void *arg)
{
	struct job *j = arg;
	struct err e = ERR_INIT;

	if (j->no_nameless)
		nameless_refuse();
	if (j->rename_answer != 0) {
		counted_rename = os.renameat2;
		counted_link = os.linkat;
		os.renameat2 = no_noreplace;
		os.linkat = no_links;
	}
	return write_file(j, &e) == -1 ? err_status(e.kind) : 0;
}

struct found {
	unsigned nnew, nold, nbad, ntemp;
};

static int
look(void *arg, const struct path_entry *p, struct err *e)
{
	struct found *f = arg;
	struct buf b = BUF_INIT;

	if (strcmp(p->name, ".file.partial") == 0) {
		f->ntemp++;
		return 0;
	}
	T_CALL(path_read(job.dirfd, p->name, BIG + 9, &b, e), e);
	if (b.len == 3 && memcmp(b.p, "old", 3) == 0)
		f->nold++;
	else if (b.len == BIG + 8 && memcmp(b.p, "head", 4) == 0 &&
	    memcmp(b.p + 4, job.big, BIG) == 0 &&
	    memcmp(b.p + 4 + BIG, "tail", 4) == 0)
		f->nnew++;
	else
		f->nbad++;
	buf_free(&b);
	return 0;
}

static struct found
found(void)
{
	struct found f = {.nnew = 0};
	struct err e = ERR_INIT;

	T_CALL(path_walk(job.dirfd, 1, look, &f, &e), &e);
	return f;
}

static void
old_new_or_absent(void *arg, const struct fault_seen *s)
{
	const struct job *j = arg;
	struct found f = found();

	T_EQ(f.nbad, 0);
	T_OK(f.nnew + f.nold <= 1);
	if (j->old)
		T_EQ(f.nnew + f.nold, 1);
	if (j->old && !j->replace)
		T_EQ(f.nold, 1);
	/* After a flush and a name, closing is no matter. */
	if (s->status == 0)
		T_OK(f.nnew == 1 && strcmp(s->call, "close") == 0);
	else
		T_OK(s->status == 4 || s->status == FAULT_KILLED);
	/* Only what has a name can be left behind. */
	T_OK(f.ntemp <= (j->no_nameless || j->replace ? 1 : 0));
}

static void
and_no_leftover(void *arg, const struct fault_seen *s)
{
	old_new_or_absent(arg, s);
	T_EQ(found().ntemp, 0);
}

static const struct fault_case lax = {
    .setup = fresh, .run = run, .check = old_new_or_absent, .arg = &job};
static const struct fault_case strict = {
    .setup = fresh, .run = run, .check = and_no_leftover, .arg = &job};

static void
every_plan(struct job j)
{
	uint64_t n;

	job = j;
	n = fault_loop(fault_fail_at(1, EIO, false), &strict);
	T_OK(n >= 8);
	T_EQ(found().nnew, 1);
	T_EQ(fault_loop(fault_fail_at(1, EIO, true), &lax), n);
	T_EQ(fault_loop(fault_kill_at(1), &lax), n);
	T_EQ(fault_loop(fault_short_at(1), &lax), n);
	T_OK(fault_loop(fault_full_at(1), &strict) >= 4);
}

T_TEST(a_new_file_is_whole_or_absent)
{
	every_plan((struct job){.old = false});
}

T_TEST(the_same_where_every_file_has_a_name)
{
	every_plan((struct job){.no_nameless = true});
}

T_TEST(a_replaced_file_is_old_or_new)
{
	every_plan((struct job){.old = true, .replace = true});
}

T_TEST(the_same_where_rename_cannot_refuse_a_taken_name)
{
	every_plan((struct job){.no_nameless = true, .rename_answer = EINVAL});
	every_plan((struct job){.no_nameless = true, .rename_answer = ENOSYS});
}

T_TEST(the_same_where_there_are_no_links_either)
{
	every_plan((struct job){
	    .no_nameless = true, .rename_answer = EINVAL, .no_links = true});
}

static void
taken(struct job j)
{
	struct fault_seen s;

	job = j;
	fresh(&job);
	T_EQ(fault_run(fault_count(), run, &job, &s), 2);
	T_EQ(found().nold, 1);
	T_EQ(found().nnew + found().nbad + found().ntemp, 0);
}

T_TEST(a_taken_name_is_kept)
{
	taken((struct job){.old = true});
	taken((struct job){
	    .old = true, .no_nameless = true, .rename_answer = EINVAL});
	taken((struct job){.old = true,
	    .no_nameless = true,
	    .rename_answer = EINVAL,
	    .no_links = true});
}

T_TEST(an_aborted_file_leaves_nothing)
{
	struct fault_seen s;

	job = (struct job){.give_up = true};
	fresh(&job);
	T_EQ(fault_run(fault_count(), run, &job, &s), 0);
	T_EQ(found().nnew + found().nold + found().nbad + found().ntemp, 0);
	job = (struct job){.give_up = true, .old = true, .replace = true};
	fresh(&job);
	T_EQ(fault_run(fault_count(), run, &job, &s), 0);
	T_EQ(found().nold, 1);
	T_EQ(found().nnew + found().nbad + found().ntemp, 0);
}

T_MAIN
