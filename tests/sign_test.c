/* SPDX-License-Identifier: ISC */
#include "lib/base/sign.h"

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "tests/t.h"

static const char message[] = "0123abcd  data/wsusexport.cab\n";
#define MESSAGE message, sizeof(message) - 1

/* A key, and its signature of the message. */
struct made {
	struct sign_sec sec;
	struct sign_pub pub;
	struct buf sig;
	struct err e;
	char comment[SIGN_MAX_COMMENT + 1];
	size_t which;
};

static void
make(struct made *m)
{
	memset(m, 0, sizeof(*m));
	m->sig = (struct buf)BUF_INIT;
	m->e = (struct err)ERR_INIT;
	m->which = 99;
	T_CALL(sign_new(&m->sec, &m->pub, &m->e), &m->e);
	T_CALL(
	    sign_make(&m->sec, MESSAGE, "transfer 42", &m->sig, &m->e), &m->e);
}

static int
check(struct made *m, const void *sig, size_t len)
{
	return sign_check(
	    &m->pub, 1, MESSAGE, sig, len, &m->which, m->comment, &m->e);
}

/* The made signature with its n bytes at off replaced by text. */
static void
refuses_with(
    struct made *m, size_t off, size_t n, const char *text, const char *why)
{
	struct buf b = BUF_INIT;

	T_CALL(buf_put(&b, m->sig.p, off, &m->e), &m->e);
	T_CALL(buf_puts(&b, text, &m->e), &m->e);
	T_CALL(buf_put(&b, m->sig.p + off + n, m->sig.len - off - n, &m->e),
	    &m->e);
	T_FAILS(check(m, b.p, b.len), &m->e, E_SIG, why);
	buf_free(&b);
}

static size_t
find(const struct made *m, const char *text)
{
	const uint8_t *at = memmem(m->sig.p, m->sig.len, text, strlen(text));

	return at != NULL ? (size_t)(at - m->sig.p) : m->sig.len;
}

T_TEST(a_signature_is_accepted_with_its_comment)
{
	struct made m;

	make(&m);
	T_CALL(check(&m, m.sig.p, m.sig.len), &m.e);
	T_EQ(m.which, 0);
	T_STR(m.comment, "transfer 42");
	buf_free(&m.sig);
}

T_TEST(the_text_is_four_lines_of_the_known_form)
{
	static const char first[] =
	    "untrusted comment: wsusferry transfer signature\n";
	struct made m;

	make(&m);
	T_MEM(m.sig.p, first, strlen(first));
	T_EQ(m.sig.p[strlen(first)], 'R');
	T_EQ(m.sig.p[strlen(first) + 1], 'U');
	T_EQ(find(&m, "\ntrusted comment: transfer 42\n"),
	    strlen(first) + BASE64_LEN(74));
	T_EQ(m.sig.len,
	    strlen(first) + BASE64_LEN(74) + 1 +
		strlen("trusted comment: transfer 42\n") + BASE64_LEN(64) + 1);
	T_EQ(m.sig.p[m.sig.len - 1], '\n');
	buf_free(&m.sig);
}

T_TEST(every_damaged_byte_of_the_signature_is_refused)
{
	struct made m;
	size_t i, bit;

	make(&m);
	for (i = 0; i < m.sig.len; i++) {
		for (bit = 0; bit < 8; bit++) {
			m.sig.p[i] ^= (uint8_t)(1 << bit);
			T_FAILS(check(&m, m.sig.p, m.sig.len), &m.e, E_SIG, "");
			m.sig.p[i] ^= (uint8_t)(1 << bit);
		}
	}
	T_CALL(check(&m, m.sig.p, m.sig.len), &m.e);
	buf_free(&m.sig);
}

