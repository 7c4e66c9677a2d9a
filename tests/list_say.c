/* SPDX-License-Identifier: ISC */
#include "tests/list_say.h"

#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/list/list.h"
#include "tests/t.h"

#define SAID_MAX 65535

char *
list_say(const struct list_opts *o)
{
	int saved = dup(STDOUT_FILENO), fd = memfd_create("said", MFD_CLOEXEC);
	char *out = calloc(1, SAID_MAX + 1);
	struct err e = ERR_INIT;

	(void)fflush(stdout);
	(void)dup2(fd, STDOUT_FILENO);
	T_CALL(list_run(o, &e), &e);
	log_end(o->log);
	(void)fflush(stdout);
	(void)dup2(saved, STDOUT_FILENO);
	T_OK(pread(fd, out, SAID_MAX, 0) >= 0);
	(void)close(saved);
	(void)close(fd);
	return out;
}
