/* SPDX-License-Identifier: ISC */
#include "lib/store/payload.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/stop.h"
#include "tests/store_make.h"
#include "tests/t.h"

#define N 40

/* A folder of files "f00" ..., the n-th with n bytes, and what is said. */
struct place {
	int dir, to;
	const struct content *content; /* NULL: nothing is staged */
	unsigned fails_at; /* done() fails when so many are good */
	struct payload_item items[N];
	char names[N][8];
	uint64_t last; /* size of the item before */
	unsigned good, bad, unsorted;
	struct err fault; /* the last one */
	const char *faulty; /* its name */
};

static int
done(void *arg, const struct payload_item *it, const struct digest *d,
    struct content_staged *st, struct err *fault, struct err *e)
{
	struct place *p = arg;

	T_OK((st == NULL) == (p->content == NULL || fault->kind != E_NONE));
	if (st != NULL)
		content_drop(p->content, st);
	if (it->size > p->last)
		p->unsorted++;
	p->last = it->size;
	if (fault->kind == E_NONE) {
		T_EQ(d->bytes, it->size);
		if (++p->good == p->fails_at)
			return err_set(e, E_USAGE, "enough");
		return 0;
	}
	p->fault = *fault;
	p->faulty = it->name;
	p->bad++;
	return 0;
}

static void
put(int dir, const char *name, const void *bytes, size_t n)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd == -1 || write(fd, bytes, n) != (ssize_t)n || close(fd) == -1)
		abort();
}

static void
make(struct place *p)
{
	int at = open(t_tmpdir(), O_RDONLY | O_DIRECTORY);
	struct err e = ERR_INIT;
	struct digest d;
	unsigned i;
	char bytes[N];

	*p = (struct place){.last = UINT64_MAX, .fault = ERR_INIT};
	if (mkdirat(at, "from", 0755) == -1 || mkdirat(at, "to", 0755) == -1)
		abort();
	p->dir = openat(at, "from", O_RDONLY | O_DIRECTORY);
	p->to = openat(at, "to", O_RDONLY | O_DIRECTORY);
	close(at);
	for (i = 0; i < N; i++) {
		struct payload_item *it = &p->items[i];

		memset(bytes, (int)i, sizeof(bytes));
		snprintf(p->names[i], sizeof(p->names[i]), "f%02u", i);
		put(p->dir, p->names[i], bytes, i);
		T_CALL(digest_mem(DIGEST_BOTH, bytes, i, &d, &e), &e);
		*it = (struct payload_item){.name = p->names[i],
		    .size = i,
		    .has_sha1 = true,
		    .has_sha256 = true,
		    .stage = true};
		memcpy(it->sha1, d.sha1, SHA1_LEN);
		memcpy(it->sha256, d.sha256, SHA256_LEN);
	}
}

static int
run(struct place *p, int to, unsigned jobs, struct err *e)
{
	struct payload run = {.dirfd = p->dir,
	    .content = p->content,
	    .to = to,
	    .which = DIGEST_BOTH,
	    .jobs = jobs,
	    .done = done,
	    .arg = p};

	return payload_run(&run, p->items, N, e);
}

static void
unmake(struct place *p)
{
	close(p->dir);
	close(p->to);
}

/* All but the item at hand are good; its fault is of that kind, and leaves its
   name to whoever tells it. */
static void
one_bad(struct place *p, unsigned i, enum err_kind k, const char *text)
{
	struct err e = ERR_INIT;

	T_CALL(run(p, -1, 3, &e), &e);
	T_EQ(p->good, N - 1);
	T_EQ(p->bad, 1);
	T_STR(p->faulty, p->names[i]);
	T_EQ(p->fault.kind, k);
	T_OK(strstr(p->fault.msg, text) != NULL);
	T_OK(strstr(p->fault.msg, p->names[i]) == NULL);
}

T_TEST(every_file_is_hashed_the_largest_first)
{
	unsigned jobs;

	for (jobs = 1; jobs < 5; jobs++) {
		struct err e = ERR_INIT;
		struct place p;

		make(&p);
		T_CALL(run(&p, -1, jobs, &e), &e);
		T_EQ(p.good, N);
		T_EQ(p.bad + p.unsorted, 0);
		unmake(&p);
	}
}

T_TEST(a_copy_has_the_bytes_and_a_mode_that_no_umask_narrows)
{
	struct err e = ERR_INIT;
	struct place p;
	struct stat st;
	mode_t old;

	make(&p);
	old = umask(077);
	T_CALL(run(&p, p.to, 2, &e), &e);
	umask(old);
	T_EQ(p.good, N);
	T_EQ(fstatat(p.to, "f39", &st, 0), 0);
	T_EQ(st.st_size, 39);
	T_EQ(st.st_mode & 07777, 0644);
	unmake(&p);
}

