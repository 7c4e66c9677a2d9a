/* SPDX-License-Identifier: ISC */
#include "lib/base/sign.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/cur.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/sign_priv.h"
#include "lib/base/words.h"

#define TRUSTED "trusted comment: "

#define SIG_LEN crypto_sign_BYTES
#define CHK_LEN 32
#define BOX_BYTES 74 /* algorithm, id, signature */
#define SEC_KDF_BYTES 48 /* salt and limits, unused without a password */

static int
library(struct err *e)
{
	if (sodium_init() == -1)
		return err_set(e, E_SYS, "libsodium does not start");
	return 0;
}

/* A signature's: exactly n lines, each ended by LF. */
static int
split(struct sign_line *lines, size_t n, const char *text, size_t len,
    struct err *e)
{
	const char *nl;
	size_t i;

	if (sign_check_len(len, E_SIG, e) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if ((nl = memchr(text, '\n', len)) == NULL)
			return err_set(e, E_SIG,
			    "expected %s ended by LF, found %zu",
			    words_count(n, "line").s, i);
		lines[i].p = text;
		lines[i].len = (size_t)(nl - text);
		if (memchr(text, '\r', lines[i].len) != NULL)
			return err_set(e, E_SIG,
			    "line %zu: carriage return; lines end in LF alone",
			    i + 1);
		len -= lines[i].len + 1;
		text = nl + 1;
	}
	if (len > 0)
		return err_set(e, E_SIG, "%s after line %zu, expected none",
		    words_count(len, "byte").s, n);
	return 0;
}

static bool
begins(const struct sign_line *l, const char *prefix)
{
	size_t n = strlen(prefix);

	return l->len >= n && memcmp(l->p, prefix, n) == 0;
}

int
sign_new(struct sign_sec *s, struct sign_pub *p, struct err *e)
{
	if (library(e) == -1)
		return -1;
	randombytes_buf(s->id, sizeof(s->id));
	memcpy(p->id, s->id, sizeof(p->id));
	if (crypto_sign_keypair(p->key, s->key) != 0)
		return err_set(e, E_SYS, "libsodium makes no key");
	return 0;
}

void
sign_sec_wipe(struct sign_sec *s)
{
	sodium_memzero(s, sizeof(*s));
}

/* BLAKE2b-256 of algorithm, id and key, as minisign has it. */
static void
checksum(uint8_t chk[CHK_LEN], const struct sign_sec *s)
{
	crypto_generichash_state st;

	crypto_generichash_init(&st, NULL, 0, CHK_LEN);
	crypto_generichash_update(&st, (const uint8_t *)"Ed", 2);
	crypto_generichash_update(&st, s->id, sizeof(s->id));
	crypto_generichash_update(&st, s->key, sizeof(s->key));
	crypto_generichash_final(&st, chk, CHK_LEN);
	sodium_memzero(&st, sizeof(st));
}

/*
 * The key's two halves must belong together: signing with a public half that
 * is not the secret one's gives the secret away.
 */
static bool
whole(const struct sign_sec *s, const uint8_t chk[CHK_LEN])
{
	uint8_t pub[32], sec[64], want[CHK_LEN];
	bool good;

	checksum(want, s);
	crypto_sign_seed_keypair(pub, sec, s->key);
	good = memcmp(pub, s->key + 32, sizeof(pub)) == 0 &&
	    (sodium_is_zero(chk, CHK_LEN) || memcmp(chk, want, CHK_LEN) == 0);
	sodium_memzero(sec, sizeof(sec));
	return good;
}

static int
sec_fields(struct sign_sec *s, const uint8_t raw[SIGN_SEC_BYTES], struct err *e)
{
	const uint8_t *alg, *id, *key, *chk;
	struct cur c;

	cur_init(&c, raw, SIGN_SEC_BYTES);
	alg = cur_take(&c, 6);
	cur_skip(&c, SEC_KDF_BYTES);
	id = cur_take(&c, SIGN_ID_LEN);
	key = cur_take(&c, sizeof(s->key));
	chk = cur_take(&c, CHK_LEN);
	if (cur_check(&c, "secret key", e) == -1)
		return -1;
	if (memcmp(alg, "Ed", 2) != 0 || memcmp(alg + 4, "B2", 2) != 0)
		return err_set(e, E_FORMAT,
		    "line 2: expected algorithms Ed and B2, found %02x%02x and "
		    "%02x%02x",
		    alg[0], alg[1], alg[4], alg[5]);
	if (memcmp(alg + 2, "Sc", 2) == 0)
		return err_set(e, E_FORMAT,
		    "the secret key is encrypted with a password, expected one "
		    "without (minisign -G -W makes such)");
	if (memcmp(alg + 2, "\0\0", 2) != 0)
		return err_set(e, E_FORMAT,
		    "line 2: expected no key derivation, found %02x%02x",
		    alg[2], alg[3]);
	memcpy(s->id, id, SIGN_ID_LEN);
	memcpy(s->key, key, sizeof(s->key));
	if (!whole(s, chk))
		return err_set(e, E_FORMAT,
		    "the secret key is damaged: its checksum or its halves "
		    "differ");
	return 0;
}

