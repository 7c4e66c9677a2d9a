/* SPDX-License-Identifier: ISC */
/* What wsusferry-key does: key pairs are made, public keys trusted or
   revoked. */
#ifndef WF_KEY_H
#define WF_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/transfer/keyring.h"

struct err;
struct log;

struct key_opts {
	const char *const *words; /* the verb, and what it is for */
	size_t nwords; /* 1 or more */
	const char *out; /* new: the secret key's file */
	const char *purpose; /* "transfers", "receipts", NULL */
	const char *store, *trusted_keys; /* NULL: not given */
	bool dry_run;
	struct log *log;
};

/*
 * One run of the program.  An operand that fails is told, and does not stop the
 * others.
 */
int key_run(const struct key_opts *o, struct err *e);

/*
 * The folder to list and to change: path where it is given, else keys/ of the
 * store, which must be one.  *dirfd is -1 when keys/ is not there and is not
 * to be made; the functions below take that for an empty folder.
 */
int key_open(const char *path, const char *store, bool create, int *dirfd,
    struct err *e);
/*
 * A new key pair: out, whose name ends in ".key", mode 0600, and beside it the
 * same with ".pub", mode 0644.  Where the secret half stands alone, as after an
 * interruption, the public one is made for it (old: true).  E_USAGE when the
 * public one is there.
 */
int key_new(
    const char *out, bool dry, struct sign_pub *p, bool *old, struct err *e);

/*
 * Copy a public key into the folder of a purpose (KEYS_ALL: KEYS_TRANSFERS)
 * under the name it has.  E_SIG: it is revoked there.  E_USAGE: another key has
 * that name.  changed: false when the key was trusted for it before.
 */
int key_trust(int dirfd, enum key_for purpose, const char *path, bool dry,
    struct key *k, bool *changed, struct err *e);

/*
 * Move a key to revoked/, from wherever it is trusted: what is a key id, or a
 * file with the key, or a name in the folder of the purpose.  E_MISSING: no
 * such key.  E_USAGE: two have that name.  changed: false when it was revoked
 * before.
 */
int key_revoke(int dirfd, enum key_for purpose, const char *what, bool dry,
    struct key *k, bool *changed, struct err *e);

#endif