T_TEST(every_truncation_is_refused)
{
	struct made m;
	size_t n;
	char *cut;

	make(&m);
	for (n = 0; n < m.sig.len; n++) {
		cut = malloc(n + 1);
		memcpy(cut, m.sig.p, n);
		T_FAILS(check(&m, cut, n), &m.e, E_SIG, "found ");
		free(cut);
	}
	buf_free(&m.sig);
}

T_TEST(every_damaged_byte_of_the_message_is_refused)
{
	char copy[sizeof(message)];
	struct made m;
	size_t i;

	make(&m);
	memcpy(copy, message, sizeof(copy));
	for (i = 0; i < sizeof(message) - 1; i++) {
		copy[i] ^= 0x20;
		T_FAILS(
		    sign_check(&m.pub, 1, copy, sizeof(copy) - 1,
			(char *)m.sig.p, m.sig.len, &m.which, m.comment, &m.e),
		    &m.e, E_SIG, "what was signed has changed");
		copy[i] ^= 0x20;
	}
	buf_free(&m.sig);
}

T_TEST(what_minisign_lets_pass_is_refused)
{
	struct made m;
	size_t trusted, end;

	make(&m);
	trusted = find(&m, "trusted comment: transfer");
	end = m.sig.len;
	refuses_with(&m, 19, 0, "X", "line 1: expected 'untrusted comment: ");
	refuses_with(&m, 47, 0, " ", "line 1: expected 'untrusted comment: ");
	refuses_with(&m, 19, 28, "", "line 1: expected 'untrusted comment: ");
	refuses_with(&m, 0, 19, "", "line 1: expected 'untrusted comment: ");
	refuses_with(&m, 47, 0, "\r", "line 1: carriage return");
	refuses_with(&m, trusted - 1, 0, "\r", "line 2: carriage return");
	refuses_with(&m, end - 1, 0, "\r", "line 4: carriage return");
	refuses_with(&m, end, 0, "x", "1 byte after line 4");
	refuses_with(&m, end, 0, "\n", "1 byte after line 4");
	refuses_with(
	    &m, end - 1, 1, "", "expected 4 lines ended by LF, found 3");
	refuses_with(&m, 0, 0, "\n", "89 bytes after line 4");
	buf_free(&m.sig);
}

T_TEST(base64_is_canonical)
{
	struct made m;
	size_t two = 48, last, i;
	char c[2] = "";

	make(&m);
	last = m.sig.len - 1;
	refuses_with(&m, two, 0, " ", "line 2: expected 100 characters");
	refuses_with(&m, two + 10, 1, "-", "line 2: expected 100 characters");
	refuses_with(&m, last - 1, 1, "", "line 4: expected 88 characters");
	/* 64 bytes leave four bits of the last character that must be 0. */
	for (i = 1; i < 16; i++) {
		c[0] = (char)('A' + (char)i);
		refuses_with(&m, last - 3, 1, c, "line 4: expected 88");
	}
	buf_free(&m.sig);
}

T_TEST(the_legacy_algorithm_is_refused)
{
	struct made m;

	make(&m);
	refuses_with(&m, 48, 3, "RWQ", "legacy form");
	refuses_with(&m, 48, 3, "RVQ", "line 2: expected algorithm ED");
	buf_free(&m.sig);
}

T_TEST(the_trusted_comment_is_printable_and_bounded)
{
	struct buf b = BUF_INIT;
	char big[SIGN_MAX_COMMENT + 2];
	struct made m;

	make(&m);
	refuses_with(&m, find(&m, "transfer 42"), 1, "\x1b",
	    "line 3: expected at most 1024 printable");
	refuses_with(&m, find(&m, "transfer 42"), 1, "\xc3\xa4", "line 3: ");
	refuses_with(&m, find(&m, "\ntrusted") + 1, 1, "T",
	    "line 3: expected 'trusted comment: ");
	memset(big, 'c', sizeof(big));
	big[SIGN_MAX_COMMENT + 1] = '\0';
	T_FAILS(sign_make(&m.sec, MESSAGE, big, &b, &m.e), &m.e, E_USAGE,
	    "at most 1024");
	refuses_with(&m, find(&m, "transfer 42"), 11, big, "line 3: ");
	T_FAILS(sign_make(&m.sec, MESSAGE, "a\nb", &b, &m.e), &m.e, E_USAGE,
	    "printable");
	big[SIGN_MAX_COMMENT] = '\0';
	T_CALL(sign_make(&m.sec, MESSAGE, big, &b, &m.e), &m.e);
	T_CALL(check(&m, b.p, b.len), &m.e);
	T_STR(m.comment, big);
	buf_free(&b);
	buf_free(&m.sig);
}