int
sign_sec_read(struct sign_sec *s, const char *text, size_t len, struct err *e)
{
	uint8_t raw[SIGN_SEC_BYTES];
	struct sign_line l;
	int r;

	if (library(e) == -1 ||
	    sign_key_line(&l, SIGN_SEC_BYTES, text, len, e) == -1)
		return -1;
	if (base64_read(raw, sizeof(raw), l.p, l.len))
		r = sec_fields(s, raw, e);
	else
		r = err_set(e, E_FORMAT, "line 2: not canonical base64");
	sodium_memzero(raw, sizeof(raw));
	if (r == -1)
		sign_sec_wipe(s);
	return r;
}

int
sign_sec_write(const struct sign_sec *s, struct buf *to, struct err *e)
{
	char id[2 * SIGN_ID_LEN + 1], text[BASE64_LEN(SIGN_SEC_BYTES) + 1];
	uint8_t raw[SIGN_SEC_BYTES] = "Ed\0\0B2";
	uint8_t *p = raw + 6 + SEC_KDF_BYTES;
	int r;

	memcpy(p, s->id, SIGN_ID_LEN);
	memcpy(p + SIGN_ID_LEN, s->key, sizeof(s->key));
	checksum(p + SIGN_ID_LEN + sizeof(s->key), s);
	sign_id_text(id, s->id);
	base64_write(text, raw, sizeof(raw));
	r = buf_printf(
	    to, e, SIGN_COMMENT "wsusferry secret key %s\n%s\n", id, text);
	sodium_memzero(raw, sizeof(raw));
	sodium_memzero(text, sizeof(text));
	return r;
}

void
sign_sec_pub(const struct sign_sec *s, struct sign_pub *p)
{
	memcpy(p->id, s->id, sizeof(p->id));
	memcpy(p->key, s->key + 32, sizeof(p->key));
}

/* What minisign prints without a question mark. */
static bool
printable(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			return false;
	return true;
}

/* The trusted comment is signed together with the signature before it. */
static size_t
global(uint8_t out[SIG_LEN + SIGN_MAX_COMMENT], const uint8_t sig[SIG_LEN],
    const char *comment, size_t len)
{
	memcpy(out, sig, SIG_LEN);
	memcpy(out + SIG_LEN, comment, len);
	return SIG_LEN + len;
}

int
sign_make(const struct sign_sec *s, const void *msg, size_t len,
    const char *comment, struct buf *to, struct err *e)
{
	uint8_t hash[64], sig[SIG_LEN], all[SIG_LEN + SIGN_MAX_COMMENT];
	uint8_t box[BOX_BYTES] = "ED";
	char one[BASE64_LEN(BOX_BYTES) + 1], two[BASE64_LEN(SIG_LEN) + 1];
	size_t n = strlen(comment);

	if (n > SIGN_MAX_COMMENT || !printable(comment, n))
		return err_set(e, E_USAGE,
		    "trusted comment: expected at most %d printable ASCII "
		    "characters",
		    SIGN_MAX_COMMENT);
	if (library(e) == -1)
		return -1;
	crypto_generichash(hash, sizeof(hash), msg, len, NULL, 0);
	if (crypto_sign_detached(sig, NULL, hash, sizeof(hash), s->key) != 0)
		return err_set(e, E_SYS, "libsodium makes no signature");
	memcpy(box + 2, s->id, SIGN_ID_LEN);
	memcpy(box + 2 + SIGN_ID_LEN, sig, SIG_LEN);
	base64_write(one, box, sizeof(box));
	n = global(all, sig, comment, n);
	if (crypto_sign_detached(sig, NULL, all, n, s->key) != 0)
		return err_set(e, E_SYS, "libsodium makes no signature");
	base64_write(two, sig, sizeof(sig));
	return buf_printf(to, e,
	    SIGN_COMMENT SIGN_UNTRUSTED "\n%s\n" TRUSTED "%s\n%s\n", one,
	    comment, two);
}

/* A signature's text, taken apart. */
struct parts {
	uint8_t id[SIGN_ID_LEN], sig[SIG_LEN], outer[SIG_LEN];
	struct sign_line comment;
};

