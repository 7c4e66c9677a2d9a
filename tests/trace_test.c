/* SPDX-License-Identifier: ISC */
#include "lib/base/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "tests/t.h"

T_TEST(an_unknown_area_is_told_the_areas)
{
	struct err e = ERR_INIT;

	T_FAILS(trace_begin("t", "sql,file", &e), &e, E_USAGE,
	    "WSUSFERRY_TRACE: 'file': expected areas out of files,http,sql");
	T_FAILS(trace_begin("t", ",", &e), &e, E_USAGE, "''");
}

T_TEST(nothing_is_on_by_itself)
{
	struct err e = ERR_INIT;

	T_CALL(trace_begin("t", NULL, &e), &e);
	T_OK(!trace_on(TRACE_SQL) && !trace_on(TRACE_HTTP) &&
	    !trace_on(TRACE_FILES));
	T_OK(os.openat == os_real.openat);
}

/* Runs once stderr is a file: what is told there, and that errno stays. */
T_TEST(calls_on_files_are_told_and_fail_as_before)
{
	struct err e = ERR_INIT;
	char path[300], text[1024] = "";
	int fd, saved = dup(STDERR_FILENO);

	snprintf(path, sizeof(path), "%s/told", t_tmpdir());
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	dup2(fd, STDERR_FILENO);
	T_CALL(trace_begin("t", "files", &e), &e);
	trace_line(TRACE_SQL, "not this");
	T_EQ(os.openat(fd, "no\nne", O_RDONLY, 0), -1);
	T_EQ(errno, ENOTDIR);
	T_EQ(os.fsync(fd), 0);
	os = os_real;
	dup2(saved, STDERR_FILENO);
	T_OK(pread(fd, text, sizeof(text) - 1, 0) > 0);
	T_OK(strstr(text, " ms: files: open ") != NULL);
	T_OK(
	    strstr(text, "/no?ne, flags 0, mode 0: Not a directory\n") != NULL);
	T_OK(strstr(text, " ms: files: flush ") != NULL);
	T_OK(strstr(text, " = 0\n") != NULL);
	T_OK(strstr(text, "not this") == NULL);
	close(fd);
	close(saved);
}

T_MAIN