T_TEST(a_text_over_4096_bytes_is_refused)
{
	char big[SIGN_MAX_TEXT + 1];
	struct made m;

	make(&m);
	memset(big, '\n', sizeof(big));
	T_FAILS(check(&m, big, sizeof(big)), &m.e, E_SIG,
	    "4097 bytes, at most 4096");
	T_FAILS(sign_pub_read(&m.pub, big, sizeof(big), &m.e), &m.e, E_FORMAT,
	    "4097 bytes, at most 4096");
	buf_free(&m.sig);
}

T_TEST(a_foreign_key_is_told_from_a_bad_signature_by_its_id)
{
	char id[2 * SIGN_ID_LEN + 1], text[64];
	struct sign_pub keys[3];
	struct sign_sec other;
	struct made m;

	make(&m);
	T_CALL(sign_new(&other, &keys[0], &m.e), &m.e);
	T_CALL(sign_new(&other, &keys[1], &m.e), &m.e);
	sign_id_text(id, m.pub.id);
	snprintf(text, sizeof(text), "not by a trusted key (key id %s)", id);
	T_FAILS(sign_check(keys, 2, MESSAGE, (char *)m.sig.p, m.sig.len,
		    &m.which, m.comment, &m.e),
	    &m.e, E_SIG, text);
	T_FAILS(sign_check(NULL, 0, MESSAGE, (char *)m.sig.p, m.sig.len,
		    &m.which, m.comment, &m.e),
	    &m.e, E_SIG, text);
	/* The same id with another key: the id is known, the key is not. */
	memcpy(keys[1].id, m.pub.id, SIGN_ID_LEN);
	snprintf(text, sizeof(text), "bad signature (key id %s)", id);
	T_FAILS(sign_check(keys, 2, MESSAGE, (char *)m.sig.p, m.sig.len,
		    &m.which, m.comment, &m.e),
	    &m.e, E_SIG, text);
	T_EQ(m.which, 99);
	keys[2] = m.pub;
	T_CALL(sign_check(keys, 3, MESSAGE, (char *)m.sig.p, m.sig.len,
		   &m.which, m.comment, &m.e),
	    &m.e);
	T_EQ(m.which, 2);
	buf_free(&m.sig);
}

T_TEST(the_trusted_comment_of_another_signature_is_refused)
{
	struct buf b = BUF_INIT;
	struct made m;
	size_t at;

	make(&m);
	T_CALL(sign_make(&m.sec, "other", 5, "transfer 43", &b, &m.e), &m.e);
	at = find(&m, "\ntrusted");
	memcpy(m.sig.p + at, b.p + at, b.len - at);
	T_FAILS(check(&m, m.sig.p, m.sig.len), &m.e, E_SIG,
	    "its trusted comment has changed");
	buf_free(&b);
	buf_free(&m.sig);
}

T_TEST(an_id_is_printed_most_significant_byte_first)
{
	static const uint8_t id[SIGN_ID_LEN] = {
	    0x05, 0xce, 0xf1, 0x2e, 0x99, 0x9a, 0x0f, 0x95};
	char text[2 * SIGN_ID_LEN + 1];

	sign_id_text(text, id);
	T_STR(text, "950F9A992EF1CE05");
}

T_MAIN
