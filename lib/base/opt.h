/* SPDX-License-Identifier: ISC */
/*
 * One table per program: command line, environment, configuration file, help
 * and the check against the manual page all read it.
 */
#ifndef WF_OPT_H
#define WF_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum opt_type {
	OPT_END = 0,
	OPT_FLAG, /* to: bool */
	OPT_STR, /* to: const char * */
	OPT_NUM, /* to: uint64_t, within [min, max] */
	OPT_LIST /* to: struct opt_list; may be given several times */
};

#define OPT_LIST_MAX 64

struct opt_list {
	const char *v[OPT_LIST_MAX];
	size_t n;
};

struct opt {
	enum opt_type type;
	char letter; /* or 0 */
	const char *name; /* long name, kebab case; also the key in the file */
	void *to;
	const char *arg; /* its placeholder in the help; NULL for a flag */
	const char *help; /* a few words, lower case */
	const char *env; /* environment variable, or NULL */
	uint64_t min, max;
};

struct opt_prog {
	const char *name; /* "wsusferry-import" */
	const char *const *synopsis; /* lines after the name; NULL ends */
	const char *purpose; /* one line */
	const struct opt *opts; /* ends with OPT_END */
	int min_args, max_args; /* operands; max -1: any number */
};

/* What a table row's values live in while a program runs. */
struct opt_state {
	char *conf; /* owned: text of the configuration file */
	bool help; /* --help was printed to stdout; exit 0 */
	uint64_t given; /* bit n: row n stands on the command line */
};

/*
 * Order of strength: command line, environment, configuration file.  --help
 * and --version are known to every program, so is -c --config FILE (else
 * WSUSFERRY_CONFIG, else /etc/wsusferry/wsusferry.conf where it exists).
 * Options and operands may be mixed; "--" ends options.
 * Returns the number of operands, moved to argv[1..], or -1: E_USAGE naming
 * the option, what was given and what is expected, and the nearest name for an
 * unknown one; E_FORMAT for the file, with its line.
 */
int opt_parse(const struct opt_prog *prog, struct opt_state *st, int argc,
    char *argv[], struct err *e);
void opt_release(struct opt_state *st);
/* Does that option stand on the command line?  Not in the environment or the
   file, which are for every way of running. */
bool opt_given(
    const struct opt_prog *prog, const struct opt_state *st, const char *name);

/* At most 80 columns. */
struct buf;
int opt_help(const struct opt_prog *prog, struct buf *to, struct err *e);

#endif
