/* SPDX-License-Identifier: ISC */
#include "tests/fault/peer.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/t.h"

#define WORDS_MAX ((size_t)1 << 20)

static pid_t peer;

/* The program lies in tests/upstream, we in tests/fault. */
static bool
find_program(char *to, size_t room)
{
	char self[PATH_MAX - 64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;
	unsigned up;

	if (n <= 0)
		return false;
	self[n] = '\0';
	for (up = 0; up < 2; up++) {
		if ((slash = strrchr(self, '/')) == NULL)
			return false;
		*slash = '\0';
	}
	snprintf(to, room, "%s/upstream/upstream", self);
	return access(to, X_OK) == 0;
}

static void
stop(void)
{
	if (peer > 0)
		(void)kill(peer, SIGKILL);
}

static _Noreturn void
become(const char *program, const char *store, const char *modes,
    const char *log, int err)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(err, STDERR_FILENO);
	(void)execl(program, "upstream", "--store", store, "--modes", modes,
	    "--log", log, (char *)NULL);
	_exit(127);
}

const char *
peer_start(const char *store, const char *modes, const char *log)
{
	static char base[64];
	char program[PATH_MAX], said[256];
	size_t have = 0;
	int p[2];
	ssize_t n;

	if (!find_program(program, sizeof(program)) ||
	    pipe2(p, O_CLOEXEC) == -1)
		return NULL;
	(void)fflush(NULL);
	if ((peer = fork()) == 0)
		become(program, store, modes, log, p[1]);
	(void)atexit(stop);
	close(p[1]);
	do {
		n = read(p[0], said + have, sizeof(said) - 1 - have);
		have += n > 0 ? (size_t)n : 0;
		said[have] = '\0';
	} while (n > 0 && strchr(said, '\n') == NULL);
	close(p[0]);
	if (sscanf(said, "listening on %63[^\n]", base) != 1) {
		t_fail(__FILE__, __LINE__, "the upstream says '%s'", said);
		return NULL;
	}
	base[strcspn(base, "\n")] = '\0';
	if (base[0] != '\0' && base[strlen(base) - 1] == '/')
		base[strlen(base) - 1] = '\0';
	return base;
}

static void
put_words(char *to, char *line, unsigned field)
{
	char *save = NULL, *w = strtok_r(line, " \n", &save);
	unsigned at = 0;

	for (; w != NULL; w = strtok_r(NULL, " \n", &save)) {
		if (at++ < field)
			continue;
		T_OK(strlen(to) + strlen(w) + 2 < WORDS_MAX);
		if (strlen(to) + strlen(w) + 2 < WORDS_MAX)
			snprintf(
			    to + strlen(to), WORDS_MAX - strlen(to), "%s\n", w);
	}
}

char *
peer_words(const char *log, const char *op, unsigned field)
{
	char *words = calloc(1, WORDS_MAX), *line = NULL;
	size_t cap = 0, n = strlen(op);
	FILE *f = fopen(log, "re");

	T_OK(words != NULL && f != NULL);
	if (words != NULL && f != NULL)
		while (getline(&line, &cap, f) > 0)
			if (strncmp(line, op, n) == 0 && line[n] == ' ')
				put_words(words, line, field);
	if (f != NULL)
		fclose(f);
	free(line);
	return words;
}
