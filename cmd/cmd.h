/* SPDX-License-Identifier: ISC */
/* What every program begins, reports and ends with. */
#ifndef WF_CMD_H
#define WF_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/log.h"
#include "lib/base/opt.h"

struct err;

struct cmd {
	struct log log;
	struct opt_state opt;
	const struct opt_prog *prog; /* borrowed; from cmd_begin() */
	const char *store; /* borrowed; NULL: not given */
	const char *trusted_keys; /* borrowed; NULL: not given */
	uint64_t jobs; /* 0: not given, one for each processor */
	bool json, quiet, verbose, dry_run;
	bool reads_only; /* set before cmd_begin(): SIGPIPE ends it at once */
};

#define CMD_INIT                                                               \
	{                                                                      \
		.log = LOG_INIT                                                \
	}

/* Rows of option tables; the same letter means the same everywhere. */
#define CMD_FLAG(name, to, help)                                               \
	{                                                                      \
		OPT_FLAG, 0, name, to, NULL, help, NULL, 0, 0                  \
	}
#define CMD_STR(name, to, arg, help)                                           \
	{                                                                      \
		OPT_STR, 0, name, to, arg, help, NULL, 0, 0                    \
	}
#define CMD_OPT_STORE(c)                                                       \
	{                                                                      \
		OPT_STR, 's', "store", &(c)->store, "DIR", "the store",        \
		    "WSUSFERRY_STORE", 0, 0                                    \
	}
#define CMD_OPT_JOBS(c)                                                        \
	{                                                                      \
		OPT_NUM, 'j', "jobs", &(c)->jobs, "N",                         \
		    "threads; one for each processor unless given", NULL, 1,   \
		    64                                                         \
	}
#define CMD_OPT_KEYS(c)                                                        \
	{                                                                      \
		OPT_STR, 'k', "trusted-keys", &(c)->trusted_keys, "PATH",      \
		    "a public key, or a folder of them, to trust", NULL, 0, 0  \
	}
#define CMD_OPT_DRY_RUN(c)                                                     \
	{                                                                      \
		OPT_FLAG, 'n', "dry-run", &(c)->dry_run, NULL,                 \
		    "say what would be done, and change nothing", NULL, 0, 0   \
	}
#define CMD_OPT_TALK(c)                                                        \
	{OPT_FLAG, 'q', "quiet", &(c)->quiet, NULL,                            \
	    "say nothing but errors and warnings", NULL, 0, 0},                \
	    {OPT_FLAG, 'v', "verbose", &(c)->verbose, NULL, "say more", NULL,  \
		0, 0},                                                         \
	{                                                                      \
		OPT_FLAG, 0, "json", &(c)->json, NULL, "one object a line",    \
		    NULL, 0, 0                                                 \
	}
/* The five that most programs share. */
#define CMD_OPT_COMMON(c) CMD_OPT_STORE(c), CMD_OPT_JOBS(c), CMD_OPT_TALK(c)
#define CMD_OPT_END                                                            \
	{                                                                      \
		OPT_END, 0, NULL, NULL, NULL, NULL, NULL, 0, 0                 \
	}

/*
 * Parse the command line, get ready to be stopped.  Returns the number of
 * operands, which stand in argv[1..]; ends the program itself after --help,
 * --version and faults of usage.
 */
int cmd_begin(
    struct cmd *c, const struct opt_prog *prog, int argc, char *argv[]);

/*
 * An option that this way of running does not read: where it stands on the
 * command line, that is a fault of usage, and ends the program.  why: the end
 * of a sentence that begins with the option.
 */
void cmd_refuse(struct cmd *c, bool when, const char *name, const char *why);

/*
 * Standard output is for data that are no lines, and what is said goes to
 * standard error from now on: the descriptor for them.  --json is a fault of
 * usage then; what: the option.  Ends the program where it cannot be had.
 */
int cmd_data_out(struct cmd *c, const char *what);

/*
 * "program: operand: message (byte N)" on stderr, an object on stdout with
 * --json.  operand may be NULL.  Clears the error; returns its exit status.
 */
int cmd_report(struct cmd *c, const char *operand, struct err *e);

/*
 * Flush and check stdout, let go of everything.  Returns the exit status:
 * the worst of status, of what the log has seen, and of stdout; does not
 * return, but ends by SIGPIPE, when all was good and nobody reads stdout.
 */
int cmd_finish(struct cmd *c, int status);

#endif
