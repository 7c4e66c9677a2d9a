/* SPDX-License-Identifier: ISC */
/*
 * Ed25519 signatures and keys in minisign's formats, by libsodium.
 * Signatures are prehashed (algorithm "ED": over BLAKE2b-512 of the message)
 * and have a trusted comment under a second, global signature.
 */
#ifndef WF_SIGN_H
#define WF_SIGN_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

#define SIGN_MAX_TEXT 4096 /* bytes of a key file or a signature */
#define SIGN_MAX_COMMENT 1024 /* bytes of a trusted comment */
#define SIGN_ID_LEN 8
#define SIGN_BYTES_LEN 64 /* of a signature by itself */
#define SIGN_UNTRUSTED "wsusferry transfer signature"

struct sign_pub {
	uint8_t id[SIGN_ID_LEN]; /* little-endian, as in the file */
	uint8_t key[32];
};

struct sign_sec {
	uint8_t id[SIGN_ID_LEN];
	uint8_t key[64]; /* wipe with sign_sec_wipe() */
};

int sign_new(struct sign_sec *s, struct sign_pub *p, struct err *e);
void sign_sec_wipe(struct sign_sec *s);
/* The id as minisign prints it: 16 upper-case hex digits. */
void sign_id_text(char out[2 * SIGN_ID_LEN + 1], const uint8_t id[SIGN_ID_LEN]);

/*
 * Key files: a line with a comment, a line of canonical base64, each ended by
 * LF, CR LF or the end of the file; what follows is not read, as in minisign.
 * Secret keys are the
 * unencrypted form of `minisign -G -W` (kdf none; the BLAKE2b checksum is
 * checked unless it is all zeros, which is what minisign writes; that the
 * halves of the key belong together is checked always).  An encrypted one and
 * a secret key offered as a public one are refused, in words that say so.
 * E_FORMAT.
 */
int sign_pub_read(
    struct sign_pub *p, const char *text, size_t len, struct err *e);
int sign_pub_write(const struct sign_pub *p, struct buf *to, struct err *e);
int sign_sec_read(
    struct sign_sec *s, const char *text, size_t len, struct err *e);
int sign_sec_write(const struct sign_sec *s, struct buf *to, struct err *e);
void sign_sec_pub(const struct sign_sec *s, struct sign_pub *p);

/* The text of a .minisig file, exactly four LF-terminated lines. */
int sign_make(const struct sign_sec *s, const void *msg, size_t len,
    const char *trusted_comment, struct buf *to, struct err *e);

/*
 * Check a .minisig text, more strictly than minisign: exactly four lines, the
 * untrusted comment exactly "untrusted comment: " SIGN_UNTRUSTED, canonical
 * base64, algorithm ED, printable trusted comment, both signatures.
 * which gets the index of the key; comment the trusted comment.
 * Errors: E_SIG, with "not by a trusted key (key id ...)" told from "bad".
 */
int sign_check(const struct sign_pub *keys, size_t nkeys, const void *msg,
    size_t len, const char *sig, size_t siglen, size_t *which,
    char comment[SIGN_MAX_COMMENT + 1], struct err *e);

/*
 * A signature by itself, of bytes that begin with a prefix of their own, so
 * that they are never what minisign signs.  Errors of the check, and which, as
 * for sign_check().
 */
int sign_bytes(const struct sign_sec *s, const void *bytes, size_t len,
    uint8_t sig[SIGN_BYTES_LEN], struct err *e);
int sign_bytes_check(const struct sign_pub *keys, size_t nkeys,
    const uint8_t id[SIGN_ID_LEN], const void *bytes, size_t len,
    const uint8_t sig[SIGN_BYTES_LEN], size_t *which, struct err *e);

#endif
