/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <unistd.h>

#include "lib/base/digest_priv.h"
#include "lib/base/enc.h"
#include "lib/base/log.h"

struct vector {
	const char *text;
	unsigned times;
	const char *sha1, *sha256;
};

/* FIPS 180-4's examples and those of NIST's example files. */
static const struct vector vectors[] = {
    {"", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d",
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	"84983e441c3bd26ebaae4aa1f95129e5e54670f1",
	"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
     "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	1, "a49b2446a02c645bf419f995b67091253a04a259",
	"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    {"a", 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
	"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    {"0123456701234567012345670123456701234567012345670123456701234567", 10,
	"dea356a2cddd90c7a7ecedc5ebb563934f460452",
	"594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5"},
};

static void
check(const struct digest *d, const struct vector *v, unsigned which)
{
	char hex[2 * SHA256_LEN + 1];

	hex_lower(hex, d->sha1, SHA1_LEN);
	T_STR(hex,
	    which & DIGEST_SHA1 ? v->sha1
				: "0000000000000000000000000000000000000000");
	hex_lower(hex, d->sha256, SHA256_LEN);
	T_STR(hex,
	    which & DIGEST_SHA256
		? v->sha256
		: "0000000000000000000000000000000000000000000000000000000000"
		  "000000");
	T_EQ(d->bytes, strlen(v->text) * v->times);
}

static void *
hash_abc(void *arg)
{
	struct err e = ERR_INIT;

	if (digest_mem(DIGEST_BOTH, "abc", 3, arg, &e) == -1)
		memset(arg, 0, sizeof(struct digest));
	return NULL;
}

/* The first test here, so the first use in this process. */
T_TEST(many_threads_may_be_the_first)
{
	enum { N = 8 };
	pthread_t t[N];
	struct digest d[N];

	for (int i = 0; i < N; i++)
		T_EQ(pthread_create(&t[i], NULL, hash_abc, &d[i]), 0);
	for (int i = 0; i < N; i++) {
		T_EQ(pthread_join(t[i], NULL), 0);
		check(&d[i], &vectors[1], DIGEST_BOTH);
	}
}

T_TEST(published_vectors_come_out)
{
	struct digest_ctx c = DIGEST_CTX_INIT;
	struct err e = ERR_INIT;
	const struct vector *v;
	struct digest d;
	unsigned which, t;

	for (which = DIGEST_SHA1; which <= DIGEST_BOTH; which++) {
		T_CALL(digest_open(&c, which, &e), &e);
		for (v = vectors; v < vectors + 6; v++) {
			for (t = 0; t < v->times; t++)
				T_CALL(digest_add(
					   &c, v->text, strlen(v->text), &e),
				    &e);
			T_CALL(digest_done(&c, &d, &e), &e);
			check(&d, v, which);
			if (v->times > 1)
				continue;
			T_CALL(
			    digest_mem(which, v->text, strlen(v->text), &d, &e),
			    &e);
			check(&d, v, which);
		}
		digest_close(&c);
		digest_close(&c);
	}
}

T_TEST(portions_do_not_matter)
{
	enum { N = 200000 };
	static uint8_t in[N];
	static const size_t sizes[] = {
	    1, 63, 64, 65, 32767, 32768, 32769, 65536, 100001, N};
	struct digest_ctx c = DIGEST_CTX_INIT;
	struct err e = ERR_INIT;
	struct digest want, one, d;
	size_t i, at, n;

	for (i = 0; i < N; i++)
		in[i] = (uint8_t)t_random();
	T_CALL(digest_mem(DIGEST_SHA1, in, N, &want, &e), &e);
	T_CALL(digest_mem(DIGEST_SHA256, in, N, &one, &e), &e);
	memcpy(want.sha256, one.sha256, SHA256_LEN);
	T_CALL(digest_open(&c, DIGEST_BOTH, &e), &e);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (at = 0; at < N; at += n) {
			n = sizes[i] < N - at ? sizes[i] : N - at;
			T_CALL(digest_add(&c, in + at, n, &e), &e);
		}
		T_CALL(digest_done(&c, &d, &e), &e);
		T_MEM(&d, &want, sizeof(d));
	}
	digest_close(&c);
}

T_TEST(an_unfinished_digest_can_be_closed)
{
	struct digest_ctx c = DIGEST_CTX_INIT;
	struct err e = ERR_INIT;

	digest_close(&c);
	T_CALL(digest_open(&c, DIGEST_BOTH, &e), &e);
	T_CALL(digest_add(&c, "abc", 3, &e), &e);
	digest_close(&c);
}

