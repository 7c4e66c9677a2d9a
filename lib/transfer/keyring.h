/* SPDX-License-Identifier: ISC */
/*
 * Trusted keys: files named *.pub in a folder, which may sign transfers; those
 * in its receipts/, which may sign receipts; and those in its revoked/, which
 * are trusted no more, for nothing.  A key counts as revoked when its id or its
 * bytes are in revoked/, under whatever name, wherever else it stands.
 */
#ifndef WF_KEYRING_H
#define WF_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/sign.h"

struct err;
struct stat;

#define KEYS_MAX 256 /* files in one folder */
#define KEYS_ETC "/etc/wsusferry/keys"
#define KEYS_RECEIPTS_DIR "receipts"
#define KEYS_REVOKED "revoked"

/* What a key may sign. */
enum key_for { KEYS_TRANSFERS = 1, KEYS_RECEIPTS = 2, KEYS_ALL = 3 };
const char *keyring_purpose(enum key_for purpose); /* its word */

struct key {
	char file[256]; /* name in the folder, or in revoked/ */
	struct sign_pub pub;
	enum key_for purpose; /* KEYS_ALL: apart */
	bool revoked; /* not trusted: it is in revoked/ too, or only there */
	bool apart; /* this file lies in revoked/ */
	int64_t since_s; /* when the file was written, or put into revoked/ */
};

struct key_list {
	struct key *v; /* owned; by purpose and name, those in revoked/ last */
	size_t n;
};

#define KEY_LIST_INIT                                                          \
	{                                                                      \
		.v = NULL, .n = 0                                              \
	}

/* What a signature is checked against. */
struct keyring {
	enum key_for purpose;
	struct sign_pub *v; /* owned: trusted for it */
	size_t n;
	struct sign_pub *others; /* owned: trusted for another purpose */
	size_t nothers;
	struct key *revoked; /* owned: what lies in revoked/ folders */
	size_t nrevoked;
};

#define KEYRING_INIT                                                           \
	{                                                                      \
		.v = NULL                                                      \
	}

/*
 * The keys that are trusted for a purpose: those of path (a file, or a folder
 * of that form) where it is given, else of keys/ in the store, else, when the
 * store trusts none of its own, of KEYS_ETC.  What the store has revoked is
 * never among them.  Owns: r, keyring_free(), also after a failure.  No key is
 * n == 0 and no error.  E_USAGE: path is not there.  E_SIG: it is one key, and
 * revoked.  E_FORMAT: a file is no public key.  E_LIMIT.  E_SYS.
 */
int keyring_load(struct keyring *r, enum key_for purpose, const char *path,
    int store_dirfd, struct err *e);
void keyring_free(struct keyring *r);
/*
 * sign_check() by these keys; a signature by a key that was revoked, or is for
 * another purpose, is told as that (E_SIG).  id: of the key, as sign_id_text()
 * has it.
 */
int keyring_check(const struct keyring *r, const void *msg, size_t len,
    const char *sig, size_t siglen, char id[2 * SIGN_ID_LEN + 1],
    char comment[SIGN_MAX_COMMENT + 1], struct err *e);

/* The same of sign_bytes(); by gets the key. */
int keyring_check_bytes(const struct keyring *r, const void *msg, size_t len,
    const uint8_t id[SIGN_ID_LEN], const uint8_t sig[SIGN_BYTES_LEN],
    struct sign_pub *by, struct err *e);

/*
 * A file or a folder that the user named; links are followed.  Returns its
 * descriptor.  E_USAGE: nothing is there, or something else.
 */
int keyring_open(const char *path, struct stat *st, struct err *e);
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
