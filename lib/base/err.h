/* SPDX-License-Identifier: ISC */
/*
 * One error, owned by the caller, fixed size, filled once where the knowledge
 * is.  Every fallible function takes it last and returns -1.
 */
#ifndef WF_ERR_H
#define WF_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum err_kind {
	E_NONE = 0,
	E_USAGE, /* the request makes no sense as given */
	E_SYS, /* the system failed: sys holds errno */
	E_FORMAT, /* the bytes break their format: at holds the offset */
	E_LIMIT, /* well formed, but over a limit of ours */
	E_DIGEST, /* content and its recorded digest differ */
	E_SIG, /* signature absent, bad, or by a key not trusted */
	E_SEQ, /* replay, rollback, missing base or medium */
	E_MISSING, /* something declared is not there */
	E_PARTIAL, /* done, but some files could not be had */
	E_REMOTE, /* the peer refused or is unreachable */
	E_BUSY, /* another process holds the store */
	E_STOP, /* asked to stop; resuming is safe */
	E_NKINDS
};

#define E_NO_OFFSET UINT64_MAX
#define ERR_MSG_MAX 496

struct err {
	enum err_kind kind;
	int sys; /* errno for E_SYS, else 0 */
	uint64_t at; /* byte offset into the input, or E_NO_OFFSET */
	char msg[ERR_MSG_MAX]; /* one sentence, outermost context first */
};

#define ERR_INIT                                                               \
	{                                                                      \
		.kind = E_NONE, .at = E_NO_OFFSET                              \
	}

/*
 * All of these return -1, so that failing is one statement.  Filling an error
 * that is already filled is a bug (assertion).  err_sys() appends errno's text
 * and, where that tells of a device, that it does; err_ctx() puts "context: "
 * in front of the message.  Control bytes in a message are replaced by '?':
 * names in it may come from a stranger.
 */
int err_set(struct err *e, enum err_kind k, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int err_at(struct err *e, uint64_t off, const char *fmt, ...)
    __attribute__((format(printf, 3, 4))); /* E_FORMAT */
int err_sys(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3))); /* E_SYS, errno */
int err_nomem(struct err *e); /* E_SYS, ENOMEM */
int err_ctx(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void err_clear(struct err *e);

/*
 * Ours or the machine's: it says nothing of what was read, so it is neither a
 * finding nor a reason to go on without.  False: theirs.
 */
bool err_is_ours(const struct err *e);

/* The exit status of a kind (wsusferry(7)), and its word in JSON. */
int err_status(enum err_kind k);
const char *err_word(enum err_kind k);

/* The exit status that wins when both apply: first of 7 4 6 5 8 9 3 2 1 10. */
int err_worst(int a, int b);

#endif
