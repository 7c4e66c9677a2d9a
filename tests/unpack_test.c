/* SPDX-License-Identifier: ISC */
/* What libarchive makes of what it wrote itself, where headers have no room. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "lib/export/export_priv.h"
#include "lib/transfer/unpack.h"
#include "tests/t.h"

#define TIME 1700000000
#define GIB ((uint64_t)1 << 30)

/* The beginning of a tar with one member, of which the first bytes are
   there. */
static void
begin(struct buf *b, const char *name, uint64_t size)
{
	static const uint8_t bytes[2 << 20];
	struct export_archive *a;
	struct err e = ERR_INIT;
	struct sink to;

	sink_buf(&to, b);
	T_CALL(export_archive_open(&a, &to, "north", TIME, &e), &e);
	T_CALL(export_archive_member(a, name, size, &e), &e);
	T_CALL(export_archive_write(a, bytes, sizeof(bytes), &e), &e);
	export_archive_close(a);
}

static int
read_back(const struct buf *b, struct unpack_member *m)
{
	int fd = memfd_create("tar", MFD_CLOEXEC), r;
	struct unpack *u = NULL;
	struct err e = ERR_INIT;
	const void *p;
	size_t n;

	T_EQ(write(fd, b->p, b->len), (ssize_t)b->len);
	T_EQ(lseek(fd, 0, SEEK_SET), 0);
	T_CALL(unpack_open(&u, fd, UNPACK_TAR, &e), &e);
	r = unpack_next(u, m, &e);
	T_EQ(r, 1);
	do
		r = unpack_data(u, &p, &n, &e);
	while (r == 1);
	unpack_close(u);
	close(fd);
	return r;
}

static void
one(const char *name, uint64_t size)
{
	char whole[400];
	struct unpack_member m = {.size = 0};
	struct buf b = BUF_INIT;

	begin(&b, name, size);
	T_OK(b.len % 512 == 0);
	/* It was left in the middle: there is no end that would make it whole. */
	T_EQ(read_back(&b, &m), -1);
	snprintf(whole, sizeof(whole), "north/%s", name);
	T_STR(m.name, whole);
	T_STR(m.why, "");
	T_EQ(m.size, size);
	T_EQ(m.mtime, TIME);
	T_EQ(m.type, PATH_FILE);
	buf_free(&b);
}

T_TEST(sizes_and_names_of_any_length_are_said)
{
	char name[256];

	one("a", 3 << 20);
	one("a", 8 * GIB - 1);
	one("a", 8 * GIB);
	one("a", 1000 * GIB);
	memset(name, 'n', sizeof(name) - 1);
	name[255] = '\0';
	one(name, 3 << 20);
	name[100] = '/';
	one(name, 9 * GIB);
}

/* What is counted before the first byte is enough. */
T_TEST(room_is_counted_on_the_large_side)
{
	static const uint64_t sizes[] = {0, 1, 511, 512, 513, 9000};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		static const uint8_t bytes[9000];
		struct export_archive *a;
		struct err e = ERR_INIT;
		struct sink none;

		sink_null(&none);
		T_CALL(export_archive_open(&a, &none, "north", TIME, &e), &e);
		T_CALL(export_archive_member(a, "data/a", sizes[i], &e), &e);
		T_CALL(export_archive_write(a, bytes, sizes[i], &e), &e);
		T_CALL(export_archive_finish(a, &e), &e);
		T_OK(none.bytes <=
		    export_archive_takes(sizes[i]) + EXPORT_ARCHIVE_END);
		T_EQ(none.bytes % EXPORT_ARCHIVE_END, 0);
		export_archive_close(a);
	}
}

T_MAIN
