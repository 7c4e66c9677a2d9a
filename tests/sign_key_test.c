/* SPDX-License-Identifier: ISC */
/* Key files: what is read, and what is refused. */
#include "lib/base/sign.h"

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "tests/t.h"

struct made {
	struct sign_sec sec;
	struct sign_pub pub;
	struct err e;
};

static void
make(struct made *m)
{
	memset(m, 0, sizeof(*m));
	m->e = (struct err)ERR_INIT;
	T_CALL(sign_new(&m->sec, &m->pub, &m->e), &m->e);
}

T_TEST(key_files_round_trip)
{
	struct buf pub = BUF_INIT, sec = BUF_INIT;
	struct sign_pub p, q;
	struct sign_sec s;
	struct made m;

	make(&m);
	T_CALL(sign_pub_write(&m.pub, &pub, &m.e), &m.e);
	T_CALL(sign_pub_read(&p, (char *)pub.p, pub.len, &m.e), &m.e);
	T_MEM(&p, &m.pub, sizeof(p));
	T_CALL(sign_sec_write(&m.sec, &sec, &m.e), &m.e);
	T_CALL(sign_sec_read(&s, (char *)sec.p, sec.len, &m.e), &m.e);
	T_MEM(&s, &m.sec, sizeof(s));
	sign_sec_pub(&s, &q);
	T_MEM(&q, &m.pub, sizeof(q));
	buf_free(&pub);
	buf_free(&sec);
}

/* Of the secret key file every bit but the unused salt and limits counts. */
T_TEST(damaged_and_cut_key_files_are_refused)
{
	struct buf pub = BUF_INIT, sec = BUF_INIT;
	struct sign_pub p;
	struct sign_sec s;
	struct made m;
	size_t i, salt;

	make(&m);
	T_CALL(sign_pub_write(&m.pub, &pub, &m.e), &m.e);
	T_CALL(sign_sec_write(&m.sec, &sec, &m.e), &m.e);
	/* Only the last line's end may be lacking. */
	for (i = 0; i < pub.len - 1; i++)
		T_FAILS(sign_pub_read(&p, (char *)pub.p, i, &m.e), &m.e,
		    E_FORMAT, "");
	for (i = 0; i < sec.len - 1; i++)
		T_FAILS(sign_sec_read(&s, (char *)sec.p, i, &m.e), &m.e,
		    E_FORMAT, "");
	salt = sec.len - 1 - BASE64_LEN(158) + 8;
	for (i = salt + 64; i < sec.len - 1; i++) {
		sec.p[i] ^= 1;
		T_FAILS(sign_sec_read(&s, (char *)sec.p, sec.len, &m.e), &m.e,
		    E_FORMAT, "");
		sec.p[i] ^= 1;
	}
	T_CALL(sign_sec_read(&s, (char *)sec.p, sec.len, &m.e), &m.e);
	buf_free(&pub);
	buf_free(&sec);
}

#define UC "untrusted comment: x\n"
#define KEY56 "RWQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* The text of a key file as a person's mail and editor leave it. */
static size_t
edit(char out[1024], const char *form, const struct buf *key)
{
	const char *text = (const char *)key->p, *nl = strchr(text, '\n') + 1;
	size_t n = 0;

	for (; *form != '\0'; form++)
		switch (*form) {
		case '1':
			n += (size_t)snprintf(out + n, 1024 - n, "%.*s",
			    (int)(nl - 1 - text), text);
			break;
		case '2':
			n += (size_t)snprintf(out + n, 1024 - n, "%.*s",
			    (int)strcspn(nl, "\n"), nl);
			break;
		default:
			out[n++] = *form;
		}
	return n;
}

T_TEST(key_files_are_read_in_every_form_that_minisign_reads)
{
	static const char *const forms[] = {"1\r\n2\r\n",
	    "\xef\xbb\xbf"
	    "1\n2\n",
	    "\xef\xbb\xbf"
	    "1\r\n2\r\n",
	    "1\n2", "1\n2\r", "1\n2\r\r\n", "1\n2\n\n\n", "1\n2\n1\nmore",
	    "key of the plant\n2\n", "\n2\n"};
	struct buf pub = BUF_INIT, sec = BUF_INIT;
	struct sign_pub p;
	struct sign_sec s;
	char text[1024];
	struct made m;
	size_t i, n;

	make(&m);
	T_CALL(sign_pub_write(&m.pub, &pub, &m.e), &m.e);
	T_CALL(sign_sec_write(&m.sec, &sec, &m.e), &m.e);
	T_OK(buf_str(&pub, &m.e) != NULL && buf_str(&sec, &m.e) != NULL);
	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		n = edit(text, forms[i], &pub);
		T_CALL(sign_pub_read(&p, text, n, &m.e), &m.e);
		T_MEM(&p, &m.pub, sizeof(p));
		n = edit(text, forms[i], &sec);
		T_CALL(sign_sec_read(&s, text, n, &m.e), &m.e);
		T_MEM(&s, &m.sec, sizeof(s));
	}
	buf_free(&pub);
	buf_free(&sec);
}

