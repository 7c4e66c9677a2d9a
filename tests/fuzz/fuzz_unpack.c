/* SPDX-License-Identifier: ISC */
/*
 * Byte 0: an ISO image or a tar; bit 1 of it: without the bytes of each second
 * member.  What is said of members holds what unpack.h promises.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/transfer/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* libarchive asks for as much as an image says; the process that reads one has
   no more than that. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=512";
}

#define MOST ((uint64_t)4 << 20) /* bytes of all members together */

/* False: that is enough of it. */
static bool
read_member(struct unpack *u, const struct unpack_member *m, uint64_t *all)
{
	struct err e = ERR_INIT;
	uint64_t got = 0;
	const void *q;
	size_t k;
	int r;

	while ((r = unpack_data(u, &q, &k, &e)) == 1) {
		volatile uint8_t last = ((const uint8_t *)q)[k - 1];

		(void)last;
		got += k;
		*all += k;
		if (got > m->size)
			abort();
		if (*all > MOST)
			return false;
	}
	if (r == 0 && got != m->size)
		abort();
	return r == 0;
}

static void
read_all(int fd, enum unpack_form form, bool skips)
{
	struct unpack *u = NULL;
	struct unpack_member m;
	struct err e = ERR_INIT;
	uint64_t all = 0;
	int r = unpack_open(&u, fd, form, &e);

	for (unsigned i = 0; r == 0 && i < 2000; i++) {
		if (unpack_next(u, &m, &e) != 1)
			break;
		if (memchr(m.name, '\0', sizeof(m.name)) == NULL ||
		    memchr(m.why, '\0', sizeof(m.why)) == NULL ||
		    m.name[0] == '\0')
			abort();
		if ((!skips || i % 2 == 0) && !read_member(u, &m, &all))
			break;
	}
	if (e.kind != E_NONE && e.kind != E_FORMAT && e.kind != E_LIMIT &&
	    e.kind != E_SYS)
		abort();
	unpack_close(u);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int fd = -1;

	if (n < 1)
		return 0;
	if (fd == -1 && (fd = memfd_create("one", 0)) == -1)
		abort();
	if (ftruncate(fd, 0) == -1 || pwrite(fd, p + 1, n - 1, 0) == -1 ||
	    lseek(fd, 0, SEEK_SET) == -1)
		abort();
	read_all(fd, p[0] & 1 ? UNPACK_ISO : UNPACK_TAR, p[0] & 2);
	return 0;
}
