/* SPDX-License-Identifier: ISC */
#include "lib/base/copy.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/src.h"
#include "lib/base/stop.h"
#include "tests/t.h"

static int
made(const char *name, const char *text)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", t_tmpdir(), name);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	T_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

T_TEST(a_file_is_hashed_from_its_start_and_copied)
{
	static const uint8_t sha1[] = {0xa9, 0x99, 0x3e, 0x36};
	static const uint8_t sha256[] = {0xba, 0x78, 0x16, 0xbf};
	struct err e = ERR_INIT;
	struct digest d;
	int from = made("from", "abc"), to = made("to", "");
	char got[8] = "";

	T_CALL(copy_hashed(from, to, 3, DIGEST_BOTH, &d, &e), &e);
	T_EQ(d.bytes, 3);
	T_MEM(d.sha1, sha1, sizeof(sha1));
	T_MEM(d.sha256, sha256, sizeof(sha256));
	T_EQ(pread(to, got, sizeof(got), 0), 3);
	T_STR(got, "abc");
	T_CALL(copy_hashed(from, -1, UINT64_MAX, DIGEST_SHA1, &d, &e), &e);
	T_MEM(d.sha1, sha1, sizeof(sha1));
	close(from);
	close(to);
}

T_TEST(more_than_allowed_is_refused)
{
	struct err e = ERR_INIT;
	struct digest d;
	int from = made("from", "abc");

	T_FAILS(copy_hashed(from, -1, 2, DIGEST_SHA1, &d, &e), &e, E_LIMIT,
	    "more than 2 bytes");
	close(from);
}

T_TEST(a_name_is_new_and_has_its_mode_under_any_umask)
{
	struct err e = ERR_INIT;
	struct digest d;
	struct stat st;
	int from = made("from", "abc");
	int dir = open(t_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mode_t before = umask(077);

	T_CALL(copy_to_name(from, dir, "new", DIGEST_SHA256, &d, &e), &e);
	umask(before);
	T_EQ(d.bytes, 3);
	T_EQ(fstatat(dir, "new", &st, 0), 0);
	T_EQ(st.st_size, 3);
	T_EQ(st.st_mode & 0777, 0644);
	T_FAILS(copy_to_name(from, dir, "new", DIGEST_SHA256, &d, &e), &e,
	    E_SYS, "cannot create: File exists");
	close(dir);
	close(from);
}

/* A file of n bytes, none like the next, and their digests. */
static int
made_long(const char *name, size_t n, struct digest *d)
{
	uint8_t *p = malloc(n + 1);
	struct err e = ERR_INIT;
	int fd = made(name, "");

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)t_random();
	T_EQ(write(fd, p, n), (ssize_t)n);
	T_CALL(digest_mem(DIGEST_BOTH, p, n, d, &e), &e);
	free(p);
	return fd;
}

/* Whether the copy has the digests of what it is of. */
static void
copied(int to, const struct digest *want)
{
	struct err e = ERR_INIT;
	struct digest d;

	T_CALL(copy_hashed(to, -1, UINT64_MAX, DIGEST_BOTH, &d, &e), &e);
	T_MEM(&d, want, sizeof(d));
}

T_TEST(two_files_go_side_by_side_whatever_their_lengths)
{
	static const size_t sizes[][2] = {{0, 0}, {0, 70}, {1, 300000},
	    {64, 64}, {SRC_BLOCK, SRC_BLOCK - 1}, {SRC_BLOCK + 1, 700001}};
	char name[16];

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (unsigned turned = 0; turned < 2; turned++) {
			struct digest want[2];
			struct copy c[2];

			for (unsigned k = 0; k < 2; k++) {
				snprintf(name, sizeof(name), "in%u%u%u", i,
				    turned, k);
				c[k].fd = made_long(
				    name, sizes[i][k ^ turned], &want[k]);
				name[0] = 'o';
				c[k].to = made(name, "");
				c[k].max = UINT64_MAX;
			}
			copy_lanes(c, 2, DIGEST_BOTH);
			for (unsigned k = 0; k < 2; k++) {
				T_EQ(c[k].err.kind, E_NONE);
				T_MEM(&c[k].digest, &want[k], sizeof(*want));
				copied(c[k].to, &want[k]);
				close(c[k].fd);
				close(c[k].to);
			}
		}
}

T_TEST(what_befalls_one_is_no_matter_of_the_other)
{
	int dir = open(t_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct digest want, other;
	int good = made_long("good", 600000, &want);
	int bad = made_long("bad", 500000, &other);
	const struct {
		struct copy c;
		enum err_kind k;
		const char *text;
	} rows[] = {
	    {{.fd = bad, .to = -1, .max = 400000}, E_LIMIT,
		"more than 400000 bytes"},
	    {{.fd = dir, .to = -1, .max = 1}, E_FORMAT, "a folder"},
	    {{.fd = -1, .to = -1, .max = 1}, E_SYS, "fstat"},
	    {{.fd = bad, .to = full, .max = 500000}, E_SYS, "No space left"},
	};

	for (unsigned i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		struct copy c[2];

		c[i % 2] = (struct copy){.fd = good, .to = -1, .max = 600000};
		c[1 - i % 2] = rows[i / 2].c;
		copy_lanes(c, 2, DIGEST_BOTH);
		T_EQ(c[i % 2].err.kind, E_NONE);
		T_MEM(&c[i % 2].digest, &want, sizeof(want));
		T_EQ(c[1 - i % 2].err.kind, rows[i / 2].k);
		T_OK(strstr(c[1 - i % 2].err.msg, rows[i / 2].text) != NULL);
	}
	close(dir);
	close(full);
	close(good);
	close(bad);
}

T_TEST(both_stop_when_asked)
{
	struct digest d;
	int fd = made_long("long", 300000, &d);
	struct copy c[2] = {{.fd = fd, .to = -1, .max = UINT64_MAX},
	    {.fd = fd, .to = -1, .max = UINT64_MAX}};

	stop_set(true);
	copy_lanes(c, 2, DIGEST_SHA256);
	stop_set(false);
	T_EQ(c[0].err.kind, E_STOP);
	T_EQ(c[1].err.kind, E_STOP);
	close(fd);
}

T_MAIN
