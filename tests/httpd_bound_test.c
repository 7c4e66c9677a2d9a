/* SPDX-License-Identifier: ISC */
/* What the kernel may hold for a client, as long as that takes it. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/wire.h"
#include "tests/t.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

/* The server's end of a connection of this process, to look at. */
static int
far_end(int fd)
{
	struct sockaddr_in own, peer;
	socklen_t n = sizeof(own);

	T_EQ(getsockname(fd, (struct sockaddr *)&own, &n), 0);
	for (int i = 3; i < 256; i++) {
		n = sizeof(peer);
		if (i != fd &&
		    getpeername(i, (struct sockaddr *)&peer, &n) == 0 &&
		    peer.sin_family == AF_INET && peer.sin_port == own.sin_port)
			return i;
	}
	return -1;
}

static int
bound_of(int fd)
{
	int bytes = -1;
	socklen_t n = sizeof(bytes);

	T_EQ(getsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, &n), 0);
	return bytes;
}

T_TEST(who_took_much_and_then_takes_nothing_is_bound_again)
{
	static char part[1 << 20];
	int fd, end, i;
	struct wire r;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	wire_say(fd, GET("/large"));
	T_EQ(recv(fd, part, 1000, MSG_WAITALL), 1000);
	end = far_end(fd);
	for (i = 0; i < 20; i++)
		T_EQ(recv(fd, part, sizeof(part), MSG_WAITALL), sizeof(part));
	T_EQ(bound_of(end), 0);
	for (i = 0; i < 60 && bound_of(end) == 0; i++)
		usleep(100000);
	T_EQ(bound_of(end), 256 << 10);
	/* What waits for it comes, and it earns it again. */
	for (i = 0; i < 30; i++)
		T_EQ(recv(fd, part, sizeof(part), MSG_WAITALL), sizeof(part));
	T_EQ(bound_of(end), 0);
	close(fd);
	wire_stop(&r);
}

T_MAIN
