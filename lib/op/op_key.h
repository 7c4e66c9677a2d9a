/* SPDX-License-Identifier: ISC */
/*
 * Trusted keys: files named *.pub in a folder, and those in its revoked/, which
 * are trusted no more.  A key counts as revoked when its id or its bytes are
 * in revoked/, under whatever name, wherever else it stands in the folder.
 */
#ifndef WF_OP_KEY_H
#define WF_OP_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/sign.h"

struct err;

#define KEYS_MAX 256 /* files in one folder */
#define KEYS_ETC "/etc/wsusferry/keys"

struct key {
	char file[256]; /* name in the folder, or in revoked/ */
	struct sign_pub pub;
	bool revoked; /* not trusted: it is in revoked/ too, or only there */
	bool apart; /* this file lies in revoked/ */
};

struct key_list {
	struct key *v; /* owned; by name, those in revoked/ last */
	size_t n;
};

#define KEY_LIST_INIT                                                          \
	{                                                                      \
		.v = NULL, .n = 0                                              \
	}

/*
 * The keys that are trusted: those of path (a file or a folder) where it is
 * given, else of keys/ in the store, else, when the store trusts none of its
 * own, of KEYS_ETC less what the store has revoked.  Owns: *keys, free().  No
 * key is *n == 0 and no error.  E_USAGE: path is not there.  E_FORMAT: a file
 * is no public key.  E_LIMIT.  E_SYS.
 */
int keys_load(const char *path, int store_dirfd, struct sign_pub **keys,
    size_t *n, struct err *e);

/* A key from a file that the user named; messages leave the name to callers. */
int keys_read_pub(const char *path, struct sign_pub *p, struct err *e);
int keys_read_sec(const char *path, struct sign_sec *s, struct err *e);

/*
 * The folder to list and to change: path where it is given, else keys/ of the
 * store, which must be one.  *dirfd is -1 when keys/ is not there and is not
 * to be made; the functions below take that for an empty folder.
 */
int keys_open(const char *path, const char *store, bool create, int *dirfd,
    struct err *e);
/* Owns: l, key_list_free(), also after a failure. */
int keys_list(int dirfd, struct key_list *l, struct err *e);
void key_list_free(struct key_list *l);

/*
 * A new key pair: out, whose name ends in ".key", mode 0600, and beside it the
 * same with ".pub", mode 0644.  Where the secret half stands alone, as after an
 * interruption, the public one is made for it (old: true).  E_USAGE when the
 * public one is there.
 */
int keys_new(
    const char *out, bool dry, struct sign_pub *p, bool *old, struct err *e);

/*
 * Copy a public key into the folder under the name it has.  E_SIG: it is
 * revoked there.  E_USAGE: another key has that name.  changed: false when the
 * key was trusted before.
 */
int keys_trust(int dirfd, const char *path, bool dry, struct key *k,
    bool *changed, struct err *e);

/*
 * Move a key to revoked/: what is a key id, or a file with the key, or a name
 * in the folder.  E_MISSING: no such key.  changed: false when it was revoked
 * before.
 */
int keys_revoke(int dirfd, const char *what, bool dry, struct key *k,
    bool *changed, struct err *e);

#endif
