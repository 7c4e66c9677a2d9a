/* SPDX-License-Identifier: ISC */
/* unpack.c as a process that has one file to read, and nothing else. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/sandbox.h"
#include "lib/transfer/unpack.h"

#define MEMORY ((size_t)512 << 20) /* bytes that it may have */

/* False: nobody listens. */
static bool
put(int tell, const void *p, size_t n)
{
	const uint8_t *at = p;
	ssize_t got;

	while (n > 0) {
		got = write(tell, at, n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		n -= (size_t)got;
	}
	return true;
}

static bool
say(int tell, enum unpack_say say, const void *p, size_t n)
{
	struct unpack_word w = {.say = (uint32_t)say, .n = (uint32_t)n};

	return put(tell, &w, sizeof(w)) && put(tell, p, n);
}

static bool
say_fault(int tell, const struct err *e)
{
	return say(tell, UNPACK_FAULT, e, sizeof(*e));
}

static bool
say_next(struct unpack *u, int tell)
{
	struct unpack_member m;
	struct err e = ERR_INIT;
	int r = unpack_next(u, &m, &e);

	if (r == 1)
		return say(tell, UNPACK_MEMBER, &m, sizeof(m));
	return r == 0 ? say(tell, UNPACK_END, "", 0) : say_fault(tell, &e);
}

static bool
say_data(struct unpack *u, int tell)
{
	struct err e = ERR_INIT;
	const void *p;
	size_t n;
	int r;

	while ((r = unpack_data(u, &p, &n, &e)) == 1)
		for (const uint8_t *at = p; n > 0;) {
			size_t k = n < UNPACK_BLOCK ? n : UNPACK_BLOCK;

			if (!say(tell, UNPACK_BYTES, at, k))
				return false;
			at += k;
			n -= k;
		}
	return r == 0 ? say(tell, UNPACK_DONE, "", 0) : say_fault(tell, &e);
}

static bool
say_again(struct unpack **u, int fd, int tell, enum unpack_form form)
{
	struct err e = ERR_INIT;

	unpack_close(*u);
	*u = NULL;
	if (lseek(fd, 0, SEEK_SET) == -1)
		(void)err_sys(&e, "cannot go back to its beginning");
	else if (unpack_open(u, fd, form, &e) == 0)
		return say(tell, UNPACK_DONE, "", 0);
	(void)say_fault(tell, &e);
	return false;
}

/* What was asked for, until nobody asks. */
static void
serve(int ask, int fd, int tell, enum unpack_form form)
{
	struct unpack *u = NULL;
	struct err e = ERR_INIT;
	char c;

	if (sandbox_reader(ask, fd, tell, MEMORY, &e) == -1 ||
	    unpack_open(&u, fd, form, &e) == -1) {
		(void)say_fault(tell, &e);
		return;
	}
	while (read(ask, &c, 1) == 1) {
		bool heard;

		if (c == UNPACK_AGAIN)
			heard = say_again(&u, fd, tell, form);
		else
			heard = c == UNPACK_NEXT ? say_next(u, tell)
						 : say_data(u, tell);
		if (!heard)
			break;
	}
	unpack_close(u);
}

void
unpack_run_tar(int ask, int fd, int tell)
{
	serve(ask, fd, tell, UNPACK_TAR);
}

void
unpack_run_iso(int ask, int fd, int tell)
{
	serve(ask, fd, tell, UNPACK_ISO);
}
