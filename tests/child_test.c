/* SPDX-License-Identifier: ISC */
/* A process for one job: what it may still do, and what its end is told as. */
#include "lib/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/sandbox.h"
#include "lib/base/stop.h"
#include "tests/t.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#define MEMORY ((size_t)64 << 20)

static int
a_file(void)
{
	char path[600];
	int fd;

	snprintf(path, sizeof(path), "%s/file", t_tmpdir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	T_EQ(write(fd, "hello", 5), 5);
	T_EQ(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Which of the things below it could do: a letter each. */
static void
try_all(int ask, int fd, int tell)
{
	char done[32] = "", text[8], c;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (sandbox_reader(ask, fd, tell, MEMORY, &e) == -1) {
		(void)!write(tell, "!", 1);
		return;
	}
	if (read(ask, &c, 1) == 1)
		done[n++] = c;
	if (read(fd, text, 5) == 5 && memcmp(text, "hello", 5) == 0)
		done[n++] = 'r';
	if (lseek(fd, 0, SEEK_SET) == 0)
		done[n++] = 's';
	if (open("/etc/passwd", O_RDONLY) != -1)
		done[n++] = 'O';
	if (open("new", O_WRONLY | O_CREAT, 0600) != -1)
		done[n++] = 'C';
#ifndef SANITIZED
	if (write(STDERR_FILENO, "x", 1) != -1)
		done[n++] = 'E';
	if (write(fd, "x", 1) != -1)
		done[n++] = 'W';
	if (socket(AF_INET, SOCK_STREAM, 0) != -1)
		done[n++] = 'N';
	if (kill(getppid(), 0) != -1)
		done[n++] = 'K';
	if (fork() != -1)
		done[n++] = 'F';
	if (mmap(NULL, 2 * MEMORY, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		done[n++] = 'M';
#endif
	done[n++] = '.';
	(void)!write(tell, done, n);
	(void)!read(ask, &c, 1);
}

T_TEST(a_reader_can_read_its_file_and_answer_and_nothing_else)
{
	struct child c = CHILD_INIT;
	struct err e = ERR_INIT;
	char said[5] = "";
	int fd = a_file();

	T_CALL(child_start(&c, fd, try_all, &e), &e);
	T_CALL(child_ask(&c, "a", 1, &e), &e);
	T_CALL(child_hear(&c, said, 4, &e), &e);
	T_STR(said, "ars.");
	child_end(&c);
	T_EQ(c.pid, 0);
	close(fd);
}

/* Descriptors that the parent has open besides. */
static void
count_fds(int ask, int fd, int tell)
{
	uint8_t n = 0;

	(void)ask, (void)fd;
	for (int i = 0; i < 1000; i++)
		if (fcntl(i, F_GETFD) != -1)
			n++;
	(void)!write(tell, &n, 1);
}

T_TEST(it_has_no_other_descriptor)
{
	int fd = a_file(), more = open("/", O_RDONLY | O_DIRECTORY), high;
	struct child c = CHILD_INIT;
	struct err e = ERR_INIT;
	uint8_t n = 0;

	high = fcntl(more, F_DUPFD, 900);
	T_CALL(child_start(&c, fd, count_fds, &e), &e);
	T_CALL(child_hear(&c, &n, 1, &e), &e);
	T_EQ(n, 4); /* its three, and standard error */
	child_end(&c);
	close(fd);
	close(more);
	close(high);
}

static void
say_and_end(int ask, int fd, int tell)
{
	(void)ask, (void)fd;
	(void)!write(tell, "last", 4);
}

T_TEST(what_one_said_last_is_heard)
{
	struct child c = CHILD_INIT;
	struct err e = ERR_INIT;
	char said[5] = "";
	int fd = a_file();

	T_CALL(child_start(&c, fd, say_and_end, &e), &e);
	usleep(20000);
	T_CALL(child_ask(&c, "n", 1, &e), &e);
	T_CALL(child_hear(&c, said, 4, &e), &e);
	T_STR(said, "last");
	T_EQ(child_hear(&c, said, 1, &e), -1);
	T_EQ(e.kind, E_SYS);
	T_OK(strstr(e.msg, "has ended") != NULL);
	child_end(&c);
	close(fd);
}

static void
be_killed(int ask, int fd, int tell)
{
	(void)ask, (void)fd, (void)tell;
	(void)raise(SIGKILL);
}

T_TEST(one_that_was_killed_is_told_with_its_signal)
{
	struct child c = CHILD_INIT;
	struct err e = ERR_INIT;
	int fd = a_file();
	char said;

	T_CALL(child_start(&c, fd, be_killed, &e), &e);
	T_EQ(child_hear(&c, &said, 1, &e), -1);
	T_EQ(e.kind, E_SYS);
	T_OK(strstr(e.msg, "ended by signal 9") != NULL);
	child_end(&c);
	child_end(&c);
	close(fd);
}

static void
say_nothing(int ask, int fd, int tell)
{
	char c;

	(void)fd, (void)tell;
	(void)!read(ask, &c, 1);
	(void)!read(ask, &c, 1);
}

T_TEST(whoever_waits_for_it_can_be_stopped)
{
	struct child c = CHILD_INIT;
	struct err e = ERR_INIT;
	int fd = a_file();
	char said;

	T_CALL(child_start(&c, fd, say_nothing, &e), &e);
	stop_set(true);
	T_EQ(child_hear(&c, &said, 1, &e), -1);
	stop_set(false);
	T_EQ(e.kind, E_STOP);
	child_end(&c);
	close(fd);
}

T_MAIN
