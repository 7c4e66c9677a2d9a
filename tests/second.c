/* SPDX-License-Identifier: ISC */
#include "tests/second.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/t.h"

#define SCRIPT "tests/second_reader.py"

/* One process answers for all cases of a test. */
static FILE *ask, *told;

static bool
have_python(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execlp(
		    "python3", "python3", "-I", "-c", "", (char *)NULL);
		_exit(127);
	}
	return pid != -1 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool
start(void)
{
	static bool tried;
	int to[2], from[2];
	pid_t pid;

	if (tried)
		return ask != NULL;
	tried = true;
	if (access(SCRIPT, R_OK) == -1 || !have_python())
		return false;
	T_EQ(pipe2(to, O_CLOEXEC), 0);
	T_EQ(pipe2(from, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		(void)dup2(to[0], STDIN_FILENO);
		(void)dup2(from[1], STDOUT_FILENO);
		(void)execlp(
		    "python3", "python3", "-I", SCRIPT, "--each", (char *)NULL);
		_exit(127);
	}
	T_OK(pid != -1);
	(void)close(to[0]);
	(void)close(from[1]);
	ask = fdopen(to[1], "w");
	told = fdopen(from[0], "r");
	return ask != NULL && told != NULL;
}

/* What only a reader of packages can find, and which counts more than what the
   second one found. */
static bool
in_a_package(int status, int second, const char *said)
{
	static const char *const words[] = {" in the packages",
	    "expected an absent line for ",
	    "data/wsusexport.cab: ", "data/wsusexport-2.cab: ", "package.xml"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(said, words[i]) != NULL)
			return (status == 3 && second == 1) ||
			    ((status == 3 || status == 1) &&
				(second == 0 || second == 10));
	return false;
}

int
second_status(const char *path, const char *pub, char why[512])
{
	char line[4096] = "", *text;
	int status;

	if (!start())
		return -1;
	(void)fprintf(ask, "%s\t%s\n", pub != NULL ? pub : "-", path);
	(void)fflush(ask);
	if (fgets(line, sizeof(line), told) == NULL) {
		t_fail(__FILE__, __LINE__, "%s ended", SCRIPT);
		return -1;
	}
	status = (int)strtol(line, &text, 10);
	line[strcspn(line, "\n")] = '\0';
	(void)snprintf(why, 512, "%.500s", *text == '\t' ? text + 1 : text);
	return status;
}

void
second_agrees(const char *path, const char *pub, int status, const char *said)
{
	char why[512];
	int second = second_status(path, pub, why);

	if (second == -1)
		return;
	if (second != status && !in_a_package(status, second, said))
		t_fail(__FILE__, __LINE__, "status %d; %s: %d %s; verify: %s",
		    status, SCRIPT, second, why, said);
	if (getenv("WF_SECOND") != NULL)
		fprintf(stderr, "second %d %d %s\n", status, second, why);
}