/* Bytes at a random place, of a random length, most of a few blocks. */
struct input {
	uint8_t bytes[20000];
	const uint8_t *p;
	size_t n;
	struct digest want; /* by libcrypto */
};

static size_t
below(size_t n)
{
	return (size_t)(t_random() % n);
}

static void
fill(struct input *in)
{
	static const unsigned step = sizeof(uint64_t);

	for (size_t i = 0; i < sizeof(in->bytes); i += step) {
		uint64_t v = t_random();

		memcpy(in->bytes + i, &v, step);
	}
}

static void
draw(struct input *in, unsigned which)
{
	size_t at = below(64);
	struct err e = ERR_INIT;

	in->bytes[below(sizeof(in->bytes))] ^= (uint8_t)t_random();
	in->p = in->bytes + at;
	in->n = below(below(10) == 0 ? sizeof(in->bytes) - at : 300);
	T_CALL(digest_crypto(which, in->p, in->n, &in->want, &e), &e);
}

static void
in_portions(unsigned which, const struct input *in)
{
	struct digest_ctx c = DIGEST_CTX_INIT;
	struct err e = ERR_INIT;
	struct digest d;

	T_CALL(digest_open(&c, which, &e), &e);
	for (size_t at = 0, n; at < in->n; at += n) {
		n = 1 + below(in->n - at);
		T_CALL(digest_add(&c, in->p + at, n, &e), &e);
	}
	T_CALL(digest_done(&c, &d, &e), &e);
	T_MEM(&d, &in->want, sizeof(d));
	digest_close(&c);
}

static void
in_two_lanes(unsigned which, const struct input *a, const struct input *b)
{
	struct digest_ctx c = DIGEST_CTX_INIT, f = DIGEST_CTX_INIT;
	struct err e = ERR_INIT;
	size_t at = 0, to = 0;
	struct digest d;

	T_CALL(digest_open(&c, which, &e), &e);
	T_CALL(digest_open(&f, which, &e), &e);
	while (at < a->n || to < b->n) {
		size_t n = below(a->n - at + 1), m = below(b->n - to + 1);

		T_CALL(
		    digest_add_two(&c, a->p + at, n, &f, b->p + to, m, &e), &e);
		at += n;
		to += m;
	}
	T_CALL(digest_done(&c, &d, &e), &e);
	T_MEM(&d, &a->want, sizeof(d));
	T_CALL(digest_done(&f, &d, &e), &e);
	T_MEM(&d, &b->want, sizeof(d));
	digest_close(&c);
	digest_close(&f);
}

/* Up to five in two lanes, of these two lengths. */
static void
all_in_memory(unsigned which, const struct input *a, const struct input *b)
{
	struct digest_text v[5];
	struct err e = ERR_INIT;
	size_t n = below(6);

	for (size_t i = 0; i < n; i++)
		v[i] = (struct digest_text){.p = i % 2 == 0 ? a->p : b->p,
		    .n = i % 2 == 0 ? a->n : b->n};
	T_CALL(digest_mem_all(which, v, n, &e), &e);
	for (size_t i = 0; i < n; i++)
		T_MEM(&v[i].digest, i % 2 == 0 ? &a->want : &b->want,
		    sizeof(v[i].digest));
}

/* WF_LONG: a million of them. */
T_TEST(random_inputs_have_libcryptos_digests)
{
	static struct input a, b;
	long left = getenv("WF_LONG") != NULL ? 1000000 : 10000;

	fill(&a);
	fill(&b);
	for (; left > 0 && t_failures() == 0; left -= 2) {
		unsigned which = DIGEST_SHA1 + (unsigned)below(3);

		draw(&a, which);
		draw(&b, which);
		in_portions(which, &a);
		in_two_lanes(which, &a, &b);
		all_in_memory(which, &a, &b);
	}
}

/* What a choice says on stderr. */
static void
told(const struct digest_choice *c, bool quiet, unsigned verbose, char *text)
{
	struct log l = LOG_INIT;
	char path[512];
	int fd, saved;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/told", t_tmpdir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	fflush(stderr);
	saved = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	l.prog = "test";
	l.quiet = quiet;
	l.verbose = verbose;
	digest_choice_tell(c, &l);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(fd, text, 511, 0);
	text[n < 0 ? 0 : n] = '\0';
	close(fd);
}

T_TEST(without_the_instructions_it_is_libcrypto_and_v_tells_why)
{
	const struct digest_sha *s = digest_sha();
	struct digest_choice c;
	char text[512];

	digest_choose(&c, NULL, NULL);
	T_OK(c.sha == NULL);
	told(&c, false, 0, text);
	T_STR(text, "");
	told(&c, false, 1, text);
	T_STR(text,
	    "test: OpenSSL works out the digests: no SHA instructions of this "
	    "processor are known\n");
	digest_choose(&c, s, "openssl");
	T_OK(c.sha == NULL);
	told(&c, false, 1, text);
	T_STR(text,
	    "test: OpenSSL works out the digests: WSUSFERRY_DIGEST asks for "
	    "it\n");
}

