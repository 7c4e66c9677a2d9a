/* SPDX-License-Identifier: ISC */
/* The text of key files: nothing here signs. */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/cur.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/sign.h"
#include "lib/base/sign_priv.h"
#include "lib/base/words.h"

int
sign_check_len(size_t len, enum err_kind k, struct err *e)
{
	if (len <= SIGN_MAX_TEXT)
		return 0;
	return err_set(
	    e, k, "%s, at most %d", words_count(len, "byte").s, SIGN_MAX_TEXT);
}

void
sign_id_text(char out[2 * SIGN_ID_LEN + 1], const uint8_t id[SIGN_ID_LEN])
{
	uint8_t big[SIGN_ID_LEN];
	size_t i;

	for (i = 0; i < SIGN_ID_LEN; i++)
		big[i] = id[SIGN_ID_LEN - 1 - i];
	hex_upper(out, big, SIGN_ID_LEN);
}

/*
 * A key file's second line as minisign takes it, for people mail and edit such
 * files: whatever comment stands before it, whatever ends it, whatever follows.
 */
static int
second_line(struct sign_line *l, const char *text, size_t len, struct err *e)
{
	const char *nl, *end = text + len;

	if (sign_check_len(len, E_FORMAT, e) == -1)
		return -1;
	if (len >= 2 &&
	    (memcmp(text, "\xff\xfe", 2) == 0 ||
		memcmp(text, "\xfe\xff", 2) == 0))
		return err_set(e, E_FORMAT,
		    "text in UTF-16; save it as plain text (UTF-8)");
	if ((nl = memchr(text, '\n', len)) == NULL || nl + 1 == end)
		return err_set(e, E_FORMAT,
		    "expected two lines, a comment and the key, found %s",
		    len == 0 ? "nothing" : "one");
	l->p = nl + 1;
	nl = memchr(l->p, '\n', (size_t)(end - l->p));
	l->len = (size_t)((nl != NULL ? nl : end) - l->p);
	while (l->len > 0 && l->p[l->len - 1] == '\r')
		l->len--;
	return 0;
}

/* The base64 line of a key file whose form is that of `want` bytes. */
int
sign_key_line(struct sign_line *l, size_t want, const char *text, size_t len,
    struct err *e)
{
	size_t n;

	if (second_line(l, text, len, e) == -1)
		return -1;
	n = l->len;
	if (n == BASE64_LEN(SIGN_SEC_BYTES) && want == SIGN_PUB_BYTES)
		return err_set(e, E_FORMAT,
		    "this is a secret key, expected a public key (.pub); keep "
		    "it where nobody else can read it");
	if (n == BASE64_LEN(SIGN_PUB_BYTES) && want == SIGN_SEC_BYTES)
		return err_set(
		    e, E_FORMAT, "this is a public key, expected a secret key");
	if (n != BASE64_LEN(want))
		return err_set(e, E_FORMAT,
		    "line 2: expected %zu base64 characters, found %zu",
		    BASE64_LEN(want), n);
	return 0;
}

int
sign_pub_read(struct sign_pub *p, const char *text, size_t len, struct err *e)
{
	uint8_t raw[SIGN_PUB_BYTES];
	const uint8_t *alg, *id, *key;
	struct sign_line l;
	struct cur c;

	if (sign_key_line(&l, sizeof(raw), text, len, e) == -1)
		return -1;
	if (!base64_read(raw, sizeof(raw), l.p, l.len))
		return err_set(e, E_FORMAT, "line 2: not canonical base64");
	cur_init(&c, raw, sizeof(raw));
	alg = cur_take(&c, 2);
	id = cur_take(&c, SIGN_ID_LEN);
	key = cur_take(&c, sizeof(p->key));
	if (cur_check(&c, "public key", e) == -1)
		return -1;
	if (memcmp(alg, "Ed", 2) != 0)
		return err_set(e, E_FORMAT,
		    "line 2: expected algorithm Ed, found %02x%02x", alg[0],
		    alg[1]);
	memcpy(p->id, id, SIGN_ID_LEN);
	memcpy(p->key, key, sizeof(p->key));
	return 0;
}

int
sign_pub_write(const struct sign_pub *p, struct buf *to, struct err *e)
{
	char id[2 * SIGN_ID_LEN + 1], text[BASE64_LEN(SIGN_PUB_BYTES) + 1];
	uint8_t raw[SIGN_PUB_BYTES];

	memcpy(raw, "Ed", 2);
	memcpy(raw + 2, p->id, SIGN_ID_LEN);
	memcpy(raw + 2 + SIGN_ID_LEN, p->key, sizeof(p->key));
	sign_id_text(id, p->id);
	base64_write(text, raw, sizeof(raw));
	return buf_printf(
	    to, e, SIGN_COMMENT "wsusferry public key %s\n%s\n", id, text);
}
