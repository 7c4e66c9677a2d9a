/* SPDX-License-Identifier: ISC */
/*
 * The cabinet module for shell tests, before any program of ours:
 *
 *	cabtool list|check CAB
 *	cabtool extract CAB FOLDER      CAB may be "-"
 *	cabtool null CAB                prints the seconds that it took
 *	cabtool write small|fast JOBS CAB FILE ...
 *
 * Exit status: as wsusferry(7) has it; check: 1 when there are faults.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "formats/cab.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "tests/print.h"

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
tell(void *arg, const struct err *fault, struct err *e)
{
	(void)e;
	++*(int *)arg;
	printf("%" PRId64 " %s\n", (int64_t)fault->at, fault->msg);
	return 0;
}

static int
check(const struct cab *c, struct src *s, struct err *e)
{
	int faults = 0;

	if (cab_check(c, s, tell, &faults, e) == -1)
		return -1;
	return faults != 0;
}

/* As cabextract names files: \ is a separator, nothing leads out. */
static int
create(const char *dir, const char *name, struct err *e)
{
	char path[4096];
	char *p = path + strlen(dir) + 1;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (; *p != '\0'; p++) {
		if (*p == '.' && p[1] == '.')
			*p = 'x';
		if (*p != '\\' && *p != '/')
			continue;
		*p = '\0';
		(void)mkdir(path, 0777);
		*p = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0666);
	return fd == -1 ? err_sys(e, "%s", path) : fd;
}

static int
extract(const struct cab *c, struct src *s, const char *dir, struct err *e)
{
	struct cab_body *b = NULL;
	int fd = -1, r = -1;

	if (cab_body_open(&b, c, s, e) == -1)
		return -1;
	for (unsigned i = 0; i < c->nfiles; i++) {
		struct sink to;

		sink_null(&to);
		if (dir != NULL) {
			if ((fd = create(dir, c->files[i].name, e)) == -1)
				goto out;
			sink_fd(&to, fd);
		}
		if (cab_body_extract(b, i, &to, e) == -1)
			goto out;
		if (fd != -1)
			close(fd);
		fd = -1;
	}
	r = 0;
out:
	if (fd != -1)
		close(fd);
	cab_body_close(b);
	return r;
}

static int
with_cab(char *argv[], struct err *e)
{
	const char *what = argv[1];
	bool std = strcmp(argv[2], "-") == 0;
	int fd = std ? STDIN_FILENO : open(argv[2], O_RDONLY | O_CLOEXEC);
	double began = now();
	struct cab c = CAB_INIT;
	struct sink out;
	struct src s = SRC_INIT;
	int r = -1;

	if (fd == -1)
		return err_sys(e, "%s", argv[2]);
	if (src_fd(&s, fd, e) == -1 ||
	    cab_read(&c, &s, &cab_default_limits, e) == -1)
		goto out;
	sink_fd(&out, STDOUT_FILENO);
	if (strcmp(what, "list") == 0)
		r = cab_print(&c, &out, e);
	else if (strcmp(what, "check") == 0)
		r = check(&c, &s, e);
	else
		r = extract(&c, &s, argv[3], e);
	if (r == 0 && strcmp(what, "null") == 0)
		printf("%.3f\n", now() - began);
out:
	cab_free(&c);
	src_close(&s);
	return r;
}

static int
copy(struct cab_writer *w, const char *path, struct err *e)
{
	static char block[256 << 10];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;
	int r = 0;

	if (fd == -1)
		return err_sys(e, "%s", path);
	while (r == 0 && (n = read(fd, block, sizeof(block))) > 0)
		r = cab_writer_write(w, block, (size_t)n, e);
	close(fd);
	return n < 0 ? err_sys(e, "%s", path) : r;
}

static int
write_cab(int argc, char *argv[], struct err *e)
{
	static struct cab_member m[64];
	struct cab_write_opts o = {.members = m, .time = 1769839628};
	int fd = open(argv[4], O_RDWR | O_CREAT | O_TRUNC, 0666);
	struct cab_writer *w = NULL;
	struct cab_patch p;
	struct sink to;
	int r = -1;

	o.small = strcmp(argv[2], "small") == 0;
	o.jobs = (unsigned)strtoul(argv[3], NULL, 10);
	for (int i = 5; i < argc && o.nmembers < 64; i++) {
		const char *base = strrchr(argv[i], '/');
		struct stat st;

		if (stat(argv[i], &st) == -1)
			return err_sys(e, "%s", argv[i]);
		m[o.nmembers].name = base != NULL ? base + 1 : argv[i];
		m[o.nmembers++].size = (uint32_t)st.st_size;
	}
	sink_fd(&to, fd);
	if (fd == -1 || cab_writer_open(&w, &to, &o, e) == -1)
		return fd == -1 ? err_sys(e, "%s", argv[4]) : -1;
	for (size_t i = 0; i < o.nmembers; i++)
		if (copy(w, argv[5 + i], e) == -1)
			goto out;
	if (cab_writer_finish(w, &p, e) == -1)
		goto out;
	r = 0;
	if (pwrite(fd, p.bytes, sizeof(p.bytes), (off_t)p.off) == -1)
		r = err_sys(e, "%s", argv[4]);
out:
	cab_writer_close(w);
	close(fd);
	return r;
}

int
main(int argc, char *argv[])
{
	struct err e = ERR_INIT;
	int r;

	if (argc >= 5 && strcmp(argv[1], "write") == 0)
		r = write_cab(argc, argv, &e);
	else if (argc == 3 || (argc == 4 && strcmp(argv[1], "extract") == 0))
		r = with_cab(argv, &e);
	else
		return 2;
	if (r != -1)
		return r;
	(void)fprintf(stderr, "cabtool: %s\n", e.msg);
	return err_status(e.kind);
}
