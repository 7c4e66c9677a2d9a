/* SPDX-License-Identifier: ISC */
/* The kernel has no connection to give. */
#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/wire.h"
#include "tests/t.h"

static atomic_int fault; /* of all calls; 0: none */
static atomic_uint asked;

/* In place of the library's. */
int
accept4(int fd, __SOCKADDR_ARG from, socklen_t *len, int flags)
{
	atomic_fetch_add(&asked, 1);
	if ((errno = atomic_load(&fault)) != 0)
		return -1;
	return (int)syscall(SYS_accept4, fd, from.__sockaddr__, len, flags);
}

T_TEST(without_memory_it_asks_now_and_then_and_then_goes_on)
{
	static const int rows[] = {ENOMEM, ENOBUFS, ENFILE};
	struct wire r;
	unsigned i;
	int fd;

	wire_init(&r);
	wire_start(&r);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		atomic_store(&fault, rows[i]);
		atomic_store(&asked, 0);
		fd = wire_dial(&r, 1);
		wire_say(fd, "GET /mem HTTP/1.1\r\nHost: a\r\n\r\n");
		usleep(400000);
		T_OK(atomic_load(&asked) > 0 && atomic_load(&asked) < 20);
		atomic_store(&fault, 0);
		T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 200);
		close(fd);
	}
	wire_stop(&r);
}

T_MAIN
