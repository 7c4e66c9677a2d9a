/* SPDX-License-Identifier: ISC */
/* wsusferry NAME ...: run wsusferry-NAME, from beside this program or PATH. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "lib/base/err.h"
#include "lib/base/near.h"

#define PATH_SIZE 4096

static const struct {
	const char *name, *does;
} programs[] = {
    {"fetch", "get updates and payload from an upstream server"},
    {"import", "take a package or a transfer into a store"},
    {"export", "write a transfer, or a package, out of a store"},
    {"verify", "check transfers, packages, cabinets and stores"},
    {"list", "show what a store holds"},
    {"offer", "compile what Windows clients are offered"},
    {"serve-static", "serve payload to clients over HTTP"},
    {"key", "make, list, trust and revoke signing keys"},
};

#define NPROGRAMS (sizeof(programs) / sizeof(*programs))

/* Where wsusferry-NAME would lie beside this program. */
static bool
beside(char out[PATH_SIZE], const char *name)
{
	char self[PATH_SIZE];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;
	int k;

	if (n <= 0)
		return false;
	self[n] = '\0';
	if ((slash = strrchr(self, '/')) == NULL)
		return false;
	*slash = '\0';
	k = snprintf(out, PATH_SIZE, "%s/wsusferry-%s", self, name);
	return k > 0 && k < PATH_SIZE;
}

static int
list(struct cmd *c)
{
	char path[PATH_SIZE];
	size_t i;

	puts("usage: wsusferry NAME [ARGUMENT ...]\n"
	     "\n"
	     "run wsusferry-NAME; wsusferry help NAME says more\n");
	for (i = 0; i < NPROGRAMS; i++)
		if (beside(path, programs[i].name) && access(path, X_OK) == 0)
			printf("  %-14s  %s\n", programs[i].name,
			    programs[i].does);
	puts("\n"
	     "      --help      print this and exit\n"
	     "      --version   print the version and exit");
	return cmd_finish(c, 0);
}

static bool
is_name(const char *s)
{
	return *s != '\0' && *s != '-' &&
	    strspn(s, "abcdefghijklmnopqrstuvwxyz-") == strlen(s);
}

static int
unknown(struct cmd *c, const char *name)
{
	struct err e = ERR_INIT;
	struct near near;
	size_t i;

	near_begin(&near, name);
	for (i = 0; i < NPROGRAMS; i++)
		near_try(&near, programs[i].name);
	if (near.best != NULL && strcmp(near.best, name) == 0)
		err_set(&e, E_USAGE, "wsusferry-%s is not installed", name);
	else if (near.best != NULL)
		err_set(&e, E_USAGE, "unknown program '%s', nearest is '%s'",
		    name, near.best);
	else
		err_set(&e, E_USAGE, "unknown program '%s'; see --help", name);
	return cmd_finish(c, cmd_report(c, NULL, &e));
}

static int
run_program(struct cmd *c, const char *name, char *argv[])
{
	char path[PATH_SIZE], file[64];
	struct err e = ERR_INIT;
	int n;

	n = snprintf(file, sizeof(file), "wsusferry-%s", name);
	if (n < 0 || (size_t)n >= sizeof(file))
		return unknown(c, name);
	argv[0] = file;
	errno = ENOENT;
	if (beside(path, name))
		execv(path, argv);
	if (errno == ENOENT)
		execvp(file, argv);
	if (errno == ENOENT)
		return unknown(c, name);
	err_sys(&e, "%s", file);
	return cmd_finish(c, cmd_report(c, NULL, &e));
}

int
main(int argc, char *argv[])
{
	struct cmd c = CMD_INIT;
	char help[] = "--help";

	c.log.prog = "wsusferry";
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "help") == 0 && is_name(argv[2])) {
		argv[1] = argv[2]; /* "help NAME" is "NAME --help" */
		argv[2] = help;
		return run_program(&c, argv[1], argv + 1);
	}
	if (argc < 2 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return list(&c);
	if (strcmp(argv[1], "--version") == 0) {
		printf("wsusferry %s\n", WF_VERSION);
		return cmd_finish(&c, 0);
	}
	if (!is_name(argv[1]))
		return unknown(&c, argv[1]);
	return run_program(&c, argv[1], argv + 1);
}
