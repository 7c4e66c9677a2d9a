/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN_MAX 20 /* failures of one test that are printed */
#define PATHS_KEPT 64 /* results of t_tmpdir() and t_sample() */

static struct t_test *first;
struct t_test **t_tail = &first;

static const struct t_test *now;
static unsigned nfailures; /* of the test that runs */
static const char *skipped;
static jmp_buf leave;

static char root[PATH_MAX];
static pid_t owner;

void
t_add(struct t_test *t)
{
	*t_tail = t;
	t_tail = &t->next;
}

void
t_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	if (++nfailures > SHOWN_MAX)
		return;
	printf("FAIL %s\n  %s:%d: ", now != NULL ? now->name : "?", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

const char *
t_name(void)
{
	return now != NULL ? now->name : "";
}

unsigned
t_failures(void)
{
	return nfailures;
}

void
t_skip(const char *why)
{
	skipped = why;
	longjmp(leave, 1);
}

static char *
kept_path(void)
{
	static char kept[PATHS_KEPT][PATH_MAX];
	static unsigned n;

	return kept[n++ % PATHS_KEPT];
}

/* Folders that a test closed to itself are opened first. */
static int
unlock(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st, (void)f;
	if (type == FTW_D || type == FTW_DNR)
		(void)chmod(path, 0700);
	return 0;
}

static int
discard(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st, (void)type, (void)f;
	(void)remove(path);
	return 0;
}

/* A forked child that calls exit() must not take its parent's folders. */
static void
cleanup(void)
{
	if (getpid() != owner)
		return;
	(void)nftw(root, unlock, 16, FTW_PHYS);
	(void)nftw(root, discard, 16, FTW_PHYS | FTW_DEPTH);
}

/* Before any test: a forked child must find its parent's folder. */
static void
make_root(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(root, sizeof(root), "%s/wsusferry-test-XXXXXX",
	    tmp != NULL && *tmp != '\0' ? tmp : "/tmp");
	if (mkdtemp(root) == NULL) {
		perror(root);
		exit(1);
	}
	owner = getpid();
	(void)atexit(cleanup);
}

const char *
t_tmpdir(void)
{
	char *path = kept_path();

	(void)snprintf(path, PATH_MAX, "%.*s/XXXXXX", PATH_MAX - 8, root);
	if (mkdtemp(path) == NULL) {
		perror(path);
		exit(1);
	}
	return path;
}

const char *
t_sample(const char *name)
{
	const char *dir = getenv("WSUSFERRY_SAMPLES");
	char *path = kept_path();

	(void)snprintf(path, PATH_MAX, "%s/%s",
	    dir != NULL && *dir != '\0' ? dir : "../shared/samples", name);
	return access(path, R_OK) == 0 ? path : NULL;
}

/* splitmix64 */
uint64_t
t_random(void)
{
	static uint64_t state;
	static bool seeded;
	const char *set = getenv("WF_SEED");
	uint64_t z;

	if (!seeded) {
		if (set != NULL)
			state = strtoull(set, NULL, 0);
		else if (getrandom(&state, sizeof(state), 0) == -1)
			state = (uint64_t)getpid();
		printf("WF_SEED=%" PRIu64 "\n", state);
		seeded = true;
	}
	z = state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static bool
wanted(const struct t_test *t, int argc, char *argv[])
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], t->name) == 0)
			return true;
	return argc < 2;
}

static void
run(const struct t_test *t)
{
	now = t;
	nfailures = 0;
	skipped = NULL;
	if (setjmp(leave) == 0)
		t->run();
	if (nfailures > SHOWN_MAX)
		printf("  and %u more\n", nfailures - SHOWN_MAX);
	if (skipped != NULL)
		printf("skip %s: %s\n", t->name, skipped);
	now = NULL;
}

/* In the order in which a program's tests are written. */
int
t_main(int argc, char *argv[])
{
	unsigned npassed = 0, nfailed = 0, nskipped = 0;
	const struct t_test *t;

	(void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	make_root();
	for (t = first; t != NULL; t = t->next) {
		if (!wanted(t, argc, argv))
			continue;
		run(t);
		if (nfailures > 0)
			nfailed++;
		else if (skipped != NULL)
			nskipped++;
		else
			npassed++;
	}
	if (npassed + nfailed + nskipped == 0)
		printf("no test was run\n");
	printf(
	    "%u passed, %u failed, %u skipped\n", npassed, nfailed, nskipped);
	return nfailed > 0 || npassed + nskipped == 0;
}