T_TEST(key_files_of_another_form_are_refused)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
	    {"", "expected two lines, a comment and the key, found nothing"},
	    {UC, "expected two lines, a comment and the key, found one"},
	    {"comment: x\rAAAA\r", "found one"},
	    {UC "AAAA", "line 2: expected 56 base64 characters, found 4"},
	    {UC "AAAA\n", "line 2: expected 56 base64 characters, found 4"},
	    {UC "\nAAAA\n", "line 2: expected 56 base64 characters, found 0"},
	    {UC KEY56 " \n", "expected 56 base64 characters, found 57"},
	    {UC " " KEY56 "\n", "expected 56 base64 characters, found 57"},
	    {UC "\r" KEY56 "\n", "expected 56 base64 characters, found 57"},
	    {"\xff\xfeu", "text in UTF-16"},
	    {"\xfe\xff", "text in UTF-16"},
	    {UC "RWQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!\n",
		"line 2: not canonical base64"},
	    {UC "RVQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
		"line 2: expected algorithm Ed, found 4554"},
	};
	struct err e = ERR_INIT;
	struct sign_pub p;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		T_FAILS(
		    sign_pub_read(&p, rows[i].text, strlen(rows[i].text), &e),
		    &e, E_FORMAT, rows[i].why);
}

T_TEST(a_key_of_the_other_sort_is_refused_in_clear_words)
{
	struct buf pub = BUF_INIT, sec = BUF_INIT;
	struct made m;

	make(&m);
	T_CALL(sign_pub_write(&m.pub, &pub, &m.e), &m.e);
	T_CALL(sign_sec_write(&m.sec, &sec, &m.e), &m.e);
	T_FAILS(sign_pub_read(&m.pub, (char *)sec.p, sec.len, &m.e), &m.e,
	    E_FORMAT, "this is a secret key, expected a public key");
	T_FAILS(sign_sec_read(&m.sec, (char *)pub.p, pub.len, &m.e), &m.e,
	    E_FORMAT, "this is a public key, expected a secret key");
	buf_free(&pub);
	buf_free(&sec);
}

/* A secret key file with the byte at off of its 158 set to v. */
static void
sec_refused(const struct sign_sec *s, size_t off, uint8_t v, const char *why)
{
	char text[BASE64_LEN(158) + 1];
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct sign_sec got;
	uint8_t raw[158];

	T_CALL(sign_sec_write(s, &b, &e), &e);
	T_OK(base64_read(raw, sizeof(raw),
	    (char *)b.p + b.len - 1 - BASE64_LEN(158), BASE64_LEN(158)));
	raw[off] = v;
	if (off == 2)
		raw[3] = 'c';
	base64_write(text, raw, sizeof(raw));
	memcpy(b.p + b.len - 1 - BASE64_LEN(158), text, BASE64_LEN(158));
	T_FAILS(sign_sec_read(&got, (char *)b.p, b.len, &e), &e, E_FORMAT, why);
	buf_free(&b);
}

/* minisign writes no checksum: the halves still have to fit. */
T_TEST(without_a_checksum_the_halves_of_a_secret_key_must_fit)
{
	char text[BASE64_LEN(158) + 1];
	uint8_t raw[158];
	struct buf b = BUF_INIT;
	struct sign_sec got;
	struct made m;
	char *at;

	make(&m);
	T_CALL(sign_sec_write(&m.sec, &b, &m.e), &m.e);
	at = (char *)b.p + b.len - 1 - BASE64_LEN(158);
	T_OK(base64_read(raw, sizeof(raw), at, BASE64_LEN(158)));
	memset(raw + 126, 0, 32);
	base64_write(text, raw, sizeof(raw));
	memcpy(at, text, BASE64_LEN(158));
	T_CALL(sign_sec_read(&got, (char *)b.p, b.len, &m.e), &m.e);
	raw[100] ^= 1;
	base64_write(text, raw, sizeof(raw));
	memcpy(at, text, BASE64_LEN(158));
	T_FAILS(sign_sec_read(&got, (char *)b.p, b.len, &m.e), &m.e, E_FORMAT,
	    "the secret key is damaged");
	buf_free(&b);
}

T_TEST(each_damaged_field_of_a_secret_key_is_refused)
{
	struct made m;

	make(&m);
	sec_refused(&m.sec, 0, 'X', "expected algorithms Ed and B2");
	sec_refused(&m.sec, 4, 'X', "expected algorithms Ed and B2");
	sec_refused(&m.sec, 2, 'S', "encrypted with a password");
	sec_refused(&m.sec, 2, 'T', "expected no key derivation, found 5463");
	sec_refused(
	    &m.sec, 54, (uint8_t)~m.sec.id[0], "the secret key is damaged");
	sec_refused(
	    &m.sec, 62, (uint8_t)~m.sec.key[0], "the secret key is damaged");
	sec_refused(
	    &m.sec, 100, (uint8_t)~m.sec.key[38], "the secret key is damaged");
}

T_MAIN
