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
#include <stdint.h>

#include "lib/base/sign.h"

struct err;

#define KEYS_MAX 256 /* files in one folder */
#define KEYS_ETC "/etc/wsusferry/keys"

struct key {
	char file[256]; /* name in the folder, or in revoked/ */
	struct sign_pub pub;
	bool revoked; /* not trusted: it is in revoked/ too, or only there */
	bool apart; /* this file lies in revoked/ */
	int64_t since_s; /* when the file was written, or put into revoked/ */
};

struct key_list {
	struct key *v; /* owned; by name, those in revoked/ last */
	size_t n;
};

#define KEY_LIST_INIT                                                          \
	{                                                                      \
		.v = NULL, .n = 0                                              \
	}

/* What a signature is checked against. */
struct keyring {
	struct sign_pub *v; /* owned: trusted */
	size_t n;
	struct key *revoked; /* owned: what lies in revoked/ folders */
	size_t nrevoked;
};

#define KEYRING_INIT                                                           \
	{                                                                      \
		.v = NULL                                                      \
	}

/*
 * The keys that are trusted: those of path (a file or a folder) where it is
 * given, else of keys/ in the store, else, when the store trusts none of its
 * own, of KEYS_ETC.  What the store has revoked is never among them.  Owns: r,
 * keyring_free(), also after a failure.  No key is n == 0 and no error.
 * E_USAGE: path is not there.  E_SIG: it is one key, and revoked.  E_FORMAT: a
 * file is no public key.  E_LIMIT.  E_SYS.
 */
int keyring_load(
    struct keyring *r, const char *path, int store_dirfd, struct err *e);
void keyring_free(struct keyring *r);
/*
 * sign_check() by these keys; a signature by a key that was revoked is told as
 * that (E_SIG).  id: of the key, as sign_id_text() has it.
 */
int keyring_check(const struct keyring *r, const void *msg, size_t len,
    const char *sig, size_t siglen, char id[2 * SIGN_ID_LEN + 1],
    char comment[SIGN_MAX_COMMENT + 1], struct err *e);

/*
 * A key from a file that the user named; messages leave the name to callers.
 * E_USAGE: others may read the secret one.
 */
int keyring_read_pub(const char *path, struct sign_pub *p, struct err *e);
int keyring_read_sec(const char *path, struct sign_sec *s, struct err *e);

/* Owns: l, keyring_list_free(), also after a failure. */
int keyring_list(int dirfd, struct key_list *l, struct err *e);
void keyring_list_free(struct key_list *l);

#endif