#ifndef DIGEST_PORTABLE
static const struct digest_sha *
instructions(void)
{
	const struct digest_sha *s = digest_sha();

	if (s == NULL)
		t_skip("this processor has no SHA instructions");
	return s;
}

/* Each word of a set, in turn. */
static uint32_t *
word_of(struct digest_sha *s, unsigned i)
{
	if (i < 5)
		return &s->h1[i];
	return i < 13 ? &s->h256[i - 5] : &s->k256[i - 13];
}

T_TEST(the_first_comparison_notices_any_damaged_constant)
{
	const struct digest_sha *s = instructions();

	T_EQ(digest_compare(s), 1);
	for (unsigned i = 0; i < 5 + 8 + 64; i++) {
		struct digest_sha damaged = *s;

		*word_of(&damaged, i) ^= 1U << below(32);
		T_EQ(digest_compare(&damaged), 0);
	}
}

/* As if so many bytes were in: what is left is a block of padding. */
T_TEST(the_length_of_any_text_is_whole)
{
	static const uint64_t lengths[] = {
	    64, 1U << 29, ((uint64_t)3 << 32) + 64, (uint64_t)1 << 60};
	const struct digest_sha *s = instructions();

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		uint8_t block[64] = {0x80};
		struct digest_ctx c, want;
		struct digest d;

		digest_stream_begin(&c, DIGEST_BOTH, s);
		digest_stream_begin(&want, DIGEST_BOTH, s);
		c.bytes = lengths[i];
		digest_stream_done(&c, &d);
		for (int k = 0; k < 8; k++)
			block[63 - k] = (uint8_t)(lengths[i] * 8 >> (8 * k));
		s->both(&want.state, block, 1, s);
		T_EQ(d.bytes, lengths[i]);
		T_EQ(d.sha1[0], want.state.h1[0] >> 24);
		T_EQ(d.sha1[SHA1_LEN - 1], want.state.h1[4] & 0xff);
		T_EQ(d.sha256[0], want.state.h256[0] >> 24);
		T_EQ(d.sha256[SHA256_LEN - 1], want.state.h256[7] & 0xff);
	}
}

/* One lane's blocks go missing. */
static void
forgets(struct digest_state *a, const uint8_t *p, struct digest_state *b,
    const uint8_t *q, size_t n, const struct digest_sha *s)
{
	(void)b, (void)q;
	s->both(a, p, n, s);
}

T_TEST(the_first_comparison_notices_a_damaged_function)
{
	const struct digest_sha *s = instructions();
	struct digest_sha damaged = *s;

	damaged.both_two = forgets;
	T_EQ(digest_compare(&damaged), 0);
	damaged = *s;
	damaged.sha256_two = forgets;
	T_EQ(digest_compare(&damaged), 0);
	damaged = *s;
	damaged.sha1 = s->sha256;
	T_EQ(digest_compare(&damaged), 0);
	damaged = *s;
	damaged.sha256 = s->sha1;
	T_EQ(digest_compare(&damaged), 0);
	damaged = *s;
	damaged.both = s->sha256;
	T_EQ(digest_compare(&damaged), 0);
}

T_TEST(a_damaged_set_is_not_used_and_that_is_always_told)
{
	struct digest_sha damaged = *instructions();
	struct digest_choice c;
	char text[512];

	damaged.k256[40] ^= 0x100;
	digest_choose(&c, &damaged, NULL);
	T_OK(c.sha == NULL);
	told(&c, true, 0, text);
	T_OK(strstr(text,
		 "test: warning: the processor's SHA instructions give other "
		 "digests than OpenSSL") == text);
}

T_TEST(they_are_used_where_they_agree_but_not_in_fips_mode)
{
	const struct digest_sha *s = instructions();
	struct digest_choice c;
	char text[512];

	digest_choose(&c, s, "");
	T_OK(c.sha == s);
	told(&c, false, 1, text);
	T_STR(text, "");
	T_EQ(EVP_default_properties_enable_fips(NULL, 1), 1);
	digest_choose(&c, s, NULL);
	T_EQ(EVP_default_properties_enable_fips(NULL, 0), 1);
	T_OK(c.sha == NULL);
	told(&c, false, 1, text);
	T_STR(
	    text, "test: OpenSSL works out the digests: it is in FIPS mode\n");
}
#endif

T_MAIN
