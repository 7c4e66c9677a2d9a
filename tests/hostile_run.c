/* SPDX-License-Identifier: ISC */
#include "tests/hostile_run.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path_remove.h"
#include "lib/import/import.h"
#include "lib/verify/verify.h"
#include "tests/t.h"

#define ARGS 24

/* The programs, where they are asked for: its exit status. */
static int
spawn(const char *folder, const char *name, const char *argv[])
{
	char path[4096];
	int status = -1;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/wsusferry-%s", folder, name);
	argv[0] = path;
	stick_hush();
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

		(void)dup2(null, STDIN_FILENO);
		(void)execv(path, (char **)(uintptr_t)argv);
		_exit(127);
	}
	T_OK(pid != -1 && waitpid(pid, &status, 0) == pid);
	stick_hear();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static size_t
add(const char *argv[], size_t n, const char *option, const char *value)
{
	if (value == NULL)
		return n;
	argv[n++] = option;
	argv[n++] = value;
	return n;
}

static size_t
add_paths(const struct hostile *h, const char *argv[], size_t n)
{
	for (size_t i = 0; h->receipt == NULL && i < h->npaths; i++)
		argv[n++] = h->paths[i];
	return n;
}

static int
spawn_verify(const struct hostile *h, const char *folder, const char *store,
    const char *pub)
{
	const char *argv[ARGS] = {NULL};
	size_t n = 1;

	n = add(argv, n, "-s", store);
	n = add(argv, n, "-k", pub);
	(void)add_paths(h, argv, n);
	return spawn(folder, "verify", argv);
}

static int
spawn_import(const struct hostile *h, const char *folder, const char *store,
    const char *pub)
{
	const char *argv[ARGS] = {NULL};
	size_t n = 1;

	n = add(argv, n, "-s", store);
	n = add(argv, n, "-k", pub);
	n = add(argv, n, "--destination", h->destination);
	n = add(argv, n, "--receipt", h->receipt);
	(void)add_paths(h, argv, n);
	return spawn(folder, "import", argv);
}

/* Of a store that is there the keys count; a fresh one has none. */
static const char *
pub_for(const struct hostile *h, const char *store)
{
	return !h->keyless && strcmp(store, hostile_home()->fresh) == 0
	    ? stick_home()->pub
	    : NULL;
}

int
hostile_verify(const struct hostile *h, enum hostile_end end)
{
	const char *programs = getenv("WF_PROGRAMS"), *paths[HOSTILE_PATHS];
	const char *store = h->keyless ? NULL
	    : end == HOSTILE_TAKEN     ? hostile_home()->fresh
				       : hostile_home()->far;
	const char *pub = store != NULL ? pub_for(h, store) : NULL;
	const struct verify_opts o = {.trusted_keys = pub,
	    .store = store,
	    .paths = paths,
	    .npaths = h->npaths,
	    .jobs = 1,
	    .log = &(struct log)LOG_INIT};
	struct err e = ERR_INIT;
	int status = 0;

	if (programs != NULL)
		return spawn_verify(h, programs, store, pub);
	for (size_t i = 0; i < h->npaths; i++)
		paths[i] = h->paths[i];
	o.log->prog = "verify";
	stick_hush();
	for (size_t i = 0; i < h->npaths; i++)
		if (verify_run(&o, paths[i], &e) == -1)
			status = err_worst(
			    status, log_error(o.log, paths[i], &e));
	return err_worst(status, stick_speak(o.log, 0, &e));
}

int
hostile_import(const struct hostile *h, const char *store)
{
	const char *programs = getenv("WF_PROGRAMS"), *paths[HOSTILE_PATHS];
	const char *pub = pub_for(h, store);
	struct log log = LOG_INIT;
	const struct import_opts o = {.store = store,
	    .paths = paths,
	    .npaths = h->receipt != NULL ? 0 : h->npaths,
	    .trusted_keys = pub,
	    .receipt = h->receipt,
	    .destination = h->destination,
	    .jobs = 1,
	    .log = &log};
	struct err e = ERR_INIT;

	if (programs != NULL)
		return spawn_import(h, programs, store, pub);
	for (size_t i = 0; i < h->npaths; i++)
		paths[i] = h->paths[i];
	log.prog = "import";
	stick_hush();
	return stick_speak(&log, import_run(&o, &e), &e);
}

void
hostile_forget(const char *store)
{
	struct err e = ERR_INIT;
	char path[HOSTILE_PATH + 16];

	snprintf(path, sizeof(path), "%s/staging", store);
	T_CALL(path_remove(AT_FDCWD, path, &e), &e);
	T_EQ(mkdir(path, 0755), 0);
}
