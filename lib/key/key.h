/* SPDX-License-Identifier: ISC */
/* What wsusferry-key does: key pairs are made, public keys trusted or revoked. */
#ifndef WF_KEY_H
#define WF_KEY_H

#include <stdbool.h>

#include "lib/transfer/keyring.h"

struct err;

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
 * Copy a public key into the folder under the name it has.  E_SIG: it is
 * revoked there.  E_USAGE: another key has that name.  changed: false when the
 * key was trusted before.
 */
int key_trust(int dirfd, const char *path, bool dry, struct key *k,
    bool *changed, struct err *e);

/*
 * Move a key to revoked/: what is a key id, or a file with the key, or a name
 * in the folder.  E_MISSING: no such key.  changed: false when it was revoked
 * before.
 */
int key_revoke(int dirfd, const char *what, bool dry, struct key *k,
    bool *changed, struct err *e);

#endif
