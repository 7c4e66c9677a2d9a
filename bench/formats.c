/* SPDX-License-Identifier: ISC */
/*
 * The formats by themselves, for bench/run.sh to time beside their peers:
 *
 *	formats unpack CAB MEMBER           to standard output, as cabextract -p
 *	formats unpack-all CAB ...          every member, with one reader for all
 *	formats pack CAB FILE ... [--small]  as gcab -c -z
 *	formats index PACKAGE.XML           read and count, as xmllint --noout
 *	formats fragments METADATA.TXT      of each document, and count them
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/cab.h"
#include "formats/fragment.h"
#include "formats/package.h"
#include "formats/xml.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"

#define MAX_MEMBERS 8

static int
open_src(struct src *s, const char *path, int *fd, struct err *e)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd == -1)
		return err_sys(e, "%s", path);
	return src_fd(s, *fd, e);
}

/* member: NULL for all. */
static int
unpack(struct cab_body **b, const char *path, const char *member, struct err *e)
{
	struct cab c = CAB_INIT;
	struct src s = SRC_INIT;
	struct sink out = SINK_INIT;
	int i = 0, fd = -1, r = -1;

	sink_fd(&out, STDOUT_FILENO);
	if (open_src(&s, path, &fd, e) == -1 ||
	    cab_read(&c, &s, &cab_default_limits, e) == -1 ||
	    cab_body_open(b, &c, &s, e) == -1)
		goto out;
	if (member != NULL && (i = cab_find(&c, member)) == -1) {
		err_set(e, E_MISSING, "no member %s", member);
		goto out;
	}
	do
		r = cab_body_extract(*b, (unsigned)i, &out, e);
	while (r == 0 && member == NULL && ++i < c.nfiles);
out:
	cab_body_leave(*b);
	cab_free(&c);
	src_close(&s);
	if (fd != -1)
		close(fd);
	return r;
}

static int
unpack_all(char *paths[], struct err *e)
{
	struct cab_body *b = NULL;
	int r = 0;

	for (; r == 0 && *paths != NULL; paths++)
		r = unpack(&b, *paths, NULL, e);
	cab_body_close(b);
	return r;
}

static int
feed(struct sink *s, const void *p, size_t n, struct err *e)
{
	return cab_writer_write(s->ctx, p, n, e);
}

static int
pour(struct cab_writer *w, const char *path, struct err *e)
{
	struct sink to = {.write = feed, .ctx = w, .fd = -1};
	struct src s = SRC_INIT;
	int fd = -1, r = -1;

	if (open_src(&s, path, &fd, e) == 0)
		r = src_copy(&s, &to, e);
	src_close(&s);
	if (fd != -1)
		close(fd);
	return r;
}

static int
pack_all(struct cab_writer *w, int fd, char *files[], int n, struct err *e)
{
	struct cab_patch patch;
	int i;

	for (i = 0; i < n; i++)
		if (pour(w, files[i], e) == -1)
			return -1;
	if (cab_writer_finish(w, &patch, e) == -1)
		return -1;
	if (pwrite(fd, patch.bytes, 4, (off_t)patch.off) != 4)
		return err_sys(e, "cabinet");
	return 0;
}

static int
pack(int argc, char *argv[], struct err *e)
{
	struct cab_member members[MAX_MEMBERS];
	struct cab_write_opts o = {.members = members};
	struct cab_writer *w = NULL;
	struct sink out = SINK_INIT;
	struct stat st;
	int i, fd, r = -1;

	o.small = strcmp(argv[argc - 1], "--small") == 0;
	argc -= o.small;
	for (i = 1; i < argc && i <= MAX_MEMBERS; i++) {
		if (stat(argv[i], &st) == -1)
			return err_sys(e, "%s", argv[i]);
		members[i - 1].name = strrchr(argv[i], '/') != NULL
		    ? strrchr(argv[i], '/') + 1
		    : argv[i];
		members[i - 1].size = (uint32_t)st.st_size;
	}
	o.nmembers = (size_t)i - 1;
	fd = open(argv[0], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd == -1)
		return err_sys(e, "%s", argv[0]);
	sink_fd(&out, fd);
	if (cab_writer_open(&w, &out, &o, e) == 0)
		r = pack_all(w, fd, argv + 1, i - 1, e);
	cab_writer_close(w);
	close(fd);
	return r;
}

static int
count_update(void *arg, const struct package_update *u, struct err *e)
{
	uint64_t *n = arg;

	(void)u;
	(void)e;
	*n += 1;
	return 0;
}

static int
read_index(const char *path, struct err *e)
{
	const struct package_index_handler h = {.update = count_update};
	struct package_index *x = NULL;
	struct src s = SRC_INIT;
	uint64_t n = 0;
	int fd = -1, r = -1;

	if (open_src(&s, path, &fd, e) == 0 &&
	    package_index_open(&x, &h, &n, &package_default_limits, e) == 0 &&
	    src_copy(&s, package_index_sink(x), e) == 0 &&
	    package_index_finish(x, e) == 0)
		r = printf("%llu\n", (unsigned long long)n) < 0 ? -1 : 0;
	package_index_close(x);
	src_close(&s);
	if (fd != -1)
		close(fd);
	return r;
}

struct split {
	struct fragment_writer *w;
	uint64_t n;
};

static int
count_fragment(void *arg, const struct fragment *f, struct err *e)
{
	struct split *t = arg;

	(void)f;
	(void)e;
	t->n++;
	return 0;
}

static int
split_doc(void *arg, const struct package_record *rec, struct err *e)
{
	struct split *t = arg;
	struct sink to = SINK_INIT;
	const struct fragment_out out = {&to, count_fragment, t};
	struct fragment_odd odd;

	sink_null(&to);
	return fragment_write(t->w, rec->doc, rec->len, &out, &odd, e);
}

static int
fragments(const char *path, struct err *e)
{
	struct split t = {.n = 0};
	struct package_meta *m = NULL;
	struct src s = SRC_INIT;
	int fd = -1, r = -1;

	xml_init();
	if (open_src(&s, path, &fd, e) == 0 &&
	    fragment_writer_open(&t.w, NULL, e) == 0 &&
	    package_meta_open(&m, split_doc, &t, &package_default_limits, e) ==
		0 &&
	    src_copy(&s, package_meta_sink(m), e) == 0 &&
	    package_meta_finish(m, NULL, NULL, e) == 0)
		r = printf("%llu\n", (unsigned long long)t.n) < 0 ? -1 : 0;
	package_meta_close(m);
	fragment_writer_close(t.w);
	src_close(&s);
	if (fd != -1)
		close(fd);
	return r;
}

int
main(int argc, char *argv[])
{
	struct cab_body *b = NULL;
	struct err e = ERR_INIT;
	int r;

	if (argc == 4 && strcmp(argv[1], "unpack") == 0)
		r = unpack(&b, argv[2], argv[3], &e);
	else if (argc >= 3 && strcmp(argv[1], "unpack-all") == 0)
		r = unpack_all(argv + 2, &e);
	else if (argc >= 4 && strcmp(argv[1], "pack") == 0)
		r = pack(argc - 2, argv + 2, &e);
	else if (argc == 3 && strcmp(argv[1], "index") == 0)
		r = read_index(argv[2], &e);
	else if (argc == 3 && strcmp(argv[1], "fragments") == 0)
		r = fragments(argv[2], &e);
	else
		r = err_set(&e, E_USAGE,
		    "unpack, unpack-all, pack, index or fragments");
	cab_body_close(b);
	if (r == 0)
		return 0;
	fprintf(stderr, "formats: %s\n", e.msg);
	return err_status(e.kind);
}