T_TEST(a_copy_takes_no_name_that_is_there)
{
	struct err e = ERR_INIT;
	struct place p;

	make(&p);
	put(p.to, "f07", "x", 1);
	T_CALL(run(&p, p.to, 2, &e), &e);
	T_EQ(p.bad, 1);
	T_STR(p.faulty, "f07");
	T_EQ(p.fault.kind, E_SYS);
	unmake(&p);
}

T_TEST(each_kind_of_fault_is_told_and_the_rest_is_done)
{
	struct place p;

	make(&p);
	p.items[9].sha1[3] ^= 1;
	one_bad(&p, 9, E_DIGEST, "SHA-1 is");
	unmake(&p);
	make(&p);
	p.items[9].sha256[31] ^= 0x80;
	one_bad(&p, 9, E_DIGEST, "SHA-256 is");
	unmake(&p);
	make(&p);
	p.items[N - 1].size = UINT64_MAX;
	one_bad(&p, N - 1, E_DIGEST, "39 bytes, expected 18446744073709551615");
	unmake(&p);
	make(&p);
	T_EQ(unlinkat(p.dir, "f09", 0), 0);
	one_bad(&p, 9, E_MISSING, "there is none");
	unmake(&p);
	make(&p);
	T_EQ(unlinkat(p.dir, "f09", 0), 0);
	T_EQ(symlinkat("f08", p.dir, "f09"), 0);
	one_bad(&p, 9, E_FORMAT, "found a symbolic link");
	unmake(&p);
	make(&p);
	T_EQ(unlinkat(p.dir, "f09", 0), 0);
	T_EQ(mkfifoat(p.dir, "f09", 0644), 0);
	one_bad(&p, 9, E_FORMAT, "expected a file, found");
	unmake(&p);
}

/* How many copies one thread has open at a time. */
static _Thread_local unsigned nopen;
static atomic_uint most_open;

static int
noted_openat(int dirfd, const char *name, int flags, mode_t mode)
{
	if (++nopen > most_open)
		most_open = nopen;
	return os_real.openat(dirfd, name, flags, mode);
}

static int
noted_close(int fd)
{
	nopen--;
	return os_real.close(fd);
}

T_TEST(a_thread_takes_two_files_at_a_time_unless_it_is_the_only_one)
{
	static const struct {
		unsigned jobs, most;
	} rows[] = {{1, 1}, {2, 2}, {3, 2}};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err e = ERR_INIT;
		struct place p;

		make(&p);
		most_open = 0;
		os.openat = noted_openat;
		os.close = noted_close;
		T_CALL(run(&p, p.to, rows[i].jobs, &e), &e);
		os = os_real;
		T_EQ(p.good, N);
		T_EQ(most_open, rows[i].most);
		unmake(&p);
	}
}

T_TEST(without_a_folder_everything_is_missing)
{
	struct err e = ERR_INIT;
	struct place p;

	make(&p);
	close(p.dir);
	p.dir = -1;
	T_CALL(run(&p, -1, 2, &e), &e);
	T_EQ(p.bad, N);
	T_EQ(p.fault.kind, E_MISSING);
	close(p.to);
}

T_TEST(it_stops_when_asked)
{
	struct err e = ERR_INIT;
	struct place p;

	make(&p);
	stop_set(true);
	T_FAILS(run(&p, -1, 2, &e), &e, E_STOP, "stopped");
	stop_set(false);
	T_EQ(p.good + p.bad, 0);
	unmake(&p);
}

/* Of two that were staged side by side too, when the first was the last. */
T_TEST(what_nobody_took_does_not_stay_in_staging)
{
	unsigned at;

	for (at = 1; at < 9; at++) {
		struct content c = CONTENT_INIT;
		struct err e = ERR_INIT;
		struct place p;

		make(&p);
		T_CALL(content_open(&c, p.dir, p.to, &e), &e);
		p.content = &c;
		p.items[N - 2].sha1[0] ^= 1;
		p.fails_at = at;
		T_FAILS(run(&p, -1, 2, &e), &e, E_USAGE, "enough");
		T_EQ(p.good, at);
		T_EQ(make_files_in(p.to), 0);
		p.good = p.bad = p.fails_at = 0;
		p.last = UINT64_MAX;
		T_CALL(run(&p, -1, 2, &e), &e);
		T_EQ(p.good, N - 1);
		T_EQ(p.bad, 1);
		T_EQ(make_files_in(p.to), 0);
		content_close(&c);
		unmake(&p);
	}
}

T_MAIN
