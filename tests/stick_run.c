/* SPDX-License-Identifier: ISC */
#include "tests/stick_run.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path_remove.h"
#include "lib/import/import.h"
#include "lib/verify/verify.h"
#include "tests/t.h"

static int talk = -1, saved_out, saved_err;

static void
hush(void)
{
	char path[1024];

	if (talk == -1) {
		snprintf(path, sizeof(path), "%s/talk", t_tmpdir());
		talk = open(
		    path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	}
	(void)fflush(NULL);
	saved_out = dup(STDOUT_FILENO);
	saved_err = dup(STDERR_FILENO);
	(void)dup2(talk, STDOUT_FILENO);
	(void)dup2(talk, STDERR_FILENO);
}

static int
speak(struct log *log, int r, struct err *e)
{
	int status = r == -1 ? log_error(log, NULL, e) : 0;

	status = err_worst(status, log->worst);
	log_close(log);
	(void)fflush(NULL);
	(void)dup2(saved_out, STDOUT_FILENO);
	(void)dup2(saved_err, STDERR_FILENO);
	(void)close(saved_out);
	(void)close(saved_err);
	return status;
}

const char *
stick_said(void)
{
	static char text[16384];
	ssize_t n = pread(talk, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	T_EQ(ftruncate(talk, 0), 0);
	return text;
}

int
stick_verify(const char *path, const char *pub)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const struct verify_opts o = {
	    .trusted_keys = pub, .jobs = 1, .log = &log};

	log.prog = "verify";
	hush();
	return speak(&log, verify_run(&o, path, &e), &e);
}

int
stick_import(const char *path, const char *pub)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT, ignored = ERR_INIT;
	char store[1024];
	const struct import_opts o = {.store = store,
	    .paths = &path,
	    .npaths = 1,
	    .trusted_keys = pub,
	    .jobs = 1,
	    .log = &log};
	int r;

	snprintf(store, sizeof(store), "%s.store", path);
	log.prog = "import";
	hush();
	r = speak(&log, import_run(&o, &e), &e);
	T_CALL(tree_remove(AT_FDCWD, store, &ignored), &ignored);
	return r;
}
