/* SPDX-License-Identifier: ISC */
/*
 * Trusted keys: files named *.pub in a folder, and those in its revoked/, which
 * are trusted no more.  A key counts as revoked when its id or its bytes are
 * in revoked/, under whatever name, wherever else it stands in the folder.
 */
#ifndef WF_KEYRING_H
#define WF_KEYRING_H

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

/* Owns: l, key_list_free(), also after a failure. */
int keys_list(int dirfd, struct key_list *l, struct err *e);
void key_list_free(struct key_list *l);

#endif
