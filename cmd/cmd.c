/* SPDX-License-Identifier: ISC */
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/digest.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/stop.h"
#include "lib/base/trace.h"

/*
 * A program started without one of the three standard descriptors would open
 * its files in their place.  Writing to these fails, as it should.
 */
static void
fill_descriptors(void)
{
	int fd;

	do {
		if ((fd = open("/dev/null", O_RDONLY)) == -1)
			exit(err_status(E_SYS));
	} while (fd <= STDERR_FILENO);
	close(fd);
}

/* Work on a store is finished even when nobody listens any more. */
int
cmd_begin(struct cmd *c, const struct opt_prog *prog, int argc, char *argv[])
{
	struct err e = ERR_INIT;
	int n;

	stop_install();
	fill_descriptors();
	signal(SIGPIPE, c->reads_only ? SIG_DFL : SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* then write() says EFBIG */
	c->log.prog = prog->name;
	c->prog = prog;
	n = opt_parse(prog, &c->opt, argc, argv, &e);
	c->log.json = c->json;
	c->log.quiet = c->quiet;
	c->log.verbose = c->verbose;
	if (n != -1 &&
	    trace_begin(prog->name, getenv("WSUSFERRY_TRACE"), &e) == -1)
		n = -1;
	if (n != -1 && !c->opt.help && digest_begin(&c->log, &e) == -1)
		n = -1;
	if (n == -1)
		exit(cmd_finish(c, cmd_report(c, NULL, &e)));
	if (c->opt.help)
		exit(cmd_finish(c, 0));
	return n;
}

void
cmd_refuse(struct cmd *c, bool when, const char *name, const char *why)
{
	struct err e = ERR_INIT;

	if (!when || !opt_given(c->prog, &c->opt, name))
		return;
	err_set(&e, E_USAGE, "--%s %s", name, why);
	exit(cmd_finish(c, cmd_report(c, NULL, &e)));
}

int
cmd_data_out(struct cmd *c, const char *what)
{
	struct err e = ERR_INIT;
	int fd;

	cmd_refuse(c, c->json, "json",
	    "is for lines on standard output, where the data go");
	fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd != -1 && dup2(STDERR_FILENO, STDOUT_FILENO) != -1)
		return fd;
	err_sys(&e, "--%s: standard output", what);
	exit(cmd_finish(c, cmd_report(c, NULL, &e)));
}

int
cmd_report(struct cmd *c, const char *operand, struct err *e)
{
	return log_error(&c->log, operand, e);
}

/* The last line, of a run too that came to none of its own. */
static void
summarize(struct cmd *c, int status)
{
	struct json j = JSON_INIT;

	if (!c->log.json || c->log.last != NULL || c->opt.help)
		return;
	json_begin(&j);
	json_str(&j, "type", "summary");
	json_num(&j, "status", (uint64_t)status);
	log_summary(&c->log, &j, "ended with status %d", status);
	json_free(&j);
}

int
cmd_finish(struct cmd *c, int status)
{
	struct err e = ERR_INIT;
	bool unread = false;

	status = err_worst(status, c->log.worst);
	summarize(c, status);
	log_end(&c->log);
	errno = c->log.out_errno;
	if (fflush(stdout) == EOF || ferror(stdout)) {
		unread = errno == EPIPE;
		if (unread)
			goto out;
		if (errno != 0)
			err_sys(&e, "standard output");
		else
			err_set(&e, E_SYS, "standard output: write failed");
		c->log.json = false;
		status = err_worst(status, log_error(&c->log, NULL, &e));
	}
out:
	log_close(&c->log);
	opt_release(&c->opt);
	if (unread && status == 0) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return status;
}
