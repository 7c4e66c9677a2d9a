/* SPDX-License-Identifier: ISC */
#include "lib/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/stop.h"

#define PIPE_BYTES (1 << 20) /* it may be that far ahead */
#define FIRST 3 /* its descriptors, from here on */
#define NFD 3
#define AGAIN_MS 500 /* a signal may come just before poll() */

/* The three get numbers that follow each other; all others go. */
static int
keep_fds(int fds[NFD])
{
	for (int i = 0; i < NFD; i++)
		if ((fds[i] = fcntl(fds[i], F_DUPFD, FIRST + NFD)) == -1)
			return -1;
	for (int i = 0; i < NFD; i++)
		if (dup2(fds[i], FIRST + i) == -1)
			return -1;
	if (close_range(FIRST + NFD, ~0U, 0) == -1)
		return -1;
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	return 0;
}

/* Nobody waits for it, or reads on, when the parent is gone. */
static void
be_child(pid_t parent, int ask, int fd, int tell,
    void (*run)(int ask, int fd, int tell))
{
	int fds[NFD] = {ask, fd, tell};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
	    keep_fds(fds) == 0)
		run(FIRST, FIRST + 1, FIRST + 2);
	_exit(0);
}

int
child_start(struct child *c, int fd, void (*run)(int ask, int fd, int tell),
    struct err *e)
{
	int ask[2] = {-1, -1}, tell[2] = {-1, -1};
	pid_t parent = getpid();

	*c = (struct child)CHILD_INIT;
	/* A socket, as a pipe cannot be asked not to send SIGPIPE. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ask) == -1 ||
	    pipe2(tell, O_CLOEXEC) == -1) {
		err_sys(e, "starting a process");
		goto out;
	}
	(void)fcntl(tell[0], F_SETPIPE_SZ, PIPE_BYTES);
	if ((c->pid = fork()) == -1) {
		c->pid = 0;
		err_sys(e, "starting a process");
		goto out;
	}
	if (c->pid == 0)
		be_child(parent, ask[1], fd, tell[1], run);
	c->ask = ask[0];
	c->tell = tell[0];
	ask[0] = tell[0] = -1;
out:
	for (int i = 0; i < 2; i++) {
		if (ask[i] != -1)
			(void)close(ask[i]);
		if (tell[i] != -1)
			(void)close(tell[i]);
	}
	return c->pid == 0 ? -1 : 0;
}

/* It ended before it was told to. */
static int
say_end(struct child *c, struct err *e)
{
	int status = 0;

	if (stop_check(e) == -1)
		return -1;
	if (c->pid > 0 && waitpid(c->pid, &status, 0) == c->pid)
		c->pid = 0;
	if (WIFSIGNALED(status))
		return err_set(e, E_SYS,
		    "the process that reads it was ended by signal %d",
		    WTERMSIG(status));
	return err_set(e, E_SYS, "the process that reads it has ended");
}

int
child_ask(struct child *c, const void *p, size_t n, struct err *e)
{
	const uint8_t *at = p;
	ssize_t got;

	while (n > 0) {
		got = send(c->ask, at, n, MSG_NOSIGNAL);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1 && (errno == EPIPE || errno == ECONNRESET))
			return 0;
		if (got == -1)
			return err_sys(e, "asking the process that reads it");
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

/* read() goes on after a signal, poll() does not. */
static int
await_word(const struct child *c, struct err *e)
{
	struct pollfd p = {.fd = c->tell, .events = POLLIN};
	int r;

	do {
		if (stop_check(e) == -1)
			return -1;
		r = poll(&p, 1, AGAIN_MS);
	} while (r == 0 || (r == -1 && errno == EINTR));
	return r == -1 ? err_sys(e, "hearing the process that reads it") : 0;
}

int
child_hear(struct child *c, void *p, size_t n, struct err *e)
{
	uint8_t *at = p;
	ssize_t got;

	while (n > 0) {
		if (await_word(c, e) == -1)
			return -1;
		got = read(c->tell, at, n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return err_sys(e, "hearing the process that reads it");
		if (got == 0)
			return say_end(c, e);
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

void
child_end(struct child *c)
{
	if (c->pid > 0) {
		(void)kill(c->pid, SIGKILL);
		(void)waitpid(c->pid, NULL, 0);
	}
	if (c->ask != -1)
		(void)close(c->ask);
	if (c->tell != -1)
		(void)close(c->tell);
	*c = (struct child)CHILD_INIT;
}
