/* SPDX-License-Identifier: ISC */
#include "lib/base/err.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/enc.h"

struct kind {
	int status;
	const char *word;
};

static const struct kind kinds[E_NKINDS] = {
    [E_NONE] = {0, "ok"},
    [E_USAGE] = {2, "usage"},
    [E_SYS] = {4, "system"},
    [E_FORMAT] = {3, "format"},
    [E_LIMIT] = {3, "limit"},
    [E_DIGEST] = {1, "digest"},
    [E_SIG] = {8, "signature"},
    [E_SEQ] = {9, "sequence"},
    [E_MISSING] = {1, "missing"},
    [E_PARTIAL] = {10, "partial"},
    [E_REMOTE] = {5, "remote"},
    [E_BUSY] = {6, "busy"},
    [E_STOP] = {7, "stopped"},
};

/* Cuts a sequence in two where the room ends: half of one would remain. */
static void
cut(char *s, size_t room)
{
	uint8_t *p = (uint8_t *)s;
	size_t n = strlen(s), at;

	if (n + 1 < room || n == 0)
		return;
	for (at = n - 1; at > 0 && n - at < 4 && (p[at] & 0xc0) == 0x80;)
		at--;
	if (p[at] >= 0xc0 && utf8_len(p + at, n - at) == 0)
		p[at] = '\0';
}

/* What does not fit is left away. */
static void
append(struct err *e, const char *s)
{
	size_t at = strlen(e->msg), n = strlen(s);

	if (n > sizeof(e->msg) - 1 - at)
		n = sizeof(e->msg) - 1 - at;
	memcpy(e->msg + at, s, n);
	e->msg[at + n] = '\0';
	cut(e->msg, sizeof(e->msg));
}

static void fill_err(struct err *e, enum err_kind k, const char *fmt,
    va_list ap) __attribute__((format(printf, 3, 0)));

static void
fill_err(struct err *e, enum err_kind k, const char *fmt, va_list ap)
{
	assert(e->kind == E_NONE);
	assert(k > E_NONE && k < E_NKINDS);
	e->kind = k;
	e->sys = 0;
	e->at = E_NO_OFFSET;
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	cut(e->msg, sizeof(e->msg));
	utf8_clean(e->msg);
}

int
err_set(struct err *e, enum err_kind k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill_err(e, k, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_at(struct err *e, uint64_t off, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill_err(e, E_FORMAT, fmt, ap);
	va_end(ap);
	e->at = off;
	return -1;
}

/*
 * A stick that was pulled, a disk or a share that fails: what the kernel says
 * of it leaves it to the reader to guess whose fault it is.
 */
static const char *
blame(int sys)
{
	switch (sys) {
	case EIO:
	case ENODEV:
	case ENOMEDIUM:
	case EREMOTEIO:
	case ESTALE:
		return " (the device or the way to it fails)";
	case EMFILE:
		return " (the limit of this process: ulimit -n)";
	default:
		return "";
	}
}

int
err_sys(struct err *e, const char *fmt, ...)
{
	int sys = errno;
	const char *text = strerrordesc_np(sys);
	va_list ap;

	va_start(ap, fmt);
	fill_err(e, E_SYS, fmt, ap);
	va_end(ap);
	e->sys = sys;
	append(e, ": ");
	append(e, text != NULL ? text : "unknown error");
	append(e, blame(sys));
	return -1;
}

int
err_nomem(struct err *e)
{
	err_set(e, E_SYS, "out of memory");
	e->sys = ENOMEM;
	return -1;
}

int
err_ctx(struct err *e, const char *fmt, ...)
{
	char ctx[ERR_MSG_MAX], old[ERR_MSG_MAX];
	va_list ap;

	assert(e->kind != E_NONE);
	va_start(ap, fmt);
	(void)vsnprintf(ctx, sizeof(ctx), fmt, ap);
	va_end(ap);
	memcpy(old, e->msg, sizeof(old));
	e->msg[0] = '\0';
	append(e, ctx);
	append(e, ": ");
	append(e, old);
	utf8_clean(e->msg);
	return -1;
}

void
err_clear(struct err *e)
{
	e->kind = E_NONE;
	e->sys = 0;
	e->at = E_NO_OFFSET;
	e->msg[0] = '\0';
}

bool
err_is_ours(const struct err *e)
{
	return e->kind == E_SYS || e->kind == E_STOP || e->kind == E_BUSY;
}

int
err_status(enum err_kind k)
{
	return kinds[k].status;
}

const char *
err_word(enum err_kind k)
{
	return kinds[k].word;
}

/* A status that is in no row, of a crash say, is worse than all of them. */
static int
rank(int status)
{
	static const int order[] = {7, 4, 6, 5, 8, 9, 3, 2, 1, 10, 0};
	int i;

	for (i = 0; i < (int)(sizeof(order) / sizeof(*order)); i++)
		if (order[i] == status)
			return i;
	return -1;
}

int
err_worst(int a, int b)
{
	return rank(a) <= rank(b) ? a : b;
}
