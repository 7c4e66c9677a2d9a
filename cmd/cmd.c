/* SPDX-License-Identifier: ISC */
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/stop.h"

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

/* No SIGPIPE: a reader that went away is an error of stdout. */
int
cmd_begin(struct cmd *c, const struct opt_prog *prog, int argc, char *argv[])
{
	struct err e = ERR_INIT;
	int n;

	stop_install();
	fill_descriptors();
	signal(SIGPIPE, SIG_IGN);
	c->log.prog = prog->name;
	n = opt_parse(prog, &c->opt, argc, argv, &e);
	c->log.json = c->json;
	c->log.quiet = c->quiet;
	c->log.verbose = c->verbose;
	if (n == -1)
		exit(cmd_finish(c, cmd_report(c, NULL, &e)));
	if (c->opt.help)
		exit(cmd_finish(c, 0));
	return n;
}

int
cmd_report(struct cmd *c, const char *operand, struct err *e)
{
	return log_error(&c->log, operand, e);
}

int
cmd_finish(struct cmd *c, int status)
{
	struct err e = ERR_INIT;

	status = err_worst(status, c->log.worst);
	errno = c->log.out_errno;
	if (fflush(stdout) == EOF || ferror(stdout)) {
		if (errno != 0)
			err_sys(&e, "standard output");
		else
			err_set(&e, E_SYS, "standard output: write failed");
		c->log.json = false;
		status = err_worst(status, log_error(&c->log, NULL, &e));
	}
	log_close(&c->log);
	opt_release(&c->opt);
	return status;
}