static int
box_read(struct parts *s, const struct sign_line *l, struct err *e)
{
	const uint8_t *alg, *id, *sig;
	uint8_t raw[BOX_BYTES];
	struct cur c;

	if (!base64_read(raw, sizeof(raw), l->p, l->len))
		return err_set(e, E_SIG,
		    "line 2: expected %zu characters of canonical base64",
		    (size_t)BASE64_LEN(BOX_BYTES));
	cur_init(&c, raw, sizeof(raw));
	alg = cur_take(&c, 2);
	id = cur_take(&c, SIGN_ID_LEN);
	sig = cur_take(&c, SIG_LEN);
	if (cur_check(&c, "signature", e) == -1)
		return -1;
	if (memcmp(alg, "Ed", 2) == 0)
		return err_set(e, E_SIG,
		    "line 2: algorithm Ed (minisign's legacy form), expected "
		    "ED");
	if (memcmp(alg, "ED", 2) != 0)
		return err_set(e, E_SIG,
		    "line 2: expected algorithm ED, found %02x%02x", alg[0],
		    alg[1]);
	memcpy(s->id, id, sizeof(s->id));
	memcpy(s->sig, sig, sizeof(s->sig));
	return 0;
}

static int
parts_read(struct parts *s, const char *text, size_t len, struct err *e)
{
	static const char first[] = SIGN_COMMENT SIGN_UNTRUSTED;
	struct sign_line l[4], *c = &s->comment;

	if (split(l, 4, text, len, e) == -1)
		return -1;
	if (!begins(&l[0], first) || l[0].len != sizeof(first) - 1)
		return err_set(e, E_SIG, "line 1: expected '%s'", first);
	if (!begins(&l[2], TRUSTED))
		return err_set(e, E_SIG, "line 3: expected '" TRUSTED "...'");
	c->p = l[2].p + strlen(TRUSTED);
	c->len = l[2].len - strlen(TRUSTED);
	if (c->len > SIGN_MAX_COMMENT || !printable(c->p, c->len))
		return err_set(e, E_SIG,
		    "line 3: expected at most %d printable ASCII characters",
		    SIGN_MAX_COMMENT);
	if (box_read(s, &l[1], e) == -1)
		return -1;
	if (!base64_read(s->outer, SIG_LEN, l[3].p, l[3].len))
		return err_set(e, E_SIG,
		    "line 4: expected %zu characters of canonical base64",
		    (size_t)BASE64_LEN(SIG_LEN));
	return 0;
}

/* The first key of that id under which the signature of these bytes is good. */
static int
find_key(const struct sign_pub *keys, size_t nkeys,
    const uint8_t key_id[SIGN_ID_LEN], const uint8_t sig[SIG_LEN],
    const void *bytes, size_t len, size_t *which, struct err *e)
{
	char id[2 * SIGN_ID_LEN + 1];
	bool known = false;
	size_t i;

	for (i = 0; i < nkeys; i++) {
		if (memcmp(keys[i].id, key_id, SIGN_ID_LEN) != 0)
			continue;
		known = true;
		if (crypto_sign_verify_detached(sig, bytes, len, keys[i].key) ==
		    0) {
			*which = i;
			return 0;
		}
	}
	sign_id_text(id, key_id);
	if (!known)
		return err_set(e, E_SIG,
		    "signed, but not by a trusted key (key id %s)", id);
	return err_set(e, E_SIG,
	    "bad signature (key id %s): what was signed has changed", id);
}

int
sign_check(const struct sign_pub *keys, size_t nkeys, const void *msg,
    size_t len, const char *sig, size_t siglen, size_t *which,
    char comment[SIGN_MAX_COMMENT + 1], struct err *e)
{
	uint8_t hash[64], all[SIG_LEN + SIGN_MAX_COMMENT];
	char id[2 * SIGN_ID_LEN + 1];
	struct parts s;
	size_t i = 0, n;

	if (library(e) == -1 || parts_read(&s, sig, siglen, e) == -1)
		return -1;
	crypto_generichash(hash, sizeof(hash), msg, len, NULL, 0);
	if (find_key(keys, nkeys, s.id, s.sig, hash, sizeof(hash), &i, e) == -1)
		return -1;
	n = global(all, s.sig, s.comment.p, s.comment.len);
	if (crypto_sign_verify_detached(s.outer, all, n, keys[i].key) != 0) {
		sign_id_text(id, s.id);
		return err_set(e, E_SIG,
		    "bad signature (key id %s): its trusted comment has "
		    "changed",
		    id);
	}
	memcpy(comment, s.comment.p, s.comment.len);
	comment[s.comment.len] = '\0';
	*which = i;
	return 0;
}

int
sign_bytes(const struct sign_sec *s, const void *bytes, size_t len,
    uint8_t sig[SIGN_BYTES_LEN], struct err *e)
{
	if (library(e) == -1)
		return -1;
	if (crypto_sign_detached(sig, NULL, bytes, len, s->key) != 0)
		return err_set(e, E_SYS, "libsodium makes no signature");
	return 0;
}

int
sign_bytes_check(const struct sign_pub *keys, size_t nkeys,
    const uint8_t id[SIGN_ID_LEN], const void *bytes, size_t len,
    const uint8_t sig[SIGN_BYTES_LEN], size_t *which, struct err *e)
{
	if (library(e) == -1)
		return -1;
	return find_key(keys, nkeys, id, sig, bytes, len, which, e);
}
